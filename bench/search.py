"""search.*: finding members in the register, in SQL: every kind of search through three pairs of eyes.

Measured is all that the list asks for: the page's keys, its rows, and the counts above it. A figure is the 95th
percentile of those eyes that wait longest. The baseline of each is one row by its primary key, in the same run.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from .eyes import WHY, Eyes, eyes
from .figure import p95, sql_time, tell

PAGE = 21
DEEP = 200_000


def _names(count: int) -> list[str]:
    """Names of people who stand in the register, evenly over it: common ones come as often as they are searched."""
    from unionhall.members.models import Person

    rows = Person.objects.everywhere(reason=WHY)
    last = rows.order_by("-pk").values_list("pk", flat=True)[0]
    step = max(1, last // count)
    return list(
        rows.filter(pk__in=range(step // 2, last, step)).order_by("pk").values_list("name", flat=True)
    )


def _numbers(count: int) -> Iterator[tuple[str, str]]:
    from unionhall.members.models import Person

    rows = Person.objects.everywhere(reason=WHY).filter(phone__isnull=False)
    last = rows.order_by("-pk").values_list("pk", flat=True)[0]
    step = max(1, last // count)
    for person in rows.filter(pk__in=range(step // 3, last, step)):
        yield person.id_number.reveal(), person.phone.reveal()


def _page(seen: Eyes, values: dict[str, Any], after: int | None = None) -> list[Any]:
    """A page of the register as the list makes it: the counts above it, its keys, its rows."""
    from unionhall.members.finding import listing
    from unionhall.members.models import Membership
    from unionhall.members.views.register import newest

    rows = listing(seen, values).rows
    if after is not None:
        rows = rows.filter(person_id__lt=after)
    within = Membership.objects.visible_to(seen).current()
    return newest(rows.order_by("-person_id"), PAGE, within)


def _measured(work: Callable[[], Any], times: int = 1) -> list[float]:
    found = []
    for _ in range(times):
        with sql_time() as clock:
            work()
        found.append(clock.ms)
    return found


def _deep_key(seen: Eyes) -> int | None:
    """The key of the row after which page 10,001 begins; None for eyes that see no more rows than that."""
    from unionhall.members.finding import find

    keys = find(seen, {}).order_by("-person_id").values_list("person_id", flat=True)
    found = list(keys[DEEP : DEEP + 1])
    return found[0] if found else None


def measure(samples: int = 60, name: str = "search") -> dict[str, float]:
    """Tell all kinds; answers by kind the p95 of the eyes that wait longest."""
    from unionhall.members.finding import read_number
    from unionhall.members.models import Person

    looking = {who: seen for who, seen in eyes().items() if who != "city"}
    names, numbers = _names(samples), list(_numbers(samples))
    rows = Person.objects.everywhere(reason=WHY)
    pks = list(rows.filter(name__in=names[:50]).values_list("pk", flat=True)[:200])
    single = [ms for pk in pks for ms in _measured(partial(rows.get, pk=pk))]
    baseline = p95(single)
    initials = list(rows.filter(name__in=names).values_list("initials", flat=True)[:samples])
    texts: dict[str, list[str]] = {
        "name1": [word for one in names[: samples // 2] for word in (one[0], one[-1])],
        "name2": [one[:2] for one in names],
        "initials": initials,
    }
    found: dict[str, float] = {}
    for kind, words in texts.items():
        found[kind] = _told(name, kind, looking, [{"q": word} for word in words], baseline)
    for kind, place in (("id", 0), ("phone", 1)):
        asked = [{"found": read_number(pair[place])} for pair in numbers]
        found[kind] = _told(name, kind, looking, asked, baseline)
    found["first"] = _told(name, "first", looking, [{}] * samples, baseline)
    deep = {
        who: _measured(partial(_page, seen, {}, key), samples)
        for who, seen in looking.items()
        if (key := _deep_key(seen)) is not None
    }
    if deep:
        found["after_200000"] = _worst(f"{name}.after_200000", deep, baseline)
    return found


def _told(
    name: str, kind: str, looking: dict[str, Eyes], asked: list[dict[str, Any]], baseline: float
) -> float:
    by_eyes: dict[str, list[float]] = {}
    for who, seen in looking.items():
        _page(seen, asked[0])
        by_eyes[who] = [ms for values in asked for ms in _measured(partial(_page, seen, values))]
    return _worst(f"{name}.{kind}", by_eyes, baseline)


def _worst(name: str, by_eyes: dict[str, list[float]], baseline: float) -> float:
    """Tell the p95 of the eyes that wait longest, the others beside it: a mean over them would hide who waits."""
    detail = {who: p95(values) for who, values in by_eyes.items()}
    worst = max(detail.values())
    shown = {who: round(ms, 2) for who, ms in detail.items()}
    tell(name, worst, "ms", baseline, p95=shown, samples=sum(map(len, by_eyes.values())))
    return worst
