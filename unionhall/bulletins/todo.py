"""Public notices in the one to-do list: objections to settle, rows whose domain would not take them."""

from django.http import HttpRequest
from django.urls import reverse

from unionhall.foundation.todo import Steps, Todo, ask, register

from .models import NoticeRow, Objection, PublicNotice


def objections(request: HttpRequest) -> Steps:
    access = request.access  # type: ignore[attr-defined]
    if access.prefixes("bulletins.settle"):
        found = yield ask(Objection.objects.all().visible_to(access).open())
        yield Todo(
            "公示异议待核实", found["all"], reverse("desk_objections"), note="相应公示已暂停", order=20
        )


def hindered(request: HttpRequest) -> Steps:
    access = request.access  # type: ignore[attr-defined]
    if access.prefixes("bulletins.publish"):
        rows = NoticeRow.objects.all().visible_to(access, to="bulletins.publish")
        found = yield ask(rows.filter(state=NoticeRow.State.OPEN).exclude(hindrance=""))
        url = f"{reverse('desk_notices')}?state={PublicNotice.State.PUBLICISED}"
        yield Todo("公示期满未能办结", found["all"], url, unit="行", order=21)


register(objections, hindered)
