"""Proving who one is: codes sent to a phone, passwords with a second factor, and how often one may try.

Throttles count rows, so they hold across processes and restarts. A wrong guess must outlive the refusal it causes:
nothing here raises inside the transaction that records it.
"""

import hashlib
import hmac
import logging
import secrets
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

from . import sms
from .grants import access_of, actor_for
from .models import Account, SentText, SignInCode, SignInFailure

log = logging.getLogger("unionhall.access")

RESEND_SECONDS = 60
PHONE_HOURLY, PHONE_DAILY = 5, 10
# Mobile carriers and offices put many people behind one address: this limit only stops machines.
ADDRESS_HOURLY = 200
PASSWORD_TRIES, PASSWORD_WINDOW = 5, timedelta(minutes=15)
SECOND_TRIES, SECOND_WINDOW = 10, timedelta(hours=1)
ATTEMPTS_KEPT = timedelta(days=7)
WORKER_SESSION = timedelta(days=14)

#: Session key: how the session was opened. A session opened by a text code carries no desk grants.
SIGNED_IN_BY = "signed_in_by"
BY_CODE, BY_PASSWORD = "code", "password"


def address_digest(request: HttpRequest) -> str:
    """A keyed digest of where the request comes from: equal addresses meet, none is kept."""
    address = request.META.get("REMOTE_ADDR", "")
    if settings.SECURE_PROXY_SSL_HEADER:
        # Behind our own proxy the last entry is the one that it wrote; earlier ones are the caller's word.
        address = request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")[-1].strip() or address
    return ring().index(CODE, f"address:{address}").hex()


def clean_phone(text: str) -> str:
    """Eleven digits. Raises Refused in plain Chinese."""
    try:
        return normalise_phone(text)
    except IdentifierError as mistake:
        raise Refused(str(mistake), field="phone") from None


# Codes ---------------------------------------------------------------------------------------------------------


def send_code(phone: str, *, address: str, now: datetime | None = None) -> int:
    """Send a new code to a phone and answer its row id, which the caller's session keeps. Raises Refused."""
    now = now or timezone.now()
    code = f"{secrets.randbelow(1_000_000):06d}"
    with transaction.atomic():
        _lock(phone)
        if wait := _wait_of(phone, address, now):
            raise Refused(wait)
        row = SignInCode.objects.create(
            phone_index=phone_index(phone), code_digest="", sent_at=now, address=address
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


def _wait_of(phone: str, address: str, now: datetime) -> str:
    """Why another code may not be sent yet; empty when it may."""
    mine = SignInCode.objects.filter(phone_index=phone_index(phone), sent_at__gt=now - timedelta(days=1))
    sent = list(mine.order_by("-sent_at").values_list("sent_at", flat=True))
    if sent and (left := RESEND_SECONDS - (now - sent[0]).total_seconds()) > 0:
        return f"验证码刚刚发送过，请 {int(left) + 1} 秒后再试。"
    if sum(at > now - timedelta(hours=1) for at in sent) >= PHONE_HOURLY:
        return "这个手机号一小时内获取验证码的次数太多，请一小时后再试。"
    if len(sent) >= PHONE_DAILY:
        return "这个手机号今天获取验证码的次数太多，请明天再试。"
    if (
        SignInCode.objects.filter(address=address, sent_at__gt=now - timedelta(hours=1)).count()
        >= ADDRESS_HOURLY
    ):
        return "当前网络获取验证码的次数太多，请一小时后再试，或换一个网络。"
    return ""


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


def open_worker_session(request: HttpRequest, phone: str) -> Account:
    """Sign the owner of a phone in; the session gets a new key. Raises Refused for a closed account."""
    account = account_of(phone)
    if not account.is_active:
        raise Refused("这个账号已停用。请联系所在工会或拨打 12351。")
    _open(request, account, BY_CODE)
    request.session.set_expiry(WORKER_SESSION)
    return account


# Desk ----------------------------------------------------------------------------------------------------------


def check_password(request: HttpRequest, username: str, password: str) -> Account:
    """The account of a name and password. Raises Refused; failures count for this name from this address only,

    so that nobody can lock another person out from elsewhere.
    """
    username, address = username.strip(), address_digest(request)
    if too_many(f"password:{username}", address):
        raise Refused("尝试次数太多，请 15 分钟后再试。忘记密码请联系上级工会管理员重置。")
    account = authenticate(request, username=username, password=password)
    if isinstance(account, Account):
        return account
    record_failure(f"password:{username}", address)
    raise Refused("账号或密码不对。忘记密码请联系上级工会管理员重置。")


def too_many(
    subject: str, address: str | None, tries: int = PASSWORD_TRIES, window: timedelta = PASSWORD_WINDOW
) -> bool:
    """Whether a subject failed too often lately; `address` None counts all addresses."""
    rows = SignInFailure.objects.filter(username=_failure_name(subject), at__gt=timezone.now() - window)
    return (rows.filter(address=address) if address is not None else rows).count() >= tries


def record_failure(subject: str, address: str) -> None:
    """Remember a failure; what was typed is kept only as a digest (people type passwords into the wrong field)."""
    SignInFailure.objects.create(username=_failure_name(subject), address=address)


def forget_old_attempts(now: datetime | None = None) -> int:
    """Remove codes and failures that no throttle looks at any more; answers how many rows went."""
    before = (now or timezone.now()) - ATTEMPTS_KEPT
    codes, _ = SignInCode.objects.filter(sent_at__lt=before).delete()
    failures, _ = SignInFailure.objects.filter(at__lt=before).delete()
    return int(codes + failures)


def forget_failures(subject: str, address: str) -> None:
    SignInFailure.objects.filter(username=_failure_name(subject), address=address).delete()


def _failure_name(subject: str) -> str:
    return ring().index(CODE, f"failure:{subject}").hex()


def open_desk_session(request: HttpRequest, account: Account) -> None:
    """All proofs given: sign in. The session gets a new key."""
    forget_failures(f"password:{account.username}", address_digest(request))
    _open(request, account, BY_PASSWORD)


def _open(request: HttpRequest, account: Account, method: str) -> None:
    # Another person's session on this device is dropped whole by login().
    login(request, account, backend="unionhall.access.backends.DeskBackend")
    request.session[SIGNED_IN_BY] = method
    access: Any = access_of(account)
    journal(
        actor_for(account, getattr(request, "trace", "")),
        "access.sign_in",
        subject=account,
        label=f"账号 {account.pk}",
        paths=tuple(grant.organisation.path for grant in access.grants[:1]) if method == BY_PASSWORD else (),
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


def require_free_phone(account: object, phone: str) -> None:
    """Raise Refused when the phone is the account's own or belongs to another account."""
    other = Account.objects.filter(phone_index=phone_index(phone)).first()
    if other is None:
        return
    if other == account:
        raise Refused("这就是您现在登录的手机号，不需要更换。", field="phone")
    raise Refused("这个手机号已经登录过，有自己的账号。请换一个手机号，或到工会窗口核实。", field="phone")


def change_account_phone(actor: Actor, account: Account, phone: str) -> None:
    """The phone an account signs in with; the caller has proven it by a code."""
    require_free_phone(account, phone)
    account.phone = Sealed(ring().seal(phone))
    account.phone_index = phone_index(phone)
    try:
        with transaction.atomic():
            account.save(update_fields=["phone", "phone_index"])
    except IntegrityError:
        raise Refused("这个手机号刚刚被另一个账号使用。请换一个手机号。", field="phone") from None
    journal(actor, "access.change_phone", subject=account, label=f"账号 {account.pk}")


def demo_text(phone: str) -> str:
    """The last text in the demo outbox for a phone; empty where real texts are sent."""
    if settings.SMS_BACKEND != "demo":
        return ""
    row = SentText.objects.filter(phone_index=phone_index(phone)).order_by("-pk").first()
    return row.text if row else ""
