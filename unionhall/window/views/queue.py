"""The counter's verbs; the kiosk where numbers are drawn, the ticket on paper or on the phone, the board."""

from datetime import timedelta
from functools import cached_property
from typing import Any

from django import forms
from django.contrib import messages
from django.core import signing
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone

from unionhall.foundation.errors import Refused
from unionhall.foundation.permissions import EVERYONE
from unionhall.foundation.views import Create, Page, Requires
from unionhall.kit.text import number_of

from .. import figures, places, presenting
from ..actions import halls, queueing
from ..forms.reception import SeatForm
from ..models import Counter, Hall, QueueKind, Ticket
from .reception import SERVE, queue_panel

_WHY = "numbers and counters of a hall, by its own key; nobody's name is among them"
TICKETS = "window.ticket"
#: How long a called number stays large on the board.
FRESH = timedelta(seconds=20)


class Seat(Create):
    """/window/seat/: take a counter."""

    permission = SERVE
    template_name = "window/seat.html"
    form_class = SeatForm
    success_message = "已上岗。"

    @cached_property
    def counters(self) -> list[Counter]:
        rows = Counter.objects.everywhere(reason=_WHY).filter(hall__in=places.halls_of(self.actor))
        return list(rows.select_related("hall", "account").order_by("hall__name", "hall_id", "number"))

    def get_form_kwargs(self) -> dict[str, Any]:
        names = [
            (
                str(one.pk),
                f"{one.hall.name} {one}"
                + (f"（{one.account.display_name}）" if one.account is not None else ""),
            )
            for one in self.counters
        ]
        kinds = QueueKind.objects.everywhere(reason=_WHY).filter(
            hall__in={one.hall_id for one in self.counters}
        )
        letters = {one.letter: f"{one.letter} {one.title}" for one in kinds}
        return super().get_form_kwargs() | {"counters": names, "letters": sorted(letters.items())}

    def get_initial(self) -> dict[str, Any]:
        mine = next((one for one in self.counters if one.account_id == self.access.account_id), None)
        free = next((one for one in self.counters if one.account_id is None), None)
        chosen = mine or free
        return {"counter": str(chosen.pk), "letters": chosen.letters} if chosen is not None else {}

    def act(self, form: Any) -> Counter:
        chosen = next(one for one in self.counters if str(one.pk) == form.cleaned_data["counter"])
        return halls.sit_down(self.actor, counter=chosen, letters=form.cleaned_data["letters"])

    def get_success_url(self) -> str:
        return reverse("window_home")

    def context(self) -> dict[str, Any]:
        return {"any": bool(self.counters)}


class Queue(Page):
    """/window/queue/: the counter's panel, renewed by itself; POST calls, calls again, passes over, moves on."""

    permission = SERVE
    template_name = "window/home.html"
    partials = ("queue",)

    def context(self) -> dict[str, Any]:
        return queue_panel(places.counter_of(self.actor))

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not request.headers.get("HX-Request"):
            return redirect("window_home")
        return super().get(request, *args, **kwargs)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        counter = places.counter_of(self.actor)
        if counter is None:
            messages.error(request, "请先上岗。")
            return redirect("window_home")
        try:
            with transaction.atomic():
                self._do(request, counter)
        except Refused as refusal:
            messages.error(request, str(refusal))
        return redirect("window_home")

    def _do(self, request: HttpRequest, counter: Counter) -> None:
        verb = request.POST.get("verb", "")
        if verb == "next":
            if queueing.call_next(self.actor, counter=counter) is None:
                messages.info(request, "现在没有人等候。")
        elif verb == "leave":
            halls.leave(self.actor)
        elif verb == "send":
            queueing.send_to(self.actor, counter=counter, letter=request.POST.get("letter", ""))
        elif verb == "missed":
            rows = Ticket.objects.everywhere(reason=_WHY).filter(hall=counter.hall)
            asked = number_of(request.POST.get("ticket", ""))
            found = rows.filter(pk=asked).first() if asked is not None else None
            if found is None:
                raise Refused("没有这个号。")
            queueing.call_missed(self.actor, counter=counter, ticket=found)
        elif (act := _VERBS.get(verb)) is not None:
            act(self.actor, counter=counter)
        else:
            raise Refused("没有这个操作。")


_VERBS = {"recall": queueing.recall, "pass": queueing.pass_over, "finish": queueing.finish}


class OfHall(Requires):
    """A page of a hall by its key: it shows numbers and nobody's name, so whoever has the address may look."""

    permission = EVERYONE

    @cached_property
    def hall(self) -> Hall:
        rows = Hall.objects.everywhere(reason=_WHY).open().filter(key=self.kwargs["key"])
        found = rows.select_related("organisation").first()
        if found is None:
            raise Http404
        return found

    @cached_property
    def kinds(self) -> list[QueueKind]:
        return list(QueueKind.objects.everywhere(reason=_WHY).filter(hall=self.hall, is_open=True))

    @cached_property
    def waits(self) -> dict[str, figures.Waits]:
        return {one.letter: one for one in figures.waits(self.hall, timezone.localdate())}

    @cached_property
    def manned(self) -> int:
        return Counter.objects.everywhere(reason=_WHY).filter(hall=self.hall).exclude(account=None).count()

    def minutes(self, kind: str, people: int) -> int:
        known = self.waits.get(kind)
        return figures.estimate(people, known.service if known else None, self.manned)


class DrawForm(forms.Form):
    letter = forms.CharField(max_length=1)
    priority = forms.BooleanField(required=False)


class Kiosk(OfHall, Page):
    """/window/kiosk/<key>/: choose what for, take a number; on the hall's screen or on one's own phone."""

    template_name = "window/kiosk.html"

    def context(self) -> dict[str, Any]:
        rows = []
        for kind in self.kinds:
            waiting = self.waits[kind.letter].waiting if kind.letter in self.waits else 0
            rows.append({"kind": kind, "waiting": waiting, "minutes": self.minutes(kind.letter, waiting)})
        return {"hall": self.hall, "rows": rows, "manned": self.manned}

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        form = DrawForm(request.POST)
        try:
            if not form.is_valid():
                raise Refused("请选择要办的事。")
            made = queueing.draw(
                self.hall, letter=form.cleaned_data["letter"], is_priority=form.cleaned_data["priority"]
            )
        except Refused as refusal:
            messages.error(request, str(refusal))
            return redirect("window_kiosk", self.hall.key)
        return redirect("window_ticket", self.hall.key, signing.Signer(salt=TICKETS).sign(str(made.pk)))


class TicketPage(OfHall, Page):
    """/window/kiosk/<key>/<ticket>/: the number, how many are before it; prints on 80 mm, renews itself on a phone."""

    template_name = "window/ticket.html"
    partials = ("place",)

    @cached_property
    def ticket(self) -> Ticket:
        try:
            pk = signing.Signer(salt=TICKETS).unsign(self.kwargs["token"])
        except signing.BadSignature as wrong:
            raise Http404 from wrong
        rows = Ticket.objects.everywhere(reason=_WHY).filter(hall=self.hall, pk=pk)
        found = rows.select_related("counter").first()
        if found is None:
            raise Http404
        return found

    def context(self) -> dict[str, Any]:
        ticket = self.ticket
        people = figures.ahead(ticket) if ticket.state == Ticket.State.WAITING else 0
        titles = {
            one.letter: one.title for one in QueueKind.objects.everywhere(reason=_WHY).filter(hall=self.hall)
        }
        return {
            "hall": self.hall,
            "ticket": ticket,
            "title": titles.get(ticket.queue, ""),
            "ahead": people,
            "minutes": self.minutes(ticket.queue, people),
            "today": ticket.day == timezone.localdate(),
            "qr": presenting.qr(self.request.build_absolute_uri(self.request.path)),
        }


class Board(OfHall, Page):
    """/window/board/<key>/: who is called where, who waits; for a screen in the hall, renewed every three seconds."""

    template_name = "window/board.html"
    partials = ("wall",)

    def context(self) -> dict[str, Any]:
        today, now = timezone.localdate(), timezone.now()
        rows = Ticket.objects.everywhere(reason=_WHY).filter(hall=self.hall, day=today)
        called = list(
            rows.filter(state=Ticket.State.CALLED)
            .select_related("counter")
            .order_by("-last_called_at", "-pk")[:8]
        )
        waiting = list(rows.waiting().order_by("-is_priority", "taken_at", "pk")[:24])
        missed = list(rows.filter(state=Ticket.State.MISSED).order_by("-ended_at")[:6])
        newest = called[0] if called else None
        fresh = (
            newest is not None and newest.last_called_at is not None and now - newest.last_called_at < FRESH
        )
        return {
            "hall": self.hall,
            "called": called,
            "newest": newest,
            "fresh": fresh,
            "queues": [
                {
                    "kind": kind,
                    "waits": self.waits.get(kind.letter),
                    "next": [one for one in waiting if one.queue == kind.letter][:5],
                }
                for kind in self.kinds
            ],
            "missed": missed,
            "as_of": now,
        }
