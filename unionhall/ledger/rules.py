"""Pure rules of paying: bank numbers, and what an answer of the bank does to a payment."""

from decimal import Decimal

#: Years that a budget or an account book may be of.
YEARS = range(2000, 2100)
#: Words of banks for their two answers.
SUCCESS = frozenset({"成功", "付款成功", "PAID", "00", "0"})
FAILURE = frozenset({"失败", "退汇", "退回", "RETURNED"})
_CARD_LENGTHS = range(16, 20)
_LENGTHS = range(8, 33)


def bank_number(text: str) -> str:
    """Digits of an account number, blanks and hyphens dropped. ValueError (Chinese) for what can't be one."""
    bare = "".join(text.split()).replace("-", "")
    if not bare.isascii() or not bare.isdigit():
        raise ValueError("银行账号只能是数字。请对照银行卡核对。")
    if len(bare) not in _LENGTHS:
        raise ValueError(f"银行账号应为 8 至 32 位数字，现有 {len(bare)} 位。请对照银行卡核对。")
    # UnionPay cards (62…) carry a check digit; accounts of companies and old passbooks do not.
    if bare.startswith("62") and len(bare) in _CARD_LENGTHS and not luhn(bare):
        raise ValueError("银行卡号的校验位不对，可能有一位输错。请对照银行卡核对。")
    return bare


def luhn(digits: str) -> bool:
    """The check of ISO/IEC 7812-1, annex B."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (1 + place % 2)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def read_amount(text: str) -> Decimal | None:
    """A sum in a file: digits with at most two decimals, no sign, no separators; None for anything else."""
    whole, point, cents = text.partition(".")
    if not (whole.isascii() and whole.isdigit() and len(whole) <= 12):
        return None
    if point and not (cents.isascii() and cents.isdigit() and len(cents) <= 2):
        return None
    return Decimal(text).quantize(Decimal("0.01"))


def read_reference(text: str) -> int | None:
    """The key of a payment out of its number FK000000001234; None when it is none."""
    digits = text.strip().removeprefix("FK")
    fits = text.strip().startswith("FK") and len(digits) == 12 and digits.isascii() and digits.isdigit()
    return int(digits) if fits else None


def read_answer(text: str) -> str:
    """ "paid", "returned", or "" for a word that is neither."""
    word = text.strip().upper()
    return "paid" if word in SUCCESS else "returned" if word in FAILURE else ""
