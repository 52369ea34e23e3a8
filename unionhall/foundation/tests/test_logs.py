"""No personal data in the log, whichever layer fails with it in hand."""

import io
import json
import logging
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.core.handlers.exception import response_for_exception
from django.db import IntegrityError, connection, transaction
from django.http import HttpRequest, HttpResponse
from django.template import Context, Template
from django.test import Client, RequestFactory
from django.test.utils import override_settings
from django.urls import path

from tests.world import World
from unionhall.foundation.logs import JsonFormatter, LineFormatter, scrub
from unionhall.members.models import Person

NAME, IDENTITY, PHONE, CARD = "张海林", "110101199003070020", "13800138000", "6222021234567890123"
FORM = {"name": NAME, "id_number": IDENTITY, "phone": PHONE, "card": CARD}
SECRETS = (NAME, "海林", IDENTITY, "199003070020", PHONE, "0138000", CARD, "1234567890123")


def _template(request: HttpRequest) -> HttpResponse:
    class Person:
        @property
        def broken(self) -> str:
            raise RuntimeError(f"{NAME} {PHONE}")

    return HttpResponse(Template("{% load ui %}{{ person.broken }}").render(Context({"person": Person()})))


def _sql(request: HttpRequest) -> HttpResponse:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("CREATE TEMP TABLE people (name text, number text UNIQUE) ON COMMIT DROP")
        cursor.execute("INSERT INTO people VALUES (%s, %s), (%s, %s)", [NAME, IDENTITY, NAME, IDENTITY])
    return HttpResponse()


def _says(request: HttpRequest) -> HttpResponse:
    logging.getLogger("unionhall.test").warning(
        "form %s number=%s phone=%r", {"name": NAME}, int(IDENTITY[:17]), PHONE
    )
    return HttpResponse()


def _raise(request: HttpRequest, number: str = "") -> HttpResponse:
    sent = request.POST
    name = sent["name"]
    numbers = [sent[key] for key in ("id_number", "phone", "card")]
    raise ValueError(f"cannot take {name} with {numbers}")


def asked(rf: RequestFactory) -> HttpRequest:
    """A request with a whole person in it."""
    return rf.post(f"/raise/{IDENTITY}/", FORM, headers={"Cookie": f"name={PHONE}"})


urlpatterns = [
    path("raise/<str:number>/", _raise, name="raising"),
    path("template/", _template),
    path("sql/", _sql),
    path("says/", _says),
]
handler404 = handler500 = lambda *_: HttpResponse(status=500)


@pytest.fixture(params=[LineFormatter, JsonFormatter])
def written(request: pytest.FixtureRequest) -> Iterator[Callable[[], str]]:
    """What was logged by everyone, in either form."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(request.param())
    root = logging.getLogger()
    root.addHandler(handler)
    yield stream.getvalue
    root.removeHandler(handler)


@pytest.mark.parametrize(
    "address", [f"/raise/{IDENTITY}/", "/template/", "/sql/", "/says/", f"/nowhere/{PHONE}/?name={NAME}"]
)
@override_settings(ROOT_URLCONF=__name__)
def test_what_fails_with_a_person_in_hand(db: None, written: Callable[[], str], address: str) -> None:
    client = Client(raise_request_exception=False)
    answer = client.post(address, FORM)
    text = written()
    assert text
    for secret in SECRETS:
        assert secret not in text
        assert secret not in answer.content.decode()
    if "raise" in address:
        assert "ValueError" in text
        assert "test_logs.py" in text
        assert "raising" in text
    if "sql" in address:
        assert "UniqueViolation" in text


@override_settings(ROOT_URLCONF=__name__, DEBUG=True)
def test_not_even_the_developers_error_page_shows_values(rf: RequestFactory) -> None:
    request, page = asked(rf), ""
    try:
        _raise(request)
    except ValueError as failure:
        page = response_for_exception(request, failure).content.decode()
    assert "ValueError" in page
    # The page shows the source line, in which the names of variables stand, and no value of any.
    for secret in (NAME, IDENTITY, PHONE, CARD):
        assert secret not in page


def test_a_path_is_not_the_reason(rf: RequestFactory, written: Callable[[], str]) -> None:
    """It may hold a word of no form that is looked for."""
    request = rf.get("/cards/opaque-word/")
    logging.getLogger("django.request").warning("Not Found: %s", request.path, extra={"request": request})
    assert "opaque-word" not in written()
    assert "Not Found" in written()


def test_a_job_that_fails(db: None, world: World, written: Callable[[], str]) -> None:
    """A unique violation in a bulk statement, logged as the job worker does."""
    person = Person.objects.everywhere(reason="test").order_by("pk")[0]
    try:
        with transaction.atomic():
            person.pk = None
            person.save(force_insert=True)
    except IntegrityError:
        logging.getLogger("procrastinate.worker").exception("Job members.intake[7](batch=3) ended: Error")
    text = written()
    assert "members_person_id_index" in text
    assert "batch=3" in text
    assert "DETAIL" not in text
    assert person.id_index.hex()[:10] not in text


def test_a_line_of_json_says_who_and_what(signed_in: Callable[[str], Client], world: World) -> None:
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonFormatter())
    log = logging.getLogger("unionhall.requests")
    log.addHandler(handler)
    before = log.level
    log.setLevel(logging.INFO)
    try:
        answer = signed_in("chair_alpha").get(f"/desk/members/{world.people['alpha_1'].pk}/?q={PHONE}")
    finally:
        log.removeHandler(handler)
        log.setLevel(before)
    line: dict[str, Any] = json.loads(stream.getvalue())
    assert {name: line[name] for name in ("logger", "route", "status", "account", "trace")} == {
        "logger": "unionhall.requests",
        "route": "desk_member",
        "status": 200,
        "account": world.accounts["chair_alpha"].pk,
        "trace": answer["X-Request-ID"],
    }
    assert line["ms"] >= 0
    assert PHONE not in stream.getvalue()


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("110101 19900307 002X", "[id]"),
        ("+86 138-0013-8000", "[phone]"),
        ("6222 0212 3456 7890 123", "[card]"),
        ("E12345678", "[id]"),
        ("someone@example.org", "[mail]"),
        ('Key (id_index)=(\\x00ff) already exists.', "(…)=(…) already exists."),
        ("batch=20260101 rows=1000000 id=123456789", "batch=20260101 rows=1000000 id=123456789"),
        ("2026-11-22T14:00:00 ms=12.345678901", "2026-11-22T14:00:00 ms=12.345678901"),
    ],
)  # fmt: skip
def test_what_is_masked_and_what_is_not(text: str, left: str) -> None:
    assert scrub(text).removeprefix("Key ") == left
