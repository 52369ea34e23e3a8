"""Offerings: by which a benefit stands among what a worker can get, whatever its noun."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import lru_cache
from typing import Any

from django.db.models import QuerySet
from django.urls import NoReverseMatch, reverse


class Category(StrEnum):
    """The headings of 我能享受什么."""

    HEALTH = "health"
    COVER = "cover"
    CAREER = "career"
    RELIEF = "relief"
    SERVICES = "services"

    @property
    def label(self) -> str:
        return _LABELS[self]


_LABELS = {
    Category.HEALTH: "医疗互助",
    Category.COVER: "保险保障",
    Category.CAREER: "职业发展",
    Category.RELIEF: "困难帮扶",
    Category.SERVICES: "会员服务",
}


@dataclass(frozen=True)
class Use:
    """What a person has had of a benefit, or has under way: in words, and where to look."""

    text: str
    url: str = ""
    under_way: bool = False


def never(person_id: int, on: date) -> list[Use]:
    """The default of `used`."""
    return []


@dataclass(frozen=True)
class Offering:
    """A benefit as it is offered.

    `apply` names the address where a person asks for it (with the programme as its argument, or without); "" where
    nothing has to be asked for (`automatic` says in a few words how it comes). `used(person_id, on)` takes a fixed
    number of statements and answers what he has of the present period: this year's for what is given once a year.
    `had(on)` is the same for everyone: rows with a `person_id`, of any model; whoever stands in it is not told or
    recommended what he has. `desk` names the desk's list of such matters. `looked_into`: what the register does not
    know is found out when somebody applies, and keeps nobody from applying.
    """

    programme: str
    category: Category
    icon: str
    apply: str = ""
    automatic: str = ""
    used: Callable[[int, date], list[Use]] = never
    had: Callable[[date], QuerySet[Any]] | None = None
    desk: str = ""
    looked_into: bool = False

    @property
    def apply_url(self) -> str:
        """Empty where nothing has to be asked for."""
        return address(self.apply, self.programme)

    @property
    def desk_url(self) -> str:
        return address(self.desk, self.programme)


def address(name: str, programme: str) -> str:
    """The address behind a name, which may take the programme."""
    if not name:
        return ""
    try:
        return reverse(name)
    except NoReverseMatch:
        return reverse(name, args=[programme])


_offerings: dict[str, Offering] = {}


def offer(*offerings: Offering) -> None:
    """Called by each noun when Django is ready; a programme is offered once."""
    for one in offerings:
        if _offerings.setdefault(one.programme, one) is not one:
            raise ValueError(f"programme {one.programme} is offered twice")


def offering_of(programme: str) -> Offering | None:
    return _offerings.get(programme)


def offerings() -> list[Offering]:
    """In the order of their headings."""
    return list(_ordered(tuple(_offerings.values())))


@lru_cache(maxsize=8)
def _ordered(found: tuple[Offering, ...]) -> tuple[Offering, ...]:
    order = list(Category)
    return tuple(sorted(found, key=lambda one: (order.index(one.category), one.programme)))
