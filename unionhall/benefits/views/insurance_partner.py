"""The insurer's own entrance: rolls made out to it, settlement files that it brought. Nothing else exists for it."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar

from django.contrib import messages
from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse

from unionhall.foundation.errors import Refused
from unionhall.foundation.scope import ScopedQuerySet
from unionhall.foundation.views import Create, Detail, List, Requires, download, stream
from unionhall.foundation.views.reading import Scoped

from ..actions import insurers
from ..actions.medical import receiving
from ..actions.medical.faults import faults_workbook
from ..forms.insurers import SentFileForm
from ..models import CoverRoll, Insurer, SettlementFile, SettlementLine
from ..schemes.cover import TITLES
from .medical_desk import TONES, facts_of, progress_of

NO_SEAT = "这个账号没有承办席位，或者合作已经暂停。请联系签约工会开通。"


class _OfInsurer(Requires):
    """A page of the insurer for which the account works; without one it says so."""

    permission = "benefits.insurance"

    @cached_property
    def insurer(self) -> Insurer | None:
        seat = insurers.seat_of(self.actor)
        return seat.insurer if seat is not None else None

    @property
    def own(self) -> Insurer:
        """The insurer, or 404 where a page is about its own things."""
        if self.insurer is None:
            raise Http404
        return self.insurer

    def tabs(self, here: str) -> list[dict[str, Any]]:
        items = (("投保名单", "partner_insurance"), ("医保结算", "partner_settlements"))
        return [{"label": label, "url": reverse(name), "current": name == here} for label, name in items]


class Rolls(_OfInsurer, List):
    """/partner/insurance/: the monthly rolls made out to the insurer, latest first."""

    model = CoverRoll
    template_name = "benefits/partner/rolls.html"

    def get_queryset(self) -> ScopedQuerySet[Any]:
        if self.insurer is None:
            return CoverRoll.objects.everywhere(reason="nothing, for who has no seat").none()
        return insurers.rolls_of(self.insurer)

    def take(self, rows: ScopedQuerySet[Any], count: int) -> list[Any]:
        return list(rows.select_related("file")[:count])

    def decorate(self, rows: list[Any]) -> list[Any]:
        return [{"roll": one, "title": TITLES[one.programme]} for one in rows]

    def context(self) -> dict[str, Any]:
        return {"tabs": self.tabs("partner_insurance"), "insurer": self.insurer, "no_seat": NO_SEAT}


class DownloadRoll(_OfInsurer, Scoped):
    """POST /partner/insurance/rolls/<pk>/: names and whole numbers leave the platform, so each time is journalled."""

    model = CoverRoll
    http_method_names = ("post",)

    def get_queryset(self) -> ScopedQuerySet[Any]:
        return insurers.rolls_of(self.own).select_related("organisation", "file")

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        roll: CoverRoll = self.object
        if roll.file is None:
            raise Http404
        content = insurers.open_roll(self.actor, roll=roll)
        return stream(content, roll.file.name, roll.file.content_type)


class Files(_OfInsurer, List):
    """/partner/insurance/files/: settlement files of the insurer, latest first."""

    model = SettlementFile
    template_name = "benefits/partner/settlements.html"

    def get_queryset(self) -> ScopedQuerySet[Any]:
        if self.insurer is None:
            return SettlementFile.objects.everywhere(reason="nothing, for who has no seat").none()
        return insurers.files_of(self.insurer)

    def decorate(self, rows: list[Any]) -> list[Any]:
        for row in rows:
            row.tone = TONES[row.state]
        return rows

    def context(self) -> dict[str, Any]:
        return {"tabs": self.tabs("partner_settlements"), "insurer": self.insurer, "no_seat": NO_SEAT}


class Upload(_OfInsurer, Create):
    """/partner/insurance/files/new/: looked at at once, checked by a job; nothing is paid by it."""

    template_name = "benefits/partner/settlement_new.html"
    form_class = SentFileForm
    success_message = "已收到批次 {result.number}，正在核对。"

    def act(self, form: SentFileForm) -> SettlementFile:
        if self.insurer is None:
            raise Refused(NO_SEAT)
        values = dict(form.cleaned_data)
        upload = values.pop("file")
        return receiving.receive(
            self.actor, sender=self.insurer, organisation=self.insurer.organisation, insurer=self.insurer.name,
            path=Path(upload.temporary_file_path()), name=upload.name or "", **values,
        )  # fmt: skip

    def get_success_url(self) -> str:
        return reverse("partner_settlement", args=[self.result.pk])

    def context(self) -> dict[str, Any]:
        return {"tabs": self.tabs("partner_settlements"), "insurer": self.insurer}


class _File(_OfInsurer, Scoped):
    model: ClassVar[Any] = SettlementFile

    def get_queryset(self) -> ScopedQuerySet[Any]:
        return insurers.files_of(self.own).select_related("organisation", "file")

    def progress(self) -> dict[str, Any]:
        address = reverse("partner_settlement_progress", args=[self.object.pk])
        return progress_of(self.object) | {"url": address}


class FilePage(_File, Detail):
    """/partner/insurance/files/<pk>/: totals, how far it is, what could not be matched and why."""

    template_name = "benefits/partner/settlement.html"

    def context(self) -> dict[str, Any]:
        file: SettlementFile = self.object
        lines = SettlementLine.objects.everywhere(reason="counts of the insurer's own file").filter(file=file)
        rows = lines.values_list("state", "outcome", "reason").annotate(n=Count("pk")).order_by()
        counts = {"matched": 0, "granted": 0, "exception": 0, "dismissed": 0, "seen": 0}
        why: dict[str, int] = {}
        for state, outcome, reason, number in rows:
            counts[state] += number
            counts["granted"] += number if outcome == SettlementLine.Outcome.GRANTED else 0
            if state == SettlementLine.State.EXCEPTION:
                why[reason] = why.get(reason, 0) + number
        labels = dict(SettlementLine.Reason.choices)
        tiles = [
            {"label": "匹配到会员", "value": counts["matched"], "unit": "笔"},
            {"label": "已理赔", "value": counts["granted"], "unit": "笔"},
            {"label": "以前报过", "value": counts["seen"], "unit": "笔"},
            {
                "label": "待工会核实",
                "value": counts["exception"],
                "unit": "笔",
                "hot": counts["exception"] > 0,
            },
        ]
        return {
            "tabs": self.tabs("partner_settlements"), "tone": TONES[file.state], "progress": self.progress(),
            "moving": file.is_moving, "tiles": tiles, "facts": facts_of(file),
            "why": [{"label": labels[code], "count": number} for code, number in sorted(why.items())],
            "faulty": counts["exception"] + counts["dismissed"] > 0 and file.file is not None,
        }  # fmt: skip


class Progress(_File, Detail):
    """What the page asks for every second; when the work is done it tells the page to load anew."""

    template_name = "benefits/medical/progress.html"

    def render_to_response(self, context: dict[str, Any], **kwargs: Any) -> HttpResponse:
        progress = self.progress()
        response = super().render_to_response(context | {"progress": progress}, **kwargs)
        if progress["finished"]:
            response["HX-Refresh"] = "true"
        return response


class Faults(_File, Detail):
    """错误文件: the rows that need a person, as the insurer sent them, with what is wrong beside them."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        file: SettlementFile = self.object
        try:
            content = faults_workbook(self.actor, file=file)
        except Refused as refusal:
            messages.error(request, str(refusal))
            return redirect("partner_settlement", file.pk)
        return download(content, f"{file.number}-错误说明.xlsx")
