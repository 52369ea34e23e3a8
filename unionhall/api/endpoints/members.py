"""members:status — whether whoever shows this document is a member, for a stated purpose; one answer for all others."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from django.db import transaction
from django.utils import timezone
from ninja import Router, Schema
from pydantic import ConfigDict, Field, StringConstraints

from unionhall.members.actions.persons import read_document
from unionhall.members.documents import RESIDENT
from unionhall.members.models import Membership, Person
from unionhall.records.actions import journal

from .. import tokens
from ..authentication import JSON, Bearer, Call
from ..fields import IdKind, Purpose
from ..scopes import Scope
from . import answers

router = Router(tags=["会员身份"])
#: Stands in for nobody, so that the look-up of a stranger does the same work as that of a member.
_NOBODY = 0


class StatusQuestion(Schema):
    """Type and number of an identity document, in the body and never in an address, and what it is asked for."""

    model_config = ConfigDict(extra="forbid")
    id_type: IdKind = RESIDENT
    id_number: Annotated[
        str, StringConstraints(min_length=5, max_length=30, pattern=r"^[0-9A-Za-z()（）·./ -]+$")
    ] = Field(description="证件号码")
    purpose: Purpose = Field(description="查询用途，记入日志，本人可以看到")


class StatusAnswer(Schema):
    """Not a member, unknown and outside the client's part of the tree look the same."""

    member: bool = Field(description="是否为数据范围内工会的会员")
    standing: str | None = Field(description="active 在册，retained 保留会籍；不是会员时为空")
    standing_label: str | None = Field(description="会籍状态的中文")
    organisation: str | None = Field(description="所在工会的组织代码")
    organisation_name: str | None = Field(description="所在工会的名称")
    since: date | None = Field(description="入会日期")
    reference: str | None = Field(description="会员代号：推送事件用同一个代号，别的接入方看到的不同")


_STRANGER = StatusAnswer(
    member=False, standing=None, standing_label=None, organisation=None, organisation_name=None, since=None,
    reference=None,
)  # fmt: skip


@router.post(
    "/status", auth=Bearer(Scope.MEMBERS_STATUS, takes=JSON), operation_id="member_status",
    response=answers({200: StatusAnswer}, 413, 415), summary="按证件查询会员身份",
)  # fmt: skip
def member_status(request: Call, body: StatusQuestion) -> Any:
    """证件号码只放在请求体里。查不到、不是会员、不在数据范围内，答复都一样。每次查询都连同用途记入日志，本人可以看到。"""
    client = request.auth
    document = read_document(body.id_type, body.id_number, timezone.localdate())
    with transaction.atomic():
        found = _membership(request, body.id_type, document.number)
        journal(
            request.actor,
            "api.member_status",
            subject=found.person if found else None,
            label="" if found else client.name,
            paths=(found.path, found.second_path) if found else client.organisation.paths,
            reason=body.purpose,
            detail={"client": client.pk, "found": found is not None},
        )
    reference = tokens.reference_of(client.reference_key, found.person_id if found else _NOBODY)
    if found is None:
        return _STRANGER
    return StatusAnswer(
        member=True,
        standing=found.standing,
        standing_label=found.get_standing_display(),
        organisation=found.organisation.code,
        organisation_name=found.organisation.name,
        since=found.joined_on,
        reference=reference,
    )


def _membership(request: Call, id_type: str, number: str) -> Membership | None:
    """One scoped query, whoever is asked for: who stands elsewhere is not found, like who does not exist."""
    people = Person.objects.everywhere(reason="a sub-select; the memberships around it are scoped")
    rows = Membership.objects.visible_to(request.access, to="members.view").current()
    chosen = rows.filter(person__in=people.with_identity(id_type, number).values("pk"))
    return chosen.select_related("person", "organisation").first()
