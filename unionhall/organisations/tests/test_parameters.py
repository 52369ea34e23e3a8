"""Remarks and the rules of terms: pure rules, what rooms above supply, dates and places."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.core.exceptions import ImproperlyConfigured

from tests.world import World
from unionhall.foundation.errors import Refused
from unionhall.organisations import clock, parameters
from unionhall.organisations.models import Organisation, Term
from unionhall.organisations.parameters import TermParameters
from unionhall.organisations.rules import (
    Limit,
    Seats,
    TermClock,
    TermState,
    Thresholds,
    UnionFacts,
    remarks,
)

WHY = "a test reads the tables directly"
TODAY = date(2026, 1, 10)
LIMITS = Thresholds(Limit(25, "甲法"), Limit(25, "乙法"), Limit(200, "丙法"))
SOUND = UnionFacts(
    members=60,
    women=20,
    staff=150,
    has_committee=True,
    has_full_time_chair=False,
    has_women_committee=False,
    has_audit_committee=True,
    clock=TermClock(TermState.GREEN, 400),
    committee_size=5,
    seats=Seats((3, 5), "名额表"),
)


def said(facts: UnionFacts, limits: Thresholds = LIMITS) -> list[tuple[str, str]]:
    return [(remark.text, remark.source) for remark in remarks(facts, limits)]


def test_a_sound_union_gets_no_remark() -> None:
    assert said(SOUND) == []


@pytest.mark.parametrize(
    ("change", "words", "source"),
    [
        ({"women": 25}, "女会员已有 25 人，应当建立女职工委员会", "乙法"),
        ({"staff": 200}, "职工已有 200 人，可以设专职工会主席", "丙法"),
        ({"committee_size": 4}, "委员 4 人；会员 60 人的，委员名额为 3、5 人", "名额表"),
        ({"committee_size": 7}, "委员 7 人", "名额表"),
        ({"has_audit_committee": False}, "还没有登记经费审查委员会", "《工会法》第四十五条"),
        ({"clock": TermClock(TermState.RED, -12)}, "任期已届满 12 天", "《中国工会章程》第二十六条"),
        ({"has_committee": False, "members": 25}, "会员已有 25 人，应当建立基层工会委员会", "甲法"),
        ({"has_committee": False, "members": 24}, "不足 25 人：可以单独建立工会委员会，可以和其他单位联合", "甲法"),
    ],
)  # fmt: skip
def test_each_remark_names_its_source(change: dict[str, object], words: str, source: str) -> None:
    ((text, found),) = said(replace(SOUND, **change))  # type: ignore[arg-type]
    assert words in text
    assert found == source


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"women": 27}, "女会员已达 25 人，应当建立女职工委员会。"),
        ({"committee_size": 7}, "委员 7 人，与会员人数应有的委员名额不符。"),
        ({"has_committee": False, "members": 61}, "会员已达 25 人，应当建立基层工会委员会。"),
        (
            {"has_committee": False, "members": 2},
            "会员不足 25 人：可以单独建立工会委员会，可以和其他单位联合建立，也可以选举组织员一人。",
        ),
    ],
)  # fmt: skip
def test_who_may_not_count_the_members_reads_the_same_remark_without_their_number(
    change: dict[str, object], words: str
) -> None:
    facts = replace(SOUND, **change)  # type: ignore[arg-type]
    assert [remark.text for remark in remarks(facts, LIMITS, counted=False)] == [words]
    assert len(said(facts)) == 1


@pytest.mark.parametrize(
    "change",
    [
        {"women": 24},
        {"women": 90, "has_women_committee": True},
        {"staff": 199},
        {"staff": 900, "has_full_time_chair": True},
        {"committee_size": None},
        {"committee_size": 8, "seats": None},
        {"has_committee": False, "members": 24, "has_organiser": True},
        {"has_committee": False, "members": 0},
    ],
)
def test_what_is_in_order_is_not_remarked_on(change: dict[str, object]) -> None:
    assert said(replace(SOUND, **change)) == []  # type: ignore[arg-type]


def test_without_a_number_in_force_nothing_is_asked_for() -> None:
    facts = replace(SOUND, women=900, staff=900, has_committee=False)
    assert said(facts, Thresholds()) == []
    must = replace(LIMITS, full_time_chair_must=True)
    assert said(replace(SOUND, staff=200), must)[0][0].endswith("应当设专职工会主席。")


@pytest.fixture
def unsupplied(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("_terms", "_places", "_remarks"):
        monkeypatch.setattr(parameters, name, None)


@pytest.mark.usefixtures("unsupplied")
def test_nothing_is_assumed_when_nothing_is_supplied() -> None:
    with pytest.raises(ImproperlyConfigured):
        parameters.terms(TODAY, "42")
    with pytest.raises(ImproperlyConfigured):
        clock.read(TODAY, TODAY, "42")
    with pytest.raises(ImproperlyConfigured):
        parameters.soon_by_place(TODAY)
    with pytest.raises(ImproperlyConfigured):
        parameters.remarks(None, [], TODAY)  # type: ignore[arg-type]


@pytest.fixture
def by_place(monkeypatch: pytest.MonkeyPatch) -> None:
    """Everywhere three months, in 4205 twelve; nothing before 2010."""

    def terms(on: date, division: str) -> TermParameters:
        if on.year < 2010:
            raise Refused("没有适用的方案")
        return TermParameters(lambda level: (5,), 12 if division.startswith("4205") else 3)

    for name in ("_terms", "_places", "_remarks"):
        monkeypatch.setattr(parameters, name, getattr(parameters, name))
    parameters.supply_terms(terms, lambda on: ["4205"])


@pytest.mark.usefixtures("by_place")
def test_a_place_with_its_own_rules_is_announced_by_them() -> None:
    assert parameters.soon_by_place(TODAY) == [("4205", date(2027, 1, 10)), ("", date(2026, 4, 10))]
    end = date(2026, 10, 1)
    assert clock.read(end, TODAY, "420502001").state is TermState.AMBER
    assert clock.read(end, TODAY, "4201").state is TermState.GREEN
    assert clock.read(date(2009, 3, 1), date(2009, 2, 1), "4201").state is TermState.GREEN
    assert clock.read(date(2009, 1, 1), date(2009, 2, 1), "4201").state is TermState.RED


@pytest.mark.django_db
@pytest.mark.usefixtures("by_place")
@pytest.mark.parametrize("state", list(TermState))
def test_the_filter_of_a_list_agrees_with_the_clock_of_each_row(world: World, state: TermState) -> None:
    half_a_year = TODAY + timedelta(days=180)
    for union in ("alpha", "delta"):
        Term.objects.everywhere(reason=WHY).filter(organisation=world.unions[union]).update(
            period=(date(2021, 1, 1), half_a_year)
        )
    rows = clock.with_term_end(Organisation.objects.everywhere(reason=WHY), TODAY)
    expected = {row.pk for row in rows if clock.read(row.term_end, TODAY, row.division).state is state}  # type: ignore[attr-defined]
    assert {row.pk for row in clock.in_state(rows, state, TODAY)} == expected
    if state is TermState.AMBER:
        assert expected == {world.unions["delta"].pk}


@pytest.mark.parametrize(
    "terms",
    [
        [],
        [(-3000, -1000)],
        [(-3000, 0)],
        [(-3000, 1)],
        [(-3000, -1000), (-900, 900)],
        [(-3000, -1000), (-900, -1)],
        [(-3000, -1000), (1, 900)],
        [(-900, None)],
        [(1, 900)],
    ],
)
def test_ended_is_what_the_clock_shows_red(world: World, terms: list[tuple[int, int | None]]) -> None:
    """The condition that figures count by, against the end of the latest term that had begun."""
    alpha = world.unions["alpha"]
    every = Organisation.objects.everywhere(reason=WHY)
    Term.objects.everywhere(reason=WHY).filter(organisation=alpha).delete()
    for number, (first, last) in enumerate(terms, 1):
        end = None if last is None else TODAY + timedelta(days=last)
        Term.objects.create(organisation=alpha, number=number, period=(TODAY + timedelta(days=first), end))
    shown = clock.in_state(clock.with_term_end(every, TODAY), TermState.RED, TODAY)
    assert set(every.filter(clock.ended(TODAY))) == set(shown)
