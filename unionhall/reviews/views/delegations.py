"""请假和代办: whom I lent my role, who lent me his, and what superiors see of it."""

from datetime import date, timedelta
from functools import cached_property
from typing import Any

from django.db.models import Q
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone

from unionhall.access.models import Grant
from unionhall.foundation.errors import Refused
from unionhall.foundation.permissions import Role, permission
from unionhall.foundation.scope import ScopedQuerySet
from unionhall.foundation.views import Act, Create, List

from .. import actions
from ..actions.delegating import candidates
from ..forms import DelegationForm
from ..models import Delegation


class Delegations(List):
    """/desk/reviews/delegations/: mine, to me, and those of the unions where I assign work."""

    model = Delegation
    permission = "reviews.decide"
    template_name = "reviews/delegations.html"
    partials = ()

    def get_queryset(self) -> ScopedQuerySet[Any]:
        me = self.access.account_id
        rows = Delegation.objects.everywhere(reason="one's own loans, and those one may assign")
        wanted = Q(grant__account=me) | Q(to=me)
        if prefixes := self.access.prefixes("reviews.assign"):
            wanted |= Delegation.scope_q(prefixes)
        return rows.filter(wanted)

    def take(self, rows: ScopedQuerySet[Any], count: int) -> list[Any]:
        return list(rows.select_related("grant__account", "grant__organisation", "to")[:count])

    def decorate(self, rows: list[Any]) -> list[Any]:
        today = timezone.localdate()
        return [_shown(one, today) for one in rows]


def _shown(loan: Delegation, today: date) -> dict[str, Any]:
    over = loan.revoked_at is not None or loan.period.upper <= today
    if loan.revoked_at is not None:
        words, tone = "已收回", "mute"
    elif over:
        words, tone = "已结束", "mute"
    else:
        words, tone = ("代办中", "ok") if loan.period.lower <= today else ("未开始", "info")
    return {
        "loan": loan,
        "role": Role(loan.grant.role).label,
        "last": loan.period.upper - timedelta(days=1),
        "words": words,
        "tone": tone,
        "over": over,
    }


class NewDelegation(Create):
    """/desk/reviews/delegations/new/?grant=…: without one, a choice of the grants that may be lent."""

    model = Delegation
    permission = "reviews.decide"
    template_name = "reviews/delegation_new.html"
    form_class = DelegationForm
    success_message = "已安排。代办人会收到消息，期满自动结束。"

    @cached_property
    def grants(self) -> list[Grant]:
        """One's own deciding grants; for who assigns work also those of colleagues exactly at his unions."""
        rows = Grant.objects.everywhere(reason="grants that the actor may lend").in_force(
            timezone.localdate()
        )
        own = Q(account=self.access.account_id)
        for grant in getattr(self.access, "grants", ()):
            if self.actor.may("reviews.assign", *grant.organisation.paths):
                own |= Q(organisation=grant.organisation_id)
        found = rows.filter(own, role__in=permission("reviews.decide").roles)
        me = self.access.account_id
        listed = list(
            found.select_related("account", "organisation").order_by("organisation__path", "pk")[:200]
        )
        return sorted(listed, key=lambda one: one.account_id != me)

    @cached_property
    def grant(self) -> Grant | None:
        if len(self.grants) == 1:
            return self.grants[0]
        return next((one for one in self.grants if str(one.pk) == self.request.GET.get("grant")), None)

    def get_form_kwargs(self) -> dict[str, Any]:
        people = candidates(self.grant) if self.grant is not None else []
        return super().get_form_kwargs() | {"people": people}

    def get_initial(self) -> dict[str, Any]:
        return {"starts": timezone.localdate()}

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if self.grant is None:
            return redirect("desk_delegation_new")
        return super().post(request, *args, **kwargs)

    def act(self, form: DelegationForm) -> Delegation:
        if self.grant is None:
            raise Refused("请先选择要委托的角色。")
        given = form.cleaned_data
        return actions.delegate(
            self.actor, grant=self.grant, to=form.people[given["to"]], starts=given["starts"],
            ends=given["ends"], cause=given["cause"], reason=given["reason"],
        )  # fmt: skip

    def get_success_url(self) -> str:
        return reverse("desk_delegations")

    def context(self) -> dict[str, Any]:
        me = self.access.account_id
        return {
            "grant": self.grant,
            "role": Role(self.grant.role).label if self.grant is not None else "",
            "nobody": self.grant is not None and not candidates(self.grant),
            "grants": [
                {"grant": one, "role": Role(one.role).label, "mine": one.account_id == me}
                for one in self.grants
            ],
        }


class EndDelegation(Act):
    """/desk/reviews/delegations/<pk>/end/."""

    model = Delegation
    permission = "reviews.decide"
    template_name = "reviews/delegation_end.html"
    success_message = "已收回。"

    def get_queryset(self) -> ScopedQuerySet[Any]:
        rows = Delegation.objects.all().visible_to(self.access, to=self.permission)
        return rows.select_related("grant__account", "grant__organisation", "to")

    def act(self, form: Any) -> Delegation:
        return actions.end_delegation(self.actor, delegation=self.object)

    def get_success_url(self) -> str:
        return reverse("desk_delegations")

    def context(self) -> dict[str, Any]:
        return _shown(self.object, timezone.localdate())
