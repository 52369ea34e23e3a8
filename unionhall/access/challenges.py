"""A little work instead of a picture to read: asked of strangers after many tries, done by the browser, no third party.

The server keeps a random text in the session; the browser finds a number whose SHA-256 together with that text begins
with enough zero bits. Each answer is good once. Nothing has to be seen, read or solved by a person.
"""

import hashlib
import secrets
import time

from django.http import HttpRequest

SESSION = "challenge"
LIFE_SECONDS = 600
#: Bits of work: a phone does 2^17 in about a second; each further try costs twice as much, up to the limit.
EASY, HARD = 17, 22


class Needed(Exception):
    """Before this may go on, the visitor's browser has to work `bits`."""

    def __init__(self, bits: int) -> None:
        self.bits = min(max(bits, EASY), HARD)
        super().__init__(str(self.bits))


def pose(request: HttpRequest, bits: int) -> dict[str, str | int]:
    """A new question for this session: what the page gives to the script."""
    text = secrets.token_hex(16)
    request.session[SESSION] = {"text": text, "bits": bits, "at": int(time.time())}
    return {"text": text, "bits": bits}


def answered(request: HttpRequest, bits: int) -> bool:
    """Whether the form brought the answer to the session's question, of at least this difficulty. Takes it up."""
    posed = request.session.pop(SESSION, None)
    answer = request.POST.get("work", "")
    if not posed or not answer.isascii() or not answer.isdigit() or len(answer) > 12:
        return False
    if time.time() - posed["at"] > LIFE_SECONDS or posed["bits"] < bits:
        return False
    return zero_bits(f"{posed['text']}:{answer}") >= bits


def zero_bits(text: str) -> int:
    """How many bits of the SHA-256 are zero before the first one."""
    return 256 - int.from_bytes(hashlib.sha256(text.encode()).digest(), "big").bit_length()
