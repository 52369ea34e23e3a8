"""The floors as data, read from the import contract, so that imports and relations obey one drawing."""

import configparser
from functools import lru_cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


@lru_cache(maxsize=1)
def floors() -> dict[str, int]:
    """Room → height; the kit is 0. Rooms on one line share a floor and may not see each other."""
    contract = configparser.ConfigParser()
    contract.read(ROOT / ".importlinter")
    lines = contract["importlinter:contract:floors"]["layers"].split("\n")
    storeys = [line.replace("|", " ").split() for line in reversed(lines) if line.strip()]
    return {room: height for height, rooms in enumerate(storeys) for room in rooms}
