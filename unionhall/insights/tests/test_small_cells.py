"""Small cells: what is withheld cannot be had by subtraction, and nothing more is withheld than need be."""

from fractions import Fraction
from itertools import product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from unionhall.insights import rules

LIMIT = 5
counts = st.integers(0, 14)


def determined(equations: list[dict[Any, int]], unknown: set[Any]) -> set[Any]:
    """Unknowns that the equations fix to one number: those whose column is a unit vector in the reduced form."""
    names = sorted(unknown, key=str)
    rows = [[Fraction(one.get(name, 0)) for name in names] for one in equations]
    pivots: list[int] = []
    rank = 0
    for column in range(len(names)):
        found = next((i for i in range(rank, len(rows)) if rows[i][column]), None)
        if found is None:
            continue
        rows[rank], rows[found] = rows[found], rows[rank]
        head = rows[rank][column]
        rows[rank] = [value / head for value in rows[rank]]
        for i, row in enumerate(rows):
            if i != rank and row[column]:
                rows[i] = [a - row[column] * b for a, b in zip(row, rows[rank], strict=True)]
        pivots.append(column)
        rank += 1
    return {
        names[column]
        for row, column in zip(rows, pivots, strict=False)
        if not any(row[other] for other in range(len(names)) if other != column)
    }


def possible(hidden: int, whole: int) -> int:
    """How many values the first of `hidden` cells may have when they add up to `whole` (none negative)."""
    return 1 if hidden == 1 else whole + 1


@given(st.dictionaries(st.sampled_from("abcdefg"), counts, min_size=1))
def test_no_cell_of_a_table_follows_from_its_total(cells: dict[str, int]) -> None:
    total = sum(cells.values())
    hidden = rules.withheld(cells, LIMIT, total=total)
    assert {key for key, count in cells.items() if 0 < count < LIMIT} <= hidden
    if hidden and total >= LIMIT:
        assert possible(len(hidden), sum(cells[key] for key in hidden)) >= LIMIT


@given(st.dictionaries(st.sampled_from("abcdefg"), st.one_of(st.just(0), st.integers(LIMIT, 40)), min_size=1))
def test_nothing_is_withheld_where_nothing_is_small(cells: dict[str, int]) -> None:
    assert rules.withheld(cells, LIMIT, total=sum(cells.values())) == set()


def test_as_little_as_possible_is_withheld() -> None:
    assert rules.withheld({"a": 40, "b": 2, "c": 12, "d": 60}, LIMIT, total=114) == {"b", "c"}
    # A member who stands in none of the cells keeps the total from giving the one cell away.
    assert rules.withheld({"a": 40, "b": 2}, LIMIT, total=47) == {"b"}
    # Two members directly in the union are a small number too: someone below is left out for their sake.
    assert rules.withheld({"a": 40, "b": 20}, LIMIT, total=62) == {"b"}


unions = st.dictionaries(
    st.sampled_from("abcdef"), st.tuples(counts, counts, counts), min_size=1, max_size=6
).map(
    lambda found: {
        key: {"whole": women + men, "women": women, "young": min(young, women + men)}
        for key, (women, men, young) in found.items()
    }
)


@settings(max_examples=150)
@given(st.lists(unions, min_size=1, max_size=4), st.integers(0, 8))
def test_no_figure_follows_from_rows_totals_and_siblings(cities: list[dict[str, Any]], direct: int) -> None:
    """A tree of two levels under one top: what its reader sees on every page together fixes no withheld number."""
    codes = ("whole", "women", "young")
    sums = [{code: sum(row[code] for row in city.values()) for code in codes} for city in cities]
    for row in sums:
        row["whole"] += direct  # members directly in the city's union, men all of them
    top = {code: sum(row[code] for row in sums) for code in codes}
    known: dict[Any, int] = {}
    everything: dict[Any, int] = {("top", code): top[code] for code in codes}
    hidden_top = rules.withheld_figures(top, "whole", LIMIT)
    upper = rules.withheld_rows(top, dict(enumerate(sums)), "whole", LIMIT, hidden_top)
    hidden: set[Any] = {("top", code) for code in hidden_top}
    equations: list[dict[Any, int]] = [
        {("top", code): 1} | {(i, code): -1 for i in range(len(cities))} for code in codes
    ]
    for number, (city, own) in enumerate(zip(cities, sums, strict=True)):
        everything |= {(number, code): own[code] for code in codes}
        hidden |= {(number, code) for code in upper[number]}
        lower = rules.withheld_rows(own, city, "whole", LIMIT, upper[number])
        for code in codes:
            rest: dict[Any, int] = {(number, code, "rest"): -1} if direct else {}
            # The rest is shown nowhere, so it is unknown as long as nobody can subtract everything else.
            everything |= dict.fromkeys(rest, own[code] - sum(row[code] for row in city.values()))
            hidden |= set(rest)
            equations.append({(number, code): 1} | {(number, code, key): -1 for key in city} | rest)
        for key, row in city.items():
            everything |= {(number, code, key): row[code] for code in codes}
            hidden |= {(number, code, key) for code in lower[key]}
    known = {name: value for name, value in everything.items() if name not in hidden}
    fixed = determined(equations, hidden)
    leaked = {name: everything[name] for name in fixed if rules.is_small(everything[name], LIMIT)}
    assert leaked == {}, (known, leaked)
    # Remainders (men) are fixed only where both the whole and the part are.
    for name in [one for one in everything if one[1] == "women"]:
        whole = (name[0], "whole", *name[2:])
        seen = all(one not in hidden or one in fixed for one in (name, whole))
        assert not (seen and rules.is_small(everything[whole] - everything[name], LIMIT))


@pytest.mark.parametrize(
    ("count", "shown"), list(zip(range(5, 15), [5, 5, 5, 10, 10, 10, 10, 10, 15, 15], strict=True))
)
def test_rounding_goes_to_the_nearest_multiple(count: int, shown: int) -> None:
    assert rules.rounded(count, LIMIT) == shown


def test_the_solver_of_these_tests_finds_what_subtraction_finds() -> None:
    """x + y = …, x known elsewhere: y follows. Without this the property above could not fail."""
    assert determined([{"x": 1, "y": 1}, {"x": 1}], {"x", "y"}) == {"x", "y"}
    assert determined([{"x": 1, "y": 1}], {"x", "y"}) == set()
    for cells in product(range(4), repeat=2):
        assert rules.withheld(dict(zip("ab", cells, strict=True)), 2) == {
            key for key, count in zip("ab", cells, strict=True) if count == 1
        }
