"""How far the network reaches, and plans against what was built."""

from functools import cached_property
from typing import Any

from django.http import Http404
from django.urls import reverse
from django.utils.http import urlencode

from unionhall.foundation.scope import ScopedQuerySet
from unionhall.foundation.views import Act, Create, Detail, List, Page
from unionhall.indicators import registry
from unionhall.organisations.models import Organisation

from .. import coverage
from ..actions.plans import save_plan
from ..forms.plans import PlanForm
from ..models import NetworkPlan, Node
from .nodes_desk import VIEW, tabs

PLAN = "network.plan"


class Coverage(Page):
    """/desk/network/coverage/: shares of the union, its levels, each union below; `?under=` another."""

    permission = VIEW
    template_name = "network/desk/coverage.html"

    @cached_property
    def union(self) -> Organisation:
        seen = Organisation.objects.all().visible_to(self.access, to=VIEW).active()
        code = self.request.GET.get("under")
        found = seen.filter(code=code).first() if code else seen.order_by("level", "path").first()
        if found is None:
            raise Http404
        return found

    def context(self) -> dict[str, Any]:
        union = self.union
        figures, listed = coverage.values(union, self.access), reverse("desk_network")
        seen = Organisation.objects.all().visible_to(self.access, to=VIEW)
        return {
            "tabs": tabs("desk_network_coverage", self.access),
            "union": union,
            "above": seen.filter(pk=union.parent_id).first() if union.parent_id else None,
            "tiles": [
                *(
                    {
                        "label": one.label, "value": "—" if one.percent is None else one.percent,
                        "unit": "" if one.percent is None else "%", "note": f"{one.reached} / {one.of}",
                    }
                    for one in coverage.shares(figures)
                ),
                *self.fulfilled(),
                *(
                    {
                        "label": registry.get(code).title, "value": figures[code], "unit": "个",
                        "url": f"{listed}?{urlencode({**registry.get(code).list_query, 'under': union.code})}",
                    }
                    for code in coverage.COUNTS
                ),
            ],
            "heads": [label for label, *_ in coverage.SHARES],
            "rows": coverage.rows(union, self.access),
            "kinds": [str(label) for label in Node.Kind.labels],
            "levels": coverage.by_level(union, self.access),
        }  # fmt: skip

    def fulfilled(self) -> list[dict[str, Any]]:
        """A tile of the union's latest plan, leading to it."""
        found = coverage.fulfilment(self.union, self.access)
        if found is None:
            return []
        plan, share = found
        return [
            {
                "label": "规划完成", "value": "—" if share.percent is None else share.percent, "unit": "%",
                "note": f"{share.reached} / {share.of}", "url": reverse("desk_network_plan", args=[plan.pk]),
            }
        ]  # fmt: skip


class Plans(List):
    """/desk/network/plans/: the plans in the reader's area."""

    model = NetworkPlan
    permission = VIEW
    template_name = "network/desk/plans.html"

    def filtered(self) -> ScopedQuerySet[Any]:
        return self.get_queryset().select_related("organisation")

    def context(self) -> dict[str, Any]:
        return {"tabs": tabs("desk_network_plans", self.access), "may_plan": bool(self.access.prefixes(PLAN))}


class Plan(Detail):
    """/desk/network/plans/<pk>/: each measure by year, and each union below: asked and done."""

    model = NetworkPlan
    permission = VIEW
    template_name = "network/desk/plan.html"

    def get_queryset(self) -> ScopedQuerySet[Any]:
        return super().get_queryset().select_related("organisation")

    def context(self) -> dict[str, Any]:
        plan: NetworkPlan = self.object
        years = range(plan.first_year, plan.last_year + 1)
        lines = coverage.lines(plan, self.access)
        return {
            "tabs": tabs("desk_network_plans", self.access),
            "years": years,
            "lines": [(one, one.cells(years), one.total) for one in lines],
            "areas": coverage.areas(plan, self.access),
            "may_plan": self.actor.may(PLAN, *plan.organisation.paths),
        }


class _Planning:
    access: Any

    def page(self, heading: str, back: str) -> dict[str, Any]:
        return {"heading": heading, "back": back, "tabs": tabs("desk_network_plans", self.access)}


class NewPlan(_Planning, Create):
    """/desk/network/plans/new/"""

    model = NetworkPlan
    permission = PLAN
    template_name = "network/desk/plan_form.html"
    form_class: Any = PlanForm
    success_message = "已保存“{result}”。"

    def act(self, form: PlanForm) -> NetworkPlan:
        given = form.cleaned_data
        return save_plan(
            self.actor, organisation=given["organisation"], plan=None, given=given, targets=form.targets
        )

    def get_success_url(self) -> str:
        return reverse("desk_network_plan", args=[self.result.pk])

    def context(self) -> dict[str, Any]:
        return self.page("编制规划", reverse("desk_network_plans"))


class EditPlan(_Planning, Act):
    """/desk/network/plans/<pk>/edit/"""

    model = NetworkPlan
    permission = PLAN
    template_name = "network/desk/plan_form.html"
    form_class: Any = PlanForm
    success_message = "已保存。"

    def get_queryset(self) -> ScopedQuerySet[Any]:
        return super().get_queryset().select_related("organisation")

    def get_initial(self) -> dict[str, Any]:
        plan: NetworkPlan = self.object
        own = {name: getattr(plan, name) for name in ("title", "first_year", "last_year", "document")}
        held = {(one.year, one.kind, one.measure): one.number for one in plan.targets.all()}
        return own | {"organisation": plan.organisation.code, "targets": held}

    def act(self, form: PlanForm) -> NetworkPlan:
        given = form.cleaned_data
        return save_plan(
            self.actor,
            organisation=given["organisation"],
            plan=self.object,
            given=given,
            targets=form.targets,
        )

    def get_success_url(self) -> str:
        return reverse("desk_network_plan", args=[self.object.pk])

    def context(self) -> dict[str, Any]:
        return self.page(f"修改：{self.object}", self.get_success_url())
