"""What is overdue below a union: by unit and kind of case, reviews beside them; the list behind each figure."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, F, Q, Value
from django.db.models.functions import Substr
from django.utils import timezone

from unionhall.foundation.fields import PathField
from unionhall.foundation.scope import Access
from unionhall.organisations.models import Organisation
from unionhall.reviews.models import ReviewStep

from . import kinds
from .models import Case, SupervisionNote

__all__ = ["REVIEWS", "cases", "notes_of", "reviews", "table", "top"]
VIEW, REVIEWS = "cases.supervision", "review"


def top(access: Access, code: str = "") -> Organisation | None:
    """The union that is looked at: the one named, if it is in the reader's scope, else the highest he answers for."""
    rows = Organisation.objects.visible_to(access, to=VIEW)
    if code:
        return rows.filter(code=code).first()
    return rows.order_by("level", "path").first()


def _below(union: Organisation, to: str = "organisation") -> Q:
    return Q(**{f"{to}__path__startswith": union.path}) | Q(**{f"{to}__second_path__startswith": union.path})


def cases(access: Access, union: Organisation, kind: str = "") -> Any:
    """Open cases below the union whose nearest clock has run out, of the kinds that the reader sees."""
    rows = Case.objects.visible_to(access).open().filter(_below(union), due_at__lt=timezone.now())
    return rows.filter(kind=kind) if kind else rows


def reviews(access: Access, union: Organisation) -> Any:
    """Reviews below it that are past their day."""
    rows = ReviewStep.objects.all().visible_to(access).waiting().filter(_below(union))
    return rows.filter(due_on__lt=timezone.localdate())


def _tally(rows: Any, union: Organisation, kind: Any) -> dict[tuple[str, str], int]:
    """(unit's path, kind) → count: those in the regional chain, then those that stand below it by industry alone."""
    size = len(union.path) + PathField.SEGMENT
    found: dict[tuple[str, str], int] = {}
    for field, only in (
        ("path", Q(organisation__path__startswith=union.path)),
        ("second_path", ~Q(organisation__path__startswith=union.path)),
    ):
        grouped = rows.filter(only).values(unit=Substr(f"organisation__{field}", 1, size), of=kind)
        for one in grouped.annotate(count=Count("pk")).order_by():
            key = (one["unit"], one["of"])
            found[key] = found.get(key, 0) + one["count"]
    return found


def table(access: Access, union: Organisation) -> dict[str, Any]:
    """Rows by unit (the union itself and those directly below), columns by kind; the most overdue first."""
    tally = _tally(cases(access, union), union, F("kind"))
    tally |= _tally(reviews(access, union), union, Value(REVIEWS))
    codes = [one for one in kinds.all_kinds() if access.prefixes(one.view)]
    columns = [(one.code, one.title) for one in codes] + [(REVIEWS, "审核办件")]
    paths = {path for path, _ in tally}
    units = Organisation.objects.everywhere(reason="units below a union that the reader answers for")
    found = list(units.filter(Q(path__in=paths) | Q(second_path__in=paths)))
    rows: list[dict[str, Any]] = []
    for one in found:
        counts = [
            (code, sum(tally.get((path, code), 0) for path in {one.path, one.second_path} - {""}))
            for code, _ in columns
        ]
        rows.append({"unit": one, "counts": counts, "total": sum(count for _, count in counts)})
    rows.sort(key=lambda row: (-row["total"], row["unit"].path))
    totals = [sum(row["counts"][place][1] for row in rows) for place in range(len(columns))]
    return {"columns": columns, "rows": rows, "totals": totals, "total": sum(totals)}


def notes_of(rows: list[Case]) -> dict[int, tuple[int, bool]]:
    """Case → how many notes there were, and whether one waits."""
    notes = SupervisionNote.objects.everywhere(reason="notes about cases that the reader sees")
    found: dict[int, tuple[int, bool]] = {}
    for case_id, state in notes.filter(case__in=rows).exclude(state="withdrawn").values_list("case", "state"):
        count, waits = found.get(case_id, (0, False))
        found[case_id] = (count + 1, waits or state in ("sent", "escalated"))
    return found
