"""Units' plans in the one to-do list: lists that were begun, cover that ends and has not been renewed."""

from collections.abc import Iterable

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from unionhall.foundation.todo import Todo, register

from ..actions.plans import RENEW_WITHIN
from ..models import PlanPurchase


def of_plans(request: HttpRequest) -> Iterable[Todo]:
    """Two statements, for those who take out plans."""
    access = request.access  # type: ignore[attr-defined]
    if not access.prefixes("benefits.plan_take"):
        return
    today, url = timezone.localdate(), reverse("desk_cover_plans")
    rows = PlanPurchase.objects.visible_to(access, to="benefits.plan_take")
    ending = rows.renewable().filter(period__endswith__range=(today, today + RENEW_WITHIN))
    yield Todo("单位投保即将到期待续保", ending.count(), url, unit="份", order=24)
    yield Todo(
        "投保名单没有提交", rows.filter(state=PlanPurchase.State.DRAFT).count(), url, unit="份", order=24
    )


register(of_plans)
