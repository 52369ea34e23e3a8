"""Filters of the windows' figures and of the list of what was taken."""

from typing import Any

from django import forms
from django.utils import timezone

from ..matters import matters
from ..models import Intake


class FiguresFilter(forms.Form):
    year = forms.TypedChoiceField(label="年份", coerce=int, required=False)
    under = forms.CharField(required=False, max_length=24, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        this = timezone.localdate().year
        self.fields["year"].choices = [  # type: ignore[attr-defined]
            (str(year), f"{year} 年") for year in range(this, this - 5, -1)
        ]


class IntakeFilter(FiguresFilter):
    matter = forms.ChoiceField(label="事项", required=False)
    state = forms.ChoiceField(label="状态", required=False, choices=[("", "全部"), *Intake.State.choices])
    hall = forms.CharField(required=False, max_length=80, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = sorted((one.code, one.title) for one in matters())
        self.fields["matter"].choices = [("", "全部"), *choices]  # type: ignore[attr-defined]
        years: Any = self.fields["year"]
        years.choices = [("", "全部"), *years.choices]
