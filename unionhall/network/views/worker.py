"""服务站点 on the phone: the nearest that is open; one station."""

from unionhall.foundation.permissions import SIGNED_IN

from .finding import StationDetail, Stations


class NearStations(Stations):
    """/m/stations/"""

    permission = SIGNED_IN
    template_name = "network/worker/stations.html"


class Station(StationDetail):
    """/m/stations/<code>/"""

    permission = SIGNED_IN
    template_name = "network/worker/station.html"
    offer_place = "station.worker"
