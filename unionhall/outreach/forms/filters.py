"""Filters of the lists; all of them live in the address."""

from typing import Any

from django import forms
from django.utils import timezone

from ..models import RatingCheck, Trouble, Visit


def search(label: str, placeholder: str) -> forms.CharField:
    return forms.CharField(
        label=label, required=False, max_length=60,
        widget=forms.TextInput(attrs={"type": "search", "placeholder": placeholder}),
    )  # fmt: skip


def chosen(label: str, *choices: tuple[str, str]) -> forms.ChoiceField:
    return forms.ChoiceField(label=label, required=False, choices=[("", "全部"), *choices])


def under() -> forms.CharField:
    """A union's code: the list of a figure is that of its subtree."""
    return forms.CharField(required=False, max_length=24, widget=forms.HiddenInput)


def year() -> forms.IntegerField:
    """The figures of a year lead to the records of that year."""
    return forms.IntegerField(required=False, min_value=2000, max_value=2200, widget=forms.HiddenInput)


class VisitFilter(forms.Form):
    q = search("走访对象", "企业、工会名称或地点")
    kind = chosen("方式", *Visit.Kind.choices)
    state = chosen("状态", ("made", "已走访"), *Visit.State.choices)
    who = chosen("谁去", ("mine", "我参加的"))
    year = forms.IntegerField(label="年份", required=False, min_value=2000, max_value=2200)
    under = under()
    folded = ("year",)


class ItemFilter(forms.Form):
    q = search("问题", "问题或编号")
    state = chosen(
        "状态", ("open", "办理中"), ("late", "已逾期"), ("soon", "3 个工作日内到期"), ("settled", "已答复"),
        ("rated", "已评价"), ("slip", "凭回执评价"), ("low", "评价较低"), ("reopened", "重新办理"),
    )  # fmt: skip
    category = chosen("类别")
    who = chosen("责任人", ("mine", "由我办理"))
    under = under()
    year = year()

    def __init__(self, *args: Any, categories: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["category"].choices = [("", "全部"), *categories]  # type: ignore[attr-defined]


class CheckFilter(forms.Form):
    state = chosen("状态", ("checked", "已回访"), *RatingCheck.State.choices)
    under = under()
    year = year()


class DutyFilter(forms.Form):
    trouble = chosen("情形", *Trouble.choices)
    state = chosen(
        "状态", ("open", "待走访"), ("overdue", "已逾期"), ("met", "按时走访"), ("late", "逾期走访"),
        ("urged", "督办待回复"), ("valid", "没有撤销"), ("void", "已撤销"),
    )  # fmt: skip
    who = chosen("责任人", ("mine", "由我走访"))
    under = under()
    year = year()


class ContactFilter(forms.Form):
    q = search("联系点或干部", "名称或干部姓名")
    kind = chosen("联系谁", ("union", "工会"), ("employer", "企业"), ("person", "职工家庭"))
    who = chosen("干部", ("mine", "我的联系点"))
    state = chosen("状态", ("ended", "已结束"))
    under = under()


class FirmFilter(forms.Form):
    q = search("企业", "企业名称")
    level = chosen("程度", ("light", "一般"), ("serious", "较重"), ("grave", "严重"))
    helper = chosen("责任人", ("yes", "已指定"), ("no", "没有指定"))
    state = chosen("状态", ("left", "已退出"))
    under = under()


class TableFilter(forms.Form):
    year = forms.TypedChoiceField(label="年份", coerce=int, required=False)
    under = under()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        this = timezone.localdate().year
        self.fields["year"].choices = [  # type: ignore[attr-defined]
            (str(year), f"{year} 年") for year in range(this, this - 5, -1)
        ]
