"""The end of a hotline list: on its day what it says of callers goes; numbers, fates and cases stay."""

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from unionhall import rulebook
from unionhall.foundation.actors import Actor
from unionhall.organisations.models import Organisation
from unionhall.records import attachments
from unionhall.records.actions import journal

from ..models import HotlineList
from ..schemes.appeals import AppealScheme
from .locking import WHY

#: Lists of one run of the job.
TOGETHER = 200
NOTHING = "[]"


def days_kept(union: Organisation) -> int:
    """By the scheme in force where the importing union stands."""
    version = rulebook.scheme(AppealScheme, on=timezone.localdate(), division=union.division)
    return version.parameters.hotline_days


@transaction.atomic
def empty(actor: Actor, made: HotlineList) -> int:
    """Rows lose their cells, the file its content; a list nobody confirmed is given up. Answers rows; twice is once.

    What a job that stopped had not registered until then is not registered any more.
    """
    rows = HotlineList.objects.everywhere(reason=WHY).select_for_update(of=("self",))
    fresh = rows.select_related("organisation", "file").get(pk=made.pk)
    if fresh.emptied_at is not None:
        return 0
    count: int = fresh.rows.everywhere(reason=WHY).update(cells=NOTHING)
    fresh.emptied_at = timezone.now()
    ends = {
        HotlineList.State.CHECKED: HotlineList.State.DISCARDED,
        HotlineList.State.TAKING: HotlineList.State.TAKEN,
    }
    fresh.state = ends.get(HotlineList.State(fresh.state), fresh.state)
    fresh.save(update_fields=["state", "emptied_at"])
    attachments.empty(fresh.file)
    journal(
        actor, "cases.hotline_emptied", subject=fresh, label=fresh.name, paths=fresh.organisation.paths,
        detail={"rows": count},
    )  # fmt: skip
    return count


def empty_due(actor: Actor) -> int:
    """Every list whose days are over; answers how many."""
    now, done = timezone.now(), 0
    rows = HotlineList.objects.everywhere(reason="the platform clears what has expired, wherever it stands")
    waiting = rows.filter(emptied_at=None, at__lte=now - timedelta(days=1)).select_related("organisation")
    for made in waiting.order_by("at")[:TOGETHER]:
        if made.at + timedelta(days=days_kept(made.organisation)) <= now:
            empty(actor, made)
            done += 1
    return done
