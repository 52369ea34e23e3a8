"""Invented disputes: bodies at every level, mediators, partners with seats; cases at each stage and light."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from itertools import zip_longest
from typing import TYPE_CHECKING, Any

from django.contrib.auth.hashers import make_password
from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils import timezone

from unionhall.access.grants import actor_for
from unionhall.access.models import Account, Grant
from unionhall.cases.actions import core, disputes, mediation, mediation_agreements, referrals
from unionhall.cases.models import Case, CaseText, MediationBody, Mediator, PartnerBody, Referral
from unionhall.cases.rules.disputes import Promise
from unionhall.foundation.actors import Actor
from unionhall.foundation.permissions import Role
from unionhall.members.models import Membership, Person
from unionhall.organisations.models import Coverage, Employer, Organisation

from . import clock
from .accounts import PASSWORD

if TYPE_CHECKING:
    from .work import Stage

__all__ = ["leave"]

WHY = "示范数据"
#: Partners of the city: kind, name without the city's, account of the cast or a name of its own, liaison.
PARTNERS = (
    ("labour", "人力资源和社会保障局", "labour", "陈立"), ("court", "人民法院", "court", "韩雪"),
    ("justice", "司法局", "justice_desk", "罗成"), ("petition", "信访局", "petition_desk", "齐芳"),
    ("enterprise", "企业联合会", "enterprise_desk", "孟凯"), ("police", "公安局", "police_desk", "雷鸣"),
    ("housing", "住房和城乡建设局", "housing_desk", "汤伟"),
)  # fmt: skip
#: Mediators by body: name, occupation, skills, languages.
ROSTER = {
    "city": (("宋怀远", "退休法官", ["wages", "compensation", "contract"], ["mandarin", "local"]),
             ("梁静", "劳动关系协调员", ["insurance", "hours"], ["mandarin"])),
    "county": (("史国庆", "工会干部", ["wages", "injury"], ["mandarin", "local"]),
               ("牛爱华", "律师", ["dismissal", "contract"], ["mandarin"]),
               ("阿依努尔", "社区工作者", ["wages"], ["mandarin", "uyghur"])),
    "street": (("龚建民", "街道调解员", ["wages", "hours"], ["mandarin", "local"]),),
    "industry": (("尹志伟", "行业协会", ["wages", "injury"], ["mandarin"]),),
    "enterprise": (("吕秀兰", "职工代表", ["hours", "wages"], ["mandarin"]),),
}  # fmt: skip


@dataclass
class Town:
    """What the disputes need: who handles, who mediates, the partners, who files."""

    stage: Stage
    officer: Actor
    mediator: Mediator
    partners: dict[str, PartnerBody]
    actors: dict[str, Actor]
    people: list[Membership]

    def take(self) -> Person:
        """Members in turn; in a small province some bring a second matter."""
        held = self.people.pop(0)
        self.people.append(held)
        return held.person


def leave(stage: Stage) -> None:
    """Bodies, rosters, partners; then thirteen disputes."""
    story = stage.story
    city = stage.union(story.city)
    officer = stage.actor("rights")
    mediator = _bodies(stage, officer, city)
    partners, actors = _partners(stage, officer, city)
    groups = [stage.members(one, 24)[12:] for one in (story.electronics, story.neighbour, story.express)]
    people = [one for group in zip_longest(*groups) for one in group if one is not None]
    town = Town(stage, officer, mediator, partners, actors, people)
    for tell in (_arriving, _mediating, _agreed, _ended, _together):
        tell(town)


def _bodies(stage: Stage, officer: Actor, city: Organisation) -> Mediator:
    """A body at each level; the cast's mediator sits at the city's."""
    story, since = stage.story, stage.today - timedelta(days=700)
    places = {
        "city": (city, "劳动争议调解委员会"), "county": (stage.union(story.county), "劳动争议调解中心"),
        "street": (stage.union(story.street), "劳动争议调解室"),
        "industry": (stage.union(story.industry), "行业调解委员会"),
        "enterprise": (stage.union(story.express), "劳动争议调解委员会"),
    }  # fmt: skip
    first: Mediator | None = None
    for kind, (union, name) in places.items():
        short = union.name.removesuffix("总工会").removesuffix("工会委员会").removesuffix("工会")
        given: dict[str, Any] = {
            "kind": kind, "name": f"{short}{name}", "division": union.division, "since": since,
            "telephone": f"027-8{(int(union.pk) * 7919) % 10**7:07d}",
            "employer": _employer(union) if kind == "enterprise" else None,
        }  # fmt: skip
        body = mediation.save_body(officer, organisation=union, body=None, given=given)
        for who, what, skills, languages in ROSTER[kind]:
            mediation.save_mediator(
                officer, body=body, mediator=None,
                given={
                    "name": who, "occupation": what, "skills": skills, "languages": languages, "since": since, "most": 6
                },
            )  # fmt: skip
        if kind == "city":
            first = mediation.save_mediator(
                officer, body=body, mediator=None,
                given={
                    "name": "温丽华", "occupation": "专职调解员", "skills": ["wages", "compensation", "injury"],
                    "languages": ["mandarin", "local"], "since": since, "most": 8,
                    "account": stage.opened.accounts["mediator"],
                },
            )  # fmt: skip
    away = Mediator.objects.everywhere(reason=WHY).get(name="梁静", body__kind=MediationBody.Kind.CITY)
    ends = stage.today + timedelta(days=9)
    mediation.take_leave(
        officer, mediator=away, begins=stage.today - timedelta(days=1), ends=ends, reason="年休假"
    )
    assert first is not None
    return first


def _employer(union: Organisation) -> Employer:
    rows = Coverage.objects.everywhere(reason=WHY).filter(organisation=union, period__upper_inf=True)
    return rows.select_related("employer").order_by("pk")[0].employer


def _partners(
    stage: Stage, officer: Actor, city: Organisation
) -> tuple[dict[str, PartnerBody], dict[str, Actor]]:
    """Seven agencies of the city, each with a seat: as many as the scheme has kinds, not six."""
    name = city.name.removesuffix("总工会")
    bodies: dict[str, PartnerBody] = {}
    actors: dict[str, Actor] = {}
    password = make_password(PASSWORD)
    for kind, what, username, contact in PARTNERS:
        given = {"kind": kind, "name": f"{name}{what}", "division": city.division, "contact": contact}
        bodies[kind] = referrals.save_partner(officer, organisation=city, body=None, given=given)
        account = stage.opened.accounts.get(username)
        if account is None:
            account = Account.objects.create(
                username=username, display_name=f"{name}{what} {contact}", password=password,
                password_changed_at=timezone.now(),
            )  # fmt: skip
            Grant.objects.create(
                account=account, role=Role.AGENCY, organisation=city, granted_by=WHY, reason="演示账号",
                period=DateRange(stage.today - timedelta(days=400), None),
            )  # fmt: skip
        referrals.add_seat(officer, body=bodies[kind], account=account)
        actors[kind] = actor_for(account, "seed")
    return bodies, actors


def _days(stage: Stage, days: int) -> datetime:
    """So many days ago, in office hours."""
    moment = datetime.combine(stage.today - timedelta(days=days), time(9, 10))
    return min(timezone.make_aware(moment), timezone.now())


def _file(town: Town, days: int, cause: str, claim: str, amount: int, said: str, **more: Any) -> Case:
    """A member files on the phone so many days ago."""
    stage, person = town.stage, more.pop("person", None) or town.take()
    employer = more.pop("employer", None) or _employer(
        Membership.objects.everywhere(reason=WHY).current().select_related("organisation").get(person=person).organisation
    )  # fmt: skip
    union = disputes.union_for(person, employer) or stage.union(stage.story.city)
    with clock.at(_days(stage, days)):
        return disputes.file_dispute(
            stage.worker(person),
            claim=disputes.Claim(cause, claim, amount=Decimal(amount) if amount else None, **more.pop("facts", {})),
            organisation=union, channel="0", statement=said, person=person, employer=employer,
            phone=person.phone.reveal() if person.phone else "", **more,
        )  # fmt: skip


def _do(town: Town, case: Case, days: int, *codes: str, opinion: str = "") -> Case:
    with clock.at(_days(town.stage, days)):
        for code in codes:
            case = core.move(town.officer, case, code, opinion=opinion)
    return case


def _assign(town: Town, case: Case, days: int, mediator: Mediator | None = None) -> None:
    with clock.at(_days(town.stage, days)):
        mediation.assign_mediator(town.officer, case=case, mediator=mediator)


def _knew(town: Town, days: int) -> date:
    return town.stage.today - timedelta(days=days)


def _arriving(town: Town) -> None:
    """New, waiting too long, to be completed, accepted."""
    knew = {"knew_on": _knew(town, 40)}
    _file(town, 0, "wages", "支付 9 月、10 月工资", 11600, "连续两个月只发了基本工资，找站长说等总部。")
    _file(town, 8, "hours", "支付休息日加班费", 5200, "每周只休半天，没有加班费。", facts=knew)
    case = _file(
        town, 3, "insurance", "补缴社会保险", 0, "入职两年没有缴社保。", facts={"knew_on": _knew(town, 340)}
    )
    _do(town, case, 1, "ask_more", opinion="请补充劳动合同或工资流水。")
    case = _file(
        town,
        2,
        "contract",
        "支付未签合同的二倍工资",
        32000,
        "入职十个月没有签合同。",
        facts={"knew_on": _knew(town, 320)},
    )
    _do(town, case, 0, "accept")


def _mediating(town: Town) -> None:
    """One on its way, one whose agreement waits for the member of the tour, one near its limit, one beyond."""
    stage = town.stage
    case = _file(
        town,
        6,
        "injury",
        "报销工伤医疗费",
        8640,
        "送件时摔伤，医疗费自己垫付。",
        facts={"knew_on": _knew(town, 60)},
    )
    _do(town, case, 5, "accept")
    _assign(town, case, 5, town.mediator)
    member = stage.opened.people["member"]
    case = _file(
        town,
        9,
        "wages",
        "支付拖欠的提成 6800 元",
        6800,
        "第三季度提成一直没有发。",
        person=member,
        facts={"knew_on": _knew(town, 50)},
    )
    _do(town, case, 8, "accept")
    _assign(town, case, 7, town.mediator)
    _session(town, case, 3, "单位认可提成数额，提出分两次付清，职工同意。", "near")
    _draft(
        town,
        case,
        1,
        "一、单位支付第三季度提成 6800 元，分两次付清。\n二、付清后双方就此再无争议。",
        (3400, 3400),
    )
    case = _file(
        town,
        13,
        "dismissal",
        "支付违法解除赔偿金",
        46000,
        "口头通知不用来上班。",
        facts={"knew_on": _knew(town, 352)},
    )
    _do(town, case, 12, "accept")
    _assign(town, case, 11)
    case = _file(
        town,
        24,
        "compensation",
        "支付经济补偿",
        18500,
        "站点撤销没有补偿。",
        facts={"knew_on": _knew(town, 70)},
    )
    _do(town, case, 22, "accept")
    _assign(town, case, 21)
    _session(town, case, 15, "双方金额差距较大，约定核对账目后再谈。", "continue")


def _session(town: Town, case: Case, days: int, minutes: str, outcome: str) -> None:
    moment = _days(town.stage, days)
    with clock.at(moment):
        mediation.hold_session(
            town.officer, case=case, at=moment - timedelta(minutes=40), place="调解室",
            present="职工本人、单位人事经理、调解员", minutes=minutes, outcome=outcome,
        )  # fmt: skip


def _draft(town: Town, case: Case, days: int, terms: str, sums: tuple[int, ...], gap: int = 30) -> None:
    on = town.stage.today - timedelta(days=days)
    promises = [
        Promise(on + timedelta(days=10 + gap * place), Decimal(amount)) for place, amount in enumerate(sums)
    ]
    with clock.at(_days(town.stage, days)):
        mediation_agreements.draft(
            town.officer, case=case, terms=terms, amount=Decimal(sum(sums)), promises=promises
        )


def _sign(town: Town, case: Case, days: int) -> None:
    """The worker on the phone, the employer and the mediator on paper: in force that day."""
    with clock.at(_days(town.stage, days)):
        assert case.person is not None
        mediation_agreements.sign(town.stage.worker(case.person), case=case, side="worker")
        for side, name in (("employer", "人事经理"), ("mediator", "调解员")):
            mediation_agreements.sign(town.officer, case=case, side=side, name=name, on_paper=True)


def _through(
    town: Town, days: int, cause: str, claim: str, sums: tuple[int, ...], said: str, gap: int = 30
) -> Case:
    """From filing to an agreement in force, ten days later."""
    case = _file(town, days, cause, claim, sum(sums), said, facts={"knew_on": _knew(town, days + 30)})
    case = _do(town, case, days - 1, "accept")
    _assign(town, case, days - 2)
    _session(town, case, days - 6, "双方达成一致。", "near")
    _draft(town, case, days - 8, f"一、单位{claim}。\n二、双方再无其他争议。", sums, gap)
    _sign(town, case, days - 10)
    case.refresh_from_db()
    return case


def _agreed(town: Town) -> None:
    """Waiting for the court; confirmed with an instalment that did not come; kept, closed and rated."""
    case = _through(town, 16, "wages", "支付工资 15000 元", (15000,), "拖欠三个月工资。")
    _refer(town, case, 2, "court", "confirmation", "双方已共同申请，请依法确认调解协议。")
    case = _through(
        town, 60, "compensation", "支付经济补偿 24000 元", (12000, 12000), "搬迁没有谈拢补偿。", gap=25
    )
    today = town.stage.today
    with clock.at(_days(town.stage, 45)):
        mediation_agreements.pay(town.officer, case=case, instalment=1, on=today - timedelta(days=45))
    found = _refer(town, case, 44, "court", "confirmation", "请依法确认调解协议。")
    _answer(town, found, "court", 43, 36, "裁定调解协议有效。")
    with clock.at(_days(town.stage, 35)):
        mediation_agreements.confirm(
            town.officer, case=case, number=f"（{today.year}）民特 118 号", on=today - timedelta(days=36)
        )
        referrals.end(town.officer, referral=found, withdraw=False)


def _ended(town: Town) -> None:
    """Kept, closed and rated; and one without agreement that went to arbitration."""
    case = _through(town, 80, "wages", "支付加班费 4200 元", (4200,), "国庆加班没有三倍工资。")
    today = town.stage.today
    with clock.at(_days(town.stage, 66)):
        mediation_agreements.pay(town.officer, case=case, instalment=1, on=today - timedelta(days=66))
        core.move(town.officer, case, "close", opinion="协议已履行。")
        assert case.person is not None
        disputes.rate(town.stage.worker(case.person), case=case, grade=5, comment="没跑几趟就解决了。")
    case = _file(
        town, 40, "dismissal", "恢复劳动关系", 0, "不同意调岗被辞退。", facts={"knew_on": _knew(town, 60)}
    )
    _do(town, case, 39, "accept")
    _assign(town, case, 38)
    with clock.at(_days(town.stage, 28)):
        mediation.fail(town.officer, case=case, reason="单位不同意恢复，职工坚持。")
    found = _refer(town, case, 27, "labour", "arbitration", "职工申请劳动仲裁，请依法受理。")
    _accept(town, found, "labour", 24)


def _together(town: Town) -> None:
    """Twelve workers of one firm with representatives: several partners at once, each with its own clock."""
    case = _file(
        town, 5, "wages", "支付 12 名职工两个月工资", 138000, "项目停工后一直没有发工资，工友情绪激动。",
        facts={"knew_on": _knew(town, 30), "headcount": 12, "one_claim": True}, representatives=("邓志刚", "蒋巧云"),
    )  # fmt: skip
    case = _do(town, case, 4, "accept")
    found = _refer(town, case, 4, "labour", "inspection", "请核查工资支付情况。")
    _accept(town, found, "labour", 3)
    _refer(town, case, 4, "police", "clue", "核查是否涉嫌拒不支付劳动报酬。")  # a day is all it has: overdue
    found = _refer(town, case, 4, "enterprise", "talk", "请约谈公司负责人。")
    _answer(town, found, "enterprise", 3, 1, "已约谈，公司承诺本月先付一半。")
    _refer(town, case, 3, "petition", "joint", "请联合接访，稳定情绪。")
    _refer(town, case, 1, "justice", "legal_aid", "请为代表提供法律援助。")
    found = _refer(town, case, 4, "housing", "project_wages", "请协调总包单位垫付。")
    with clock.at(_days(town.stage, 3)):
        referrals.give_back(
            town.actors["housing"], referral=found, reason="该项目不属于建设工程，不在我局职责内。"
        )


def _refer(town: Town, case: Case, days: int, kind: str, act: str, asked: str) -> Referral:
    texts = CaseText.objects.everywhere(reason=WHY).filter(case=case, role="statement")
    with clock.at(_days(town.stage, days)):
        return referrals.refer(
            town.officer, case=case, body=town.partners[kind], act=act, asked=asked,
            facts=("cause", "employer", "names", "headcount", "amount", "claim"), texts=list(texts),
        )  # fmt: skip


def _accept(town: Town, found: Referral, kind: str, days: int) -> None:
    with clock.at(_days(town.stage, days)):
        referrals.accept(town.actors[kind], referral=found)


def _answer(town: Town, found: Referral, kind: str, accepted: int, answered: int, result: str) -> None:
    _accept(town, found, kind, accepted)
    with clock.at(_days(town.stage, answered)):
        referrals.reply(town.actors[kind], referral=found, result=result)
