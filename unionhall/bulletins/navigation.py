"""公示公告 in the public header and in the desk's navigation, with the objections that wait to be settled."""

from django.http import HttpRequest

from unionhall.foundation.navigation import Entry, declare
from unionhall.foundation.permissions import EVERYONE

from .models import Objection


def objections_to_settle(request: HttpRequest) -> int | None:
    """Open objections in the reader's scope; one query, none for those who settle nothing."""
    access = request.access  # type: ignore[attr-defined]
    if not access.prefixes("bulletins.settle"):
        return None
    return Objection.objects.all().visible_to(access).open().count()


declare(
    Entry("public", "", "公示公告", "public_notices", "news", EVERYONE, 40),
    Entry(
        "desk", "办理", "公示公告", "desk_notices", "speakerphone", "bulletins.view", 70, objections_to_settle
    ),
)
