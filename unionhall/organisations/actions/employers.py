"""Employers (用人单位) and which union covers them since when."""

from datetime import date
from typing import Any

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateRange

from unionhall.foundation.actors import Actor
from unionhall.foundation.errors import Refused
from unionhall.records.actions import journal

from .. import tree
from ..models import Coverage, Employer, Organisation
from . import checks

EMPLOYER_FIELDS = ("name", "uscc", "economic_type", "industry", "employees", "women", "address", "division")


@transaction.atomic
def register_employer(
    actor: Actor,
    *,
    name: str,
    division: str,
    uscc: str | None = None,
    economic_type: str = Employer.EconomicType.PRIVATE,
    industry: str = "",
    employees: int = 0,
    women: int = 0,
    address: str = "",
    paths: tuple[str, ...] = (),
) -> Employer:
    """Enter an employer into the register. Raises Refused when its credit code is wrong or already registered.

    Anyone who may keep organisations may register an employer; `paths` say for whose sake, for the journal.
    """
    values = {"name": name, "uscc": uscc, "employees": employees, "women": women}
    employer = Employer(
        division=division,
        economic_type=economic_type,
        industry=industry,
        address=address,
        **_checked(values, 0),
    )
    employer.save()
    journal(actor, "organisations.register_employer", subject=employer, paths=paths)
    return employer


@transaction.atomic
def revise_employer(
    actor: Actor, *, employer: Employer, organisation: Organisation | None = None, **values: Any
) -> Employer:
    """Change an employer's facts. Asked of whoever keeps the union that covers it (`organisation`)."""
    unknown = set(values) - set(EMPLOYER_FIELDS)
    if unknown:
        raise TypeError(f"revise_employer() changes only {EMPLOYER_FIELDS}, not {sorted(unknown)}")
    paths = organisation.paths if organisation is not None else ()
    actor.require(checks.EDIT, *(paths or ("",)))
    one = Employer.objects.select_for_update().get(pk=employer.pk)
    values = _checked({"employees": one.employees, "women": one.women} | values, one.pk)
    changed = [field for field, value in values.items() if getattr(one, field) != value]
    for field in changed:
        setattr(one, field, values[field])
    if changed:
        one.save(update_fields=changed)
        journal(
            actor,
            "organisations.revise_employer",
            subject=one,
            paths=paths,
            detail={"fields": sorted(changed)},
        )
        employer.refresh_from_db()
    return employer


def _checked(values: dict[str, Any], pk: int) -> dict[str, Any]:
    """Name and credit code normalised, numbers that fit together."""
    found = dict(values)
    if "name" in found:
        found["name"] = checks.clean_name(found["name"])
    if "uscc" in found:
        found["uscc"] = checks.credit_code(found["uscc"]) if found["uscc"] else None
        other = Employer.objects.filter(uscc=found["uscc"]).exclude(pk=pk).first() if found["uscc"] else None
        if other is not None:
            raise Refused(f"这个信用代码已登记为“{other.name}”，请直接选用。", "uscc")
    if found["women"] > found["employees"]:
        raise Refused("女职工人数不能多于职工人数。", "women")
    return found


@transaction.atomic
def cover(actor: Actor, *, organisation: Organisation, employer: Employer, on: date) -> Coverage:
    """The union covers the employer from a day on. Refused while another union does: its name is said."""
    actor.require(checks.EDIT, *organisation.paths)
    (one,) = tree.locked(organisation)
    checks.standing(one)
    if not one.has_members:
        raise Refused(f"“{one.name}”不直接管理会员，不能覆盖单位。请选择基层工会。", "employer")
    held = Employer.objects.select_for_update().get(pk=employer.pk)
    rows = Coverage.objects.everywhere(reason="an employer has one union in the whole federation")
    checks.effective(on, one.existence.lower)
    clash = (
        rows.filter(employer=held, period__overlap=DateRange(on, None)).select_related("organisation").first()
    )
    if clash is not None:
        since = f"{clash.period.lower:%Y-%m-%d}"
        raise Refused(
            f"“{held.name}”自 {since} 起已由“{clash.organisation.name}”覆盖。请先由该工会解除覆盖，或办理合并、改隶。",
            "employer",
        )
    found = Coverage.objects.create(organisation=one, employer=held, period=DateRange(on, None))
    journal(
        actor,
        "organisations.cover",
        subject=one,
        paths=one.paths,
        detail={"employer": held.pk, "on": on.isoformat()},
    )
    return found


@transaction.atomic
def uncover(actor: Actor, *, organisation: Organisation, employer: Employer, on: date, reason: str) -> None:
    """The union no longer covers the employer from a day on. Raises Refused."""
    actor.require(checks.EDIT, *organisation.paths)
    (one,) = tree.locked(organisation)
    rows = one.coverages.filter(employer=employer, period__upper_inf=True)
    since = checks.began(rows)
    if since is None:
        raise Refused(f"“{one.name}”现在没有覆盖“{employer.name}”。", "employer")
    if not reason.strip():
        raise Refused("请填写解除覆盖的原因。", "reason")
    checks.effective(on, since)
    checks.close(rows, on)
    journal(
        actor,
        "organisations.uncover",
        subject=one,
        paths=one.paths,
        reason=reason,
        detail={"employer": employer.pk, "on": on.isoformat()},
    )
