"""Home of the window; finding, registering and receiving a person; the page of a reception."""

from functools import cached_property
from typing import Any, ClassVar

from django.contrib import messages
from django.db import transaction
from django.db.models import Model
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from unionhall.access.lookups import CountsLookups
from unionhall.foundation.errors import Refused
from unionhall.foundation.views import Act, Create, Page, Requires
from unionhall.records.actions import journal
from unionhall.records.views.files import sandboxed

from .. import card_reader, figures, finding, places, presenting
from ..actions import authorising, intakes, queueing, receptions
from ..finding import Found
from ..forms.reception import AuthoriseForm, RegisterForm, SearchForm
from ..models import Authorisation, Counter, Intake, QueueKind, Reception, Ticket

_WHY = "what stands at the clerk's own counter"
SERVE = places.SERVE


class ReadsCards:
    """A page on which the ID-card reader may be asked (docs/card-reader.md)."""

    def render_to_response(self, *args: Any, **kwargs: Any) -> HttpResponse:
        response: HttpResponse = super().render_to_response(*args, **kwargs)  # type: ignore[misc]
        if card_reader.origin():
            response["Content-Security-Policy"] = card_reader.policy()
        return response


def queue_panel(counter: Counter | None) -> dict[str, Any]:
    """The counter's own panel: the number that is called, who waits, who was passed over."""
    if counter is None:
        return {"counter": None}
    today = timezone.localdate()
    missed = Ticket.objects.everywhere(reason=_WHY).filter(
        hall=counter.hall, day=today, state=Ticket.State.MISSED
    )
    return {
        "counter": counter,
        "called": queueing.at_counter(counter),
        "waits": figures.waits(counter.hall, today),
        "kinds": list(QueueKind.objects.everywhere(reason=_WHY).filter(hall=counter.hall)),
        "missed": list(missed.order_by("-ended_at")[:6]),
    }


class Home(ReadsCards, Page):
    """/window/: one box to find anyone, the counter's queue, what was taken today."""

    permission = SERVE
    template_name = "window/home.html"

    def context(self) -> dict[str, Any]:
        counter = places.counter_of(self.actor)
        today = timezone.localdate()
        mine = Intake.objects.visible_to(self.access, to=SERVE).filter(account_id=self.access.account_id or 0)
        live = Reception.objects.all().of_clerk(self.access).filter(closed_at=None, opened_at__date=today)
        return queue_panel(counter) | {
            "form": SearchForm(),
            "reader": card_reader.address(),
            "live": live.select_related("person").order_by("-pk").first(),
            "taken": list(
                mine.filter(taken_at__date=today)
                .select_related("person", "review", "case")
                .order_by("-pk")[:12]
            ),
            "place": places.organisation_of(self.actor, counter),
        }


class Find(ReadsCards, Requires):
    """POST only: who it may be. One person found by a whole number or code is received at once."""

    permission = SERVE

    def get(self, request: HttpRequest) -> HttpResponse:
        return redirect("window_home")

    def post(self, request: HttpRequest) -> HttpResponseBase:
        text = request.POST.get("q", "")[:400]
        try:
            found = finding.search(self.actor, text)
            if len(found.people) == 1 and found.by != Reception.Found.NAME:
                with transaction.atomic():
                    there = receptions.receive(self.actor, person=found.people[0].person, found_by=found.by)
                return redirect("window_reception", there.pk)
        except Refused as refusal:
            messages.error(request, str(refusal))
            return redirect("window_home")
        return _Choose.as_view(found=found, text=text)(request)


class _Choose(ReadsCards, Page):
    """Several may be meant, or nobody has this number yet: then the page to register him."""

    permission = SERVE
    template_name = "window/found.html"
    found: Found | None = None
    text = ""

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return self.render_to_response(self.get_context_data())

    def context(self) -> dict[str, Any]:
        found = self.found or Found()
        initial = {"id_number": found.number} if found.number else {}
        return {
            "found": found,
            "by_name": found.by == Reception.Found.NAME,
            "form": RegisterForm(initial=initial),
            "reader": card_reader.address(),
        }


class Receive(Requires):
    """POST only: one of those who were found."""

    permission = SERVE

    def get(self, request: HttpRequest) -> HttpResponse:
        return redirect("window_home")

    def post(self, request: HttpRequest) -> HttpResponseBase:
        try:
            person, by = finding.opened(self.actor, request.POST.get("token", ""))
            there = receptions.receive(self.actor, person=person, found_by=by)
        except Refused as refusal:
            messages.error(request, str(refusal))
            return redirect("window_home")
        return redirect("window_reception", there.pk)


class Register(ReadsCards, CountsLookups, Create):
    """/window/register/: somebody whom nobody has written down yet."""

    permission = SERVE
    template_name = "window/register.html"
    form_class = RegisterForm
    success_message = "已登记。"

    def act(self, form: Any) -> Reception:
        return receptions.register(self.actor, **form.cleaned_data)

    def get_success_url(self) -> str:
        return reverse("window_reception", args=[self.result.pk])

    def context(self) -> dict[str, Any]:
        return {"reader": card_reader.address()}


class OfReception(Act):
    """A page inside one's own reception; anybody else's does not exist, and what is over only says so."""

    model: ClassVar[type[Model]] = Reception
    permission = SERVE

    def get_queryset(self) -> Any:
        rows = Reception.objects.all().of_clerk(self.access)
        return rows.select_related("person", "organisation", "hall", "authorisation", "ticket")

    def _guarded(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Out of reach is 404; once it is over, no page tells anything of the person any more."""
        if not self.object.is_live:
            return self.over()
        return super()._guarded(request, *args, **kwargs)

    def over(self) -> HttpResponseBase:
        messages.error(self.request, receptions.OVER)
        return redirect("window_reception", self.object.pk)

    def get_success_url(self) -> str:
        return reverse("window_reception", args=[self.object.pk])

    def refuse(self, form: Any) -> HttpResponse:
        """A verb without a page of its own says no on the reception's."""
        if self.template_name is None:
            for words in form.non_field_errors():
                messages.error(self.request, words)
            return redirect(self.get_success_url())
        return super().refuse(form)

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if self.template_name is None:
            return redirect(self.get_success_url())
        return super().get(request, *args, **kwargs)


class ReceptionPage(OfReception):
    """/window/r/<pk>/: what he has open, what he could get, and everything that can be taken."""

    template_name = "window/reception.html"

    @cached_property
    def scene(self) -> Any:
        return intakes.scene_of(self.object)

    def over(self) -> HttpResponseBase:
        return render(self.request, "window/reception_over.html", {"object": self.object})

    def context(self) -> dict[str, Any]:
        here: Reception = self.object
        person = here.person
        return {
            "scene": self.scene,
            "rows": presenting.rows_of(person),
            "offered": presenting.offered(self.scene),
            "could": presenting.could_get(self.scene),
            "taken": list(Intake.objects.everywhere(reason=_WHY).filter(reception=here).order_by("-pk")),
            "told": intakes.waiting_for_papers(person),
            "to_fetch": intakes.to_fetch(person),
            "agents": authorising.in_force(person),
        }

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return redirect(self.get_success_url())


class Close(OfReception):
    success_message = "接待已结束。"

    def act(self, form: Any) -> None:
        receptions.close(self.actor, reception=self.object)

    def get_success_url(self) -> str:
        return reverse("window_home") if hasattr(self, "result") else super().get_success_url()


class Authorise(ReadsCards, OfReception):
    """/window/r/<pk>/authorise/: somebody else has come, with a signed paper."""

    template_name = "window/authorise.html"
    form_class = AuthoriseForm
    success_message = "授权已登记，以下由代办人办理。"

    def act(self, form: Any) -> Authorisation:
        return authorising.authorise(self.actor, reception=self.object, **form.cleaned_data)

    def context(self) -> dict[str, Any]:
        return {"reader": card_reader.address()}


class ActBy(OfReception):
    """POST: who is there, he himself or one he authorised; or an authorisation is taken back."""

    def act(self, form: Any) -> None:
        asked = self.request.POST.get("authorisation", "")
        chosen = next((one for one in authorising.in_force(self.object.person) if str(one.pk) == asked), None)
        if "revoke" in self.request.POST:
            if chosen is None:
                raise Refused("这份授权已经终止或到期。")
            authorising.revoke(self.actor, reception=self.object, authorisation=chosen)
            return
        authorising.act_by(self.actor, reception=self.object, authorisation=chosen)


class Paper(OfReception):
    """The signed power of attorney of the one who acts here, as a download."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        found = self.object.authorisation
        if found is None:
            return redirect(self.get_success_url())
        paths = self.object.organisation.paths
        journal(self.actor, "window.paper_opened", subject=found, label="委托书", paths=paths)
        answer: Any = sandboxed(found.paper)
        return answer  # type: ignore[no-any-return]

    def act(self, form: Any) -> None:
        return None
