"""The term clock in queries: the end of each union's latest term as a column, and the filter by its colour."""

from datetime import date, timedelta
from typing import TypeVar

from django.conf import settings
from django.db import models
from django.db.models import F, Func, OuterRef, Q, Subquery

from .models import OrganisationQuerySet, Term
from .rules import TermClock, TermState

Rows = TypeVar("Rows", bound=OrganisationQuerySet)


def warning_days() -> int:
    """How many days before its end a term turns amber. Setting TERM_WARNING_DAYS (default 180; assumed, no source)."""
    return int(getattr(settings, "TERM_WARNING_DAYS", 180))


def with_term_end(rows: OrganisationQuerySet, day: date) -> OrganisationQuerySet:
    """Annotate `term_end`: the first day after the latest term that had begun by `day`."""
    terms = Term.objects.everywhere(reason="the end of a term is a fact of the union in the row")
    latest = (
        terms.filter(organisation=OuterRef("pk"), period__startswith__lte=day)
        .order_by("-number")
        .annotate(end=Func(F("period"), function="upper", output_field=models.DateField()))
        .values("end")[:1]
    )
    return rows.annotate(term_end=Subquery(latest))


def in_state(
    rows: OrganisationQuerySet, state: str, day: date, days: int | None = None
) -> OrganisationQuerySet:
    """Unions whose clock shows the state on a day; `rows` carry `term_end`."""
    amber = day + timedelta(days=warning_days() if days is None else days)
    return rows.filter(
        {
            TermState.RED: Q(term_end__lte=day),
            TermState.AMBER: Q(term_end__gt=day, term_end__lte=amber),
            TermState.GREEN: Q(term_end__gt=amber),
            TermState.NONE: Q(term_end=None),
        }[TermState(state)]
    )


def read(end: date | None, day: date) -> TermClock:
    """The clock of one union."""
    return TermClock.read(end, day, warning_days())
