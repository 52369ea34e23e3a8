"""A file is checked and staged: control totals first, then every row matched, set by set, in one transaction."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import polars as pl
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from unionhall.foundation.actors import Actor
from unionhall.foundation.copying import bytes_column, statement, written
from unionhall.foundation.errors import Refused
from unionhall.foundation.sealing import IDENTITY, ring
from unionhall.kit.money import yuan
from unionhall.members.intake.keeping import is_full, plain_file
from unionhall.records.actions import journal, notify

from ...models import SettlementFile, SettlementLine
from ...rules.medical import yuan_of
from ..insurers import page_of
from . import matching
from .reading import checked, open_table
from .turns import take_turn

__all__ = ["check"]

State = SettlementFile.State
_WHY = "a job on one file, started by whoever was asked for permission"
_STAGE = """
CREATE TEMPORARY TABLE settling (
    "row" integer, number text COLLATE "C", settled_on date, name text, id_type text, id_number bytea, id_index bytea,
    selfpay bytea, details bytea, cents bigint, fault text
) ON COMMIT DROP
"""
_COPY = statement("settling")


def check(number: int) -> SettlementFile:
    """Read the stored file, compare its totals with those it was announced with, match its rows.

    Runs as a job; again is harmless. A file whose totals differ is sent back whole.
    """
    file = _get(number)
    if file.state not in (State.UPLOADED, State.CHECKING):
        return file
    _set(file, state=State.CHECKING, stage="打开文件", message="")
    try:
        with plain_file(file) as path:
            _stage(file, path)
    except Refused as refusal:
        _set(file, state=State.REFUSED, stage="", message=str(refusal)[:300])
    except (OSError, DatabaseError) as failure:
        if not is_full(failure):
            raise
        _set(file, stage="", message="服务器磁盘空间不足，核对没有完成。腾出空间后请点“继续”。")
        return _get(number)
    file = _get(number)
    notify(
        file.uploaded_by_id, f"医保结算文件 {file.number}：{file.get_state_display()}", file.message,
        page_of(file), file.organisation.path,
    )  # fmt: skip
    return file


def _get(number: int) -> SettlementFile:
    return (
        SettlementFile.objects.everywhere(reason=_WHY).select_related("organisation", "file").get(pk=number)
    )


def _set(file: SettlementFile, **values: Any) -> None:
    SettlementFile.objects.everywhere(reason=_WHY).filter(pk=file.pk).update(**values)


@transaction.atomic
def _stage(file: SettlementFile, path: Path) -> None:
    take_turn()
    rows = SettlementFile.objects.everywhere(reason=_WHY).select_for_update()
    if rows.get(pk=file.pk).state != State.CHECKING:
        return
    today = timezone.localdate()
    table = open_table(path, file.kind)  # type: ignore[arg-type]  # as inspected when it came in
    found = _Totals()
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS pg_temp.settling")
        cursor.execute(_STAGE)
        with cursor.copy(_COPY) as copy:
            for chunk in table.chunks():
                values = checked(chunk, today)
                found.add(values)
                copy.write(_sealed(values))
        found.require(file)
        cursor.execute("ANALYZE settling")
    matching.match(file)
    lines = SettlementLine.objects.everywhere(reason=_WHY).filter(file=file)
    _set(
        file, state=State.CHECKED, stage="", message="", rows=found.rows, done=found.rows,
        total=yuan_of(found.cents) if found.cents >= 0 else f"-{yuan_of(-found.cents)}",
        checked_at=timezone.now(),
    )  # fmt: skip
    journal(
        Actor(file.uploaded_by_id, file.uploaded_by),
        "benefits.settlements_checked",
        subject=file,
        paths=file.organisation.paths,
        detail={"rows": found.rows, "exceptions": lines.exceptions().count()},
    )


class _Totals:
    """What the rows of a file come to, to be held against what it was announced with."""

    def __init__(self) -> None:
        self.rows = self.cents = self.unread = self.first = 0

    def add(self, values: pl.DataFrame) -> None:
        self.rows += values.height
        self.cents += int(values["cents"].sum() or 0)
        missing = values.filter(pl.col("cents").is_null())
        if missing.height and not self.unread:
            self.first = int(missing["row"][0])
        self.unread += missing.height

    def require(self, file: SettlementFile) -> None:
        """Raise Refused, with both figures, where they differ."""
        if not self.rows:
            raise Refused("表头下面没有数据。请核对文件后重新上传。", "file")
        stated = int(file.stated_total * 100)
        if (self.rows, self.cents) == (file.stated_rows, stated):
            return
        told = [f"文件有 {self.rows} 笔，应为 {file.stated_rows} 笔"] if self.rows != file.stated_rows else []
        if self.cents != stated:
            shown = yuan(file.stated_total + (self.cents - stated) * file.stated_total.__class__("0.01"))
            told.append(f"自付金额合计 {shown} 元，应为 {yuan(file.stated_total)} 元")
        if self.unread:
            told.append(f"有 {self.unread} 行的金额看不懂，第一处在第 {self.first} 行")
        raise Refused(f"控制总数不符，整份退回：{'；'.join(told)}。请与来源单位核对后重新上传。", "file")


def _sealed(values: pl.DataFrame) -> memoryview:
    """A chunk as COPY reads it: sums, documents and what is known of the illness sealed, the document indexed."""
    pairs = list(zip(values["id_type"].to_list(), values["id_number"].to_list(), strict=True))
    known = [f"{kind}:{number}" for kind, number in pairs if number is not None]
    indexes = iter(ring().index_many(IDENTITY, known))
    money = [None if one is None or one < 0 else yuan_of(one) for one in values["cents"].to_list()]
    rows = values.select(
        "row",
        "number",
        "settled_on",
        "name",
        "id_type",
        bytes_column("id_number", ring().seal_many(values["id_number"].to_list())),
        bytes_column("id_index", [None if number is None else next(indexes) for _, number in pairs]),
        bytes_column("selfpay", ring().seal_many(money)),
        bytes_column("details", ring().seal_many(_details(values))),
        "cents",
        "fault",
    )
    return written(rows)


def _details(values: pl.DataFrame) -> Sequence[str | None]:
    columns = (values[key].to_list() for key in ("name", "diagnosis", "hospital"))
    return [
        json.dumps(
            {key: text for key, text in zip(("name", "diagnosis", "hospital"), row, strict=True) if text},
            ensure_ascii=False,
        )
        for row in zip(*columns, strict=True)
    ]
