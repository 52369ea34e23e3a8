"""Visits in the one to-do list: what waits for the reader himself, and what is late below him."""

from datetime import timedelta

from django.db.models import Count, Exists, OuterRef, Q
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from unionhall.foundation.todo import Steps, Todo, ask, register
from unionhall.members.hands import hands

from .models import RatingCheck, Visit, VisitDuty, VisitItem, Visitor
from .rules.visiting import AMBER_HOURS

SUPERVISE, VISIT = "outreach.supervise", "outreach.visit"


def of_duties(request: HttpRequest) -> Steps:
    """Injuries, hardships and troubles to visit in scope; one statement."""
    access = request.access  # type: ignore[attr-defined]
    if not access.prefixes("outreach.view"):
        return
    now, url = timezone.now(), reverse("desk_visit_duties")
    found = yield ask(
        VisitDuty.objects.visible_to(access).filter(void_at=None),
        late=Count("pk", filter=Q(done_at=None, due_at__lt=now)),
        soon=Count("pk", filter=Q(done_at=None, due_at__range=(now, now + timedelta(hours=AMBER_HOURS)))),
        rest=Count("pk", filter=Q(done_at=None, due_at__gt=now + timedelta(hours=AMBER_HOURS))),
        explain=Count("pk", filter=Q(urged_at__isnull=False, explained_at=None)),
    )
    yield Todo("必访任务已逾期", found["late"], f"{url}?state=overdue", unit="项", hot=True, order=10)
    yield Todo("必访任务半天内到期", found["soon"], f"{url}?state=open", unit="项", hot=True, order=11)
    yield Todo("必访任务", found["rest"], f"{url}?state=open", unit="项", order=24)
    if access.prefixes(VISIT):
        yield Todo("走访督办待回复", found["explain"], f"{url}?state=urged", unit="项", hot=True, order=12)


def of_items(request: HttpRequest) -> Steps:
    """One's own problems, and late ones in scope for those who supervise; one statement."""
    access = request.access  # type: ignore[attr-defined]
    if not access.prefixes("outreach.view"):
        return
    today, url = timezone.localdate(), reverse("desk_visit_items")
    mine = Q(owner__in=hands(access).accounts)
    found = yield ask(
        VisitItem.objects.visible_to(access).open(),
        mine=Count("pk", filter=mine & Q(due_on__gte=today)),
        mine_late=Count("pk", filter=mine & Q(due_on__lt=today)),
        late=Count("pk", filter=~mine & Q(due_on__lt=today)),
    )
    yield Todo(
        "由我办理的走访问题已逾期", found["mine_late"], f"{url}?who=mine&state=late", hot=True, order=13
    )
    yield Todo("由我办理的走访问题", found["mine"], f"{url}?who=mine&state=open", order=25)
    if access.prefixes(SUPERVISE):
        yield Todo("下级走访问题逾期", found["late"], f"{url}?state=late", hot=True, order=30)


def of_visits(request: HttpRequest) -> Steps:
    """Visits of one's own that are to be written up or were missed; one statement."""
    access = request.access  # type: ignore[attr-defined]
    if not access.prefixes(VISIT):
        return
    rows = Visitor.objects.everywhere(reason="visits on which the reader himself goes")
    own = rows.filter(visit=OuterRef("pk"), account__in=hands(access).accounts)
    today, url = timezone.localdate(), reverse("desk_visits")
    found = yield ask(
        Visit.objects.visible_to(access).filter(Exists(own)),
        unwritten=Count("pk", filter=Q(state=Visit.State.DONE)),
        planned=Count("pk", filter=Q(state=Visit.State.PLANNED, on__lte=today + timedelta(days=7))),
    )
    yield Todo("走访情况待填写", found["unwritten"], f"{url}?who=mine&state=done", unit="次", order=26)
    yield Todo("一周内的走访", found["planned"], f"{url}?who=mine&state=planned", unit="次", order=27)


def of_checks(request: HttpRequest) -> Steps:
    """Ratings by slip to ask back about, but for those in which the reader has a part; one statement."""
    access = request.access  # type: ignore[attr-defined]
    if not access.prefixes(SUPERVISE):
        return
    own = hands(access).accounts
    went = Visitor.objects.everywhere(reason="visits on which the reader himself goes")
    rows = RatingCheck.objects.visible_to(access).filter(state=RatingCheck.State.WAITING)
    rows = rows.exclude(rating__item__owner__in=own).exclude(
        Exists(went.filter(visit=OuterRef("rating__item__visit"), account__in=own))
    )
    found = yield ask(
        rows,
        late=Count("pk", filter=Q(due_on__lt=timezone.localdate())),
        rest=Count("pk", filter=Q(due_on__gte=timezone.localdate())),
    )
    url = f"{reverse('desk_visit_checks')}?state=waiting"
    yield Todo("走访评价回访已逾期", found["late"], url, unit="次", hot=True, order=31)
    yield Todo("走访评价待回访", found["rest"], url, unit="次", order=40)


register(of_duties, of_items, of_visits, of_checks)
