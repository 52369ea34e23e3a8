"""The file for the bank: UTF-8 CSV, a header line, a line per payment, a trailer with count, sum and digest.

    H,UNIONHALL-PAY,1,<batch>,<organisation code>,<date>,<count>,<sum>
    D,<row>,<payment number>,<holder>,<bank>,<account>,<sum>,<purpose>
    T,<count>,<sum>,<SM3 of every byte before this line>

The bank answers with a file of the same build (`bank_return`). Lines end in CR LF; sums have two decimals, no commas.
"""

import csv
import io
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import BinaryIO

from django.utils import timezone

from unionhall.foundation.sealing import ring
from unionhall.kit.sm import sm3_hex_of
from unionhall.kit.text import safe_cell

from .models import Payment, PaymentBatch
from .models.accounts import ZERO
from .models.payments import number_of
from .purposes import title_of

FORMAT, VERSION = "UNIONHALL-PAY", "1"
CHUNK = 2000


def line(cells: Sequence[object]) -> bytes:
    """One line of the file."""
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerow(cells)
    return out.getvalue().encode()


def write(batch: PaymentBatch, sink: BinaryIO) -> tuple[int, Decimal, str]:
    """Write a batch's file; answers count, sum and digest. Holds some thousand payments at a time."""
    tally = _Tally()

    def pieces() -> Iterator[bytes]:
        for piece in _lines(batch, tally):
            sink.write(piece)
            yield piece

    digest = sm3_hex_of(pieces())
    sink.write(line(["T", tally.count, tally.total, digest]))
    return tally.count, tally.total, digest


class _Tally:
    def __init__(self) -> None:
        self.count, self.total = 0, ZERO


def _lines(batch: PaymentBatch, tally: _Tally) -> Iterator[bytes]:
    union = batch.organisation
    yield line(
        [
            "H",
            FORMAT,
            VERSION,
            batch.number,
            union.code,
            f"{timezone.localtime(batch.made_at):%Y%m%d}",
            batch.count,
            batch.total,
        ]
    )
    for chunk in _chunks(batch):
        numbers = ring().open_many([row[4] for row in chunk])
        for (pk, amount, holder, bank, _, purpose), number in zip(chunk, numbers, strict=True):
            tally.count, tally.total = tally.count + 1, tally.total + amount
            cells = (
                number_of(pk),
                safe_cell(holder),
                safe_cell(bank),
                number or "",
                amount,
                title_of(purpose),
            )
            yield line(["D", tally.count, *cells])


def _chunks(batch: PaymentBatch) -> Iterator[list[tuple[int, Decimal, str, str, bytes, str]]]:
    after = 0
    while True:
        rows = Payment.objects.everywhere(reason="the payments of a batch that two people let go")
        rows = rows.filter(batch=batch, pk__gt=after).order_by("pk")
        columns = ("pk", "amount", "payee__holder", "payee__bank", "payee__number", "purpose")
        found = [
            (pk, amount, holder, bank, sealed.blob, purpose)
            for pk, amount, holder, bank, sealed, purpose in rows.values_list(*columns)[:CHUNK]
        ]
        if not found:
            return
        yield found
        after = found[-1][0]
