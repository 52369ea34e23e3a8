"""The site attacked as an outsider and as a colleague: each try with what stops it."""

import re
import time
from datetime import timedelta
from io import StringIO

import pytest
from django.test import Client
from django.utils import timezone

from tests.world import World
from unionhall.access.models import Account, Grant
from unionhall.foundation.permissions import Role
from unionhall.members.models import Person

BACKEND = "unionhall.access.backends.DeskBackend"
XSS = "<script>alert(1)</script>"
pytestmark = pytest.mark.django_db


def come_in(client: Client, world: World, name: str) -> Client:
    client.force_login(world.accounts[name], backend=BACKEND)
    return client


def test_ids_of_another_branch_are_absent(client: Client, world: World) -> None:
    """IDOR: every object of alpha, asked for by its number from beta, looks like one that does not exist."""
    come_in(client, world, "chair_beta")
    person = world.people["alpha_1"].pk
    for address in (
        f"/desk/members/{person}/",
        f"/desk/members/{person}/edit/",
        f"/desk/members/{person}/reveal/phone/",
    ):
        there, nowhere = client.get(address), client.get(address.replace(str(person), "99999999"))
        assert there.status_code == nowhere.status_code == 404
        assert _same(there.content) == _same(nowhere.content)


def _same(page: bytes) -> str:
    """A page without what differs every time: its trace number and the form's token."""
    text = re.sub(r"[A-Za-z0-9]{64}", "", page.decode())
    return re.sub(r"[0-9a-f]{12}|\d{6,}", "", text)


def test_no_deed_without_the_forms_token(world: World) -> None:
    client = come_in(Client(enforce_csrf_checks=True), world, "operator")
    account = world.accounts["officer_alpha"]
    for address in (
        f"/desk/settings/accounts/{account.pk}/close/",
        "/account/sessions/others/",
        "/sign-out/",
    ):
        assert client.post(address, {"reason": "离职了"}).status_code == 403
    account.refresh_from_db()
    assert account.is_active


def test_names_are_text_wherever_they_stand(client: Client, world: World) -> None:
    """Stored XSS: in a person's name, a union's name, an account's name and a grant's reason."""
    union, person, account = world.unions["alpha"], world.people["alpha_1"], world.accounts["officer_alpha"]
    type(union).objects.everywhere(reason="test").filter(pk=union.pk).update(name=XSS)
    Person.objects.everywhere(reason="test").filter(pk=person.pk).update(name=XSS)
    Account.objects.filter(pk=account.pk).update(display_name=XSS)
    Grant.objects.everywhere(reason="test").filter(account=account).update(reason=XSS, granted_by=XSS)
    come_in(client, world, "pier_officer")
    for address in (
        "/desk/", "/desk/members/", f"/desk/members/{person.pk}/", "/desk/settings/accounts/", "/desk/orgs/",
        f"/desk/settings/accounts/{account.pk}/", f"/desk/orgs/{union.code}/", f"/desk/search/?q={XSS}",
    ):  # fmt: skip
        page = client.get(address)
        assert page.status_code == 200, address
        assert XSS not in page.content.decode(), address
        assert "<script>alert" not in page.content.decode()


@pytest.mark.parametrize(
    "wanted",
    [
        "https://evil.example", "//evil.example", "/\\evil.example", "http:evil.example", "javascript:alert(1)",
        "\t//evil.example",
    ],
)  # fmt: skip
def test_next_leads_nowhere_else(client: Client, world: World, wanted: str) -> None:
    come_in(client, world, "chair_alpha")
    for address in ("/sign-in/", "/m/sign-in/"):
        response = client.get(address, {"next": wanted})
        assert "evil" not in response.get("Location", "")
        assert "javascript" not in response.get("Location", "")


def test_a_header_takes_no_line_break(client: Client, world: World) -> None:
    come_in(client, world, "chair_alpha")
    for text in ("/desk/\r\nSet-Cookie: a=b", "/desk/%0d%0aSet-Cookie:a=b"):
        response = client.get("/sign-in/", {"next": text})
        assert "a" not in response.cookies
        assert "\n" not in response.get("Location", "")


def test_the_host_header_writes_no_link(client: Client, world: World) -> None:
    come_in(client, world, "chair_alpha")
    response = client.get("/desk/", headers={"x-forwarded-host": "evil.example"})
    assert "evil.example" not in response.content.decode()


def test_private_pages_are_kept_by_nobody(client: Client, world: World) -> None:
    come_in(client, world, "chair_alpha")
    for address in (
        "/desk/",
        "/desk/members/",
        f"/desk/members/{world.people['alpha_1'].pk}/",
        "/account/sessions/",
    ):
        assert "no-store" in client.get(address)["Cache-Control"]
    assert client.get("/m/")["Cache-Control"] == "no-store"


def test_a_form_takes_only_its_own_fields(client: Client, world: World) -> None:
    """Mass assignment: fields of the row that the form does not show stay as they are."""
    person = world.people["alpha_1"]
    come_in(client, world, "worker_alpha")
    client.post(
        "/m/profile/edit/",
        {
            "education": "20",
            "name": "别人",
            "id_number": "x",
            "member_number": "1",
            "account": "1",
            "sex": "2",
        },
    )
    found = Person.objects.everywhere(reason="test").get(pk=person.pk)
    assert (found.education, found.name, found.member_number, found.account_id, found.sex) == (
        "20", person.name, person.member_number, person.account_id, person.sex
    )  # fmt: skip
    come_in(client, world, "pier_officer")
    chair = world.accounts["chair_alpha"]
    client.post(
        f"/desk/settings/accounts/{chair.pk}/grant/",
        {
            "role": "clerk",
            "organisation": world.unions["alpha"].code,
            "reason": "任命",
            "account": "1",
            "granted_by": "x",
        },
    )
    grant = Grant.objects.everywhere(reason="test").get(account=chair, role=Role.CLERK)
    assert grant.granted_by == world.accounts["pier_officer"].display_name


@pytest.mark.parametrize(
    "path", ["../../keys.json", "..%2f..%2fkeys.json", "%2e%2e/%2e%2e/etc/passwd", "....//etc/passwd"]
)
def test_no_path_leads_out(client: Client, world: World, path: str) -> None:
    come_in(client, world, "operator")
    for before in ("/static/", "/desk/attachments/", "/desk/exports/"):
        assert client.get(f"{before}{path}").status_code in {400, 404}


@pytest.mark.parametrize(
    "text", ["' OR 1=1 --", "'; DROP TABLE members_person; --", "%", "_", "\\", "a'||pg_sleep(5)||'"]
)
def test_search_and_order_take_no_sql(client: Client, world: World, text: str) -> None:
    come_in(client, world, "chair_beta")
    start = time.monotonic()
    for address in (
        "/desk/members/",
        "/desk/search/",
        "/desk/orgs/",
        "/desk/settings/accounts/",
        "/desk/journal/",
    ):
        given = {
            "q": text,
            "after": text,
            "order": text,
            "sort": text,
            "actor": text,
            "subject": text,
            "under": text,
        }
        response = client.get(address, given)
        assert response.status_code in {200, 403, 404, 422}
        assert "张海林" not in response.content.decode()
    assert time.monotonic() - start < 15
    assert Person.objects.everywhere(reason="test").exists()


@pytest.mark.parametrize(
    "text", ["9" * 5000, "a" * 20_000, "(" * 5000, "张" * 5000, "\u202e" * 2000, " " * 20_000 + "x"]
)
def test_long_and_odd_inputs_are_answered_at_once(client: Client, world: World, text: str) -> None:
    """No pattern that runs away, no number too large for the database, no fault of the site."""
    come_in(client, world, "chair_beta")
    start = time.monotonic()
    for address in ("/desk/members/", "/desk/search/", "/orgs/", "/progress/", "/verify/"):
        name = {"/progress/": "number", "/verify/": "code"}.get(address, "q")
        assert client.get(address, {name: text, "after": text[:400]}).status_code < 500
    for address in ("/sign-in/", "/m/sign-in/", "/desk/members/find/"):
        given = {"username": text, "password": text, "phone": text, "number": text}
        assert client.post(address, given).status_code < 500
    assert time.monotonic() - start < 20


def test_numbers_beyond_the_database_are_absent(client: Client, world: World) -> None:
    come_in(client, world, "operator")
    huge = "9" * 30
    for address in (
        f"/desk/members/{huge}/", f"/desk/settings/accounts/{huge}/", f"/account/sessions/{huge}/",
        f"/desk/attachments/{huge}/", f"/desk/settings/accounts/?after={huge}", f"/desk/members/?after={huge}",
        f"/desk/messages/{huge}/", f"/desk/exports/{huge}/",
    ):  # fmt: skip
        assert client.get(address).status_code < 500, address


def test_an_officer_sits_nobody_beside_himself(client: Client, world: World) -> None:
    """His own role at his own union is for the union above; below it is his."""
    come_in(client, world, "pier_officer")
    account = world.accounts["chair_beta"]
    given = {"role": "officer", "line": "general", "reason": "任命"}
    address = f"/desk/settings/accounts/{account.pk}/grant/"
    at_home = client.post(address, given | {"organisation": world.unions["pier"].code})
    assert at_home.status_code == 422
    assert "只能授予下级工会" in at_home.content.decode()
    assert client.post(address, given | {"organisation": world.unions["beta"].code}).status_code == 302


def test_an_unknown_name_costs_what_a_known_one_costs(client: Client, world: World) -> None:
    """The same hashing for both: told by the count of hashings, not by a clock that trembles."""
    from unittest.mock import patch

    from django.contrib.auth.hashers import Argon2PasswordHasher

    account = world.accounts["chair_beta"]
    account.set_password("correct horse battery")
    account.save()
    counts = []
    for name in ("chair_beta", "nobody-at-all"):
        with (
            patch.object(Argon2PasswordHasher, "encode", return_value="x") as made,
            patch.object(Argon2PasswordHasher, "verify", return_value=False) as checked,
        ):
            page = Client().post("/sign-in/", {"username": name, "password": "wrong"})
            counts.append(made.call_count + checked.call_count)
            assert "账号或密码不对" in page.content.decode()
    assert counts == [1, 1]


def test_a_session_opened_before_a_grant_ended_has_it_no_more(client: Client, world: World) -> None:
    """A leaver's open session: grants are read at every request."""
    come_in(client, world, "chair_beta")
    assert client.get("/desk/members/").status_code == 200
    yesterday = timezone.localdate() - timedelta(days=1)
    from django.db.backends.postgresql.psycopg_any import DateRange

    rows = Grant.objects.everywhere(reason="test").filter(account=world.accounts["chair_beta"])
    rows.update(period=DateRange(yesterday - timedelta(days=30), yesterday))
    assert client.get("/desk/members/").status_code == 403


def test_the_first_operator_and_the_last_are_made_on_the_machine(client: Client, world: World) -> None:
    from django.core.management import CommandError, call_command

    out = StringIO()
    call_command("operator", "root.li", name="李运维", reason="系统上线", stdout=out)
    found = re.search(r"初始密码 (\S+)（", out.getvalue())
    assert found
    account = Account.objects.get(username="root.li")
    assert account.check_password(found[1])
    assert account.must_change_password
    assert (
        Grant.objects.everywhere(reason="test").get(account=account).organisation == world.unions["province"]
    )
    client.force_login(account, backend=BACKEND)
    call_command("operator", "root.li", reset=True, reason="密码遗忘", stdout=StringIO())
    assert client.get("/desk/").status_code == 302
    with pytest.raises(CommandError, match="没有这个工作账号"):
        call_command("operator", world.accounts["worker_alpha"].username, reset=True, reason="x")
