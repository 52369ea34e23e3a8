"""Versions published on the desk, read like files."""

from pathlib import Path

from .models import PublishedVersion
from .reading import Reading, read_text

FOLDER = "已发布"


def place(version: PublishedVersion) -> Path:
    """The path that people see."""
    return Path(FOLDER) / f"{version.programme}-{version.pk}.toml"


def stamp() -> tuple[int, ...]:
    """Changes whenever something is published or withdrawn."""
    rows = PublishedVersion.objects.filter(withdrawn_at=None).order_by("pk")
    return tuple(rows.values_list("pk", flat=True))


def readings() -> list[Reading]:
    rows = PublishedVersion.objects.filter(withdrawn_at=None).order_by("pk")
    return [read_text(one.programme, one.text, place(one)) for one in rows]
