"""审核队列 in the desk's navigation, with the steps that wait for the reader; 进度查询 on the public site."""

from django.http import HttpRequest

from unionhall.foundation.navigation import Entry, declare
from unionhall.foundation.permissions import EVERYONE
from unionhall.members.hands import hands

from .models import ReviewStep
from .presenting import holdings


def waiting_for_me(request: HttpRequest) -> int | None:
    """Steps that wait for this account's decision; one query, none for those who decide nothing."""
    access = request.access  # type: ignore[attr-defined]
    held = holdings(access)
    if not held:
        return None
    rows = ReviewStep.objects.all().visible_to(access, to="reviews.decide")
    return rows.waiting().for_deciders(held, hands(access).accounts).count()


declare(
    Entry("desk", "办理", "审核队列", "desk_reviews", "clipboard-check", "reviews.view", 10, waiting_for_me),
    Entry("public", "", "进度查询", "public_progress", "progress-check", EVERYONE, 60),
)
