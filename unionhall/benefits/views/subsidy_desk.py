"""助推补贴 at the desk: applications by stage, the year's money, and putting the verified in public."""

from typing import Any

from django.urls import reverse
from django.utils import timezone

from unionhall.bulletins.models import PublicNotice
from unionhall.foundation.errors import Refused
from unionhall.foundation.scope import ScopedQuerySet
from unionhall.foundation.views import Create, Detail, List
from unionhall.ledger import reading
from unionhall.ledger.models import Budget
from unionhall.organisations.models import Organisation

from .. import entitlements
from ..actions import matching, subsidy
from ..forms.subsidy import PublishForm, StageFilter
from ..models import CareerApplication
from .subsidy_worker import standing

VIEW, PUBLISH = "benefits.subsidy", "benefits.subsidy_publish"
#: As many rows as a public list still can be read with.
AT_ONCE = 500


def verified(access: Any) -> ScopedQuerySet[Any]:
    """What the actor may put in public, in the order of application."""
    rows = CareerApplication.objects.visible_to(access, to=PUBLISH)
    rows = rows.filter(stage=CareerApplication.Stage.VERIFIED)
    return rows.select_related("person", "organisation", "review").order_by("applied_at", "pk")


class Applications(List):
    """/desk/subsidy/: all applications in the reader's area, and how far the money reaches."""

    model = CareerApplication
    permission = VIEW
    template_name = "benefits/subsidy/applications.html"
    filter_form = StageFilter

    def filtered(self) -> ScopedQuerySet[Any]:
        rows = self.get_queryset().select_related("person", "organisation", "review", "payment", "commitment")
        return rows.filter(stage=self.chosen["stage"]) if self.chosen.get("stage") else rows

    def decorate(self, rows: list[Any]) -> list[Any]:
        return [standing(one) for one in rows]

    def context(self) -> dict[str, Any]:
        waiting = verified(self.access).count() if self.access.prefixes(PUBLISH) else 0
        may_import = self.actor.may("benefits.certificates", entitlements.top())
        return {"tiles": self._tiles(waiting), "to_publish": waiting, "may_import": may_import}

    def _tiles(self, waiting: int) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = [{"label": "待公示", "value": waiting, "unit": "件"}]
        budgets = Budget.objects.visible_to(self.access).filter(
            programme=subsidy.PURPOSE, year=timezone.localdate().year
        )
        states = reading.budget_states(budgets[:20]).values()
        if states:
            found += [
                {"label": "本年度预算", "value": sum(one.amount for one in states), "unit": "元"},
                {"label": "尚可使用", "value": sum(one.available for one in states), "unit": "元"},
                {"label": "排队等待", "value": sum(one.waiting for one in states), "unit": "件"},
            ]
        return found


class Application(Detail):
    """/desk/subsidy/<pk>/: the certificate, the decision's arithmetic, the money."""

    model = CareerApplication
    permission = VIEW
    template_name = "benefits/subsidy/application.html"

    def get_queryset(self) -> ScopedQuerySet[Any]:
        rows = super().get_queryset()
        return rows.select_related(
            "person", "organisation", "review", "certificate", "decision", "commitment", "payment"
        )

    def context(self) -> dict[str, Any]:
        one: CareerApplication = self.object
        certificate = one.certificate
        return {
            **standing(one),
            "facts": [
                ("办件编号", one.review.number),
                ("申请人", one.person.masked_name),
                ("所在工会", one.organisation.name),
                ("职业（工种）", one.occupation),
                ("等级", one.get_level_display()),
                ("证书编号", certificate.masked_number),
                ("发证机构", certificate.issuer),
                ("发证日期", f"{certificate.issued_on:%Y-%m-%d}"),
                ("申请时间", f"{timezone.localtime(one.applied_at):%Y-%m-%d %H:%M}"),
            ],
            "matched": matching.payments_of([one]).get(one.key),
            "lines": (one.decision.worked or {}).get("lines", []) if one.decision is not None else [],
        }


class Publish(Create):
    """/desk/subsidy/publish/: one notice for the verified ones; the list goes public today."""

    permission = PUBLISH
    template_name = "benefits/subsidy/publish.html"
    form_class = PublishForm
    success_message = "已公示，公示编号 {result.number}。"

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"rows": list(verified(self.access)[:AT_ONCE])}

    def act(self, form: PublishForm) -> PublicNotice:
        return subsidy.put_in_public(self.actor, applications=form.chosen(), organisation=self._publisher())

    def _publisher(self) -> Organisation:
        """The highest union in whose name the actor publishes."""
        rows = Organisation.objects.visible_to(self.access, to=PUBLISH).order_by("path")
        found = rows.first()
        if found is None:
            raise Refused("您没有可以发布公示的工会。")
        return found

    def get_success_url(self) -> str:
        return reverse("desk_subsidy")
