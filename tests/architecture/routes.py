"""Every address of the site with its view, read from the resolver, so that none can be forgotten."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver


@dataclass(frozen=True)
class Route:
    """One address: its name, the class that answers, and the arguments it asks for."""

    name: str
    view: Any
    arguments: tuple[str, ...]
    text: str


def routes() -> list[Route]:
    return list(_walk(get_resolver().url_patterns, ""))


def _walk(patterns: list[URLPattern | URLResolver], before: str) -> Iterator[Route]:
    for pattern in patterns:
        text = before + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from _walk(pattern.url_patterns, text)
        else:
            view = getattr(pattern.callback, "view_class", None)
            yield Route(pattern.name or "", view, tuple(pattern.pattern.converters), text)
