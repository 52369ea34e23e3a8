"""Figures of disputes and partners: filed, settled, on time, recovered; by mediation body, by partner, by area."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import Avg, Count, Exists, F, OuterRef, Q, Subquery, Sum
from django.utils import timezone

from unionhall.foundation.scope import Access
from unionhall.indicators.registry import Dimension, indicator, subset

from ..models import Agreement, Case, CaseClock, Mediation, MediationBody, PartnerBody, Referral
from ..schemes.disputes import CAUSES

FIGURES = "organisations.figures"
#: Ratings below which no mean is shown.
FEWEST = 3
CAUSE = Dimension("cause", "争议类型", lambda where: F("cause"), CAUSES, "cause")
UNSETTLED = ("failed", "timeout")
_WHY = "figures over cases that the reader may see; counted, not shown"


@indicator(
    "cases.disputes",
    title="劳动争议",
    unit="件",
    definition="登记的劳动争议调解申请，不含不予受理和撤回的；以当前为准",
    source="劳动争议案件",
    list_name="desk_disputes",
    dimensions=(CAUSE,),
    private="cases.disputes",
)
def disputes(where: Any) -> Any:
    rows = Case.objects.visible_to(where.access, to=FIGURES).filter(kind="dispute")
    return rows.exclude(state__in=["declined", "withdrawn"]).filter(where.q("organisation"))


subset(
    "cases.disputes_open",
    of="cases.disputes",
    when=lambda where: Q(closed_at=None),
    title="未结劳动争议",
    definition="劳动争议中还没有结案的",
    list_query={"stage": "open"},
)
subset(
    "cases.disputes_agreed",
    of="cases.disputes",
    when=lambda where: Q(Exists(_agreements())),
    title="达成协议的劳动争议",
    definition="劳动争议中调解协议已经生效的",
)
subset(
    "cases.disputes_late",
    of="cases.disputes",
    when=lambda where: Q(closed_at=None, due_at__lt=timezone.now()),
    title="超期的劳动争议",
    definition="劳动争议中没有结案、已经超过办理时限的",
    list_query={"due": "late"},
)


def _agreements() -> Any:
    rows = Agreement.objects.everywhere(reason=_WHY).filter(case=OuterRef("pk"), effective_on__isnull=False)
    return rows.exclude(state="void")


def seen(access: Access) -> Any:
    """Disputes of the reader's area."""
    return Case.objects.all().visible_to(access, to="cases.disputes").filter(kind="dispute")


def share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def by_body(access: Access) -> list[dict[str, Any]]:
    """Each body: cases it had, ended with or without agreement, in time, money recovered. Two statements."""
    held = Mediation.objects.everywhere(reason=_WHY).filter(case=OuterRef("pk"))
    # A case counts for the body that had it last.
    last = Subquery(held.order_by("-pk").values("body")[:1])
    counted = seen(access).order_by().annotate(last=last).exclude(last=None).values("last").annotate(
        cases=Count("pk"),
        agreed=Count("pk", filter=Q(Exists(_agreements()))),
        failed=Count("pk", filter=Q(state__in=UNSETTLED)),
        in_time=Count("pk", filter=Q(Exists(_met("mediation")))),
        recovered=Sum("dispute__recovered", default=0),
    )  # fmt: skip
    found = list(counted)
    bodies = MediationBody.objects.everywhere(reason=_WHY).in_bulk([row["last"] for row in found])
    rows = [row | {"body": bodies[row["last"]], **_shares(row)} for row in found]
    return sorted(rows, key=lambda row: (-row["cases"], row["body"].pk))


def _shares(row: dict[str, Any]) -> dict[str, Any]:
    done = row["agreed"] + row["failed"]
    return {"rate": share(row["agreed"], done), "on_time": share(row["in_time"], done)}


def _met(code: str) -> Any:
    rows = CaseClock.objects.everywhere(reason=_WHY)
    return rows.filter(case=OuterRef("pk"), code=code, state=CaseClock.State.MET)


def by_partner(access: Access) -> list[dict[str, Any]]:
    """Each partner: referred, answered, in time, waiting, late. Two statements."""
    visible = Case.objects.all().visible_to(access)
    rows = Referral.objects.everywhere(reason=_WHY).filter(case__in=visible.values("pk"))
    open_one = Q(state__in=["sent", "accepted"], ended_at=None)
    counted = rows.order_by().values("body").annotate(
        cases=Count("pk"),
        answered=Count("pk", filter=Q(answered_at__isnull=False)),
        in_time=Count("pk", filter=Q(answered_at__isnull=False, in_time=True)),
        returned=Count("pk", filter=Q(state="returned")),
        waiting=Count("pk", filter=open_one),
        late=Count("pk", filter=open_one & Q(due_at__lt=timezone.now())),
    )  # fmt: skip
    found = list(counted)
    bodies = PartnerBody.objects.everywhere(reason=_WHY).in_bulk([row["body"] for row in found])
    return sorted(
        (
            row | {"body": bodies[row["body"]], "on_time": share(row["in_time"], row["answered"])}
            for row in found
        ),
        key=lambda row: (-row["cases"], row["body"].pk),
    )


def by_area(access: Access) -> list[dict[str, Any]]:
    """Counties by the code of where it happened: filed, open, late, asked for, recovered. One statement."""
    rows = seen(access).exclude(state__in=["declined", "withdrawn"]).order_by()
    counted = rows.values("division").annotate(
        cases=Count("pk"),
        open=Count("pk", filter=Q(closed_at=None)),
        late=Count("pk", filter=Q(closed_at=None, due_at__lt=timezone.now())),
        asked=Sum("amount"),
        recovered=Sum("dispute__recovered"),
    )  # fmt: skip
    found: dict[str, dict[str, Any]] = {}
    for row in counted:
        area = row["division"][:6]
        total = found.setdefault(
            area, {"area": area, "cases": 0, "open": 0, "late": 0, "asked": 0, "recovered": 0}
        )
        for name in ("cases", "open", "late", "asked", "recovered"):
            total[name] += row[name] or 0
    return sorted(found.values(), key=lambda row: (-row["cases"], row["area"]))


def satisfaction(access: Access) -> tuple[int, float | None]:
    """How many rated, and their mean of five; no mean of fewer than `FEWEST`: it would say who rated what."""
    found = seen(access).aggregate(count=Count("dispute__rating"), mean=Avg("dispute__rating"))
    return found["count"], found["mean"] if found["count"] >= FEWEST else None


def against(employer: int, *, since: datetime) -> Any:
    """Disputes of one employer that came in since a moment: what a cluster is found by. Only numbers leave."""
    rows = Case.objects.everywhere(reason="how many disputes one employer has, wherever they were filed")
    return rows.filter(kind="dispute", employer=employer, opened_at__gte=since)
