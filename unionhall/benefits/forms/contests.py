"""A contest and its places."""

from typing import Any

from django import forms
from django.utils import timezone

from unionhall.foundation.errors import Refused
from unionhall.foundation.widgets import DateInput
from unionhall.kit.text import number_of
from unionhall.members.actions.persons import checked_name, read_document
from unionhall.members.documents import RESIDENT

from ..contests import STAGES, Contest, Placed


class ContestForm(forms.Form):
    title = forms.CharField(label="竞赛名称", max_length=60)
    organiser = forms.CharField(label="主办单位", max_length=40)
    occupation = forms.ChoiceField(label="工种", help_text="目录里没有职业证书的工种。")
    stage = forms.ChoiceField(label="赛段", choices=list(STAGES.items()))
    entrants = forms.IntegerField(label="参赛人数", min_value=1, max_value=1_000_000)
    held_on = forms.DateField(label="日期", widget=DateInput)
    places = forms.CharField(
        label="名次",
        widget=forms.Textarea(attrs={"rows": 10}),
        help_text="一行一人：名次，姓名，身份证号。用逗号分开。",
    )

    def __init__(self, *args: Any, occupations: tuple[str, ...], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["occupation"].choices = [(one, one) for one in occupations]  # type: ignore[attr-defined]

    def clean_held_on(self) -> Any:
        day = self.cleaned_data["held_on"]
        if day > timezone.localdate():
            raise forms.ValidationError("日期不能晚于今天。")
        return day

    def clean_places(self) -> list[Placed]:
        found = []
        for number, line in enumerate(self.cleaned_data["places"].splitlines(), 1):
            if not line.strip():
                continue
            parts = [part.strip() for part in line.replace("，", ",").split(",")]
            place = number_of(parts[0])
            if len(parts) != 3 or not place:
                raise forms.ValidationError(f"第 {number} 行应为：名次，姓名，身份证号。")
            try:
                document = read_document(RESIDENT, parts[2], timezone.localdate())
                found.append(Placed(place, checked_name(parts[1]), document.number))
            except Refused as refusal:
                raise forms.ValidationError(f"第 {number} 行：{refusal}") from None
        if len({one.place for one in found}) < len(found):
            raise forms.ValidationError("名次重复。并列的请按公布的次序填写。")
        return found

    @property
    def contest(self) -> Contest:
        given = self.cleaned_data
        return Contest(
            **{
                key: given[key]
                for key in ("title", "organiser", "occupation", "stage", "entrants", "held_on")
            }
        )
