"""One matter at the desk: facts, trail, steps, decision; urging; its files."""

from collections.abc import Sequence
from functools import cached_property
from typing import Any

from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponseBase
from django.urls import reverse
from django.utils import timezone

from unionhall.foundation.errors import Refused
from unionhall.foundation.models import working_calendar
from unionhall.foundation.permissions import SIGNED_IN
from unionhall.foundation.views import Act
from unionhall.foundation.views.reading import Scoped
from unionhall.records.actions import journal
from unionhall.records.views.files import sandboxed

from .. import actions, papers
from ..actions.deciding import destinations
from ..forms import DecisionForm, UrgeForm
from ..models import Review, ReviewEvent, ReviewStep
from ..presenting import acting_for, clock, current, facts_for, holdings, stepper, trail, why_not
from ..procedures import Procedure, procedure


class Matter(Act):
    """Shared by pages about one review: its steps and events are read once."""

    model = Review
    slug_field = "number"

    @cached_property
    def steps(self) -> Sequence[ReviewStep]:
        return list(self.object.steps.select_related("organisation").order_by("order"))

    @cached_property
    def events(self) -> Sequence[ReviewEvent]:
        return list(self.object.events.select_related("step", "attachment").order_by("id"))

    def step_seen(self) -> ReviewStep:
        """The current step; Refused when there is none any more."""
        if (step := current(self.steps)) is None:
            raise Refused("办件已经办结，本次操作没有生效。")
        return step


class ReviewPage(Matter):
    """/desk/reviews/<number>/: everything needed to decide, and the decision."""

    permission = "reviews.view"
    template_name = "reviews/matter.html"
    form_class = DecisionForm  # type: ignore[assignment]
    offer_place = "review.detail"
    success_message = "{result}"

    @cached_property
    def reason(self) -> str | None:
        return why_not(self.actor, self.object, current(self.steps))

    @cached_property
    def may_hand_over(self) -> bool:
        step = current(self.steps)
        held = step is not None and (step.organisation_id, step.role) in holdings(self.access)
        return held and bool(self.object.state == Review.State.PENDING)

    def get_form_kwargs(self) -> dict[str, Any]:
        step = current(self.steps)
        unions = destinations(step) if step is not None and self.may_hand_over else []
        own = self.reason is not None and self.may_hand_over
        found = super().get_form_kwargs() | {
            "destinations": unions,
            "own": own,
            "items": procedure(self.object.procedure).return_items(self.object) if self.may_hand_over else (),
            "returned": self.object.returns > 0,
        }
        if step is not None:
            found["initial"] = {"step": step.pk}
        return found

    def act(self, form: DecisionForm) -> str:
        """Decide the step that the reader saw. The action asks again who may, after locking the review."""
        step = next((one for one in self.steps if one.pk == form.cleaned_data["step"]), None)
        if step is None:
            raise Refused("页面已过期，请刷新后再办理。")
        decision, opinion = form.cleaned_data["decision"], form.cleaned_data["opinion"]
        if decision == form.HAND_OVER:
            union = form.union()
            actions.hand_over(self.actor, step=step, organisation=union, opinion=opinion)
            return f"{self.object.number} 已移交{union.name}。"
        if decision == form.RETURN:
            more = {
                name: form.cleaned_data[name] for name in ("items", "reason") if name in form.cleaned_data
            }
            actions.return_for_completion(self.actor, step=step, opinion=opinion, **more)
        else:
            verb = {form.APPROVE: actions.approve, form.REFUSE: actions.refuse}[decision]
            verb(self.actor, step=step, opinion=opinion)
        return f"{self.object.number} 已办理：{dict(form.fields['decision'].choices)[decision]}。"  # type: ignore[attr-defined]

    def get_success_url(self) -> str:
        return reverse("desk_reviews")

    def context(self) -> dict[str, Any]:
        review, step = self.object, current(self.steps)
        today, calendar = timezone.localdate(), working_calendar()
        rules = procedure(review.procedure)
        return {
            "procedure": rules.title,
            "facts": self._facts(rules),
            "step": step,
            "clock": clock(step, today, calendar),
            "stepper": stepper(review, self.steps),
            "timeline": trail(
                self.events, file_url=_desk_file if papers.may_open(self.actor, review) else None
            ),
            "why_not": self.reason,
            "may_act": self.may_hand_over,
            "acting_for": self._acting_for(step),
            "may_urge": step is not None and self.reason is not None and self._may_urge(step),
        }

    def _acting_for(self, step: ReviewStep | None) -> str:
        """What a delegate is told above the form."""
        if step is None or not (name := acting_for(self.access).get((step.organisation_id, step.role))):
            return ""
        return f"您代{name}办理这个环节，办理记录会写明。"

    def _facts(self, rules: Procedure) -> list[tuple[str, str]]:
        """A leader follows a matter without learning whose it is."""
        paths = {path for step in self.steps for path in step.organisation.paths}
        whole = self.actor.may("members.view", *self.object.organisation.paths, *paths)
        return facts_for(self.object, rules, whole=whole)

    def _may_urge(self, step: ReviewStep) -> bool:
        above = self.access.prefixes("reviews.urge")
        waiting = bool(self.object.state == Review.State.PENDING)
        return waiting and any(
            path.startswith(prefix) and path != prefix for prefix in above for path in step.organisation.paths
        )


class Urge(Matter):
    """/desk/reviews/<number>/urge/: a superior asks for a decision."""

    permission = "reviews.urge"
    template_name = "reviews/urge.html"
    form_class = UrgeForm
    success_message = "已督办，审核人会收到消息。"

    def get_queryset(self) -> Any:
        return Review.objects.all().visible_to(self.access)

    def act(self, form: UrgeForm) -> Review:
        return actions.urge(self.actor, step=self.step_seen(), opinion=form.cleaned_data["opinion"])

    def get_success_url(self) -> str:
        return reverse("desk_review", args=[self.object.number])

    def context(self) -> dict[str, Any]:
        return {"step": current(self.steps)}


def _desk_file(event: ReviewEvent) -> str:
    return reverse("desk_review_file", args=[event.review.number, event.pk])


class EventFile(Scoped):
    """A file in the trail, for who may open the papers of such a matter; opening is journalled."""

    model = Review
    slug_field = "number"
    permission = "reviews.view"
    may_open = staticmethod(papers.may_open)

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:  # type: ignore[override]
        review = self.object
        event = review.events.select_related("attachment").filter(pk=kwargs["event"]).first()
        if event is None or event.attachment is None or not self.may_open(self.actor, review):
            raise Http404
        file = event.attachment
        with transaction.atomic():
            journal(
                self.actor,
                "reviews.open_file",
                subject=review,
                label=review.number,
                paths=review.organisation.paths,
                detail={"event": event.pk, "attachment": file.pk},
            )
        return sandboxed(file)


class MyEventFile(EventFile):
    """The same, for the person whose matter it is."""

    permission = SIGNED_IN
    mine = True
    may_open = staticmethod(papers.may_open_own)
