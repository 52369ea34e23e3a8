"""What a person can get: each offered programme's version for his place, judged on facts from one statement.

Other nouns call `reconsider(person_ids)` in the transaction that changed a fact; who newly qualifies is then told.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from typing import Any

from django.db.models import Exists, OuterRef, Q

from unionhall import rulebook
from unionhall.foundation.compiled import Compiled, Given
from unionhall.organisations.models import Organisation
from unionhall.rulebook import Version
from unionhall.rulebook.book import Book, book
from unionhall.rulebook.calculators import Table
from unionhall.rulebook.comparators import Bounds
from unionhall.rulebook.conditions import Clause
from unionhall.rulebook.eligibility import Verdict, clauses_of, codes_of, judge_values, meets
from unionhall.rulebook.facts import UnknownFact, expressions, fact
from unionhall.rulebook.population import people

from .amounts import amount_of
from .offering import Offering, Use, offerings
from .rules.entitlements import Gap, Group, group_of
from .schemes.entitlements import EntitlementsScheme

#: Persons of one job of `reconsider`.
TOGETHER = 5_000
#: Facts that joining a union here would bring about.
_JOINING = ("membership.", "card.")
_MEMBER = "membership.member"
_FIXED = frozenset({"person.sex"})


@dataclass(frozen=True)
class Entitlement:
    """One benefit judged for one person. `had`: he has it or it is under way."""

    offering: Offering
    version: Version[Any]
    verdict: Verdict
    values: dict[str, Any]
    had: bool
    near_most: int
    uses: list[Use] = field(default_factory=list)

    @property
    def group(self) -> Group:
        used = bool(self.uses) or self.had
        return group_of(
            self.verdict.met, self.gaps, used=used, near_most=self.near_most,
            looked_into=self.offering.looked_into,
        )  # fmt: skip

    @property
    def gaps(self) -> list[Gap]:
        return gaps_of(self.verdict, self.values)

    @property
    def amount(self) -> str:
        return amount_of(self.version.parameters, self.values)


# Versions -------------------------------------------------------------------------------------------------------


def home() -> str:
    """The division of the federation itself, for people who stand in none of its unions. One statement."""
    rows = Organisation.objects.everywhere(reason="the federation's own place is on every page")
    return rows.filter(parent=None).order_by("path").values_list("division", flat=True).first() or ""


def top() -> str:
    """The path of the federation itself: what concerns all its people is done there. One statement."""
    rows = Organisation.objects.everywhere(reason="the federation's own place is on every page")
    return rows.filter(parent=None).order_by("path").values_list("path", flat=True).first() or ""


def settings_for(division: str, on: date) -> EntitlementsScheme:
    return _settings(book(), division, on)


@lru_cache(maxsize=256)
def _settings(known: Book, division: str, on: date) -> EntitlementsScheme:
    """A book is never changed: what is published makes another one."""
    return rulebook.scheme(EntitlementsScheme, on, division).parameters


def versions_for(division: str, on: date) -> list[tuple[Offering, Version[Any]]]:
    """Each offered programme that has a version in a place, in the order of the headings; no statement."""
    return list(_versions(book(), tuple(offerings()), division, on))


@lru_cache(maxsize=256)
def _versions(
    known: Book, offered: tuple[Offering, ...], division: str, on: date
) -> tuple[tuple[Offering, Version[Any]], ...]:
    """As with `_settings`."""
    found = []
    for one in offered:
        version = None if known.mistakes.get(one.programme) else known.pick(one.programme, on, division)
        if version is not None:
            found.append((one, version))
    return tuple(found)


def in_force(on: date, programmes: Collection[str] | None = None) -> dict[str, list[Version[Any]]]:
    """All areas' versions of the offered programmes that hold on a day: of each area the latest."""
    found: dict[str, list[Version[Any]]] = {}
    for one in offerings():
        code = one.programme
        if book().mistakes.get(code) or (programmes is not None and code not in programmes):
            continue
        latest = {v.jurisdiction: v for v in book().versions.get(code, ()) if v.holds_on(on)}
        if latest:
            found[code] = list(latest.values())
    return found


# One person -----------------------------------------------------------------------------------------------------


def judged(person_id: int, division: str, on: date, *, only: str = "") -> list[Entitlement]:
    """Every benefit of a place (or `only` one) judged for a person, with whether he has it: one statement for all."""
    offered = [(one, version) for one, version in versions_for(division, on) if only in ("", one.programme)]
    if not offered:
        return []
    values, had = known(person_id, offered, on)
    verdicts = judge_values(values, [version for _, version in offered], on)
    near = settings_for(division, on).near_unmet_most
    return [
        Entitlement(one, version, verdict, values, one.programme in had, near)
        for (one, version), verdict in zip(offered, verdicts, strict=True)
    ]


def with_uses(found: Iterable[Entitlement], person_id: int, on: date) -> list[Entitlement]:
    """The same with what he has had of each: a fixed number of statements per offering."""
    return [
        Entitlement(
            one.offering, one.version, one.verdict, one.values, one.had, one.near_most,
            one.offering.used(person_id, on),
        )
        for one in found
    ]  # fmt: skip


def recommended(person_id: int, division: str, on: date) -> list[Entitlement]:
    """What he qualifies for, has not used and would have to ask for, a few at most; one statement.

    Only what is shown is put into words.
    """
    offered = [(one, version) for one, version in versions_for(division, on) if one.apply]
    if not offered:
        return []
    values, had = known(person_id, offered, on)
    scheme = settings_for(division, on)
    found: list[Entitlement] = []
    for one, version in offered:
        if len(found) == scheme.recommended_most:
            break
        if one.programme not in had and meets(values, version, on):
            (verdict,) = judge_values(values, [version], on)
            found.append(Entitlement(one, version, verdict, values, False, scheme.near_unmet_most))
    return found


def known(
    person_id: int, offered: Sequence[tuple[Offering, Version[Any]]], on: date
) -> tuple[dict[str, Any], set[str]]:
    """Facts of a person by code, and the programmes of which he has something, in one statement."""
    codes = frozenset().union(*(_asks(version) for _, version in offered))
    having = tuple(one for one, _ in offered if one.had is not None)
    rows = _statement(on, codes, having)(person=person_id)
    if not rows:
        return {}, set()
    (row,) = rows
    values = {code: getattr(row, fact(code).alias) for code in codes}
    return values, {one.programme for number, one in enumerate(having) if getattr(row, f"had_{number}")}


def _asks(version: Version[Any]) -> frozenset[str]:
    """What judging needs, what a table of sums is read by, and whether joining could help. Kept with the version."""
    known: frozenset[str] | None = version.__dict__.get("_asks")
    if known is None:
        found = codes_of([version]) | {_MEMBER}
        amount = getattr(version.parameters, "amount", None)
        if isinstance(amount, Table) and _is_fact(amount.fact):
            found.add(amount.fact)
        known = version.__dict__["_asks"] = frozenset(found)
    return known


def _is_fact(code: str) -> bool:
    try:
        return bool(fact(code))
    except UnknownFact:  # an input of a rule, such as the level on a certificate
        return False


@lru_cache(maxsize=16)
def _statement(on: date, codes: frozenset[str], having: tuple[Offering, ...]) -> Compiled[Any]:
    """Written once for a day and a place's programmes: with thirty facts Django takes longer than PostgreSQL."""
    had = {
        f"had_{number}": Exists(one.had(on).filter(person_id=OuterRef("pk")))
        for number, one in enumerate(having)
        if one.had is not None
    }
    return Compiled(
        lambda: people(on, Q(pk=Given("person"))).only("pk").annotate(**expressions(codes, on), **had)
    )


# What is missing ------------------------------------------------------------------------------------------------


def gaps_of(verdict: Verdict, values: dict[str, Any]) -> list[Gap]:
    """What each unmet condition would take."""
    clauses = clauses_of(verdict.version)
    found = [
        Gap.JOINING for reason in verdict.reasons[: len(verdict.reasons) - len(clauses)] if not reason.met
    ]
    reasons = verdict.reasons[len(verdict.reasons) - len(clauses) :]
    return found + [gap(one, values) for one, reason in zip(clauses, reasons, strict=True) if not reason.met]


def gap(clause: Clause, values: dict[str, Any]) -> Gap:
    """What an unmet clause would take; of several that would do, the easiest."""
    found = [_gap(asked.fact_code, comparator, values) for asked, comparator in clause.leaves()]
    if clause.none is not None or not found:
        return Gap.CHANGING
    order = list(Gap)
    return (min if clause.any is not None else max)(found, key=order.index)


def _gap(code: str, comparator: Any, values: dict[str, Any]) -> Gap:
    value, asked = values.get(code), fact(code)
    if code.startswith(_JOINING) and values.get(_MEMBER) is not True:
        return Gap.JOINING
    if code in _FIXED and value is not None:
        return Gap.NEVER
    if asked.since is not None and isinstance(comparator, Bounds) and value is not None:
        over = comparator.at_most is not None and value > comparator.at_most
        return Gap.NEVER if over else Gap.WAITING
    return Gap.CHANGING


# Telling --------------------------------------------------------------------------------------------------------


def reconsider(person_ids: Iterable[int]) -> None:
    """A fact of these people changed: who now qualifies for something is told, once the transaction is through."""
    from .tasks.entitlements import reconsider as job

    wanted = sorted(set(person_ids))
    for begin in range(0, len(wanted), TOGETHER):
        job.defer(person_ids=wanted[begin : begin + TOGETHER])
