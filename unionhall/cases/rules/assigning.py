"""Who should take it: one matter to a mediator, lawyer or handler with the reasons; many firms to many lawyers.

Pure and deterministic: the same candidates in any order give the same answer. Nearness is that of division codes.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from heapq import heapify, heappop, heappush

#: Digits of a division code that two places share, the nearest first, and how it is said.
NEARNESS = ((12, "同一社区"), (9, "同一街道（乡镇）"), (6, "同一区县"), (4, "同一市"), (2, "同一省"))
ANYWHERE = "跨省"


@dataclass(frozen=True)
class Candidate:
    """One who could take it. `load` is what is on the desk now, of at most `capacity` (0: takes nothing).

    `conflicts`: parties against whom he may not act, by whatever keys `Need.parties` uses; `barred`: why he may not act
    here at all, in words. `also`: further areas.
    """

    id: int
    area: str = ""
    languages: frozenset[str] = frozenset()
    skills: frozenset[str] = frozenset()
    load: int = 0
    capacity: int = 10
    conflicts: frozenset[Hashable] = frozenset()
    barred: str = ""
    on_leave: bool = False
    also: tuple[str, ...] = ()

    @property
    def room(self) -> int:
        return 0 if self.on_leave else max(0, self.capacity - self.load)


@dataclass(frozen=True)
class Need:
    """What is asked for. `excluded`: candidates who shall not be asked (again), such as those who declined."""

    area: str = ""
    languages: frozenset[str] = frozenset()
    skill: str = ""
    excluded: frozenset[int] = frozenset()
    parties: frozenset[Hashable] = frozenset()


@dataclass(frozen=True)
class Choice:
    """A candidate who can take it, and why he stands where he stands in the order."""

    candidate: Candidate
    nearness: int
    need: Need
    labels: Mapping[str, str]

    @property
    def reasons(self) -> tuple[str, ...]:
        """Put into words when somebody reads them: of ten thousand, twenty are read."""
        return _reasons(self, self.labels)

    @property
    def words(self) -> str:
        return "；".join(self.reasons) + "。"


@dataclass(frozen=True)
class PassedOver:
    candidate: Candidate
    reason: str


@lru_cache(maxsize=100_000)
def nearness(here: str, there: str) -> int:
    """Digits of the division that both stand in: 12, 9, 6, 4, 2, or 0 when they share none (or one is unknown)."""
    for digits, _ in NEARNESS:
        if len(here) >= digits and len(there) >= digits and here[:digits] == there[:digits]:
            return digits
    return 0


def nearest(candidate: Candidate, area: str) -> int:
    return max(nearness(one, area) for one in (candidate.area, *candidate.also))


def how_near(digits: int) -> str:
    return next((words for held, words in NEARNESS if held == digits), ANYWHERE)


def rank(
    candidates: Iterable[Candidate], need: Need, *, labels: dict[str, str] | None = None
) -> list[Choice]:
    """Those who can take it, the best first: language, then skill, then the nearest, then who has least to do.

    Left out: on leave, full, in conflict with a party, excluded (`passed_over` says which). Where all else is equal
    the least loaded comes first, so work spreads evenly. `labels`: Chinese words of languages and skills.
    """
    found = [
        Choice(one, nearest(one, need.area), need, labels or {})
        for one in candidates
        if not _objection(one, need)
    ]
    return sorted(found, key=_order)


def passed_over(candidates: Iterable[Candidate], need: Need) -> list[PassedOver]:
    """Those who cannot take it, each with the reason."""
    found = [PassedOver(one, _objection(one, need)) for one in sorted(candidates, key=lambda one: one.id)]
    return [one for one in found if one.reason]


def _objection(one: Candidate, need: Need) -> str:
    if one.id in need.excluded:
        return "已经谢绝或退出过这件事"
    if one.barred:
        return one.barred
    if one.conflicts & need.parties:
        return "与当事一方有利害关系，依法回避"
    if one.on_leave:
        return "正在休假"
    if one.load >= one.capacity:
        return f"在办 {one.load} 件，已到上限 {one.capacity} 件"
    return ""


def _order(choice: Choice) -> tuple[int, int, int, float, int, int]:
    one, need = choice.candidate, choice.need
    lacking = len(need.languages - one.languages)
    unskilled = int(bool(need.skill) and need.skill not in one.skills)
    return lacking, unskilled, -choice.nearness, one.load / one.capacity, one.load, one.id


def _reasons(choice: Choice, labels: Mapping[str, str]) -> tuple[str, ...]:
    one, need = choice.candidate, choice.need
    said = []
    if need.area:
        said.append(how_near(choice.nearness))
    if spoken := sorted(need.languages & one.languages):
        said.append("会说" + "、".join(labels.get(code, code) for code in spoken))
    if lacking := sorted(need.languages - one.languages):
        said.append("不会说" + "、".join(labels.get(code, code) for code in lacking) + "，需要翻译")
    if need.skill:
        word = labels.get(need.skill, need.skill)
        said.append(f"擅长{word}" if need.skill in one.skills else f"没有登记擅长{word}")
    said.append(f"在办 {one.load} 件（上限 {one.capacity} 件）")
    if need.parties:
        said.append("与当事各方没有登记的利害关系")
    return tuple(said)


# --- many at once ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Unit:
    """A firm that somebody shall serve. `parties`: keys looked for among the candidates' conflicts."""

    id: int
    area: str = ""
    parties: frozenset[Hashable] = frozenset()


@dataclass(frozen=True)
class Placing:
    unit: int
    candidate: int
    nearness: int

    @property
    def words(self) -> str:
        return how_near(self.nearness)


@dataclass(frozen=True)
class Spread:
    """Who serves whom, by unit; `uncovered` are those for whom nobody is left."""

    placings: tuple[Placing, ...]
    uncovered: tuple[int, ...]

    def by_nearness(self) -> dict[int, int]:
        found: dict[int, int] = {}
        for one in self.placings:
            found[one.nearness] = found.get(one.nearness, 0) + 1
        return dict(sorted(found.items(), reverse=True))


@dataclass
class _Slots:
    """What each candidate holds while units are being placed."""

    candidates: dict[int, Candidate]
    room: dict[int, int]
    held: dict[int, list[Unit]] = field(default_factory=dict)
    at: dict[int, int] = field(default_factory=dict)

    def burden(self, who: int) -> tuple[int, int]:
        return self.candidates[who].load + len(self.held.get(who, ())), who

    def free(self, who: int) -> bool:
        return len(self.held.get(who, ())) < self.room[who]

    def may(self, who: int, unit: Unit) -> bool:
        return not self.candidates[who].conflicts & unit.parties

    def put(self, unit: Unit, who: int) -> None:
        before = self.at.get(unit.id)
        if before is not None:
            self.held[before].remove(unit)
        self.held.setdefault(who, []).append(unit)
        self.at[unit.id] = who


def spread(units: Sequence[Unit], candidates: Sequence[Candidate], *, most: int) -> Spread:
    """Each unit to one candidate who then holds at most `most` (and at most his capacity, his load included).

    The nearest area is served first: whoever stands in the same street, then county, city, province, then anyone;
    within an area the least loaded. Where conflicts leave a unit over although there is room, others change places, so
    none is uncovered that could be covered at all.
    """
    known = {one.id: one for one in sorted(candidates, key=lambda one: one.id)}
    room = {key: min(one.room, max(0, most - one.load)) for key, one in known.items()}
    slots = _Slots(known, room)
    left = sorted(units, key=lambda one: one.id)
    for digits in (*(held for held, _ in NEARNESS), 0):
        left = _place(slots, left, digits)
    some = any(slots.free(who) for who in known)
    uncovered = [one.id for one in left if not (some and _make_room(slots, one))]
    areas = {one.id: one.area for one in units}
    placings = tuple(
        Placing(unit, who, nearest(known[who], areas[unit])) for unit, who in sorted(slots.at.items())
    )
    return Spread(placings, tuple(uncovered))


def _place(slots: _Slots, units: list[Unit], digits: int) -> list[Unit]:
    """Place those who share so many digits with someone who has room; answers with the others."""
    groups: dict[str, list[Unit]] = {}
    left: list[Unit] = []
    for unit in units:
        if len(unit.area) < digits:
            left.append(unit)
        else:
            groups.setdefault(unit.area[:digits], []).append(unit)
    near: dict[str, set[int]] = {}
    for who, one in slots.candidates.items():
        for area in (one.area, *one.also) if digits else ("",):
            if len(area) >= digits and slots.free(who):
                near.setdefault(area[:digits], set()).add(who)
    for area in sorted(groups):
        queue = [slots.burden(who) for who in near.get(area, ()) if slots.free(who)]
        heapify(queue)
        left += [unit for unit in groups[area] if not _take(slots, queue, unit)]
    return sorted(left, key=lambda one: one.id)


def _take(slots: _Slots, queue: list[tuple[int, int]], unit: Unit) -> bool:
    aside = []
    taken = False
    while queue and not taken:
        burden, who = heappop(queue)
        if slots.may(who, unit):
            slots.put(unit, who)
            taken = True
            if slots.free(who):
                heappush(queue, slots.burden(who))
        else:
            aside.append((burden, who))
    for entry in aside:
        heappush(queue, entry)
    return taken


def _make_room(slots: _Slots, unit: Unit) -> bool:
    """The shortest chain of changes that ends at someone with room (an augmenting path), carried out if found."""
    came: dict[int, tuple[Unit, int | None]] = {
        who: (unit, None) for who in slots.candidates if slots.room[who] and slots.may(who, unit)
    }
    queue = deque(sorted(came))
    while queue:
        who = queue.popleft()
        if slots.free(who):
            _carry_out(slots, came, who)
            return True
        for moved in slots.held.get(who, ()):
            for other in slots.candidates:
                if other not in came and slots.room[other] and slots.may(other, moved):
                    came[other] = (moved, who)
                    queue.append(other)
    return False


def _carry_out(slots: _Slots, came: dict[int, tuple[Unit, int | None]], last: int) -> None:
    who: int | None = last
    while who is not None:
        unit, before = came[who]
        slots.put(unit, who)
        who = before
