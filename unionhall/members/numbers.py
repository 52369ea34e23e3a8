"""Member and card numbers, given out in SQL so that one statement numbers one person or a million.

Member number (12 digits): first four digits of the union's division, then an eight-digit sequence.
Card number (16 digits): six digits of the division, a nine-digit sequence, a Luhn digit (ISO/IEC 7812-1).
"""

# ruff: noqa: S608 - the statements are built from our own column names; every value is a parameter
from __future__ import annotations

from django.db import connection

__all__ = [
    "card_body_sql",
    "card_number_sql",
    "luhn_digit",
    "luhn_digit_sql",
    "member_number_sql",
    "next_card_number",
    "next_member_number",
]

_BODY_DIGITS = 15


def member_number_sql(division: str) -> str:
    """SQL text of a new member number; `division` is an SQL expression such as `organisation.division`."""
    return f"rpad(left({division}, 4), 4, '0') || lpad(nextval('members_member_number')::text, 8, '0')"


def card_body_sql(division: str) -> str:
    """SQL bigint of the first fifteen digits of a new card number. Volatile: evaluate it once, in a sub-select."""
    return f"(rpad(left({division}, 6), 6, '0')::bigint * 1000000000 + nextval('members_card_number'))"


def luhn_digit_sql(body: str) -> str:
    """SQL integer: the check digit of fifteen digits held as a bigint. `body` is named fifteen times: a column."""
    terms = []
    for place in range(_BODY_DIGITS):
        digit = f"{body} / {10**place} % 10"
        terms.append(f"({digit}) * 2 / 10 + ({digit}) * 2 % 10" if place % 2 == 0 else f"{digit}")
    return f"((10 - ({' + '.join(terms)}) % 10) % 10)"


def card_number_sql(body: str) -> str:
    """SQL text of the sixteen digits from a column that holds `card_body_sql`."""
    return f"{body}::text || {luhn_digit_sql(body)}::text"


def luhn_digit(body: str) -> str:
    """The check digit of a string of digits. Source: ISO/IEC 7812-1 annex B."""
    digits = [int(char) for char in reversed(body)]
    total = sum(digits[1::2]) + sum(sum(divmod(2 * digit, 10)) for digit in digits[0::2])
    return str(-total % 10)


def next_member_number(division: str) -> str:
    """One new member number for a union in this division (one query)."""
    return _one(f"SELECT {member_number_sql('%s')}", division)


def next_card_number(division: str) -> str:
    """One new card number for a union in this division (one query)."""
    body = f"(SELECT {card_body_sql('%s')} AS body) AS numbered"
    return _one(f"SELECT {card_number_sql('body').replace(' % 10', ' %% 10')} FROM {body}", division)


def _one(query: str, division: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute(query, [division])
        (number,) = cursor.fetchone()
    return str(number)
