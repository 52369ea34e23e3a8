"""入会: where one works — the employer by name, or the local union by place."""

from functools import cached_property
from typing import Any

from django import forms
from django.urls import reverse

from unionhall.organisations.models import Employer, Organisation

from .. import places
from .admission import Question

NONE, PLATFORM = "none", "platform"
PLATFORM_FORM = "5"


class SearchForm(forms.Form):
    q = forms.CharField(
        label="单位名称",
        required=False,
        max_length=60,
        help_text="写几个字就行，例如“恒通物流”。",
        widget=forms.TextInput(attrs={"type": "search", "autocomplete": "organization"}),
    )


class WorksAt(Question):
    """The employer, by name; or none that has a union, or platform work."""

    step = "employer"
    template_name = "organising/join/employer.html"

    @cached_property
    def query(self) -> str:
        return (self.request.POST.get("q") or self.request.GET.get("q") or "").strip()[:60]

    @cached_property
    def found(self) -> list[tuple[Employer, Organisation | None]]:
        return places.employers_named(self.query) if len(self.query) >= 2 else []

    def get_form(self, form_class: Any = None) -> forms.Form:
        choices = [
            (str(employer.pk), f"{employer.name}　（{union.name if union else '还没有建工会'}）")
            for employer, union in self.found
        ]
        choices += [
            (NONE, "单位没有建工会，或上面没有找到"),
            (PLATFORM, "我在平台干活（外卖、快递、网约车等），没有固定单位"),
        ]
        form = forms.Form(self.request.POST if self.request.method == "POST" else None)
        form.fields["employer"] = forms.ChoiceField(
            label="您在哪里工作",
            choices=choices,
            widget=forms.RadioSelect,
            error_messages={"required": "请选择一项。", "invalid_choice": "请重新查找并选择单位。"},
        )
        return form

    def context(self) -> dict[str, Any]:
        return {
            "search": SearchForm(initial={"q": self.query}),
            "query": self.query,
            "count": len(self.found),
            "short": 0 < len(self.query) < 2,
        }

    def act(self, form: Any) -> None:
        chosen = form.cleaned_data["employer"]
        employer, union = None, None
        if chosen.isdigit():
            employer, union = next(pair for pair in self.found if str(pair[0].pk) == chosen)
        self.keep(
            employer=employer.pk if employer else None,
            organisation=union.pk if union else None,
            local=union is None,
            form=PLATFORM_FORM if chosen == PLATFORM else self.draft.get("form", ""),
            work_unit=employer.name if employer else "",
            near=employer.division if employer and union is None else "",
        )

    def get_success_url(self) -> str:
        return self.onward() if self.draft.get("organisation") else reverse("m_join_local")


class Local(Question):
    """The local union, by province, city, county and street."""

    step = "employer"
    template_name = "organising/join/local.html"

    @cached_property
    def division(self) -> str:
        wanted = self.request.GET.get("division")
        return places.nearest_place(self.draft.get("near", "")) if wanted is None else wanted[:12]

    @cached_property
    def unions(self) -> list[Organisation]:
        return places.local_unions(self.division) if self.division or not self.below else []

    @cached_property
    def below(self) -> list[Any]:
        return places.accepting_within(self.division)

    def get_form(self, form_class: Any = None) -> forms.Form:
        form = forms.Form(self.request.POST if self.request.method == "POST" else None)
        form.fields["organisation"] = forms.ChoiceField(
            label="请选择工会",
            choices=[(str(union.pk), union.name) for union in self.unions],
            widget=forms.RadioSelect,
            error_messages={"required": "请选择一个工会。", "invalid_choice": "请重新选择所在地的工会。"},
        )
        return form

    def context(self) -> dict[str, Any]:
        # So many unions are no choice: first a smaller place.
        narrow = bool(self.below) and len(self.unions) > 10
        return {
            "chain": places.chain_of(self.division),
            "below": self.below,
            "unions": [] if narrow else self.unions,
            "place": self.division,
        }

    def act(self, form: Any) -> None:
        self.keep(organisation=int(form.cleaned_data["organisation"]), local=True)
