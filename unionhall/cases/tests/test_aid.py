"""Legal aid from application to the fee: means, clocks, one list of what lacks, the lawyer's answer, closing."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from tests.world import World
from unionhall.cases.actions import aid, aid_rating, core, lawyering, lawyers, lawyers_counsel
from unionhall.cases.models import AidAssignment, Case, CaseClock, CaseLink, Dispute, FirmCounsel, LegalAid
from unionhall.cases.tests.aid import applied, asked, body, lawyer, officer
from unionhall.foundation.actors import Actor, NotAllowed
from unionhall.foundation.errors import Refused
from unionhall.ledger.actions import open_budget
from unionhall.records.models import Message

pytestmark = pytest.mark.django_db
WHY = "test"


def clocks(case: Case) -> dict[str, str]:
    rows = CaseClock.objects.everywhere(reason=WHY).filter(case=case).order_by("pk")
    return {one.code: one.state for one in rows}


def state(case: Case) -> str:
    return Case.objects.everywhere(reason=WHY).get(pk=case.pk).state


def test_it_goes_to_the_nearest_body_and_a_migrant_worker_asking_for_wages_is_not_asked_for_his_income(
    world: World,
) -> None:
    place = body(world)
    found = applied(world)
    assert found.case.organisation == world.unions["east"]
    assert found.body == place
    assert found.case.number.startswith("FY")
    assert clocks(found.case) == {"decide": "running"}
    assert "13812345678" not in found.case.texts.get().body
    ruled = aid.judged(found)
    assert ruled.outcome == "granted"
    assert "第四十二条第三项" in ruled.reasons[1]
    aid.decide(officer(world), case=found.case, granted=True)
    assert clocks(found.case) == {"decide": "met", "assign": "running"}


def test_without_a_body_the_federation_of_the_county_takes_it(world: World) -> None:
    assert applied(world).case.organisation == world.unions["east"]


def test_the_same_matter_is_not_asked_for_twice(world: World) -> None:
    number = applied(world).case.number
    with pytest.raises(Refused, match=number):
        applied(world)


def test_a_desk_files_for_somebody_only_where_it_may_open_cases(world: World) -> None:
    person, clerk = world.people["beta_1"], world.actor("clerk")
    made = aid.apply(clerk, person=person, asked=asked(world), channel="4", taken_at=world.unions["pier"])
    assert made.case.filed_by_id == person.account_id
    with pytest.raises(NotAllowed):
        aid.apply(
            clerk,
            person=person,
            asked=asked(world, cause="injury"),
            channel="4",
            taken_at=world.unions["hill"],
        )
    with pytest.raises(NotAllowed):
        aid.apply(world.actor("worker_alpha"), person=person, asked=asked(world), channel="0")


def test_what_lacks_is_said_once_and_the_clock_waits(world: World) -> None:
    found = applied(world, is_migrant=False)
    who = officer(world)
    with pytest.raises(Refused, match="还没有填写家庭人均月收入"):
        aid.decide(who, case=found.case, granted=True, opinion="情况紧急")
    aid.ask_more(who, case=found.case, lacking=["收入证明或诚信承诺", "", "工资条"])
    assert clocks(found.case) == {"decide": "paused", "supplement": "running"}
    told = (
        Message.objects.everywhere(reason=WHY)
        .filter(recipient_id=world.accounts["worker_alpha"].pk)
        .latest("pk")
    )
    assert "收入证明或诚信承诺；工资条" in told.body
    me = world.actor("worker_alpha")
    aid.supply(me, case=found.case, words="工资条补交", monthly_income=Decimal(2500), vouched=True)
    assert clocks(found.case) == {"decide": "running", "supplement": "met"}
    with pytest.raises(Refused, match="一次性告知"):
        aid.ask_more(who, case=found.case, lacking=["再来一份"])
    aid.decide(who, case=found.case, granted=True)
    assert state(found.case) == "granted"


def test_lacking_papers_that_never_come_count_as_withdrawn(world: World) -> None:
    found = applied(world)
    aid.ask_more(officer(world), case=found.case, lacking=["劳动合同"])
    assert lawyering.withdraw_unsupplied() == 0
    rows = CaseClock.objects.everywhere(reason=WHY).filter(case=found.case, code="supplement")
    rows.update(due_at=timezone.now() - timedelta(minutes=1))
    assert lawyering.withdraw_unsupplied() == 1
    assert state(found.case) == "withdrawn"


def lacking_too_long(world: World, *causes: str) -> list[Case]:
    """Applications whose papers were asked for and did not come in time."""
    made = [applied(world, cause=cause).case for cause in causes]
    for case in made:
        aid.ask_more(officer(world), case=case, lacking=["劳动合同"])
    rows = CaseClock.objects.everywhere(reason=WHY).filter(case__in=made, code="supplement")
    rows.update(due_at=timezone.now() - timedelta(minutes=1))
    return made


def test_papers_that_come_while_the_job_goes_on_are_not_too_late(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    cases, real = lacking_too_long(world, "wages", "injury"), aid.stop

    def meanwhile(actor: Actor, *, case: Case, **more: str) -> LegalAid:
        """While one application is being withdrawn the other one is completed."""
        for other in cases:
            if other.pk != case.pk and state(other) == "supplement":
                aid.supply(world.actor("worker_alpha"), case=other, words="补交了")
        return real(actor, case=case, **more)

    monkeypatch.setattr(aid, "stop", meanwhile)
    assert lawyering.withdraw_unsupplied() == 1
    assert sorted(state(one) for one in cases) == ["applied", "withdrawn"]


def test_one_application_that_cannot_be_withdrawn_stops_no_other(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    cases, real, asked_for = lacking_too_long(world, "wages", "injury"), aid.stop, []

    def refusing(actor: Actor, *, case: Case, **more: str) -> LegalAid:
        asked_for.append(case.pk)
        if len(asked_for) == 1:
            raise Refused("不能撤回。")
        return real(actor, case=case, **more)

    monkeypatch.setattr(aid, "stop", refusing)
    assert lawyering.withdraw_unsupplied() == 1
    assert sorted(state(one) for one in cases) == ["supplement", "withdrawn"]


def test_a_refusal_says_why_and_can_be_objected_to_once_before_somebody_else(world: World) -> None:
    found = applied(world, is_migrant=False, monthly_income=Decimal(9000), vouched=True)
    who = officer(world)
    with pytest.raises(Refused, match="写明理由"):
        aid.decide(who, case=found.case, granted=True)
    with pytest.raises(Refused, match="理由"):
        aid.decide(who, case=found.case, granted=False)
    aid.decide(who, case=found.case, granted=False, opinion="收入超过标准。")
    told = (
        Message.objects.everywhere(reason=WHY)
        .filter(recipient_id=world.accounts["worker_alpha"].pk)
        .latest("pk")
    )
    assert "收入超过标准" in told.body
    assert "异议" in told.body
    me = world.actor("worker_alpha")
    aid.object_to(me, case=found.case, words="上个月已经失业。")
    assert clocks(found.case)["objection"] == "running"
    with pytest.raises(Refused, match="其他人"):
        aid.settle_objection(who, case=found.case, changed=True, opinion="属实")
    aid.settle_objection(world.actor("province_officer"), case=found.case, changed=True, opinion="属实")
    assert state(found.case) == "granted"
    with pytest.raises(Refused, match="已经提出过异议"):
        aid.object_to(me, case=found.case, words="再来")


def test_an_objection_that_nobody_raised_is_not_settled_to_grant_aid(world: World) -> None:
    found = applied(world, is_migrant=False)  # of his means nothing is known yet
    who = officer(world)
    with pytest.raises(Refused, match="还不能给予援助"):
        aid.decide(who, case=found.case, granted=True, opinion="同意")
    for changed in (True, False):
        with pytest.raises(Refused, match="没有提出异议"):
            aid.settle_objection(who, case=found.case, changed=changed, opinion="直接给予")
    assert LegalAid.objects.everywhere(reason=WHY).get(pk=found.pk).outcome == ""
    assert state(found.case) == "applied"


def test_aid_comes_first_when_seven_days_or_less_remain(world: World) -> None:
    today = timezone.localdate()
    later = applied(world, expires_on=today + timedelta(days=8))
    with pytest.raises(Refused, match="7 日"):
        aid.come_first(officer(world), case=later.case, opinion="时效将满")
    soon = applied(world, cause="injury", expires_on=today + timedelta(days=7))
    aid.come_first(officer(world), case=soon.case, opinion="时效将满")
    assert clocks(soon.case) == {"decide": "running", "assign": "running"}
    aid.decide(officer(world), case=soon.case, granted=True)
    assert clocks(soon.case)["decide"] == "met"
    assert state(soon.case) == "granted"


def test_a_lawyer_never_acts_against_a_firm_that_he_serves(world: World) -> None:
    serving, free = (
        lawyer(world, "陆思远"),
        lawyer(world, "何清", divisions=["4201"], firm="江城清和律师事务所"),
    )
    who, today = officer(world), timezone.localdate()
    lawyers_counsel.set_counsel(
        who,
        organisation=world.unions["river_city"],
        employer=world.employers["alpha"],
        lawyer=serving,
        begins=today,
        months=12,
    )
    found = applied(world)
    aid.decide(who, case=found.case, granted=True)
    with pytest.raises(Refused, match="回避"):
        lawyering.offer(who, case=found.case, lawyer=serving)
    made = lawyering.offer(who, case=found.case)
    assert made.lawyer == free
    assert "同一市" in made.because
    assert "擅长支付劳动报酬" in made.because


def handed(world: World) -> AidAssignment:
    one = lawyer(world, account="lawyer")
    found = applied(world)
    aid.decide(officer(world), case=found.case, granted=True)
    return lawyering.offer(officer(world), case=found.case, lawyer=one)


def test_who_declines_is_not_asked_again_and_the_clock_of_assigning_starts_anew(world: World) -> None:
    one, other = handed(world), lawyer(world, "何清")
    his, case = world.actor("lawyer"), one.aid.case
    with pytest.raises(Refused, match="理由"):
        lawyering.answer(his, assignment=one, accept=False)
    lawyering.answer(his, assignment=one, accept=False, words="下周出差")
    assert state(case) == "granted"
    assert clocks(case)["assign"] == "running"
    assert lawyering.offer(officer(world), case=case).lawyer == other
    assert not AidAssignment.objects.all().of_lawyer(his.access).exists()
    with pytest.raises(Refused, match="不能再答复"):
        lawyering.answer(his, assignment=one, accept=True)


def test_an_offer_that_nobody_answers_lapses(world: World) -> None:
    one = handed(world)
    rows = CaseClock.objects.everywhere(reason=WHY).filter(case=one.aid.case, code="answer")
    rows.update(due_at=timezone.now() - timedelta(minutes=1))
    assert lawyering.lapse_unanswered() == 1
    assert lawyering.lapse_unanswered() == 0
    one.refresh_from_db()
    assert one.state == "lapsed"
    assert state(one.aid.case) == "granted"


def closed(world: World) -> AidAssignment:
    one, his = handed(world), world.actor("lawyer")
    lawyering.answer(his, assignment=one, accept=True)
    with pytest.raises(Refused, match="办案记录"):
        lawyering.report(his, assignment=one, result="upheld", recovered=Decimal(24000), summary="裁决支持")
    lawyering.log(
        his,
        assignment=one,
        on=timezone.localdate(),
        kind="meeting",
        what="会见当事人，核对工资条",
        hours=Decimal("1.5"),
    )
    lawyering.report(
        his, assignment=one, result="upheld", recovered=Decimal(24000), summary="裁决支持全部请求。"
    )
    return lawyering.close(officer(world), case=one.aid.case)


def test_worked_reported_closed_rated_and_paid(world: World) -> None:
    one, who, me = closed(world), officer(world), world.actor("worker_alpha")
    case = one.aid.case
    assert (one.state, one.fee) == ("closed", Decimal("1500.00"))
    assert not AidAssignment.objects.all().of_lawyer(world.actor("lawyer").access).exists()
    with pytest.raises(NotAllowed):
        aid_rating.rate(world.actor("worker_beta"), case=case, grade=5)
    aid_rating.rate(me, case=case, grade=5, words="很负责")
    with pytest.raises(Refused):
        aid_rating.rate(me, case=case, grade=1)
    with pytest.raises(Refused, match="收款账户"):
        lawyering.pay_fee(who, assignment=one)
    lawyers.save_lawyer(
        who,
        organisation=one.lawyer.organisation,
        lawyer=one.lawyer,
        given={},
        bank="江城银行",
        number="6222021234567890128",
    )
    with pytest.raises(Refused, match="预算"):
        lawyering.pay_fee(who, assignment=one)
    open_budget(
        world.actor("province_officer"),
        organisation=world.unions["river_city"],
        programme="legal_aid",
        year=timezone.localdate().year,
        amount=10_000,
    )
    paid = lawyering.pay_fee(who, assignment=one)
    assert paid.payment is not None
    assert paid.payment.amount == Decimal(1500)
    with pytest.raises(Refused, match="已经列入应付"):
        lawyering.pay_fee(who, assignment=one)


def test_a_dispute_becomes_legal_aid_without_anything_entered_again(world: World) -> None:
    who, limit = world.actor("chair_alpha"), date(2099, 1, 1)
    source = core.open_case(
        who,
        kind="dispute",
        organisation=world.unions["alpha"],
        title="欠薪",
        channel="3",
        statement="欠薪三个月。",
        person=world.people["alpha_1"],
        employer=world.employers["alpha"],
        cause="wages",
        division="420103001",
        amount=Decimal(24000),
    )
    Dispute.objects.create(case=source, claim="支付工资", limitation_on=limit)
    found = aid.apply_from(who, case=source, form="3", is_migrant=True)
    case = found.case
    assert (case.person, case.employer, case.amount, case.cause) == (
        source.person,
        source.employer,
        source.amount,
        "wages",
    )
    assert found.expires_on == limit
    assert case.texts.get().body == "欠薪三个月。"
    assert CaseLink.objects.everywhere(reason=WHY).filter(case=source, other=case, bond="led_to").exists()


def test_termination_ends_the_assignment(world: World) -> None:
    one, who = handed(world), officer(world)
    aid.stop(who, case=one.aid.case, code="terminate", opinion="受援人自行委托了律师")
    one.refresh_from_db()
    assert one.state == "stopped"
    assert LegalAid.objects.everywhere(reason=WHY).get(pk=one.aid_id).result == "stopped"


def test_bulk_counsel_is_previewed_done_and_undone(world: World) -> None:
    who, union, today = officer(world), world.unions["river_city"], timezone.localdate()
    one, other = lawyer(world, "陆思远"), lawyer(world, "何清", divisions=["420111"])
    plan = lawyers_counsel.plan(union, most=2, day=today)
    assert plan.spread.uncovered == ()
    batch = lawyers_counsel.assign_all(who, organisation=union, most=2, months=12, expected=plan.digest)
    served = dict(FirmCounsel.objects.everywhere(reason=WHY).values_list("employer__name", "lawyer__name"))
    assert len(served) == batch.placed == 3
    assert served[world.employers["gamma"].name] == other.name
    assert served[world.employers["alpha"].name] == one.name
    with pytest.raises(Refused, match="重新预览"):
        lawyers_counsel.assign_all(who, organisation=union, most=2, months=12, expected=plan.digest)
    visited = FirmCounsel.objects.everywhere(reason=WHY).get(employer=world.employers["gamma"])
    lawyers_counsel.log_visit(
        who, counsel=visited, on=today, kind="talk", headcount=40, hours=Decimal(2), note="讲劳动合同法"
    )
    assert lawyers_counsel.undo(who, batch=batch) == 2
    assert list(FirmCounsel.objects.everywhere(reason=WHY)) == [visited]


def test_a_body_that_closes_takes_no_more(world: World) -> None:
    place, who = body(world), officer(world)
    lawyers.set_duty(who, body=place, weekday=1, lawyers=[lawyer(world)])
    with pytest.raises(Refused, match="不接待"):
        lawyers.set_duty(who, body=place, weekday=6, lawyers=[])
    lawyers.close_body(who, body=place, on=timezone.localdate(), because="经费中断")
    assert applied(world).body is None
    assert not place.duties.filter(until=None).exists()


def test_a_bad_rating_is_called_back_mended_and_rated_anew(world: World) -> None:
    case, me, who = closed(world).aid.case, world.actor("worker_alpha"), officer(world)
    aid_rating.rate(me, case=case, grade=2, words="没有打过电话")
    case.refresh_from_db()
    assert (case.state, case.is_open) == ("call_back", True)
    running = {one.code: (one.unit, one.amount) for one in case.clocks.filter(ended_at=None)}
    assert running == {"call_back": ("working_days", 1), "fix": ("working_days", 15)}
    with pytest.raises(Refused, match="办结以后"):
        aid_rating.rate(me, case=case, grade=5)
    core.move(who, case, "called", opinion="已致电，律师没有及时说明进展")
    core.move(who, case, "fixed", opinion="律师已当面说明")
    case.refresh_from_db()
    assert (case.state, case.is_open) == ("closed", False)
    found = aid_rating.rate(me, case=case, grade=4)
    assert (found.first_rating, found.rating, found.case.state) == (2, 4, "closed")
    with pytest.raises(Refused, match="已经评价过"):
        aid_rating.rate(me, case=case, grade=1)
