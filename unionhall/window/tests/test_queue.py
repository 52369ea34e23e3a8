"""Numbers of a day: drawn in order, called once, moved on; the kiosk, the ticket and the board."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests.world import World, ensure
from unionhall.foundation import throttling
from unionhall.foundation.actors import NotAllowed, system_actor
from unionhall.foundation.errors import Refused
from unionhall.window import figures
from unionhall.window.actions import halls, queueing, receptions
from unionhall.window.models import Counter, Hall, Ticket

SignIn = Callable[[str], Client]
WHY = "test"


def made(world: World, counters: int = 2) -> Hall:
    return halls.open_hall(system_actor(), organisation=world.unions["pier"], name="大厅", counters=counters)


def seat(world: World, hall: Hall, number: int, account: str, *letters: str) -> Counter:
    counter = Counter.objects.everywhere(reason=WHY).get(hall=hall, number=number)
    return halls.sit_down(world.actor(account), counter=counter, letters=letters)


@pytest.mark.django_db
def test_a_day_at_a_counter(world: World) -> None:
    hall, clerk = made(world), world.actor("clerk")
    counter = seat(world, hall, 1, "clerk")
    first, second = (queueing.draw(hall, letter="A") for _ in range(2))
    old = queueing.draw(hall, letter="B", is_priority=True)
    assert [first.label, second.label, old.label] == ["A001", "A002", "B001"]
    assert queueing.call_next(clerk, counter=counter) == old  # whoever has priority
    assert queueing.send_to(clerk, counter=counter, letter="C").queue == "C"
    assert queueing.call_next(clerk, counter=counter) == old  # its number and its place are kept
    assert queueing.recall(clerk, counter=counter).calls == 3
    called = Ticket.objects.everywhere(reason=WHY).get(pk=old.pk).called_at
    assert queueing.pass_over(clerk, counter=counter).state == Ticket.State.MISSED
    assert queueing.call_missed(clerk, counter=counter, ticket=old).state == Ticket.State.CALLED
    assert called is not None
    assert figures.ahead(first) == 0
    assert figures.ahead(second) == 1
    assert queueing.call_next(clerk, counter=counter) == first
    there = receptions.receive(clerk, person=world.people["alpha_1"], found_by="document")
    assert there.ticket == first
    receptions.close(clerk, reception=there)
    states = dict(Ticket.objects.everywhere(reason=WHY).values_list("letter", "state").filter(number=1))
    assert states == {"A": "done", "B": "done"}
    queueing.call_next(clerk, counter=counter)
    assert queueing.call_next(clerk, counter=counter) is None
    (queue_a, queue_c) = figures.waits(hall, timezone.localdate())
    assert (queue_a.waiting, queue_a.served, queue_c.served) == (0, 2, 1)
    assert queue_a.wait is not None
    assert queue_a.service is not None


@pytest.mark.django_db
def test_numbers_begin_anew_each_day_and_queues_are_kept_apart(world: World) -> None:
    hall = made(world)
    queueing.draw(hall, letter="A")
    Ticket.objects.everywhere(reason=WHY).update(day=timezone.localdate() - timedelta(days=1))
    assert queueing.draw(hall, letter="A").label == "A001"
    counter = seat(world, hall, 1, "clerk", "B")
    assert queueing.call_next(world.actor("clerk"), counter=counter) is None  # only B is called here
    with pytest.raises(Refused, match="不取号"):
        queueing.draw(hall, letter="Z")


@pytest.mark.django_db
def test_who_calls(world: World) -> None:
    hall = made(world)
    counter = seat(world, hall, 1, "clerk")
    with pytest.raises(Refused, match="不在这个窗口"):
        queueing.call_next(world.actor("pier_officer"), counter=counter)
    with pytest.raises(Refused, match="由窗口人员"):
        seat(world, hall, 1, "pier_officer")
    with pytest.raises(NotAllowed):
        seat(world, hall, 2, "chair_gamma")
    moved = seat(world, hall, 2, "clerk")  # leaves the first by sitting down at the second
    assert Counter.objects.everywhere(reason=WHY).get(number=1).account_id is None
    with pytest.raises(Refused, match="正在要撤的窗口"):
        halls.change_hall(system_actor(), hall=hall, name="大厅", place="", counters=1, is_open=True)
    halls.leave(world.actor("clerk"))
    halls.change_hall(system_actor(), hall=hall, name="大厅", place="", counters=1, is_open=True)
    assert not Counter.objects.everywhere(reason=WHY).filter(pk=moved.pk).exists()


@pytest.mark.django_db(transaction=True)
def test_two_clerks_at_once_never_call_the_same_number() -> None:
    world = ensure()
    hall = made(world, counters=4)
    for _ in range(8):
        queueing.draw(hall, letter="A")
    seats = [
        (world.actor(name), seat(world, hall, place, name))
        for place, name in enumerate(("clerk", "pier_officer", "east_officer", "river_officer"), start=1)
    ]
    for _ in range(2):
        barrier = Barrier(len(seats))

        def call(one: tuple[object, Counter], barrier: Barrier = barrier) -> str:
            try:
                barrier.wait(timeout=20)
                found = queueing.call_next(one[0], counter=one[1])  # type: ignore[arg-type]
                return found.label if found is not None else ""
            finally:
                connection.close()

        with ThreadPoolExecutor(len(seats)) as pool:
            called = list(pool.map(call, seats))
        assert len(set(called)) == len(seats), called
        assert "" not in called
    assert not Ticket.objects.everywhere(reason=WHY).waiting().exists()


@pytest.mark.django_db
def test_kiosk_ticket_and_board(world: World, client: Client, signed_in: SignIn) -> None:
    hall = made(world)
    kiosk = reverse("window_kiosk", args=[hall.key])
    assert "综合受理" in client.get(kiosk).content.decode()
    ticket = client.post(kiosk, {"letter": "A"})["Location"]
    assert "前面 0 人" in client.get(ticket).content.decode()
    assert client.get(ticket + "x").status_code == 404
    counter = seat(world, hall, 2, "clerk")
    queueing.call_next(world.actor("clerk"), counter=counter)
    board = client.get(reverse("window_board", args=[hall.key])).content.decode()
    assert "A001" in board
    assert "请到 <strong>2</strong> 号窗口" in board
    assert "请到 2 号窗口" in client.get(ticket).content.decode()
    halls.renew_key(system_actor(), hall=hall)
    assert client.get(kiosk).status_code == 404
    home = signed_in("clerk").get(reverse("window_home")).content.decode()
    assert "A001" in home
    assert "过号" in home
    for verb, word in (("recall", "已叫 2 次"), ("pass", "过号：")):
        signed_in("clerk").post(reverse("window_queue"), {"verb": verb})
        assert word in signed_in("clerk").get(reverse("window_home")).content.decode()


@pytest.mark.django_db
def test_numbers_are_not_drawn_without_end(world: World, client: Client) -> None:
    hall = made(world)
    kiosk = reverse("window_kiosk", args=[hall.key])
    for _ in range(queueing.PER_MINUTE):
        throttling.take("window-tickets", str(hall.pk), limit=queueing.PER_MINUTE, per=timedelta(minutes=1))
    assert client.post(kiosk, {"letter": "A"})["Location"] == kiosk
    assert "太频繁" in client.get(kiosk).content.decode()
    assert not Ticket.objects.everywhere(reason=WHY).exists()
