"""服务站点 on the phone: the nearest that is open; one station."""

from typing import Any

from django.utils import timezone

from unionhall.foundation.permissions import SIGNED_IN

from .. import nearness, opening
from .finding import StationDetail, Stations


class NearStations(Stations):
    """/m/stations/"""

    permission = SIGNED_IN
    template_name = "network/worker/stations.html"

    def context(self) -> dict[str, Any]:
        """With the nearest that is open first, where the reader's place is known."""
        first = None
        if self.point is not None and "now" not in self.chosen:
            rows = opening.open_at(self.get_queryset(), timezone.localtime())
            reach = nearness.reach_for(rows, *self.point)
            found: Any = nearness.near(rows, *self.point, reach)
            first = next(iter(self.decorate(list(found.order_by("metres", "pk")[:1]))), None)
        return super().context() | {"first": first}


class Station(StationDetail):
    """/m/stations/<code>/"""

    permission = SIGNED_IN
    template_name = "network/worker/station.html"
    offer_place = "station.worker"
