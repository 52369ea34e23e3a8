"""cards:verify — whether a card is good, as anyone who scans it would be told."""

from __future__ import annotations

from typing import Annotated, Any

from django.db import transaction
from ninja import Router, Schema
from pydantic import ConfigDict, Field, StringConstraints

from unionhall.members import cards
from unionhall.members.models import Person
from unionhall.records.actions import journal

from ..authentication import JSON, Bearer, Call
from ..fields import TEXT, Name
from ..models import Client
from ..scopes import Scope
from . import answers

router = Router(tags=["会员卡"])


class CodeQuestion(Schema):
    """What the QR code says: the bare code, or the whole address."""

    model_config = ConfigDict(extra="forbid")
    code: Annotated[str, StringConstraints(pattern=TEXT, min_length=1, max_length=400)] = Field(
        description="扫码得到的会员码或网址"
    )


class NumberQuestion(Schema):
    """The number printed on the card with its holder's full name."""

    model_config = ConfigDict(extra="forbid")
    number: Annotated[str, StringConstraints(pattern=r"^[0-9]{16}$")] = Field(description="16 位会员卡号")
    name: Name = Field(description="持卡人姓名，须与登记一致")


class CardAnswer(Schema):
    """The same answer as on /verify/: valid, or why not; the name masked."""

    valid: bool = Field(description="现在是否有效")
    reason: str = Field(description="给人看的一句话")
    masked_name: str = Field(description="持卡人姓名，只显示第一个字；无效时为空")
    paper: bool = Field(description="是否为纸质会员卡")


@router.post(
    "/verify", auth=Bearer(Scope.CARDS_VERIFY, takes=JSON), operation_id="verify_card",
    response=answers({200: CardAnswer}, 413, 415), summary="核验会员卡",
)  # fmt: skip
def verify_card(request: Call, body: CodeQuestion | NumberQuestion) -> Any:
    """用扫码得到的会员码核验；没有扫码设备时用卡号加姓名（只限数据范围内的会员）。每次核验都记入日志。"""
    client = request.auth
    with transaction.atomic():
        if isinstance(body, CodeQuestion):
            check, holder = cards.check_and_name(cards.token_in(body.code))
        else:
            check, holder = cards.check_number(body.number, body.name, request.access)
        _note(request, client, check.valid, holder, "code" if isinstance(body, CodeQuestion) else "number")
    return CardAnswer(
        valid=check.valid, reason=check.reason, masked_name=check.masked_name, paper=check.paper
    )


def _note(request: Call, client: Client, valid: bool, holder: Person | None, by: str) -> None:
    """The holder reads under 谁看过我的信息 that the card was checked, and by whom."""
    journal(
        request.actor,
        "api.verify_card",
        subject=holder,
        label=client.name if holder is None else "",
        paths=client.organisation.paths,
        reason=client.purpose,
        detail={"client": client.pk, "by": by, "valid": valid},
    )
