"""People who do not exist, made by the million: for rosters to try, for the demo province, for measurements.

Nobody's ID number can come out of here. GB/T 2260 uses 01–70 and 90 as the third and fourth digits of a division
(prefectures, and counties directly under a province); 91–99 belong to no place and so to no card. The numbers are
otherwise well-formed, so every rule of ours applies to them. Phones begin with 154, a range that no operator
was given (general knowledge, m2): a text message sent to one reaches nobody.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

import numpy as np
import numpy.typing as npt
import polars as pl

from unionhall.kit.identifiers import ID_CHECK_CHARACTERS, ID_WEIGHTS

__all__ = ["BLOCKS", "PHONE_PREFIX", "REFERENCE_DAY", "is_synthetic_division", "people"]

REFERENCE_DAY = date(2026, 6, 1)
PHONE_PREFIX = "154"
#: Seeds that differ modulo this number never make the same ID number.
BLOCKS = 900
PROVINCES = (
    "42", "41", "43", "34", "36", "50", "51", "61", "11", "12", "13", "14", "15", "21", "22", "23", "31", "32", "33",
    "35", "37", "44", "45", "46", "52", "53", "54", "62", "63", "64", "65",
)  # fmt: skip
_SEQUENCES = 500  # per sex and day in one division: 000–999, odd for men

Ints = npt.NDArray[np.int64]

# Shares of the hundred most usual surnames, rounded (per mille; public statistics of 2020, m2).
_SURNAMES = (
    "王:72 李:71 张:66 刘:53 陈:49 杨:31 黄:23 赵:21 吴:21 周:20 徐:16 孙:14 马:13 朱:12 胡:12 "
    "郭:11 何:11 林:11 高:10 罗:10 郑:9 梁:9 谢:8 宋:8 唐:7 许:7 邓:7 冯:6 韩:6 曹:6 "
    "曾:6 彭:6 萧:5 蔡:5 潘:5 田:5 董:5 袁:5 于:5 余:5 叶:5 蒋:5 杜:5 苏:5 魏:5 "
    "程:5 吕:5 丁:5 沈:4 任:4 姚:4 卢:4 傅:4 钟:4 姜:4 崔:4 谭:4 廖:4 范:4 汪:4 "
    "陆:4 金:4 石:4 戴:4 贾:3 韦:3 夏:3 邱:3 方:3 侯:3 邹:3 熊:3 孟:3 秦:3 白:3 "
    "江:3 阎:3 薛:3 尹:3 段:3 雷:3 黎:3 史:3 龙:3 陶:3 贺:3 顾:3 毛:3 郝:3 龚:3 "
    "邵:3 万:3 钱:3 严:3 覃:2 武:2 欧阳:2 莫:2 孔:2 向:2 常:2 司马:1 上官:1 诸葛:1 单:1 "
    "解:1 仇:1 "
)
_MALE = tuple(
    "伟强磊军勇杰涛明超刚平辉鹏华飞斌建国文志宏海波林峰浩宇俊龙健东旭阳凯晨锋毅坤博亮成云松清金永德福庆祥新学友义"
)
_FEMALE = tuple(
    "芳娜敏静丽艳娟霞秀兰燕玲桂英红梅雪琴莉萍倩颖洁慧婷丹玉珍月华莹蕾佳欣怡琳晓凤彩云春秋菊素淑惠雅思梦瑶琪璐"
)
_ETHNIC = (("01", 955), ("15", 22), ("06", 6), ("03", 5), ("08", 4), ("12", 3), ("02", 2), ("11", 3))
_EDUCATION = (("10", 30), ("20", 200), ("30", 240), ("40", 130), ("60", 210), ("70", 165), ("80", 25))
_POLITICAL = (("13", 760), ("01", 120), ("03", 95), ("02", 10), ("12", 15))
_SKILL = (("", 700), ("5", 110), ("4", 95), ("3", 65), ("2", 22), ("1", 8))
_STATUS = (("1", 930), ("2", 20), ("3", 12), ("4", 12), ("7", 11), ("8", 9), ("9", 6))
_FORM = (("1", 780), ("2", 90), ("3", 55), ("4", 25), ("5", 40), ("9", 10))
_OCCUPATIONS = (
    "操作工", "焊工", "钳工", "电工", "叉车司机", "质检员", "仓库管理员", "货车司机", "快递员", "网约配送员", "护士",
    "教师", "会计", "行政人员", "销售员", "客服", "保洁员", "保安", "厨师", "程序员", "测试工程师", "机械工程师",
    "施工员", "木工", "钢筋工", "缝纫工", "包装工", "班组长",
)  # fmt: skip


def is_synthetic_division(code: str) -> bool:
    """Whether six digits of an ID number name no place that was ever possible (see the module's head)."""
    return len(code) == 6 and code.isdigit() and 91 <= int(code[2:4]) <= 99


def people(n: int, seed: int = 0, on: date = REFERENCE_DAY) -> pl.DataFrame:
    """`n` invented people, the same for the same `seed` and `on`. All columns hold what the register stores.

    name, sex, birth, id_number, phone, ethnicity, education, political, skill, household_type, migrant_worker,
    status, form, occupation, joined_on. ID numbers and phones are unique within a call; ID numbers also between
    seeds that differ modulo `BLOCKS`. Ages 18–60 on the day `on`; `joined_on` lies between the age of 18 and `on`.
    """
    random = np.random.default_rng([seed, n])
    male = random.random(n) < 0.56
    age_days = (18.2 + 41.5 * random.beta(1.7, 1.9, n)) * 365.2425
    births = np.datetime64(on) - age_days.astype(np.int64).astype("timedelta64[D]")
    rural = random.random(n) < 0.46
    since = np.maximum(births + np.timedelta64(18 * 366, "D"), np.datetime64(on - timedelta(days=20 * 365)))
    spare = np.maximum((np.datetime64(on) - since).astype(np.int64), 1)
    joined = np.datetime64(on) - (spare * random.random(n) ** 1.6).astype(np.int64).astype("timedelta64[D]")
    return pl.DataFrame(
        {
            "name": _names(random, male),
            "sex": _texts(np.array(["2", "1"])[male.astype(np.int64)]),
            "birth": pl.Series(births).cast(pl.Date),
            "id_number": _id_numbers(random, births, male, seed),
            "phone": _phones(n, seed),
            "ethnicity": _weighted(random, n, _ETHNIC),
            "education": _weighted(random, n, _EDUCATION),
            "political": _weighted(random, n, _POLITICAL),
            "skill": _weighted(random, n, _SKILL),
            "household_type": _texts(np.array(["1", "2"])[rural.astype(np.int64)]),
            "migrant_worker": pl.Series(rural & (random.random(n) < 0.62)),
            "status": _weighted(random, n, _STATUS),
            "form": _weighted(random, n, _FORM),
            "occupation": _chosen(random, n, _OCCUPATIONS),
            "joined_on": pl.Series(joined).cast(pl.Date),
        }
    )


def _texts(values: npt.NDArray[np.str_]) -> pl.Series:
    return pl.Series(values.tolist(), dtype=pl.String)


def _weighted(random: np.random.Generator, n: int, shares: Sequence[tuple[str, int]]) -> pl.Series:
    edges = np.cumsum([share for _, share in shares])
    places = np.searchsorted(edges, random.integers(0, int(edges[-1]), n), side="right")
    return pl.Series([code for code, _ in shares], dtype=pl.String).gather(pl.Series(places, dtype=pl.UInt32))


def _chosen(random: np.random.Generator, n: int, texts: Sequence[str]) -> pl.Series:
    return pl.Series(texts, dtype=pl.String).gather(pl.Series(random.integers(0, len(texts), n)))


def _names(random: np.random.Generator, male: npt.NDArray[np.bool_]) -> pl.Series:
    n = len(male)
    shares = [(name, int(share)) for name, share in (item.split(":") for item in _SURNAMES.split())]
    both = pl.DataFrame(
        {
            "surname": _weighted(random, n, shares),
            "man": pl.Series(male),
            "m1": _chosen(random, n, _MALE), "m2": _chosen(random, n, _MALE),
            "f1": _chosen(random, n, _FEMALE), "f2": _chosen(random, n, _FEMALE),
            "short": pl.Series(random.random(n) < 0.16),
        }
    )  # fmt: skip
    first = pl.when("man").then("m1").otherwise("f1")
    second = pl.when("short").then(pl.lit("")).when("man").then("m2").otherwise("f2")
    return both.select(name=pl.concat_str("surname", first, second))["name"]


def _id_numbers(
    random: np.random.Generator, births: npt.NDArray[np.datetime64], male: npt.NDArray[np.bool_], seed: int
) -> pl.Series:
    """Unique by construction: within province, birth day and sex the n-th person has the n-th sequence."""
    n, count = len(births), len(PROVINCES)
    block = seed % BLOCKS
    near = random.random(n) < 0.82
    province = np.where(near, 0, random.integers(0, count, n)).astype(np.int64)
    days = births.astype("datetime64[D]").astype(np.int64)
    while True:
        frame = pl.DataFrame({"province": province, "day": days, "male": male})
        rank = frame.select(pl.int_range(pl.len()).over("province", "day", "male").alias("rank"))
        order = rank["rank"].to_numpy()
        full = order >= _SEQUENCES
        if not full.any():
            break
        if count * _SEQUENCES * 2 < n / max(1, len(np.unique(days))):
            raise ValueError("too many people for one seed: use several seeds")
        province = np.where(full, (province + 1) % count, province)
    calendar = births.astype("datetime64[D]")
    year = calendar.astype("datetime64[Y]").astype(np.int64) + 1970
    month = calendar.astype("datetime64[M]").astype(np.int64) % 12 + 1
    day = (calendar - calendar.astype("datetime64[M]")).astype(np.int64) + 1
    # A stride that shares no factor with 500 spreads neighbours without ever repeating one.
    spread = (order.astype(np.int64) * 211 + days * 7) % _SEQUENCES
    sequence = spread * 2 + male
    division = np.array([int(code) for code in PROVINCES])[province] * 10_000 + (91 + block // 100) * 100
    first = division + block % 100
    body = ((first * 10_000 + year) * 10_000 + month * 100 + day) * 1000 + sequence
    powers = 10 ** np.arange(16, -1, -1, dtype=np.int64)
    total = np.zeros(n, np.int64)
    for power, weight in zip(powers.tolist(), ID_WEIGHTS, strict=True):
        total += body // power % 10 * weight
    check = pl.Series(list(ID_CHECK_CHARACTERS), dtype=pl.String).gather(
        pl.Series(total % 11, dtype=pl.UInt32)
    )
    return pl.Series(body).cast(pl.String) + check


def _phones(n: int, seed: int) -> pl.Series:
    """A stride coprime to 10⁸ walks every eight-digit ending once before any returns."""
    if n > 10**8:
        raise ValueError("one call makes at most a hundred million people")
    ending = (np.arange(n, dtype=np.int64) * 61_803_399 + seed * 7_654_321) % 10**8
    return pl.Series(ending + int(PHONE_PREFIX) * 10**8).cast(pl.String)
