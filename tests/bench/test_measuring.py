"""What `make bench` prints can be trusted: percentiles, ratios, targets, and a load generator that tells the truth."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from bench import figure
from bench.load import drive, request

WAIT = 0.02


def test_p95_is_the_value_that_ninety_five_of_a_hundred_do_not_exceed() -> None:
    assert figure.p95([float(n) for n in range(1, 101)]) == 95
    assert figure.p95([3.0]) == 3.0
    assert figure.p95([1.0] * 18 + [9.0] * 2) == 9.0


@pytest.mark.parametrize(
    ("name", "value", "unit", "baseline", "ratio", "met"),
    [
        ("search.id", 4.0, "ms", 1.0, 0.25, True),
        ("search.name2", 21.0, "ms", 1.0, 0.048, False),
        ("tree.build", 500.0, "nodes/s", 5.0, 100.0, True),
        ("tree.move", 20.0, "ms", 10.0, 0.5, False),
        ("tree.move_action", 20.0, "ms", 10.0, 0.5, False),
        ("growth.search.id", 10.0, "ms", 4.0, 0.4, False),
        ("growth.rollup.city", 2.0, "ms", 1.0, 0.5, True),
        ("card.verify_p95", 20.0, "ms", 10.0, 0.5, None),
        ("rollup.province", 1.0, "ms", 50.0, 50.0, False),
        ("rollup.county", 1.0, "ms", 50.0, 50.0, True),
        ("intake.csv", 800.0, "rows/s", 1000.0, 0.8, True),
    ],
)
def test_a_line_says_the_ratio_and_whether_the_target_is_reached(
    capsys: pytest.CaptureFixture[str],
    name: str, value: float, unit: str, baseline: float, ratio: float, met: bool | None,
) -> None:  # fmt: skip
    figure.tell(name, value, unit, baseline)
    told = json.loads(capsys.readouterr().out)
    assert told["ratio"] == ratio
    assert told["met"] is met


class _Page(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        time.sleep(WAIT)
        body = b"x" * 50_000
        self.send_response(404 if self.path == "/missing" else 200)
        if self.path == "/chunked":
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            self.wfile.write(b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body))
            return
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name in the library
        pass


@pytest.fixture
def address() -> Iterator[tuple[str, int]]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Page)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield ("127.0.0.1", server.server_port)
    server.shutdown()


def test_a_closed_loop_is_as_fast_as_its_connections(address: tuple[str, int]) -> None:
    asked = [request("/", "here"), request("/chunked", "here")]
    found = drive(address, asked, seconds=0.4, connections=2)
    assert set(found.statuses) == {200}
    assert 4 <= len(found.times) <= 2 * 0.5 / WAIT
    assert min(found.times) >= WAIT


def test_a_rate_is_kept_and_errors_are_seen(address: tuple[str, int]) -> None:
    found = drive(address, [request("/missing", "here")], seconds=0.4, rate=50)
    assert set(found.statuses) == {404}
    assert len(found.times) == pytest.approx(20, abs=2)
