"""Two verbs at once, for tests with `django_db(transaction=True)`."""

from collections.abc import Callable
from threading import Event, Thread
from time import sleep

from django.db import connection, transaction

from unionhall.foundation.errors import Refused

Verb = Callable[[], object]


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
