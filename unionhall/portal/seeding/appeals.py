"""Invented appeals: through every channel, in every state, early and late; one anonymous, one rated badly."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import cycle
from typing import TYPE_CHECKING

from django.utils import timezone

from unionhall.cases.actions import appeals, core
from unionhall.cases.models import Case, Channel
from unionhall.foundation.actors import Actor
from unionhall.members.models import Membership
from unionhall.organisations.models import Employer, Organisation

from . import clock

if TYPE_CHECKING:
    from .work import Stage

__all__ = ["leave"]


@dataclass(frozen=True)
class Told:
    """One appeal: working days ago, where, channel, cause, what was said, how far it has come."""

    days: int
    at: str
    channel: str
    cause: str
    statement: str
    reached: str = "received"
    rating: int = 0
    anonymous: bool = False
    urgent: bool = False
    headcount: int = 1


TOLD = (
    Told(0, "street", Channel.APP, "wage", "站点换了承包商，上个月的配送费一直没有结算，问站长说等通知。"),
    Told(1, "street", Channel.CALL, "hours", "连续上了二十天班没有休息，请假就扣全勤奖。", urgent=True),
    Told(4, "street", Channel.APP, "safety", "分拣线的护罩坏了一个多月，已经夹伤过手。", anonymous=True),
    Told(6, "county", Channel.HOTLINE, "insurance", "入职半年，单位没有给我缴社会保险。", "handling"),
    Told(
        13,
        "county",
        Channel.LETTER,
        "dismissal",
        "怀孕四个月被调到夜班，不同意就叫我辞职。",
        "handling",
        urgent=True,
    ),
    Told(
        13, "street", Channel.VISIT, "wage", "工地停工，十二个人的工资欠了两个月。", "handling", headcount=12
    ),
    Told(22, "city", Channel.REFERRAL, "injury", "送餐路上受伤，平台和站点都说不归自己管。", "handling"),
    Told(
        9,
        "county",
        Channel.WINDOW,
        "contract",
        "干了三年都是一年一签，想知道能不能签无固定期限合同。",
        "waiting",
    ),
    Told(12, "street", Channel.APP, "welfare", "夜班食堂关门太早，下班吃不上热饭。", "answered"),
    Told(
        14, "street", Channel.APP, "hours", "高温天中午不让歇，室外作业没有清凉饮料。", "call_back", rating=2
    ),
    Told(30, "county", Channel.CALL, "wage", "离职两个月，最后一个月工资没发。", "fixing", rating=1),
    Told(26, "street", Channel.APP, "union", "想参加工会的技能培训，不知道去哪里报名。", "closed", rating=5),
    Told(33, "county", Channel.APP, "democracy", "单位改考勤制度没有开职代会。", "closed", rating=4),
    Told(
        45,
        "city",
        Channel.HOTLINE,
        "wage",
        "装修公司拖欠尾款，八个人合计四万多。",
        "closed",
        rating=3,
        headcount=8,
    ),
)
ANSWERS = {
    "wage": "已约谈单位并提出书面意见，单位承诺十个工作日内付清，工会跟踪到账。",
    "welfare": "已与食堂商定夜班供餐延长到零点，下周一起实行。",
    "hours": "已提醒单位按规定安排休息并发放清凉饮料。",
    "union": "已为您登记本月的技能培训，开班前会短信通知。",
    "democracy": "已督促单位补开职代会审议考勤制度。",
}


def leave(stage: Stage) -> None:
    """Those of the phone are filed by members of the express firm; the desk registers the others."""
    members = cycle(stage.members(stage.story.express, 8))
    for told in TOLD:
        case = _filed(stage, told, next(members))
        _carried(stage, case, told)


def _filed(stage: Stage, told: Told, member: Membership) -> Case:
    union: Organisation = stage.union(getattr(stage.story, told.at))
    employer = Employer.objects.get(pk=stage.story.express.employers[0].id)
    person = member.person
    matter = appeals.Matter(
        statement=told.statement, cause=told.cause, organisation=union, urgent=told.urgent, headcount=told.headcount,
        employer=employer, contact={"phone": "12351"} if told.channel == Channel.HOTLINE else {},
    )  # fmt: skip
    with clock.at(stage.days_ago(told.days)):
        if told.channel == Channel.APP:
            actor = stage.worker(person)
            assert person.account is not None
            made = appeals.file_own(
                actor, matter, account=person.account, person=person, anonymous=told.anonymous
            )
        else:
            made = appeals.register(stage.actor("city"), matter, channel=told.channel, person=person)
    return made.case


def _carried(stage: Stage, case: Case, told: Told) -> None:
    """As far as it has come, a step every other working day, by its owner."""
    steps = {
        "received": (), "handling": ("accept",), "waiting": ("accept", "ask"), "answered": ("accept", "answer"),
        "call_back": ("accept", "answer", "rate"), "fixing": ("accept", "answer", "rate", "called"),
        "closed": ("accept", "answer", "rate"),
    }[told.reached]  # fmt: skip
    said = {"ask": "请补充劳动合同或者工资条的照片。", "called": "电话回访：工资仍未到账，已再次约谈单位。"}
    officer = stage.actor(told.at)
    for place, step in enumerate(steps, start=1):
        with clock.at(_later(stage, told.days, place)):
            if step == "rate":
                actor = Actor(case.filed_by_id, "本人")
                appeals.rate(actor, case, rating=told.rating, comment="", by_code=True)
                continue
            opinion = (
                ANSWERS.get(told.cause, "已核实并督促单位整改。") if step == "answer" else said.get(step, "")
            )
            case = core.move(officer, case, step, opinion=opinion, by_right=True)


def _later(stage: Stage, days: int, place: int) -> datetime:
    """So many steps after the beginning, never later than now."""
    left = max(0, days - 2 * place)
    moment = stage.days_ago(left)
    return min(moment, timezone.now() - timedelta(minutes=5))
