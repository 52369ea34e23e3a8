"""Bearer tokens: made once, shown once, kept as a keyed SM3 whose key is itself sealed.

A key of its own per token, so that a new master or index key costs no client its token: sealed keys are sealed anew.
"""

import hmac
import re
import secrets
from typing import NamedTuple

from unionhall.foundation.sealing import Sealed
from unionhall.kit import sm

_FORM = re.compile(r"(uh_[a-z2-7]{10})_[A-Za-z0-9_-]{43}", re.ASCII)
_LETTERS = "abcdefghijklmnopqrstuvwxyz234567"


class Minted(NamedTuple):
    """A new token: what is shown once, what finds and names it, the key to seal, and the digest."""

    token: str
    prefix: str
    key: str
    digest: str


def mint() -> Minted:
    """uh_<ten letters to find it by>_<32 random bytes>."""
    prefix = "uh_" + "".join(secrets.choice(_LETTERS) for _ in range(10))
    token = f"{prefix}_{secrets.token_urlsafe(32)}"
    key = secrets.token_hex(32)
    return Minted(token, prefix, key, _digest(key, token))


def prefix_of(token: str) -> str:
    """What finds the row; "" for what is no token."""
    found = _FORM.fullmatch(token)
    return found[1] if found else ""


def fits(token: str, key: Sealed, digest: str) -> bool:
    return hmac.compare_digest(_digest(key.reveal(), token), digest)


def _digest(key: str, text: str) -> str:
    return sm.hmac_sm3(bytes.fromhex(key), text.encode()).hex()


def reference_of(key: Sealed, person_id: int) -> str:
    """How one client knows a person: the same every time, and worth nothing to another client."""
    return "m_" + _digest(key.reveal(), f"member:{person_id}")[:32]
