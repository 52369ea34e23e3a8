"""From a file to a `Table`: the sheet that holds a roster, its heading row, its columns recognised."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import polars as pl

from unionhall.foundation.errors import Refused
from unionhall.kit.masking import hide_numbers
from unionhall.kit.text import header_key

from .cells import Row, Sheet, framed, sheets
from .columns import BY_KEY, REQUIRED
from .files import Kind
from .mappings import Mapping, detect, mapping, mappings

__all__ = ["CHUNK", "Table", "open_table"]

#: Rows of a workbook that are taken at once.
CHUNK = 20_000
_HEADING_WITHIN = 30
#: Sheets of our own template that hold no people.
_EXPLAINING = ("填表说明", "代码表")
_FORMULA_TEXT = r'^="(.*)"$'
# An export of ours puts an apostrophe before what a spreadsheet would run; reading takes it away again.
_GUARDED = r"^'([=+\-@＝＋－＠])"


@dataclass(frozen=True)
class Table:
    """A recognised roster. `columns`: key → place in the row; `unknown`: headings that are kept aside."""

    sheet: Sheet
    heading_row: int
    headings: list[str]
    columns: dict[str, int]
    unknown: list[str]
    mapping: Mapping
    notes: list[str] = field(default_factory=list)

    @property
    def size(self) -> int:
        """About how many rows follow the heading."""
        return max(0, self.sheet.height - self.heading_row)

    def heading(self, key: str) -> str:
        """The column's own heading in this file, for messages; our title when the file lacks the column."""
        place = self.columns.get(key)
        return self.headings[place] if place is not None else BY_KEY[key].title

    def frames(self) -> Iterator[pl.DataFrame]:
        """`row` and all cells as text, some thousand rows at a time: every row below the heading with anything in a
        recognised column; a repeated heading is passed over."""
        width = len(self.headings)
        known = [f"field_{place}" for place in self.columns.values()]
        named = [(f"field_{self.columns[key]}", self.headings[self.columns[key]]) for key in REQUIRED]
        nameless = pl.all_horizontal(
            ~pl.col(field).str.contains(r"\S").fill_null(False) for field, _ in named
        )
        filled = pl.any_horizontal(pl.col(known).str.contains(r"\S")).fill_null(False)
        again = pl.all_horizontal(pl.col(field).str.strip_chars() == title for field, title in named)
        for first, frame in self.sheet.frames(width) if self.sheet.frames else self._gathered(width):
            numbers = pl.Series("row", range(first, first + frame.height), dtype=pl.UInt32)
            kept = frame.insert_column(0, numbers).filter(
                pl.col("row") > self.heading_row, again.not_().fill_null(True)
            )
            if kept.select(nameless.any()).item():
                kept = kept.filter(nameless.not_() | filled)
            if kept.height:
                yield kept

    def _gathered(self, width: int) -> Iterator[tuple[int, pl.DataFrame]]:
        rows: list[Row] = []
        first = 1
        for number, cells in self.sheet.rows():
            rows.append(cells)
            if len(rows) == CHUNK:
                yield first, framed(rows, width)
                first = number + 1
                rows = []
        if rows:
            yield first, framed(rows, width)

    def chosen(self, numbers: Collection[int]) -> Iterator[tuple[int, Row]]:
        """The rows with these numbers as they stand in the file, all their cells."""
        wanted = pl.Series(sorted(numbers), dtype=pl.UInt32)
        for frame in self.frames():
            for number, *cells in frame.filter(pl.col("row").is_in(wanted.implode())).iter_rows():
                yield number, [cell or "" for cell in cells]

    def chunks(self) -> Iterator[pl.DataFrame]:
        """`row` and a text column per recognised key, some thousand rows at a time; an empty cell is null."""
        recognised = [pl.col(f"field_{place}").alias(key) for key, place in self.columns.items()]
        for frame in self.frames():
            yield _cleaned(frame.select("row", *recognised))

    def described(self) -> dict[str, Any]:
        """What the preview tells about the file; kept with the batch."""
        return {
            "sheet": self.sheet.name,
            "heading_row": self.heading_row,
            "recognised": [
                {"heading": self.headings[place], "title": BY_KEY[key].title}
                for key, place in self.columns.items()
            ],
            "unknown": self.unknown,
            "notes": self.notes,
            "mapping": self.mapping.title,
        }


def _cleaned(frame: pl.DataFrame) -> pl.DataFrame:
    """Without what spreadsheets and our own exports wrap around a cell; what is left empty is null."""
    texts = []
    for cells in frame.drop("row"):
        if (cells.str.starts_with("=") | cells.str.starts_with("'")).any():
            cells = cells.str.replace(_FORMULA_TEXT, "${1}").str.replace(_GUARDED, "${1}")
        texts.append(cells.str.strip_chars())
    frame = frame.with_columns(texts)
    kept = pl.exclude("row")
    return frame.with_columns(pl.when(kept.str.len_bytes() > 0).then(kept).name.keep())


def open_table(path: Path, kind: Kind, chosen: str = "") -> Table:
    """The first sheet with a roster's heading. Refused when there is none: what is missing, what was found."""
    found: Table | None = None
    names: list[str] = []
    missing: list[Refused] = []
    for sheet in sheets(path, kind):
        names.append(sheet.name)
        if found is None:
            try:
                found = _recognise(sheet, chosen)
            except Refused as refusal:
                missing.append(refusal)
    if found is None:
        raise missing[0] if missing else Refused("文件里没有工作表。", "file")
    others = [name for name in names if name != found.sheet.name and name not in _EXPLAINING]
    if others:
        rest = "、".join(f"“{name}”" for name in others)
        found.notes.append(f"文件有 {len(names)} 张工作表，只读取“{found.sheet.name}”；没有读取{rest}。")
    return found


def _recognise(sheet: Sheet, chosen: str) -> Table:
    head: list[tuple[int, Row]] = []
    for number, cells in sheet.rows():
        if number > _HEADING_WITHIN:
            break
        head.append((number, cells))
    places = [(number, _columns(cells, _source(cells, chosen))) for number, cells in head]
    for (number, (columns, _)), (_, cells) in zip(places, head, strict=True):
        if len(columns) >= 2 and set(REQUIRED) & set(columns):
            return _table(sheet, number, cells, chosen)
    raise _no_heading(sheet, head)


def _source(cells: Sequence[str], chosen: str) -> Mapping:
    return mapping(chosen) if chosen in mappings() else detect(cells)


def _columns(cells: Sequence[str], source: Mapping) -> tuple[dict[str, int], list[str]]:
    columns: dict[str, int] = {}
    twice: list[str] = []
    for place, text in enumerate(cells):
        key = source.column_of(text) if text and len(text) <= 60 else None
        if key and key not in columns:
            columns[key] = place
        elif key:
            twice.append(f"“{cells[columns[key]]}”和“{text}”都是{BY_KEY[key].title}，只用前一列。")
    return columns, twice


def _table(sheet: Sheet, number: int, cells: Row, chosen: str) -> Table:
    source = _source(cells, chosen)
    headings = [" ".join(text.split()) for text in cells]
    columns, notes = _columns(headings, source)
    lacking = [BY_KEY[key].title for key in REQUIRED if key not in columns]
    if lacking:
        found = hide_numbers("、".join(text for text in headings if text))
        raise Refused(
            f"第 {number} 行的表头里没有{'、'.join(f'“{title}”' for title in lacking)}列。找到的列：{found}。"
            "请改正列名，或下载导入模板填写。",
            "file",
        )
    used = set(columns.values())
    unknown = [
        text
        for place, text in enumerate(map(hide_numbers, headings))
        if text and place not in used and header_key(text) not in source.ignored
    ]
    return Table(sheet, number, headings, columns, unknown, source, notes)


def _no_heading(sheet: Sheet, head: list[tuple[int, Row]]) -> Refused:
    where = f"工作表“{sheet.name}”" if sheet.name else "文件"
    filled = [(number, [text for text in cells if text.strip()]) for number, cells in head]
    widest = max(filled, key=lambda item: len(item[1]), default=(0, []))
    if not widest[1]:
        return Refused(f"{where}是空的。请重新选择文件。", "file")
    shown = "、".join(" ".join(text.split())[:20] for text in widest[1][:12])
    # Without a heading the first row is somebody: the message is kept and sent, their numbers are not.
    shown = hide_numbers(shown)
    return Refused(
        f"{where}的前 {_HEADING_WITHIN} 行里没有找到表头：表头应同时有“姓名”和“证件号码”两列。"
        f"最像表头的是第 {widest[0]} 行：{shown}。请改正列名，或下载导入模板填写。",
        "file",
    )
