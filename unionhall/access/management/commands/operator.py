"""`unionhall operator NAME`: the first operator of a federation, and the way back in for the last one.

On the site nobody grants his own role beside himself, so the operators at the top are made here, on the machine.
"""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from unionhall.access import actions
from unionhall.access.models import Account
from unionhall.foundation.actors import system_actor
from unionhall.foundation.errors import Refused
from unionhall.foundation.permissions import Role
from unionhall.organisations.models import Organisation


class Command(BaseCommand):
    help = "开通最上级工会的运维账号，或重置它的密码和两步验证。初始密码只显示一次。"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("username", metavar="账号", help="3 至 40 个字母、数字、点、横线或下划线")
        parser.add_argument("--name", default="", metavar="姓名", help="开通时必填")
        parser.add_argument("--reason", required=True, metavar="事由", help="记入日志")
        parser.add_argument("--reset", action="store_true", help="重置已有账号的密码和两步验证")

    def handle(self, *args: Any, **options: Any) -> None:
        actor = system_actor("命令行")
        try:
            password = self._reset(actor, options) if options["reset"] else self._open(actor, options)
        except Refused as refusal:
            raise CommandError(str(refusal)) from None
        self.stdout.write(f"账号 {options['username']}，初始密码 {password}（只显示这一次，首次登录须修改）")

    def _open(self, actor: Any, options: dict[str, Any]) -> str:
        rows = Organisation.objects.everywhere(reason="the union at the top, named on the machine")
        top = rows.active().order_by("path").first()
        if top is None:
            raise CommandError("还没有任何工会，请先导入组织。")
        _, password = actions.open_account(
            actor, username=options["username"], display_name=options["name"], role=Role.OPERATOR,
            organisation=top, reason=options["reason"],
        )  # fmt: skip
        return password

    def _reset(self, actor: Any, options: dict[str, Any]) -> str:
        account = Account.objects.filter(username=options["username"]).first()
        if account is None or account.phone_index is not None:
            raise CommandError("没有这个工作账号。")
        return actions.reset_second_factor(actor, account=account, reason=options["reason"])
