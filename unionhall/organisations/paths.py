"""Materialised paths: fixed-width base-36 segments, so that a subtree is a prefix and siblings sort as numbers."""

from unionhall.foundation.fields import PathField

WIDTH = PathField.SEGMENT
#: How many segments fit into the column.
DEEPEST = 48 // WIDTH
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
LARGEST = len(_DIGITS) ** WIDTH - 1


class NoSegmentLeft(OverflowError):
    """More children than a segment can number: 1,679,615 under one union."""


def segment(number: int) -> str:
    """The segment of the n-th child, counted from 1: `segment(36) == "0010"`."""
    if not 0 < number <= LARGEST:
        raise NoSegmentLeft(number)
    text = ""
    while number:
        number, digit = divmod(number, 36)
        text = _DIGITS[digit] + text
    return text.rjust(WIDTH, "0")


def following(last: str | None) -> str:
    """The segment after the last one ever used under a union (a path or a segment; None: there was none)."""
    return segment(1 if not last else int(last[-WIDTH:], 36) + 1)


def depth(path: str) -> int:
    """How many unions stand on the path, the last one included."""
    return len(path) // WIDTH


def above(path: str) -> list[str]:
    """Paths of the ancestors, highest first, the last one itself excluded."""
    return [path[:end] for end in range(WIDTH, len(path), WIDTH)]
