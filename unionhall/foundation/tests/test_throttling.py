"""Throttles: exact counts across connections, windows that end, keys that cannot be read back."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection

from unionhall.foundation import throttling
from unionhall.foundation.models import Throttle
from unionhall.foundation.throttling import Wait, begin, begun, release, take, waiting

MINUTE = timedelta(minutes=1)


def shift(by: timedelta) -> None:
    """Let time pass for every window."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE foundation_throttle SET began_at = began_at - make_interval(secs => %(by)s), "
            "ends_at = ends_at - make_interval(secs => %(by)s)",
            {"by": by.total_seconds()},
        )


@pytest.mark.django_db
def test_the_limit_holds_until_the_window_ends() -> None:
    assert [take("verify", "a", limit=2, per=MINUTE) for _ in range(2)] == [None, None]
    refused = take("verify", "a", limit=2, per=MINUTE)
    assert refused is not None
    assert 55 <= refused.seconds <= 60
    assert waiting("verify", "a", limit=2) == refused or waiting("verify", "a", limit=2) == Wait(
        refused.seconds - 1
    )
    assert take("verify", "b", limit=2, per=MINUTE) is None, "another key"
    assert take("sign-in", "a", limit=2, per=MINUTE) is None, "another bucket"
    for _ in range(5):  # hammering on does not prolong the wait
        take("verify", "a", limit=2, per=MINUTE)
    shift(timedelta(seconds=61))
    assert waiting("verify", "a", limit=2) is None
    assert [take("verify", "a", limit=2, per=MINUTE) is None for _ in range(3)] == [True, True, False]
    release("verify", "a")
    assert take("verify", "a", limit=2, per=MINUTE) is None
    assert take("never", "a", limit=0, per=MINUTE) is not None


@pytest.mark.django_db
def test_several_are_taken_in_one_statement(django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(1):
        assert take("verify", "a", limit=5, per=MINUTE, count=4) is None
    assert take("verify", "a", limit=5, per=MINUTE) is None
    assert take("verify", "a", limit=5, per=MINUTE, count=2) is not None
    assert take("verify", "b", limit=5, per=MINUTE, count=6) is not None, "more than there are in a window"
    shift(timedelta(seconds=61))
    assert take("verify", "a", limit=5, per=MINUTE, count=5) is None


@pytest.mark.django_db
def test_windows_of_many_keys_begin_in_one_statement(django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(2):
        begin("seen", ["a", "b", "a"], per=MINUTE)
        assert begun("seen", ["a", "b", "c"]) == {"a", "b"}
    assert begun("other", ["a"]) == set()
    shift(timedelta(seconds=40))
    begin("seen", ["a", "c"], per=MINUTE)
    shift(timedelta(seconds=30))
    assert begun("seen", ["a", "b", "c"]) == {"c"}, "one that ran went on, and has ended"
    begin("seen", [], per=MINUTE)
    assert begun("seen", []) == set()


@pytest.mark.django_db
def test_a_clock_set_back_locks_nobody_out() -> None:
    take("verify", "a", limit=1, per=MINUTE)
    shift(timedelta(days=-300))
    assert waiting("verify", "a", limit=1) is None
    assert take("verify", "a", limit=1, per=MINUTE) is None
    assert take("verify", "a", limit=1, per=MINUTE) is not None


@pytest.mark.django_db
def test_the_key_is_not_kept_and_ended_windows_go() -> None:
    take("verify", "13800138000", limit=1, per=MINUTE)
    take("verify", "other", limit=1, per=timedelta(days=1))
    assert "13800138000" not in str(list(Throttle.objects.values()))
    shift(timedelta(minutes=2))
    assert throttling.forget_ended() == 1
    assert Throttle.objects.count() == 1


def test_eight_connections_share_one_count(db: None) -> None:
    """Exactly the limit is granted, however many processes ask at once."""

    def ask(_: int) -> bool:
        try:
            return take("together", "one", limit=25, per=MINUTE) is None
        finally:
            connection.close()

    def clean() -> None:
        release("together", "one")
        connection.close()

    with ThreadPoolExecutor(8) as pool:
        try:
            assert sum(pool.map(ask, range(80))) == 25
        finally:
            pool.submit(clean).result()
