"""医疗互助 at the desk: settlement files from upload to payment, and single settlements with their arithmetic."""

from __future__ import annotations

from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar

from django import forms
from django.contrib import messages
from django.core.files.uploadedfile import TemporaryUploadedFile
from django.db.models import Count, Model, Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from unionhall.foundation.errors import Refused
from unionhall.foundation.views import Act, Create, Detail, List, download
from unionhall.foundation.views.reading import Scoped
from unionhall.kit.money import yuan
from unionhall.kit.text import number_of
from unionhall.ledger.models import Payment
from unionhall.records.actions import journal
from unionhall.rulebook.decisions import outcome_of

from ..actions.medical import receiving
from ..actions.medical.exceptions import ACCEPTABLE, MATCHABLE
from ..actions.medical.faults import faults_workbook
from ..actions.medical.paying import waiting_of
from ..forms.medical import FileForm
from ..models import MedicalCover, SettlementFile, SettlementLine

State = SettlementFile.State
TONES = {
    "uploaded": "info", "checking": "info", "checked": "warn", "adjudicating": "info", "adjudicated": "warn",
    "paid": "ok", "refused": "bad",
}  # fmt: skip
LINE_TONES = {
    "granted": "ok",
    "refused": "mute",
    "revoked": "mute",
    "exception": "warn",
    "dismissed": "mute",
    "seen": "mute",
    "": "info",
}
#: The tabs of a file: code, label, condition.
PARTS: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("granted", "已理赔", {"outcome": "granted"}),
    ("refused", "不予支付", {"outcome": "refused"}),
    ("revoked", "付款已撤销", {"outcome": "revoked"}),
    ("exception", "待人工处理", {"state": "exception"}),
    ("waiting", "待理算", {"state": "matched", "outcome": ""}),
    ("seen", "以前已处理", {"state": "seen"}),
    ("dismissed", "已剔除", {"state": "dismissed"}),
)


def tone_of(line: SettlementLine) -> str:
    return LINE_TONES[line.outcome if line.state == "matched" else line.state]


def tabs(current: str, access: Any) -> list[dict[str, Any]]:
    """The parts of the medical desk that the reader may open."""
    parts = (
        ("desk_medical", "结算文件", "benefits.medical"),
        ("desk_medical_exceptions", "例外", "benefits.medical"),
        ("desk_medical_claims", "手工申请", "benefits.medical_claims"),
        ("desk_medical_covers", "参加记录", "benefits.medical_enrol"),
    )
    return [
        {"label": label, "url": reverse(name), "current": name == current}
        for name, label, permission in parts
        if access.prefixes(permission)
    ]


class Files(List):
    """/desk/medical/: settlement files, latest first."""

    model: ClassVar[type[Model]] = SettlementFile
    permission = "benefits.medical"
    template_name = "benefits/medical/files.html"

    def filtered(self) -> Any:
        return self.get_queryset().select_related("organisation")

    def decorate(self, rows: list[Any]) -> list[Any]:
        for row in rows:
            row.tone = TONES[row.state]
        return rows

    def context(self) -> dict[str, Any]:
        return {
            "tabs": tabs("desk_medical", self.access),
            "may_upload": bool(self.access.prefixes("benefits.medical_files")),
        }


class Upload(Create):
    permission = "benefits.medical_files"
    template_name = "benefits/medical/upload.html"
    form_class = FileForm
    success_message = "已收到批次 {result.number}，正在核对。"

    def act(self, form: FileForm) -> SettlementFile:
        values = form.cleaned_data
        upload: TemporaryUploadedFile = values.pop("file")
        return receiving.receive(
            self.actor, path=Path(upload.temporary_file_path()), name=upload.name or "", **values
        )

    def get_success_url(self) -> str:
        return reverse("desk_medical_file", args=[self.result.pk])


class _File(Scoped):
    model: ClassVar[type[Model]] = SettlementFile
    permission = "benefits.medical"

    def get_queryset(self) -> Any:
        return super().get_queryset().select_related("organisation")


class FilePage(_File, Detail):
    """A file: totals against those announced, how far it is, its lines by what became of them."""

    template_name = "benefits/medical/file.html"
    page_size = 20

    @cached_property
    def lines(self) -> Any:
        return SettlementLine.objects.visible_to(self.access, to="benefits.medical").filter(file=self.object)

    def context(self) -> dict[str, Any]:
        file: SettlementFile = self.object
        counts = self._counts()
        shown = self.request.GET.get("show", "")
        if shown not in counts:
            shown = next((code for code, _, _ in PARTS if counts[code][0]), "granted")
        condition = next(where for code, _, where in PARTS if code == shown)
        after = number_of(self.request.GET.get("after", ""))
        rows = self.lines.filter(**condition).order_by("pk")
        if after is not None:
            rows = rows.filter(pk__gt=after)
        found = list(rows.select_related("person")[: self.page_size + 1])
        more, found = len(found) > self.page_size, found[: self.page_size]
        for line in found:
            line.tone = tone_of(line)
        waits, amount = waiting_of(file)
        return {
            "progress": progress_of(file), "tone": TONES[file.state], "moving": file.is_moving,
            "tabs": [
                {"label": label, "url": f"?show={code}", "count": counts[code][0], "current": code == shown}
                for code, label, _ in PARTS
            ],
            "shown": shown, "rows": found, "after": found[-1].pk if more else "", "first_page": not after,
            "total": counts[shown][0], "figures": self._figures(counts, waits, amount), "facts": facts_of(file),
            "faulty": bool(counts["exception"][0]) and self._may(),
            "may_start": file.state == State.CHECKED and self._may(),
            "may_restart": file.is_moving and self._may(),
        }  # fmt: skip

    def _may(self) -> bool:
        return self.actor.may("benefits.medical_files", *self.object.organisation.paths)

    def _counts(self) -> dict[str, tuple[int, Decimal]]:
        rows = (
            self.lines.values("state", "outcome").annotate(count=Count("pk"), total=Sum("amount")).order_by()
        )
        found = {code: (0, Decimal(0)) for code, _, _ in PARTS}
        for row in rows:
            code = (row["outcome"] or "waiting") if row["state"] == "matched" else row["state"]
            found[code] = row["count"], row["total"]
        return found

    def _figures(
        self, counts: dict[str, tuple[int, Decimal]], waits: int, amount: Decimal
    ) -> list[dict[str, Any]]:
        granted, paid = counts["granted"]
        found: list[dict[str, Any]] = [
            {"label": "已理赔", "value": granted, "unit": "笔", "url": "?show=granted"},
            {"label": "互助金", "value": yuan(paid), "unit": "元"},
            {"label": "待人工处理", "value": counts["exception"][0], "unit": "笔", "url": "?show=exception",
             "hot": counts["exception"][0] > 0},
        ]  # fmt: skip
        if waits:
            found.append({"label": "排队等预算", "value": waits, "unit": "笔", "hot": True})
            found.append({"label": "排队金额", "value": yuan(amount), "unit": "元"})
        return found


def facts_of(file: SettlementFile) -> list[tuple[str, Any]]:
    agree = "一致" if file.checked_at is not None else "未核对"
    return [
        ("经办工会", file.organisation.name),
        ("来源单位", file.insurer),
        ("批次号", file.number),
        ("结算年度", f"{file.year} 年"),
        ("应有笔数", f"{file.stated_rows:,} 笔"),
        ("应有自付合计", f"{yuan(file.stated_total)} 元"),
        ("控制总数", agree if file.state != State.REFUSED else "不符"),
        ("上传", f"{file.uploaded_by} {file.uploaded_at:%Y-%m-%d}"),
    ]


def progress_of(file: SettlementFile) -> dict[str, Any]:
    """The arguments of the progress component."""
    stopped = not file.is_moving or bool(file.message)
    rows = file.rows or file.stated_rows
    return {
        "url": reverse("desk_medical_progress", args=[file.pk]),
        "percent": 100 * file.done / rows if rows and file.is_moving else 0 if file.is_moving else 100,
        "title": f"{file.get_state_display()}：{file.stage}" if file.stage else file.get_state_display(),
        "finished": stopped,
        "note": "",
        "facts": [{"label": "已处理", "value": file.done}, {"label": "共", "value": rows}],
    }


class FileProgress(_File, Detail):
    """What the page asks for every second; when the work is done it tells the page to load anew."""

    template_name = "benefits/medical/progress.html"

    def render_to_response(self, context: dict[str, Any], **kwargs: Any) -> HttpResponse:
        progress = progress_of(self.object)
        response = super().render_to_response(context | {"progress": progress}, **kwargs)
        if progress["finished"]:
            response["HX-Refresh"] = "true"
        return response


class FaultList(_File, Detail):
    """错误文件: the rows that need a person, in the shape in which they were uploaded, with 错误说明 beside them."""

    permission = "benefits.medical_files"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        file: SettlementFile = self.object
        try:
            content = faults_workbook(self.actor, file=file)
        except Refused as refusal:
            messages.error(request, str(refusal))
            return redirect("desk_medical_file", file.pk)
        return download(content, f"{file.number}-错误说明.xlsx")


class _Verb(_File, Act):
    permission = "benefits.medical_files"
    template_name = "benefits/medical/act.html"
    title: ClassVar[str]
    words: ClassVar[str]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        shown = {"title": self.title, "words": self.words, "back_url": self.get_success_url()}
        return super().get_context_data(**shown, **kwargs)

    def get_success_url(self) -> str:
        return reverse("desk_medical_file", args=[self.object.pk])


class Start(_Verb):
    title, words = "开始理算", "按结算当日的方案逐人计算，算出的互助金列入付款；例外的留给人工处理。"
    success_message = "已开始理算。"

    def act(self, form: forms.Form) -> SettlementFile:
        return receiving.start(self.actor, file=self.object)


class Restart(_Verb):
    title, words = "继续处理", "从停下的地方接着处理；已经完成的部分不会重做，也不会重复支付。"
    success_message = "已重新排队。"

    def act(self, form: forms.Form) -> SettlementFile:
        return receiving.restart(self.actor, file=self.object)


class LinePage(Detail):
    """A settlement: what was paid oneself, the plan, the arithmetic, the payment. Each look is journalled."""

    model: ClassVar[type[Model]] = SettlementLine
    permission = "benefits.medical"
    template_name = "benefits/medical/line.html"

    def get_queryset(self) -> Any:
        rows = super().get_queryset()
        return rows.select_related("file", "person", "decision__version", "corrected_by", "replaces")

    def context(self) -> dict[str, Any]:
        line: SettlementLine = self.object
        journal(self.actor, "benefits.settlement_opened", subject=line, label=line.number, paths=(line.path,))
        return shown(line) | {
            "tone": tone_of(line), "may_resolve": may_resolve(self.actor, line), "payment": payment_of(line),
            "may_pay_page": bool(self.access.prefixes("ledger.payments")),
        }  # fmt: skip


def may_resolve(actor: Any, line: SettlementLine) -> dict[str, bool]:
    """Which verbs of an exception are open to the actor."""
    if line.state != "exception" or not actor.may("benefits.medical_resolve", line.path):
        return {}
    return {
        "match": line.reason in MATCHABLE,
        "accept": line.reason in ACCEPTABLE and line.person_id is not None,
        "dismiss": True,
        "take": True,
    }


def payment_of(line: SettlementLine) -> Payment | None:
    rows = Payment.objects.everywhere(reason="the payment of a settlement that the reader may open")
    return rows.filter(key=line.payment_key).first()


def shown(line: SettlementLine) -> dict[str, Any]:
    """A settlement as its page tells it: facts, reasons and arithmetic."""
    person = line.person
    facts: list[tuple[str, Any]] = [
        ("结算号", line.number),
        ("结算日期", f"{line.settled_on:%Y-%m-%d}" if line.settled_on else "—"),
        ("个人自付", f"{yuan(Decimal(line.selfpay.reveal()))} 元" if line.selfpay is not None else "—"),
        ("职工", person.masked_name if person is not None else "没有匹配到人"),
        ("来源", str(line.file) if line.file is not None else "手工申请"),
    ]
    if line.reason:
        facts.append(("问题" if line.state == "exception" else "原因", line.get_reason_display()))
    if line.resolution:
        facts.append(("说明", line.resolution))
    outcome = outcome_of(line.decision) if line.decision is not None else None
    worked = outcome.worked.lines if outcome is not None and outcome.worked is not None else ()
    return {
        "facts": facts, "reasons": outcome.reasons if outcome is not None else (), "worked": worked,
        "decision": line.decision,
    }  # fmt: skip


class Covers(List):
    """/desk/medical/covers/: units that members took out."""

    model: ClassVar[type[Model]] = MedicalCover
    permission = "benefits.medical_enrol"
    template_name = "benefits/medical/covers.html"

    def filtered(self) -> Any:
        return self.get_queryset().select_related("person", "organisation")

    def context(self) -> dict[str, Any]:
        return {"tabs": tabs("desk_medical_covers", self.access)}
