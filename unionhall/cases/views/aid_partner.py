"""The lawyer's side: his own assignments while they last, the firms he serves; nothing else exists for him."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django import forms
from django.http import Http404
from django.urls import reverse
from django.utils import timezone

from unionhall.foundation.models import working_calendar
from unionhall.foundation.scope import ScopedQuerySet
from unionhall.foundation.views import Act, Detail, List
from unionhall.records.actions import journal

from .. import kinds, presenting
from ..actions import lawyering, lawyers_counsel
from ..forms import aid as asks
from ..forms.lawyers import VisitForm
from ..models import AidAssignment, CaseFile, CaseText, CounselVisit, FirmCounsel
from .papers import Paper

WORK = "cases.aid_work"
_WHY = "a case that is in the reader's hands"
TONES = {"offered": "warn", "accepted": "info", "reported": "ok"}
_ROLES = ("statement", "answer")


def tabs(here: str) -> list[dict[str, Any]]:
    items = (("援助案件", "partner_aid"), ("服务企业", "partner_firms"))
    return [{"label": label, "url": reverse(name), "current": name == here} for label, name in items]


class OfLawyer:
    """Only what is in the reader's hands, while it is: else 404."""

    model: Any = AidAssignment
    permission = WORK
    object: Any
    access: Any
    actor: Any

    def get_queryset(self) -> ScopedQuerySet[Any]:
        rows = AidAssignment.objects.all().of_lawyer(self.access)
        return rows.select_related(
            "lawyer", "aid__case__organisation", "aid__case__employer", "aid__case__person", "aid__body"
        )


class Mine(OfLawyer, List):
    """/partner/aid/: what is in the lawyer's hands."""

    template_name = "cases/aid/partner_list.html"

    def decorate(self, rows: list[Any]) -> list[Any]:
        now, calendar = timezone.now(), working_calendar()
        return [
            {
                "one": one, "case": one.aid.case, "tone": TONES.get(one.state, "mute"),
                "cause": kinds.kind("legal_aid").causes.get(one.aid.case.cause, ""),
                "light": presenting.light(one.aid.case, now, calendar),
            }
            for one in rows
        ]  # fmt: skip

    def context(self) -> dict[str, Any]:
        return {"tabs": tabs("partner_aid")}


class Folder(OfLawyer, Detail):
    """/partner/aid/<pk>/: whom he acts for, against whom, by when, papers; his log; his verbs."""

    template_name = "cases/aid/partner_case.html"

    def context(self) -> dict[str, Any]:
        one: AidAssignment = self.object
        found, case = one.aid, one.aid.case
        now, calendar = timezone.now(), working_calendar()
        taken = one.state != "offered"
        person = case.person
        phone = person.phone.reveal() if taken and person is not None and person.phone else "接受后显示"
        rows = [
            ("受援人", (person.name if taken else person.masked_name) if person is not None else "—"), ("电话", phone),
            ("对方单位", case.employer.name if case.employer else "—"),
            ("事由", kinds.kind(case.kind).causes.get(case.cause, "")), ("援助方式", found.get_form_display()),
            ("涉及金额", f"{case.amount:,.2f} 元" if case.amount is not None else "—"),
            ("时效或期限届满", f"{found.expires_on}" if found.expires_on else "没有登记"),
            ("指派机构", found.body.name if found.body else case.organisation.name), ("为什么是您", one.because),
        ]  # fmt: skip
        texts = CaseText.objects.everywhere(reason=_WHY).filter(case=case, role__in=_ROLES).order_by("pk")
        return {
            "tabs": tabs("partner_aid"), "case": case, "aid": found, "facts": rows,
            "tone": TONES.get(one.state, "mute"),
            "clocks": presenting.clock_rows(case.clocks.filter(ended_at=None), now, calendar),
            "texts": list(texts) if taken else [],
            "files": presenting.files(_files(one), _address(one)) if taken else [],
            "works": list(one.works.select_related("file").order_by("-on", "-pk")[:100]), "offered": not taken,
            "working": one.state == "accepted",
        }  # fmt: skip


def _address(one: AidAssignment) -> Callable[[CaseFile], str]:
    return lambda file: reverse("partner_aid_file", args=[one.pk, file.pk])


def _files(one: AidAssignment) -> Any:
    """What the applicant brought or sees, and what the lawyer put there himself."""
    rows = CaseFile.objects.everywhere(reason=_WHY).filter(case=one.aid.case_id).select_related("attachment")
    return rows.filter(shown=True) | rows.filter(actor_id=one.lawyer.account_id)


class OpenFile(OfLawyer, Paper):
    """/partner/aid/<pk>/files/<file>/: a paper of the case, journalled; once the case was taken."""

    def paper(self) -> CaseFile | None:
        one: AidAssignment = self.object
        rows = _files(one).filter(pk=self.kwargs["file"])
        found: CaseFile | None = None if one.state == "offered" else rows.first()
        return found

    def note(self, file: CaseFile) -> None:
        case = self.object.aid.case
        journal(
            self.actor, "cases.file_opened", subject=case, label=case.number, paths=case.organisation.paths,
            detail={"file": file.pk, "assignment": self.object.pk},
        )  # fmt: skip

    def back_url(self) -> str:
        return reverse("partner_aid_case", args=[self.object.pk])


@dataclass(frozen=True)
class Verb:
    title: str
    run: Callable[[Any, AidAssignment, dict[str, Any]], Any]
    form: type[forms.Form] = forms.Form
    lead: str = ""
    done: str = "已提交。"


def _with_file(given: dict[str, Any]) -> dict[str, Any]:
    return {"upload" if name == "file" else name: value for name, value in given.items()}


VERBS: dict[str, Verb] = {
    "accept": Verb(
        "接受指派", lambda a, o, g: lawyering.answer(a, assignment=o, accept=True),
        lead="接受后显示受援人电话和材料，请尽快联系。不得向受援人收取任何财物。", done="已接受，请尽快联系受援人。",
    ),
    "decline": Verb(
        "谢绝指派", lambda a, o, g: lawyering.answer(a, assignment=o, accept=False, words=g["words"]), asks.AnswerForm,
        "谢绝后会指派其他律师。", "已谢绝。",
    ),
    "work": Verb(
        "登记办案记录", lambda a, o, g: lawyering.log(a, assignment=o, **_with_file(g)), asks.WorkForm,
        "受援人能看到日期、工作和内容。", "已登记。",
    ),
    "report": Verb(
        "报告办结", lambda a, o, g: lawyering.report(a, assignment=o, **_with_file(g)), asks.ReportForm,
        "工会审核后结案，按标准核定办案补贴。", "已报告，等待审核结案。",
    ),
}  # fmt: skip


class Handle(OfLawyer, Act):
    """/partner/aid/<pk>/<verb>/."""

    template_name = "cases/aid/partner_form.html"

    @cached_property
    def verb(self) -> Verb:
        try:
            return VERBS[self.kwargs["verb"]]
        except KeyError:
            raise Http404 from None

    def get_form_class(self) -> Any:
        return self.verb.form

    def act(self, form: Any) -> Any:
        return self.verb.run(self.actor, self.object, form.cleaned_data)

    @property
    def success_message(self) -> str:  # type: ignore[override]
        return self.verb.done

    def get_success_url(self) -> str:
        if not self.get_queryset().filter(pk=self.object.pk).exists():  # scope: of_lawyer
            return reverse("partner_aid")
        return reverse("partner_aid_case", args=[self.object.pk])

    def context(self) -> dict[str, Any]:
        back = reverse("partner_aid_case", args=[self.object.pk])
        return {
            "tabs": tabs("partner_aid"), "heading": self.verb.title, "lead": self.verb.lead, "back": back,
            "list_label": self.object.aid.case.number,
        }  # fmt: skip


class OfCounsel:
    """The firms that the reader serves, for as long as he does."""

    model: Any = FirmCounsel
    permission = WORK
    object: Any
    access: Any
    actor: Any

    def get_queryset(self) -> ScopedQuerySet[Any]:
        rows = FirmCounsel.objects.all().of_lawyer(self.access, timezone.localdate())
        return rows.select_related("employer", "lawyer", "organisation")


class Firms(OfCounsel, List):
    """/partner/aid/firms/: the firms, each with what was done there last."""

    template_name = "cases/aid/partner_firms.html"
    ordering = "pk"

    def decorate(self, rows: list[Any]) -> list[Any]:
        visits = CounselVisit.objects.everywhere(reason="visits of the reader's own firms")
        last: dict[int, CounselVisit] = {}
        for one in visits.filter(counsel__in=rows).order_by("on", "pk"):
            last[one.counsel_id] = one
        return [{"one": one, "last": last.get(one.pk)} for one in rows]

    def context(self) -> dict[str, Any]:
        return {"tabs": tabs("partner_firms")}


class Visit(OfCounsel, Act):
    """/partner/aid/firms/<pk>/visit/."""

    template_name = "cases/aid/partner_form.html"
    form_class = VisitForm
    success_message = "已登记。"

    def act(self, form: VisitForm) -> CounselVisit:
        return lawyers_counsel.log_visit(self.actor, counsel=self.object, **form.cleaned_data)

    def get_success_url(self) -> str:
        return reverse("partner_firms")

    def context(self) -> dict[str, Any]:
        return {
            "tabs": tabs("partner_firms"), "heading": "登记进企业服务", "lead": self.object.employer.name,
            "back": reverse("partner_firms"), "list_label": "服务企业",
        }  # fmt: skip
