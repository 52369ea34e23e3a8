"""What people may add to a case is known by its content."""

import base64
import warnings
import zipfile
from io import BytesIO

import docx
import pytest
import xlsxwriter
from django.core.files.uploadedfile import SimpleUploadedFile

from unionhall.cases import evidence, office
from unionhall.foundation.errors import Refused


def package(*names: str) -> bytes:
    out = BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        for name in names:
            made.writestr(zipfile.ZipInfo(name), "x")  # without a moment: the bytes name the tests
    return out.getvalue()


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [
        ("a.wav", b"RIFF\0\0\0\0WAVEfmt ", "audio/wav"),
        ("a.mp3", b"ID3\x04", "audio/mpeg"),
        ("a.m4a", b"\0\0\0\x20ftypM4A ", "audio/mp4"),
        ("a.amr", b"#!AMR\n", "audio/amr"),
        ("a.docx", package("word/document.xml"), evidence.OFFICE[".docx"]),
        ("a.xlsx", package("xl/workbook.xml"), evidence.OFFICE[".xlsx"]),
    ],
)
def test_sound_and_office_files_are_taken(name: str, content: bytes, kind: str) -> None:
    taken = evidence.take(SimpleUploadedFile(name, content))
    assert (taken.content_type, taken.content.read()) == (kind, content)


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.exe", b"MZ", "请上传"),
        ("a.doc", b"\xd0\xcf\x11\xe0", "请上传"),
        ("a.wav", b"MZ" * 10, "不符"),
        ("a.mp3", b"", "空的"),
        ("a.docx", b"PK", "已损坏"),
        ("a.docx", package("xl/workbook.xml"), "不符"),
        ("a.xlsx", package("xl/workbook.xml", "xl/vbaProject.bin"), "宏"),
        ("a.docx", package("word/document.xml", "word/embeddings/a.bin"), "嵌入"),
        ("a.docx", package("word/document.xml", "word/_rels/document.xml.rels"), "已损坏"),
    ],
)
def test_other_things_are_refused_and_say_what_to_do(name: str, content: bytes, said: str) -> None:
    with pytest.raises(Refused, match=said):
        evidence.take(SimpleUploadedFile(name, content))


# Relationships -------------------------------------------------------------------------------------------------

_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_MAIN = {".docx": "word/document.xml", ".xlsx": "xl/workbook.xml", ".pptx": "ppt/presentation.xml"}


def related(suffix: str, *rows: str, name: str = "_rels/x.xml.rels", before: str = "") -> SimpleUploadedFile:
    """A package whose one relationship part holds these rows."""
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr(_MAIN[suffix], "<x/>")
        space = "http://schemas.openxmlformats.org/package/2006/relationships"
        made.writestr(name, f'{before}<Relationships xmlns="{space}">{"".join(rows)}</Relationships>')
    return SimpleUploadedFile(f"a{suffix}", out.getvalue())


def row(kind: str, target: str = "media/a.bin", mode: str = "", base: str = _OFFICE) -> str:
    said = f' TargetMode="{mode}"' if mode else ""
    return f'<Relationship Id="rId1" Type="{base}/{kind}" Target="{target}"{said}/>'


@pytest.mark.parametrize(
    ("suffix", "one", "said"),
    [
        (".docx", row("attachedTemplate", "https://evil.example/a.dotm", "External"), "外部"),
        (".docx", row("attachedTemplate", "a.dotm"), "外部"),
        (".docx", row("image", "https://evil.example/a.png", "External"), "外部"),
        (".docx", row("image", "https://evil.example/a.png", "external"), "外部"),
        (".docx", row("image", "file://evil.example/share/a.png"), "外部"),
        (".docx", row("image", r"\\evil.example\share\a.png"), "外部"),
        (".docx", row("oleObject", "mhtml:https://evil.example/a.html!x-usc:b", "External"), "嵌入"),
        (".docx", row("oleObject"), "嵌入"),
        (".docx", row("oleObject", base="http://purl.oclc.org/ooxml/officeDocument/relationships"), "嵌入"),
        (".docx", row("package"), "嵌入"),
        (".docx", row("aFChunk", "media/a.rtf"), "嵌入"),
        (".pptx", row("control"), "控件"),
        (".xlsx", row("vbaProject", base="http://schemas.microsoft.com/office/2006/relationships"), "宏"),
        (".xlsx", row("externalLink", "externalLinks/externalLink1.xml"), "外部"),
        (".xlsx", row("hyperlink", "https://a.example/", "External") + row("oleObject"), "嵌入"),
    ],
)
def test_objects_and_what_lies_outside_are_known_by_their_relationship(
    suffix: str, one: str, said: str
) -> None:
    for name in ("_rels/x.xml.rels", "Word/_RELS/Settings.xml.RELS"):
        with pytest.raises(Refused, match=said):
            evidence.take(related(suffix, one, name=name))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_a_relationship_part_declares_no_entities(encoding: str) -> None:
    text = '<!DOCTYPE r [<!ENTITY e "x">]><Relationships/>'
    out = BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        made.writestr("word/document.xml", "<x/>")
        made.writestr("word/_rels/document.xml.rels", text.encode(encoding))
    with pytest.raises(Refused, match="已损坏"):
        evidence.take(SimpleUploadedFile("a.docx", out.getvalue()))


def test_relationships_are_read_within_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    bomb = related(".docx", " " * (office.LARGEST_PARTS + 1))
    assert bomb.size is not None
    assert bomb.size < 100_000
    with pytest.raises(Refused, match="已损坏"):
        evidence.take(bomb)
    monkeypatch.setattr(office, "MOST_PARTS", 0)
    with pytest.raises(Refused, match="已损坏"):
        evidence.take(related(".docx"))


def test_of_two_parts_with_one_name_both_are_read() -> None:
    out = BytesIO()
    with zipfile.ZipFile(out, "w") as made, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        made.writestr("word/document.xml", "<x/>")
        for inner in (row("oleObject"), ""):
            made.writestr("word/_rels/document.xml.rels", f"<Relationships>{inner}</Relationships>")
    with pytest.raises(Refused, match="嵌入"):
        evidence.take(SimpleUploadedFile("a.docx", out.getvalue()))


PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


def test_an_ordinary_document_is_taken() -> None:
    document, out = docx.Document(), BytesIO()
    paragraph = document.add_paragraph("拖欠工资明细见附表")
    paragraph.part.relate_to("https://www.example.org/", f"{_OFFICE}/hyperlink", is_external=True)
    document.add_picture(BytesIO(PIXEL))
    document.add_table(2, 2)
    document.save(out)
    assert evidence.take(SimpleUploadedFile("明细.docx", out.getvalue())).size == len(out.getvalue())


def test_an_ordinary_workbook_is_taken() -> None:
    out = BytesIO()
    with xlsxwriter.Workbook(out) as book:
        sheet = book.add_worksheet("工资")
        sheet.write_url("A1", "https://www.example.org/")
        sheet.write_url("A2", "internal:'工资'!B2")
        sheet.write("B2", 3200)
        sheet.write_comment("B2", "少发")
        sheet.insert_image("C3", "a.png", {"image_data": BytesIO(PIXEL)})
        chart = book.add_chart({"type": "column"})
        chart.add_series({"values": "='工资'!$B$2:$B$2"})
        sheet.insert_chart("E3", chart)
        sheet.add_table("G1:H3")
    assert evidence.take(SimpleUploadedFile("工资.xlsx", out.getvalue())).size == len(out.getvalue())
