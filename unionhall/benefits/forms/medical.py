"""Forms of medical mutual aid: a file with its control totals, an exception, a claim, units taken out."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.db.models import Q
from django.utils import timezone

from unionhall.foundation.actors import Actor
from unionhall.foundation.widgets import DateInput, FileDrop, MoneyInput
from unionhall.members.models import Person
from unionhall.organisations.models import Organisation
from unionhall.records.uploads import cleaned

from ..actions.medical.claims import CONSENT
from ..schemes.medical import MedicalAidScheme

_SUMS: dict[str, Any] = {"max_digits": 14, "decimal_places": 2, "min_value": Decimal(0)}


class FileForm(forms.Form):
    """A settlement file and the totals that the insurer told with it."""

    wants_actor = True
    file = forms.FileField(
        label="结算文件",
        widget=FileDrop(
            "选择或拖入结算文件",
            "xlsx 或 CSV；表头应有结算号、结算日期、姓名、证件号码、个人自付金额",
            attrs={"accept": ".xlsx,.csv,.txt"},
        ),
    )
    organisation = forms.ChoiceField(label="经办工会")
    insurer = forms.CharField(
        label="来源单位", max_length=80, help_text="报送这份文件的医保经办机构或保险公司。"
    )
    number = forms.CharField(
        label="批次号", max_length=40, help_text="来源单位给这份文件的编号，同一编号只收一次。"
    )
    year = forms.IntegerField(label="结算年度", min_value=2000, max_value=2999)
    stated_rows = forms.IntegerField(
        label="应有笔数", min_value=1, help_text="来源单位随文件告知的总笔数，不含表头。"
    )
    stated_total = forms.DecimalField(
        label="应有自付金额合计（元）",
        widget=MoneyInput,
        help_text="与文件逐笔相加的结果核对，不符的整份退回。",
        **_SUMS,
    )

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rows = Organisation.objects.visible_to(actor.access, to="benefits.medical_files").active()
        self.unions = {
            one.code: one for one in rows.filter(level__lte=3).in_tree_order().select_related(None)[:200]
        }
        field = self.fields["organisation"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(code, one.name) for code, one in self.unions.items()]
        self.fields["year"].initial = timezone.localdate().year

    def clean_organisation(self) -> Organisation:
        return self.unions[self.cleaned_data["organisation"]]


class ReasonForm(forms.Form):
    reason = forms.CharField(
        label="理由", max_length=200, min_length=2, widget=forms.Textarea(attrs={"rows": 3}),
        help_text="写清依据，以便日后核对；不要写证件号码。",
    )  # fmt: skip


class MatchForm(ReasonForm):
    """Whose settlement it is, by the member's number, and how one knows."""

    wants_actor = True
    field_order = ("member", "reason")
    member = forms.CharField(label="会员号", max_length=12, help_text="在会员名册里查到本人后填写。")

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.access = actor.access

    def clean_member(self) -> Person:
        rows = Person.objects.visible_to(self.access, to="benefits.medical_resolve")
        found = rows.filter(member_number=self.cleaned_data["member"].strip()).first()
        if found is None:
            raise forms.ValidationError("没有找到这个会员号，或者不在您的管辖范围。请核对。")
        return found


class ClaimForm(forms.Form):
    """A settlement that did not come by itself, with its papers; one field for every paper of the plan."""

    number = forms.CharField(
        label="结算号", max_length=40, help_text="结算单上的编号；医保以后报来同一笔时，凭它不会重复支付。"
    )
    settled_on = forms.DateField(label="结算日期", widget=DateInput)
    selfpay = forms.DecimalField(
        label="个人自付金额（元）",
        widget=MoneyInput,
        help_text="结算单上医保范围内由个人负担的金额。",
        **_SUMS,
    )
    hospital = forms.CharField(label="就诊医院", max_length=80, required=False)
    diagnosis = forms.CharField(label="病种", max_length=80, required=False, help_text="加密保存，可以不填。")
    consent = forms.BooleanField(
        label="", error_messages={"required": "申请要使用您的就医信息，需要您单独同意。"}
    )

    def __init__(
        self, *args: Any, scheme: MedicalAidScheme, consented: bool, words: str, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.papers = scheme.papers
        consent = self.fields.pop(CONSENT, None) or self.fields.pop("consent")
        for paper in self.papers:
            self.fields[f"paper_{paper.code}"] = forms.FileField(
                label=paper.label, required=paper.required,
                help_text=f"{paper.note + '；' if paper.note else ''}PDF、JPG 或 PNG，不超过 10 MB。",
                widget=FileDrop("选择或拍照", "", attrs={"accept": ".pdf,.jpg,.jpeg,.png"}),
            )  # fmt: skip
        if not consented:
            consent.label = words
            self.fields["consent"] = consent

    def clean(self) -> dict[str, Any]:
        found: dict[str, Any] = super().clean() or {}
        for paper in self.papers:
            name = f"paper_{paper.code}"
            if found.get(name):
                try:
                    found[name] = cleaned(found[name])
                except forms.ValidationError as wrong:
                    self.add_error(name, wrong)
        return found


class EnrolForm(forms.Form):
    """Units for a member from a day on."""

    wants_actor = True
    member = forms.CharField(label="会员号", max_length=12)
    units = forms.IntegerField(label="份数", min_value=1, max_value=10, initial=1)
    starts = forms.DateField(label="保障开始日期", widget=DateInput)

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.access = actor.access

    def clean_member(self) -> Person:
        rows = Person.objects.visible_to(self.access, to="benefits.medical_enrol")
        found = rows.filter(member_number=self.cleaned_data["member"].strip()).first()
        if found is None:
            raise forms.ValidationError("没有找到这个会员号，或者不在您的管辖范围。请核对。")
        return found


class LineFilter(forms.Form):
    """How the lines of a file are looked at."""

    q = forms.CharField(label="结算号", max_length=40, required=False)

    def condition(self) -> Q:
        text = self.cleaned_data.get("q", "").strip() if self.is_valid() else ""
        return Q(number__startswith=text) if text else Q()
