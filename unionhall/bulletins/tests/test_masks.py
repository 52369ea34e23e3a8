"""What may stand in public: numbers and illness are refused in every disguise, ordinary lists are not."""

from datetime import date

import pytest

from unionhall.bulletins.rules import extended, illness, last_day, personal_number, unfit
from unionhall.kit.identifiers import resident_id_checksum
from unionhall.kit.workdays import Calendar

ID = "42010319880304123"
ID += resident_id_checksum(ID)


@pytest.mark.parametrize(
    "text",
    [
        ID,
        f"证号{ID}",
        ID.lower(),
        f"Z{ID}",  # an old certificate, numbered by its holder
        f"{ID[:6]} {ID[6:14]} {ID[14:]}",
        "420103880304123",  # fifteen digits
        "4201**********1234",
        "４２０１０３１９８８０３０４１２３４",  # full width
        "13800001234",
        "138-0000-1234",
        "138 0000 1234",
        "138.0000.1234",
        "138\u200b0000\u200b1234",
        "138****1234",
        "电话+8613800001234",
        "一三八〇〇〇〇一二三四",
        "①③⑧0000①②③④",
        "①13800001234",  # an item of a list, then a number
        "1 13800001234",
        "AB13800001234",
        "138 0000 1234 139 0000 5678",
        "027-87654321",
        "联系电话：87654321",
        "手机尾号1234",
        "身份证后四位：1234",
        "6222021234567890123",
        "2026112200012",  # as long as an account
    ],
)
def test_a_personal_number_is_seen(text: str) -> None:
    assert personal_number(text) is not None


@pytest.mark.parametrize(
    "text",
    [
        "1,000.00",
        "2026-11-22 至 2026-11-27",
        "2026.11.22-2026.11.27",
        "二〇二六年十一月二十二日",
        "RH2026112200012",
        "数控车工（高级技师）",
        "张*",
        "江城市第 138 路公交车队",
        "12351",
        "92420103MA4K2ABC3X",  # a firm's credit code
    ],
)
def test_ordinary_texts_are_let_through(text: str) -> None:
    assert unfit(text) is None


@pytest.mark.parametrize(
    "text", ["肺癌", "大病救助", "尿毒症透析", "因残疾致困", "HIV", "ｈｉｖ".upper(), "住院 12 天", "糖尿病"]
)
def test_illness_is_seen(text: str) -> None:
    assert illness(text) is not None


def test_a_unit_may_be_named_after_an_illness_but_not_carry_a_number() -> None:
    assert unfit("江城市疾病预防控制中心", unit=True) is None
    assert unfit("江城市肿瘤医院 13800001234", unit=True) == "含有手机号"


def test_a_whole_name_is_refused_in_other_columns() -> None:
    assert unfit("张海林等三人", whole_names=("李建国", "张海林")) == "写出了姓名全称"
    assert unfit("海林街道", whole_names=("林",)) is None


def test_days_count_working_days_and_a_pause_gives_them_back() -> None:
    calendar = Calendar()
    friday = date(2026, 11, 20)
    assert last_day(friday, 5, calendar) == date(2026, 11, 27)
    # Three working days of pause over a week-end: Thursday to Tuesday.
    assert extended(date(2026, 11, 27), date(2026, 11, 26), date(2026, 12, 1), calendar) == date(2026, 12, 2)
    assert extended(friday, friday, friday, calendar) == friday
    with pytest.raises(ValueError, match="on or after"):
        extended(friday, friday, date(2026, 11, 19), calendar)
    with pytest.raises(ValueError, match="at least one"):
        last_day(friday, 0, calendar)
