"""Verbs at once, for tests with `django_db(transaction=True)`."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Event, Thread
from time import sleep

from django.db import connection, transaction

from unionhall.foundation.errors import Refused

Verb = Callable[[], object]


def at_once(*verbs: Verb) -> list[str]:
    """Begin at the same moment, each on its own connection; "ok" or the refusal's words, in the order given."""
    barrier = Barrier(len(verbs))

    def run(verb: Verb) -> str:
        try:
            barrier.wait(timeout=20)
            verb()
        except Refused as refusal:
            return str(refusal)
        else:
            return "ok"
        finally:
            connection.close()

    with ThreadPoolExecutor(len(verbs)) as threads:
        return list(threads.map(run, verbs))


def answers(first: Verb, second: Verb) -> list[str]:
    """What each is told: the second begins when the first has acted, half a second before it is committed."""
    acted, found = Event(), {"first": "", "second": ""}

    def run(name: str, verb: Verb, pause: float) -> None:
        try:
            with transaction.atomic():
                verb()
                acted.set()
                sleep(pause)
        except Refused as refusal:
            found[name] = str(refusal)
        finally:
            acted.set()
            connection.close()

    one, other = (
        Thread(target=run, args=("first", first, 0.5)),
        Thread(target=run, args=("second", second, 0)),
    )
    one.start()
    assert acted.wait(20)
    other.start()
    for thread in (one, other):
        thread.join(20)
    return list(found.values())
