"""The worker's own changes of membership: transfer, answering a transfer, withdrawal, retention and resumption."""

from functools import cached_property
from typing import Any, ClassVar

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone

from unionhall.foundation.permissions import Role
from unionhall.foundation.views import Create, Page
from unionhall.members import consents
from unionhall.members.actions import change_employment
from unionhall.members.models import Employment, Membership
from unionhall.members.views.own import Own
from unionhall.organisations.models import Organisation
from unionhall.reviews.models import Review, ReviewStep

from .. import places
from ..actions import standing
from ..actions.transfers import agree, decline, request_transfer
from ..models import MembershipTransfer, StandingChange

WHY = "the signed-in person's own matter"
#: What a worker may say of his own employment when he asks that his membership be retained.
RETAINED_BECAUSE = (("4", "退休"), ("3", "失业"))
AT_WORK = "1"


class _OfMember(Own, Create):
    """A page for members: who is none is sent to 入会."""

    def _guarded(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if self.known is not None and self.membership is None:
            messages.info(request, "您还不是工会会员，可以先申请入会。")
            return redirect("m_join")
        return super()._guarded(request, *args, **kwargs)

    @property
    def standing_here(self) -> Membership:
        assert self.membership is not None
        return self.membership

    def context(self) -> dict[str, Any]:
        return {"membership": self.membership}

    def get_success_url(self) -> str:
        return reverse("m_submitted", args=[self.result.review.number])


class Transfer(_OfMember):
    """会籍转接: find the union of the new employer, say why."""

    template_name = "organising/moving/transfer.html"

    @cached_property
    def query(self) -> str:
        return (self.request.POST.get("q") or self.request.GET.get("q") or "").strip()[:60]

    @cached_property
    def found(self) -> list[Organisation]:
        if len(self.query) < 2:
            return []
        here = self.standing_here.organisation_id
        return [union for union in places.unions_named(self.query) if union.pk != here]

    def get_form(self, form_class: Any = None) -> forms.Form:
        form = forms.Form(self.request.POST if self.request.method == "POST" else None)
        form.fields["destination"] = forms.ChoiceField(
            label="转到哪个工会",
            choices=[(str(union.pk), union.name) for union in self.found],
            widget=forms.RadioSelect,
            error_messages={"required": "请选择转入的工会。", "invalid_choice": "请重新查找并选择工会。"},
        )
        form.fields["reason"] = forms.CharField(
            label="转接原因",
            max_length=200,
            help_text="例如：换了工作单位。",
            error_messages={"required": "请填写转接原因。"},
        )
        return form

    def context(self) -> dict[str, Any]:
        return {
            "membership": self.membership,
            "unagreed": consents.missing(self.person),
            "query": self.query,
            "count": len(self.found),
            "short": 0 < len(self.query) < 2,
        }

    def act(self, form: Any) -> MembershipTransfer:
        consents.require(self.person)
        answers = form.cleaned_data
        destination = next(union for union in self.found if str(union.pk) == answers["destination"])
        return request_transfer(
            self.actor, membership=self.standing_here, destination=destination, reason=answers["reason"]
        )


class AnswerTransfer(Own, Create):
    """A transfer that a union has started for me: agree, or not."""

    needs_person = False  # somebody else's transfer is not found, whoever asks
    template_name = "organising/moving/answer.html"
    form_class = forms.Form

    @cached_property
    def transfer(self) -> MembershipTransfer:
        rows = MembershipTransfer.objects.owned_by(self.access).filter(person=self.known)
        found = (
            rows.select_related("organisation", "destination", "review").filter(pk=self.kwargs["pk"]).first()
        )
        if found is None:
            raise Http404
        return found

    def context(self) -> dict[str, Any]:
        transfer = self.transfer
        return {"transfer": transfer, "asked": transfer.review.is_open and transfer.person_agreed_at is None}

    def act(self, form: Any) -> None:
        if "agree" in self.request.POST:
            agree(self.actor, transfer=self.transfer)
            messages.success(self.request, "已同意转接，等工会审核。")
        else:
            decline(self.actor, transfer=self.transfer, reason="本人不同意转接")
            messages.success(self.request, "已告诉工会您不同意，会籍不变。")

    def get_success_url(self) -> str:
        return reverse("m_application", args=[self.transfer.review.number])


class ReasonForm(forms.Form):
    reason = forms.CharField(
        label="原因",
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "请填写原因。"},
    )


class Withdraw(_OfMember):
    """退会: one's own wish, after reading what it means."""

    template_name = "organising/moving/withdraw.html"
    form_class = ReasonForm

    def act(self, form: Any) -> StandingChange:
        return standing.propose(
            self.actor,
            membership=self.standing_here,
            change=StandingChange.Change.WITHDRAWAL,
            reason=form.cleaned_data["reason"],
        )


class RetainForm(forms.Form):
    status = forms.ChoiceField(
        label="现在的情况",
        choices=RETAINED_BECAUSE,
        widget=forms.RadioSelect,
        error_messages={"required": "请选择现在的情况。"},
    )


class Retain(_OfMember):
    """保留会籍 for the retired and unemployed; 恢复 for those at work again."""

    template_name = "organising/moving/retain.html"
    NAMES: ClassVar[dict[str, str]] = dict(RETAINED_BECAUSE)

    @property
    def retained(self) -> bool:
        return self.standing_here.standing == Membership.Standing.RETAINED

    def get_form_class(self) -> type[forms.Form]:
        return forms.Form if self.retained else RetainForm

    def context(self) -> dict[str, Any]:
        return {"membership": self.membership, "retained": self.retained}

    def act(self, form: Any) -> StandingChange:
        status = AT_WORK if self.retained else form.cleaned_data["status"]
        self._say(status)
        change = StandingChange.Change.RESUMPTION if self.retained else StandingChange.Change.RETENTION
        reason = "重新就业" if self.retained else self.NAMES[status]
        return standing.propose(self.actor, membership=self.standing_here, change=change, reason=reason)

    def _say(self, status: str) -> None:
        """The register learns the new status from the person; a wrong one is found in review."""
        rows = Employment.objects.everywhere(reason=WHY).filter(person=self.person, period__upper_inf=True)
        last = rows.first()
        if last is not None and last.status == status:
            return
        change_employment(
            self.actor,
            person=self.person,
            on=timezone.localdate(),
            work_unit=last.work_unit if last else "",
            employer=last.employer if last else None,
            occupation=last.occupation if last else "",
            form=last.form if last else "1",
            status=status,
        )


class Submitted(Own, Page):
    """The answer to a submission: number, who handles it, by when, what next."""

    needs_person = False
    template_name = "organising/moving/submitted.html"

    def context(self) -> dict[str, Any]:
        rows = Review.objects.owned_by(self.access).select_related("organisation")
        review = rows.filter(number=self.kwargs["number"]).first()
        if review is None:
            raise Http404
        steps = list(
            ReviewStep.objects.everywhere(reason=WHY)
            .filter(review=review)
            .select_related("organisation")
            .order_by("order")
        )
        names = "，再由".join(f"{step.organisation.name}（{Role(step.role).label}）" for step in steps)
        return {
            "review": review,
            "handler": f"由{names}审核",
            "due": steps[0].due_on,
            "days": steps[0].working_days,
            "links": [
                {"label": "查看办理进度", "url": reverse("m_application", args=[review.number])},
                {"label": "回到首页", "url": reverse("m_home")},
            ],
        }
