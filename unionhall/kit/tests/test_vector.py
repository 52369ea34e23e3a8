from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from unionhall.kit import vector
from unionhall.kit.dates import parse_date
from unionhall.kit.faults import MESSAGES, Fault, IdentifierError, fault_message
from unionhall.kit.identifiers import (
    IdType,
    check_document,
    check_resident_id,
    check_uscc,
    make_resident_id,
    make_uscc,
    normalise_name,
    normalise_phone,
)
from unionhall.kit.pinyin import initials, sort_key

TODAY = date(2026, 11, 22)

births = st.dates(min_value=date(1880, 1, 1), max_value=date(2030, 1, 1))
real_ids = st.builds(
    make_resident_id,
    st.sampled_from(["110101", "440305", "710000", "810000", "910156"]),
    births,
    st.integers(0, 999),
)
id_like = st.from_regex(r"[1-9]\d{5}(?:18|19|20|00)\d{2}[01]\d[0-3]\d{4}[0-9Xx]", fullmatch=True)
messy = st.builds(
    lambda before, text, after: before + text + after,
    st.sampled_from(["", " ", "'", "\ufeff", "\u3000"]),
    real_ids | id_like,
    st.sampled_from(["", " ", "\t", ".0", "０", "0"]),
)
id_texts = st.lists(
    st.none()
    | real_ids
    | id_like
    | messy
    | st.text(alphabet="0123456789Xx*.E+ ×８", max_size=20)
    | st.text(max_size=20),
    max_size=20,
)


def scalar_id(text: str | None) -> tuple[object, ...]:
    try:
        facts = check_resident_id(text or "", TODAY)
    except IdentifierError as error:
        return None, None, None, None, error.code.value
    return facts.number, facts.birth, facts.sex.value, facts.division_code, None


@settings(deadline=None)
@given(id_texts)
def test_resident_ids_equal_the_scalar_rule(texts: list[str | None]) -> None:
    frame = vector.resident_ids(pl.Series(texts, dtype=pl.String), TODAY)
    assert frame.columns == ["number", "birth", "sex", "division", "fault"]
    assert frame.rows() == [scalar_id(text) for text in texts]


def scalar(rule: Callable[[str], str], text: str | None) -> tuple[str | None, str | None]:
    try:
        return rule(text or ""), None
    except IdentifierError as error:
        return None, error.code.value


@settings(deadline=None)
@given(
    st.lists(
        st.none()
        | st.from_regex(r"(?:\+86|86|0086)?[ -]?1[3-9]\d[ -]?\d{4}[ -]?\d{4}", fullmatch=True)
        | st.text(alphabet="0123456789+-() .E１", max_size=16)
        | st.text(max_size=12),
        max_size=20,
    )
)
def test_phones_equal_the_scalar_rule(texts: list[str | None]) -> None:
    frame = vector.phones(pl.Series(texts, dtype=pl.String))
    assert frame.rows() == [scalar(normalise_phone, text) for text in texts]


@settings(deadline=None)
@given(
    st.lists(
        st.none()
        | st.text(alphabet="张三丰买提吐尔逊欧阳·•.・ \u3000", max_size=12)
        | st.text(alphabet="John Smith'-.é3*", max_size=12)
        | st.text(max_size=60),
        max_size=20,
    )
)
def test_names_equal_the_scalar_rule(texts: list[str | None]) -> None:
    frame = vector.names(pl.Series(texts, dtype=pl.String))
    assert frame.rows() == [scalar(normalise_name, text) for text in texts]


def scalar_date(text: str | None) -> tuple[object, ...]:
    try:
        found = parse_date(text or "")
    except IdentifierError as error:
        return None, None, error.code.value
    return found.value, found.month_only, None


date_texts = st.builds(
    lambda form, year, month, day: form.format(y=year, m=month, d=day),
    st.sampled_from(
        ["{y:04d}-{m:02d}-{d:02d}", "{y}/{m}/{d}", "{y}.{m}.{d}", "{y}年{m}月{d}日", "{y}年{m}月",
         "{y}{m:02d}{d:02d}",
         "{y}{m:02d}", "{y}-{m}", "{y}-{m:02d}-{d:02d} 00:00:00", "{y}"]
    ),
    st.integers(1890, 2110) | st.integers(0, 9999),
    st.integers(0, 13),
    st.integers(0, 32),
)  # fmt: skip


@given(st.lists(st.none() | st.text(alphabet="张单于欧阳曾尉迟海·A b〇", max_size=6), max_size=8))
def test_readings_equal_the_scalar_ones(texts: list[str | None]) -> None:
    frame = vector.readings(pl.Series(texts, dtype=pl.String))
    assert frame["initials"].to_list() == [text and initials(text) for text in texts]
    assert frame["sort_key"].to_list() == [text and sort_key(text) for text in texts]


@settings(deadline=None)
@given(
    st.lists(
        st.none() | date_texts | st.from_regex(r"\d{4,6}(?:\.\d)?", fullmatch=True) | st.text(max_size=12)
    )
)
def test_dates_equal_the_scalar_rule(texts: list[str | None]) -> None:
    frame = vector.dates(pl.Series(texts, dtype=pl.String))
    assert frame.rows() == [scalar_date(text) for text in texts]


def test_the_year_nought_is_impossible_in_both() -> None:
    assert vector.dates(pl.Series(["0000-03-01", "0001-03-01"])).rows() == [
        scalar_date("0000-03-01"),
        scalar_date("0001-03-01"),
    ]


def test_every_good_row_of_a_large_column_keeps_its_place() -> None:
    first = date(1960, 1, 1)
    numbers = [make_resident_id("320102", first + timedelta(days=day), day % 1000) for day in range(20_000)]
    numbers[777] = "３" + numbers[777][1:]
    numbers[778] = "4.40E+17"
    frame = vector.resident_ids(pl.Series(numbers), TODAY)
    assert frame["fault"].drop_nulls().to_list() == [Fault.ID_SCIENTIFIC]
    assert frame["birth"][777] == first + timedelta(days=777)
    assert frame["number"][779] == numbers[779]


def test_a_numeric_id_column_is_refused_with_the_reason() -> None:
    frame = vector.resident_ids(pl.Series([110101199003070000, None, 110101900307123, 12]), TODAY)
    assert frame["fault"].to_list() == [Fault.ID_ROUNDED, Fault.ID_EMPTY, Fault.ID_FIFTEEN, Fault.ID_LENGTH]
    floats = vector.resident_ids(pl.Series([1.10101199003078e17]), TODAY)
    assert floats["fault"].to_list() == [Fault.ID_ROUNDED]


def test_numeric_phones_and_serial_dates_are_read() -> None:
    assert vector.phones(pl.Series([13800001234]))["value"].to_list() == ["13800001234"]
    assert vector.phones(pl.Series([13800001234.0]))["value"].to_list() == ["13800001234"]
    assert vector.dates(pl.Series([43525.0, 43525.5, None]))["value"].to_list() == [date(2019, 3, 1)] * 2 + [
        None
    ]
    assert vector.dates(pl.Series([20190301, 201903]))["month_only"].to_list() == [False, True]


def test_real_dates_pass_and_empty_ones_are_named() -> None:
    frame = vector.dates(pl.Series(["2019-03-01 08:30", None, "1800-01-01 00:00"]).str.to_datetime())
    assert frame.rows() == [
        (date(2019, 3, 1), False, None),
        (None, None, Fault.DATE_EMPTY),
        (None, None, Fault.DATE_RANGE),
    ]


def test_mixed_documents_follow_their_kind() -> None:
    hmt = make_resident_id("830000", date(1990, 3, 7), 123)
    kinds = [None, IdType.HMT_RESIDENCE, IdType.PASSPORT, IdType.HK_MACAO_PERMIT, IdType.RESIDENT]
    texts = [make_resident_id("110101", date(1990, 3, 7), 2), hmt, "e12345678", "h12345678", hmt]
    frame = vector.documents(pl.Series(kinds, dtype=pl.String), pl.Series(texts), TODAY)
    assert frame["number"].to_list() == [texts[0], hmt, "E12345678", "H12345678", None]
    assert frame["fault"].to_list() == [None, None, None, None, Fault.ID_IS_HMT]
    assert check_document(IdType.HMT_RESIDENCE, hmt, TODAY).birth == frame["birth"][1]
    with pytest.raises(ValueError, match="卡"):
        vector.documents(pl.Series(["卡"]), pl.Series(["1"]), TODAY)


def test_credit_codes_and_cards() -> None:
    good = make_uscc("81", "110101", 1234)
    frame = vector.uscc_codes(pl.Series([good.lower(), None, good[:-1]]))
    assert frame["value"].to_list() == [check_uscc(good), None, None]
    assert frame["fault"].to_list() == [None, Fault.USCC_EMPTY, Fault.USCC_LENGTH]
    assert vector.bank_cards(pl.Series(["6222 0213 0000 0000 005"]))["fault"].null_count() in (0, 1)


def test_empty_columns_and_messages() -> None:
    nothing = pl.Series([], dtype=pl.String)
    for frame in (
        vector.phones(nothing),
        vector.names(nothing),
        vector.dates(nothing),
        vector.uscc_codes(nothing),
    ):
        assert frame.height == 0
    assert vector.resident_ids(nothing, TODAY).schema["birth"] == pl.Date
    said = vector.messages(pl.Series([Fault.ID_SCIENTIFIC.value, None, "新代码"]))
    assert said.to_list() == [MESSAGES[Fault.ID_SCIENTIFIC], None, fault_message("新代码")]
