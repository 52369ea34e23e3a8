"""Fictitious employers: a brand that belongs to nobody, a trade, a legal form; schools, hospitals and offices too."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from unionhall.kit.identifiers import make_uscc

__all__ = ["TRADES", "EmployerRow", "Firms", "Trade"]

_FIRST = "楚江汉荆云鼎晨恒瑞博宏嘉盛泰安信远华光明锦启润海天星辰融卓越众凌元正德诚佳美康新益达"
_SECOND = "泽川源翔腾峰禾林润业城方舟岳桥帆梧彤驰凯讯维格捷联创合业拓展庆丰昌茂隆通汇能科昱亿"


@dataclass(frozen=True)
class Trade:
    """A kind of employer: what it is called, its statistics codes, whom it employs, its industry federation."""

    words: tuple[str, ...]
    industry: str
    economic: tuple[str, ...]
    occupations: tuple[str, ...]
    women: float
    federation: str = ""
    forms: str = "有限公司"
    platform: bool = False
    weight: int = 10


_PRIVATE = ("170", "150", "170", "150", "160", "200", "300")
TRADES: tuple[Trade, ...] = (
    Trade(("快递", "速递"), "G", ("170", "150"),
          ("快递员", "分拣员", "客服", "站点负责人"), 0.22, "邮政快递", platform=True),
    Trade(("网约车科技", "出行科技"), "G", ("170",),
          ("网约车司机", "调度员", "客服"), 0.16, "交通运输", platform=True, weight=5),
    Trade(("即时配送", "同城配送"), "G", ("170",),
          ("网约配送员", "站长", "调度员"), 0.14, "邮政快递", platform=True, weight=6),
    Trade(("物流", "货运", "公路运输"), "G", ("150", "170", "110"),
          ("货车司机", "仓库管理员", "装卸工"), 0.2, "交通运输"),
    Trade(("公共交通", "客运"), "G", ("110", "150"),
          ("公交驾驶员", "调度员", "维修工"), 0.3, "交通运输", weight=4),
    Trade(("电子科技", "光电技术", "半导体"), "C", _PRIVATE,
          ("操作工", "测试工程师", "质检员"), 0.45, "", weight=12),
    Trade(("汽车零部件", "精密机械", "重型机械"), "C", _PRIVATE,
          ("钳工", "焊工", "数控车工", "班组长"), 0.24, "机械冶金", weight=12),
    Trade(("特种钢", "有色金属"), "C", ("110", "160", "150"),
          ("炉前工", "轧钢工", "电工"), 0.2, "机械冶金", weight=5),
    Trade(("纺织", "服饰"), "C", _PRIVATE, ("缝纫工", "挡车工", "包装工"), 0.74, "", weight=6),
    Trade(("食品", "酒业", "粮油"), "C", _PRIVATE, ("包装工", "质检员", "仓库管理员"), 0.5, "", weight=7),
    Trade(("生物医药", "医疗器械"), "C", ("160", "150", "300"), ("化验员", "操作工", "研发人员"), 0.52, ""),
    Trade(("建筑工程", "市政建设", "装饰工程"), "E", ("150", "170", "110"),
          ("施工员", "钢筋工", "木工", "安全员"), 0.16, "建设", weight=12),
    Trade(("商贸", "百货", "超市连锁"), "F", _PRIVATE, ("销售员", "收银员", "理货员"), 0.62, "", weight=9),
    Trade(("餐饮管理", "酒店管理"), "H", _PRIVATE, ("厨师", "服务员", "前台"), 0.6, "", weight=8),
    Trade(("软件", "网络科技", "数据服务"), "I", _PRIVATE,
          ("程序员", "测试工程师", "产品经理"), 0.38, "", weight=8),
    Trade(("物业服务", "保安服务", "环卫服务"), "L", ("170", "150"),
          ("保安", "保洁员", "维修工"), 0.5, "建设", weight=7),
    Trade(("人力资源服务",), "L", ("170", "150"), ("派遣员工", "行政人员"), 0.5, "", weight=4),
    Trade(("小学", "中学", "职业技术学校"), "P", ("400",),
          ("教师", "行政人员"), 0.68, "教育", forms="", weight=8),
    Trade(("医院", "康复医院"), "Q", ("400", "700"), ("护士", "医师", "药师"), 0.72, "", forms="", weight=5),
    Trade(("养老服务中心",), "Q", ("700",), ("护理员", "社会工作者"), 0.8, "", forms="", weight=3),
    Trade(("自来水", "燃气", "供电服务"), "D", ("110",), ("电工", "管道工", "抄表员"), 0.26, "", weight=3),
    Trade(("农业科技", "水产养殖"), "A", ("170", "120"), ("养殖工", "技术员"), 0.36, "", weight=3),
)  # fmt: skip


@dataclass
class EmployerRow:
    """A row of the employers' table before it is written."""

    id: int
    name: str
    uscc: str
    division: str
    economic_type: str
    industry: str
    address: str
    trade: Trade


class Firms:
    """Invents employers, never the same name or credit code twice."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self._names: set[str] = set()
        self._weights = [trade.weight for trade in TRADES]
        self.rows: list[EmployerRow] = []

    def invent(
        self, division: str, place: str, town: str, trade: Trade | None = None, name: str = ""
    ) -> EmployerRow:
        """An employer at a place (a city's or county's short name); `town` is for its address."""
        trade = trade or self._random.choices(TRADES, self._weights)[0]
        name = name or self._name(place, trade)
        self._names.add(name)
        number = len(self.rows) + 1
        economic = self._random.choice(trade.economic)
        row = EmployerRow(
            number, name, _code(economic, division, number), division, economic, trade.industry,
            f"{town}{self._random.choice(_ROADS)}{self._random.randint(1, 388)}号", trade,
        )  # fmt: skip
        self.rows.append(row)
        return row

    def _name(self, place: str, trade: Trade) -> str:
        """Short brands first; longer ones when a place has used most of them up."""
        name, length = "", 1
        while not name or name in self._names:
            brand = self._random.choice(_FIRST) + "".join(self._random.choices(_SECOND, k=length))
            name = f"{place}{brand}{self._random.choice(trade.words)}{trade.forms}"
            length = min(3, length + (self._random.random() < 0.1))
        return name


_ROADS = (
    "建设路",
    "解放路",
    "人民路",
    "工业一路",
    "科技路",
    "沿江大道",
    "创业路",
    "友谊路",
    "民主路",
    "园区大道",
)


def _code(economic: str, division: str, number: int) -> str:
    """A well-formed credit code under a county number that is not assigned, so that it can be no firm's."""
    prefix = {"400": "12", "500": "11", "700": "52", "600": "92"}.get(economic, "91")
    return make_uscc(prefix, f"{division[:2]}9{1 + number % 9}{number // 9 % 100:02d}", number)
