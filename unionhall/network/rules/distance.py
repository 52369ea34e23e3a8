"""How far and in which direction, on the sphere and without a map."""

from dataclasses import dataclass
from math import asin, atan2, cos, degrees, radians, sin, sqrt

EARTH_KM = 6371.0088
_DEGREE_KM = 111.195
_WINDS = ("北", "东北", "东", "东南", "南", "西南", "西", "西北")


@dataclass(frozen=True)
class Box:
    """The degrees within which everything nearer than a distance lies; some corners lie farther off."""

    south: float
    north: float
    west: float
    east: float


def box(latitude: float, longitude: float, km: float) -> Box:
    high = km / _DEGREE_KM
    wide = high / max(0.01, cos(radians(latitude)))
    return Box(latitude - high, latitude + high, longitude - wide, longitude + wide)


def distance_m(latitude: float, longitude: float, other_latitude: float, other_longitude: float) -> int:
    """Metres on the sphere (haversine), the same as the SQL of `network.nearness`."""
    half_lat = sin(radians(other_latitude - latitude) / 2) ** 2
    half_lon = sin(radians(other_longitude - longitude) / 2) ** 2
    chord = half_lat + cos(radians(latitude)) * cos(radians(other_latitude)) * half_lon
    return round(2000 * EARTH_KM * asin(min(1.0, sqrt(chord))))


def direction(latitude: float, longitude: float, other_latitude: float, other_longitude: float) -> str:
    """东北: one of eight winds, seen from the first point."""
    east = radians(other_longitude - longitude) * cos(radians((latitude + other_latitude) / 2))
    north = radians(other_latitude - latitude)
    return _WINDS[round(degrees(atan2(east, north)) / 45) % 8]


def metres_words(metres: int | None) -> str:
    """850 米, 2.4 公里; "" when it is not known."""
    if metres is None:
        return ""
    return f"{metres} 米" if metres < 1000 else f"{metres / 1000:.1f} 公里"
