"""Forms of money."""

from datetime import date
from typing import Any

from django import forms
from django.utils import timezone

from unionhall.foundation.widgets import FileDrop, MoneyInput
from unionhall.organisations.models import Organisation
from unionhall.rulebook.programmes import programmes

from .models import Payment, PaymentBatch
from .purposes import purposes
from .rules import YEARS, bank_number


def reason_field(label: str = "原因", **more: Any) -> forms.CharField:
    return forms.CharField(label=label, max_length=200, widget=forms.Textarea(attrs={"rows": 2}), **more)


def money_field(label: str, **more: Any) -> forms.DecimalField:
    return forms.DecimalField(label=label, max_digits=14, decimal_places=2, widget=MoneyInput(), **more)


class PaymentFilter(forms.Form):
    """Filters of the payments list; all of them live in the address."""

    q = forms.CharField(
        label="编号或姓名",
        required=False,
        max_length=60,
        widget=forms.TextInput(attrs={"type": "search", "placeholder": "付款编号 / 姓名"}),
    )
    state = forms.ChoiceField(label="状态", required=False, choices=[("", "全部"), *Payment.State.choices])
    purpose = forms.ChoiceField(label="用途", required=False)
    budget = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["purpose"].choices = purpose_choices()  # type: ignore[attr-defined]


def purpose_choices() -> list[tuple[str, str]]:
    return [("", "全部"), *((one.code, one.title) for one in purposes())]


class BatchFilter(forms.Form):
    state = forms.ChoiceField(
        label="状态", required=False, choices=[("", "全部"), *PaymentBatch.State.choices]
    )


class _OfOrganisation(forms.Form):
    """A form that names one of the unions whose money the actor keeps."""

    wants_actor = True
    permission = "ledger.make"
    organisation = forms.CharField(label="付款单位", max_length=24, help_text="填写组织代码")

    def __init__(self, *args: Any, actor: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.actor = actor

    def clean_organisation(self) -> Organisation:
        rows = Organisation.objects.all().visible_to(self.actor.access, to=self.permission)
        found = rows.filter(code=self.cleaned_data["organisation"].strip()).first()
        if found is None:
            raise forms.ValidationError("您管理的范围里没有这个组织代码。请核对。")
        return found


class MakeForm(_OfOrganisation):
    organisation = forms.ChoiceField(label="付款单位")  # type: ignore[assignment]
    purpose = forms.ChoiceField(label="用途", required=False, help_text="不选则把各种用途编在一个批次里")
    title = forms.CharField(label="名称", required=False, max_length=120, help_text="不填则按用途和日期命名")

    def __init__(self, *args: Any, places: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["organisation"].choices = places  # type: ignore[attr-defined]
        self.fields["purpose"].choices = purpose_choices()  # type: ignore[attr-defined]


class CheckForm(forms.Form):
    APPROVE, REJECT = "approve", "reject"
    decision = forms.ChoiceField(
        label="复核结论",
        widget=forms.RadioSelect,
        choices=[(APPROVE, "复核通过"), (REJECT, "退回制单人")],
        error_messages={"required": "请选择复核结论。"},
    )
    opinion = forms.CharField(
        label="意见", required=False, max_length=200, widget=forms.Textarea(attrs={"rows": 2}),
        help_text="退回时必须填写，制单人会看到",
    )  # fmt: skip


class ReasonForm(forms.Form):
    reason = reason_field()


class RetryForm(forms.Form):
    same_account = forms.BooleanField(
        label="仍付到原账户", required=False, help_text="确认是银行一时的原因、账户没有问题时才勾选"
    )


class SettleForm(forms.Form):
    RECEIVED, WAIVED = "received", "waived"
    outcome = forms.ChoiceField(
        label="结果", widget=forms.RadioSelect, choices=[(RECEIVED, "款已收回"), (WAIVED, "不再收回")],
        error_messages={"required": "请选择结果。"},
    )  # fmt: skip
    reason = reason_field("说明", required=False, help_text="不再收回时必须写明依据")


class ReturnForm(forms.Form):
    file = forms.FileField(
        label="银行回盘文件",
        widget=FileDrop("选择或拖入银行回盘文件", "CSV，UTF-8 或 GB18030 编码"),
        error_messages={"required": "请选择银行回盘文件。"},
    )


class BudgetForm(_OfOrganisation):
    permission = "ledger.budget"
    programme = forms.ChoiceField(label="方案")
    year = forms.IntegerField(label="年度", min_value=YEARS[0], max_value=YEARS[-1])
    amount = money_field("预算金额（元）")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["programme"].choices = [  # type: ignore[attr-defined]
            (one.code, one.title) for one in programmes()
        ]
        self.fields["year"].initial = timezone.localdate().year
        self.order_fields(["organisation", "programme", "year", "amount"])


class ChangeBudgetForm(forms.Form):
    amount = money_field("新的预算金额（元）")
    reason = reason_field("依据", help_text="例如批复文号")


class AccountsFilter(forms.Form):
    organisation = forms.ChoiceField(label="单位", required=False)
    month = forms.CharField(
        label="月份", required=False, max_length=7,
        widget=forms.TextInput(attrs={"placeholder": "年-月", "inputmode": "numeric"}),
    )  # fmt: skip

    def __init__(self, *args: Any, places: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["organisation"].choices = places  # type: ignore[attr-defined]

    def clean_month(self) -> date | None:
        text = self.cleaned_data["month"].strip()
        if not text:
            return None
        try:
            month = date.fromisoformat(f"{text}-01")
        except ValueError:
            raise forms.ValidationError("请按 年-月 填写，例如 2026-03。") from None
        if month.year not in YEARS:
            raise forms.ValidationError(f"年份应在 {YEARS[0]} 到 {YEARS[-1]} 之间。")
        return month


class MonthForm(forms.Form):
    month = forms.DateField(label="月份", widget=forms.HiddenInput)


class AccountForm(forms.Form):
    """A worker's own bank account. His name is the holder's; it is not asked."""

    bank = forms.CharField(label="开户银行", max_length=80, help_text="例如：北京银行")
    number = forms.CharField(
        label="银行卡号", max_length=40,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )  # fmt: skip
    consent = forms.BooleanField(
        label="我单独同意工会使用我的银行卡号，只用于向我发放补助和待遇。卡号加密保存，页面上只显示末四位。",
        error_messages={"required": "需要您单独同意，才能登记银行卡号。"},
    )

    def clean_number(self) -> str:
        try:
            return bank_number(self.cleaned_data["number"])
        except ValueError as wrong:
            raise forms.ValidationError(str(wrong)) from None
