"""Forms of the pages that every kind shares at the desk."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms

from unionhall.access.models import Account
from unionhall.foundation.widgets import FileDrop
from unionhall.indicators import registry
from unionhall.records.uploads import Upload

from .. import evidence, kinds
from ..indicators.appeals import FIGURE_CONDITIONS
from ..models import CaseLink, Channel

STATES = (("due", "在办"), ("paused", "暂停计时"), ("closed", "已办结"), ("all", "全部"))
LIGHTS = (("", "全部"), ("red", "逾期"), ("amber", "临期"), ("green", "正常"))
OWNERS = (("", "全部"), ("mine", "由我承办"), ("none", "还没有分派"))


class CaseFilter(forms.Form):
    """Filters of the list; all of them live in the address."""

    q = forms.CharField(
        label="编号或文字",
        required=False,
        max_length=60,
        widget=forms.TextInput(attrs={"type": "search", "placeholder": "编号，或陈述、答复里的文字"}),
    )
    kind = forms.ChoiceField(label="类别", required=False, widget=forms.HiddenInput)
    state = forms.ChoiceField(label="状态", required=False, choices=STATES)
    light = forms.ChoiceField(label="时限", required=False, choices=LIGHTS)
    owner = forms.ChoiceField(label="承办人", required=False, choices=OWNERS)
    channel = forms.ChoiceField(label="来源", required=False, choices=[("", "全部"), *Channel.choices])
    cause = forms.ChoiceField(label="事由", required=False)
    figure = forms.ChoiceField(label="统计口径", required=False)
    under = forms.CharField(required=False, max_length=24, widget=forms.HiddenInput)
    folded = ("channel", "cause", "figure")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [("", "全部"), *((one.code, one.title) for one in kinds.all_kinds())]
        self.fields["kind"].choices = choices  # type: ignore[attr-defined]
        causes = {code: label for one in kinds.all_kinds() for code, label in one.causes.items()}
        self.fields["cause"].choices = [("", "全部"), *causes.items()]  # type: ignore[attr-defined]
        figures = [(code, registry.get(f"cases.appeals_{code}").title) for code in FIGURE_CONDITIONS]
        self.fields["figure"].choices = [("", "不限"), *figures]  # type: ignore[attr-defined]


class MoveForm(forms.Form):
    """One of the moves that a handler may make, with an opinion."""

    move = forms.ChoiceField(
        label="办理", widget=forms.RadioSelect, error_messages={"required": "请选择怎样办理。"}
    )
    opinion = forms.CharField(
        label="意见", required=False, max_length=1000, widget=forms.Textarea(attrs={"rows": 4})
    )

    def __init__(self, *args: Any, moves: Iterable[tuple[str, str, bool]] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        found = list(moves)
        self.fields["move"].choices = [(code, label) for code, label, _ in found]  # type: ignore[attr-defined]
        if asking := [label for _, label, asks in found if asks]:
            self.fields["opinion"].help_text = f"{'、'.join(asking)}时必须写明，提交人会看到"


class AssignForm(forms.Form):
    account = forms.ChoiceField(label="承办人")
    because = forms.CharField(label="为什么由他承办", max_length=300)

    def __init__(self, *args: Any, accounts: Iterable[tuple[Account, int]] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [
            ("", "请选择"),
            *((str(one.pk), f"{one.display_name}（在办 {load} 件）") for one, load in accounts),
        ]
        self.fields["account"].choices = choices  # type: ignore[attr-defined]


class HandOverForm(forms.Form):
    """Another union by its code or whole name."""

    union = forms.CharField(label="接收工会", max_length=120, help_text="填组织代码或工会全称")
    reason = forms.CharField(label="移送理由", max_length=300, widget=forms.Textarea(attrs={"rows": 3}))


class LinkForm(forms.Form):
    number = forms.CharField(label="另一件的编号", max_length=24)
    bond = forms.ChoiceField(label="关系", choices=CaseLink.Bond.choices, widget=forms.RadioSelect)


class NoteForm(forms.Form):
    role = forms.ChoiceField(
        label="性质",
        choices=[("note", "内部记录"), ("record", "笔录")],
        widget=forms.RadioSelect,
        initial="note",
    )
    body = forms.CharField(label="内容", max_length=20000, widget=forms.Textarea(attrs={"rows": 6}))


class FileForm(forms.Form):
    file = forms.FileField(
        label="文件", widget=FileDrop(hint=evidence.HINT, attrs={"accept": evidence.ACCEPT}),
        error_messages={"required": "请选择文件。"},
    )  # fmt: skip
    label = forms.CharField(label="名称", required=False, max_length=80, help_text="不填就用文件名")
    shown = forms.BooleanField(label="当事人可以看到", required=False)

    def clean_file(self) -> Upload | None:
        return evidence.cleaned(self.cleaned_data["file"])


class GradeForm(forms.Form):
    grade = forms.ChoiceField(label="等级", required=False)
    because = forms.CharField(label="理由", max_length=300)

    def __init__(self, *args: Any, grades: dict[str, str] | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["grade"].choices = [("", "一般"), *(grades or {}).items()]  # type: ignore[attr-defined]


class ReasonForm(forms.Form):
    reason = forms.CharField(label="查看原因", max_length=200)
