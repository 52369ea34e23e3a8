from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unionhall.kit.tokens import (
    PAPER_SECONDS,
    TOKEN_LENGTH,
    CardKind,
    TokenError,
    TokenFault,
    new_private_key,
    private_key_bytes,
    private_key_from,
    public_key_bytes,
    public_key_from,
    read_card,
    sign_card,
    window_start,
)

KEY = private_key_from(bytes(range(32)))
KEYS = {3: public_key_from(public_key_bytes(KEY))}
NOW = 1_795_000_017
START = window_start(NOW)
TOKEN = sign_card(KEY, 3, 320_102_000_001, START, flags=5)


def fault_of(token: str, now: int = NOW) -> TokenFault:
    with pytest.raises(TokenError) as caught:
        read_card(token, KEYS, now)
    assert caught.value.message_zh.endswith("。")
    return caught.value.code


def test_a_genuine_code_says_what_was_signed() -> None:
    claim = read_card(TOKEN, KEYS, NOW)
    assert (claim.kind, claim.key_id, claim.card, claim.start, claim.ttl_seconds, claim.flags) == (
        CardKind.LIVE, 3, 320_102_000_001, START, 30, 5,
    )  # fmt: skip
    assert read_card(TOKEN.lower() + "\n", KEYS, NOW) == claim


def test_a_code_fits_the_small_qr_alphabet() -> None:
    assert re.fullmatch(r"[A-Z2-7]+", TOKEN)
    assert len(TOKEN) == TOKEN_LENGTH == 133


def test_one_window_of_tolerance_on_either_side() -> None:
    assert read_card(TOKEN, KEYS, START - 30)
    assert read_card(TOKEN, KEYS, START + 59)
    assert fault_of(TOKEN, START - 31) is TokenFault.EARLY
    assert fault_of(TOKEN, START + 60) is TokenFault.EXPIRED


def test_a_paper_code_lives_180_days() -> None:
    paper = sign_card(KEY, 3, 1, START, PAPER_SECONDS, kind=CardKind.PAPER)
    assert read_card(paper, KEYS, START + 179 * 86_400).kind is CardKind.PAPER
    assert fault_of(paper, START + 181 * 86_400) is TokenFault.EXPIRED


@given(st.integers(0, TOKEN_LENGTH - 1), st.sampled_from("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"))
def test_no_other_spelling_of_a_code_is_accepted(place: int, char: str) -> None:
    other = TOKEN[:place] + char + TOKEN[place + 1 :]
    if other != TOKEN:
        assert fault_of(other) in {TokenFault.FORGED, TokenFault.MALFORMED, TokenFault.UNKNOWN_KEY}


@given(st.text(max_size=140))
def test_anything_else_is_refused_politely(text: str) -> None:
    assert fault_of(text) is TokenFault.MALFORMED


def test_another_issuers_code_is_forged_or_unknown() -> None:
    stranger = new_private_key()
    assert fault_of(sign_card(stranger, 3, 1, START)) is TokenFault.FORGED
    assert fault_of(sign_card(stranger, 4, 1, START)) is TokenFault.UNKNOWN_KEY
    assert private_key_bytes(private_key_from(private_key_bytes(stranger))) == private_key_bytes(stranger)


def test_numbers_that_do_not_fit_are_refused() -> None:
    with pytest.raises(ValueError, match="fit"):
        sign_card(KEY, 256, 1, START)
    with pytest.raises(ValueError, match="fit"):
        sign_card(KEY, 1, -1, START)
