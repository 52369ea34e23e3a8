"""Choosing where the site listens."""

from __future__ import annotations

import errno
import socket

from .errors import Refusal

DEFAULT_PORT = 8000
TRIES = 50


def is_free(host: str, port: int) -> bool:
    """Whether a server could listen there now. Raises Refusal for an address that isn't this machine's."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as failure:
            if failure.errno == errno.EADDRINUSE:
                return False
            if failure.errno == errno.EACCES:
                raise Refusal(f"没有权限使用端口 {port}；请用 1024 以上的端口。") from failure
            raise Refusal(f"不能在 {host} 上监听：{failure.strerror or failure}。") from failure
    return True


def choose(host: str, wanted: int) -> int:
    """`wanted`, or the next free port after it. Raises Refusal when there is none nearby."""
    for port in range(wanted, min(wanted + TRIES, 65536)):
        if is_free(host, port):
            return port
    raise Refusal(f"端口 {wanted} 到 {wanted + TRIES - 1} 都被占用；请用 --port 指定别的端口。")
