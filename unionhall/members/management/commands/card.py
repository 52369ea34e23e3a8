"""`card check TOKEN` proves a card code without the network; `card keys` prints the public keys it takes."""

import base64
import json
import time
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from unionhall.kit import tokens
from unionhall.members import cards


class Command(BaseCommand):
    help = "核对会员码的签名和有效时间（离线），或列出验证公钥。"
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True)
        check = verbs.add_parser("check", help="离线核对一个会员码；有效时退出码为 0，否则为 1")
        check.add_argument("token", help="会员码，或扫码得到的网址")
        check.add_argument("--keys", type=Path, help="从 /verify/keys.json 取得的公钥文件；不给时用本机密钥")
        check.add_argument("--at", type=int, help="按这个时刻核对（Unix 秒），默认现在")
        check.add_argument("--json", action="store_true", help="输出 JSON")
        keys = verbs.add_parser("keys", help="列出验证公钥")
        keys.add_argument("--json", action="store_true", help="输出 JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["verb"] == "keys":
            self._keys(as_json=options["json"])
        else:
            self._check(options)

    def _keys(self, *, as_json: bool) -> None:
        found = cards.public_keys()
        if as_json:
            self.stdout.write(json.dumps({"keys": [{"id": n, "public": key} for n, key in found.items()]}))
            return
        for number, key in found.items():
            self.stdout.write(f"{number}  {key}")

    def _check(self, options: dict[str, Any]) -> None:
        keys = _read(options["keys"]) if options["keys"] else cards.public_keys()
        verifying = {number: tokens.public_key_from(base64.b64decode(key)) for number, key in keys.items()}
        now = int(time.time()) if options["at"] is None else options["at"]
        try:
            claim = tokens.read_card(cards.token_in(options["token"]), verifying, now)
        except tokens.TokenError as fault:
            if options["json"]:
                self.stdout.write(json.dumps({"valid": False, "reason": fault.code.value}))
                raise SystemExit(1) from None
            raise CommandError(fault.message_zh) from None
        if options["json"]:
            answer = {
                "valid": True,
                "kind": claim.kind.name.lower(),
                "card": claim.card,
                "until": claim.expires,
            }
            self.stdout.write(json.dumps(answer))
            return
        kind = "纸质会员卡" if claim.kind == tokens.CardKind.PAPER else "电子会员卡"
        self.stdout.write(f"签名和时间有效（{kind}）。是否挂失或注销要联网才能知道。")


def _read(path: Path) -> dict[int, str]:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        return {int(key["id"]): str(key["public"]) for key in found["keys"]}
    except (OSError, ValueError, KeyError, TypeError) as mistake:
        raise CommandError(f"公钥文件读不出来：{path}（{type(mistake).__name__}）") from mistake
