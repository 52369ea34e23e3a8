"""Forms of cover: what happened, the particulars that the event asks for, papers, the window's claim, rolls."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.utils import timezone

from unionhall.foundation.widgets import DateInput, FileDrop, MoneyInput
from unionhall.kit.identifiers import IdentifierError, check_document
from unionhall.members.documents import KINDS, RESIDENT
from unionhall.records import uploads

from ..models import CoverClaim
from ..rules.cover import Peril
from ..schemes.base import Paper
from ..schemes.cover import TITLES

GRADES = [(str(number), f"{word}级") for number, word in enumerate("一二三四五六七八九十", start=1)]
KINSHIPS = [(word, word) for word in ("配偶", "父亲", "母亲", "儿子", "女儿", "兄弟姐妹", "其他近亲属")]


class StartForm(forms.Form):
    """发生了什么，哪一天."""

    peril = forms.ChoiceField(
        label="发生了什么", widget=forms.RadioSelect, error_messages={"required": "请选择发生了什么。"}
    )
    event_on = forms.DateField(
        label="哪一天发生的",
        widget=DateInput(),
        help_text="意外写发生的日期，疾病写首次确诊的日期",
        error_messages={"required": "请填写日期。"},
    )

    def __init__(self, *args: Any, perils: tuple[Peril, ...], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["peril"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [
            (one.code, one.label + ("（由家属到工会窗口申请）" if one.by == "kin" else "")) for one in perils
        ]


class DescribeForm(forms.Form):
    """The particulars of one kind of event; the beneficiary, where kin claim."""

    place = forms.CharField(label="在哪里发生的", max_length=100, required=False)
    story = forms.CharField(
        label="经过",
        max_length=800,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text="时间、原因、结果，几句话说清楚",
        error_messages={"required": "请写明经过。"},
    )

    def __init__(self, *args: Any, peril: Peril, kin: bool, payee: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "disease" in peril.asks:
            choices = [("", "请选择"), *((one, one) for one in peril.diseases)]
            self.fields["disease"] = forms.ChoiceField(label="所患疾病", choices=choices)
        if "loss" in peril.asks:
            self.fields["loss"] = forms.DecimalField(
                label="核定的损失（元）", min_value=0, max_digits=12, decimal_places=2, widget=MoneyInput(),
                help_text="按损失清单的合计填写",
            )  # fmt: skip
        if "grade" in peril.asks:
            self.fields["treated_until"] = forms.DateField(
                label="治疗结束日期", required=False, widget=DateInput(), help_text="还在治疗的不填"
            )
            self.fields["assessed_on"] = forms.DateField(
                label="评定日期", widget=DateInput(), help_text="治疗超过 180 天的，按第 180 天的情况评定"
            )
            self.fields["grade"] = forms.ChoiceField(
                label="伤残等级", choices=[("", "请选择"), *GRADES], help_text="照医院的伤残证明填写"
            )
        if kin:
            self._kin(payee)

    def _kin(self, payee: str) -> None:
        self.fields["claimant"] = forms.CharField(label="申请人姓名", max_length=50)
        self.fields["kinship"] = forms.ChoiceField(label="与会员的关系", choices=[("", "请选择"), *KINSHIPS])
        self.fields["phone"] = forms.CharField(label="申请人手机号", max_length=20, required=False)
        held = f"已登记 {payee}，不更换的留空" if payee else "写受益人本人的银行账号"
        self.fields["bank"] = forms.CharField(label="开户银行", max_length=80, required=False)
        self.fields["number"] = forms.CharField(
            label="受益人银行账号", max_length=40, required=False, help_text=held,
            widget=forms.TextInput(attrs={"autocomplete": "off", "inputmode": "numeric"}),
        )  # fmt: skip

    def particulars(self) -> dict[str, Any]:
        return {name: value for name, value in self.cleaned_data.items() if name not in ("bank", "number")}


class PaperForm(forms.Form):
    """One file of one kind."""

    code = forms.ChoiceField(label="材料种类", widget=forms.RadioSelect)
    file = forms.FileField(
        label="文件",
        widget=FileDrop("拍照或选择文件", "PDF 或图片，不超过 10 MB"),
        error_messages={"required": "请选择文件。"},
    )

    def __init__(self, *args: Any, papers: list[Paper], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["code"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [
            (one.code, f"{one.label}（{one.note}）" if one.note else one.label) for one in papers
        ]

    def clean_file(self) -> uploads.Upload | None:
        return uploads.cleaned(self.cleaned_data["file"])


class SubmitForm(forms.Form):
    """Handing in; with the separate consent where particulars are health data."""

    def __init__(self, *args: Any, health: bool, words: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if health:
            self.fields["consent"] = forms.BooleanField(
                label=words, error_messages={"required": "请勾选单独同意，工会才能处理健康信息。"}
            )

    @property
    def consented(self) -> bool:
        return bool(self.cleaned_data.get("consent"))


class WindowForm(forms.Form):
    """A claim taken at a window: whose, under which cover, what happened."""

    name = forms.CharField(label="会员姓名", max_length=60)
    number = forms.CharField(
        label="会员证件号码", max_length=40, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )
    event_on = forms.DateField(label="发生日期", widget=DateInput())
    peril = forms.ChoiceField(label="保障责任", error_messages={"required": "请选择保障责任。"})

    def __init__(self, *args: Any, choices: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["peril"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", "请选择"), *choices]

    def clean_number(self) -> str:
        try:
            facts = check_document(KINDS[RESIDENT], self.cleaned_data["number"], timezone.localdate())
        except IdentifierError as wrong:
            raise forms.ValidationError(wrong.message_zh) from None
        return facts.number


class ClaimFilter(forms.Form):
    stage = forms.ChoiceField(label="状态", required=False, choices=[("", "全部"), *CoverClaim.Stage.choices])
    programme = forms.ChoiceField(label="保障", required=False, choices=[("", "全部"), *TITLES.items()])


class PeopleFilter(forms.Form):
    q = forms.CharField(label="姓名", required=False, max_length=50)
    programme = forms.ChoiceField(label="参加了", required=False, choices=[("", "不限"), *TITLES.items()])


class RollForm(forms.Form):
    """名单: for which cover and month."""

    programme = forms.ChoiceField(label="保障")
    month = forms.ChoiceField(label="月份")

    def __init__(
        self, *args: Any, programmes: list[tuple[str, str]], months: list[date], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        for name, choices in (
            ("programme", programmes),
            ("month", [(f"{one:%Y-%m-%d}", f"{one:%Y} 年 {one.month} 月") for one in months]),
        ):
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            field.choices = choices
