"""Forms of nodes at the desk."""

from typing import Any

from django import forms
from django.utils import timezone

from unionhall.access.models import Account, Grant
from unionhall.foundation.widgets import DateInput, FileDrop
from unionhall.organisations.models import Employer, Organisation

from ..models import LEVELS, Node, NodeHours, NodeStaff
from ..nodes_file import employer_of
from ..rules.opening import Unreadable, parse_day

ALL = ("", "全部")


def keepers(actor: Any, permission: str = "network.edit") -> Any:
    """Unions in which the actor keeps nodes: down to the grassroots, without branches and groups."""
    rows = Organisation.objects.all().visible_to(actor.access, to=permission)
    return rows.active().filter(level__lte=5).order_by("path")


class NodeFilter(forms.Form):
    q = forms.CharField(label="名称或编号", required=False, max_length=30)
    kind = forms.ChoiceField(label="类别", required=False, choices=[ALL, *Node.Kind.choices])
    mode = forms.ChoiceField(label="模式", required=False, choices=[ALL, *Node.Mode.choices])
    state = forms.ChoiceField(label="状态", required=False, choices=[ALL, *Node.State.choices])
    level = forms.ChoiceField(label="层级", required=False, choices=[ALL, *LEVELS])
    build = forms.ChoiceField(label="建设", required=False, choices=[ALL, *Node.Build.choices])
    receiving = forms.CharField(required=False, widget=forms.HiddenInput, max_length=1)
    under = forms.CharField(required=False, widget=forms.HiddenInput, max_length=24)
    figure = forms.CharField(required=False, widget=forms.HiddenInput, max_length=40)


class NodeForm(forms.Form):
    wants_actor = True
    name = forms.CharField(label="名称", max_length=100)
    organisation = forms.CharField(label="所属工会代码", max_length=24)
    kind = forms.ChoiceField(label="类别", choices=Node.Kind.choices)
    level = forms.TypedChoiceField(label="层级", coerce=int, choices=LEVELS)
    mode = forms.ChoiceField(label="模式", choices=Node.Mode.choices)
    functions = forms.MultipleChoiceField(
        label="功能", choices=Node.Function.choices, widget=forms.CheckboxSelectMultiple, required=False
    )
    build = forms.ChoiceField(label="建设方式", choices=Node.Build.choices)
    employer = forms.CharField(
        label="所在单位", max_length=120, required=False, help_text="统一社会信用代码或单位全称；会家合一必填"
    )
    partners = forms.CharField(
        label="共建单位",
        max_length=200,
        required=False,
        help_text="五站合一：社区服务、党建、工会、共青团、妇联",
    )
    division = forms.RegexField(
        r"^\d{6}(\d{3})?$", label="行政区划代码", help_text="9 位街道代码或 6 位区县代码",
        error_messages={"invalid": "请填 9 位街道代码或 6 位区县代码。"},
    )  # fmt: skip
    address = forms.CharField(label="地址", max_length=200)
    latitude = forms.FloatField(label="纬度", required=False, min_value=-90, max_value=90)
    longitude = forms.FloatField(
        label="经度", required=False, min_value=-180, max_value=180, help_text="填写后职工可以按距离查找"
    )
    area = forms.DecimalField(
        label="面积（平方米）", required=False, max_digits=8, decimal_places=1, min_value=1
    )
    telephone = forms.CharField(label="电话", max_length=30, required=False)
    open_on_holidays = forms.BooleanField(label="节假日照常开放", required=False)
    about = forms.CharField(
        label="服务说明", max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )

    def __init__(self, *args: Any, actor: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.actor = actor

    def clean_organisation(self) -> Organisation:
        found = keepers(self.actor).filter(code=self.cleaned_data["organisation"].strip()).first()
        if found is None:
            raise forms.ValidationError("您的范围里没有这个代码的工会。")
        return found  # type: ignore[no-any-return]

    def clean_employer(self) -> Employer | None:
        wrong: list[str] = []
        found = employer_of(self.cleaned_data["employer"].strip(), wrong)
        if wrong:
            raise forms.ValidationError(wrong)
        return Employer.objects.get(pk=found) if found else None


class MoveForm(forms.Form):
    on = forms.DateField(label="日期", widget=DateInput, initial=timezone.localdate)
    opinion = forms.CharField(
        label="说明", max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )


class AcceptForm(forms.Form):
    """A tick for each point that only eyes can answer; areas and functions are judged from the register."""

    on = forms.DateField(label="验收日期", widget=DateInput, initial=timezone.localdate)
    seen = forms.MultipleChoiceField(
        label="现场核对", required=False, widget=forms.CheckboxSelectMultiple, help_text="符合的打勾"
    )
    passed = forms.TypedChoiceField(
        label="结论", coerce=lambda value: value == "1", choices=[("1", "通过"), ("0", "不通过，限期整改")],
        widget=forms.RadioSelect, error_messages={"required": "请选择验收结论。"},
    )  # fmt: skip
    opinion = forms.CharField(
        label="验收意见", max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )

    def __init__(self, *args: Any, checks: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["seen"].choices = checks  # type: ignore[attr-defined]


class HoursForm(forms.Form):
    """One line for each day; empty is shut."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for day, label in NodeHours.Weekday.choices:
            self.fields[f"day_{day}"] = forms.CharField(
                label=str(label), required=False, max_length=80,
                help_text="例如 09:00-12:00，14:00-17:30；不开放不填" if day == 0 else "",
            )  # fmt: skip

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        self.week = {}
        for day in NodeHours.Weekday.values:
            try:
                self.week[day] = parse_day(given.get(f"day_{day}", ""))
            except Unreadable as fault:
                self.add_error(f"day_{day}", f"{fault}。")
        return given


class ExceptionForm(forms.Form):
    on = forms.DateField(label="日期", widget=DateInput)
    opens = forms.TimeField(label="开门", required=False, help_text="全天不开放的不填")
    closes = forms.TimeField(label="关门", required=False)
    reason = forms.CharField(label="原因", max_length=60, required=False)


class StaffForm(forms.Form):
    wants_actor = True
    name = forms.CharField(label="姓名", max_length=50)
    role = forms.ChoiceField(label="岗位", choices=NodeStaff.Role.choices)
    username = forms.CharField(
        label="账号", max_length=60, required=False, help_text="窗口人员必填，先在“账号和授权”开通"
    )
    since = forms.DateField(label="到岗日期", widget=DateInput, initial=timezone.localdate)

    def __init__(self, *args: Any, actor: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.actor = actor

    def clean_username(self) -> Account | None:
        return account_of(self.actor, self.cleaned_data["username"].strip())


def account_of(actor: Any, username: str) -> Account | None:
    """A desk account by its name: one that holds a role within what the actor sees."""
    if not username:
        return None
    rows = Grant.objects.all().visible_to(actor.access, to="network.view").in_force(timezone.localdate())
    held = rows.filter(account__username=username).select_related("account").first()
    if held is None:
        raise forms.ValidationError("没有这个账号，或者它在您的范围里没有角色。请先在“账号和授权”开通。")
    return held.account


class NodesFileForm(forms.Form):
    wants_actor = True
    organisation = forms.ModelChoiceField(
        label="工会", queryset=Organisation.objects.none(), to_field_name="code", empty_label=None,
        help_text="文件里可以有这个工会和下级工会的站点",
    )  # fmt: skip
    file = forms.FileField(
        label="站点名单",
        widget=FileDrop("选择或拖入站点名单", "xlsx、xls 或 CSV，最多 5000 行"),
        error_messages={"required": "请选择文件。"},
    )

    def __init__(self, *args: Any, actor: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rows = keepers(actor).filter(level__lte=4)
        self.fields["organisation"].queryset = rows if rows.exists() else keepers(actor)  # type: ignore[attr-defined]
