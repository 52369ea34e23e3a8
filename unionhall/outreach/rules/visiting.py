"""When a visit is owed, when a problem is due, what a rating leads to, how meetings and documents compare."""

from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal

from unionhall.kit.workdays import Calendar
from unionhall.rulebook.programmes import calculator

from ..schemes.outreach import PROGRAMME, OutreachScheme

#: A duty's light turns amber when so many hours are left.
AMBER_HOURS = 12


@calculator("outreach.duty_due", programme=PROGRAMME)
def duty_due(parameters: OutreachScheme, opened_at: datetime) -> datetime:
    """Hours run round the clock, holidays included: whoever is hurt doesn't wait for Monday."""
    return opened_at + timedelta(hours=parameters.duty_hours)


@calculator("outreach.asks_visit", programme=PROGRAMME)
def asks_visit(parameters: OutreachScheme, what: str) -> bool:
    """Whether an injury, a hardship or a trouble asks for a visit here."""
    return what in parameters.triggers


@calculator("outreach.index", programme=PROGRAMME)
def index(parameters: OutreachScheme, this: int, last: int) -> str:
    """The reduction as examples write it; "" where there is none."""
    found = reduction(this, last)
    return "" if found is None else str(found)


def reduction(this: int, last: int) -> Decimal | None:
    """1 − this / last (domain.md §17): 0.55 is 55 % less. None where there was nothing to compare with."""
    if last <= 0:
        return None
    return (1 - Decimal(this) / Decimal(last)).quantize(Decimal("0.0001"), ROUND_HALF_UP)


@calculator("outreach.cut_reached", programme=PROGRAMME)
def cut_reached(parameters: OutreachScheme, what: str, this: int, last: int) -> bool:
    """Whether meetings or documents shrank by as much as the scheme asks."""
    asked = parameters.meetings_cut if what == "meetings" else parameters.documents_cut
    found = reduction(this, last)
    return found is not None and found >= asked


@calculator("outreach.firms_missing", programme=PROGRAMME)
def firms_missing(parameters: OutreachScheme, helped: int) -> int:
    """How many more firms in difficulty want a named helper until the target is met."""
    return max(0, parameters.difficult_firms - helped)


def item_due(opened_on: date, working_days: int, calendar: Calendar) -> date:
    """The last day; the day on which it was found doesn't count (民法典 §201)."""
    return calendar.add_working_days(opened_on, working_days)


def duty_light(due_at: datetime, now: datetime) -> str:
    """red when over, amber in the last hours."""
    if now > due_at:
        return "red"
    return "amber" if due_at - now <= timedelta(hours=AMBER_HOURS) else "green"


def hours_left(due_at: datetime, now: datetime) -> int:
    """Full hours until the clock ends; negative when it is over, −1 in the first hour after."""
    seconds = (due_at - now).total_seconds()
    return int(seconds // 3600)


@calculator("outreach.asked_back", programme=PROGRAMME)
def asked_back(parameters: OutreachScheme, draw: Decimal) -> bool:
    """Whether a rating by slip is asked about; `draw` is random, from 0 up to 1."""
    return draw < parameters.check_share


def reopens(parameters: OutreachScheme, stars: int, reopened: int) -> bool:
    """Whether a rating sends the problem back to its owner: low, and not sent back too often already."""
    return stars <= parameters.low_rating and reopened < parameters.reopen_at_most
