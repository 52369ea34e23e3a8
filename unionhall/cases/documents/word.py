"""Word: a template with its tags is laid out from the declared blocks (or is the office's own), docxtpl fills it."""

from __future__ import annotations

from functools import lru_cache
from io import BytesIO
from pathlib import Path
from typing import Any

from django.conf import settings
from docx import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml.ns import qn
from docx.shared import Cm, Pt
from docxtpl import DocxTemplate
from jinja2 import StrictUndefined
from jinja2.sandbox import SandboxedEnvironment

from .templates import Block, Each, Facts, Template, Text

CONTENT_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
#: What every Word in China has; elsewhere the reader's own serif takes its place.
FONT = "仿宋"
HEADING = "黑体"


@lru_cache(maxsize=2)
def environment(*, escape: bool) -> SandboxedEnvironment:
    """Tags see values only: no attribute that starts a program; an unknown name is a mistake, not an empty place."""
    return SandboxedEnvironment(undefined=StrictUndefined, autoescape=escape)


def word(found: Template, context: dict[str, Any]) -> bytes:
    """The document filled in, as the bytes of a .docx."""
    own = own_layout(found.code)
    filled = DocxTemplate(own if own is not None else BytesIO(layout(found.title, found.body)))
    filled.render(context, jinja_env=environment(escape=True))
    sink = BytesIO()
    filled.save(sink)
    return sink.getvalue()


def own_layout(code: str) -> Path | None:
    """The office's own template of this document, if it has put one into its home."""
    place = Path(settings.HOME) / "documents" / f"{code}.docx"
    return place if place.is_file() else None


@lru_cache(maxsize=64)
def layout(title: str, body: tuple[Block, ...]) -> bytes:
    """The Word template: A4, the tags still in it. What an office changes to make its own."""
    paper: Any = Document()
    page = paper.sections[0]
    page.page_width, page.page_height = Cm(21), Cm(29.7)
    page.left_margin = page.right_margin = Cm(2.8)
    page.top_margin = page.bottom_margin = Cm(2.6)
    _font(paper.styles["Normal"], FONT, 15)
    paper.styles["Normal"].paragraph_format.line_spacing = 1.5
    _line(paper, "{{ union }}", 14, WD_ALIGN_PARAGRAPH.CENTER)
    _line(paper, title, 22, WD_ALIGN_PARAGRAPH.CENTER, HEADING)
    _line(paper, "编号：{{ number }}", 12, WD_ALIGN_PARAGRAPH.RIGHT)
    for block in body:
        _block(paper, block)
    sink = BytesIO()
    paper.save(sink)
    return sink.getvalue()


def _block(paper: Any, block: Block) -> None:
    if isinstance(block, Text):
        line = paper.add_paragraph(block.words)
        if block.align == "right":
            line.alignment = WD_ALIGN_PARAGRAPH.RIGHT
        elif not block.align:
            line.paragraph_format.first_line_indent = Pt(30)
    elif isinstance(block, Each):
        paper.add_paragraph(f"{{%p for one in {block.items} %}}")
        paper.add_paragraph(block.words).paragraph_format.first_line_indent = Pt(30)
        paper.add_paragraph("{%p endfor %}")
    elif isinstance(block, Facts):
        table = paper.add_table(rows=0, cols=2, style="Table Grid")
        for label, words in block.rows:
            cells = table.add_row().cells
            cells[0].text, cells[1].text = label, words
            cells[0].width, cells[1].width = Cm(4), Cm(11.4)
    else:
        table = paper.add_table(rows=2, cols=len(block.places))
        for place, label in enumerate(block.places):
            table.cell(0, place).text = f"\n{label}：\n\n（签名或盖章）"
            table.cell(1, place).text = "　　年　　月　　日"


def _line(paper: Any, words: str, size: int, align: Any, font: str = "") -> None:
    line = paper.add_paragraph()
    line.alignment = align
    run = line.add_run(words)
    run.font.size = Pt(size)
    if font:
        run.font.name = font
        run._element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), font)


def _font(style: Any, name: str, size: int) -> None:
    style.font.name, style.font.size = name, Pt(size)
    style.element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), name)
