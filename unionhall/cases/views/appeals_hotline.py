"""12351 工单: lists uploaded, what would become of each row, the yes, and the faulty rows."""

from __future__ import annotations

import json
from datetime import timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.urls import reverse
from django.utils import timezone

from unionhall.foundation.errors import Refused
from unionhall.foundation.views import Act, Create, Detail, List, download
from unionhall.foundation.views.reading import Scoped
from unionhall.kit.masking import hide_numbers
from unionhall.organisations.models import Organisation

from ..actions import hotline, hotline_ending, hotline_taking
from ..forms.appeals import HotlineForm
from ..models import HotlineList, HotlineRow

SHOWN = 100
_TONES = {"checked": "warn", "taking": "info", "taken": "ok", "discarded": "mute"}
_FATES = {"new": "ok", "known": "mute", "fault": "bad"}


class Lists(List):
    """/desk/appeals/hotline/."""

    model = HotlineList
    permission = "cases.hotline"
    template_name = "cases/appeals/hotline.html"

    def filtered(self) -> Any:
        return super().filtered().select_related("organisation")

    def decorate(self, rows: list[Any]) -> list[Any]:
        for one in rows:
            one.tone = _TONES[one.state]
        return rows


class Upload(Create):
    """/desk/appeals/hotline/new/: for the union in which the reader holds the permission."""

    permission = "cases.hotline"
    template_name = "cases/appeals/hotline_new.html"
    form_class = HotlineForm

    def act(self, form: HotlineForm) -> HotlineList:
        rows = Organisation.objects.visible_to(self.access, to="cases.hotline").active()
        union = rows.order_by("level", "path").first()
        if union is None:
            raise Refused("您没有可以导入的工会。")
        upload = form.cleaned_data["file"]
        path = Path(upload.temporary_file_path())
        self.made = hotline.receive(self.actor, organisation=union, path=path, name=upload.name or "")
        return self.made

    def get_success_url(self) -> str:
        return reverse("desk_hotline_list", args=[self.made.pk])


class ListPage(Act):
    """/desk/appeals/hotline/<pk>/: what would become of each row; POST takes the new ones, or goes on with them."""

    model = HotlineList
    permission = "cases.hotline"
    template_name = "cases/appeals/hotline_list.html"
    success_message = "正在登记，完成后会有消息通知您。"

    def get_queryset(self) -> Any:
        return super().get_queryset().select_related("organisation")

    def act(self, form: Any) -> HotlineList:
        return hotline_taking.take(self.actor, made=self.object)

    def get_success_url(self) -> str:
        return reverse("desk_hotline_list", args=[self.object.pk])

    @cached_property
    def counts(self) -> dict[str, int]:
        found = hotline.tally(self.object)
        return {name: found[name] for name in ("new", "known", "fault")}

    def context(self) -> dict[str, Any]:
        found = list(self.object.rows.select_related("case").order_by("row")[: SHOWN + 1])
        columns = {key: place for place, key in enumerate(map(hotline.key_of, self.object.columns)) if key}
        rows = [self._row(one, columns) for one in found[:SHOWN]]
        words = (
            ("new", "新增", "确认后登记"),
            ("known", "已登记", "不会重复登记"),
            ("fault", "有错误", "改好后再传"),
        )
        return {
            "rows": rows,
            "more": len(found) > SHOWN,
            "counts": self.counts,
            "last_day": timezone.localdate(self.object.at)
            + timedelta(days=hotline_ending.days_kept(self.object.organisation)),
            "may_take": self.object.state == HotlineList.State.CHECKED,
            "moving": self.object.state == HotlineList.State.TAKING,
            "progress": progress_of(self.object),
            "tiles": [
                {
                    "label": label,
                    "value": self.counts[name],
                    "unit": "行",
                    "note": note,
                    "hot": name == "fault" and self.counts[name] > 0,
                }
                for name, label, note in words
            ],
        }

    def _row(self, row: Any, columns: dict[str, int]) -> dict[str, Any]:
        cells = json.loads(row.cells.reveal())

        def cell(key: str) -> str:
            place = columns.get(key, -1)
            return hide_numbers(cells[place])[:60] if 0 <= place < len(cells) else ""

        return {
            "row": row.row,
            "fate": row.get_fate_display(),
            "tone": _FATES[row.fate],
            "number": cell("number"),
            "statement": cell("statement"),
            "fault": row.fault,
            "case": row.case.number if row.case is not None else "",
        }


def progress_of(made: HotlineList) -> dict[str, Any]:
    """The arguments of the progress component."""
    counts = made.rows.aggregate(
        done=Count("pk", filter=Q(case__isnull=False)),
        left=Count("pk", filter=Q(case=None, fate=HotlineRow.Fate.NEW)),
    )
    return {
        "url": reverse("desk_hotline_progress", args=[made.pk]),
        "percent": 100 * counts["done"] / max(1, counts["done"] + counts["left"]),
        "title": made.get_state_display(),
        "finished": made.state != HotlineList.State.TAKING or bool(made.message),
        "facts": [{"label": "已登记", "value": counts["done"]}, {"label": "还有", "value": counts["left"]}],
    }


class ListProgress(Detail):
    """/desk/appeals/hotline/<pk>/progress/: asked every second; when the work is done the page is loaded anew."""

    model = HotlineList
    permission = "cases.hotline"
    template_name = "cases/appeals/hotline_progress.html"

    def render_to_response(self, context: dict[str, Any], **kwargs: Any) -> HttpResponse:
        progress = progress_of(self.object)
        response = super().render_to_response(context | {"progress": progress}, **kwargs)
        if progress["finished"]:
            response["HX-Refresh"] = "true"
        return response


class Discard(Act):
    """POST /desk/appeals/hotline/<pk>/discard/."""

    model = HotlineList
    permission = "cases.hotline"
    template_name = "cases/appeals/hotline_list.html"
    success_message = "已放弃。"
    http_method_names = ("post",)

    def get_queryset(self) -> Any:
        return super().get_queryset().select_related("organisation")

    def act(self, form: Any) -> None:
        hotline.discard(self.actor, made=self.object)

    def get_success_url(self) -> str:
        return reverse("desk_hotline")


class Faults(Scoped):
    """/desk/appeals/hotline/<pk>/faults/: the faulty rows as a workbook."""

    model = HotlineList
    permission = "cases.hotline"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:  # type: ignore[override]
        return download(hotline.faults(self.actor, made=self.object), "12351工单错误行.xlsx")
