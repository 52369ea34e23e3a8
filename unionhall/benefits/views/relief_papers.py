"""Papers of a hardship file: added by the worker while it is being completed, opened by him and by who decides.

So is the authorisation that the household signed at a visit.
"""

from typing import Any, cast

from django.http import HttpRequest, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone

from unionhall import rulebook
from unionhall.foundation.errors import Refused
from unionhall.foundation.scope import ScopedQuerySet
from unionhall.foundation.views import Create
from unionhall.foundation.views.reading import Scoped
from unionhall.kit.text import number_of
from unionhall.members.views.own import Own
from unionhall.records import drafts
from unionhall.records.actions import journal
from unionhall.records.models import Attachment
from unionhall.records.views.files import sandboxed

from ..actions import relief
from ..actions.relief.papers import OTHER
from ..forms.relief import PaperForm
from ..models import HardshipFile, HardshipPaper, HardshipVisit
from ..schemes.relief import HardshipScheme
from .relief_worker import DRAFT, Question


def opened(actor: Any, file: HardshipFile, kept: Attachment, detail: dict[str, Any]) -> StreamingHttpResponse:
    """The paper as a download; each opening is journalled, because it tells of income and illness."""
    journal(
        actor, "benefits.relief_paper_opened", subject=file, label=file.review.number,
        paths=file.organisation.paths, detail=detail,
    )  # fmt: skip
    return sandboxed(kept)


class _Paper(Scoped):
    model = HardshipPaper

    def get_queryset(self) -> ScopedQuerySet[Any]:
        return super().get_queryset().select_related("file__organisation", "file__review", "attachment")

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        paper: HardshipPaper = self.object
        return opened(self.actor, paper.file, paper.attachment, {"paper": paper.pk, "code": paper.code})


class DeskPaper(_Paper):
    """/desk/relief/papers/<pk>/."""

    permission = "benefits.relief_papers"


class DeskAuthorisation(Scoped):
    """/desk/relief/visits/<pk>/authorisation/: what the household signed, under the permission of its papers."""

    model = HardshipVisit
    permission = "benefits.relief_papers"

    def get_queryset(self) -> ScopedQuerySet[Any]:
        rows = super().get_queryset().filter(authorisation__isnull=False)
        return rows.select_related("file__organisation", "file__review", "authorisation")

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        visit: HardshipVisit = self.object
        detail = {"visit": visit.pk, "code": "authorisation"}
        return opened(self.actor, visit.file, cast(Attachment, visit.authorisation), detail)


class OwnPaper(Own, _Paper):
    """/m/benefits/relief/papers/<pk>/: one's own."""

    needs_person = False

    def get_queryset(self) -> ScopedQuerySet[Any]:
        rows = HardshipPaper.objects.owned_by(self.access)
        return rows.select_related("file__organisation", "file__review", "attachment")


class AddPaper(Own, Create):
    """/m/benefits/relief/papers/: one more, while the application is under way."""

    template_name = "benefits/relief/add_paper.html"
    form_class = PaperForm
    success_message = "已上传，办理的人看得到。"

    @property
    def file(self) -> HardshipFile | None:
        rows = HardshipFile.objects.owned_by(self.access).under_way()
        return rows.select_related("review", "organisation").order_by("-pk").first()

    def get_form_kwargs(self) -> dict[str, Any]:
        file = self.file
        division = file.organisation.division if file is not None else ""
        scheme = rulebook.scheme(HardshipScheme, on=timezone.localdate(), division=division).parameters
        return super().get_form_kwargs() | {"kinds": relief.kinds_of(scheme)}

    def act(self, form: PaperForm) -> HardshipPaper:
        if (file := self.file) is None:
            raise Refused("没有正在办理的申请，不能补材料。")
        given = form.cleaned_data
        return relief.add_paper(self.actor, file=file, code=given["code"], upload=given["file"])

    def get_success_url(self) -> str:
        return reverse("m_relief_file")


class Papers(Question):
    """Pictures or PDF of the papers, one by one; what is kept stays, whatever goes wrong with the next."""

    step = "papers"
    template_name = "benefits/relief/papers.html"
    form_class = PaperForm

    def get_form_kwargs(self) -> dict[str, Any]:
        notes = "；".join(f"{one.label}：{one.note}" for one in self.scheme.papers if one.note)
        return super().get_form_kwargs() | {"kinds": relief.kinds_of(self.scheme), "notes": notes}

    def context(self) -> dict[str, Any]:
        labels = dict(relief.kinds_of(self.scheme))
        rows = [{"file": one, "label": labels.get(code, OTHER[1])} for one, code in self.kept()]
        return {"rows": rows, "full": len(rows) >= drafts.MOST_PAPERS}

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if "onward" in request.POST:
            self.keep(papers_done=True)
            return redirect("m_relief_check")
        if (pk := number_of(request.POST.get("remove", ""))) is not None:
            drafts.drop_paper(self.access.account_id or 0, DRAFT, pk)
            return redirect("m_relief_papers")
        return super().post(request, *args, **kwargs)

    def act(self, form: PaperForm) -> None:
        kept = drafts.keep_paper(self.actor, DRAFT, form.cleaned_data["file"])
        self.keep(papers=self.draft.get("papers", {}) | {str(kept.pk): form.cleaned_data["code"]})

    def get_success_url(self) -> str:
        return reverse("m_relief_papers")
