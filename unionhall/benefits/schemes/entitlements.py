"""享受与告知: when somebody nearly qualifies, how many are recommended, how large a run is, which numbers are small."""

from pydantic import Field

from unionhall.rulebook import Parameters, calculator, programme

from ..rules import entitlements as rules


@programme("entitlements", title="享受与告知")
class EntitlementsScheme(Parameters):
    """What the pages and jobs of 我能享受什么 leave to policy."""

    near_unmet_most: int = Field(ge=1, le=10, title="还差一点：最多几项不符合")
    recommended_most: int = Field(ge=0, le=3, title="首页推荐几项")
    looked_at_once: int = Field(ge=100, le=1_000_000, title="一个后台任务看多少人")
    smallest_cell: int = Field(ge=2, le=100, title="少于几人不显示")


@calculator("entitlements.group", programme="entitlements")
def group(
    parameters: EntitlementsScheme, *, met: bool | None, gaps: list[rules.Gap], used: bool = False
) -> rules.Group:
    """Under which heading a benefit stands for somebody."""
    return rules.group_of(met, gaps, used=used, near_most=parameters.near_unmet_most)


@calculator("entitlements.shown", programme="entitlements")
def shown(parameters: EntitlementsScheme, *, count: int) -> int | None:
    """A number as those see it who may not read the records behind it; None is withheld."""
    return rules.shown(count, parameters.smallest_cell)
