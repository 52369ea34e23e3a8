"""Forms of problems, their answers and ratings; of duties."""

from collections.abc import Sequence
from typing import Any

from django import forms

from unionhall.access.models import Account
from unionhall.foundation.actors import Actor
from unionhall.foundation.widgets import Rating
from unionhall.organisations.models import Organisation

from .. import choosing
from ..models import Trouble
from .visits import area

Owners = dict[int, tuple[Account, Organisation]]


def owner_field(label: str = "责任人") -> forms.TypedChoiceField:
    return forms.TypedChoiceField(label=label, coerce=int, error_messages={"required": f"请选择{label}。"})


def offer(field: Any, owners: Owners) -> None:
    field.choices = [
        ("", "请选择"),
        *((pk, f"{account.display_name}　{union.name}") for pk, (account, union) in owners.items()),
    ]


class ItemForm(forms.Form):
    stop = forms.TypedChoiceField(label="在哪里发现的", coerce=int, required=False, empty_value=None)
    category = forms.ChoiceField(label="类别", help_text="办理期限按类别计算")
    title = forms.CharField(label="问题", max_length=80, help_text="一句话写清楚")
    detail = area("具体情况", 3, max_length=1000, required=False, help_text="不写姓名、手机号和病情")
    owner = owner_field()

    def __init__(
        self,
        *args: Any,
        stops: Sequence[tuple[int, str]],
        categories: Sequence[tuple[str, str]],
        owners: Owners,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.owners = owners
        self.fields["stop"].choices = [("", "没有对应的走访对象"), *stops]  # type: ignore[attr-defined]
        self.fields["category"].choices = [("", "请选择"), *categories]  # type: ignore[attr-defined]
        offer(self.fields["owner"], owners)

    def clean_owner(self) -> Account:
        return self.owners[self.cleaned_data["owner"]][0]


class ReplyForm(forms.Form):
    reply = area("答复", 4, max_length=1000, help_text="反映问题的人会看到，并作出评价")


class OwnerForm(forms.Form):
    """Another owner, with a reason where the trail wants one."""

    owner = owner_field()
    reason = area("改派原因", 2, max_length=200)

    def __init__(self, *args: Any, owners: Owners, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.owners = owners
        offer(self.fields["owner"], owners)

    def clean_owner(self) -> Account:
        return self.owners[self.cleaned_data["owner"]][0]


class HandForm(forms.Form):
    to = forms.CharField(
        label="转办到哪里",
        max_length=120,
        help_text="写事项和编号，例如“诉求 SQ20260301001”；仍由责任人在期限内答复",
    )


class NoteForm(forms.Form):
    note = area("督办意见", 3, max_length=300)


class RateForm(forms.Form):
    stars = forms.TypedChoiceField(
        label="您满意吗", coerce=int, choices=Rating.GRADES, widget=Rating,
        error_messages={"required": "请选择满意程度。"},
    )  # fmt: skip
    text = area("想说的话", 3, required=False, max_length=300, help_text="选填。不要写姓名、电话和证件号码。")


class CodeForm(forms.Form):
    code = forms.CharField(
        label="评价码", max_length=200,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters"}),
        help_text="走访回执上的 10 位字母和数字",
    )  # fmt: skip


class CheckForm(forms.Form):
    state = forms.ChoiceField(
        label="对方怎么说", widget=forms.RadioSelect,
        choices=[("confirmed", "是本人评价的"), ("denied", "没有评价过，或不是这样评的"), ("unreached", "没有联系上")],
        error_messages={"required": "请选择回访结果。"},
    )  # fmt: skip
    said = area("回访情况", 3, max_length=300, help_text="怎样联系的、对方怎么说；不写姓名、电话")


class DutyForm(forms.Form):
    """By hand: who is hurt, in hardship or in trouble."""

    wants_actor = True
    organisation = forms.TypedChoiceField(
        label="责任工会", coerce=int, required=False, empty_value=None,
        help_text="走访职工的可以不选，由职工所在工会负责",
    )  # fmt: skip
    trouble = forms.ChoiceField(label="情形", choices=Trouble.choices, widget=forms.RadioSelect)
    person = forms.CharField(label="职工", required=False, max_length=60, help_text="姓名或会员号")
    firm = forms.CharField(
        label="单位", required=False, max_length=120, help_text="走访单位时填名称或统一社会信用代码"
    )
    because = area("事由", 2, max_length=300, help_text="不写病情和金额")

    def __init__(self, *args: Any, actor: Actor, unions: Sequence[Organisation], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.actor, self.unions = actor, {one.pk: one for one in unions}
        place: Any = self.fields["organisation"]
        place.choices = [("", "职工或单位所在工会"), *((one.pk, one.name) for one in unions)]

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        pk = given.get("organisation")
        given["organisation"] = self.unions[pk] if pk else None
        for name, find in (
            ("person", lambda text: choosing.people(self.actor, text)),
            ("firm", choosing.firms),
        ):
            try:
                found = find(given.get(name) or "")
            except choosing.Mistyped as wrong:
                self.add_error(name, wrong.sentences[0])
                continue
            given[name] = found[0] if found else None
        if not self.errors and not (given.get("person") or given.get("firm")):
            raise forms.ValidationError("请填写要走访的职工或单位。")
        return given


class AccountForm(forms.Form):
    owner = owner_field()

    def __init__(self, *args: Any, owners: Owners, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.owners = owners
        offer(self.fields["owner"], owners)

    def clean_owner(self) -> Account:
        return self.owners[self.cleaned_data["owner"]][0]


class ExplainForm(forms.Form):
    explanation = area("回复", 3, max_length=500)
