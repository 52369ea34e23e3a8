"""Answers given so far: sealed, the account's own, gone when the application is handed in."""

import json
from typing import Any

from django.db import transaction
from django.utils import timezone

from ...models import ReliefDraft

_WHY = "the account's own draft"


def draft_of(account_id: int) -> dict[str, Any]:
    """Empty when there is none."""
    row = ReliefDraft.objects.everywhere(reason=_WHY).filter(account_id=account_id).first()
    answers: dict[str, Any] = json.loads(row.answers.reveal()) if row is not None else {}
    return answers


@transaction.atomic
def keep_draft(account_id: int, **answers: Any) -> dict[str, Any]:
    """Add answers; what stands there stays."""
    rows = ReliefDraft.objects.everywhere(reason=_WHY).select_for_update()
    row = rows.filter(account_id=account_id).first()
    present: dict[str, Any] = json.loads(row.answers.reveal()) if row is not None else {}
    present |= answers
    rows.update_or_create(
        account_id=account_id,
        defaults={"answers": json.dumps(present, ensure_ascii=False), "updated_at": timezone.now()},
    )
    return present


def drop_draft(account_id: int) -> None:
    ReliefDraft.objects.everywhere(reason=_WHY).filter(account_id=account_id).delete()
