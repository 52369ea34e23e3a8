"""Who meets the conditions of schemes: one person with reasons, or everyone in one scan."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, Q, QuerySet

from . import conditions
from .comparators import any_of
from .conditions import Clause, Reason, Values
from .facts import expressions, fact
from .population import people
from .versions import Version

DIVISION = "membership.division"


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


def codes_of(versions: Iterable[Version[Any]]) -> set[str]:
    """Facts that judging these versions needs; the division tells where each person belongs."""
    return {DIVISION}.union(*(conditions.codes(clauses_of(version)) for version in versions))


def values(persons: Collection[int], codes: Collection[str], on: date) -> dict[int, dict[str, Any]]:
    """Facts of persons, by person and fact code, in one statement."""
    if not persons:
        return {}
    names = {fact(code).alias: code for code in codes}
    chosen = Q(pk=next(iter(persons))) if len(persons) == 1 else Q(pk__in=persons)
    rows = people(on, chosen).values("pk", **expressions(codes, on))
    return {row.pop("pk"): {names[alias]: value for alias, value in row.items()} for row in rows}


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


def _elsewhere(version: Version[Any], known: Values) -> Reason | None:
    """A version for an area is for members of its unions; said only to others."""
    if not version.jurisdiction:
        return None
    division = known.get(DIVISION)
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
    narrower = {
        one.jurisdiction
        for one in among
        if one.programme == version.programme
        and one.jurisdiction != version.jurisdiction
        and one.jurisdiction.startswith(version.jurisdiction)
    }
    if narrower:
        elsewhere = ~any_of(_in(one) for one in sorted(narrower))
        area &= elsewhere | Q(**{f"{fact(DIVISION).alias}__isnull": True})
    return area


def _in(jurisdiction: str) -> Q:
    return Q(**{f"{fact(DIVISION).alias}__startswith": jurisdiction})


def who(
    version: Version[Any], on: date, where: Q | None = None, among: Iterable[Version[Any]] = ()
) -> QuerySet[Any]:
    """Persons who meet a version on a day; `where` narrows (see `population.under`)."""
    return people(on, where, codes_of([version])).filter(condition_of(version, on, among))


def count_versions(versions: Sequence[Version[Any]], on: date, where: Q | None = None) -> dict[str, int]:
    """How many meet each version, by its digest: one scan for all of them."""
    if not versions:
        return {}
    wanted = {
        f"n_{number}": Count("pk", filter=condition_of(version, on, versions))
        for number, version in enumerate(versions)
    }
    counted: Mapping[str, int] = people(on, where, codes_of(versions)).aggregate(**wanted)
    return {version.digest: counted[f"n_{number}"] for number, version in enumerate(versions)}


def count_all(versions: Sequence[Version[Any]], on: date, where: Q | None = None) -> dict[str, int]:
    """How many meet each programme, its areas added up."""
    by_version = count_versions(versions, on, where)
    found: dict[str, int] = {}
    for version in versions:
        found[version.programme] = found.get(version.programme, 0) + by_version[version.digest]
    return found
