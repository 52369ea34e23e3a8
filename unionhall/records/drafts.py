"""Forms of several pages, kept until they are handed in: answers sealed, papers beside them; one per account and form.

What is left alone for `LASTS` goes by itself, answers and papers alike: it is personal data without a purpose then.
"""

import json
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from unionhall.foundation.actors import Actor
from unionhall.foundation.errors import Refused
from unionhall.foundation.scope import ScopedQuerySet

from . import attachments
from .models import Attachment, Draft
from .uploads import Upload

LASTS = timedelta(days=30)
MOST_PAPERS = 5
_WHY = "the account's own draft"


def _rows(account_id: int, form: str) -> ScopedQuerySet[Draft]:
    return Draft.objects.everywhere(reason=_WHY).filter(account_id=account_id, form=form)


def _opened(row: Draft | None) -> dict[str, Any]:
    answers: dict[str, Any] = json.loads(row.answers.reveal()) if row is not None else {}
    return answers


def draft_of(account_id: int, form: str) -> dict[str, Any]:
    """The answers given so far; empty when there are none, or when they were left alone too long."""
    return _opened(_rows(account_id, form).filter(updated_at__gt=timezone.now() - LASTS).first())


def begun(account_id: int) -> set[str]:
    """Forms that the account has begun and not handed in."""
    rows = Draft.objects.everywhere(reason=_WHY).filter(account_id=account_id)
    return set(rows.filter(updated_at__gt=timezone.now() - LASTS).values_list("form", flat=True))


@transaction.atomic
def keep_draft(account_id: int, form: str, /, **answers: Any) -> dict[str, Any]:
    """Add answers; what stands there stays, and papers last as long as the answers."""
    now = timezone.now()
    rows = Draft.objects.everywhere(reason=_WHY).select_for_update()
    row = rows.filter(account_id=account_id, form=form).first()
    present = (_opened(row) if row is not None and row.updated_at > now - LASTS else {}) | answers
    rows.update_or_create(
        account_id=account_id,
        form=form,
        defaults={"answers": json.dumps(present, ensure_ascii=False), "updated_at": now},
    )
    papers_of(account_id, form).update(expires_at=now + LASTS)
    return present


def take_draft(account_id: int, form: str) -> list[Attachment]:
    """For handing in, inside the transaction that does: the draft goes, its papers are answered.

    Raises Refused where it has gone already: the same press twice files once.
    """
    papers = list(papers_of(account_id, form))
    if not _rows(account_id, form).delete()[0]:
        raise Refused("这份表已经提交过了，不用再提交。")
    return papers


def drop_draft(account_id: int, form: str) -> None:
    """Forget it; the papers go with the next hour's clearing."""
    _rows(account_id, form).delete()
    papers_of(account_id, form).update(expires_at=timezone.now())


def purge_left_alone() -> int:
    """Remove answers that nobody touched for `LASTS`; answers how many. Their papers expire by themselves."""
    rows = Draft.objects.everywhere(reason="drafts that were left alone")
    return rows.filter(updated_at__lte=timezone.now() - LASTS).delete()[0]


# Papers ---------------------------------------------------------------------------------------------------------


_DRAFT = "draft."
IS_PAPER = Q(purpose__startswith=_DRAFT)


def _purpose(form: str) -> str:
    return f"{_DRAFT}{form}"


def papers_of(account_id: int, form: str) -> ScopedQuerySet[Attachment]:
    """What was added to the draft and is still there, in the order in which it came."""
    rows = Attachment.objects.everywhere(reason=_WHY).filter(owner_id=account_id, purpose=_purpose(form))
    return rows.filter(expires_at__gt=timezone.now()).order_by("pk")


@transaction.atomic
def keep_paper(actor: Actor, form: str, upload: Upload) -> Attachment:
    """Keep a checked upload with the draft. Raises Refused beyond `MOST_PAPERS`."""
    if actor.account_id is None:
        raise Refused("请先登录。")
    if papers_of(actor.account_id, form).count() >= MOST_PAPERS:
        raise Refused(f"最多 {MOST_PAPERS} 个材料。提交以后还可以补充。", "file")
    kept = attachments.store(
        actor, upload.content, name=upload.name, content_type=upload.content_type, purpose=_purpose(form),
        size=upload.size,
    )  # fmt: skip
    kept.expires_at = timezone.now() + LASTS
    kept.save(update_fields=["expires_at"])
    return kept


def drop_paper(account_id: int, form: str, pk: int) -> None:
    """Take one back; it goes with the next hour's clearing."""
    papers_of(account_id, form).filter(pk=pk).update(expires_at=timezone.now())


def is_paper(file: Attachment) -> bool:
    return file.purpose.startswith(_DRAFT)


def adopt(file: Attachment, *, purpose: str, paths: tuple[str, ...]) -> Attachment:
    """A draft's paper becomes a paper of what was handed in, and lasts as long as that."""
    file.purpose, file.expires_at = purpose, None
    file.path, file.second_path = paths[0], paths[1] if len(paths) > 1 else ""
    file.save(update_fields=["purpose", "expires_at", "path", "second_path"])
    return file
