"""Who may not settle an objection does not read it either: what it says would tell him who raised it."""

from collections.abc import Callable

import pytest
from django.test import Client

from tests.world import World
from unionhall.bulletins import actions
from unionhall.bulletins.models import Objection
from unionhall.members.models import DeskIdentity
from unionhall.members.tests.test_households import marry
from unionhall.records.models import JournalEntry

from .notices import SYSTEM, WHY, Told, listed, notice_of, row

SignIn = Callable[[str], Client]
pytestmark = pytest.mark.django_db
TEXT = "他其实没有参加这次的技能竞赛，我在车间亲眼看到的。"


def shown_everywhere(client: Client, objection: Objection) -> str:
    """The page, what it answers to a finding, the dialog of the contact and what it answers to a reason."""
    address = f"/desk/bulletins/objections/{objection.pk}/"
    answers = (
        client.get(address),
        client.post(address, {"outcome": "dismissed", "opinion": "不属实。"}),
        client.get(f"{address}contact/"),
        client.post(f"{address}contact/", {"reason": "联系提出人核实"}),
    )
    return "".join(answer.content.decode() for answer in answers)


@pytest.mark.parametrize("whole", [False, True])
@pytest.mark.parametrize("relation", ["himself", "household"])
def test_whom_it_is_about_does_not_read_it(
    world: World, told: Told, signed_in: SignIn, relation: str, whole: bool
) -> None:
    marry(world, "alpha_1", "alpha_2")
    officer = world.people["alpha_1" if relation == "himself" else "alpha_2"]
    DeskIdentity.objects.create(account=world.accounts["river_officer"], person=officer, named_by="test")
    notice = notice_of(world, rows=[listed("a", person=world.people["alpha_1"]), listed("b")])
    objection = actions.raise_objection(
        SYSTEM, notice=notice, text=TEXT, row=None if whole else row(notice), contact="13800001234"
    )
    shown = shown_everywhere(signed_in("river_officer"), objection)
    assert "涉及您本人或者您的家庭成员" in shown
    assert not [words for words in ("亲眼看到", "138****1234", "13800001234", "提出时间") if words in shown]
    objection.refresh_from_db()
    assert objection.state == "open"
    assert not JournalEntry.objects.everywhere(reason=WHY).filter(action="bulletins.objection_read").exists()


def test_whoever_raised_it_finds_nothing_on_the_desk(world: World, told: Told, signed_in: SignIn) -> None:
    notice = notice_of(world)
    objection = actions.raise_objection(
        world.actor("east_officer"), notice=notice, text=TEXT, contact="13800001234"
    )
    shown = shown_everywhere(signed_in("east_officer"), objection)
    assert "您自己提出的异议" in shown
    assert "亲眼看到" not in shown
    assert "138****1234" not in shown
    other = signed_in("river_officer").get(f"/desk/bulletins/objections/{objection.pk}/")
    assert TEXT in other.content.decode()
