"""Forms of units' plans: what is taken out from when, who is left out and why, the sum that was seen."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.utils import timezone

from unionhall.foundation.widgets import DateInput
from unionhall.kit.money import yuan
from unionhall.kit.text import number_of
from unionhall.organisations.models import Organisation

from ..actions.plans import on_offer

REASONS = [(one, one) for one in ("本人不愿参加", "长期不在岗", "已自行投保", "即将退休或离职")]


class PlanForm(forms.Form):
    """The unit, the plan with its tier, the first day. Only what is offered where the units are."""

    wants_actor = True
    organisation = forms.ModelChoiceField(
        label="投保单位", queryset=Organisation.objects.none(), to_field_name="code", empty_label=None,
        help_text="名单包括它下面分会的会员",
    )  # fmt: skip
    plan = forms.ChoiceField(label="保障和档次", widget=forms.RadioSelect)
    starts = forms.DateField(
        label="起保日期", widget=DateInput, help_text="付款到账晚于这一天的，从到账当天起保"
    )

    def __init__(self, *args: Any, actor: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rows = Organisation.objects.all().visible_to(actor.access, to="benefits.plan_take").active()
        units = self.fields["organisation"]
        assert isinstance(units, forms.ModelChoiceField)
        units.queryset = rows.order_by("path")
        today, offered = timezone.localdate(), {}
        for division in list(units.queryset.values_list("division", flat=True).order_by().distinct()[:20]):
            for version in on_offer(Organisation(division=division), today):
                offered[version.digest] = version
        plans = self.fields["plan"]
        assert isinstance(plans, forms.ChoiceField)
        plans.choices = [
            (f"{one.programme}.{tier.tier}", f"{one.title}：{tier.label}，每人 {yuan(tier.amount)} 元")
            for one in offered.values()
            for tier in one.parameters.premiums
        ]
        self.empty = not plans.choices

    def chosen(self) -> dict[str, Any]:
        """Arguments of the action."""
        programme, tier = self.cleaned_data["plan"].split(".", 1)
        return {
            "organisation": self.cleaned_data["organisation"], "programme": programme, "tier": tier,
            "starts": self.cleaned_data["starts"],
        }  # fmt: skip


class ChosenForm(forms.Form):
    """Rows that were ticked."""

    selected = forms.TypedMultipleChoiceField(coerce=int, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        ticked: list[str] = getattr(self.data, "getlist", lambda name: [])("selected")
        field = self.fields["selected"]
        assert isinstance(field, forms.TypedMultipleChoiceField)
        field.choices = [(one, one) for one in ticked if number_of(one) is not None]


class LeaveForm(ChosenForm):
    reason = forms.ChoiceField(choices=REASONS)


class SubmitForm(forms.Form):
    """The sum that the page showed."""

    amount = forms.DecimalField(
        widget=forms.HiddenInput, max_digits=14, decimal_places=2, min_value=Decimal(0)
    )
