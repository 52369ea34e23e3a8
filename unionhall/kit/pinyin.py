"""Initials for quick search and full pinyin for ordering names, fast enough for a million of them.

The dictionary misreads surnames, so ours come first.
"""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Iterable, Mapping
from functools import cache, lru_cache

from unionhall.kit.text import to_half_width

__all__ = [
    "COMPOUND_SURNAMES",
    "SURNAME_READINGS",
    "initials",
    "initials_many",
    "sort_key",
    "sort_keys",
    "syllables",
]

# Usual readings as surnames; 覃 is both qín and tán. Source: 《现代汉语词典》, general knowledge (m1).
SURNAME_READINGS = {
    "单": "shan", "仇": "qiu", "解": "xie", "曾": "zeng", "区": "ou", "查": "zha", "朴": "piao", "盖": "ge",
    "乐": "yue", "覃": "qin", "翟": "zhai", "召": "shao", "折": "she", "黑": "he", "洗": "xian",
    "冼": "xian", "幺": "yao", "么": "yao", "缪": "miao", "秘": "bi", "种": "chong", "尉": "wei", "员": "yun",
    "贠": "yun", "能": "nai", "那": "na", "祭": "zhai", "晟": "cheng", "眭": "sui", "郇": "xun", "郗": "xi",
    "佴": "nai", "逄": "pang", "逯": "lu", "隗": "wei", "訾": "zi", "晁": "chao", "任": "ren", "华": "hua",
    "宁": "ning", "纪": "ji", "燕": "yan", "应": "ying", "令": "ling", "车": "che", "石": "shi", "柏": "bai",
    "薄": "bo", "卜": "bu", "沈": "shen", "葛": "ge", "过": "guo", "哈": "ha", "葉": "ye", "叶": "ye",
    "长": "chang", "都": "du", "干": "gan", "岑": "cen", "阚": "kan", "曲": "qu", "谌": "chen",
    "谢": "xie", "俞": "yu", "余": "yu", "於": "yu", "郝": "hao", "贾": "jia", "塔": "ta", "兴": "xing",
    "句": "gou", "勾": "gou", "厍": "she", "库": "ku", "牟": "mou", "万": "wan", "费": "fei",
    "吴": "wu", "殷": "yin", "相": "xiang", "臧": "zang", "占": "zhan", "詹": "zhan",
    "撒": "sa", "扎": "zha", "粘": "nian", "尹": "yin", "角": "jue", "观": "guan", "强": "qiang",
    "盛": "sheng", "褚": "chu", "母": "mu",
}  # fmt: skip

COMPOUND_SURNAMES = {
    "尉迟": ("yu", "chi"), "万俟": ("mo", "qi"), "长孙": ("zhang", "sun"), "欧阳": ("ou", "yang"),
    "司马": ("si", "ma"), "上官": ("shang", "guan"), "诸葛": ("zhu", "ge"), "夏侯": ("xia", "hou"),
    "皇甫": ("huang", "fu"), "公孙": ("gong", "sun"), "慕容": ("mu", "rong"), "令狐": ("ling", "hu"),
    "宇文": ("yu", "wen"), "司徒": ("si", "tu"), "轩辕": ("xuan", "yuan"), "东方": ("dong", "fang"),
    "独孤": ("du", "gu"), "南宫": ("nan", "gong"), "单于": ("chan", "yu"), "澹台": ("tan", "tai"),
    "鲜于": ("xian", "yu"), "呼延": ("hu", "yan"), "申屠": ("shen", "tu"), "赫连": ("he", "lian"),
    "淳于": ("chun", "yu"), "濮阳": ("pu", "yang"), "太史": ("tai", "shi"), "端木": ("duan", "mu"),
    "钟离": ("zhong", "li"), "宗政": ("zong", "zheng"), "闻人": ("wen", "ren"), "乐正": ("yue", "zheng"),
    "亓官": ("qi", "guan"), "拓跋": ("tuo", "ba"), "百里": ("bai", "li"), "西门": ("xi", "men"),
    "司空": ("si", "kong"), "纳兰": ("na", "lan"), "宰父": ("zai", "fu"),
}  # fmt: skip

# Given-name characters whose first dictionary reading is not the one names use.
_GIVEN_READINGS = {
    "曾": "zeng",
    "朴": "pu",
    "茜": "qian",
    "婷": "ting",
    "晟": "sheng",
    "阿": "a",
    "莎": "sha",
    "娜": "na",
}
_TONES = dict.fromkeys((0x0300, 0x0301, 0x0304, 0x030C))
_UMLAUT = "u\u0308"


@cache
def _dictionary() -> Mapping[int, str]:
    """Code point to readings. Read when a name first asks: a fifth of a second that most commands never need."""
    # Characters are all we ask; the phrases that pypinyin loads beside them cost five times as much.
    os.environ.setdefault("PYPINYIN_NO_PHRASES", "true")
    from pypinyin.pinyin_dict import pinyin_dict

    readings: Mapping[int, str] = pinyin_dict
    return readings


@lru_cache(maxsize=65_536)
def _reading(char: str) -> str:
    """One character's syllable without tone (ü as v), an ASCII letter in lower case, else nothing."""
    if char in _GIVEN_READINGS:
        return _GIVEN_READINGS[char]
    if readings := _dictionary().get(ord(char)):
        bare = unicodedata.normalize("NFD", readings.split(",")[0]).translate(_TONES)
        return "".join(letter for letter in bare.replace(_UMLAUT, "v") if letter.isascii())
    base = unicodedata.normalize("NFKD", char)[:1].lower()
    return base if base.isascii() and base.isalnum() else ""


def syllables(name: str) -> list[str]:
    """The reading of a name, one syllable a character; a Latin word is one syllable."""
    text = to_half_width(name).strip()
    if text[:2] in COMPOUND_SURNAMES:
        first, rest = [*COMPOUND_SURNAMES[text[:2]]], text[2:]
    elif text[:1] in SURNAME_READINGS:
        first, rest = [SURNAME_READINGS[text[0]]], text[1:]
    else:
        first, rest = [], text
    word = ""
    for char in rest:
        if char > "\u2fff":
            if word:
                first.append(word)
                word = ""
            if reading := _reading(char):
                first.append(reading)
        elif reading := _reading(char):
            word += reading
        elif word and char != "'":
            first.append(word)
            word = ""
    if word:
        first.append(word)
    return first


def initials(name: str) -> str:
    """张小玲 → zxl; 买买提·吐尔逊 → mmttex; John Smith → js. Unreadable characters are left out."""
    return "".join(syllable[0] for syllable in syllables(name))


def sort_key(name: str) -> str:
    """张小玲 → "zhang xiao ling": compare as plain bytes to order names the way a directory does."""
    return " ".join(syllables(name))


def initials_many(names: Iterable[str]) -> list[str]:
    """`initials` of each name, in order."""
    return [initials(name) for name in names]


def sort_keys(names: Iterable[str]) -> list[str]:
    """`sort_key` of each name, in order."""
    return [sort_key(name) for name in names]
