"""What charts are made of, and where squares stand: plain values, without a database."""

import json
from datetime import date

import pytest

from unionhall.foundation.tags.drawing import classes, drawing, path, round_top, sparkline
from unionhall.insights import charts, squares
from unionhall.organisations.models import Organisation

POINTS: list[charts.Point] = [
    (date(2026, 9, 30), {"a": 100, "b": None}),
    (date(2026, 10, 31), {"a": 130, "b": 7}),
    (date(2026, 11, 22), {"a": 120, "b": 9}),
]
HUBEI = [f"42{n:02d}" for n in (1, 2, 3, *range(5, 14), 28)] + [f"4290{n:02d}" for n in (4, 5, 6, 21)]


def test_a_course_is_plain_and_keeps_its_gaps() -> None:
    option = charts.course(POINTS, [("a", "会员"), ("b", "女会员")])
    assert json.loads(json.dumps(option)) == option
    assert option["xAxis"]["data"] == ["2026-09", "2026-10", "11-22"]
    assert [(one["name"], one["data"]) for one in option["series"]] == [
        ("会员", [100, 130, 120]),
        ("女会员", [None, 7, 9]),
    ]
    assert "areaStyle" in option["series"][0]
    assert "areaStyle" not in option["series"][1]
    assert charts.course(POINTS, [("a", "会员")], calm=True)["animation"] is False


def test_growth_is_the_difference_of_neighbours() -> None:
    assert charts.growth(POINTS, "a", "净增")["series"][0]["data"] == [30, -10]
    assert charts.growth(POINTS, "b", "净增")["series"][0]["data"] == [None, 2]


def test_a_ring_has_no_slice_for_what_is_withheld() -> None:
    data = charts.ring([("合同制", 1200), ("其他", None)], "用工形式")["series"][0]["data"]
    assert data == [{"name": "合同制  1,200", "value": 1200}]


def test_the_drawing_is_the_charts_own_series() -> None:
    found = drawing(charts.course(POINTS, [("a", "会员"), ("b", "女会员")]))
    assert found is not None
    assert [one["label"] for one in found["grid"]] == [0, 50, 100, 150, 200]
    assert [one["text"] for one in found["labels"]] == ["2026-09", "2026-10", "11-22"]
    whole, part = found["series"]
    assert len(whole["dots"]) == 3
    assert whole["path"].count("L") == 2
    assert len(part["dots"]) == 2  # nothing is drawn where a value is withheld
    assert part["path"].startswith("M")
    bars = drawing(charts.growth(POINTS, "b", "净增"))
    assert bars is not None
    assert len(bars["series"][0]["bars"]) == 1
    assert drawing(charts.ring([("甲", 2)], "环")) is None


def test_a_line_begins_anew_after_a_gap() -> None:
    assert path([(0, 1), (1, 2), None, (3, 4), (4, 5)]) == "M0.0 1.0L1.0 2.0M3.0 4.0L4.0 5.0"
    assert sparkline([None, 5]) == ""
    assert sparkline([1, None, 3]).count("M") == 2
    flat = sparkline([4, 4, 4])
    assert {point.split(" ")[1].split("L")[0] for point in flat[1:].split("L")} == {"14.0"}


@pytest.mark.parametrize(
    ("highest", "top"), [(0, 4), (3, 4), (7, 8), (130, 200), (18_915, 20_000), (4_268_000, 8e6)]
)
def test_an_axis_ends_at_a_round_number(highest: float, top: float) -> None:
    assert round_top(highest) == top


def test_five_classes_hold_about_equally_many_places() -> None:
    given, spans = classes([10, 20, 30, 40, 50, 60, 70, 80, 90, 1000])
    assert given == [0, 0, 1, 1, 2, 2, 3, 3, 4, 4]
    assert spans == [(10, 20), (30, 40), (50, 60), (70, 80), (90, 1000)]
    assert classes([5, 5, 5]) == ([0, 0, 0], [(5, 5)])
    assert classes([7, None, 3]) == ([1, None, 0], [(3, 3), (7, 7)])
    assert classes([None]) == ([None], [])


def unions(codes: list[str]) -> list[Organisation]:
    return [Organisation(pk=number, division=code.ljust(6, "0")) for number, code in enumerate(codes)]


def test_every_division_of_hubei_has_a_square_of_its_own() -> None:
    found = squares.layout(unions(HUBEI))
    assert len(set(found.values())) == len(found) == 17
    assert squares.layout(unions(["4201", "420500"])) == {0: (3, 5), 1: (3, 2)}


def test_a_region_without_a_layout_stands_in_rows() -> None:
    assert squares.layout(unions([*HUBEI, "4299"])) == {}
    assert squares.layout(unions(["420102", "420103"])) == {}
    assert squares.layout(unions(["4201", "4201"])) == {}
    assert squares.layout([]) == {}


@pytest.mark.parametrize(
    ("name", "short"),
    [
        ("武汉市总工会", "武汉"),
        ("恩施土家族苗族自治州总工会", "恩施"),
        ("神农架林区总工会", "神农架"),
        ("江岸区总工会", "江岸区"),
        ("江城安达快递有限公司工会委员会", "江城安达快递有限公司"),
        ("市总工会", "市"),
    ],
)
def test_what_fits_on_a_square(name: str, short: str) -> None:
    assert squares.short_name(Organisation(name=name, short_name=""), name) == short
