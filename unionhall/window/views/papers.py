"""补录: a batch of papers typed in, the list with what speaks against each row, and settling them."""

from functools import cached_property
from typing import Any, ClassVar

from django.contrib import messages
from django.db import transaction
from django.db.models import Count, Model, Q
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode

from unionhall.access import lookups
from unionhall.foundation.errors import Refused
from unionhall.foundation.views import Act, Detail, List, Page

from ..actions import papers
from ..forms.papers import NoteForm, RowFormSet, SettleForm
from ..matters import matter
from ..models import PaperBatch, PaperRow
from .reception import SERVE

TONES = {"ready": "ok", "unknown": "warn", "name": "bad", "filed": "warn", "decided": "warn", "barred": "bad"}


class Batches(List):
    """/window/papers/: batches, with how much of each is still open."""

    model: ClassVar[type[Model]] = PaperBatch
    permission = SERVE
    template_name = "window/papers.html"

    def filtered(self) -> Any:
        return self.get_queryset().annotate(
            total=Count("rows"), left=Count("rows", filter=Q(rows__settled=""))
        )


class NewBatch(Page):
    """/window/papers/new/: rows as on the papers; what can be read is kept, whatever speaks against it."""

    permission = SERVE
    template_name = "window/papers_new.html"

    def forms(self, data: Any = None) -> tuple[Any, NoteForm]:
        return RowFormSet(data, prefix="rows"), NoteForm(data)

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        rows, note = self.forms()
        return self.render_to_response(self.get_context_data(rows=rows, note=note))

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        rows, note = self.forms(request.POST)
        if rows.is_valid() and note.is_valid():
            typed = [one for one in (form.typed() for form in rows) if one is not None]
            # Each row says who has its number and what he has under way.
            if typed and (said := lookups.refusal(self.actor, len(typed))):
                note.add_error(None, said)
                return self.render_to_response(self.get_context_data(rows=rows, note=note), status=429)
            try:
                with transaction.atomic():
                    batch = papers.enter(self.actor, rows=typed, note=note.cleaned_data["note"])
            except Refused as refusal:
                note.add_error(None, str(refusal))
            else:
                messages.success(request, f"已录入 {len(typed)} 份，请逐份处理。")
                return redirect("window_papers_batch", batch.pk)
        return self.render_to_response(self.get_context_data(rows=rows, note=note), status=422)


class BatchPage(Detail):
    """/window/papers/<pk>/: the conflict list."""

    model: ClassVar[type[Model]] = PaperBatch
    permission = SERVE
    template_name = "window/papers_batch.html"

    def context(self) -> dict[str, Any]:
        found = self.object.rows.select_related("intake", "person").order_by("number")
        return {
            "rows": [
                {"row": one, "title": matter(one.matter).title, "tone": TONES[one.standing]} for one in found
            ]
        }


class SettleRow(Act):
    """/window/papers/<pk>/<row>/: file it, register him first, merge it, or give it back."""

    model: ClassVar[type[Model]] = PaperBatch
    permission = SERVE
    template_name = "window/papers_row.html"
    form_class = SettleForm
    success_message = "已处理。"

    @cached_property
    def row(self) -> PaperRow:
        found: PaperRow | None = (
            self.object.rows.select_related("intake", "person").filter(number=self.kwargs["row"]).first()
        )
        if found is None:
            raise Http404
        return found

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.row  # noqa: B018
        return super().get(request, *args, **kwargs)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        row = self.row
        try:
            if "recheck" in request.POST:
                papers.recheck(self.actor, row=row)
                return redirect(request.get_full_path())
            if "register" in request.POST:
                papers.register(self.actor, row=row, agreed=bool(request.POST.get("agreed")))
                return redirect(request.get_full_path())
            if "begin" in request.POST:
                there = papers.begin(self.actor, row=row)
                query = urlencode({"row": row.pk})
                return redirect(f"{reverse('window_take', args=[there.pk, row.matter])}?{query}")
        except Refused as refusal:
            messages.error(request, str(refusal))
            return redirect(request.get_full_path())
        return super().post(request, *args, **kwargs)

    def act(self, form: Any) -> PaperRow:
        return papers.settle(self.actor, row=self.row, **form.cleaned_data)

    def get_success_url(self) -> str:
        return reverse("window_papers_batch", args=[self.object.pk])

    def context(self) -> dict[str, Any]:
        row = self.row
        return {
            "row": row,
            "title": matter(row.matter).title,
            "tone": TONES[row.standing],
            "ready": row.standing == PaperRow.Standing.READY,
            "unknown": row.standing == PaperRow.Standing.UNKNOWN,
        }
