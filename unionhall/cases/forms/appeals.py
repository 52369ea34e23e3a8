"""Forms of appeals: on the phone one question per page, in public and at the desk one page."""

from __future__ import annotations

from typing import Any

from django import forms

from unionhall.foundation.widgets import FileDrop, Rating
from unionhall.kit.contacts import normalise_phone
from unionhall.kit.identifiers import IdentifierError
from unionhall.records.uploads import Upload

from .. import evidence
from ..addresses import places
from ..models import Channel
from ..rules.appeals import CAUSES

UPPER, OWN, PLACE = "upper", "own", "place"
DESK_CHANNELS = [one for one in Channel.choices if one[0] != Channel.APP]


def _file_field() -> forms.FileField:
    return forms.FileField(
        label="照片、录音或材料",
        required=False,
        widget=FileDrop(hint=evidence.HINT, attrs={"accept": evidence.ACCEPT}),
    )


def _phone(text: str) -> str:
    """Eleven digits, or a line with its area code as it was typed."""
    text = text.strip()
    if not text or "-" in text or text.startswith("0"):
        return text[:20]
    try:
        return normalise_phone(text)
    except IdentifierError as mistake:
        raise forms.ValidationError(str(mistake)) from None


class WhatForm(forms.Form):
    cause = forms.ChoiceField(
        label="是哪方面的事",
        choices=list(CAUSES.items()),
        widget=forms.RadioSelect,
        error_messages={"required": "请选择一项，拿不准选“其他”。"},
    )
    statement = forms.CharField(
        label="说说情况",
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 7}),
        help_text="什么时候、在哪里、发生了什么、您希望怎样解决",
        error_messages={"required": "请写几句话说明情况。"},
    )
    urgent = forms.BooleanField(label="很急：有人受伤、被扣留，或者今天就要处理", required=False)


class WhereForm(forms.Form):
    """`handler` offers the union above, one's own, or the union of a place."""

    employer_name = forms.CharField(
        label="涉及的单位", required=False, max_length=120, help_text="写全称更快；与单位无关可以不填"
    )
    handler = forms.ChoiceField(
        label="希望由谁办理", widget=forms.RadioSelect, error_messages={"required": "请选择一项。"}
    )
    division = forms.ChoiceField(label="事情发生的地区", required=False)

    def __init__(self, *args: Any, unions: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["handler"].choices = unions  # type: ignore[attr-defined]
        self.fields["division"].choices = [("", "请选择"), *places()]  # type: ignore[attr-defined]
        if len(unions) == 1:
            self.fields["handler"].widget = forms.HiddenInput()
            self.initial.setdefault("handler", unions[0][0])

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        if given.get("handler") == PLACE and not given.get("division"):
            self.add_error("division", "请选择事情发生的地区。")
        return given


class WhoForm(forms.Form):
    anonymous = forms.ChoiceField(
        label="用什么身份反映",
        widget=forms.RadioSelect,
        choices=[
            ("named", "实名：进度和答复发到我的手机"),
            ("anonymous", "匿名：不与我的账号关联，凭查询码看进度"),
        ],
        error_messages={"required": "请选择一项。"},
    )
    phone = forms.CharField(
        label="方便联系的电话",
        required=False,
        max_length=20,
        widget=forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "tel"}),
        help_text="可以不填；加密保存，只有承办人能看",
    )

    def clean_phone(self) -> str:
        return _phone(self.cleaned_data["phone"])


class CheckForm(forms.Form):
    """The last page: papers, if there are any."""

    file = _file_field()
    second = _file_field()
    third = _file_field()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for number, name in enumerate(("second", "third"), start=2):
            self.fields[name].label = f"第 {number} 个材料"

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        for name in ("file", "second", "third"):
            try:
                given[name] = evidence.cleaned(given.get(name))
            except forms.ValidationError as mistake:
                self.add_error(name, mistake)
        return given

    def uploads(self) -> tuple[Upload, ...]:
        found = (self.cleaned_data.get(name) for name in ("file", "second", "third"))
        return tuple(one for one in found if one is not None)


class RateForm(forms.Form):
    rating = forms.TypedChoiceField(
        label="您对办理结果满意吗",
        coerce=int,
        choices=Rating.GRADES,
        widget=Rating,
        error_messages={"required": "请选择一个满意程度。"},
    )
    comment = forms.CharField(
        label="想说的话",
        required=False,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="不满意的，工会一个工作日内回访",
    )


class MoreForm(forms.Form):
    body = forms.CharField(
        label="补充的情况",
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 5}),
        error_messages={"required": "请写明要补充的情况。"},
    )
    file = _file_field()

    def clean_file(self) -> Upload | None:
        return evidence.cleaned(self.cleaned_data["file"])


class WithdrawForm(forms.Form):
    reason = forms.CharField(label="为什么撤回", max_length=300, widget=forms.Textarea(attrs={"rows": 3}))


class FeedbackForm(WhatForm):
    """One page for everybody; name and phone may stay empty."""

    division = forms.ChoiceField(
        label="事情发生的地区", error_messages={"required": "请选择地区，我们才知道请哪里的工会办理。"}
    )
    employer_name = forms.CharField(label="涉及的单位", required=False, max_length=120)
    name = forms.CharField(
        label="您的称呼", required=False, max_length=50, help_text="可以不填，不填就是匿名"
    )
    phone = forms.CharField(
        label="联系电话", required=False, max_length=20, widget=forms.TextInput(attrs={"inputmode": "tel"}),
        help_text="可以不填；加密保存，只有承办人能看",
    )  # fmt: skip
    file = _file_field()
    field_order = ("division", "cause", "statement", "urgent", "employer_name", "file", "name", "phone")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["division"].choices = [("", "请选择"), *places()]  # type: ignore[attr-defined]

    def clean_phone(self) -> str:
        return _phone(self.cleaned_data["phone"])

    def clean_file(self) -> Upload | None:
        return evidence.cleaned(self.cleaned_data["file"])


class OpenForm(forms.Form):
    number = forms.CharField(label="受理编号", max_length=24)
    code = forms.CharField(label="查询码", max_length=20, help_text="提交时给您的 12 位字母和数字")


class RegisterForm(WhatForm):
    """What came by phone, letter, visit, window or from elsewhere."""

    union = forms.ChoiceField(label="由谁办理")
    channel = forms.ChoiceField(label="来源", choices=DESK_CHANNELS)
    employer_name = forms.CharField(label="涉及的单位", required=False, max_length=120)
    headcount = forms.IntegerField(label="涉及人数", min_value=1, max_value=1_000_000, initial=1)
    representatives = forms.CharField(
        label="推选的代表",
        required=False,
        max_length=200,
        help_text="多人反映同一件事的填，姓名用空格分开，不超过 5 人",
    )
    name = forms.CharField(label="反映人", required=False, max_length=50, help_text="不填就是匿名")
    phone = forms.CharField(label="联系电话", required=False, max_length=20)
    file = _file_field()
    field_order = (
        "union", "channel", "cause", "statement", "urgent", "employer_name", "headcount", "representatives", "name",
        "phone", "file",
    )  # fmt: skip

    def __init__(self, *args: Any, unions: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["union"].choices = unions  # type: ignore[attr-defined]

    def clean_phone(self) -> str:
        return _phone(self.cleaned_data["phone"])

    def clean_file(self) -> Upload | None:
        return evidence.cleaned(self.cleaned_data["file"])


class MergeForm(forms.Form):
    number = forms.CharField(label="并入哪一件（编号）", max_length=24)
    reason = forms.CharField(label="理由", max_length=300)


class HotlineForm(forms.Form):
    """The hotline's list."""

    file = forms.FileField(
        label="12351 工单文件",
        widget=FileDrop(hint="Excel（xlsx）或 CSV，一次不超过 5,000 行", attrs={"accept": ".xlsx,.csv"}),
        error_messages={"required": "请选择文件。"},
    )
