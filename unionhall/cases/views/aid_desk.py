"""法律援助 at the desk: what waits, one application with what the rule says, who can take it, the lawyer's work."""

from datetime import timedelta
from typing import Any

from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from unionhall.foundation.models import working_calendar
from unionhall.foundation.scope import ScopedQuerySet
from unionhall.foundation.views import Detail, List
from unionhall.organisations.models import Organisation
from unionhall.organisations.subtrees import Subtree

from .. import presenting
from ..actions import aid, lawyering
from ..forms.aid import AidFilter
from ..indicators.aid import FIGURES_OF
from ..models import AidAssignment, AidWork, Case, LegalAid
from ..versions import scheme_of, state_label

VIEW, HANDLE, PAY = "cases.aid", aid.HANDLE, "cases.aid_pay"
WHY = "parts of a case that the reader may open"
TONES = {
    "applied": "info", "supplement": "warn", "granted": "warn", "offered": "info", "working": "info",
    "reported": "warn", "objected": "warn", "closed": "ok", "refused": "bad", "withdrawn": "mute", "terminated": "bad",
    "call_back": "bad", "fixing": "warn",
}  # fmt: skip
ASSIGNMENT_TONES = {"offered": "warn", "accepted": "info", "reported": "info", "closed": "ok"}
SOON = timedelta(days=3)


def below(access: Any, code: str, permission: str, to: str = "organisation") -> Q:
    """Rows of a union that the reader sees and of those beneath it, in both chains; of all without a code."""
    if not code:
        return Q()
    union = Organisation.objects.visible_to(access, to=permission).filter(code=code).first()
    return Subtree(union).q(to) if union is not None else Q(pk__in=[])


def tabs(here: str, access: Any) -> list[dict[str, Any]]:
    """Pages of legal aid and lawyers that the reader may open."""
    items = (
        ("援助案件", "desk_aid", VIEW), ("律师名册", "desk_lawyers", "cases.lawyers"),
        ("援助机构", "desk_aid_bodies", "cases.lawyers"), ("企业服务律师", "desk_counsel", "cases.lawyers"),
    )  # fmt: skip
    return [
        {"label": label, "url": reverse(name), "current": name == here}
        for label, name, code in items
        if access.prefixes(code)
    ]


class Requests(List):
    """/desk/aid/: applications, the first due first is a filter away; states, causes, lights in the address."""

    model = Case
    permission = VIEW
    template_name = "cases/aid/requests.html"
    filter_form = AidFilter

    def filtered(self) -> ScopedQuerySet[Any]:
        rows = self.get_queryset().filter(kind=aid.KIND, legal_aid__isnull=False)
        rows = rows.select_related("organisation", "employer", "person", "owner", "legal_aid")
        chosen, now = self.chosen, timezone.now()
        if state := chosen.get("state"):
            rows = rows.filter(closed_at=None) if state == "open" else rows.filter(state=state)
        if chosen.get("cause"):
            rows = rows.filter(cause=chosen["cause"])
        if chosen.get("form"):
            rows = rows.filter(legal_aid__form=chosen["form"])
        if chosen.get("figure") in FIGURES_OF:
            rows = rows.filter(FIGURES_OF[chosen["figure"]](None))
        rows = rows.filter(below(self.access, chosen.get("under", ""), VIEW))
        if q := chosen.get("q"):
            rows = rows.filter(Q(number=q.upper()) | Q(title__contains=q) | Q(employer__name__contains=q))
        due = chosen.get("due")
        if due == "late":
            rows = rows.filter(closed_at=None, due_at__lt=now)
        elif due == "soon":
            rows = rows.filter(closed_at=None, due_at__range=(now, now + SOON))
        elif due == "limit":
            today = timezone.localdate()
            rows = rows.filter(
                closed_at=None, legal_aid__expires_on__range=(today, today + timedelta(days=7))
            )
        return rows

    def decorate(self, rows: list[Any]) -> list[Any]:
        now, calendar = timezone.now(), working_calendar()
        return [
            presenting.row(one, now, calendar) | {"tone": TONES.get(one.state, "info"), "aid": one.legal_aid}
            for one in rows
        ]

    def context(self) -> dict[str, Any]:
        return {"tabs": tabs("desk_aid", self.access), "may_open": bool(self.access.prefixes(aid.OPEN))}


class OfAid(Detail):
    """A page about one application, by the number of its case."""

    model = Case
    permission = VIEW
    slug_field = "number"

    def get_queryset(self) -> ScopedQuerySet[Any]:
        rows = super().get_queryset().filter(kind=aid.KIND, legal_aid__isnull=False)
        return rows.select_related(
            "organisation", "employer", "person", "owner", "legal_aid__body", "legal_aid__decision"
        )


class Request(OfAid):
    """/desk/aid/<number>/."""

    template_name = "cases/aid/request.html"

    def context(self) -> dict[str, Any]:
        case: Case = self.object
        found: LegalAid = case.legal_aid
        now, calendar, today = timezone.now(), working_calendar(), timezone.localdate()
        events = list(case.events.order_by("pk"))
        may = self.actor.may(HANDLE, *case.organisation.paths)
        rows = AidAssignment.objects.everywhere(reason=WHY).filter(aid=found)
        assignments = list(rows.select_related("lawyer", "payment").order_by("-pk"))
        works = AidWork.objects.everywhere(reason=WHY).filter(assignment__in=assignments)
        waiting = case.state == "granted"
        able, unable = lawyering.ranked(found) if waiting and may else ([], [])
        names = lawyer_names(
            [*(one.candidate.id for one in able[:3]), *(one.candidate.id for one in unable[:20])]
        )
        judged = aid.judged(found) if case.is_open and not found.outcome else None
        return {
            "tabs": tabs("desk_aid", self.access), "aid": found, "state": state_label(case),
            "tone": TONES.get(case.state, "info"), "steps": presenting.stepper(case, events),
            "facts": presenting.facts(case), "clocks": presenting.clock_rows(case.clocks.all(), now, calendar),
            "timeline": presenting.timeline(events, case), "judged": judged, "may": may,
            "first": may and case.state in ("applied", "supplement") and aid.may_come_first(found, today),
            "acts": acts(case, found, assignments[0] if assignments else None, today) if may else [],
            "assignments": [
                {"one": one, "tone": ASSIGNMENT_TONES.get(one.state, "mute")} for one in assignments
            ],
            "works": list(works.select_related("file")[:100]),
            "able": [{"name": names[one.candidate.id], "words": one.words} for one in able[:3]],
            "unable": [{"name": names[one.candidate.id], "reason": one.reason} for one in unable[:20]],
            "waiting": waiting, "texts": list(case.texts.order_by("pk")[:50]), "lacking": found.lacking,
            "links": list(case.linked_from.select_related("case")[:10]),
        }  # fmt: skip


def lawyer_names(keys: list[int]) -> dict[int, str]:
    from ..models import Lawyer

    rows = Lawyer.objects.everywhere(reason=WHY).filter(pk__in=keys)
    return {one.pk: f"{one.name}（{one.firm}）" for one in rows}


#: Verbs of a state, the likely one first; `aid_acts.VERBS` says what each asks.
BY_STATE: dict[str, tuple[str, ...]] = {
    "applied": ("grant", "refuse", "ask_more", "withdraw"),
    "supplement": ("supply", "grant", "refuse", "withdraw"),
    "granted": ("offer", "withdraw", "terminate"),
    "offered": ("accept", "decline", "replace", "withdraw", "terminate"),
    "working": ("replace", "withdraw", "terminate"),
    "reported": ("close", "return_report", "terminate"),
    "objected": ("change", "uphold"),
    "call_back": ("called",),
    "fixing": ("fixed",),
}


def acts(case: Case, found: LegalAid, last: AidAssignment | None, today: Any) -> list[dict[str, str]]:
    """What may be done now: label and address; the first is the likely one."""
    from .aid_acts import VERBS

    codes = list(BY_STATE.get(case.state, ()))
    known = {one.code for one in scheme_of(case).moves}
    if found.first and not found.outcome and case.is_open:
        codes.insert(0, "confirm")
    if case.state in ("applied", "supplement") and aid.may_come_first(found, today):
        codes.insert(0, "first")
    if case.state == "closed" and last is not None and last.fee and last.payment_id is None:
        codes.append("pay")
    return [
        {"code": code, "label": VERBS[code].title, "url": reverse("desk_aid_act", args=[case.number, code])}
        for code in codes
        if VERBS[code].move in known or not VERBS[code].move
    ]
