"""Forms of legal aid: asking for it, deciding, assigning, the lawyer's answer, log and report, rating."""

from typing import Any

from django import forms
from django.utils import timezone

from unionhall.foundation.widgets import DateInput, FileDrop, MoneyInput, Rating
from unionhall.organisations.models import Division, Employer
from unionhall.records import uploads

from ..models import AidWork, LegalAid
from ..rules.assigning import Choice
from ..schemes.aid import CAUSES, LANGUAGES, AidScheme
from ..versions import scheme_of

ALL = ("", "全部")
YES = [("1", "是"), ("0", "否")]
FILE_HELP = "PDF、JPG 或 PNG，10 MB 以内"


def county_choices(province: str) -> list[tuple[str, str]]:
    """Counties of a province (its first two digits), by code, each with its city."""
    rows = dict(
        Division.objects.filter(code__startswith=province, level__in=[2, 3]).values_list("code", "name")
    )
    return [
        (code, f"{rows.get(code[:4], '')}{name}") for code, name in sorted(rows.items()) if len(code) == 6
    ]


class _Paper(forms.Form):
    """A file may come with it, checked by its content."""

    def clean_file(self) -> Any:
        return uploads.cleaned(self.cleaned_data.get("file"))


class AskedForm(forms.Form):
    """What the register does not know. The employer is the person's own unless another is named."""

    cause = forms.ChoiceField(label="为什么事申请", choices=list(CAUSES.items()), widget=forms.RadioSelect)
    form = forms.ChoiceField(
        label="需要什么帮助", choices=LegalAid.Form.choices, widget=forms.RadioSelect, initial="3",
        help_text="不清楚就选“仲裁代理”，工作人员会和您商量。",
    )  # fmt: skip
    statement = forms.CharField(
        label="事情经过和要求", max_length=3000, widget=forms.Textarea(attrs={"rows": 5}),
        error_messages={"required": "请写明事情经过和您的要求。"},
    )  # fmt: skip
    amount = forms.DecimalField(
        label="涉及金额（元）",
        required=False,
        min_value=0,
        max_digits=14,
        decimal_places=2,
        widget=MoneyInput(),
    )
    employer = forms.CharField(
        label="对方单位", required=False, max_length=120, help_text="填写营业执照上的名称或统一社会信用代码"
    )
    division = forms.ChoiceField(label="事情发生在哪个区县", required=False)
    is_migrant = forms.TypedChoiceField(
        label="您是进城务工人员吗", choices=YES, widget=forms.RadioSelect, coerce=lambda text: text == "1",
        help_text="进城务工人员追讨工资、请求工伤赔偿的，不查收入。",
    )  # fmt: skip
    group = forms.ChoiceField(
        label="您属于以下情形吗", required=False, choices=LegalAid.Group.choices, widget=forms.RadioSelect
    )
    monthly_income = forms.DecimalField(
        label="家庭人均月收入（元）", required=False, min_value=0, max_digits=10, decimal_places=2, widget=MoneyInput(),
        help_text="全家一个月的收入除以人数；不查收入的可以不填",
    )  # fmt: skip
    vouched = forms.BooleanField(label="我承诺所填收入属实，愿意承担不实的责任", required=False)
    expires_on = forms.DateField(
        label="有没有快到期的时效或期限",
        required=False,
        widget=DateInput(),
        help_text="例如收到裁决书后的起诉期限；没有不填",
    )
    language = forms.ChoiceField(
        label="方便沟通的语言", required=False, choices=[("", "普通话"), *LANGUAGES.items()]
    )

    def __init__(self, *args: Any, counties: list[tuple[str, str]], has_job: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["division"].choices = [("", "与单位所在地相同"), *counties]  # type: ignore[attr-defined]
        self.has_job = has_job

    def clean_employer(self) -> Employer | None:
        text = self.cleaned_data["employer"].strip()
        if not text:
            return None
        found = (
            Employer.objects.filter(uscc=text.upper()).first() or Employer.objects.filter(name=text).first()
        )
        if found is None:
            raise forms.ValidationError("没有找到这家单位。请核对名称；找不到的可以不填，在经过里写明。")
        return found

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        if (
            "division" in self.fields  # on the phone another page asks it
            and not given.get("employer")
            and not given.get("division")
            and not self.has_job
            and "employer" not in self.errors
        ):
            self.add_error("division", "请选择事情发生的区县，或者填写对方单位。")
        return given


class ApplyForm(AskedForm, _Paper):
    """All on one page, with a paper: at a window."""

    file = forms.FileField(
        label="材料", required=False, widget=FileDrop(), help_text=f"合同、工资条、裁决书等；{FILE_HELP}"
    )


class FromForm(forms.Form):
    """Legal aid out of a case: only what the case does not say."""

    form = forms.ChoiceField(
        label="援助方式", choices=LegalAid.Form.choices, widget=forms.RadioSelect, initial="3"
    )
    is_migrant = forms.TypedChoiceField(
        label="当事人是进城务工人员",
        choices=YES,
        widget=forms.RadioSelect,
        coerce=lambda text: text == "1",
        initial="1",
    )
    monthly_income = forms.DecimalField(
        label="家庭人均月收入（元）", required=False, min_value=0, max_digits=10, decimal_places=2, widget=MoneyInput(),
        help_text="不查收入的不填",
    )  # fmt: skip


class AidFilter(forms.Form):
    """The desk's list."""

    q = forms.CharField(label="编号或标题", required=False, max_length=40)
    state = forms.ChoiceField(label="状态", required=False)
    cause = forms.ChoiceField(label="事由", required=False, choices=[ALL, *CAUSES.items()])
    form = forms.ChoiceField(label="援助方式", required=False, choices=[ALL, *LegalAid.Form.choices])
    figure = forms.CharField(required=False, max_length=24, widget=forms.HiddenInput)
    under = forms.CharField(required=False, max_length=24, widget=forms.HiddenInput)
    due = forms.ChoiceField(
        label="时限",
        required=False,
        choices=[ALL, ("late", "已超期"), ("soon", "三天内到期"), ("limit", "时效七天内届满")],
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["state"].choices = [ALL, ("open", "在办"), *STATES]  # type: ignore[attr-defined]


#: As the national version names them; another version's words are shown on the case itself.
STATES = [
    ("applied", "待审查"), ("supplement", "待补正"), ("granted", "待指派"), ("offered", "待律师接受"),
    ("working", "承办中"),
    ("reported", "待审核结案"), ("objected", "异议复核中"), ("call_back", "待回访"),
    ("fixing", "整改中"), ("closed", "已结案"), ("refused", "不予援助"),
    ("withdrawn", "已撤回"), ("terminated", "已终止"),
]  # fmt: skip


class LackingForm(forms.Form):
    lacking = forms.CharField(
        label="要补的材料，一行一项", max_length=1500, widget=forms.Textarea(attrs={"rows": 5}),
        help_text="只能告知一次，请一次写全", error_messages={"required": "请写明要补哪些材料，一行一项。"},
    )  # fmt: skip


class SupplyForm(_Paper):
    words = forms.CharField(
        label="说明", required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 4})
    )
    monthly_income = forms.DecimalField(
        label="家庭人均月收入（元）",
        required=False,
        min_value=0,
        max_digits=10,
        decimal_places=2,
        widget=MoneyInput(),
    )
    vouched = forms.BooleanField(label="承诺所填收入属实，愿意承担不实的责任", required=False)
    file = forms.FileField(label="材料", required=False, widget=FileDrop(), help_text=FILE_HELP)


class OpinionForm(forms.Form):
    """An opinion, asked where the verb says so (`needed`)."""

    opinion = forms.CharField(
        label="意见", required=False, max_length=900, widget=forms.Textarea(attrs={"rows": 4})
    )

    def __init__(self, *args: Any, needed: bool = True, label: str = "意见", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["opinion"].required, self.fields["opinion"].label = needed, label


class OfferForm(forms.Form):
    """Who is asked: in the order of the rule, each with the reasons."""

    lawyer = forms.TypedChoiceField(
        label="指派给", coerce=int, widget=forms.RadioSelect, error_messages={"required": "请选择一名律师。"}
    )

    def __init__(self, *args: Any, choices: list[tuple[Choice, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["lawyer"].choices = [  # type: ignore[attr-defined]
            (one.candidate.id, f"{name}：{one.words}") for one, name in choices
        ]
        if choices:
            self.initial.setdefault("lawyer", choices[0][0].candidate.id)


class AnswerForm(forms.Form):
    words = forms.CharField(
        label="理由", max_length=300, widget=forms.Textarea(attrs={"rows": 3}),
        help_text="例如有利害关系、时间冲突", error_messages={"required": "请写明理由。"},
    )  # fmt: skip


class WorkForm(_Paper):
    on = forms.DateField(label="日期", widget=DateInput())
    kind = forms.ChoiceField(label="工作", choices=AidWork.Kind.choices)
    what = forms.CharField(label="内容", max_length=500, widget=forms.Textarea(attrs={"rows": 3}))
    hours = forms.DecimalField(
        label="用时（小时）", min_value=0.1, max_value=24, max_digits=4, decimal_places=1
    )
    file = forms.FileField(label="材料", required=False, widget=FileDrop(), help_text=FILE_HELP)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial.setdefault("on", timezone.localdate())


RESULTS = [one for one in LegalAid.Result.choices if one[0] not in ("", "stopped")]


class ReportForm(_Paper):
    result = forms.ChoiceField(label="办理结果", choices=[("", "请选择"), *RESULTS])
    recovered = forms.DecimalField(
        label="为职工挽回（元）", min_value=0, max_digits=14, decimal_places=2, initial=0, widget=MoneyInput()
    )
    summary = forms.CharField(label="办理情况报告", max_length=5000, widget=forms.Textarea(attrs={"rows": 6}))
    file = forms.FileField(
        label="文书副本", required=False, widget=FileDrop(), help_text=f"裁决书、调解书等；{FILE_HELP}"
    )


class RateForm(forms.Form):
    grade = forms.TypedChoiceField(
        label="您满意吗", coerce=int, choices=Rating.GRADES, widget=Rating,
        error_messages={"required": "请选择满意程度。"},
    )  # fmt: skip
    words = forms.CharField(
        label="想说的话", required=False, max_length=300, widget=forms.Textarea(attrs={"rows": 3}),
        help_text="选填。不要写姓名、电话和证件号码。",
    )  # fmt: skip


def aid_scheme(found: LegalAid) -> AidScheme:
    scheme = scheme_of(found.case)
    assert isinstance(scheme, AidScheme)
    return scheme
