"""群体性事件、督办、联动任务 in the demonstration: an incident that goes on, one closed with review; notes; a plan."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING

from django.utils import timezone

from unionhall.access.models import Account
from unionhall.cases.actions import (
    core,
    incidents,
    incidents_release,
    incidents_room,
    supervision,
    task_parts,
    tasks,
)
from unionhall.cases.actions.incidents import Facts
from unionhall.cases.models import Case, PartnerBody
from unionhall.foundation.actors import system_actor
from unionhall.foundation.models import working_calendar
from unionhall.organisations.models import Coverage, Employer, Organisation

from . import clock

if TYPE_CHECKING:
    from .work import Stage

__all__ = ["leave"]

WHY = "示范数据"
#: Days, title, target, methods, steps, safeguard.
TARGETS = (
    (
        80,
        "治欠保支专项行动",
        "年底前在建工地欠薪动态清零",
        "部门联合检查、工会摸排",
        "摸排、整改、回头看",
        "专班推进，每月通报",
    ),
    (
        40,
        "新业态劳动者建会入会",
        "头部平台全部建会",
        "行业兜底、扫码入会",
        "建组织、扩覆盖、强服务",
        "经费补助",
    ),
    (120, "集体协商要约行动", "百人以上企业要约覆盖", "上级代行要约", "培训、要约、签约", "指导员队伍"),
)
DUTY = system_actor("值班室（示范）")


def leave(stage: Stage) -> None:
    county = stage.union(stage.story.county)
    _live(stage, county)
    _closed(stage, county)
    _supervised(stage)
    _plan(stage)


def _employer(union: Organisation) -> Employer:
    rows = Coverage.objects.everywhere(reason=WHY).filter(organisation=union, period__upper_inf=True)
    return rows.select_related("employer").order_by("pk")[0].employer


def _account(stage: Stage, name: str) -> Account:
    return stage.opened.accounts[name]


def _log(
    case: Case, minutes_ago: int, kind: str, body: str, place: str, headcount: int | None = None
) -> None:
    with clock.at(timezone.now() - timedelta(minutes=minutes_ago)):
        where = incidents_room.Where(place)
        incidents_room.log(DUTY, case, kind=kind, body=body, where=where, headcount=headcount)


def _live(stage: Stage, county: Organisation) -> None:
    """Reported an hour and a half ago: some clocks kept, one near its end, one over."""
    now = timezone.now()
    with clock.at(now - timedelta(minutes=95)):
        facts = Facts(
            occurred_at=now - timedelta(minutes=130), known_at=now - timedelta(minutes=105), place="产业园二期东门",
            headcount=86, phoned_at=now - timedelta(minutes=96),
        )  # fmt: skip
        case = incidents.report(
            DUTY, organisation=county, title="电子厂搬迁补偿停工", facts=facts,
            employer=_employer(stage.union(stage.story.electronics)),
            statement="部分职工对搬迁补偿方案不满，在厂门口聚集。",
        )  # fmt: skip
        for role, who in (("duty", "rights"), ("on_site", "rights"), ("spokesperson", "city")):
            incidents_room.stand_in(DUTY, case, role=role, account=_account(stage, who))
    with clock.at(now - timedelta(minutes=80)):
        core.move(DUTY, case, "verify", opinion="属实，企业尚未公布补偿方案。")
    with clock.at(now - timedelta(minutes=62)):
        core.move(DUTY, case, "arrive")
    _log(case, 60, "scene", "约八十人聚集在东门内侧，情绪平稳，没有堵路。", "产业园二期东门")
    _log(case, 44, "written", "书面报告已报区委办、市总。", "区总工会")
    _log(case, 25, "update", "人数增至一百二十人，企业负责人已到场。", "产业园二期东门", 120)
    with clock.at(now - timedelta(minutes=15)):
        for topic, body, people in (
            ("severance", "要求公布搬迁补偿方案，按工龄计算", 74), ("insurance", "要求补缴入职头三个月的社保", 31),
            ("other", "要求安排通勤班车", 15),
        ):  # fmt: skip
            incidents_room.collect(DUTY, case, topic=topic, body=body, people=people)
        release = incidents_release.draft(
            stage.actor("rights"), case, title="关于产业园二期职工诉求的情况说明",
            body="区总工会已派人到现场，正在听取职工意见，并督促企业公布搬迁补偿方案。",
        )  # fmt: skip
        incidents_release.check(stage.actor("city"), release)


def _at(stage: Stage, days: int, hour: int) -> datetime:
    day = working_calendar().add_working_days(stage.today, -days)
    return timezone.make_aware(datetime.combine(day, time(hour, 10)))


def _closed(stage: Stage, county: Organisation) -> None:
    """Six weeks ago: reported late, agreed on in two sessions, published and corrected, reviewed."""
    begun = _at(stage, 30, 9)
    with clock.at(begun):
        facts = Facts(
            occurred_at=begun - timedelta(hours=5), known_at=begun - timedelta(minutes=70), place="城东项目部",
            headcount=45,
        )  # fmt: skip
        case = incidents.report(DUTY, organisation=county, title="工地集体讨薪", facts=facts)
        incidents_room.log(DUTY, case, kind="phone", body="已电话报告区委办和市总值班室。")
    steps = (
        (40, "verify", "四十五名农民工，欠两个月工资。"), (80, "arrive", ""), (140, "gather", ""),
    )  # fmt: skip
    for minutes, code, opinion in steps:
        with clock.at(begun + timedelta(minutes=minutes)):
            if code == "gather":
                incidents_room.collect(DUTY, case, topic="wages", body="要求当日结清两个月工资", people=45)
                incidents_room.log(DUTY, case, kind="support", body="会同人社、住建约谈总包单位。")
            core.move(DUTY, case, code, opinion=opinion)
    for number, (minutes, result) in enumerate(((180, "partly"), (300, "agreed")), start=1):
        with clock.at(begun + timedelta(minutes=minutes)):
            incidents_room.hold_talk(
                DUTY, case, held_at=timezone.now(), place="项目部会议室", workers="职工代表五人",
                employer="总包单位项目经理", others="人社局、住建局", result=result,
                minutes="总包同意先行垫付。" if number == 2 else "总包同意核对考勤，金额未定。",
            )  # fmt: skip
    _published(stage, case, begun)
    with clock.at(begun + timedelta(minutes=330)):
        incidents_room.agree(
            DUTY, case, signed_on=timezone.localdate(), terms="总包垫付两个月工资，三日内到账。", people=45,
            perform_by=timezone.localdate() + timedelta(days=3),
        )  # fmt: skip
        core.move(DUTY, case, "resume", opinion="职工已离开，项目复工。")
    with clock.at(_at(stage, 24, 15)):
        incidents_room.performed(DUTY, case, on=timezone.localdate())
        core.move(DUTY, case, "assess")
        incidents.close(
            DUTY, case,
            review="经过：分包拖欠两个月工资。处置：当日谈成垫付。教训：首报晚了四十分钟，班组没有值班电话。"
            "改进：在建工地全部公布工会电话，欠薪满一个月即预警。",
        )  # fmt: skip


def _published(stage: Stage, case: Case, begun: datetime) -> None:
    rights, city, leader = (stage.actor(one) for one in ("rights", "city", "leader"))
    with clock.at(begun + timedelta(minutes=200)):
        first = incidents_release.draft(
            rights, case, title="城东项目工资问题情况通报", body="总包单位已同意核对考勤，今日继续协商。"
        )
        incidents_release.check(city, first)
        incidents_release.sign(leader, first)
        first = incidents_release.publish(rights, first)
    with clock.at(begun + timedelta(minutes=320)):
        second = incidents_release.correct(
            rights, first, title="城东项目工资问题情况通报（更正）", body="总包单位垫付两个月工资，三日内到账。",
            reason="协商已有结果，更新到账时间。",
        )  # fmt: skip
        incidents_release.check(city, second)
        incidents_release.sign(leader, second)
        incidents_release.publish(rights, second)


def _supervised(stage: Stage) -> None:
    """Two of the longest overdue cases below the city: one answered, one that nobody answers."""
    city = stage.union(stage.story.city)
    rows = (
        Case.objects.everywhere(reason=WHY)
        .open()
        .filter(organisation__path__startswith=city.path, due_at__lt=timezone.now())
    )
    late = list(rows.exclude(kind__in=["incident", "task"]).order_by("due_at")[:2])
    for case, days in zip(late, (2, 6), strict=False):
        with clock.at(stage.days_ago(days)):
            made = supervision.issue(stage.actor("leader"), case, asked="请三个工作日内办结并说明逾期原因。")
        if days == 2:
            with clock.at(stage.days_ago(1)):
                supervision.reply(system_actor("承办工会（示范）"), made, text="已约双方到场，本周内办结。")
    supervision.escalate_due(system_actor("平台"))


def _plan(stage: Stage) -> None:
    """“1+6”: three targets; one with parts below and with a department, one late, one just given."""
    city, county, street = (
        stage.union(one) for one in (stage.story.city, stage.story.county, stage.story.street)
    )
    giver, today = stage.actor("city"), stage.today
    with clock.at(stage.days_ago(20)):
        plan = tasks.make_plan(
            giver, organisation=city, kind="one_six", title="构建和谐劳动关系“1+6”文件落实",
            document="江工发〔示范〕1 号",
            starts_on=today - timedelta(days=60), ends_on=today + timedelta(days=300),
        )  # fmt: skip
        made = [
            tasks.give(
                giver, organisation=city, plan=plan, due_on=timezone.localdate() + timedelta(days=days), title=title,
                target=target, methods=methods, steps=steps, safeguard=safeguard,
            )
            for days, title, target, methods, steps, safeguard in TARGETS
        ]  # fmt: skip
        asked = timezone.localdate()
        first = task_parts.ask_union(
            giver, made[0], organisation=county, holder="区总权益部", asked="摸排辖区在建工地",
            due_on=asked + timedelta(days=15),
        )  # fmt: skip
        task_parts.ask_union(
            giver, made[0], organisation=street, holder="街道工会", asked="公布工会维权电话",
            due_on=asked + timedelta(days=35),
        )  # fmt: skip
        task_parts.ask_union(
            giver, made[1], organisation=county, holder="区总组织部", asked="走访头部平台",
            due_on=asked + timedelta(days=10),
        )  # fmt: skip
        body = PartnerBody.objects.everywhere(reason=WHY).filter(organisation=city, kind="labour").first()
        if body is not None:
            task_parts.ask_body(
                giver, made[0], body=body, act="inspection", holder="劳动监察支队", asked="联合检查在建工地",
                due_on=asked + timedelta(days=60),
            )  # fmt: skip
    with clock.at(stage.days_ago(5)):
        task_parts.reply(
            system_actor("区总权益部（示范）"),
            first,
            reply="已摸排 12 个工地，2 个有欠薪苗头。",
            progress=100,
            final=True,
        )
