"""Where may be pushed to: public addresses of the internet, looked at when sending, so that no name can be turned.

Inside a federation's network stand things that trust their neighbours. A name that resolves to any address in there is
refused whole; what was looked at is what is connected to.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from urllib.parse import urlsplit

from django.conf import settings

from unionhall.foundation.errors import Refused

__all__ = ["NotPublic", "Unresolved", "check_url", "is_public", "resolve"]

IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address
#: Prefixes in which an IPv6 address carries an IPv4 one: NAT64, 6to4, Teredo.
_CARRIERS = [
    ipaddress.ip_network(text) for text in ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32")
]
_LONGEST = 300


class NotPublic(Exception):
    """The name leads into a network that is nobody's business outside."""


class Unresolved(Exception):
    """The name leads nowhere now."""


def is_public(address: IPAddress) -> bool:
    """An address that the internet routes: not private, loopback, local, shared, multicast or reserved."""
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is not None:
            return is_public(address.ipv4_mapped)
        if address.is_site_local or any(address in network for network in _CARRIERS):
            return False
    return address.is_global and not address.is_multicast and not address.is_reserved


def check_url(text: str) -> str:
    """An address that events may be pushed to; raises Refused in plain Chinese. The name itself is resolved later."""
    url = text.strip()
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise Refused("网址写得不对。", field="url") from None
    if len(url) > _LONGEST or not url.isascii() or any(character.isspace() for character in url):
        raise Refused(f"网址最多 {_LONGEST} 个字符，不能有空格和中文。", field="url")
    if parts.scheme != "https" and not (settings.DEMO and parts.scheme == "http"):
        raise Refused("网址必须以 https:// 开头。", field="url")
    if not host or parts.username is not None or parts.password is not None or parts.fragment:
        raise Refused("网址要有主机名，不能带账号、密码和“#”之后的部分。", field="url")
    if port == 0:
        raise Refused("端口不对。", field="url")
    address = _literal(host)
    if not settings.DEMO and (host == "localhost" or (address is not None and not is_public(address))):
        raise Refused("不能推送到内部网络的地址。", field="url")
    return url


def _literal(host: str) -> IPAddress | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


async def resolve(host: str, port: int) -> str:
    """The address to connect to. Raises NotPublic when any address of the name is internal (demo mode allows it)."""
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as failure:
        raise Unresolved(host) from failure
    addresses = [ipaddress.ip_address(str(entry[4][0]).partition("%")[0]) for entry in found]
    if not addresses:
        raise Unresolved(host)
    if not settings.DEMO and not all(map(is_public, addresses)):
        raise NotPublic(host)
    return str(addresses[0])
