"""The bank's answer, read line by line: a header that names the batch, a line per payment, a trailer that must agree.

    H,UNIONHALL-RESULT,1,<batch>,<date>
    D,<row>,<payment number>,<sum>,<成功|失败|退汇>,<reason>
    T,<count>,<sum>[,<SM3 of every byte before this line>]

A file that is cut off, or whose trailer disagrees with its lines, is refused as a whole. A line that does not fit is
answered by itself (`Answer.message`), and the others are booked.
"""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import BinaryIO

from unionhall.foundation.errors import Refused
from unionhall.kit.masking import hide_numbers
from unionhall.kit.money import yuan
from unionhall.kit.sm import sm3_hex_of

from .models.accounts import ZERO
from .rules import read_amount, read_answer, read_reference

FORMAT = "UNIONHALL-RESULT"
#: No line of the format is longer; a file that is none is given up early.
LONGEST = 2000


@dataclass(frozen=True)
class Answer:
    """One line: the payment meant, what the bank says; `message` says why the line can't be read, if so."""

    row: int
    reference: str
    payment_id: int | None
    amount: Decimal | None
    result: str
    reason: str
    message: str = ""


def batch_number(source: BinaryIO) -> str:
    """The batch that a file answers, from its header; the file is read again from the start afterwards."""
    source.seek(0)
    head = _cells(source.readline(LONGEST), 1)
    source.seek(0)
    if len(head) < 4 or head[0] != "H" or head[1] != FORMAT:
        raise Refused(
            f"这不是银行回盘文件：第 1 行应是“H,{FORMAT},1,批次号,日期”。请确认选对了文件，或请银行重新导出。",
            "file",
        )
    return head[3]


def answers(source: BinaryIO) -> Iterator[Answer]:
    """Every line in turn. Refused at the end when the trailer is missing or disagrees: book nothing before it ended."""
    count, total, trailer, unread = 0, ZERO, None, 0
    source.seek(0)
    source.readline(LONGEST)
    for row, raw in enumerate(iter(lambda: source.readline(LONGEST), b""), start=2):
        if not raw.strip():
            continue
        cells = _cells(raw, row)
        if trailer is not None:
            raise Refused(f"第 {row} 行在结尾行之后。文件可能拼接过，没有入账。请银行重新导出。", "file")
        if cells[0] == "T":
            trailer = cells
            continue
        answer = _answer(row, cells)
        count, total = count + 1, total + (answer.amount or ZERO)
        unread = unread or (row if answer.amount is None else 0)
        yield answer
    _agree(trailer, count, total, unread)
    if trailer is not None and len(trailer) > 3 and trailer[3].strip():
        _digest_agrees(source, trailer[3].strip().lower())


def _answer(row: int, cells: list[str]) -> Answer:
    cells = [cell.strip() for cell in cells] + [""] * 6
    reference, amount, result = cells[2][:40], read_amount(cells[3]), read_answer(cells[4])
    payment_id = read_reference(reference)
    message = ""
    if cells[0] != "D":
        message = f"行首应是 D，现为“{cells[0][:10]}”。"
    elif payment_id is None:
        message = "付款编号不对，应是 FK 加 12 位数字。"
    elif amount is None:
        message = f"金额“{cells[3][:20]}”看不懂。"
    elif not result:
        message = f"结果“{cells[4][:20]}”看不懂，应是成功、失败或退汇。"
    return Answer(row, reference, payment_id, amount, result, hide_numbers(cells[5])[:150], message)


def _agree(trailer: list[str] | None, count: int, total: Decimal, unread: int) -> None:
    if trailer is None:
        raise Refused("文件没有结尾行，可能没有下载完整。没有入账，请重新下载。", "file")
    cells = trailer + [""] * 3
    if cells[1].strip() != str(count) or read_amount(cells[2].strip()) != total:
        where = f"第 {unread} 行的金额看不懂。" if unread else ""
        raise Refused(
            f"结尾行写明 {cells[1]} 笔 {cells[2]} 元，明细合计 {count} 笔 {yuan(total)} 元，不一致。{where}"
            "没有入账，请银行重新导出。",
            "file",
        )


def _digest_agrees(source: BinaryIO, digest: str) -> None:
    def before_trailer() -> Iterator[bytes]:
        source.seek(0)
        for raw in iter(source.readline, b""):
            if raw.startswith(b"T,"):
                return
            yield raw

    if sm3_hex_of(before_trailer()) != digest:
        raise Refused("结尾行的摘要与内容不符，文件被改动过。没有入账，请银行重新导出。", "file")


def _decoded(raw: bytes, row: int) -> str:
    """UTF-8, with or without its mark, else GB18030, as older bank systems write."""
    try:
        return raw.decode("utf-8-sig" if row == 1 else "utf-8")
    except UnicodeDecodeError:
        try:
            return raw.decode("gb18030")
        except UnicodeDecodeError:
            raise Refused(f"第 {row} 行的文字编码看不懂。请银行用 UTF-8 或 GB18030 导出。", "file") from None


def _cells(raw: bytes, row: int) -> list[str]:
    text = _decoded(raw, row)
    if "\0" in text:
        raise Refused(f"第 {row} 行里有空字符，文件可能损坏。没有入账，请银行重新导出。", "file")
    try:
        return next(csv.reader(io.StringIO(text)), None) or [""]
    except csv.Error:
        raise Refused(
            f"第 {row} 行看不懂：每行应以 LF 或 CR LF 结束。没有入账，请银行重新导出。", "file"
        ) from None
