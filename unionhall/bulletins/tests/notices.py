"""Setting the scene for tests of public notices: a purpose that listens, short words for the verbs."""

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from django.utils import timezone

from tests.world import World
from unionhall.bulletins import actions
from unionhall.bulletins.actions import Listed
from unionhall.bulletins.models import NoticeRow, PublicNotice
from unionhall.bulletins.purposes import Purpose
from unionhall.foundation.actors import Actor, system_actor
from unionhall.foundation.errors import Refused

SYSTEM = system_actor()
WHY = "test"


@dataclass
class Told:
    """What the purpose "trial" was told, in order; its domain refuses the keys `refusing` and breaks at `failing`."""

    calls: list[tuple[str, str]] = field(default_factory=list)
    refusing: set[str] = field(default_factory=set)
    failing: set[str] = field(default_factory=set)

    def hook(self, what: str) -> Any:
        def told(actor: Actor, row: NoticeRow) -> None:
            if row.key in self.refusing:
                raise Refused("收款账户还没有登记。")
            if row.key in self.failing:
                raise KeyError("张海林")
            self.calls.append((what, row.key))

        return told


def trial_purpose(told: Told) -> Purpose:
    return Purpose("trial", "试验公示", ("事项", "金额（元）"), told.hook("passed"), told.hook("upheld"))


def listed(key: str, name: str = "张海林", **more: Any) -> Listed:
    facts: dict[str, Any] = {"unit": "江城安达快递有限公司", "values": ("技师补贴", "1,000.00")} | more
    return Listed(key, name, **facts)


def notice_of(world: World, *keys: str, days: int = 5, at: str = "east", **more: Any) -> PublicNotice:
    """A notice of 江东区总工会, in public today."""
    rows = more.pop("rows", None) or [listed(key) for key in keys or ("a", "b")]
    return actions.publicise(
        SYSTEM,
        purpose="trial",
        title="技师补贴公示",
        organisation=world.unions[at],
        rows=rows,
        working_days=days,
        **more,
    )


def row(notice: PublicNotice, key: str = "a") -> NoticeRow:
    """As it stands in the database."""
    return NoticeRow.objects.everywhere(reason=WHY).get(notice=notice, key=key)


def fresh(notice: PublicNotice) -> PublicNotice:
    return PublicNotice.objects.everywhere(reason=WHY).select_related("organisation").get(pk=notice.pk)


def ends(notice: PublicNotice, more: int = 0) -> date:
    """Its last day, as it stands in the database, and so many calendar days after it."""
    found = fresh(notice).ends
    assert found is not None
    return found + timedelta(days=more)


def noon(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time(12)))
