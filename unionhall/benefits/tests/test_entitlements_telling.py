"""Telling: each newly qualifying account holder once, whatever runs twice or dies; how far benefits reach."""

import json
from collections.abc import Callable
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from tests.world import World
from unionhall.benefits import entitlements, offering
from unionhall.benefits.actions import entitlements as telling
from unionhall.benefits.actions import reach
from unionhall.benefits.models import Reach, Told
from unionhall.benefits.tasks import entitlements as tasks
from unionhall.benefits.tests.trial import Trial
from unionhall.foundation.actors import NotAllowed, system_actor
from unionhall.records.models import JournalEntry, Message

WHY = "the test looks at everything"
MEMBER = 'conditions = [{ condition = "member" }]\namount = { kind = "fixed", amount = 500 }\n'
WOMAN = 'conditions = [{ condition = "member" }, { condition = "sex", is = "2" }]'
ANYONE = "conditions = []"


def tell(**more: Any) -> telling.Run:
    return telling.tell(system_actor(), on=timezone.localdate(), **more)


def letters(world: World, who: str = "worker_alpha") -> list[Message]:
    rows = Message.objects.everywhere(reason=WHY).filter(recipient_id=world.accounts[who].pk)
    return list(rows.order_by("pk"))


def told() -> set[tuple[str, str]]:
    rows = Told.objects.everywhere(reason=WHY).values_list("person__name", "programme")
    return set(rows)


def test_each_is_told_once_in_one_message(world: World, trial: Trial) -> None:
    trial.offer("gift", MEMBER, title="入会慰问")
    trial.offer("women", WOMAN)
    trial.offer("anyone", ANYONE, title="法律咨询")
    run = tell()
    assert (run.persons, run.items, run.after) == (3, 5, None)
    assert told() == {
        ("张海林", "gift"), ("张海林", "anyone"), ("李建国", "gift"), ("李建国", "anyone"), ("周平", "anyone"),
    }  # fmt: skip
    (one,) = letters(world)
    assert one.title == "您有 2 项可以享受的待遇"
    assert one.body.startswith("法律咨询、入会慰问")
    (single,) = letters(world, "worker_outside")
    assert single.url == reverse("m_benefit", args=["anyone"])
    assert "法律咨询" in single.title
    assert tell().items == 0
    assert len(letters(world)) == 1
    entry = JournalEntry.objects.everywhere(reason=WHY).get(action="benefits.told")
    assert entry.detail["programmes"] == {"gift": 2, "anyone": 3}
    assert entry.digest


def test_a_new_programme_is_told_to_those_who_know_the_others(world: World, trial: Trial) -> None:
    trial.offer("gift", MEMBER)
    tell()
    trial.offer("cover", MEMBER, apply="", automatic="随会员卡生效，不用申请")
    assert tell().items == 2
    first, second = letters(world)
    assert "500 元" in first.body
    assert "随会员卡生效" in second.body


def test_a_new_version_tells_who_qualifies_only_now(world: World, trial: Trial) -> None:
    trial.offer("gift", WOMAN)
    assert tell().items == 0
    trial.write("gift", MEMBER, starts="2021-01-01")
    assert {name for name, _ in told()} == set()
    assert tell().items == 2
    trial.write("gift", ANYONE, starts="2022-01-01")
    assert tell().items == 1
    assert {name for name, _ in told()} == {"张海林", "李建国", "周平"}


def test_who_has_it_is_not_told(world: World, trial: Trial) -> None:
    had = lambda on: Told.objects.everywhere(reason=WHY).filter(programme="elsewhere")  # noqa: E731
    trial.offer("gift", MEMBER, had=had)
    Told.objects.create(person=world.people["alpha_1"], programme="elsewhere", version="x")
    tell()
    assert ("张海林", "gift") not in told()
    assert ("李建国", "gift") in told()


def test_narrower_areas_speak_for_their_own_people(world: World, trial: Trial) -> None:
    trial.offer("gift", MEMBER)
    trial.write("gift", WOMAN, area="4201")
    assert tell().items == 0


def test_a_run_is_bounded_and_goes_on_where_it_stopped(
    world: World, trial: Trial, monkeypatch: pytest.MonkeyPatch
) -> None:
    trial.offer("gift", ANYONE)
    monkeypatch.setattr(telling, "CHUNK", 1)
    small = entitlements.settings_for("", timezone.localdate()).model_copy(update={"looked_at_once": 2})
    monkeypatch.setattr(telling, "settings_for", lambda division, on: small)
    first = tell()
    assert (first.looked, first.items) == (2, 2)
    second = tell(after=first.after)
    assert (second.items, second.after) == (1, None)
    assert tell().items == 0


def test_a_chunk_that_fails_tells_nobody_and_is_done_again(
    world: World, trial: Trial, monkeypatch: pytest.MonkeyPatch
) -> None:
    trial.offer("gift", ANYONE)

    def dies(*args: Any, **more: Any) -> None:
        raise RuntimeError("the power went")

    with monkeypatch.context() as failing:
        failing.setattr(telling, "journal", dies)
        with pytest.raises(RuntimeError):
            tell()
    assert told() == set()
    assert letters(world) == []
    assert tell().items == 3


def test_two_runs_at_the_same_moment_send_one_message(
    world: World, trial: Trial, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the other run wrote after this one looked is left to the other."""
    trial.offer("gift", ANYONE)
    looked = telling._newly

    def slowly(*args: Any) -> Any:
        found = list(looked(*args))
        Told.objects.create(person=world.people["alpha_1"], programme="gift", version="other")
        return iter(found)

    monkeypatch.setattr(telling, "_newly", slowly)
    assert tell().items == 2
    assert letters(world) == []


def test_a_federation_may_begin_without_telling(world: World, trial: Trial) -> None:
    trial.offer("gift", MEMBER)
    out = StringIO()
    call_command("entitlements", "mark", "--json", stdout=out)
    assert json.loads(out.getvalue())["items"] == 2
    assert letters(world) == []
    assert tell().items == 0


def test_a_fact_that_changes_is_told_right_after(world: World, trial: Trial) -> None:
    trial.offer("gift", ANYONE)
    person = world.people["alpha_1"].pk
    tasks.reconsider(person_ids=[person])
    assert told() == {("张海林", "gift")}
    assert len(letters(world)) == 1


def test_reconsidering_is_queued_with_the_change(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    queued: list[list[int]] = []
    monkeypatch.setattr(tasks.reconsider, "defer", lambda person_ids: queued.append(person_ids))
    monkeypatch.setattr(entitlements, "TOGETHER", 2)
    entitlements.reconsider([3, 1, 2, 3])
    assert queued == [[1, 2], [3]]


def test_statements_do_not_grow_with_people_or_programmes(world: World, trial: Trial) -> None:
    trial.offer("gift", ANYONE)
    tell()  # the journal's lanes are made with the first entry
    Told.objects.everywhere(reason=WHY).delete()
    with CaptureQueriesContext(connection) as few:
        assert tell().items == 3
    Told.objects.everywhere(reason=WHY).delete()
    for number in range(4):
        trial.offer(f"more{number}", ANYONE)
    with CaptureQueriesContext(connection) as many:
        assert tell().items == 15
    assert len(many) == len(few)


def test_only_who_may_tells(world: World, trial: Trial) -> None:
    with pytest.raises(NotAllowed):
        telling.tell(world.actor("chair_alpha"), on=timezone.localdate())


# How far it reaches ------------------------------------------------------------------------------------------------


def reckon() -> None:
    reach.reckon(system_actor(), on=timezone.localdate())


def figures(client: Client) -> dict[str, list[Any]]:
    response = client.get(reverse("desk_benefits"))
    assert response.status_code == 200
    return {row["title"]: row["figures"] for group in response.context["groups"] for row in group["rows"]}


def test_reach_is_counted_by_union_and_shown_in_scope(
    world: World, trial: Trial, signed_in: Callable[[str], Client]
) -> None:
    had = lambda on: Told.objects.everywhere(reason=WHY).filter(programme="elsewhere")  # noqa: E731
    trial.offer("gift", MEMBER, title="入会慰问", had=had)
    trial.offer("women", WOMAN, title="女职工关爱")
    trial.offer("far", None, title="外省项目")
    trial.write("far", MEMBER, area="11")
    Told.objects.create(person=world.people["alpha_1"], programme="elsewhere", version="x")
    tell()
    reckon()
    assert figures(signed_in("province_officer")) == {"入会慰问": [7, 1, 1, 0], "女职工关爱": [3, 0, 0, 0]}
    assert figures(signed_in("chair_alpha")) == {"入会慰问": [3, 0, 1, 0], "女职工关爱": [2, 0, 0, 0]}
    assert figures(signed_in("transport_officer")) == {"入会慰问": [3, 0, 1, 0], "女职工关爱": [2, 0, 0, 0]}
    assert figures(signed_in("chair_delta")) == {"入会慰问": [1, 0, 0, 0], "女职工关爱": [0, 0, 0, 0]}


def test_counting_again_forgets_what_is_over(
    world: World, trial: Trial, monkeypatch: pytest.MonkeyPatch
) -> None:
    trial.offer("gift", MEMBER)
    reckon()
    rows = Reach.objects.everywhere(reason=WHY)
    assert sum(rows.values_list("qualifying", flat=True)) == 7
    trial.write("gift", WOMAN, starts="2021-01-01")
    reckon()
    assert sum(rows.all().values_list("qualifying", flat=True)) == 3
    monkeypatch.setattr(offering, "_offerings", {})
    reckon()
    assert not rows.all().exists()


def test_small_numbers_are_withheld_from_who_reads_no_members(
    world: World, trial: Trial, signed_in: Callable[[str], Client]
) -> None:
    trial.offer("gift", MEMBER, title="入会慰问")
    trial.offer("women", WOMAN, title="女职工关爱")
    reckon()
    response = signed_in("leader").get(reverse("desk_benefits"))
    assert figures(signed_in("leader")) == {"入会慰问": [6, 0, 0, 0], "女职工关爱": [None, 0, 0, 0]}
    assert "少于 5 人" in response.content.decode()


def test_telling_now_is_for_the_top(
    world: World, trial: Trial, signed_in: Callable[[str], Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    trial.offer("gift", MEMBER)
    asked: list[int] = []
    monkeypatch.setattr(tasks.tell, "defer", lambda after: asked.append(after))
    address = reverse("desk_benefits_tell")
    assert signed_in("river_officer").post(address).status_code == 403
    assert signed_in("province_officer").post(address).status_code == 302
    assert asked == [0]
    html = signed_in("province_officer").get(reverse("desk_benefits")).content.decode()
    assert address in html
    assert address not in signed_in("river_officer").get(reverse("desk_benefits")).content.decode()
