"""What machines ask: answered without session or account, and to whom it concerns."""

from collections.abc import Callable

import pytest
from django.conf import LazySettings
from django.db import connection
from django.test import Client

from tests.world import World
from unionhall.foundation import indexing, keys, sealing
from unionhall.foundation.actors import system_actor
from unionhall.portal import probes
from unionhall.records.actions import journal

SignIn = Callable[[str], Client]


def test_alive_without_a_database_and_by_any_name(client: Client) -> None:
    """No `db` fixture: a query would fail the test."""
    answer = client.get("/healthz", headers={"Host": "10.0.0.7"})
    assert (answer.status_code, answer.content, answer.cookies) == (200, b"ok\n", {})


@pytest.mark.django_db
def test_ready_says_yes_or_no_and_nothing_else(
    client: Client, settings: LazySettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = client.get("/readyz")
    assert (answer.status_code, answer.content, answer.cookies) == (200, b"ok\n", {})
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'records'")
    monkeypatch.setattr(probes, "_current_until", 0.0)
    answer = client.get("/readyz")
    assert (answer.status_code, answer.content) == (503, b"not ready\n")


@pytest.mark.django_db
def test_not_ready_without_the_index_key(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(indexing, "_number", 9)
    assert client.get("/readyz").status_code == 503


@pytest.mark.django_db
def test_not_ready_under_a_ring_that_is_not_this_databases(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """keys.json was lost: the next start made a new one."""
    journal(system_actor(), "access.sign_out")
    assert client.get("/readyz").status_code == 200
    other = sealing.Ring(keys.Keys.generate())
    monkeypatch.setattr("unionhall.records.lanes.ring", lambda: other)
    assert client.get("/readyz").status_code == 503


@pytest.mark.django_db
def test_metrics_are_for_this_machine_or_who_has_the_token(client: Client, settings: LazySettings) -> None:
    assert client.get("/metrics").status_code == 200
    assert client.get("/metrics", REMOTE_ADDR="192.0.2.9").status_code == 404
    assert client.get("/metrics", headers={"X-Forwarded-For": "127.0.0.1"}).status_code == 404
    settings.METRICS_TOKEN = "a-long-token"
    assert client.get("/metrics").status_code == 404
    assert client.get("/metrics", headers={"Authorization": "Bearer a-long-tokem"}).status_code == 404
    token = {"Authorization": "Bearer a-long-token"}
    assert client.get("/metrics", headers=token, REMOTE_ADDR="192.0.2.9").status_code == 200


def test_what_is_measured(signed_in: SignIn, world: World) -> None:
    """Requests by route and never by path; facts of the database; nothing that names anyone."""
    client = signed_in("chair_alpha")
    client.get(f"/desk/members/{world.people['alpha_1'].pk}/")
    client.get("/verify/AAAA/")
    client.get("/nowhere/13800138000/")
    journal(system_actor(), "portal.backed_up")
    text = client.get("/metrics").content.decode()
    assert 'unionhall_requests_total{method="GET",route="desk_member",status="200"}' in text
    assert 'route="unmatched",status="404"' in text
    assert 'unionhall_request_seconds_bucket{le="0.15",route="desk_member"}' in text
    assert 'unionhall_request_queries_total{route="desk_member"}' in text
    for name in (
        "build_info", "jobs", "job_oldest_wait_seconds", "workers", "journal_unsealed", "journal_gaps",
        "rollup_unfolded", "outbox_waiting", "deliveries", "backup_age_seconds", "resealing_unfinished",
        "disk_free_bytes", "delivery_oldest_seconds", "endpoints_stopped",
    ):  # fmt: skip
        assert f"# HELP unionhall_{name} " in text, name
    assert "unionhall_facts_failed 0.0" in text
    assert "13800138000" not in text
    assert "AAAA" not in text


def test_a_ring_has_what_the_probe_needs() -> None:
    assert keys.Keys.generate().indexes


def test_every_alert_asks_for_a_metric_that_exists(db: None, client: Client) -> None:
    import re
    from pathlib import Path

    rules = Path(__file__).resolve().parents[3] / "deploy" / "prometheus-rules.yml"
    client.get("/progress/")
    text = client.get("/metrics").content.decode()
    told = set(re.findall(r"# HELP (unionhall_\w+)", text))
    asked = set(re.findall(r"\b(unionhall_[a-z_]+?)(?:_bucket)?[\[{ )>]", "\n".join(
        line for line in rules.read_text().splitlines() if "expr:" in line
    )))  # fmt: skip
    # Without their own runs these have no value yet; their names are declared all the same.
    assert asked - told == set()
    assert len(asked) > 10


def test_the_last_backup_and_drill_are_shown(signed_in: SignIn, world: World) -> None:
    backed_up = {"bytes": 5_000_000, "rows": 123_456}
    journal(system_actor(), "portal.backed_up", detail=backed_up)
    client = signed_in("operator")
    assert "还没有演练过" in client.get("/ops/").content.decode()
    report = {"ok": True, "restore_seconds": 12.3, "rows": 123_456, "faults": []}
    journal(system_actor(), "portal.drilled", detail=report)
    page = client.get("/ops/").content.decode()
    assert "123,456 行" in page
    assert "恢复用时 12 秒" in page
    failed = report | {"ok": False, "faults": ["members_person：备份时 7，恢复后 0"]}
    journal(system_actor(), "portal.drilled", detail=failed)
    assert "备份时 7，恢复后 0" in client.get("/ops/").content.decode()
