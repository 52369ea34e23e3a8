"""The term clock (届次任期). Source: 工会法 §16 (3 or 5 years), 章程 §26 (early or late change needs approval)."""

from datetime import date

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils import timezone

from unionhall.foundation.actors import Actor
from unionhall.foundation.errors import Refused
from unionhall.kit.periods import years_after
from unionhall.records.actions import journal

from .. import parameters, tree
from ..kinds import Level
from ..models import Organisation, Term
from . import checks


@transaction.atomic
def start_term(
    actor: Actor,
    *,
    organisation: Organisation,
    on: date,
    years: int,
    elected_on: date | None = None,
    committee_size: int | None = None,
    document: str = "",
) -> Term:
    """Register a new committee's term. Before or after the end of the last one it asks for the approval's number."""
    actor.require(checks.TERMS, *organisation.paths)
    (one,) = tree.locked(organisation)
    checks.standing(one)
    allowed = parameters.terms(on, one.division).years(one.level)
    if years not in allowed:
        words = " 或 ".join(f"{year} 年" for year in allowed)
        raise Refused(f"{Level(one.level).label}工会的任期应为 {words}。", "years")
    last = one.terms.order_by("-number").first()
    checks.effective(on, one.existence.lower, last.period.lower if last is not None else None)
    if last is not None and on <= last.period.lower:
        raise Refused("新一届任期应晚于上一届的开始日期。", "on")
    if elected_on is not None and elected_on > on:
        raise Refused("选举日期不能晚于任期开始日期。", "elected_on")
    if last is not None and last.period.upper is not None and on != last.period.upper:
        why = "提前换届" if on < last.period.upper else "延期换届"
        document = checks.document_no(document, why)
    if last is not None and (last.period.upper is None or on < last.period.upper):
        last.period = DateRange(last.period.lower, on)
        last.save(update_fields=["period"])
    term = Term.objects.create(
        organisation=one,
        number=(last.number if last is not None else 0) + 1,
        period=DateRange(on, years_after(on, years)),
        elected_on=elected_on,
        committee_size=committee_size,
        document=document,
    )
    journal(
        actor,
        "organisations.start_term",
        subject=one,
        paths=one.paths,
        reason=document,
        detail={"number": term.number, "on": on.isoformat(), "years": years},
    )
    return term


@transaction.atomic
def extend(actor: Actor, *, organisation: Organisation, until: date, document: str) -> Term:
    """The superior allows the committee to stay on until a later day (延期换届)."""
    actor.require(checks.TERMS, *organisation.paths)
    (one,) = tree.locked(organisation)
    checks.standing(one)
    term = one.terms.order_by("-number").first()
    if term is None:
        raise Refused("还没有登记届次，请先登记换届。")
    document = checks.document_no(document, "延期")
    if until <= term.period.upper:
        raise Refused(f"延期后的届满日期应晚于现在的届满日期 {term.period.upper:%Y-%m-%d}。", "until")
    if until <= timezone.localdate():
        raise Refused("延期后的届满日期应晚于今天。", "until")
    was, term.period = term.period.upper, DateRange(term.period.lower, until)
    term.document = document
    term.save(update_fields=["period", "document"])
    journal(
        actor,
        "organisations.extend_term",
        subject=one,
        paths=one.paths,
        reason=document,
        detail={"number": term.number, "from": was.isoformat(), "until": until.isoformat()},
    )
    return term
