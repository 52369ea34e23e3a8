"""How numbers, money, dates, deadlines and states are worded on every page. The filters of `{% load ui %}`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils import timezone

from unionhall.kit import masking

#: Tone of a status: ok, warn, bad, info, mute. Codes not named here are grey.
TONES: dict[str, str] = {
    **dict.fromkeys(
        ("ok", "active", "approved", "done", "passed", "finished", "published", "valid", "in_force", "green"),
        "ok",
    ),
    **dict.fromkeys(
        ("warn", "pending", "returned", "waiting", "paused", "amber", "partial", "suspended"), "warn"
    ),
    **dict.fromkeys(("bad", "refused", "rejected", "overdue", "failed", "error", "revoked", "red"), "bad"),
    **dict.fromkeys(
        ("info", "new", "submitted", "running", "reviewing", "in_progress", "doing", "now"), "info"
    ),
}


def tone_of(code: str) -> str:
    """The tone of a status code; grey for one it does not know."""
    return TONES.get(code.lower(), "mute")


class AtLeast(int):
    """A count that was broken off: there are more. Shown as “10,000 以上”."""


def number(value: Any, places: int | None = None) -> str:
    """1234567 → 1,234,567. `places` fixes the decimals; without it a whole number has none."""
    if value in (None, ""):
        return "—"
    if isinstance(value, AtLeast):
        return f"{int(value):,} 以上"
    try:
        found = Decimal(str(value))
    except InvalidOperation:
        return str(value)
    if places is not None:
        return f"{found:,.{places}f}"
    return f"{found:,f}" if found != found.to_integral_value() else f"{found.to_integral_value():,f}"


def short_number(value: Any) -> str:
    """1284268 → 128.4万, for places too narrow for seven digits; up to five digits stay whole."""
    if value in (None, "") or abs(value) < 100_000:
        return number(value)
    tens = Decimal(value) / 10_000
    return f"{tens:,.1f}万" if abs(tens) < 10_000 else f"{tens / 10_000:,.2f}亿"


def money(value: Any) -> str:
    """Yuan with two decimals: 1234.5 → 1,234.50."""
    return number(value, 2)


def percent(value: Any, places: int = 1) -> str:
    """A share between 0 and 1: 0.725 → 72.5%."""
    return "—" if value in (None, "") else f"{float(value) * 100:.{places}f}%"


def day(value: Any) -> str:
    """2026-11-22; a moment is shown in the local day."""
    if not value:
        return "—"
    if isinstance(value, datetime):
        value = timezone.localtime(value) if timezone.is_aware(value) else value
    return f"{value:%Y-%m-%d}"


def moment(value: Any) -> str:
    """2026-11-22 09:30 in local time."""
    if not value:
        return "—"
    if isinstance(value, datetime):
        return f"{timezone.localtime(value) if timezone.is_aware(value) else value:%Y-%m-%d %H:%M}"
    return day(value)


def long_day(value: date | None) -> str:
    """2026年11月22日 星期日."""
    return (
        "—"
        if value is None
        else f"{value.year}年{value.month}月{value.day}日 星期{'一二三四五六日'[value.weekday()]}"
    )


def ago(value: datetime | None, now: datetime | None = None) -> str:
    """刚刚, 5分钟前, 3小时前, 昨天 09:30, then the moment itself."""
    if value is None:
        return "—"
    at, here = timezone.localtime(value), timezone.localtime(now or timezone.now())
    seconds = (here - at).total_seconds()
    if 0 <= seconds < 60:
        return "刚刚"
    if 0 <= seconds < 3600:
        return f"{int(seconds // 60)}分钟前"
    if seconds >= 0 and at.date() == here.date():
        return f"{int(seconds // 3600)}小时前"
    if at.date() == here.date() - timedelta(days=1):
        return f"昨天 {at:%H:%M}"
    return f"{at:%Y-%m-%d %H:%M}"


def file_size(value: int | None) -> str:
    """Bytes as 812 B, 34 KB, 1.2 MB."""
    if value is None:
        return "—"
    if value < 1024:
        return f"{value} B"
    return f"{value / 1024:.0f} KB" if value < 1024 * 1024 else f"{value / 1024 / 1024:.1f} MB"


def initial(name: str) -> str:
    """The character in the round badge: the family name."""
    return str(name).strip()[:1] or "？"


def get(mapping: Any, key: Any) -> Any:
    """`{{ mapping|get:key }}`."""
    return mapping.get(key) if hasattr(mapping, "get") else None


@dataclass(frozen=True)
class Deadline:
    """A due date in words; `tone` is ok, warn, bad or mute, and `word` always says the same as the colour."""

    tone: str
    word: str
    number: str
    due: date | None
    icon: str
    reason: str = ""

    @classmethod
    def of(
        cls,
        due: date | None,
        days: int | None = None,
        *,
        paused: str = "",
        done: bool = False,
        unit: str = "个工作日",
    ) -> Deadline:
        """`days` left, negative when overdue; without it calendar days are counted from today."""
        if isinstance(due, datetime):
            due = timezone.localtime(due).date() if timezone.is_aware(due) else due.date()
        if done:
            return cls("mute", "已办结", "", due, "circle-check")
        if paused:
            return cls("mute", "已暂停计时", "", due, "clock-pause", paused)
        if days is None and due is not None:
            days, unit = (due - timezone.localdate()).days, "天"
        if days is None:
            return cls("mute", "无时限", "", None, "clock")
        if days < 0:
            return cls("bad", "逾期", f"{-days} {unit}", due, "alert-circle")
        if days == 0:
            return cls("warn", "临期", "今天到期", due, "alarm")
        if days <= 3:
            return cls("warn", "临期", f"剩 {days} {unit}", due, "alarm")
        return cls("ok", "正常", f"剩 {days} {unit}", due, "clock")


FILTERS: dict[str, Callable[..., Any]] = {
    "number": number,
    "short_number": short_number,
    "money": money,
    "percent": percent,
    "day": day,
    "moment": moment,
    "long_day": long_day,
    "ago": ago,
    "file_size": file_size,
    "initial": initial,
    "get": get,
    "mask_name": lambda value: masking.mask_name(str(value or "")),
    "mask_phone": lambda value: masking.mask_phone(str(value or "")),
    "mask_id": lambda value: masking.mask_id(str(value or "")),
}
