"""单位投保 at the desk: a unit's lists, the condition with what is missing, handing in, renewal."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, ClassVar

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone

from unionhall.foundation.scope import ScopedQuerySet
from unionhall.foundation.views import Act, Create, Detail, List
from unionhall.kit.money import yuan
from unionhall.kit.text import number_of
from unionhall.ledger.models import Commitment, Payment

from ..actions import plans
from ..forms.plans import REASONS, ChosenForm, LeaveForm, PlanForm, SubmitForm
from ..models import PlanPerson, PlanPurchase
from ..schemes.cover import TITLES
from .cover_desk import tabs

VIEW, TAKE = "benefits.plans", "benefits.plan_take"
TONES = {"draft": "warn", "submitted": "info", "effective": "ok", "cancelled": "mute"}
Standing = PlanPerson.Standing


def row_of(purchase: PlanPurchase) -> dict[str, Any]:
    """A purchase as lists show it: its period, and whether it is time to renew."""
    today, upper = timezone.localdate(), purchase.period.upper if purchase.period else None
    last = upper - timedelta(days=1) if upper else None
    over = last is not None and last < today
    return {
        "row": purchase, "title": TITLES[purchase.programme], "last": last,
        "tone": "mute" if over else TONES[purchase.state],
        "words": "保障期满" if over else purchase.get_state_display(),
        "ending": last is not None and not over and last - today <= plans.RENEW_WITHIN,
    }  # fmt: skip


class Plans(List):
    """/desk/cover/plans/: what the reader's units took out, latest first."""

    model = PlanPurchase
    permission = VIEW
    template_name = "benefits/cover/plans.html"

    def filtered(self) -> ScopedQuerySet[Any]:
        return self.get_queryset().select_related("organisation")

    def decorate(self, rows: list[Any]) -> list[Any]:
        return [row_of(one) for one in rows]

    def context(self) -> dict[str, Any]:
        return {"tabs": tabs("desk_cover_plans", self.access), "may_take": bool(self.access.prefixes(TAKE))}


class NewPlan(Create):
    """/desk/cover/plans/new/: the list is made at once, with everyone who qualifies on it."""

    model = PlanPurchase
    permission = TAKE
    template_name = "benefits/cover/plan_new.html"
    form_class: Any = PlanForm
    success_message = "名单已列好，请核对谁不参加。"

    def get_initial(self) -> dict[str, Any]:
        return {"starts": timezone.localdate() + timedelta(days=15)}

    def act(self, form: PlanForm) -> PlanPurchase:
        return plans.start(self.actor, **form.chosen())

    def get_success_url(self) -> str:
        return reverse("desk_cover_plan", args=[self.result.pk])

    def context(self) -> dict[str, Any]:
        return {"tabs": tabs("desk_cover_plans", self.access)}


class _Plan:
    """A purchase in the reader's scope."""

    model: ClassVar[Any] = PlanPurchase
    permission: ClassVar[str] = TAKE
    object: Any

    def get_queryset(self) -> Any:
        return super().get_queryset().select_related("organisation", "previous", "decision")  # type: ignore[misc]

    def get_success_url(self) -> str:
        return reverse("desk_cover_plan", args=[self.object.pk])


class PlanPage(_Plan, Detail):
    """/desk/cover/plans/<pk>/: figures against the condition, everybody by standing with the reason, the money."""

    permission = VIEW
    template_name = "benefits/cover/plan.html"
    page_size = 50

    def context(self) -> dict[str, Any]:
        purchase: PlanPurchase = self.object
        counted, version = plans.tally(purchase), plans.version_of(purchase)
        may = self.actor.may(TAKE, *purchase.organisation.paths)
        renewable = plans.renewable_from(purchase)
        shown = self.request.GET.get("show", "")
        if shown not in Standing.values:
            shown = next((code for code in Standing.values if counted.counts[code]), Standing.LISTED)
        after = number_of(self.request.GET.get("after", ""))
        rows = PlanPerson.objects.visible_to(self.access, to=VIEW).filter(purchase=purchase, standing=shown)
        if after is not None:
            rows = rows.filter(pk__gt=after)
        found = list(rows.select_related("person").order_by("pk")[: self.page_size + 1])
        more, found = len(found) > self.page_size, found[: self.page_size]
        tier = next((one for one in version.parameters.premiums if one.tier == purchase.tier), None)
        return row_of(purchase) | {
            "tabs": tabs("desk_cover_plans", self.access), "version": version, "tally": counted, "shown": shown,
            "standings": [
                {"label": label, "url": f"?show={code}", "count": counted.counts[code], "current": code == shown}
                for code, label in Standing.choices
            ],
            "people": found, "after": found[-1].pk if more else "", "first_page": not after,
            "tiles": _tiles(purchase, counted), "may_list": may and purchase.is_draft,
            "ticking": may and purchase.is_draft and shown in (Standing.LISTED, Standing.LEFT_OUT), "reasons": REASONS,
            "facts": _facts(purchase, tier.label if tier else purchase.tier, version.parameters.insurer),
            "money": _money(purchase), "assumed": version.status == "assumed",
            "may_renew": may and renewable is not None and renewable <= timezone.localdate(),
            "may_cancel": may and purchase.state in ("draft", "submitted"),
        }  # fmt: skip


def _tiles(purchase: PlanPurchase, counted: plans.Tally) -> list[dict[str, Any]]:
    if not purchase.is_draft:
        return [
            {"label": "符合条件", "value": purchase.qualify, "unit": "人"},
            {"label": "参加", "value": purchase.joined, "unit": "人"},
            {"label": "本期投保", "value": purchase.listed, "unit": "人"},
            {"label": "保费", "value": yuan(purchase.amount), "unit": "元"},
        ]
    asked = counted.share
    return [
        {"label": "符合条件", "value": asked.qualify, "unit": "人"},
        {"label": f"参加（{asked.percent}%）", "value": asked.joined, "unit": "人"},
        {"label": "还差", "value": asked.missing, "unit": "人", "hot": asked.missing > 0},
        {"label": "保费", "value": yuan(counted.amount), "unit": "元"},
    ]


def _facts(purchase: PlanPurchase, tier: str, insurer: str) -> list[tuple[str, Any]]:
    period = purchase.period
    words = (
        f"{period.lower:%Y-%m-%d} 至 {period.upper - timedelta(days=1):%Y-%m-%d}" if period else "付款后生效"
    )
    earliest = plans.renewable_from(purchase)
    return [
        ("投保单位", purchase.organisation.name), ("档次", tier), ("要求起保", f"{purchase.starts:%Y-%m-%d}"),
        ("保障期", words), ("承保单位", insurer), ("经办", f"{purchase.made_by} {purchase.made_at:%Y-%m-%d}"),
        ("来历", "接着上一期" if purchase.previous_id else "首次投保"),
        *([("续保", f"{earliest:%Y-%m-%d} 起可以办理")] if earliest else []),
    ]  # fmt: skip


def _money(purchase: PlanPurchase) -> str:
    """Where the premium stands, in words; "" before it was handed in."""
    if purchase.decision_id is None:
        return ""
    rows = Payment.objects.everywhere(reason="the payment of a list that the reader may open")
    payment = rows.filter(key=plans.key_of(purchase)).first()
    if payment is not None:
        return f"{payment.number}：{payment.get_state_display()}"
    held = Commitment.objects.everywhere(reason="the commitment of a list that the reader may open")
    found = held.filter(key=plans.key_of(purchase)).first()
    return f"预算{found.get_state_display()}" if found is not None else ""


class _Post(_Plan, Act):
    """A verb that is one button of the page: what is refused is said there."""

    http_method_names = ("post",)

    def refuse(self, form: Any) -> HttpResponse:
        told = " ".join(str(one) for errors in form.errors.values() for one in errors)
        messages.error(self.request, told)
        return redirect(self.get_success_url())


class Relist(_Post):
    success_message = "名单已按现在的会员名册更新。"

    def act(self, form: Any) -> int:
        return plans.relist(self.actor, purchase=self.object)


class LeaveOut(_Post):
    form_class: Any = LeaveForm
    success_message = "{result} 人改为不参加。"

    def act(self, form: LeaveForm) -> int:
        chosen = form.cleaned_data
        return plans.leave_out(
            self.actor, purchase=self.object, people=chosen["selected"], reason=chosen["reason"]
        )


class TakeIn(_Post):
    form_class: Any = ChosenForm
    success_message = "{result} 人改为参加。"

    def act(self, form: ChosenForm) -> int:
        return plans.take_in(self.actor, purchase=self.object, people=form.cleaned_data["selected"])


class Submit(_Post):
    """The register may have changed since the list was made: first that, then the sum that was seen counts."""

    form_class: Any = SubmitForm
    success_message = "已提交，保费列入付款；付款后保障生效，会通知每个人。"

    def post(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if self.object.is_draft:
            plans.relist(self.actor, purchase=self.object)
        return super().post(request, *args, **kwargs)

    def act(self, form: SubmitForm) -> PlanPurchase:
        return plans.submit(self.actor, purchase=self.object, amount=form.cleaned_data["amount"])


class Cancel(_Post):
    success_message = "已撤销。"

    def act(self, form: Any) -> PlanPurchase:
        return plans.cancel(self.actor, purchase=self.object)

    def get_success_url(self) -> str:
        return reverse("desk_cover_plans")


class Renew(_Post):
    """POST: a new list from the day after the last, with the same tier."""

    success_message = "续保名单已列好，请核对谁不参加。"

    def act(self, form: Any) -> PlanPurchase:
        one: PlanPurchase = self.object
        today = timezone.localdate()
        starts = max(one.period.upper, today) if one.period else today
        self.made = plans.start(
            self.actor, organisation=one.organisation, programme=one.programme, tier=one.tier, starts=starts,
            previous=one,
        )  # fmt: skip
        return self.made

    def get_success_url(self) -> str:
        made = getattr(self, "made", None)
        return reverse("desk_cover_plan", args=[made.pk if made is not None else self.object.pk])
