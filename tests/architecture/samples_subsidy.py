"""An application for the career subsidy in the union, of its worker."""

from datetime import timedelta

from django.utils import timezone

from tests.world import World
from unionhall.benefits.models import CareerApplication, Certificate
from unionhall.reviews.models import Review


def career_application(world: World, review: Review) -> CareerApplication:
    person = world.people["alpha_1"]
    certificate = Certificate.objects.create(
        number="S000011012345",
        holder=person.name,
        id_type=person.id_type,
        id_number=person.id_number.reveal(),
        id_index=person.id_index,
        person=person,
        occupation="电工",
        level="2",
        issuer="江城市职业技能鉴定中心",
        issued_on=timezone.localdate() - timedelta(days=30),
    )
    return CareerApplication.objects.create(
        person=person,
        organisation=review.organisation,
        certificate=certificate,
        occupation="电工",
        level="2",
        review=review,
    )
