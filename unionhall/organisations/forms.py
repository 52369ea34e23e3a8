"""Forms of the tree's pages. Unions are chosen by code or by name, so that a hundred thousand of them fit no list."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django import forms
from django.utils import timezone

from unionhall.foundation.scope import Access
from unionhall.foundation.widgets import DateInput
from unionhall.kit.codes import INDUSTRY

from .kinds import Chain, Form, Kind, Level, Status
from .models import Division, Employer, Organisation
from .rules import TermState

MOST_SHOWN = 5
#: No employer has more people, and no column of a count takes in much more.
MOST_PEOPLE = 1_000_000


def find_union(text: str, access: Access | None = None) -> Organisation:
    """The union meant by a code or a name. `access` None looks everywhere. Raises ValidationError naming candidates."""
    rows = Organisation.objects.active()
    rows = (
        rows.everywhere(reason="names and codes of unions are public")
        if access is None
        else rows.visible_to(access)
    )
    text = text.strip()
    exact = rows.filter(code=text.upper()).first() or rows.filter(uscc=text.upper()).first()
    if exact is not None:
        return exact
    same = list(rows.filter(name=text)[:2])
    found = (
        same if len(same) == 1 else list(rows.filter(name__contains=text).order_by("path")[: MOST_SHOWN + 1])
    )
    if len(found) == 1:
        return found[0]
    if not found:
        raise forms.ValidationError("没有找到这个工会。请填写组织代码或完整名称，且应在您的管理范围内。")
    names = "；".join(f"{one.name}（{one.code}）" for one in found[:MOST_SHOWN])
    more = " 等" if len(found) > MOST_SHOWN else ""
    raise forms.ValidationError(f"名称不唯一，请填写组织代码：{names}{more}")


class UnionField(forms.CharField):
    """A union by code or name. The form sets `access`; None means any union."""

    access: Access | None = None

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("help_text", "填写组织代码或名称")
        super().__init__(max_length=120, **kwargs)

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        return find_union(text, self.access) if text else None

    def prepare_value(self, value: Any) -> Any:
        return value.code if isinstance(value, Organisation) else value


class EmployerField(forms.CharField):
    """An employer by credit code or name."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("help_text", "填写统一社会信用代码或单位全称")
        super().__init__(max_length=120, **kwargs)

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        if not text:
            return None
        rows = Employer.objects.all()
        found = list(rows.filter(uscc=text.upper())[:1]) or list(rows.filter(name=text)[:2])
        found = found or list(rows.filter(name__contains=text).order_by("name")[: MOST_SHOWN + 1])
        if len(found) == 1:
            return found[0]
        if not found:
            raise forms.ValidationError("没有登记过这个单位。请核对名称，或先登记用人单位。")
        names = "；".join(f"{one.name}（{one.uscc or '无信用代码'}）" for one in found[:MOST_SHOWN])
        raise forms.ValidationError(f"名称不唯一，请填写统一社会信用代码：{names}")

    def prepare_value(self, value: Any) -> Any:
        return (value.uscc or value.name) if isinstance(value, Employer) else value


class DayField(forms.DateField):
    """A date typed as YYYY-MM-DD."""

    widget = DateInput


def today() -> date:
    return timezone.localdate()


class ActingForm(forms.Form):
    """A form whose union fields reach as far as the actor's eyes."""

    wants_actor = True

    def __init__(self, *args: Any, actor: Any = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            if isinstance(field, UnionField):
                field.access = actor.access if actor is not None else None


def on_field(label: str = "生效日期") -> DayField:
    return DayField(label=label, initial=today, help_text="可以填以前的日期，不能填以后的日期")


def document_field(required: bool = False) -> forms.CharField:
    return forms.CharField(label="批复文号", max_length=60, required=required)


class EstablishForm(ActingForm):
    name = forms.CharField(label="工会名称", max_length=120)
    kind = forms.ChoiceField(label="类别", choices=Kind.choices, initial=Kind.GRASSROOTS)
    level = forms.TypedChoiceField(label="层级", choices=Level.choices, coerce=int, initial=Level.GRASSROOTS)
    parent = UnionField(label="上级工会")
    industry_parent = UnionField(label="上级产业工会", required=False)
    division = forms.CharField(
        label="行政区划代码", max_length=12, help_text="例如 420102（江岸区）或街道 9 位代码"
    )
    form = forms.ChoiceField(label="组织形式", choices=Form.choices, initial=Form.COMMITTEE)
    uscc = forms.CharField(label="统一社会信用代码", max_length=20, required=False)
    address = forms.CharField(label="地址", max_length=200, required=False)
    telephone = forms.CharField(label="办公电话", max_length=30, required=False)
    on = on_field("成立日期")
    document = document_field()

    def clean_division(self) -> str:
        code = str(self.cleaned_data["division"]).strip()
        if not code.isdigit():
            raise forms.ValidationError("行政区划代码只含数字。")
        if Division.objects.exists() and not Division.objects.filter(pk=code).exists():
            raise forms.ValidationError("没有这个行政区划代码，请核对。")
        return code


class EditForm(ActingForm):
    short_name = forms.CharField(label="简称", max_length=60, required=False)
    uscc = forms.CharField(label="统一社会信用代码", max_length=20, required=False)
    form = forms.ChoiceField(label="组织形式", choices=Form.choices)
    legal_certificate = forms.CharField(label="法人资格证号", max_length=40, required=False)
    legal_certificate_until = DayField(label="法人资格有效期至", required=False)
    address = forms.CharField(label="地址", max_length=200, required=False)
    telephone = forms.CharField(label="办公电话", max_length=30, required=False)
    accepts_individuals = forms.BooleanField(label="接收单位未建会的职工", required=False)


class RenameForm(ActingForm):
    name = forms.CharField(label="新名称", max_length=120)
    on = on_field()
    document = document_field()


class MoveForm(ActingForm):
    chain = forms.ChoiceField(label="隶属链", choices=Chain.choices, initial=Chain.REGION)
    parent = UnionField(
        label="新的上级工会", required=False, help_text="填写组织代码或名称；退出产业链时留空"
    )
    on = on_field()
    document = document_field()


class ReasonForm(ActingForm):
    reason = forms.CharField(label="原因", max_length=300, widget=forms.Textarea)


class TermForm(ActingForm):
    on = on_field("任期开始日期")
    years = forms.TypedChoiceField(label="任期", coerce=int)
    elected_on = DayField(label="选举日期", required=False)
    committee_size = forms.IntegerField(label="委员人数", min_value=1, max_value=99, required=False)
    document = forms.CharField(
        label="批复文号", max_length=60, required=False, help_text="提前或延期换届时必填"
    )

    def offer_years(self, years: Iterable[int]) -> None:
        """The lengths that the rules allow this union; the longest is chosen unless another is."""
        choices = [(length, f"{length} 年") for length in years]
        self.fields["years"].choices = choices  # type: ignore[attr-defined]
        self.fields["years"].initial = choices[-1][0]


class ExtendForm(ActingForm):
    until = DayField(label="延至")
    document = document_field(required=True)


class CoverForm(ActingForm):
    employer = EmployerField(label="用人单位")
    on = on_field("覆盖日期")


class UncoverForm(ActingForm):
    on = on_field("解除日期")
    reason = forms.CharField(label="原因", max_length=200)


class EmployerForm(ActingForm):
    name = forms.CharField(label="单位名称", max_length=120)
    uscc = forms.CharField(label="统一社会信用代码", max_length=20, required=False)
    division = forms.CharField(label="行政区划代码", max_length=12)
    economic_type = forms.ChoiceField(label="经济类型", choices=Employer.EconomicType.choices, initial="170")
    industry = forms.ChoiceField(
        label="行业门类", choices=[("", "未填"), *INDUSTRY.choices()], required=False
    )
    employees = forms.IntegerField(label="职工人数", min_value=0, max_value=MOST_PEOPLE, initial=0)
    women = forms.IntegerField(label="女职工人数", min_value=0, max_value=MOST_PEOPLE, initial=0)
    address = forms.CharField(label="地址", max_length=200, required=False)


def _any(choices: Any, word: str = "全部") -> list[tuple[Any, str]]:
    return [("", word), *choices]


class OrganisationFilter(forms.Form):
    """Filters of the list; every value lives in the address."""

    q = forms.CharField(
        label="名称、代码或信用代码",
        required=False,
        widget=forms.TextInput(attrs={"type": "search", "placeholder": "一个字也可以查"}),
    )
    kind = forms.ChoiceField(
        label="类别", required=False, choices=_any([*Kind.choices, ("base", "基层工会和联合基层工会")])
    )
    level = forms.TypedChoiceField(
        label="层级", required=False, choices=_any(Level.choices), coerce=int, empty_value=""
    )
    status = forms.ChoiceField(label="状态", required=False, choices=_any(Status.choices, "现有"))
    term = forms.ChoiceField(
        label="任期", required=False, choices=_any([(state.value, state.label) for state in TermState])
    )
    chain = forms.ChoiceField(label="隶属链", required=False, choices=_any(Chain.choices, "不限"))
    under = forms.CharField(label="在此工会之下", required=False, max_length=120)
    on = DayField(label="截至日期", required=False)
