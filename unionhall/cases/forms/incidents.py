"""Forms of the incident room."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils import timezone

from unionhall.access.models import Account
from unionhall.foundation.widgets import DateInput, FileDrop, MoneyInput
from unionhall.organisations.forms import EmployerField
from unionhall.organisations.models import Organisation
from unionhall.records.uploads import Upload, cleaned

from ..models import IncidentEntry, IncidentTalk
from ..schemes.incidents import IncidentScheme

MOMENT = "%Y-%m-%d %H:%M"


def text(label: str, rows: int = 3, **more: Any) -> forms.CharField:
    return forms.CharField(label=label, widget=forms.Textarea(attrs={"rows": rows}), **more)


def moment(label: str, **more: Any) -> forms.DateTimeField:
    """A moment typed as people write it: the browser's own control shows another order on an English system."""
    attrs = {"placeholder": "年-月-日 时:分", "autocomplete": "off", "inputmode": "numeric"}
    return forms.DateTimeField(
        label=label,
        input_formats=[MOMENT, "%Y-%m-%d %H:%M:%S"],
        widget=forms.DateTimeInput(attrs=attrs, format=MOMENT),
        error_messages={"invalid": "请按 年-月-日 时:分 填写，例如 2026-03-05 14:30。"},
        **more,
    )


def now_text() -> str:
    return f"{timezone.localtime():{MOMENT}}"


class FactsForm(forms.Form):
    """首报: what is known at the moment."""

    occurred_at = moment("发生时间")
    known_at = moment("知悉时间", help_text="工会最早知道的时间，首报时限从这时算起")
    phoned_at = moment("电话报告时间", required=False, help_text="已经打过电话的填写；没有就留空")
    place = forms.CharField(label="地点", max_length=120)
    headcount = forms.IntegerField(label="参与人数", min_value=1, max_value=10_000_000)
    deaths = forms.IntegerField(label="死亡人数", min_value=0, max_value=10_000, initial=0)
    triggers = forms.MultipleChoiceField(
        label="情形", required=False, widget=forms.CheckboxSelectMultiple, help_text="有的勾选，都没有就不选"
    )

    def __init__(self, *args: Any, scheme: IncidentScheme, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["triggers"].choices = list(scheme.words("triggers").items())  # type: ignore[attr-defined]
        for name in ("occurred_at", "known_at"):
            self.fields[name].initial = now_text


class ReportForm(FactsForm):
    """A new incident."""

    organisation = forms.ChoiceField(label="处置工会")
    title = forms.CharField(label="事件名称", max_length=120)
    employer = EmployerField(
        label="用人单位",
        required=False,
        help_text="填单位全称或统一社会信用代码；不涉及单位或者单位没有登记的留空",
    )
    statement = text("简要情况", 4, required=False)
    field_order = ("organisation", "title", "employer", "occurred_at", "known_at", "phoned_at", "place")

    def __init__(self, *args: Any, unions: Iterable[Organisation], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["organisation"].choices = [(str(one.pk), one.name) for one in unions]  # type: ignore[attr-defined]


class OpinionForm(forms.Form):
    """A move that asks for words."""

    opinion = text("说明", max_length=1000)

    def __init__(self, *args: Any, required: bool = True, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["opinion"].required = required


class LogForm(forms.Form):
    """One line of the log; made for the phone of whoever is on site."""

    kind = forms.ChoiceField(
        label="类别", choices=IncidentEntry.Kind.choices, initial=IncidentEntry.Kind.SCENE
    )
    body = text("情况", 4, max_length=2000)
    headcount = forms.IntegerField(label="现场人数", required=False, min_value=0, max_value=10_000_000)
    place = forms.CharField(label="地点", max_length=120, required=False)
    latitude = forms.DecimalField(
        required=False, min_value=-90, max_value=90, max_digits=8, decimal_places=5, widget=forms.HiddenInput
    )
    longitude = forms.DecimalField(
        required=False,
        min_value=-180,
        max_value=180,
        max_digits=8,
        decimal_places=5,
        widget=forms.HiddenInput,
    )
    at = moment("时间", required=False, help_text="就是现在的留空")
    photo = forms.FileField(
        label="照片", required=False,
        widget=FileDrop(
            "拍照或选择照片", "JPG、PNG，10 MB 以内", attrs={"accept": "image/*", "capture": "environment"}
        ),
    )  # fmt: skip

    def clean_photo(self) -> Upload | None:
        found = cleaned(self.cleaned_data["photo"])
        if found is not None and not found.content_type.startswith("image/"):
            raise forms.ValidationError("日志只附照片，其他文件请在案件材料里添加。")
        return found


class GradeForm(forms.Form):
    """The facts by which the table grades, and a grade that somebody judges otherwise."""

    headcount = forms.IntegerField(label="参与人数", min_value=1, max_value=10_000_000)
    deaths = forms.IntegerField(label="死亡人数", min_value=0, max_value=10_000)
    triggers = forms.MultipleChoiceField(label="情形", required=False, widget=forms.CheckboxSelectMultiple)
    grade = forms.ChoiceField(label="等级", required=False, help_text="不选就按分级表；另选要在理由里说明")
    because = text("理由", max_length=200)

    def __init__(self, *args: Any, scheme: IncidentScheme, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["triggers"].choices = list(scheme.words("triggers").items())  # type: ignore[attr-defined]
        grades = [("", "按分级表"), *((one.code, one.label) for one in scheme.grades)]
        self.fields["grade"].choices = grades  # type: ignore[attr-defined]


class DutyForm(forms.Form):
    role = forms.ChoiceField(label="岗位")
    account = forms.ChoiceField(label="人员", help_text="本工会和上级工会有处置权限的人")

    def __init__(self, *args: Any, roles: dict[str, str], accounts: Iterable[Account], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["role"].choices = list(roles.items())  # type: ignore[attr-defined]
        self.fields["account"].choices = [(str(one.pk), one.display_name) for one in accounts]  # type: ignore[attr-defined]


class CollectForm(forms.Form):
    topic = forms.ChoiceField(label="主题")
    body = text("意见", max_length=1000, help_text="写要求，不写姓名和电话")
    people = forms.IntegerField(label="提出人数", min_value=1, max_value=10_000_000, initial=1)

    def __init__(self, *args: Any, topics: dict[str, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["topic"].choices = list(topics.items())  # type: ignore[attr-defined]


class AnswerForm(forms.Form):
    answer = text("答复", max_length=1000)


class TalkForm(forms.Form):
    held_at = moment("时间")
    place = forms.CharField(label="地点", max_length=120)
    workers = forms.CharField(label="职工方", max_length=300, help_text="参加的代表")
    employer = forms.CharField(label="单位方", max_length=300)
    others = forms.CharField(label="其他参加人", max_length=300, required=False)
    result = forms.ChoiceField(label="结果", choices=IncidentTalk.Result.choices, widget=forms.RadioSelect)
    minutes = text("协商情况", 4, max_length=2000)


class AgreementForm(forms.Form):
    signed_on = forms.DateField(label="签订日期", widget=DateInput())
    terms = text("协议要点", 4, max_length=2000)
    people = forms.IntegerField(label="涉及人数", min_value=1, max_value=10_000_000)
    amount = forms.DecimalField(
        label="涉及金额（元）",
        required=False,
        min_value=0,
        max_digits=14,
        decimal_places=2,
        widget=MoneyInput(),
    )
    perform_by = forms.DateField(label="履行期限", required=False, widget=DateInput())


class PerformedForm(forms.Form):
    on = forms.DateField(label="履行完毕日期", widget=DateInput())


class ReleaseForm(forms.Form):
    title = forms.CharField(label="标题", max_length=120)
    body = text("正文", 8, max_length=5000, help_text="只写已经核实的，不写个人信息")


class CorrectForm(ReleaseForm):
    reason = text("更正原因", max_length=300, help_text="和更正后的正文一起公开")


class ReasonForm(forms.Form):
    reason = text("原因", max_length=300)


class ReviewForm(forms.Form):
    review = text("复盘结论", 8, max_length=4000, help_text="经过、处置、教训和改进")
