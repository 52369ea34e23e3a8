"""What may be uploaded, how it is kept and how it is handed out; what leaves as a table runs no formula."""

import csv
import re
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client, RequestFactory
from pytest_django import Settings

from tests.world import World
from unionhall.foundation.errors import Refused
from unionhall.foundation.receiving import ORDINARY, BoundedUploads
from unionhall.kit.tests.test_pictures import chunk, exif, jpeg, png, segment
from unionhall.kit.text import safe_cell
from unionhall.portal.own_data import as_workbook
from unionhall.records import attachments, uploads

PDF = b"%PDF-1.7\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
BACKEND = "unionhall.access.backends.DeskBackend"


def take(name: str, content: bytes) -> uploads.Upload:
    return uploads.take(SimpleUploadedFile(name, content, content_type="text/html"), "file")


def test_the_content_says_what_it_is() -> None:
    """Not the word of the browser, which says text/html here."""
    assert take("合同.PDF", PDF).content_type == "application/pdf"
    picture = take("a.jpg", jpeg(segment(0xE1, exif("<", 6))))
    assert picture.content_type == "image/jpeg"
    assert b"GPS" not in picture.content.read()
    assert b"Zhang" not in take("a.png", png(chunk(b"tEXt", b"Author\0Zhang"))).content.read()


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.exe", b"MZ", "PDF、JPG 或 PNG"),
        ("a.html", b"<script>", "PDF、JPG 或 PNG"),
        ("a.svg", b"<svg onload=x>", "PDF、JPG 或 PNG"),
        ("a.pdf", b"", "空的"),
        ("a.pdf", b"<html>", "扩展名不符"),
        ("a.jpg", png(), "扩展名不符"),
        ("a.png", png() [:40], "损坏"),
        ("a.pdf", PDF[:-8], "不完整"),
        ("a.pdf", PDF.replace(b"/Type", b"/OpenAction<</S/JavaScript/JS(x)>>/Type"), "脚本"),
        ("a.pdf", PDF.replace(b"/Type", b"/#4aava#53cript/Type"), "脚本"),
        ("a.pdf", PDF.replace(b"/Type", b"/EmbeddedFiles 3 0 R/Type"), "附件"),
        ("a.pdf", PDF.replace(b"/Type", b"/S/Launch/F(cmd.exe)/Type"), "自动执行"),
        ("a.pdf", b"%PDF-" + b"0" * (10 * 1024 * 1024), "超过 10 MB"),
    ],
)  # fmt: skip
def test_what_may_harm_is_refused_in_words(name: str, content: bytes, said: str) -> None:
    with pytest.raises(Refused, match=said):
        take(name, content)


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("../../etc/passwd.pdf", "passwd.pdf"),
        ("C:\\Users\\x\\合同.pdf", "合同.pdf"),
        ("a\r\nSet-Cookie: x.pdf", "a_Set-Cookie_ x.pdf"),
        ("\u202efdp.exe", "_fdp.exe"),
        ('a";filename="b.pdf', "a_;filename=_b.pdf"),
        ("...", "文件"),
        ("x" * 300 + ".pdf", "x" * 76 + ".pdf"),
        ("\0.pdf", "_.pdf"),
    ],
)
def test_names_are_harmless(name: str, kept: str) -> None:
    assert uploads.safe_name(name) == kept


@pytest.mark.django_db
def test_files_stand_sealed_under_made_up_names_for_nobody_else(world: World, settings: Settings) -> None:
    found = attachments.store(
        world.actor("chair_alpha"),
        BytesIO(PDF),
        name="../合同.pdf",
        content_type="application/pdf",
        purpose="t",
    )
    path = Path(settings.FILES_DIR) / found.location
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o077 == 0
    assert re.fullmatch(r"[0-9a-f]{32}", path.name)
    assert found.name == "合同.pdf"
    assert b"PDF" not in path.read_bytes()
    served = [Path(settings.STATIC_ROOT), *(Path(place[1]) for place in settings.STATICFILES_DIRS)]
    assert not any(path.resolve().is_relative_to(place.resolve()) for place in served)


@pytest.mark.django_db
def test_a_download_is_saved_and_runs_nothing(client: Client, world: World) -> None:
    account = world.accounts["worker_alpha"]
    client.force_login(account, backend=BACKEND)
    for kind in ("application/pdf", "text/html", "image/png"):
        found = attachments.store(
            world.actor("worker_alpha"),
            BytesIO(b"<script>"),
            name="a.html",
            content_type=kind,
            purpose="draft.t",
        )
        response = client.get(f"/desk/attachments/{found.pk}/")
        assert response.status_code == 200
        assert response["Content-Disposition"].startswith("attachment;")
        assert response["Content-Type"] == "application/octet-stream"
        assert response["X-Content-Type-Options"] == "nosniff"
        assert "sandbox" in response["Content-Security-Policy"]
        assert response["Cache-Control"] == "no-store"


@pytest.mark.django_db
def test_a_body_too_large_is_refused_before_it_is_written(
    client: Client, world: World, settings: Settings
) -> None:
    """Django would write the parts to disk before any view, or the CSRF check, looks at them."""
    factory = RequestFactory()

    def limit(path: str, **known: Any) -> int:
        request: Any = factory.post(path)
        vars(request).update(known)
        return BoundedUploads(request)._limit()

    chair, worker = (world.actor(name).access for name in ("chair_alpha", "worker_alpha"))
    assert limit("/desk/imports/upload/", access=chair) > settings.INTAKE_MAX_BYTES
    assert limit("/api/v1/rosters", auth=object()) > settings.INTAKE_MAX_BYTES
    little = [
        limit("/m/sign-in/"),
        limit("/desk/orgs/", access=chair),
        limit("/desk/imports/upload/"),
        limit("/desk/imports/upload/", access=worker),
        limit("/api/v1/rosters", access=chair),
        limit("/api/v1/figures", auth=object()),
    ]
    assert set(little) == {ORDINARY}
    handler = BoundedUploads(factory.post("/m/sign-in/"))
    with pytest.raises(RequestDataTooBig):
        handler.handle_raw_input(None, {}, 13 * 1024 * 1024, b"x")
    refused = client.post("/m/sign-in/", {"phone": "1" * (13 * 1024 * 1024)})
    assert refused.status_code == 413
    assert "文件太大" in refused.content.decode()


# What leaves ---------------------------------------------------------------------------------------------------

FORMULAS = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1", "＠x"]


@pytest.mark.parametrize("cell", FORMULAS)
def test_formulas_are_neutralised(cell: str) -> None:
    out = StringIO()
    csv.writer(out).writerow([safe_cell(cell)])
    assert next(csv.reader(StringIO(out.getvalue(), newline="")))[0].startswith("'")
    book = openpyxl.load_workbook(BytesIO(as_workbook({"会籍": [{cell: cell}]})))
    sheet = book.active
    for row in (1, 2):
        found = sheet.cell(row, 1)
        assert found.data_type == "s"
        assert str(found.value).startswith("'")


def test_every_writer_of_tables_goes_through_the_one_function() -> None:
    """A new writer of xlsx or csv has to neutralise cells, or stand among those that write no one's words."""
    own = {
        "members/intake/planting.py": "makes rosters for tests, mistakes included",
        "foundation/copying.py": "COPY into PostgreSQL, never a file for people",
        "portal/seeding/sample.py": "the demo's sample roster of made-up people",
        "portal/seeding/accounts.py": "the demo's list of accounts",
    }
    root = Path(attachments.__file__).parents[1]
    writers = re.compile(r"import xlsxwriter|from xlsxwriter|csv\.writer|\.write_csv\(|csv\.DictWriter")
    wrong = [
        name
        for path in root.rglob("*.py")
        if "tests" not in path.parts and writers.search(text := path.read_text())
        if (name := path.relative_to(root).as_posix()) not in own and "safe_cell(" not in text
    ]
    assert wrong == []
