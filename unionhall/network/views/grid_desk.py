"""网格化管理 at the desk: cells with their firms and worker; items and what is done with them."""

from typing import Any

from django.core.paginator import Paginator
from django.db.models import Count
from django.http import HttpRequest, HttpResponseBase
from django.urls import reverse
from django.utils import timezone

from unionhall.access.lookups import CountsLookups
from unionhall.foundation.models import Holiday
from unionhall.foundation.scope import ScopedQuerySet
from unionhall.foundation.views import Act, Create, Detail, List
from unionhall.kit.workdays import deadline_state
from unionhall.organisations import divisions

from .. import parameters
from ..actions import grid as actions
from ..forms.grid import CellForm, UnitsForm, WorkerForm
from ..models import GridCell, GridItem, GridUnit, GridWorker

VIEW, EDIT, HANDLE = "network.grid", "network.grid_edit", "network.grid_handle"
TONES = {"open": "warn", "taken": "info", "closed": "ok", "withdrawn": "mute"}
_WHY = "parts of cells and items that the reader may open"


def tabs(current: str) -> list[dict[str, Any]]:
    pages = [("事项", "desk_grid_items"), ("网格", "desk_grid")]
    return [{"label": label, "url": reverse(url), "current": url == current} for label, url in pages]


def kind_labels(division: str = "") -> dict[str, str]:
    asked = parameters.standards(timezone.localdate(), division)
    return {one.code: one.label for one in asked.item_kinds}


def shown(rows: list[GridItem]) -> list[dict[str, Any]]:
    """Items with their lights: the calendar is read once for all."""
    today, calendar, labels = timezone.localdate(), Holiday.objects.calendar(), kind_labels()
    return [
        {
            "item": one, "tone": TONES[one.state], "kind": labels.get(one.kind, one.kind),
            "days": deadline_state(one.due_on, today, calendar).days, "done": one.closed_at is not None,
        }
        for one in rows
    ]  # fmt: skip


class Cells(List):
    """/desk/grid/: cells with how many firms, who looks after them, what is open; what has nobody first in words."""

    model = GridCell
    permission = VIEW
    template_name = "network/grid/cells.html"
    ordering = "pk"

    def filtered(self) -> ScopedQuerySet[Any]:
        return self.get_queryset().select_related("organisation")

    def decorate(self, rows: list[Any]) -> list[Any]:
        units = GridUnit.objects.everywhere(reason=_WHY).filter(cell__in=rows, until=None)
        firms = dict(units.values_list("cell").annotate(n=Count("pk")).order_by())
        workers = GridWorker.objects.everywhere(reason=_WHY).filter(cell__in=rows, until=None)
        names = dict(workers.values_list("cell", "name"))
        waiting = GridItem.objects.everywhere(reason=_WHY).open().filter(cell__in=rows)
        counts = dict(waiting.values_list("cell").annotate(n=Count("pk")).order_by())
        return [
            {
                "cell": one, "firms": firms.get(one.pk, 0), "worker": names.get(one.pk, ""),
                "open": counts.get(one.pk, 0),
            }
            for one in rows
        ]  # fmt: skip

    def context(self) -> dict[str, Any]:
        rows = self.get_queryset().filter(is_active=True)
        held = GridWorker.objects.everywhere(reason=_WHY).filter(until=None).values("cell")
        seen = GridItem.objects.all().visible_to(self.access, to=VIEW).open()
        late = seen.filter(due_on__lt=timezone.localdate()).count()
        units = GridUnit.objects.all().visible_to(self.access, to=VIEW).filter(until=None)
        items_url = reverse("desk_grid_items")
        return {
            "tabs": tabs("desk_grid"),
            "may_edit": bool(self.access.prefixes(EDIT)),
            "tiles": [
                {"label": "在用网格", "value": rows.count(), "unit": "个"},
                {"label": "有网格员", "value": rows.filter(pk__in=held).count(), "unit": "个"},
                {"label": "网格内单位", "value": units.count(), "unit": "个"},
                {
                    "label": "超期事项", "value": late, "unit": "件", "hot": bool(late),
                    "url": f"{items_url}?late=on",
                },
            ],
        }  # fmt: skip


class _OnCell(Act):
    model = GridCell
    permission = EDIT
    template_name = "network/grid/form.html"

    def get_queryset(self) -> ScopedQuerySet[Any]:
        return super().get_queryset().select_related("organisation", "node")

    def get_success_url(self) -> str:
        return reverse("desk_grid_cell", args=[self.object.pk])

    def page(self, heading: str, submit: str = "保存", **more: Any) -> dict[str, Any]:
        return {
            "heading": f"{self.object}：{heading}", "submit": submit, "back": self.get_success_url(),
            "tabs": tabs("desk_grid"), "list_label": "网格", "list_url": reverse("desk_grid"), **more,
        }  # fmt: skip


class NewCell(Create):
    """/desk/grid/new/"""

    model = GridCell
    permission = EDIT
    template_name = "network/grid/form.html"
    form_class: Any = CellForm
    success_message = "已登记网格“{result}”。接着划入单位、指定网格员。"

    def act(self, form: CellForm) -> GridCell:
        given = dict(form.cleaned_data)
        return actions.save_cell(self.actor, organisation=given.pop("organisation"), cell=None, given=given)

    def get_success_url(self) -> str:
        return reverse("desk_grid_cell", args=[self.result.pk])

    def context(self) -> dict[str, Any]:
        return {
            "heading": "登记网格", "submit": "登记", "back": reverse("desk_grid"), "tabs": tabs("desk_grid"),
            "list_label": "网格", "list_url": reverse("desk_grid"),
        }  # fmt: skip


class EditCell(_OnCell):
    """/desk/grid/<pk>/edit/"""

    form_class: Any = CellForm
    success_message = "已保存。"

    def get_initial(self) -> dict[str, Any]:
        cell: GridCell = self.object
        own = {name: getattr(cell, name) for name in ("code", "name", "division", "is_active")}
        return own | {"organisation": cell.organisation.code, "node": cell.node.code if cell.node else ""}

    def act(self, form: CellForm) -> GridCell:
        given = dict(form.cleaned_data)
        return actions.save_cell(
            self.actor, organisation=given.pop("organisation"), cell=self.object, given=given
        )

    def context(self) -> dict[str, Any]:
        return self.page("修改")


class SetUnits(_OnCell):
    """/desk/grid/<pk>/units/: tick the firms of the cell; one that stood in another cell leaves it.

    `find` posts the page to itself: other firms are listed and nothing is saved, so that ticks stay.
    """

    template_name = "network/grid/units.html"
    form_class: Any = UnitsForm
    success_message = "已更新：划入 {result[0]} 个，划出 {result[1]} 个。"

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"cell": self.object}

    def get_initial(self) -> dict[str, Any]:
        held = list(self.object.units.filter(until=None).values_list("employer", flat=True))
        return {"employers": held, "stood": ",".join(map(str, held))}

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if "find" in request.POST:
            return self.render_to_response(self.get_context_data(form=self.get_form()))
        return super().post(request, *args, **kwargs)

    def act(self, form: UnitsForm) -> tuple[int, int]:
        given = form.cleaned_data
        return actions.set_units(
            self.actor, cell=self.object, employers=given["employers"], stood=given["stood"]
        )

    def context(self) -> dict[str, Any]:
        return self.page("网格内单位", lead="一个单位只在一个网格里；从别的网格划入时，原网格自动划出。")


class SetWorker(CountsLookups, _OnCell):
    """/desk/grid/<pk>/worker/"""

    form_class: Any = WorkerForm
    success_message = "网格员：{result}。"

    def act(self, form: WorkerForm) -> GridWorker:
        given = form.cleaned_data
        return actions.set_worker(self.actor, cell=self.object, account=given["username"], name=given["name"])

    def context(self) -> dict[str, Any]:
        return self.page("指定网格员", "指定", lead="一个网格同时只有一名网格员，原来的自动离岗。")


class Cell(Detail):
    """/desk/grid/<pk>/: firms page by page, worker, items."""

    FIRMS = 50
    model = GridCell
    permission = VIEW
    template_name = "network/grid/cell.html"

    def get_queryset(self) -> ScopedQuerySet[Any]:
        return super().get_queryset().select_related("organisation", "node")

    def context(self) -> dict[str, Any]:
        cell: GridCell = self.object
        units = cell.units.filter(until=None).select_related("employer").order_by("employer__name", "pk")
        found = GridItem.objects.all().visible_to(self.access, to=VIEW).filter(cell=cell)
        return {
            "tabs": tabs("desk_grid"),
            "place": divisions.names(cell.division[:9]) or cell.division,
            "units": Paginator(units, self.FIRMS).get_page(self.request.GET.get("page")),
            "workers": list(cell.workers.order_by("until", "-pk")[:5]),
            "rows": shown(list(found.select_related("organisation").order_by("-pk")[:20])),
            "may_edit": self.actor.may(EDIT, *cell.organisation.paths),
        }
