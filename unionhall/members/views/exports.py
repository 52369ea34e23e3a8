"""导出: ask with a purpose, watch it being written, download within seven days."""

from typing import Any

from django import forms
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponseNotAllowed,
    QueryDict,
    StreamingHttpResponse,
)
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.http import content_disposition_header

from unionhall.foundation.errors import Refused
from unionhall.foundation.views import Create, Detail, List
from unionhall.foundation.views.reading import Scoped
from unionhall.records import attachments
from unionhall.records.actions import journal

from .. import exports
from ..finding import find
from ..forms import MemberFilter
from ..models import Export
from ..selection import criteria

FILTER_NAMES = set(MemberFilter.base_fields)


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


class Exports(List):
    """My exports: nobody else's."""

    model = Export
    permission = "members.export"
    mine = True
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


class AskExport(Create):
    """The filters of the list come along in the address; how many rows is said before asking."""

    permission = "members.export"
    template_name = "members/export_new.html"
    form_class = ExportForm

    def _query(self) -> str:
        kept = QueryDict(mutable=True)
        for name in FILTER_NAMES & set(self.request.GET):
            kept[name] = self.request.GET[name]
        return kept.urlencode()

    def act(self, form: ExportForm) -> Export:
        return exports.ask(
            self.actor, query=self._query(), purpose=form.cleaned_data["purpose"],
            full=bool(form.cleaned_data.get("full")),
        )  # fmt: skip

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        try:
            count: int | None = find(
                self.access, criteria(self.actor, self._query()), to="members.export"
            ).count()
        except Refused:
            count = None
        back = f"{reverse('desk_members')}?{self._query()}"
        return super().get_context_data(count=count, back=back, **kwargs)

    def get_success_url(self) -> str:
        return reverse("desk_export", args=[self.result.pk])


class ExportProgress(Detail):
    """One export on its way; the progress bar asks this page and survives a reload."""

    model = Export
    permission = "members.export"
    mine = True
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


class DownloadExport(Scoped):
    """The file itself, unsealed on the way out; every download is journalled."""

    model = Export
    permission = "members.export"
    mine = True

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return HttpResponseNotAllowed(["POST"])

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        export: Export = self.object
        file = export.file
        if file is None or (file.expires_at is not None and file.expires_at <= timezone.now()):
            return redirect("desk_exports")
        full = bool(export.query.get("full"))
        if full and not self.access.prefixes("members.reveal"):
            raise Http404
        detail = {"export": export.pk, "rows": export.rows, "full": full}
        journal(self.actor, "members.download_export", subject=export, reason=export.purpose, detail=detail)
        response = StreamingHttpResponse(attachments.chunks(file), content_type=file.content_type)
        name = f"会员名册-{timezone.localtime(export.created_at):%Y%m%d}-{export.pk}.xlsx"
        response["Content-Disposition"] = str(content_disposition_header(True, name))
        return response
