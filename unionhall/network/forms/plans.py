"""A plan as a table: years down, kinds and measures across; only what the union does is filled in."""

from typing import Any

from django import forms
from django.utils import timezone

from unionhall.kit.text import number_of
from unionhall.organisations.models import Organisation

from ..actions.plans import Targets
from ..models import Node, PlanTarget
from .nodes import keepers

#: What a plan may ask: each measure of each kind.
CELLS = [
    (f"{kind}_{measure}", str(Node.Kind(kind).label), str(PlanTarget.Measure(measure).label), kind, measure)
    for kind in Node.Kind.values
    for measure in PlanTarget.Measure.values
]
YEARS = 5


class PlanForm(forms.Form):
    """The head of a plan; its targets are posted beside it as `target_<year>_<kind>_<measure>`."""

    wants_actor = True
    organisation = forms.CharField(label="工会代码", max_length=24)
    title = forms.CharField(label="名称", max_length=80)
    first_year = forms.IntegerField(label="起始年份", min_value=1949, max_value=2100)
    last_year = forms.IntegerField(label="结束年份", min_value=1949, max_value=2100)
    document = forms.CharField(label="依据文件", max_length=120, required=False)

    def __init__(self, *args: Any, actor: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.actor = actor
        first = self._first_year()
        self.years = range(first, first + YEARS)
        held: Targets = (kwargs.get("initial") or {}).get("targets", {})
        for year in self.years:
            for code, kind_label, measure_label, kind, measure in CELLS:
                self.fields[f"target_{year}_{code}"] = forms.IntegerField(
                    label=f"{year} 年{measure_label}{kind_label}", required=False, min_value=0, max_value=100_000,
                    initial=held.get((year, kind, measure)) or None,
                    widget=forms.NumberInput(attrs={"class": "plan-number", "min": "0"}),
                )  # fmt: skip

    def _first_year(self) -> int:
        said = self.data.get("first_year") if self.is_bound else self.initial.get("first_year")
        year = number_of(str(said or ""))
        return year if year is not None and 1000 <= year <= 9999 else timezone.localdate().year

    def clean_organisation(self) -> Organisation:
        code = self.cleaned_data["organisation"].strip()
        found = keepers(self.actor, "network.plan").filter(code=code).first()
        if found is None:
            raise forms.ValidationError("您的范围里没有这个代码的工会。")
        return found  # type: ignore[no-any-return]

    @property
    def targets(self) -> Targets:
        given = self.cleaned_data
        return {
            (year, kind, measure): given.get(f"target_{year}_{code}") or 0
            for year in self.years
            for code, _, _, kind, measure in CELLS
        }

    def heads(self) -> list[Any]:
        return [self[name] for name in ("organisation", "title", "first_year", "last_year", "document")]

    def table(self) -> list[tuple[str, list[Any]]]:
        """A row for each measure of each kind, with a field for each year."""
        return [
            (f"{measure_label}{kind_label}", [self[f"target_{year}_{code}"] for year in self.years])
            for code, kind_label, measure_label, _, _ in CELLS
        ]
