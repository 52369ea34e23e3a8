"""Papers in the page: pictures and sound as they are, PDF as pictures of its pages; guarded, journalled as saving."""

import struct
import zlib
from collections.abc import Callable
from io import BytesIO

import pytest
import typst
from django.test import Client
from django.urls import reverse

from tests.world import World
from unionhall.cases.actions import core
from unionhall.cases.models import Case, CaseFile
from unionhall.foundation.actors import system_actor
from unionhall.records.models import JournalEntry
from unionhall.records.uploads import Upload

from . import disputes as scene

WHY = "test"
SignIn = Callable[[str], Client]
POLICY = "default-src 'none'; sandbox; frame-ancestors 'none'"


def _kept(case: Case, name: str, kind: str, content: bytes, *, shown: bool = True) -> CaseFile:
    upload = Upload(name, kind, len(content), BytesIO(content))
    return core.attach(system_actor("测试"), case, upload, shown=shown)


def _png() -> bytes:
    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    head = struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)
    pixels = zlib.compress(b"\0\0")
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


def _opened() -> int:
    return JournalEntry.objects.everywhere(reason=WHY).filter(action="cases.file_opened").count()


def test_a_picture_stands_in_the_page_and_opening_it_is_journalled(signed_in: SignIn, world: World) -> None:
    case = scene.dispute(world)
    file = _kept(case, "现场.png", "image/png", _png(), shown=False)
    client, url = signed_in("pier_officer"), reverse("desk_case_file", args=[case.number, file.pk])
    page = client.get(reverse("desk_case", args=[case.number])).content.decode()
    assert f'src="{url}?show=1"' in page
    assert f"{url}?look=1" in page
    shown = client.get(f"{url}?show=1")
    assert (shown["Content-Type"], shown["Content-Disposition"]) == ("image/png", "inline")
    assert (shown["Content-Security-Policy"], shown["X-Content-Type-Options"]) == (POLICY, "nosniff")
    assert b"".join(shown.streaming_content) == _png()  # type: ignore[attr-defined]
    assert client.get(url)["Content-Disposition"].startswith("attachment")
    assert _opened() == 2
    assert signed_in("chair_delta").get(f"{url}?show=1").status_code == 404
    assert signed_in("chair_delta").get(f"{url}?look=1").status_code == 404


def test_pages_of_a_pdf_are_drawn_and_the_pdf_itself_is_only_saved(signed_in: SignIn, world: World) -> None:
    case = scene.mediating(world)
    paper = typst.compile(b"first #pagebreak() second", format="pdf")
    assert isinstance(paper, bytes)
    file = _kept(case, "协议.pdf", "application/pdf", paper)
    one = case.mediations.everywhere(reason=WHY).get()
    url = reverse("partner_mediation_file", args=[one.pk, file.pk])
    client = signed_in("mediator")
    look = client.get(f"{url}?look=2").content.decode()
    assert "第 2 页，共 2 页" in look
    assert "?look=1" in look
    assert "?look=3" not in look
    drawn = client.get(f"{url}?show=2")
    assert drawn.content.startswith(b"\x89PNG")
    assert (drawn["Content-Disposition"], drawn["Content-Security-Policy"]) == ("inline", POLICY)
    assert client.get(f"{url}?show=3").status_code == 404
    assert client.get(f"{url}?look=0").status_code == 404
    assert client.get(url)["Content-Disposition"].startswith("attachment")


@pytest.mark.parametrize(
    ("name", "kind", "content"),
    [("坏.pdf", "application/pdf", b"%PDF-1.4 nothing"), ("合同.docx", "application/x", b"PK")],
)
def test_what_cannot_be_shown_is_saved(
    signed_in: SignIn, world: World, name: str, kind: str, content: bytes
) -> None:
    case = scene.dispute(world)
    file = _kept(case, name, kind, content)
    client, url = signed_in("worker_alpha"), reverse("m_help_file", args=[case.number, file.pk])
    assert client.get(f"{url}?show=1").status_code == (404 if kind == "application/pdf" else 200)
    look = client.get(f"{url}?look=1")
    if kind == "application/pdf":
        assert "请下载后打开" in look.content.decode()
    else:
        assert look["Content-Disposition"].startswith("attachment")
