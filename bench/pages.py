"""pages.* and card.verify: over HTTP, granian with two workers, against the same template rendered from constants.

Throughput is a closed loop of four connections, page and baseline in turn; p95 is taken at half of that rate, whether
or not the server keeps up. A baseline's page goes through the same middleware and template, with every list read
beforehand and no statement left; the baseline of card.verify also reads one row. Whoever looks sends the cookies that
the first page set, as a browser does. Load generator: `bench.load`, on the same two cores.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import quote

from .eyes import WHY, accounts
from .figure import p95, tell
from .home import ROOT
from .load import Outcome, drive, request

HOST = "127.0.0.1"
CARDS = 400
ROUNDS = 6


@contextmanager
def served(workers: int = 2) -> Iterator[int]:
    """The site on a free port of this machine."""
    from unionhall.cli import ports
    from unionhall.cli.processes import site_command

    port = ports.choose(HOST, 8731)
    command = site_command(HOST, port, workers)
    command[-1] = "bench.site.wsgi:application"
    environment = os.environ | {"PYTHONPATH": str(ROOT), "DJANGO_SETTINGS_MODULE": "bench.site.settings"}
    child = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=sys.stderr)
    try:
        for _ in range(1200):
            try:
                urllib.request.urlopen(f"http://{HOST}:{port}/verify/", timeout=5).close()
                break
            except OSError:
                time.sleep(0.1)
        else:
            raise TimeoutError("the site did not come up")
        yield port
    finally:
        child.terminate()
        child.wait(20)


class _Site:
    def __init__(self, port: int, seconds: float) -> None:
        self.address, self.seconds = (HOST, port), seconds

    def drive(self, requests: list[bytes], rate: float | None = None) -> Outcome:
        outcome = drive(self.address, requests, seconds=self.seconds, rate=rate)
        self._check(outcome)
        return outcome

    def _check(self, outcome: Outcome) -> None:
        if set(outcome.statuses) != {200}:
            raise AssertionError(f"not every answer was a page: {dict(outcome.statuses)}")

    def in_turn(self, *loads: list[bytes]) -> list[Outcome]:
        """Each load several times, one after the other: whatever else the machine does then meets all of them."""
        found = [Outcome() for _ in loads]
        for _ in range(ROUNDS):
            for whole, requests in zip(found, loads, strict=True):
                whole.add(drive(self.address, requests, seconds=self.seconds / ROUNDS))
        for whole in found:
            self._check(whole)
        return found

    def requests(self, paths: list[str], cookie: str = "") -> list[bytes]:
        return [request(path, f"{HOST}:{self.address[1]}", cookie) for path in paths]

    def browser(self, path: str, cookie: str) -> str:
        """The cookie with those that a browser keeps from its first page."""
        asked = urllib.request.Request(f"http://{HOST}:{self.address[1]}{path}", headers={"Cookie": cookie})
        with urllib.request.urlopen(asked) as answer:  # noqa: S310  # our own address
            found = answer.headers.get_all("Set-Cookie", [])
        return "; ".join([cookie, *(one.partition(";")[0] for one in found)])

    def warm(self, requests: list[bytes]) -> None:
        """Both workers have the page's modules, templates and kept contexts."""
        drive(self.address, requests, seconds=min(3.0, self.seconds), connections=8)

    def statements(self, path: str) -> int:
        with urllib.request.urlopen(f"http://{HOST}:{self.address[1]}{path}") as answer:
            return int(answer.headers.get("X-Statements", -1))


def measure(seconds: float = 12.0) -> None:
    """Tell throughput and p95 of each page, then card.verify."""
    from django.conf import settings

    with accounts() as cookies, served() as port:
        site = _Site(port, seconds)
        cookie = {who: f"{settings.SESSION_COOKIE_NAME}={value}" for who, value in cookies.items()}
        for name, who, paths in _pages():
            kept = site.browser(paths[0], cookie[who])
            real = site.requests(paths, kept)
            constant = [f"/bench/constant/?page={quote(paths[0])}&cookie={quote(kept)}"]
            _page(site, name, real, constant)
        _verify(site)


def _pages() -> list[tuple[str, str, list[str]]]:
    """Name, whose eyes, addresses (taken in turn)."""
    from unionhall.members.models import Membership

    from .eyes import eyes

    seen = Membership.objects.visible_to(eyes()["county"]).current().order_by("-person_id")
    people = list(seen.values_list("person_id", flat=True)[:200])
    return [
        ("list", "county", ["/desk/members/"]),
        ("list_province", "province", ["/desk/members/"]),
        ("member", "county", [f"/desk/members/{person}/" for person in people]),
        ("worker_home", "worker", ["/m/"]),
    ]


def _page(site: _Site, name: str, real: list[bytes], constant: list[str]) -> None:
    baseline = site.requests(constant)
    site.warm(real)
    site.warm(baseline)
    plain, whole = site.in_turn(baseline, real)
    statements = site.statements(constant[0])
    tell(f"pages.throughput.{name}", whole.rate, "pages/s", plain.rate, baseline_statements=statements)
    half = site.drive(real, rate=whole.rate / 2)
    tell(f"pages.p95.{name}", p95(half.times) * 1000, "ms", rate=round(whole.rate / 2, 1))


def _verify(site: _Site) -> None:
    from unionhall.members import cards
    from unionhall.members.models import Card

    rows = Card.objects.everywhere(reason=WHY).filter(status=Card.Status.ACTIVE).order_by("pk")[:CARDS]
    # Paper codes hold for half a year: the same signature, the same look-ups, no renewal in the middle of a run.
    codes = [f"/verify/{cards.paper_code(card)}" for card in rows]
    single = site.requests([f"/bench/one-query/?card={card.pk}&page={quote(codes[0])}" for card in rows])
    whole_requests = site.requests(codes)
    site.warm(single)
    site.warm(whole_requests)
    plain, whole = site.in_turn(single, whole_requests)
    tell("card.verify", whole.rate, "answers/s", plain.rate)
    half = site.drive(whole_requests, rate=whole.rate / 2)
    tell("card.verify_p95", p95(half.times) * 1000, "ms", rate=round(whole.rate / 2, 1))
