"""What those who write schemes fill in."""

from typing import Any

from django import forms

from unionhall.foundation.widgets import MoneyInput

from .drafting import issuers


class SchemeFilter(forms.Form):
    """Find a scheme by words of its title or source."""

    q = forms.CharField(
        label="方案、出处或发布机关",
        required=False,
        max_length=60,
        widget=forms.TextInput(attrs={"type": "search", "placeholder": "例如 互助"}),
    )
    when = forms.CharField(required=False, widget=forms.HiddenInput)


class CopyForm(forms.Form):
    """For which of the actor's unions the copy is."""

    wants_actor = True
    organisation = forms.ChoiceField(label="由哪个工会发布")

    def __init__(self, *args: Any, actor: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.unions = {str(one.pk): one for one in issuers(actor.access)}
        field = self.fields["organisation"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(key, one.name) for key, one in self.unions.items()]
        if len(self.unions) == 1:
            field.initial = next(iter(self.unions))


class TextForm(forms.Form):
    """The text of a draft."""

    text = forms.CharField(
        label="方案文本（TOML）",
        strip=False,
        max_length=60_000,
        widget=forms.Textarea(attrs={"rows": 26, "class": "code", "spellcheck": "false", "wrap": "off"}),
        help_text="金额单位为元，日期写作 2026-01-01。保存时自动检查。",
    )


class SimulationForm(forms.Form):
    """What is assumed of money and of how many come."""

    budget = forms.DecimalField(
        label="年度预算（元）",
        required=False,
        min_value=0,
        max_digits=14,
        decimal_places=2,
        widget=MoneyInput,
        help_text="已设立预算的自动填入；填写后可以看到预算哪一天用完，不填则只算人数和费用。",
    )
    uptake = forms.IntegerField(
        label="预计申领比例（%）",
        min_value=1,
        max_value=100,
        initial=100,
        help_text="符合条件的人里，预计一年内有多少来申领。",
    )


class WithdrawForm(forms.Form):
    reason = forms.CharField(label="撤回原因", max_length=200)
