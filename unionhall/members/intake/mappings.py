"""Headings and codes of each source, from `schemes/mappings/*.toml`: policy people can read and correct them."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from django.conf import settings

from unionhall.kit.text import header_key

from .columns import BY_KEY

__all__ = ["DEFAULT", "Mapping", "MappingError", "detect", "mapping", "mappings"]

DEFAULT = "default"
_MARKERS_NEEDED = 2


class MappingError(ValueError):
    """A mapping file that cannot be used; the message names the file and the entry."""


@dataclass(frozen=True)
class Mapping:
    """One source: heading → column key, and for coded columns the source's text → our code."""

    name: str
    title: str
    headings: dict[str, str]
    ignored: frozenset[str]
    markers: frozenset[str]
    codes: dict[str, dict[str, str]] = field(default_factory=dict)

    def column_of(self, heading: str) -> str | None:
        return self.headings.get(header_key(heading))

    def code_of(self, key: str, text: str) -> str | None:
        """Our code for what the file says; None when neither the source nor the code set knows it."""
        own = self.codes.get(key, {})
        if text in own:
            return own[text]
        table = BY_KEY[key].codes
        return table.code_of(text) if table else None


def mapping(name: str) -> Mapping:
    """The mapping of this name; an unknown name is the default."""
    return mappings().get(name) or mappings()[DEFAULT]


def mappings() -> dict[str, Mapping]:
    """All mappings by file name, the default first."""
    return _load(Path(settings.SCHEMES_DIR) / "mappings")


def detect(headings: Sequence[str]) -> Mapping:
    """The source whose marks stand in the heading row; without enough marks, the default."""
    keys = {header_key(text) for text in headings if text}
    found = max(mappings().values(), key=lambda one: len(one.markers & keys))
    return found if len(found.markers & keys) >= _MARKERS_NEEDED else mappings()[DEFAULT]


@lru_cache(maxsize=4)
def _load(folder: Path) -> dict[str, Mapping]:
    base = _read(folder / f"{DEFAULT}.toml", None)
    others = sorted(path for path in folder.glob("*.toml") if path.stem != DEFAULT)
    return {DEFAULT: base} | {path.stem: _read(path, base) for path in others}


def _read(path: Path, base: Mapping | None) -> Mapping:
    try:
        content = tomllib.loads(path.read_text("utf-8"))
    except (OSError, tomllib.TOMLDecodeError) as failure:
        raise MappingError(f"{path.name}: {failure}") from failure
    headings = dict(base.headings) if base else {}
    for key, texts in content.get("headings", {}).items():
        if key not in BY_KEY:
            raise MappingError(f"{path.name}: [headings] names an unknown column {key}")
        headings |= {header_key(text): key for text in texts}
    codes = {key: dict(table) for key, table in base.codes.items()} if base else {}
    for key, table in content.get("codes", {}).items():
        if key not in BY_KEY:
            raise MappingError(f"{path.name}: [codes] names an unknown column {key}")
        codes[key] = codes.get(key, {}) | {str(text): str(code) for text, code in table.items()}
    ignored = {header_key(text) for text in content.get("ignored", {}).get("headings", [])}
    return Mapping(
        name=path.stem,
        title=content.get("title", path.stem),
        headings=headings,
        ignored=frozenset(ignored | (base.ignored if base else frozenset())),
        markers=frozenset(header_key(text) for text in content.get("markers", [])),
        codes=codes,
    )
