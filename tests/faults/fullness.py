"""A disk without room for a process and its children, without the right to mount one: the kernel answers ENOSPC.

A seccomp filter (Linux, no privilege needed) refuses the calls that make files grow: `write` and `pwrite64` of a block
or more, and `fallocate`. What is small still fits, as on a disk with a few bytes left; sockets use other calls. A
filter cannot be taken off again: it goes with its process. A database server is not filled in this way: which of its
writes grow a table cannot be seen from the call.
"""

from __future__ import annotations

import ctypes
import errno
import platform
import struct
from pathlib import Path
from typing import Any

#: Numbers of write, pwrite64 and fallocate.
_CALLS = {"x86_64": (1, 18, 285), "aarch64": (64, 68, 47)}
_BLOCK = 4096
_NO_NEW_PRIVILEGES, _SECCOMP, _FILTER = 38, 22, 2
_LOAD, _EQUAL, _AT_LEAST, _RETURN = 0x20, 0x15, 0x35, 0x06
_ALLOW, _REFUSE = 0x7FFF0000, 0x00050000 | errno.ENOSPC
#: Where the number of the call stands, and the lower half of its third argument (struct seccomp_data).
_NUMBER, _THIRD = 0, 32


def possible() -> bool:
    return platform.system() == "Linux" and platform.machine() in _CALLS


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("steps", ctypes.c_void_p))


def _step(code: int, value: int, yes: int = 0, no: int = 0) -> bytes:
    return struct.pack("HBBI", code, yes, no, value)


def fill() -> None:
    """From now on nothing grows for this process and those it starts."""
    write, at_place, allocate = _CALLS[platform.machine()]
    steps = [
        _step(_LOAD, _NUMBER),
        _step(_EQUAL, allocate, 4, 0),
        _step(_EQUAL, write, 1, 0),
        _step(_EQUAL, at_place, 0, 3),
        _step(_LOAD, _THIRD),
        _step(_AT_LEAST, _BLOCK, 0, 1),
        _step(_RETURN, _REFUSE),
        _step(_RETURN, _ALLOW),
    ]
    kept = ctypes.create_string_buffer(b"".join(steps))
    program = _Program(len(steps), ctypes.cast(kept, ctypes.c_void_p))
    kernel = ctypes.CDLL(None, use_errno=True)
    if kernel.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0) or kernel.prctl(
        _SECCOMP, _FILTER, ctypes.byref(program), 0, 0
    ):
        raise OSError(ctypes.get_errno(), "prctl")


def without_room(act: str, *arguments: Any) -> dict[str, Any]:
    """Perform another act when its files have no room; answers its value, or the failure's kind and words."""
    from . import acts

    fill()
    try:
        return {"value": getattr(acts, act)(*arguments)}
    except Exception as failure:
        return {"kind": type(failure).__name__, "said": str(failure)[:500]}


def backup(target: str) -> None:
    from unionhall.cli.backup import write

    write(Path(target))


def kept_files() -> int:
    """How many files lie in the files directory and among the plain copies."""
    from django.conf import settings

    return sum(
        one.is_file()
        for place in (settings.FILES_DIR, Path(settings.HOME) / "tmp")
        for one in Path(place).rglob("*")
    )
