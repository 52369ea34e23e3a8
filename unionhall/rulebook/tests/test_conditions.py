"""One source, two readings: the SQL of a condition and its Python agree for random people, clauses and days."""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.db.models import Q
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from tests.world import World
from unionhall.rulebook import eligibility
from unionhall.rulebook.conditions import Clause, all_conditions, codes, compile_q, explain, met
from unionhall.rulebook.counting import Asked, count
from unionhall.rulebook.facts import all_facts
from unionhall.rulebook.population import people, under

from .crowd import make


def clause(**raw: Any) -> Clause:
    """A clause as a scheme file writes it."""
    return Clause.model_validate(raw)


NOT_SLOW = [HealthCheck.too_slow, HealthCheck.function_scoped_fixture]


@pytest.fixture
def crowd(world: World) -> list[int]:
    return make(world, 150)


def _leaf() -> st.SearchStrategy[dict[str, Any]]:
    """A clause for every condition of the register, with bounds where people stand."""
    numbers = st.integers(-2, 70)
    bounds = st.one_of(
        st.fixed_dictionaries({"at_least": numbers}),
        st.fixed_dictionaries({"at_most": numbers}),
        st.tuples(numbers, numbers).map(lambda pair: {"at_least": min(pair), "at_most": max(pair)}),
    )
    choices: dict[str, st.SearchStrategy[dict[str, Any]]] = {
        "Bounds": bounds,
        "Flag": st.sampled_from([{}, {"is": True}, {"is": False}]),
        "Within": st.sampled_from([{"within": ["4201"]}, {"within": ["420103", "4205"]}, {"within": ["11"]}]),
    }
    found = []
    for one in all_conditions():
        if not one.fact_code.startswith(("person.", "membership.", "employment.", "card.")):
            continue
        name = one.takes.__name__
        if name == "Choice":
            words = sorted(one.fact.words)
            taken = st.one_of(
                st.sampled_from(words).map(lambda word: {"is": word}),
                st.lists(st.sampled_from(words), min_size=1, max_size=3).map(lambda some: {"one_of": some}),
            )
        else:
            taken = choices[name]
        found.append(st.tuples(st.just(one.code), taken).map(lambda pair: {"condition": pair[0], **pair[1]}))
    return st.one_of(found)


def _clause(leaf: st.SearchStrategy[dict[str, Any]]) -> st.SearchStrategy[dict[str, Any]]:
    return st.recursive(
        leaf,
        lambda inner: st.tuples(
            st.sampled_from(["any", "all", "none"]), st.lists(inner, min_size=1, max_size=3)
        ).map(lambda pair: {pair[0]: pair[1]}),
        max_leaves=5,
    )


@pytest.mark.django_db
def test_sql_and_python_agree(crowd: list[int]) -> None:
    today = timezone.localdate()
    every = [one.code for one in all_facts() if not one.code.startswith("benefits.")]
    known: dict[date, dict[int, dict[str, Any]]] = {}

    @settings(max_examples=60, deadline=None, suppress_health_check=NOT_SLOW)
    @given(
        st.lists(_clause(_leaf()), min_size=1, max_size=3),
        st.sampled_from(
            [today, today - timedelta(days=1), today - timedelta(days=400), today + timedelta(days=60)]
        ),
    )
    def agree(raw: list[dict[str, Any]], on: date) -> None:
        clauses = [Clause.model_validate(one) for one in raw]
        facts = known.setdefault(on, eligibility.values(crowd, every, on))
        rows = people(on, Q(pk__in=crowd), codes(clauses)).filter(compile_q(clauses, on))
        by_sql = set(rows.values_list("pk", flat=True))
        many = {
            "these": Asked(tuple(clauses)),
            "other": Asked((clause(condition="member"),), "4201", ("420103",)),
        }
        counted = count(many, on, Q(pk__in=crowd))
        assert counted["these"] == len(by_sql)
        by_python = {pk for pk in crowd if met(clauses, facts[pk], on)}
        assert by_sql == by_python
        for pk in crowd[:20]:
            reasons = explain(clauses, facts[pk], on)
            assert all(reason.met for reason in reasons) == (pk in by_sql)
            assert all(bool(reason.missing) != bool(reason.met) for reason in reasons), reasons

    agree()


@pytest.mark.django_db
def test_ages_turn_on_the_day(world: World) -> None:
    """Bounds on an age are asked of the birth day; both must turn on the same day, 29 February too."""
    (one, *_) = make(world, 30)
    for birth in (date(2004, 2, 29), date(2004, 3, 1), date(2004, 12, 31)):
        people(date(2022, 1, 1), Q(pk=one)).update(birth=birth)
        for on in (
            date(2022, 2, 28),
            date(2022, 3, 1),
            date(2024, 2, 29),
            date(2022, 12, 30),
            date(2022, 12, 31),
        ):
            age = eligibility.values([one], ["person.age"], on)[one]["person.age"]
            assert age == on.year - birth.year - ((on.month, on.day) < (birth.month, birth.day))
            for bound in range(age - 1, age + 3):
                (low,) = [clause(condition="age", at_least=bound)]
                assert people(on, Q(pk=one), ["person.age"]).filter(low.as_q(on)).exists() == (age >= bound)


@pytest.mark.django_db
def test_what_is_not_known_is_never_met(world: World) -> None:
    person = world.people["outsider"]
    on = timezone.localdate()
    retired, opposite = clause(condition="retired"), clause(none=[{"condition": "retired"}])
    eligibility_of = eligibility.values([person.pk], codes([retired]), on)[person.pk]
    for asked in (retired, opposite):
        assert asked.test(eligibility_of, on) is None
        assert not people(on, Q(pk=person.pk), codes([asked])).filter(asked.as_q(on)).exists()
        (reason,) = explain([asked], eligibility_of, on)
        assert reason.met is None
        assert "没有登记就业状况" in reason.text


def test_reasons_name_the_own_value_and_what_is_missing() -> None:
    on = date(2026, 11, 22)
    (reason,) = explain([clause(condition="age", at_least=16, at_most=60)], {"person.age": 12}, on)
    assert (reason.met, reason.text) == (False, "年龄 12 岁，要求“16 至 60 岁”")
    assert reason.missing == "年龄应为 16 至 60 岁，还差 4 岁"
    (reason,) = explain([clause(condition="member")], {"membership.member": False}, on)
    assert (reason.text, reason.missing) == ("不是工会会员", "需要：是工会会员")
    either = clause(any=[{"condition": "skill", "is": "1"}, {"condition": "card"}])
    (reason,) = explain([either], {"person.skill": "2", "card.active": True}, on)
    assert (reason.met, reason.text) == (True, "会员卡有效")
    (reason,) = explain([either], {"person.skill": "2", "card.active": False}, on)
    assert reason.missing == "技能等级应为 高级技师，或者需要：会员卡有效"


def test_what_somebody_may_not_have_is_said_as_that() -> None:
    on = date(2026, 11, 22)
    barred = clause(none=[{"condition": "age", "at_least": 60}, {"condition": "retired"}])
    young = {"person.age": 30, "employment.retired": False}

    def told(**values: Any) -> tuple[bool | None, str, str]:
        known = {"person.age": values.get("age"), "employment.retired": values.get("retired")}
        (reason,) = explain([barred], known, on)
        return reason.met, reason.text, reason.missing

    assert told(age=30, retired=False) == (True, "年龄 30 岁，没有“不少于 60 岁”的情形；没有退休", "")
    old = "年龄 65 岁，符合“不少于 60 岁”"
    assert told(age=65) == (False, old, f"不能有以下情形：{old}")
    unknown = "没有登记就业状况，核实登记后才能判断有没有“已退休”的情形"
    assert told(age=30) == (None, unknown, unknown)
    groups = clause(none=[{"all": [{"condition": "age", "at_least": 60}, {"condition": "retired"}]}])
    (reason,) = explain([groups], young, on)
    assert reason.text == "没有“同时符合（年龄：不少于 60 岁；已退休）”的情形"
    (reason,) = explain([groups], {"person.age": 65}, on)
    assert reason.missing.startswith("登记的资料不全，核实登记后才能判断有没有“同时符合")


@pytest.mark.parametrize(
    ("raw", "sentence"),
    [
        ({"condition": "ages"}, "没有名为“ages”的条件"),
        ({"condition": "age"}, "at_least"),
        ({"condition": "age", "at_least": 60, "at_most": 16}, "不能大于"),
        ({"condition": "age", "at_least": Decimal("1.5")}, "整数"),
        ({"condition": "age", "at_least": 3000}, "“年龄”的上下限不能超过 150 岁"),
        ({"condition": "card_days", "at_most": 99_999}, "不能超过 54,787 天"),
        ({"condition": "medical_paid", "at_least": 10**12}, "不能超过 1,000,000,000 元"),
        ({"condition": "age", "at_least": float("inf")}, "应为数字"),
        ({"condition": "certificate_day", "within_days": 10**7}, "应不大于 54787"),
        ({"condition": "age", "atleast": 3}, "不认识的项“atleast”"),
        ({"condition": "skill", "is": "高级技师"}, "不是技能等级的代码"),
        ({"condition": "member", "any": []}, "之一"),
        ({"any": []}, "应列出条件"),
        ({"any": [{"condition": "member"}], "at_least": 3}, "旁边不写其他项"),
        ({}, "之一"),
    ],
)
def test_a_mistaken_clause_says_what_to_do(raw: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ValidationError, match=sentence):
        Clause.model_validate(raw)


def test_groups_stand_in_groups_only_so_deep() -> None:
    raw: dict[str, Any] = {"condition": "member"}
    for _ in range(8):
        raw = {"none": [raw]}
    assert Clause.model_validate(raw).words().count("没有以下情形") == 8
    with pytest.raises(ValidationError, match="最多套 8 层"):
        Clause.model_validate({"any": [raw]})


@pytest.mark.django_db
@pytest.mark.parametrize("bound", [0, 149, 150])
def test_every_bound_that_is_let_through_can_be_asked_of_the_register(world: World, bound: int) -> None:
    on = timezone.localdate()
    for asked in (clause(condition="age", at_least=bound), clause(condition="age", at_most=bound)):
        assert people(on, None, codes([asked])).filter(asked.as_q(on)).count() >= 0


@pytest.mark.django_db
def test_all_facts_of_all_schemes_are_one_statement(world: World, crowd: list[int]) -> None:
    every = [one.code for one in all_facts()]
    with CaptureQueriesContext(
        connection,
    ) as told:
        found = eligibility.values([world.people["alpha_1"].pk], every, timezone.localdate())
    assert len(told) == 1
    sql = told.captured_queries[0]["sql"]
    for table in ("members_membership", "members_employment", "members_card", "organisations_organisation"):
        assert sql.count(f'JOIN "{table}"') == 1
    values = found[world.people["alpha_1"].pk]
    assert values["membership.division"] == "420103001"
    assert values["membership.member"] is True


@pytest.mark.django_db
def test_a_subtree_narrows(world: World, crowd: list[int]) -> None:
    on = timezone.localdate()
    names: Callable[[str], set[int]] = lambda union: set(  # noqa: E731
        people(on, under(world.unions[union].path)).values_list("pk", flat=True)
    )
    assert world.people["alpha_1"].pk in names("east")
    assert world.people["delta_1"].pk not in names("east")
