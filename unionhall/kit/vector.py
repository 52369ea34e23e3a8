"""The rules of `identifiers` and `dates` for whole columns, a million rows at a time.

Well-formed values take a vectorised path; whatever needs repair or an explanation goes through the scalar rule,
once per distinct text. Both therefore give the same answer, which a property test holds them to. Every function
answers a frame as long as its column; `fault` is null for a good row, else a `Fault` code.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import numpy as np
import numpy.typing as npt
import polars as pl

from unionhall.kit import identifiers
from unionhall.kit.codes import Sex
from unionhall.kit.dates import EARLIEST, LATEST, parse_date
from unionhall.kit.faults import Fault, IdentifierError, fault_message
from unionhall.kit.identifiers import (
    ID_CHECK_CHARACTERS,
    ID_WEIGHTS,
    IdType,
    check_document,
    normalise_name,
    normalise_phone,
    oldest_birth,
)
from unionhall.kit.pinyin import COMPOUND_SURNAMES, initials, sort_key, syllables

__all__ = [
    "bank_cards", "dates", "documents", "messages", "names", "phones", "readings", "resident_ids", "uscc_codes",
]  # fmt: skip

_ID_FORM = r"^[1-9][0-9]{16}[0-9X]$"
_MOBILE = r"^1[3-9][0-9]{9}$"
_PLAIN_NAME = r"^[\u4e00-\u9fff]{2,50}$"
#: Names whose characters are read one by one: longer ones and those with a compound surname go the scalar way.
_READ_NAME = r"^[\u4e00-\u9fff]{2,4}$"
_ISO_DATE = r"^[1-9][0-9]{3}-[0-9]{2}-[0-9]{2}$"
_ID_SCHEMA = {
    "number": pl.String,
    "birth": pl.Date,
    "sex": pl.String,
    "division": pl.String,
    "fault": pl.String,
}
_VALUE_SCHEMA: dict[str, type[pl.DataType]] = {"value": pl.String, "fault": pl.String}
_DATE_SCHEMA = {"value": pl.Date, "month_only": pl.Boolean, "fault": pl.String}
_EXACT_DIGITS = 15
# "81" to "83" and "9…" are other documents; the scalar rule says which.
_OTHER_DOCUMENTS = r"^(8[123]|9)"

Row = tuple[object, ...]
Ints = npt.NDArray[np.int64]


def resident_ids(column: pl.Series, today: date) -> pl.DataFrame:
    """number, birth, sex, division, fault of each resident ID number.

    A column of numbers is refused: a spreadsheet that kept 18 digits as a number has lost the last ones.
    """
    if column.dtype.is_numeric():
        return _numeric_ids(column)
    raw = _text(column)
    good = raw.str.contains(_ID_FORM) & ~raw.str.contains(_OTHER_DOCUMENTS)
    return _two_paths(
        raw, good, _ID_SCHEMA, lambda part: _plain_ids(part, today), lambda text: _slow_id(text, today)
    )


def documents(kinds: pl.Series, column: pl.Series, today: date) -> pl.DataFrame:
    """The same columns for mixed documents; `kinds` holds `IdType` codes, null meaning a resident ID card.

    ValueError when `kinds` holds anything else.
    """
    kind = kinds.cast(pl.String).fill_null(IdType.RESIDENT.value)
    answer = [pl.DataFrame(schema={"row": pl.UInt32, **_ID_SCHEMA})]
    rows = pl.DataFrame({"row": pl.Series(range(len(column)), dtype=pl.UInt32), "kind": kind})
    for code in kind.unique().to_list():
        id_type, places = IdType(code), rows.filter(pl.col("kind") == code)["row"]
        part = column.gather(places)
        if id_type is IdType.RESIDENT:
            frame = resident_ids(part, today)
        else:
            found = [_slow_document(text, id_type, today) for text in _text(part).to_list()]
            frame = pl.DataFrame(found, schema=_ID_SCHEMA, orient="row")
        answer.append(frame.insert_column(0, places.alias("row")))
    return pl.concat(answer).sort("row").drop("row")


def phones(column: pl.Series) -> pl.DataFrame:
    """value, fault of each mobile number."""
    raw = _text(column)
    return _two_paths(
        raw, raw.str.contains(_MOBILE), _VALUE_SCHEMA, _as_it_is, _slow(normalise_phone, Fault.PHONE_EMPTY)
    )


def names(column: pl.Series) -> pl.DataFrame:
    """value, fault of each person's name."""
    raw = _text(column)
    return _two_paths(
        raw, raw.str.contains(_PLAIN_NAME), _VALUE_SCHEMA, _as_it_is, _slow(normalise_name, Fault.NAME_EMPTY)
    )


def readings(column: pl.Series) -> pl.DataFrame:
    """initials, sort_key of each name, as `pinyin` reads it; null for no name."""
    raw = _text(column)
    compound = raw.str.slice(0, 2).is_in(list(COMPOUND_SURNAMES))
    places = [raw.str.slice(place, 1) for place in range(4)]
    read = [_syllables(part, surname=place == 0) for place, part in enumerate(places)]
    unread = pl.Series([False], dtype=pl.Boolean).new_from_index(0, len(raw))
    for part, syllable in zip(places, read, strict=True):
        unread = unread | ((part != "") & (syllable == ""))
    plain = (raw.str.contains(_READ_NAME) & ~compound & ~unread).fill_null(False)
    joined = pl.DataFrame({f"s{place}": part for place, part in enumerate(read)}).select(
        initials=pl.concat_str(pl.all().str.slice(0, 1)),
        sort_key=pl.concat_str(pl.all(), separator=" ").str.strip_chars_end(" "),
    )
    if plain.all():
        return joined
    odd = raw.filter(~plain).drop_nulls().unique()
    told = pl.DataFrame(
        {
            "raw": odd,
            "i": pl.Series([initials(name) for name in odd], dtype=pl.String),
            "k": pl.Series([sort_key(name) for name in odd], dtype=pl.String),
        }
    )
    both = joined.with_columns(raw=raw, plain=plain).join(told, on="raw", how="left", maintain_order="left")
    return both.select(
        initials=pl.when("plain").then("initials").otherwise("i"),
        sort_key=pl.when("plain").then("sort_key").otherwise("k"),
    )


def _syllables(characters: pl.Series, *, surname: bool) -> pl.Series:
    """The syllable of each character, "" for none; the first of a name is read as a surname."""
    known = {
        one: "".join(syllables(one) if surname else syllables("\u4e00" + one)[1:])
        for one in characters.drop_nulls().unique()
    }
    return characters.replace_strict(known, default=None, return_dtype=pl.String)


def uscc_codes(column: pl.Series) -> pl.DataFrame:
    """value, fault of each unified social credit code, worked out once per distinct code."""
    return _all_slow(column, _slow(identifiers.check_uscc, Fault.USCC_EMPTY))


def bank_cards(column: pl.Series) -> pl.DataFrame:
    """value, fault of each bank card number."""
    return _all_slow(column, _slow(identifiers.check_bank_card, Fault.CARD_EMPTY))


def dates(column: pl.Series) -> pl.DataFrame:
    """value, month_only, fault of each date; date and datetime columns pass straight through."""
    if column.dtype == pl.Date or column.dtype == pl.Datetime:
        return _real_dates(column.cast(pl.Date))
    raw = _text(column)
    return _two_paths(raw, raw.str.contains(_ISO_DATE), _DATE_SCHEMA, _plain_dates, _slow_date)


def messages(faults: pl.Series) -> pl.Series:
    """The Chinese sentence for each fault code; null stays null."""
    said = {code: fault_message(code) for code in faults.drop_nulls().unique().to_list()}
    return pl.Series(
        "message", [None if code is None else said[code] for code in faults.to_list()], dtype=pl.String
    )


def _text(column: pl.Series) -> pl.Series:
    if column.dtype.is_float():
        # 43525.0 is a whole number that a spreadsheet keeps as a float.
        whole = column.is_finite() & (column == column.floor()) & (column.abs() < 10**_EXACT_DIGITS)
        texts = [
            None if value is None else str(int(value)) if is_whole else repr(value)
            for value, is_whole in zip(column.to_list(), whole.to_list(), strict=True)
        ]
        return pl.Series("raw", texts, dtype=pl.String)
    return column.cast(pl.String).alias("raw")


def _two_paths(
    raw: pl.Series,
    good: pl.Series,
    schema: dict[str, type[pl.DataType]],
    fast: Callable[[pl.Series], pl.DataFrame],
    slow: Callable[[str | None], Row],
) -> pl.DataFrame:
    """Answers good rows by `fast` and the rest by `slow`, in the column's order."""
    mask = good.fill_null(False)
    if mask.all():
        return fast(raw)
    places = pl.Series("row", range(len(raw)), dtype=pl.UInt32)
    easy = fast(raw.filter(mask)).insert_column(0, places.filter(mask))
    told: dict[str | None, Row] = {}
    rest = raw.filter(~mask).to_list()
    for text in rest:
        if text not in told:
            told[text] = slow(text)
    hard = pl.DataFrame([told[text] for text in rest], schema=schema, orient="row")
    return pl.concat([easy, hard.insert_column(0, places.filter(~mask))]).sort("row").drop("row")


def _all_slow(column: pl.Series, slow: Callable[[str | None], Row]) -> pl.DataFrame:
    raw = _text(column)
    nothing = pl.Series([False], dtype=pl.Boolean).new_from_index(0, len(raw))
    return _two_paths(raw, nothing, _VALUE_SCHEMA, _as_it_is, slow)


def _as_it_is(part: pl.Series) -> pl.DataFrame:
    return pl.DataFrame(
        {"value": part, "fault": pl.Series([None], dtype=pl.String).new_from_index(0, len(part))}
    )


def _slow(rule: Callable[[str], str], empty: Fault) -> Callable[[str | None], Row]:
    def answer(text: str | None) -> Row:
        if text is None:
            return None, empty.value
        try:
            return rule(text), None
        except IdentifierError as error:
            return None, error.code.value

    return answer


def _slow_date(text: str | None) -> Row:
    try:
        found = parse_date(text or "")
    except IdentifierError as error:
        return None, None, error.code.value
    return found.value, found.month_only, None


def _slow_id(text: str | None, today: date) -> Row:
    return _slow_document(text, IdType.RESIDENT, today)


def _slow_document(text: str | None, id_type: IdType, today: date) -> Row:
    try:
        facts = check_document(id_type, text or "", today)
    except IdentifierError as error:
        return None, None, None, None, error.code.value
    return facts.number, facts.birth, facts.sex and facts.sex.value, facts.division_code, None


def _numeric_ids(column: pl.Series) -> pl.DataFrame:
    digits = _text(column).to_list()
    rows: list[Row] = []
    for text in digits:
        fault = (
            Fault.ID_EMPTY
            if text is None
            else Fault.ID_FIFTEEN
            if len(text) == _EXACT_DIGITS
            else Fault.ID_ROUNDED
        )
        if text is not None and len(text) < _EXACT_DIGITS:
            fault = Fault.ID_LENGTH
        rows.append((None, None, None, None, fault.value))
    return pl.DataFrame(rows, schema=_ID_SCHEMA, orient="row")


def _plain_ids(part: pl.Series, today: date) -> pl.DataFrame:
    """18 characters of the right form: date, age and check character worked out as arrays."""
    characters = np.frombuffer("".join(part.to_list()).encode("ascii"), np.uint8).reshape(len(part), 18)
    digits = characters.astype(np.int64) - ord("0")
    year, month, day = _number(digits, 6, 10), _number(digits, 10, 12), _number(digits, 12, 14)
    first = (np.maximum(year, 1) - 1970).astype("datetime64[Y]").astype("datetime64[M]") + (month - 1)
    birth = first.astype("datetime64[D]") + (day - 1)
    real = (year >= 1) & (month >= 1) & (month <= 12) & (day >= 1) & (birth.astype("datetime64[M]") == first)
    expected = np.frombuffer(ID_CHECK_CHARACTERS.encode(), np.uint8)[
        (digits[:, :17] @ np.array(ID_WEIGHTS)) % 11
    ]
    fits = expected == characters[:, 17]
    ends_in_zeros = (digits[:, 15:] == 0).all(axis=1)
    fault = np.select(
        [
            ~real,
            birth > np.datetime64(today),
            birth < np.datetime64(oldest_birth(today)),
            ~fits & ends_in_zeros,
            ~fits,
        ],
        [1, 2, 3, 4, 5],
        default=0,
    )
    codes = [None, Fault.ID_DATE, Fault.ID_FUTURE, Fault.ID_AGE, Fault.ID_ROUNDED, Fault.ID_CHECKSUM]
    frame = pl.DataFrame(
        {
            "number": part,
            "birth": pl.Series(birth.astype("datetime64[D]")).cast(pl.Date),
            "sex": _pick([Sex.FEMALE.value, Sex.MALE.value], digits[:, 16] % 2),
            "division": part.str.slice(0, 6),
            "fault": _pick([code and code.value for code in codes], fault),
        }
    )
    bad = pl.col("fault").is_not_null()
    return frame.with_columns(
        pl.when(bad).then(None).otherwise(pl.col(_ID_SCHEMA.keys() - {"fault"})).name.keep()
    )


def _number(digits: Ints, start: int, stop: int) -> Ints:
    powers = 10 ** np.arange(stop - start - 1, -1, -1, dtype=np.int64)
    found: Ints = digits[:, start:stop] @ powers
    return found


def _pick(values: list[str | None], places: npt.NDArray[np.int64]) -> pl.Series:
    return pl.Series(values, dtype=pl.String).gather(pl.Series(places).cast(pl.UInt32))


def _plain_dates(part: pl.Series) -> pl.DataFrame:
    found = part.str.to_date("%Y-%m-%d", strict=False)
    return _dated(found, found.is_null())


def _real_dates(column: pl.Series) -> pl.DataFrame:
    frame = _dated(column, pl.Series([False], dtype=pl.Boolean).new_from_index(0, len(column)))
    return frame.with_columns(
        fault=pl.when(column.is_null()).then(pl.lit(Fault.DATE_EMPTY.value)).otherwise("fault")
    )


def _dated(found: pl.Series, impossible: pl.Series) -> pl.DataFrame:
    outside = (found < EARLIEST) | (found > LATEST)
    return pl.DataFrame(
        {"found": found, "impossible": impossible, "outside": outside.fill_null(False)}
    ).select(
        value=pl.when(~pl.col("outside")).then("found"),
        month_only=pl.when(~pl.col("outside") & pl.col("found").is_not_null()).then(False),
        fault=pl.when("impossible")
        .then(pl.lit(Fault.DATE_IMPOSSIBLE.value))
        .when("outside")
        .then(pl.lit(Fault.DATE_RANGE.value)),
    )
