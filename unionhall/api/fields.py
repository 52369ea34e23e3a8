"""Types of what comes in: each says its form in the OpenAPI document, and refuses everything else."""

from __future__ import annotations

import base64
import binascii
import json
import re
from datetime import date
from typing import Annotated, Any

from django.utils import timezone
from pydantic import AfterValidator, BeforeValidator, StringConstraints, WithJsonSchema

from unionhall.members.documents import KINDS, RESIDENT

#: Text without control characters.
TEXT = r"^[^\x00-\x1f\x7f]+$"
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
EARLIEST = date(1949, 10, 1)
MOST_ID = 2**63 - 1

Code = Annotated[
    str, StringConstraints(pattern=r"^[0-9A-Z-]{2,24}$"), WithJsonSchema(
        {"type": "string", "pattern": "^[0-9A-Z-]{2,24}$", "description": "组织代码，例如 420102-00017"}
    ),
]  # fmt: skip
Purpose = Annotated[
    str, StringConstraints(pattern=TEXT, min_length=4, max_length=200, strip_whitespace=False)
]
Name = Annotated[str, StringConstraints(pattern=TEXT, min_length=2, max_length=50)]


def _day(value: Any) -> Any:
    """Exactly 2026-03-05: no times, no numbers of seconds, no other order."""
    if isinstance(value, date):
        return value
    if not isinstance(value, str) or not _DAY.fullmatch(value):
        raise ValueError("日期应写作 2026-03-05。")
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise ValueError("没有这一天。") from None


def _known_day(value: date) -> date:
    if not EARLIEST <= value <= timezone.localdate():
        raise ValueError(f"应在 {EARLIEST:%Y-%m-%d} 至今天之间。")
    return value


Day = Annotated[
    date, BeforeValidator(_day), AfterValidator(_known_day),
    WithJsonSchema({"type": "string", "format": "date", "description": "截至哪一天；不填即今天"}),
]  # fmt: skip


def _known_type(value: str) -> str:
    if value not in KINDS:
        raise ValueError("没有这种证件类型代码。")
    return value


IdKind = Annotated[
    str, AfterValidator(_known_type), WithJsonSchema(
        {"type": "string", "enum": list(KINDS), "default": RESIDENT,
         "description": "证件类型：" + "，".join(f"{code} {kind.label}" for code, kind in KINDS.items())}
    ),
]  # fmt: skip


def cursor_of(**key: Any) -> str:
    """Where the next page begins, for a client opaque."""
    return base64.urlsafe_b64encode(json.dumps(key, separators=(",", ":")).encode()).decode().rstrip("=")


def key_in(cursor: str, name: str) -> Any:
    """The key in a cursor. Raises ValueError in plain Chinese for one that we did not make."""
    try:
        found = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        return found[name]
    except (ValueError, KeyError, TypeError, binascii.Error, UnicodeDecodeError):
        raise ValueError("翻页标记不对，请使用上一页答复里的 next_cursor。") from None


Cursor = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,200}$")]
