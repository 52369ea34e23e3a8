"""PDF: the declared blocks with their values, laid out by typst in whatever Chinese font the machine has."""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path
from typing import Any

import typst

from .templates import Each, Facts, Template, Text
from .word import environment

CONTENT_TYPE = "application/pdf"
LAYOUT = Path(__file__).with_name("layout.typ")
#: Families with Chinese characters under free licences or of common systems, the best for print first.
FAMILIES = (
    "FangSong", "STFangsong", "Noto Serif CJK SC", "Source Han Serif SC", "Songti SC", "SimSun", "Noto Sans CJK SC",
    "Source Han Sans SC", "WenQuanYi Micro Hei", "WenQuanYi Zen Hei", "PingFang SC", "Microsoft YaHei",
    "AR PL UMing CN", "AR PL UKai CN", "Noto Serif SC", "Noto Sans SC",
)  # fmt: skip
MISSING = "这台服务器没有中文字体，只生成了 Word 文书。请运维人员安装后再生成 PDF：apt-get install fonts-wqy-microhei"


@lru_cache(maxsize=1)
def fonts() -> typst.Fonts:
    """What the machine has, looked up once by each process: a quarter of a second."""
    return typst.Fonts(include_embedded_fonts=False)


@lru_cache(maxsize=1)
def font() -> str:
    """The first Chinese family that this machine has; "" when it has none."""
    known = {one.casefold(): one for one in fonts().families()}
    return next((known[one.casefold()] for one in FAMILIES if one.casefold() in known), "")


def pdf(found: Template, context: dict[str, Any]) -> bytes | None:
    """The document filled in, as the bytes of a PDF; None on a machine without a Chinese font.

    Values travel as data, never as typst's own text: what people wrote cannot become a command.
    """
    family = font()
    if not family:
        return None
    jinja = environment(escape=False)

    def said(words: str, **more: Any) -> str:
        return jinja.from_string(words).render(**context, **more)

    blocks: list[dict[str, Any]] = []
    for block in found.body:
        if isinstance(block, Text):
            blocks.append({"is": block.align or "text", "words": said(block.words)})
        elif isinstance(block, Each):
            items = context[block.items]
            blocks += [{"is": "text", "words": said(block.words, one=one)} for one in items]
        elif isinstance(block, Facts):
            rows = [[label, said(words)] for label, words in block.rows]
            blocks.append({"is": "facts", "rows": rows})
        else:
            blocks.append({"is": "sign", "places": list(block.places)})
    data = {
        "union": said("{{ union }}"),
        "title": found.title,
        "number": said("{{ number }}"),
        "font": family,
    }
    paper = json.dumps(data | {"blocks": blocks})
    made = typst.compile(LAYOUT.read_bytes(), format="pdf", sys_inputs={"paper": paper}, font_paths=fonts())
    assert isinstance(made, bytes)
    return made
