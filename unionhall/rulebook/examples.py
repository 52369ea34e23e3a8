"""Worked examples beside a scheme: facts in, expected result out. They run with `schemes check` and as tests."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from unionhall.foundation.errors import Refused

from .book import EXAMPLES, Book, shown
from .lines import Lines
from .programmes import calculator_of
from .reading import load, worded
from .versions import Mistake, Place


class _Example(BaseModel):
    model_config = ConfigDict(extra="forbid")

    name: str = Field(min_length=1)
    calculator: str
    on: date
    division: str = ""
    facts: dict[str, Any] = Field(default_factory=dict)
    expect: Any = None
    refused: bool = False


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid")

    example: list[_Example] = Field(min_length=1)


@dataclass(frozen=True)
class Example:
    """One example with its place: `mistake(book)` runs it."""

    programme: str
    text: _Example
    place: Place

    @property
    def name(self) -> str:
        return self.text.name

    def mistake(self, book: Book) -> Mistake | None:
        """None when the calculator answers what the example expects."""
        why = self._why(book)
        return None if why is None else Mistake(self.place, f"示例“{self.name}”{why}")

    def _why(self, book: Book) -> str | None:
        found = calculator_of(self.text.calculator)
        if found is None or found.programme != self.programme:
            return f"：方案 {self.programme} 没有名为“{self.text.calculator}”的算法。"
        version = book.pick(self.programme, self.text.on, self.text.division)
        if version is None:
            return f"：{self.text.on} 没有适用的版本。"
        try:
            result = plain(found.call(version.parameters, **self.text.facts))
        except ValidationError as wrong:
            return f"的 facts 与算法不符：{wrong.errors(include_url=False)[0]['msg']}"
        except Refused as refusal:
            return None if self.text.refused else f"被拒绝：{refusal}"
        if self.text.refused:
            return f"应被拒绝，实际得到 {result}。"
        expected = self.text.expect
        if isinstance(expected, dict) and isinstance(result, dict):
            result = {key: result.get(key) for key in expected}
        return None if result == expected else f"应为 {expected}，实际得到 {result}。"


def plain(value: Any) -> Any:
    """A result in the types that TOML has."""
    if isinstance(value, BaseModel):
        return plain(value.model_dump())
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    return value


def read_examples(folder: Path, mistakes: list[Mistake]) -> Iterator[Example]:
    """Every example of schemes/<issuer>/<programme>.examples.toml; unreadable files are noted as mistakes."""
    for path in sorted(folder.glob(f"*/*{EXAMPLES}")):
        name = shown(path, folder)
        text, raw = load(path, name, mistakes)
        if raw is None:
            continue
        lines = Lines(text)
        try:
            parsed = _File.model_validate(raw)
        except ValidationError as wrong:
            mistakes += worded(wrong, name, lines)
            continue
        for index, example in enumerate(parsed.example):
            yield Example(
                path.name.removesuffix(EXAMPLES), example, Place(name, lines.of(("example", index)))
            )
