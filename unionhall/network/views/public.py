"""服务站点 for anybody, without signing in."""

from unionhall.foundation.permissions import EVERYONE

from .finding import StationDetail, Stations


class PublicStations(Stations):
    """/stations/"""

    permission = EVERYONE
    template_name = "network/public/stations.html"


class PublicStation(StationDetail):
    """/stations/<code>/"""

    permission = EVERYONE
    template_name = "network/public/station.html"
    offer_place = "station.public"


class PrintedStation(StationDetail):
    """/stations/<code>/print/: one A4 sheet to take along or to hang on the door."""

    permission = EVERYONE
    template_name = "network/public/station_print.html"
