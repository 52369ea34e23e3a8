"""The term clock in queries: the end of each union's latest term as a column, and the filter by its colour."""

from datetime import date

from django.db import models
from django.db.models import Case, F, Func, OuterRef, Q, Subquery, Value, When

from . import parameters
from .models import OrganisationQuerySet, Term
from .rules import TermClock, TermState


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


def ended(day: date) -> Q:
    """The condition that the latest term begun by a day has ended: `term_end__lte=day` without asking row by row.

    Terms never overlap, so it has ended when one has ended and none holds the day. Asked as one set of unions, which
    is made once for all rows; two sets, one of them of every union with a term, take half as long again.
    """
    terms = Term.objects.everywhere(reason="the end of a term is a fact of the union in the row").order_by()
    over = terms.filter(period__endswith__lte=day).values("organisation")
    return Q(pk__in=over.difference(terms.filter(period__contains=day).values("organisation")))


def _announced(day: date) -> date | Case:
    """The last end of a term that shows amber on a day, by the division of the row."""
    *own, (_, everywhere) = parameters.soon_by_place(day)
    if not own:
        return everywhere
    cases = [When(division__startswith=prefix, then=Value(soon)) for prefix, soon in own]
    return Case(*cases, default=Value(everywhere), output_field=models.DateField())


def in_state(rows: OrganisationQuerySet, state: str, day: date) -> OrganisationQuerySet:
    """Unions whose clock shows the state on a day; `rows` carry `term_end`."""
    soon = _announced(day)
    return rows.filter(
        {
            TermState.RED: Q(term_end__lte=day),
            TermState.AMBER: Q(term_end__gt=day, term_end__lte=soon),
            TermState.GREEN: Q(term_end__gt=soon),
            TermState.NONE: Q(term_end=None),
        }[TermState(state)]
    )


def read(end: date | None, day: date, division: str) -> TermClock:
    """The clock of one union in a division."""
    return TermClock.read(end, day, parameters.soon(day, division))
