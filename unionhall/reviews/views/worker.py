"""我的办件: what I submitted and what concerns me — where it stands, by when, and what I can do."""

from datetime import date
from functools import cached_property
from typing import Any

from django.urls import reverse
from django.utils import timezone

from unionhall.foundation.models import working_calendar
from unionhall.foundation.permissions import SIGNED_IN
from unionhall.foundation.views import Detail, List
from unionhall.kit.workdays import Calendar

from .. import actions, papers
from ..actions.appealing import appeal_until
from ..forms import AppealForm, SupplementForm, WithdrawForm
from ..models import Review, ReviewEvent, ReviewStep
from ..presenting import asked, clock, current, facts_for, stepper, trail
from ..procedures import procedure, title_of
from .matter import Matter


class Applications(List):
    """/m/applications/, latest first."""

    model = Review
    mine = True
    permission = SIGNED_IN
    template_name = "reviews/applications.html"

    def decorate(self, rows: list[Any]) -> list[Any]:
        today, calendar = timezone.localdate(), working_calendar()
        steps = ReviewStep.objects.everywhere(reason="current steps of the reader's own matters")
        found = {step.review_id: step for step in steps.filter(review__in=rows, is_current=True)}
        return [
            {
                "review": review,
                "procedure": title_of(review.procedure),
                "step": found.get(review.pk),
                "clock": clock(found.get(review.pk), today, calendar),
            }
            for review in rows
        ]


class Application(Detail):
    """/m/applications/<number>/."""

    model = Review
    mine = True
    slug_field = "number"
    permission = SIGNED_IN
    template_name = "reviews/application.html"

    @cached_property
    def today(self) -> date:
        return timezone.localdate()

    @cached_property
    def calendar(self) -> Calendar:
        return working_calendar()

    def context(self) -> dict[str, Any]:
        review = self.object
        steps = list(review.steps.select_related("organisation").order_by("order"))
        events = list(review.events.select_related("step", "attachment").order_by("id"))
        step, rules = current(steps), procedure(review.procedure)
        returned = [event for event in events if event.verb == ReviewEvent.Verb.RETURNED]
        refused = [event for event in events if event.verb == ReviewEvent.Verb.REFUSED]
        supplement = (
            rules.supplement_url(review)
            if rules.supplement_url
            else reverse("m_application_supplement", args=[review.number])
        )
        return {
            "procedure": rules.title,
            # An officer finds here what he submitted for others, long after his grant may have ended.
            "facts": facts_for(review, rules, whole=rules.is_own(self.actor, review)),
            "step": step,
            "clock": clock(step, self.today, self.calendar),
            "stepper": stepper(review, steps),
            "timeline": trail(
                events,
                for_worker=self.access.account_id,
                file_url=_my_file if papers.may_open_own(self.actor, review) else None,
            ),
            "asked": asked(returned[-1]) if returned and review.state == Review.State.RETURNED else [],
            "refused": refused[-1].opinion if refused and not review.is_open else "",
            "appeal_until": self._appeal_until(),
            "supplement_url": supplement,
        }

    def _appeal_until(self) -> date | None:
        """The last day for an appeal, as long as it is not over."""
        until = appeal_until(self.object)
        return until if until is not None and until >= self.today else None


def _my_file(event: ReviewEvent) -> str:
    return reverse("m_application_file", args=[event.review.number, event.pk])


class _Own(Matter):
    mine = True
    permission = SIGNED_IN

    def get_success_url(self) -> str:
        return reverse("m_application", args=[self.object.number])


class Withdraw(_Own):
    """/m/applications/<number>/withdraw/."""

    template_name = "reviews/withdraw.html"
    form_class = WithdrawForm
    success_message = "已撤回。"

    def act(self, form: WithdrawForm) -> Review:
        return actions.withdraw(self.actor, review=self.object, reason=form.cleaned_data["reason"])


class Supplement(_Own):
    """/m/applications/<number>/supplement/: a note and a file, unless the domain has a page of its own."""

    template_name = "reviews/supplement.html"
    form_class = SupplementForm
    success_message = "已重新提交，审核时限继续计算。"

    def act(self, form: SupplementForm) -> Review:
        file = form.cleaned_data["file"]
        stored = papers.keep(self.actor, review=self.object, upload=file) if file is not None else None
        return actions.supplement(
            self.actor, review=self.object, note=form.cleaned_data["note"], attachment=stored
        )

    def context(self) -> dict[str, Any]:
        returned = [event for event in self.events if event.verb == ReviewEvent.Verb.RETURNED]
        return {"asked": asked(returned[-1]) if returned else []}


class Appeal(_Own):
    """/m/applications/<number>/appeal/: ask the next level to decide anew."""

    template_name = "reviews/appeal.html"
    form_class = AppealForm
    success_message = "已申请复核，由上级没有审核过的人办理。"

    def act(self, form: AppealForm) -> Review:
        return actions.appeal(self.actor, review=self.object, reason=form.cleaned_data["reason"])

    def context(self) -> dict[str, Any]:
        refused = [event for event in self.events if event.verb == ReviewEvent.Verb.REFUSED]
        until = appeal_until(self.object)
        return {
            "until": until if until is not None and until >= timezone.localdate() else None,
            "refused": refused[-1].opinion if refused else "",
        }
