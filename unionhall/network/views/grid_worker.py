"""The grid worker on the phone: his cells, what he reported, and reporting something."""

from functools import cached_property
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse

from unionhall.foundation.permissions import SIGNED_IN
from unionhall.foundation.scope import ScopedQuerySet
from unionhall.foundation.views import Act, Create, Detail, List
from unionhall.organisations.models import Employer

from ..actions import items
from ..forms.grid import ReportForm
from ..models import GridCell, GridItem, GridUnit, GridWorker
from .grid_desk import kind_labels, shown
from .items_desk import chain

_WHY = "cells that the account itself looks after"


class _Worker:
    access: Any

    @cached_property
    def cells(self) -> list[GridCell]:
        rows = GridWorker.objects.all().owned_by(self.access).filter(until=None, cell__is_active=True)
        return [one.cell for one in rows.select_related("cell__organisation").order_by("cell__code")]


class MyGrid(_Worker, List):
    """/m/grid/: my cells, my items."""

    model = GridItem
    mine = True
    permission = SIGNED_IN
    template_name = "network/worker/grid.html"

    def filtered(self) -> ScopedQuerySet[Any]:
        return self.get_queryset().select_related("organisation", "cell", "employer")

    def decorate(self, rows: list[Any]) -> list[Any]:
        return shown(rows)

    def context(self) -> dict[str, Any]:
        units = GridUnit.objects.everywhere(reason=_WHY).filter(cell__in=self.cells, until=None)
        firms: dict[int, list[str]] = {}
        for cell, name in units.order_by("employer__name").values_list("cell", "employer__name"):
            firms.setdefault(cell, []).append(name)
        return {"cells": [{"cell": one, "firms": firms.get(one.pk, [])} for one in self.cells]}


class MyReport(_Worker, Create):
    """/m/grid/report/: only for who looks after a cell."""

    model = GridItem
    permission = SIGNED_IN
    template_name = "network/worker/report.html"
    form_class: Any = ReportForm
    success_message = "已提出，编号 {result}。处理结果会发消息告诉您。"

    def get_form_kwargs(self) -> dict[str, Any]:
        if not self.cells:
            raise Http404
        units = GridUnit.objects.everywhere(reason=_WHY).filter(cell__in=self.cells, until=None)
        return super().get_form_kwargs() | {
            "places": [(str(one.pk), one.name) for one in self.cells],
            "employers": list(units.order_by("employer__name").values_list("employer", "employer__name")),
            "kinds": list(kind_labels(self.cells[0].organisation.division).items()),
        }

    def act(self, form: ReportForm) -> GridItem:
        given = form.cleaned_data
        cell = next(one for one in self.cells if str(one.pk) == given["where"])
        firm = Employer.objects.filter(pk=given["employer"]).first() if given["employer"] else None
        return items.report(self.actor, kind=given["kind"], found=given["found"], cell=cell, employer=firm)

    def get_success_url(self) -> str:
        return reverse("m_grid_item", args=[self.result.pk])


class MyItem(Detail):
    """/m/grid/<pk>/: where it is and what came of it."""

    model = GridItem
    mine = True
    permission = SIGNED_IN
    template_name = "network/worker/item.html"

    def get_queryset(self) -> ScopedQuerySet[Any]:
        return super().get_queryset().select_related("organisation", "cell", "node", "employer")

    def context(self) -> dict[str, Any]:
        item: GridItem = self.object
        return {
            "row": shown([item])[0],
            "timeline": chain(item),
            "may_withdraw": items.is_untouched(item),
        }


class WithdrawItem(Act):
    """POST /m/grid/<pk>/withdraw/"""

    model = GridItem
    mine = True
    permission = SIGNED_IN
    http_method_names = ("post",)
    success_message = "已撤回。"

    def act(self, form: Any) -> GridItem:
        return items.withdraw(self.actor, item=self.object, opinion="")

    def refuse(self, form: Any) -> HttpResponseBase:  # type: ignore[override]
        messages.error(self.request, " ".join(map(str, form.non_field_errors())))
        return redirect(self.get_success_url())

    def get_success_url(self) -> str:
        return reverse("m_grid_item", args=[self.object.pk])
