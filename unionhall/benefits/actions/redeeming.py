"""A merchant redeems a voucher: one statement takes it and enters it, so of two at one instant one succeeds."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from unionhall.foundation.actors import Actor, system_actor
from unionhall.foundation.engine.base import preparing
from unionhall.foundation.errors import Refused
from unionhall.kit.masking import mask_name
from unionhall.kit.sm import sm3_hex
from unionhall.kit.vouchers import spaced
from unionhall.records.actions import digest_of, journal

from ..catalogue import version_in
from ..models import Merchant, OfflineUpload, Redemption, Teller, Voucher
from ..voucher_codes import VoucherCodeError, read

_WHY = "a merchant redeems vouchers of its own services only; the statement says whose"
MOST_ROWS = 2000
#: Clocks of a till and of the server may differ by so much.
CLOCKS = timedelta(minutes=10)

# A voucher without a sum was taken before vouchers kept it.
_REDEEM = """
WITH used AS (
    UPDATE benefits_voucher v SET state = 'redeemed', redeemed_at = %(at)s, outlet_id = %(outlet)s::bigint
    FROM benefits_service s
    WHERE v.code = %(code)s AND v.state = 'issued' AND v.expires_on >= %(day)s AND v.issued_at <= %(latest)s
      AND s.id = v.service_id AND s.merchant_id = %(merchant)s
    RETURNING v.id, v.service_id, v.person_id, s.title, COALESCE(v.reimbursed, s.reimbursed) AS reimbursed
), entered AS (
    INSERT INTO benefits_redemption
        (voucher_id, service_id, merchant_id, outlet_id, teller_id, at, recorded_at, channel, reimbursed, noted)
    SELECT id, service_id, %(merchant)s::bigint, %(outlet)s::bigint, %(teller)s::bigint, %(at)s::timestamptz,
        %(now)s::timestamptz, %(channel)s::varchar, reimbursed, %(channel)s::varchar = 'offline' FROM used
)
SELECT used.id, used.title, p.name FROM used JOIN members_person p ON p.id = used.person_id
"""


@dataclass(frozen=True)
class Redeemed:
    """What the counter is told. `done` is green; `again` says that this voucher was used before."""

    done: bool
    words: str
    title: str = ""
    masked_name: str = ""
    code: str = ""
    at: datetime | None = None
    again: bool = False
    voucher_id: int | None = None
    #: A code that is none of ours, or names no voucher: what guessing looks like.
    unknown: bool = False


def teller_of(actor: Actor) -> Teller | None:
    """The till that an account works at, with merchant, union and outlet."""
    if actor.account_id is None:
        return None
    rows = Teller.objects.everywhere(reason="the account's own till").filter(
        account=actor.account_id, until=None
    )
    return rows.select_related("merchant__organisation", "outlet").first()


def require_open(actor: Actor, teller: Teller, at: datetime) -> None:
    """The account is this till's, may redeem, and the agreement holds at that moment."""
    union, merchant = teller.merchant.organisation, teller.merchant
    actor.require("benefits.redeem", *union.paths)
    if teller.account_id != actor.account_id or teller.until is not None:
        raise Refused("这个账号没有绑定商户，不能核销。请联系签约工会开通。")
    if not merchant.serves_on(timezone.localdate(at)):
        why = "已暂停合作" if merchant.suspended else "的协议不在有效期"
        raise Refused(f"{merchant.name}{why}，不能核销。请联系{union.name}。")


def redeem(actor: Actor, *, teller: Teller, code: str, now: datetime | None = None) -> Redeemed:
    """Verify, redeem and enter in one statement, which is the transaction. What cannot be redeemed is answered, not
    raised: the counter is told why. The journal follows (`note_redemptions`)."""
    at = now or timezone.now()
    require_open(actor, teller, at)
    return _one(teller, code, at, at, Redemption.Channel.ONLINE)


def _one(teller: Teller, text: str, at: datetime, now: datetime, channel: str) -> Redeemed:
    try:
        code, _ = read(text)
    except VoucherCodeError as fault:
        return Redeemed(False, fault.message_zh, unknown=True)
    values: dict[str, Any] = {
        "code": code, "at": at, "day": timezone.localdate(at), "now": now, "channel": channel,
        # Offline the till's own clock speaks.
        "latest": at if channel == Redemption.Channel.ONLINE else at + CLOCKS,
        "merchant": teller.merchant_id, "outlet": teller.outlet_id, "teller": teller.pk,
    }  # fmt: skip
    with preparing(connection), connection.cursor() as cursor:
        cursor.execute(_REDEEM, values)
        row = cursor.fetchone()
    if row is None:
        return _refused(teller, code, at)
    pk, title, name = row
    return Redeemed(True, "核销成功", title, mask_name(name), spaced(code), at, voucher_id=pk)


def _refused(teller: Teller, code: str, at: datetime) -> Redeemed:
    """Why it was not redeemed: of another merchant's vouchers nothing is told but that they are."""
    rows = Voucher.objects.everywhere(reason=_WHY).select_related("service__merchant", "person", "outlet")
    voucher = rows.filter(code=code).first()
    if voucher is None:
        return Redeemed(
            False, "没有这张券。请核对券码，或请会员打开“我的券”。", code=spaced(code), unknown=True
        )
    if voucher.service.merchant_id != teller.merchant_id:
        return Redeemed(False, "这张券不是本商户的服务，请会员到券上写明的网点使用。", code=spaced(code))
    given: dict[str, Any] = {
        "title": voucher.service.title, "masked_name": mask_name(voucher.person.name), "code": spaced(code),
        "voucher_id": voucher.pk,
    }  # fmt: skip
    if voucher.state == Voucher.State.REDEEMED and voucher.redeemed_at is not None:
        when = timezone.localtime(voucher.redeemed_at)
        place = voucher.outlet.name if voucher.outlet is not None else voucher.service.merchant.name
        words = f"这张券已于 {when:%Y-%m-%d %H:%M} 在{place}核销，不能再用。"
        return Redeemed(False, words, at=voucher.redeemed_at, again=True, **given)
    if voucher.state == Voucher.State.CANCELLED and voucher.ended_at is not None:
        return Redeemed(
            False, f"会员已于 {timezone.localtime(voucher.ended_at):%Y-%m-%d %H:%M} 退券。", **given
        )
    if voucher.state == Voucher.State.EXPIRED or voucher.expires_on < timezone.localdate(at):
        return Redeemed(False, f"这张券已过期，有效至 {voucher.expires_on:%Y-%m-%d}。", **given)
    if at + CLOCKS < voucher.issued_at:
        return Redeemed(False, "写明的核销时间早于会员领券的时间，请核对设备时钟。", **given)
    return Redeemed(False, "刚才没有核销成功，请再扫一次。", **given)


@dataclass(frozen=True)
class OfflineRow:
    """One row handed in: its number in the file, the code as collected, when it was used (None: not readable)."""

    number: int
    code: str
    at: datetime | None
    fault: str = ""


@transaction.atomic
def take_offline(
    actor: Actor, *, teller: Teller, rows: Iterable[OfflineRow], now: datetime | None = None
) -> OfflineUpload:
    """Redeem what was collected without a network: each row answered by itself, all of them or none written.

    The same rows again are answered as the first time. Refused only when the whole cannot be taken.
    """
    taken_at, given = now or timezone.now(), list(rows)
    require_open(actor, teller, taken_at)
    if not given:
        raise Refused("里面没有券码。每行写一个券码，后面可以写时间。", "codes")
    if len(given) > MOST_ROWS:
        raise Refused(f"一次最多 {MOST_ROWS} 行，请分几次上传。", "codes")
    digest = sm3_hex("\n".join(f"{one.code}\t{one.at and one.at.isoformat()}" for one in given).encode())
    same = OfflineUpload.objects.everywhere(reason=_WHY).filter(merchant=teller.merchant, digest=digest)
    if (known := same.first()) is not None:
        return known
    hours = version_in(
        teller.merchant.organisation.division, timezone.localdate(taken_at)
    ).parameters.offline_hours
    # One order for everybody: two files with the same codes wait for each other, never in a circle.
    answers = {
        one.number: _answer(teller, one, taken_at, timedelta(hours=hours))
        for one in sorted(given, key=lambda one: (_short(one.code), one.number))
    }
    done = [one for one in answers.values() if one["done"]]
    try:
        with transaction.atomic():
            upload = OfflineUpload.objects.create(
                merchant=teller.merchant, teller=teller, digest=digest, rows=len(given), accepted=len(done),
                refused=len(given) - len(done), answers=[answers[one.number] for one in given], at=taken_at,
            )  # fmt: skip
    except IntegrityError:
        raise Refused("同一份记录正在上传，请稍后刷新查看结果。", "codes") from None
    journal(
        actor, "benefits.redeemed_offline", subject=upload, label=f"{len(done)}/{len(given)}",
        paths=teller.merchant.organisation.paths, digest=digest_of([(one["voucher"],) for one in done]),
        detail={"rows": len(given), "accepted": len(done), "merchant": teller.merchant_id},
    )  # fmt: skip
    return upload


def _short(text: str) -> str:
    """The voucher that a row means, however its code is written; the text itself where it means none."""
    try:
        return read(text)[0]
    except VoucherCodeError:
        return text


def _answer(teller: Teller, row: OfflineRow, now: datetime, window: timedelta) -> dict[str, Any]:
    found = Redeemed(False, row.fault)
    if not row.fault:
        at = row.at or now
        if at > now + CLOCKS:
            found = Redeemed(False, "写明的核销时间在将来，请核对设备时钟后重新上传这一行。")
        elif now - at > window:
            hours = int(window.total_seconds() // 3600)
            found = Redeemed(False, f"超过 {hours} 小时才上传，没有核销。请联系签约工会核实。")
        elif not teller.merchant.serves_on(timezone.localdate(at)):
            found = Redeemed(False, "写明的核销时间不在协议期间。")
        else:
            found = _one(teller, row.code, min(at, now), now, Redemption.Channel.OFFLINE)
    return {
        "row": row.number, "code": found.code or f"{row.code[:4]}…", "done": found.done, "words": found.words,
        "title": found.title, "who": found.masked_name, "again": found.again, "voucher": found.voucher_id,
        "at": row.at.isoformat() if row.at else "",
    }  # fmt: skip


_NOTE = """
UPDATE benefits_redemption SET noted = true
WHERE id IN (SELECT id FROM benefits_redemption WHERE NOT noted ORDER BY id LIMIT %s FOR UPDATE SKIP LOCKED)
RETURNING merchant_id, id, voucher_id, teller_id, at
"""


def note_redemptions(limit: int = 20_000) -> int:
    """Journal what was redeemed since the last time: an entry per merchant, with the digest of its rows."""
    total = 0
    while True:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(_NOTE, [limit])
            rows = sorted(cursor.fetchall())
            merchants = Merchant.objects.everywhere(reason=_WHY).select_related("organisation")
            for pk, merchant in merchants.in_bulk({row[0] for row in rows}).items():
                own = [row[1:] for row in rows if row[0] == pk]
                journal(
                    system_actor(), "benefits.redeemed", subject=merchant, paths=merchant.organisation.paths,
                    digest=digest_of(own), detail={"count": len(own), "first": own[0][0], "last": own[-1][0]},
                )  # fmt: skip
        total += len(rows)
        if len(rows) < limit:
            return total
