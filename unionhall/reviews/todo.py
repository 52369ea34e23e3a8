"""Reviews in the one to-do list. Other rooms put theirs beside it: `register(source)`, from their own `todo` module.

The registry itself stands in the foundation, because the rooms beside this one may not see it.
"""

from django.db.models import Count, Q
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from unionhall.foundation.todo import Steps, Todo, ask, register
from unionhall.members.hands import hands

from .models import Review, ReviewStep
from .presenting import acting_for, holdings, own_holdings

__all__ = ["Todo", "register"]


def to_decide(request: HttpRequest) -> Steps:
    """Steps that wait for the reader, his own and those of whom he acts for, with the overdue ones apart."""
    access = request.access  # type: ignore[attr-defined]
    if not holdings(access):
        return
    rows = ReviewStep.objects.all().visible_to(access, to="reviews.decide").waiting()
    late = Q(due_on__lt=timezone.localdate())
    url = f"{reverse('desk_reviews')}?whose=mine"
    parts = (("等我审核", own_holdings(access)), ("代别人审核", list(acting_for(access))))
    for order, (label, held) in enumerate(parts):
        if not held:
            continue
        mine = rows.for_deciders(held, hands(access).kept_out)
        found = yield ask(mine, late=Count("pk", filter=late), rest=Count("pk", filter=~late))
        yield Todo(f"{label}：已逾期", found["late"], f"{url}&light=red", hot=True, order=order)
        yield Todo(label, found["rest"], url, order=order)


def returned_again(request: HttpRequest) -> Steps:
    """For superiors: matters below that were sent back more than once."""
    access = request.access  # type: ignore[attr-defined]
    if not access.prefixes("reviews.urge"):
        return
    rows = ReviewStep.objects.all().visible_to(access, to="reviews.urge")
    again = rows.filter(is_current=True, review__returns__gt=1, review__state=Review.State.RETURNED)
    found = yield ask(again)
    url = f"{reverse('desk_reviews')}?whose=below&state=again"
    yield Todo("下级再次退回补正", found["all"], url, note="要补的内容应当一次告知", order=40)


register(to_decide, returned_again)
