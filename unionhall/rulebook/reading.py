"""From a scheme file to its versions, or to mistakes that name file, line and what to do."""

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
        Mistake(Place(shown, lines.of((*at, *error["loc"]))), _sentence(dict(error)))
        for error in wrong.errors(include_url=False)
    ]


_SENTENCES = {
    "missing": "缺少“{key}”。",
    "extra_forbidden": "不认识的项“{key}”，请核对拼写。",
    "int_type": "“{key}”应为整数。",
    "int_parsing": "“{key}”应为整数。",
    "int_from_float": "“{key}”应为整数。",
    "string_type": "“{key}”应为加引号的文字。",
    "bool_type": "“{key}”应为 true 或 false。",
    "bool_parsing": "“{key}”应为 true 或 false。",
    "list_type": "“{key}”应为列表。",
    "tuple_type": "“{key}”应为列表。",
    "dict_type": "“{key}”应为一组键和值。",
    "date_type": "“{key}”应为日期，写作 2026-01-01，不加引号。",
    "date_parsing": "“{key}”应为日期，写作 2026-01-01，不加引号。",
    "date_from_datetime_parsing": "“{key}”应为日期，写作 2026-01-01，不加引号。",
    "string_too_short": "“{key}”不能为空。",
    "too_short": "“{key}”至少要有 {min_length} 项。",
    "greater_than_equal": "“{key}”应不小于 {ge}。",
    "greater_than": "“{key}”应大于 {gt}。",
    "less_than_equal": "“{key}”应不大于 {le}。",
    "less_than": "“{key}”应小于 {lt}。",
    "literal_error": "“{key}”只能是 {expected} 之一。",
    "enum": "“{key}”只能是 {expected} 之一。",
}


def _sentence(error: dict[str, Any]) -> str:
    key = next((str(part) for part in reversed(error["loc"]) if isinstance(part, str)), "本节")
    context: dict[str, Any] = error.get("ctx", {})
    if error["type"] == "value_error":
        return str(context.get("error", error["msg"]))
    template = _SENTENCES.get(error["type"])
    if template is None:
        return f"“{key}”有误：{error['msg']}"
    return template.format(key=key, **{name: value for name, value in context.items() if name != "key"})
