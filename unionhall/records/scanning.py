"""Looking for viruses in what people upload, where a scanner is installed: clamd over its socket, or clamscan.

`UNIONHALL_SCANNER` names it: empty (none), `clamscan`, or clamd's address as `/run/clamav/clamd.ctl` or `host:3310`. A
scanner that is named and does not answer refuses the upload: what could not be looked at is not kept.
"""

from __future__ import annotations

import logging
import shutil
import socket
import struct
import subprocess

from django.conf import settings

from unionhall.foundation.errors import Refused

log = logging.getLogger("unionhall.records")
SECONDS = 30
CHUNK = 64 * 1024


class ScannerFailed(Exception):
    """The scanner is not there, or did not answer."""


def require_clean(content: bytes, field: str | None = None) -> None:
    """Raises Refused for what the scanner names, and where it is configured and does not answer."""
    where: str = settings.SCANNER
    if not where:
        return
    try:
        found = _clamscan(content) if where == "clamscan" else _clamd(where, content)
    except (OSError, ScannerFailed, subprocess.SubprocessError) as failure:
        log.error("upload not scanned reason=%s", failure)
        raise Refused(
            "杀毒服务没有响应，文件没有保存。请稍后再传；一直不行请联系运维人员。", field
        ) from failure
    if found:
        log.warning("upload refused by scanner name=%s", found)
        raise Refused("文件里查出病毒，没有接收。请用杀毒软件处理后重新上传，或换一个文件。", field)


def _clamd(where: str, content: bytes) -> str:
    """What clamd finds, by its command INSTREAM: "" for nothing."""
    with _connected(where) as line:
        line.sendall(b"zINSTREAM\0")
        for start in range(0, len(content), CHUNK):
            piece = content[start : start + CHUNK]
            line.sendall(struct.pack("!L", len(piece)) + piece)
        line.sendall(struct.pack("!L", 0))
        said = b""
        while piece := line.recv(4096):
            said += piece
    answer = said.rstrip(b"\0\n").decode("utf-8", "replace")
    if answer.endswith("FOUND"):
        return answer.removeprefix("stream: ").removesuffix(" FOUND")
    if answer.endswith("OK"):
        return ""
    raise ScannerFailed(answer or "no answer")


def _connected(where: str) -> socket.socket:
    if where.startswith("/"):
        line = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        line.settimeout(SECONDS)
        line.connect(where)
        return line
    host, _, port = where.rpartition(":")
    return socket.create_connection((host or "localhost", int(port)), timeout=SECONDS)


def _clamscan(content: bytes) -> str:
    """The same by the program, for machines without the service; it reads its database each time."""
    program = shutil.which("clamscan")
    if program is None:
        raise ScannerFailed("clamscan is not installed")
    ran = subprocess.run(
        [program, "--no-summary", "-"], input=content, capture_output=True, timeout=4 * SECONDS, check=False
    )
    if ran.returncode == 0:
        return ""
    if ran.returncode == 1:
        return ran.stdout.decode("utf-8", "replace").strip()[-100:] or "found"
    raise ScannerFailed(f"clamscan ended with {ran.returncode}")
