"""The process that owns PostgreSQL: starts it, and stops it when its last user is gone, however they went.

Every user of a home holds a shared flock on users.lock; the kernel drops it even after `kill -9`. The guardian
asks for the exclusive one: once it has it, nobody is left. A plain script with a JSON argument; stdlib only.
"""

from __future__ import annotations

import ctypes
import fcntl
import json
import os
import signal
import subprocess
import sys
import time
from types import FrameType
from typing import Any

EXIT_ALREADY_GUARDED = 3
POLL_SECONDS = 0.1
PATIENCE_SECONDS = 300.0  # a fast shutdown may have gigabytes to write
PR_SET_PDEATHSIG = 1


def die_with_parent(number: int = signal.SIGTERM) -> None:
    """Ask Linux to signal this process when its parent dies; elsewhere nothing happens."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, number)


def _locked(path: str) -> int | None:
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(handle)
        return None
    return handle


class Guardian:
    """Runs one postmaster. `order`: command, environment, log, note, users_lock, guardian_lock, told."""

    def __init__(self, order: dict[str, Any]) -> None:
        self.order = order
        self.asked_to_stop = False

    def _ask(self, _number: int, _frame: FrameType | None) -> None:
        self.asked_to_stop = True

    def _write_note(self, postmaster: int) -> None:
        note = {**self.order["told"], "guardian": os.getpid(), "postmaster": postmaster}
        path = self.order["note"]
        with open(f"{path}.new", "w", encoding="utf-8") as out:
            json.dump(note, out, ensure_ascii=False)
        os.replace(f"{path}.new", path)

    def _start(self) -> subprocess.Popen[bytes]:
        with open(self.order["log"], "ab") as log, open(os.devnull, "rb") as nothing:
            return subprocess.Popen(
                self.order["command"],
                stdin=nothing,
                stdout=log,
                stderr=log,
                env=self.order["environment"],
                start_new_session=True,
                preexec_fn=lambda: die_with_parent(signal.SIGINT),
            )

    def _stop(self, server: subprocess.Popen[bytes]) -> None:
        """Fast shutdown; only after long patience an immediate one, from which the next start recovers."""
        server.send_signal(signal.SIGINT)
        try:
            server.wait(PATIENCE_SECONDS)
        except subprocess.TimeoutExpired:
            server.send_signal(signal.SIGQUIT)
            server.wait()

    def run(self) -> int:
        """Guard until the last user leaves or PostgreSQL ends by itself; returns the exit status."""
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, self._ask)
        guard = _locked(self.order["guardian_lock"])
        if guard is None:
            return EXIT_ALREADY_GUARDED
        server = self._start()
        self._write_note(server.pid)
        users = None
        while server.poll() is None:
            users = _locked(self.order["users_lock"])
            if users is not None or self.asked_to_stop:
                self._stop(server)
                break
            time.sleep(POLL_SECONDS)
        if os.path.exists(self.order["note"]):
            os.unlink(self.order["note"])
        os.close(guard)
        if users is not None:
            os.close(users)
        return 0 if server.returncode == 0 else 1


if __name__ == "__main__":
    sys.exit(Guardian(json.loads(sys.argv[1])).run())
