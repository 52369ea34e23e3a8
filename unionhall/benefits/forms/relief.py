"""Forms of hardship relief: what the worker answers page by page, and what the desk writes down."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.utils import timezone

from unionhall.foundation.widgets import DateInput, FileDrop, MoneyInput
from unionhall.members.models import Relation
from unionhall.organisations.local import places
from unionhall.organisations.models import Organisation
from unionhall.records.uploads import cleaned

from ..models import Aid, Cause, HardshipCategory, HardshipFile, Health, Housing
from ..schemes.relief import AIDS, HardshipScheme

RELATIONS = [choice for choice in Relation.choices if choice[0] != Relation.SELF]


def text(label: str, rows: int = 3, **more: Any) -> forms.CharField:
    return forms.CharField(label=label, widget=forms.Textarea(attrs={"rows": rows}), **more)


def money(label: str, **more: Any) -> forms.DecimalField:
    return forms.DecimalField(
        label=label, min_value=0, max_digits=14, decimal_places=2, widget=MoneyInput(), **more
    )


class ConsentForm(forms.Form):
    agreed = forms.BooleanField(error_messages={"required": "不同意就不能申请困难帮扶。"})

    def __init__(self, *args: Any, wording: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["agreed"].label = wording


class PlaceForm(forms.Form):
    """Who takes the application of one who is no member: his employer's union, or that of a county."""

    EMPLOYER, PLACE = "employer", "place"
    handler = forms.ChoiceField(
        label="由谁受理", widget=forms.RadioSelect, error_messages={"required": "请选择一项。"}
    )
    division = forms.ChoiceField(
        label="您工作或居住的地区", required=False, help_text="按地区选择工会的才要选"
    )

    def __init__(self, *args: Any, union: Organisation | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        handler, division = self.fields["handler"], self.fields["division"]
        assert isinstance(handler, forms.ChoiceField)
        assert isinstance(division, forms.ChoiceField)
        near = [(self.EMPLOYER, f"工作单位所在的工会：{union.name}")] if union is not None else []
        handler.choices = [*near, (self.PLACE, "按地区选择工会")]
        division.choices = [("", "请选择"), *places()]
        if union is None:
            handler.widget = forms.HiddenInput()
            self.initial["handler"] = self.PLACE

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        if given.get("handler") == self.PLACE and not given.get("division"):
            self.add_error("division", "请选择地区。")
        return given


class RelativeForm(forms.Form):
    """One more of the household; the document number is checked where it is kept."""

    name = forms.CharField(label="姓名", max_length=50, error_messages={"required": "请填写姓名。"})
    relation = forms.ChoiceField(label="与您的关系", choices=[("", "请选择"), *RELATIONS])
    id_number = forms.CharField(
        label="身份证号",
        max_length=18,
        help_text="加密保存，只用来核对家庭情况",
        widget=forms.TextInput(attrs={"autocomplete": "off", "inputmode": "text"}),
    )


class FiguresForm(forms.Form):
    """Income, rigid expense and health of everybody in the household; the fields follow the people."""

    def __init__(
        self, *args: Any, people: Sequence[tuple[str, str]], with_health: bool = True, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.people = people
        for code, name in people:
            self.fields[f"income_{code}"] = money(
                f"{name}：近一年收入（元）", help_text="到手的工资、退休金、经营收入等，没有填 0"
            )
            self.fields[f"expense_{code}"] = money(
                f"{name}：近一年刚性支出（元）",
                help_text="自己负担的看病、上学、租房、残疾康复等费用，没有填 0",
            )
            if with_health:
                self.fields[f"health_{code}"] = forms.ChoiceField(
                    label=f"{name}：健康情况", choices=Health.choices, initial=Health.GOOD
                )

    def figures(self) -> dict[str, dict[str, str]]:
        """By person: sums as text, for a draft."""
        given = self.cleaned_data
        return {
            code: {
                "income": str(given[f"income_{code}"]),
                "expense": str(given[f"expense_{code}"]),
                "health": given.get(f"health_{code}", Health.GOOD),
            }
            for code, _ in self.people
        }


class FigureReasonForm(FiguresForm):
    """Figures as the desk corrects them, with the reason."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, with_health=False, **kwargs)
        self.fields["loss"] = money("近一年意外损失（元）", required=False)
        self.fields["reason"] = text("核实情况", 3, max_length=300)


class PaperForm(forms.Form):
    """One paper: which it is, the picture or PDF."""

    code = forms.ChoiceField(label="是什么材料", widget=forms.RadioSelect)
    file = forms.FileField(
        label="照片或 PDF", help_text="JPG、PNG 或 PDF，不超过 10 MB；照片里的位置信息会去掉",
        widget=FileDrop("选择或拍照", "", attrs={"accept": ".pdf,.jpg,.jpeg,.png"}),
        error_messages={"required": "请选择文件，或者按“下一步”。"},
    )  # fmt: skip

    def __init__(self, *args: Any, kinds: Sequence[tuple[str, str]], notes: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["code"]
        assert isinstance(field, forms.ChoiceField)
        field.choices, field.help_text = list(kinds), notes
        field.initial = kinds[0][0]

    def clean_file(self) -> Any:
        return cleaned(self.cleaned_data["file"])


class SituationForm(forms.Form):
    main_cause = forms.ChoiceField(
        label="主要因为什么困难", choices=Cause.choices, widget=forms.RadioSelect,
        error_messages={"required": "请选择主要原因。"},
    )  # fmt: skip
    other_causes = forms.MultipleChoiceField(
        label="还有哪些原因", choices=Cause.choices, required=False, widget=forms.CheckboxSelectMultiple
    )
    housing = forms.ChoiceField(
        label="住房", choices=Housing.choices, widget=forms.RadioSelect,
        error_messages={"required": "请选择住房情况。"},
    )  # fmt: skip
    loss = money(
        "近一年意外损失（元）", initial=Decimal(0), help_text="火灾、水灾、事故等造成的损失，没有填 0"
    )
    casualty = forms.BooleanField(label="家里有人在灾害、事故中伤亡", required=False)
    excluded = forms.MultipleChoiceField(
        label="有没有以下情形", required=False, widget=forms.CheckboxSelectMultiple, help_text="没有就不用勾"
    )
    statement = text("想说明的情况", required=False, max_length=1000, help_text="可以不填")

    def __init__(self, *args: Any, scheme: HardshipScheme, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(one.code, one.label) for one in scheme.exclusions]
        self.fields["excluded"].choices = choices  # type: ignore[attr-defined]
        if not choices:
            del self.fields["excluded"]


class FileFilter(forms.Form):
    """Filters of the list; all of them live in the address."""

    q = forms.CharField(
        label="姓名或编号", required=False, max_length=40,
        widget=forms.TextInput(attrs={"type": "search", "placeholder": "姓名 / 办件编号"}),
    )  # fmt: skip
    stage = forms.ChoiceField(
        label="阶段",
        required=False,
        choices=[
            ("", "全部"),
            ("in_force", "在册"),
            ("under_way", "办理中"),
            *HardshipFile.Stage.choices,
        ],
    )
    category = forms.ChoiceField(
        label="类别", required=False, choices=[("", "全部"), *HardshipCategory.choices]
    )
    due = forms.ChoiceField(
        label="待办",
        required=False,
        choices=[
            ("", "全部"),
            ("visit", "走访超期"),
            ("visit_week", "一周内应走访"),
            ("visit_soon", "30 天内应走访"),
            ("verify", "复核超期"),
            ("verify_soon", "30 天内应复核"),
            ("helper", "没有帮扶责任人"),
            ("mine", "我是帮扶责任人"),
        ],
    )


class VisitForm(forms.Form):
    on = forms.DateField(label="走访日期", widget=DateInput())
    visitors = forms.CharField(label="走访人", max_length=120, help_text="两人以上，用顿号隔开")
    findings = text("了解到的情况", 4, max_length=1000)
    authorisation = forms.FileField(
        label="签字的核查授权书",
        required=False,
        widget=FileDrop("选择照片或扫描件", "PDF、JPG、PNG，10 MB 以内"),
    )

    def __init__(self, *args: Any, first: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial.setdefault("on", timezone.localdate())
        if not first:
            del self.fields["authorisation"]

    def clean_authorisation(self) -> Any:
        return cleaned(self.cleaned_data["authorisation"])


class FilesForm(forms.Form):
    """Which files, ticked from those that are ready."""

    chosen: Any = forms.ModelMultipleChoiceField(
        label="档案",
        queryset=None,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "请至少选择一份档案。"},
    )

    def __init__(self, *args: Any, ready: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["chosen"]
        field.queryset = ready
        field.label_from_instance = _line


def _line(file: HardshipFile) -> str:
    category = file.get_category_display() or "不符合标准"
    return f"{file.person.name}　{file.organisation.name}　{category}　{file.review.number}"


class PublicForm(FilesForm):
    title = forms.CharField(label="公示标题", max_length=80)
    field_order = ("title", "chosen")


class AnswerForm(forms.Form):
    file = forms.FileField(
        label="核对结果文件", widget=FileDrop("选择结果文件", "UTF-8 编码的 CSV，5 MB 以内")
    )


class ReasonForm(forms.Form):
    reason = text("说明", 3, max_length=300)


class ExplainForm(forms.Form):
    opinion = text("核实的情况", 3, max_length=300)
    take_incomes = forms.BooleanField(label="按民政核定的收入重新测算", required=False)


class ExitForm(forms.Form):
    reason = forms.ChoiceField(
        label="退出原因", choices=HardshipFile.ExitReason.choices, widget=forms.RadioSelect
    )
    opinion = text("依据", 3, max_length=300)


class HelperForm(forms.Form):
    account = forms.TypedChoiceField(label="帮扶责任人", coerce=int)

    def __init__(self, *args: Any, choices: list[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["account"]
        field.choices = [("", "请选择"), *choices]


class AidForm(forms.Form):
    programme = forms.ChoiceField(
        label="帮扶项目", choices=list(AIDS.items()), widget=forms.RadioSelect,
        error_messages={"required": "请选择帮扶项目。"},
    )  # fmt: skip
    beneficiary: Any = forms.ModelChoiceField(
        label="给谁", queryset=None, empty_label="职工本人", required=False
    )
    schooling = forms.ChoiceField(
        label="就学阶段", choices=Aid.Schooling.choices, required=False, help_text="金秋助学要选"
    )
    own_cost = money("自己负担的费用（元）", required=False, help_text="医疗救助、就业帮扶要填")
    wanted = money("帮扶金额（元）")
    note = forms.CharField(label="说明", max_length=200, required=False)

    def __init__(self, *args: Any, members: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["beneficiary"]
        field.queryset = members
        field.label_from_instance = lambda one: f"{one.name}（{one.get_relation_display()}）"


class RevealForm(forms.Form):
    text = text("查看原因", 2, max_length=200, help_text="会记入日志和档案记录，至少 4 个字")

    def clean_text(self) -> str:
        given: str = self.cleaned_data["text"].strip()
        if len(given) < 4:
            raise forms.ValidationError("请写明查看原因，至少 4 个字。")
        return given
