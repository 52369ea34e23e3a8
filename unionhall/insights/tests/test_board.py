"""The dashboard: every number leads to its records, costs do not grow with rows, readers see what they may."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.db import connection
from django.db.backends.postgresql.psycopg_any import DateRange
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from django.urls import resolve
from django.utils import timezone

from tests.world import SINCE, World
from unionhall.access.models import Grant
from unionhall.foundation.actors import Actor, system_actor
from unionhall.foundation.permissions import Line, Role
from unionhall.indicators import registry
from unionhall.insights import drilling, rollups
from unionhall.insights.board import COLUMNS, Board, compared
from unionhall.insights.disclosure import WHOLE, Disclosure, OnTheWall, reads_records
from unionhall.insights.records import PERMISSIONS, records_url
from unionhall.members.models import Employment, Membership
from unionhall.organisations import actions
from unionhall.organisations.models import Organisation

pytestmark = pytest.mark.django_db
PERSONAS = (
    "province_officer",
    "river_officer",
    "river_rights",
    "transport_officer",
    "chair_alpha",
    "clerk",
    "reviewer",
    "leader",
    "auditor",
)
UNIONS = ("province", "river_city", "transport", "pier", "alpha")
#: In the past: one answered from the rollup, one along the industry chain, one counted live.
PAST = ("river_city", "transport", "alpha")


def board(world: World, union: str, account: str, day: date | None = None, sort: str = "") -> Board:
    return Board(drilling.place(world.unions[union], world.actor(account).access, day), sort=sort)


def sees(world: World, account: str, union: str) -> bool:
    rows = Organisation.objects.visible_to(world.actor(account).access, to="organisations.figures")
    return rows.filter(pk=world.unions[union].pk).exists()


def numbers(found: Board) -> Iterator[tuple[str, int, str]]:
    """Every number of a page with its link: what it is, its value, where it leads."""
    found.__dict__["course"] = []  # the lines lead nowhere
    for tile in found.tiles():
        yield tile["code"], tile["value"], tile["url"]
    for one in found.breakdowns():
        for row in one["rows"]:
            yield f"{one['code']}={row['key']}", row["value"], row["url"]
    for row in found.below():
        for code, cell in zip(COLUMNS, row["cells"], strict=True):
            yield f"{row['name']} {code}", cell["value"], cell["url"]


def listed(url: str, actor: Actor, code: str) -> int:
    """How many records the page at an address lists, asked of its view; for employees their sum."""
    parts = urlsplit(url)
    match: Any = resolve(parts.path)
    request: Any = RequestFactory().get(url)
    request.access, request.actor = actor.access, actor
    view = match.func.view_class()
    view.setup(request, *match.args, **match.kwargs)
    assert actor.access.prefixes(view.permission), f"{url} is forbidden to whom it is shown"
    if view.form is not None:
        assert not view.form.errors, (url, view.form.errors)
    if code.endswith("organisations.employees"):
        return int(view.context()["employees"])
    return int(view.total())


@pytest.fixture
def varied(world: World) -> World:
    """People in whose records something is missing, an ended employment, a sector federation at the grassroots."""
    people = world.people
    people["beta_1"].education, people["beta_1"].birth = "", None
    people["alpha_1"].education, people["alpha_1"].sex = "20", "9"
    for key in ("beta_1", "alpha_1"):
        people[key].save()
    Employment.objects.everywhere(reason="test").filter(person=people["delta_1"]).delete()
    Employment.objects.everywhere(reason="test").filter(person=people["beta_2"]).update(form="")
    actions.establish(
        system_actor(), name="东湖街道快递行业工会联合会", kind="sector", level=5, parent=world.unions["pier"],
        division="420103001", on=date(2025, 1, 1),
    )  # fmt: skip
    rollups.rebuild()
    return world


@pytest.mark.parametrize("past", [False, True])
def test_every_number_leads_to_exactly_its_records(varied: World, past: bool) -> None:
    """Figure by figure, cell by cell, for everybody; whoever sees equally far is asked once."""
    day = timezone.localdate() - timedelta(days=40) if past else None
    asked: dict[Any, int] = {}
    reached = set()
    for persona in PERSONAS:
        actor, checked = varied.actor(persona), 0
        reach = tuple(actor.access.prefixes(code) for code in PERMISSIONS.values())
        if reach in reached:
            continue
        reached.add(reach)
        for union in PAST if past else UNIONS:
            if not sees(varied, persona, union):
                continue
            for code, value, url in numbers(board(varied, union, persona, day)):
                if not url:
                    continue
                checked += 1
                key = (url, reach, code.endswith("employees"))
                if key not in asked:
                    asked[key] = listed(url, actor, code)
                assert asked[key] == value, (persona, union, code, url)
        assert checked, persona


@pytest.mark.parametrize("persona", ["river_officer", "chair_alpha", "auditor"])
def test_whoever_may_list_has_a_link_at_every_number(varied: World, persona: str) -> None:
    """No number without its list but nought, for readers of the records."""
    for union in (one for one in UNIONS if sees(varied, persona, one)):
        bare = [code for code, value, url in numbers(board(varied, union, persona)) if value and not url]
        assert bare == []


def test_a_leader_has_no_links_to_members(world: World) -> None:
    links = [url for _, _, url in numbers(board(world, "river_city", "leader")) if url]
    assert links
    assert not [url for url in links if "/members/" in url]


# What it costs --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("children", [1, 4])
@pytest.mark.parametrize("account", ["province_officer", "leader"])
def test_the_page_costs_the_same_for_one_child_and_for_four(
    world: World, children: int, account: str, django_assert_max_num_queries: Any
) -> None:
    place = "dam" if account == "province_officer" else "hill"
    for number in range(children):
        actions.establish(
            system_actor(), name=f"第{number}新工会", kind="grassroots", level=5, parent=world.unions[place],
            division=world.unions[place].division, on=date(2025, 1, 1),
        )  # fmt: skip
    client = Client()
    client.force_login(world.accounts[account])
    client.get("/desk/figures/")
    with django_assert_max_num_queries(QUERIES[account]) as asked:
        assert client.get(f"/desk/figures/?under={world.unions[place].code}").status_code == 200
    seen = _asked.setdefault(account, len(asked))
    assert len(asked) == seen


#: A street is counted live, month by month; what is above it costs half of this.
QUERIES = {"province_officer": 75, "leader": 85}
_asked: dict[str, int] = {}


@pytest.mark.parametrize("account", ["province_officer", "leader"])
def test_a_figure_is_counted_once_for_a_page(world: World, account: str) -> None:
    """To show it, to compare it with the year before and to withhold parts of it: one count of each day."""
    found = board(world, "river_city", account)
    with CaptureQueriesContext(connection) as asked:
        found.tiles()
    counts = [one["sql"] for one in asked if "COUNT(" in one["sql"] and "coverage" in one["sql"]]
    assert len(counts) == len(set(counts)) == 2  # today, and a year ago


# Small cells on the pages ---------------------------------------------------------------------------------------------


def test_seven_members_are_shown_and_their_parts_are_not(world: World, monkeypatch: Any) -> None:
    """River city has six members, three of them women: with a threshold of five only the whole may be told."""
    found = board(world, "river_city", "leader")
    assert found.now[WHOLE] == 6
    assert found.now["members.women"] is None
    assert {row["value"] for one in found.breakdowns() for row in one["rows"] if one["code"] == "sex"} == {
        None
    }
    below = {row["name"]: row["cells"][0]["value"] for row in found.below()}
    assert below == {"江东区总工会": None, "江西区总工会": None, "江城市交通运输工会": None}
    assert "少于 5 人" in found.secrecy()


def test_readers_of_the_records_see_everything(world: World) -> None:
    found = board(world, "river_city", "river_officer")
    assert found.now["members.women"] == 3
    assert found.secrecy() == ""
    assert {row["cells"][0]["value"] for row in found.below()} == {5, 1, 3}


def test_what_a_table_withholds_stays_withheld_on_the_page_of_the_union(
    world: World, monkeypatch: Any
) -> None:
    """East has five members: enough for itself, but its sibling has one, and the city's total is shown."""
    assert board(world, "east", "leader").now[WHOLE] is None
    monkeypatch.setattr("unionhall.insights.disclosure.threshold", lambda organisation: 2)
    # With a threshold of two, west's one member still hides east's five.
    assert board(world, "east", "leader").now[WHOLE] is None
    assert board(world, "pier", "leader").now[WHOLE] is None
    assert board(world, "river_city", "leader").now[WHOLE] == 6


def test_what_other_tables_could_be_subtracted_from_is_rounded(world: World, monkeypatch: Any) -> None:
    monkeypatch.setattr("unionhall.insights.disclosure.threshold", lambda organisation: 2)
    top, below = board(world, "river_city", "leader"), board(world, "transport", "leader")
    assert [row["value"] for row in top.breakdowns()[0]["rows"]] == [3, 3]
    # The industry union's three members stand in a district's table too.
    beside = next(row for row in top.below() if row["beside"])
    assert beside["cells"][0]["value"] == 4
    assert below.now[WHOLE] == 4
    assert all(point[WHOLE] == 4 for _, point in below.course)
    assert below.tiles()[0]["note"] == "与上年大致持平"
    assert "取整" in below.secrecy()


def test_the_breakdown_and_course_of_a_withheld_figure_are_withheld(world: World, monkeypatch: Any) -> None:
    """East's five members are withheld for the sake of west's one: no part of its page may tell them."""
    monkeypatch.setattr("unionhall.insights.disclosure.threshold", lambda organisation: 2)
    found = board(world, "east", "leader")
    assert {row["value"] for one in found.breakdowns() for row in one["rows"]} == {None}
    assert {value for _, point in found.course for value in point.values()} == {None}
    assert found.tiles()[0]["note"] == "不比较"


def test_the_course_is_withheld_point_by_point(world: World) -> None:
    points = Disclosure(drilling.place(world.unions["river_city"], world.actor("leader").access)).trend(
        ["members.women"]
    )
    assert len(points) == 13
    assert {found["members.women"] for _, found in points} == {None}


def test_an_industrys_records_are_read_as_far_as_its_figures_or_not_at_all(world: World) -> None:
    """Its chain stands in many regions: who has figures in those can't list its members over its own region alone."""
    union, members = world.unions["transport"], registry.get(WHOLE)
    union.second_path = world.unions["gorge_city"].path + "0099"
    for name in ("province_officer", "river_officer"):
        assert reads_records(world.actor(name).access, union)
        assert records_url(members, world.actor(name).access, union, None)
    Grant.objects.create(
        account=world.accounts["river_officer"], role=Role.LEADER, line=Line.GENERAL,
        organisation=world.unions["gorge_city"], period=DateRange(SINCE, None), granted_by="test",
    )  # fmt: skip
    wider = world.actor("river_officer").access
    assert not reads_records(wider, union)
    assert records_url(members, wider, union, None) == ""
    assert reads_records(world.actor("transport_officer").access, world.unions["alpha"])


def test_a_wall_has_nobodys_eyes(world: World) -> None:
    access = OnTheWall(world.actor("river_officer").access)
    records = ("members.view", "cases.disputes", "organisations.view")
    assert {access.prefixes(code) for code in records} == {()}
    assert access.prefixes("organisations.figures") == world.actor("river_officer").access.prefixes(
        "organisations.figures"
    )


# The page -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("now", "before", "words"),
    [
        (110, 100, "较上年 +10（+10.0%）"),
        (90, 100, "较上年 -10（-10.0%）"),
        (7, 0, "较上年 +7"),
        (5, 5, "与上年持平"),
        (None, 5, "不比较"),
    ],
)
def test_a_comparison_in_words(now: int | None, before: int | None, words: str) -> None:
    assert compared(now, before)[0] == words


def test_the_table_sorts_by_any_column_and_withheld_numbers_come_last(world: World, monkeypatch: Any) -> None:
    def column(sort: str) -> list[Any]:
        return [
            row["cells"][0]["value"] for row in board(world, "river_city", "river_officer", sort=sort).below()
        ]

    assert column("-members.count") == [5, 3, 1]
    assert column("members.count") == [1, 3, 5]
    heads = board(world, "river_city", "river_officer", sort="-members.count").heads()
    assert heads[1]["state"] == "descending"
    assert heads[1]["sort"] == "members.count"
    assert board(world, "river_city", "river_officer", sort="drop table").sort == ""


def test_a_union_is_found_by_its_name(world: World, signed_in: Any) -> None:
    client = signed_in("river_officer")
    answer = client.get("/desk/figures/", {"union": "江东区总工会", "on": "2025-06-30"})
    assert answer.headers["Location"] == f"/desk/figures/?under={world.unions['east'].code}&on=2025-06-30"
    text = client.get("/desk/figures/", {"union": "没有这个工会"}).content.decode()
    assert "没有找到这个工会" in text
    assert "江城市总工会" in text


def test_breakdowns_of_a_past_day_come_afterwards_with_a_plain_link(world: World, signed_in: Any) -> None:
    client = signed_in("river_officer")
    text = client.get("/desk/figures/?on=2024-06-30").content.decode()
    link = f"/desk/figures/breakdowns/?under={world.unions['river_city'].code}&amp;on=2024-06-30"
    assert f'hx-get="{link}"' in text
    assert f'href="{link}"' in text
    assert "<caption>性别" not in text
    whole = client.get(link.replace("&amp;", "&")).content.decode()
    assert "<caption>性别" in whole
    assert "</html>" in whole
    part = client.get(link.replace("&amp;", "&"), headers={"HX-Request": "true"}).content.decode()
    assert "<caption>性别" in part
    assert "</html>" not in part
    assert "<caption>性别" in client.get("/desk/figures/").content.decode()


def test_the_printed_form_needs_no_script(world: World, signed_in: Any) -> None:
    text = signed_in("river_officer").get("/desk/figures/print/").content.decode()
    for part in ("江城市总工会统计表", "<svg", "江东区总工会", "35—44 岁", "会籍在册或保留的会员", "制表人"):
        assert part in text
    assert "echarts" not in text
    secret = signed_in("leader").get("/desk/figures/print/").content.decode()
    assert "少于 5 人" in secret


def test_definitions_are_those_of_the_registry(world: World, signed_in: Any) -> None:
    text = signed_in("river_officer").get("/desk/figures/").content.decode()
    for code in ("members.count", "organisations.terms_ended"):
        assert registry.get(code).definition in text
    assert Membership.objects.everywhere(reason="test").current().count() == 7
