"""/desk/visits/table/: the year by unit and by cadre, on screen, on paper, as a workbook; meetings and documents."""

import io
from datetime import date
from functools import cached_property
from typing import Any

import xlsxwriter
from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode

from unionhall.foundation.views import Page, download
from unionhall.indicators import registry
from unionhall.kit.text import safe_cell
from unionhall.organisations.models import Organisation
from unionhall.records.actions import digest_of, journal

from .. import comparing, presenting
from ..actions import office
from ..actions.holding import scheme_of
from ..forms.contacts import ExportForm, MonthForm
from ..forms.filters import TableFilter
from ..models import OfficeMonth
from ..tables import CODES, UnitRow, YearTable
from .acting import VIEW, VISIT, PlainCreate

#: Figures of the table by unit, and what its narrow columns call them.
SHOWN = {
    "outreach.visits": "次数",
    "outreach.person_visits": "人次",
    "outreach.firms_reached": "企业",
    "outreach.families_reached": "家庭",
    "outreach.workers_met": "见到职工",
    "outreach.items": "问题",
    "outreach.items_late": "逾期问题",
    "outreach.duties": "必访",
    "outreach.duties_late": "逾期必访",
}


class _OfUnion:
    """A union that the reader sees (`?under=`, his own highest without) and a year (`?year=`)."""

    access: Any
    request: Any

    @cached_property
    def form(self) -> Any:
        form = TableFilter(self.request.GET or None)
        form.is_valid()
        return form

    @cached_property
    def union(self) -> Organisation:
        rows = Organisation.objects.visible_to(self.access, to=VIEW)
        code = self.request.GET.get("under", "")
        own = presenting.own_unions(self.access, VIEW)
        found = rows.filter(code=code).first() if code else own[0] if own else rows.in_tree_order().first()
        if found is None:
            raise Http404
        return found

    @cached_property
    def year(self) -> int:
        return int(getattr(self.form, "cleaned_data", {}).get("year") or timezone.localdate().year)

    @cached_property
    def table(self) -> YearTable:
        return YearTable(self.union, self.access, self.year)

    @property
    def query(self) -> str:
        return self.drill(self.union)

    def drill(self, union: Organisation) -> str:
        """The same page for another union."""
        return "?" + urlencode({"under": str(union.code), "year": str(self.year)})


class Table(_OfUnion, Page):
    """/desk/visits/table/"""

    permission = VIEW
    template_name = "outreach/table.html"
    page = "desk_visit_table"

    def context(self) -> dict[str, Any]:
        units = self.table.units
        return {
            "tabs": presenting.tabs("desk_visit_table"),
            "filter_form": self.form,
            "union": self.union,
            "year": self.year,
            "query": self.query,
            "today": timezone.localdate(),
            "heads": [
                {"title": words, "definition": registry.get(code).definition} for code, words in SHOWN.items()
            ],
            "units": [
                {
                    "unit": one,
                    "cells": self._cells(one),
                    "url": "" if one.own else self.drill(one.organisation),
                }
                for one in units
            ],
            "whole": {"unit": self.table.whole, "cells": self._cells(self.table.whole)},
            "people": self.table.people,
            "target": self.table.target,
            "definitions": [registry.get(code) for code in SHOWN],
            "parents": self._parents(),
        }

    def _cells(self, row: UnitRow) -> list[dict[str, Any]]:
        """Figures with the list of their records; a union without those below it has no such list."""
        found = []
        for code in SHOWN:
            one, value = registry.get(code), row.figures[code]
            query = {"under": str(row.organisation.code), "year": str(self.year), **one.list_query}
            url = f"{reverse(one.list_name)}?{urlencode(query)}" if value and not row.own else ""
            found.append({"value": value, "url": url})
        return found

    def _parents(self) -> list[Organisation]:
        rows = Organisation.objects.visible_to(self.access, to=VIEW)
        return list(rows.filter(path__in=self.union.ancestor_paths()).in_tree_order())


class TablePrint(Table):
    """/desk/visits/table/print/"""

    template_name = "outreach/table_print.html"


class TableExport(_OfUnion, PlainCreate):
    """/desk/visits/table/export/: asks what for, answers with the workbook, is journalled."""

    model = OfficeMonth
    permission = VIEW
    form_class: Any = ExportForm
    heading, submit = "导出年度统计", "导出 Excel"

    def lead(self) -> str:
        return f"{self.union.name}　{self.year} 年"

    def act(self, form: ExportForm) -> bytes:
        self.actor.require(VIEW, *self.union.paths)
        found = workbook(self.table)
        journal(
            self.actor, "outreach.table_exported", subject=self.union, paths=self.union.paths,
            reason=form.cleaned_data["purpose"], detail={"year": self.year, "people": len(self.table.people)},
            digest=digest_of([(found.hex(),)]),
        )  # fmt: skip
        return found

    def done(self) -> HttpResponse:
        return download(self.result, f"走访年度统计-{self.union.code}-{self.year}.xlsx")

    def back(self) -> str:
        return reverse("desk_visit_table") + self.query


def workbook(table: YearTable) -> bytes:
    """Units on one sheet, cadres on another, what the columns mean on a third."""
    units: list[list[str | int]] = [["单位", *(registry.get(code).title for code in CODES)]]
    for one in table.units:
        name = f"{one.organisation.name}{'（本级）' if one.own else ''}"
        units.append([name, *(one.figures[code] for code in CODES)])
    people: list[list[str | int]] = [
        [
            "干部",
            "下基层天数",
            "走访次数",
            "企业",
            "家庭",
            "见到职工",
            "承办问题",
            "按期答复",
            "逾期",
            "全年目标",
        ]
    ]
    words = {True: "已达到", False: "未达到", None: "没有设定"}
    people += [
        [row.name, row.days, row.visits, row.firms, row.families, row.workers, row.items, row.on_time, row.late,
         words[row.met]]
        for row in table.people
    ]  # fmt: skip
    about: list[list[str | int]] = [["指标", "口径"]]
    about += [[registry.get(code).title, registry.get(code).definition] for code in CODES]
    out = io.BytesIO()
    book = xlsxwriter.Workbook(
        out,
        {
            "in_memory": True,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
        },
    )
    head = book.add_format({"bold": True, "bg_color": "#EDEBE6"})
    for title, rows in (("单位", units), ("干部", people), ("口径", about)):
        sheet = book.add_worksheet(title)
        sheet.freeze_panes(1, 0)
        sheet.set_column(0, 0, 30)
        for place, line in enumerate(rows):
            for column, value in enumerate(line):
                if isinstance(value, int):
                    sheet.write_number(place, column, value)
                else:
                    sheet.write_string(place, column, safe_cell(value), head if place == 0 else None)
    book.close()
    return out.getvalue()


class Office(_OfUnion, Page):
    """/desk/visits/office/: meetings and documents by month, and how much fewer they are than the year before."""

    permission = VIEW
    template_name = "outreach/office.html"

    def context(self) -> dict[str, Any]:
        scheme = scheme_of(self.union).parameters
        own = comparing.months(self.union, self.access, self.year)
        below = comparing.months(self.union, self.access, self.year, below=True)
        cuts = {"meetings_cut": scheme.meetings_cut, "documents_cut": scheme.documents_cut}
        return {
            "tabs": presenting.tabs("desk_office"),
            "filter_form": self.form,
            "union": self.union,
            "year": self.year,
            "months": own,
            "own": comparing.compared(own, **cuts),
            "below": comparing.compared(below, **cuts),
            "may_record": bool(presenting.own_unions(self.access, VISIT)),
        }


class RecordMonth(PlainCreate):
    """/desk/visits/office/new/"""

    model = OfficeMonth
    permission = VISIT
    form_class: Any = MonthForm
    heading, submit = "填报会议文件", "保存"
    warning = "同一个月再填一次就是更正，原来的数字留在日志里。"
    trail = ("会议文件", "desk_office")
    success_message = "已保存。"

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"unions": presenting.own_unions(self.access, VISIT)}

    def act(self, form: MonthForm) -> OfficeMonth:
        given = form.cleaned_data
        year, month = map(int, given["month"].split("-"))
        return office.record_month(
            self.actor, organisation=given["organisation"], month=date(year, month, 1),
            meetings=given["meetings"], documents=given["documents"],
        )  # fmt: skip

    def back(self) -> str:
        return reverse("desk_office")
