"""The invented province: real divisions, institutions named after them, fictitious employers, both chains."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random

from unionhall.organisations.kinds import Kind, Level, Status
from unionhall.organisations.models import Division

from .firms import TRADES, EmployerRow, Firms, Trade
from .sizes import BIG_CITIES, CAPITAL, Sizes
from .unions import Tree, Union

__all__ = ["Province", "Story"]

FEDERATIONS = ("教育", "交通运输", "建设", "机械冶金", "邮政快递")
SECTORS = {"快递": "快递", "网约配送": "即时配送", "餐饮": "餐饮管理", "建筑装饰": "装饰工程", "货运物流": "物流",
           "物业服务": "物业服务", "养老服务": "养老服务中心", "商贸零售": "商贸"}  # fmt: skip
AREAS = ("高新技术产业园", "经济开发区", "临空产业园", "滨江商务区", "科技创业园", "现代物流园")
BLOCKS = ("商业街", "楼宇", "电商园", "小微企业", "专业市场")
DEPARTMENTS = ("生产一部", "生产二部", "城南站点", "城北站点", "仓储部", "销售部", "研发中心", "后勤部")


@dataclass
class Story:
    """The unions in which the demo accounts work."""

    province: Union
    city: Union
    county: Union
    street: Union
    industry: Union
    express: Union
    neighbour: Union
    electronics: Union


@dataclass
class Province:
    """Everything invented, ready to be written."""

    tree: Tree
    firms: Firms
    story: Story | None = None
    streets: list[Union] = field(default_factory=list)
    counties: list[Union] = field(default_factory=list)
    cities: list[Union] = field(default_factory=list)

    @property
    def unions(self) -> list[Union]:
        return self.tree.unions


class Builder:
    """Builds a province of the wanted sizes; the same for the same random numbers and day."""

    def __init__(self, sizes: Sizes, random: Random, today: date) -> None:
        self.sizes, self.random, self.today = sizes, random, today
        self.firms = Firms(random)
        self.tree = Tree(random, today, self.firms)
        self.made = Province(self.tree, self.firms)
        self.below: dict[str, list[Division]] = defaultdict(list)
        self.short: dict[int, str] = {}
        self.industry: dict[tuple[str, str], Union] = {}
        for row in Division.objects.filter(code__startswith=sizes.province).order_by("code"):
            self.below[row.parent_code].append(row)

    def build(self) -> Province:
        (division,) = self.below[""]
        name = division.name.removesuffix("省").removesuffix("市")
        top = self._federation(division, f"{division.name}总工会", Level.PROVINCE, None, date(1950, 5, 1))
        for trade in FEDERATIONS:
            self.industry[division.code, trade] = self.tree.add(
                f"{division.name}{trade}工会", Kind.INDUSTRY, Level.PROVINCE, division.code, top,
                since=date(1954, 3, 1), short=f"{name}{trade}工会",
            )  # fmt: skip
        for city in self._chosen_cities(division.code):
            self._city(city, top)
        self._base()
        return self.made

    # Local federations -----------------------------------------------------------------------------------------

    def _chosen_cities(self, province: str) -> list[Division]:
        wanted = self.sizes.cities
        return [row for row in self.below[province] if not wanted or row.code in wanted]

    def _federation(
        self, division: Division, name: str, level: int, parent: Union | None, since: date
    ) -> Union:
        union = self.tree.add(
            name, Kind.FEDERATION, level, division.code, parent, since=since, short=f"{division.name}总工会"
        )
        self.short[union.id] = short_of(division.name)
        return union

    def _city(self, division: Division, top: Union) -> None:
        level = Level.CITY if division.level == Level.CITY else Level.COUNTY
        city = self._federation(
            division, f"{division.name}总工会", level, top, self._day(date(1950, 6, 1), date(1958, 1, 1))
        )
        self.made.cities.append(city)
        if level == Level.COUNTY:  # counties and cities run by the province
            self.made.counties.append(city)
            self._streets(division, city)
            return
        federations = (
            FEDERATIONS
            if division.code == CAPITAL
            else FEDERATIONS[1:3]
            if division.code in BIG_CITIES
            else ()
        )
        for trade in federations:
            self.industry[division.code, trade] = self.tree.add(
                f"{division.name}{trade}工会", Kind.INDUSTRY, Level.CITY, division.code, city,
                since=self._day(date(1955, 1, 1), date(1990, 1, 1)), short=f"{short_of(division.name)}{trade}工会",
                industry=self.industry[self.below[""][0].code, trade],
            )  # fmt: skip
        count = self._many(division, self.sizes.counties, self.sizes.counties_elsewhere)
        for county in self.below[division.code][:count]:
            union = self._federation(
                county, f"{division.name if county.name.endswith('区') else ''}{county.name}总工会", Level.COUNTY, city,
                self._day(date(1952, 1, 1), date(1985, 1, 1)),
            )  # fmt: skip
            self.made.counties.append(union)
            self._streets(county, union, division)

    def _streets(self, county: Division, above: Union, city: Division | None = None) -> None:
        count = self._many(city or county, self.sizes.streets, self.sizes.streets_elsewhere)
        for street in self.below[county.code][:count]:
            union = self.tree.add(
                f"{county.name}{street.name}总工会", Kind.STREET, Level.STREET, street.code, above,
                since=self._day(date(2000, 1, 1), date(2012, 1, 1)), short=f"{street.name}总工会", weight=0.25,
            )  # fmt: skip
            self.short[union.id] = short_of(county.name)
            self.made.streets.append(union)

    def _many(self, city: Division, here: int, elsewhere: int) -> int | None:
        """How many of a city's counties or a county's streets: all (None) when the size says 0."""
        if not here:
            return None
        if city.code == CAPITAL:
            return here
        return elsewhere + 1 if city.code in BIG_CITIES and here > 1 else elsewhere

    # Unions with members -----------------------------------------------------------------------------------------

    def _base(self) -> None:
        if any(union.division == CAPITAL for union in self.made.cities):
            self._story()
        hosts = self._hosts()
        for _ in range(self.sizes.sectors):
            self._group_of_firms(
                self.random.choice(hosts), Kind.SECTOR_FEDERATION, tuple(SECTORS), "行业工会联合会"
            )
        for _ in range(self.sizes.areas):
            self._group_of_firms(self.random.choice(hosts), Kind.AREA_FEDERATION, AREAS, "工会联合会")
        for _ in range(self.sizes.joint):
            self._group_of_firms(self.random.choice(hosts), Kind.JOINT, BLOCKS, "联合工会委员会")
        grassroots = [self.grassroots(self.random.choice(hosts)) for _ in range(self.sizes.grassroots)]
        large = sorted(grassroots, key=lambda union: -union.weight)[: max(4, len(grassroots) // 3)]
        branches = [self._branch(self.random.choice(large)) for _ in range(self.sizes.branches)]
        for number in range(self.sizes.groups):
            self._group(self.random.choice(branches or large), number)
        self._past(grassroots)

    def _hosts(self) -> list[Union]:
        """Where a new union may stand: mostly under streets, some under counties; more in the capital."""
        hosts: list[Union] = []
        for union in self.made.streets:
            hosts += [union] * (5 if union.division.startswith(CAPITAL[:4]) else 3)
        for union in self.made.counties:
            hosts += [union] * (2 if union.division.startswith(CAPITAL[:4]) else 1)
        return hosts

    def grassroots(
        self, host: Union, trade: Trade | None = None, weight: float = 0.0, name: str = ""
    ) -> Union:
        """A union of one employer; under its city's industry federation too, where there is one."""
        employer, since = self._firm(host, trade, name), self._founded()
        young = since > self.today - timedelta(days=365)
        union = self.tree.add(
            f"{employer.name}工会委员会", Kind.GRASSROOTS, Level.GRASSROOTS, host.division, host,
            since=since, short=f"{employer.name}工会", industry=self._beside(host, employer.trade),
            employers=(employer,), weight=weight or self.random.lognormvariate(0.0, 0.9) * (0.4 if young else 1.0),
        )  # fmt: skip
        union.platform = employer.trade.platform
        return union

    def _beside(self, host: Union, trade: Trade) -> Union | None:
        found = self.industry.get((f"{host.division[:4]}00", trade.federation))
        return found if found and self.random.random() < 0.8 else None

    def _group_of_firms(self, host: Union, kind: Kind, words: tuple[str, ...], suffix: str) -> None:
        word = self.random.choice(words)
        trade = next((one for one in TRADES if SECTORS.get(word) in one.words), None)
        firms = tuple(self._firm(host, trade) for _ in range(self.random.randint(3, 8)))
        place = host.short_name.removesuffix("总工会")
        name = f"{self.short[host.id] if host.kind == Kind.STREET else ''}{place}{word}{suffix}"
        if any(union.name == name and union.parent is host for union in self.tree.unions[-4000:]):
            name = f"{place}第{self.tree.unions[-1].id}{word}{suffix}"
        level = Level.GRASSROOTS if kind == Kind.JOINT else Level.STREET + (host.kind == Kind.STREET)
        union = self.tree.add(
            name, kind, level, host.division, host, since=self._founded(), employers=firms,
            weight=self.random.uniform(0.5, 2.2), short=f"{word}{suffix}",
        )  # fmt: skip
        union.platform = trade is not None and trade.platform

    def _branch(self, above: Union) -> Union:
        used = {union.name for union in self.tree.unions if union.parent is above} if self._small else set()
        name = f"{above.short_name}{self.random.choice(DEPARTMENTS)}分会"
        if name in used or not self._small:
            name = f"{above.short_name}第{above.children + 1}分会"
        union = self.tree.add(
            name, Kind.BRANCH, Level.BRANCH, above.division, above, since=self._founded(),
            employers=tuple(above.employers), weight=above.weight * self.random.uniform(0.15, 0.4),
        )  # fmt: skip
        union.platform = above.platform
        return union

    def _group(self, above: Union, number: int) -> None:
        union = self.tree.add(
            f"{above.name}第{above.children + 1}工会小组", Kind.GROUP, Level.GROUP, above.division, above,
            since=self._founded(), employers=tuple(above.employers), weight=above.weight * 0.2,
        )  # fmt: skip
        union.platform = above.platform

    @property
    def _small(self) -> bool:
        return self.sizes.branches < 100

    def _firm(self, host: Union, trade: Trade | None = None, name: str = "") -> EmployerRow:
        place = self.short.get(host.id, "")
        return self.firms.invent(host.division, place, host.short_name.removesuffix("总工会"), trade, name)

    def _founded(self) -> date:
        """Most unions are years old; some were founded this year, so that the trend moves."""
        if self.random.random() < 0.06:
            return self.today - timedelta(days=self.random.randint(20, 330))
        return self._day(date(2008, 1, 1), self.today - timedelta(days=365))

    def _day(self, first: date, last: date) -> date:
        return first + timedelta(days=self.random.randrange((last - first).days))

    # The story of the demo, and what happened in the past ----------------------------------------------------------

    def _story(self) -> None:
        city = next(union for union in self.made.cities if union.division == CAPITAL)
        county = next(union for union in self.made.counties if union.parent is city)
        street = next(union for union in self.made.streets if union.parent is county)
        place = self.short[street.id]
        old = self.today - timedelta(days=2600)
        express = self.grassroots(street, TRADES[0], 3.2, f"{place}楚驿达快递有限公司")
        express.industry = None
        post = self.industry[CAPITAL, "邮政快递"]
        if not express.second_path:
            express.industry = express.second_parent = post
            express.second_path = (post.second_path or post.path) + post.take_segment()
        else:
            express.industry = post
        neighbour = self.grassroots(street, TRADES[2], 2.0, f"{place}荆快送即时配送有限公司")
        electronics = self.grassroots(street, TRADES[5], 2.6, f"{place}云晟光电技术有限公司")
        for union, left in ((express, 61), (neighbour, -25), (electronics, 700)):
            union.since = min(union.since, old)
            end = self.today + timedelta(days=left)
            union.term = (2, end - timedelta(days=5 * 365 + 1), end)
            union.certificate_until = self.today + timedelta(days=left + 30)
        self.made.story = Story(
            self.tree.unions[0], city, county, street, post, express, neighbour, electronics
        )

    def _past(self, grassroots: list[Union]) -> None:
        """Renamed, moved, merged and dissolved: history to show."""
        story = self.made.story
        kept = (
            {id(union) for union in (story.express, story.neighbour, story.electronics)} if story else set()
        )
        old = [
            union
            for union in grassroots
            if not union.children
            and union.since < self.today - timedelta(days=1100)
            and id(union) not in kept
        ]
        self.random.shuffle(old)
        count = min(self.sizes.former, len(old) // 4)
        renamed, moved, merged = old[:count], old[count : 2 * count], old[2 * count : 3 * count]
        for union in renamed:
            was = union.name.replace("有限公司", "总公司") if "有限公司" in union.name else f"原{union.name}"
            self.tree.rename(union, was, self._lately())
        for union in moved:
            host = self._other_host(union)
            if host is not None and not union.second_path:
                self.tree.moved(union, host, self._lately())
        for number, union in enumerate(merged):
            successor = next((one for one in old[3 * count :] if one.parent is union.parent), None)
            street = union.parent if union.parent and union.parent.kind == Kind.STREET else None
            on = self._lately()
            if number % 3 != 2 and successor is not None:
                self.tree.end(union, on, Status.MERGED, successor)
            elif street is not None:
                self.tree.end(union, on, Status.DISSOLVED, street)

    def _other_host(self, union: Union) -> Union | None:
        near: Iterable[Union] = self.made.streets
        same = union.division[:4]
        hosts = [one for one in near if one.division[:4] == same and one is not union.parent]
        return self.random.choice(hosts) if hosts else None

    def _lately(self) -> date:
        return self.today - timedelta(days=self.random.randint(120, 1000))


def short_of(name: str) -> str:
    """武汉市 → 武汉, 江岸区 → 江岸, 恩施土家族苗族自治州 → 恩施; a name of two characters stays whole."""
    for tail in ("土家族苗族自治州", "土家族自治县", "林区", "市", "县", "区"):
        if name.endswith(tail) and len(name) - len(tail) >= 2:
            return name.removesuffix(tail)
    return name
