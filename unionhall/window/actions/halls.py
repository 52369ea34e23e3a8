"""Setting up a hall: its kinds of queue, its counters, the addresses of its kiosk and board."""

from collections.abc import Sequence

from django.db import IntegrityError, transaction
from django.utils import timezone

from unionhall.access.models import Account
from unionhall.foundation.actors import Actor
from unionhall.foundation.errors import Refused
from unionhall.network.models import Node
from unionhall.organisations.models import Organisation
from unionhall.records.actions import journal

from ..models import Counter, Hall, QueueKind, Ticket
from ..models.halls import new_key
from ..places import SERVE

MANAGE = "window.manage"
_WHY = "verbs on halls ask their permission by themselves"
#: What a new hall begins with; its manager changes it.
KINDS = (
    ("A", "综合受理", "各类事项都可以办"),
    ("B", "会籍会员卡", "入会、转接、会员卡"),
    ("C", "帮扶保障", "困难帮扶、互助、理赔"),
)
MOST_COUNTERS = 40


@transaction.atomic
def open_hall(
    actor: Actor,
    *,
    organisation: Organisation,
    name: str,
    place: str = "",
    counters: int = 2,
    node: Node | None = None,
) -> Hall:
    """A new hall with usual queues and so many counters."""
    actor.require(MANAGE, *organisation.paths)
    if not 1 <= counters <= MOST_COUNTERS:
        raise Refused(f"窗口数在 1 到 {MOST_COUNTERS} 之间。", field="counters")
    try:
        with transaction.atomic():
            hall = Hall.objects.create(
                organisation=organisation, node=node, name=name.strip()[:60], place=place[:120]
            )
    except IntegrityError:
        raise Refused("这个组织或站点已经有同名的服务大厅。", field="name") from None
    QueueKind.objects.bulk_create(
        QueueKind(hall=hall, letter=letter, title=title, note=note) for letter, title, note in KINDS
    )
    Counter.objects.bulk_create(Counter(hall=hall, number=number) for number in range(1, counters + 1))
    journal(
        actor, "window.hall_opened", subject=hall, paths=organisation.paths, detail={"counters": counters}
    )
    return hall


def _manage(actor: Actor, hall: Hall) -> Hall:
    rows = Hall.objects.everywhere(reason=_WHY).select_for_update(of=("self",)).select_related("organisation")
    fresh = rows.get(pk=hall.pk)
    actor.require(MANAGE, *fresh.organisation.paths)
    return fresh


@transaction.atomic
def change_hall(actor: Actor, *, hall: Hall, name: str, place: str, counters: int, is_open: bool) -> Hall:
    """Rename, add counters (empty ones at the end are removed), close or open."""
    fresh = _manage(actor, hall)
    present = Counter.objects.everywhere(reason=_WHY).filter(hall=fresh)
    last = present.count()
    if not 1 <= counters <= MOST_COUNTERS:
        raise Refused(f"窗口数在 1 到 {MOST_COUNTERS} 之间。", field="counters")
    if present.filter(number__gt=counters).exclude(account=None).exists():
        raise Refused("有人正在要撤的窗口上岗，请先离岗。", field="counters")
    present.filter(number__gt=counters).delete()
    Counter.objects.bulk_create(Counter(hall=fresh, number=n) for n in range(last + 1, counters + 1))
    fresh.name, fresh.place, fresh.is_open = name.strip()[:60], place.strip()[:120], is_open
    try:
        with transaction.atomic():
            fresh.save(update_fields=["name", "place", "is_open"])
    except IntegrityError:
        raise Refused("这个组织已经有同名的服务大厅。", field="name") from None
    journal(
        actor, "window.hall_changed", subject=fresh, paths=fresh.organisation.paths, detail={"open": is_open}
    )
    return fresh


@transaction.atomic
def save_kind(actor: Actor, *, hall: Hall, letter: str, title: str, note: str, is_open: bool) -> QueueKind:
    """A kind of queue, new or changed, by its letter."""
    fresh = _manage(actor, hall)
    if len(letter) != 1 or not ("A" <= letter <= "Z"):
        raise Refused("字母是 A 到 Z 中的一个。", field="letter")
    found, _ = QueueKind.objects.everywhere(reason=_WHY).update_or_create(
        hall=fresh,
        letter=letter,
        defaults={"title": title.strip()[:20], "note": note.strip()[:60], "is_open": is_open},
    )
    journal(
        actor, "window.kind_saved", subject=fresh, paths=fresh.organisation.paths,
        detail={"letter": letter, "open": is_open},
    )  # fmt: skip
    return found


@transaction.atomic
def renew_key(actor: Actor, *, hall: Hall) -> Hall:
    """New addresses for kiosk and board; the old ones open nothing from now on."""
    fresh = _manage(actor, hall)
    fresh.key = new_key()
    fresh.save(update_fields=["key"])
    journal(actor, "window.key_renewed", subject=fresh, paths=fresh.organisation.paths)
    return fresh


@transaction.atomic
def sit_down(actor: Actor, *, counter: Counter, letters: Sequence[str] = ()) -> Counter:
    """Take a counter, leaving the one before; `letters` are the queues that it calls (none: all)."""
    rows = Counter.objects.everywhere(reason=_WHY).select_for_update(of=("self",))
    fresh = rows.select_related("hall__organisation", "account").get(pk=counter.pk)
    actor.require(SERVE, *fresh.hall.organisation.paths)
    if fresh.account_id not in (None, actor.account_id):
        today = fresh.since is not None and timezone.localdate(fresh.since) == timezone.localdate()
        if today:
            raise Refused(f"{fresh}现在由{fresh.account}使用，请换一个，或请他先离岗。", field="counter")
    leave(actor, unless=fresh.pk)
    known = set(
        QueueKind.objects.everywhere(reason=_WHY).filter(hall=fresh.hall).values_list("letter", flat=True)
    )
    fresh.account = Account.objects.get(pk=actor.account_id or 0)
    fresh.since, fresh.letters = timezone.now(), sorted(known.intersection(letters))
    fresh.save(update_fields=["account", "since", "letters"])
    journal(
        actor,
        "window.seated",
        subject=fresh,
        paths=fresh.hall.organisation.paths,
        detail={"letters": fresh.letters},
    )
    return fresh


@transaction.atomic
def leave(actor: Actor, *, unless: int | None = None) -> None:
    """Leave the counter; the number that is still called there is done."""
    rows = (
        Counter.objects.everywhere(reason=_WHY).filter(account=actor.account_id or 0).exclude(pk=unless or 0)
    )
    for one in rows.select_related("hall__organisation"):
        Ticket.objects.everywhere(reason=_WHY).filter(counter=one, state=Ticket.State.CALLED).update(
            state=Ticket.State.DONE, ended_at=timezone.now()
        )
        Counter.objects.everywhere(reason=_WHY).filter(pk=one.pk).update(account=None, since=None)
        journal(actor, "window.left", subject=one, paths=one.hall.organisation.paths)
