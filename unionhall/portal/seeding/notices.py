"""公示公告 of the demonstration: a list in public, one with an objection, one that passed; an announcement; a leave."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from unionhall.access.models import Grant
from unionhall.bulletins import actions
from unionhall.bulletins.models import NoticeRow, PublicNotice
from unionhall.foundation.actors import Actor, system_actor
from unionhall.organisations.models import Organisation
from unionhall.reviews import actions as reviewing

from . import clock

if TYPE_CHECKING:
    from .work import Stage

__all__ = ["leave"]

WHY = "示范数据"
PRAISED = (
    ("王立新", "先进职工：带徒弟十二名"),
    ("刘海燕", "先进职工：连续五年无事故"),
    ("欧阳建", "先进职工：革新派送路线"),
    ("陈国强", "先进职工：防汛抢险"),
)


def leave(stage: Stage) -> None:
    """By the county's officer, on the days when they would have been published."""
    officer = stage.actor("county")
    place = (
        Grant.objects.everywhere(reason=WHY).select_related("organisation").get(account=officer.account_id)
    )
    union = place.organisation
    with clock.at(stage.days_ago(8)):
        _publish(officer, union, "第三季度先进职工公示", 5)
        text = actions.write(
            officer, kind="notice", title="关于调整职工服务中心开放时间的公告", organisation=union,
            body="自下月起，区职工服务中心周一至周六开放，上午 9:00 至下午 5:00。\n\n周日和法定节假日休息。",
        )  # fmt: skip
        actions.publish(officer, bulletin=text)
    actions.close_due(system_actor(), today=stage.today)
    with clock.at(stage.days_ago(2)):
        _publish(officer, union, "第四季度先进职工公示", 5)
        contested = _publish(officer, union, "区级工人先锋号推荐班组带头人公示", 7)
    with clock.at(stage.days_ago(1)):
        row = NoticeRow.objects.everywhere(reason=WHY).get(notice=contested, order=2)
        actions.raise_objection(
            system_actor(),
            notice=contested,
            row=row,
            text="名单第二行所写的事迹是整个班组的，不应只写一个人，请核实。",
        )
    _on_leave(stage)


def _publish(officer: Actor, union: Organisation, title: str, days: int) -> PublicNotice:
    rows = [
        actions.Listed(f"general:{order}", name, union.short_name or union.name, (why,))
        for order, (name, why) in enumerate(PRAISED, start=1)
    ]
    notice = actions.draft(
        officer, purpose="general", title=title, organisation=union, rows=rows, working_days=days,
        lead="经推荐和评议，拟确定以下人选，现予公示。有异议的请在公示期内提出，可以不写姓名。",
    )  # fmt: skip
    return actions.release(officer, notice=notice)


def _on_leave(stage: Stage) -> None:
    """The reviewer begins a leave today; the officer of the same union acts for him."""
    reviewer, officer = stage.actor("reviewer"), stage.opened.accounts["county"]
    grant = Grant.objects.everywhere(reason=WHY).get(account=reviewer.account_id)
    reviewing.delegate(
        reviewer, grant=grant, to=officer, starts=stage.today, ends=stage.today + timedelta(days=4),
        cause="leave", reason="年休假",
    )  # fmt: skip
