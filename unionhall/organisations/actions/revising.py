"""What a union is called, and how it is reached."""

from datetime import date
from typing import Any

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateRange

from unionhall.foundation.actors import Actor
from unionhall.foundation.errors import Refused
from unionhall.records.actions import journal

from .. import tree
from ..models import Naming, Organisation
from . import checks

#: Facts that carry no history of their own: the journal keeps who changed which, when.
CONTACT_FIELDS = (
    "short_name",
    "address",
    "telephone",
    "uscc",
    "legal_certificate",
    "legal_certificate_until",
    "accepts_individuals",
    "form",
)


@transaction.atomic
def rename(
    actor: Actor, *, organisation: Organisation, name: str, on: date, document: str = ""
) -> Organisation:
    """Give a union another name from a day on; the old one stays in its history. Raises Refused."""
    checks.require_superior(actor, organisation)
    (one,) = tree.locked(organisation)
    checks.standing(one)
    name = checks.clean_name(name)
    if name == one.name:
        raise Refused("新名称与现在的名称相同。", "name")
    checks.free_name(name, one.parent, but=one.pk)
    checks.effective(on, checks.began(one.namings), what="名称")
    former = one.name
    checks.close(one.namings, on)
    Naming.objects.create(organisation=one, name=name, period=DateRange(on, None))
    one.name = name
    one.save(update_fields=["name"])
    journal(
        actor,
        "organisations.rename",
        subject=one,
        paths=one.paths,
        reason=document,
        detail={"from": former, "to": name, "on": on.isoformat()},
    )
    organisation.refresh_from_db()
    return organisation


@transaction.atomic
def edit(actor: Actor, *, organisation: Organisation, **values: Any) -> Organisation:
    """Change contact data and certificates (`CONTACT_FIELDS`); what did not change is not journalled."""
    actor.require(checks.EDIT, *organisation.paths)
    unknown = set(values) - set(CONTACT_FIELDS)
    if unknown:
        raise TypeError(f"edit() changes only {CONTACT_FIELDS}, not {sorted(unknown)}")
    (one,) = tree.locked(organisation)
    checks.standing(one)
    if "uscc" in values:
        values["uscc"] = checks.union_uscc(values["uscc"], but=one.pk)
    changed = [field for field, value in values.items() if getattr(one, field) != value]
    for field in changed:
        setattr(one, field, values[field])
    if changed:
        one.save(update_fields=changed)
        journal(actor, "organisations.edit", subject=one, paths=one.paths, detail={"fields": sorted(changed)})
        organisation.refresh_from_db()
    return organisation
