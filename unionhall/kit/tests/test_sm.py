from __future__ import annotations

import io
from collections.abc import Callable

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from hypothesis import given, settings
from hypothesis import strategies as st

from unionhall.kit.sm import (
    SealBroken,
    SealKey,
    UnknownKey,
    blind_index,
    derive,
    hashing,
    hmac_sm3,
    key_id_of,
    open_chunks,
    open_many,
    open_sealed,
    open_stream,
    seal,
    seal_many,
    seal_stream,
    sm3,
    sm3_hex,
    streams,
)

KEY = SealKey.from_master(7, b"a master key for tests only 0123")
OTHER = SealKey.from_master(300, b"another master key for tests 012")
KEYS = {7: KEY, 300: OTHER}


def test_sm3_vectors_of_the_standard() -> None:
    """GB/T 32905-2016, appendix A."""
    assert sm3_hex(b"abc") == "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"
    assert sm3_hex(b"abcd" * 16) == "debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732"


def test_sm4_vector_of_the_standard() -> None:
    """GB/T 32907-2016, appendix A: the wheel's SM4 is SM4."""
    key = bytes.fromhex("0123456789abcdeffedcba9876543210")
    encryptor = Cipher(algorithms.SM4(key), modes.ECB()).encryptor()
    assert (encryptor.update(key) + encryptor.finalize()).hex() == "681edf34d206965e86b3e94f536e4246"


def test_hmac_follows_its_definition_for_short_and_long_keys() -> None:
    for key in (b"", b"short", b"k" * 64, b"k" * 65, b"k" * 200):
        padded = (sm3(key) if len(key) > 64 else key).ljust(64, b"\0")
        inner = sm3(bytes(byte ^ 0x36 for byte in padded) + b"message")
        assert hmac_sm3(key, b"message") == sm3(bytes(byte ^ 0x5C for byte in padded) + inner)


def test_without_the_interpreters_sm3_the_wheel_answers_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    expected = sm3(b"abc"), hmac_sm3(b"key", b"abc")
    monkeypatch.setattr(hashing, "_IN_INTERPRETER", False)
    hashing._keyed.cache_clear()
    assert (sm3(b"abc"), hmac_sm3(b"key", b"abc")) == expected
    hashing._keyed.cache_clear()


def test_derived_keys_differ_by_purpose_and_length() -> None:
    master = b"m" * 32
    found = {derive(master, "a"), derive(master, "b"), derive(master, "a", 32)[:16], derive(b"n" * 32, "a")}
    assert len(found) == 4
    with pytest.raises(ValueError, match="16 bytes"):
        derive(b"short", "a")


def test_a_blind_index_is_stable_keyed_and_short() -> None:
    first, second, again = blind_index(b"k", [b"1", b"2", b"1"])
    assert first == again == hmac_sm3(b"k", b"1")[:16]
    assert first != second
    assert blind_index(b"other", [b"1"]) != [first]


@settings(deadline=None)
@given(st.lists(st.binary(max_size=70), max_size=12), st.binary(max_size=40))
def test_batches_come_back_in_order_with_mixed_forms_and_keys(values: list[bytes], aad: bytes) -> None:
    batch, other = seal_many(KEY, values, aad), seal_many(OTHER, values, aad)
    single = [seal(KEY, value, aad) for value in values]
    mixed = [blob for trio in zip(batch, other, single, strict=True) for blob in trio]
    assert open_many(KEYS, mixed, aad) == [value for value in values for _ in range(3)]
    assert [open_sealed(KEYS, blob, aad) for blob in batch] == values


def test_a_batch_larger_than_a_slice_keeps_its_order() -> None:
    values = [b"%018d" % number for number in range(30_000)]
    sealed = seal_many(KEY, values)
    assert len(set(sealed)) == len(values)
    assert open_many(KEYS, sealed) == values


def test_equal_values_look_different_and_the_plaintext_does_not_show() -> None:
    first, second = seal_many(KEY, [b"13800001234"] * 2)
    assert first != second
    assert b"1380000" not in first
    assert len(first) == len(seal(KEY, b"13800001234")) == 11 + 31


@pytest.mark.parametrize(
    "make", [lambda value: seal(KEY, value, b"a"), lambda value: seal_many(KEY, [value], b"a")[0]]
)
def test_any_changed_bit_breaks_the_seal(make: Callable[[bytes], bytes]) -> None:
    blob = make(b"11010519491231002X")
    for place in range(len(blob)):
        changed = bytearray(blob)
        changed[place] ^= 1 << (place % 8)
        with pytest.raises(SealBroken):
            open_sealed(KEYS, bytes(changed), b"a")
    for cut in (blob[:-1], blob + b"\0", blob[:10], b""):
        with pytest.raises(SealBroken):
            open_sealed(KEYS, cut, b"a")


@pytest.mark.parametrize(
    "make", [lambda aad: seal(KEY, b"x", aad), lambda aad: seal_many(KEY, [b"x"], aad)[0]]
)
def test_a_value_moved_to_another_place_is_broken(make: Callable[[bytes], bytes]) -> None:
    with pytest.raises(SealBroken):
        open_sealed(KEYS, make(b"members.phone"), b"members.id_number")


def test_the_broken_value_of_a_batch_is_named() -> None:
    sealed = seal_many(KEY, [b"%03d" % number for number in range(100)])
    sealed[41] = sealed[41][:-1] + bytes([sealed[41][-1] ^ 1])
    with pytest.raises(SealBroken) as caught:
        open_many(KEYS, sealed)
    assert caught.value.index == 41


def test_an_unknown_key_is_named_and_key_numbers_can_be_read() -> None:
    blob = seal(OTHER, b"x")
    assert key_id_of(blob) == 300
    with pytest.raises(UnknownKey) as caught:
        open_sealed({7: KEY}, blob)
    assert caught.value.key_id == 300
    with pytest.raises(ValueError, match="key number"):
        SealKey.from_master(0, b"m" * 32)
    assert "single" not in repr(KEY)


SIZES = [0, 1, streams.CHUNK - 1, streams.CHUNK, streams.CHUNK + 1, 3 * streams.CHUNK]


@pytest.mark.parametrize("size", SIZES)
def test_a_file_comes_back(size: int) -> None:
    plain = bytes(range(256)) * (size // 256) + bytes(size % 256)
    sealed, opened = io.BytesIO(), io.BytesIO()
    assert seal_stream(KEY, io.BytesIO(plain), sealed, b"attachment 1") == size
    assert open_stream(KEYS, io.BytesIO(sealed.getvalue()), opened, b"attachment 1") == size
    assert opened.getvalue() == plain


def test_a_source_that_reads_short_is_not_cut() -> None:
    class Trickle(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            return super().read(min(size or 0, 1000))

    sealed = io.BytesIO()
    assert seal_stream(KEY, Trickle(b"x" * 200_000), sealed) == 200_000
    assert b"".join(open_chunks(KEYS, Trickle(sealed.getvalue()))) == b"x" * 200_000


def test_a_file_altered_cut_reordered_or_extended_is_broken() -> None:
    sink = io.BytesIO()
    seal_stream(KEY, io.BytesIO(b"y" * (3 * streams.CHUNK)), sink)
    sealed = sink.getvalue()
    head, chunk = 22, streams.CHUNK + 20
    first, second, third = (sealed[head + n * chunk : head + (n + 1) * chunk] for n in range(3))
    start = sealed[:head]
    wrong = [
        sealed[:-1], sealed + b"!", start + first + second, start, sealed[:10], start + second + first + third,
        start + first + first + second + third, sealed[:6] + bytes(16) + sealed[22:], b"UHS\x02" + sealed[4:],
        sealed[:5] + b"\x63" + sealed[6:], start + b"\xff" * 4 + sealed[26:],
        *(sealed[:place] + bytes([sealed[place] ^ 1]) + sealed[place + 1 :] for place in (7, 23, 30, 70_000, -1)),
    ]  # fmt: skip
    for bad in wrong:
        if bad == sealed:
            continue
        with pytest.raises(SealBroken):
            open_stream(KEYS, io.BytesIO(bad), io.BytesIO())
    with pytest.raises(SealBroken):
        open_stream(KEYS, io.BytesIO(sealed), io.BytesIO(), b"another attachment")
