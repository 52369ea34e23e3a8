"""Making a document of a case: filled in, sealed, kept with the case's files, journalled."""

from __future__ import annotations

from io import BytesIO
from typing import Any

from django.db import transaction
from django.utils import timezone

from unionhall.foundation.actors import Actor
from unionhall.foundation.errors import Refused
from unionhall.records import attachments
from unionhall.records.actions import journal

from ..actions.core import attach
from ..actions.keeping import PURPOSE
from ..models import Case, CaseFile
from . import contexts, pdf, word
from .templates import Template, template

__all__ = ["context_of", "lacking", "make", "preview"]


def lacking() -> str:
    """What is said to whoever makes documents on a machine that makes no PDF; empty where it does."""
    return "" if pdf.font() else pdf.MISSING


def context_of(case: Case, found: Template, more: dict[str, Any] | None = None) -> dict[str, Any]:
    """All names the document may use. Refused, when one that the desk has to give is missing."""
    given = contexts.base(case) | found.context(case) | (more or {})
    for name, label in found.asks.items():
        if not str(given.get(name, "")).strip():
            raise Refused(f"请填写“{label}”。", field=name)
    return given


def preview(case: Case, code: str, *, context: dict[str, Any] | None = None) -> tuple[bytes, bytes | None]:
    """Word and PDF (None without a Chinese font), kept nowhere."""
    found = template(code)
    given = context_of(case, found, context)
    return word.word(found, given), pdf.pdf(found, given)


@transaction.atomic
def make(
    actor: Actor,
    case: Case,
    template_code: str,
    *,
    context: dict[str, Any] | None = None,
    shown: bool | None = None,
) -> CaseFile:
    """Make the document and keep it with the case; answers the PDF's file, or the Word's where no font is found.

    Both are kept. Whether the actor may is asked by the action that calls. Raises Refused for a missing value.
    """
    found = template(template_code)
    if found.kinds and case.kind not in found.kinds:
        raise Refused(f"“{found.title}”不适用于这类案件。")
    written, printed = preview(case, template_code, context=context)
    told = found.shown if shown is None else shown
    name = f"{found.title}{case.number}"
    kept = _keep(actor, case, found, f"{name}.docx", written, word.CONTENT_TYPE, told)
    if printed is not None:
        kept = _keep(actor, case, found, f"{name}.pdf", printed, pdf.CONTENT_TYPE, told)
    journal(
        actor, "cases.document_made", subject=case, label=case.number, paths=case.organisation.paths,
        detail={"template": found.code, "pdf": printed is not None, "on": f"{timezone.localdate()}"},
    )  # fmt: skip
    return kept


def _keep(
    actor: Actor, case: Case, found: Template, name: str, content: bytes, content_type: str, shown: bool
) -> CaseFile:
    stored = attachments.store(
        actor, BytesIO(content), name=name, content_type=content_type, purpose=PURPOSE,
        paths=case.organisation.paths, size=len(content),
    )  # fmt: skip
    return attach(actor, case, stored, label=name, shown=shown, template=found.code)
