"""Pictures written anew: what is seen stays, what is not seen goes, what is not a picture is refused."""

import struct
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unionhall.kit.pictures import NotAPicture, rewrite


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png(*between: bytes, size: tuple[int, int] = (1, 1), tail: bytes = b"") -> bytes:
    header = struct.pack(">IIBBBBB", *size, 8, 2, 0, 0, 0)
    pixels = zlib.compress(b"\0\xff\0\0")
    parts = [chunk(b"IHDR", header), *between, chunk(b"IDAT", pixels), chunk(b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts) + tail


def segment(marker: int, body: bytes) -> bytes:
    return bytes([0xFF, marker]) + struct.pack(">H", len(body) + 2) + body


def exif(order: str, turn: int) -> bytes:
    mark = b"II*\0" if order == "<" else b"MM\0*"
    entries = struct.pack(f"{order}HHIHH", 274, 3, 1, turn, 0) + struct.pack(f"{order}HHII", 0x8825, 4, 1, 99)
    place = struct.pack(f"{order}I", 8)
    return (
        b"Exif\0\0"
        + mark
        + place
        + struct.pack(f"{order}H", 2)
        + entries
        + b"\0\0\0\0 GPS 30.5928N 114.3055E"
    )


def jpeg(*between: bytes, tail: bytes = b"", size: tuple[int, int] = (1, 1)) -> bytes:
    frame = segment(0xC0, b"\x08" + struct.pack(">HH", *size) + b"\x01\x01\x11\0")
    scan = segment(0xDA, b"\x01\x01\0\0\x3f\0") + b"\x12\xff\0\x34\xff\xd0\x56"
    tables = segment(0xDB, b"\0" + b"\x01" * 64) + segment(0xC4, b"\0" + b"\0" * 16)
    return b"\xff\xd8" + b"".join(between) + tables + frame + scan + b"\xff\xd9" + tail


def test_text_and_riders_go_from_a_png() -> None:
    found = rewrite(png(chunk(b"tEXt", b"Author\0Zhang"), chunk(b"eXIf", b"GPS"), tail=b"<script>PK\x03\x04"))
    assert found == png()


def test_places_comments_and_riders_go_from_a_jpeg_its_way_up_stays() -> None:
    riders = segment(0xE1, exif("<", 6)), segment(0xFE, b"comment"), segment(0xE2, b"profile")
    picture = jpeg(*riders, tail=b"PK\x03\x04")
    found = rewrite(picture)
    for gone in (b"GPS", b"comment", b"profile", b"PK\x03\x04"):
        assert gone not in found
    assert rewrite(found) == found
    assert b"Exif" in found
    assert rewrite(jpeg(segment(0xE1, exif(">", 6)))) == found
    assert b"Exif" not in rewrite(jpeg(segment(0xE1, exif("<", 1))))


@pytest.mark.parametrize(
    "content",
    [
        b"", b"\xff\xd8\xff", b"<svg onload=x>", b"GIF89a", png()[:-3], jpeg()[:-2], png(size=(60000, 60000)),
        jpeg(size=(65000, 65000)), png(size=(0, 1)),
        png(chunk(b"EvIL", b"x")), b"\xff\xd8\xff\xd9", png()[:8] + png()[8:33] * 2,
        b"\xff\xd8" + segment(0xC9, b"x" * 10) + b"\xff\xd9",
    ],
)  # fmt: skip
def test_what_is_no_picture_is_refused(content: bytes) -> None:
    with pytest.raises(NotAPicture):
        rewrite(content)


@given(st.binary(max_size=300), st.integers(0, 200), st.booleans())
def test_whatever_comes_is_a_picture_or_refused(noise: bytes, place: int, as_png: bool) -> None:
    whole = png() if as_png else jpeg(segment(0xE1, exif("<", 3)))
    for content in (noise, whole[:place] + noise + whole[place:], whole[:2] + noise):
        try:
            found = rewrite(content)
        except NotAPicture:
            continue
        assert rewrite(found) == found
