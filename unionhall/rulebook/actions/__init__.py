"""What is done with schemes: recording that a version was used; `drafts` has the verbs of those who write them."""

from typing import Any

from ..models import SchemeUse
from ..versions import Version


def record_use(version: Version[Any]) -> None:
    """Say, in the caller's transaction, that a decision rests on this version. Repeating it changes nothing."""
    SchemeUse.objects.bulk_create(
        [
            SchemeUse(
                digest=version.digest,
                programme=version.programme,
                jurisdiction=version.jurisdiction,
                starts=version.starts,
                issuer=version.issuer,
                content=version.content,
            )
        ],
        ignore_conflicts=True,
    )
