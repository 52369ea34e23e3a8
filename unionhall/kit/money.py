"""Yuan as Decimal: shown with two decimals and thousands, in capitals on forms, read back from both."""

from __future__ import annotations

import re
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

from unionhall.kit.text import strip_blanks

__all__ = ["MoneyError", "capitals", "cents", "parse_capitals", "parse_yuan", "yuan"]

LARGEST = Decimal("9999999999999999.99")
_CENT = Decimal("0.01")
_DIGITS = "零壹贰叁肆伍陆柒捌玖"
_PLACES = ("", "拾", "佰", "仟")
_UNITS = {"万": 10_000, "亿": 100_000_000}
_PLAIN = re.compile(r"-?(?:\d+|\d{1,3}(?:,\d{3})+)(?:\.\d+)?", re.ASCII)
_VARIANTS = str.maketrans("〇一二三四五六七八九两十百千圆園萬億", "零壹贰叁肆伍陆柒捌玖贰拾佰仟元元万亿")


class MoneyError(ValueError):
    """An amount that cannot be read or written; `message_zh` is shown to the person."""

    def __init__(self, message_zh: str) -> None:
        self.message_zh = message_zh
        super().__init__(message_zh)


def cents(amount: Decimal | int) -> Decimal:
    """The amount rounded half up to the cent (分)."""
    return Decimal(amount).quantize(_CENT, ROUND_HALF_UP)


def yuan(amount: Decimal | int | None) -> str:
    """1234.5 → 1,234.50; None → an empty string."""
    return "" if amount is None else f"{cents(amount):,.2f}"


def parse_yuan(text: str) -> Decimal:
    """Reads 1,234.5, ￥1234.50, 1234元 and 1.2万元. MoneyError when unreadable or finer than a cent."""
    bare = strip_blanks(text).removeprefix("人民币").lstrip("¥￥").removesuffix("元")
    factor = 1
    if bare.endswith("万"):
        bare, factor = bare[:-1], 10_000
    if not bare:
        raise MoneyError("请填写金额。")
    if not _PLAIN.fullmatch(bare):
        raise MoneyError("看不懂这个金额。请填写数字，例如 1234.50。")
    try:
        amount = Decimal(bare.replace(",", "")) * factor
        rounded = amount.quantize(_CENT)
    except InvalidOperation:
        raise MoneyError("金额太大。请核对小数点和位数。") from None
    if rounded != amount:
        raise MoneyError("金额最多到分，即两位小数。请核对。")
    if abs(rounded) > LARGEST:
        raise MoneyError("金额太大。请核对小数点和位数。")
    return rounded


def capitals(amount: Decimal | int) -> str:
    """人民币大写: 1234.5 → 壹仟贰佰叁拾肆元伍角整. MoneyError above ten quadrillion yuan.

    Source: 《支付结算办法》附一《正确填写票据和结算凭证的基本规定》 (银发〔1997〕393号).
    """
    value = cents(amount)
    if abs(value) > LARGEST:
        raise MoneyError("金额太大，无法写成大写。")
    whole, fraction = divmod(int(abs(value) * 100), 100)
    jiao, fen = divmod(fraction, 10)
    text = f"{_whole_capitals(whole)}元" if whole or not fraction else ""
    if jiao:
        text += f"{_DIGITS[jiao]}角"
    elif fen and whole:
        text += "零"
    text += f"{_DIGITS[fen]}分" if fen else "整"
    return ("负" if value < 0 else "") + text


def _whole_capitals(whole: int) -> str:
    """Above 万 and 亿 the same rule repeats, so a trillion is 万亿 as forms in use write it, never 兆."""
    for unit, name in ((100_000_000, "亿"), (10_000, "万")):
        if whole >= unit:
            high, low = divmod(whole, unit)
            gap = "零" if 0 < low < unit // 10 else ""
            return _whole_capitals(high) + name + gap + (_whole_capitals(low) if low else "")
    return _group_capitals(whole) if whole else "零"


def _group_capitals(group: int) -> str:
    """One to four digits, with a single 零 for inner zeros."""
    text = ""
    gap = False
    for place in range(3, -1, -1):
        digit = group // 10**place % 10
        if digit:
            text += ("零" if gap and text else "") + _DIGITS[digit] + _PLACES[place]
            gap = False
        else:
            gap = True
    return text


def parse_capitals(text: str) -> Decimal:
    """The amount that capitals (or everyday numerals) name. MoneyError when they name none."""
    bare = strip_blanks(text).removeprefix("人民币").lstrip(":").translate(_VARIANTS)
    sign = -1 if bare.startswith("负") else 1
    bare = bare.removeprefix("负").rstrip("整正")
    match = re.fullmatch(
        rf"(?:(?P<whole>[{_DIGITS}拾佰仟万亿]+)元)?零?(?:(?P<jiao>[{_DIGITS}])角)?零?(?:(?P<fen>[{_DIGITS}])分)?",
        bare,
    )
    if not bare or match is None:
        raise MoneyError("看不懂这个大写金额。请按“壹仟贰佰元整”的写法填写。")
    whole = _parse_whole(match["whole"]) if match["whole"] else 0
    jiao, fen = (_DIGITS.index(match[part]) if match[part] else 0 for part in ("jiao", "fen"))
    return sign * (Decimal(whole) + Decimal(jiao * 10 + fen) / 100).quantize(_CENT)


def _parse_whole(text: str) -> int:
    total = section = digit = 0
    for char in text:
        if char in _DIGITS:
            digit = _DIGITS.index(char)
        elif char in _PLACES:
            section += (digit or (1 if char == "拾" else 0)) * 10 ** _PLACES.index(char)
            digit = 0
        else:
            # 亿 after 万 multiplies everything before it: 壹万亿.
            unit = _UNITS[char]
            section += digit
            if total and total < unit:
                total = (total + section) * unit
            else:
                total += section * unit
            section = digit = 0
    return total + section + digit
