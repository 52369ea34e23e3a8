"""What the environment says of the identity provider, read before Django's settings are made."""

import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit


class NotSafe(RuntimeError):
    """A secret that others can read, or a provider that can't be trusted: the site does not start with it."""


def read_private(path: Path) -> str:
    """The text of a secret's file. Raises NotSafe when anybody but its owner may read it."""
    if stat.S_IMODE(path.stat().st_mode) & 0o077:
        raise NotSafe(f"文件 {path} 的权限过宽，请运行：chmod 600 {path}")
    return path.read_text().strip()


def load_provider(environ: Mapping[str, str]) -> dict[str, Any] | None:
    """The provider's settings; None while no issuer is named. Raises NotSafe when they are not whole."""
    issuer = environ.get("UNIONHALL_OIDC_ISSUER", "").rstrip("/")
    if not issuer:
        return None
    parts = urlsplit(issuer)
    if parts.scheme != "https" and parts.hostname not in ("localhost", "127.0.0.1"):
        raise NotSafe("UNIONHALL_OIDC_ISSUER 必须以 https:// 开头。")
    client, file = environ.get("UNIONHALL_OIDC_CLIENT", ""), environ.get("UNIONHALL_OIDC_SECRET_FILE", "")
    if not client or not file:
        raise NotSafe("接入统一身份认证还需要 UNIONHALL_OIDC_CLIENT 和 UNIONHALL_OIDC_SECRET_FILE。")
    found: dict[str, Any] = {"issuer": issuer, "client": client, "secret": read_private(Path(file))}
    if name := environ.get("UNIONHALL_OIDC_NAME"):
        found["name"] = name
    second = environ.get("UNIONHALL_OIDC_SECOND_FACTOR", "")
    found["second"] = frozenset(one.strip() for one in second.split(",") if one.strip())
    return found
