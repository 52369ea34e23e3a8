"""需求征集: answered once, counted without giving anybody away, matched with what is offered, told when it appears."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from tests.architecture import samples_services as scene
from tests.world import World
from unionhall.benefits.actions import needs as actions
from unionhall.benefits.models import Need, NeedsAnswer, NeedsRound, Service
from unionhall.benefits.rules.needs import protected
from unionhall.foundation.actors import NotAllowed, system_actor
from unionhall.foundation.errors import Refused
from unionhall.records.models import Message

pytestmark = pytest.mark.django_db
SYSTEM = system_actor()
WHY = "test"
TODAY = timezone.localdate()


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(some.lists(some.integers(0, 30), max_size=6))
def test_what_is_withheld_cannot_be_worked_out(of_areas: list[int]) -> None:
    counts = dict(enumerate(of_areas))
    shown = protected(counts, 5)
    hidden = [count for key, count in counts.items() if shown[key] is None]
    assert all(shown[key] is None for key, count in counts.items() if 0 < count < 5)
    assert all(shown[key] == 0 for key, count in counts.items() if not count)
    others = [count for key, count in counts.items() if shown[key]]
    if hidden and others:
        assert len(hidden) > 1
        assert sum(hidden) >= 5


@pytest.fixture
def survey(world: World) -> NeedsRound:
    return actions.open_round(
        world.actor("river_officer"), organisation=world.unions["river_city"], title="今年的需求征集",
        starts=TODAY, ends=TODAY + timedelta(days=30),
    )  # fmt: skip


def letters(world: World) -> list[str]:
    rows = Message.objects.everywhere(reason=WHY).filter(recipient_id=world.accounts["worker_alpha"].pk)
    return list(rows.filter(title__startswith="您提过的需求").values_list("body", flat=True))


def test_from_the_round_to_the_service_that_appears(
    world: World, survey: NeedsRound, signed_in: Callable[[str], Client]
) -> None:
    phone, url = signed_in("worker_alpha"), reverse("m_needs_round", args=[survey.pk])
    assert "今年的需求征集" in phone.get(reverse("m_needs")).content.decode()
    too_many = phone.post(url, {"codes": ["pay", "illness", "safety", "checkup"]})
    assert "最多选 3 项" in too_many.content.decode()
    assert phone.post(url, {"codes": ["housing", "illness"]}).status_code == 302
    page = phone.get(url).content.decode()
    assert "现在还没有对应的服务" in page
    assert "医疗互助" in page
    assert phone.post(url, {"codes": ["pay"]}).status_code == 422
    assert NeedsAnswer.objects.everywhere(reason=WHY).count() == 1
    assert actions.tell_due() == 0
    service = scene.service(world)
    Service.objects.everywhere(reason=WHY).filter(pk=service.pk).update(title="青年公寓租房优惠")
    assert actions.tell_due() == 1
    assert actions.tell_due() == 0
    (body,) = letters(world)
    assert "租房" in body
    assert Need.objects.everywhere(reason=WHY).filter(told_at=None).get().code == "illness"


def test_what_is_offered_when_one_asks_is_shown_and_not_told_as_news(
    world: World, survey: NeedsRound, signed_in: Callable[[str], Client]
) -> None:
    service = scene.service(world)
    Service.objects.everywhere(reason=WHY).filter(pk=service.pk).update(title="青年公寓租房优惠")
    url = reverse("m_needs_round", args=[survey.pk])
    signed_in("worker_alpha").post(url, {"codes": ["housing"]})
    assert "青年公寓租房优惠" in signed_in("worker_alpha").get(url).content.decode()
    assert actions.tell_due() == 0


def test_the_desk_sees_figures_and_no_person(
    world: World, survey: NeedsRound, signed_in: Callable[[str], Client]
) -> None:
    union = world.unions["alpha"]
    people = [world.people[name] for name in ("alpha_1", "alpha_2", "alpha_3", "beta_1", "beta_2", "gamma_1")]
    for person in people:
        made = NeedsAnswer.objects.create(round=survey, person=person, path=union.path)
        Need.objects.create(answer=made, code="housing")
        if person is people[0]:
            Need.objects.create(answer=made, code="illness")
    response = signed_in("river_officer").get(reverse("desk_needs_round", args=[survey.pk]))
    rows = {row["title"]: row for row in response.context["rows"]}
    assert (rows["租房"]["total"], rows["租房"]["share"]) == (6, "100%")
    assert rows["看病负担"]["total"] is None
    assert set(rows["看病负担"]["areas"]) == {None, 0}
    assert [row["title"] for row in response.context["missing"]] == ["租房"]
    html = response.content.decode()
    assert "张海林" not in html
    assert "张*" not in html
    assert signed_in("gorge_officer").get(reverse("desk_needs_round", args=[survey.pk])).status_code == 404


def test_a_round_is_there_for_the_unions_own_members(
    world: World, survey: NeedsRound, signed_in: Callable[[str], Client]
) -> None:
    elsewhere = actions.open_round(
        SYSTEM, organisation=world.unions["gorge_city"], title="别处的征集", starts=TODAY,
        ends=TODAY,
    )  # fmt: skip
    phone = signed_in("worker_alpha")
    assert "别处的征集" not in phone.get(reverse("m_needs")).content.decode()
    assert phone.get(reverse("m_needs_round", args=[elsewhere.pk])).status_code == 404
    assert signed_in("worker_outside").get(reverse("m_needs_round", args=[survey.pk])).status_code == 404


def test_who_may_and_when(world: World, survey: NeedsRound) -> None:
    officer, union = world.actor("river_officer"), world.unions["river_city"]
    week = TODAY + timedelta(days=7)
    with pytest.raises(NotAllowed):
        actions.open_round(world.actor("chair_alpha"), organisation=union, title="x", starts=TODAY, ends=week)
    with pytest.raises(Refused, match="已有征集"):
        actions.open_round(officer, organisation=union, title="又一次", starts=TODAY, ends=week)
    with pytest.raises(Refused, match="最多 92 天"):
        actions.open_round(
            officer,
            organisation=world.unions["east"],
            title="太长",
            starts=TODAY,
            ends=date(TODAY.year + 1, 12, 31),
        )
    person, membership = world.people["alpha_1"], world.memberships["alpha_1"]
    with pytest.raises(Refused, match="本人"):
        actions.answer(officer, round_=survey, person=person, membership=membership, codes=["pay"])
    actions.close(officer, round_=survey)
    survey.refresh_from_db(from_queryset=NeedsRound.objects.everywhere(reason=WHY))
    with pytest.raises(Refused, match="已经结束"):
        actions.answer(
            world.actor("worker_alpha"), round_=survey, person=person, membership=membership, codes=["pay"]
        )
