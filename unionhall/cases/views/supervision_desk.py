"""/desk/supervision/: overdue by unit and kind, the list behind it, notes and their replies."""

from __future__ import annotations

from functools import cached_property
from typing import Any, ClassVar

from django.http import Http404
from django.urls import reverse
from django.utils import timezone

from unionhall.foundation.models import working_calendar
from unionhall.foundation.views import Act, Detail, List, Page
from unionhall.kit.workdays import Calendar, deadline_state
from unionhall.organisations.models import Organisation

from .. import overdue
from ..actions import supervision
from ..forms.supervision import IssueForm, NoteFilter, OverdueFilter, ReplyForm, WithdrawForm
from ..models import Case, SupervisionNote
from ..presenting import row as case_row

VIEW, SUPERVISE, REPLY = "cases.supervision", "cases.supervise", "cases.supervision_reply"
_RELATED = ("case__organisation", "issuer", "addressee", "document__attachment")
TONES = {"sent": "warn", "escalated": "bad", "replied": "info", "closed": "ok", "withdrawn": "mute"}


def tabs(current: str) -> list[dict[str, Any]]:
    pages = (("逾期情况", "desk_supervision"), ("督办单", "desk_supervision_notes"))
    return [{"label": label, "url": reverse(name), "current": name == current} for label, name in pages]


class Overview(Page):
    """By unit and by kind; a unit leads to the units below it, a figure to the list."""

    permission = VIEW
    template_name = "cases/supervision/overview.html"

    @cached_property
    def union(self) -> Organisation:
        found = overdue.top(self.access, self.request.GET.get("under", ""))
        if found is None:
            raise Http404
        return found

    def context(self) -> dict[str, Any]:
        found = overdue.table(self.access, self.union)
        for row in found["rows"]:
            code = row["unit"].code
            row["cells"] = [(count, self.address(kind, code)) for kind, count in row["counts"]]
            here = row["unit"].pk == self.union.pk
            row["url"] = "" if here else f"{reverse('desk_supervision')}?under={code}"
        above = self.union.parent
        seen = above is not None and self.actor.may(VIEW, *above.paths)
        return found | {
            "union": self.union, "above": above if seen else None, "tabs": tabs("desk_supervision"),
            "waiting": SupervisionNote.objects.all().visible_to(self.access).waiting().count(),
        }  # fmt: skip

    @staticmethod
    def address(kind: str, code: str) -> str:
        if kind == overdue.REVIEWS:
            return f"{reverse('desk_reviews')}?whose=below&light=red&under={code}"
        return f"{reverse('desk_supervision_overdue')}?under={code}&kind={kind}"


class Overdue(List):
    """The cases behind a figure, the longest overdue first."""

    model = Case
    permission = VIEW
    template_name = "cases/supervision/overdue.html"
    filter_form = OverdueFilter
    ordering = "due_at"

    @cached_property
    def union(self) -> Organisation:
        found = overdue.top(self.access, self.chosen.get("under", ""))
        if found is None:
            raise Http404
        return found

    def get_queryset(self) -> Any:
        return overdue.cases(self.access, self.union).select_related("organisation", "owner")

    def filtered(self) -> Any:
        rows = self.get_queryset()
        return rows.filter(kind=self.chosen["kind"]) if "kind" in self.chosen else rows

    def decorate(self, rows: list[Any]) -> list[Any]:
        notes, now, calendar = overdue.notes_of(rows), timezone.now(), working_calendar()
        return [
            case_row(one, now, calendar)
            | {
                "notes": notes.get(one.pk, (0, False)),
                "may": self.actor.may(SUPERVISE, *one.organisation.paths),
            }
            for one in rows
        ]

    def context(self) -> dict[str, Any]:
        return {"union": self.union, "tabs": tabs("desk_supervision")}


class Issue(Act):
    """督办单 on one case."""

    model = Case
    permission = SUPERVISE
    slug_field = "number"
    template_name = "cases/supervision/act.html"
    form_class: Any = IssueForm
    success_message = "督办单 {result.number} 已发出。"

    def get_queryset(self) -> Any:
        return Case.objects.visible_to(self.access).select_related("organisation", "owner")

    def context(self) -> dict[str, Any]:
        case: Case = self.object
        return {
            "heading": "督办", "button": "发出督办单", "lead": f"{case.title}　{case.number}　{case.organisation.name}",
            "back": reverse("desk_case", args=[case.number]),
        }  # fmt: skip

    def act(self, form: Any) -> SupervisionNote:
        return supervision.issue(self.actor, self.object, asked=form.cleaned_data["asked"])

    def get_success_url(self) -> str:
        return reverse("desk_supervision_note", args=[self.result.number])


class Notes(List):
    """Notes that the reader's unions sent or received."""

    model = SupervisionNote
    permission = VIEW
    template_name = "cases/supervision/notes.html"
    filter_form = NoteFilter

    def get_queryset(self) -> Any:
        return super().get_queryset().select_related(*_RELATED[:3])

    def filtered(self) -> Any:
        rows, chosen = self.get_queryset(), self.chosen
        box = {"sent": (SUPERVISE, "issuer"), "received": (REPLY, "addressee")}.get(chosen.get("box", ""))
        if box is not None:
            unions = Organisation.objects.visible_to(self.access, to=box[0])
            rows = rows.filter(**{f"{box[1]}__in": unions})
        wanted = chosen.get("state")
        if wanted in ("waiting", "late"):
            rows = rows.waiting()
        if wanted == "late":
            rows = rows.filter(due_on__lt=timezone.localdate())
        if wanted in ("replied", "closed"):
            rows = rows.filter(state=wanted)
        return rows.filter(round__gt=1) if chosen.get("repeated") else rows

    def decorate(self, rows: list[Any]) -> list[Any]:
        calendar = working_calendar()
        return [_shown(one, calendar) for one in rows]

    def context(self) -> dict[str, Any]:
        return {"tabs": tabs("desk_supervision_notes")}


def _shown(one: SupervisionNote, calendar: Calendar) -> dict[str, Any]:
    waits = one.state in ("sent", "escalated")
    days = deadline_state(one.due_on, timezone.localdate(), calendar).days if waits else None
    return {"note": one, "tone": TONES[one.state], "days": days, "waits": waits}


class OfNote:
    """Pages of one note, found by its number."""

    model: ClassVar[Any] = SupervisionNote
    slug_field = "number"

    def get_queryset(self) -> Any:
        return super().get_queryset().select_related(*_RELATED)  # type: ignore[misc]


class NotePage(OfNote, Detail):
    permission = VIEW
    template_name = "cases/supervision/note.html"

    def context(self) -> dict[str, Any]:
        one: SupervisionNote = self.object
        earlier = SupervisionNote.objects.all().visible_to(self.access).filter(case=one.case_id)
        waits = one.state in ("sent", "escalated")
        return _shown(one, working_calendar()) | {
            "others": list(earlier.exclude(pk=one.pk).order_by("pk")),
            "may_reply": waits and self.actor.may(REPLY, *one.addressee.paths, *one.case.organisation.paths),
            "may_settle": one.state == "replied" and self.actor.may(SUPERVISE, *one.issuer.paths),
            "may_withdraw": waits and self.actor.may(SUPERVISE, *one.issuer.paths),
            "may_again": one.state in ("replied", "closed") and self.actor.may(SUPERVISE, *one.issuer.paths),
        }


class OnNote(OfNote, Act):
    template_name = "cases/supervision/act.html"
    heading: ClassVar[str] = ""

    def context(self) -> dict[str, Any]:
        one: SupervisionNote = self.object
        return {
            "heading": self.heading, "button": self.heading, "lead": f"{one.number}　{one.case.title}：{one.asked}",
            "back": reverse("desk_supervision_note", args=[one.number]),
        }  # fmt: skip

    def get_success_url(self) -> str:
        return reverse("desk_supervision_note", args=[self.object.number])


class Reply(OnNote):
    permission, heading, form_class = REPLY, "回复督办", ReplyForm

    def act(self, form: Any) -> Any:
        return supervision.reply(self.actor, self.object, **form.cleaned_data)


class Settle(OnNote):
    permission, heading = SUPERVISE, "了结督办"

    def act(self, form: Any) -> Any:
        return supervision.settle(self.actor, self.object)


class Withdraw(OnNote):
    permission, heading, form_class = SUPERVISE, "撤回督办", WithdrawForm

    def act(self, form: Any) -> Any:
        return supervision.withdraw(self.actor, self.object, **form.cleaned_data)
