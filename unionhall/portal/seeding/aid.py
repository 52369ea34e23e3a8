"""法律援助 in the demonstration: bodies with gaps, a roster, firms served, applications at every stage and light."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from django.db.backends.postgresql.psycopg_any import DateRange

from unionhall.cases.actions import aid, aid_rating, lawyering, lawyers, lawyers_counsel
from unionhall.cases.models import AidAssignment, AidDuty, Lawyer, LawyerLeave, LegalAid, LegalAidBody
from unionhall.foundation.actors import Actor, system_actor
from unionhall.ledger.actions import open_budget
from unionhall.members.models import Membership
from unionhall.organisations.kinds import Kind, Level
from unionhall.organisations.models import Coverage, Organisation

from . import clock

if TYPE_CHECKING:
    from .work import Stage

__all__ = ["leave"]

WHY = "示范数据"
#: 姓名, 律所, 擅长, 语言, 同时承办上限
ROSTER: tuple[tuple[str, str, list[str], list[str], int], ...] = (
    ("陆思远", "湖北楚正律师事务所", ["wages", "injury", "dismissal"], [], 8),
    ("田静", "湖北楚正律师事务所", ["injury", "insurance"], ["sign"], 5),
    ("卫国安", "湖北江汉律师事务所", ["wages", "relation"], [], 5),
    ("施雨桐", "湖北江汉律师事务所", ["women", "dismissal"], ["english"], 4),
    ("龚大勇", "湖北明川律师事务所", ["wages", "union"], [], 6),
    ("殷晓", "湖北明川律师事务所", ["insurance", "dismissal"], ["yue"], 5),
)
#: 事由, 援助方式, 农民工, 金额, 几个工作日前, 走到哪一步
STORIES = (
    ("wages", "3", True, 24800, 0, "applied"),
    ("injury", "4", True, 96000, 1, "applied"),
    ("dismissal", "3", False, 31000, 8, "applied"),
    ("insurance", "2", False, 12600, 3, "supplement"),
    ("wages", "3", True, 18500, 4, "granted"),
    ("relation", "3", False, 0, 3, "offered"),
    ("wages", "4", True, 42300, 9, "working"),
    ("women", "1", False, 15800, 12, "working"),
    ("injury", "3", True, 138000, 20, "reported"),
    ("wages", "3", True, 27600, 30, "closed"),
    ("wages", "1", True, 9800, 26, "closed"),
    ("dismissal", "3", False, 30000, 14, "refused"),
)
TOLD = {
    "wages": "公司拖欠三个月工资，多次催要没有结果。",
    "injury": "上班时受伤，单位不认工伤，也不付医疗费。",
    "dismissal": "单位口头通知解除合同，没有任何补偿。",
    "insurance": "入职两年一直没有缴社会保险。",
    "relation": "没有签合同，单位说不是他们的人。",
    "women": "怀孕后被调岗降薪。",
}


def leave(stage: Stage) -> None:
    city = stage.union(stage.story.city)
    county = stage.union(stage.story.county)
    people = [_lawyer(stage, city, row) for row in ROSTER]
    body = _bodies(stage, county)
    for weekday in body.weekdays:
        on = people[weekday % 6 :][:2] if weekday != 4 else people[:1]
        AidDuty.objects.bulk_create([AidDuty(body=body, lawyer=one, weekday=weekday) for one in on])
    LawyerLeave.objects.create(
        lawyer=people[3], period=DateRange(stage.today, stage.today + timedelta(days=6)), reason="年假"
    )
    open_budget(
        system_actor("示范"), organisation=city, programme="legal_aid", year=stage.today.year, amount=500_000
    )
    _applications(stage)
    _firms(stage, city)


def _lawyer(stage: Stage, city: Organisation, row: tuple[str, str, list[str], list[str], int]) -> Lawyer:
    name, firm, skills, languages, most = row
    number = stage.random.randrange(10**9)
    given = {
        "name": name, "firm": firm, "skills": skills, "languages": languages, "most": most, "most_firms": 40,
        "licence": f"14201{stage.today.year - 8}1{number:09d}"[:17], "divisions": [city.division[:4]],
        "since": stage.today - timedelta(days=500),
    }  # fmt: skip
    mine = name == "陆思远" and "lawyer" in stage.opened.accounts
    return lawyers.save_lawyer(
        stage.actor("rights"), organisation=city, lawyer=None, given=given, username="lawyer" if mine else ""
    )


def _bodies(stage: Stage, county: Organisation) -> LegalAidBody:
    """Most unions of county level and above have a body; every ninth has none, one closed last week."""
    rows = Organisation.objects.everywhere(reason=WHY).active()
    seats = list(rows.filter(kind=Kind.FEDERATION, level__lte=Level.COUNTY).order_by("path"))
    made = [
        LegalAidBody(
            organisation=one, name=f"{one.name.removesuffix('总工会')}职工法律援助中心", division=one.division,
            address=f"{one.short_name or one.name}职工服务中心一楼", telephone="12351", weekdays=[1, 2, 3, 4, 5],
            since=stage.today - timedelta(days=1200),
        )
        for number, one in enumerate(seats, 1)
        if number % 9 or one.pk == county.pk
    ]  # fmt: skip
    LegalAidBody.objects.bulk_create(made)
    last = made[-1]
    if last.organisation_id != county.pk:
        last.until, last.closed_because = stage.today - timedelta(days=5), "场地收回，正在选址"
        last.save(update_fields=["until", "closed_because"])
    return next(one for one in made if one.organisation_id == county.pk)


def _applications(stage: Stage) -> None:
    unions = (stage.story.express, stage.story.electronics)
    members = [one for union in unions for one in stage.members(union, len(STORIES))]
    stage.random.shuffle(members)
    for number, (membership, row) in enumerate(zip(members, STORIES, strict=False)):
        _bring(stage, membership, row, urgent=number == 1)


def _bring(
    stage: Stage, membership: Membership, row: tuple[str, str, bool, int, int, str], *, urgent: bool
) -> None:
    cause, form, migrant, amount, days, until = row
    covered = Coverage.objects.everywhere(reason=WHY).filter(organisation=membership.organisation)
    employer = covered.select_related("employer")[0].employer
    asked = aid.Application(
        cause=cause, form=form, statement=TOLD[cause], employer=employer, amount=Decimal(amount) if amount else None,
        is_migrant=migrant, monthly_income=None if migrant else Decimal(2600),
        vouched=not migrant and until != "supplement",
        expires_on=stage.today + timedelta(days=5) if urgent else None,
        division=stage.union(stage.story.county).division,
    )  # fmt: skip
    with clock.at(stage.days_ago(days)):
        found = aid.apply(stage.worker(membership.person), person=membership.person, asked=asked, channel="0")
    _follow(stage, found, until, days)


def _follow(stage: Stage, found: LegalAid, until: str, days: int) -> None:
    """As far as the story went, each step a day or two after the one before."""
    rights, case = stage.actor("rights"), found.case
    if until == "applied":
        return
    with clock.at(stage.days_ago(max(0, days - 1))):
        if until == "supplement":
            aid.ask_more(rights, case=case, lacking=["家庭收入证明或诚信承诺书", "社会保险个人缴费记录"])
            return
        if until == "refused":
            aid.decide(rights, case=case, granted=False, opinion="请求事项已由仲裁裁决支持并履行完毕。")
            return
        aid.decide(rights, case=case, granted=True)
    if until == "granted":
        return
    with clock.at(stage.days_ago(max(0, days - 2))):
        one = lawyering.offer(rights, case=case)
    if until == "offered":
        return
    with clock.at(stage.days_ago(max(0, days - 3))):
        lawyering.answer(_of(stage, one, rights), assignment=one, accept=True)
    _work(stage, one, until, days, rights)


def _of(stage: Stage, one: AidAssignment, otherwise: Actor) -> Actor:
    account = one.lawyer.account
    return stage.actor("lawyer") if account is not None else otherwise


def _work(stage: Stage, one: AidAssignment, until: str, days: int, rights: Actor) -> None:
    his = _of(stage, one, rights)
    for ago, kind, what, hours in (
        (4, "meeting", "会见当事人，核对工资条和考勤记录", "1.5"), (5, "papers", "撰写仲裁申请书和证据目录", "3"),
        (7, "hearing", "出席仲裁庭审", "2.5"),
    ):  # fmt: skip
        if days - ago < 1:
            return
        moment = stage.days_ago(days - ago)
        with clock.at(moment):
            lawyering.log(his, assignment=one, on=moment.date(), kind=kind, what=what, hours=Decimal(hours))
    if until == "working":
        return
    amount = one.aid.case.amount or Decimal(0)
    with clock.at(stage.days_ago(max(0, days - 12 if until == "closed" else 1))):
        lawyering.report(
            his, assignment=one, result="upheld" if days % 4 else "partly", recovered=amount * 9 // 10,
            summary="仲裁委员会裁决单位支付，已经履行。",
        )  # fmt: skip
    if until == "closed":
        with clock.at(stage.days_ago(max(0, days - 14))):
            lawyering.close(rights, case=one.aid.case)
            person = one.aid.case.person
            assert person is not None
            aid_rating.rate(
                stage.worker(person), case=one.aid.case, grade=5 if days % 4 else 4, words="律师很负责"
            )


def _firms(stage: Stage, city: Organisation) -> None:
    """Firms of the city to its lawyers; a few were visited."""
    rights, begins = stage.actor("rights"), stage.today - timedelta(days=60)
    plan = lawyers_counsel.plan(city, most=10, day=begins)
    if not plan.spread.placings:
        return
    with clock.at(stage.days_ago(40)):
        batch = lawyers_counsel.assign_all(
            rights,
            organisation=city,
            most=10,
            months=12,
            expected=plan.digest,
            begins=stage.today - timedelta(days=60),
        )
    for number, one in enumerate(
        batch.counsels.everywhere(reason=WHY).select_related("lawyer", "employer")[:9]
    ):
        lawyers_counsel.log_visit(
            rights, counsel=one, on=stage.today - timedelta(days=3 * number),
            kind=("check", "talk", "advice")[number % 3],
            headcount=20 + 7 * number, hours=Decimal(2), note="查看用工合同和工资支付记录，解答职工咨询。",
        )  # fmt: skip
