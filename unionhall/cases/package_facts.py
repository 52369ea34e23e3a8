"""What stands in a package from another federation, checked before anything is done with it.

The key says who sealed it, not that its platform is sound or of our version: lengths, dates, choices and characters
are those that our tables take. Names that are not known here are left alone.
"""

from __future__ import annotations

import json
from datetime import date
from typing import Annotated, Any, TypeVar

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, ValidationError
from pydantic_core import from_json

from unionhall.foundation.errors import Refused
from unionhall.kit.dates import is_of_our_time

from .models import CaseParty, CaseText

VERSION = 1
#: What people call a part, in refusals.
LABELS = {
    "version": "版本", "key": "移送编号", "number": "编号", "kind": "类别", "title": "标题", "state": "状态",
    "organisation": "办理工会", "opened_at": "登记时间", "occurred_on": "发生日期", "amount": "涉及金额",
    "headcount": "涉及人数", "contact": "联系方式", "employer": "用人单位", "person": "当事人", "own": "本类别的内容",
    "texts": "陈述和记录", "parties": "当事各方", "events": "办理记录", "clocks": "办理时限", "files": "材料清单",
    "at": "时间", "answer": "答复",
}  # fmt: skip


def _in_our_time(value: Any) -> Any:
    if not is_of_our_time(value):
        raise ValueError("year")
    return value


def _contact(text: str) -> str:
    if text:
        held = json.loads(text)
        if not isinstance(held, dict) or not all(isinstance(one, str) for one in held.values()):
            raise ValueError("contact")
    return text


At = Annotated[AwareDatetime, AfterValidator(_in_our_time)]
Day = Annotated[date, AfterValidator(_in_our_time)]
#: Yuan as text, so that no binary fraction comes in between.
Sum = Annotated[str, Field(pattern=r"^\d{1,12}(\.\d{1,2})?$")]


def _short(most: int, least: int = 0) -> Any:
    return Field(min_length=least, max_length=most)


class _Part(BaseModel):
    model_config = ConfigDict(strict=True, frozen=True)


class EmployerFacts(_Part):
    name: str = _short(200, 1)
    uscc: str = _short(18)
    division: str = _short(20)


class PersonFacts(_Part):
    name: str = _short(100)
    id_type: str = _short(10)
    id_number: str = _short(60)


class TextFacts(_Part):
    role: CaseText.Role
    body: str
    shown: bool
    actor: str = _short(200)
    at: At


class PartyFacts(_Part):
    side: CaseParty.Side
    name: str = _short(120, 1)
    id_number: str = _short(60)
    phone: str = _short(60)
    amount: Sum | None


class EventFacts(_Part):
    label: str = _short(60)
    actor: str = _short(200)
    opinion: str = _short(2000)
    at: At


class ClockFacts(_Part):
    label: str = _short(60)
    due_at: At
    state: str = _short(20)


class FileFacts(_Part):
    name: str = _short(255, 1)
    label: str = _short(200)
    content_type: str = _short(200)


class Facts(_Part):
    """A case on its way, as `packages.facts_of` wrote it. `state_code`: not in packages of the first platforms."""

    version: int
    key: str = _short(40, 8)
    reason: str = _short(300)
    number: str = _short(24, 1)
    kind: str = _short(16, 1)
    kind_title: str = _short(40)
    title: str = _short(120, 1)
    grade: str = _short(12)
    state: str = _short(40)
    state_code: str = _short(24)
    cause: str = _short(24)
    headcount: int = Field(ge=1, le=10_000_000)
    is_anonymous: bool
    amount: Sum | None
    occurred_on: Day | None
    opened_at: At
    filed_by: str = _short(80)
    contact: Annotated[str, AfterValidator(_contact)] = _short(4000)
    organisation: str = _short(200, 1)
    employer: EmployerFacts | None
    person: PersonFacts | None
    own: dict[str, Any]
    texts: list[TextFacts] = _short(2000)
    parties: list[PartyFacts] = _short(1000)
    events: list[EventFacts] = _short(5000)
    clocks: list[ClockFacts] = _short(500)
    files: list[FileFacts] = _short(500)

    @property
    def first(self) -> int:
        """Where the statement stands with which the case was opened; -1 for none."""
        said = (place for place, one in enumerate(self.texts) if one.role == CaseText.Role.STATEMENT)
        return next(said, -1)


class ReceiptFacts(_Part):
    """How a case stands with whoever took it over."""

    version: int
    key: str = _short(40, 8)
    number: str = _short(24, 1)
    state: str = _short(40)
    closed: bool
    answer: str = _short(20_000)
    at: At


FactsT = TypeVar("FactsT", Facts, ReceiptFacts)


def checked(raw: bytes, wanted: type[FactsT]) -> FactsT:
    """The facts in a package. Refused, naming the part, for what lacks, is of another type or another version."""
    try:
        given = from_json(raw)
    except ValueError:
        raise _wrong("") from None
    if not isinstance(given, dict) or _unwritable(given):
        raise _wrong("")
    if given.get("version") != VERSION:
        raise Refused("移送包的版本与本会平台不同，请对方用同一版本的平台重新生成。", field="file")
    if wanted is Facts:
        given = {"state_code": "", "reason": "", **given}
    try:
        # Through JSON again, as dates are texts there even where types are strict.
        return wanted.model_validate_json(json.dumps(given))
    except ValidationError as mistakes:
        raise _wrong(str(mistakes.errors(include_input=False)[0]["loc"][0])) from None


def _wrong(part: str) -> Refused:
    named = LABELS.get(part, part)
    which = f"“{named}”缺少内容或格式不对" if named else "内容读不出来"
    return Refused(f"移送包里的{which}，没有接收。请对方用同一版本的平台重新生成。", field="file")


def wrong_own() -> Refused:
    """What only the case's kind knows cannot be kept here."""
    return _wrong("own")


def _unwritable(value: Any) -> bool:
    """Whether a text holds the one character that the database cannot keep."""
    if isinstance(value, str):
        return "\x00" in value
    if isinstance(value, dict):
        return any(_unwritable(one) for pair in value.items() for one in pair)
    return isinstance(value, list) and any(_unwritable(one) for one in value)
