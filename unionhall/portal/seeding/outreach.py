"""走访联系 in the demonstration: contact points, visits, problems and duties in every light, two years of months."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from django.utils import timezone

from unionhall.access.models import Account
from unionhall.organisations.models import Employer, Organisation
from unionhall.outreach.actions import contacts, duties, items, office, rating, visiting
from unionhall.outreach.actions.holding import Target
from unionhall.outreach.models import Visit, VisitItem, VisitStop

from . import clock

if TYPE_CHECKING:
    from .work import Stage

__all__ = ["leave"]

WHY = "示范数据"
#: A difficult firm each: reason, level, what is said, how many working days ago, helped by the county's officer.
FIRMS = (
    ("orders", "serious", "外贸订单减少一半，两条生产线停工，职工轮休。", 60, True),
    ("money", "light", "回款慢，流动资金紧张，工资按时发放。", 35, True),
    ("wages", "grave", "拖欠两个月工资，正在变卖设备筹款。", 6, False),
    ("moving", "serious", "厂区征收搬迁，部分职工要重新安置。", 90, True),
)
#: The county's visits: working days ago, kind, venue, firms reached.
VISITS = (
    (48, "working", "装配车间", 3), (33, "call", "工业园", 4), (21, "research", "快递分拨中心", 2),
    (12, "working", "包装车间", 3), (5, "call", "科技路沿线", 4),
)  # fmt: skip
#: Problems: which visit, category, title, and what became of it.
ITEMS = (
    (0, "welfare", "夜班食堂只有冷饭", "good"),
    (1, "wages", "加班费没有按月结算", "low"),
    (1, "contract", "三名新职工还没有签劳动合同", "good"),
    (2, "safety", "分拨线的急停按钮失灵", "late"),
    (3, "organising", "物业公司的保洁员想加入工会", "open"),
    (4, "welfare", "外来职工子女暑期没人照看", "open"),
    (4, "wages", "高温津贴还没有发", "near"),
)
#: Duties: trouble, why, hours ago, what became of it.
DUTIES = (
    ("injury", "装卸货物时砸伤脚，已送医。", 3, "open"),
    ("hardship", "房屋失火，家具烧毁。", 40, "open"),
    ("trouble", "与用人单位因工资发生争执，情绪低落。", 60, "urged"),
    ("injury", "上班路上出了交通事故。", 300, "met"),
    ("hardship", "爱人失业，孩子上大学。", 420, "late"),
)


def leave(stage: Stage) -> None:
    _months(stage)
    firms = _firms(stage)
    _contacts(stage, firms)
    visits = _visits(stage, firms)
    _items(stage, visits)
    _teams(stage, firms)
    _duties(stage)


def _account(stage: Stage, part: str) -> Account:
    return stage.opened.accounts[part]


def _firms(stage: Stage) -> list[Employer]:
    """Firms of the county, those of the story first."""
    story = stage.story
    unions = [story.express, story.neighbour, story.electronics]
    unions += [
        one
        for one in stage.made.unions
        if one.employers
        and one.until is None
        and one.path.startswith(story.county.path)
        and one not in unions
    ][:20]
    keys = [one.employers[0].id for one in unions if one.employers]
    found = Employer.objects.in_bulk(keys)
    return [found[key] for key in keys if key in found]


def _months(stage: Stage) -> None:
    """Last year's meetings and papers by month, and this year's: 55 and 40 per cent less."""
    actor, today = stage.actor("county"), stage.today
    union = stage.union(stage.story.county)
    last = today.month
    for month in range(1, last + 1):
        office.record_month(
            actor, organisation=union, month=date(today.year - 1, month, 1), meetings=20, documents=50
        )
        if month < last or today.day > 20:
            office.record_month(
                actor, organisation=union, month=date(today.year, month, 1), meetings=9, documents=30
            )


def _contacts(stage: Stage, firms: list[Employer]) -> None:
    """Counties with the city's cadres, firms in difficulty with the county's, families with the chair."""
    city, county = stage.union(stage.story.city), stage.union(stage.story.county)
    with clock.at(stage.days_ago(100)):
        contacts.name_contact(
            stage.actor("city"), account=_account(stage, "city"), organisation=city, target=Target(union=county),
            note="机关干部联系县区",
        )  # fmt: skip
        contacts.name_contact(
            stage.actor("city"), account=_account(stage, "rights"), organisation=city,
            target=Target(employer=firms[0]), note="联系重点企业",
        )  # fmt: skip
        for employer in firms[:3]:
            contacts.name_contact(
                stage.actor("county"), account=_account(stage, "county"), organisation=county,
                target=Target(employer=employer), note="三服务",
            )  # fmt: skip
    for firm, (reason, level, statement, days, helped) in zip(firms[3:], FIRMS, strict=False):
        with clock.at(stage.days_ago(days)):
            made = contacts.declare_firm(
                stage.actor("county"), employer=firm, organisation=county, reason=reason, level=level,
                statement=statement, workers=firm.employees,
                helper=_account(stage, "county") if helped else None,
            )  # fmt: skip
        if reason == "moving":
            with clock.at(stage.days_ago(9)):
                contacts.leave_firm(
                    stage.actor("county"), firm=made, result="stable", note="搬迁完成，职工全部安置。"
                )
    express = stage.union(stage.story.express)
    with clock.at(stage.days_ago(40)):
        for membership in stage.members(stage.story.express, 14)[12:]:
            contacts.name_contact(
                stage.actor("chair"), account=_account(stage, "chair"), organisation=express,
                target=Target(person=membership.person), helps=True, note="困难家庭",
            )  # fmt: skip


def _visits(stage: Stage, firms: list[Employer]) -> list[Visit]:
    """The county's, written up; the last still wants its report; one is planned."""
    actor, account = stage.actor("county"), _account(stage, "county")
    county, made = stage.union(stage.story.county), []
    for place, (days, kind, venue, count) in enumerate(VISITS):
        chosen = [firms[(place * 2 + step) % len(firms)] for step in range(count)]
        with clock.at(stage.days_ago(days)):
            visit = visiting.plan(
                actor, organisation=county, kind=kind, on=timezone.localdate(), participants=[account],
                targets=[Target(employer=one) for one in dict.fromkeys(chosen)], venue=venue, done=True,
            )  # fmt: skip
            if place < len(VISITS) - 1:
                _write(stage, visit)
        made.append(visit)
    visiting.plan(
        actor, organisation=county, kind="comfort", on=stage.calendar.add_working_days(stage.today, 2),
        participants=[account], targets=[Target(employer=firms[0])], venue="站点和宿舍",
    )  # fmt: skip
    return made


def _write(stage: Stage, visit: Visit) -> None:
    stops = VisitStop.objects.everywhere(reason=WHY).filter(visit=visit)
    visiting.write_up(
        stage.actor("county"), visit=visit, summary="和班组一起干了半天活，听了职工的意见，问题已经登记。",
        met={one.pk: 8 + stage.random.randrange(25) for one in stops}, notes={},
    )  # fmt: skip


def _teams(stage: Stage, firms: list[Employer]) -> None:
    """The city's cadres go in twos: several person-visits, each firm counted once."""
    city, actor = stage.union(stage.story.city), stage.actor("city")
    team = [_account(stage, "city"), _account(stage, "rights")]
    for days, start in ((55, 0), (30, 4), (10, 8)):
        chosen = [firms[(start + step) % len(firms)] for step in range(6)]
        with clock.at(stage.days_ago(days)):
            visit = visiting.plan(
                actor, organisation=city, kind="working", on=timezone.localdate(), participants=team, done=True,
                targets=[Target(employer=one) for one in dict.fromkeys(chosen)],
            )  # fmt: skip
            stops = VisitStop.objects.everywhere(reason=WHY).filter(visit=visit)
            visiting.write_up(
                actor, visit=visit, summary="进企业、当工人、同劳动，每家半天。",
                met={one.pk: 12 for one in stops}, notes={},
            )  # fmt: skip


def _items(stage: Stage, visits: list[Visit]) -> None:
    county = stage.actor("county")
    for number, (place, category, title, end) in enumerate(ITEMS):
        visit = visits[place]
        # Wages have five working days, safety three: what was found so long ago is near or over.
        days = {"near": 4}.get(end, VISITS[place][0])
        stop = VisitStop.objects.everywhere(reason=WHY).select_related("visit").filter(visit=visit)[0]
        owner = "street" if number % 3 == 2 else "county"
        with clock.at(stage.days_ago(days)):
            fit = {one.pk for one, _ in items.owners_for(visit, stop)}
            account = _account(stage, owner)
            item = items.open_item(
                county, visit=visit, category=category, title=title, stop=stop,
                owner=account if account.pk in fit else _account(stage, "county"),
            )  # fmt: skip
        if end in {"good", "low"}:
            _answer(stage, item, stop, max(0, days - 4), 5 if end == "good" else 2)


def _answer(stage: Stage, item: VisitItem, stop: VisitStop, days: int, stars: int) -> None:
    """Answered and rated by the firm's slip; a low rating sends it back."""
    with clock.at(stage.days_ago(days)):
        items.settle(stage.actor("county"), item=item, reply="已经和企业商定，从本月起改正。")
    with clock.at(stage.days_ago(max(0, days - 1))):
        slip = stage.actor("member")
        rating.rate(
            slip, item=item, stars=stars, text="" if stars > 3 else "说了还没有改。", stop=stop,
            drawn=item.category == "welfare",
        )  # fmt: skip


def _duties(stage: Stage) -> None:
    chair, now = stage.actor("chair"), timezone.now()
    union: Organisation = stage.union(stage.story.express)
    account = _account(stage, "chair")
    for number, (membership, (trouble, because, hours, end)) in enumerate(
        zip(stage.members(stage.story.express, 30)[-len(DUTIES) :], DUTIES, strict=False)
    ):
        began = now - timedelta(hours=hours)
        with clock.at(began):
            duty = duties.open_duty(
                chair, trouble=trouble, key=f"seed:{number}", source="手工登记", because=because,
                organisation=union, person=membership.person,
            )  # fmt: skip
        if duty is None:
            continue
        if end in {"met", "late"}:
            with clock.at(began + timedelta(hours=20 if end == "met" else 70)):
                visiting.plan(
                    chair, organisation=union, kind="comfort", on=timezone.localdate(), participants=[account],
                    done=True, duty=duty,
                )  # fmt: skip
        if end == "urged":
            with clock.at(now - timedelta(hours=6)):
                duties.urge(
                    stage.actor("street"), duty=duty, note="已经超过两天，请今天到家里看看，并回复情况。"
                )
