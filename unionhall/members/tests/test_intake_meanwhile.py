"""What happened to unions and people between the check of a roster and its commit, and between commit and undo."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils import timezone

from tests.world import World
from unionhall.foundation.sealing import phone_index
from unionhall.members.intake import committing
from unionhall.members.models import Employment, Membership, Person
from unionhall.organisations.models import Organisation
from unionhall.records.models import Message

from . import intake_files as make
from .intake_steps import checked, committed, messages, undone

WHY = "test"


def two_unions(world: World, folder: Path) -> Path:
    """Two new members of alpha, one of beta."""
    head, *rows = make.roster(3)
    names = [world.unions[key].name for key in ("alpha", "alpha", "beta")]
    return make.text(
        folder / "a.csv",
        [[*head, "所在工会"], *([*row, name] for row, name in zip(rows, names, strict=True))],
    )


@pytest.mark.parametrize("what", ["ended", "went elsewhere"])
def test_nobody_is_written_into_a_union_that_is_gone_since_the_check(
    world: World, tmp_path: Path, what: str
) -> None:
    batch = checked(
        world, two_unions(world, tmp_path), union="river_city", actor=world.actor("river_officer")
    )
    assert batch.counts == {"new": 3}
    rows = Organisation.objects.everywhere(reason=WHY).filter(pk=world.unions["alpha"].pk)
    if what == "ended":
        rows.update(status="dissolved")
    else:
        rows.update(path=f"{world.unions['gorge_city'].path}0001", second_path="")
    batch = committed(batch, world.actor("river_officer"))
    assert (batch.state, batch.counts) == ("committed", {"new": 1, "error": 2, "cards": 1})
    told = Message.objects.everywhere(reason=WHY).filter(recipient_id=batch.uploaded_by_id or 0).latest("pk")
    assert "新增 1 人" in told.title
    assert "2 行没有写入" in told.title
    joined = Membership.objects.everywhere(reason=WHY).filter(batch=batch)
    assert [one.organisation for one in joined] == [world.unions["beta"]]
    why = "不能登记会员" if what == "ended" else "不在"
    assert [list(messages(batch)), [why in said for (said,) in messages(batch).values()]] == [
        [2, 3],
        [True, True],
    ]
    batch = undone(batch)
    assert not joined.all().exists()


def test_a_phone_changed_while_a_roster_is_written_stays_findable(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = world.people["alpha_1"]
    assert person.phone is not None
    row = [person.name, person.id_number.reveal(), "", person.phone.reveal(), "研究生", ""]
    batch = checked(world, make.text(tmp_path / "a.csv", [make.HEAD, row]))
    compare = committing.compare_again

    def and_then_the_phone_changes(*given: Any, **more: Any) -> bool:
        known = compare(*given, **more)
        fresh = Person.objects.everywhere(reason=WHY).get(pk=person.pk)
        fresh.phone, fresh.phone_index = "15412345678", phone_index("15412345678")
        fresh.save(update_fields=["phone", "phone_index"])
        return known

    monkeypatch.setattr(committing, "compare_again", and_then_the_phone_changes)
    committed(batch)
    (found,) = Person.objects.everywhere(reason=WHY).with_phone("15412345678")
    assert (found.pk, found.education) == (person.pk, "10")
    assert found.phone is not None
    assert found.phone.reveal() == "15412345678"


def test_undo_leaves_work_that_others_entered_later(world: World, tmp_path: Path) -> None:
    """The batch brought a phone; days later the same work was entered anew. Undo takes back the phone alone."""
    person = world.people["alpha_1"]
    row = [person.name, person.id_number.reveal(), "", "15412345678", "", ""]
    jobs = Employment.objects.everywhere(reason=WHY).filter(person=person)
    jobs.delete()
    first = Employment.objects.create(
        person=person, work_unit="一厂", occupation="焊工", period=DateRange(person.birth, None)
    )
    batch = committed(checked(world, make.text(tmp_path / "a.csv", [make.HEAD, row])))
    later = timezone.localdate() + timedelta(days=3)
    jobs.filter(pk=first.pk).update(period=DateRange(person.birth, later))
    again = Employment.objects.create(
        person=person, work_unit="一厂", occupation="焊工", period=DateRange(later, None), follows=later
    )
    undone(batch)
    assert list(jobs.order_by("period").values_list("pk", "period")) == [
        (first.pk, DateRange(person.birth, later)),
        (again.pk, DateRange(later, None)),
    ]
    assert not Person.objects.everywhere(reason=WHY).with_phone("15412345678").exists()
