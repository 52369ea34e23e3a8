"""What can be wrong with a typed value, and the plain Chinese sentence that says what to do about it.

One table for the scalar rules (`identifiers`, `dates`) and the column rules (`vector`).
"""

from __future__ import annotations

from enum import StrEnum

__all__ = ["MESSAGES", "Fault", "IdentifierError", "fault_message"]


class Fault(StrEnum):
    """Stable code of one kind of mistake; stored beside a refused row."""

    ID_EMPTY = "id.empty"
    ID_MASKED = "id.masked"
    ID_SCIENTIFIC = "id.scientific"
    ID_ROUNDED = "id.rounded"
    ID_FIFTEEN = "id.fifteen"
    ID_LENGTH = "id.length"
    ID_FORM = "id.form"
    ID_IS_HMT = "id.is_hmt"
    ID_IS_FOREIGN = "id.is_foreign"
    ID_DATE = "id.date"
    ID_FUTURE = "id.future"
    ID_AGE = "id.age"
    ID_CHECKSUM = "id.checksum"
    HMT_FORM = "hmt.form"
    PERMIT_HK_MACAO = "permit.hk_macao"
    PERMIT_TAIWAN = "permit.taiwan"
    PASSPORT_FORM = "passport.form"
    FOREIGN_FORM = "foreign.form"
    USCC_EMPTY = "uscc.empty"
    USCC_SCIENTIFIC = "uscc.scientific"
    USCC_LENGTH = "uscc.length"
    USCC_FORM = "uscc.form"
    USCC_CHECKSUM = "uscc.checksum"
    PHONE_EMPTY = "phone.empty"
    PHONE_MASKED = "phone.masked"
    PHONE_SCIENTIFIC = "phone.scientific"
    PHONE_SEVERAL = "phone.several"
    PHONE_LANDLINE = "phone.landline"
    PHONE_LENGTH = "phone.length"
    PHONE_FORM = "phone.form"
    NAME_EMPTY = "name.empty"
    NAME_MASKED = "name.masked"
    NAME_DIGIT = "name.digit"
    NAME_SYMBOL = "name.symbol"
    NAME_LENGTH = "name.length"
    CARD_EMPTY = "card.empty"
    CARD_SCIENTIFIC = "card.scientific"
    CARD_LENGTH = "card.length"
    CARD_CHECKSUM = "card.checksum"
    DATE_EMPTY = "date.empty"
    DATE_YEAR_ONLY = "date.year_only"
    DATE_FORM = "date.form"
    DATE_IMPOSSIBLE = "date.impossible"
    DATE_RANGE = "date.range"


_LOST_DIGITS = (
    "Excel 已把{0}转成科学计数法，末尾数字已丢失，无法恢复。请把该列设为“文本”格式，再按原始证件重新填写{0}。"
)

MESSAGES: dict[Fault, str] = {
    Fault.ID_EMPTY: "请填写证件号码。",
    Fault.ID_MASKED: "证件号码里有“*”，是打码后的号码。请填写完整号码。",
    Fault.ID_SCIENTIFIC: _LOST_DIGITS.format("身份证号"),
    Fault.ID_ROUNDED: (
        "身份证号曾被 Excel 当作数字保存，末尾数字已变成 0。请把该列设为“文本”格式，再按身份证重新填写。"
    ),
    Fault.ID_FIFTEEN: (
        "这是 15 位的第一代身份证号，第一代身份证自 2013 年 1 月 1 日起停止使用。"
        "请填写第二代身份证上的 18 位号码。"
    ),
    Fault.ID_LENGTH: "身份证号应为 18 位。请核对是否多填或少填。",
    Fault.ID_FORM: "身份证号前 17 位应为数字，最后一位应为数字或 X。请核对后重新填写。",
    Fault.ID_IS_HMT: "这是港澳台居民居住证号码。请把证件类型改为“港澳台居民居住证”。",
    Fault.ID_IS_FOREIGN: "这是外国人永久居留身份证号码。请把证件类型改为“外国人永久居留身份证”。",
    Fault.ID_DATE: "号码第 7 至 14 位的出生日期不存在。请对照证件核对。",
    Fault.ID_FUTURE: "号码里的出生日期晚于今天。请对照证件核对。",
    Fault.ID_AGE: "按号码里的出生日期，年龄已超过 130 岁。请对照证件核对。",
    Fault.ID_CHECKSUM: "号码校验未通过，很可能有一位数字填错。请对照证件逐位核对。",
    Fault.HMT_FORM: "港澳台居民居住证号码应为 18 位，以 810000、820000 或 830000 开头。请核对。",
    Fault.PERMIT_HK_MACAO: "港澳居民来往内地通行证号码应为 H 或 M 加 8 位数字（旧版另加 2 位）。请核对。",
    Fault.PERMIT_TAIWAN: "台湾居民来往大陆通行证号码应为 8 位数字（旧版为 10 位，可带 1 位字母）。请核对。",
    Fault.PASSPORT_FORM: "护照号码应为 5 至 15 位字母和数字，且至少含一位数字。请核对。",
    Fault.FOREIGN_FORM: (
        "外国人永久居留身份证号码应为 18 位（以 9 开头），或旧版 15 位（3 个字母加 12 位数字）。请核对。"
    ),
    Fault.USCC_EMPTY: "请填写统一社会信用代码。",
    Fault.USCC_SCIENTIFIC: _LOST_DIGITS.format("统一社会信用代码"),
    Fault.USCC_LENGTH: "统一社会信用代码应为 18 位。15 位的是旧工商注册号，请填写新执照上的代码。",
    Fault.USCC_FORM: (
        "统一社会信用代码只含数字和大写字母，不用 I、O、S、V、Z。请核对是否把 0 写成 O、把 1 写成 I。"
    ),
    Fault.USCC_CHECKSUM: "统一社会信用代码校验未通过，很可能有一位填错。请对照证书逐位核对。",
    Fault.PHONE_EMPTY: "请填写手机号。",
    Fault.PHONE_MASKED: "手机号里有“*”，是打码后的号码。请填写完整号码。",
    Fault.PHONE_SCIENTIFIC: _LOST_DIGITS.format("手机号"),
    Fault.PHONE_SEVERAL: "这里填了多个号码。请只填一个手机号。",
    Fault.PHONE_LANDLINE: "这是固定电话。请填写 11 位手机号。",
    Fault.PHONE_LENGTH: "手机号应为 11 位数字。请核对是否多填或少填。",
    Fault.PHONE_FORM: "手机号应以 1 开头，第二位为 3 至 9，全部为数字。请核对。",
    Fault.NAME_EMPTY: "请填写姓名。",
    Fault.NAME_MASKED: "姓名里有“*”，是打码后的姓名。请填写完整姓名。",
    Fault.NAME_DIGIT: "姓名里不能有数字。请按证件填写。",
    Fault.NAME_SYMBOL: "姓名里有不能使用的符号。请按证件填写，少数民族和外国人姓名用“·”分隔。",
    Fault.NAME_LENGTH: "姓名应为 2 至 50 个字。请按证件填写全名。",
    Fault.CARD_EMPTY: "请填写银行卡号。",
    Fault.CARD_SCIENTIFIC: _LOST_DIGITS.format("银行卡号"),
    Fault.CARD_LENGTH: "银行卡号应为 13 至 19 位数字。请核对。",
    Fault.CARD_CHECKSUM: "银行卡号校验未通过，很可能有一位填错。请对照银行卡逐位核对。",
    Fault.DATE_EMPTY: "请填写日期。",
    Fault.DATE_YEAR_ONLY: "只填了年份。请填写年月日，例如 2019-03-01；不知道日的，填 2019-03。",
    Fault.DATE_FORM: "看不懂这个日期。请写成 2019-03-01 这样的格式。",
    Fault.DATE_IMPOSSIBLE: "日历上没有这一天。请核对年、月、日。",
    Fault.DATE_RANGE: "日期应在 1900 年至 2100 年之间。请核对年份。",
}


class IdentifierError(ValueError):
    """A value that cannot be accepted. `code` is stable, `message_zh` is shown to the person as it is."""

    def __init__(self, code: Fault) -> None:
        self.code = code
        self.message_zh = MESSAGES[code]
        super().__init__(self.message_zh)


def fault_message(code: str) -> str:
    """The sentence for a stored fault code; an unknown code answers a general request to check."""
    try:
        return MESSAGES[Fault(code)]
    except ValueError:
        return "填写有误。请核对后重新填写。"
