"""Filters of the public and the worker's list of stations."""

from typing import Any

from django import forms

from unionhall.organisations.models import Division

from ..models import Node
from ..nearness import CIRCLES


class StationFilter(forms.Form):
    """The reader's place comes only when the button is pressed; a street's instead of it may be chosen."""

    q = forms.CharField(label="名称或地址", required=False, max_length=30)
    area = forms.ChoiceField(label="区县", required=False)
    street = forms.ChoiceField(label="离哪个街道近", required=False)
    function = forms.ChoiceField(
        label="功能", required=False, choices=[("", "全部功能"), *Node.Function.choices]
    )
    now = forms.BooleanField(label="只看现在开放的", required=False)
    lat = forms.FloatField(required=False, min_value=-90, max_value=90, widget=forms.HiddenInput)
    lon = forms.FloatField(required=False, min_value=-180, max_value=180, widget=forms.HiddenInput)
    within = forms.TypedChoiceField(
        label="距离", required=False, coerce=int, empty_value=None,
        choices=[("", "自动"), *((one, f"{one} 公里内") for one in CIRCLES)],
    )  # fmt: skip

    def __init__(self, *args: Any, counties: list[str], **kwargs: Any) -> None:
        """`counties`: codes of those in which there are stations."""
        super().__init__(*args, **kwargs)
        chosen = str(self.data.get("area", ""))
        wanted = Division.objects.filter(code__in=counties).values_list("code", "name")
        names = dict(wanted)
        areas = [(code, names.get(code, code)) for code in sorted(counties)]
        self.fields["area"].choices = [("", "全部区县"), *areas]  # type: ignore[attr-defined]
        streets = (
            list(Division.objects.filter(parent_code=chosen).order_by("code").values_list("code", "name"))
            if chosen in counties
            else []
        )
        self.fields["street"].choices = [("", "不选" if streets else "先选区县"), *streets]  # type: ignore[attr-defined]
        self.areas = dict(areas)
