"""Files that try to end the process that opens them: a rectangle of billions of cells in a few hundred bytes."""

import struct
import zipfile
from pathlib import Path

import pytest

from unionhall.foundation.errors import Refused
from unionhall.members.intake import area, files

from . import intake_files as make

_RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_PARTS = {
    "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types">'
    '<Default Extension="xml" ContentType="application/xml"/></Types>',
    "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="rId1" '
    f'Type="{_RELATIONS}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
    "xl/workbook.xml": f'<workbook xmlns="{_MAIN}" xmlns:r="{_RELATIONS}"><sheets>'
    '<sheet name="S" sheetId="1" r:id="rId1"/></sheets></workbook>',
}
CASES = {
    "in_a_row_that_says_1": '<row r="1"><c r="A1"><v>1</v></c><c r="XFD900000"><v>2</v></c></row>',
    "style_first": '<row r="1"><c r="A1"><v>1</v></c><c s="0" r="XFD900000"><v>2</v></c></row>',
    "single_quotes": "<row r='1'><c r='A1'><v>1</v></c><c r='XFD900000'><v>2</v></c></row>",
    "line_break": '<row r="1"><c r="A1"><v>1</v></c><c\nr\n=\n"XFD900000"><v>2</v></c></row>',
    "small_letters": '<row r="1"><c r="a1"><v>1</v></c><c r="xfd900000"><v>2</v></c></row>',
    "prefixed": '<x:row r="1"><x:c r="A1"><v>1</v></x:c><x:c r="XFD900000"><v>2</v></x:c></x:row>',
    "bare": "<row><c><v>1</v></c></row>"
    + "<row/>" * 70_000
    + "<row>"
    + "<c/>" * 900
    + "<c><v>2</v></c></row>",
}


def bomb(path: Path, sheet: str, place: str = "worksheets/sheet1.xml") -> Path:
    relations = (
        f'<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="rId1" '
        f'Type="{_RELATIONS}/worksheet" Target="{place}"/></Relationships>'
    )
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in _PARTS.items():
            archive.writestr(name, text)
        archive.writestr("xl/_rels/workbook.xml.rels", relations)
        archive.writestr(
            f"xl/{place}",
            f'<worksheet xmlns="{_MAIN}" xmlns:x="{_MAIN}"><sheetData>{sheet}</sheetData></worksheet>',
        )
    return path


@pytest.mark.parametrize("case", CASES)
def test_far_cells_however_they_are_written(tmp_path: Path, case: str) -> None:
    with pytest.raises(Refused, match="解压"):
        files.inspect(bomb(tmp_path / "a.xlsx", CASES[case]), "a.xlsx")


def test_far_cells_in_a_sheet_that_lies_elsewhere(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="解压"):
        files.inspect(bomb(tmp_path / "a.xlsx", CASES["style_first"], "elsewhere/x.xml"), "a.xlsx")


def test_pieces_are_cut_anywhere() -> None:
    text = b"<sheetData>" + CASES["style_first"].encode()
    for size in (1, 7, 19):
        counted = area.Area()
        assert not all(counted.holds(text[at : at + size]) for at in range(0, len(text), size))


def test_an_honest_large_sheet_is_let_through() -> None:
    counted = area.Area()
    assert counted.holds(b"<worksheet><sheetData>")
    for number in (1, 500_000, 1_048_576):
        cells = b"".join(b'<c r="%c%d" t="s"><v>1</v></c>' % (65 + column, number) for column in range(26))
        assert counted.holds(b'<row r="%d">%s</row>' % (number, cells))


def test_an_old_workbook_with_far_cells(tmp_path: Path) -> None:
    """In xls the place is two numbers of sixteen bits: 65,535 by 65,535."""
    path = make.xls(tmp_path / "far.xls", [["姓名", "证件号码"], ["甲", "乙"]])
    content = bytearray(path.read_bytes())
    at = content.rindex(struct.pack("<HHHH", 0x00FD, 10, 1, 1))  # LABELSST of the last cell
    content[at + 4 : at + 8] = struct.pack("<HH", 0xFFFF, 0xFFFF)
    path.write_bytes(content)
    with pytest.raises(Refused, match="不合常理"):
        files.inspect(path, "far.xls")
