"""Units' plans in the one to-do list: lists that were begun, cover that ends and has not been renewed."""

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from unionhall.foundation.todo import Steps, Todo, ask, register

from ..actions.plans import RENEW_WITHIN
from ..models import PlanPurchase


def of_ending(request: HttpRequest) -> Steps:
    """Cover that ends soon and was not renewed, for those who take out plans."""
    access = request.access  # type: ignore[attr-defined]
    if access.prefixes("benefits.plan_take"):
        today = timezone.localdate()
        rows = PlanPurchase.objects.visible_to(access, to="benefits.plan_take").renewable()
        found = yield ask(rows.filter(period__endswith__range=(today, today + RENEW_WITHIN)))
        yield Todo("单位投保即将到期待续保", found["all"], reverse("desk_cover_plans"), unit="份", order=24)


def of_drafts(request: HttpRequest) -> Steps:
    """Lists that were begun and not handed in."""
    access = request.access  # type: ignore[attr-defined]
    if access.prefixes("benefits.plan_take"):
        rows = PlanPurchase.objects.visible_to(access, to="benefits.plan_take")
        found = yield ask(rows.filter(state=PlanPurchase.State.DRAFT))
        yield Todo("投保名单没有提交", found["all"], reverse("desk_cover_plans"), unit="份", order=24)


register(of_ending, of_drafts)
