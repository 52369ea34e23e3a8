"""Filters of the list of incidents."""

from django import forms


class IncidentFilter(forms.Form):
    q = forms.CharField(label="编号或名称", required=False, max_length=60)
    state = forms.ChoiceField(
        label="状态", required=False,
        choices=[("", "全部"), ("open", "处置中"), ("warning", "预警"), ("closed", "已结束")],
    )  # fmt: skip
    grade = forms.ChoiceField(
        label="等级",
        required=False,
        choices=[("", "全部"), ("I", "Ⅰ级"), ("II", "Ⅱ级"), ("III", "Ⅲ级"), ("IV", "Ⅳ级")],
    )
    flag = forms.ChoiceField(
        label="问题",
        required=False,
        choices=[("", "全部"), ("late", "迟报或疑似瞒报"), ("overdue", "有时限超时")],
    )
