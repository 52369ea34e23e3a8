"""Where regions stand as squares on a map without boundaries: a schematic layout where one is known, else rows."""

from collections.abc import Sequence

from unionhall.organisations.models import Organisation

#: Province → division code → (row, column). Neighbours stand beside each other; boundaries are not meant.
LAYOUTS: dict[str, dict[str, tuple[int, int]]] = {
    # 湖北: 12 省辖市, 1 自治州, 4 省直管县级行政区
    "42": {
        "4203": (1, 2), "4206": (1, 3), "4213": (1, 4),
        "429021": (2, 2), "4208": (2, 3), "429006": (2, 4), "4209": (2, 5), "4211": (2, 6),
        "4228": (3, 1), "4205": (3, 2), "4210": (3, 3), "429005": (3, 4), "4201": (3, 5), "4207": (3, 6),
        "429004": (4, 4), "4212": (4, 5), "4202": (4, 6),
    },
}  # fmt: skip
#: More squares than this are no map any more; the table has them all.
MOST = 60
_ENDINGS = ("总工会", "工会委员会", "联合会", "工会")
_PLACES = ("土家族苗族自治州", "自治州", "自治县", "林区", "市", "地区")


def layout(unions: Sequence[Organisation]) -> dict[int, tuple[int, int]]:
    """Row and column by the union's key, where every union has its square in one known layout; else nothing."""
    found: dict[int, tuple[int, int]] = {}
    for union in unions:
        known = LAYOUTS.get(union.division[:2], {})
        spot = known.get(_trimmed(union.division))
        if spot is None or spot in found.values():
            return {}
        found[union.pk] = spot
    return found


def _trimmed(division: str) -> str:
    """420100 and 4201 are the same city; a county run by the province keeps its six digits."""
    return division[:4] if len(division) == 6 and division.endswith("00") else division


def short_name(union: Organisation, name: str) -> str:
    """What fits on a square: 武汉市总工会 → 武汉, 恩施土家族苗族自治州总工会 → 恩施."""
    text = union.short_name or name
    for ending in _ENDINGS:
        text = text.removesuffix(ending) or text
    for ending in _PLACES:
        if text.endswith(ending) and len(text) - len(ending) >= 2:
            return text.removesuffix(ending)
    return text
