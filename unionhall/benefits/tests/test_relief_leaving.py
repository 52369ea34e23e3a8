"""Helpers, visits, verification, leaving, the watch, coming back, and what ends a file by itself."""

from datetime import timedelta

import pytest
from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils import timezone

from tests.world import World
from unionhall.benefits.actions import relief
from unionhall.benefits.actions.relief import Figures, PersonFigures
from unionhall.benefits.models import HardshipFile, HardshipVisit, HelperAssignment
from unionhall.bulletins.actions import raise_objection, settle_objection
from unionhall.foundation.errors import Refused
from unionhall.members.models import Employment, HouseholdMember, Membership
from unionhall.rulebook.eligibility import values

from . import relief as scene
from .test_relief_aids import fake_filed

pytestmark = pytest.mark.django_db
Stage = HardshipFile.Stage
WHY = "test"


@pytest.fixture
def filed(world: World) -> HardshipFile:
    return fake_filed(world)


def set_(file: HardshipFile, **facts: object) -> HardshipFile:
    HardshipFile.objects.everywhere(reason=WHY).filter(pk=file.pk).update(**facts)
    return scene.fresh(file)


def leaving(world: World, file: HardshipFile) -> HardshipFile:
    officer = world.actor("river_officer")
    relief.propose_exit(officer, file=file, reason="improved", opinion="女儿已就业")
    relief.publicise_exit(officer, file=scene.fresh(file))
    return scene.fresh(file)


def test_out_watched_and_ended(world: World, filed: HardshipFile) -> None:
    file = leaving(world, filed)
    row = scene.row_of(file)
    assert (file.stage, row.notice.working_days, row.values) == (Stage.EXIT_PUBLICISED, 5, ["家庭情况好转"])
    scene.let_pass()
    file = scene.fresh(file)
    assert file.stage == Stage.WATCH
    assert file.watch_until is not None
    assert 180 <= (file.watch_until - timezone.localdate()).days <= 184
    assert relief.close_due(scene.SYSTEM).watched == 0
    assert relief.close_due(scene.SYSTEM, today=file.watch_until + timedelta(days=1)).watched == 1
    assert scene.fresh(file).stage == Stage.EXITED
    with pytest.raises(Refused, match="观察期内"):
        relief.reopen(world.actor("river_officer"), file=file, reason="返困")
    assert scene.applied(world).pk != file.pk, "after the watch one applies anew"


def test_an_objection_to_leaving_keeps_the_aid(world: World, filed: HardshipFile) -> None:
    file = leaving(world, filed)
    row = scene.row_of(file)
    objection = raise_objection(
        scene.SYSTEM, notice=row.notice, row=row, text="女儿的工作只是临时的，家里仍然困难。"
    )
    settle_objection(world.actor("river_officer"), objection=objection, upheld=True, opinion="属实")
    assert (scene.fresh(file).stage, scene.fresh(file).exit_reason) == (Stage.APPROVED, "")


def test_falling_back_within_the_watch(world: World, filed: HardshipFile) -> None:
    file = set_(filed, stage="watch", watch_until=timezone.localdate() + timedelta(days=30))
    members = HouseholdMember.objects.everywhere(reason=WHY).filter(household=file.household)
    rich = Figures(tuple(PersonFigures(one.pk, income=90000) for one in members))  # type: ignore[arg-type]
    officer = world.actor("river_officer")
    with pytest.raises(Refused, match="不符合困难标准"):
        relief.reopen(officer, file=file, reason="又失业了", figures=rich)
    again = relief.reopen(officer, file=file, reason="又失业了")
    assert (again.stage, again.category) == (Stage.APPROVED, "deep")
    assert again.visit_due is not None


def test_helper_and_half_yearly_visits(world: World, filed: HardshipFile) -> None:
    due = timezone.localdate() - timedelta(days=3)
    file = set_(filed, visit_due=due, created_at=timezone.now() - timedelta(days=200))
    officer, chair = world.actor("river_officer"), world.accounts["chair_alpha"]
    with pytest.raises(Refused, match="所在工会或上级"):
        relief.name_helper(officer, file=file, account=world.accounts["chair_beta"])
    first = relief.name_helper(officer, file=file, account=chair)
    assert relief.name_helper(officer, file=file, account=chair).pk == first.pk
    relief.name_helper(officer, file=file, account=world.accounts["officer_alpha"])
    held = HelperAssignment.objects.everywhere(reason=WHY).filter(file=file, during__upper_inf=True)
    assert [one.account_id for one in held] == [world.accounts["officer_alpha"].pk]
    visit = relief.record_visit(
        world.actor("chair_alpha"), file=file, on=timezone.localdate(), visitors="王主席", findings="收入未变"
    )
    assert (visit.kind, visit.due) == (HardshipVisit.Kind.HALF_YEARLY, due)
    after = scene.fresh(file).visit_due
    assert after is not None
    assert 180 <= (after - timezone.localdate()).days <= 184
    last = file.events.everywhere(reason=WHY).last()
    assert last is not None
    assert "超过期限 3 天" in last.note


def test_yearly_verification(world: World, filed: HardshipFile) -> None:
    file = set_(filed, verify_due=timezone.localdate())
    officer = world.actor("river_officer")
    relief.verify(officer, file=file, figures=None, reason="电话和入户核实，情况没有变化")
    assert (scene.fresh(file).verify_due - timezone.localdate()).days >= 365  # type: ignore[operator]
    members = HouseholdMember.objects.everywhere(reason=WHY).filter(household=file.household)
    rich = Figures(tuple(PersonFigures(one.pk, income=90000) for one in members))  # type: ignore[arg-type]
    made = relief.verify(officer, file=file, figures=rich, reason="已签劳动合同，工资提高")
    assert made.category == ""
    with pytest.raises(Refused, match="退出原因"):
        relief.propose_exit(officer, file=file, reason="x", opinion="x")


@pytest.mark.parametrize("why", ["retired", "left", "died"])
def test_a_file_ends_by_itself(world: World, filed: HardshipFile, why: str) -> None:
    person, today = world.people["alpha_1"], timezone.localdate()
    seats = Membership.objects.everywhere(reason=WHY).filter(person=person)
    if why == "retired":
        Employment.objects.everywhere(reason=WHY).filter(person=person).update(status="4")
    elif why == "left":
        gamma = world.unions["gamma"]
        seats.update(organisation=gamma, path=gamma.path)
    else:
        seats.update(period=DateRange(seats[0].period.lower, today), exit="death")
    file = leaving(world, filed)
    assert relief.close_due(scene.SYSTEM).closed == {why: 1}
    assert relief.close_due(scene.SYSTEM).closed == {}
    assert (scene.fresh(file).stage, scene.fresh(file).close_reason) == (Stage.CLOSED, why)
    assert scene.row_of(file).state == "removed", "and it is off the public list"


def test_another_firm_in_the_county_keeps_the_file(world: World, filed: HardshipFile) -> None:
    beta = world.unions["beta"]
    Membership.objects.everywhere(reason=WHY).filter(person=filed.person).update(
        organisation=beta, path=beta.path
    )
    assert relief.close_due(scene.SYSTEM).closed == {}


def test_facts_for_schemes(world: World, filed: HardshipFile) -> None:
    codes = {"benefits.hardship_filed", "benefits.hardship_category"}
    people = [world.people["alpha_1"].pk, world.people["beta_1"].pk]
    found = values(people, codes, timezone.localdate())
    assert found[people[0]] == {"benefits.hardship_filed": True, "benefits.hardship_category": "deep"}
    assert found[people[1]] == {"benefits.hardship_filed": False, "benefits.hardship_category": None}
