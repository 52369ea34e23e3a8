"""What the tests of signing in share: the steps themselves, the code that was sent, time that passes."""

import re
from datetime import timedelta

from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.db import connection
from django.test import Client
from django.utils import timezone

from unionhall.access.models import SentText, SignInCode
from unionhall.foundation.sealing import phone_index

PHONE, OTHER = "13800000001", "13900000002"
PASSWORD = "correct horse battery"
#: The site's own hasher takes its time on purpose (tests/architecture/test_hardening.py holds it to that).
FAST = ["django.contrib.auth.hashers.MD5PasswordHasher"]


def code_sent_to(phone: str) -> str:
    text = SentText.objects.filter(phone_index=phone_index(phone)).order_by("-pk")[0].text
    found = re.search(r"\d{6}", text)
    assert found
    return found[0]


def wrong(code: str) -> str:
    return f"{(int(code) + 1) % 1_000_000:06d}"


def sign_in(client: Client, phone: str = PHONE, **extra: str) -> None:
    client.post("/m/sign-in/", {"phone": phone, **extra})
    client.post("/m/sign-in/code/", {"code": code_sent_to(phone)})


def ended(*buckets: str) -> None:
    """The waits of these buckets are over."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE foundation_throttle SET ends_at = began_at WHERE bucket = ANY(%s)", [list(buckets)]
        )


def age_codes(**ago: int) -> None:
    SignInCode.objects.update(sent_at=timezone.now() - timedelta(**ago))


def desk(client: Client, password: str = PASSWORD, name: str = "river_officer", **extra: str) -> int:
    return client.post("/sign-in/", {"username": name, "password": password}, **extra).status_code  # type: ignore[arg-type]


def codes_of(secret: str) -> str:
    (counter,) = list(yield_hotp_counters_from_time())[:1]
    return str(format_hotp_value(hotp_value(secret, counter)))
