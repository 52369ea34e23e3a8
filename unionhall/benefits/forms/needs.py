"""Forms of needs: the survey, and opening one."""

from typing import Any

from django import forms

from unionhall.foundation.widgets import DateInput
from unionhall.organisations.models import Organisation


class SurveyForm(forms.Form):
    """The choices under their headings; how many at most is said above."""

    codes = forms.MultipleChoiceField(
        label="您最需要什么",
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "请至少选择一项。", "invalid_choice": "选项已变动，请刷新后重新选择。"},
    )

    def __init__(
        self, *args: Any, choices: list[tuple[str, list[tuple[str, str]]]], most: int, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.most = most
        field: Any = self.fields["codes"]
        field.choices = choices
        field.help_text = f"最多选 {most} 项，选最急、最难、最盼的。"

    def clean_codes(self) -> list[str]:
        chosen: list[str] = self.cleaned_data["codes"]
        if len(chosen) > self.most:
            raise forms.ValidationError(f"最多选 {self.most} 项，现在选了 {len(chosen)} 项。")
        return chosen


class RoundForm(forms.Form):
    """A new round."""

    wants_actor = True
    organisation = forms.ModelChoiceField(
        label="发起工会", queryset=Organisation.objects.none(), to_field_name="code", empty_label=None
    )
    title = forms.CharField(label="标题", max_length=60, help_text="例如：2026 年职工需求征集")
    starts = forms.DateField(label="开始日期", widget=DateInput)
    ends = forms.DateField(label="结束日期", widget=DateInput, help_text="最后一天")

    def __init__(self, *args: Any, actor: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rows = Organisation.objects.visible_to(actor.access, to="benefits.needs_edit")
        self.fields["organisation"].queryset = rows.filter(status="active").order_by("path")[:200]  # type: ignore[attr-defined]
