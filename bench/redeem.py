"""Redeeming vouchers: the same one from fifty clients at once, and how many a second beside a single-row update.

The update is what pgbench does: one row by its key, `UPDATE … SET balance = balance + 1 WHERE id = …`, committed by
itself. Both run through the same connections of the same clients, in turns, so that noise meets both.
"""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from threading import Barrier
from typing import Any

from .figure import median, tell, timed
from .home import opened, unionhall

CLIENTS = 50
VOUCHERS_CONTESTED = 20
ROUNDS = 5
WHY = "the bench's own rows"


def measure(home: Path | str, each: int = 200, workers: int = 4) -> None:
    """In an empty home: a merchant and vouchers, then the two figures; `each`: redemptions per worker and round."""
    unionhall(home, "migrate")
    unionhall(home, "seed", "--scale", "tiny")
    with opened(home):
        scene = _Scene(VOUCHERS_CONTESTED + each * workers * ROUNDS)
        _contested(scene)
        _throughput(scene, each, workers)


class _Scene:
    """A merchant with a till, a service, as many vouchers as are needed, and a table to update."""

    def __init__(self, vouchers: int) -> None:
        from django.db import connection
        from django.db.backends.postgresql.psycopg_any import DateRange
        from django.utils import timezone

        from unionhall.access.grants import actor_for
        from unionhall.access.models import Account, Grant
        from unionhall.benefits.models import Merchant, Service, Teller, Voucher
        from unionhall.members.models import Person
        from unionhall.organisations.models import Organisation

        today = timezone.localdate()
        period = DateRange(today - timedelta(days=30), None)
        union = Organisation.objects.everywhere(reason=WHY).get(level=1, parent=None)
        account = Account.objects.create(username="bench-till", display_name="bench")
        Grant.objects.create(account=account, role="merchant", organisation=union, period=period)
        merchant = Merchant.objects.create(organisation=union, name="bench", agreement=period)
        service = Service.objects.create(
            merchant=merchant, code="B1", category="other", title="bench", kind="free", price_words="",
            quota=1, valid_from=today,
        )  # fmt: skip
        Teller.objects.create(merchant=merchant, account=account)
        people = list(Person.objects.everywhere(reason=WHY).values_list("pk", flat=True))
        made = Voucher.objects.bulk_create(
            Voucher(
                service=service, person_id=people[number % len(people)], period_key="once",
                slot=1 + number // len(people), expires_on=today + timedelta(days=30),
            )
            for number in range(vouchers)
        )  # fmt: skip
        self.codes = [one.code for one in made]
        random.shuffle(self.codes)
        self.account, self.actor_for = account, actor_for
        with connection.cursor() as cursor:
            cursor.execute(
                "CREATE TABLE bench_row (id integer PRIMARY KEY, balance integer NOT NULL, filler char(84))"
            )
            cursor.execute("INSERT INTO bench_row SELECT n, 0, '' FROM generate_series(1, 100000) n")
            cursor.execute("VACUUM ANALYZE bench_row")
            cursor.execute("VACUUM ANALYZE benefits_voucher")
            cursor.execute("CHECKPOINT")


def _at_once(clients: int, work: Callable[..., Any], before: Callable[[], Any]) -> list[Any]:
    """Every client on its own connection, all starting together."""
    from django.db import connection

    barrier = Barrier(clients)

    def run(number: int) -> Any:
        try:
            given = before()
            barrier.wait()
            return work(number) if given is None else work(number, given)
        finally:
            connection.close()

    with ThreadPoolExecutor(clients) as pool:
        return list(pool.map(run, range(clients)))


def _till(scene: _Scene) -> Callable[[], Any]:
    from unionhall.benefits.actions.redeeming import teller_of

    def come() -> Any:
        actor = scene.actor_for(scene.account)
        actor.access.prefixes("benefits.redeem")
        return actor, teller_of(actor)

    return come


def _contested(scene: _Scene) -> None:
    """Fifty clients redeem the same voucher; told is the largest number that succeeded with one voucher."""
    from unionhall.benefits.actions.redeeming import redeem
    from unionhall.benefits.models import Redemption

    wins = []
    for _ in range(VOUCHERS_CONTESTED):
        code = scene.codes.pop()

        def once(number: int, till: Any, code: str = code) -> Any:
            actor, teller = till
            return redeem(actor, teller=teller, code=code)

        answers = _at_once(CLIENTS, once, _till(scene))
        wins.append(sum(one.done for one in answers))
        assert sum(one.again for one in answers) == CLIENTS - wins[-1], (
            "every other client is told that it was used"
        )
    rows = Redemption.objects.everywhere(reason=WHY).count()
    least, most = min(wins), max(wins)
    tell(
        "redeem.once", most, "redeemed", clients=CLIENTS, vouchers=VOUCHERS_CONTESTED, least=least, rows=rows
    )


def _throughput(scene: _Scene, each: int, workers: int) -> None:
    """Redemptions a second, each verified, taken and entered in one transaction, beside single-row updates that are
    prepared too; rounds alternate. The journal's bundle comes every few minutes and is told beside."""
    from django.db import connection

    from unionhall.benefits.actions.redeeming import note_redemptions, redeem
    from unionhall.foundation.engine.base import preparing

    def redeeming(number: int, till: Any) -> float:
        actor, teller = till
        codes = [scene.codes.pop() for _ in range(each)]
        began = time.perf_counter()
        for code in codes:
            if not redeem(actor, teller=teller, code=code).done:
                raise AssertionError("a voucher was not redeemed")
        return time.perf_counter() - began

    def updating(number: int, till: Any) -> float:
        ids = [
            random.randint(1, 100_000)  # noqa: S311
            for _ in range(each)
        ]
        began = time.perf_counter()
        with preparing(connection), connection.cursor() as cursor:
            for one in ids:
                cursor.execute("UPDATE bench_row SET balance = balance + 1 WHERE id = %s", [one])
        return time.perf_counter() - began

    rates: dict[str, list[float]] = {"redeem": [], "update": []}
    for _ in range(ROUNDS):
        for name, work in (("update", updating), ("redeem", redeeming)):
            seconds = max(_at_once(workers, work, _till(scene)))
            rates[name].append(each * workers / seconds)
    seconds, rows = timed(note_redemptions)
    tell(
        "redeem.throughput", median(rates["redeem"]), "/s", median(rates["update"]), clients=workers,
        rounds=ROUNDS, journalled=rows, journal_seconds=round(seconds, 3),
    )  # fmt: skip


if __name__ == "__main__":
    measure(sys.argv[1])
