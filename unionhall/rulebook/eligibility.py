"""Who meets the conditions of schemes: one person with reasons, or everyone in one scan."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

from django.db.models import Q, QuerySet
from django.db.models.functions import Left
from django.utils import timezone

from unionhall.foundation.compiled import Compiled, Given
from unionhall.organisations.models import Organisation

from . import conditions
from .book import book
from .comparators import any_of
from .conditions import Clause, Reason, Values
from .counting import Asked, count
from .facts import expressions, fact
from .population import people
from .versions import Version

DIVISION = "membership.division"
MEMBER = "membership.member"


@dataclass(frozen=True)
class Verdict:
    """A scheme judged for one person. `met` is None where something decisive is not known."""

    programme: str
    version: Version[Any]
    met: bool | None
    reasons: tuple[Reason, ...]

    @property
    def unmet(self) -> tuple[Reason, ...]:
        """What is missing, in the order of the scheme."""
        return tuple(reason for reason in self.reasons if not reason.met)


def clauses_of(version: Version[Any]) -> tuple[Clause, ...]:
    """The conditions of a version; () where its programme has none."""
    found: tuple[Clause, ...] = getattr(version.parameters, "conditions", ())
    return found


def asks_membership(version: Version[Any]) -> bool:
    """Whether a version is for members alone."""
    return MEMBER in conditions.codes(clauses_of(version))


def codes_of(versions: Iterable[Version[Any]]) -> set[str]:
    """Facts that judging these versions needs; the division tells where each person belongs."""
    return {DIVISION}.union(*(conditions.codes(clauses_of(version)) for version in versions))


def values(persons: Collection[int], codes: Collection[str], on: date) -> dict[int, dict[str, Any]]:
    """Facts of persons, by person and fact code, in one statement."""
    if not persons:
        return {}
    names = {fact(code).alias: code for code in codes}
    if len(persons) == 1:
        found = _of_one(frozenset(codes), on, timezone.localdate())(person=next(iter(persons)))
        return {one.pk: {code: getattr(one, alias) for alias, code in names.items()} for one in found}
    rows = people(on, Q(pk__in=persons)).values("pk", **expressions(codes, on))
    return {row.pop("pk"): {names[alias]: value for alias, value in row.items()} for row in rows}


@lru_cache(maxsize=64)
def _of_one(codes: frozenset[str], on: date, today: date) -> Compiled[Any]:
    """The statement for one person, written once: his page asks for the same facts again and again.

    Of `today` depends how the period in force is looked for (`population.in_force`).
    """
    rows = people(on, Q(pk=Given("person")))
    return Compiled(lambda: rows.only("pk").annotate(**expressions(codes, on)))


def judge_values(known: Values, versions: Iterable[Version[Any]], on: date) -> list[Verdict]:
    """Each version judged on facts at hand."""
    found = []
    for version in versions:
        reasons = conditions.explain(clauses_of(version), known, on)
        if (elsewhere := _elsewhere(version, known)) is not None:
            reasons = (elsewhere, *reasons)
        met = conditions.every(reason.met for reason in reasons)
        found.append(Verdict(version.programme, version, met, reasons))
    return found


def meets(known: Values, version: Version[Any], on: date) -> bool | None:
    """The `met` of its verdict, without the words."""
    found = conditions.met(clauses_of(version), known, on)
    elsewhere = _elsewhere(version, known)
    return found if elsewhere is None else conditions.every((elsewhere.met, found))


def _elsewhere(version: Version[Any], known: Values) -> Reason | None:
    """A version for an area is for members of its unions; said only to others.

    Who stands in no union is judged by the versions of the place that looks at him: of one that asks for no membership
    nothing more is needed.
    """
    division = known.get(DIVISION)
    if not version.jurisdiction or (division is None and not asks_membership(version)):
        return None
    if division is not None and str(division).startswith(version.jurisdiction):
        return None
    text = f"本方案适用于 {version.issuer} 所属地区的会员"
    return Reason(None if division is None else False, text, "area", "所在工会应在适用地区内")


def judge(person: int, versions: Sequence[Version[Any]], on: date) -> list[Verdict]:
    """All versions judged for one person, from one statement. An unknown person has no verdicts."""
    found = values([person], codes_of(versions), on)
    return judge_values(found[person], versions, on) if person in found else []


def judge_many(
    persons: Collection[int], versions: Sequence[Version[Any]], on: date
) -> dict[int, list[Verdict]]:
    """The same for several persons, still one statement."""
    found = values(persons, codes_of(versions), on)
    return {person: judge_values(known, versions, on) for person, known in found.items()}


def condition_of(version: Version[Any], on: date, among: Iterable[Version[Any]] = ()) -> Q:
    """Who meets a version. Among others of its programme a narrower area takes its own people out."""
    return area_of(version, among) & conditions.compile_q(clauses_of(version), on)


def area_of(version: Version[Any], among: Iterable[Version[Any]] = ()) -> Q:
    """For whom a version is: members of its area, without the narrower areas that have versions of their own."""
    area = _in(version.jurisdiction) if version.jurisdiction else Q()
    if narrower := _narrower(version, among):
        elsewhere = ~any_of(_in(one) for one in sorted(narrower))
        area &= elsewhere | Q(**{f"{fact(DIVISION).alias}__isnull": True})
    return area


def _narrower(version: Version[Any], among: Iterable[Version[Any]]) -> set[str]:
    """Areas within the version's own that have versions of the programme themselves."""
    return {
        one.jurisdiction
        for one in among
        if one.programme == version.programme
        and one.jurisdiction != version.jurisdiction
        and one.jurisdiction.startswith(version.jurisdiction)
    }


def _in(jurisdiction: str) -> Q:
    return Q(**{f"{fact(DIVISION).alias}__startswith": jurisdiction})


def who(
    version: Version[Any], on: date, where: Q | None = None, among: Iterable[Version[Any]] = ()
) -> QuerySet[Any]:
    """Persons who meet a version on a day; `where` narrows (see `population.under`)."""
    return people(on, where, codes_of([version])).filter(condition_of(version, on, among))


def offered(on: date, division: str | None = None) -> list[Version[Any]]:
    """Versions with conditions in force on a day: of every area, or those that a division's members come under."""
    every = [one for one in book().in_force(on) if clauses_of(one)]
    if division is None:
        return every
    nearest: dict[str, Version[Any]] = {}
    for one in sorted(every, key=lambda one: len(one.jurisdiction)):
        if one.holds_in(division):
            nearest[one.programme] = one
    return list(nearest.values())


def count_versions(versions: Sequence[Version[Any]], on: date, where: Q | None = None) -> dict[str, int]:
    """How many meet each version, by its digest: one scan for all of them."""
    if not versions:
        return {}
    held = _divisions()
    here = [one for one in versions if any(area.startswith(one.jurisdiction[:2]) for area in held)]
    wanted = {
        one.digest: Asked(clauses_of(one), one.jurisdiction, tuple(sorted(_narrower(one, versions))))
        for one in here
    }
    return dict.fromkeys((one.digest for one in versions), 0) | count(wanted, on, where)


def _divisions() -> set[str]:
    """Provinces in which unions stand: schemes of the others concern nobody here."""
    rows = Organisation.objects.everywhere(reason="in which provinces unions stand; no union is shown")
    return set(rows.order_by().values_list(Left("division", 2), flat=True).distinct()) | {""}


def count_all(versions: Sequence[Version[Any]], on: date, where: Q | None = None) -> dict[str, int]:
    """How many meet each programme, its areas added up."""
    by_version = count_versions(versions, on, where)
    found: dict[str, int] = {}
    for version in versions:
        found[version.programme] = found.get(version.programme, 0) + by_version[version.digest]
    return found
