"""Forms of the grid."""

from typing import Any

from django import forms
from django.db.models import Q

from unionhall.access.models import Account
from unionhall.foundation.sealing import phone_index
from unionhall.kit.contacts import normalise_phone
from unionhall.kit.faults import IdentifierError
from unionhall.kit.text import number_of
from unionhall.organisations.models import Coverage, Employer, Organisation

from ..models import GridCell, GridItem, Node
from .nodes import ALL, account_of, keepers


class ItemFilter(forms.Form):
    q = forms.CharField(label="编号或情况", required=False, max_length=30)
    state = forms.ChoiceField(label="状态", required=False, choices=[ALL, *GridItem.State.choices])
    mine = forms.BooleanField(label="在我这一级", required=False)
    late = forms.BooleanField(label="已超期", required=False)
    raised = forms.BooleanField(label="上报过的", required=False)


class CellForm(forms.Form):
    wants_actor = True
    code = forms.CharField(label="网格编号", max_length=24)
    name = forms.CharField(label="名称", max_length=60)
    organisation = forms.CharField(label="所属工会代码", max_length=24)
    division = forms.RegexField(
        r"^\d{6}(\d{3}(\d{3})?)?$", label="行政区划代码", help_text="街道 9 位，社区 12 位",
        error_messages={"invalid": "请填 6、9 或 12 位行政区划代码。"},
    )  # fmt: skip
    node = forms.CharField(label="依托站点编号", max_length=24, required=False)
    is_active = forms.BooleanField(label="在用", required=False, initial=True)

    def __init__(self, *args: Any, actor: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.actor = actor

    def clean_organisation(self) -> Organisation:
        code = self.cleaned_data["organisation"].strip()
        found = keepers(self.actor, "network.grid_edit").filter(code=code).first()
        if found is None:
            raise forms.ValidationError("您的范围里没有这个代码的工会。")
        return found  # type: ignore[no-any-return]

    def clean_node(self) -> Node | None:
        code = self.cleaned_data["node"].strip()
        if not code:
            return None
        found = Node.objects.all().visible_to(self.actor.access).filter(code=code).first()
        if found is None:
            raise forms.ValidationError("没有这个编号的站点。")
        return found


class UnitsForm(forms.Form):
    """The firms of a cell to tick, then others of the street (or of the union's cover) by name.

    Of many others the first `MOST` are listed, and `q` finds the rest; what is ticked stays on the page meanwhile.
    `stood`: keys of the firms that stood in the cell when its page was opened.
    """

    q = forms.CharField(
        label="查找单位", required=False, max_length=60,
        widget=forms.TextInput(attrs={"type": "search", "placeholder": "名称或统一社会信用代码"}),
    )  # fmt: skip
    employers = forms.ModelMultipleChoiceField(
        label="网格内单位",
        queryset=Employer.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    stood = forms.CharField(required=False, widget=forms.HiddenInput)
    MOST = 300

    def __init__(self, *args: Any, cell: GridCell, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["employers"]
        field.queryset, marked = _units_of(cell), self._marked()
        shown, others = field.queryset.filter(pk__in=marked), field.queryset.exclude(pk__in=marked)
        if text := (self["q"].value() or "").replace("\0", "").strip()[:60]:
            others = others.named(text)
        found = list(others.order_by("name")[: self.MOST + 1])
        field.choices = [(one.pk, str(one)) for one in [*shown.order_by("name"), *found[: self.MOST]]]
        self.is_cut = len(found) > self.MOST
        self.found_none = bool(text) and not found

    def _marked(self) -> set[int]:
        """Firms that stand on the page whatever is searched: those of the cell, and those ticked."""
        said = [*(self["employers"].value() or ()), *(self["stood"].value() or "").split(",")]
        return {key for one in said if (key := number_of(str(one))) is not None}

    def clean_stood(self) -> set[int]:
        return {key for one in self.cleaned_data["stood"].split(",") if (key := number_of(one)) is not None}


def _units_of(cell: GridCell) -> Any:
    """Firms that may stand in a cell: of its street, covered by its union or one below, or in it already."""
    union = cell.organisation
    rows = Coverage.objects.everywhere(reason="firms that the cell's union and those below it cover")
    covered = rows.filter(organisation__path__startswith=union.path, period__upper_inf=True)
    return Employer.objects.filter(
        Q(division__startswith=cell.division[:9])
        | Q(pk__in=covered.filter(employer__division__startswith=cell.division[:6]).values("employer"))
        | Q(pk__in=cell.units.filter(until=None).values("employer"))
    )


class WorkerForm(forms.Form):
    """A desk account by its name, or a worker's by the phone it signs in with."""

    wants_actor = True
    name = forms.CharField(label="姓名", max_length=50)
    username = forms.CharField(
        label="账号或手机号", max_length=60, help_text="工作台账号，或者网格员登录职工端的手机号"
    )

    def __init__(self, *args: Any, actor: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.actor = actor

    def clean_username(self) -> Account | None:
        said = self.cleaned_data["username"].strip()
        try:
            phone = normalise_phone(said)
        except IdentifierError:
            return account_of(self.actor, said)
        found = Account.objects.filter(phone_index=phone_index(phone), is_active=True).first()
        if found is None:
            raise forms.ValidationError("这个手机号还没有登录过职工端。请网格员先用手机号登录一次。")
        return found


class ReportForm(forms.Form):
    """What was found: in one of the cells (or at one of the nodes) that are offered."""

    where = forms.ChoiceField(label="网格或站点")
    employer = forms.ChoiceField(label="单位", required=False)
    kind = forms.ChoiceField(label="类别")
    found = forms.CharField(
        label="情况", max_length=1000, widget=forms.Textarea(attrs={"rows": 4}),
        help_text="写清时间、地点、什么事、涉及多少人。不要写身份证号和手机号。",
        error_messages={"required": "请写明发现的情况。"},
    )  # fmt: skip

    def __init__(
        self, *args: Any, places: list[tuple[str, str]], employers: list[tuple[int, str]],
        kinds: list[tuple[str, str]], **kwargs: Any,
    ) -> None:  # fmt: skip
        super().__init__(*args, **kwargs)
        self.fields["where"].choices = places  # type: ignore[attr-defined]
        self.fields["employer"].choices = [("", "不涉及具体单位"), *employers]  # type: ignore[attr-defined]
        self.fields["kind"].choices = kinds  # type: ignore[attr-defined]
        if len(places) == 1:
            self.fields["where"].initial = places[0][0]


class OpinionForm(forms.Form):
    opinion = forms.CharField(
        label="说明", max_length=1000, widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "请写明情况。"},
    )  # fmt: skip


class LowerForm(OpinionForm):
    to = forms.ModelChoiceField(
        label="交给", queryset=Organisation.objects.none(), to_field_name="code", empty_label="请选择下级工会"
    )

    def __init__(self, *args: Any, below: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["to"].queryset = below  # type: ignore[attr-defined]
        self.order_fields(["to", "opinion"])
