"""审核队列 in the desk's navigation, with the steps that wait for the reader; 进度查询 on the public site."""

from functools import lru_cache

from django.db.models import Count
from django.http import HttpRequest

from unionhall.foundation.compiled import Compiled, Reader
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
    scope, own = access.prefixes("reviews.decide"), hands(access).kept_out
    return sum(_waiting(scope, tuple(sorted(set(held))), tuple(sorted(own)))())


@lru_cache(maxsize=500)
def _waiting(
    scope: tuple[str, ...], held: tuple[tuple[int, str], ...], own: tuple[int, ...]
) -> Compiled[int]:
    """The statement for who holds just this; a grant more or less is another statement."""
    rows = ReviewStep.objects.all().visible_to(Reader(*scope), to="reviews.decide")
    rows = rows.waiting().for_deciders(held, own).order_by()
    return Compiled(lambda: rows.values("is_current").values_list(Count("pk"), flat=True))


declare(
    Entry("desk", "办理", "审核队列", "desk_reviews", "clipboard-check", "reviews.view", 10, waiting_for_me),
    Entry("public", "", "进度查询", "public_progress", "progress-check", EVERYONE, 60),
)
