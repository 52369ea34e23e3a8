"""劳动争议 on the phone after it was filed (`disputes_filing`): tracked; the agreement read and confirmed; rated."""

from __future__ import annotations

from functools import cached_property
from typing import Any, ClassVar

from django.db.models import Model
from django.http import Http404
from django.urls import reverse
from django.utils import timezone

from unionhall.foundation.permissions import SIGNED_IN
from unionhall.foundation.scope import ScopedQuerySet
from unionhall.foundation.views import Act, Detail

from .. import disputes_shown as shown
from .. import presenting
from ..actions import disputes as acts
from ..actions import mediation_agreements
from ..forms.disputes import AgreeForm, MoreForm, RateForm, ReasonForm
from ..models import Case


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


class Done(OfMine, Detail):
    """/m/help/disputes/<number>/done/: the number, who takes it, by when, what comes next."""

    template_name = "cases/disputes/done.html"

    def context(self) -> dict[str, Any]:
        case: Case = self.object
        running = shown.clocks(case)
        links = [{"label": "查看进度", "url": reverse("m_dispute", args=[case.number])}]
        return {"due": running[0]["due"] if running else None, "links": links}


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
