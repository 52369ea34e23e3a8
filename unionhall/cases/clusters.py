"""Several cases against one employer within a window raise an incident warning by themselves, once.

`look` is called when a case of a watched kind has been opened, in its transaction; a job looks again (`sweep`). Numbers
stand in the scheme `case_incident`. A warning that was dismissed stays so until cases or people grow by its share.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Count, Sum
from django.utils import timezone

from unionhall import rulebook
from unionhall.foundation.actors import Actor, system_actor
from unionhall.foundation.errors import Refused
from unionhall.foundation.fields import PathField
from unionhall.organisations.models import Employer, Organisation
from unionhall.rulebook import NoScheme

from .models import Case, CaseLink, Incident
from .rules.incidents import raises
from .schemes.incidents import DISMISSED, WARNING, Cluster, IncidentScheme

__all__ = ["follow", "look", "sweep", "watch", "watched"]
WHY = "cases against one employer are counted wherever they stand; only their number leaves"
#: Cases at which the job looks, the newest first.
NEWEST = 5_000
_watched: set[str] = {"appeal", "dispute"}


def watch(*kinds: str) -> None:
    """Cases of these kinds count."""
    _watched.update(kinds)


def watched() -> frozenset[str]:
    return frozenset(_watched)


def follow(actor: Actor, case: Case, code: str) -> None:
    """As a `kinds.Follow`."""
    look(case)


@transaction.atomic
def look(case: Case) -> Case | None:
    """The warning to which the case belongs, raised or joined now; None while there is none."""
    if case.employer_id is None or case.kind not in _watched:
        return None
    try:
        return _look(case.employer_id)
    except NoScheme:
        return None  # a broken file of incidents must not keep anybody from being heard


def _look(employer_id: int) -> Case | None:
    # Who opens at the same time waits here, and then finds the warning that the other one raised.
    employer = Employer.objects.select_for_update(no_key=True).get(pk=employer_id)
    now = timezone.now()
    version = rulebook.scheme(IncidentScheme, on=timezone.localdate(now), division=employer.division)
    rules, earlier = version.parameters.cluster, _earlier(employer)
    open_one = next((one for one in earlier if one.is_open), None)
    since = _since(rules, earlier, now)
    cases = _cases(employer, since)
    count, heads = len(cases), sum(one.headcount for one in cases)
    if open_one is not None:
        _join(open_one, cases, count, heads)
        return open_one
    if not raises(rules, cases=count, headcount=heads, dismissed=_dismissed(earlier, since)):
        return None
    from .actions.incidents import make_warning
    from .actions.locking import hold

    place = _place(cases, rules)
    try:
        # A case is held already: while its union is moved this would wait in a circle. The job comes back to it.
        hold(place, wait=False)
    except Refused:
        return None
    warning = make_warning(
        system_actor("案件集中预警"), organisation=place, employer=employer,
        title=f"{employer.name}：{count} 件案件集中", cases=count, headcount=heads,
    )  # fmt: skip
    _link(warning, cases)
    return warning


def _earlier(employer: Employer) -> list[Case]:
    """Incidents of this employer, the newest first."""
    rows = Case.objects.everywhere(reason=WHY).filter(kind="incident", employer=employer)
    return list(rows.select_related("incident", "organisation").order_by("-pk")[:20])


def _since(rules: Cluster, earlier: list[Case], now: datetime) -> datetime:
    """The beginning of the window; what led to an incident that was dealt with does not count again."""
    ended = [one.closed_at for one in earlier if one.closed_at is not None and one.state != DISMISSED]
    return max([now - timedelta(days=rules.days), *ended])


def _dismissed(earlier: list[Case], since: datetime) -> tuple[int, int] | None:
    """Cases and people at the last dismissal within the window."""
    for one in earlier:
        if one.state == DISMISSED and one.closed_at is not None and one.closed_at >= since:
            return one.incident.cluster_cases, one.incident.cluster_headcount
    return None


def _cases(employer: Employer, since: datetime) -> list[Case]:
    rows = Case.objects.everywhere(reason=WHY).filter(
        employer=employer, kind__in=_watched, opened_at__gte=since
    )
    return list(rows.select_related("organisation").order_by("pk"))


def _join(warning: Case, cases: list[Case], count: int, heads: int) -> None:
    """New ones are linked; what the warning counts only grows."""
    incident = warning.incident
    if _link(warning, cases) or heads > incident.cluster_headcount:
        incident.cluster_cases = max(incident.cluster_cases, count)
        incident.cluster_headcount = max(incident.cluster_headcount, heads)
        incident.save(update_fields=["cluster_cases", "cluster_headcount"])
        if warning.state == WARNING:
            Case.objects.everywhere(reason=WHY).filter(pk=warning.pk).update(
                headcount=incident.cluster_headcount
            )


def _link(warning: Case, cases: list[Case]) -> int:
    from .actions import core

    linked = set(
        CaseLink.objects.everywhere(reason=WHY).filter(case=warning).values_list("other_id", flat=True)
    )
    fresh = [one for one in cases if one.pk not in linked]
    for one in fresh:
        core.link(system_actor("案件集中预警"), warning, one, CaseLink.Bond.RELATED)
    return len(fresh)


def _place(cases: list[Case], rules: Cluster) -> Organisation:
    """The union of the scheme's level above all of the cases; where they are further apart, the one above them all."""
    step, paths = PathField.SEGMENT, [one.organisation.path for one in cases]
    common = paths[0]
    while not all(path.startswith(common) for path in paths):
        common = common[:-step]
    ways = [common[:end] for end in range(step, len(common) + 1, step)]
    rows = Organisation.objects.everywhere(reason="the union above the cases")
    found = list(rows.filter(path__in=ways).order_by("path"))
    fitting = [one for one in found if one.level <= rules.level]
    return fitting[-1] if fitting else found[0]


def sweep() -> int:
    """Look again at employers of the newest cases; answers how many warnings stand open among them."""
    newest = Case.objects.everywhere(reason=WHY).order_by("-pk").values("pk")[:NEWEST]
    rows = Case.objects.everywhere(reason=WHY).filter(
        pk__in=list(newest.values_list("pk", flat=True)), kind__in=_watched, employer__isnull=False
    )
    tally = rows.values("employer").annotate(cases=Count("pk"), heads=Sum("headcount")).filter(cases__gte=2)
    found = 0
    for one in tally.order_by("employer"):
        with transaction.atomic():
            found += _look(one["employer"]) is not None
    return found


def of(case: Case) -> Case | None:
    """The warning or incident to which a case was linked by its employer, if any."""
    rows = Incident.objects.everywhere(
        reason="shown to who sees the case; opened only with its own permission"
    )
    found = rows.filter(case__links__other=case).select_related("case").order_by("-pk").first()
    return found.case if found is not None else None
