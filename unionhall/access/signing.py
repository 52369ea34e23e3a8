"""Proving who one is: codes sent to a phone, passwords with a second factor, and how often one may try.

Tries are counted in the database, so they hold across processes and restarts. A wrong guess must outlive the refusal
it causes: nothing here raises inside the transaction that records it.
"""

import hashlib
import hmac
import logging
import secrets
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth import authenticate, login
from django.contrib.auth.hashers import make_password
from django.db import IntegrityError, connection, transaction
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme

from unionhall.foundation.actors import Actor
from unionhall.foundation.errors import Refused
from unionhall.foundation.sealing import CODE, Sealed, phone_index, ring
from unionhall.kit.identifiers import IdentifierError, normalise_phone
from unionhall.kit.masking import mask_phone
from unionhall.records.actions import journal

from . import attempts, challenges, devices, sessions, sms
from .grants import access_of, actor_for
from .models import Account, SentText, SignInCode
from .sessions import BY_CODE, BY_PASSWORD, BY_PROVIDER, SIGNED_IN_BY

log = logging.getLogger("unionhall.access")

RESEND_SECONDS = 60
#: Codes for a phone asked for on one known device, or by strangers from one network.
PHONE_HOURLY, PHONE_DAILY = 5, 10
#: Codes for a phone asked for by strangers from anywhere: beyond the first figures each costs their browser work.
STRANGERS_DAILY = 30
# Mobile carriers and offices put many people behind one address: this limit only stops machines.
ADDRESS_HOURLY = 200
ATTEMPTS_KEPT = timedelta(days=7)
TOO_MANY = "尝试次数太多，请 {}后再试。"

__all__ = ["BY_CODE", "BY_PASSWORD", "BY_PROVIDER", "SIGNED_IN_BY"]


def address_digest(request: HttpRequest) -> str:
    """A keyed digest of where the request comes from: equal networks meet, none is kept."""
    network = sessions.network_of(sessions.client_address(request))
    return ring().index(CODE, f"address:{network}").hex()


def clean_phone(text: str) -> str:
    """Eleven digits. Raises Refused in plain Chinese."""
    try:
        return normalise_phone(text)
    except IdentifierError as mistake:
        raise Refused(str(mistake), field="phone") from None


# Codes ---------------------------------------------------------------------------------------------------------


def ask_for_code(request: HttpRequest, phone: str) -> int:
    """Send a code for whoever asks here; answers the row id. Raises Refused, or challenges.Needed.

    Only a device that the phone's own account knows has a budget of its own, whoever is signed in on it.
    """
    owner = Account.objects.filter(phone_index=phone_index(phone)).first()
    return send_code(
        phone,
        address=address_digest(request),
        device=devices.number_of(request, owner),
        worked=lambda bits: challenges.answered(request, bits),
    )


def send_code(
    phone: str,
    *,
    address: str,
    device: str = "",
    worked: Callable[[int], bool] = lambda bits: False,
    now: datetime | None = None,
) -> int:
    """Send a new code to a phone and answer its row id, which the caller's session keeps. Raises Refused or Needed.

    `device` is the number of a device that knows the account; `worked(bits)` says whether the browser did the work.
    """
    now = now or timezone.now()
    code = f"{secrets.randbelow(1_000_000):06d}"
    with transaction.atomic():
        _lock(phone)
        _require_budget(phone, address, device, worked, now)
        row = SignInCode.objects.create(
            phone_index=phone_index(phone), code_digest="", sent_at=now, address=address, device=device
        )
        row.code_digest = _code_digest(row.pk, phone, code)
        row.save(update_fields=["code_digest"])
    try:
        sms.gateway().send(phone, sms.CodeText(code, int(SignInCode.LIFE.total_seconds() // 60)))
    except sms.NotSent as failure:
        row.delete()
        log.error("text not sent reason=%s", failure.reason)
        if not sms.is_open():
            raise Refused(
                "本站还没有开通短信服务，暂时不能用手机号登录。请联系所在工会或拨打 12351。"
            ) from None
        raise Refused("短信没有发出去，请稍后再试；一直收不到请拨打 12351。") from None
    return row.pk


def _require_budget(
    phone: str, address: str, device: str, worked: Callable[[int], bool], now: datetime
) -> None:
    """Raise Refused or Needed unless another code may be sent.

    The owner's device has a budget that no stranger can touch; strangers share one per network and one in all.
    """
    hour, day = now - timedelta(hours=1), now - timedelta(days=1)
    sent = SignInCode.objects.filter(phone_index=phone_index(phone), device=device, sent_at__gt=day)
    rows = list(sent.order_by("-sent_at").values_list("sent_at", "address"))
    here = [at for at, place in rows if device or place == address]
    if here and (left := RESEND_SECONDS - (now - here[0]).total_seconds()) > 0:
        raise Refused(f"验证码刚刚发送过，请 {int(left) + 1} 秒后再试。")
    if sum(at > hour for at in here) >= PHONE_HOURLY:
        raise Refused("这个手机号一小时内获取验证码的次数太多，请一小时后再试。")
    if len(here) >= PHONE_DAILY or len(rows) >= STRANGERS_DAILY:
        raise Refused("这个手机号今天获取验证码的次数太多，请明天再试，或用以前登录过的设备。")
    if device:
        return
    if SignInCode.objects.filter(address=address, sent_at__gt=hour).count() >= ADDRESS_HOURLY:
        raise Refused("当前网络获取验证码的次数太多，请一小时后再试，或换一个网络。")
    beyond = max(sum(at > hour for at, _ in rows) - PHONE_HOURLY, len(rows) - PHONE_DAILY)
    if beyond >= 0:
        needed = challenges.Needed(challenges.EASY + beyond)
        if not worked(needed.bits):
            raise needed


def check_code(code_id: int | None, phone: str, typed: str, now: datetime | None = None) -> str:
    """Use a code up. Answers "" when it is right, else why not. Only the session that asked for it knows `code_id`."""
    now = now or timezone.now()
    typed = "".join(character for character in typed if character.isdigit())
    with transaction.atomic():
        row = SignInCode.objects.select_for_update().filter(pk=code_id or 0).first()
        if row is None or row.phone_index != phone_index(phone) or not row.usable(now):
            return "验证码已失效，请重新获取。"
        if hmac.compare_digest(row.code_digest, _code_digest(row.pk, phone, typed)):
            row.used_at = now
            row.save(update_fields=["used_at"])
            return ""
        row.wrong += 1
        row.save(update_fields=["wrong"])
    left = SignInCode.GUESSES - row.wrong
    return f"验证码不对，还可以再试 {left} 次。" if left else "验证码错误次数太多，已失效，请重新获取。"


def _code_digest(row_id: int, phone: str, code: str) -> str:
    return hmac.new(
        settings.SECRET_KEY.encode(), f"code:{row_id}:{phone}:{code}".encode(), hashlib.sha256
    ).hexdigest()


def _lock(phone: str) -> None:
    """One sender at a time for a phone: two clicks send one text."""
    number = int.from_bytes(phone_index(phone)[:8], "big", signed=True)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended(current_schema() || '.phone', %s))", [number]
        )


def account_of(phone: str) -> Account:
    """The account known by a phone, made on the first visit."""
    index = phone_index(phone)
    account, _ = Account.objects.get_or_create(
        phone_index=index,
        defaults={
            "username": f"m{secrets.token_hex(10)}",
            "display_name": mask_phone(phone),
            "phone": phone,
            "password": make_password(None),
        },
    )
    return account


def open_worker_session(request: HttpRequest, account: Account) -> None:
    """Sign the owner of a phone in; the session gets a new key. Raises Refused for a closed account."""
    if not account.is_active:
        raise Refused("这个账号已停用。请联系所在工会或拨打 12351。")
    _open(request, account, BY_CODE)
    request.session.set_expiry(sessions.WORKER_LIFE)


# Desk ----------------------------------------------------------------------------------------------------------


def check_password(request: HttpRequest, username: str, password: str) -> Account:
    """The account of a name and password; an unknown name answers like a known one. Raises Refused, or Needed.

    Failures count for this name on this device, or for this name from this network: nobody can lock another person
    out. Strangers' failures from everywhere only make further strangers work.
    """
    username, address = username.strip(), address_digest(request)
    device = devices.number_of(request, Account.objects.filter(username=username).first())
    place = f"{username}\0{device or address}"
    if not device:
        if wait := attempts.waiting(attempts.NETWORK, address):
            raise Refused(TOO_MANY.format(attempts.words(wait)))
        if attempts.waiting(attempts.NAME, username) and not challenges.answered(request, challenges.EASY):
            raise challenges.Needed(challenges.EASY)
    if wait := attempts.take(attempts.PASSWORD, place):
        words = attempts.words(wait)
        raise Refused(f"{TOO_MANY.format(words)}忘记密码请联系上级工会管理员重置。")
    account = authenticate(request, username=username, password=password)
    if isinstance(account, Account):
        attempts.succeeded(attempts.PASSWORD, place)
        return account
    if not device:
        attempts.take(attempts.NETWORK, address)
        attempts.take(attempts.NAME, username)
    raise Refused("账号或密码不对。忘记密码请联系上级工会管理员重置。")


def forget_old_attempts(now: datetime | None = None) -> int:
    """Remove codes that no limit looks at any more; answers how many rows went."""
    before = (now or timezone.now()) - ATTEMPTS_KEPT
    return int(SignInCode.objects.filter(sent_at__lt=before).delete()[0])


def open_desk_session(request: HttpRequest, account: Account, method: str = BY_PASSWORD) -> None:
    """All proofs given: sign in. The session gets a new key."""
    _open(request, account, method)


def _open(request: HttpRequest, account: Account, method: str) -> None:
    # Another person's session on this device is dropped whole by login().
    login(request, account, backend="unionhall.access.backends.DeskBackend")
    sessions.begin(request, method)
    devices.remember(request, account)
    access: Any = access_of(account)
    journal(
        actor_for(account, getattr(request, "trace", "")),
        "access.sign_in",
        subject=account,
        label=account.words,
        paths=() if method == BY_CODE else tuple(grant.organisation.path for grant in access.grants[:1]),
        detail={"by": method},
    )


# Where to ------------------------------------------------------------------------------------------------------


def safe_next(request: HttpRequest, wanted: str | None, *fallbacks: str) -> str:
    """`wanted` when it is an address of this site, else the first of the named pages that exists."""
    if wanted and url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    ):
        return wanted
    for name in fallbacks:
        try:
            return reverse(name)
        except NoReverseMatch:
            continue
    return "/"


# Another phone -------------------------------------------------------------------------------------------------


def require_other_phone(account: Account, phone: str) -> None:
    """Raise Refused for the account's own phone. Whether another has an account is told only after its code."""
    if account.phone_index == phone_index(phone):
        raise Refused("这就是您现在登录的手机号，不需要更换。", field="phone")


def change_account_phone(actor: Actor, account: Account, phone: str) -> None:
    """The phone an account signs in with; the caller has proven it by a code."""
    require_other_phone(account, phone)
    if Account.objects.filter(phone_index=phone_index(phone)).exists():
        raise Refused("这个手机号已经登录过，有自己的账号。请换一个手机号，或到工会窗口核实。", field="phone")
    account.phone = Sealed(ring().seal(phone))
    account.phone_index = phone_index(phone)
    try:
        with transaction.atomic():
            account.save(update_fields=["phone", "phone_index"])
    except IntegrityError:
        raise Refused("这个手机号刚刚被另一个账号使用。请换一个手机号。", field="phone") from None
    journal(actor, "access.change_phone", subject=account, label=account.words)


def demo_text(phone: str) -> str:
    """The last text in the demo outbox for a phone; empty where real texts are sent."""
    if settings.SMS_BACKEND != "demo":
        return ""
    row = SentText.objects.filter(phone_index=phone_index(phone)).order_by("-pk").first()
    return row.text if row else ""
