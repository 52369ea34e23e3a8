"""The guide 办事指南 of a benefit: who may have it, how much, how, with which papers, on whose authority."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from unionhall.rulebook import Version
from unionhall.rulebook.book import book, last_day
from unionhall.rulebook.eligibility import DIVISION, clauses_of, codes_of
from unionhall.rulebook.facts import fact
from unionhall.rulebook.presenting import area_name
from unionhall.rulebook.programmes import programme_of
from unionhall.rulebook.texts import area_of
from unionhall.rulebook.versions import STATUS_LABELS

from . import amounts
from .offering import Category, Offering

_PLACES = {
    "union": "所在工会",
    "street": "街道工会",
    "county": "区县工会",
    "district": "区县或产业工会",
    "city": "市总工会",
    "province": "省总工会",
}


def guide(offering: Offering, version: Version[Any]) -> dict[str, Any]:
    """What every page of a benefit shows, whoever reads it."""
    given = version.parameters
    return {
        "programme": offering.programme,
        "title": version.title,
        "icon": offering.icon,
        "category": offering.category.label,
        "summary": given.summary,
        "conditions": [one.words() for one in clauses_of(version)],
        "amount": amounts.amount_of(given),
        "lines": [{"label": label, "value": value} for label, value in amounts.amount_lines(given)],
        "often": amounts.often(given),
        "apply_url": offering.apply_url,
        "automatic": offering.automatic,
        "looked_into": offering.looked_into,
        "papers": given.papers,
        "taken": [fact(code).label for code in sorted(codes_of([version]) - {DIVISION})],
        "steps": [
            {"name": step.name, "place": _PLACES[step.at], "days": step.working_days} for step in given.steps
        ],
        "notice_days": given.notice_working_days,
        "exclusive": [_title(code) for code in given.exclusive_with],
        "sources": sources(version),
        "status": STATUS_LABELS[version.status],
        "sourced": version.status == "sourced",
    }


def sources(version: Version[Any]) -> list[dict[str, Any]]:
    """The version's authority, as rows of a definition list."""
    until = last_day(version)
    rows = [
        {"label": "依据", "value": str(version.source)},
        *({"label": "另据", "value": str(one)} for one in version.references),
        {"label": "发布机关", "value": version.issuer},
        {"label": "适用地区", "value": area_name(version.jurisdiction)},
        {
            "label": "施行",
            "value": f"{version.starts:%Y-%m-%d} 起" + (f"，至 {until:%Y-%m-%d}" if until else ""),
        },
    ]
    if version.note:
        rows.append({"label": "说明", "value": version.note})
    return rows


def taken_from_register(version: Version[Any], values: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What the register knows of somebody that this benefit asks for, so that he need not say it."""
    return [
        {"label": fact(code).label, "value": fact(code).shown(values.get(code))}
        for code in sorted(codes_of([version]) - {DIVISION})
    ]


def areas(programme: str, division: str, on: date) -> list[Version[Any]]:
    """Versions of a programme that hold today for all, or for a part, of a place: the wider first.

    `division`: of a union, with the zeros that fill it up or without.
    """
    latest: dict[str, Version[Any]] = {}
    here = area_of(division)
    if not book().mistakes.get(programme):
        for one in book().versions.get(programme, ()):
            touches = division.startswith(one.jurisdiction) or one.jurisdiction.startswith(here)
            if one.holds_on(on) and touches:
                latest[one.jurisdiction] = one
    wider = book().pick(programme, on, division)
    return [
        one
        for area, one in sorted(latest.items())
        if one is wider or (area.startswith(here) and area != here)
    ]


def by_category(rows: Iterable[tuple[Offering, Any]]) -> list[dict[str, Any]]:
    """Under their headings, which stand in their own order."""
    found: dict[Category, list[Any]] = {one: [] for one in Category}
    for offering, row in rows:
        found[offering.category].append(row)
    return [{"code": one.value, "title": one.label, "rows": rows} for one, rows in found.items() if rows]


def _title(code: str) -> str:
    known = programme_of(code)
    return known.title if known is not None else code
