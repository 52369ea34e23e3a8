"""服务网络 in the demonstration: stations on five levels, plans half fulfilled, a grid with items in every light."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from itertools import cycle
from random import Random
from typing import TYPE_CHECKING, Any

from django.utils import timezone

from unionhall.benefits.actions.catalogue import save_outlet
from unionhall.benefits.models import Outlet
from unionhall.foundation.actors import Actor
from unionhall.network.actions import grid, items, nodes, plans, staffing
from unionhall.network.models import GridCell, GridItem, Node, NodeEvent
from unionhall.network.rules.opening import parse_week
from unionhall.network.rules.states import move_of
from unionhall.organisations.kinds import Kind, Level
from unionhall.organisations.models import Coverage, Employer, Organisation

from . import clock
from .member_services import COUNTIES

if TYPE_CHECKING:
    from .work import Stage

__all__ = ["leave"]

WHY = "示范数据"
FOUR = ["rights", "service", "learning", "activity"]
#: The middle of each city, to about a kilometre; counties of Wuhan are in member_services.COUNTIES.
CITIES = {
    "4201": (30.593, 114.305), "4202": (30.200, 115.039), "4203": (32.629, 110.798), "4205": (30.692, 111.287),
    "4206": (32.009, 112.122), "4207": (30.391, 114.895), "4208": (31.035, 112.199), "4209": (30.925, 113.917),
    "4210": (30.335, 112.239), "4211": (30.454, 114.872), "4212": (29.841, 114.322), "4213": (31.690, 113.383),
    "4228": (30.272, 109.488), "4290": (30.365, 113.454),
}  # fmt: skip
OFFICE = "周一至周五 09:00-12:00，13:30-17:30"
SIX_DAYS = f"{OFFICE}；周六 09:00-12:00"
LONG = "每天 08:00-20:00"
ALWAYS = "每天 00:00-23:59"
#: How far a node has come, as moves with how many days ago; the last is today's state.
WAYS: dict[str, tuple[tuple[str, int], ...]] = {
    "planned": (),
    "building": (("start", 60),),
    "accepted": (("start", 200), ("accept", 8)),
    "operating": (("start", 900), ("accept", 700), ("open", 690)),
    "upgraded": (("start", 1700), ("accept", 1500), ("open", 1490), ("upgrade", 260)),
    "demonstration": (("start", 1700), ("accept", 1500), ("open", 1490), ("upgrade", 600), ("name", 180)),
    "new": (("start", 330), ("accept", 150), ("open", 140)),
    "suspended": (("start", 900), ("accept", 700), ("open", 690), ("suspend", 12)),
}
#: Streets and firms take these in turn, so that every state stands somewhere.
OF_STREETS = (
    "operating",
    "upgraded",
    "operating",
    "demonstration",
    "new",
    "building",
    "operating",
    "planned",
)
OF_FIRMS = ("operating", "demonstration", "new", "operating", "accepted")
#: Work of the province's plan (the seed's figures): kind, measure, each of five years.
PLAN = (
    ("centre", "upgrade", (10, 17, 20, 18, 12)),
    ("point", "demonstration", (180, 220, 230, 234, 200)),
    ("station", "new", (30, 30, 30, 30, 30)),
)
NAMES = (
    "王敏", "李娟", "张磊", "刘芳", "陈军", "杨静", "赵鹏", "黄丽", "周涛", "吴霞", "徐刚", "孙悦",
    "马超", "朱琳", "胡斌",
)  # fmt: skip
#: Items: kind, what was found, working days ago, what became of it.
ITEMS = (
    ("safety", "三号仓库消防通道堆放包装箱，灭火器过期两个月。", 0, "open"),
    ("wages", "六名装卸工反映上月工资少发三成，单位说客户没有回款。", 1, "taken"),
    ("founding", "新开的冷链公司有四十多人，还没有建会。", 4, "open"),
    ("dispute", "两名骑手与站点因罚款争执，情绪激动。", 6, "open"),
    ("hardship", "保洁员王某家中失火，暂住亲戚家。", 3, "raised"),
    ("wages", "分包单位拖欠十二名工人两个月工资，总包在外区。", 8, "city"),
    ("service", "夜班职工希望站点晚上也能取药和充电。", 9, "closed"),
    ("safety", "扶梯急停按钮失灵，已要求停用。", 12, "closed"),
    ("other", "园区公交末班太早，下晚班的职工回不去。", 15, "answered"),
    ("dispute", "实习生没有签协议，要求补签。", 20, "closed"),
)


def leave(stage: Stage) -> None:
    actor, random = stage.actor("province"), Random(f"{stage.number}:network")  # noqa: S311 — not a secret
    made = _unions(actor, random, stage.today) + _firms(stage, actor, random)
    _staff(stage, made)
    _counter(stage, made)
    _plans(stage, actor)
    _grid(stage, made)


# Nodes ----------------------------------------------------------------------------------------------------------------


def _unions(actor: Actor, random: Random, today: date) -> list[Node]:
    rows = Organisation.objects.everywhere(reason=WHY).active().filter(level__lte=Level.STREET)
    unions = list(
        rows.filter(kind__in=[Kind.FEDERATION, Kind.INDUSTRY, Kind.STREET]).order_by("level", "path")
    )
    made: list[Node] = []
    streets = 0
    for union in unions:
        short = union.name.removesuffix("总工会").removesuffix("工会").removesuffix("委员会")
        given: dict[str, Any] = {"name": f"{short}职工服务中心", "kind": "centre", "functions": FOUR}
        way, hours = "upgraded", SIX_DAYS
        if union.level == Level.PROVINCE or union.division.startswith("420106"):
            way = "demonstration"
        if union.kind == Kind.INDUSTRY:
            given |= {"name": f"{short}职工服务站", "kind": "station", "functions": ["rights", "service"]}
            way, hours = "operating", OFFICE
        elif union.level == Level.COUNTY and len(made) % 5 == 4:
            # One county in five still lacks a function.
            given["functions"], way = ["rights", "service", "activity"], "operating"
        elif union.level == Level.STREET:
            way, hours = OF_STREETS[streets % len(OF_STREETS)], (OFFICE, SIX_DAYS, LONG)[streets % 3]
            given |= {
                "name": f"{short}职工服务站", "kind": "station", "mode": "hall",
                "functions": FOUR[: 2 + streets % 3],
            }  # fmt: skip
            streets += 1
        given["area"] = {"centre": 420, "station": 90}[given["kind"]] + random.randint(0, 60)
        made.append(_node(actor, union, given, way, hours, random, today))
    return made


def _firms(stage: Stage, actor: Actor, random: Random) -> list[Node]:
    """Homes in firms of a hundred and more, points open all day, five stations in one in office buildings."""
    rows = Coverage.objects.everywhere(reason=WHY).filter(
        period__upper_inf=True, employer__employees__gte=100, organisation__level=Level.GRASSROOTS
    )
    covered = list(
        rows.select_related("organisation", "employer").order_by("-employer__employees", "pk")[:16]
    )
    made = []
    for number, one in enumerate(covered[:10]):
        given = {
            "name": f"{one.employer.name}职工之家", "kind": "point", "mode": "home", "employer": one.employer,
            "functions": FOUR[1:], "area": 60 + number * 15,
        }  # fmt: skip
        made.append(
            _node(actor, one.organisation, given, OF_FIRMS[number % len(OF_FIRMS)], LONG, random, stage.today)
        )
    streets = list(
        Organisation.objects.everywhere(reason=WHY)
        .active()
        .filter(kind=Kind.STREET, path__startswith=stage.story.city.path)
        .order_by("path")
    )
    for number, street in enumerate(streets[:8]):
        short = street.name.removesuffix("总工会")
        point = {
            "name": f"{short}户外劳动者服务点", "kind": "point", "functions": ["service"], "area": 24,
            "open_on_holidays": True, "build": "joint", "partners": "银行网点",
        }  # fmt: skip
        way = "demonstration" if number % 3 == 0 else "suspended" if number == 5 else "operating"
        made.append(_node(actor, street, point, way, ALWAYS, random, stage.today))
    for number, street in enumerate(streets[:3]):
        tower = {
            "name": f"{('长江', '光谷', '楚天')[number]}大厦五站合一服务站", "kind": "station", "mode": "five",
            "functions": FOUR, "area": 110, "partners": "社区服务、党建、工会、共青团、妇联", "build": "joint",
        }  # fmt: skip
        made.append(
            _node(actor, street, tower, ("demonstration", "new")[number % 2], OFFICE, random, stage.today)
        )
    return made


def _node(
    actor: Actor, union: Organisation, given: dict[str, Any], way: str, hours: str, random: Random, today: date
) -> Node:  # fmt: skip
    latitude, longitude = COUNTIES.get(union.division[:6]) or CITIES.get(union.division[:4], CITIES["4201"])
    spread = 0.02 if union.level >= Level.COUNTY else 0.004
    road = random.choice(("建设", "解放", "中山", "友谊", "和平", "团结", "民生", "新华"))
    values: dict[str, Any] = {
        "level": min(union.level, Level.GRASSROOTS), "mode": "ordinary", "employer": None, "partners": "",
        "build": "new" if way == "new" else "upgrade" if way in ("upgraded", "demonstration") else "new",
        # A province or a city has no street of its own: its house stands in some county of it.
        "division": f"{union.division:0<6}"[:9] if len(union.division) < 9 else union.division[:9],
        "address": f"{road}大道 {random.randint(3, 688)} 号",
        "latitude": round(latitude + random.uniform(-spread, spread), 5),
        "longitude": round(longitude + random.uniform(-spread, spread), 5),
        "telephone": f"027-8{random.randint(1000000, 9999999)}", "open_on_holidays": False,
        "about": "法律咨询、困难帮扶、职业介绍、入会办理",
    }  # fmt: skip
    first = WAYS[way][0][1] + 30 if WAYS[way] else 20
    with clock.at(_days_ago(today, first)):
        node = nodes.save_node(actor, organisation=union, node=None, given=values | given)
        nodes.set_hours(actor, node=node, week=dict(parse_week(hours)))
    return _walk(actor, node, WAYS[way], today)


def _walk(actor: Actor, node: Node, way: tuple[tuple[str, int], ...], today: date) -> Node:
    """Write the node's way as events of their days; what the verbs ask for is fulfilled by how the node was made."""
    events = []
    for code, ago in way:
        step = move_of(code)
        assert step is not None
        before, day = node.state, today - timedelta(days=ago)
        node.state, node.state_since = step.to, day
        for verb, field in (("open", "opened_on"), ("upgrade", "upgraded_on"), ("name", "demonstration_on")):
            if code == verb:
                setattr(node, field, day)
        events.append(
            NodeEvent(
                node=node, verb=code, label=step.label, before=before, after=node.state, actor_id=actor.account_id,
                actor_name=actor.name, path=node.organisation.path, at=_days_ago(today, ago),
                opinion="屋面维修，预计一个月" if code == "suspend" else "年度评比优秀" if code == "name" else "",
            )
        )  # fmt: skip
    NodeEvent.objects.bulk_create(events)
    node.save()
    return node


def _days_ago(today: date, days: int) -> datetime:
    return timezone.make_aware(datetime.combine(today - timedelta(days=days), time(10)))


def _staff(stage: Stage, made: list[Node]) -> None:
    """Two at each that receives people; the cast's window clerk at the county's centre."""
    names = cycle(NAMES)
    actor, county = stage.actor("province"), stage.story.county.id
    for node in made:
        if not node.is_receiving:
            continue
        staffing.place(actor, node=node, name=next(names), role="manager", account=None)
        if node.kind == "centre" and node.organisation_id == county:
            clerk = stage.opened.accounts["clerk"]
            staffing.place(actor, node=node, name=clerk.display_name, role="clerk", account=clerk)


def _counter(stage: Stage, made: list[Node]) -> None:
    """One of the catalogue's places is a counter in the county's centre."""
    centre = next(
        one for one in made if one.organisation_id == stage.story.county.id and one.kind == "centre"
    )
    rows = Outlet.objects.everywhere(reason=WHY).filter(is_open=True, offers__service__category="legal")
    place = rows.select_related("merchant__organisation").order_by("pk").first()
    if place is None:
        return
    given = {"name": f"{centre.name}窗口", "node": centre, "is_open": True}
    save_outlet(stage.actor("province"), merchant=place.merchant, outlet=place, given=given)


def _plans(stage: Stage, actor: Actor) -> None:
    first = stage.today.year - 2
    for place, share in ((stage.story.province, 1), (stage.story.city, 8)):
        union = stage.union(place)
        targets = {
            (first + turn, kind, measure): -(-number // share)
            for kind, measure, years in PLAN
            for turn, number in enumerate(years)
        }
        given = {
            "title": "职工服务中心五年建设规划", "first_year": first, "last_year": first + 4,
            "document": "升级、新建、联建，五级全覆盖",
        }  # fmt: skip
        plans.save_plan(actor, organisation=union, plan=None, given=given, targets=targets)


# The grid -------------------------------------------------------------------------------------------------------------


def _grid(stage: Stage, made: list[Node]) -> None:
    """Four cells in the story's street, two in the industry; the cast's member looks after the first."""
    actor, street = stage.actor("province"), stage.union(stage.story.street)
    node = next((one for one in made if one.organisation_id == street.pk and one.kind == "station"), None)
    firms = list(
        Employer.objects.filter(
            pk__in=Coverage.objects.everywhere(reason=WHY)
            .filter(period__upper_inf=True, organisation__path__startswith=street.path)
            .values("employer")
        ).order_by("pk")[:24]
    )
    cells = []
    for number in range(4):
        given = {
            "code": f"WG{street.division}{number + 1:02d}", "name": f"第{'一二三四'[number]}网格",
            "division": street.division, "node": node, "is_active": True,
        }  # fmt: skip
        cell = grid.save_cell(actor, organisation=street, cell=None, given=given)
        grid.set_units(actor, cell=cell, employers=firms[number::4])
        cells.append(cell)
    worker = stage.opened.accounts["member"]
    grid.set_worker(actor, cell=cells[0], account=worker, name=worker.display_name)
    grid.set_worker(actor, cell=cells[1], account=stage.opened.accounts["street"], name="彭建国")
    _items(stage, cells)


def _items(stage: Stage, cells: list[GridCell]) -> None:
    street, county = stage.actor("street"), stage.actor("county")
    worker = stage.actor("member")
    for turn, (kind, found, ago, became) in enumerate(ITEMS):
        cell = cells[turn % 2]
        unit = cell.units.filter(until=None).select_related("employer").order_by("pk").first()
        reporter = worker if turn % 2 == 0 else street
        with clock.at(stage.days_ago(ago)):
            item = items.report(
                reporter, kind=kind, found=found, cell=cell, employer=unit.employer if unit else None
            )
        _on(stage, item, became, ago, street, county)


def _on(stage: Stage, item: GridItem, became: str, ago: int, street: Actor, county: Actor) -> None:
    with clock.at(stage.days_ago(max(ago - 1, 0))):
        if became in ("taken", "closed"):
            items.take(street, item=item)
        if became in ("raised", "city", "answered"):
            items.raise_up(street, item=item, opinion="街道核实属实，需要区里协调。")
        if became == "city":
            items.raise_up(county, item=item, opinion="总包单位注册在外区，请市总协调。")
    with clock.at(stage.days_ago(max(ago - 2, 0))):
        if became == "answered":
            items.reply(county, item=item, opinion="已与公交公司商定加开一班，请告知职工。")
        if became == "closed":
            items.close(street, item=item, outcome="已到单位核实并整改，网格员回访确认。")
