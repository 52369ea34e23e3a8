"""Forms of review."""

from collections.abc import Sequence
from typing import Any

from django import forms

from unionhall.access.models import Account
from unionhall.foundation.errors import Refused
from unionhall.foundation.widgets import DateInput, FileDrop
from unionhall.organisations.models import Organisation
from unionhall.records import uploads

from .models import Delegation
from .procedures import ReturnItem, procedures

LIGHTS = (("", "全部"), ("red", "逾期"), ("amber", "临期"), ("green", "正常"))
STATES = (("waiting", "待审核"), ("returned", "待补正"), ("again", "再次退回"), ("done", "已办理"))
WHOSE = (("mine", "由我办理"), ("below", "本级及下级"))


class InboxFilter(forms.Form):
    """Filters of the inbox; all of them live in the address."""

    q = forms.CharField(
        label="编号或标题",
        required=False,
        max_length=60,
        widget=forms.TextInput(attrs={"type": "search", "placeholder": "办件编号 / 标题"}),
    )
    whose = forms.ChoiceField(label="范围", required=False, choices=WHOSE)
    state = forms.ChoiceField(label="状态", required=False, choices=STATES)
    procedure = forms.ChoiceField(label="事项", required=False)
    light = forms.ChoiceField(label="时限", required=False, choices=LIGHTS)
    union = forms.CharField(label="审核工会", required=False, max_length=60)
    under = forms.CharField(required=False, max_length=24, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [("", "全部"), *((item.code, item.title) for item in procedures())]
        self.fields["procedure"].choices = choices  # type: ignore[attr-defined]


class DecisionForm(forms.Form):
    """One decision on the current step. `step` says which step the reader saw, so a stale page decides nothing."""

    APPROVE, RETURN, REFUSE, HAND_OVER = "approve", "return", "refuse", "hand_over"

    step = forms.IntegerField(widget=forms.HiddenInput)
    decision = forms.ChoiceField(
        label="办理结论",
        widget=forms.RadioSelect,
        choices=[(APPROVE, "通过"), (RETURN, "退回补正"), (REFUSE, "不通过"), (HAND_OVER, "移交")],
        error_messages={"required": "请选择办理结论。"},
    )
    opinion = forms.CharField(
        label="意见",
        required=False,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="不通过、移交，以及没有勾选清单的退回补正必须填写，提交人会看到",
    )
    items = forms.MultipleChoiceField(
        label="要补的内容", required=False, widget=forms.CheckboxSelectMultiple,
        help_text="只在退回补正时勾选；要补的请一次勾全",
    )  # fmt: skip
    reason = forms.CharField(
        label="再次退回的理由", required=False, max_length=300,
        help_text="这个办件已经退回过。再次退回必须写明为什么没有一次告知，上级会看到",
    )  # fmt: skip
    destination = forms.ChoiceField(label="移交给", required=False, help_text="只在移交时选择")

    def __init__(
        self,
        *args: Any,
        destinations: list[Organisation],
        own: bool = False,
        items: Sequence[ReturnItem] = (),
        returned: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        if items and not own:
            self.fields["items"].choices = [(one.code, one.text) for one in items]  # type: ignore[attr-defined]
        else:
            del self.fields["items"]
        if not returned or own:
            del self.fields["reason"]
        self._destinations = {str(union.pk): union for union in destinations}
        decision, destination = self.fields["decision"], self.fields["destination"]
        if own:
            decision.choices = [(self.HAND_OVER, "移交")]  # type: ignore[attr-defined]
        if destinations:
            names = [(key, union.name) for key, union in self._destinations.items()]
            destination.choices = [("", "请选择"), *names]  # type: ignore[attr-defined]
        else:
            del self.fields["destination"]
            decision.choices = [  # type: ignore[attr-defined]
                item
                for item in decision.choices  # type: ignore[attr-defined]
                if item[0] != self.HAND_OVER
            ]

    def clean(self) -> dict[str, Any]:
        """What is ticked to be completed goes with a return only: passing it by would lose the list."""
        cleaned = super().clean() or {}
        if cleaned.get("items") and cleaned.get("decision") not in (None, self.RETURN):
            self.add_error("items", "勾选了要补的内容，办理结论请选择退回补正；不需要补的请取消勾选。")
        return cleaned

    def union(self) -> Organisation:
        """The union chosen for a hand-over; Refused when none was."""
        found = self._destinations.get(self.cleaned_data.get("destination", ""))
        if found is None:
            raise Refused("请选择移交给哪个工会。", field="destination")
        return found


class UrgeForm(forms.Form):
    opinion = forms.CharField(
        label="督办要求",
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "请写明督办要求。"},
    )


class WithdrawForm(forms.Form):
    reason = forms.CharField(
        label="撤回原因", max_length=200, error_messages={"required": "请填写撤回原因。"}
    )


class AppealForm(forms.Form):
    reason = forms.CharField(
        label="申请复核的理由", max_length=500, widget=forms.Textarea(attrs={"rows": 5}),
        help_text="写清楚哪里认定有误、有什么材料；上级由没有审核过的人重新审核",
        error_messages={"required": "请写明申请复核的理由。"},
    )  # fmt: skip


class DelegationForm(forms.Form):
    """Who acts in one's place, from when to when."""

    to = forms.ChoiceField(label="代办人", help_text="只列出本工会和上级工会有审核权限的人")
    starts = forms.DateField(label="开始日期", widget=DateInput)
    ends = forms.DateField(label="结束日期", widget=DateInput, help_text="这一天也由他代办")
    cause = forms.ChoiceField(label="原因", choices=Delegation.Cause.choices)
    reason = forms.CharField(label="说明", required=False, max_length=200)

    def __init__(self, *args: Any, people: Sequence[Account], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.people = {str(one.pk): one for one in people}
        names = [(key, one.display_name) for key, one in self.people.items()]
        self.fields["to"].choices = [("", "请选择"), *names]  # type: ignore[attr-defined]


class SupplementForm(forms.Form):
    note = forms.CharField(
        label="补正说明", required=False, max_length=500, widget=forms.Textarea(attrs={"rows": 4})
    )
    file = forms.FileField(
        label="补正材料",
        required=False,
        widget=FileDrop("选择或拍照上传", "PDF、JPG 或 PNG，不超过 10 MB"),
    )

    def clean_file(self) -> uploads.Upload | None:
        return uploads.cleaned(self.cleaned_data["file"])

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not self.errors and not cleaned.get("note", "").strip() and not cleaned.get("file"):
            raise forms.ValidationError("请填写补正说明，或上传补正材料。")
        return cleaned


class ProgressForm(forms.Form):
    number = forms.CharField(
        label="办件编号",
        max_length=24,
        widget=forms.TextInput(attrs={"autocomplete": "off", "placeholder": "例如 RH2026112200012"}),
        help_text="提交后页面和消息里的编号",
        error_messages={"required": "请填写办件编号。"},
    )
    code = forms.CharField(
        label="查询码",
        required=False,
        max_length=20,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        help_text="投诉建议和匿名诉求要填，提交时给您的 12 位字母和数字；其他办件不用填",
    )

    def clean_number(self) -> str:
        return str(self.cleaned_data["number"]).strip().upper()
