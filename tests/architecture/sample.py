"""What a sample is, and the matter that most of them hang on: an application of the owner in the `alpha` union."""

from collections.abc import Callable
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any

from django.utils import timezone

from tests.world import World
from unionhall.organising.models import Admission
from unionhall.records import attachments
from unionhall.records.models import Attachment
from unionhall.reviews.models import Review, ReviewEvent, ReviewStep


@dataclass(frozen=True)
class Sample:
    """Arguments for the address; the paths of the union(s) the object stands in; the account that owns it.

    `elsewhere` is what somebody gets who holds the permission in another place: 404, because an object out of
    scope does not exist for him. Only what is the same for everyone (the calendar) says 403 instead.
    `nothing`: the page is about rows that were ticked before; asked for by itself it is about nothing, and 404.
    """

    kwargs: dict[str, Any] = field(default_factory=dict)
    paths: tuple[str, ...] = ()
    owner: str = ""
    elsewhere: int = 404
    nothing: bool = False


#: What every sample of a matter belongs to: the union `alpha`, and the worker whose phone account this is.
UNION, OWNER = "alpha", "worker_alpha"


def fixed(**kwargs: Any) -> Callable[[World], Sample]:
    """An address whose argument is a word of the address, not an object."""
    return lambda world: Sample(kwargs)


def review(world: World) -> Review:
    """An application of the owner, open at the union's chair."""
    place = world.unions[UNION]
    found = Review.objects.create(
        number="RH2026010100001",
        procedure="admission",
        title="入会申请：张*",
        organisation=place,
        submitted_by_id=world.accounts[OWNER].pk,
        submitted_by="张*",
        concerns_id=world.accounts[OWNER].pk,
    )
    today = timezone.localdate()
    step = ReviewStep.objects.create(
        review=found,
        order=1,
        name="基层工会审核",
        organisation=place,
        role="chair",
        working_days=5,
        is_current=True,
        opened_on=today,
        due_on=today,
    )
    ReviewEvent.objects.create(
        review=found,
        step=step,
        verb=ReviewEvent.Verb.SUBMITTED,
        actor_id=world.accounts[OWNER].pk,
        actor_name="张*",
        path=place.path,
    )
    Admission.objects.create(
        person=world.people["alpha_1"], organisation=place, occupation="快递员", review=found
    )
    return found


def file(world: World, account: str = OWNER) -> Attachment:
    return attachments.store(
        world.actor(account),
        BytesIO(b"%PDF-1.4 sample"),
        name="材料.pdf",
        content_type="application/pdf",
        purpose="reviews.admission",
        paths=world.unions[UNION].paths,
    )
