"""Where secrets come from: the environment, or a 0600 file in the home directory. Never the database.

The ring holds numbered master keys (the number is stored in every sealed value, so that keys can be rotated), one
index key (a new one would need every blind index written again) and Django's signing secret.
"""

import json
import os
import secrets
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


class KeysUnreadable(RuntimeError):
    """The key file is missing parts, malformed, or readable by other users of the machine."""


@dataclass(frozen=True)
class Keys:
    """Master keys by number (32 bytes each), the number in use, the index key (32 bytes) and Django's secret."""

    current: int
    masters: Mapping[int, bytes]
    index: bytes
    secret: str

    def to_json(self) -> str:
        return json.dumps(
            {
                "current": self.current,
                "masters": {str(number): key.hex() for number, key in self.masters.items()},
                "index": self.index.hex(),
                "secret": self.secret,
            }
        )

    @classmethod
    def from_json(cls, text: str) -> "Keys":
        try:
            raw = json.loads(text)
            keys = cls(
                current=int(raw["current"]),
                masters={int(number): bytes.fromhex(key) for number, key in raw["masters"].items()},
                index=bytes.fromhex(raw["index"]),
                secret=str(raw["secret"]),
            )
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise KeysUnreadable("密钥内容格式不对：应为 unionhall doctor 说明的 JSON。") from error
        if keys.current not in keys.masters or any(
            len(key) != 32 for key in [*keys.masters.values(), keys.index]
        ):
            raise KeysUnreadable("密钥不完整：缺少当前编号的主密钥，或长度不是 32 字节。")
        return keys

    @classmethod
    def generate(cls) -> "Keys":
        return cls(1, {1: secrets.token_bytes(32)}, secrets.token_bytes(32), secrets.token_urlsafe(48))


def load_keys(home: Path, environ: Mapping[str, str]) -> Keys:
    """Read the ring from `UNIONHALL_KEYS` (JSON) or `home/keys.json`; make the file on the first start.

    Raises KeysUnreadable when the file is open to others: a key that others can read protects nothing.
    """
    if environ.get("UNIONHALL_KEYS"):
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


def _create(path: Path) -> Keys:
    """Write a new ring; when two processes start at once the first one to link the file wins."""
    keys = Keys.generate()
    draft = path.with_name(f".keys-{os.getpid()}-{secrets.token_hex(4)}.json")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(keys.to_json())
    try:
        os.link(draft, path)
    except FileExistsError:
        return Keys.from_json(path.read_text())
    finally:
        draft.unlink()
    return keys
