"""企业服务律师 at the desk: which firms have a lawyer, one by one or all at once with preview and undo."""

from functools import cached_property
from typing import Any

from django.db.models import Count, Exists, OuterRef
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone

from unionhall.foundation.errors import Refused
from unionhall.foundation.scope import ScopedQuerySet
from unionhall.foundation.views import Act, Create, Detail, List
from unionhall.organisations.models import Coverage, Employer, Organisation
from unionhall.organisations.paths import above

from ..actions import lawyers_counsel as actions
from ..actions.lawyers import EDIT
from ..forms.lawyers import CounselFilter, CounselForm, SpreadForm, keepers
from ..models import CounselBatch, CounselVisit, FirmCounsel, Lawyer
from ..rules.assigning import how_near
from .aid_desk import WHY, below, tabs
from .lawyers_desk import VIEW


class Firms(List):
    """/desk/lawyers/firms/: enterprises covered by unions of the reader's area, each with its lawyer."""

    model = Coverage
    permission = VIEW
    template_name = "cases/lawyers/firms.html"
    filter_form = CounselFilter
    ordering = "pk"

    @cached_property
    def today(self) -> Any:
        return timezone.localdate()

    @property
    def covered(self) -> ScopedQuerySet[Any]:
        served = FirmCounsel.objects.everywhere(reason="whether a firm in scope has a lawyer").in_force(
            self.today
        )
        rows = self.get_queryset().filter(period__contains=self.today)
        return rows.annotate(served=Exists(served.filter(employer=OuterRef("employer"))))

    def filtered(self) -> ScopedQuerySet[Any]:
        rows = self.covered.select_related("employer", "organisation")
        if self.chosen.get("served"):
            rows = rows.filter(served=self.chosen["served"] == "yes")
        if q := self.chosen.get("q"):
            rows = rows.filter(employer__name__contains=q)
        return rows.filter(below(self.access, self.chosen.get("under", ""), VIEW))

    def decorate(self, rows: list[Any]) -> list[Any]:
        found = FirmCounsel.objects.everywhere(reason=WHY).in_force(self.today)
        found = found.filter(employer__in=[one.employer_id for one in rows]).select_related("lawyer")
        by_firm = {one.employer_id: one for one in found.annotate(times=Count("visits"))}
        return [{"one": one, "counsel": by_firm.get(one.employer_id)} for one in rows]

    def context(self) -> dict[str, Any]:
        rows = self.covered
        total, served = rows.count(), rows.filter(served=True).count()
        visits = (
            CounselVisit.objects.visible_to(self.access, to=VIEW).filter(on__year=self.today.year).count()
        )
        batches = CounselBatch.objects.visible_to(self.access, to=VIEW).order_by("-pk")
        return {
            "tabs": tabs("desk_counsel", self.access), "may_edit": bool(self.access.prefixes(EDIT)),
            "tiles": [
                {"label": "覆盖企业", "value": total, "unit": "家"},
                {"label": "已有律师", "value": served, "unit": "家"},
                {"label": "还没有律师", "value": total - served, "unit": "家"},
                {"label": "今年律师进企业", "value": visits, "unit": "次"},
            ],
            "batches": list(batches.select_related("organisation")[:5]),
        }  # fmt: skip


class All(Create):
    """/desk/lawyers/firms/all/: first the plan; then the same plan is carried out, or refused if it changed."""

    permission = EDIT
    template_name = "cases/lawyers/spread.html"
    form_class: Any = SpreadForm
    success_message = "已分配 {result.placed} 家企业。"

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        form = self.get_form()
        if not form.is_valid() or form.cleaned_data["expected"]:
            return super().post(request, *args, **kwargs)
        return self._preview(form)

    def _preview(self, form: SpreadForm) -> HttpResponse:
        given = form.cleaned_data
        plan = actions.plan(given["organisation"], most=given["most"], day=timezone.localdate())
        firms = Employer.objects.in_bulk(plan.spread.uncovered[:50])
        counts = plan.spread.by_nearness()
        busy: dict[int, int] = {}
        for one in plan.spread.placings:
            busy[one.candidate] = busy.get(one.candidate, 0) + 1
        names = Lawyer.objects.everywhere(reason=WHY).in_bulk(list(busy)[:2000])
        shown = {
            "placed": len(plan.spread.placings), "uncovered": len(plan.spread.uncovered), "digest": plan.digest,
            "near": [(how_near(digits), count) for digits, count in counts.items()],
            "lawyers": [(names[key], count) for key, count in sorted(busy.items())[:100] if key in names],
            "left": [firms[key] for key in plan.spread.uncovered[:50] if key in firms], "given": given,
        }  # fmt: skip
        return self.render_to_response(self.get_context_data(form=form, plan=shown))

    def act(self, form: SpreadForm) -> CounselBatch:
        given = form.cleaned_data
        return actions.assign_all(
            self.actor, organisation=given["organisation"], most=given["most"], months=given["months"],
            expected=given["expected"],
        )  # fmt: skip

    def get_success_url(self) -> str:
        return reverse("desk_counsel_batch", args=[self.result.pk])

    def context(self) -> dict[str, Any]:
        return {"tabs": tabs("desk_counsel", self.access)}


class One(Create):
    """/desk/lawyers/firms/new/: one firm to one lawyer."""

    permission = EDIT
    template_name = "cases/aid/form.html"
    form_class: Any = CounselForm
    success_message = "已安排。"

    def get_initial(self) -> dict[str, Any]:
        return {"employer": self.request.GET.get("employer", "")[:120]}

    def get_form_kwargs(self) -> dict[str, Any]:
        rows = Lawyer.objects.visible_to(self.access, to=EDIT).serving_on(timezone.localdate())
        return super().get_form_kwargs() | {"lawyers": rows.order_by("pk")}

    def act(self, form: CounselForm) -> FirmCounsel:
        given = form.cleaned_data
        union = self._union(given["employer"])
        return actions.set_counsel(self.actor, organisation=union, **given)

    def _union(self, employer: Any) -> Organisation:
        """The nearest union above the firm that the actor keeps rosters for."""
        covered = Coverage.objects.everywhere(reason="who covers a named firm").filter(
            employer=employer, period__contains=timezone.localdate()
        )
        paths = [path for one in covered.select_related("organisation") for path in one.organisation.paths]
        places = {place for path in paths for place in (*above(path), path)}
        found: Organisation | None = keepers(self.actor).filter(path__in=places).order_by("-path").first()
        if found is None:
            raise Refused("这家企业不在您的工会覆盖的范围内。", "employer")
        return found

    def get_success_url(self) -> str:
        return reverse("desk_counsel")

    def context(self) -> dict[str, Any]:
        return {
            "tabs": tabs("desk_counsel", self.access), "heading": "安排企业服务律师", "submit": "安排",
            "back": reverse("desk_counsel"), "list_label": "企业服务律师", "list_url": reverse("desk_counsel"),
            "lead": "原来的律师服务到新的开始日期为止。",
        }  # fmt: skip


class BatchPage(Detail):
    """/desk/lawyers/firms/batches/<pk>/."""

    model = CounselBatch
    permission = VIEW
    template_name = "cases/lawyers/batch.html"

    def get_queryset(self) -> ScopedQuerySet[Any]:
        return super().get_queryset().select_related("organisation")

    def context(self) -> dict[str, Any]:
        one: CounselBatch = self.object
        when = timezone.localtime(one.undone_at) if one.undone_at else None
        undone = f"{when:%Y-%m-%d %H:%M} {one.undone_by}" if when else "—"
        rows = one.counsels.everywhere(reason=WHY).select_related("employer", "lawyer").order_by("pk")
        facts = [
            ("工会", one.organisation.name), ("服务期", f"{one.period.lower} 至 {one.period.upper}"),
            ("已分配", f"{one.placed} 家"), ("没有律师", f"{one.uncovered} 家"), ("每名律师上限", f"{one.most} 家"),
            ("分配人", one.made_by), ("撤销", undone),
        ]  # fmt: skip
        return {
            "tabs": tabs("desk_counsel", self.access), "facts": facts, "rows": list(rows[:200]), "total": rows.count(),
            "may_undo": one.undone_at is None and self.actor.may(EDIT, *one.organisation.paths),
        }  # fmt: skip


class Undo(Act):
    """POST /desk/lawyers/firms/batches/<pk>/undo/."""

    model = CounselBatch
    permission = EDIT
    http_method_names = ("post",)
    success_message = "已撤销，{result} 家企业回到没有律师；律师去过的企业保留。"

    def get_queryset(self) -> ScopedQuerySet[Any]:
        return super().get_queryset().select_related("organisation")

    def act(self, form: Any) -> int:
        return actions.undo(self.actor, batch=self.object)

    def refuse(self, form: Any) -> HttpResponse:
        from django.contrib import messages

        messages.error(self.request, " ".join(map(str, form.non_field_errors())))
        return redirect(self.get_success_url())

    def get_success_url(self) -> str:
        return reverse("desk_counsel_batch", args=[self.object.pk])
