"""From an insurer's file to clean columns: the heading found, every cell checked by the column, faults in words."""

from __future__ import annotations

from collections.abc import Container, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import polars as pl

from unionhall.foundation.errors import Refused
from unionhall.kit import vector
from unionhall.kit.identifiers import IdType
from unionhall.kit.text import header_key
from unionhall.members.documents import CODES, RESIDENT, code_of
from unionhall.members.intake.cells import Row, Sheet, framed, sheets
from unionhall.members.intake.files import Kind

__all__ = ["COLUMNS", "TITLES", "Table", "checked", "open_table"]

CHUNK = 20_000
_HEADING_WITHIN = 30
_NUMBER = r"^[0-9A-Za-z][0-9A-Za-z_-]{0,39}$"
_AMOUNT = r"^-?\d{1,9}(\.\d{1,2})?$"
#: key → our title and what else insurers head the column with.
COLUMNS: dict[str, tuple[str, ...]] = {
    "number": ("结算号", "结算单号", "结算编号", "结算流水号", "单据号"),
    "settled_on": ("结算日期", "结算时间"),
    "name": ("姓名", "参保人姓名", "人员姓名"),
    "id_type": ("证件类型",),
    "id_number": ("证件号码", "身份证号", "身份证号码", "公民身份号码", "证件号"),
    "selfpay": ("个人自付金额", "自付金额", "个人自付", "个人负担金额"),
    "diagnosis": ("病种", "诊断", "诊断名称", "疾病名称"),
    "hospital": ("医疗机构", "医院", "就诊机构", "定点医疗机构"),
}
TITLES = {key: titles[0] for key, titles in COLUMNS.items()}
REQUIRED = ("number", "settled_on", "name", "id_number", "selfpay")
_KEYS = {header_key(title): key for key, titles in COLUMNS.items() for title in titles}


@dataclass(frozen=True)
class Table:
    """A recognised sheet: the heading's row and where each column stands."""

    sheet: Sheet
    heading_row: int
    width: int
    columns: dict[str, int]
    headings: tuple[str, ...] = ()

    def chunks(self) -> Iterator[pl.DataFrame]:
        """`row` and a text column per recognised key; rows in which all of them are empty are passed over."""
        chosen = [
            pl.col(f"field_{place}").str.strip_chars().replace("", None).alias(key)
            for key, place in self.columns.items()
        ]
        filled = pl.any_horizontal(pl.col(list(self.columns)).is_not_null())
        frames = self.sheet.frames(self.width) if self.sheet.frames else self._gathered()
        for first, frame in frames:
            numbers = pl.Series("row", range(first, first + frame.height), dtype=pl.UInt32)
            rows = frame.insert_column(0, numbers).filter(pl.col("row") > self.heading_row)
            if (rows := rows.select("row", *chosen).filter(filled)).height:
                yield rows

    def chosen(self, rows: Container[int]) -> Iterator[tuple[int, Row]]:
        """Rows by their number, as they were sent in."""
        return ((number, cells) for number, cells in self.sheet.rows() if number in rows)

    def _gathered(self) -> Iterator[tuple[int, pl.DataFrame]]:
        rows: list[Row] = []
        first = 1
        for number, cells in self.sheet.rows():
            rows.append(cells)
            if len(rows) == CHUNK:
                yield first, framed(rows, self.width)
                first, rows = number + 1, []
        if rows:
            yield first, framed(rows, self.width)


def open_table(path: Path, kind: Kind) -> Table:
    """The first sheet with the heading of a settlement file. Refused when there is none, saying which columns lack."""
    best: tuple[int, set[str]] = (0, set())
    for sheet in sheets(path, kind):
        for number, cells in sheet.rows():
            if number > _HEADING_WITHIN:
                break
            columns = _columns(cells)
            if set(REQUIRED) <= set(columns):
                return Table(sheet, number, len(cells), columns, tuple(text or "" for text in cells))
            if len(columns) > len(best[1]):
                best = number, set(columns)
    lacking = "、".join(f"“{TITLES[key]}”" for key in REQUIRED if key not in best[1])
    where = f"第 {best[0]} 行的表头缺少" if best[1] else f"前 {_HEADING_WITHIN} 行里没有表头，应有"
    raise Refused(f"{where}{lacking}列。请按模板的列名整理后重新上传。", "file")


def _columns(cells: Row) -> dict[str, int]:
    found: dict[str, int] = {}
    for place, text in enumerate(cells):
        key = _KEYS.get(header_key(text)) if text and len(text) <= 60 else None
        if key is not None:
            found.setdefault(key, place)
    return found


def checked(frame: pl.DataFrame, today: date) -> pl.DataFrame:
    """A chunk's clean values: row, number, settled_on, name, id_type, id_number, cents, diagnosis, hospital, fault.

    `cents` is the self-paid sum (may be negative), null where it cannot be read. `fault` is a sentence without any
    value of the row, "" for a good one.
    """
    rows = frame.with_columns(
        pl.lit(None, dtype=pl.String).alias(key) for key in COLUMNS if key not in frame.columns
    )
    names, days = vector.names(rows["name"]), vector.dates(rows["settled_on"])
    kinds, documents = _documents(rows, today)
    amounts = rows["selfpay"].str.replace_all(r"[,，\s¥￥元]", "")
    good = amounts.str.contains(_AMOUNT).fill_null(False)
    day_only = ~days["month_only"].fill_null(False)
    faults = [
        _said(
            rows["number"].str.contains(_NUMBER).fill_null(False),
            "结算号为空，或不是 40 位以内的字母和数字。",
        ),
        _told("结算日期", days["fault"]),
        _said(day_only | days["value"].is_null(), "结算日期应写到日。"),
        _said((days["value"] <= today).fill_null(True), "结算日期晚于今天。"),
        _told("姓名", names["fault"]),
        _told("证件号码", documents["fault"]),
        _said(good, "个人自付金额应为数字，最多两位小数。"),
    ]
    return pl.DataFrame(
        {
            "row": rows["row"],
            "number": rows["number"].str.slice(0, 40).fill_null(""),
            "settled_on": days["value"],
            "name": names["value"],
            "id_type": kinds,
            "id_number": documents["number"],
            "cents": pl.DataFrame({"text": amounts, "good": good}).select(_cents())["cents"],
            "diagnosis": rows["diagnosis"].str.slice(0, 100),
            "hospital": rows["hospital"].str.slice(0, 100),
            "fault": pl.DataFrame({f"f{n}": one for n, one in enumerate(faults)}).select(
                pl.concat_str(pl.all(), ignore_nulls=True)
            )[:, 0],
        }
    )


def _cents() -> pl.Expr:
    """Whole cents of a text such as -1234.5."""
    parts = pl.col("text").str.strip_prefix("-").str.splitn(".", 2)
    whole = parts.struct.field("field_0").cast(pl.Int64, strict=False)
    rest = parts.struct.field("field_1").fill_null("").str.pad_end(2, "0").cast(pl.Int64, strict=False)
    sign = pl.when(pl.col("text").str.starts_with("-")).then(-1).otherwise(1)
    return pl.when("good").then(sign * (whole * 100 + rest)).alias("cents")


def _documents(rows: pl.DataFrame, today: date) -> tuple[pl.Series, pl.DataFrame]:
    texts = rows["id_type"]
    known = {text: code_of(text) for text in texts.drop_nulls().unique().to_list()}
    kinds = pl.Series(
        "id_type",
        [RESIDENT if text is None else known[text] or RESIDENT for text in texts.to_list()],
        dtype=pl.String,
    )
    names = kinds.replace_strict(
        {stored: kind.value for kind, stored in CODES.items()}, return_dtype=pl.String
    )
    if (names == IdType.RESIDENT.value).all():
        return kinds, vector.resident_ids(rows["id_number"], today)
    return kinds, vector.documents(names, rows["id_number"], today)


def _said(good: pl.Series, sentence: str) -> pl.Series:
    flags = pl.DataFrame({"good": good})
    return flags.select(pl.when("good").then(pl.lit("")).otherwise(pl.lit(sentence)))[:, 0]


def _told(title: str, faults: pl.Series) -> pl.Series:
    if faults.null_count() == len(faults):
        return faults.cast(pl.String)
    return f"{title}：" + vector.messages(faults)
