"""organisations:read — the tree of unions in the client's part of it, today or as of a day."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from django.db.models import Q
from django.http import Http404
from django.utils import timezone
from ninja import Path as Place
from ninja import Query, Router, Schema
from pydantic import Field, StringConstraints

from unionhall.organisations.kinds import Chain, Kind, Level, Status
from unionhall.organisations.models import Naming, Organisation, Placement
from unionhall.organisations.subtrees import Subtree

from ..authentication import Bearer, Call
from ..fields import Code, Cursor, Day, cursor_of, key_in
from ..problems import Problem
from ..scopes import Scope
from . import answers

router = Router(tags=["工会组织"])
READ = "organisations.view"
GATE = Bearer(Scope.ORGANISATIONS_READ)
MOST = 200


class OrganisationOut(Schema):
    """A union, as of the day that was asked for."""

    code: str = Field(description="组织代码")
    name: str = Field(description="名称（当日）")
    short_name: str
    kind: str = Field(description="类别代码")
    kind_label: str
    level: int = Field(description="层级：1 省级 … 5 基层，6 分会，7 小组")
    status: str = Field(description="现在的状态代码")
    status_label: str
    division: str = Field(description="行政区划代码")
    uscc: str | None = Field(description="统一社会信用代码")
    parent: str | None = Field(description="上级工会的组织代码（当日）；在数据范围之外时为空")
    industry_parent: str | None = Field(description="上级产业工会的组织代码（当日）")
    since: date | None = Field(description="建立日期")
    until: date | None = Field(description="撤销日期；现有的为空")


class OrganisationPage(Schema):
    """A page of unions in tree order."""

    on: date = Field(description="截至日期")
    items: list[OrganisationOut]
    next_cursor: str | None = Field(description="下一页的 cursor；没有下一页时为空")


class Wanted(Schema):
    """Which unions: filters narrow, `cursor` goes on where the page before ended."""

    under: Code | None = Field(None, description="只要这个工会和它的全部下级")
    kind: Annotated[str, StringConstraints(pattern="^(" + "|".join(Kind.values) + ")$")] | None = None
    level: int | None = Field(None, ge=1, le=7)
    on: Day | None = None
    cursor: Cursor | None = None
    limit: int = Field(50, ge=1, le=MOST, description="每页多少条")


class Children(Schema):
    on: Day | None = None
    cursor: Cursor | None = None
    limit: int = Field(50, ge=1, le=MOST, description="每页多少条")


class AsOf(Schema):
    on: Day | None = None


def find(request: Call, code: str, to: str = READ) -> Organisation:
    """The union with a code in the client's part of the tree, or 404: elsewhere and nowhere look the same."""
    rows = Organisation.objects.visible_to(request.access, to=to)
    found = rows.filter(code=code).first()
    if found is None:
        raise Http404
    return found


@router.get(
    "", auth=GATE, operation_id="list_organisations", response=answers({200: OrganisationPage}, 404),
    summary="工会列表",
)  # fmt: skip
def list_organisations(request: Call, wanted: Query[Wanted]) -> Any:
    """按树的次序分页。翻页用答复里的 next_cursor，不用页码：第一千页和第一页一样快。"""
    rows = _on(request, wanted.on)
    if wanted.under:
        rows = rows.filter(Subtree(find(request, wanted.under), _past(wanted.on)).q())
    if wanted.kind:
        rows = rows.filter(kind=wanted.kind)
    if wanted.level:
        rows = rows.filter(level=wanted.level)
    return _page(request, rows, wanted.on, wanted.cursor, wanted.limit)


@router.get(
    "/{code}", auth=GATE, operation_id="get_organisation", response=answers({200: OrganisationOut}, 404),
    summary="一个工会",
)  # fmt: skip
def get_organisation(request: Call, code: Place[Code], asked: Query[AsOf]) -> Any:
    """按组织代码；on 指定日期时，名称和隶属是当日的。当日还没有建立或已经撤销的，答 404。"""
    one = find(request, code)
    if one.existence is not None and asked.on is not None and asked.on not in one.existence:
        raise Http404
    return _shown(request, [one], asked.on)[0]


@router.get(
    "/{code}/children", auth=GATE, operation_id="list_children",
    response=answers({200: OrganisationPage}, 404), summary="直接下级",
)  # fmt: skip
def list_children(request: Call, code: Place[Code], asked: Query[Children]) -> Any:
    """当日直接隶属于它的工会；产业工会还包括产业链上的下级。"""
    one, day = find(request, code), asked.on or timezone.localdate()
    placed = Placement.objects.everywhere(reason="where unions stood; the unions themselves are scoped")
    below = placed.filter(parent=one, period__contains=day, chain__in=Subtree(one).chains)
    rows = _on(request, asked.on).filter(pk__in=below.values("organisation"))
    return _page(request, rows, asked.on, asked.cursor, asked.limit)


def _past(on: date | None) -> date | None:
    """Today's tree is asked without its history."""
    return on if on is not None and on < timezone.localdate() else None


def _on(request: Call, on: date | None) -> Any:
    """Unions that exist (or existed on the day) and the client may read."""
    rows = Organisation.objects.visible_to(request.access, to=READ)
    past = _past(on)
    return (
        rows.exclude(status__in=(Status.DISSOLVED, Status.MERGED)) if past is None else rows.existing_on(past)
    )


def _page(request: Call, rows: Any, on: date | None, cursor: str | None, limit: int) -> dict[str, Any]:
    if cursor:
        rows = rows.filter(path__gt=_after(cursor))
    found = list(rows.order_by("path")[: limit + 1])
    more = cursor_of(after=found[limit - 1].path) if len(found) > limit else None
    return {
        "on": on or timezone.localdate(),
        "items": _shown(request, found[:limit], on),
        "next_cursor": more,
    }


def _after(cursor: str) -> str:
    try:
        key = key_in(cursor, "after")
    except ValueError as mistake:
        raise Problem("invalid", errors=[{"parameter": "cursor", "detail": str(mistake)}]) from None
    if not isinstance(key, str) or not key.isascii() or not key.isalnum():
        raise Problem("invalid", errors=[{"parameter": "cursor", "detail": "翻页标记不对。"}])
    return key


def _shown(request: Call, rows: list[Organisation], on: date | None) -> list[dict[str, Any]]:
    """Rows as told: names and superiors of the day, two queries for all of them."""
    day = on or timezone.localdate()
    then = Naming.objects.everywhere(reason="names on the day of unions already scoped")
    names = dict(
        then.filter(organisation__in=rows, period__contains=day).values_list("organisation_id", "name")
    )
    placed = Placement.objects.everywhere(reason="superiors of unions already scoped, shown where visible")
    visible = Organisation.objects.visible_to(request.access, to=READ)
    placed = placed.filter(Q(parent__in=visible.values("pk")), organisation__in=rows, period__contains=day)
    above = {
        (number, chain): code
        for number, chain, code in placed.values_list("organisation_id", "chain", "parent__code")
    }
    return [
        {
            "code": one.code,
            "name": names.get(one.pk, one.name),
            "short_name": one.short_name,
            "kind": one.kind,
            "kind_label": Kind(one.kind).label,
            "level": Level(one.level).value,
            "status": one.status,
            "status_label": Status(one.status).label,
            "division": one.division,
            "uscc": one.uscc,
            "parent": above.get((one.pk, Chain.REGION)),
            "industry_parent": above.get((one.pk, Chain.INDUSTRY)),
            "since": one.existence.lower if one.existence else None,
            "until": one.existence.upper if one.existence else None,
        }
        for one in rows
    ]
