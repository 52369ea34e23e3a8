"""The mediator's side: his own cases while they are his; sittings, the agreement, his signature, no agreement."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db.models import Model
from django.http import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse

from unionhall.foundation.scope import ScopedQuerySet
from unionhall.foundation.views import Act, Detail, List
from unionhall.records.actions import journal

from .. import disputes_shown as shown
from .. import kinds, presenting
from ..actions import mediation, mediation_agreements
from ..forms.disputes import AgreementForm, PaperSignForm, ReasonForm, SessionForm
from ..models import CaseFile, CaseText, Mediation
from .papers import Paper

_WHY = "a case that is in the reader's hands"
#: Papers that a mediator sees: what the parties brought or see, and what he wrote himself; internal notes are not his.
_ROLES = ("statement", "answer", "record")


class OfMediator:
    """Only what is in the reader's hands, while it is."""

    model: ClassVar[type[Model]] = Mediation
    permission = "cases.mediate"
    object: Any
    access: Any
    actor: Any

    def get_queryset(self) -> ScopedQuerySet[Any]:
        rows = Mediation.objects.all().of_mediator(self.access)
        return rows.select_related(
            "case__organisation", "case__dispute", "case__employer", "body", "mediator"
        )


class Mine(OfMediator, List):
    """/partner/mediations/: the mediator's open cases."""

    template_name = "cases/disputes/mine.html"

    def decorate(self, rows: list[Any]) -> list[Any]:
        return [
            {
                "row": one,
                "state": shown.state_of(one.case),
                "limitation": shown.limitation(one.case, one.case.dispute),
                "due": one.case.due_at,
            }
            for one in rows
        ]


class Folder(OfMediator, Detail):
    """/partner/mediations/<pk>/: what the mediator needs, and his verbs."""

    template_name = "cases/disputes/mediator.html"

    def context(self) -> dict[str, Any]:
        one: Mediation = self.object
        case = one.case
        dispute = case.dispute
        texts = CaseText.objects.everywhere(reason=_WHY).filter(case=case, role__in=_ROLES).order_by("pk")
        open_now = case.state in {"mediating", "timeout"}
        agreed = shown.agreement(case)
        parties = list(case.parties.order_by("pk"))
        rows = [
            {"label": party.get_side_display(), "value": party.name + self.phone(party)} for party in parties
        ] + [
            {"label": "争议类型", "value": kinds.kind("dispute").causes.get(case.cause, "")},
            {"label": "涉及金额", "value": f"{case.amount:,.2f} 元" if case.amount is not None else ""},
            {"label": "涉及人数", "value": f"{case.headcount} 人"},
            {"label": "请求事项", "value": dispute.claim, "wide": True},
            {"label": "为什么是您", "value": one.because, "wide": True},
        ]
        return {
            "case": case, "state": shown.state_of(case), "facts": rows, "clocks": shown.clocks(case),
            "limitation": shown.limitation(case, dispute), "texts": list(texts), "sessions": shown.sessions(case),
            "files": self.files(), "agreement": agreed,
            "may": {
                "session": open_now, "agreement": open_now, "fail": open_now,
                "sign": open_now and agreed is not None,
                "own": open_now and agreed is not None
                and not any(side["side"] == "mediator" and side["signature"] for side in agreed["sides"]),
            },
        }  # fmt: skip

    def phone(self, party: Any) -> str:
        """The mediator rings both sides: the numbers that were given for this case."""
        return f"（{party.phone.reveal()}）" if party.phone else ""

    def files(self) -> list[dict[str, Any]]:
        one = self.object
        return presenting.files(
            _files(one).order_by("-pk"),
            lambda file: reverse("partner_mediation_file", args=[one.pk, file.pk]),
        )


def _files(one: Mediation) -> Any:
    rows = CaseFile.objects.everywhere(reason=_WHY).filter(case=one.case_id).select_related("attachment")
    own = rows.filter(actor_id=one.mediator.account_id)
    return own | rows.filter(shown=True) | rows.filter(actor_id=one.case.filed_by_id, template="")


class _Verb(OfMediator, Act):
    """A verb of the mediator, then back to the folder; gone when it is not in his hands any more."""

    template_name = "cases/disputes/mediator_act.html"
    heading, lead, submit = "", "", "保存"

    def get_success_url(self) -> str:
        if not self.get_queryset().filter(pk=self.object.pk).exists():  # scope: of_mediator
            return reverse("partner_mediations")
        return reverse("partner_mediation", args=[self.object.pk])

    def context(self) -> dict[str, Any]:
        back = reverse("partner_mediation", args=[self.object.pk])
        return {"heading": self.heading, "lead": self.lead, "submit": self.submit, "back": back}


class Session(_Verb):
    """/partner/mediations/<pk>/session/."""

    heading, form_class, success_message = "记录调解会", SessionForm, "已记录。"

    def act(self, form: SessionForm) -> Any:
        return mediation.hold_session(self.actor, case=self.object.case, **form.cleaned_data)


class Draft(_Verb):
    """/partner/mediations/<pk>/agreement/."""

    heading, form_class, success_message = (
        "拟定调解协议",
        AgreementForm,
        "已拟定，劳动者会在手机上看到并确认。",
    )
    lead = "已有的草稿会作废，签过字的要重新签。"

    def act(self, form: AgreementForm) -> Any:
        given = form.cleaned_data
        return mediation_agreements.draft(
            self.actor, case=self.object.case, terms=given["terms"], amount=given["amount"],
            promises=given["instalments"],
        )  # fmt: skip


class PaperSign(_Verb):
    """/partner/mediations/<pk>/sign/: what a side signed by hand before him."""

    heading, form_class, success_message = "登记纸质签字", PaperSignForm, "已登记。"
    lead = "三方都签了，协议生效，自动生成调解协议书。"

    def act(self, form: PaperSignForm) -> Any:
        given = form.cleaned_data
        return mediation_agreements.sign(
            self.actor, case=self.object.case, side=given["side"], name=given["name"], on_paper=True
        )


class OwnSign(_Verb):
    """POST /partner/mediations/<pk>/sign/own/: the mediator's own signature, signed in."""

    http_method_names = ("post",)
    success_message = "您已签字。"

    def act(self, form: Any) -> Any:
        return mediation_agreements.sign(self.actor, case=self.object.case, side="mediator")

    def refuse(self, form: Any) -> HttpResponseBase:  # type: ignore[override]
        from django.contrib import messages

        messages.error(self.request, " ".join(map(str, form.non_field_errors())))
        return redirect("partner_mediation", self.object.pk)


class Fail(_Verb):
    """/partner/mediations/<pk>/fail/."""

    heading, form_class, success_message = "调解不成", ReasonForm, "已记录，当事人会收到可以申请仲裁的告知。"
    submit = "调解不成"

    def act(self, form: ReasonForm) -> Any:
        return mediation.fail(self.actor, case=self.object.case, reason=form.cleaned_data["reason"])


class OpenFile(OfMediator, Paper):
    """/partner/mediations/<pk>/files/<file>/: a paper of the case, journalled."""

    def paper(self) -> CaseFile | None:
        found: CaseFile | None = _files(self.object).filter(pk=self.kwargs["file"]).first()
        return found

    def note(self, file: CaseFile) -> None:
        case = self.object.case
        journal(
            self.actor, "cases.file_opened", subject=case, label=case.number, paths=case.organisation.paths,
            detail={"file": file.pk, "mediation": self.object.pk},
        )  # fmt: skip

    def back_url(self) -> str:
        return reverse("partner_mediation", args=[self.object.pk])
