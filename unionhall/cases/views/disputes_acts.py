"""Verbs on a dispute at the desk; those on sittings and agreements serve the mediator's pages too."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponseBase
from django.urls import reverse

from unionhall.foundation.views import Act

from ..actions import disputes, mediation, mediation_agreements
from ..actions.desk import require_hand
from ..documents import lacking, make, templates_for
from ..documents.templates import Template
from ..forms.disputes import (
    LANGUAGE_CHOICES,
    AgreementForm,
    AsksForm,
    AssignForm,
    ConfirmForm,
    FactsForm,
    PaperSignForm,
    PayForm,
    SessionForm,
)
from ..models import Case, CaseFile, Dispute, Mediator
from ..versions import state_label
from .disputes_desk import HANDLE, OfDispute, tabs

_WHY = "parts of a case that the actor handles"


class DisputeAct(OfDispute, Act):
    """A form about a dispute, then back to its page."""

    permission = HANDLE
    template_name = "cases/disputes/desk_form.html"
    heading = ""
    lead = ""
    submit = "保存"

    def back(self) -> str:
        return reverse("desk_case", args=[self.object.number])

    def get_success_url(self) -> str:
        return self.back()

    def context(self) -> dict[str, Any]:
        return {
            "heading": self.heading, "lead": self.lead, "submit": self.submit, "back": self.back(),
            "tabs": tabs("desk_disputes", self.access), "case": self.object, "state": state_label(self.object),
        }  # fmt: skip


class Facts(DisputeAct):
    """/desk/disputes/<number>/facts/."""

    heading, form_class, success_message = "修改争议情况", FactsForm, "已修改，时效重新计算。"

    def get_initial(self) -> dict[str, Any]:
        case: Case = self.object
        found: Dispute = case.dispute
        return {
            "cause": case.cause, "claim": found.claim, "amount": case.amount, "knew_on": found.knew_on,
            "employment_ended_on": found.employment_ended_on, "headcount": case.headcount,
            "one_claim": found.one_claim,
        }  # fmt: skip

    def act(self, form: FactsForm) -> Case:
        because = form.cleaned_data["because"]
        return disputes.correct(self.actor, case=self.object, claim=form.claimed(), because=because)


class Assign(DisputeAct):
    """/desk/disputes/<number>/mediator/: who could take it and why; who cannot, and why not."""

    heading, submit = "指派调解员", "指派"
    form_class: Any = AssignForm
    template_name = "cases/disputes/assign.html"
    success_message = "已指派。"

    @property
    def language(self) -> str:
        wanted = self.request.GET.get("language", "")
        return wanted if wanted in dict(LANGUAGE_CHOICES) else ""

    def ranking(self) -> tuple[list[Any], list[dict[str, str]]]:
        choices, passed = mediation.ranked(self.object, language=self.language)
        ids = [one.candidate.id for one in choices[:20]] + [one.candidate.id for one in passed[:20]]
        rows = Mediator.objects.everywhere(reason=_WHY).filter(pk__in=ids).select_related("body")
        labels = {one.pk: f"{one.name}（{one.body.name}）" for one in rows}
        shown = [(one, labels[one.candidate.id]) for one in choices[:20]]
        return shown, [{"label": labels[one.candidate.id], "reason": one.reason} for one in passed[:20]]

    def get_form_kwargs(self) -> dict[str, Any]:
        self.choices, self.passed = self.ranking()
        return super().get_form_kwargs() | {"choices": self.choices}

    def act(self, form: AssignForm) -> Any:
        given = form.cleaned_data
        rows = Mediator.objects.everywhere(reason=_WHY)
        chosen = rows.get(pk=given["mediator"])
        return mediation.assign_mediator(
            self.actor, case=self.object, mediator=chosen, because=given["because"], language=self.language
        )

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        found = super().get_context_data(**kwargs)
        return found | {
            "passed": self.passed, "any": bool(self.choices), "languages": LANGUAGE_CHOICES, "language": self.language,
        }  # fmt: skip


class Session(DisputeAct):
    """/desk/disputes/<number>/session/."""

    heading, form_class, success_message = "记录调解会", SessionForm, "已记录。"

    def act(self, form: SessionForm) -> Any:
        return mediation.hold_session(self.actor, case=self.object, **form.cleaned_data)


class Draft(DisputeAct):
    """/desk/disputes/<number>/agreement/."""

    heading, form_class, success_message = "拟定调解协议", AgreementForm, "已拟定，请双方和调解员签字。"
    lead = "已有的草稿会作废，签过字的要重新签。"

    def act(self, form: AgreementForm) -> Any:
        given = form.cleaned_data
        return mediation_agreements.draft(
            self.actor,
            case=self.object,
            terms=given["terms"],
            amount=given["amount"],
            promises=given["instalments"],
        )


class PaperSign(DisputeAct):
    """/desk/disputes/<number>/sign/: what was signed by hand."""

    heading, form_class, success_message = "登记纸质签字", PaperSignForm, "已登记。"
    lead = "三方都签了，协议生效，自动生成调解协议书。"

    def act(self, form: PaperSignForm) -> Any:
        given = form.cleaned_data
        return mediation_agreements.sign(
            self.actor, case=self.object, side=given["side"], name=given["name"], on_paper=True
        )


class Confirm(DisputeAct):
    """/desk/disputes/<number>/confirm/: the court's ruling."""

    heading, form_class, success_message = "登记司法确认", ConfirmForm, "已登记，协议可以申请强制执行。"

    def act(self, form: ConfirmForm) -> Any:
        return mediation_agreements.confirm(self.actor, case=self.object, **form.cleaned_data)


class Pay(DisputeAct):
    """/desk/disputes/<number>/pay/<instalment>/."""

    heading, form_class, success_message = "登记付款", PayForm, "已登记。"

    def act(self, form: PayForm) -> Any:
        given = form.cleaned_data
        return mediation_agreements.pay(
            self.actor,
            case=self.object,
            instalment=self.kwargs["instalment"],
            on=given["on"],
            note_words=given["note"],
        )


class MakeDocument(Act):
    """/desk/cases/<number>/documents/<code>/: of any kind of case, by who handles that kind there."""

    model = Case
    permission = "cases.view"
    slug_field = "number"
    template_name = "cases/disputes/desk_form.html"
    form_class: Any = AsksForm
    success_message = "已生成，在案件材料里下载。"

    def get_queryset(self) -> Any:
        return (
            Case.objects.all()
            .visible_to(self.access)
            .select_related("organisation", "employer", "person", "owner")
        )

    @property
    def template(self) -> Template:
        code = self.kwargs["code"]
        found = next((one for one in templates_for(self.object) if one.code == code), None)
        if found is None:
            raise Http404
        return found

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"asks": self.template.asks}

    def act(self, form: AsksForm) -> CaseFile:
        require_hand(self.actor, self.object)
        return make(self.actor, self.object, self.template.code, context=form.cleaned_data)

    def done(self) -> HttpResponseBase:
        if said := lacking():
            messages.warning(self.request, said)
        return super().done()

    def get_success_url(self) -> str:
        return reverse("desk_case", args=[self.object.number])

    def context(self) -> dict[str, Any]:
        return {
            "heading": self.template.title, "submit": "生成", "back": self.get_success_url(), "case": self.object,
            "lead": lacking() or "生成 Word 和 PDF，保存在案件材料里。", "tabs": tabs("desk_disputes", self.access),
        }  # fmt: skip
