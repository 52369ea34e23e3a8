"""名册导入: upload, progress, preview, commit, undo. The work itself is in `members.intake`."""

from __future__ import annotations

import tempfile
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar

from django import forms
from django.core.files.uploadedfile import TemporaryUploadedFile
from django.db.models import Model, Q
from django.http import (
    FileResponse,
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
)
from django.urls import reverse
from django.utils import timezone

from unionhall.foundation.actors import Actor
from unionhall.foundation.views import Act, Create, Detail, List, Requires, stream
from unionhall.foundation.views.reading import Scoped
from unionhall.foundation.widgets import FileDrop
from unionhall.organisations.models import Organisation
from unionhall.records import attachments
from unionhall.records.actions import journal

from ..intake import actions
from ..intake.limits import limits, undo_until
from ..intake.mappings import DEFAULT, mappings
from ..intake.preview import show
from ..intake.workbook import write_template
from ..models import RosterBatch, RosterRow

State, Outcome = RosterBatch.State, RosterRow.Outcome
LISTED = 200


class UploadForm(forms.Form):
    """A roster and the union it is for. With few unions they are listed; with many, the name or code is typed."""

    wants_actor = True
    file = forms.FileField(
        label="名册文件",
        widget=FileDrop("选择或拖入名册文件", "Excel（xlsx、xls）或 CSV；表头在前 30 行内即可，列的次序不限",
                        attrs={"accept": ".xlsx,.xls,.csv,.txt"}),
    )  # fmt: skip
    organisation = forms.CharField(label="工会", help_text="没有写“所在工会”的行，登记到这个工会")
    mapping = forms.ChoiceField(
        label="来源系统", required=False, help_text="一般不用选；从别的系统导出的名册，数字代码的含义可能不同"
    )

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.unions = Organisation.objects.visible_to(actor.access, to="members.intake").active()
        found = list(self.unions.in_tree_order()[: LISTED + 1])
        if len(found) <= LISTED:
            choices = [(one.code, one.name) for one in found]
            self.fields["organisation"] = forms.ChoiceField(
                label="工会", choices=choices, help_text=self.fields["organisation"].help_text
            )
        else:
            self.fields["organisation"].help_text = "填工会全称或组织代码；" + str(
                self.fields["organisation"].help_text
            )
        if found:
            self.fields["organisation"].initial = found[0].code
        field = self.fields["mapping"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", "自动判断")] + [
            (name, one.title) for name, one in mappings().items() if name != DEFAULT
        ]

    def clean_organisation(self) -> Organisation:
        text = self.cleaned_data["organisation"].strip()
        found = list(self.unions.filter(Q(code=text) | Q(name=text))[:2])
        if len(found) != 1:
            raise forms.ValidationError(
                "没有找到这个工会。请填工会全称或组织代码。" if not found else "有同名工会，请填组织代码。"
            )
        return found[0]


class Imports(List):
    """最近的批次."""

    model: ClassVar[type[Model]] = RosterBatch
    permission = "members.intake"
    template_name = "members/imports.html"

    def filtered(self) -> Any:
        return self.get_queryset().select_related("organisation", "file")


class Upload(Create):
    permission = "members.intake"
    template_name = "members/imports_upload.html"
    form_class = UploadForm

    def act(self, form: UploadForm) -> RosterBatch:
        upload: TemporaryUploadedFile = form.cleaned_data["file"]
        return actions.receive(
            self.actor, organisation=form.cleaned_data["organisation"], path=Path(upload.temporary_file_path()),
            name=upload.name or "", mapping=form.cleaned_data["mapping"],
        )  # fmt: skip

    def get_success_url(self) -> str:
        return reverse("desk_import", args=[self.result.pk])


class _Batch(Scoped):
    model: ClassVar[type[Model]] = RosterBatch
    permission = "members.intake"


class Import(_Batch, Detail):
    """A batch: its progress, its preview by outcome, its result. The address says which outcome is looked at."""

    template_name = "members/imports_detail.html"
    offer_place = "roster.batch"
    page_size = 20

    def context(self) -> dict[str, Any]:
        batch: RosterBatch = self.object
        shown = self._shown()
        rows, before, after = self._rows(shown)
        return {
            "progress": progress_of(batch), "tabs": self._tabs(shown), "shown": shown,
            "shown_label": Outcome(shown).label if shown else "", "rows": show(rows), "before": before, "after": after,
            "total": batch.counts.get(shown, 0), "counts": {name: batch.counts.get(name, 0) for name in Outcome.values},
            "figures": _figures(batch), "will_write": _will_write(batch),
            "stuck": batch.is_moving, "can_undo": _can_undo(batch), "undo_until": undo_until(batch),
            "undo_days": _undo_days(batch),
            "kept": self._kept(), "kept_total": batch.counts.get("undo_kept", 0), "facts": _facts(batch),
        }  # fmt: skip

    @cached_property
    def staged(self) -> Any:
        rows = RosterRow.objects.visible_to(self.access, to="members.intake")
        return rows.filter(batch=self.object).select_related("organisation")

    def _shown(self) -> str:
        asked = self.request.GET.get("show", "")
        if asked in Outcome.values:
            return asked
        found = self.object.counts
        return next((name for name in Outcome.values if found.get(name)), Outcome.NEW.value)

    def _rows(self, shown: str) -> tuple[list[RosterRow], int | str, int | str]:
        """The page's rows and the keys of the page before and after."""
        rows = self.staged.filter(outcome=shown)
        after, before = _number(self.request.GET.get("after")), _number(self.request.GET.get("before"))
        if before and not after:
            found = list(rows.filter(number__lt=before).order_by("-number")[: self.page_size + 1])
            more = len(found) > self.page_size
            found = found[: self.page_size][::-1]
            return found, found[0].number if more else "", found[-1].number if found else ""
        found = list(rows.filter(number__gt=after).order_by("number")[: self.page_size + 1])
        more = len(found) > self.page_size
        found = found[: self.page_size]
        return found, found[0].number if after and found else "", found[-1].number if more else ""

    def _tabs(self, shown: str) -> list[dict[str, Any]]:
        return [
            {
                "label": outcome.label,
                "url": f"?show={outcome.value}",
                "count": self.object.counts.get(outcome.value, 0),
                "current": outcome.value == shown,
            }
            for outcome in Outcome
        ]

    def _kept(self) -> list[dict[str, str]]:
        if self.object.state != State.UNDONE or not self.object.counts.get("undo_kept"):
            return []
        rows = self.staged.filter(warnings__contains=[{"column": "撤销"}]).order_by("number")[:200]
        return [
            {"label": f"第 {row.number} 行", "reason": warning["message"]}
            for row in rows
            for warning in row.warnings
            if warning["column"] == "撤销"
        ]


class ImportProgress(_Batch, Detail):
    """What the page asks for every second; when the work is done it tells the page to load anew."""

    template_name = "members/imports_progress.html"

    def render_to_response(self, context: dict[str, Any], **kwargs: Any) -> HttpResponse:
        batch: RosterBatch = self.object
        response = super().render_to_response(context | {"progress": progress_of(batch)}, **kwargs)
        if not _working(batch):
            response["HX-Refresh"] = "true"
        return response


class ImportErrors(_Batch, Detail):
    """The annotated workbook of refused rows. It holds full numbers, so its download is journalled."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:  # type: ignore[override]
        batch: RosterBatch = self.object
        if batch.error_file is None:
            raise Http404
        journal(self.actor, "members.intake_errors", subject=batch, paths=batch.paths)
        return stream(attachments.chunks(batch.error_file), batch.error_file.name)


class ImportTemplate(Requires):
    """导入模板: made afresh, so that its lists are the code sets in force."""

    permission = "members.intake"

    def get(self, request: HttpRequest) -> HttpResponseBase:
        with tempfile.NamedTemporaryFile(suffix=".xlsx") as made:
            write_template(Path(made.name))
            return FileResponse(
                Path(made.name).open("rb"), as_attachment=True, filename="会员名册导入模板.xlsx"
            )


class _Verb(_Batch, Act):
    template_name = "members/imports_act.html"
    title: ClassVar[str]
    button: ClassVar[str]
    warning: ClassVar[str] = ""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        shown = {"title": self.title, "button": self.button, "warning": self.warning}
        return super().get_context_data(back_url=self.get_success_url(), **shown, **kwargs)

    def get_success_url(self) -> str:
        return reverse("desk_import", args=[self.object.pk])


class ImportCommit(_Verb):
    title, button = "确认入库", "确认入库"

    def act(self, form: forms.Form) -> RosterBatch:
        return actions.ask_commit(self.actor, batch=self.object)


class ImportDiscard(_Verb):
    title, button, warning = "放弃这批名册", "放弃", "核对结果和上传的文件都会删除，会员名册不受影响。"
    success_message = "已放弃这批名册。"

    def act(self, form: forms.Form) -> RosterBatch:
        return actions.discard(self.actor, batch=self.object)

    def get_success_url(self) -> str:
        return reverse("desk_imports")


class ReasonForm(forms.Form):
    reason = forms.CharField(label="撤销原因", max_length=200, widget=forms.Textarea(attrs={"rows": 3}))


class ImportUndo(_Verb):
    title, button = "撤销整批", "撤销整批"
    warning = "本批新增的会籍和会员卡会收回，更新过的资料恢复原值。入库后又办过业务的人予以保留，并逐行说明。"
    form_class = ReasonForm

    def act(self, form: ReasonForm) -> RosterBatch:
        return actions.ask_undo(self.actor, batch=self.object, reason=form.cleaned_data["reason"])


class ImportResume(_Verb):
    title, button, warning = "继续处理", "继续", "从保存的原文件接着处理；已经完成的部分不会重做。"
    success_message = "已重新排队。"

    def act(self, form: forms.Form) -> RosterBatch:
        return actions.resume(self.actor, batch=self.object)


def progress_of(batch: RosterBatch) -> dict[str, Any]:
    """The arguments of the progress component."""
    percent = 100 * batch.done / batch.rows if batch.rows else 0
    return {
        "url": reverse("desk_import_progress", args=[batch.pk]),
        "percent": percent if batch.is_moving else 100,
        "title": f"{batch.get_state_display()}：{batch.stage}" if batch.stage else batch.get_state_display(),
        "finished": not _working(batch),
        "note": batch.file.name if batch.file else "",
        "facts": [{"label": "已处理", "value": batch.done}, {"label": "约共", "value": batch.rows}]
        if batch.rows
        else [],
    }


def _working(batch: RosterBatch) -> bool:
    """A job is at work or queued. An uploaded batch with a message has stopped and waits to be continued."""
    return batch.is_moving and not (batch.state == State.UPLOADED and batch.message)


def _will_write(batch: RosterBatch) -> bool:
    return batch.state == State.READY and bool(batch.counts.get("new") or batch.counts.get("changed"))


def _can_undo(batch: RosterBatch) -> bool:
    return (
        batch.state == State.COMMITTED
        and batch.cleared_at is None
        and (until := undo_until(batch)) is not None
        and timezone.now() <= until
    )


def _undo_days(batch: RosterBatch) -> int:
    """For how long a commit of today could be taken back."""
    return limits(timezone.localdate(), batch.organisation.division).undo_days


def _figures(batch: RosterBatch) -> list[dict[str, Any]]:
    """Rows of each outcome that occurs, and once committed the cards that were issued."""
    found = [
        {
            "label": outcome.label,
            "value": batch.counts.get(outcome.value, 0),
            "unit": "行",
            "url": f"?show={outcome.value}",
            "hot": outcome is Outcome.ERROR and batch.counts.get(outcome.value, 0) > 0,
        }
        for outcome in Outcome
        if batch.counts.get(outcome.value) or outcome is Outcome.NEW
    ]
    if batch.state == State.COMMITTED:
        found.append({"label": "发卡", "value": batch.counts.get("cards", 0), "unit": "张"})
    return found


def _facts(batch: RosterBatch) -> list[tuple[str, Any]]:
    columns = batch.columns
    recognised = "、".join(item["heading"] for item in columns.get("recognised", []))
    return [
        ("工会", batch.organisation.name),
        ("文件", batch.file.name if batch.file else "已清除"),
        ("上传", f"{batch.uploaded_by} {timezone.localtime(batch.created_at):%Y-%m-%d %H:%M}"),
        ("代码对照", columns.get("mapping", "自动判断")),
        ("工作表", columns.get("sheet", "") or "—"),
        ("表头", f"第 {columns['heading_row']} 行" if "heading_row" in columns else "—"),
        ("识别的列", recognised or "—"),
        ("另存不用的列", "、".join(columns.get("unknown", [])) or "无"),
    ]


def _number(text: str | None) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 10 else 0
