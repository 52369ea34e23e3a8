"""One embedded PostgreSQL for the whole test run, in a home of its own; a database per xdist worker.

Nothing is left running. With DATABASE_URL set, that server is used instead.
"""

from __future__ import annotations

import gc
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import hypothesis
import pytest
import pytest_django
from pytest_django.plugin import blocking_manager_key

from unionhall.foundation.postgres import PostgresError, Server

if TYPE_CHECKING:
    from django.test import Client
    from playwright.sync_api import Playwright

    from tests.world import World

ROOT = Path(__file__).resolve().parent
IN_WORKER = "PYTEST_XDIST_WORKER" in os.environ

if not IN_WORKER:
    # Before Django reads its settings: tests never touch the data of a person who runs the site here.
    base = Path(os.environ.get("UNIONHALL_HOME", ROOT / "var"))
    os.environ["UNIONHALL_HOME"] = str(base.resolve() / "test")
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "unionhall.settings")
# WhiteNoise warns of every client that finds no folder of collected files; tests serve them from the sources.
(Path(os.environ["UNIONHALL_HOME"]) / "static").mkdir(parents=True, exist_ok=True)

# A test database that survives no crash may skip the waits that would make it survive one.
CARELESS = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
CARELESS |= {"autovacuum": "off", "max_connections": "200", "shared_buffers": "512MB"}

# How long an example takes says how busy the machine is, not whether it is right.
hypothesis.settings.register_profile(
    "untimed", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("untimed")

TEMPLATE = "UNIONHALL_TEST_TEMPLATE"
server = pytest.StashKey[Server]()


def pytest_configure() -> None:
    """Read the settings only now, with the test home set; pytest-django then sets Django up."""
    from django.conf import settings

    assert settings.DATABASES
    # Whoever tests publishing turns it on; the others need no database to read a scheme.
    settings.SCHEMES_PUBLISHED = False
    # Each test's client builds the middleware anew: static files are looked up when asked for, not listed each time.
    settings.WHITENOISE_AUTOREFRESH = True
    _use_template()


def _use_template() -> None:
    from django.db import connection

    if TEMPLATE in os.environ:
        connection.settings_dict["TEST"]["TEMPLATE"] = os.environ[TEMPLATE]


@pytest.hookimpl(tryfirst=True)
def pytest_sessionstart(session: pytest.Session) -> None:
    """Start the server in the controller, before xdist spawns its workers."""
    config = session.config
    if IN_WORKER or config.option.collectonly or os.environ.get("DATABASE_URL"):
        return
    running = Server(os.environ["UNIONHALL_HOME"], settings=CARELESS)
    try:
        running.start()
    except PostgresError as failure:
        pytest.exit(str(failure), returncode=3)
    config.stash[server] = running
    _prepare_template(config, running)


def _prepare_template(config: pytest.Config, running: Server) -> None:
    """Migrate once for all test databases and homes; xdist's workers read the name from the environment."""
    from tests import prepared, template

    try:
        with config.stash[blocking_manager_key].unblock():
            os.environ[TEMPLATE] = template.ensure()
        prepared.keep(running, os.environ[TEMPLATE], CARELESS)
    except Exception as failure:
        # A broken migration fails the tests that need the database, not those that don't.
        print(f"no template database: {type(failure).__name__}: {failure}")
    _use_template()


def pytest_xdist_auto_num_workers() -> int | None:
    """One more than there are cores: a third of a worker's time is waiting for a browser, a disk or a process."""
    if "PYTEST_XDIST_AUTO_NUM_WORKERS" in os.environ:
        return None  # xdist reads it
    return (len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1) + 1


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Distributed, what takes seconds begins first (in random order): at the end no worker waits for a long one."""
    if IN_WORKER:
        items.sort(key=lambda item: not any(item.get_closest_marker(name) for name in ("slow", "browser")))


def pytest_collection_finish() -> None:
    """What was imported and collected stays: the collector need not walk it again and again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)


@pytest.hookimpl(trylast=True)
def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop it, unless another run in the same home still uses it."""
    if server in config.stash:
        config.stash[server].stop()


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: pytest_django.DjangoDbBlocker) -> None:
    """The test world is written once per database; tests roll back to it, and who commits has it put back."""
    from django.test import TransactionTestCase

    from tests import restoring
    from tests.world import ensure

    with django_db_blocker.unblock():
        ensure()
        restoring.keep()
    TransactionTestCase._fixture_teardown = lambda _: restoring.restore()  # type: ignore[attr-defined]


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    """One driver for all browser tests of a process: a second one beside it cannot start.

    Its loop lives in the tests' thread from then on; Django must not mistake it for async code of ours.
    """
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    api = pytest.importorskip("playwright.sync_api")
    with api.sync_playwright() as running:
        yield running


@pytest.fixture
def own_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    """For a test that changes the ring: what is on disk was looked at, so it is not taken up in the midst of it."""
    from unionhall.foundation import sealing

    sealing.follow()
    monkeypatch.setattr(sealing, "_seen", sealing._seen)


@pytest.fixture
def world(db: None) -> World:
    """Two cities, four grassroots unions, an account for every role (see tests/world.py)."""
    from tests.world import ensure

    return ensure()


@pytest.fixture
def signed_in(client: Client, world: World) -> Callable[[str], Client]:
    """`signed_in("chair_alpha")` is a client whose requests come from that account."""

    def sign_in(name: str) -> Client:
        client.force_login(world.accounts[name], backend="unionhall.access.backends.DeskBackend")
        return client

    return sign_in
