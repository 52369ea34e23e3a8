"""Where secrets come from: the environment, or a 0600 file in the home directory. Never the database.

The ring holds numbered master keys (the number is stored in every sealed value, so that keys can be rotated), numbered
index keys (the database says which one its blind indexes were made with, see foundation.indexing), and Django's
signing secret with those before it. What outlives a key that was retired is kept too: the public halves that paper
cards are checked with, and the journal keys that old blocks are verified with.
"""

import json
import os
import secrets
import stat
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from unionhall.kit import sm, tokens

#: A card's code names its key in one byte.
LARGEST_NUMBER = 255


class KeysUnreadable(RuntimeError):
    """The key file is missing parts, malformed, or readable by other users of the machine."""


@dataclass(frozen=True)
class Keys:
    """Master and index keys by number (32 bytes each), the master in use, Django's secret and those before it.

    `journals` and `cards` are what remains of retired keys. `since` is the Unix time when `current` was chosen.
    """

    current: int
    masters: Mapping[int, bytes]
    indexes: Mapping[int, bytes]
    secret: str
    secrets: tuple[str, ...] = ()
    journals: Mapping[int, bytes] = field(default_factory=dict)
    cards: Mapping[int, bytes] = field(default_factory=dict)
    since: float = 0.0

    def to_json(self) -> str:
        found: dict[str, object] = {
            "current": self.current,
            "masters": _hexed(self.masters),
            "secret": self.secret,
        }
        # The short form of a first ring stays what it was: one index key.
        if set(self.indexes) == {1} and not self.journals:
            found["index"] = self.indexes[1].hex()
        else:
            found["indexes"] = _hexed(self.indexes)
        remains = {
            "secrets": list(self.secrets),
            "journals": _hexed(self.journals),
            "cards": _hexed(self.cards),
            "since": self.since,
        }
        found |= {name: value for name, value in remains.items() if value}
        return json.dumps(found)

    @classmethod
    def from_json(cls, text: str) -> "Keys":
        try:
            raw = json.loads(text)
            keys = cls(
                current=int(raw["current"]),
                masters=_bytes(raw["masters"]),
                indexes=_bytes(raw["indexes"] if "indexes" in raw else {"1": raw["index"]}),
                secret=str(raw["secret"]),
                secrets=tuple(str(one) for one in raw.get("secrets", ())),
                journals=_bytes(raw.get("journals", {})),
                cards=_bytes(raw.get("cards", {})),
                since=float(raw.get("since", 0.0)),
            )
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise KeysUnreadable("密钥内容格式不对：应为 unionhall doctor 说明的 JSON。") from error
        if keys.current not in keys.masters or any(
            len(key) != 32 for key in [*keys.masters.values(), *keys.indexes.values()]
        ):
            raise KeysUnreadable("密钥不完整：缺少当前编号的主密钥，或长度不是 32 字节。")
        if not keys.indexes:
            raise KeysUnreadable("密钥不完整：缺少索引密钥。")
        return keys

    @classmethod
    def generate(cls) -> "Keys":
        return cls(1, {1: secrets.token_bytes(32)}, {1: secrets.token_bytes(32)}, secrets.token_urlsafe(48))

    # Each step answers a new ring; `save` puts it in place.

    def with_master(self) -> "Keys":
        """A new master beside the others: known, but not used yet. KeysUnreadable when the numbers are used up."""
        number = max([*self.masters, *self.cards]) + 1
        if number > LARGEST_NUMBER:
            raise KeysUnreadable("主密钥编号已用完（255）。")
        return replace(self, masters={**self.masters, number: secrets.token_bytes(32)})

    def with_current(self, number: int) -> "Keys":
        """`number` becomes the key that new values are sealed with."""
        if number not in self.masters:
            raise KeysUnreadable(f"没有第 {number} 号主密钥。")
        return replace(self, current=number, since=time.time())

    def without_master(self, number: int) -> "Keys":
        """Forget a master; the public half of its card key stays, for the paper cards it signed."""
        if number == self.current or number not in self.masters:
            raise KeysUnreadable(f"第 {number} 号主密钥正在使用，或不存在。")
        masters = {key: value for key, value in self.masters.items() if key != number}
        return replace(self, masters=masters, cards={**self.cards, number: card_public(self.masters[number])})

    def with_index(self) -> "Keys":
        """A new index key beside the others."""
        number = max([*self.indexes, *self.journals]) + 1
        return replace(self, indexes={**self.indexes, number: secrets.token_bytes(32)})

    def without_index(self, number: int) -> "Keys":
        """Forget an index key; the journal key derived from it stays, to verify old blocks."""
        indexes = {key: value for key, value in self.indexes.items() if key != number}
        journal = sm.derive(self.indexes[number], "journal")
        return replace(self, indexes=indexes, journals={**self.journals, number: journal})

    def with_secret(self, secret: str | None = None) -> "Keys":
        """A new signing secret, accepted but not yet used to sign: the last of `secrets`."""
        return replace(self, secrets=(*self.secrets, secret or secrets.token_urlsafe(48)))

    def with_secret_in_use(self, secret: str) -> "Keys":
        """Sign with `secret` from now on; the one before it is still accepted."""
        others = tuple(one for one in (self.secret, *self.secrets) if one != secret)
        return replace(self, secret=secret, secrets=others)


def card_public(master: bytes) -> bytes:
    """The public key that checks the cards signed under a master."""
    return tokens.public_key_bytes(tokens.private_key_from(sm.derive(master, "card", 32)))


def _hexed(keys: Mapping[int, bytes]) -> dict[str, str]:
    return {str(number): key.hex() for number, key in keys.items()}


def _bytes(keys: Mapping[str, str]) -> dict[int, bytes]:
    return {int(number): bytes.fromhex(key) for number, key in keys.items()}


def from_environment(environ: Mapping[str, str]) -> bool:
    """Whether the operator supplies the ring; then no file is read or written."""
    return bool(environ.get("UNIONHALL_KEYS"))


def load_keys(home: Path, environ: Mapping[str, str]) -> Keys:
    """Read the ring from `UNIONHALL_KEYS` (JSON) or `home/keys.json`; make the file on the first start.

    Raises KeysUnreadable when the file is open to others: a key that others can read protects nothing.
    """
    if from_environment(environ):
        return Keys.from_json(environ["UNIONHALL_KEYS"])
    path = home / "keys.json"
    try:
        text = path.read_text()
    except FileNotFoundError:
        home.mkdir(parents=True, exist_ok=True)
        return _create(path)
    if stat.S_IMODE(path.stat().st_mode) & 0o077:
        raise KeysUnreadable(f"密钥文件 {path} 的权限过宽，请运行：chmod 600 {path}")
    return Keys.from_json(text)


def save(home: Path, keys: Keys) -> None:
    """Put a ring in place of the present one: whole or not at all, synced before it counts."""
    draft = _draft(home / "keys.json", keys)
    draft.replace(home / "keys.json")
    folder = os.open(home, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _draft(path: Path, keys: Keys) -> Path:
    draft = path.with_name(f".keys-{os.getpid()}-{secrets.token_hex(4)}.json")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(keys.to_json())
        file.flush()
        os.fsync(file.fileno())
    return draft


def _create(path: Path) -> Keys:
    """Write a new ring; when two processes start at once the first one to link the file wins."""
    keys = Keys.generate()
    draft = _draft(path, keys)
    try:
        os.link(draft, path)
    except FileExistsError:
        return Keys.from_json(path.read_text())
    finally:
        draft.unlink()
    return keys
