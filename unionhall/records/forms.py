"""Filters of the journal page."""

import re
from typing import Any

from django import forms

from unionhall.foundation.widgets import DateInput

from .verbs import choices


class JournalFilter(forms.Form):
    """Who, what, about what, when. `subject` is "app.model:id", put there by a link or a search by number."""

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

    def clean_subject(self) -> tuple[str, int] | None:
        text = self.cleaned_data["subject"]
        if not text:
            return None
        match = re.fullmatch(r"([a-z]+\.[a-z]+):(\d{1,18})", text)
        if match is None:
            raise forms.ValidationError("对象写得不对。")
        return match[1], int(match[2])
