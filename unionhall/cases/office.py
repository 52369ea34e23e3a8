"""What a Word, Excel or PowerPoint file brings along, read from its relationships: by them alone a program finds it.

Parts may bear any name, so names tell little. Every relationship part is read, within bounds; a document type, by which
XML brings entities, is no part of one.
"""

from __future__ import annotations

import zipfile
import zlib
from dataclasses import dataclass
from io import BytesIO
from xml.parsers import expat

#: Relationship parts of one file and what they unpack to: a presentation has some for each slide, a sheet may have
#: many thousands of links.
MOST_PARTS, LARGEST_PARTS = 5_000, 4 * 1024 * 1024
_CHUNK = 64 * 1024
_NO_PACKAGE = (
    zipfile.BadZipFile, zlib.error, expat.ExpatError, EOFError, OSError, RuntimeError, ValueError,
)  # fmt: skip
#: Last words of relationship types: macros, controls, objects, files in the file.
_ACTIVE = frozenset(
    {
        "oleobject", "package", "control", "activexcontrolbinary", "vbaproject", "wordvbadata", "xlmacrosheet",
        "xlintlmacrosheet", "afchunk",
    }
)  # fmt: skip
#: What lies elsewhere, or is read from there, wherever the relationship says that it lies.
_OUTSIDE = frozenset({"attachedtemplate", "externallink", "externallinkpath", "subdocument", "frame"})
#: A link that a reader follows.
_LINK = "hyperlink"


class Broken(ValueError):
    """No package that a program would open, or one that is unreasonably large."""


@dataclass
class Contents:
    """The names of the parts, in small letters, and whether the file carries programs or reaches outside."""

    names: frozenset[str]
    active: bool
    outside: bool = False

    def take(self, element: str, given: dict[str, str]) -> None:
        """Judge one relationship, by the last word of its type, its target and the target's mode."""
        told = {key.lower(): value.strip() for key, value in given.items()}
        kind = told.get("type", "").rstrip("/").rpartition("/")[2].lower()
        target = told.get("target", "")
        # An address or a share is outside whatever is said: a part's name holds neither.
        away = told.get("targetmode", "").lower() == "external" or ":" in target
        self.active |= kind in _ACTIVE
        self.outside |= kind in _OUTSIDE or (kind != _LINK and (away or target.startswith(("//", "\\\\"))))


def contents(content: bytes) -> Contents:
    """Raises Broken."""
    try:
        with zipfile.ZipFile(BytesIO(content)) as package:
            names = frozenset(one.filename.lower() for one in package.infolist())
            found = Contents(names, active=any(_is_active(name) for name in names))
            _read(package, found)
    except _NO_PACKAGE as wrong:
        raise Broken from wrong
    return found


def _is_active(name: str) -> bool:
    return "vbaproject" in name or "/embeddings/" in name or "/activex/" in name


def _read(package: zipfile.ZipFile, found: Contents) -> None:
    """Every relationship part, also two that bear one name, piece by piece and within the bounds."""
    parts = [one for one in package.infolist() if one.filename.lower().endswith(".rels")]
    packed = {one.compress_type for one in parts}
    if len(parts) > MOST_PARTS or not packed <= {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
        raise Broken
    left = LARGEST_PARTS
    for one in parts:
        parser = expat.ParserCreate()
        parser.StartElementHandler = found.take
        parser.StartDoctypeDeclHandler = _refuse
        with package.open(one) as part:
            while piece := part.read(_CHUNK):
                left -= len(piece)
                if left < 0:
                    raise Broken
                parser.Parse(piece, False)
        parser.Parse(b"", True)


def _refuse(*declared: object) -> None:
    raise Broken
