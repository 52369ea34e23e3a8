"""eligibility.all and eligibility.one: every shipped scheme over everyone, and one member with reasons.

The baseline of eligibility.all is one query per scheme, put together from the fragments below, which are written by
hand for the best plan of a single scheme: only the joins it needs, inner where a row must be there, no reasons, no
third truth value. A scheme with a condition that has no fragment here is counted by its own compiled query instead,
and named in the line. All counts have to agree.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from dateutil.relativedelta import relativedelta

from .figure import median, p95, tell, timed

ROUNDS = 3
#: Joins by name; the order is that in which they are written.
JOINS = {
    "m": "JOIN members_membership m ON m.person_id = p.id AND upper_inf(m.period)",
    "o": "JOIN organisations_organisation o ON o.id = m.organisation_id",
    "w": "JOIN members_employment w ON w.person_id = p.id AND upper_inf(w.period)",
    "e": "JOIN organisations_employer e ON e.id = w.employer_id",
    "c": "JOIN members_card c ON c.person_id = p.id AND c.status <> 'revoked'",
    "h": "JOIN benefits_hardshipfile h ON h.person_id = p.id"
    " AND h.stage IN ('approved', 'aided', 'exit_proposed', 'exit_publicised')",
    "k": "JOIN benefits_certificate k ON k.person_id = p.id AND k.is_best",
}
NEEDS = {"o": ("m",), "e": ("w",)}


class NoFragment(LookupError):
    """A condition that nobody wrote by hand yet."""


def _years(column: str, unit: str) -> Callable[[Any, date], str]:
    def written(bounds: Any, on: date) -> str:
        parts = []
        if bounds.at_least is not None:
            latest = on - relativedelta(**{unit: int(bounds.at_least)})
            parts.append(f"{column} <= '{latest}'")
        if bounds.at_most is not None:
            earliest = on - relativedelta(**{unit: int(bounds.at_most) + 1})
            parts.append(f"{column} > '{earliest}'")
        return " AND ".join(parts)

    return written


def _codes(column: str) -> Callable[[Any, date], str]:
    return lambda choice, on: f"{column} IN ({', '.join(map(repr, choice.values))})"


def _flag(yes: str, no: str) -> Callable[[Any, date], str]:
    return lambda flag, on: yes if flag.value else no


def _day(column: str) -> Callable[[Any, date], str]:
    def written(days: Any, on: date) -> str:
        first, last = days.span(on)
        parts = [f"{column} >= '{first}'"] if first else []
        return " AND ".join([*parts, f"{column} <= '{last}'"] if last else parts)

    return written


def _enrolled(flag: Any, on: date) -> str:
    covers = f"SELECT FROM benefits_medicalcover v WHERE v.person_id = p.id AND v.period @> '{on}'::date"
    return f"EXISTS ({covers})" if flag.value else f"NOT EXISTS ({covers})"


#: Condition → the joins it reads, and its SQL.
FRAGMENTS: dict[str, tuple[str, Callable[[Any, date], str]]] = {
    "age": ("", _years("p.birth", "years")),
    "sex": ("", _codes("p.sex")),
    "skill": ("", _codes("p.skill")),
    "migrant_worker": ("", _flag("p.migrant_worker", "NOT p.migrant_worker")),
    "member": ("m", _flag("m.id IS NOT NULL", "m.id IS NULL")),
    "standing": ("m", _codes("m.standing")),
    "membership_months": ("m", _years("m.joined_on", "months")),
    "division": (
        "o",
        lambda within, on: "(" + " OR ".join(f"o.division LIKE '{one}%'" for one in within.within) + ")",
    ),
    "employment_status": ("w", _codes("w.status")),
    "employment_form": ("w", _codes("w.form")),
    "retired": ("w", _flag("w.status IN ('4', '5')", "w.status NOT IN ('4', '5')")),
    "industry": ("e", _codes("e.industry")),
    "card": ("c", _flag("c.status = 'active'", "c.status IS DISTINCT FROM 'active'")),
    "card_days": ("c", _years("c.issued_on", "days")),
    "hardship_filed": ("h", _flag("h.id IS NOT NULL", "h.id IS NULL")),
    "hardship_category": ("h", _codes("h.category")),
    "certificate_level": ("k", _codes("k.level")),
    "certificate_day": ("k", _day("k.issued_on")),
    "medical_enrolled": ("", _enrolled),
}


def written(version: Any, narrower: list[str], on: date) -> str:
    """The query of one scheme, as a person would write it for that scheme alone. Raises NoFragment."""
    inner: set[str] = set()
    outer: set[str] = set()
    where = [_clause(one, on, inner, outer, must=True) for one in version.parameters.conditions]
    if version.jurisdiction:
        inner.add("o")
        where.append(f"o.division LIKE '{version.jurisdiction}%'")
    for area in narrower:
        outer.add("o")
        where.append(f"(o.division IS NULL OR o.division NOT LIKE '{area}%')")
    for names in (inner, outer):
        names |= {needed for name in set(names) for needed in NEEDS.get(name, ())}
    joins = [sql if name in inner else f"LEFT {sql}" for name, sql in JOINS.items() if name in inner | outer]
    return f"SELECT count(*) FROM members_person p {' '.join(joins)} WHERE {' AND '.join(where) or 'true'}"  # noqa: S608


def _clause(clause: Any, on: date, inner: set[str], outer: set[str], *, must: bool) -> str:
    """A clause in SQL; the joins of what has to hold are inner, unless a row's absence is what is asked."""
    if clause.condition is not None:
        if clause.condition not in FRAGMENTS:
            raise NoFragment(clause.condition)
        join, fragment = FRAGMENTS[clause.condition]
        ((_, comparator),) = clause.leaves()
        absent = clause.condition in {"member", "card", "hardship_filed"} and not comparator.value
        if join:
            (outer if absent or not must else inner).add(join)
        return f"({fragment(comparator, on)})"
    if clause.all is not None:
        return " AND ".join(_clause(one, on, inner, outer, must=must) for one in clause.all)
    parts = [_clause(one, on, inner, outer, must=False) for one in clause.any or clause.none]
    found = f"({' OR '.join(parts)})"
    return found if clause.any is not None else f"NOT {found}"


def measure(samples: int = 200) -> None:
    """Tell both figures over the home that is open."""
    from django.db import connection
    from django.utils import timezone

    from unionhall.members.models import Membership
    from unionhall.rulebook import eligibility

    on = timezone.localdate()
    versions = eligibility.offered(on)
    if not versions:
        raise SystemExit("no shipped scheme has conditions")
    queries, compiled = {}, []
    for version in versions:
        narrower = sorted(
            {
                one.jurisdiction
                for one in versions
                if one.programme == version.programme
                and one.jurisdiction.startswith(version.jurisdiction)
                and one.jurisdiction != version.jurisdiction
            }
        )
        try:
            queries[version.digest] = written(version, narrower, on)
        except NoFragment:
            compiled.append(f"{version.programme} {version.jurisdiction}".strip())

    def by_hand() -> dict[str, int]:
        found = {}
        with connection.cursor() as cursor:
            for version in versions:
                if version.digest in queries:
                    cursor.execute(queries[version.digest])
                    (found[version.digest],) = cursor.fetchone()
                else:
                    found[version.digest] = eligibility.who(version, on, None, versions).count()
        return found

    ours, theirs = [], []
    counted: dict[str, int] = {}
    for _ in range(ROUNDS):
        seconds, counted = timed(lambda: eligibility.count_versions(versions, on))
        ours.append(seconds)
        seconds, expected = timed(by_hand)
        theirs.append(seconds)
        assert counted == expected, {
            f"{one.programme} {one.jurisdiction}": (counted[one.digest], expected[one.digest])
            for one in versions
            if counted[one.digest] != expected[one.digest]
        }
    people = sum(counted.values())
    tell(
        "eligibility.all", median(ours), "s", median(theirs),
        schemes=len(versions), qualify=people, compiled=compiled,
    )  # fmt: skip
    rows = Membership.objects.everywhere(reason="bench").current().order_by()
    chosen = list(rows.values_list("person_id", "organisation__division")[: samples * 50 : 50])
    times: list[float] = []
    verdicts: list[Any] = []
    for person, division in chosen:
        seconds, verdicts = timed(
            lambda: eligibility.judge(person, eligibility.offered(on, division), on)  # noqa: B023
        )
        assert verdicts
        times.append(seconds * 1000)
    tell("eligibility.one", p95(times), "ms", schemes=len(verdicts), samples=len(times))
