"""From a scheme file to its versions, or to mistakes that name file, line and what to do."""

import json
import re
import tomllib
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from .lines import Lines, Loc
from .programmes import Programme, programme_of
from .versions import Mistake, Place, Reference, Source, Status, Version, canonical, digest_of
from .wording import sentence

#: Lengths of division codes: province, city, county, street, community.
DIVISION_LENGTHS = (0, 2, 4, 6, 9, 12)
_SYNTAX_LINE = re.compile(r"\(at line (\d+)")


class _Header(BaseModel):
    model_config = ConfigDict(extra="forbid")

    starts: date = Field(alias="from")
    until: date | None = None
    jurisdiction: str = ""
    status: Status
    source: Source
    reference: tuple[Reference, ...] = ()
    note: str = ""
    parameters: dict[str, Any]


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid")

    title: str = Field(min_length=1)
    issuer: str = Field(min_length=1)
    version: list[dict[str, Any]] = Field(min_length=1)


@dataclass
class Reading:
    """What one file gave: versions that are sound, and the mistakes of those that are not."""

    path: Path
    programme: str
    versions: list[Version[Any]] = field(default_factory=list)
    mistakes: list[Mistake] = field(default_factory=list)


def read(path: Path, shown: Path) -> Reading:
    """Read one file; `shown` is the path that people see in mistakes."""
    code = path.stem
    reading = Reading(path, code)
    text, raw = load(path, shown, reading.mistakes)
    if raw is None:
        return reading
    lines = Lines(text)
    known = programme_of(code)
    if known is None:
        reading.mistakes.append(Mistake(Place(shown, 1), f"没有名为“{code}”的方案，请核对文件名。"))
        return reading
    try:
        parsed = _File.model_validate(raw)
    except ValidationError as wrong:
        reading.mistakes += worded(wrong, shown, lines)
        return reading
    for index, table in enumerate(parsed.version):
        found = _version(known, parsed, table, index, shown, lines, reading.mistakes)
        if found is not None:
            reading.versions.append(found)
    return reading


def load(path: Path, shown: Path, mistakes: list[Mistake]) -> tuple[str, dict[str, Any] | None]:
    """The text and its tables; a syntax mistake is noted with its line and gives None."""
    try:
        text = path.read_text(encoding="utf-8")
        return text, tomllib.loads(text)
    except UnicodeDecodeError:
        mistakes.append(Mistake(Place(shown, 1), "文件不是 UTF-8 编码，请另存为 UTF-8。"))
    except tomllib.TOMLDecodeError as wrong:
        at = _SYNTAX_LINE.search(str(wrong))
        line = int(at[1]) if at else path.read_text(encoding="utf-8").count("\n") + 1
        mistakes.append(Mistake(Place(shown, line), f"语法有误：{wrong}"))
    return "", None


def _version(
    known: Programme,
    file: _File,
    table: dict[str, Any],
    index: int,
    shown: Path,
    lines: Lines,
    mistakes: list[Mistake],
) -> Version[Any] | None:
    at: Loc = ("version", index)
    try:
        header = _Header.model_validate(table)
    except ValidationError as wrong:
        mistakes += worded(wrong, shown, lines, at)
        return None
    found = [(key, text) for key, text in _header_mistakes(header, known)]
    mistakes += [Mistake(Place(shown, lines.of((*at, *key))), text) for key, text in found]
    try:
        parameters = known.parameters.model_validate(header.parameters)
    except ValidationError as wrong:
        mistakes += worded(wrong, shown, lines, (*at, "parameters"))
        return None
    if found:
        return None
    content = canonical(known.code, file.issuer, table)
    return Version(
        programme=known.code,
        title=file.title,
        issuer=file.issuer,
        starts=header.starts,
        ends=header.until,
        jurisdiction=header.jurisdiction,
        status=header.status,
        source=header.source,
        references=header.reference,
        note=header.note,
        parameters=parameters,
        content=content,
        digest=digest_of(content),
        place=Place(shown, lines.of(at)),
    )


def _header_mistakes(header: _Header, known: Programme) -> list[tuple[Loc, str]]:
    found: list[tuple[Loc, str]] = []
    if header.until is not None and header.until <= header.starts:
        found.append((("until",), "until（失效日期）应晚于 from（生效日期）。"))
    area = header.jurisdiction
    if (area and not area.isdigit()) or len(area) not in DIVISION_LENGTHS:
        found.append((("jurisdiction",), "jurisdiction 应为 2、4、6、9 或 12 位行政区划代码，全国留空。"))
    elif len(area) in (4, 6) and area.endswith("00"):
        found.append((("jurisdiction",), f"jurisdiction 只写到本级，末尾的 00 请去掉：{area.rstrip('0')}。"))
    fields = known.parameters.model_fields
    for index, reference in enumerate(header.reference):
        found += [
            (("reference", index), f"reference 提到的参数“{name}”不存在。")
            for name in reference.parameters
            if name not in fields
        ]
    return found


def worded(wrong: ValidationError, shown: Path, lines: Lines, at: Loc = ()) -> list[Mistake]:
    """pydantic's findings as Chinese sentences with their lines."""
    return [
        Mistake(Place(shown, lines.of((*at, *error["loc"]))), sentence(dict(error)))
        for error in wrong.errors(include_url=False)
    ]


class Unreadable(ValueError):
    """A stored version that the programme of today no longer understands."""


def read_content(content: str) -> Version[Any]:
    """A version from its canonical content, as kept with its first use. Raises Unreadable."""
    table: dict[str, Any] = json.loads(content)
    code, issuer = table.pop("programme"), table.pop("issuer")
    known = programme_of(code)
    if known is None:
        raise Unreadable(f"没有名为“{code}”的方案。")
    mistakes: list[Mistake] = []
    file = _File(title=known.title, issuer=issuer, version=[table])
    stored = Path("已使用的版本") / f"{code}.toml"
    found = _version(known, file, table, 0, stored, Lines(""), mistakes)
    if found is None:
        raise Unreadable("；".join(mistake.text for mistake in mistakes))
    return found
