"""Forms of 劳动争议: what is filed, sittings, agreements, signatures, payments, documents."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

from django import forms
from django.utils import timezone

from unionhall.foundation.days import of_our_time
from unionhall.foundation.widgets import DateInput, FileDrop, MoneyInput, Rating
from unionhall.kit.money import MoneyError, parse_yuan
from unionhall.organisations.models import Employer

from ..actions.disputes import Claim
from ..actions.mediation import LANGUAGES
from ..evidence import HINT, cleaned
from ..models import MediationSession, Signature
from ..rules.assigning import Choice
from ..rules.disputes import Promise, day_mistakes
from ..schemes.disputes import CAUSES

SHOWN = 10
NEITHER = "0"


def area(label: str, rows: int = 3, **more: Any) -> forms.CharField:
    return forms.CharField(label=label, widget=forms.Textarea(attrs={"rows": rows}), **more)


def day(label: str, **more: Any) -> forms.DateField:
    return forms.DateField(label=label, widget=DateInput(), **more)


def lines(text: str) -> list[str]:
    """Names, one a line or set apart by 、 ， ;"""
    return [one.strip() for one in re.split(r"[\n、，,；;]", text) if one.strip()]


class ClaimForm(forms.Form):
    """What the dispute is about."""

    cause = forms.ChoiceField(label="争议类型", choices=[("", "请选择"), *CAUSES.items()])
    claim = area(
        "请求事项", 2, max_length=500, help_text="想要对方做什么，例如：支付 2026 年 4 月至 6 月工资 12000 元"
    )
    amount = forms.DecimalField(
        label="涉及金额（元）",
        required=False,
        min_value=0,
        max_digits=14,
        decimal_places=2,
        widget=MoneyInput(),
    )
    knew_on = day(
        "什么时候知道的",
        required=False,
        help_text="知道或者应当知道权利被侵害的日期，一般争议从这天起一年内可以申请仲裁",
    )
    employment_ended_on = day(
        "劳动关系终止日期", required=False, help_text="还在职的不填。拖欠工资的，离职后一年内可以申请仲裁"
    )

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        wrong = day_mistakes(given.get("knew_on"), given.get("employment_ended_on"), timezone.localdate())
        for field, words in wrong.items():
            self.add_error(field, words)
        return given

    def claimed(self) -> Claim:
        given = self.cleaned_data
        return Claim(
            cause=given["cause"],
            claim=given["claim"],
            knew_on=given.get("knew_on"),
            employment_ended_on=given.get("employment_ended_on"),
            amount=given.get("amount"),
            headcount=given.get("headcount") or 1,
            one_claim=bool(given.get("one_claim")),
        )


class EmployerMixin(forms.Form):
    """The employer by name or credit code; near names of the register are offered, a name that is not there stays."""

    employer_name = forms.CharField(label="用人单位", max_length=120, help_text="单位全称或统一社会信用代码")
    employer = forms.ChoiceField(
        label="登记簿里有相近的单位，是哪一家", required=False, widget=forms.RadioSelect
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.found: Employer | None = None
        self.offered: list[Employer] = []
        name = str(self.data.get("employer_name") or "").strip() if self.is_bound else ""
        chosen: Any = self.fields["employer"]
        if len(name) < 2:
            chosen.widget = forms.HiddenInput()
            return
        exact = (
            Employer.objects.filter(uscc=name.upper()).first() or Employer.objects.filter(name=name).first()
        )
        if exact is not None:
            self.found, chosen.widget = exact, forms.HiddenInput()
            return
        self.offered = list(Employer.objects.named(name).order_by("name")[:SHOWN])
        if not self.offered:
            chosen.widget = forms.HiddenInput()
        else:
            chosen.choices = [
                *((f"{one.pk}", one.name) for one in self.offered),
                (NEITHER, f"都不是，按“{name}”登记"),
            ]

    def clean_employer(self) -> Employer | None:
        if self.found is not None:
            return self.found
        if not self.offered:
            return None
        chosen = self.cleaned_data.get("employer") or ""
        if chosen == NEITHER:
            return None
        found = next((one for one in self.offered if f"{one.pk}" == chosen), None)
        if found is None:
            raise forms.ValidationError("请选择是哪一家单位。")
        return found


class DeskFiling(EmployerMixin, ClaimForm):
    """A dispute that somebody brings to the desk."""

    name = forms.CharField(label="职工姓名", max_length=50)
    phone = forms.CharField(label="手机号", max_length=20, required=False, help_text="加密保存")
    id_number = forms.CharField(
        label="身份证号", max_length=18, required=False, help_text="填写后自动关联登记簿里的职工，加密保存"
    )
    headcount = forms.IntegerField(label="涉及人数", min_value=1, max_value=100_000, initial=1)
    one_claim = forms.BooleanField(label="有共同请求", required=False)
    colleagues = area("其他职工姓名", 2, required=False, help_text="一行一个")
    representatives = area(
        "推举的代表", 2, required=False, help_text="十人以上并有共同请求的可以推举代表，一行一个"
    )
    channel = forms.ChoiceField(
        label="渠道",
        initial="3",
        choices=[("3", "来访"), ("2", "来电"), ("1", "来信"), ("4", "窗口"), ("7", "工会发现")],
    )
    statement = area("事情经过", 5, max_length=5000)
    field_order = (
        "name", "phone", "id_number", "employer_name", "employer", "cause", "claim", "amount", "knew_on",
        "employment_ended_on", "headcount", "one_claim", "colleagues", "representatives", "statement", "channel",
    )  # fmt: skip


class OwnFiling(EmployerMixin, ClaimForm):
    """A dispute that the worker files for himself."""

    statement = area("事情经过", 5, max_length=5000, help_text="什么时间、发生了什么、找单位谈过没有")
    colleagues = forms.IntegerField(
        label="还有几位同事有同样的问题", min_value=0, max_value=100_000, initial=0, required=False
    )
    field_order = (
        "employer_name", "employer", "cause", "claim", "amount", "knew_on", "employment_ended_on", "statement",
        "colleagues",
    )  # fmt: skip


class FactsForm(ClaimForm):
    """Facts put right, with the reason."""

    headcount = forms.IntegerField(label="涉及人数", min_value=1, max_value=100_000)
    one_claim = forms.BooleanField(label="有共同请求", required=False)
    because = area("修改原因", 2, max_length=300)


class DisputeFilter(forms.Form):
    q = forms.CharField(
        label="编号或单位", required=False, max_length=60,
        widget=forms.TextInput(attrs={"type": "search", "placeholder": "编号 / 用人单位"}),
    )  # fmt: skip
    stage = forms.ChoiceField(
        label="阶段", required=False,
        choices=[("", "全部"), ("open", "未结"), ("intake", "待受理"), ("mediating", "调解中"),
                 ("agreed", "已达成协议"), ("failed", "未达成"), ("referred", "已移送"), ("closed", "已结")],
    )  # fmt: skip
    cause = forms.ChoiceField(label="类型", required=False, choices=[("", "全部"), *CAUSES.items()])
    due = forms.ChoiceField(
        label="提醒",
        required=False,
        choices=[("", "全部"), ("late", "已超办理时限"), ("limitation", "时效将满或已过"), ("unpaid", "协议到期未付")],
    )  # fmt: skip
    body = forms.IntegerField(required=False, widget=forms.HiddenInput)
    area = forms.CharField(required=False, max_length=12, widget=forms.HiddenInput)


class AssignForm(forms.Form):
    """A mediator of the ranking, the first chosen to begin with."""

    mediator = forms.TypedChoiceField(label="调解员", coerce=int, widget=forms.RadioSelect)
    because = forms.CharField(label="补充理由", required=False, max_length=100)

    def __init__(self, *args: Any, choices: list[tuple[Choice, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["mediator"]
        field.choices = [(one.candidate.id, f"{label}：{one.words}") for one, label in choices]
        if choices:
            field.initial = choices[0][0].candidate.id


class SessionForm(forms.Form):
    at = forms.DateTimeField(
        label="时间",
        widget=forms.DateTimeInput(attrs={"placeholder": "2026-05-04 14:30"}, format="%Y-%m-%d %H:%M"),
    )
    place = forms.CharField(label="地点", max_length=100)
    present = forms.CharField(label="到场人员", max_length=200)
    minutes = area("笔录", 8, max_length=20_000, help_text="双方说了什么、调解员建议、哪些达成一致")
    outcome = forms.ChoiceField(
        label="结果", choices=MediationSession.Outcome.choices, widget=forms.RadioSelect
    )
    upload = forms.FileField(
        label="录音，或签字笔录的照片", required=False,
        widget=FileDrop("选择录音、照片或扫描件", HINT),
    )  # fmt: skip

    def clean_upload(self) -> Any:
        return cleaned(self.cleaned_data["upload"])


class AgreementForm(forms.Form):
    terms = area("协议内容", 6, max_length=5000, help_text="一条一行")
    amount = forms.DecimalField(
        label="金额（元）", min_value=0, max_digits=14, decimal_places=2, initial=0, widget=MoneyInput()
    )
    instalments = area(
        "什么时候付", 3, required=False,
        help_text="一期一行：日期 金额，例如 2026-06-30 8000。一次付清写一行，没有金额不用写。",
    )  # fmt: skip

    def clean_instalments(self) -> list[Promise]:
        lines = enumerate(self.cleaned_data["instalments"].splitlines(), start=1)
        return [_promise(number, line) for number, line in lines if line.strip()]


def _promise(number: int, line: str) -> Promise:
    """One line of the instalments: a day and yuan. Raises ValidationError that names the line."""
    try:
        on, amount = line.replace("，", " ").replace(",", "").replace("元", "").split()
        found = Promise(date.fromisoformat(on), parse_yuan(amount))
        of_our_time(found.due_on)
    except MoneyError as wrong:
        raise forms.ValidationError(f"第 {number} 行：{wrong.message_zh}") from None
    except forms.ValidationError as far:
        raise forms.ValidationError(f"第 {number} 行：{far.messages[0]}") from None
    except ValueError:
        raise forms.ValidationError(f"第 {number} 行看不懂，请写成：2026-06-30 8000") from None
    if found.amount <= 0:
        raise forms.ValidationError(f"第 {number} 行的金额应大于 0。")
    return found


class PaperSignForm(forms.Form):
    """What was signed by hand."""

    side = forms.ChoiceField(label="哪一方", choices=Signature.Side.choices, widget=forms.RadioSelect)
    name = forms.CharField(label="签字人", max_length=80)


class ConfirmForm(forms.Form):
    number = forms.CharField(label="裁定书号", max_length=60)
    on = day("裁定日期")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial.setdefault("on", timezone.localdate())


class PayForm(forms.Form):
    on = day("付款日期")
    note = forms.CharField(label="说明", max_length=100, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial.setdefault("on", timezone.localdate())


class ReasonForm(forms.Form):
    reason = area("理由", 3, max_length=500)


class AsksForm(forms.Form):
    """What a document needs beside what the case knows."""

    def __init__(self, *args: Any, asks: dict[str, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, label in asks.items():
            self.fields[name] = area(label, 2, max_length=500)


class AgreeForm(forms.Form):
    """The worker's yes on the phone: to what he read (`digest`)."""

    agreed = forms.BooleanField(
        label="我已经看过协议全文，自愿同意",
        error_messages={"required": "同意才能确认。不同意请联系调解员。"},
    )
    digest = forms.CharField(widget=forms.HiddenInput, max_length=64)


class MoreForm(forms.Form):
    body = area("补充的情况", 4, max_length=5000, required=False)
    upload = forms.FileField(label="材料", required=False, widget=FileDrop("选择照片、录音或文件", HINT))

    def clean_upload(self) -> Any:
        return cleaned(self.cleaned_data["upload"])


class RateForm(forms.Form):
    grade = forms.TypedChoiceField(
        label="您满意吗", coerce=int, choices=Rating.GRADES, widget=Rating,
        error_messages={"required": "请选择满意程度。"},
    )  # fmt: skip
    comment = area("想说的话", 3, max_length=200, required=False, help_text="不要写电话和证件号码")


LANGUAGE_CHOICES = list(LANGUAGES.items())
