"""劳动争议: filed once, limitation, mediation and why this mediator, agreement, signatures, payments."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from tests.world import World
from unionhall.cases.actions import core, disputes, mediation, mediation_agreements
from unionhall.cases.actions.ending import carry_out_due
from unionhall.cases.forms.disputes import AgreementForm
from unionhall.cases.models import Agreement, Case, CaseEvent, CaseText, Dispute, Mediation
from unionhall.cases.rules.disputes import Promise, digest_of, limitation_light, promise_mistake
from unionhall.cases.schemes.disputes import DisputeScheme
from unionhall.cases.versions import scheme_of
from unionhall.foundation.actors import NotAllowed, system_actor
from unionhall.foundation.errors import Refused
from unionhall.records.models import JournalEntry, Message

from . import disputes as scene

WHY = "test reads what was written"
DAY = timedelta(days=1)


def moved(case: Case, *codes: str) -> Case:
    for code in codes:
        case = core.move(system_actor("测试"), case, code, opinion="测试")
    return case


def test_a_dispute_is_filed_once_and_its_limitation_reckoned(world: World) -> None:
    case = scene.dispute(world, cause="contract")
    found = Dispute.objects.everywhere(reason=WHY).get(case=case)
    assert (case.number[:2], case.state, case.filed_by) == ("ZY", "intake", "张*")
    assert found.limitation_on is not None
    assert found.limitation_on.year == found.knew_on.year + 1  # type: ignore[union-attr]
    assert {one.code for one in case.clocks.all()} == {"accept", "mediation"}
    assert [one.side for one in case.parties.order_by("pk")] == ["applicant", "respondent"]
    text = CaseText.objects.everywhere(reason=WHY).get(case=case)
    assert "13812345678" not in text.body


def test_arrears_of_wages_run_from_the_end_of_the_employment(world: World) -> None:
    long_ago = timezone.localdate() - timedelta(days=900)
    case = scene.dispute(world, knew_on=long_ago)
    assert Dispute.objects.everywhere(reason=WHY).get(case=case).limitation_on is None
    claim = disputes.Claim("wages", "工资", knew_on=long_ago, employment_ended_on=date(2026, 2, 28))
    disputes.correct(system_actor("测试"), case=case, claim=claim, because="补充离职日期")
    assert Dispute.objects.everywhere(reason=WHY).get(case=case).limitation_on == date(2027, 2, 28)


@pytest.mark.parametrize(("left", "tone"), [(61, "ok"), (60, "warn"), (16, "warn"), (15, "bad"), (-1, "bad")])
def test_the_light_of_a_limitation(world: World, left: int, tone: str) -> None:
    scheme, today = scheme_of(scene.dispute(world)), date(2026, 5, 1)
    assert limitation_light(today + left * DAY, "", scheme, today).tone == tone  # type: ignore[arg-type]


def test_who_may_file_and_what_is_refused(world: World) -> None:
    with pytest.raises(NotAllowed):
        disputes.file_dispute(
            world.actor("worker_beta"), claim=disputes.Claim("wages", "工资"), organisation=world.unions["alpha"],
            channel="0", statement="", person=world.people["alpha_1"], employer=world.employers["alpha"],
        )  # fmt: skip
    for field, change in (
        ("knew_on", {"knew_on": timezone.localdate() + DAY}), ("headcount", {"headcount": 0}),
        ("employment_ended_on", {"employment_ended_on": timezone.localdate() + DAY}), ("claim", {"claim": " "}),
    ):  # fmt: skip
        with pytest.raises(Refused) as refusal:
            scene.dispute(world, **change)
        assert refusal.value.field == field


def test_ten_with_one_claim_may_elect_representatives(world: World) -> None:
    def filed(headcount: int, one_claim: bool) -> Case:
        return disputes.file_dispute(
            world.actor("clerk"), claim=disputes.Claim("wages", "工资", headcount=headcount, one_claim=one_claim),
            organisation=world.unions["alpha"], channel="4", statement="", name="张三", employer_name="外地公司",
            colleagues=["李四"], representatives=["王五", "赵六"],
        )  # fmt: skip

    with pytest.raises(Refused, match="10 人以上"):
        filed(9, one_claim=True)
    with pytest.raises(Refused, match="10 人以上"):
        filed(10, one_claim=False)
    assert filed(10, one_claim=True).parties.filter(side="representative").count() == 2


def test_the_federation_above_takes_it_not_the_enterprises_own_union(world: World) -> None:
    found = disputes.union_for(world.people["alpha_1"], world.employers["alpha"])
    assert found == world.unions["pier"]
    assert disputes.union_for(None, world.employers["gamma"]) == world.unions["hill"]
    assert disputes.union_for(None, None, "429999") == world.unions["province"]
    assert disputes.union_for(None, None) is None


def test_the_mediator_is_chosen_with_the_reasons_said(world: World) -> None:
    case = moved(scene.dispute(world), "accept")
    near, far = scene.body(world), scene.body(world, "river_city", "city")
    good, other = scene.mediator(near, "方正"), scene.mediator(far, "远山", skills=[])
    own = scene.body(world, "beta", "enterprise", employer=world.employers["beta"])
    scene.mediator(own, "乙厂调解员")
    choices, _ = mediation.ranked(case)
    assert [one.candidate.id for one in choices] == [good.pk, other.pk]
    made = mediation.assign_mediator(system_actor("测试"), case=case)
    assert made.mediator == good
    assert "擅长劳动报酬" in made.because
    case.refresh_from_db()
    assert case.state == "mediating"


def test_on_leave_his_cases_go_to_another_and_the_worker_hears_it(world: World) -> None:
    case = moved(scene.dispute(world), "accept")
    place = scene.body(world)
    first, second = scene.mediator(place, "方正"), scene.mediator(place, "林平", skills=[])
    mediation.assign_mediator(system_actor("测试"), case=case)
    today = timezone.localdate()
    _, given, left = mediation.take_leave(
        system_actor("测试"), mediator=first, begins=today, ends=today + 5 * DAY, reason="探亲"
    )
    assert ([one.pk for one in given], left) == ([case.pk], [])
    now = Mediation.objects.everywhere(reason=WHY).get(case=case, ended_at=None)
    assert (now.mediator, "请假" in now.because) == (second, True)
    told = Message.objects.everywhere(reason=WHY).filter(recipient_id=world.accounts["worker_alpha"].pk)
    assert any("更换了调解员" in one.title for one in told)
    # The other one goes too: nobody is left, and the case is named, not lost.
    assert mediation.take_leave(
        system_actor("测试"), mediator=second, begins=today, ends=today, reason=""
    )[1:] == ([], [case])  # fmt: skip


def test_the_mediator_sees_and_records_his_own_case_only(world: World) -> None:
    case, actor = scene.mediating(world), world.actor("mediator")
    other = moved(scene.dispute(world), "accept")
    given: dict[str, Any] = {
        "at": timezone.now() - timedelta(hours=1), "place": "调解室", "present": "双方", "minutes": "双方陈述。",
        "outcome": "continue",
    }  # fmt: skip
    assert mediation.hold_session(actor, case=case, **given).number == 1
    assert mediation.hold_session(actor, case=case, **given).number == 2
    with pytest.raises(NotAllowed):
        mediation.hold_session(actor, case=other, **given)
    assert [one.case for one in Mediation.objects.all().of_mediator(actor.access)] == [case]
    mediation.fail(actor, case=case, reason="差距太大")
    case.refresh_from_db()
    assert case.state == "failed"


def test_an_agreement_needs_three_signatures_and_instalments_that_add_up(world: World) -> None:
    case = scene.drafted(world)
    first = mediation_agreements.agreement_of(case)
    assert first is not None
    with pytest.raises(Refused, match="改过"):
        mediation_agreements.sign(world.actor("worker_alpha"), case=case, side="worker", digest="0" * 64)
    with pytest.raises(Refused, match="本人"):
        mediation_agreements.sign(world.actor("worker_beta"), case=case, side="worker")
    mediation_agreements.sign(world.actor("worker_alpha"), case=case, side="worker", digest=first.digest)
    with pytest.raises(Refused, match="已经签过"):
        mediation_agreements.sign(world.actor("worker_alpha"), case=case, side="worker")
    officer = system_actor("测试")
    mediation_agreements.sign(officer, case=case, side="employer", name="公司", on_paper=True)
    case.refresh_from_db()
    assert case.state == "mediating"
    mediation_agreements.sign(officer, case=case, side="mediator", name="方正", on_paper=True)
    case.refresh_from_db()
    first.refresh_from_db()
    assert (case.state, first.state, first.effective_on) == ("agreed", "effective", timezone.localdate())
    assert case.files.filter(template="mediation_agreement", shown=True).exists()
    entries = JournalEntry.objects.everywhere(reason=WHY).filter(action="cases.agreement_signed")
    assert {one.detail["digest"] for one in entries} == {first.digest}


def test_another_draft_voids_what_was_signed(world: World) -> None:
    case = scene.drafted(world)
    mediation_agreements.sign(world.actor("worker_alpha"), case=case, side="worker")
    mediation_agreements.draft(
        system_actor("测试"), case=case, terms="只道歉。", amount=Decimal(0), promises=[]
    )
    found = mediation_agreements.agreement_of(case)
    assert found is not None
    assert found.signatures.count() == 0
    assert Agreement.objects.everywhere(reason=WHY).filter(case=case, state="void").count() == 1


def test_what_is_paid_is_recovered_and_the_last_one_performs(world: World) -> None:
    case, today = scene.agreed(world), timezone.localdate()
    officer = system_actor("测试")
    with pytest.raises(Refused, match="没付清"):
        core.move(officer, case, "perform")
    mediation_agreements.pay(officer, case=case, instalment=1, on=today)
    with pytest.raises(Refused, match="已经登记"):
        mediation_agreements.pay(officer, case=case, instalment=1, on=today)
    assert Dispute.objects.everywhere(reason=WHY).get(case=case).recovered == 8000
    mediation_agreements.confirm(officer, case=case, number="（2026）鄂01民特1号", on=today)
    mediation_agreements.pay(officer, case=case, instalment=2, on=today)
    case.refresh_from_db()
    assert (case.state, case.is_open) == ("performed", True)
    done = core.move(officer, case, "close", opinion="已履行")
    assert done.closed_at is not None
    assert not Mediation.objects.everywhere(reason=WHY).filter(case=case, ended_at=None).exists()
    verbs = CaseEvent.objects.everywhere(reason=WHY).filter(case=case).values_list("verb", flat=True)
    assert {"draft", "signed", "agree", "paid", "confirm", "perform", "close"} <= set(verbs)


def test_instalments_and_what_is_signed() -> None:
    today = date(2026, 5, 1)
    two = [Promise(today, Decimal(1)), Promise(today + DAY, Decimal(2))]
    assert not promise_mistake(Decimal(3), two, today)
    assert promise_mistake(Decimal(4), two, today)
    assert promise_mistake(Decimal(3), two[::-1], today)
    assert promise_mistake(Decimal(3), two, today + DAY)
    assert promise_mistake(Decimal(1), [], today)
    assert digest_of("1", "a", Decimal(3), two) != digest_of("1", "a", Decimal(3), two[:1])


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ("2030-01-01 NaN", "第 1 行：看不懂这个金额"), ("2030-01-01 7999.996\n2030-02-01 0.004", "金额最多到分"),
        ("2030-01-01 1e999", "看不懂这个金额"), ("9999-12-31 8000", "第 1 行：请填写 1900 年至 2100 年"),
        ("2030-01-01 7999.99\n2030-02-01 0", "第 2 行的金额应大于 0"), ("下月 8000", "第 1 行看不懂"),
    ],
)  # fmt: skip
def test_instalments_that_cannot_be_kept_as_they_are_signed_are_named(lines: str, said: str) -> None:
    form = AgreementForm({"terms": "支付工资。", "amount": "8000", "instalments": lines})
    assert [said in one for one in form.errors["instalments"]] == [True]


def test_instalments_are_read_as_people_write_them() -> None:
    form = AgreementForm(
        {"terms": "支付工资。", "amount": "8000", "instalments": "2030-01-01，7,999.99元\n\n2030-02-01 0.01 "}
    )
    assert form.is_valid()
    assert form.cleaned_data["instalments"] == [
        Promise(date(2030, 1, 1), Decimal("7999.99")),
        Promise(date(2030, 2, 1), Decimal("0.01")),
    ]


def test_mediation_that_runs_out_is_ended_by_the_platform_as_the_scheme_says(world: World) -> None:
    case, waiting, later = scene.mediating(world), scene.dispute(world), timezone.now() + timedelta(days=16)
    assert carry_out_due(system_actor()) == 0
    assert carry_out_due(system_actor(), now=later) == 1
    case.refresh_from_db()
    waiting.refresh_from_db()
    assert (case.state, waiting.state) == ("timeout", "intake")  # not accepted yet: it stands overdue
    assert case.clocks.get(code="mediation").state == "late"
    entry = (
        JournalEntry.objects.everywhere(reason=WHY).filter(action="cases.moved", subject_id=case.pk).last()
    )
    assert entry is not None
    assert (entry.actor_name, entry.detail["move"]) == (system_actor().name, "time_out")
    told = Message.objects.everywhere(reason=WHY)
    mine = told.filter(recipient_id=world.accounts["worker_alpha"].pk).order_by("-pk").first()
    assert mine is not None
    assert "可以向劳动人事争议仲裁委员会申请仲裁" in mine.body
    assert told.filter(recipient_id=world.accounts["mediator"].pk, title__contains="调解期限已满").exists()
    assert carry_out_due(system_actor(), now=later) == 0
    assert moved(case, "fail").state == "failed"  # and people go on from there


def test_a_scheme_names_a_move_that_is_there_and_stops_the_clock(world: World) -> None:
    parameters = scheme_of(scene.dispute(world)).model_dump(by_alias=True)
    for at_end, said in (("nothing", "at_end"), ("accept", "应停止这个时限")):
        clocks = [
            one | {"at_end": at_end} if one["code"] == "mediation" else one for one in parameters["clocks"]
        ]
        with pytest.raises(ValueError, match=said):
            DisputeScheme(**parameters | {"clocks": clocks})
