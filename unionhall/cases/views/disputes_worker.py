"""劳动争议 on the phone: filed with what the register knows, checked, tracked; the agreement read and confirmed."""

from __future__ import annotations

from functools import cached_property
from typing import Any, ClassVar

from django.db.models import Model
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone

from unionhall.foundation.errors import Refused
from unionhall.foundation.permissions import SIGNED_IN
from unionhall.foundation.scope import ScopedQuerySet
from unionhall.foundation.views import Act, Detail, Page
from unionhall.members.models import Employment
from unionhall.members.views.own import Own

from .. import disputes_shown as shown
from .. import presenting
from ..actions import disputes as acts
from ..actions import mediation_agreements
from ..forms.disputes import AgreeForm, MoreForm, OwnFiling, RateForm, ReasonForm
from ..models import Case
from ..schemes.disputes import CAUSES

_WHY = "the reader's own employment"


class File(Own, Page):
    """/m/help/disputes/new/: asked once, with employer filled in; then 核对; then the number and what comes next."""

    template_name = "cases/disputes/file.html"

    @cached_property
    def employment(self) -> Employment | None:
        rows = Employment.objects.everywhere(reason=_WHY).filter(person=self.person, period__upper_inf=True)
        return rows.select_related("employer").first()

    def initial(self) -> dict[str, Any]:
        job = self.employment
        return {"employer_name": (job.employer.name if job.employer else job.work_unit) if job else ""}

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return self.render_to_response(self.get_context_data(form=OwnFiling(initial=self.initial())))

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        form = OwnFiling(request.POST)
        if not form.is_valid():
            return self.render_to_response(self.get_context_data(form=form), status=422)
        if "change" in request.POST:
            return self.render_to_response(self.get_context_data(form=OwnFiling(initial=request.POST.dict())))
        if "sure" not in request.POST:
            given = self.get_context_data(form=form, answers=self.answers(form), kept=self.kept(form))
            return self.render_to_response(given)
        try:
            case = self.filed(form)
        except Refused as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
            return self.render_to_response(self.get_context_data(form=form), status=422)
        return self.render_to_response(self.get_context_data(case=case, clocks=shown.clocks(case)))

    def filed(self, form: OwnFiling) -> Case:
        given = form.cleaned_data
        employer = given["employer"]
        union = acts.union_for(self.person, employer)
        if union is None:
            raise Refused("没有找到单位所在地的工会，请到职工服务站办理，或者拨打 12351。")
        more = given.get("colleagues") or 0
        claim = form.claimed()
        return acts.file_dispute(
            self.actor, claim=acts.Claim(**{**claim.__dict__, "headcount": 1 + more, "one_claim": more > 0}),
            organisation=union, channel="0", statement=given["statement"], person=self.person, employer=employer,
            employer_name=given["employer_name"], phone=self.person.phone.reveal() if self.person.phone else "",
        )  # fmt: skip

    def answers(self, form: OwnFiling) -> list[dict[str, Any]]:
        given = form.cleaned_data
        rows: list[dict[str, Any]] = []
        for name in (
            "employer_name",
            "cause",
            "claim",
            "amount",
            "knew_on",
            "employment_ended_on",
            "statement",
        ):
            value = given.get(name)
            if name == "employer_name" and given["employer"] is not None:
                value = given["employer"].name
            if name == "cause":
                value = CAUSES[str(value)]
            rows.append({"label": form.fields[name].label, "value": "" if value is None else f"{value}"})
        rows.append({"label": "一共几个人", "value": f"{1 + (given.get('colleagues') or 0)} 人"})
        return rows

    def kept(self, form: OwnFiling) -> list[tuple[str, str]]:
        """What was answered, carried to the last press."""
        found = []
        for name in form.fields:
            value = form.data.get(name, "")
            found.append((name, str(value)))
        return found


class OfMine:
    """One's own dispute, by its number: what the account filed, or what was filed for its person."""

    permission = SIGNED_IN
    model: ClassVar[type[Model]] = Case
    slug_field = "number"
    object: Any
    access: Any
    actor: Any

    def get_queryset(self) -> ScopedQuerySet[Any]:
        rows = Case.objects.all().owned_by(self.access).filter(kind="dispute")
        return rows.select_related("organisation", "person", "employer", "dispute")


class Mine(OfMine, Detail):
    """/m/help/disputes/<number>/: where it stands, until when arbitration is open, who mediates, the agreement."""

    template_name = "cases/disputes/my_dispute.html"

    def context(self) -> dict[str, Any]:
        case: Case = self.object
        agreed = shown.agreement(case)
        return {
            "state": shown.state_of(case),
            "steps": presenting.stepper(case, list(case.events.order_by("id"))),
            "clocks": shown.clocks(case),
            "limitation": shown.limitation(case, case.dispute),
            "mediation": shown.mediation(case),
            "agreement": agreed,
            "may_rate": case.closed_at is not None and case.dispute.rating is None,
            "may_more": case.is_open,
            "may_withdraw": case.state in {"intake", "supplement", "accepted", "mediating"},
            "to_sign": agreed is not None
            and agreed["row"].state == "draft"
            and not agreed["sides"][0]["signature"],
        }


class Sign(OfMine, Act):
    """/m/help/disputes/<number>/agreement/: read whole, confirmed by the signed-in worker."""

    template_name = "cases/disputes/sign.html"
    form_class: Any = AgreeForm
    success_message = "已确认。用人单位和调解员也签字后，协议生效。"

    @cached_property
    def agreement(self) -> dict[str, Any]:
        found = shown.agreement(self.object)
        if found is None:
            raise Http404
        return found

    def get_initial(self) -> dict[str, Any]:
        return {"digest": self.agreement["row"].digest}

    def act(self, form: AgreeForm) -> Any:
        digest = form.cleaned_data["digest"]
        return mediation_agreements.sign(self.actor, case=self.object, side="worker", digest=digest)

    def get_success_url(self) -> str:
        return reverse("m_dispute", args=[self.object.number])

    def context(self) -> dict[str, Any]:
        return {"agreement": self.agreement, "today": timezone.localdate()}


class _Own(OfMine, Act):
    """What the worker may do with his own dispute."""

    template_name = "cases/disputes/my_act.html"
    heading, submit = "", "提交"

    def get_success_url(self) -> str:
        return reverse("m_dispute", args=[self.object.number])

    def context(self) -> dict[str, Any]:
        return {"heading": self.heading, "submit": self.submit}


class More(_Own):
    """/m/help/disputes/<number>/more/."""

    heading, form_class, success_message = "补充材料", MoreForm, "已补充，承办人会看到。"

    def act(self, form: MoreForm) -> Case:
        return acts.supply(self.actor, case=self.object, **form.cleaned_data)


class Withdraw(_Own):
    """/m/help/disputes/<number>/withdraw/."""

    heading, form_class, success_message = "撤回申请", ReasonForm, "已撤回。"

    def act(self, form: ReasonForm) -> Case:
        return acts.withdraw(self.actor, case=self.object, reason=form.cleaned_data["reason"])


class Rate(_Own):
    """/m/help/disputes/<number>/rate/."""

    heading, form_class, success_message = "评价办理", RateForm, "谢谢您的评价。"

    def act(self, form: RateForm) -> Any:
        return acts.rate(self.actor, case=self.object, **form.cleaned_data)
