"""The book: every scheme file read once, and the version in force on a day in a place."""

from collections import defaultdict
from collections.abc import Iterable
from copy import copy
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import Any, TypeVar, overload

from django.conf import settings
from django.utils import timezone

from unionhall.foundation.errors import Refused

from .inheritance import completed
from .programmes import Parameters, code_of, programme_of
from .reading import Heir, Reading, read
from .versions import Mistake, Version

ParametersT = TypeVar("ParametersT", bound=Parameters)
EXAMPLES = ".examples.toml"
#: Folders of schemes/ that hold other things than schemes.
OTHER_FOLDERS = frozenset({"mappings"})


class NoScheme(Refused):
    """No version holds on that day in that place, or its file has mistakes; nothing may be decided without one."""


class Book:
    """All versions by programme, and all mistakes by programme: one broken file stops only its own programme."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.versions: dict[str, list[Version[Any]]] = defaultdict(list)
        self.mistakes: dict[str, list[Mistake]] = defaultdict(list)
        self._readings = [read(path, shown(path, folder)) for path in scheme_files(folder)]
        self._bind(self._readings)

    def beside(self, readings: Iterable[Reading]) -> "Book":
        """A book with further texts: what was published on the desk, or a draft to be looked at."""
        other = copy(self)
        other.versions, other.mistakes = defaultdict(list), defaultdict(list)
        other._readings = [*self._readings, *readings]
        other._bind(other._readings)
        return other

    def _bind(self, readings: Iterable[Reading]) -> None:
        heirs: dict[str, list[Heir]] = defaultdict(list)
        for reading in readings:
            self.versions[reading.programme] += reading.versions
            heirs[reading.programme] += reading.heirs
            self.mistakes[reading.programme] += reading.mistakes
        for code, found in self.versions.items():
            found[:] = completed(heirs[code], found, self.mistakes[code])
            found.sort(key=lambda version: (version.jurisdiction, version.starts))
            self.mistakes[code] += collisions(found)

    def all_mistakes(self) -> list[Mistake]:
        found = [mistake for mistakes in self.mistakes.values() for mistake in mistakes]
        return sorted(found, key=lambda mistake: (str(mistake.place.path), mistake.place.line))

    def in_force(self, on: date) -> list[Version[Any]]:
        """The version of every programme and area on a day."""
        latest: dict[tuple[str, str], Version[Any]] = {}
        for found in self.versions.values():
            for version in found:
                if version.holds_on(on):
                    latest[version.programme, version.jurisdiction] = version
        return list(latest.values())

    def pick(self, code: str, on: date, division: str) -> Version[Any] | None:
        """The one of the most specific jurisdiction."""
        fitting = [
            version
            for version in self.versions.get(code, ())
            if version.holds_on(on) and version.holds_in(division)
        ]
        return max(fitting, key=lambda version: len(version.jurisdiction), default=None)


def scheme_files(folder: Path) -> list[Path]:
    """schemes/<issuer>/<programme>.toml, without examples and without folders that hold other things."""
    return [
        path
        for path in sorted(folder.glob("*/*.toml"))
        if not path.name.endswith(EXAMPLES) and path.parent.name not in OTHER_FOLDERS
    ]


def shown(path: Path, folder: Path) -> Path:
    """The path as people name it: from `schemes/` on."""
    return Path(folder.name) / path.relative_to(folder)


def collisions(versions: list[Version[Any]]) -> list[Mistake]:
    """Versions of one area whose times collide, given by area and start."""
    found = []
    for earlier, later in pairwise(versions):
        if earlier.jurisdiction != later.jurisdiction:
            continue
        if earlier.starts == later.starts:
            found.append(
                Mistake(later.place, f"与 {earlier.place} 的版本生效日期相同，同一地区只能有一个版本。")
            )
        elif earlier.until is not None and earlier.until > later.starts:
            found.append(
                Mistake(
                    earlier.place,
                    f"失效日期 {earlier.until} 晚于下一版本的生效日期 {later.starts}，请改为"
                    f" {later.starts} 或删去 until。",
                )
            )
    return found


@lru_cache(maxsize=1)
def _book(folder: Path) -> Book:
    return Book(folder)


def files() -> Book:
    """The book of the files alone."""
    return _book(Path(settings.SCHEMES_DIR))


@dataclass
class _Current:
    """The book with what was published on the desk, as of the morning of a day."""

    day: date | None = None
    stamp: tuple[int, ...] = ()
    book: Book | None = None


_current = _Current()


def book() -> Book:
    """The book of this installation: files, and what was published on the desk.

    What is published takes effect on a later day at the earliest, so each process looks once a day and all of them
    turn to a new version at midnight together.
    """
    if not settings.SCHEMES_PUBLISHED:
        return files()
    today = timezone.localdate()
    if _current.book is None or _current.day != today:
        _look(files(), today)
    assert _current.book is not None
    return _current.book


def fresh() -> Book:
    """The book with everything published up to this moment, for those who write and publish schemes."""
    _current.day = None
    return book()


def _look(files: Book, today: date) -> None:
    from .published import readings, stamp

    found = stamp()
    if _current.book is None or found != _current.stamp:
        _current.book = files.beside(readings()) if found else files
    _current.day, _current.stamp = today, found


def reload() -> None:
    """Forget what was read: tests and long-running commands read again."""
    _book.cache_clear()
    _current.day, _current.stamp, _current.book = None, (), None


@overload
def scheme(programme: type[ParametersT], on: date, division: str = "") -> Version[ParametersT]: ...
@overload
def scheme(programme: str, on: date, division: str = "") -> Version[Any]: ...
def scheme(programme: str | type[Parameters], on: date, division: str = "") -> Version[Any]:
    """The version in force on a day for a division code ("" is the nation).

    `programme` is its code, or the parameters model itself, which types `.parameters`. Raises NoScheme.
    """
    code = programme if isinstance(programme, str) else code_of(programme)
    known = programme_of(code)
    if known is None:
        raise LookupError(f"no programme is registered as {code!r}")
    if mistakes := book().mistakes.get(code):
        raise NoScheme(f"方案“{known.title}”的文件有错误，暂不能办理。请运维人员修改：{mistakes[0]}")
    found = book().pick(code, on, division)
    if found is None:
        raise NoScheme(f"{on:%Y-%m-%d} 没有适用的“{known.title}”方案，请联系上级工会发布后再办理。")
    return found


def versions(code: str) -> list[Version[Any]]:
    """All versions of a programme, by jurisdiction and start."""
    return list(book().versions.get(code, ()))


def last_day(version: Version[Any]) -> date | None:
    """The last day on which a version holds, as people say it; None while it has no end."""
    return None if version.ends is None else version.ends - timedelta(days=1)
