"""What both gateways need: settings from the environment, digests, and one HTTPS call that ends in time."""

import hashlib
import hmac
import json
import os
from collections.abc import Mapping
from http.client import HTTPException
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.request import HTTPRedirectHandler, Request, build_opener

from . import NotSent

TIMEOUT_SECONDS = 5
ANSWER_LIMIT = 64 * 1024


class _NoRedirect(HTTPRedirectHandler):
    """A signed request is for one host only."""

    def redirect_request(self, *args: Any, **kwargs: Any) -> None:
        return None


def setting(name: str, default: str | None = None) -> str:
    """A setting of the gateway. Raises NotSent naming the variable that is missing."""
    value = os.environ.get(name, default)
    if not value:
        raise NotSent(f"{name} is not set")
    return value


def sha256_hex(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def hmac_sha256(key: bytes, message: str) -> bytes:
    return hmac.new(key, message.encode(), hashlib.sha256).digest()


def call(url: str, headers: Mapping[str, str], body: bytes) -> dict[str, Any]:
    """POST and read the JSON answer; a gateway explains a refusal in JSON with a 4xx status too. Raises NotSent."""
    if not url.startswith(("https://", "http://127.0.0.1:")):
        raise NotSent("the gateway's address must be https")
    request = Request(url, data=body, headers=dict(headers), method="POST")  # noqa: S310 — checked above
    try:
        with build_opener(_NoRedirect).open(request, timeout=TIMEOUT_SECONDS) as answer:
            content = answer.read(ANSWER_LIMIT)
    except HTTPError as refusal:
        content = refusal.read(ANSWER_LIMIT)
    except (URLError, OSError, HTTPException) as failure:
        raise NotSent(f"no answer: {type(failure).__name__}") from failure
    try:
        found = json.loads(content)
    except ValueError as failure:
        raise NotSent("the answer is not JSON") from failure
    if not isinstance(found, dict):
        raise NotSent("the answer is not an object")
    return found
