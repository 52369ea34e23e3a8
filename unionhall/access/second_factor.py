"""The second factor of desk accounts: a TOTP app (RFC 6238) and ten recovery codes, stored by allauth.mfa."""

import segno
from allauth.core.internal.cryptokit import compare_user_code
from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import (
    TOTP,
    format_hotp_value,
    generate_totp_secret,
    hotp_value,
    yield_hotp_counters_from_time,
)
from allauth.mfa.utils import decrypt
from django.db import transaction
from django.utils.safestring import SafeString, mark_safe

from . import sessions
from .models import Account

_LAST = "last_counter"


def new_secret() -> str:
    """A fresh base32 secret of 160 bits."""
    return str(generate_totp_secret())


def picture(account: Account, secret: str) -> SafeString:
    """The QR code (SVG) that an authenticator app scans."""
    address = get_adapter().build_totp_url(account, secret)
    return mark_safe(segno.make(address, error="m").svg_inline(omitsize=True, border=2))  # noqa: S308


def is_enrolled(account: Account) -> bool:
    return bool(Authenticator.objects.filter(user=account, type=Authenticator.Type.TOTP).exists())


@transaction.atomic
def enrol(account: Account, secret: str, code: str) -> list[str] | None:
    """Keep the secret when the app shows the right code; answers the recovery codes, or None when the code is wrong."""
    counter = _counter_of(secret, code)
    if counter is None:
        return None
    remove(account)
    totp = TOTP.activate(account, secret).instance
    totp.data[_LAST] = counter
    totp.save(update_fields=["data"])
    return list(RecoveryCodes.activate(account).generate_codes())


@transaction.atomic
def check(account: Account, typed: str) -> bool:
    """Whether a code of the app, not used before, or an unused recovery code was typed."""
    code = "".join(typed.split()).replace("-", "")
    rows = Authenticator.objects.select_for_update().filter(user=account)
    for row in rows:
        if row.type == Authenticator.Type.TOTP:
            counter = _counter_of(decrypt(row.data["secret"]), code)
            if counter is not None and counter > row.data.get(_LAST, 0):
                row.data[_LAST] = counter
                row.save(update_fields=["data"])
                return True
        elif row.type == Authenticator.Type.RECOVERY_CODES and RecoveryCodes(row).validate_code(code):
            return True
    return False


def remove(account: Account) -> None:
    """Forget the second factor (lost phone): the next sign-in asks to enrol again. Sessions opened with it end."""
    Authenticator.objects.filter(user=account).delete()
    sessions.end(account)


def _counter_of(secret: str, code: str) -> int | None:
    """The time step whose code was typed: the present one, or one either side for clocks that differ."""
    present = list(yield_hotp_counters_from_time())
    for counter in range(present[0] - 1, present[-1] + 2):
        if compare_user_code(actual=code, expected=format_hotp_value(hotp_value(secret, counter))):
            return counter
    return None
