"""How large an area a sheet's cells span. A reader allocates the whole rectangle, empty or not.

Two cells at A1 and XFD1048576 are a bomb of a few hundred bytes, however their places are written: with `r` in any
form, or by counting rows and cells that carry none.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

__all__ = ["Area", "opens_within_bounds"]

MAX_CELLS = 40_000_000
#: Markup without a single ">" for this long is no sheet that an office program wrote.
_LONGEST_TAG = 1 << 20
_REFERENCE = re.compile(rb"(?<![A-Za-z:])r\s*=\s*[\"']\s*([A-Za-z]{0,3})(\d{1,20})")
_ROWS = re.compile(rb"<(?:[\w.-]+:)?row(?=[\s/>])([^>]*)")
_CELLS = re.compile(rb"<(?:[\w.-]+:)?c[\s/>]")
_PLACED = re.compile(rb"(?<![A-Za-z:])r\s*=")
# As office programs write it, a hundred thousand rows a second; anything else is read with the patterns above.
_USUAL = re.compile(rb'<c r="[A-Z]{1,3}(\d+)"')
_USUAL_WIDE = re.compile(rb'<c r="([A-Z]{2,3})\d')
_USUAL_ROW = re.compile(rb'<row r="(\d+)"')


class Area:
    """The rectangle of one entry, fed piece by piece; entries without sheet data span nothing."""

    def __init__(self) -> None:
        self._rest = b""
        self._inside = False
        self._rows = self._bare_rows = 1
        self._columns = 26
        self._bare_cells = self._open_row = 0

    def holds(self, piece: bytes) -> bool:
        """Take in the next piece; False as soon as the rectangle is larger than memory should hold."""
        text = self._rest + piece
        if not self._inside:
            begin = text.find(b"sheetData")
            if begin < 0:
                self._rest = text[-16:]
                return True
            self._inside, text = True, text[begin:]
        cut = text.rfind(b">") + 1
        text, self._rest = text[:cut], text[cut:]
        if len(self._rest) > _LONGEST_TAG:
            return False
        self._count(text)
        return (self._rows + self._bare_rows) * (self._columns + self._bare_cells) <= MAX_CELLS

    def _usual(self, text: bytes) -> bool:
        """Count a piece in which every row and cell states its place in the usual form; False for any other."""
        if b":c" in text or b":row" in text:
            return False
        cells, rows = _USUAL.findall(text), _USUAL_ROW.findall(text)
        if len(cells) != text.count(b"<c") or len(rows) != text.count(b"<row"):
            return False
        self._rows = max([self._rows, *map(int, {*cells, *rows})])
        self._columns = max([self._columns, *map(_column, set(_USUAL_WIDE.findall(text)))])
        return True

    def _count(self, text: bytes) -> None:
        if self._usual(text):
            self._open_row = 0 if b"<row" in text else self._open_row
            return
        references = _REFERENCE.findall(text)
        for letters in {letters for letters, _ in references}:
            self._columns = max(self._columns, _column(letters))
        self._rows = max([self._rows, *map(int, {number for _, number in references})])
        rows = list(_ROWS.finditer(text))
        self._bare_rows += sum(not _PLACED.search(row[1]) for row in rows)
        placed = sum(1 for letters, _ in references if letters)
        starts = [row.start() for row in rows]
        counted = [
            len(_CELLS.findall(text, *span)) for span in zip([0, *starts], [*starts, len(text)], strict=True)
        ]
        if placed < sum(counted):
            longest = max(self._open_row + counted[0], *counted, 0)
            self._bare_cells = max(self._bare_cells, longest)
        self._open_row = counted[-1] + (0 if rows else self._open_row)


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - 64
    return number


_TRY = """
import resource, sys
resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
resource.setrlimit(resource.RLIMIT_AS, (int(sys.argv[2]),) * 2)
import python_calamine
book = python_calamine.CalamineWorkbook.from_path(sys.argv[1])
for name in book.sheet_names:
    book.get_sheet_by_name(name)
"""
_TRY_BYTES, _TRY_SECONDS = 3 * 1024**3, 120


def opens_within_bounds(path: Path) -> bool:
    """Whether the reader opens the file within three gigabytes: an old binary format says nothing beforehand.

    Tried in a process of its own, since a failed allocation ends the process that asked for it.
    """
    # The type is told by the name, as it is later; the file may have been stored under another.
    command = [sys.executable, "-I", "-c", _TRY, str(path), str(_TRY_BYTES)]
    try:
        done = subprocess.run(command, capture_output=True, timeout=_TRY_SECONDS, check=False)
    except subprocess.TimeoutExpired:
        return False
    return done.returncode == 0
