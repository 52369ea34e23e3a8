"""`replay PAYMENT [--inputs]`: work out again, from stored version and inputs, what a payment was decided on."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from unionhall.foundation.actors import system_actor
from unionhall.kit.money import yuan
from unionhall.ledger.models import Payment
from unionhall.ledger.purposes import title_of
from unionhall.ledger.rules import read_reference
from unionhall.records.actions import journal
from unionhall.rulebook.decisions import Outcome, Replay, replay
from unionhall.rulebook.models import Decision
from unionhall.rulebook.reading import Unreadable
from unionhall.rulebook.rules import UnknownRule


class Command(BaseCommand):
    help = "按存档的方案版本和依据，把一笔付款重新算一遍；结果不同时以状态 1 退出"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("payment", help="付款编号，例如 FK000000000012（也可以只写数字）")
        parser.add_argument("--inputs", action="store_true", help="同时显示依据；含个人信息，会记入日志")

    def handle(self, *args: Any, **options: Any) -> None:
        payment = _find(options["payment"])
        if payment.decision_id is None:
            raise CommandError(f"{payment.number} 没有对应的决定：这笔款不是按方案计算的。", returncode=2)
        rows = Decision.objects.everywhere(reason="an operator replays the decision behind a payment")
        decision = rows.select_related("version").get(pk=payment.decision_id)
        try:
            found = replay(decision)
        except (Unreadable, UnknownRule) as failure:
            raise CommandError(f"不能重算：{failure}", returncode=2) from failure
        self._show(payment, decision, found)
        if options["inputs"]:
            journal(
                system_actor("运维人员"), "ledger.inputs_shown", subject=payment, label=payment.number,
                paths=(payment.path,),
            )  # fmt: skip
            self.stdout.write("依据")
            for name, value in sorted(found.inputs.items()):
                self.stdout.write(f"  {name} = {value}")
        if not found.same:
            raise CommandError("重算结果与存档不同。请保留现场，联系开发人员。", returncode=1)
        self.stdout.write(self.style.SUCCESS("重算结果与存档相同。"))

    def _show(self, payment: Payment, decision: Decision, found: Replay) -> None:
        version = decision.version
        self.stdout.write(f"{payment.number} {title_of(payment.purpose)} {yuan(payment.amount)} 元")
        self.stdout.write(f"决定 {decision.key}，按 {decision.on} 的情况，算法 {decision.rule}")
        self.stdout.write(f"方案 {version.programme}，{version.starts} 起施行，摘要 {version.digest}")
        self._outcome("存档", found.then)
        self._outcome("重算", found.now)

    def _outcome(self, title: str, outcome: Outcome) -> None:
        label = Decision.Result(outcome.outcome).label
        self.stdout.write(f"{title}：{label}，{yuan(outcome.amount)} 元")
        for reason in outcome.reasons:
            self.stdout.write(f"  {reason}")
        for line in outcome.worked.lines if outcome.worked is not None else ():
            self.stdout.write(f"  {line.label}：{line.text} {yuan(line.amount)} 元")


def _find(text: str) -> Payment:
    number = int(text) if text.isascii() and text.isdigit() else read_reference(text.upper())
    rows = Payment.objects.everywhere(reason="an operator replays the decision behind a payment")
    found = rows.filter(pk=number).first() if number is not None else None
    if found is None:
        raise CommandError(f"没有付款“{text}”。付款编号写作 FK 加 12 位数字。", returncode=2)
    return found
