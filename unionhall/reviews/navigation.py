"""审核队列 in the desk's navigation, with the steps that wait for the reader; 进度查询 on the public site."""

from functools import lru_cache
from typing import Any

from django.db.models import Count
from django.http import HttpRequest

from unionhall.foundation.compiled import Ask, Compiled, Reader
from unionhall.foundation.navigation import Entry, ask_ahead, declare
from unionhall.foundation.permissions import EVERYONE
from unionhall.members.hands import hands, question

from .models import ReviewStep
from .presenting import holdings, loans_asked


def waiting_for_me(request: HttpRequest) -> int | None:
    """Steps that wait for this account's decision; one query, none for those who decide nothing."""
    access = request.access  # type: ignore[attr-defined]
    held = holdings(access)
    if not held:
        return None
    scope, own = access.prefixes("reviews.decide"), hands(access).kept_out
    return sum(_waiting(scope, tuple(sorted(set(held))), tuple(sorted(own)))())


def ahead(request: HttpRequest) -> list[Ask[Any]]:
    """For those who decide: what is lent to them, and who they are."""
    access = request.access  # type: ignore[attr-defined]
    if access.account_id is None or not access.prefixes("reviews.decide"):
        return []
    return [loans_asked(access), question(access)]


@lru_cache(maxsize=500)
def _waiting(
    scope: tuple[str, ...], held: tuple[tuple[int, str], ...], own: tuple[int, ...]
) -> Compiled[int]:
    """The statement for who holds just this; a grant more or less is another statement."""
    rows = ReviewStep.objects.all().visible_to(Reader(*scope), to="reviews.decide")
    rows = rows.waiting().for_deciders(held, own).order_by()
    return Compiled(lambda: rows.values("is_current").values_list(Count("pk"), flat=True))


ask_ahead(ahead)
declare(
    Entry("desk", "办理", "审核队列", "desk_reviews", "clipboard-check", "reviews.view", 10, waiting_for_me),
    Entry("public", "", "进度查询", "public_progress", "progress-check", EVERYONE, 60),
)
