"""Forms of the career subsidy."""

from collections.abc import Sequence
from typing import Any

from django import forms

from ..models import CareerApplication


class NumberForm(forms.Form):
    """A certificate's number: of one that the registry shows of the reader, or typed."""

    number = forms.CharField(
        label="证书编号",
        max_length=40,
        help_text="证书内页的编号，字母和数字，不分大小写。",
        error_messages={"required": "请填写证书编号。"},
    )


class StageFilter(forms.Form):
    """The desk's list."""

    stage = forms.ChoiceField(
        label="阶段", required=False, choices=[("", "全部"), *CareerApplication.Stage.choices]
    )


class PublishForm(forms.Form):
    """Which verified applications go into the notice."""

    applications = forms.MultipleChoiceField(
        label="已核实的申请",
        widget=forms.CheckboxSelectMultiple,
        error_messages={
            "required": "请选择要公示的申请。",
            "invalid_choice": "有的申请已经变动，请刷新后重新选择。",
        },
    )

    def __init__(self, *args: Any, rows: Sequence[CareerApplication], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.rows = {str(one.pk): one for one in rows}
        self.fields["applications"].choices = [  # type: ignore[attr-defined]
            (
                key,
                f"{one.review.number} {one.person.masked_name} {one.occupation}（{one.get_level_display()}）",
            )
            for key, one in self.rows.items()
        ]
        self.initial.setdefault("applications", list(self.rows))

    def chosen(self) -> list[CareerApplication]:
        return [self.rows[key] for key in self.cleaned_data["applications"]]
