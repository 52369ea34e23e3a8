"""The names that every document may use."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from django.utils import timezone

from unionhall.kit.money import capitals, yuan

from .. import kinds
from ..models import Case, CaseParty

BLANK = "＿＿＿＿＿＿"


def chinese_day(day: date | None) -> str:
    """2026年5月1日; a place to write for none."""
    return f"{day.year}年{day.month}月{day.day}日" if day else BLANK


def money_words(amount: Decimal | None) -> str:
    """人民币12,000.00元（大写：壹万贰仟元整）; a place to write for none."""
    return f"人民币{yuan(amount)}元（大写：{capitals(amount)}）" if amount is not None else BLANK


def names(parties: list[CaseParty], side: str) -> str:
    return "、".join(one.name for one in parties if one.side == side)


def base(case: Case) -> dict[str, Any]:
    """Number, union, today, the two sides, what it is about. Of anonymous cases nobody is named."""
    parties = list(case.parties.order_by("pk"))
    applicants = names(parties, "applicant")
    if not applicants and case.person is not None and not case.is_anonymous:
        applicants = case.person.name
    kind = kinds.kind(case.kind)
    return {
        "number": case.number,
        "kind": kind.title,
        "title": case.title,
        "union": case.organisation.name,
        "today": chinese_day(timezone.localdate()),
        "opened": chinese_day(timezone.localdate(case.opened_at)),
        "applicant": applicants or BLANK,
        "respondent": names(parties, "respondent") or (case.employer.name if case.employer else BLANK),
        "representative": names(parties, "representative"),
        "cause": kind.causes.get(case.cause, case.cause) or BLANK,
        "amount": money_words(case.amount),
        "headcount": case.headcount,
        "occurred": chinese_day(case.occurred_on),
        "handler": case.owner.display_name if case.owner else BLANK,
    }
