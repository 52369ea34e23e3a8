"""Who may give a firm its helper, who is told when he changes, and whom a duty then goes to."""

from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from django.db.backends.postgresql.psycopg_any import DateRange
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests.architecture import samples_outreach as scene
from tests.world import SINCE, World
from unionhall.access.models import Grant
from unionhall.foundation.errors import Refused
from unionhall.organisations.models import Coverage, Employer
from unionhall.outreach.actions import contacts, duties
from unionhall.outreach.actions.holding import Target
from unionhall.outreach.models import ContactPoint, DifficultFirm, VisitDuty
from unionhall.records.models import JournalEntry, Message

pytestmark = pytest.mark.django_db
WHY = "test"
SignIn = Callable[[str], Client]


def helper(world: World, who: str, union: str, firm: str, by: str = "") -> ContactPoint:
    """The account `who` of a union is named helper of a firm, as if long ago."""
    found = contacts.name_contact(
        world.actor(by or who), account=world.accounts[who], organisation=world.unions[union],
        target=Target(employer=world.employers[firm]), helps=True,
    )  # fmt: skip
    ContactPoint.objects.everywhere(reason=WHY).filter(pk=found.pk).update(period=DateRange(SINCE, None))
    return found


def helpers(world: World, firm: str) -> list[str]:
    rows = ContactPoint.objects.everywhere(reason=WHY).current().filter(employer=world.employers[firm])
    return sorted(rows.values_list("account__username", flat=True))


def declare(world: World, who: str, union: str, firm: str) -> DifficultFirm:
    return contacts.declare_firm(
        world.actor(who), employer=world.employers[firm], organisation=world.unions[union], reason="wages",
        level="grave", statement="拖欠两个月工资。",
    )  # fmt: skip


def duty_at(world: World, firm: str, key: str) -> VisitDuty:
    found = duties.open_duty(
        world.actor("pier_officer"), trouble="trouble", key=key, source="手工登记", because="职工停工讨薪。",
        organisation=world.unions[firm], employer=world.employers[firm],
    )  # fmt: skip
    assert found is not None
    return found


def told(world: World, who: str) -> list[str]:
    rows = Message.objects.everywhere(reason=WHY).filter(recipient_id=world.accounts[who].pk)
    return list(rows.order_by("pk").values_list("title", flat=True))


def leaves(world: World, who: str) -> None:
    """His grant ended yesterday."""
    rows = Grant.objects.everywhere(reason=WHY).filter(account=world.accounts[who])
    rows.update(period=DateRange(SINCE, timezone.localdate() - timedelta(days=1)))


def test_another_branch_s_firm_is_left_alone(world: World, signed_in: SignIn) -> None:
    helper(world, "chair_beta", "beta", "beta")
    with pytest.raises(Refused, match="江城博远电子有限公司工会委员会负责"):
        helper(world, "chair_gamma", "gamma", "beta")
    assert helpers(world, "beta") == ["chair_beta"]
    form = {"cadre": world.accounts["chair_gamma"].pk, "firm": "江城博远"}
    page = signed_in("chair_gamma").post(reverse("desk_contact_new"), form)
    assert page.status_code == 422
    assert "请由它或上级工会指定" in str(page.context["form"].errors["firm"])


def test_a_firm_without_a_union_is_the_street_s(world: World) -> None:
    world.employers["new"] = Employer.objects.create(name="江城新开餐饮有限公司", division="420103001")
    with pytest.raises(Refused, match="码头街道总工会负责"):
        helper(world, "chair_alpha", "alpha", "new")
    helper(world, "pier_officer", "pier", "new")
    assert helpers(world, "new") == ["pier_officer"]


def test_who_is_relieved_stands_in_the_journal_and_is_told(world: World) -> None:
    former = helper(world, "officer_alpha", "alpha", "alpha", by="chair_alpha")
    helper(world, "chair_alpha", "alpha", "alpha")
    assert helpers(world, "alpha") == ["chair_alpha"]
    entry = JournalEntry.objects.everywhere(reason=WHY).get(action="outreach.contact_ended")
    assert (entry.subject_id, entry.path) == (former.pk, world.unions["alpha"].path)
    assert told(world, "officer_alpha")[-1] == "您不再是江城安达快递有限公司的帮扶责任人"


def test_leaving_the_list_ends_the_helper_in_the_journal_too(world: World) -> None:
    firm = declare(world, "chair_alpha", "alpha", "alpha")
    helper(world, "officer_alpha", "alpha", "alpha", by="chair_alpha")
    contacts.leave_firm(world.actor("chair_alpha"), firm=firm, result="recovered", note="恢复生产。")
    assert JournalEntry.objects.everywhere(reason=WHY).filter(action="outreach.contact_ended").count() == 1


def test_difficulty_is_declared_in_the_firm_s_own_line(world: World) -> None:
    for who, union in (("chair_gamma", "gamma"), ("chair_beta", "beta")):
        with pytest.raises(Refused, match="请由它或上级工会认定"):
            declare(world, who, union, "alpha")
    with pytest.raises(Refused, match="请由它或上级工会认定"):
        declare(world, "river_officer", "west", "alpha")
    assert declare(world, "transport_officer", "transport", "alpha").organisation == world.unions["transport"]
    assert declare(world, "pier_officer", "pier", "beta").organisation == world.unions["pier"]


def test_the_union_that_was_chosen_declares(world: World, signed_in: SignIn) -> None:
    """A helper of another of one's unions doesn't change it: he is refused."""
    Grant.objects.create(
        account=world.accounts["chair_alpha"], role="chair", line="general", organisation=world.unions["beta"],
        period=DateRange(SINCE, None), granted_by=WHY,
    )  # fmt: skip
    client = signed_in("chair_alpha")
    form = {
        "organisation": world.unions["alpha"].pk, "firm": "江城安达", "reason": "wages", "level": "grave",
        "workers": "1", "statement": "拖欠工资。", "cadre": world.accounts["chair_beta"].pk,
    }  # fmt: skip
    refused = client.post(reverse("desk_difficult_firm_new"), form)
    assert "请选择这个工会的干部" in refused.content.decode()
    form["cadre"] = world.accounts["chair_alpha"].pk
    assert client.post(reverse("desk_difficult_firm_new"), form).status_code == 302
    made = DifficultFirm.objects.everywhere(reason=WHY).select_related("organisation").get()
    assert made.organisation == world.unions["alpha"]


def test_its_contact_becomes_its_helper(world: World, signed_in: SignIn) -> None:
    """In a union with one cadre that is the normal case; he is not told of himself."""
    was = scene.point(world)
    ContactPoint.objects.everywhere(reason=WHY).filter(pk=was.pk).update(period=DateRange(SINCE, None))
    form = {
        "organisation": world.unions["alpha"].pk, "firm": "江城安达", "reason": "wages", "level": "grave",
        "workers": "1", "statement": "拖欠工资。", "cadre": world.accounts["chair_alpha"].pk,
    }  # fmt: skip
    assert signed_in("chair_alpha").post(reverse("desk_difficult_firm_new"), form).status_code == 302
    rows = ContactPoint.objects.everywhere(reason=WHY)
    assert [one.helps for one in rows.current()] == [True]
    assert rows.get(pk=was.pk).period == DateRange(SINCE, timezone.localdate())
    ended = JournalEntry.objects.everywhere(reason=WHY).get(action="outreach.contact_ended")
    assert ended.subject_id == was.pk
    assert told(world, "chair_alpha") == []


def test_who_is_the_contact_already_is_told_so_beside_the_cadre(world: World, signed_in: SignIn) -> None:
    scene.point(world)
    form = {"cadre": world.accounts["chair_alpha"].pk, "firm": "江城安达"}
    page = signed_in("chair_alpha").post(reverse("desk_contact_new"), form)
    assert "已经联系这里了" in str(page.context["form"].errors["cadre"])


def moves(world: World, firm: str, union: str) -> None:
    """Today another union covers the firm."""
    rows = Coverage.objects.everywhere(reason=WHY).filter(employer=world.employers[firm])
    rows.update(organisation=world.unions[union])


def test_a_firm_that_moved_away_is_no_longer_its_old_union_s(world: World, signed_in: SignIn) -> None:
    entry = declare(world, "chair_alpha", "alpha", "alpha")
    moves(world, "alpha", "beta")
    helper(world, "chair_beta", "beta", "alpha")
    with pytest.raises(Refused, match="现由江城博远电子有限公司工会委员会负责"):
        contacts.leave_firm(world.actor("chair_alpha"), firm=entry, result="recovered", note="恢复生产。")
    assert helpers(world, "alpha") == ["chair_beta"]
    leave = reverse("desk_difficult_firm_leave", args=[entry.pk])
    assert leave not in signed_in("chair_alpha").get(reverse("desk_difficult_firms")).content.decode()
    assert leave in signed_in("pier_officer").get(reverse("desk_difficult_firms")).content.decode()
    contacts.leave_firm(world.actor("pier_officer"), firm=entry, result="recovered", note="恢复生产。")
    assert told(world, "chair_beta") == ["您不再是江城安达快递有限公司的帮扶责任人"]


def test_the_new_union_s_declaration_takes_the_place_of_the_old_one_s(world: World) -> None:
    old = declare(world, "chair_alpha", "alpha", "alpha")
    helper(world, "officer_alpha", "alpha", "alpha", by="chair_alpha")
    moves(world, "alpha", "beta")
    new = declare(world, "chair_beta", "beta", "alpha")
    rows = DifficultFirm.objects.everywhere(reason=WHY)
    assert list(rows.in_force()) == [new]
    assert rows.get(pk=old.pk).result == "moved"
    assert helpers(world, "alpha") == []
    assert told(world, "officer_alpha")[-1] == "您不再是江城安达快递有限公司的帮扶责任人"
    assert told(world, "chair_alpha")[-1] == "江城安达快递有限公司已从困难企业名单转出"
    entry = JournalEntry.objects.everywhere(reason=WHY).get(action="outreach.firm_left")
    assert (entry.subject_id, entry.path) == (old.pk, world.unions["alpha"].path)


def test_it_leaves_the_new_line_s_own_helper_alone(world: World) -> None:
    declare(world, "chair_alpha", "alpha", "alpha")
    moves(world, "alpha", "beta")
    helper(world, "chair_beta", "beta", "alpha")
    declare(world, "chair_beta", "beta", "alpha")
    assert helpers(world, "alpha") == ["chair_beta"]


def test_a_declaration_in_the_firm_s_own_line_stays(world: World) -> None:
    declare(world, "transport_officer", "transport", "alpha")
    with pytest.raises(Refused, match="已经在困难企业名单里"):
        declare(world, "chair_alpha", "alpha", "alpha")


def test_a_duty_goes_to_no_helper_who_is_not_of_the_line(world: World) -> None:
    """The firm moved to another union: its helper of before is neither owner nor told."""
    helper(world, "chair_beta", "beta", "beta")
    moves(world, "beta", "alpha")
    world.employers["alpha"] = world.employers["beta"]
    assert duty_at(world, "alpha", "test:1").owner == world.accounts["chair_alpha"]
    assert told(world, "chair_beta") == []


def test_a_duty_goes_to_nobody_who_left(world: World) -> None:
    actor, _ = scene.chair(world)
    contacts.name_contact(
        actor, account=world.accounts["officer_alpha"], organisation=world.unions["alpha"],
        target=Target(person=world.people["alpha_2"]), helps=True,
    )  # fmt: skip
    leaves(world, "officer_alpha")
    heard = told(world, "officer_alpha")
    assert scene.duty(world).owner == world.accounts["chair_alpha"]
    assert told(world, "officer_alpha") == heard, "the trouble of a family is not told to one who left"


def test_a_duty_goes_to_the_helper_whom_the_industry_named(world: World) -> None:
    declared = contacts.declare_firm(
        world.actor("transport_officer"), employer=world.employers["alpha"], reason="wages", level="grave",
        organisation=world.unions["transport"], statement="拖欠两个月工资。",
        helper=world.accounts["transport_officer"],
    )  # fmt: skip
    assert declared.organisation == world.unions["transport"]
    duty = duty_at(world, "alpha", "test:1")
    assert duty.owner == world.accounts["transport_officer"]
    assert told(world, "transport_officer") == ["逢难必帮：请走访江城安达快递有限公司"]
    assert duties.assign(world.actor("chair_alpha"), duty=duty, account=duty.owner).owner == duty.owner


def test_both_lines_hear_of_a_duty_that_is_late(world: World) -> None:
    duty = duty_at(world, "alpha", "test:1")
    with time_machine.travel(duty.due_at + timedelta(minutes=1)):
        assert duties.escalate_late() == 1
    for who in ("pier_officer", "transport_officer"):
        assert told(world, who) == ["必访任务逾期：江城安达快递有限公司工会委员会"]
    assert told(world, "east_officer") == [], "the nearest of each line"
