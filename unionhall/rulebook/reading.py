"""From a scheme file to its versions, or to mistakes that name file, line and what to do."""

import json
import re
import tomllib
from dataclasses import dataclass, field, replace
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
TOO_MUCH = "括号套得太深，或者数字太长，请改短。"
_SYNTAX_LINE = re.compile(r"\(at line (\d+)")


class _Header(BaseModel):
    model_config = ConfigDict(extra="forbid")

    starts: date = Field(alias="from")
    until: date | None = None
    jurisdiction: str = ""
    #: true: parameters left out are those of the wider area. In stored content: the digest they were taken from.
    inherits: bool | str = False
    status: Status
    source: Source
    reference: tuple[Reference, ...] = ()
    note: str = ""
    parameters: dict[str, Any]


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid")

    title: str = Field(min_length=1, max_length=60)
    issuer: str = Field(min_length=1, max_length=120)
    version: list[dict[str, Any]] = Field(min_length=1)


@dataclass(frozen=True)
class Heir:
    """A version that takes what it leaves out from a wider area; it is complete only beside the others."""

    known: Programme
    file: _File
    table: dict[str, Any]
    header: _Header
    shown: Path
    lines: Lines
    at: Loc

    @property
    def place(self) -> Place:
        return Place(self.shown, self.lines.of(self.at))


@dataclass
class Reading:
    """What one file gave: versions that are sound, those that inherit, and the mistakes of the others."""

    path: Path
    programme: str
    versions: list[Version[Any]] = field(default_factory=list)
    heirs: list[Heir] = field(default_factory=list)
    mistakes: list[Mistake] = field(default_factory=list)


def read(path: Path, shown: Path) -> Reading:
    """Read one file; `shown` is the path that people see in mistakes."""
    reading = Reading(path, path.stem)
    text, raw = load(path, shown, reading.mistakes)
    if raw is not None:
        _read_tables(reading, text, raw, shown)
    return reading


def read_text(code: str, text: str, shown: Path) -> Reading:
    """The same for a text that is no file: a draft, or a version that was published on the desk."""
    reading = Reading(shown, code)
    raw = parsed(text, shown, reading.mistakes)
    if raw is not None:
        _read_tables(reading, text, raw, shown)
    return reading


def _read_tables(reading: Reading, text: str, raw: dict[str, Any], shown: Path) -> None:
    lines = Lines(text)
    known = programme_of(reading.programme)
    if known is None:
        words = f"没有名为“{reading.programme}”的方案，请核对文件名。"
        reading.mistakes.append(Mistake(Place(shown, 1), words))
        return
    try:
        file = _File.model_validate(raw)
    except ValidationError as wrong:
        reading.mistakes += worded(wrong, shown, lines)
        return
    for index, table in enumerate(file.version):
        found = _version(known, file, table, ("version", index), shown, lines, reading.mistakes)
        if isinstance(found, Heir):
            reading.heirs.append(found)
        elif found is not None:
            reading.versions.append(found)


def load(path: Path, shown: Path, mistakes: list[Mistake]) -> tuple[str, dict[str, Any] | None]:
    """The text and its tables; a syntax mistake is noted with its line and gives None."""
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        mistakes.append(Mistake(Place(shown, 1), "文件不是 UTF-8 编码，请另存为 UTF-8。"))
        return "", None
    return text, parsed(text, shown, mistakes)


def parsed(text: str, shown: Path, mistakes: list[Mistake]) -> dict[str, Any] | None:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as wrong:
        at = _SYNTAX_LINE.search(str(wrong))
        line = int(at[1]) if at else text.count("\n") + 1
        mistakes.append(Mistake(Place(shown, line), f"语法有误：{wrong}"))
    except (RecursionError, ValueError):
        mistakes.append(Mistake(Place(shown, 1), f"无法读取：{TOO_MUCH}"))
    return None


def _version(
    known: Programme,
    file: _File,
    table: dict[str, Any],
    at: Loc,
    shown: Path,
    lines: Lines,
    mistakes: list[Mistake],
) -> Version[Any] | Heir | None:
    try:
        header = _Header.model_validate(table)
    except ValidationError as wrong:
        mistakes += worded(wrong, shown, lines, at)
        return None
    found = [(key, text) for key, text in _header_mistakes(header, known)]
    mistakes += [Mistake(Place(shown, lines.of((*at, *key))), text) for key, text in found]
    if header.inherits is True:
        heir = Heir(known, file, table, header, shown, lines, at)
        return None if found else heir
    made = _made(known, file, table, header, shown, lines, at, mistakes)
    return None if found else made


def _made(
    known: Programme,
    file: _File,
    table: dict[str, Any],
    header: _Header,
    shown: Path,
    lines: Lines,
    at: Loc,
    mistakes: list[Mistake],
) -> Version[Any] | None:
    try:
        parameters = known.parameters.model_validate(header.parameters)
    except ValidationError as wrong:
        mistakes += worded(wrong, shown, lines, (*at, "parameters"))
        return None
    except (RecursionError, ArithmeticError):
        mistakes.append(Mistake(Place(shown, lines.of((*at, "parameters"))), f"参数无法核对：{TOO_MUCH}"))
        return None
    content = canonical(known.code, file.issuer, table)
    return Version(
        programme=known.code,
        title=file.title,
        issuer=file.issuer,
        starts=header.starts,
        ends=header.until,
        until=header.until,
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


def inherit(
    heir: Heir, wider: Version[Any], starts: date, ends: date | None, mistakes: list[Mistake]
) -> Version[Any] | None:
    """The heir completed by a wider version, for the days on which that one holds."""
    own: dict[str, Any] = heir.header.parameters
    given = json.loads(wider.content)["parameters"]
    taken = tuple(sorted(set(given) - set(own)))
    by_source: dict[Source, list[str]] = {}
    for name in taken:
        by_source.setdefault(wider.source_of(name), []).append(name)
    kept = [one.model_dump() for one in heir.header.reference]
    kept += [
        source.model_dump(include=set(Source.model_fields)) | {"parameters": names}
        for source, names in by_source.items()
    ]
    table = heir.table | {
        "from": starts,
        "inherits": wider.digest,
        "reference": kept,
        "parameters": given | own,
    }
    if ends is not None:
        table["until"] = ends
    header = _Header.model_validate(table)
    made = _made(heir.known, heir.file, table, header, heir.shown, heir.lines, heir.at, mistakes)
    return None if made is None else replace(made, inherited=taken)


def _header_mistakes(header: _Header, known: Programme) -> list[tuple[Loc, str]]:
    found: list[tuple[Loc, str]] = []
    if header.until is not None and header.until <= header.starts:
        found.append((("until",), "until（失效日期）应晚于 from（生效日期）。"))
    area = header.jurisdiction
    if header.inherits is True and not area:
        found.append((("inherits",), "全国方案没有更大的地区可以沿用，请删去 inherits 或填写 jurisdiction。"))
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
    found = _version(known, file, table, ("version", 0), stored, Lines(""), mistakes)
    if not isinstance(found, Version):
        raise Unreadable("；".join(mistake.text for mistake in mistakes))
    return found
