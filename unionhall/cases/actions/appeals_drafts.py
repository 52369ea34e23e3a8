"""Answers given on the phone so far: sealed, the account's own, gone when the appeal is handed in."""

from __future__ import annotations

import json
from typing import Any

from django.db import transaction
from django.utils import timezone

from ..models import AppealDraft

_WHY = "the account's own draft"


def draft_of(account_id: int) -> dict[str, Any]:
    """Empty when there is none."""
    row = AppealDraft.objects.everywhere(reason=_WHY).filter(account_id=account_id).first()
    answers: dict[str, Any] = json.loads(row.answers.reveal()) if row is not None else {}
    return answers


@transaction.atomic
def keep_draft(account_id: int, **answers: Any) -> dict[str, Any]:
    """Add answers; what stands there stays."""
    rows = AppealDraft.objects.everywhere(reason=_WHY).select_for_update()
    row = rows.filter(account_id=account_id).first()
    present: dict[str, Any] = json.loads(row.answers.reveal()) if row is not None else {}
    present |= answers
    rows.update_or_create(
        account_id=account_id,
        defaults={"answers": json.dumps(present, ensure_ascii=False), "updated_at": timezone.now()},
    )
    return present


def drop_draft(account_id: int) -> None:
    AppealDraft.objects.everywhere(reason=_WHY).filter(account_id=account_id).delete()
