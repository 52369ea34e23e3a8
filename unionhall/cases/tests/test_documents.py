"""文书: the Word opens and holds the case's values, the PDF has Chinese text, an office's own template is taken."""

import re
import zlib
from collections.abc import Callable
from decimal import Decimal
from io import BytesIO
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse
from docx import Document

from tests.world import World
from unionhall.cases.documents import Each, Template, Text, make, pdf, preview, template, templates_for, word
from unionhall.cases.documents.contexts import money_words
from unionhall.cases.models import CaseFile
from unionhall.foundation.actors import system_actor
from unionhall.foundation.errors import Refused
from unionhall.records import attachments
from unionhall.records.models import JournalEntry

from . import disputes as scene

WHY = "test reads what was written"
SHIPPED = {
    "acceptance": {}, "completion": {"missing": "工资条"}, "mediation_agreement": {},
    "confirmation_application": {"court": "江东区人民法院"}, "referral_letter": {"to": "区人社局", "asked": "核查"},
    "supervision_note": {"to": "江东区总工会", "demand": "三日内答复", "due": "5月6日"},
}  # fmt: skip


def text_of(content: bytes) -> str:
    paper = Document(BytesIO(content))
    cells = [cell.text for table in paper.tables for row in table.rows for cell in row.cells]
    return "\n".join([*(one.text for one in paper.paragraphs), *cells])


def letters_of(content: bytes) -> set[str]:
    """The characters that a PDF says its glyphs stand for (its ToUnicode tables)."""
    found: set[str] = set()
    for raw in re.findall(rb"stream\r?\n(.*?)\r?\nendstream", content, re.DOTALL):
        try:
            table = zlib.decompress(raw)
        except zlib.error:
            continue
        if b"beginbfchar" in table:
            for code in re.findall(rb"<[0-9A-Fa-f]{4}> <([0-9A-Fa-f]+)>", table):
                found |= set(bytes.fromhex(code.decode()).decode("utf-16-be"))
    return found


def test_every_document_holds_the_values_of_the_case(world: World) -> None:
    case = scene.drafted(world)
    for code, given in SHIPPED.items():
        written, printed = preview(case, code, context=dict(given))
        text = text_of(written)
        for value in (template(code).title, case.number, *given.values()):
            assert value in text
        assert "{{" not in text
        assert "{%" not in text
        if pdf.font():
            assert printed is not None
            assert printed.startswith(b"%PDF-")
            assert not set(template(code).title + "江城") - letters_of(printed)


def test_an_agreement_has_both_sides_terms_and_sums_in_words(world: World) -> None:
    text = text_of(preview(scene.drafted(world), "mediation_agreement")[0])
    for wanted in (
        "张海林",
        "江城安达快递有限公司",
        "一、公司支付所欠工资。",
        "壹万贰仟元整",
        "第2期",
        "方正",
        "肆仟元整",
    ):
        assert wanted in text


def test_a_missing_value_is_asked_for(world: World) -> None:
    with pytest.raises(Refused, match="需要补正的材料"):
        preview(scene.dispute(world), "completion")


def test_what_is_made_is_kept_sealed_and_journalled(world: World) -> None:
    case = scene.dispute(world)
    kept = make(system_actor("测试"), case, "acceptance")
    files = CaseFile.objects.everywhere(reason=WHY).filter(case=case, template="acceptance", shown=True)
    names = {one.attachment.name.rsplit(".")[-1] for one in files.select_related("attachment")}
    assert names == ({"docx", "pdf"} if pdf.font() else {"docx"})
    assert kept in files
    plain = b"".join(attachments.chunks(files.get(attachment__name__endswith=".docx").attachment))
    assert case.number in text_of(plain)
    entry = JournalEntry.objects.everywhere(reason=WHY).get(action="cases.document_made")
    assert entry.detail["template"] == "acceptance"


def test_without_a_chinese_font_the_word_is_made_alone_and_who_asks_is_told(
    world: World, monkeypatch: pytest.MonkeyPatch, signed_in: Callable[[str], Client]
) -> None:
    monkeypatch.setattr(pdf, "font", lambda: "")
    case = scene.dispute(world)
    kept = make(system_actor("测试"), case, "acceptance")
    assert kept.attachment.name.endswith(".docx")
    client, url = signed_in("pier_officer"), reverse("desk_case_document", args=[case.number, "acceptance"])
    said = "这台服务器没有中文字体"
    assert said in client.get(url).content.decode()
    made = client.post(url, {}, follow=True)
    assert said in [str(one)[: len(said)] for one in made.context["messages"]]
    assert said in made.content.decode()


def test_an_office_has_its_own_layout(world: World, tmp_path: Path, settings: object) -> None:
    settings.HOME = tmp_path  # type: ignore[attr-defined]
    (tmp_path / "documents").mkdir()
    own = Document()
    own.add_paragraph("本会自己的格式 {{ number }}")
    own.save(str(tmp_path / "documents" / "acceptance.docx"))
    case = scene.dispute(world)
    assert text_of(preview(case, "acceptance")[0]) == f"本会自己的格式 {case.number}"


def test_what_people_write_stays_text() -> None:
    """Neither Word's markup, nor tags of the template, nor commands of typst."""
    said = '<w:br/> & {{ number }} #panic("x") $1$ *b*'
    one = Template("trial", "试验", frozenset(), body=(Text("{{ said }}"), Each("items", "{{ one }}")))
    values = {"union": "工会", "number": "N1", "said": said, "items": [said]}
    assert text_of(word.word(one, values)).count(said) == 2
    if pdf.font():
        assert pdf.pdf(one, values)


def test_which_documents_fit_where_the_case_stands(world: World) -> None:
    codes = {one.code for one in templates_for(scene.dispute(world))}
    assert "acceptance" in codes
    assert "mediation_agreement" not in codes
    assert "confirmation_application" in {one.code for one in templates_for(scene.agreed(world))}


def test_money_in_words() -> None:
    assert money_words(Decimal("10020.5")) == "人民币10,020.50元（大写：壹万零贰拾元伍角整）"
