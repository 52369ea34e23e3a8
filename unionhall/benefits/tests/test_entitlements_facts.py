"""A fact that changes tells those who now qualify, once: whatever changed it, a desk, a file or the calendar."""

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from tests.world import World
from unionhall.access.models import Account
from unionhall.benefits import certificates
from unionhall.benefits.actions import entitlements as telling
from unionhall.benefits.certificates import Listed
from unionhall.benefits.models import Told
from unionhall.benefits.tasks import entitlements as tasks
from unionhall.foundation.actors import system_actor
from unionhall.members import actions as members
from unionhall.members.tests import intake_steps as intake
from unionhall.records.models import Message

from . import relief as hardship
from . import settlements
from .settlements import Settled
from .trial import Trial

SYSTEM = system_actor()
WHY = "the test looks at everything"
TODAY = timezone.localdate()


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> list[list[int]]:
    """Jobs run as they are asked for; answers whom they were asked for."""
    asked: list[list[int]] = []

    def run(*, person_ids: list[int]) -> None:
        asked.append(person_ids)
        tasks.reconsider(person_ids=person_ids)

    monkeypatch.setattr(tasks.reconsider, "defer", run)
    return asked


def told(programme: str = "gift") -> list[str]:
    rows = Told.objects.everywhere(reason=WHY).filter(programme=programme)
    return sorted(rows.values_list("person__name", flat=True))


def letters(world: World, who: str = "worker_alpha") -> list[str]:
    rows = Message.objects.everywhere(reason=WHY).filter(recipient_id=world.accounts[who].pk)
    return [one for one in rows.values_list("title", flat=True) if "您可以享受" in one]


def only(*clauses: str) -> str:
    return f"conditions = [{', '.join(clauses)}]"


def once(world: World, change: Callable[[], object]) -> None:
    """Nobody knows of it; the change tells alpha_1 alone; nothing after it tells him again."""
    telling.tell(SYSTEM, on=TODAY)
    assert told() == []
    change()
    assert told() == ["张海林"]
    assert len(letters(world)) == 1
    telling.tell(SYSTEM, on=TODAY)
    members.edit_person(SYSTEM, person=world.people["alpha_1"], reason="核对", native_place="湖北武汉")
    assert len(letters(world)) == 1


def test_a_skill_that_is_put_right(world: World, trial: Trial) -> None:
    trial.offer("gift", only('{ condition = "skill", is = "1" }'))
    once(
        world,
        lambda: members.edit_person(SYSTEM, person=world.people["alpha_1"], reason="晋级", skill="1"),
    )


def test_another_employment(world: World, trial: Trial) -> None:
    trial.offer("gift", only('{ condition = "employment_form", is = "2" }'))
    person = world.people["alpha_1"]
    once(world, lambda: members.change_employment(SYSTEM, person=person, on=TODAY, form="2"))


def test_a_membership_that_is_retained_and_a_card_that_is_found(world: World, trial: Trial) -> None:
    trial.offer("gift", only('{ condition = "standing", is = "retained" }'))
    held = world.memberships["alpha_1"]
    once(world, lambda: members.retain(SYSTEM, membership=held, on=TODAY, reason="下岗"))


def test_a_certificate(world: World, trial: Trial) -> None:
    trial.offer("gift", only('{ condition = "certificate_level", is = "2" }'))
    person = world.people["alpha_1"]
    listed = Listed(
        "S1", person.name, person.id_number.reveal(), "电工", "2", "鉴定中心", TODAY - timedelta(days=9)
    )
    once(world, lambda: certificates.register(SYSTEM, listed=[listed]))


def test_a_medical_settlement(world: World, trial: Trial, tmp_path: Path) -> None:
    trial.offer("gift", only('{ condition = "medical_paid", at_least = 5000 }'))
    settlements.cards(world)
    settlements.budget(world, year=TODAY.year)
    rows = [
        Settled("J1", "alpha_1", "30000.00", on=TODAY.isoformat()),
        Settled("J2", "alpha_2", "1500.00", on=TODAY.isoformat()),
    ]
    once(world, lambda: settlements.settled(world, tmp_path, rows, year=TODAY.year))


def test_a_hardship_file_that_is_approved(world: World, trial: Trial) -> None:
    trial.offer("gift", only('{ condition = "hardship_filed" }'))
    once(world, lambda: hardship.filed(world))


def test_a_roster(world: World, trial: Trial, tmp_path: Path) -> None:
    trial.offer("gift", only('{ condition = "skill", is = "1" }'))
    person = world.people["alpha_1"]
    path = tmp_path / "名册.csv"
    path.write_text(f"姓名,证件号码,技能等级\n{person.name},{person.id_number.reveal()},高级技师\n")
    once(world, lambda: intake.committed(intake.checked(world, path)))


def test_an_account_that_is_linked(world: World, trial: Trial) -> None:
    """Who has no account is told nothing; the day he has one he is."""
    trial.offer("gift", only('{ condition = "sex", is = "2" }', '{ condition = "member" }'))
    woman = world.people["alpha_2"]
    members.edit_person(SYSTEM, person=woman, reason="核对", native_place="湖北武汉")
    assert told() == []
    members.link_account(SYSTEM, person=woman, account=Account.objects.create_user("worker_new"))
    assert told() == [woman.name]


def test_a_birthday_is_told_on_its_morning(world: World, trial: Trial) -> None:
    born = world.people["alpha_1"].birth
    assert born is not None
    trial.offer("gift", only('{ condition = "age", at_least = 60 }', '{ condition = "member" }'))
    day = date(born.year + 60, born.month, born.day)
    telling.tell(SYSTEM, on=day - timedelta(days=1))
    assert "张海林" not in told()
    telling.tell(SYSTEM, on=day)
    telling.tell(SYSTEM, on=day + timedelta(days=1))
    assert "张海林" in told()
    assert len(letters(world)) == 1


def test_a_scheme_is_told_on_the_morning_it_comes_into_force(world: World, trial: Trial) -> None:
    trial.offer("gift", None)
    starts = TODAY + timedelta(days=1)
    trial.write("gift", only('{ condition = "member" }'), starts=starts.isoformat())
    telling.tell(SYSTEM, on=TODAY)
    assert told() == []
    telling.tell(SYSTEM, on=starts)
    telling.tell(SYSTEM, on=starts + timedelta(days=1))
    assert told() == ["张海林", "李建国"]
    assert len(letters(world)) == 1


def test_only_people_with_an_account_are_looked_at(
    world: World, trial: Trial, at_once: list[list[int]]
) -> None:
    from unionhall.members.following import facts_changed_of

    facts_changed_of(one.pk for one in world.people.values())
    with_account = sorted(one.pk for one in world.people.values() if one.account_id is not None)
    assert at_once == [with_account]
    assert world.people["alpha_2"].account_id is None
    members.edit_person(SYSTEM, person=world.people["alpha_2"], reason="核对", native_place="湖北武汉")
    assert at_once == [with_account]
