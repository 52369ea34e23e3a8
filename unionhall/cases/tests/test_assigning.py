"""Who should take it: reasons, fairness, conflicts, and firms spread over lawyers so that none is left out."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from unionhall.cases.rules.assigning import (
    Candidate,
    Need,
    Unit,
    nearest,
    nearness,
    passed_over,
    rank,
    spread,
)

LABELS = {"yi": "彝语", "injury": "工伤"}
FEW = settings(max_examples=60, deadline=None)


def test_the_nearest_who_knows_the_matter_comes_first_and_says_why() -> None:
    there = Candidate(1, area="510104", skills=frozenset({"injury"}), load=2)
    far = Candidate(2, area="510700", skills=frozenset({"injury"}))
    other = Candidate(3, area="510104")
    need = Need(area="510104", skill="injury", parties=frozenset({9}))
    found = rank([far, other, there], need, labels=LABELS)
    assert [one.candidate.id for one in found] == [1, 2, 3]
    assert found[0].words == "同一区县；擅长工伤；在办 2 件（上限 10 件）；与当事各方没有登记的利害关系。"
    assert "同一省" in found[1].reasons
    assert "没有登记擅长工伤" in found[2].reasons


def test_a_language_that_is_needed_comes_before_everything_else() -> None:
    near = Candidate(1, area="513401", skills=frozenset({"injury"}))
    speaks = Candidate(2, area="510104", languages=frozenset({"yi"}), load=9)
    found = rank(
        [near, speaks], Need(area="513401", languages=frozenset({"yi"}), skill="injury"), labels=LABELS
    )
    assert [one.candidate.id for one in found] == [2, 1]
    assert "会说彝语" in found[0].reasons
    assert "不会说彝语，需要翻译" in found[1].reasons


def test_who_is_passed_over_is_told_with_the_reason() -> None:
    rows = [
        Candidate(1, conflicts=frozenset({"employer:7"})),
        Candidate(2, on_leave=True),
        Candidate(3, load=5, capacity=5),
        Candidate(4),
        Candidate(5),
    ]
    need = Need(parties=frozenset({"employer:7"}), excluded=frozenset({4}))
    assert [one.candidate.id for one in rank(rows, need)] == [5]
    said = {one.candidate.id: one.reason for one in passed_over(rows, need)}
    assert "回避" in said[1]
    assert "休假" in said[2]
    assert said[3] == "在办 5 件，已到上限 5 件"
    assert "谢绝" in said[4]


def test_nearness_counts_whole_levels() -> None:
    assert nearness("510104001", "510104001002") == 9
    assert nearness("510104", "510107") == 4
    assert nearness("510104", "500104") == 0
    assert nearness("", "510104") == 0
    assert nearest(Candidate(1, area="51", also=("510104",)), "510104") == 6


AREAS = ["", "51", "5101", "510104", "510107", "510704", "500101", "510104001"]
_candidate = st.builds(
    Candidate,
    id=st.integers(1, 10**6),
    area=st.sampled_from(AREAS),
    languages=st.frozensets(st.sampled_from(["yi", "zang"])),
    skills=st.frozensets(st.sampled_from(["injury", "wage"])),
    load=st.integers(0, 6),
    capacity=st.integers(0, 6),
    conflicts=st.frozensets(st.integers(1, 4)),
    on_leave=st.booleans(),
)
_candidates = st.lists(_candidate, max_size=12, unique_by=lambda one: one.id)
_need = st.builds(
    Need,
    area=st.sampled_from(AREAS),
    languages=st.frozensets(st.sampled_from(["yi"])),
    skill=st.sampled_from(["", "injury"]),
    parties=st.frozensets(st.integers(1, 4)),
)


@FEW
@given(_candidates, _need, st.randoms())
def test_the_order_does_not_depend_on_the_order_of_asking(
    rows: list[Candidate], need: Need, luck: object
) -> None:
    mixed = list(rows)
    luck.shuffle(mixed)  # type: ignore[attr-defined]
    assert rank(rows, need) == rank(mixed, need)


@FEW
@given(_candidates, _need)
def test_everybody_is_either_ranked_or_passed_over(rows: list[Candidate], need: Need) -> None:
    ranked = [one.candidate for one in rank(rows, need)]
    passed = [one.candidate for one in passed_over(rows, need)]
    assert sorted(one.id for one in ranked + passed) == sorted(one.id for one in rows)
    for one in ranked:
        assert not one.on_leave
        assert one.load < one.capacity
        assert not one.conflicts & need.parties


@FEW
@given(st.integers(1, 6), st.integers(0, 40))
def test_matters_alike_are_shared_out_evenly(people: int, matters: int) -> None:
    loads = dict.fromkeys(range(1, people + 1), 0)
    for _ in range(matters):
        rows = [Candidate(key, area="510104", load=load, capacity=100) for key, load in loads.items()]
        loads[rank(rows, Need(area="510104"))[0].candidate.id] += 1
    assert sum(loads.values()) == matters
    assert max(loads.values()) - min(loads.values()) <= 1


# --- many at once ---------------------------------------------------------------------------------------------------


def test_each_firm_goes_to_its_own_county_first() -> None:
    firms = [Unit(one, "510104") for one in range(1, 4)] + [Unit(4, "510704")]
    lawyers = [Candidate(1, "510104"), Candidate(2, "510104"), Candidate(3, "510704")]
    found = spread(firms, lawyers, most=2)
    assert found.uncovered == ()
    assert {one.unit: one.candidate for one in found.placings} == {1: 1, 2: 2, 3: 1, 4: 3}
    assert {one.nearness for one in found.placings} == {6}


def test_what_a_county_cannot_take_goes_to_the_city_and_then_the_province() -> None:
    firms = [Unit(one, "510104") for one in range(1, 5)]
    lawyers = [Candidate(1, "510104"), Candidate(2, "510107"), Candidate(3, "510704")]
    assert spread(firms, lawyers, most=2).by_nearness() == {6: 2, 4: 2}
    assert spread(firms, lawyers, most=1).uncovered == (4,)


def test_a_conflict_makes_others_change_places() -> None:
    """Only lawyer 2 has room left for firm 2, and may not serve it: firm 1 moves over."""
    firms = [Unit(1, "510104", frozenset({1})), Unit(2, "510104", frozenset({2}))]
    lawyers = [Candidate(1, "510104"), Candidate(2, "510104", conflicts=frozenset({2}))]
    found = spread(firms, lawyers, most=1)
    assert {one.unit: one.candidate for one in found.placings} == {1: 2, 2: 1}


_units = st.lists(
    st.builds(Unit, st.integers(1, 99), st.sampled_from(AREAS), st.frozensets(st.integers(1, 4), max_size=2)),
    max_size=14,
    unique_by=lambda one: one.id,
)


@FEW
@given(_units, _candidates, st.integers(1, 4))
def test_nobody_is_left_out_who_could_be_served(units: list[Unit], rows: list[Candidate], most: int) -> None:
    found = spread(units, rows, most=most)
    served = [one.unit for one in found.placings]
    assert sorted([*served, *found.uncovered]) == sorted(one.id for one in units)
    known, firms = {one.id: one for one in rows}, {one.id: one for one in units}
    for who, one in known.items():
        held = sum(placing.candidate == who for placing in found.placings)
        assert held <= min(one.room, max(0, most - one.load))
    for placing in found.placings:
        assert not known[placing.candidate].conflicts & firms[placing.unit].parties
    assert len(served) == _greatest(units, rows, most)


def _greatest(units: list[Unit], rows: list[Candidate], most: int) -> int:
    """The greatest number that can be served at all: every single place matched by itself."""
    places = [one for one in rows for _ in range(min(one.room, max(0, most - one.load)))]
    taken: dict[int, Unit] = {}

    def seat(unit: Unit, seen: set[int]) -> bool:
        for number, one in enumerate(places):
            if number in seen or one.conflicts & unit.parties:
                continue
            seen.add(number)
            if number not in taken or seat(taken[number], seen):
                taken[number] = unit
                return True
        return False

    return sum(seat(unit, set()) for unit in units)
