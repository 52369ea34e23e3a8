"""建档公示 and 民政核对 at the desk: many files at once, ticked from those that are ready."""

from typing import Any

from django.contrib import messages
from django.db.models import Exists, OuterRef
from django.http import Http404, HttpRequest, HttpResponseBase
from django.urls import reverse
from django.utils import timezone

from unionhall.foundation.views import Act, Create, List, stream
from unionhall.organisations.models import Organisation
from unionhall.records import attachments
from unionhall.records.actions import journal

from ..actions import relief
from ..actions.relief.working import county_of
from ..forms.relief import AnswerForm, FilesForm, PublicForm
from ..models import CivilCheck, CivilCheckRow, HardshipFile, HardshipVisit
from .relief_desk import CHECK, HANDLE, tabs

Stage = HardshipFile.Stage
_RELATED = ("person", "organisation", "household", "review")


def place_of(files: list[HardshipFile], access: Any, permission: str) -> Organisation:
    """The union that acts for these files: their county's, or the actor's own where that reaches less far."""
    county = county_of(files[0])
    rows = Organisation.objects.all().visible_to(access, to=permission)
    if rows.filter(pk=county.pk).exists():
        return county
    own = rows.filter(path__in=[*files[0].organisation.ancestor_paths(), files[0].organisation.path])
    return own.order_by("path")[0]


class Publicise(Create):
    """/desk/relief/publicise/: checked files in one public list."""

    model = HardshipFile
    permission = HANDLE
    template_name = "benefits/relief/choose.html"
    form_class = PublicForm

    def ready(self) -> Any:
        rows = self.get_queryset().filter(stage=Stage.CHECKED).exclude(category="")
        return rows.exclude(check_result="mismatch").select_related(*_RELATED).order_by("pk")

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"ready": self.ready()}

    def get_initial(self) -> dict[str, Any]:
        return {"title": f"{timezone.localdate():%Y年%-m月}困难职工建档公示"}

    def act(self, form: PublicForm) -> Any:
        files = list(form.cleaned_data["chosen"])
        notice = relief.publicise(
            self.actor,
            files=files,
            organisation=place_of(files, self.access, HANDLE),
            title=form.cleaned_data["title"],
        )
        messages.success(
            self.request, f"已公示 {len(files)} 户（{notice.number}），到 {notice.ends:%Y-%m-%d} 止。"
        )
        return notice

    def get_success_url(self) -> str:
        return reverse("desk_relief")

    def context(self) -> dict[str, Any]:
        return {
            "tabs": tabs("desk_relief_publicise", self.access),
            "any": self.ready().exists(),
            "heading": "建档公示",
            "submit": "发布公示",
            "lead": "核对无误、核查环节已通过的档案可以公示。名单只写遮掩后的姓名、单位和困难类别。",
            "nothing": "现在没有可以公示的档案。完成入户和民政核对后会出现在这里。",
        }


class Checks(List):
    """/desk/relief/checks/: what went to civil affairs, latest first."""

    model = CivilCheck
    permission = CHECK
    template_name = "benefits/relief/checks.html"

    def get_queryset(self) -> Any:
        return super().get_queryset().select_related("organisation")

    def decorate(self, rows: list[Any]) -> list[Any]:
        lines = CivilCheckRow.objects.everywhere(reason="counts of batches that the reader may open")
        found: dict[int, list[int]] = {one.pk: [0, 0] for one in rows}
        for check, answered in lines.filter(check_of__in=rows).values_list("check_of", "answered_at"):
            found[check][0] += 1
            found[check][1] += answered is not None
        return [{"check": one, "people": found[one.pk][0], "answered": found[one.pk][1]} for one in rows]

    def context(self) -> dict[str, Any]:
        return {"tabs": tabs("desk_relief_checks", self.access)}


class NewCheck(Create):
    """/desk/relief/checks/new/: choose files, write the list."""

    model = HardshipFile
    permission = CHECK
    template_name = "benefits/relief/choose.html"
    form_class = FilesForm

    def ready(self) -> Any:
        signed = HardshipVisit.objects.everywhere(reason="which files have a signed authorisation")
        signed = signed.filter(file=OuterRef("pk"), authorisation__isnull=False)
        rows = self.get_queryset().filter(Exists(signed))
        return rows.filter(stage=Stage.VISITED).select_related(*_RELATED).order_by("pk")

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"ready": self.ready()}

    def act(self, form: FilesForm) -> CivilCheck:
        files = list(form.cleaned_data["chosen"])
        return relief.make_check(self.actor, organisation=place_of(files, self.access, CHECK), files=files)

    def get_success_url(self) -> str:
        return reverse("desk_relief_check", args=[self.result.number])

    def context(self) -> dict[str, Any]:
        return {
            "tabs": tabs("desk_relief_checks", self.access),
            "any": self.ready().exists(),
            "heading": "送民政核对",
            "submit": "生成核对名单",
            "lead": "有签字授权书的档案可以送核。名单含姓名和证件号码，只能按约定方式交民政部门。",
            "nothing": "现在没有可以送核的档案。入户并上传签字的授权书后会出现在这里。",
        }


class CheckPage(Act):
    """/desk/relief/checks/<number>/: download the list, take the answers, see what was not taken."""

    model = CivilCheck
    permission = CHECK
    slug_field = "number"
    template_name = "benefits/relief/check_batch.html"
    form_class = AnswerForm

    def get_queryset(self) -> Any:
        return super().get_queryset().select_related("organisation", "file")

    def act(self, form: AnswerForm) -> Any:
        done = relief.take_check(self.actor, check=self.object, source=form.cleaned_data["file"].file)
        words = f"导入 {done.taken} 行，早已导入 {done.known} 行，未导入 {len(done.faults)} 行。"
        (messages.warning if done.faults else messages.success)(self.request, words)
        return done

    def get_success_url(self) -> str:
        return reverse("desk_relief_check", args=[self.object.number])

    def context(self) -> dict[str, Any]:
        rows = CivilCheckRow.objects.everywhere(reason="rows of a batch that the reader may open")
        rows = rows.filter(check_of=self.object).select_related("member", "file__person", "file__review")
        return {
            "answered": rows.exclude(answered_at=None).count(),
            "rows": list(rows.order_by("pk")[:500]),
            "headings": "、".join(relief.CHECK_HEADINGS),
            "faults": [{"label": f"第 {line} 行", "reason": why} for line, why in self.object.faults],
        }


class DownloadCheck(Act):
    """POST: whole ID numbers, so every opening is journalled."""

    model = CivilCheck
    permission = CHECK
    slug_field = "number"
    http_method_names = ("post",)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        check: CivilCheck = self.object
        if check.file is None:
            raise Http404
        journal(
            self.actor, "benefits.relief_check_opened", subject=check, label=check.number,
            paths=check.organisation.paths,
        )  # fmt: skip
        return stream(attachments.chunks(check.file), check.file.name, check.file.content_type)
