"""Filters of the journal page."""

import re
from datetime import timedelta
from typing import Any

from django import forms
from django.utils import timezone

from unionhall.foundation.widgets import DateInput

from .verbs import choices

#: Part of a name stands in no index: it is looked for in these days, and in no more than those.
NAMED_WITHIN, NAMED_AT_MOST = timedelta(days=31), timedelta(days=366)


class JournalFilter(forms.Form):
    """Who, what, about what, when. `subject` is "app.model:id", put there by a link or a search by number.

    Who is looked for in the last month unless days are given (`is_narrowed`), and in a year at the most.
    """

    is_narrowed = False

    actor = forms.CharField(
        label="操作人", required=False, max_length=40, widget=forms.TextInput(attrs={"type": "search"})
    )
    action = forms.ChoiceField(label="动作", required=False)
    since = forms.DateField(label="自", required=False, widget=DateInput())
    until = forms.DateField(label="至", required=False, widget=DateInput())
    subject = forms.CharField(required=False, max_length=80, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["action"].choices = [("", "全部"), *choices()]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        found: dict[str, Any] = super().clean() or {}
        if not found.get("actor") or found.get("subject"):
            return found
        until = found.get("until") or timezone.localdate()
        if not found.get("since"):
            self.is_narrowed = True
            return found | {"since": until - NAMED_WITHIN}
        if until - found["since"] > NAMED_AT_MOST:
            self.add_error("actor", "按操作人查找，请把日期范围缩短到一年以内。")
        return found

    def clean_subject(self) -> tuple[str, int] | None:
        text = self.cleaned_data["subject"]
        if not text:
            return None
        match = re.fullmatch(r"([a-z]+\.[a-z]+):(\d{1,18})", text)
        if match is None:
            raise forms.ValidationError("对象写得不对。")
        return match[1], int(match[2])
