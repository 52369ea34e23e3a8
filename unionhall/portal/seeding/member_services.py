"""The invented catalogue of 会员服务: merchants, outlets with coordinates, 366 services, some use of them."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from random import Random
from typing import TYPE_CHECKING, Any

from django.utils import timezone

from unionhall.access.models import Account
from unionhall.benefits.actions import catalogue as keeping
from unionhall.benefits.actions import redeeming, settling, vouchers
from unionhall.benefits.models import Merchant, Outlet, Service, ServiceOutlet
from unionhall.benefits.rules.member_services import PROGRAMME
from unionhall.foundation.actors import Actor, system_actor
from unionhall.foundation.errors import Refused
from unionhall.kit.periods import months_after
from unionhall.ledger.actions import open_budget
from unionhall.organisations.divisions import COUNTY
from unionhall.organisations.models import Division, Organisation

from . import clock

if TYPE_CHECKING:
    from .work import Stage

__all__ = ["SERVICES", "Neighbourhood", "leave", "seed_services"]

SERVICES = 366
OUTLETS = 42
WHY = "示范数据"
#: About where the counties of the story's city lie; others are put around the middle of the city.
MIDDLE = (30.593, 114.305)
COUNTIES = {
    "420102": (30.601, 114.309), "420103": (30.600, 114.270), "420104": (30.582, 114.215),
    "420105": (30.554, 114.218), "420106": (30.554, 114.316), "420107": (30.634, 114.385),
    "420111": (30.500, 114.343), "420112": (30.620, 114.137), "420113": (30.309, 114.084),
    "420114": (30.582, 114.029), "420115": (30.375, 114.322), "420116": (30.882, 114.376),
    "420117": (30.841, 114.801),
}  # fmt: skip

#: Merchants by what they give: name, category, kinds of outlet, services (title, free, price words, reimbursed).
Line = tuple[str, bool, str, int]


@dataclass(frozen=True)
class Trade:
    """A merchant of the catalogue: its name, what its outlets are called, its lines, each in several `variants`."""

    name: str
    category: str
    outlet: str
    lines: tuple[Line, ...]
    variants: tuple[str, ...]
    opening: str


TRADES: tuple[Trade, ...] = (
    Trade("市工人文化宫", "culture", "文化宫", (
        ("书法", True, "免费", 12), ("合唱", True, "免费", 12), ("摄影", True, "免费", 12),
        ("古筝", False, "每课 20 元（原价 80 元）", 10), ("国画", True, "免费", 12), ("舞蹈", True, "免费", 12),
    ), ("入门课", "提高课", "周末班", "晚间班", "公开课", "展演观摩", "暑期班", "老年班"),
        "周二至周日 9:00—21:00"),
    Trade("江城全民健身中心", "culture", "健身中心", (
        ("羽毛球", False, "每小时 15 元（原价 40 元）", 0), ("乒乓球", False, "每小时 8 元（原价 25 元）", 0),
        ("游泳", False, "每次 18 元（原价 45 元）", 0), ("篮球", False, "每小时 60 元（原价 160 元）", 0),
        ("健身房", False, "每次 10 元（原价 35 元）", 0), ("瑜伽", False, "每课 12 元（原价 50 元）", 0),
    ), ("工作日白天场", "晚间场", "周末场", "团体场", "教练指导", "体能测试", "亲子场", "清晨场"), "每日 8:00—22:00"),
    Trade("江汉书店", "culture", "书店", (
        ("图书", False, "八八折", 0), ("文创", False, "九折", 0), ("阅读角", True, "免费", 3),
        ("读书会", True, "免费", 8),
    ), ("工作日", "周末", "新书月", "儿童专区", "技能书专区", "有声书"), "每日 9:30—21:30"),
    Trade("江城职工技能学校", "training", "教学点", (
        ("电工", True, "免费", 60), ("叉车", False, "每期 300 元（原价 900 元）", 100), ("母婴护理", True, "免费", 60),
        ("数控编程", True, "免费", 80), ("直播运营", False, "每期 120 元（原价 480 元）", 40),
        ("中式面点", True, "免费", 50), ("养老护理", True, "免费", 60),
        ("电梯维保", False, "每期 260 元（原价 800 元）", 80),
    ), ("初级班", "中级班", "高级班", "考前辅导", "实操开放日", "线上课", "夜校班"), "周一至周六 8:30—20:30"),
    Trade("江城职工健康管理中心", "health", "门诊部", (
        ("基础体检", False, "98 元（原价 260 元）", 0), ("女职工两癌筛查", True, "免费", 80),
        ("口腔洁治", False, "30 元（原价 120 元）", 0), ("颈肩推拿", False, "每次 39 元（原价 98 元）", 0),
        ("心理咨询", True, "免费", 100), ("中医义诊", True, "免费", 15), ("视力检查", True, "免费", 5),
        ("职业病咨询", True, "免费", 40),
    ), ("工作日", "周末", "夜间门诊", "进站点", "骑手专场", "女职工专场", "复查"), "周一至周六 8:00—17:30"),
    Trade("职工法律服务站", "legal", "服务站", (
        ("法律咨询", True, "免费", 50), ("合同审看", True, "免费", 60), ("仲裁代书", True, "免费", 120),
        ("工伤认定指导", True, "免费", 80), ("欠薪讨要指导", True, "免费", 80),
    ), ("到站", "电话", "夜间", "周末", "新就业形态专线", "女职工专线", "视频"), "周一至周五 9:00—17:00"),
    Trade("惠工生活超市", "life", "门店", (
        ("米面粮油", False, "九二折", 0), ("早餐", False, "满 6 元减 2 元", 2),
        ("理发", False, "10 元（原价 30 元）", 0),
        ("家电清洗", False, "69 元起（原价 139 元）", 0), ("洗衣", False, "七折", 0),
        ("手机贴膜维修", False, "八折", 0),
        ("家政保洁", False, "每小时 32 元（原价 45 元）", 0), ("配钥匙修鞋", True, "免费", 6),
    ), ("工作日", "周末", "会员日", "上门", "骑手专享", "节日", "晚间"), "每日 7:00—22:00"),
    Trade("江城职工出行服务", "travel", "服务点", (
        ("公交地铁月卡", False, "九折", 0), ("职工疗休养", False, "每人 880 元起（原价 1,480 元）", 200),
        ("周边一日游", False, "68 元（原价 138 元）", 20), ("电动车年检", True, "免费", 15),
        ("电动车换电", False, "每次 2 元（原价 4 元）", 0), ("景区门票", False, "半价", 0),
        ("洗车", False, "15 元（原价 35 元）", 0),
    ), ("工作日", "周末", "淡季", "骑手专享", "家庭", "节日", "团队"), "每日 8:30—18:00"),
    Trade("童乐职工亲子中心", "family", "亲子中心", (
        ("爱心托管", False, "每天 20 元（原价 90 元）", 25), ("亲子阅读", True, "免费", 12),
        ("儿童乐园", False, "25 元（原价 60 元）", 0),
        ("暑期课堂", False, "每周 120 元（原价 400 元）", 60), ("科学小实验", True, "免费", 20),
        ("家庭教育讲座", True, "免费", 30),
    ), ("工作日", "周末", "寒假", "暑假", "低龄班", "高龄班", "父母同班"), "每日 8:00—20:00"),
    Trade("户外劳动者服务站", "life", "站", (
        ("热水热饭", True, "免费", 1), ("手机充电", True, "免费", 0), ("应急药箱", True, "免费", 2),
        ("雨具借用", True, "免费", 1),
        ("降温取暖", True, "免费", 2), ("饮水补给", True, "免费", 1),
    ), ("日间", "夜间", "夏季", "冬季"), "全天开放"),
)  # fmt: skip


@dataclass
class Neighbourhood:
    """What was made."""

    merchants: list[Merchant] = field(default_factory=list)
    outlets: list[Outlet] = field(default_factory=list)
    services: list[Service] = field(default_factory=list)


def seed_services(
    actor: Actor, *, union: Organisation, today: date, number: int, till: Account | None = None
) -> Neighbourhood:
    """Make the catalogue of a city's union. `till` is bound to the bookshop and can redeem there."""
    random = Random(f"{number}:services")  # noqa: S311 — not a secret
    counties = _counties(union)
    found = Neighbourhood()
    for place, trade in enumerate(TRADES):
        begins = today - timedelta(days=200 + 31 * place)
        # One agreement is about to end, so that its colour is seen.
        ends = today + timedelta(days=21) if trade.category == "travel" else begins + timedelta(days=3 * 365)
        merchant = keeping.save_merchant(
            actor, organisation=union, merchant=None, begins=begins, ends=ends,
            given={"name": trade.name, "contact": "前台", "agreement_number": f"会服〔{begins.year}〕{place + 1}号"},
            bank="江城银行营业部", number=_account_number(place),
        )  # fmt: skip
        found.merchants.append(merchant)
        found.outlets += _outlets(merchant, trade, counties, random, place)
    found.services = _services(found, random, today)
    if till is not None:
        shop = found.merchants[2]
        first = next(one for one in found.outlets if one.merchant_id == shop.pk)
        keeping.add_teller(actor, merchant=shop, account=till, outlet=first)
    return found


def _account_number(place: int) -> str:
    """A number of a bank that does not exist, with a right check digit."""
    body = f"6299000000000{place:05d}"
    digits = [int(one) for one in body]
    total = sum(sum(divmod(2 * one, 10)) if at % 2 == 0 else one for at, one in enumerate(reversed(digits)))
    return body + str(-total % 10)


def _counties(union: Organisation) -> list[tuple[str, str]]:
    prefix = union.division[:4]
    rows = Division.objects.filter(code__startswith=prefix, level=COUNTY).order_by("code")
    known = [(row.code, row.name) for row in rows if row.code in COUNTIES]
    return known or [(row.code, row.name) for row in rows[:13]] or [(union.division, union.name)]


def _outlets(
    merchant: Merchant, trade: Trade, counties: list[tuple[str, str]], random: Random, place: int
) -> list[Outlet]:
    """Four or five of each merchant, in different counties, a few hundred metres around a known place."""
    count = 5 if place < OUTLETS - 4 * len(TRADES) else 4
    found = []
    for turn in range(count):
        code, name = counties[(place * 2 + turn * 3) % len(counties)]
        latitude, longitude = COUNTIES.get(code, MIDDLE)
        road = random.choice(("建设", "解放", "中山", "友谊", "长江", "和平", "雄楚", "团结", "民生", "新华"))
        found.append(
            Outlet(
                merchant=merchant, name=f"{name.removesuffix('区')}{trade.outlet}{'' if turn == 0 else turn + 1}",
                address=f"{name}{road}大道 {random.randint(3, 688)} 号", division=code,
                latitude=round(latitude + random.uniform(-0.018, 0.018), 5),
                longitude=round(longitude + random.uniform(-0.02, 0.02), 5),
                opening=trade.opening,
            )
        )  # fmt: skip
    return Outlet.objects.bulk_create(found)


def _services(found: Neighbourhood, random: Random, today: date) -> list[Service]:
    """Lines and their variants in turn, until there are 366."""
    wanted = [
        (merchant, trade, line, variant)
        for trade, merchant in zip(TRADES, found.merchants, strict=True)
        for variant in trade.variants
        for line in trade.lines
    ]
    assert len(wanted) >= SERVICES
    chosen = [wanted[place] for place in sorted(random.sample(range(len(wanted)), SERVICES))]
    made = [
        _service(place, merchant, trade, line, variant, random, today)
        for place, (merchant, trade, line, variant) in enumerate(chosen, start=1)
    ]
    Service.objects.bulk_create(made)
    by_merchant: dict[int, list[Outlet]] = {}
    for outlet in found.outlets:
        by_merchant.setdefault(outlet.merchant_id, []).append(outlet)
    ServiceOutlet.objects.bulk_create(
        ServiceOutlet(service=one, outlet=outlet)
        for one in made
        for outlet in by_merchant[one.merchant_id][: random.randint(2, 5)]
    )
    return made


def _service(
    place: int, merchant: Merchant, trade: Trade, line: Line, variant: str, random: Random, today: date
) -> Service:
    title, free, price, reimbursed = line
    audience = "member"
    if trade.name in {"职工法律服务站", "户外劳动者服务站"}:
        audience = "worker"
    elif "骑手" in variant or "新就业" in variant:
        audience = "new_form"
    elif "女职工" in title + variant:
        audience = "women"
    heavy = reimbursed >= 50
    stock = random.choice((50, 100, 200, 500)) if heavy or random.random() < 0.25 else None
    values: dict[str, Any] = {
        "quota": 1 if heavy else random.choice((1, 2, 2, 4)),
        "period": random.choice(("year", "once")) if heavy else random.choice(("month", "month", "year")),
    }
    return Service(
        merchant=merchant, code=f"FW{place:03d}", category=trade.category, title=f"{title}（{variant}）",
        summary="凭券到任一列出的网点使用，到店出示二维码或券码。" + ("需要提前一天电话预约。" if heavy else ""),
        kind="free" if free else "discount", price_words=price, reimbursed=reimbursed, audience=audience,
        stock=stock, valid_from=today - timedelta(days=120),
        valid_until=today + timedelta(days=random.choice((60, 120, 240))) if random.random() < 0.5 else None,
        state="paused" if place % 61 == 0 else "offered", **values,
    )  # fmt: skip


def leave(stage: Stage) -> None:
    """The catalogue of the story's city; some members took vouchers, used them at the bookshop and rated them."""
    union, keeper, till = (
        stage.union(stage.story.city),
        stage.actor("city"),
        stage.opened.accounts["merchant"],
    )
    found = seed_services(keeper, union=union, today=stage.today, number=stage.number, till=till)
    counter, shop = stage.actor("merchant"), found.merchants[2]
    teller = redeeming.teller_of(counter)
    assert teller is not None
    offered = [one for one in found.services if one.merchant_id == shop.pk and one.audience == "member"]
    people = [stage.opened.people[name] for name in ("member", "elder")]
    people += [row.person for row in stage.members(stage.story.neighbour, 10)]
    first = months_after(stage.today.replace(day=1), -1)
    for turn, person in enumerate(people):
        worker, service = stage.worker(person), offered[turn % len(offered)]
        # Most of them last month, so that it has a statement; some this month.
        on = (
            first + timedelta(days=3 + turn * 2)
            if turn % 4
            else max(stage.today - timedelta(days=turn), stage.today.replace(day=1))
        )
        moment = min(timezone.make_aware(datetime.combine(on, time(10 + turn % 8, 12))), timezone.now())
        with clock.at(moment):
            used = vouchers.take(worker, service=service, person=person)
            redeeming.redeem(counter, teller=teller, code=used.code)
            used.refresh_from_db()
            if turn % 3:
                vouchers.rate(worker, voucher=used, grade=5 - turn % 3, words=_SAID[turn % len(_SAID)])
    # What the member of the tour finds ready: two vouchers at hand.
    member = people[0]
    for service in (offered[-1], next(one for one in found.services if one.audience == "worker")):
        vouchers.take(stage.actor("member"), service=service, person=member)
    open_budget(
        system_actor(WHY), organisation=union, programme=PROGRAMME, year=stage.today.year, amount=2_000_000
    )
    with suppress(Refused):
        settling.make_reconciliation(keeper, merchant=shop, month=first, today=stage.today)


_SAID = ("店员很熟悉，扫一下就好。", "优惠实在。", "", "周末人多，建议分时段。", "离站点近，方便。")
