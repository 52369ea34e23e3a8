"""The light of a limitation, instalments that add up, and what is signed. Pure: today is an argument."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Literal

from unionhall.kit.sm import sm3_hex

from ..schemes.disputes import DisputeScheme, Window

Tone = Literal["ok", "warn", "bad", "mute"]


@dataclass(frozen=True)
class Light:
    """A colour with its word and the day."""

    tone: Tone
    words: str
    day: date | None = None
    article: str = ""


def limitation_light(last: date | None, article: str, scheme: DisputeScheme, today: date) -> Light:
    """How near the end of the limitation is; red too when it has passed."""
    if last is None:
        return Light("ok", "时效没有起算", None, article)
    left = (last - today).days
    if left < 0:
        return Light("bad", f"时效已过 {-left} 天", last, article)
    if left <= scheme.limitation_red_days:
        return Light("bad", f"时效只剩 {left} 天", last, article)
    if left <= scheme.limitation_amber_days:
        return Light("warn", f"时效还剩 {left} 天", last, article)
    return Light("ok", f"时效还剩 {left} 天", last, article)


def window_light(window: Window, effective_on: date, today: date) -> Light:
    """Until when the parties may ask for an agreement's confirmation. It is their right: passing is nobody's delay."""
    last = effective_on + timedelta(days=window.days)
    left = (last - today).days
    if left < 0:
        return Light("mute", f"{window.label}的期限已过", last, window.article)
    tone: Tone = "warn" if left <= 7 else "ok"
    return Light(tone, f"可以{window.label}，还剩 {left} 天", last, window.article)


def day_mistakes(knew_on: date | None, employment_ended_on: date | None, today: date) -> dict[str, str]:
    """What is wrong with the days of a claim, by field: both have been, or are not known."""
    found = {}
    if knew_on is not None and knew_on > today:
        found["knew_on"] = "知道权利被侵害的日期不能晚于今天。"
    if employment_ended_on is not None and employment_ended_on > today:
        found["employment_ended_on"] = "劳动关系终止日期不能晚于今天，还没有离职的不填。"
    return found


@dataclass(frozen=True)
class Promise:
    """One instalment as it is promised."""

    due_on: date
    amount: Decimal


def promise_mistake(amount: Decimal, promises: Sequence[Promise], on: date) -> str:
    """What is wrong with the instalments of an agreement; "" when they stand."""
    if amount and not promises:
        return "有金额的协议要写明什么时候付。一次付清的，写一期。"
    if sum((one.amount for one in promises), Decimal(0)) != amount:
        return "各期金额加起来应等于协议金额。"
    days = [one.due_on for one in promises]
    if days != sorted(set(days)):
        return "各期的应付日期要一期比一期晚。"
    if days and days[0] < on:
        return "第一期的应付日期不能早于今天。"
    return ""


def digest_of(number: str, terms: str, amount: Decimal, promises: Sequence[Promise]) -> str:
    """SM3 of what is signed: whoever signed these words did not sign others."""
    lines = [number, terms, f"{amount:.2f}", *(f"{one.due_on} {one.amount:.2f}" for one in promises)]
    return sm3_hex("\n".join(lines).encode())
