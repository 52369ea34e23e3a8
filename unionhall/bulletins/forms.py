"""Forms of public notices, objections and bulletins."""

from typing import Any

from django import forms

from unionhall.foundation.errors import Refused
from unionhall.organisations.models import Organisation

from .actions import Listed
from .models import Bulletin, Objection, PublicNotice

_ANY = ("", "全部")


def _search(label: str, hint: str) -> forms.CharField:
    return forms.CharField(
        label=label, required=False, max_length=60,
        widget=forms.TextInput(attrs={"type": "search", "placeholder": hint}),
    )  # fmt: skip


class PublicFilter(forms.Form):
    q = _search("标题或单位", "例如：技能补贴")
    state = forms.ChoiceField(
        label="状态", required=False, choices=[_ANY, ("running", "公示中"), ("over", "已结束")]
    )


class BulletinSearch(forms.Form):
    q = _search("标题", "标题里的词")


class DeskFilter(forms.Form):
    q = _search("标题或编号", "标题 / 公示编号")
    state = forms.ChoiceField(label="状态", required=False, choices=[_ANY, *PublicNotice.State.choices])


class ObjectionFilter(forms.Form):
    state = forms.ChoiceField(label="状态", required=False, choices=[_ANY, *Objection.State.choices])


class BulletinFilter(forms.Form):
    kind = forms.ChoiceField(label="类别", required=False, choices=[_ANY, *Bulletin.Kind.choices])
    state = forms.ChoiceField(label="状态", required=False, choices=[_ANY, *Bulletin.State.choices])


class _OfUnion(forms.Form):
    """A form that publishes in the name of one of the unions where the actor holds office."""

    organisation = forms.ChoiceField(label="发布单位")

    def __init__(self, *args: Any, places: list[Organisation], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._places = {str(one.pk): one for one in places}
        names = [(key, one.name) for key, one in self._places.items()]
        self.fields["organisation"].choices = names  # type: ignore[attr-defined]

    def union(self) -> Organisation:
        return self._places[self.cleaned_data["organisation"]]


class NoticeForm(_OfUnion):
    """A list typed or pasted by an officer."""

    title = forms.CharField(label="标题", max_length=120, help_text="例如：2026 年度先进职工公示")
    lead = forms.CharField(
        label="说明", required=False, max_length=500, widget=forms.Textarea(attrs={"rows": 3}),
        help_text="依据什么、评了什么、怎样提出异议；不写证件号码、手机号和病情",
    )  # fmt: skip
    working_days = forms.IntegerField(label="公示工作日", min_value=1, max_value=60, initial=5)
    rows = forms.CharField(
        label="名单", max_length=200_000, widget=forms.Textarea(attrs={"rows": 12, "spellcheck": "false"}),
        help_text="一行一人：姓名、单位、公示内容，用制表符或逗号隔开，可以从 Excel 复制三列。姓名会自动遮掩成“张*”。",
    )  # fmt: skip

    def listed(self) -> list[Listed]:
        """The rows as typed; Refused when one has not three parts."""
        found = []
        lines = [line for line in self.cleaned_data["rows"].splitlines() if line.strip()]
        for order, line in enumerate(lines, start=1):
            cut = "\t" if "\t" in line else "，" if "，" in line else ","
            parts = [part.strip() for part in line.split(cut, 2)]
            if len(parts) != 3:
                raise Refused(
                    f"名单第 {order} 行应有姓名、单位、公示内容三项，现有 {len(parts)} 项。", field="rows"
                )
            found.append(Listed(f"general:{order}", parts[0], parts[1], (parts[2],)))
        return found


class StopForm(forms.Form):
    why = forms.ChoiceField(
        label="公开的原因", choices=PublicNotice.Stopping.choices, widget=forms.RadioSelect,
        help_text="会公开显示", error_messages={"required": "请选择公开的原因。"},
    )  # fmt: skip
    reason = forms.CharField(
        label="具体情况", max_length=300, widget=forms.Textarea(attrs={"rows": 3}),
        help_text="只记入日志，不公开", error_messages={"required": "请写明具体情况，记入日志。"},
    )  # fmt: skip


class ObjectionForm(forms.Form):
    """Anybody's objection; neither name nor contact is asked for."""

    row = forms.IntegerField(
        label="第几行", required=False, min_value=1, max_value=10_000_000,
        help_text="名单左边的序号。不填表示对整个公示有异议",
    )  # fmt: skip
    text = forms.CharField(
        label="事实和理由", min_length=10, max_length=2000, widget=forms.Textarea(attrs={"rows": 6}),
        help_text="写清楚哪里不符合条件、怎么知道的；至少 10 个字。内容加密保存，只有核实人能看到",
        error_messages=dict.fromkeys(("required", "min_length"), "请写明异议的事实和理由，至少 10 个字。"),
    )  # fmt: skip
    contact = forms.CharField(
        label="联系方式", required=False, max_length=100,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        help_text="可以不填。填了便于核实时联系您，加密保存，不会公开",
    )  # fmt: skip


class ObjectionLookUp(forms.Form):
    number = forms.CharField(
        label="异议编号", max_length=24,
        widget=forms.TextInput(attrs={"autocomplete": "off", "placeholder": "YY 开头的 12 位编号"}),
        error_messages={"required": "请填写异议编号。"},
    )  # fmt: skip

    def clean_number(self) -> str:
        return str(self.cleaned_data["number"]).strip().upper()


class SettleForm(forms.Form):
    UPHELD, DISMISSED = "upheld", "dismissed"
    outcome = forms.ChoiceField(
        label="核实结论", widget=forms.RadioSelect,
        choices=[(UPHELD, "异议成立，取消公示"), (DISMISSED, "异议不成立，继续公示")],
        error_messages={"required": "请选择核实结论。"},
    )  # fmt: skip
    opinion = forms.CharField(
        label="核实情况", max_length=500, widget=forms.Textarea(attrs={"rows": 4}),
        help_text="提出人凭编号可以看到；不要写他的姓名和联系方式",
        error_messages={"required": "请写明核实情况，提出人会看到。"},
    )  # fmt: skip


class RevealForm(forms.Form):
    reason = forms.CharField(
        label="查看原因", max_length=200, min_length=4,
        error_messages=dict.fromkeys(("required", "min_length"), "请写明为什么要看联系方式，至少 4 个字。"),
    )  # fmt: skip


class WriteForm(_OfUnion):
    kind = forms.ChoiceField(label="类别", choices=Bulletin.Kind.choices)
    title = forms.CharField(label="标题", max_length=120)
    source = forms.CharField(label="文号或来源", required=False, max_length=120)
    body = forms.CharField(
        label="正文", max_length=20_000, widget=forms.Textarea(attrs={"rows": 16}), help_text="空一行分段"
    )


class ReviseForm(forms.Form):
    title = forms.CharField(label="标题", max_length=120)
    source = forms.CharField(label="文号或来源", required=False, max_length=120)
    body = forms.CharField(
        label="正文", max_length=20_000, widget=forms.Textarea(attrs={"rows": 16}), help_text="空一行分段"
    )
    reason = forms.CharField(
        label="更正原因", required=False, max_length=200, help_text="已经发布的必须填写，记入日志"
    )


class TakeDownForm(forms.Form):
    reason = forms.CharField(
        label="撤下原因", max_length=200, error_messages={"required": "请写明撤下的原因。"}
    )
