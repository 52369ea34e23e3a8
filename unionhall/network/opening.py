"""Which nodes are open at a moment: for a whole list in one statement, and in words for those on a page."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta

from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from unionhall.foundation.models import Holiday

from .models import Node, NodeException, NodeHours, NodeQuerySet
from .rules import opening as rules
from .rules.opening import AHEAD, Opening, Stretch, Week

_WHY = "opening hours of the union's stations are public"


def holidays(day: date) -> dict[date, bool]:
    """Days from this one on that depart from the week."""
    rows = Holiday.objects.filter(day__gte=day, day__lt=day + timedelta(days=AHEAD))
    return dict(rows.values_list("day", "is_working_day"))


def open_at(rows: NodeQuerySet, now: datetime) -> NodeQuerySet:
    """Nodes that receive people and are open at a moment (local time)."""
    day, clock = now.date(), now.time()
    table = dict(Holiday.objects.filter(day=day).values_list("day", "is_working_day"))
    exceptions = NodeException.objects.everywhere(reason=_WHY).filter(node=OuterRef("pk"), on=day)
    hours = NodeHours.objects.everywhere(reason=_WHY).filter(
        node=OuterRef("pk"), opens__lte=clock, closes__gt=clock
    )
    usual = Q(open_on_holidays=True) & Q(Exists(hours.filter(weekday=day.weekday())))
    kept = rules.weekday_of(day, table, open_on_holidays=False)
    if kept is not None:
        usual |= Q(open_on_holidays=False) & Q(Exists(hours.filter(weekday=kept)))
    today = Exists(exceptions.filter(opens__lte=clock, closes__gt=clock))
    return rows.receiving().filter(Q(today) | (usual & ~Q(Exists(exceptions))))


def weeks(nodes: Iterable[Node], day: date) -> dict[int, Week]:
    """What each node says about its opening: two statements however many nodes."""
    found = list(nodes)
    hours: dict[int, dict[int, list[Stretch]]] = defaultdict(lambda: defaultdict(list))
    rows = NodeHours.objects.everywhere(reason=_WHY).filter(node__in=found)
    for node, weekday, opens, closes in rows.values_list("node_id", "weekday", "opens", "closes"):
        hours[node][weekday].append((opens, closes))
    exceptions: dict[int, dict[date, list[Stretch]]] = defaultdict(dict)
    days = NodeException.objects.everywhere(reason=_WHY).filter(
        node__in=found, on__gte=day, on__lt=day + timedelta(days=AHEAD)
    )
    for node, on, first, last in days.values_list("node_id", "on", "opens", "closes"):
        exceptions[node][on] = [(first, last)] if first is not None and last is not None else []
    return {one.pk: Week(hours[one.pk], exceptions[one.pk], one.open_on_holidays) for one in found}


def openings(nodes: Iterable[Node], now: datetime | None = None) -> Mapping[int, Opening]:
    """Each node's answer now: three statements for all."""
    found = list(nodes)
    moment = timezone.localtime(now)
    said = weeks(found, moment.date())
    table = holidays(moment.date())
    return {
        one.pk: rules.opening(said[one.pk], moment, table)
        if one.is_receiving
        else Opening(False, None, one.get_state_display())
        for one in found
    }
