"""Forms of transfers and standing changes at the desk."""

from __future__ import annotations

from typing import Any

from django import forms

from unionhall.foundation.actors import Actor
from unionhall.foundation.widgets import DateInput, FileDrop
from unionhall.members.forms import UnionField
from unionhall.organisations.models import Organisation
from unionhall.records import uploads

from .actions.standing import DAYS
from .models import StandingChange

Change = StandingChange.Change
#: Which days each change asks for; the rest of the evidence is read from the register.
EVIDENCE: dict[str, tuple[str, ...]] = {
    Change.RETENTION: (),
    Change.RESUMPTION: (),
    Change.WITHDRAWAL: ("requested_on",),
    Change.DEEMED: ("dues_paid_until", "last_took_part_on", "educated_on"),
    Change.EXPULSION: ("group_discussed_on",),
}
HELP = {
    "requested_on": "本人签字的书面申请上的日期；本人能用手机的，请本人在手机端申请",
    "dues_paid_until": "从未缴纳的留空",
    "last_took_part_on": "从未参加的留空",
    "educated_on": "提醒、教育之后仍不改正的，才能提出（章程第六条）",
    "group_discussed_on": "先由工会小组讨论，再由委员会决定，最后报上级备案（章程第七条）",
}


class OutForm(forms.Form):
    """Where a member of ours goes."""

    destination = forms.CharField(label="转入工会", max_length=120, help_text="填写组织代码或工会全称")
    reason = forms.CharField(label="转接原因", max_length=200, help_text="例如：换了工作单位")

    def clean_destination(self) -> Organisation:
        text = self.cleaned_data["destination"].strip()
        rows = Organisation.objects.everywhere(
            reason="a union's name and code are public; members go anywhere"
        ).active()
        found = list((rows.filter(code=text) | rows.filter(name=text))[:2])
        if len(found) != 1:
            raise forms.ValidationError(
                "有多个工会叫这个名称，请填写组织代码。"
                if found
                else "没有找到这个工会。请核对全称或组织代码。"
            )
        return found[0]


class InForm(forms.Form):
    """Who comes to a union of ours. Name and number must agree, so that numbers cannot be fished for."""

    wants_actor = True

    name = forms.CharField(label="姓名", max_length=60)
    number = forms.CharField(
        label="证件号码", max_length=40, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )
    destination = UnionField(
        label="转入工会", permission="organising.transfer", with_members=True, max_length=120
    )
    reason = forms.CharField(
        label="转接原因", min_length=2, max_length=200, initial="换了工作单位",
        error_messages={"min_length": "请填写转接原因，例如“换了工作单位”。"},
    )  # fmt: skip

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        union = self.fields["destination"]
        assert isinstance(union, UnionField)
        union.for_actor(actor, listed=True)


class AttestForm(forms.Form):
    """本人书面同意: how it was given, and its scan."""

    note = forms.CharField(label="同意情况", max_length=200, help_text="例如：本人 3 月 5 日到场签字")
    scan = forms.FileField(
        label="书面同意扫描件",
        required=False,
        widget=FileDrop("选择或拖入扫描件", "PDF 或图片，不超过 10 MB"),
    )

    def clean_scan(self) -> uploads.Upload | None:
        return uploads.cleaned(self.cleaned_data["scan"])


class StandingForm(forms.Form):
    """A change of standing with the evidence that this change asks for."""

    reason = forms.CharField(label="原因", max_length=300, widget=forms.Textarea(attrs={"rows": 3}))

    def __init__(self, *args: Any, change: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.change = change
        for name in EVIDENCE[change]:
            self.fields[name] = forms.DateField(
                label=DAYS[name], required=False, widget=DateInput(), help_text=HELP[name]
            )
        if change == Change.RETENTION:
            self.fields["employer_bankrupt"] = forms.BooleanField(label="单位已破产、关闭", required=False)

    def evidence(self) -> dict[str, Any]:
        return {name: value for name, value in self.cleaned_data.items() if name != "reason" and value}


class BatchRetentionForm(forms.Form):
    """One reason for proposing retention of all that were ticked."""

    reason = forms.CharField(label="原因", max_length=300, initial="已办理退休手续")


class MatterFilter(forms.Form):
    """Lists of transfers and standing changes."""

    state = forms.ChoiceField(
        label="状态",
        required=False,
        choices=[
            ("", "全部"), ("pending", "审核中"), ("returned", "待补正"), ("approved", "已通过"), ("refused", "未通过"),
            ("withdrawn", "已撤回"),
        ],
    )  # fmt: skip
