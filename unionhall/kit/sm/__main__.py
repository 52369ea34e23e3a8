"""How fast this machine seals: `python -m unionhall.kit.sm`."""

from __future__ import annotations

from time import perf_counter

from unionhall.kit.sm import SealKey, blind_index, open_many, seal, seal_many

__all__ = ["measure"]


def measure(count: int = 200_000) -> dict[str, int]:
    """Values a second of each way on this machine."""
    key = SealKey.from_master(1, b"only for measuring, never a key!")
    keys = {1: key}
    values = [b"11010119900307%04d" % (number % 10_000) for number in range(count)]
    few = values[: count // 10]
    started = perf_counter()
    sealed = seal_many(key, values)
    many_done = perf_counter()
    open_many(keys, sealed)
    opened = perf_counter()
    for value in few:
        seal(key, value)
    single_done = perf_counter()
    blind_index(key.stream, values)
    indexed = perf_counter()
    return {
        "seal_many": round(count / (many_done - started)),
        "open_many": round(count / (opened - many_done)),
        "seal": round(len(few) / (single_done - opened)),
        "blind_index": round(count / (indexed - single_done)),
    }


if __name__ == "__main__":
    for what, rate in measure().items():
        print(f"{what:12} {rate:>12,} values/s")
