"""困难帮扶 at the desk: the list with its lights, a file's page, and every verb on it."""

from typing import Any

from django.db.models import Q
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from unionhall.foundation.views import Act, Detail, List
from unionhall.members.hands import hands
from unionhall.reviews.models import ReviewStep

from .. import hardship as shown
from ..actions import relief
from ..actions.relief.working import steps_passed
from ..forms.relief import (
    FileFilter,
    RevealForm,
)
from ..indicators.relief import unhelped
from ..models import HardshipFile, HelperAssignment

VIEW, HANDLE, CHECK = "benefits.relief", "benefits.relief_handle", "benefits.relief_check"
AID, HEALTH = "benefits.relief_aid", "benefits.relief_health"
Stage = HardshipFile.Stage
_RELATED = ("person", "organisation", "household", "review")


def tabs(name: str, access: Any) -> list[dict[str, Any]]:
    pages = [("困难档案", "desk_relief")]
    if access.prefixes(HANDLE):
        pages.append(("建档公示", "desk_relief_publicise"))
    if access.prefixes(CHECK):
        pages.append(("民政核对", "desk_relief_checks"))
    return [{"label": label, "url": reverse(url), "current": url == name} for label, url in pages]


class Files(List):
    """/desk/relief/: files with their lights; what is late comes with the filters."""

    model = HardshipFile
    permission = VIEW
    template_name = "benefits/relief/files.html"
    filter_form = FileFilter

    def get_queryset(self) -> Any:
        return super().get_queryset().select_related(*_RELATED)

    def filtered(self) -> Any:
        rows, chosen, today = self.get_queryset(), self.chosen, timezone.localdate()
        if "q" in chosen:
            rows = rows.filter(Q(person__name__contains=chosen["q"]) | Q(review__number=chosen["q"].upper()))
        if "stage" in chosen:
            stages = {"in_force": HardshipFile.IN_FORCE, "under_way": HardshipFile.UNDER_WAY}
            rows = rows.filter(stage__in=stages.get(chosen["stage"], (chosen["stage"],)))
        if "category" in chosen:
            rows = rows.filter(category=chosen["category"])
        wanted = {
            "visit": Q(visit_due__lt=today),
            "visit_week": shown.near("visit_due", shown.WEEK),
            "visit_soon": shown.near("visit_due", shown.MONTH),
            "verify": Q(verify_due__lt=today),
            "verify_soon": shown.near("verify_due", shown.MONTH),
        }
        due = chosen.get("due", "")
        if due in wanted:
            rows = rows.in_force().filter(wanted[due])
        elif due == "helper":
            rows = rows.in_force().filter(unhelped())
        elif due == "mine":
            mine = HelperAssignment.objects.everywhere(reason="files for which the reader answers")
            rows = rows.filter(
                pk__in=mine.filter(during__upper_inf=True, account__in=hands(self.access).accounts).values(
                    "file"
                )
            )
        return rows

    def decorate(self, rows: list[Any]) -> list[Any]:
        held = HelperAssignment.objects.everywhere(reason="who answers for files that the reader may see")
        held = held.filter(file__in=rows, during__upper_inf=True).select_related("account")
        helpers = {one.file_id: one.account.display_name for one in held}
        return [
            {
                "file": one,
                "tone": shown.TONES[one.stage],
                "helper": helpers.get(one.pk, ""),
                "visit_left": shown.left(one.visit_due),
                "verify_left": shown.left(one.verify_due),
            }
            for one in rows
        ]

    def context(self) -> dict[str, Any]:
        rows, today = self.get_queryset(), timezone.localdate()
        here = reverse("desk_relief")

        def tile(label: str, count: int, query: str, hot: bool = False) -> dict[str, Any]:
            return {
                "label": label,
                "value": count,
                "unit": "户",
                "url": f"{here}?{query}",
                "hot": hot and bool(count),
            }

        return {
            "tabs": tabs("desk_relief", self.access),
            "tiles": [
                tile("在册", rows.in_force().count(), "stage=in_force"),
                tile("办理中", rows.under_way().count(), "stage=under_way"),
                tile("走访超期", rows.in_force().filter(visit_due__lt=today).count(), "due=visit", True),
                tile("复核超期", rows.in_force().filter(verify_due__lt=today).count(), "due=verify", True),
                tile("没有帮扶责任人", rows.in_force().filter(unhelped()).count(), "due=helper", True),
            ],
        }


class OfFile:
    """Pages of one file."""

    object: Any
    access: Any

    def get_queryset(self) -> Any:
        return super().get_queryset().select_related(*_RELATED)  # type: ignore[misc]


class FilePage(OfFile, Detail):
    """/desk/relief/<pk>/: where it stands, the household, the sums, visits, aids, the trail; and what may be done."""

    model = HardshipFile
    permission = VIEW
    template_name = "benefits/relief/file.html"

    def context(self) -> dict[str, Any]:
        file: HardshipFile = self.object
        steps = ReviewStep.objects.everywhere(reason="the current step of a file that the reader may open")
        step = steps.filter(review=file.review_id, is_current=True).select_related("organisation").first()
        may = self.may(file)
        return {
            "tone": shown.TONES[file.stage],
            "steps": shown.steps(file),
            "facts": shown.desk_facts(file),
            "reckoning": shown.reckoning(file),
            "visits": shown.visits(file, may_open=may["papers"]),
            "papers": shown.papers(file),
            "aids": shown.aids(file),
            "trail": shown.trail(file),
            "step": step,
            "visit_left": shown.left(file.visit_due),
            "verify_left": shown.left(file.verify_due),
            "may": may,
        }

    def may(self, file: HardshipFile) -> dict[str, bool]:
        """Which verbs the page offers; the actions ask again."""
        paths = file.organisation.paths
        handle = self.actor.may(HANDLE, *paths)
        reviewed = file.is_in_force or file.stage == Stage.WATCH or steps_passed(file) > 0
        return {
            "visit": handle
            and reviewed
            and (file.is_under_way or file.is_in_force or file.stage == Stage.WATCH),
            "figures": handle and (file.is_under_way or file.is_in_force),
            "explain": handle and file.check_result == HardshipFile.CheckResult.MISMATCH,
            "helper": handle and (file.is_in_force or file.stage == Stage.WATCH),
            "verify": handle and file.is_in_force,
            "exit": handle and file.stage in {Stage.APPROVED, Stage.AIDED},
            "exit_publicise": handle and file.stage == Stage.EXIT_PROPOSED,
            "exit_drop": handle and file.stage in {Stage.EXIT_PROPOSED, Stage.EXIT_PUBLICISED},
            "reopen": handle and file.stage == Stage.WATCH,
            "aid": self.actor.may(AID, *paths) and file.is_in_force,
            "health": self.actor.may(HEALTH, *paths),
            "papers": self.actor.may("benefits.relief_papers", *paths),
        }


class RevealHealth(OfFile, Act):
    """Health in words, for a reason: shown for thirty seconds, journalled and noted in the file."""

    model = HardshipFile
    permission = HEALTH
    template_name = "members/reveal.html"
    form_class = RevealForm
    SECONDS = 30

    def act(self, form: RevealForm) -> str:
        return relief.reveal_health(self.actor, file=self.object, reason=form.cleaned_data["text"])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        file: HardshipFile = self.object
        return super().get_context_data(
            url=self.request.path,
            label="健康情况",
            masked="＊＊＊",
            element_id="reveal-health",
            back=reverse("desk_relief_file", args=[file.pk]),
            **kwargs | {"object": file.person},
        )

    def refuse(self, form: RevealForm) -> HttpResponse:
        response = super().refuse(form)
        response["HX-Retarget"], response["HX-Reselect"] = "#dialog-body", "#dialog-content"
        response["HX-Reswap"] = "innerHTML"
        return response

    def done(self) -> HttpResponseBase:
        context = self.get_context_data(value=self.result, seconds=self.SECONDS)
        request: HttpRequest = self.request
        if request.headers.get("HX-Request"):
            response = render(request, "members/revealed.html", context)
            response["HX-Trigger"] = "close-dialog"
            return response
        return render(request, "members/revealed_page.html", context)
