"""How much a request may bring. Django writes file parts to disk before any view looks; here it is stopped before."""

from typing import Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig

from .uploads import PrivateUploads

#: A document of ten megabytes with its form; only signed-in people may send more, to the addresses that take rosters.
ORDINARY = 12 * 1024 * 1024
SPARE = 1024 * 1024


class BoundedUploads(PrivateUploads):
    """Refuses a body that is larger than what its address takes from whoever sends it."""

    def handle_raw_input(
        self,
        input_data: Any,
        META: Any,  # noqa: N803 — Django's name
        content_length: int,
        boundary: Any,
        encoding: Any = None,
    ) -> None:
        if content_length > self._limit():
            raise RequestDataTooBig("the body is larger than this address takes")

    def _limit(self) -> int:
        request = self.request
        path = request.path if request is not None else ""
        if path.startswith("/api/"):
            return (
                int(settings.INTAKE_MAX_BYTES) + SPARE
            )  # the token and its own limit are looked at before the body
        if path in settings.LARGE_UPLOADS and request is not None and request.user.is_authenticated:
            return int(settings.INTAKE_MAX_BYTES) + SPARE
        return ORDINARY
