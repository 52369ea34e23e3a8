"""Forms of contact points, firms in difficulty, office months and the table's export."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils import timezone

from unionhall.access.models import Account
from unionhall.foundation.actors import Actor
from unionhall.foundation.widgets import DateInput
from unionhall.organisations.models import Organisation

from .. import choosing
from ..actions.holding import Target
from ..models import DifficultFirm
from .visits import area


class CadreForm(forms.Form):
    """A union and one of its cadres."""

    cadre = forms.ChoiceField(label="联系干部", error_messages={"required": "请选择干部。"})

    def __init__(
        self,
        *args: Any,
        cadres: dict[str, tuple[Account, Organisation]],
        optional: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.cadres = cadres
        field: Any = self.fields["cadre"]
        field.required = not optional
        field.choices = [
            ("", "以后再指定" if optional else "请选择"),
            *((key, f"{account.display_name}　{union.name}") for key, (account, union) in cadres.items()),
        ]


class ContactForm(CadreForm):
    """Whom the cadre answers for: one line in one of three boxes."""

    wants_actor = True
    firm = forms.CharField(label="企业", required=False, max_length=120, help_text="名称或统一社会信用代码")
    person = forms.CharField(label="职工家庭", required=False, max_length=60, help_text="姓名或会员号")
    union = forms.CharField(
        label="工会", required=False, max_length=120, help_text="组织代码或全称，例如联系的市县总工会"
    )
    helps = forms.BooleanField(
        label="是帮扶责任人", required=False, help_text="困难企业、困难职工各有一名；新指定的接替原来的"
    )
    until = forms.DateField(label="到哪一天", required=False, widget=DateInput(), help_text="不填为长期")
    note = forms.CharField(label="说明", required=False, max_length=200)

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.actor = actor

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        boxes = (
            ("firm", "employer", choosing.firms),
            ("person", "person", lambda text: choosing.people(self.actor, text)),
            ("union", "union", lambda text: choosing.unions(self.actor.access, text)),
        )
        targets = []
        for box, name, find in boxes:
            try:
                targets += [Target(**{name: one}) for one in find(given.get(box) or "")]  # type: ignore[arg-type]
            except choosing.Mistyped as wrong:
                self.add_error(box, wrong.sentences[0])
        if not self.errors and len(targets) != 1:
            raise forms.ValidationError("请在企业、职工家庭、工会里填一项，只填一项。")
        given["target"] = targets[0] if targets else None
        return given


class FirmForm(CadreForm):
    organisation = forms.TypedChoiceField(label="认定工会", coerce=int)
    firm = forms.CharField(label="企业", max_length=120, help_text="名称或统一社会信用代码")
    reason = forms.ChoiceField(label="困难原因", choices=DifficultFirm.Reason.choices)
    level = forms.ChoiceField(label="困难程度", choices=DifficultFirm.Level.choices, widget=forms.RadioSelect)
    workers = forms.IntegerField(label="受影响职工（人）", min_value=0, max_value=999_999, initial=0)
    statement = area("情况", 3, max_length=500)
    field_order = ("organisation", "firm", "reason", "level", "workers", "statement", "cadre")

    def __init__(self, *args: Any, unions: Sequence[Organisation], **kwargs: Any) -> None:
        super().__init__(*args, optional=True, **kwargs)
        self.unions = {one.pk: one for one in unions}
        place: Any = self.fields["organisation"]
        place.choices = [(one.pk, one.name) for one in unions]
        self.fields["cadre"].label = "帮扶责任人"

    def clean_organisation(self) -> Organisation:
        return self.unions[self.cleaned_data["organisation"]]

    def clean_firm(self) -> Any:
        try:
            found = choosing.firms(self.cleaned_data["firm"])
        except choosing.Mistyped as wrong:
            raise forms.ValidationError(wrong.sentences[0]) from None
        return found[0]


#: What an officer finds; that a firm belongs to another union is found by whoever declares it there.
_RESULTS = [one for one in DifficultFirm.Result.choices if one[0] != DifficultFirm.Result.MOVED]


class LeaveForm(forms.Form):
    result = forms.ChoiceField(label="退出结果", choices=_RESULTS, widget=forms.RadioSelect)
    note = area("依据", 3, max_length=300)


class MonthForm(forms.Form):
    organisation = forms.TypedChoiceField(label="工会", coerce=int)
    month = forms.ChoiceField(label="月份")
    meetings = forms.IntegerField(label="会议（次）", min_value=0, max_value=9999)
    documents = forms.IntegerField(label="文件简报（份）", min_value=0, max_value=99999)

    def __init__(self, *args: Any, unions: Sequence[Organisation], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.unions = {one.pk: one for one in unions}
        place: Any = self.fields["organisation"]
        place.choices = [(one.pk, one.name) for one in unions]
        if len(unions) == 1:
            place.widget, place.initial = forms.HiddenInput(), unions[0].pk
        today = timezone.localdate()
        first = today.year * 12 + today.month - 1
        months = [divmod(one, 12) for one in range(first, first - 25, -1)]
        field: Any = self.fields["month"]
        field.choices = [(f"{year}-{month + 1:02d}", f"{year} 年 {month + 1} 月") for year, month in months]

    def clean_organisation(self) -> Organisation:
        return self.unions[self.cleaned_data["organisation"]]


class ExportForm(forms.Form):
    purpose = forms.CharField(label="用途", max_length=200, help_text="会记入日志")
