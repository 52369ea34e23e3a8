"""困难建档: applied → first review → visit → check → publicised → approved, and what each stage refuses."""

import csv
from decimal import Decimal
from io import BytesIO, StringIO

import pytest
from django.utils import timezone

from tests.world import World
from unionhall.benefits.actions import relief
from unionhall.benefits.actions.relief import Figures, PersonFigures
from unionhall.benefits.models import Assessment, CivilCheck, CivilCheckRow, HardshipFile, HardshipVisit
from unionhall.bulletins.actions import raise_objection, settle_objection
from unionhall.bulletins.models import PublicNotice
from unionhall.foundation.actors import NotAllowed
from unionhall.foundation.errors import Refused
from unionhall.members import consents, households
from unionhall.members.models import DeskIdentity, HouseholdMember
from unionhall.records import attachments
from unionhall.records.models import JournalEntry, Message
from unionhall.reviews.actions import approve, refuse
from unionhall.rulebook.decisions import replay

from . import relief as scene

pytestmark = pytest.mark.django_db
Stage = HardshipFile.Stage
WHY = "test"


def test_the_whole_way(world: World) -> None:
    file = scene.applied(world)
    assert (file.stage, file.category, file.review.number[:2]) == (Stage.APPLIED, "deep", "KN")
    assert households.of(world.people["alpha_1"].pk) == {world.people["alpha_1"].pk}
    scene.pass_step(world, file)
    file = scene.fresh(file)
    relief.record_visit(
        world.actor("chair_alpha"), file=file, on=timezone.localdate(), visitors="王主席", findings="属实",
        authorisation=scene.authorisation(),
    )  # fmt: skip
    assert scene.fresh(file).stage == Stage.VISITED
    officer = world.actor("river_officer")
    check = relief.make_check(officer, organisation=world.unions["east"], files=[file])
    assert scene.fresh(file).stage == Stage.CHECKING
    relief.take_check(officer, check=check, source=scene.answers(check))
    assert (scene.fresh(file).stage, scene.fresh(file).check_result) == (Stage.CHECKED, "clear")
    scene.pass_step(world, file)
    notice = relief.publicise(officer, files=[file], organisation=world.unions["east"], title="建档公示")
    row = scene.row_of(file)
    assert (notice.working_days, row.name, row.values) == (5, "张*", ["深度困难"])
    with pytest.raises(Refused, match="公示期满"):
        scene.pass_step(world, file)
    scene.let_pass()
    assert scene.fresh(file).stage == Stage.PASSED
    scene.pass_step(world, file)
    file = scene.fresh(file)
    assert (file.stage, file.filed_on) == (Stage.APPROVED, timezone.localdate())
    assert file.visit_due is not None
    assert file.verify_due is not None
    assert file.visit_due < file.verify_due
    told = Message.objects.everywhere(reason=WHY).filter(recipient_id=world.accounts["worker_alpha"].pk)
    assert told.filter(title="困难职工档案已建立").exists()


def test_what_is_sensitive_stands_sealed_and_replays(world: World) -> None:
    file = scene.applied(world)
    made = Assessment.objects.everywhere(reason=WHY).select_related("decision__version").get(file=file)
    for blob in (made.figures.blob, file.health.blob):
        assert b"18000" not in bytes(blob)
        assert b"chronic" not in bytes(blob)
    figures = Figures.from_text(made.figures.reveal())
    assert (figures.income, figures.expense, len(figures.people)) == (Decimal(18000), Decimal(6000), 2)
    assert made.decision.worked is None, "the arithmetic would tell the income in clear"
    again = replay(made.decision)
    assert again.same
    assert made.decision.reasons[0] == "深度困难"
    kept = JournalEntry.objects.everywhere(reason=WHY).filter(action__startswith="benefits.relief")
    assert not any("18000" in f"{one.detail}{one.reason}" for one in kept)


def test_consent_membership_and_one_file_per_household(world: World) -> None:
    person = world.people["alpha_1"]
    asked = {"relatives": [], "income": 1, "expense": 0, "main_cause": "job", "housing": "own"}
    with pytest.raises(Refused, match="单独同意"):
        relief.apply(world.actor("worker_alpha"), person=person, **asked)  # type: ignore[arg-type]
    with pytest.raises(Refused, match="还不是工会会员"):
        relief.apply(world.actor("worker_outside"), person=world.people["outsider"], **asked)  # type: ignore[arg-type]
    scene.applied(world)
    with pytest.raises(Refused, match="不用重复申请"):
        relief.apply(world.actor("worker_alpha"), person=person, **asked)  # type: ignore[arg-type]
    assert CONSENT_NOT_ASKED_OF_MEMBERS not in {one.code for one in consents.missing(person)}


CONSENT_NOT_ASKED_OF_MEMBERS = "relief"


def test_a_spouse_in_the_register_cannot_apply_beside(world: World) -> None:
    from unionhall.members.tests.test_households import marry

    marry(world, "alpha_1", "beta_1")
    scene.applied(world)
    scene.agree(world, "worker_beta", "beta_1")
    with pytest.raises(Refused, match="您的家庭已有"):
        relief.apply(
            world.actor("worker_beta"), person=world.people["beta_1"], relatives=[], income=0, expense=0,  # type: ignore[arg-type]
            main_cause="job", housing="own",
        )  # fmt: skip


def test_an_officer_applies_at_the_window(world: World) -> None:
    asked = {
        "relatives": [scene.child(world)],
        "income": 1,
        "expense": 0,
        "main_cause": "job",
        "housing": "own",
    }
    with pytest.raises(NotAllowed):
        relief.apply(world.actor("chair_beta"), person=world.people["alpha_1"], **asked)  # type: ignore[arg-type]
    assert relief.apply(world.actor("chair_alpha"), person=world.people["alpha_1"], **asked).pk  # type: ignore[arg-type]


def test_no_visit_before_the_first_review_and_none_without_signature(world: World) -> None:
    file = scene.applied(world)
    visit = {"on": timezone.localdate(), "visitors": "王主席", "findings": "属实"}
    chair = world.actor("chair_alpha")
    with pytest.raises(Refused, match="初审还没有通过"):
        relief.record_visit(chair, file=file, authorisation=scene.authorisation(), **visit)  # type: ignore[arg-type]
    scene.pass_step(world, file)
    with pytest.raises(Refused, match="授权书"):
        relief.record_visit(chair, file=file, **visit)  # type: ignore[arg-type]
    with pytest.raises(Refused, match="授权书"):
        relief.make_check(world.actor("river_officer"), organisation=world.unions["east"], files=[file])
    with pytest.raises(Refused, match="入户核查"):
        scene.pass_step(world, file)
    assert not HardshipVisit.objects.everywhere(reason=WHY).exists()


def test_nobody_handles_his_own_household(world: World) -> None:
    from unionhall.members.tests.test_households import marry

    marry(world, "alpha_1", "alpha_2")
    file = scene.applied(world)
    scene.pass_step(world, file)
    DeskIdentity.objects.create(
        account=world.accounts["chair_alpha"], person=world.people["alpha_2"], named_by="test"
    )
    with pytest.raises(Refused, match="家庭成员"):
        relief.record_visit(
            world.actor("chair_alpha"), file=file, on=timezone.localdate(), visitors="x", findings="x",
            authorisation=scene.authorisation(),
        )  # fmt: skip


def test_the_list_for_civil_affairs(world: World) -> None:
    file = scene.visited(world)
    with pytest.raises(NotAllowed):
        relief.make_check(world.actor("chair_alpha"), organisation=world.unions["alpha"], files=[file])
    check = relief.make_check(world.actor("river_officer"), organisation=world.unions["east"], files=[file])
    assert check.file is not None
    text = b"".join(attachments.chunks(check.file)).decode("utf-8-sig")
    rows = list(csv.DictReader(StringIO(text)))
    assert [row["姓名"] for row in rows] == ["张海林", "张小雨"]
    assert rows[1]["证件号码"].strip() == scene.child_number(world)
    assert len({row["核对编号"] for row in rows}) == 2
    assert "benefits.civil_check" in attachments.guarded()


def test_answers_are_taken_row_by_row(world: World) -> None:
    file = scene.visited(world)
    officer = world.actor("river_officer")
    check = relief.make_check(officer, organisation=world.unions["east"], files=[file])
    first, second = CivilCheckRow.objects.everywhere(reason=WHY).filter(check_of=check).order_by("pk")
    lines = [
        ",".join(relief.CHECK_HEADINGS),
        f"{first.key},张海林,一致,低保边缘,18000,",
        "HXXXXXXXXXXX,张三,一致,无,,",
        f"{first.key},张海林,一致,无,,",
        f"{second.key},张大雨,一致,无,,",
        f"{second.key},张小雨,大概一致,无,,",
        f"{second.key},张小雨,一致,贫困,,",
        f"{second.key},张小雨,一致,无,-5,",
    ]
    taken = relief.take_check(officer, check=check, source=BytesIO("\n".join(lines).encode()))
    assert taken.taken == 1
    assert {line: why[:6] for line, why in sorted(taken.faults)} == {
        3: "核对编号“H",
        4: "核对编号与前",
        5: "姓名与送核名",
        6: "核对结果应为",
        7: "救助身份应为",
        8: "核定年收入不",
    }
    assert scene.fresh(file).stage == Stage.CHECKING, "one answer is still missing"
    done = relief.take_check(officer, check=check, source=scene.answers(check, status="低保边缘"))
    assert (done.taken, done.known) == (1, 1)
    again = relief.take_check(officer, check=check, source=scene.answers(check, status="低保边缘"))
    assert (again.taken, again.known, again.faults) == (0, 2, [])
    assert (scene.fresh(file).stage, scene.fresh(file).civil_status) == (Stage.CHECKED, "marginal")
    assert len(CivilCheck.objects.everywhere(reason=WHY).get(pk=check.pk).faults) == 0


@pytest.mark.parametrize(
    ("text", "says"), [("a,b\n1,2", "缺少列"), (b"\xff\xfe\x00".decode("latin1"), "缺少列|读不出来")]
)
def test_a_file_that_is_none(world: World, text: str, says: str) -> None:
    officer = world.actor("river_officer")
    check = relief.make_check(officer, organisation=world.unions["east"], files=[scene.visited(world)])
    with pytest.raises(Refused, match=says):
        relief.take_check(officer, check=check, source=BytesIO(text.encode("latin1")))


def test_a_mismatch_is_explained_before_it_goes_on(world: World) -> None:
    file = scene.checked(world, income="30000")
    assert file.check_result == "mismatch"
    with pytest.raises(Refused, match="不一致"):
        scene.pass_step(world, file)
    relief.explain_mismatch(
        world.actor("river_officer"), file=file, opinion="上年收入已核对工资单", take_incomes=True
    )
    file = scene.fresh(file)
    assert (file.check_result, file.category) == ("explained", ""), "60,000 a year for two is too much"
    with pytest.raises(Refused, match="不符合困难标准"):
        scene.pass_step(world, file)


def test_civil_status_lifts_the_category(world: World) -> None:
    file = scene.checked(world, status="刚性支出困难", income="")
    assert file.category == "deep"
    poor = scene.fresh(file)
    me = HouseholdMember.objects.everywhere(reason=WHY).filter(household=poor.household).order_by("pk")
    people = tuple(PersonFigures(one.pk, income=one.pk * 0 + 60000, expense=0) for one in me)  # type: ignore[arg-type]
    made = relief.assess_again(
        world.actor("river_officer"), file=poor, figures=Figures(people), occasion="check", reason="更正收入"
    )
    assert made.category == "relative", "a household with rigid expenses, by the law of 2026"
    with pytest.raises(Refused, match="每个人"):
        relief.assess_again(
            world.actor("river_officer"),
            file=poor,
            figures=Figures(people[:1]),
            occasion="check",
            reason="更正",
        )


def test_an_objection_upheld_keeps_the_file_out(world: World) -> None:
    file = scene.publicised(world)
    notice = PublicNotice.objects.everywhere(reason=WHY).get()
    row = scene.row_of(file)
    objection = raise_objection(scene.SYSTEM, notice=notice, row=row, text="这家人在城里另有两套住房出租。")
    scene.let_pass()
    assert scene.fresh(file).stage == Stage.PUBLICISED, "suspended"
    settle_objection(world.actor("river_officer"), objection=objection, upheld=True, opinion="属实")
    assert scene.fresh(file).stage == Stage.OBJECTED
    with pytest.raises(Refused, match="公示期满"):
        approve(world.actor("reviewer"), step=scene.step(file))
    refuse(world.actor("reviewer"), step=scene.step(file), opinion="异议成立")
    assert scene.fresh(file).stage == Stage.ENDED


def test_refusal_ends_the_file_and_a_new_one_may_begin(world: World) -> None:
    file = scene.applied(world)
    refuse(world.actor("chair_alpha"), step=scene.step(file), opinion="材料不属实")
    assert scene.fresh(file).stage == Stage.ENDED
    assert scene.applied(world).pk != file.pk
