from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from stdnum.cn import uscc

from unionhall.kit.codes import Sex
from unionhall.kit.faults import MESSAGES, Fault
from unionhall.kit.identifiers import (
    USCC_ALPHABET,
    DocumentFacts,
    IdentifierError,
    IdType,
    check_bank_card,
    check_document,
    check_hmt_residence,
    check_resident_id,
    check_uscc,
    is_union_uscc,
    make_resident_id,
    make_uscc,
    normalise_name,
    normalise_phone,
    normalise_resident_id,
    resident_id_checksum,
)

TODAY = date(2026, 11, 22)
# The examples printed in GB 11643-1999: this one and 440524188001010014.
EXAMPLE = "11010519491231002X"


def fault_of(rule: Callable[[], object]) -> Fault:
    with pytest.raises(IdentifierError) as caught:
        rule()
    assert caught.value.message_zh == MESSAGES[caught.value.code]
    return caught.value.code


def test_every_fault_has_a_chinese_sentence_that_ends() -> None:
    assert set(MESSAGES) == set(Fault)
    assert all(message.endswith("。") for message in MESSAGES.values())


def test_the_standards_example_is_taken_apart() -> None:
    facts = check_resident_id(EXAMPLE, TODAY)
    assert (facts.birth, facts.sex, facts.division_code) == (date(1949, 12, 31), Sex.FEMALE, "110105")
    assert resident_id_checksum("44052418800101001") == "4"


@pytest.mark.parametrize(
    "typed",
    [
        "11010519491231002x",
        " 110105 19491231 002X ",
        "１１０１０５１９４９１２３１００２ｘ",
        "'11010519491231002X",
        "\ufeff11010519491231002Х",
        "11010519491231002×",
    ],
)
def test_a_number_is_put_right(typed: str) -> None:
    assert check_resident_id(typed, TODAY).number == EXAMPLE


@pytest.mark.parametrize(
    ("typed", "fault"),
    [
        ("", Fault.ID_EMPTY),
        ("  ", Fault.ID_EMPTY),
        ("110***********002X", Fault.ID_MASKED),
        ("4.40E+17", Fault.ID_SCIENTIFIC),
        ("1.10105194912310e+17", Fault.ID_SCIENTIFIC),
        ("1.101051949123e+17", Fault.ID_SCIENTIFIC),
        ("110105194912310000.0", Fault.ID_ROUNDED),
        ("110105194912310000", Fault.ID_ROUNDED),
        ("110105491231002", Fault.ID_FIFTEEN),
        ("1101051949123100", Fault.ID_LENGTH),
        ("11010519491231002A", Fault.ID_FORM),
        ("011010519491231002", Fault.ID_FORM),
        ("81000019491231002X", Fault.ID_IS_HMT),
        ("91110519491231002X", Fault.ID_IS_FOREIGN),
        ("11010519490230002X", Fault.ID_DATE),
        ("110105000012310021", Fault.ID_DATE),
        (make_resident_id("110105", date(2026, 11, 23), 2), Fault.ID_FUTURE),
        (make_resident_id("110105", date(1896, 11, 21), 2), Fault.ID_AGE),
        ("110105194912310021", Fault.ID_CHECKSUM),
    ],
)
def test_what_is_wrong_is_named(typed: str, fault: Fault) -> None:
    assert fault_of(lambda: check_resident_id(typed, TODAY)) is fault


def test_today_and_exactly_130_years_ago_are_believed() -> None:
    for birth in (TODAY, date(1896, 11, 22)):
        assert check_resident_id(make_resident_id("110105", birth, 1), TODAY).birth == birth


@given(st.dates(date(1900, 1, 1), TODAY), st.integers(0, 999), st.integers(0, 16), st.integers(1, 9))
def test_one_wrong_digit_never_passes(birth: date, sequence: int, place: int, change: int) -> None:
    number = make_resident_id("320102", birth, sequence)
    wrong = number[:place] + str((int(number[place]) + change) % 10) + number[place + 1 :]
    with pytest.raises(IdentifierError):
        check_resident_id(wrong, TODAY)


@given(st.text(max_size=24))
def test_normalising_is_stable_and_nothing_but_identifier_errors_escape(text: str) -> None:
    once = normalise_resident_id(text)
    if once.isascii():
        assert normalise_resident_id(once) == once
    for id_type in IdType:
        with suppress(IdentifierError):
            assert isinstance(check_document(id_type, text, TODAY), DocumentFacts)


@pytest.mark.parametrize(
    ("id_type", "typed", "number"),
    [
        (IdType.HK_MACAO_PERMIT, "h01234567", "H01234567"),
        (IdType.HK_MACAO_PERMIT, "M01234567 01", "M0123456701"),
        (IdType.TAIWAN_PERMIT, "01234567", "01234567"),
        (IdType.TAIWAN_PERMIT, "0123456789(B)", "0123456789B"),
        (IdType.PASSPORT, " e12345678 ", "E12345678"),
        (IdType.FOREIGN_PERMANENT, "usa310183010101", "USA310183010101"),
    ],
)
def test_other_documents(id_type: IdType, typed: str, number: str) -> None:
    facts = check_document(id_type, typed, TODAY)
    assert (facts.number, facts.birth) == (number, None)


@pytest.mark.parametrize(
    ("id_type", "typed", "fault"),
    [
        (IdType.HK_MACAO_PERMIT, "A01234567", Fault.PERMIT_HK_MACAO),
        (IdType.TAIWAN_PERMIT, "0123456", Fault.PERMIT_TAIWAN),
        (IdType.PASSPORT, "PASSPORT", Fault.PASSPORT_FORM),
        (IdType.PASSPORT, "E1****678", Fault.ID_MASKED),
        (IdType.FOREIGN_PERMANENT, "USA31018301010", Fault.FOREIGN_FORM),
        (IdType.FOREIGN_PERMANENT, EXAMPLE, Fault.FOREIGN_FORM),
        (IdType.HMT_RESIDENCE, EXAMPLE, Fault.HMT_FORM),
        (IdType.PASSPORT, "", Fault.ID_EMPTY),
    ],
)
def test_other_documents_refused(id_type: IdType, typed: str, fault: Fault) -> None:
    assert fault_of(lambda: check_document(id_type, typed, TODAY)) is fault


def test_residence_permits_and_new_foreigner_cards_carry_birth_and_sex() -> None:
    hmt = make_resident_id("830000", date(1990, 3, 7), 123)
    assert check_hmt_residence(hmt, TODAY).sex is Sex.MALE
    foreign = make_resident_id("931840", date(1985, 5, 6), 22)
    facts = check_document(IdType.FOREIGN_PERMANENT, foreign, TODAY)
    assert (facts.birth, facts.sex) == (date(1985, 5, 6), Sex.FEMALE)


def test_kinds_are_recognised_by_the_words_in_use() -> None:
    assert IdType.from_text(" 身份证 ") is IdType.RESIDENT
    assert IdType.from_text("台胞证") is IdType.TAIWAN_PERMIT
    assert IdType.from_text("学生证") is None
    assert all(IdType.from_text(kind.label) is kind for kind in IdType)


@given(st.sampled_from(["81", "89", "91", "12"]), st.integers(0, 99_999_999))
def test_made_credit_codes_satisfy_us_and_stdnum(prefix: str, serial: int) -> None:
    number = make_uscc(prefix, "110105", serial)
    assert check_uscc(number.lower()) == number
    assert uscc.is_valid(number)
    assert is_union_uscc(number) == (prefix in ("81", "89"))


def test_a_real_companys_code_passes() -> None:
    assert check_uscc("91110000600037341L") == "91110000600037341L"


@given(st.integers(0, 99_999_999), st.integers(0, 16), st.integers(1, 30))
def test_one_wrong_character_in_a_credit_code_never_passes(serial: int, place: int, change: int) -> None:
    number = make_uscc("81", "110105", serial)
    wrong = USCC_ALPHABET[(USCC_ALPHABET.index(number[place]) + change) % 31]
    assert fault_of(lambda: check_uscc(number[:place] + wrong + number[place + 1 :])) is Fault.USCC_CHECKSUM


@pytest.mark.parametrize(
    ("typed", "fault"),
    [
        ("", Fault.USCC_EMPTY),
        ("9.1110000600037E+17", Fault.USCC_SCIENTIFIC),
        ("9.11100006000E+17", Fault.USCC_SCIENTIFIC),
        ("110105012345678", Fault.USCC_LENGTH),
        ("9111000060003734IL", Fault.USCC_FORM),
        ("91110000600037342L", Fault.USCC_CHECKSUM),
    ],
)
def test_credit_codes_refused(typed: str, fault: Fault) -> None:
    assert fault_of(lambda: check_uscc(typed)) is fault


@pytest.mark.parametrize(
    "typed",
    ["13800001234", "+86 138-0000-1234", "8613800001234", "0086 13800001234", "１３８００００１２３４", "13800001234.0",
     "(+86)138 0000 1234", "'13800001234"],
)  # fmt: skip
def test_phones_are_put_right(typed: str) -> None:
    assert normalise_phone(typed) == "13800001234"


@pytest.mark.parametrize(
    ("typed", "fault"),
    [
        (" ", Fault.PHONE_EMPTY),
        ("138****1234", Fault.PHONE_MASKED),
        ("1.38E+10", Fault.PHONE_SCIENTIFIC),
        ("13800001234/13900001234", Fault.PHONE_SEVERAL),
        ("010-12345678", Fault.PHONE_LANDLINE),
        ("87654321", Fault.PHONE_LANDLINE),
        ("1380000123", Fault.PHONE_LENGTH),
        ("138000012345", Fault.PHONE_LENGTH),
        ("12800001234", Fault.PHONE_FORM),
        ("1380000l234", Fault.PHONE_FORM),
    ],
)
def test_phones_refused(typed: str, fault: Fault) -> None:
    assert fault_of(lambda: normalise_phone(typed)) is fault


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        (" 张　三 ", "张三"),
        ("买买提•吐尔逊", "买买提·吐尔逊"),
        ("买买提・吐尔逊", "买买提·吐尔逊"),
        ("买买提∙吐尔逊", "买买提·吐尔逊"),
        ("买买提 . 吐尔逊", "买买提·吐尔逊"),
        ("买买提．吐尔逊", "买买提·吐尔逊"),
        ("买买提··吐尔逊", "买买提·吐尔逊"),
        ("𠮷田", "𠮷田"),
        ("Ｊｏｈｎ  Smith", "John Smith"),
        ("Anne-Marie O'Neil", "Anne-Marie O'Neil"),
        ("J. R. Smith", "J. R. Smith"),
    ],
)
def test_names_are_put_right(typed: str, name: str) -> None:
    assert normalise_name(typed) == name
    assert normalise_name(name) == name


@pytest.mark.parametrize(
    ("typed", "fault"),
    [
        ("", Fault.NAME_EMPTY),
        ("张*", Fault.NAME_MASKED),
        ("张三2", Fault.NAME_DIGIT),
        ("张三（女）", Fault.NAME_SYMBOL),
        ("·张三", Fault.NAME_SYMBOL),
        ("=cmd()", Fault.NAME_SYMBOL),
        ("张", Fault.NAME_LENGTH),
        ("张" * 51, Fault.NAME_LENGTH),
    ],
)
def test_names_refused(typed: str, fault: Fault) -> None:
    assert fault_of(lambda: normalise_name(typed)) is fault


@settings(deadline=None)
@given(st.text(max_size=60))
def test_an_accepted_name_is_accepted_unchanged(text: str) -> None:
    try:
        name = normalise_name(text)
    except IdentifierError:
        return
    assert normalise_name(name) == name
    assert 2 <= len(name) <= 50


def test_bank_cards_pass_luhn_or_are_named() -> None:
    assert check_bank_card("4539 1488 0343 6467") == "4539148803436467"
    assert fault_of(lambda: check_bank_card("4539148803436468")) is Fault.CARD_CHECKSUM
    assert fault_of(lambda: check_bank_card("4.53E+15")) is Fault.CARD_SCIENTIFIC
    assert fault_of(lambda: check_bank_card("123")) is Fault.CARD_LENGTH
    assert fault_of(lambda: check_bank_card("")) is Fault.CARD_EMPTY
