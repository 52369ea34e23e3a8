"""Where each key of a TOML file stands: tomllib gives lines for syntax only, people need them for every mistake."""

import re

Loc = tuple[int | str, ...]
_TABLE = re.compile(r"^\s*\[([A-Za-z0-9_.\-]+)\]")
_ARRAY = re.compile(r"^\s*\[\[([A-Za-z0-9_.\-]+)\]\]")
_KEY = re.compile(r"^\s*([A-Za-z0-9_.\-]+)\s*=\s*(.*)$")


class Lines:
    """A light scan over scheme files as people write them; a key it cannot place falls back to its table."""

    def __init__(self, text: str) -> None:
        self._at: dict[Loc, int] = {}
        self._counts: dict[tuple[str, ...], int] = {}
        table: Loc = ()
        inside: Loc | None = None  # the key whose multi-line array is open
        quoted = False
        for number, line in enumerate(text.splitlines(), start=1):
            if quoted or line.count('"""') % 2:
                quoted = quoted != bool(line.count('"""') % 2)
            if quoted:
                if found := _KEY.match(line):
                    self._note((*table, *found[1].split(".")), number)
                continue
            if inside is not None:
                inside = self._element(inside, line.strip(), number)
            elif found := _ARRAY.match(line):
                table = self._open(tuple(found[1].split(".")), number)
            elif found := _TABLE.match(line):
                table = self._resolve(tuple(found[1].split(".")))
                self._note(table, number)
            elif found := _KEY.match(line):
                key = (*table, *found[1].split("."))
                self._note(key, number)
                value = found[2].split("#")[0].strip()
                if value.startswith("[") and not value.endswith("]"):
                    inside, self._next = key, 0

    def of(self, loc: Loc) -> int:
        """The line of the nearest thing that can be placed; 1 when nothing can."""
        for end in range(len(loc), 0, -1):
            if loc[:end] in self._at:
                return self._at[loc[:end]]
        return 1

    def _note(self, loc: Loc, number: int) -> None:
        self._at.setdefault(loc, number)

    def _open(self, names: tuple[str, ...], number: int) -> Loc:
        parent = self._resolve(names[:-1])
        index = self._counts.get(names, 0)
        self._counts[names] = index + 1
        for known in [key for key in self._counts if key[: len(names)] == names and key != names]:
            del self._counts[known]
        loc: Loc = (*parent, names[-1], index)
        self._note(loc, number)
        return loc

    def _resolve(self, names: tuple[str, ...]) -> Loc:
        loc: Loc = ()
        for end in range(1, len(names) + 1):
            loc = (*loc, names[end - 1])
            if count := self._counts.get(names[:end]):
                loc = (*loc, count - 1)
        return loc

    def _element(self, key: Loc, line: str, number: int) -> Loc | None:
        if line.startswith("]"):
            return None
        if line and not line.startswith("#"):
            self._note((*key, self._next), number)
            self._next += 1
        return key
