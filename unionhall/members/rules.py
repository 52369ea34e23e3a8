"""Rules of membership, pure: facts in, a decision with its reasons out. No clock, no database.

Sources: C1 中国工会章程 (2013 text; later amendments to be re-checked), C3 会员会籍管理办法 as read in domain.md §2.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from unionhall.kit.codes import EmploymentStatus
from unionhall.kit.periods import age_on, months_after

#: 劳动法 §15 forbids employing anyone younger; a parameter of the admission scheme where one is in force.
MINIMUM_AGE = 16
#: C1 §6: six consecutive months without dues and without taking part.
DEEMED_MONTHS = 6

RETIRED = frozenset(
    {EmploymentStatus.RETIRED, EmploymentStatus.RETIRED_VETERAN, EmploymentStatus.RESIGNED_WITH_PENSION}
)
WITHOUT_WORK = frozenset({EmploymentStatus.UNEMPLOYED})


@dataclass(frozen=True)
class Reason:
    """One condition: met, not met, or unknown (None), in a sentence, with the article it stands on."""

    met: bool | None
    text: str
    source: str = ""


@dataclass(frozen=True)
class Decision:
    """The outcome and every reason for it; an unknown condition does not allow."""

    allowed: bool
    reasons: list[Reason] = field(default_factory=list)

    @classmethod
    def of(cls, *reasons: Reason) -> Decision:
        """Allowed when every condition is met."""
        return cls(all(reason.met for reason in reasons), list(reasons))

    @property
    def objection(self) -> str:
        """The first condition that is not met, as a sentence; "" when allowed."""
        return next((reason.text for reason in self.reasons if not reason.met), "")


def old_enough(birth: date | None, on: date, minimum: int = MINIMUM_AGE) -> Reason:
    """Full years of age on the day of admission; a document without a birth date is for the officer to check."""
    source = "《中华人民共和国劳动法》第十五条"
    if birth is None:
        return Reason(True, "证件号码不含出生日期，由工会干部核对年龄", source)
    if birth > on:
        return Reason(False, "出生日期晚于入会日期，请核对证件和日期。", source)
    if age_on(birth, on) < minimum:
        return Reason(
            False, f"入会时未满 {minimum} 周岁，不能入会。请在年满 {minimum} 周岁后再办理。", source
        )
    return Reason(True, f"已满 {minimum} 周岁", source)


def may_be_retained(employment_status: str, *, employer_bankrupt: bool = False) -> Decision:
    """保留会籍: the retired and the unemployed; 内退 keep theirs as it is; a bankrupt unit's superior holds it."""
    source = "《工会会员会籍管理办法》"
    if employment_status in RETIRED:
        return Decision.of(Reason(True, "已办理退休（离休、退职）手续", source))
    if employment_status in WITHOUT_WORK:
        return Decision.of(Reason(True, "失业期间可以保留会籍", source))
    if employer_bankrupt:
        return Decision.of(Reason(True, "单位破产、关闭，会籍由上一级工会保管", source))
    if employment_status == EmploymentStatus.INTERNALLY_RETIRED:
        return Decision.of(Reason(False, "内部退养人员会籍不变，不需要保留。", source))
    return Decision.of(
        Reason(
            False,
            "只有退休、失业或单位破产关闭的会员可以保留会籍。请先更新就业状况，或改办会籍转接。",
            source,
        )
    )


def may_resume(employment_status: str) -> Decision:
    """恢复会籍: back at work, paying dues again (C1 §8: dues are waived while retained)."""
    source = "《中国工会章程》第八条"
    if employment_status in RETIRED:
        return Decision.of(Reason(False, "退休人员会籍保留不变；重新就业的，请先更新就业状况。", source))
    if employment_status in WITHOUT_WORK:
        return Decision.of(Reason(False, "登记的就业状况仍为失业。请先更新就业状况，再恢复会籍。", source))
    return Decision.of(Reason(True, "已重新就业，可以恢复会籍", source))


@dataclass(frozen=True)
class SilenceFacts:
    """Evidence for a deemed withdrawal. Days are those on which something was last seen to happen."""

    dues_paid_until: date | None
    last_took_part_on: date | None
    educated_on: date | None
    joined_on: date


def deemed_withdrawn(facts: SilenceFacts, today: date, months: int = DEEMED_MONTHS) -> Decision:
    """视为自动退会 (C1 §6): no dues and no participation for `months` months on end, and still so after education."""
    source = "《中国工会章程》第六条"
    silent_since = [facts.dues_paid_until or facts.joined_on, facts.last_took_part_on or facts.joined_on]
    dues, part = (months_after(day, months) <= today for day in silent_since)
    educated = facts.educated_on is not None and facts.joined_on <= facts.educated_on <= today
    still = facts.educated_on is not None and all(day <= facts.educated_on for day in silent_since)
    return Decision.of(
        Reason(dues, _since("缴纳会费", facts.dues_paid_until, months, dues), source),
        Reason(part, _since("参加组织生活", facts.last_took_part_on, months, part), source),
        Reason(educated, "已经教育提醒" if educated else "还没有教育提醒的记录。请先提醒本人，再提出。", source),
        Reason(
            educated and still,
            "教育提醒后仍未改正" if educated and still else "教育提醒后又缴费或参加了活动，或尚未提醒，不能视为退会。",
            source,
        ),
    )  # fmt: skip


def _since(what: str, day: date | None, months: int, met: bool) -> str:
    when = f"最近一次为 {day:%Y-%m-%d}" if day else "入会以来没有记录"
    return f"连续{months}个月未{what}（{when}）" if met else f"未{what}还不满连续 {months} 个月（{when}）。"


@dataclass(frozen=True)
class ExpulsionFacts:
    """The three recorded stages of an expulsion (C1 §7)."""

    group_discussed_on: date | None
    committee_decided_on: date | None
    filed_upward_on: date | None


def may_be_expelled(facts: ExpulsionFacts, today: date) -> Decision:
    """除名: the group discusses, the committee decides, the decision is filed with the union above; in that order."""
    source = "《中国工会章程》第七条"
    stages = [
        ("工会小组讨论", facts.group_discussed_on),
        ("基层工会委员会决定", facts.committee_decided_on),
        ("报上一级工会备案", facts.filed_upward_on),
    ]
    reasons: list[Reason] = []
    before: date | None = None
    for name, day in stages:
        if day is None:
            reasons.append(Reason(None, f"还没有“{name}”的日期。请补充记录。", source))
        elif day > today:
            reasons.append(Reason(False, f"“{name}”的日期晚于今天，请核对。", source))
        elif before is not None and day < before:
            reasons.append(Reason(False, f"“{name}”的日期早于上一程序，请核对。", source))
        else:
            reasons.append(Reason(True, f"{day:%Y-%m-%d} {name}", source))
        before = day or before
    return Decision.of(*reasons)
