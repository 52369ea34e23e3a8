"""schemathesis against our own OpenAPI document, in process: what is documented is what is answered.

By hand with many more examples: `UNIONHALL_API_EXAMPLES=500 pytest -n 0 -q unionhall/api/tests/test_conformance.py`.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from hypothesis import HealthCheck, settings

from tests.world import World
from unionhall.api import authentication
from unionhall.wsgi import application

from .clients import issued

EXAMPLES = int(os.environ.get("UNIONHALL_API_EXAMPLES", "3"))
#: What a document cannot say (a check digit, a day after today, a union that is not there) is refused in good form.
FAIR = ["2xx", "401", "403", "404", "409", "422"]
CONFIG = schemathesis.config.SchemathesisConfig.from_dict(
    {
        "checks": {"positive_data_acceptance": {"expected-statuses": FAIR}},
        # Every boundary of every field takes half a minute: by hand.
        "phases": {"coverage": {"enabled": EXAMPLES > 20}},
    }
)


@pytest.fixture
def transactions_stay_open() -> Iterator[None]:
    """Between requests a server closes old connections; ours holds the test's transaction."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.fixture
def token(world: World) -> str:
    return issued(world, per_minute=60_000)[1]


@pytest.fixture
def document(world: World, transactions_stay_open: None, monkeypatch: pytest.MonkeyPatch) -> Any:
    # Each operation is asked with wrong tokens too, all from one address.
    monkeypatch.setattr(authentication, "BAD_TOKENS", 1_000_000)
    return schemathesis.openapi.from_wsgi("/api/v1/openapi.json", application, config=CONFIG)


schema: Any = schemathesis.pytest.from_fixture("document")


@schema.parametrize()
@settings(
    max_examples=EXAMPLES, deadline=None, derandomize=True, database=None,
    suppress_health_check=list(HealthCheck),
)  # fmt: skip
def test_the_document_is_true(case: Any, token: str) -> None:
    case.call_and_validate(headers={"Authorization": f"Bearer {token}"})
