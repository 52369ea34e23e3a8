"""Forms of 调解组织和调解员."""

from typing import Any

from django import forms
from django.utils import timezone

from unionhall.organisations.forms import EmployerField

from ..actions.mediation import LANGUAGES
from ..models import MediationBody
from ..schemes.disputes import CAUSES
from .disputes import day


def codes(text: str) -> list[str]:
    return [one for one in text.replace("，", " ").replace("、", " ").replace(",", " ").split() if one]


class BodyForm(forms.Form):
    organisation: Any = forms.ModelChoiceField(label="牵头工会", queryset=None, empty_label="请选择")
    kind = forms.ChoiceField(label="类别", choices=MediationBody.Kind.choices)
    name = forms.CharField(label="名称", max_length=100)
    division = forms.CharField(label="服务区域代码", max_length=12, help_text="行政区划代码，例如 420103")
    employer = EmployerField(label="用人单位", required=False, help_text="企业调解委员会填写，其他不填")
    address = forms.CharField(label="地址", max_length=200, required=False)
    telephone = forms.CharField(label="电话", max_length=30, required=False)
    since = day("成立日期")
    until = day("撤销日期", required=False)

    def __init__(self, *args: Any, unions: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["organisation"]
        field.queryset = unions
        self.initial.setdefault("since", timezone.localdate())

    def clean_division(self) -> str:
        code: str = self.cleaned_data["division"].strip()
        if not code.isdigit() or len(code) not in (2, 4, 6, 9, 12):
            raise forms.ValidationError("请填写 2、4、6、9 或 12 位的行政区划代码。")
        return code


class MediatorForm(forms.Form):
    name = forms.CharField(label="姓名", max_length=50)
    occupation = forms.CharField(
        label="身份", max_length=60, required=False, help_text="例如：退休法官、工会干部"
    )
    username = forms.CharField(
        label="账号", max_length=60, required=False,
        help_text="有调解员角色的账号，绑定后可以在网上办自己的案件；没有账号不填",
    )  # fmt: skip
    divisions = forms.CharField(
        label="还服务哪些区域", max_length=300, required=False, help_text="区划代码，用空格隔开"
    )
    skills = forms.MultipleChoiceField(
        label="擅长", choices=list(CAUSES.items()), required=False, widget=forms.CheckboxSelectMultiple
    )
    languages = forms.MultipleChoiceField(
        label="语言", choices=list(LANGUAGES.items()), required=False, widget=forms.CheckboxSelectMultiple
    )
    most = forms.IntegerField(label="同时最多办几件", min_value=1, max_value=100, initial=5)
    since = day("聘任日期")
    until = day("解聘日期", required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial.setdefault("since", timezone.localdate())

    def clean_divisions(self) -> list[str]:
        found = codes(self.cleaned_data["divisions"])
        if wrong := [one for one in found if not one.isdigit() or len(one) not in (2, 4, 6, 9, 12)]:
            raise forms.ValidationError(f"不是行政区划代码：{'、'.join(wrong)}。")
        return found


class LeaveForm(forms.Form):
    begins = day("开始日期")
    ends = day("结束日期")
    reason = forms.CharField(label="原因", max_length=100, required=False)
