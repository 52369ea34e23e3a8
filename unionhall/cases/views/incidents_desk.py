"""群体性事件 at the desk: the list, the room, its wall, photos of the log."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.utils import timezone

from unionhall.foundation.models import working_calendar
from unionhall.foundation.views import Detail, List
from unionhall.records import attachments

from .. import incident_wall, room
from ..forms.incidents_filter import IncidentFilter
from ..models import Case, IncidentEntry

VIEW, HANDLE = "cases.incidents", "cases.incidents_handle"
_RELATED = ("organisation", "incident", "employer", "owner")


class OfIncident:
    """Pages of one incident, found by its number."""

    model: ClassVar[Any] = Case
    slug_field: ClassVar[str] = "number"

    def get_queryset(self) -> Any:
        rows = super().get_queryset()  # type: ignore[misc]
        return rows.filter(kind="incident").select_related(*_RELATED)


class Incidents(List):
    """/desk/incidents/: what runs first; late and withheld reports are marked."""

    model = Case
    permission = VIEW
    template_name = "cases/incidents/list.html"
    filter_form = IncidentFilter

    def get_queryset(self) -> Any:
        return super().get_queryset().filter(kind="incident").select_related(*_RELATED)

    def filtered(self) -> Any:
        rows, chosen = self.get_queryset(), self.chosen
        if "q" in chosen:
            rows = rows.filter(Q(title__contains=chosen["q"]) | Q(number=chosen["q"].upper()))
        if "grade" in chosen:
            rows = rows.filter(grade=chosen["grade"])
        wanted = {
            "open": Q(closed_at=None) & ~Q(state="warning"),
            "warning": Q(state="warning"),
            "closed": Q(closed_at__isnull=False),
        }
        if chosen.get("state") in wanted:
            rows = rows.filter(wanted[chosen["state"]])
        if chosen.get("flag") == "late":
            rows = rows.filter(Q(incident__late_minutes__gt=0) | Q(incident__withheld=True))
        if chosen.get("flag") == "overdue":
            rows = rows.filter(closed_at=None, due_at__lt=timezone.now())
        return rows

    def decorate(self, rows: list[Any]) -> list[Any]:
        now, calendar = timezone.now(), working_calendar()
        return [room.row(one, now, calendar) for one in rows]

    def context(self) -> dict[str, Any]:
        return {"may_report": bool(self.access.prefixes(HANDLE))}


class Room(OfIncident, Detail):
    """/desk/incidents/<number>/: clocks on top, phases, the log in the middle."""

    permission = VIEW
    template_name = "cases/incidents/room.html"
    offer_place = "incident.page"
    partials = ("clocks",)

    def context(self) -> dict[str, Any]:
        linked = list(self.object.links.select_related("other__organisation")[:50])
        seen = Case.objects.visible_to(self.access).filter(pk__in=[one.other_id for one in linked])
        known = {one.pk: one for one in seen}
        return room.given(self.object, self.actor) | {
            "linked": [known[one.other_id] for one in linked if one.other_id in known],
            "hidden": sum(one.other_id not in known for one in linked),
        }


class Wall(OfIncident, Detail):
    """/desk/incidents/<number>/wall/: for the wall of the duty room, 1920×1080, renewed by itself; others beside it."""

    permission = VIEW
    template_name = "cases/incidents/wall.html"
    partials = ("wall",)

    def context(self) -> dict[str, Any]:
        found = room.given(self.object, self.actor)
        return found | incident_wall.given(self.object, self.access, found)


class Photo(Detail):
    """A photo of the log, shown in the page."""

    model = IncidentEntry
    permission = VIEW

    def get_queryset(self) -> Any:
        return super().get_queryset().select_related("photo")

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        photo = self.object.photo
        if photo is None:
            raise Http404
        found = StreamingHttpResponse(attachments.chunks(photo), content_type=photo.content_type)
        found["Content-Disposition"] = "inline"
        return found  # type: ignore[return-value]
