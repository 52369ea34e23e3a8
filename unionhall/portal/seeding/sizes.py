"""How large the invented province is: a believable demo, one city at its real size, or the whole province."""

from argparse import ArgumentTypeError
from dataclasses import dataclass, replace

#: Wuhan, where the demo's story takes place, and two cities that are told in more detail than the rest.
CAPITAL = "420100"
BIG_CITIES = ("420100", "420500", "420600")


@dataclass(frozen=True)
class Sizes:
    """Counts of what is made. `counties` and `streets` are per city and per county; 0 takes all that exist.

    `outside`: how many in a thousand are in the register without ever having joined.
    """

    name: str
    people: int
    grassroots: int
    branches: int
    groups: int
    joint: int
    sectors: int
    areas: int
    former: int
    province: str = "42"
    cities: tuple[str, ...] = ()
    counties: int = 0
    counties_elsewhere: int = 0
    streets: int = 0
    streets_elsewhere: int = 0
    chunk: int = 50_000
    outside: int = 25

    def scaled_people(self, people: int) -> "Sizes":
        """The same tree with another number of people (for tests and measurements)."""
        return replace(self, people=people)


SCALES = {
    "tiny": Sizes(
        "tiny", people=400, grassroots=14, branches=3, groups=2, joint=1, sectors=1, areas=1, former=3,
        cities=("420100", "420500"), counties=1, counties_elsewhere=1, streets=1, streets_elsewhere=1, outside=150,
    ),
    "demo": Sizes(
        "demo", people=20_000, grassroots=128, branches=26, groups=16, joint=9, sectors=7, areas=4, former=9,
        counties=4, counties_elsewhere=1, streets=3, streets_elsewhere=1,
    ),
    "city": Sizes(
        "city", people=2_920_000, grassroots=15_000, branches=4_000, groups=1_500, joint=600, sectors=60, areas=60,
        former=200, cities=(CAPITAL,),
    ),
    "province": Sizes(
        "province", people=10_000_000, grassroots=46_000, branches=8_000, groups=3_000, joint=1_800, sectors=250,
        areas=200, former=400,
    ),
}  # fmt: skip


def scale_named(text: str) -> str:
    """An argparse type: one of SCALES."""
    if text not in SCALES:
        raise ArgumentTypeError(f"示范数据规模应为 {'、'.join(SCALES)} 之一，而不是 {text}")
    return text
