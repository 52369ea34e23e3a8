from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unionhall.kit.codes import ALL_CODE_SETS, ETHNICITY, ChangeType, EmploymentForm, Sex
from unionhall.kit.masking import mask_card, mask_id, mask_name, mask_phone
from unionhall.kit.pinyin import initials, initials_many, sort_key, sort_keys
from unionhall.kit.text import (
    clean,
    header_key,
    number_of,
    one_line,
    safe_cell,
    strip_blanks,
    to_half_width,
)


def test_masks_follow_the_domain_notes() -> None:
    assert mask_name("张三丰") == "张*"
    assert mask_id("11010119900307002X") == "110***********002X"
    assert mask_phone("13800001234") == "138****1234"
    assert mask_card("6222021300000001234") == "**** 1234"
    assert mask_id("E12345678") == "E******78"


@given(st.text(min_size=1, max_size=20))
def test_no_mask_raises_or_shows_everything(text: str) -> None:
    if "*" not in text:
        for mask in (mask_name, mask_id, mask_phone, mask_card):
            assert text not in mask(text)


@pytest.mark.parametrize(
    ("name", "short", "order"),
    [
        ("张小玲", "zxl", "zhang xiao ling"),
        ("单田芳", "stf", "shan tian fang"),
        ("仇英", "qy", "qiu ying"),
        ("解缙", "xj", "xie jin"),
        ("曾国藩", "zgf", "zeng guo fan"),
        ("区少坤", "osk", "ou shao kun"),
        ("查良镛", "zly", "zha liang yong"),
        ("朴树", "ps", "piao shu"),
        ("盖叫天", "gjt", "ge jiao tian"),
        ("乐嘉", "yj", "yue jia"),
        ("覃勇", "qy", "qin yong"),
        ("翟志刚", "zzg", "zhai zhi gang"),
        ("任重", "rz", "ren zhong"),
        ("尉迟恭", "ycg", "yu chi gong"),
        ("万俟卨", "mqx", "mo qi xie"),
        ("长孙皇后", "zshh", "zhang sun huang hou"),
        ("欧阳娜娜", "oynn", "ou yang na na"),
        ("吕布", "lb", "lv bu"),
        ("买买提·吐尔逊", "mmttex", "mai mai ti tu er xun"),
        ("John O'Neil", "jo", "john oneil"),
        ("Ａｎｎ", "a", "ann"),
        ("", "", ""),
        ("★", "", ""),
    ],
)
def test_names_are_read_as_people_say_them(name: str, short: str, order: str) -> None:
    assert (initials(name), sort_key(name)) == (short, order)
    assert initials_many([name]) == [short]
    assert sort_keys([name]) == [order]


@given(st.text(max_size=20))
def test_pinyin_is_plain_ascii(name: str) -> None:
    assert sort_key(name).isascii()
    assert all(char.isalnum() for char in initials(name))


def test_text_is_put_right() -> None:
    assert to_half_width("ＡＢ　１\u200b") == "AB 1"
    assert strip_blanks(" 1\u00a02\u30003 ") == "123"
    assert one_line(" 第一行\n 第二行 ") == "第一行 第二行"
    assert clean("　你好，  世界！ \r\n\r\n再见 \n") == "你好， 世界！\n\n再见"


@pytest.mark.parametrize(
    "heading", ["身份证号", "＊身份证号\n（必填）", " 身份证 号：", "身份证号*(18位)", "【必填】身份证号"]
)
def test_headings_are_recognised(heading: str) -> None:
    assert header_key(heading) == "身份证号"


def test_a_heading_of_brackets_only_keeps_its_words() -> None:
    assert header_key("（备注）") == "(备注)"


@pytest.mark.parametrize("cell", ["=1+1", "+86", "-1", "@x", "\tx", "\rx", "＝1+1"])
def test_formulas_are_neutralised(cell: str) -> None:
    assert safe_cell(cell) == "'" + cell
    assert safe_cell(safe_cell(cell)) == safe_cell(cell)


def test_ordinary_cells_stay() -> None:
    assert safe_cell("张三") == "张三"
    assert safe_cell("") == ""


def test_code_sets_are_complete_and_read_labels_and_short_names() -> None:
    assert len([code for code in ETHNICITY.labels if code <= "56"]) == 56
    assert (ETHNICITY.label("05"), ETHNICITY.label("56")) == ("维吾尔族", "基诺族")
    assert ETHNICITY.code_of("汉") == ETHNICITY.code_of("汉族") == ETHNICITY.code_of("01") == "01"
    assert ALL_CODE_SETS["Education"].code_of("大专") == "30"
    assert ALL_CODE_SETS["Sex"].code_of("男") == Sex.MALE
    assert ALL_CODE_SETS["Sex"].code_of("男人婆") is None
    assert ALL_CODE_SETS["Industry"].label("?") == "?"
    assert list(ALL_CODE_SETS["Industry"].labels) == list("ABCDEFGHIJKLMNOPQRST")
    for table in ALL_CODE_SETS.values():
        assert table.source
        assert table.certainty
        assert set(table.synonyms.values()) <= set(table.labels), table.name
        assert all(table.code_of(label) == code for code, label in table.choices())


def test_enumerated_codes_carry_their_labels() -> None:
    assert ChangeType("3") is ChangeType.RETAINED
    assert ChangeType.RETAINED.label == "保留会籍"
    assert (EmploymentForm.choices()[0], str(EmploymentForm.PLATFORM)) == (("1", "合同制"), "5")
    assert ALL_CODE_SETS["EmploymentForm"].title == "用工形式"


@pytest.mark.parametrize(
    ("text", "number"),
    [("0", 0), ("0012", 12), ("9" * 18, 10**18 - 1), ("", None), ("²", None), ("１２", None), ("-1", None),
     (" 1", None), ("1.0", None), ("9" * 19, None), ("9" * 5000, None)],
    ids=lambda value: str(value)[:20],
)  # fmt: skip
def test_a_rows_number_is_plain_digits(text: str, number: int | None) -> None:
    assert number_of(text) == number
