"""Papers looked at in the page: pictures and sound as they are, a PDF as pictures of its pages.

A PDF itself is only ever saved: browsers show it by a program of their own, outside our content policy. Its pages are
drawn by `paper_page`, in a process of its own with bounds.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from secrets import token_hex
from typing import Literal, TypeVar

from django.http import HttpResponse, HttpResponseBase, StreamingHttpResponse

from unionhall.foundation.errors import Refused
from unionhall.foundation.uploads import folder

from . import attachments
from .models import Attachment

Response = TypeVar("Response", bound=HttpResponseBase)
Kind = Literal["picture", "sound", "pdf", ""]
#: What a browser shows by itself and that can run nothing: the only types that are answered as `inline`.
PICTURES = frozenset({"image/jpeg", "image/png"})
SOUNDS = frozenset({"audio/mpeg", "audio/mp4", "audio/wav", "audio/amr"})
SECONDS = 20
DRAWER = Path(__file__).with_name("paper_page.py")


def kind_of(attachment: Attachment) -> Kind:
    """How it is looked at; "" for what is only saved."""
    kind = attachment.content_type
    if kind in PICTURES:
        return "picture"
    if kind in SOUNDS:
        return "sound"
    return "pdf" if kind == "application/pdf" else ""


def pages(attachment: Attachment) -> int:
    """How many pages a PDF has. Raises Refused where it cannot be read."""
    return int(_drawer(attachment, 0))


def draw(attachment: Attachment, number: int) -> bytes:
    """A page of a PDF as a PNG, the first is 1. Raises Refused where it cannot be drawn."""
    return _drawer(attachment, number)


def _drawer(attachment: Attachment, number: int) -> bytes:
    plain = folder() / f"{token_hex(16)}.pdf"
    try:
        attachments.write_to(attachment, plain)
        made = subprocess.run(
            [sys.executable, "-I", str(DRAWER), str(plain), str(number)],
            capture_output=True, timeout=SECONDS, check=False, env={},
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        raise Refused("这份文件太复杂，没有显示出来，请下载后打开。") from None
    finally:
        plain.unlink(missing_ok=True)
    if made.returncode or not made.stdout:
        raise Refused("这份文件没有显示出来，请下载后打开。")
    return made.stdout


def shown(attachment: Attachment) -> StreamingHttpResponse:
    """A picture or a sound for a page that holds it; what is anything else is a mistake of the caller."""
    if kind_of(attachment) not in ("picture", "sound"):
        raise ValueError(attachment.content_type)
    content = attachments.chunks(attachment)
    return inline(StreamingHttpResponse(content, content_type=attachment.content_type))


def shown_page(png: bytes) -> HttpResponse:
    return inline(HttpResponse(png, content_type="image/png"))


def inline(response: Response) -> Response:
    """Held by a page of ours; opened by itself it runs nothing, and no cache keeps it."""
    response["Content-Disposition"] = "inline"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "no-store"
    return response
