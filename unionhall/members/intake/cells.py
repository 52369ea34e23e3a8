"""Rows of a file as lists of text, whatever the format: nothing is guessed, no digit is changed."""

from __future__ import annotations

import codecs
import csv
import io
import math
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import TextIO

import polars as pl
import python_calamine

from unionhall.foundation.errors import Refused

from .files import Kind

__all__ = ["Row", "Sheet", "framed", "sheets", "text_of"]

Row = list[str]
#: From here on a spreadsheet's number has lost digits: it keeps fifteen.
_EXACT = 10**15
_SAMPLE = 256 * 1024
#: Characters of a text file that are taken apart at once: some 40,000 rows.
_BLOCK = 4 << 20
_DELIMITERS = (",", "\t", ";", "|")
_ENCODINGS = {b"\xef\xbb\xbf": "utf-8-sig", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}

csv.field_size_limit(min(sys.maxsize, 1 << 24))


class Sheet:
    """One sheet: `rows()` gives (row number as a person sees it, cells); it may be asked again.

    `frames(width)`, where there is one, gives the very same rows by thousands: (number of the first, a frame of
    `width` text columns); a row that is too short ends in nulls.
    """

    def __init__(
        self,
        name: str,
        rows: Callable[[], Iterator[tuple[int, Row]]],
        height: int = 0,
        frames: Callable[[int], Iterator[tuple[int, pl.DataFrame]]] | None = None,
    ) -> None:
        self.name, self.rows, self.height, self.frames = name, rows, height, frames


def sheets(path: Path, kind: Kind) -> Iterator[Sheet]:
    """The sheets in order; a CSV file is one sheet. Raises Refused when the file cannot be read as a table."""
    if kind == "csv":
        yield _csv(path)
        return
    try:
        book = python_calamine.CalamineWorkbook.from_path(str(path))
        visible = [
            item.name for item in book.sheets_metadata if item.typ == python_calamine.SheetTypeEnum.WorkSheet
        ]
    except python_calamine.PasswordError as locked:
        raise Refused("文件设了打开密码。请取消密码后再上传。", "file") from locked
    except Exception as broken:  # the reader's own errors have no common base
        raise Refused("文件已损坏，打不开。请重新导出或另存后再上传。", "file") from broken
    for name in visible:
        yield _worksheet(book, name)


def text_of(value: object) -> str:
    """A cell as text. A number too long for a spreadsheet is shown as Excel shows it: 4.40101199001E+17."""
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, (int, float)):
        return _number(value)
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d}" if value.time() == time() else f"{value:%Y-%m-%d %H:%M:%S}"
    if isinstance(value, (date, time)):
        return value.isoformat()
    if isinstance(value, timedelta):
        return str(value.total_seconds() / 86400)
    return str(value)


def _number(value: int | float) -> str:
    if not math.isfinite(value):
        return str(value)
    if abs(value) >= _EXACT:
        mantissa, exponent = f"{value:.14E}".split("E")
        return f"{mantissa.rstrip('0').rstrip('.')}E{exponent}"
    return str(int(value)) if value == int(value) else repr(value)


def _worksheet(book: python_calamine.CalamineWorkbook, name: str) -> Sheet:
    try:
        sheet = book.get_sheet_by_name(name)
    except Exception as broken:
        raise Refused(f"工作表“{name}”已损坏，读不出来。请另存为新的 xlsx 再上传。", "file") from broken
    # Rows begin with the first column that holds anything; merged ranges are told in columns of the sheet.
    _, left = sheet.start or (0, 0)
    merged = [
        (top, bottom, column - left)
        for (top, column), (bottom, right) in (sheet.merged_cell_ranges or [])
        if bottom > top and right == column and column >= left
    ]

    def rows() -> Iterator[tuple[int, Row]]:
        starts: dict[int, list[tuple[int, int]]] = {}
        for top, bottom, column in merged:
            starts.setdefault(top, []).append((bottom, column))
        active: list[tuple[int, int, str]] = []
        for index, cells in enumerate(sheet.iter_rows()):
            row = [cell if isinstance(cell, str) else text_of(cell) for cell in cells]
            if starts:
                active = [item for item in active if item[0] >= index]
                for _, column, text in active:
                    if column < len(row) and not row[column]:
                        row[column] = text
                active += [
                    (bottom, column, row[column])
                    for bottom, column in starts.get(index, ())
                    if column < len(row)
                ]
            yield index + 1, row

    return Sheet(name, rows, sheet.total_height or 0)


def _csv(path: Path) -> Sheet:
    encoding = _encoding(path)
    with path.open("r", encoding=encoding, newline="") as opened:
        delimiter = _delimiter(opened.read(_SAMPLE))

    def rows() -> Iterator[tuple[int, Row]]:
        with path.open("r", encoding=encoding, newline="") as opened:
            try:
                yield from enumerate(csv.reader(opened, delimiter=delimiter), start=1)
            except csv.Error as broken:
                raise Refused(
                    f"CSV 文件格式有误（{broken}）。请用 Excel 另存为 xlsx 再上传。", "file"
                ) from broken

    def frames(width: int) -> Iterator[tuple[int, pl.DataFrame]]:
        with path.open("r", encoding=encoding, newline="") as opened:
            number = 1
            while text := opened.read(_BLOCK) + opened.readline():
                frame = _plain(text, delimiter, width)
                if frame is None:
                    frame = framed(_quoted(text, opened, delimiter), width)
                yield number, frame
                number += frame.height

    return Sheet("", rows, _lines(path), frames)


def _plain(text: str, delimiter: str, width: int) -> pl.DataFrame | None:
    """Whole lines cut into cells at once; None where quotes or odd line ends need the real parser."""
    if '"' in text or text.count("\r") != text.count("\r\n"):
        return None
    lines = pl.Series([text.replace("\r\n", "\n").removesuffix("\n")]).str.split("\n").explode()
    return lines.str.split_exact(delimiter, width - 1).struct.unnest()


def _quoted(text: str, opened: TextIO, delimiter: str) -> list[Row]:
    """The records that begin in `text`; the last may run on into lines that are still to be read."""
    block = io.StringIO(text, newline="")
    lines = iter(lambda: block.readline() or opened.readline(), "")
    found = []
    try:
        for record in csv.reader(lines, delimiter=delimiter):
            found.append(record)
            if block.tell() >= len(text):
                break
    except csv.Error as broken:
        raise Refused(f"CSV 文件格式有误（{broken}）。请用 Excel 另存为 xlsx 再上传。", "file") from broken
    return found


def framed(rows: list[Row], width: int) -> pl.DataFrame:
    """Rows as a frame of `width` text columns; what is missing is null, what is too much goes."""
    cut = [row if len(row) == width else (row + [None] * width)[:width] for row in rows]
    columns = zip(*cut, strict=True) if cut else [()] * width
    return pl.DataFrame(
        {f"field_{place}": pl.Series(cells, dtype=pl.String) for place, cells in enumerate(columns)}
    )


def _lines(path: Path) -> int:
    """Roughly how many rows there are, for the progress bar."""
    with path.open("rb") as opened:
        return sum(piece.count(b"\n") for piece in iter(lambda: opened.read(1 << 20), b""))


def _encoding(path: Path) -> str:
    with path.open("rb") as opened:
        head = opened.read(4)
    for mark, name in _ENCODINGS.items():
        if head.startswith(mark):
            if not _decodes(path, name):
                break
            return name
    for name in ("utf-8", "gb18030"):
        if _decodes(path, name):
            return name
    raise Refused("看不懂文件的文字编码。请用 Excel 打开后另存为 xlsx，或存为 UTF-8 编码的 CSV。", "file")


def _decodes(path: Path, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        with path.open("rb") as opened:
            while piece := opened.read(1 << 20):
                text = decoder.decode(piece)
                if "\0" in text:
                    return False
            decoder.decode(b"", final=True)
    except UnicodeError:
        return False
    return True


def _delimiter(sample: str) -> str:
    """The delimiter that cuts most rows into the same, largest number of cells."""
    lines = sample.splitlines()[:60]
    best, most = ",", (0, 0)
    for delimiter in _DELIMITERS:
        widths = Counter(len(row) for row in csv.reader(lines, delimiter=delimiter) if len(row) > 1)
        if widths:
            width, times = widths.most_common(1)[0]
            if (times, width) > most:
                best, most = delimiter, (times, width)
    return best
