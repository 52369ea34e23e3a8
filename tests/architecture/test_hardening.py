"""What stands between the site and the world: headers on every kind of page, cookies, hosts, keys, licences."""

import json
import os
import re
import subprocess
import sys
from datetime import timedelta
from importlib.metadata import Distribution, distribution
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from tests.architecture.floors import ROOT
from tests.architecture.page_faults import faults, of_page
from tests.world import World
from unionhall.foundation.keys import Keys, KeysUnreadable, load_keys

BACKEND = "unionhall.access.backends.DeskBackend"

# Headers -------------------------------------------------------------------------------------------------------


@pytest.mark.django_db
@pytest.mark.parametrize(
    "address",
    ["/", "/nowhere/", "/m/sign-in/", "/sign-in/", "/screen/", "/api/", "/desk/nowhere/", "/verify/"],
)
def test_every_kind_of_page_carries_the_headers(client: Client, address: str) -> None:
    assert faults(client.get(address), signed_in=False) == []


@pytest.mark.django_db
def test_so_do_the_pages_of_errors(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    strict = Client(enforce_csrf_checks=True)
    assert strict.post("/m/sign-in/", {"phone": "1"}).status_code == 403
    assert faults(strict.post("/m/sign-in/", {"phone": "1"}), signed_in=False) == []
    client = Client(raise_request_exception=False)
    client.force_login(world.accounts["worker_alpha"], backend=BACKEND)
    assert client.get("/desk/members/").status_code == 403
    assert faults(client.get("/desk/members/"), signed_in=True) == []

    def broken(*args: Any, **kwargs: Any) -> Any:
        raise RuntimeError("13800000001")

    monkeypatch.setattr("unionhall.access.views.devices.Sessions.context", broken)
    page = client.get("/account/sessions/")
    assert page.status_code == 500
    assert faults(page, signed_in=True) == []
    assert "13800000001" not in page.content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize("digits", ["²", "9" * 5000])
def test_digits_that_are_no_number_break_no_page(world: World, digits: str) -> None:
    client = Client()
    client.force_login(world.accounts["river_officer"], backend=BACKEND)
    for address in (
        "/desk/settings/accounts/?after=", "/desk/settings/holidays/?year=", "/desk/visits/new/?duty=",
        "/desk/visits/new/?person=", "/desk/visits/new/?employer=", "/desk/contacts/new/?employer=",
        "/desk/visits/items/?q=WT",
    ):  # fmt: skip
        assert client.get(f"{address}{digits}").status_code in {200, 404}, address
    for address in ("/desk/members/batch/", "/desk/cases/batch/", "/desk/reviews/batch/"):
        assert client.post(address, {"selected": [digits]}).status_code in {200, 302, 422}, address


@pytest.mark.parametrize(
    "html",
    [
        "<p onclick=\"x()\">", "<p style='color:red'>", "<style>p{}</style>", "<script>x()</script>",
        '<a href="javascript:x()">', '<a href="/desk/?q=13800000001">', '<form action="/x/429900198803040018/">',
        "<button hx-on:click=x>",
    ],
)  # fmt: skip
def test_a_page_that_breaks_the_promise_is_caught(html: str) -> None:
    assert of_page(html)


def test_what_is_allowed_is_not_caught() -> None:
    assert of_page('<script src="/a.js"></script><a href="tel:13800000001"><p data-on="1">') == []
    assert (
        of_page('<script type="application/json">{}</script><a href="/desk/reviews/RH2026010100001/">') == []
    )


# The site behind https -----------------------------------------------------------------------------------------

_SETTINGS = """
import json, os
import django
os.environ["DJANGO_SETTINGS_MODULE"] = "unionhall.settings"
from django.conf import settings as s
names = ["SESSION_COOKIE_NAME", "CSRF_COOKIE_NAME", "DEVICE_COOKIE_NAME", "SESSION_COOKIE_SECURE", "ALLOWED_HOSTS",
         "CSRF_COOKIE_SECURE", "SESSION_COOKIE_HTTPONLY", "CSRF_COOKIE_HTTPONLY", "SECURE_HSTS_SECONDS", "DEBUG",
         "PASSWORD_HASHERS", "CSRF_TRUSTED_ORIGINS", "SESSION_COOKIE_SAMESITE", "TOTP_REQUIRED", "OIDC"]
print(json.dumps({name: getattr(s, name) for name in names}))
"""


@pytest.fixture(scope="module")
def behind_https() -> dict[str, Any]:
    environ = {name: value for name, value in os.environ.items() if not name.startswith("UNIONHALL_")}
    environ |= {"UNIONHALL_ADDRESS": "https://gh.example.org", "UNIONHALL_HOSTS": "gh.example.org"}
    environ |= {"UNIONHALL_KEYS": Keys.generate().to_json(), "DATABASE_URL": "postgresql://u@localhost/x"}
    done = subprocess.run(
        [sys.executable, "-c", _SETTINGS], cwd=ROOT, env=environ, capture_output=True, text=True, check=True
    )
    return dict(json.loads(done.stdout))


def test_cookies_behind_https_are_this_hosts_alone(behind_https: dict[str, Any]) -> None:
    for name in ("SESSION_COOKIE_NAME", "CSRF_COOKIE_NAME", "DEVICE_COOKIE_NAME"):
        assert behind_https[name].startswith("__Host-")
    for name in (
        "SESSION_COOKIE_SECURE",
        "CSRF_COOKIE_SECURE",
        "SESSION_COOKIE_HTTPONLY",
        "CSRF_COOKIE_HTTPONLY",
    ):
        assert behind_https[name] is True
    assert behind_https["SESSION_COOKIE_SAMESITE"] == "Lax"


def test_the_site_is_strict_unless_told_otherwise(behind_https: dict[str, Any]) -> None:
    assert behind_https["SECURE_HSTS_SECONDS"] >= timedelta(days=180).total_seconds()
    assert behind_https["ALLOWED_HOSTS"] == ["gh.example.org"]
    assert behind_https["CSRF_TRUSTED_ORIGINS"] == ["https://gh.example.org"]
    assert behind_https["DEBUG"] is False
    assert behind_https["TOTP_REQUIRED"] is True
    assert behind_https["OIDC"] is None
    assert behind_https["PASSWORD_HASHERS"] == ["django.contrib.auth.hashers.Argon2PasswordHasher"]


@pytest.mark.django_db
def test_another_host_is_refused(client: Client) -> None:
    wanted = settings.ALLOWED_HOSTS
    assert "*" not in wanted
    assert client.get("/sign-in/", headers={"host": "evil.example"}).status_code == 400


# Keys ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o644])
def test_the_site_does_not_start_with_keys_that_others_can_read(tmp_path: Path, mode: int) -> None:
    load_keys(tmp_path, {})
    path = tmp_path / "keys.json"
    assert path.stat().st_mode & 0o777 == 0o600
    path.chmod(mode)
    with pytest.raises(KeysUnreadable, match="chmod 600"):
        load_keys(tmp_path, {})


def test_no_secret_stands_in_the_repository() -> None:
    """Keys, tokens and passwords of gateways come from the environment or a private file."""
    wrong = re.compile(
        r"""(SECRET|TOKEN|PASSWORD|ACCESS_KEY)\w*\s*[:=]\s*["'][A-Za-z0-9+/_-]{20,}["']|-----BEGIN [A-Z ]*PRIVATE KEY"""
    )
    files = [path for path in (ROOT / "unionhall").rglob("*.py") if "tests" not in path.parts]
    files += [*(ROOT / "deploy").rglob("*"), ROOT / "Makefile", *(ROOT / "docs").rglob("*.md")]
    found = [str(path) for path in files if path.is_file() and wrong.search(path.read_text(errors="replace"))]
    assert found == []


# Licences ------------------------------------------------------------------------------------------------------

#: Read and judged by hand: what the metadata says and why it may be used here.
JUDGED: dict[str, str] = {}
_STRONG = re.compile(r"\b(A?GPL|GNU (AFFERO )?GENERAL PUBLIC|SSPL|BUSL|COMMONS CLAUSE)", re.IGNORECASE)
_WEAK = re.compile(r"\bL(ESSER )?GPL|GNU LESSER|GNU LIBRARY", re.IGNORECASE)


def licence_of(found: Distribution) -> str:
    """What a package says of its licence: the expression, else the classifiers, else the first line of the text."""
    about: Any = found.metadata
    kinds = [line for line in about.get_all("Classifier") or [] if line.startswith("License ::")]
    said = (
        about.get("License-Expression") or "; ".join(kinds) or (about.get("License") or "").splitlines()[:1]
    )
    return said if isinstance(said, str) else "".join(said)


def is_strong(licence: str) -> bool:
    """Copyleft that would bind the whole work. One of several licences to choose from is enough to be free of it."""
    choices = re.split(r"\bOR\b|;", licence)
    return all(_STRONG.search(one) and not _WEAK.search(one) for one in choices)


def runtime() -> list[str]:
    lock = (ROOT / "requirements.lock").read_text()
    return re.findall(r"^([A-Za-z0-9_.-]+)==", lock, re.MULTILINE)


def test_nothing_at_run_time_is_under_a_strong_copyleft() -> None:
    wrong = {}
    for name in runtime():
        try:
            found = distribution(name)
        except ModuleNotFoundError:
            continue  # for another platform
        licence = licence_of(found)
        if name not in JUDGED and (not licence or is_strong(licence)):
            wrong[name] = licence or "says nothing"
    assert wrong == {}


@pytest.mark.parametrize(
    ("licence", "strong"),
    [
        ("AGPL-3.0-only", True), ("GPL-3.0-or-later", True),
        ("License :: OSI Approved :: GNU Affero General Public License v3", True),
        ("LGPL-3.0-only", False), ("MIT", False), ("Apache-2.0 OR GPL-2.0-only", False), ("MPL-2.0", False),
    ],
)  # fmt: skip
def test_licences_are_told_apart(licence: str, strong: bool) -> None:
    assert is_strong(licence) is strong
