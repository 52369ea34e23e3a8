"""Text files are taken apart by the block; what comes out is what the row-by-row parser reads."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as some

from unionhall.members.intake import cells
from unionhall.members.intake.cells import sheets
from unionhall.members.intake.reading import open_table

from . import intake_files as make

WIDTH = 3
#: Everything that decides where a cell or a row ends, and a little text.
TEXTS = some.text(alphabet=[",", '"', "\n", "\r", "张", "a", " ", "\u2028"], min_size=1, max_size=40)


@given(TEXTS, some.integers(1, 12))
@example('a,"张\n', 1)
@example('a\r\n"b\n\r\nc",d\n\ne', 4)
@example("\n\n,\r\n", 2)
def test_blocks_give_what_the_parser_gives(
    tmp_path_factory: pytest.TempPathFactory, text: str, block: int
) -> None:
    path = tmp_path_factory.getbasetemp() / "blocks.csv"
    path.write_bytes(("h1,h2,h3\n" + text).encode())
    (sheet,) = sheets(path, "csv")
    assert sheet.frames is not None
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cells, "_BLOCK", block)
        found = [
            (first + place, row)
            for first, frame in sheet.frames(WIDTH)
            for place, row in enumerate(frame.iter_rows())
        ]
    parsed = list(csv.reader(io.StringIO("h1,h2,h3\n" + text, newline="")))
    assert [number for number, _ in found] == list(range(1, len(parsed) + 1))
    assert [[cell or "" for cell in row] for _, row in found] == [
        (row + [""] * WIDTH)[:WIDTH] for row in parsed
    ]


def test_a_quoted_cell_may_run_over_the_end_of_a_block(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cells, "_BLOCK", 64)
    rows = make.roster(6)
    rows[3][0] = '"' + rows[3][0] + '\n（小组长）"'
    path = tmp_path / "a.csv"
    path.write_text("\n".join(",".join(row) for row in rows), "utf-8")
    table = open_table(path, "csv")
    numbers = [number for chunk in table.chunks() for number in chunk["row"]]
    assert numbers == [2, 3, 4, 5, 6, 7]
    ((number, found),) = table.chosen({4})
    assert (number, found[0]) == (4, rows[3][0].strip('"'))
