"""A file handed to the reader to keep: under a name that may be Chinese, and in no cache, as it may name people."""

from collections.abc import Iterable
from typing import TypeVar

from django.http import HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.utils.http import content_disposition_header

from unionhall.kit.media import XLSX

Response = TypeVar("Response", bound=HttpResponseBase)


def download(content: bytes, name: str, content_type: str = XLSX) -> HttpResponse:
    """What was made for this answer."""
    return _to_keep(HttpResponse(content, content_type=content_type), name)


def stream(pieces: Iterable[bytes], name: str, content_type: str = XLSX) -> StreamingHttpResponse:
    """What lies in the store, as it is read."""
    return _to_keep(StreamingHttpResponse(pieces, content_type=content_type), name)


def _to_keep(response: Response, name: str) -> Response:
    response["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    response["Cache-Control"] = "no-store"
    return response
