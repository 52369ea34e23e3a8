"""What the pages of a form share on the phone: its papers, and its answers in words."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.db.models import Model

from unionhall.foundation.widgets import FileDrop
from unionhall.kit.money import yuan

from .. import evidence


class PaperForm(forms.Form):
    """One more photo, recording or document."""

    file = forms.FileField(
        label="照片、录音或材料",
        required=False,
        widget=FileDrop(hint=evidence.HINT, attrs={"accept": evidence.ACCEPT}),
    )

    def clean_file(self) -> Any:
        return evidence.cleaned(self.cleaned_data["file"])

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        if "add" in self.data and not given.get("file") and "file" not in self.errors:
            self.add_error("file", "请先选择文件。没有材料的按“下一步”。")
        return given


def said(form: forms.Form, name: str) -> str:
    """A valid answer as a person reads it: the choice's words, yuan, yes or no; empty for none."""
    field, value = form.fields[name], form.cleaned_data.get(name)
    if isinstance(field, forms.ChoiceField):
        words = dict(field.choices)  # type: ignore[arg-type]
        return str(words.get(form[name].value(), "") or "")
    if isinstance(field, forms.BooleanField):
        return "是" if value else "否"
    if isinstance(value, Decimal):
        return f"{yuan(value)} 元"
    if isinstance(value, Model):
        return str(value)
    return f"{value:%Y-%m-%d}" if isinstance(value, date) else "" if value is None else f"{value}"
