"""/desk/: what waits for me, by its light; the figures of my subtree; what I was told lately."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import NoReverseMatch, reverse
from django.utils import timezone

from unionhall.foundation import navigation
from unionhall.foundation.models import working_calendar
from unionhall.foundation.permissions import PARTNERS, SIGNED_IN, Role
from unionhall.foundation.todo import todos
from unionhall.foundation.views import Page
from unionhall.indicators import registry
from unionhall.insights import drilling
from unionhall.insights.board import compared
from unionhall.insights.disclosure import Disclosure
from unionhall.kit.workdays import Calendar
from unionhall.members.hands import hands
from unionhall.members.models import RosterBatch
from unionhall.organisations import clock as term_clock
from unionhall.organisations.models import Organisation
from unionhall.organisations.rules import TermState
from unionhall.records.models import Message
from unionhall.reviews.models import ReviewStep, StepQuerySet
from unionhall.reviews.presenting import clock, holdings
from unionhall.reviews.procedures import title_of
from unionhall.reviews.rules import light_bounds
from unionhall.reviews.todo import to_decide

SHOWN = 6
FIGURES = (
    "members.count",
    "organisations.base_unions",
    "members.women",
    "members.migrant",
    "members.new_form",
)


def address(name: str, query: str = "") -> str:
    """A page's address, or "" where this installation has none."""
    try:
        return reverse(name) + query
    except NoReverseMatch:
        return ""


class DeskHome(Page):
    """Workers without a desk go to their own site; partners are told what they can do."""

    permission = SIGNED_IN
    template_name = "portal/desk_home.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not self.roles - {Role.WORKER}:
            return redirect(address("m_home") or "/")
        return super().get(request, *args, **kwargs)

    @cached_property
    def roles(self) -> frozenset[Role]:
        return getattr(self.access, "roles", frozenset())

    @cached_property
    def is_partner(self) -> bool:
        return not self.roles - PARTNERS - {Role.WORKER}

    def get_template_names(self) -> list[str]:
        return ["portal/partner_home.html"] if self.is_partner else super().get_template_names()

    def may(self, code: str) -> bool:
        return bool(self.access.prefixes(code))

    def context(self) -> dict[str, Any]:
        roles = sorted(self.roles - {Role.WORKER}, key=lambda role: list(Role).index(role))
        if self.is_partner:
            grants = getattr(self.access, "grants", ())
            return {
                "roles": [role.label for role in roles],
                "places": [grant.organisation.name for grant in grants],
                "may_redeem": self.may("benefits.redeem"),
                "may_insure": self.may("benefits.insurance"),
                "links": self._own_pages(),
                "todos": todos(self.request, besides=(to_decide,)),
                "chat": self._messages(),
            }
        tiles, steps = self._reviews()
        return {
            "today": timezone.localdate(),
            "work": tiles + self._terms_tile() + self._imports_tile(),
            # What waits for my decision stands above with its lights; here is everything else that waits.
            "todos": todos(self.request, besides=(to_decide,)),
            "steps": steps,
            "mine": self.mine,
            "batches": self._batches,
            "terms": self._terms[:SHOWN],
            "figures": self._figures(),
            "chat": self._messages(),
            "is_operator": self.may("ops.run"),
            "entries": self._entries(),
        }

    def _own_pages(self) -> list[dict[str, str]]:
        """What the reader's seats hold: the pages of partners that rooms declare and he may open."""
        return [
            {"label": one.label, "url": reverse(one.url_name), "icon": one.icon}
            for one in navigation.entries()
            if one.url_name.startswith("partner_") and self.may(one.permission)
        ]

    def _messages(self) -> list[dict[str, Any]]:
        return [
            {
                "title": row.title,
                "body": row.body,
                "at": row.created_at,
                "url": row.url,
                "unread": row.read_at is None,
            }
            for row in Message.objects.owned_by(self.access).order_by("-pk")[:5]
        ]

    # Reviews -----------------------------------------------------------------------------------------------------

    @cached_property
    def calendar(self) -> Calendar:
        return working_calendar()

    @cached_property
    def _mine(self) -> StepQuerySet:
        rows = ReviewStep.objects.all().visible_to(self.access, to="reviews.decide").waiting()
        return rows.for_deciders(holdings(self.access), hands(self.access).accounts)

    @cached_property
    def mine(self) -> bool:
        """Whether the queue shows what waits for me. A superior with nothing to decide watches those below."""
        if not holdings(self.access):
            return False
        return not self.may("reviews.urge") or self._mine.exists()

    def _reviews(self) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
        """Waiting steps counted by light, and the most urgent: mine, or those of the unions below."""
        today = timezone.localdate()
        if not self.may("reviews.view"):
            return [], []
        rows = self._mine if self.mine else ReviewStep.objects.all().visible_to(self.access).waiting()
        words = (
            ("逾期未办", "三个工作日内到期", "等我审核")
            if self.mine
            else ("下级逾期未办", "下级三日内到期", "下级在办")
        )
        whose, late_words = ("mine", "请先办这些") if self.mine else ("below", "已过办理时限")
        bounds = light_bounds(today, self.calendar)
        late, soon = Q(due_on__lt=today), Q(due_on__gte=today, due_on__lt=bounds.green_from)
        found = rows.aggregate(
            late=Count("pk", filter=late), soon=Count("pk", filter=soon), all=Count("pk"),
        )  # fmt: skip
        url = address("desk_reviews", f"?whose={whose}")
        tiles = [
            {
                "label": words[0], "value": found["late"], "unit": "件", "url": f"{url}&light=red",
                "hot": found["late"] > 0, "note": late_words if found["late"] else "审核没有逾期",
            },
            {"label": words[1], "value": found["soon"], "unit": "件", "url": f"{url}&light=amber"},
            {"label": words[2], "value": found["all"], "unit": "件", "url": url},
        ]  # fmt: skip
        urgent = rows.select_related("review", "organisation").order_by("due_on", "pk")[:SHOWN]
        steps = [
            {
                "step": step,
                "procedure": title_of(step.review.procedure),
                "clock": clock(step, today, self.calendar),
            }
            for step in urgent
        ]
        return tiles, steps

    # Terms, rosters ------------------------------------------------------------------------------------------------

    @cached_property
    def _terms(self) -> list[dict[str, Any]]:
        """Unions whose term has ended or ends soon, the longest overdue first."""
        if not self.may("organisations.terms"):
            return []
        today = timezone.localdate()
        rows = Organisation.objects.visible_to(self.access, to="organisations.terms").active()
        rows = term_clock.with_term_end(rows, today)
        soon = term_clock.in_state(rows, TermState.AMBER, today) | term_clock.in_state(
            rows, TermState.RED, today
        )
        return [
            {
                "organisation": row,
                "clock": term_clock.read(row.term_end, today, row.division),  # type: ignore[attr-defined]
                "end": row.term_end,  # type: ignore[attr-defined]
            }
            for row in soon.order_by("term_end", "pk")[:200]  # type: ignore[misc]
        ]

    def _terms_tile(self) -> list[dict[str, Any]]:
        if not self.may("organisations.terms"):
            return []
        ended = sum(row["clock"].state is TermState.RED for row in self._terms)
        return [
            {
                "label": "届满未换届", "value": ended, "unit": "家", "url": address("desk_orgs", "?term=red"),
                "note": f"另有 {len(self._terms) - ended} 家即将届满",
            }
        ]  # fmt: skip

    @cached_property
    def _batches(self) -> list[RosterBatch]:
        if not self.may("members.intake"):
            return []
        state = RosterBatch.State
        rows = RosterBatch.objects.visible_to(self.access).select_related("organisation")
        waiting = [state.READY, state.UPLOADED, state.CHECKING, state.COMMITTING, state.UNDOING]
        return list(rows.filter(state__in=waiting).order_by("-pk")[:SHOWN])

    def _imports_tile(self) -> list[dict[str, Any]]:
        if not self.may("members.intake"):
            return []
        ready = sum(batch.state == RosterBatch.State.READY for batch in self._batches)
        return [{"label": "待确认的名册", "value": ready, "unit": "批", "url": address("desk_imports")}]

    # Figures ---------------------------------------------------------------------------------------------------------

    def _figures(self) -> dict[str, Any] | None:
        """The figures of my subtree, with a year ago."""
        if not self.may("organisations.figures"):
            return None
        top = drilling.top_for(self.access)
        if top is None:
            return None
        where = drilling.place(top, self.access)
        seen = Disclosure(where)
        now, before = seen.values(FIGURES), seen.earlier(FIGURES, drilling.year_before(where))
        tiles = []
        for code in FIGURES:
            one = registry.get(code)
            note, trend = compared(now[code], before[code])  # at the reader's top: both exact
            unit = one.unit if now[code] is not None else ""
            tiles.append({"label": one.title, "value": now[code], "unit": unit, "note": note, "trend": trend})
        return {"place": top, "tiles": tiles, "url": address("desk_figures", f"?under={top.code}")}

    def _entries(self) -> list[dict[str, str]]:
        """What this role does most, for those whose desk has no queue."""
        wanted = (
            ("members.view", "会员名册", "desk_members", "users"),
            ("members.intake", "导入名册", "desk_imports", "file-import"),
            ("organisations.view", "工会组织", "desk_orgs", "hierarchy-2"),
            ("organisations.figures", "统计数据", "desk_figures", "chart-bar"),
            ("records.journal", "日志", "desk_journal", "history"),
            ("ops.run", "运行维护", "ops_home", "server"),
        )
        return [
            {"label": label, "url": url, "icon": icon}
            for code, label, name, icon in wanted
            if self.may(code) and (url := address(name))
        ]


class PartnerHome(DeskHome):
    """/partner/: the same for partners; who is none goes to his own entrance."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if self.roles - {Role.WORKER} and not self.is_partner:
            return redirect("desk_home")
        return super().get(request, *args, **kwargs)
