"""Pictures written anew from their parts: pixels, size and colours stay; places, names, thumbnails and riders go.

Nothing is decoded, so that no decoder can be attacked. A file that is not built exactly as its format says is refused.
Sources: PNG third edition (W3C 2025) §5; ITU-T T.81 (JPEG) annex B; Exif 2.3 §4.6.4 (orientation, tag 274).
"""

import struct
import zlib

#: Larger than any phone's camera; decoding more fills the reader's memory.
MAX_PIXELS = 120_000_000
_PNG = b"\x89PNG\r\n\x1a\n"
#: What a picture needs; text, times, profiles and private chunks are not among it.
_CHUNKS = {b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"gAMA", b"sRGB", b"cHRM", b"pHYs"}
_FRAMES = {0xC0, 0xC1, 0xC2}
_TABLES = {0xC4, 0xDB, 0xDD}
_SOI, _EOI, _SOS, _APP0, _APP1, _APP14 = 0xD8, 0xD9, 0xDA, 0xE0, 0xE1, 0xEE


class NotAPicture(ValueError):
    """The file is not what its format says, or has more pixels than may be opened."""


def rewrite(content: bytes) -> bytes:
    """A PNG or JPEG of the same pixels without anything else. Raises NotAPicture."""
    try:
        return _png(content) if content.startswith(_PNG) else _jpeg(content)
    except (struct.error, IndexError) as cut:
        raise NotAPicture("the file is cut") from cut


def _require(well: bool, what: str) -> None:
    if not well:
        raise NotAPicture(what)


def _small_enough(width: int, height: int) -> None:
    _require(width > 0 and height > 0 and width * height <= MAX_PIXELS, "no size, or too many pixels")


def _png(content: bytes) -> bytes:
    kept, place, seen = [_PNG], len(_PNG), set[bytes]()
    while place < len(content):
        length, kind = struct.unpack_from(">I4s", content, place)
        end = place + 12 + length
        _require(end <= len(content), "a chunk is cut")
        (crc,) = struct.unpack_from(">I", content, end - 4)
        _require(zlib.crc32(content[place + 4 : end - 4]) == crc, "a chunk's checksum is wrong")
        _require((kind == b"IHDR") == (place == len(_PNG)), "the header is not first")
        if kind == b"IHDR":
            _small_enough(*struct.unpack_from(">II", content, place + 8))
        if kind in _CHUNKS:
            kept.append(content[place:end])
            seen.add(kind)
        else:
            # An upper-case first letter says that the picture can't be shown without it.
            _require(bool(kind[0] & 0x20), "a needed chunk is unknown")
        place = end
        if kind == b"IEND":
            break
    _require({b"IHDR", b"IDAT", b"IEND"} <= seen, "a part is missing")
    return b"".join(kept)


def _jpeg(content: bytes) -> bytes:
    _require(content[:2] == b"\xff\xd8", "not a picture")
    kept, place, sized, scanned, turn = [b"\xff\xd8"], 2, False, False, 1
    while True:
        _require(content[place] == 0xFF, "a marker is missing")
        while content[place + 1] == 0xFF:
            place += 1
        marker = content[place + 1]
        if marker == _EOI:
            break
        (length,) = struct.unpack_from(">H", content, place + 2)
        end = place + 2 + length
        _require(length >= 2 and end <= len(content), "a segment is cut")
        segment = content[place:end]
        if marker in _FRAMES:
            height, width = struct.unpack_from(">HH", segment, 5)
            _small_enough(width, height)
            sized = True
        elif marker == _APP1 and segment[4:10] == b"Exif\0\0":
            turn = _orientation(segment[10:])
        _require(
            marker in _FRAMES | _TABLES | {_SOS, 0xFE} or 0xE0 <= marker <= 0xEF,
            f"an unknown marker {marker:x}",
        )
        if marker in _FRAMES | _TABLES | {_SOS} or (marker == _APP0 and segment[4:8] == b"JFIF"):
            # The thumbnail of a JFIF header is cut off.
            kept.append(_jfif(segment) if marker == _APP0 else segment)
        elif marker == _APP14 and segment[4:9] == b"Adobe":
            kept.append(segment)
        place = end
        if marker == _SOS:
            scanned, start = True, place
            place = _end_of_scan(content, place)
            kept.append(content[start:place])
    _require(sized and scanned, "a part is missing")
    if turn != 1:
        kept.insert(1, _turned(turn))
    return b"".join([*kept, b"\xff\xd9"])


def _end_of_scan(content: bytes, place: int) -> int:
    """The next marker that is neither a stuffed byte nor a restart."""
    while True:
        place = content.find(b"\xff", place)
        _require(0 <= place < len(content) - 1, "the scan has no end")
        following = content[place + 1]
        if following != 0 and not 0xD0 <= following <= 0xD7 and following != 0xFF:
            return place
        place += 1 if following == 0xFF else 2


def _jfif(segment: bytes) -> bytes:
    return b"\xff\xe0\x00\x10" + segment[4:16] + b"\0\0"


def _orientation(tiff: bytes) -> int:
    """Which way up a phone held the camera (1–8); 1 when it does not say."""
    order = {b"II": "<", b"MM": ">"}.get(tiff[:2])
    if order is None or len(tiff) < 10:
        return 1
    (place,) = struct.unpack_from(f"{order}I", tiff, 4)
    if place + 2 > len(tiff):
        return 1
    (count,) = struct.unpack_from(f"{order}H", tiff, place)
    for number in range(min(count, 64)):
        entry = place + 2 + number * 12
        if entry + 12 > len(tiff):
            return 1
        tag, _, _, value = struct.unpack_from(f"{order}HHIH", tiff, entry)
        if tag == 274:
            return value if 1 <= value <= 8 else 1
    return 1


def _turned(turn: int) -> bytes:
    """An Exif segment that says the orientation and nothing else."""
    tiff = b"II*\0" + struct.pack("<IHHHIHHI", 8, 1, 274, 3, 1, turn, 0, 0)
    body = b"Exif\0\0" + tiff
    return b"\xff\xe1" + struct.pack(">H", len(body) + 2) + body
