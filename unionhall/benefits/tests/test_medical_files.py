"""Settlement files: control totals, matching, what is left to people, sums of a year, stops in the middle."""

from datetime import date
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.db.models import Q
from django.utils import timezone

from tests.world import World, resident_id
from unionhall.benefits.actions.medical import checking, paying, receiving, running
from unionhall.benefits.actions.medical.adjudicating import rows_for, work
from unionhall.benefits.actions.medical.preparing import prepare
from unionhall.benefits.models import SettlementFile, SettlementLine
from unionhall.foundation.errors import Refused
from unionhall.indicators import registry
from unionhall.ledger import checking as books
from unionhall.ledger.actions import change_budget, pay_many
from unionhall.ledger.models import Commitment, Payment
from unionhall.records.models import Message
from unionhall.rulebook.decisions import replay

from .settlements import (
    SYSTEM,
    WHY,
    YEAR,
    Settled,
    balances,
    born,
    budget,
    cards,
    checked,
    lines,
    paid_in_all,
    payments,
    received,
    settled,
)


@pytest.fixture
def ready(world: World) -> World:
    budget(world)
    cards(world)
    return world


def test_a_file_is_paid_without_a_form(ready: World, tmp_path: Path) -> None:
    """Two settlements of one person see each other; each sum has its decision, and the person is told the sum."""
    file = settled(
        ready,
        tmp_path,
        [
            Settled("A1", "alpha_1", "1000"),
            Settled("A2", "alpha_1", "4300", f"{YEAR}-04-01"),
            Settled("B1", "beta_1", "41300"),
        ],
    )
    assert (file.state, file.rows, file.total) == ("paid", 3, Decimal("46600.00"))
    found = lines(file)
    assert {number: (one.outcome, one.reason, one.amount) for number, one in found.items()} == {
        "A1": ("refused", "too_little", 0), "A2": ("granted", "", Decimal("2000.00")),
        "B1": ("granted", "", Decimal("20000.00")),
    }  # fmt: skip
    assert payments() == {
        found["A2"].payment_key: Decimal("2000.00"), found["B1"].payment_key: Decimal("20000.00")
    }  # fmt: skip
    told = (
        Message.objects.everywhere(reason=WHY)
        .filter(recipient_id=ready.accounts["worker_alpha"].pk)
        .latest("pk")
    )
    assert told.title == "医疗互助金 2,000.00 元"
    for line in found.values():
        assert line.decision is not None
        assert replay(line.decision).same
    assert books.audit() == []
    assert "肺炎" not in repr(SettlementLine.objects.everywhere(reason=WHY).values().first())


def test_figures_count_what_was_granted(ready: World, tmp_path: Path) -> None:
    settled(ready, tmp_path, [Settled("A1", "alpha_1", "1000"), Settled("A2", "alpha_1", "4300")])
    settled(ready, tmp_path, [Settled("A2", "alpha_1", "5300")], "C1")
    day = date(YEAR, 12, 31)
    where = SimpleNamespace(day=day, access=SYSTEM.access, q=lambda to="", copied=False: Q())
    for code, value in (("benefits.medical_settlements", 1), ("benefits.medical_paid", 2500)):
        found = registry.get(code)
        assert found.records(where).aggregate(value=found.aggregate(where))["value"] == value


def test_what_no_rule_can_settle_is_left_to_people(ready: World, tmp_path: Path) -> None:
    stranger = resident_id(born(ready), "1", 77)
    file = settled(
        ready,
        tmp_path,
        [
            Settled("U", "nobody", "9000", id_number=stranger),
            Settled("N", "alpha_1", "9000", name="张海"),
            Settled("M", "alpha_2", "-50"),
            Settled("Y", "beta_1", "9000", f"{YEAR - 1}-12-31"),
            Settled("D", "gamma_1", "2300"),
            Settled("D", "gamma_1", "2300"),
            Settled("X", "nobody", "10", id_number="123"),
            Settled("O", "delta_1", "9000"),
            Settled("P", "outsider", "9000"),
        ],
    )
    reasons = [
        (one.number, one.state, one.reason)
        for one in SettlementLine.objects.everywhere(reason=WHY).filter(file=file).order_by("row")
    ]
    assert reasons == [
        ("U", "exception", "unknown"), ("N", "exception", "name"), ("M", "exception", "negative"),
        ("Y", "exception", "other_year"), ("D", "matched", ""), ("D", "exception", "duplicate"),
        ("X", "exception", "unreadable"), ("O", "exception", "outside"), ("P", "matched", "not_covered"),
    ]  # fmt: skip
    assert paid_in_all() == Decimal("500.00")


def test_totals_that_differ_send_the_whole_file_back(ready: World, tmp_path: Path) -> None:
    file = checked(
        ready, tmp_path, [Settled("A1", "alpha_1", "1000")], stated_rows=2, stated_total=Decimal(999)
    )
    assert file.state == "refused"
    assert "文件有 1 笔，应为 2 笔" in file.message
    assert "1,000.00 元，应为 999.00 元" in file.message
    assert not SettlementLine.objects.everywhere(reason=WHY).exists()


def test_the_same_bytes_and_the_same_settlements_pay_nothing_again(ready: World, tmp_path: Path) -> None:
    rows = [Settled("A1", "alpha_1", "9300"), Settled("B1", "beta_1", "3300")]
    settled(ready, tmp_path, rows)
    paid = payments()
    with pytest.raises(Refused, match="内容相同的文件"):
        received(ready, tmp_path, rows, "B2")
    other = settled(ready, tmp_path, [*rows, Settled("C1", "beta_2", "1300")], "B3")
    assert {number: line.status for number, line in lines(other).items()} == {
        "A1": "以前已处理", "B1": "以前已处理", "C1": "不予支付",
    }  # fmt: skip
    assert payments() == paid
    again = running.adjudicate(other.pk)
    assert (again.state, payments()) == ("paid", paid)


def test_a_job_that_died_goes_on_where_it_was(
    ready: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [
        Settled(f"S{number}", who, "5300")
        for number, who in enumerate(["alpha_1", "alpha_2", "alpha_3", "beta_1", "beta_2"])
    ]
    file = checked(ready, tmp_path, rows)
    receiving.start(SYSTEM, file=file, queue=False)
    whole = pay_many
    done: list[Any] = []

    def dies(*args: Any, **kwargs: Any) -> Any:
        if len(done) == 1:
            raise RuntimeError("killed")
        done.append(1)
        return whole(*args, **kwargs)

    monkeypatch.setattr(paying, "pay_many", dies)
    with pytest.raises(RuntimeError):
        running.adjudicate(file.pk, chunk=2)
    stopped = SettlementFile.objects.everywhere(reason=WHY).get(pk=file.pk)
    assert (stopped.state, paid_in_all()) == ("adjudicating", Decimal("4000.00"))
    assert "没有重复支付" in stopped.message
    monkeypatch.undo()
    receiving.restart(SYSTEM, file=stopped, queue=False)
    file = running.adjudicate(file.pk, chunk=2)
    assert (file.state, len(payments()), paid_in_all()) == ("paid", 5, Decimal("10000.00"))
    assert books.audit() == []


def test_a_line_without_its_result_takes_the_decision_that_stands(ready: World, tmp_path: Path) -> None:
    """As after a copy put back: what was decided and paid stays so, whatever the line has forgotten."""
    file = settled(ready, tmp_path, [Settled("A1", "alpha_1", "5300"), Settled("B1", "beta_1", "1300")])
    paid, known = payments(), {key: line.decision_id for key, line in lines(file).items()}
    rows = SettlementLine.objects.everywhere(reason=WHY).filter(file=file)
    rows.update(outcome="", amount=0, decision=None)
    SettlementFile.objects.everywhere(reason=WHY).filter(pk=file.pk).update(state="adjudicating")
    assert running.adjudicate(file.pk).state == "paid"
    assert {key: line.decision_id for key, line in lines(file).items()} == known
    assert (payments(), books.audit()) == (paid, [])


def test_what_was_worked_out_ahead_is_worked_out_anew_when_somebody_decided_meanwhile(
    ready: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The next persons are prepared in one transaction and written in the next: between them a desk may act."""
    rows = [
        Settled("A1", "alpha_1", "5300"), Settled("A2", "alpha_1", "300"), Settled("B1", "alpha_2", "1300"),
        Settled("B2", "alpha_2", "2000"),
    ]  # fmt: skip
    file = checked(ready, tmp_path, rows)
    receiving.start(SYSTEM, file=file, queue=False)
    turns: list[str] = []

    def turn() -> None:
        turns.append("turn")
        if len(turns) == 2:  # between the first chunk and the second
            work(SYSTEM, rows_for([lines(file)["B1"].pk]), submitted_at=timezone.now())

    prepared: list[int] = []
    whole = prepare

    def counted(known: Any) -> Any:
        prepared.append(len(known.lines))
        return whole(known)

    monkeypatch.setattr(running, "take_turn", turn)
    monkeypatch.setattr(running, "prepare", counted)
    assert running.adjudicate(file.pk, chunk=2).state == "paid"
    assert prepared == [2, 2, 1], "the second chunk twice: as it was foreseen, and as it then was"
    assert {key: line.amount for key, line in lines(file).items()} == {
        "A1": Decimal("2000.00"), "A2": Decimal("150.00"), "B1": Decimal("0.00"), "B2": Decimal("1000.00"),
    }  # fmt: skip
    assert books.audit() == []


def test_when_the_budget_is_spent_the_rest_wait_in_their_order(world: World, tmp_path: Path) -> None:
    cards(world)
    money = budget(world, 5_000)
    rows = [Settled(f"S{n}", who, "5300") for n, who in enumerate(["alpha_1", "beta_1", "beta_2", "gamma_1"])]
    file = settled(world, tmp_path, rows)
    assert file.state == "adjudicated"
    assert "2 笔共 4,000.00 元按先后排队" in file.message
    assert balances(money) == {"granted": -5000, "available": 1000, "payable": 4000}
    change_budget(SYSTEM, budget=money, amount=7_000, reason="追加")
    waiting = Commitment.objects.everywhere(reason=WHY).in_line()
    assert (waiting.count(), paid_in_all()) == (1, Decimal("6000.00"))
    change_budget(SYSTEM, budget=money, amount=9_000, reason="追加")
    file.refresh_from_db(from_queryset=SettlementFile.objects.everywhere(reason=WHY))
    assert (file.state, paid_in_all()) == ("paid", Decimal("8000.00"))
    assert Payment.objects.everywhere(reason=WHY).count() == 4
    assert books.audit() == []


def test_without_a_budget_the_job_says_so_and_waits(world: World, tmp_path: Path) -> None:
    cards(world)
    file = settled(world, tmp_path, [Settled("A1", "alpha_1", "5300")])
    assert file.state == "adjudicating"
    assert "还没有设立" in file.message
    budget(world)
    assert running.adjudicate(file.pk).state == "paid"


def test_a_check_that_runs_twice_stages_once(ready: World, tmp_path: Path) -> None:
    file = checked(ready, tmp_path, [Settled("A1", "alpha_1", "5300")])
    assert checking.check(file.pk).state == "checked"
    assert len(lines(file)) == 1
