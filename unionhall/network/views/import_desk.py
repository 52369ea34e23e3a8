"""Lists of nodes from a file: upload, look, take over; the errors back as a workbook."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse

from unionhall.foundation.views import Act, Create, Detail, Page, download

from .. import nodes_file
from ..actions import importing
from ..forms.nodes import NodesFileForm
from ..models import NodeImport
from .nodes_desk import EDIT, tabs


class ReadNodes(Create):
    """/desk/network/import/: upload; nothing changes before it is taken over on the next page."""

    model = NodeImport
    permission = EDIT
    template_name = "network/desk/import.html"
    form_class: Any = NodesFileForm

    def act(self, form: NodesFileForm) -> NodeImport:
        file, union = form.cleaned_data["file"], form.cleaned_data["organisation"]
        found = nodes_file.read(file.temporary_file_path(), file.name or "", union)
        return importing.keep_reading(
            self.actor, organisation=union, name=file.name or "", rows=found.rows, faults=found.faults
        )

    def get_success_url(self) -> str:
        return reverse("desk_nodes_reading", args=[self.result.pk])

    def context(self) -> dict[str, Any]:
        rows = self.get_queryset().defer("rows", "faults").order_by("-pk")
        return {"tabs": tabs("desk_nodes_import", self.access), "latest": list(rows[:10])}


class NodesTemplate(Page):
    """/desk/network/template/: the empty workbook."""

    permission = EDIT

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return download(nodes_file.WORKSHEET.template(), "服务站点模板.xlsx")


class NodesReading(Act):
    """/desk/network/import/<pk>/: what it would change, what is wrong by row; then 入库."""

    model = NodeImport
    permission = EDIT
    template_name = "network/desk/reading.html"
    SHOWN = 200

    def act(self, form: Any) -> NodeImport:
        return importing.take_over(self.actor, reading=self.object)

    def done(self) -> HttpResponseBase:
        found: NodeImport = self.result
        words = f"已入库：新增 {found.added} 个，修改 {found.changed} 个，没有变化 {found.same} 个。"
        messages.success(self.request, words)
        return redirect("desk_nodes_reading", found.pk)

    def context(self) -> dict[str, Any]:
        found: NodeImport = self.object
        return {
            "tabs": tabs("desk_nodes_import", self.access),
            "faults": found.faults[: self.SHOWN],
            "tiles": [
                {"label": "新增", "value": found.added, "unit": "个"},
                {"label": "修改", "value": found.changed, "unit": "个"},
                {"label": "没有变化", "value": found.same, "unit": "个"},
                {"label": "有错误", "value": len(found.faults), "unit": "行", "hot": bool(found.faults)},
            ],
        }


class NodesFaults(Detail):
    """/desk/network/import/<pk>/errors/: the wrong rows as they were, with what is wrong."""

    model = NodeImport
    permission = EDIT

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return download(
            nodes_file.WORKSHEET.faults(self.object.faults), f"服务站点错误行-{self.object.pk}.xlsx"
        )
