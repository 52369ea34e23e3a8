"""Forms of 会员服务."""

from datetime import date
from typing import Any

from django import forms
from django.utils import timezone

from unionhall.foundation.widgets import DateInput, FileDrop, MoneyInput, Rating
from unionhall.kit.identifiers import IdentifierError, check_uscc
from unionhall.network.models import Node
from unionhall.network.nearness import REACHES
from unionhall.organisations.models import Division, Organisation

from ..catalogue import version_in
from ..models import Merchant, Outlet, Service

ALL = ("", "全部")


def area_choices(codes: set[str]) -> list[tuple[str, str]]:
    """Counties in which there are outlets, by their names."""
    counties = sorted({code[:6] for code in codes if len(code) >= 6})
    names = dict(Division.objects.filter(code__in=counties).values_list("code", "name"))
    return [(code, names.get(code, code)) for code in counties]


class CatalogueFilter(forms.Form):
    """Of the worker's catalogue. The place of the reader comes only when he presses the button."""

    q = forms.CharField(label="名称", required=False, max_length=30)
    category = forms.ChoiceField(label="类别", required=False, choices=[ALL, *Service.Category.choices])
    kind = forms.ChoiceField(label="费用", required=False, choices=[ALL, *Service.Kind.choices])
    area = forms.ChoiceField(label="区县", required=False)
    station = forms.IntegerField(required=False, widget=forms.HiddenInput)
    lat = forms.FloatField(required=False, min_value=-90, max_value=90, widget=forms.HiddenInput)
    lon = forms.FloatField(required=False, min_value=-180, max_value=180, widget=forms.HiddenInput)
    within = forms.TypedChoiceField(
        required=False, coerce=int, empty_value=None, choices=[(one, f"{one} 公里内") for one in REACHES],
        label="距离",
    )  # fmt: skip

    def __init__(self, *args: Any, areas: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.is_bound and not self.data.get("within"):
            self.data = {**self.data.dict(), "within": "10"}  # type: ignore[attr-defined]  # the select shows what holds
        self.fields["area"].choices = [("", "全部区县"), *areas]  # type: ignore[attr-defined]


class RateForm(forms.Form):
    grade = forms.TypedChoiceField(
        label="您满意吗", coerce=int, choices=Rating.GRADES, widget=Rating,
        error_messages={"required": "请选择满意程度。"},
    )  # fmt: skip
    words = forms.CharField(
        label="想说的话", required=False, max_length=200, widget=forms.Textarea(attrs={"rows": 3}),
        help_text="选填。不要写姓名、电话和证件号码。",
    )  # fmt: skip


class RedeemForm(forms.Form):
    code = forms.CharField(
        label="券码",
        max_length=400,
        error_messages={"required": "请扫码或输入券码。"},
        widget=forms.TextInput(
            attrs={
                "autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false",
                "data-focus": "", "data-scan-into": "", "class": "redeem-code",
            }
        ),
    )  # fmt: skip


class OfflineForm(forms.Form):
    codes = forms.CharField(
        label="券码记录",
        required=False,
        max_length=600_000,
        widget=forms.Textarea(attrs={"rows": 8, "spellcheck": "false", "data-offline": ""}),
        help_text="一行一个：券码，后面可以写核销时间，例如 4F7K9 2QDXT，2026-05-04 12:30。不写时间按上传时间算。",
    )
    file = forms.FileField(
        label="或者上传文件",
        required=False,
        widget=FileDrop("选择或拖入文件", "CSV 或文本文件，一行一个券码，第二列为时间"),
    )

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if not given.get("codes", "").strip() and not given.get("file"):
            raise forms.ValidationError("请粘贴券码记录，或者选择文件。")
        return given


class WordsForm(forms.Form):
    words = forms.CharField(
        label="说明", max_length=300, widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "请写明情况。"},
    )  # fmt: skip


class ServiceFilter(forms.Form):
    """Of the desk's catalogue."""

    q = forms.CharField(label="名称或编号", required=False, max_length=30)
    category = forms.ChoiceField(label="类别", required=False, choices=[ALL, *Service.Category.choices])
    kind = forms.ChoiceField(label="费用", required=False, choices=[ALL, *Service.Kind.choices])
    state = forms.ChoiceField(label="状态", required=False, choices=[ALL, *Service.State.choices])
    merchant = forms.IntegerField(required=False, widget=forms.HiddenInput)


class MerchantForm(forms.Form):
    wants_actor = True
    organisation = forms.ModelChoiceField(
        label="签约工会", queryset=Organisation.objects.none(), to_field_name="code", empty_label=None
    )
    name = forms.CharField(label="商户名称", max_length=100)
    uscc = forms.CharField(label="统一社会信用代码", max_length=20, required=False)
    contact = forms.CharField(label="联系人", max_length=50, required=False)
    telephone = forms.CharField(label="联系电话", max_length=30, required=False)
    agreement_number = forms.CharField(label="协议编号", max_length=60, required=False)
    begins = forms.DateField(label="协议开始", widget=DateInput)
    ends = forms.DateField(
        label="协议截止", required=False, widget=DateInput, help_text="协议最后一天；没有约定的不填"
    )
    suspended = forms.BooleanField(label="暂停合作（会员不能再领，商户不能核销）", required=False)
    bank = forms.CharField(
        label="开户银行", max_length=80, required=False, help_text="由工会承担费用的商户才需要"
    )
    number = forms.CharField(
        label="收款账号", max_length=40, required=False, help_text="加密保存；填写后替换原账户",
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )  # fmt: skip

    def __init__(self, *args: Any, actor: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["organisation"].queryset = keepers(actor)  # type: ignore[attr-defined]

    def clean_uscc(self) -> str:
        text = self.cleaned_data["uscc"].strip()
        try:
            return check_uscc(text) if text else ""
        except IdentifierError as fault:
            raise forms.ValidationError(fault.message_zh) from None


def keepers(actor: Any) -> Any:
    """Unions whose catalogue the actor keeps: federations within his grants, not enterprises."""
    rows = Organisation.objects.all().visible_to(actor.access, to="benefits.services_edit")
    return rows.active().filter(level__lte=3).order_by("path")


class OutletForm(forms.Form):
    name = forms.CharField(label="网点名称", max_length=100)
    address = forms.CharField(label="地址", max_length=200)
    division = forms.CharField(label="行政区划代码", max_length=12, help_text="6 位区县代码，例如 420103")
    latitude = forms.FloatField(label="纬度", required=False, min_value=-90, max_value=90)
    longitude = forms.FloatField(
        label="经度", required=False, min_value=-180, max_value=180, help_text="填写后会员可以按距离查找"
    )
    opening = forms.CharField(label="开放时间", max_length=100, required=False)
    telephone = forms.CharField(label="电话", max_length=30, required=False)
    node = forms.CharField(
        label="服务站点编号", max_length=24, required=False,
        help_text="设在工会服务站点里的填站点编号；地址、位置、电话和开放时间以站点为准",
    )  # fmt: skip
    is_open = forms.BooleanField(label="在用", required=False, initial=True)

    def clean_node(self) -> Node | None:
        code = self.cleaned_data["node"].strip()
        if not code:
            return None
        # Where a station stands is public; any merchant may have a counter in it.
        found = Node.objects.everywhere(reason="stations are public").filter(code=code).first()
        if found is None:
            raise forms.ValidationError("没有这个编号的服务站点。")
        return found

    def clean_division(self) -> str:
        code: str = self.cleaned_data["division"].strip()
        if not code.isdigit() or len(code) not in (6, 9, 12):
            raise forms.ValidationError("请填写 6 位区县代码（或 9 位街道代码）。")
        return code


class TellerForm(forms.Form):
    username = forms.CharField(
        label="账号", max_length=60, help_text="先在“账号和授权”开通服务商户角色的账号"
    )
    outlet = forms.ModelChoiceField(
        label="网点", queryset=Outlet.objects.none(), required=False, empty_label="不限网点"
    )

    def __init__(self, *args: Any, merchant: Merchant, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["outlet"].queryset = merchant.outlets.order_by("pk")  # type: ignore[attr-defined]


class ServiceForm(forms.Form):
    code = forms.CharField(label="服务编号", max_length=20)
    category = forms.ChoiceField(label="类别", choices=Service.Category.choices)
    title = forms.CharField(label="名称", max_length=60)
    kind = forms.ChoiceField(label="免费或优惠", choices=Service.Kind.choices)
    price_words = forms.CharField(
        label="价格说明", max_length=60, help_text="例如：免费；每小时 15 元（原价 40 元）"
    )
    reimbursed = forms.DecimalField(
        label="工会承担（元/次）", max_digits=10, decimal_places=2, min_value=0, initial=0, widget=MoneyInput,
        help_text="每核销一次由工会付给商户的金额，不承担填 0",
    )  # fmt: skip
    audience = forms.ChoiceField(label="对象")
    quota = forms.IntegerField(label="每人次数", min_value=1, max_value=366, initial=1)
    period = forms.ChoiceField(label="次数周期", choices=Service.Period.choices)
    stock = forms.IntegerField(
        label="总量", min_value=0, max_value=100_000_000, required=False, help_text="不限不填"
    )
    valid_from = forms.DateField(label="开始日期", widget=DateInput, initial=timezone.localdate)
    valid_until = forms.DateField(label="截止日期", required=False, widget=DateInput)
    state = forms.ChoiceField(label="状态", choices=Service.State.choices, initial=Service.State.OFFERED)
    outlets = forms.ModelMultipleChoiceField(
        label="网点", queryset=Outlet.objects.none(), required=False, widget=forms.CheckboxSelectMultiple
    )
    summary = forms.CharField(
        label="说明", max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )

    def __init__(self, *args: Any, merchant: Merchant, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["outlets"].queryset = merchant.outlets.order_by("pk")  # type: ignore[attr-defined]
        scheme = version_in(merchant.organisation.division, timezone.localdate()).parameters
        self.fields["audience"].choices = [(one.code, one.label) for one in scheme.audiences]  # type: ignore[attr-defined]


class CatalogueForm(forms.Form):
    wants_actor = True
    organisation = forms.ModelChoiceField(
        label="工会", queryset=Organisation.objects.none(), to_field_name="code", empty_label=None
    )
    file = forms.FileField(
        label="服务目录文件",
        widget=FileDrop("选择或拖入服务目录", "xlsx、xls 或 CSV，最多 5000 行"),
        error_messages={"required": "请选择文件。"},
    )

    def __init__(self, *args: Any, actor: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["organisation"].queryset = keepers(actor)  # type: ignore[attr-defined]


class MonthForm(forms.Form):
    month = forms.CharField(
        label="月份", max_length=7, help_text="年-月，例如 2026-04；本月之前的月份",
        widget=forms.TextInput(attrs={"placeholder": "年-月", "inputmode": "numeric"}),
    )  # fmt: skip

    def clean_month(self) -> Any:
        try:
            return date.fromisoformat(f"{self.cleaned_data['month'].strip()}-01")
        except ValueError:
            raise forms.ValidationError("请按 年-月 填写，例如 2026-04。") from None
