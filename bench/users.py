"""Many people at once on a running site: `python -m bench.users --address http://127.0.0.1:8000 --users 40`.

Each plays a part over and over, with a browser's cookies and a pause to read: a worker (home, card, messages), an
officer (list, one member, search, figures), a visitor (home, progress, verify a card).
They come in through the demonstration's one-click doors (`--demo`), or through the sign-in page with `--officer
NAME:PASSWORD` (of an account without a second factor). It is made for trying out a machine; ours are measured by
`make bench`.

Prints a JSON line for every route: count, errors, p50, p95, p99 in milliseconds, and requests a second of all.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import statistics
import sys
import threading
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field

import httpx

NAMES = ("张", "李", "王", "海", "建国", "欧阳")
DEMO_OFFICERS = ("county", "city", "province", "street")


@dataclass
class Tally:
    """Times of every route, gathered by all threads."""

    times: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    errors: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    lock: threading.Lock = field(default_factory=threading.Lock)

    def note(self, route: str, seconds: float, good: bool) -> None:
        with self.lock:
            self.times[route].append(seconds)
            self.errors[route] += not good

    def lines(self, seconds: float) -> list[dict[str, object]]:
        found: list[dict[str, object]] = []
        for route, times in sorted(self.times.items()):
            cuts = statistics.quantiles(times, n=100) if len(times) > 1 else times * 99
            found.append(
                {
                    "route": route, "count": len(times), "errors": self.errors[route],
                    "p50_ms": round(cuts[49] * 1000, 1), "p95_ms": round(cuts[94] * 1000, 1),
                    "p99_ms": round(cuts[98] * 1000, 1),
                }
            )  # fmt: skip
        count = sum(map(len, self.times.values()))
        total = {"route": "*", "count": count, "errors": sum(self.errors.values())}
        return [
            *found,
            total | {"requests_per_second": round(count / seconds, 1), "seconds": round(seconds, 1)},
        ]


class Person:
    """One browser."""

    #: A card's code that visitors check (what a paper card's QR code says).
    code = ""

    def __init__(self, address: str, tally: Tally, pause: float, seed: int) -> None:
        self.client = httpx.Client(base_url=address, follow_redirects=True, timeout=30)
        self.tally, self.pause, self.dice = tally, pause, random.Random(seed)  # noqa: S311

    def get(self, route: str, path: str, *wanted: int) -> httpx.Response | None:
        return self._ask(route, lambda: self.client.get(path), wanted or (200,))

    def post(self, route: str, path: str, form: dict[str, str], *wanted: int) -> httpx.Response | None:
        token = next((value for name, value in self.client.cookies.items() if name.endswith("_csrf")), "")
        headers = {"Referer": str(self.client.base_url)}
        sent = form | {"csrfmiddlewaretoken": token}
        return self._ask(route, lambda: self.client.post(path, data=sent, headers=headers), wanted or (200,))

    def _ask(
        self, route: str, ask: Callable[[], httpx.Response], wanted: tuple[int, ...]
    ) -> httpx.Response | None:
        began = time.perf_counter()
        try:
            answer = ask()
        except httpx.HTTPError:
            self.tally.note(route, time.perf_counter() - began, False)
            return None
        self.tally.note(route, time.perf_counter() - began, answer.status_code in wanted)
        if self.pause:
            time.sleep(self.dice.uniform(0, 2 * self.pause))
        return answer


def enter(person: Person, username: str) -> bool:
    """Through the demonstration's door."""
    person.get("demo", "/demo/")
    answer = person.post("sign_in", f"/demo/sign-in/{username}/", {})
    return answer is not None and answer.status_code == 200


def sign_in(person: Person, account: str) -> bool:
    """Through the desk's sign-in page."""
    username, _, password = account.partition(":")
    person.get("sign_in_page", "/sign-in/")
    answer = person.post("sign_in", "/sign-in/", {"username": username, "password": password})
    return answer is not None and "/sign-in/" not in str(answer.url)


def worker(person: Person) -> None:
    person.get("m_home", "/m/")
    person.get("m_card", "/m/card/")
    person.get("m_messages", "/m/messages/")


def officer(person: Person) -> None:
    person.get("desk_home", "/desk/")
    listed = person.get("desk_members", "/desk/members/")
    numbers = re.findall(r"/desk/members/(\d+)/", listed.text) if listed is not None else []
    if numbers:
        person.get("desk_member", f"/desk/members/{person.dice.choice(numbers)}/")
    person.get("desk_search", f"/desk/members/?q={person.dice.choice(NAMES)}")
    person.get("desk_figures", "/desk/figures/")


def visitor(person: Person) -> None:
    person.get("public_home", "/")
    if person.code:
        person.get("public_verify", f"/verify/{person.code}")
    # More than ten a minute from one address are refused: that is the answer wanted then.
    person.get("public_progress", "/progress/")
    person.post("public_progress_asked", "/progress/", {"number": "RH2026010100001"}, 200, 429)


def live(part: str, person: Person, ready: Callable[[Person], bool] | None, until: float) -> None:
    """One person's time: come in, then do the same again and again."""
    try:
        if ready is not None and not ready(person):
            print(f"{part}: could not sign in", file=sys.stderr)
            return
        while time.monotonic() < until:
            {"worker": worker, "officer": officer, "visitor": visitor}[part](person)
    finally:
        person.client.close()


def main() -> int:
    """Exit status 1 when any answer was not the one wanted."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--address", default="http://127.0.0.1:8000")
    parser.add_argument("--users", type=int, default=20)
    parser.add_argument("--seconds", type=float, default=30.0)
    parser.add_argument("--pause", type=float, default=1.0, help="mean seconds between two pages; 0: none")
    parser.add_argument("--demo", action="store_true", help="come in by the demonstration's one-click doors")
    parser.add_argument("--code", default="", help="a card's code, which visitors then verify")
    parser.add_argument("--worker", default="member", help="with --demo: whose phone")
    parser.add_argument(
        "--officer", action="append", help="NAME:PASSWORD, or with --demo a name; may be repeated"
    )
    options = parser.parse_args()
    Person.code = options.code
    officers = options.officer or (list(DEMO_OFFICERS) if options.demo else [])
    parts = ["visitor", *(["officer"] * 2 if officers else []), *(["worker"] * 3 if options.demo else [])]
    tally, began = Tally(), time.monotonic()
    threads = []
    for number in range(options.users):
        part = parts[number % len(parts)]
        ready: Callable[[Person], bool] | None = None
        if part == "officer":
            name = officers[number % len(officers)]
            ready = (
                (lambda one, name=name: enter(one, name))
                if options.demo
                else (lambda one, name=name: sign_in(one, name))
            )
        elif part == "worker":
            ready = lambda one: enter(one, options.worker)  # noqa: E731
        person = Person(options.address, tally, options.pause, number)
        threads.append(threading.Thread(target=live, args=(part, person, ready, began + options.seconds)))
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    lines = tally.lines(time.monotonic() - began)
    for line in lines:
        print(json.dumps(line))
    return 1 if lines[-1]["errors"] else 0


if __name__ == "__main__":
    raise SystemExit(main())
