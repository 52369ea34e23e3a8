"""Addresses found by their first word, so that a site of many pages does not ask each whether it is meant."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from django.urls import Resolver404, ResolverMatch, URLResolver
from django.urls.resolvers import RoutePattern


class Entrance(URLResolver):
    """Patterns below a prefix, as `path(prefix, include(patterns))`: asked are those whose first word is the address's
    or is open, in their order."""

    def __init__(self, prefix: str, patterns: list[Any]) -> None:
        super().__init__(RoutePattern(prefix), patterns)
        self._prefix = prefix

    @cached_property
    def _by_word(self) -> dict[str, URLResolver]:
        words = [_first_word(one) for one in self.url_patterns]
        return {
            word: URLResolver(
                self.pattern,
                [one for one, its in zip(self.url_patterns, words, strict=True) if its in (word, None)],
            )
            for word in set(words)
            if word is not None
        }

    def resolve(self, path: Any) -> ResolverMatch:
        path = str(path)
        if path.startswith(self._prefix):
            meant = self._by_word.get(path[len(self._prefix) :].partition("/")[0])
            if meant is not None:
                try:
                    return meant.resolve(path)
                except Resolver404:
                    pass  # the whole says what was tried
        return super().resolve(path)


def _first_word(pattern: Any) -> str | None:
    """The word with which a pattern's addresses begin; None where that is open."""
    route = getattr(pattern.pattern, "_route", None)
    if route is None or (not route and isinstance(pattern, URLResolver)):
        return None
    word: str = str(route).partition("/")[0]
    return None if "<" in word else word
