"""Forms of plans, tasks and their parts."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms

from unionhall.foundation.widgets import DateInput
from unionhall.organisations.models import Organisation

from ..models import PartnerBody, Plan


def text(label: str, rows: int = 3, **more: Any) -> forms.CharField:
    return forms.CharField(label=label, widget=forms.Textarea(attrs={"rows": rows}), **more)


def chosen(form: forms.Form, name: str, rows: Iterable[Any], *, empty: str = "") -> None:
    """Choices of a field from rows by their key."""
    first = [("", empty)] if empty else []
    form.fields[name].choices = [*first, *((str(one.pk), str(one)) for one in rows)]  # type: ignore[attr-defined]


class PlanForm(forms.Form):
    organisation = forms.ChoiceField(label="工会")
    kind = forms.ChoiceField(label="类别")
    title = forms.CharField(label="名称", max_length=120)
    document = forms.CharField(label="文号", max_length=60, required=False)
    starts_on = forms.DateField(label="开始日期", widget=DateInput())
    ends_on = forms.DateField(label="结束日期", widget=DateInput())

    def __init__(
        self, *args: Any, unions: Iterable[Organisation], kinds: dict[str, str], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        chosen(self, "organisation", unions)
        self.fields["kind"].choices = list(kinds.items())  # type: ignore[attr-defined]


class GiveForm(forms.Form):
    """交办: target, methods, steps, safeguard, last day."""

    organisation = forms.ChoiceField(label="交办工会")
    plan = forms.ChoiceField(label="所属规划", required=False)
    title = forms.CharField(label="任务名称", max_length=120)
    target = text("目标", 2, max_length=500)
    methods = text("方法", 2, max_length=500, required=False)
    steps = text("步骤", 3, max_length=1000, required=False)
    safeguard = text("保障", 2, max_length=500, required=False)
    due_on = forms.DateField(label="完成期限", widget=DateInput())

    def __init__(
        self, *args: Any, unions: Iterable[Organisation], plans: Iterable[Plan], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        chosen(self, "organisation", unions)
        chosen(self, "plan", plans, empty="不属于规划")


class AskForm(forms.Form):
    """A part: for a union below, or for a department, with its duty holder and day."""

    union = forms.CharField(
        label="下级工会", max_length=120, required=False, help_text="填全称或组织代码；交给部门的留空"
    )
    body = forms.ChoiceField(label="联动部门", required=False, help_text="交给下级工会的不选")
    holder = forms.CharField(label="责任人", max_length=60)
    asked = text("要求", max_length=500)
    due_on = forms.DateField(label="答复期限", widget=DateInput())

    def __init__(self, *args: Any, bodies: Iterable[tuple[PartnerBody, str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rows = [(f"{body.pk}:{act}", f"{body.name}：{label}") for body, act, label in bodies]
        self.fields["body"].choices = [("", "不交给部门"), *rows]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if bool(given.get("union", "").strip()) == bool(given.get("body")):
            raise forms.ValidationError("下级工会和联动部门选填一个。")
        return given


class ReplyForm(forms.Form):
    reply = text("办理情况", 4, max_length=2000)
    progress = forms.IntegerField(label="进度（%）", min_value=0, max_value=100)
    final = forms.BooleanField(label="这是最后的答复，请交办方审核", required=False)


class DownForm(forms.Form):
    title = forms.CharField(label="任务名称", max_length=120)
    target = text("目标", 2, max_length=500)
    due_on = forms.DateField(label="完成期限", widget=DateInput())


class ReturnForm(forms.Form):
    reason = text("退回原因", max_length=500)
    due_on = forms.DateField(label="新的答复期限", widget=DateInput())


class ReasonForm(forms.Form):
    reason = text("理由", max_length=300)


class MergeForm(forms.Form):
    conclusion = text("汇总意见", 4, max_length=1000, help_text="各方答复会自动列在后面")


class CloseForm(forms.Form):
    opinion = text("办结意见", max_length=1000)


class TaskFilter(forms.Form):
    q = forms.CharField(label="编号或名称", required=False, max_length=60)
    state = forms.ChoiceField(
        label="状态", required=False,
        choices=[("", "全部"), ("open", "办理中"), ("late", "已逾期"), ("closed", "已办结")],
    )  # fmt: skip
    plan = forms.IntegerField(required=False, widget=forms.HiddenInput)
