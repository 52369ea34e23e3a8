"""Forms of rosters, bodies and firms served."""

from typing import Any

from django import forms
from django.utils import timezone

from unionhall.foundation.widgets import DateInput
from unionhall.organisations.kinds import Level
from unionhall.organisations.models import Employer, Organisation

from ..models import CounselVisit, Lawyer
from ..schemes.aid import CAUSES, LANGUAGES

WEEKDAYS = [(1, "周一"), (2, "周二"), (3, "周三"), (4, "周四"), (5, "周五"), (6, "周六"), (7, "周日")]
EDIT = "cases.lawyers_edit"


def keepers(actor: Any) -> Any:
    """Unions whose rosters the actor keeps: federations of county level and above."""
    rows = Organisation.objects.all().visible_to(actor.access, to=EDIT)
    return rows.active().filter(level__lte=Level.COUNTY).order_by("path")


def clean_division(text: str) -> str:
    code = text.strip()
    if not code.isdigit() or len(code) not in (2, 4, 6, 9, 12):
        raise forms.ValidationError("请填写行政区划代码：2 位省、4 位市、6 位区县或 9 位街道。")
    return code


class _Kept(forms.Form):
    """Belongs to a union whose rosters the actor keeps."""

    wants_actor = True
    organisation = forms.ModelChoiceField(
        label="工会", queryset=Organisation.objects.none(), to_field_name="code", empty_label=None
    )

    def __init__(self, *args: Any, actor: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["organisation"].queryset = keepers(actor)  # type: ignore[attr-defined]


class LawyerFilter(forms.Form):
    q = forms.CharField(label="姓名或律所", required=False, max_length=40)
    skill = forms.ChoiceField(label="擅长", required=False, choices=[("", "全部"), *CAUSES.items()])
    language = forms.ChoiceField(label="语言", required=False, choices=[("", "全部"), *LANGUAGES.items()])


class LawyerForm(_Kept):
    name = forms.CharField(label="姓名", max_length=50)
    licence = forms.CharField(label="执业证号", max_length=20)
    firm = forms.CharField(label="律师事务所", max_length=100)
    telephone = forms.CharField(label="执业电话", max_length=30, required=False)
    areas = forms.CharField(
        label="服务区域", max_length=200, help_text="行政区划代码，逗号分开，例如 420103,420111；4 位为全市"
    )
    languages = forms.MultipleChoiceField(
        label="会说", required=False, choices=list(LANGUAGES.items()), widget=forms.CheckboxSelectMultiple
    )
    skills = forms.MultipleChoiceField(
        label="擅长", required=False, choices=list(CAUSES.items()), widget=forms.CheckboxSelectMultiple
    )
    most = forms.IntegerField(label="同时承办上限（件）", min_value=1, max_value=50, initial=5)
    most_firms = forms.IntegerField(label="服务企业上限（家）", min_value=0, max_value=200, initial=10)
    username = forms.CharField(
        label="登录账号",
        max_length=60,
        required=False,
        help_text="已有律师角色的账号；没有账号的由工作人员代为登记",
    )
    bank = forms.CharField(label="开户银行", max_length=80, required=False, help_text="办案补贴付到这里")
    number = forms.CharField(
        label="收款账号", max_length=40, required=False, help_text="加密保存；填写后替换原账户",
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )  # fmt: skip

    def clean_areas(self) -> list[str]:
        words = self.cleaned_data["areas"].replace("，", ",").replace("、", ",").split(",")
        return [clean_division(one) for one in words if one.strip()]


class LeaveForm(forms.Form):
    begins = forms.DateField(label="开始日期", widget=DateInput())
    ends = forms.DateField(label="结束日期", widget=DateInput())
    reason = forms.CharField(label="原因", max_length=100, required=False)


class _Employer(forms.Form):
    employer = forms.CharField(label="单位名称或统一社会信用代码", max_length=120)

    def clean_employer(self) -> Employer:
        text = self.cleaned_data["employer"].strip()
        found = (
            Employer.objects.filter(uscc=text.upper()).first() or Employer.objects.filter(name=text).first()
        )
        if found is None:
            raise forms.ValidationError("没有找到这家单位，请核对名称或代码。")
        return found


class ConflictForm(_Employer):
    reason = forms.CharField(label="关系", max_length=100, initial="担任该单位法律顾问")


class BodyForm(_Kept):
    name = forms.CharField(label="名称", max_length=100)
    division = forms.CharField(label="服务区域", max_length=12, help_text="行政区划代码，例如 420103")
    address = forms.CharField(label="地址", max_length=200)
    telephone = forms.CharField(label="电话", max_length=30)
    hours = forms.CharField(label="接待时间", max_length=60, initial="工作日 9:00–12:00、13:30–17:00")
    weekdays = forms.TypedMultipleChoiceField(
        label="接待日",
        coerce=int,
        choices=WEEKDAYS,
        widget=forms.CheckboxSelectMultiple,
        initial=[1, 2, 3, 4, 5],
    )

    def clean_division(self) -> str:
        return clean_division(self.cleaned_data["division"])


class CloseBodyForm(forms.Form):
    on = forms.DateField(label="停止日期", widget=DateInput())
    because = forms.CharField(label="原因", max_length=200)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial.setdefault("on", timezone.localdate())


class DutyForm(forms.Form):
    weekday = forms.TypedChoiceField(label="星期", coerce=int)
    lawyers = forms.ModelMultipleChoiceField(
        label="值班律师", queryset=Lawyer.objects.none(), required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, lawyers: Any, weekdays: list[int], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["lawyers"].queryset = lawyers  # type: ignore[attr-defined]
        self.fields["weekday"].choices = [one for one in WEEKDAYS if one[0] in weekdays]  # type: ignore[attr-defined]


class CounselFilter(forms.Form):
    under = forms.CharField(required=False, max_length=24, widget=forms.HiddenInput)
    served = forms.ChoiceField(
        label="律师", required=False, choices=[("", "全部"), ("no", "还没有律师"), ("yes", "已有律师")]
    )
    q = forms.CharField(label="企业名称", required=False, max_length=40)


class SpreadForm(_Kept):
    """Bulk assignment: the plan of these values is shown before anything is written."""

    most = forms.IntegerField(label="每名律师最多服务（家）", min_value=1, max_value=200, initial=10)
    months = forms.IntegerField(label="服务期（月）", min_value=1, max_value=60, initial=12)
    expected = forms.CharField(required=False, widget=forms.HiddenInput)


class CounselForm(_Employer):
    lawyer = forms.ModelChoiceField(label="律师", queryset=Lawyer.objects.none(), empty_label=None)
    begins = forms.DateField(label="开始日期", widget=DateInput())
    months = forms.IntegerField(label="服务期（月）", min_value=1, max_value=60, initial=12)

    def __init__(self, *args: Any, lawyers: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["lawyer"].queryset = lawyers  # type: ignore[attr-defined]
        self.initial.setdefault("begins", timezone.localdate())


class VisitForm(forms.Form):
    on = forms.DateField(label="日期", widget=DateInput())
    kind = forms.ChoiceField(label="服务内容", choices=CounselVisit.Kind.choices)
    headcount = forms.IntegerField(label="服务职工人数", min_value=0, max_value=100_000, initial=0)
    hours = forms.DecimalField(
        label="时长（小时）", min_value=0.5, max_value=24, max_digits=4, decimal_places=1, initial=1
    )
    note = forms.CharField(label="情况", max_length=500, widget=forms.Textarea(attrs={"rows": 3}))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial.setdefault("on", timezone.localdate())
