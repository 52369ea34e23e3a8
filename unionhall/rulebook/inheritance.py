"""Narrow areas take what they leave out from wider ones: nation → province → city → county.

A version with `inherits = true` is completed by the version of the nearest wider area in force on each day. Where the
wider one changes during its time, it becomes several versions, one after the other.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from .reading import Heir, inherit
from .versions import Mistake, Version

#: The days on which versions of each area start.
Starts = Mapping[str, set[date]]


def completed(
    heirs: Iterable[Heir], versions: Iterable[Version[Any]], mistakes: list[Mistake]
) -> list[Version[Any]]:
    """All versions of one programme, each to its end: those at hand, and the heirs completed, wider areas first."""
    given, waiting = list(versions), list(heirs)
    starts: dict[str, set[date]] = defaultdict(set)
    for area, day in [(one.jurisdiction, one.starts) for one in given] + [
        (one.header.jurisdiction, one.header.starts) for one in waiting
    ]:
        starts[area].add(day)
    found = [_ended(one, starts) for one in given]
    for heir in sorted(waiting, key=lambda one: len(one.header.jurisdiction)):
        found += _segments(heir, found, starts, mistakes)
    return found


def _following(area: str, day: date, starts: Starts) -> date | None:
    """When the next version of an area starts."""
    return min((one for one in starts[area] if one > day), default=None)


def _ended(version: Version[Any], starts: Starts) -> Version[Any]:
    """A version to the start of the next one of its area, if its text does not end it before."""
    last = _following(version.jurisdiction, version.starts, starts)
    if last is None or (version.ends is not None and version.ends <= last):
        return version
    return replace(version, ends=last)


def _segments(
    heir: Heir, versions: list[Version[Any]], every: Starts, mistakes: list[Mistake]
) -> list[Version[Any]]:
    """The heir's time, cut where the version above it changes."""
    area, starts, ends = heir.header.jurisdiction, heir.header.starts, heir.header.until
    above = [one for one in versions if one.jurisdiction != area and area.startswith(one.jurisdiction)]
    # The next of its own area ends it, as everywhere.
    last = _following(area, starts, every)
    cuts = {day for one in above for day in (one.starts, one.ends) if day is not None and day > starts}
    days = sorted(
        {starts, *(day for day in cuts if (ends is None or day < ends) and (last is None or day < last))}
    )
    pieces: list[tuple[date, Version[Any]]] = []
    for day in days:
        fitting = [one for one in above if one.holds_on(day)]
        if not fitting:
            words = f"{day} 起没有更大地区的方案可以沿用，请写全参数并删去 inherits。"
            mistakes.append(Mistake(heir.place, words))
            return []
        wider = max(fitting, key=lambda one: len(one.jurisdiction))
        if not pieces or pieces[-1][1] is not wider:
            pieces.append((day, wider))
    until = [day for day, _ in pieces[1:]] + [ends]
    made = [inherit(heir, wider, day, end, mistakes) for (day, wider), end in zip(pieces, until, strict=True)]
    return [_ended(one, every) for one in made if one is not None]
