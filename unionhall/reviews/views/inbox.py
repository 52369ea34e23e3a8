"""The desk's inbox: waiting steps by due date, with lights, filters and batch approval."""

from datetime import date, datetime
from functools import cached_property
from typing import Any, cast

from django.db.models import Count, Q
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode

from unionhall.foundation.models import working_calendar
from unionhall.foundation.views import List
from unionhall.kit.text import number_of
from unionhall.kit.workdays import Calendar
from unionhall.members.hands import hands
from unionhall.organisations.models import Organisation

from ..actions import approve_many
from ..forms import InboxFilter
from ..models import Review, ReviewStep, StepQuerySet
from ..presenting import acting_for, clock, holdings
from ..procedures import title_of
from ..rules import LightBounds, light_bounds

BATCH_LIMIT = 200


def _below(union: Organisation) -> Q:
    """Steps of the union and of those below it in either chain, as tables of what is overdue count them."""
    return Q(organisation__path__startswith=union.path) | Q(organisation__second_path__startswith=union.path)


class Inbox(List):
    """/desk/reviews/. Ordered by due date (decided ones by decision, latest first); 20 rows cost what 200,000 do."""

    model = ReviewStep
    permission = "reviews.view"
    template_name = "reviews/inbox.html"
    partials = ()  # the page is the answer; htmx takes #list out of it

    @cached_property
    def calendar(self) -> Calendar:
        return working_calendar()

    @cached_property
    def bounds(self) -> LightBounds:
        return light_bounds(timezone.localdate(), self.calendar)

    @cached_property
    def form(self) -> InboxFilter:
        values = self.request.GET.copy()
        deciding = bool(holdings(self.access))
        for name, value in (("whose", "mine" if deciding else "below"), ("state", "waiting")):
            if not values.get(name):
                values[name] = value
        form = InboxFilter(values)
        form.is_valid()
        return form

    def before_light(self) -> StepQuerySet:
        """Current steps that every filter but state and light leaves: what the counts are taken from."""
        rows = cast(StepQuerySet, self.get_queryset().select_related("review", "organisation"))
        chosen = self.chosen
        if chosen.get("whose", "mine") == "mine":
            rows = rows.for_deciders(holdings(self.access), hands(self.access).kept_out)
        if text := chosen.get("q"):
            rows = rows.filter(Q(review__number=text.upper()) | Q(review__title__contains=text))
        if code := chosen.get("procedure"):
            rows = rows.filter(review__procedure=code)
        if union := chosen.get("union"):
            rows = rows.filter(organisation__name__contains=union)
        if self.chosen.get("under"):
            rows = rows.filter(_below(self.under)) if self.under is not None else rows.none()
        return rows

    @cached_property
    def under(self) -> Organisation | None:
        """The union to which a table of figures narrows the list: its steps and those of unions below it."""
        rows = Organisation.objects.everywhere(reason="narrows what the reader may see anyway")
        return rows.filter(code=self.chosen.get("under", "")).first()

    def filtered(self) -> StepQuerySet:
        rows, state = self.before_light(), self.chosen.get("state", "waiting")
        if state == "done":
            return rows.exclude(outcome="")
        if state == "returned":
            return rows.filter(is_current=True, review__state=Review.State.RETURNED)
        if state == "again":
            return rows.filter(is_current=True, review__returns__gt=1)
        return rows.waiting().filter(self._light(self.chosen.get("light", "")))

    def _light(self, light: str) -> Q:
        bounds = self.bounds
        return {
            "red": Q(due_on__lt=bounds.today),
            "amber": Q(due_on__gte=bounds.today, due_on__lt=bounds.green_from),
            "green": Q(due_on__gte=bounds.green_from),
        }.get(light, Q())

    @cached_property
    def counts(self) -> dict[str, int]:
        """Waiting steps by light, and paused ones: one query."""
        pending = Q(review__state=Review.State.PENDING)
        lights = {
            light: Count("pk", filter=pending & self._light(light)) for light in ("red", "amber", "green")
        }
        paused = Count("pk", filter=Q(review__state=Review.State.RETURNED))
        return self.before_light().filter(is_current=True).aggregate(**lights, returned=paused)

    def total(self) -> int:
        state, light = self.chosen.get("state", "waiting"), self.chosen.get("light", "")
        if state in ("done", "again"):
            return super().total()
        if state == "returned":
            return self.counts["returned"]
        return self.counts[light] if light else sum(self.counts[one] for one in ("red", "amber", "green"))

    def decorate(self, rows: list[Any]) -> list[Any]:
        today, lenders = self.bounds.today, acting_for(self.access)
        return [
            {
                "step": step,
                "acting": f"代{name}" if (name := lenders.get((step.organisation_id, step.role))) else "",
                "procedure": title_of(step.review.procedure),
                "clock": clock(step, today, self.calendar),
            }
            for step in rows
        ]

    def context(self) -> dict[str, Any]:
        chosen = self.chosen
        asked = any(self.request.GET.get(name) for name in InboxFilter.base_fields)
        batch = chosen.get("whose") == "mine" and chosen.get("state") == "waiting"
        return {
            "under": self.under if chosen.get("under") else None,
            "tiles": self._tiles(),
            "after_key": self.keys[0],
            "before_key": self.keys[1],
            "batch": batch,
            "actions": [{"label": "批量通过", "value": "approve", "confirm": "确定通过选中的办件？"}],
            "filters_active": asked,
            "may_delegate": bool(self.access.prefixes("reviews.decide")),
            "batch_url": f"{reverse('desk_reviews_batch')}?{self.request.GET.urlencode()}",
        }

    def _tiles(self) -> list[dict[str, Any]]:
        query = {name: value for name, value in self.chosen.items() if name not in ("light", "state")}
        words = (("red", "逾期"), ("amber", "临期"), ("green", "正常"))
        notes = {"red": "已超过办理时限", "amber": "3 个工作日内到期", "green": "超过 3 个工作日"}
        tiles = [
            {
                "label": label,
                "value": self.counts[light],
                "unit": "件",
                "note": notes[light],
                "url": "?" + urlencode({**query, "state": "waiting", "light": light}),
                "hot": light == "red" and self.counts["red"] > 0,
            }
            for light, label in words
        ]
        url = "?" + urlencode({**query, "state": "returned"})
        paused = {
            "label": "待补正",
            "value": self.counts["returned"],
            "unit": "件",
            "note": "已暂停计时",
            "url": url,
        }
        return [*tiles, paused]

    def _page(self) -> tuple[list[Any], Any, Any]:
        """Pages by two keys, the date and the row, because many steps fall due on one day."""
        done = self.chosen.get("state") == "done"
        field = "decided_at" if done else "due_on"
        after, before = self.request.GET.get("after"), self.request.GET.get("before")
        backwards = bool(before) and not after
        descending = done != backwards
        rows = self.filtered()
        if key := (before if backwards else after):
            value, pk = _parse(key, done)
            way = "lt" if descending else "gt"
            rows = rows.filter(Q(**{f"{field}__{way}": value}) | Q(**{field: value, f"pk__{way}": pk}))
        sign = "-" if descending else ""
        found = list(rows.order_by(f"{sign}{field}", f"{sign}pk")[: self.page_size + 1])
        more = len(found) > self.page_size
        found = found[: self.page_size]
        if backwards:
            found.reverse()
        keys = [f"{getattr(step, field).isoformat()}_{step.pk}" for step in found[:1] + found[-1:]]
        last = keys[-1] if found and (more or backwards) else None
        first = keys[0] if found and ((backwards and more) or (key and not backwards)) else None
        self.keys = (last, first)
        return found, last, first


def _parse(key: str, done: bool) -> tuple[date, int]:
    value, _, pk = key.rpartition("_")
    try:
        return (datetime if done else date).fromisoformat(value), int(pk)
    except ValueError as wrong:
        raise Http404 from wrong


class Batch(Inbox):
    """POST /desk/reviews/batch/: approve what is ticked, or everything the filters leave; the answer is by row."""

    permission = "reviews.decide"
    template_name = "reviews/batch.html"
    http_method_names = ("get", "post")

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return redirect("desk_reviews")

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        steps, left = self._chosen_steps()
        outcome = approve_many(self.actor, steps=steps, opinion=request.POST.get("opinion", ""))
        failures = [
            {
                "label": f"{step.review.number} {step.review.title}",
                "reason": reason,
                "url": reverse("desk_review", args=[step.review.number]),
            }
            for step, reason in outcome.failures
        ]
        found = {
            "done": len(outcome.done),
            "failures": failures,
            "left": left,
            "limit": BATCH_LIMIT,
            "nothing": not steps,
            "back_url": f"{reverse('desk_reviews')}?{request.GET.urlencode()}",
        }
        return self.render_to_response(found, status=200 if steps else 422)

    def _chosen_steps(self) -> tuple[list[ReviewStep], int]:
        """The steps asked for, and how many more the limit leaves for another time."""
        if self.request.POST.get("everything"):
            rows = self.filtered()
        else:
            ticked = [pk for pk in map(number_of, self.request.POST.getlist("selected")) if pk is not None]
            base = self.get_queryset().select_related("review", "organisation")
            rows = cast(StepQuerySet, base.filter(pk__in=ticked))
        steps = list(rows.order_by("due_on", "pk")[: BATCH_LIMIT + 1])
        left = rows.count() - BATCH_LIMIT if len(steps) > BATCH_LIMIT else 0
        return steps[:BATCH_LIMIT], left
