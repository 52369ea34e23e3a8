"""Appeals: which rating asks for a call back, how long a clock runs, what a group's appeal needs. Pure."""

from __future__ import annotations

from ..schemes.appeals import AppealScheme

#: Five levels, the best first (政务服务好差评).
RATINGS = {5: "非常满意", 4: "满意", 3: "基本满意", 2: "不满意", 1: "非常不满意"}
CAUSES = {
    "wage": "工资报酬",
    "insurance": "社会保险",
    "hours": "工时和休假",
    "contract": "劳动合同",
    "dismissal": "解除和辞退",
    "safety": "劳动安全卫生",
    "injury": "工伤和职业病",
    "women": "女职工权益",
    "democracy": "民主管理和厂务公开",
    "union": "工会工作和服务",
    "welfare": "生活困难和福利",
    "other": "其他",
}


def is_bad(parameters: AppealScheme, *, rating: int) -> bool:
    """Whether somebody calls back and mends."""
    return rating <= parameters.bad_rating


def limit(parameters: AppealScheme, *, clock: str, grade: str = "") -> str:
    """The length of a clock in words: 15 个工作日."""
    return parameters.clock(clock).words(grade)


def too_many(parameters: AppealScheme, representatives: int) -> bool:
    """Whether more people stand for a group than may come (信访工作条例)."""
    return representatives > parameters.most_representatives
