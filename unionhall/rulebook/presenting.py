"""Schemes as pages show them: areas by name, parameters and conditions in words."""

import json
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Any

from pydantic import BaseModel

from unionhall.foundation.errors import Refused
from unionhall.foundation.permissions import Role
from unionhall.kit.money import yuan
from unionhall.organisations import divisions

from .book import last_day
from .calculators import Fixed, Table, Tiers
from .conditions import Clause
from .eligibility import clauses_of
from .labels import label_of, word_of
from .programmes import programme_of
from .published import FOLDER
from .versions import STATUS_LABELS, Version


@lru_cache(maxsize=500)
def area_name(jurisdiction: str) -> str:
    """湖北省武汉市 for 4201; the code itself where the division is not loaded."""
    if not jurisdiction:
        return "全国"
    known = divisions.names(jurisdiction.ljust(6, "0"))
    if not known and len(jurisdiction) >= 2:
        try:
            province = dict(divisions.provinces()).get(jurisdiction[:2], "")
        except Refused:
            province = ""
        known = province if len(jurisdiction) == 2 else f"{province} {jurisdiction}".strip()
    return known or jurisdiction


def when_of(version: Version[Any], today: date) -> str:
    """now, coming or past."""
    if version.starts > today:
        return "coming"
    return "now" if version.holds_on(today) else "past"


def row(version: Version[Any]) -> dict[str, Any]:
    return {
        "title": version.title,
        "area": area_name(version.jurisdiction),
        "starts": version.starts,
        "last": last_day(version),
        "status": STATUS_LABELS[version.status],
        "tone": "ok" if version.status == "sourced" else "warn",
        "source": str(version.source),
        "issuer": version.issuer,
        "desk": version.place.path.parts[0] == FOLDER,
        "args": [version.programme, version.digest[:16]],
    }


def facts(version: Version[Any]) -> list[dict[str, Any]]:
    """The head of a version's page."""
    until = last_day(version)
    rows: list[dict[str, Any]] = [
        {"label": "发布机关", "value": version.issuer},
        {"label": "适用地区", "value": area_name(version.jurisdiction)},
        {
            "label": "施行",
            "value": f"{version.starts:%Y-%m-%d} 起" + (f"，至 {until:%Y-%m-%d}" if until else ""),
        },
        {"label": "状态", "value": STATUS_LABELS[version.status]},
        {"label": "出处", "value": str(version.source), "wide": True},
        {"label": "说明", "value": version.note, "wide": True},
        {"label": "所在", "value": str(version.place), "wide": True},
    ]
    return [row for row in rows if row["value"]]


def conditions(version: Version[Any]) -> list[str]:
    return [one.words() for one in clauses_of(version)]


def parameters(version: Version[Any]) -> list[dict[str, str]]:
    """Every parameter but the conditions, which have their own place."""
    found = []
    written = json.loads(version.content)["parameters"]
    for name, field in type(version.parameters).model_fields.items():
        value = getattr(version.parameters, name)
        if name == "conditions" or value is None:
            continue
        found.append(
            {
                "name": name,
                "label": field.title or label_of(name),
                "value": shown(value, name),
                "source": str(version.source_of(name)) if name in written else "方案没有写，按默认",
                "inherited": "1" if name in version.inherited else "",
            }
        )
    return found


def changes(version: Version[Any], current: Version[Any]) -> list[dict[str, str]]:
    """What a version says otherwise than the one it follows: conditions and parameters, before and after."""
    found = []
    before, after = "；".join(conditions(current)), "；".join(conditions(version))
    if before != after:
        found.append(
            {"name": "conditions", "label": "条件", "before": before or "无", "after": after or "无"}
        )
    old = {row["name"]: row for row in parameters(current)}
    new = {row["name"]: row for row in parameters(version)}
    for name in dict.fromkeys([*old, *new]):
        was, now = (rows[name]["value"] if name in rows else "无" for rows in (old, new))
        if was != now:
            label = (new.get(name) or old[name])["label"]
            found.append({"name": name, "label": label, "before": was, "after": now})
    return found


def shown(value: Any, name: str = "") -> str:
    """A parameter's value in words."""
    if isinstance(value, Clause):
        return value.words()
    if isinstance(value, Fixed):
        return f"定额 {yuan(value.amount)} 元"
    if isinstance(value, Table):
        return "；".join(f"{row.label or row.value} {yuan(row.amount)} 元" for row in value.rows)
    if isinstance(value, Tiers):
        return _tiers(value)
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    if isinstance(value, date):
        return f"{value:%Y-%m-%d}"
    if isinstance(value, BaseModel):
        given = {name: getattr(value, name) for name in type(value).model_fields}
        return _pairs({name: one for name, one in given.items() if one not in (None, "", ())})
    if isinstance(value, dict):
        return _pairs(value)
    if isinstance(value, Role):
        return value.label
    if isinstance(value, (list, tuple)):
        return "；".join(shown(one, name) for one in value) or "无"
    if name in ("exclusive_with", "budget_programme") and (known := programme_of(str(value))) is not None:
        return f"“{known.title}”"
    return word_of(name, str(value))


def _pairs(given: dict[str, Any]) -> str:
    """A row of a table: what it is called, and the rest behind it."""
    rest = dict(given)
    head = rest.pop("label", None) or rest.pop("name", None)
    if head is not None:
        rest.pop("code", None)
    told = "，".join(f"{label_of(name) or name} {shown(one, name)}" for name, one in rest.items())
    return told if head is None else f"{head}（{told}）" if told else str(head)


def _tiers(value: Tiers) -> str:
    parts = [f"起付线 {yuan(value.deductible)} 元"]
    floor = Decimal(0)
    for tier in value.tiers:
        ratio = f"{(tier.ratio * 100).normalize():f}%"
        top = "以上" if tier.up_to is None else f"至 {yuan(tier.up_to)} 元"
        parts.append(f"超出 {yuan(floor)} 元{top} {ratio}")
        floor = tier.up_to or floor
    if value.cap is not None:
        parts.append(f"封顶 {yuan(value.cap)} 元")
    return "，".join(parts) + ("，按全年累计" if value.per == "year" else "，按次")
