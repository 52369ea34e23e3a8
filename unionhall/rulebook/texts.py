"""The text of a version, and a copy of it to write a new one from."""

import re
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils import timezone

from .models import PublishedVersion
from .published import FOLDER
from .versions import Version

_BLOCK = re.compile(r"^\s*\[\[version\]\]")
#: A version's first day; a move of a case says `from` which states it leads.
_FROM = re.compile(r"^(\s*from\s*=\s*)\d{4}-\d\d-\d\d.*$")
_UNTIL = re.compile(r"^\s*until\s*=")


def whole_text(version: Version[Any]) -> str:
    """The text that holds a version: its file, or what was published. "" when it is gone."""
    path = version.place.path
    if path.parts[0] == FOLDER:
        found = PublishedVersion.objects.filter(pk=int(path.stem.rpartition("-")[2])).first()
        return found.text if found is not None else ""
    file = Path(settings.SCHEMES_DIR) / Path(*path.parts[1:])
    return file.read_text(encoding="utf-8") if file.is_file() else ""


def own_text(version: Version[Any]) -> str:
    """The head of the text and the one [[version]] block of this version."""
    lines = whole_text(version).splitlines()
    starts = [number for number, line in enumerate(lines) if _BLOCK.match(line)]
    if not starts:
        return ""
    own = max((number for number in starts if number < version.place.line), default=starts[0])
    end = min((number for number in starts if number > own), default=len(lines))
    head = lines[: starts[0]]
    while head and (not head[-1].strip() or head[-1].lstrip().startswith("#")):
        head.pop()  # remarks on the first version, not on this one
    return "\n".join([*head, "", *lines[own:end]]).rstrip() + "\n"


def copy_of(version: Version[Any], area: str, issuer: str, on: date | None = None) -> str:
    """The text for a new version from the first of next month, by an issuer for an area, without the old one's end."""
    day = on or (timezone.localdate().replace(day=1) + timedelta(days=32)).replace(day=1)
    lines = [line for line in own_text(version).splitlines() if not _UNTIL.match(line)]
    lines = [_FROM.sub(rf"\g<1>{day.isoformat()}", line) for line in lines]
    lines = [re.sub(r"^issuer\s*=.*$", f'issuer = "{issuer}"', line) for line in lines]
    if area != version.jurisdiction:
        lines = [line for line in lines if not re.match(r"^\s*jurisdiction\s*=", line)]
        at = next((number for number, line in enumerate(lines) if _FROM.match(line)), len(lines) - 1)
        lines.insert(at + 1, f'jurisdiction = "{area}"')
    return "\n".join(lines) + "\n"


def area_of(division: str) -> str:
    """A union's division as schemes name areas: without the zeros that fill it up (420100 → 4201)."""
    code = division
    while len(code) in (4, 6) and code.endswith("00"):
        code = code[:-2]
    return code if len(code) != 6 or not code.endswith("0000") else code[:2]
