"""Refusals shared by the verbs: dates, shapes of the tree, credit codes, names."""

from datetime import date
from typing import Any

from django.contrib.postgres.fields import DateRangeField
from django.db import models
from django.db.models import F, Func, Value
from django.utils import timezone

from unionhall.foundation.actors import Actor
from unionhall.foundation.errors import Refused
from unionhall.kit.identifiers import IdentifierError, check_uscc, is_union_uscc
from unionhall.kit.text import one_line

from ..kinds import SHAPES, Kind, Level, Status
from ..models import Organisation

REORGANISE, EDIT, TERMS = "organisations.reorganise", "organisations.edit", "organisations.terms"
#: Kinds that may stand in an industry chain beside the regional one (双重领导).
DUAL = frozenset({Kind.INDUSTRY, Kind.SECTOR_FEDERATION, Kind.GRASSROOTS, Kind.JOINT})
#: Parts of a grassroots union, which stand in whatever chains it stands in.
PARTS = frozenset({Kind.BRANCH, Kind.GROUP})


def require_superior(actor: Actor, organisation: Organisation) -> None:
    """Changes of structure are the superior's: the permission is asked for at the parent, or everywhere for a root."""
    parent = organisation.parent
    actor.require(REORGANISE, *(parent.paths if parent is not None else ("",)))


def effective(on: date, *since: date | None, what: str = "该工会", field: str = "on") -> date:
    """`on` itself, when it is not in the future and not before any of the days after which the past stands."""
    if on > timezone.localdate():
        raise Refused("生效日期不能晚于今天。请填今天或以前的日期，到期后再登记尚未发生的变动。", field)
    last = max((day for day in since if day is not None), default=None)
    if last is not None and on < last:
        raise Refused(f"{what}在 {last:%Y-%m-%d} 有过变动，生效日期不能早于这一天。", field)
    return on


def standing(organisation: Organisation, *, field: str | None = None) -> None:
    """Refused when the union no longer exists."""
    if organisation.status in {Status.DISSOLVED, Status.MERGED}:
        word = Status(organisation.status).label
        raise Refused(f"“{organisation.name}”{word}，不能再办理。请核对组织代码。", field)


def outside(organisation: Organisation, successor: Organisation, *, field: str = "into") -> None:
    """Refused unless the successor is another union that does not stand below this one."""
    if organisation.pk == successor.pk or successor.path.startswith(organisation.path):
        raise Refused("不能并入自己或自己的下级。请选择其他工会。", field)


def shape(kind: str, level: int, parent: Organisation | None) -> None:
    """Refused unless a union of this kind and level may stand under the parent (kinds.SHAPES)."""
    allowed = SHAPES[kind]
    word = Kind(kind).label
    if level not in allowed.levels:
        levels = "、".join(Level(one).label for one in sorted(allowed.levels))
        raise Refused(f"{word}的层级只能是：{levels}。", "level")
    if parent is None:
        if kind != Kind.FEDERATION:
            raise Refused(f"{word}必须有上级工会。请选择上级工会。", "parent")
        return
    if parent.kind not in allowed.parents:
        hosts = "、".join(sorted(Kind(one).label for one in allowed.parents))
        raise Refused(f"{word}不能设在{Kind(parent.kind).label}之下，上级只能是：{hosts}。", "parent")
    if parent.level > level or (parent.level == level and parent.kind == kind):
        raise Refused(
            f"{Level(parent.level).label}的“{parent.name}”不能作为{Level(level).label}工会的上级。请选择层级更高的工会。",
            "parent",
        )


def industry_shape(kind: str, level: int, industry_parent: Organisation) -> None:
    """Refused unless a union of this kind and level may stand under the industry union."""
    if kind not in DUAL:
        raise Refused(f"{Kind(kind).label}不参加产业链，不能填上级产业工会。", "industry_parent")
    if industry_parent.kind != Kind.INDUSTRY:
        raise Refused(f"“{industry_parent.name}”不是产业工会。请选择产业工会。", "industry_parent")
    if industry_parent.level > level or (kind == Kind.INDUSTRY and industry_parent.level == level):
        raise Refused(
            f"“{industry_parent.name}”的层级不高于本工会，不能作为上级产业工会。", "industry_parent"
        )


def clean_name(name: str, field: str = "name") -> str:
    """One line, 2 to 120 characters, full-width brackets as the registry writes them."""
    found = one_line(name).replace("(", "（").replace(")", "）")
    if not 2 <= len(found) <= 120:
        raise Refused("名称应为 2 至 120 个字。", field)
    return found


def free_name(name: str, parent: Organisation | None, but: int = 0) -> None:
    """Refused when an existing sibling has the name."""
    rows = Organisation.objects.everywhere(reason="names are compared with every sibling")
    twin = rows.active().filter(parent=parent, name=name).exclude(pk=but).first()
    if twin is not None:
        raise Refused(f"同一上级之下已有“{name}”（代码 {twin.code}），请核对是否重复登记。", "name")


def union_uscc(value: str | None, but: int = 0) -> str | None:
    """A union's credit code, normalised; None when there is none yet."""
    if not value:
        return None
    number = credit_code(value)
    if not is_union_uscc(number):
        raise Refused("工会的统一社会信用代码以 81（基层工会）或 89（其他工会）开头，请核对。", "uscc")
    rows = Organisation.objects.everywhere(reason="a credit code is unique in the whole federation")
    other = rows.filter(uscc=number).exclude(pk=but).first()
    if other is not None:
        raise Refused(f"这个统一社会信用代码已登记给“{other.name}”，请核对。", "uscc")
    return number


def credit_code(value: str, field: str = "uscc") -> str:
    """Any unit's credit code, normalised and checked."""
    try:
        return check_uscc(value)
    except IdentifierError as wrong:
        raise Refused(str(wrong), field) from wrong


def document_no(document: str, why: str) -> str:
    """The number of the superior's approval, without which `why` is not allowed."""
    found = one_line(document)
    if not found:
        raise Refused(f"{why}须经上级工会批准，请填写批复文号。", "document")
    return found[:60]


def close(rows: Any, on: date) -> int:
    """End the open periods among the rows on a day, in one statement. The same day leaves an empty period behind."""
    lower = Func(F("period"), function="lower", output_field=models.DateField())
    until = Func(lower, Value(on), function="daterange", output_field=DateRangeField())
    return int(rows.filter(period__upper_inf=True).update(period=until))


def began(rows: Any) -> date | None:
    """When the open period among the rows began."""
    found = rows.filter(period__upper_inf=True).values_list("period", flat=True).first()
    return found.lower if found is not None else None


def placed_since(organisation: Organisation) -> date | None:
    """Since when the union stands where it stands now, in the chain it entered last."""
    rows = organisation.placements.filter(period__upper_inf=True).values_list("period", flat=True)
    return max((period.lower for period in rows), default=None)
