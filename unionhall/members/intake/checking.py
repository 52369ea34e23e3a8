"""Every rule on a chunk of rows at once: clean values, and for bad rows the column and what to do about it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date

import polars as pl

from unionhall.kit import vector
from unionhall.kit.identifiers import IdType
from unionhall.kit.text import one_line

from ..documents import CODES, RESIDENT, code_of
from .columns import BY_KEY, COLUMNS
from .reading import Table
from .unions import Unions

__all__ = ["Checked", "check"]

_SEX = {"1": "男", "2": "女"}
#: Most files are right: a column of messages is only made where a row is wrong.
Message = str | pl.Series | Callable[[], pl.Series]
_FAULTS = {"row": pl.UInt32, "column": pl.String, "message": pl.String}


@dataclass
class Checked:
    """A chunk's clean values (`rows`: one per row, in order) and its faults in long form: row, column, message."""

    rows: pl.DataFrame
    errors: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=_FAULTS))
    warnings: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=_FAULTS))


class _Chunk:
    """One chunk being checked: columns go in as text and come out as values; faults are gathered on the way."""

    def __init__(self, frame: pl.DataFrame, table: Table, today: date) -> None:
        self.frame, self.table, self.today = frame, table, today
        self.numbers = frame["row"]
        self.values: dict[str, pl.Series] = {}
        self.errors: list[pl.DataFrame] = []
        self.warnings: list[pl.DataFrame] = []

    def has(self, key: str) -> bool:
        return key in self.table.columns

    def text(self, key: str) -> pl.Series:
        if key in self.frame.columns:
            return self.frame[key]
        return pl.Series(key, [None], dtype=pl.String).new_from_index(0, len(self.frame))

    def fault(self, key: str, wrong: pl.Series, message: Message, *, warning: bool = False) -> None:
        """Rows where `wrong` is true get the message: one for all, a column, or how to make one when it is needed."""
        mask = wrong.fill_null(False)
        if not mask.any():
            return
        rows = self.numbers.filter(mask)
        said = message if isinstance(message, str | pl.Series) else message()
        said = said.filter(mask) if isinstance(said, pl.Series) else said
        found = pl.DataFrame({"row": rows}).with_columns(
            pl.lit(self.table.heading(key)).alias("column"),
            (pl.lit(said) if isinstance(said, str) else said).cast(pl.String).alias("message"),
        )
        (self.warnings if warning else self.errors).append(found)

    def faults(self, key: str, codes: pl.Series) -> None:
        """Faults as the kit names them."""
        if codes.null_count() < len(codes):
            self.fault(key, codes.is_not_null(), vector.messages(codes))


def check(frame: pl.DataFrame, table: Table, unions: Unions, today: date) -> Checked:
    """Check one chunk. Rows with errors stay in the answer; whoever stages them leaves their values out."""
    chunk = _Chunk(frame, table, today)
    _name(chunk)
    _document(chunk)
    _phone(chunk)
    for column in COLUMNS:
        if column.codes is not None and column.key != "sex" and chunk.has(column.key):
            _coded(chunk, column.key)
        elif column.length and chunk.has(column.key):
            _free(chunk, column.key, column.length)
    if chunk.has("migrant_worker"):
        _coded(chunk, "migrant_worker")
    _joined(chunk)
    _union(chunk, unions)
    rows = pl.DataFrame({"row": chunk.numbers} | chunk.values)
    return Checked(rows, _together(chunk.errors), _together(chunk.warnings))


def _together(frames: list[pl.DataFrame]) -> pl.DataFrame:
    return pl.concat(frames).sort("row", maintain_order=True) if frames else pl.DataFrame(schema=_FAULTS)


def _name(chunk: _Chunk) -> None:
    found = vector.names(chunk.text("name"))
    chunk.faults("name", found["fault"])
    chunk.values["name"] = found["value"]


def _document(chunk: _Chunk) -> None:
    """Kind, number, and what the number itself says about birth and sex against what the row says."""
    kinds, number = chunk.text("id_type"), chunk.text("id_number")
    code = _mapped(kinds, code_of)
    chunk.fault(
        "id_type",
        kinds.is_not_null() & code.is_null(),
        "不认识这种证件。请填写：" + "、".join(kind.label for kind in CODES) + "。",
    )
    code = code.fill_null(RESIDENT)
    names = code.replace_strict(
        {stored: kind.value for kind, stored in CODES.items()}, return_dtype=pl.String
    )
    if (names == IdType.RESIDENT.value).all():
        facts = vector.resident_ids(number, chunk.today)
    else:
        facts = vector.documents(names, number, chunk.today)
    chunk.faults("id_number", facts["fault"])
    chunk.values["id_type"] = code
    chunk.values["id_number"] = facts["number"]
    _sex(chunk, facts["sex"])
    _birth(chunk, facts["birth"])


def _sex(chunk: _Chunk, stated: pl.Series) -> None:
    if not chunk.has("sex"):
        chunk.values["sex"] = stated
        return
    text = chunk.text("sex")
    given = _mapped(text, lambda value: chunk.table.mapping.code_of("sex", value))
    chunk.fault("sex", text.is_not_null() & given.is_null(), "看不懂性别。请填写“男”或“女”。")
    told = given.is_in(["1", "2"])
    against = told & stated.is_not_null() & (given != stated)

    def said() -> pl.Series:
        frame = pl.DataFrame({"number": stated, "given": given})
        labels = pl.col("number").replace(_SEX), pl.col("given").replace(_SEX)
        return frame.select(
            pl.format("性别与证件号码不符：号码表明是{}，表中填的是{}。请核对。", *labels)
        ).to_series()

    chunk.fault("sex", against, said)
    chunk.values["sex"] = pl.select(pl.when(told).then(given).otherwise(stated)).to_series()


def _birth(chunk: _Chunk, stated: pl.Series) -> None:
    if not chunk.has("birth"):
        chunk.values["birth"] = stated
        return
    text = chunk.text("birth")
    found = _dates(chunk, "birth", text)
    given = found["value"]
    vague = found["month_only"].fill_null(False)
    differs = vague.not_() & (given != stated)
    if vague.any():
        differs |= vague & (given.dt.strftime("%Y%m") != stated.dt.strftime("%Y%m"))

    def said() -> pl.Series:
        frame = pl.DataFrame({"number": stated, "given": given})
        return frame.select(
            pl.format(
                "出生日期与证件号码不符：号码表明是 {}，表中填的是 {}。请核对。",
                pl.col("number"),
                pl.col("given"),
            )
        ).to_series()

    chunk.fault("birth", differs & stated.is_not_null() & given.is_not_null(), said)
    chunk.fault("birth", given > chunk.today, "出生日期晚于今天。请核对。")
    chunk.values["birth"] = pl.select(pl.coalesce(stated, given)).to_series()


def _dates(chunk: _Chunk, key: str, text: pl.Series) -> pl.DataFrame:
    found = vector.dates(text)
    empty = text.is_null()
    chunk.faults(key, pl.select(pl.when(~empty).then(found["fault"])).to_series())
    return found


def _phone(chunk: _Chunk) -> None:
    text = chunk.text("phone")
    found = vector.phones(text)
    chunk.faults("phone", pl.select(pl.when(text.is_not_null()).then(found["fault"])).to_series())
    chunk.values["phone"] = found["value"]


def _coded(chunk: _Chunk, key: str) -> None:
    column, source = BY_KEY[key], chunk.table.mapping
    text = chunk.text(key)
    code = _mapped(text, lambda value: source.code_of(key, value))
    labels = [label for _, label in column.codes.choices()][:12] if column.codes else ["是", "否"]

    def said() -> pl.Series:
        return (
            pl.DataFrame({"text": text})
            .select(
                pl.format(
                    f"看不懂“{{}}”。{column.title}请填写：{'、'.join(labels)}。",
                    # Cells slip into the next column; the message is kept in clear.
                    pl.col("text").str.replace_all(r"\d{9,}[\dXx]", "…").str.slice(0, 20),
                )
            )
            .to_series()
        )

    chunk.fault(key, text.is_not_null() & code.is_null(), said)
    chunk.values[key] = code
    if key == "status" and source.name == "default":
        chunk.fault(
            key,
            text.is_in(["5", "6"]),
            "就业状况只填了数字，5 和 6 在不同系统中含义相反；这里按 5 离休、6 退职处理。若不对，请改填名称。",
            warning=True,
        )


def _free(chunk: _Chunk, key: str, length: int) -> None:
    text = _mapped(chunk.text(key), one_line)
    chunk.fault(key, text.str.len_chars() > length, f"超过 {length} 个字。请写得简短些。")
    chunk.values[key] = pl.select(pl.when(text.str.len_chars() > 0).then(text)).to_series()


def _joined(chunk: _Chunk) -> None:
    if not chunk.has("joined_on"):
        return
    found = _dates(chunk, "joined_on", chunk.text("joined_on"))
    day = found["value"]
    chunk.fault("joined_on", day > chunk.today, "入会日期晚于今天。请核对。")
    chunk.fault("joined_on", day < chunk.values["birth"], "入会日期早于出生日期。请核对。")
    chunk.fault(
        "joined_on",
        found["month_only"].fill_null(False) & chunk.text("joined_on").is_not_null(),
        "没有写日，按当月 1 日登记。",
        warning=True,
    )
    chunk.values["joined_on"] = day


def _union(chunk: _Chunk, unions: Unions) -> None:
    """The union of each row: the column where there is one, else the union chosen for the whole file."""
    text = chunk.text("union")
    found = unions.find(text.drop_nulls().unique().to_list())
    numbers = {name: answer.pk for name, answer in found.items() if answer.pk is not None}
    messages = {name: answer.message for name, answer in found.items() if answer.message}
    default = unions.default
    if default.message:
        chunk.fault("union", text.is_null(), default.message)
    chunk.fault("union", text.is_in(list(messages)), text.replace(messages))
    # An empty cell means the chosen union: `organisation` then is null, and whoever stages the row fills it in.
    chunk.values["organisation"] = text.replace_strict(numbers, default=None, return_dtype=pl.Int64)


def _mapped(column: pl.Series, rule: Callable[[str], str | None]) -> pl.Series:
    """The rule once per distinct text."""
    texts: Iterable[str] = column.drop_nulls().unique().to_list()
    return column.replace_strict({text: rule(text) for text in texts}, default=None, return_dtype=pl.String)
