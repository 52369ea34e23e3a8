"""Whole lists of nodes from a file: read, looked at, then taken over. Again changes nothing."""

from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import timezone

from unionhall.foundation.actors import Actor
from unionhall.foundation.errors import Refused
from unionhall.organisations.models import Employer, Organisation
from unionhall.records.actions import digest_of, journal

from .. import opening
from ..models import Node, NodeImport
from ..rules.opening import parse_week, week_text
from .nodes import save_node, set_hours

EDIT = "network.edit"
_WHY = "nodes of the actor's own union; who may is asked here"
#: Columns of a row that are the node's own.
_OWN = (
    "name", "address", "level", "kind", "mode", "build", "functions", "division", "partners", "telephone", "about",
    "latitude", "longitude", "open_on_holidays",
)  # fmt: skip


@transaction.atomic
def keep_reading(
    actor: Actor, *, organisation: Organisation, name: str, rows: list[dict[str, Any]], faults: list[dict[str, Any]]
) -> NodeImport:  # fmt: skip
    """Keep what a file says until somebody takes it over or throws it away; nothing of the network changes yet."""
    actor.require(EDIT, *organisation.paths)
    kinds = _compared(rows)
    found = NodeImport.objects.create(
        organisation=organisation, name=name[:200], rows=rows, faults=faults, added=len(kinds["added"]),
        changed=len(kinds["changed"]), same=len(kinds["same"]), uploaded_by=actor.name,
    )  # fmt: skip
    journal(
        actor, "network.nodes_read", subject=found, paths=organisation.paths,
        detail={"rows": len(rows), "faults": len(faults)},
    )  # fmt: skip
    return found


@transaction.atomic
def take_over(actor: Actor, *, reading: NodeImport) -> NodeImport:
    """Take the sound rows over, each through the same verb as a form; new nodes begin as planned."""
    actor.require(EDIT, *reading.organisation.paths)
    rows = NodeImport.objects.everywhere(reason=_WHY).select_for_update(of=("self",))
    found = rows.select_related("organisation").get(pk=reading.pk)
    if found.committed_at is not None:
        raise Refused("这个文件已经入库。")
    kinds = _compared(found.rows)
    unions = Organisation.objects.everywhere(reason=_WHY).in_bulk([row["union"] for row in found.rows])
    for row, node in [*((row, None) for row in kinds["added"]), *kinds["changed"]]:
        _save(actor, row, node, unions[row["union"]])
    found.added, found.changed, found.same = (len(kinds[name]) for name in ("added", "changed", "same"))
    found.committed_at = timezone.now()
    found.save(update_fields=["added", "changed", "same", "committed_at"])
    journal(
        actor, "network.nodes_imported", subject=found, paths=found.organisation.paths,
        digest=digest_of([(row["union"], row["name"]) for row in found.rows]),
        detail={"added": found.added, "changed": found.changed, "same": found.same},
    )  # fmt: skip
    return found


def _save(actor: Actor, row: dict[str, Any], node: Node | None, union: Organisation) -> None:
    given = {name: row[name] for name in _OWN}
    given["area"] = Decimal(row["area"]) if row["area"] else None
    given["employer"] = Employer.objects.filter(pk=row["employer"]).first() if row["employer"] else None
    try:
        saved = save_node(actor, organisation=union, node=node, given=given)
        set_hours(actor, node=saved, week=dict(parse_week(row["hours"])))
    except Refused as refusal:
        raise Refused(f"第 {row['row']} 行：{refusal} 请改正后重新上传。") from None


def _compared(rows: list[dict[str, Any]]) -> dict[str, list[Any]]:
    """Rows by what they would do: `added` rows, `changed` (row, node), `same`. A node is known by number, or name."""
    unions = {row["union"] for row in rows}
    codes = {row["code"] for row in rows if row["code"]}
    known = Node.objects.everywhere(reason=_WHY).select_related("organisation")
    nodes = list(known.filter(organisation__in=unions)) + list(known.filter(code__in=codes))
    by_code = {one.code: one for one in nodes}
    by_name = {(one.organisation_id, one.name): one for one in nodes}
    weeks = opening.weeks(by_code.values(), timezone.localdate())
    found: dict[str, list[Any]] = {"added": [], "changed": [], "same": []}
    for row in rows:
        node = by_code.get(row["code"]) or by_name.get((row["union"], row["name"]))
        if node is None:
            found["added"].append(row)
        elif _said(node, week_text(weeks[node.pk].hours)) == _wanted(row):
            found["same"].append(row)
        else:
            found["changed"].append((row, node))
    return found


def _said(node: Node, hours: str) -> dict[str, Any]:
    area = None if node.area is None else f"{node.area:.1f}"
    own = {name: getattr(node, name) for name in _OWN}
    own |= {"functions": sorted(node.functions), "area": area, "hours": hours}
    return own | {"union": node.organisation_id, "employer": node.employer_id}


def _wanted(row: dict[str, Any]) -> dict[str, Any]:
    own = {name: row[name] for name in (*_OWN, "area", "hours", "union", "employer")}
    return own | {"functions": sorted(row["functions"])}
