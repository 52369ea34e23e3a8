"""What may stand on a public list, and how long a list stands there. Pure: no Django, no clock."""

import re
import unicodedata
from collections.abc import Iterable
from datetime import date

from unionhall.kit.masking import personal_numbers
from unionhall.kit.workdays import Calendar

#: 个人信息保护法 art. 28: illness is sensitive; a public list names none, not even as the reason of an aid.
_ILLNESS = re.compile(
    "病|癌|肿瘤|瘤|症|肝炎|肺炎|肾炎|脑炎|艾滋|梅毒|结核|抑郁|自闭|癫痫|帕金森|阿尔茨海默|痴呆|透析|化疗|放疗|移植|手术|"
    "瘫|中风|脑梗|心梗|脑出血|骨折|截肢|残疾|伤残|失明|失聪|住院|确诊|患者|流产|不孕|HIV|ICU"
)
_SPELLED = str.maketrans("〇零一二三四五六七八九", "00123456789")
#: Blanks, dashes and invisible characters between digits hide a number from a program, not from a reader.
_GLUE = re.compile(r"(?<=[0-9*])[\s\-‐‑‒–—―·._\u200b-\u200f\u2060\ufeff]+(?=[0-9*Xx])")
_DAY = re.compile(r"(?<!\d)(?:19|20)\d{2}[-./]\d{1,2}[-./]\d{1,2}(?!\d)")
#: Shorter than what may be hidden in any text: numbers of matters have letters before them.
_ACCOUNT = re.compile(r"(?<![0-9A-Za-z])\d{13,14}(?![0-9A-Za-z])")
_HIDDEN = re.compile(r"[0-9A-Za-z]{1,}\*{2,}[0-9Xx]*|\*{2,}[0-9Xx]{2,}")
_LANDLINE = re.compile(r"(?<!\d)0\d{2,3}[-－ ]?[2-8]\d{6,7}(?!\d)")
_SAID = re.compile(
    r"(?:身份证|证件号|手机|电话|联系方式|微信|卡号|账号|tel|phone)[^0-9]{0,8}[0-9*]{4,}", re.IGNORECASE
)
_KINDS = {"identity": "身份证号", "mobile": "手机号", "number": "银行卡号或证件号"}


def personal_number(text: str) -> str | None:
    """What kind of personal number (also a masked one) stands in a text, in Chinese; None when there is none.

    Stricter than what is hidden in any text: also pieced together, spelled, behind capitals.
    """
    plain = unicodedata.normalize("NFKC", text).lower().replace("●", "*").replace("×", "*")
    undated = _DAY.sub("日", plain)
    glued = _GLUE.sub("", undated)
    spelled = _GLUE.sub("", undated.translate(_SPELLED))
    for one in (text, undated, glued, spelled):
        if found := personal_numbers(one):
            return _KINDS[found[0].kind]
        if _ACCOUNT.search(one):
            return _KINDS["number"]
    if _HIDDEN.search(glued):
        return "遮住一部分的证件号或手机号"
    if _LANDLINE.search(plain):
        return "电话号码"
    return "证件、电话或账户号码" if _SAID.search(plain) else None


def illness(text: str) -> str | None:
    """The word of a text that tells of an illness or disability; None when there is none."""
    found = _ILLNESS.search(unicodedata.normalize("NFKC", text))
    return found[0] if found else None


def unfit(text: str, *, unit: bool = False, whole_names: Iterable[str] = ()) -> str | None:
    """Why a text may not stand on a public list or beside it, in Chinese; None when it may.

    The name of a work unit may hold such a word (疾病预防控制中心). `whole_names`: those of listed people.
    """
    if number := personal_number(text):
        return f"含有{number}"
    if not unit and (word := illness(text)):
        return f"含有涉及健康的词“{word}”"
    if not unit and any(len(name) > 1 and name in text for name in whole_names):
        return "写出了姓名全称"
    return None


def last_day(starts: date, working_days: int, calendar: Calendar) -> date:
    """The last day of a period; the day of publication does not count (民法典 art. 201)."""
    if working_days < 1:
        raise ValueError("a public notice stands for at least one working day")
    return calendar.add_working_days(starts, working_days)


def extended(ends: date, paused_on: date, resumed_on: date, calendar: Calendar) -> date:
    """The last day after a suspension: as many working days are left as when it began.

    What is suspended on its last day or before keeps that day's worth: the objection was in time.
    """
    if resumed_on < paused_on:
        raise ValueError("a suspension ends on or after the day it began")
    return calendar.add_working_days(ends, calendar.working_days_between(paused_on, resumed_on))
