"""导出: ask with a purpose, watch it being written, download within seven days."""

from typing import Any, ClassVar

from django import forms
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponseNotAllowed,
    QueryDict,
)
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone

from unionhall.foundation.errors import Refused
from unionhall.foundation.views import Create, Detail, List, stream
from unionhall.foundation.views.reading import Scoped
from unionhall.records import attachments
from unionhall.records.actions import journal

from .. import exports, listings
from ..forms import MemberFilter
from ..listings import Listing
from ..models import Export


class ExportForm(forms.Form):
    """What it is for, and whether full numbers are needed."""

    wants_actor = True
    purpose = forms.CharField(label="用途", max_length=200, help_text="例如：报市总工会年度统计")
    full = forms.BooleanField(
        label="包含完整证件号和手机号", required=False, help_text="默认打码；包含完整号码的导出会单独记入日志"
    )

    def __init__(self, *args: Any, actor: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not actor.access.prefixes("members.reveal"):
            del self.fields["full"]


class OfListing(Scoped):
    """The pages of a list that is written to files; rooms above say which list by `listing` and `permission`."""

    model = Export
    permission = "members.export"
    mine = True
    listing: ClassVar[Listing] = exports.MEMBERS

    def get_queryset(self) -> Any:
        return super().get_queryset().filter(kind=self.listing.code)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        stem = self.listing.address
        return super().get_context_data(
            listing=self.listing, address=stem, new=f"{stem}_new", fetch=f"{stem}_download", every=f"{stem}s",
            **kwargs,
        )  # fmt: skip


class Exports(OfListing, List):
    """My exports: nobody else's."""

    template_name = "members/exports.html"

    def decorate(self, rows: list[Any]) -> list[Any]:
        now = timezone.now()
        for row in rows:
            row.available = row.file_id is not None and (
                row.file.expires_at is None or row.file.expires_at > now
            )
        return rows

    def filtered(self) -> Any:
        return self.get_queryset().select_related("file")


class AskExport(OfListing, Create):
    """The filters of the list come along in the address; how many rows is said before asking."""

    template_name = "members/export_new.html"
    form_class: Any = ExportForm
    filter_names: ClassVar[set[str]] = set(MemberFilter.base_fields)

    def _query(self) -> str:
        kept = QueryDict(mutable=True)
        for name in sorted(self.filter_names & set(self.request.GET)):
            kept[name] = self.request.GET[name]
        return kept.urlencode()

    def asked(self, form: Any) -> dict[str, Any]:
        """What is asked beside the filters."""
        return {"full": bool(form.cleaned_data.get("full"))}

    def act(self, form: Any) -> Export:
        query = {"query": self._query(), **self.asked(form)}
        return listings.ask(self.actor, self.listing, query=query, purpose=form.cleaned_data["purpose"])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        try:
            count: int | None = self.listing.count(self.actor, {"query": self._query()})
        except Refused:
            count = None
        back = f"{reverse(self.listing.back)}?{self._query()}"
        return super().get_context_data(count=count, back=back, **kwargs)

    def get_success_url(self) -> str:
        return reverse(self.listing.address, args=[self.result.pk])


class ExportProgress(OfListing, Detail):
    """One export on its way; the progress bar asks this page and survives a reload."""

    template_name = "members/export.html"
    partials = ("progress",)

    def context(self) -> dict[str, Any]:
        export: Export = self.object
        moving = export.state in {Export.State.WAITING, Export.State.RUNNING}
        return {
            "export": export,
            "finished": not moving,
            "percent": 100 if export.state == Export.State.DONE else 100 * export.done / max(1, export.rows),
            "done": export.state == Export.State.DONE,
            "url": self.request.path,
        }


class DownloadExport(OfListing):
    """The file itself, unsealed on the way out; every download is journalled."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return HttpResponseNotAllowed(["POST"])

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        export: Export = self.object
        file = export.file
        if file is None or (file.expires_at is not None and file.expires_at <= timezone.now()):
            return redirect(f"{self.listing.address}s")
        if not all(self.access.prefixes(code) for code in self.listing.needs(export.query)):
            raise Http404
        detail = listings.detail_of(export, export.rows)
        journal(self.actor, self.listing.verbs[2], subject=export, reason=export.purpose, detail=detail)
        return stream(attachments.chunks(file), self.listing.file_name(export), file.content_type)
