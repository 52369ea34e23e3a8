"""A scanner's words are obeyed: what it names is refused, what it cannot look at too."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from struct import unpack
from typing import TYPE_CHECKING

import pytest

from unionhall.foundation.errors import Refused
from unionhall.records import scanning

if TYPE_CHECKING:
    from pytest_django import Settings

BAD = b"X5O!P%@AP"


@pytest.fixture
def clamd(tmp_path: Path, settings: Settings) -> Iterator[list[int]]:
    """Speaks INSTREAM: names content that begins with the test mark; tells the sizes it was sent."""
    place, sizes = str(tmp_path / "clamd"), list[int]()
    listening = socket.socket(socket.AF_UNIX)
    listening.bind(place)
    listening.listen()

    def answer() -> None:
        while True:
            try:
                line, _ = listening.accept()
            except OSError:
                return
            with line, line.makefile("rb") as sent:
                assert sent.read(10) == b"zINSTREAM\0"
                content = b""
                while size := unpack("!L", sent.read(4))[0]:
                    content += sent.read(size)
                sizes.append(len(content))
                line.sendall(b"stream: Eicar FOUND\0" if content.startswith(BAD) else b"stream: OK\0")

    threading.Thread(target=answer, daemon=True).start()
    settings.SCANNER = place
    yield sizes
    listening.close()


def test_clean_content_passes_whole(clamd: list[int]) -> None:
    scanning.require_clean(b"a" * 200_000)
    assert clamd == [200_000]


def test_what_is_named_is_refused(clamd: list[int]) -> None:
    with pytest.raises(Refused, match="病毒") as refusal:
        scanning.require_clean(BAD, "file")
    assert refusal.value.field == "file"


@pytest.mark.parametrize("where", ["/nowhere/clamd", "localhost:1", "clamscan"])
def test_a_scanner_that_does_not_answer_refuses(
    settings: Settings, where: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.SCANNER = where
    monkeypatch.setattr("shutil.which", lambda name: None)
    with pytest.raises(Refused, match="没有响应"):
        scanning.require_clean(b"x")


def test_without_a_scanner_nothing_is_asked(settings: Settings) -> None:
    settings.SCANNER = ""
    scanning.require_clean(BAD)
