"""What people may add to a case is known by its content."""

import zipfile
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from unionhall.cases import evidence
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
    ],
)
def test_other_things_are_refused_and_say_what_to_do(name: str, content: bytes, said: str) -> None:
    with pytest.raises(Refused, match=said):
        evidence.take(SimpleUploadedFile(name, content))
