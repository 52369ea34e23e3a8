"""Numbers of a day: drawing one, calling the next, again, passing over, moving to another queue.

A number belongs to nobody by name, so drawing and calling are not journalled one by one; the rows say when and by whom.
"""

from datetime import date, timedelta

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from unionhall.foundation import throttling
from unionhall.foundation.actors import Actor
from unionhall.foundation.errors import Refused

from ..models import Counter, Hall, QueueKind, Ticket
from ..places import SERVE

_WHY = "numbers of a hall: whoever draws is nobody, whoever calls is asked for his counter"
#: Numbers a hall's kiosk and phones may draw in a minute.
PER_MINUTE = 30
MISSED_KEEPS = timedelta(hours=3)


def draw(hall: Hall, *, letter: str, is_priority: bool = False, day: date | None = None) -> Ticket:
    """The next number of a queue today. Raises Refused for a queue that is closed, or when too many are drawn."""
    if throttling.take("window-tickets", str(hall.pk), limit=PER_MINUTE, per=timedelta(minutes=1)):
        raise Refused("取号太频繁，请稍等一分钟再取，或直接到窗口。")
    return _drawn(hall, letter, is_priority, day or timezone.localdate())


@transaction.atomic
def _drawn(hall: Hall, letter: str, is_priority: bool, day: date) -> Ticket:
    # Its kind's row is held while the number is taken, so that two at once get two numbers.
    kinds = QueueKind.objects.everywhere(reason=_WHY).select_for_update()
    kind = kinds.filter(hall=hall, letter=letter, is_open=True, hall__is_open=True).first()
    if kind is None:
        raise Refused("这一类今天不取号，请选别的，或到窗口询问。")
    rows = Ticket.objects.everywhere(reason=_WHY).filter(hall=hall, day=day, letter=letter)
    last = rows.aggregate(last=Max("number"))["last"] or 0
    return Ticket.objects.create(
        hall=hall, day=day, letter=letter, number=last + 1, queue=letter, is_priority=is_priority
    )


def _seat(actor: Actor, counter: Counter) -> Counter:
    rows = Counter.objects.everywhere(reason=_WHY).select_for_update(of=("self",))
    fresh = rows.select_related("hall__organisation").get(pk=counter.pk)
    if fresh.account_id != actor.account_id:
        raise Refused("您不在这个窗口上岗，请先上岗。")
    actor.require(SERVE, *fresh.hall.organisation.paths)
    return fresh


def at_counter(counter: Counter) -> Ticket | None:
    """The number that is called there now."""
    rows = Ticket.objects.everywhere(reason=_WHY).filter(counter=counter, state=Ticket.State.CALLED)
    return rows.first()


@transaction.atomic
def call_next(actor: Actor, *, counter: Counter) -> Ticket | None:
    """Finish the number at the counter and call the next; None when nobody waits.

    The row that is called is locked and others pass it over: two clerks at once never call the same number.
    """
    seat = _seat(actor, counter)
    now, day = timezone.now(), timezone.localdate()
    Ticket.objects.everywhere(reason=_WHY).filter(counter=seat, state=Ticket.State.CALLED).update(
        state=Ticket.State.DONE, ended_at=now
    )
    rows = Ticket.objects.everywhere(reason=_WHY).filter(hall=seat.hall, day=day).waiting()
    if seat.letters:
        rows = rows.filter(queue__in=seat.letters)
    found = rows.order_by("-is_priority", "taken_at", "pk").select_for_update(skip_locked=True).first()
    if found is None:
        return None
    return _call(actor, found, seat)


def _call(actor: Actor, ticket: Ticket, seat: Counter) -> Ticket:
    now = timezone.now()
    ticket.state, ticket.counter, ticket.last_called_at = Ticket.State.CALLED, seat, now
    ticket.called_at = ticket.called_at or now
    ticket.calls, ticket.account_id, ticket.ended_at = ticket.calls + 1, actor.account_id, None
    ticket.save()
    return ticket


def _present(actor: Actor, counter: Counter) -> Ticket:
    seat = _seat(actor, counter)
    rows = Ticket.objects.everywhere(reason=_WHY).select_for_update()
    found = rows.filter(counter=seat, state=Ticket.State.CALLED).first()
    if found is None:
        raise Refused("窗口现在没有叫到的号。")
    return found


@transaction.atomic
def recall(actor: Actor, *, counter: Counter) -> Ticket:
    """Call the same number once more: the board shows it anew."""
    found = _present(actor, counter)
    found.calls, found.last_called_at = found.calls + 1, timezone.now()
    found.save(update_fields=["calls", "last_called_at"])
    return found


@transaction.atomic
def pass_over(actor: Actor, *, counter: Counter) -> Ticket:
    """Nobody came: the number is missed, and may be called again when he does."""
    found = _present(actor, counter)
    found.state, found.ended_at, found.counter = Ticket.State.MISSED, timezone.now(), None
    found.save(update_fields=["state", "ended_at", "counter"])
    return found


@transaction.atomic
def finish(actor: Actor, *, counter: Counter) -> Ticket:
    found = _present(actor, counter)
    found.state, found.ended_at = Ticket.State.DONE, timezone.now()
    found.save(update_fields=["state", "ended_at"])
    return found


@transaction.atomic
def send_to(actor: Actor, *, counter: Counter, letter: str) -> Ticket:
    """Another queue is the right one: he keeps his number and his place in time."""
    found = _present(actor, counter)
    kinds = QueueKind.objects.everywhere(reason=_WHY)
    if letter == found.queue or not kinds.filter(hall=found.hall_id, letter=letter).exists():
        raise Refused("请选择另一个类别。", field="letter")
    found.state, found.queue, found.counter, found.called_at = Ticket.State.WAITING, letter, None, None
    found.save(update_fields=["state", "queue", "counter", "called_at"])
    return found


@transaction.atomic
def call_missed(actor: Actor, *, counter: Counter, ticket: Ticket) -> Ticket:
    """Whoever was passed over has come after all: straight to this counter."""
    seat = _seat(actor, counter)
    rows = Ticket.objects.everywhere(reason=_WHY).select_for_update()
    found = rows.filter(
        pk=ticket.pk, hall=seat.hall, day=timezone.localdate(), state=Ticket.State.MISSED
    ).first()
    if found is None:
        raise Refused("这个号不是今天过号的号，请重新取号。")
    if at_counter(seat) is not None:
        raise Refused("请先办结窗口现在的号。")
    return _call(actor, found, seat)
