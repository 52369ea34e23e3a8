"""How much a request may bring. Django writes file parts to disk before any view looks; here it is stopped before."""

from typing import Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig

from .uploads import PrivateUploads

#: A document of ten megabytes with its form; more is for who may send rosters, at the addresses that take them.
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
        return int(settings.INTAKE_MAX_BYTES) + SPARE if self._takes_rosters() else ORDINARY

    def _takes_rosters(self) -> bool:
        request: Any = self.request
        if request is None:
            return False
        if request.path == settings.LARGE_CALLS:
            # Set by the gate, which has looked at token, scope and quota; whoever reads earlier reads little.
            return getattr(request, "auth", None) is not None
        needed = settings.LARGE_UPLOADS.get(request.path)
        access = getattr(request, "access", None)
        return needed is not None and access is not None and bool(access.prefixes(needed))
