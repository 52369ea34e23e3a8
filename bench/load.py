"""A lean load generator: one thread, non-blocking sockets, keep-alive; it reads no more of an answer than it must.

It answers some fifteen thousand requests a second from a constant page, a hundred times what the pages measured here
need, so that it is not what is measured. wrk was not taken: it would have to be installed on every machine.
"""

from __future__ import annotations

import selectors
import socket
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass
class Outcome:
    """What came of a load: seconds of each answer, how many of each status, how long it all took."""

    times: list[float] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)
    seconds: float = 0.0

    def add(self, other: Outcome) -> None:
        self.times += other.times
        self.statuses += other.statuses
        self.seconds += other.seconds

    @property
    def rate(self) -> float:
        return len(self.times) / self.seconds if self.seconds else 0.0


class _Connection:
    """One connection: sends a request, knows when its answer is complete."""

    def __init__(self, address: tuple[str, int]) -> None:
        self.socket = socket.create_connection(address)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket.setblocking(False)
        self.due = 0.0
        self.buffer = bytearray()

    def send(self, request: bytes, due: float) -> None:
        self.due, self.buffer = due, bytearray()
        self.socket.sendall(request)

    def read(self) -> bool:
        """True when the answer is complete."""
        try:
            piece = self.socket.recv(262_144)
        except BlockingIOError:
            return False
        if not piece:
            raise ConnectionError("the server closed a connection that was to be kept")
        self.buffer += piece
        end = self.buffer.find(b"\r\n\r\n")
        if end < 0:
            return False
        head = bytes(self.buffer[:end]).lower()
        at = head.find(b"content-length:")
        if at >= 0:
            length = int(head[at + 15 :].split(b"\r\n", 1)[0])
            return len(self.buffer) >= end + 4 + length
        return self.buffer.endswith(b"0\r\n\r\n")

    @property
    def status(self) -> int:
        return int(self.buffer[9:12])


def request(path: str, host: str, cookie: str = "") -> bytes:
    head = f"GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: keep-alive\r\n"
    return (head + (f"Cookie: {cookie}\r\n" if cookie else "") + "\r\n").encode()


def drive(
    address: tuple[str, int],
    requests: Sequence[bytes],
    *,
    seconds: float,
    connections: int = 4,
    rate: float | None = None,
) -> Outcome:
    """Closed loop without `rate`: as fast as the connections allow. With it: that many a second, whether or not the
    server keeps up; the time of an answer then begins when its request was due."""
    selector = selectors.DefaultSelector()
    idle = [_Connection(address) for _ in range(connections if rate is None else max(connections, 32))]
    everyone = list(idle)
    for one in everyone:
        selector.register(one.socket, selectors.EVENT_READ, one)
    outcome, sent, began = Outcome(), 0, time.perf_counter()
    end = began + seconds
    busy = 0
    while True:
        now = time.perf_counter()
        if now >= end and not busy:
            break
        while idle and now < end:
            due = now if rate is None else began + sent / rate
            if due > now:
                break
            one = idle.pop()
            one.send(requests[sent % len(requests)], due)
            sent, busy = sent + 1, busy + 1
        wait = 0.05 if rate is None or not idle else max(0.0, min(0.05, began + sent / rate - now))
        for key, _ in selector.select(wait if now < end else 0.05):
            one = key.data
            if one.read():
                outcome.times.append(time.perf_counter() - one.due)
                outcome.statuses[one.status] += 1
                idle.append(one)
                busy -= 1
        if now > end + 30:
            raise TimeoutError(f"{busy} requests were never answered")
    outcome.seconds = time.perf_counter() - began
    for one in everyone:
        one.socket.close()
    selector.close()
    return outcome
