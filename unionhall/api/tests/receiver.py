"""A receiver of webhooks on this machine: keeps what came, answers as it was told."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, NamedTuple

from standardwebhooks import Webhook


class Came(NamedTuple):
    """One request as it came in."""

    path: str
    headers: dict[str, str]
    body: bytes

    def verified(self, secret: str) -> Any:
        """The event, if the library that partners use takes the signature."""
        return Webhook(secret).verify(self.body, self.headers)


class Receiver:
    def __init__(self, port: int, scheme: str = "http") -> None:
        self.url = f"{scheme}://127.0.0.1:{port}/hook"
        self.came: list[Came] = []
        self.answers: list[int] = []  # the next ones; 204 when none is left


@contextmanager
def receiver(certificate: tuple[Path, Path] | None = None) -> Iterator[Receiver]:
    """With a certificate and its key it speaks TLS."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            there.came.append(Came(self.path, {k.lower(): v for k, v in self.headers.items()}, body))
            status = there.answers.pop(0) if there.answers else 204
            self.send_response(status)
            if 300 <= status < 400:
                self.send_header("Location", there.url + "/elsewhere")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    if certificate is not None:
        theirs = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        theirs.load_cert_chain(*certificate)
        server.socket = theirs.wrap_socket(server.socket, server_side=True)
    there = Receiver(server.server_address[1], "https" if certificate else "http")
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield there
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
