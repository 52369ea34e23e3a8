"""A version of a scheme: who issued it, from when, for where, on what authority, with which parameters."""

import json
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Generic, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from unionhall.kit.sm import sm3_hex

from .programmes import Parameters

P = TypeVar("P", bound=Parameters, covariant=True)
Status = Literal["sourced", "assumed"]
STATUS_LABELS: dict[str, str] = {"sourced": "有出处", "assumed": "暂定"}


class Source(BaseModel):
    """The document a version rests on. `assumed` versions say whose choice it is."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    title: str = Field(min_length=1)
    number: str = ""
    article: str = ""
    url: str = ""

    def __str__(self) -> str:
        number = f"（{self.number}）" if self.number else ""
        return f"《{self.title}》{number}{self.article}"


class Reference(Source):
    """A further document, and the parameters that come from it."""

    parameters: tuple[str, ...] = Field(min_length=1)


@dataclass(frozen=True)
class Place:
    """Where in which file something stands."""

    path: Path
    line: int

    def __str__(self) -> str:
        return f"{self.path}:{self.line}"


@dataclass(frozen=True)
class Mistake:
    """What is wrong in a scheme file, in Chinese, and where."""

    place: Place
    text: str

    def __str__(self) -> str:
        return f"{self.place}：{self.text}"


@dataclass(frozen=True)
class Version(Generic[P]):
    """One dated version; `jurisdiction` is a division prefix.

    `ends` is the first day on which it no longer holds: the `until` of its text, or the start of the next version of
    its own area starts. It does not come back when that one ends: the wider area's version holds then.
    """

    programme: str
    title: str
    issuer: str
    starts: date
    ends: date | None
    jurisdiction: str
    status: Status
    source: Source
    references: tuple[Reference, ...]
    note: str
    parameters: P
    content: str
    digest: str
    place: Place
    #: Parameters that are taken from a wider area's version.
    inherited: tuple[str, ...] = ()
    #: The end that its text gives it.
    until: date | None = None

    def holds_on(self, day: date) -> bool:
        return self.starts <= day and (self.ends is None or day < self.ends)

    def holds_in(self, division: str) -> bool:
        return division.startswith(self.jurisdiction)

    def source_of(self, parameter: str) -> Source:
        """The document that a single parameter rests on."""
        return next((item for item in self.references if parameter in item.parameters), self.source)

    def __str__(self) -> str:
        return f"{self.title}（{self.starts:%Y-%m-%d} 起）"


def canonical(programme: str, issuer: str, raw: dict[str, Any]) -> str:
    """The content that decisions rest on, in one spelling: sorted keys, ISO dates, no layout.

    `until` is left out: ending a version tomorrow does not alter what was decided under it.
    """
    kept = {key: value for key, value in raw.items() if key not in ("until", "note")}
    return json.dumps(
        {"programme": programme, "issuer": issuer, **kept},
        ensure_ascii=False,
        sort_keys=True,
        separators=(",", ":"),
        default=lambda value: value.isoformat(),
    )


def digest_of(content: str) -> str:
    """SM3 of the canonical content, 64 hexadecimal digits."""
    return sm3_hex(content.encode())
