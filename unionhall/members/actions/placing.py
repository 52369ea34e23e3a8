"""Where a membership may stand: a union as it is now, whether it takes members, and on which day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db import connection
from django.utils import timezone

from unionhall.foundation.errors import Refused
from unionhall.organisations.kinds import SHAPES, Status
from unionhall.organisations.models import Organisation

__all__ = ["Place", "place_of", "require_not_future", "require_takes_members"]


@dataclass(frozen=True)
class Place:
    """A union as it stands now; its row is kept from moving until the transaction ends."""

    path: str
    second_path: str
    status: str
    kind: str
    since: date
    until: date | None
    division: str

    @property
    def paths(self) -> tuple[str, ...]:
        return tuple(path for path in (self.path, self.second_path) if path)


def place_of(organisation: Organisation) -> Place:
    """Read under a key-share lock: a union that is just being moved is waited for, other readers are not."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT path, second_path, status, kind, lower(existence), upper(existence), division "
            "FROM organisations_organisation WHERE id = %s FOR KEY SHARE",
            [organisation.pk],
        )
        found = cursor.fetchone()
    if found is None:
        raise Refused("这个工会已不存在，请刷新后重试。")
    return Place(*found)


def require_takes_members(place: Place, organisation: Organisation, on: date) -> None:
    if not SHAPES[place.kind].has_members:
        raise Refused(f"“{organisation.name}”不直接发展会员，请选择下属的基层工会。", field="organisation")
    if place.status in {Status.DISSOLVED, Status.MERGED} or (place.until is not None and on >= place.until):
        raise Refused(f"“{organisation.name}”已撤销或合并，请选择承继的工会。", field="organisation")
    if on < place.since:
        raise Refused(f"“{organisation.name}”成立于 {place.since:%Y-%m-%d}，日期不能更早。", field="on")


def require_not_future(on: date) -> None:
    if on > timezone.localdate():
        raise Refused("日期不能晚于今天。", field="on")
