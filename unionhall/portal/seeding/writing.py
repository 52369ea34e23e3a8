"""The invented tree into its tables: unions, both chains, names, terms, successions, employers and coverages."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date

import polars as pl

from unionhall.foundation.bare import bare
from unionhall.kit.periods import years_after
from unionhall.organisations.kinds import Chain, Form, Kind
from unionhall.organisations.models import (
    Coverage,
    Employer,
    Naming,
    Organisation,
    Placement,
    Succession,
    Term,
)

from .province import Province
from .tables import copy, period, reserve, rows
from .unions import Union

__all__ = ["write_tree"]


def write_tree(made: Province, today: date) -> None:
    """COPY everything into empty tables, their indexes and constraints built afterwards."""
    with bare((Employer, Organisation, Placement, Naming, Term, Succession, Coverage), lambda *_: None):
        write_employers(made)
        write_unions(made)
        unions = made.unions
        _numbered(Naming, ("organisation_id", "name", "period"), _namings(unions))
        _numbered(Term, _TERM, _terms(unions))
        _numbered(Succession, _SUCCESSION, _successions(unions))
        _numbered(Coverage, ("organisation_id", "employer_id", "period"), _coverages(unions))


def write_employers(made: Province) -> None:
    """Their own ids are moved to a block taken from the sequence, as those of unions are."""
    firms = made.firms.rows
    first = reserve(Employer, len(firms))
    for firm in firms:
        firm.id += first - 1
    copy(Employer, _employers(made))


def write_unions(made: Province) -> None:
    """The unions and where they stand, in both chains."""
    unions = made.unions
    first = reserve(Organisation, len(unions))
    for union in unions:
        union.id += first - 1
    copy(Organisation, _organisations(unions))
    _numbered(Placement, ("organisation_id", "chain", "parent_id", "path", "period"), _placements(unions))


_TERM = ("organisation_id", "number", "period", "elected_on", "committee_size", "document")
_SUCCESSION = ("organisation_id", "successor_id", "cause", "on", "document")


def _numbered(model: type, names: tuple[str, ...], values: Iterator[tuple[object, ...]]) -> None:
    found = list(values)
    if found:
        first = reserve(model, len(found))
        copy(model, rows(("id", *names), ((first + place, *row) for place, row in enumerate(found))))


def _employers(made: Province) -> pl.DataFrame:
    names = ("id", "name", "uscc", "division", "economic_type", "industry", "employees", "women", "address")
    return rows(
        names,
        (
            (f.id, f.name, f.uscc, f.division, f.economic_type, f.industry, 0, 0, f.address)
            for f in made.firms.rows
        ),
    )


def _organisations(unions: Iterable[Union]) -> pl.DataFrame:
    names = (
        "id", "code", "name", "short_name", "kind", "level", "form", "uscc", "division", "status", "existence",
        "path", "second_path", "parent_id", "industry_parent_id", "legal_certificate", "legal_certificate_until",
        "address", "telephone", "accepts_individuals",
    )  # fmt: skip
    return rows(
        names,
        (
            (
                u.id, u.code, u.name, u.short_name, u.kind.value, int(u.level), Form.COMMITTEE.value, u.uscc,
                u.division, u.status.value, period(u.since, u.until), u.path, u.second_path,
                u.parent.id if u.parent else None, u.industry.id if u.industry else None,
                f"工法证字第{u.uscc[2:4]}{u.id:08d}号" if u.uscc else "", u.certificate_until, u.address, "",
                u.kind == Kind.STREET,
            )
            for u in unions
        ),
    )  # fmt: skip


def _placements(unions: Iterable[Union]) -> Iterator[tuple[object, ...]]:
    for u in unions:
        parent = u.parent.id if u.parent else None
        since = u.since
        if u.former_place:
            origin, path, on = u.former_place
            yield u.id, Chain.REGION.value, origin.id, path, period(since, on)
            since = on
        yield u.id, Chain.REGION.value, parent, u.path, period(since, u.until)
        if u.second_path and u.second_parent:
            yield (
                u.id,
                Chain.INDUSTRY.value,
                u.second_parent.id,
                u.second_path,
                period(u.since, u.until),
            )


def _namings(unions: Iterable[Union]) -> Iterator[tuple[object, ...]]:
    for u in unions:
        since = u.since
        if u.former_name:
            was, on = u.former_name
            yield u.id, was, period(since, on)
            since = on
        yield u.id, u.name, period(since, u.until)


def _terms(unions: Iterable[Union]) -> Iterator[tuple[object, ...]]:
    """The present term and those before it, back to the union's beginning (three at most)."""
    for u in unions:
        if u.term is None:
            continue
        number, start, end = u.term
        if u.until is not None:
            end = min(end, u.until)
            if end <= start:
                continue
        size = 3 if u.weight < 0.5 else 5 if u.weight < 2 else 9
        yield u.id, number, period(start, end), start, size, _document(start, u)
        for back in range(1, min(number, 3)):
            begun, over = years_after(start, -3 * back), years_after(start, -3 * (back - 1))
            if begun < u.since:
                break
            yield u.id, number - back, period(begun, over), begun, size, _document(begun, u)


def _document(day: date, union: Union) -> str:
    return f"总工批〔{day.year}〕{union.id % 300 + 1}号"


def _successions(unions: Iterable[Union]) -> Iterator[tuple[object, ...]]:
    for u in unions:
        if u.successor and u.status.value == "merged":
            successor, cause, on = u.successor
            yield u.id, successor.id, cause, on, _document(on, u)


def _coverages(unions: Iterable[Union]) -> Iterator[tuple[object, ...]]:
    for u in unions:
        if u.level > 5:
            continue
        for firm in u.employers:
            yield u.id, firm.id, period(u.since, u.until)
            if u.until and u.successor and u.status.value == "merged":
                yield u.successor[0].id, firm.id, period(u.until)
