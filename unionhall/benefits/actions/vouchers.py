"""A person takes a voucher, gives it back, rates what it was used for; what nobody used runs out."""

from datetime import date, timedelta

from django.db import IntegrityError, connection, transaction
from django.db.models import F, Q
from django.utils import timezone

from unionhall import rulebook
from unionhall.foundation.actors import Actor, system_actor
from unionhall.foundation.errors import Refused
from unionhall.kit.masking import hide_numbers
from unionhall.members.models import Person
from unionhall.records.actions import digest_of, journal
from unionhall.rulebook.versions import Version

from ..catalogue import judge, version_for
from ..models import Rating, Service, Voucher
from ..rules.member_services import PROGRAMME, free_slots, period_key, quota_words
from ..schemes.member_services import MemberServices

_WHY = "a person's own vouchers and the catalogue, which is offered to every worker"
_TRIES = 5


def _owned(actor: Actor, person: Person) -> None:
    if not actor.speaks_for(person.pk, person.account_id):
        raise Refused("只能为本人领取和使用服务券。")


@transaction.atomic
def take(actor: Actor, *, service: Service, person: Person, today: date | None = None) -> Voucher:
    """Take a voucher of a service. Refused when it is not offered, not meant for the person, or none is left."""
    on = today or timezone.localdate()
    _owned(actor, person)
    rows = Service.objects.everywhere(reason=_WHY).offered_on(on)
    found = rows.select_related("merchant__organisation").filter(pk=service.pk).first()
    if found is None:
        raise Refused("这项服务现在不能领取：可能已下架、暂停或协议到期。请看看其他服务。")
    version = version_for(person.pk, on)
    unmet = [one for one in judge(found, version, person.pk, on) if not one.met]
    if unmet:
        raise Refused("暂时不能领取：" + "；".join(one.missing or one.text for one in unmet))
    voucher = _in_a_free_slot(found, person, on, _last_day(found, version, on))
    # Counted without a stock too: one that is set later knows what was taken before.
    left = Service.objects.everywhere(reason=_WHY).filter(
        Q(stock=None) | Q(taken__lt=F("stock")), pk=found.pk
    )
    if not left.update(taken=F("taken") + 1):
        raise Refused("已经领完了。有人退券后会重新放出，也可以看看其他服务。")
    journal(
        actor, "benefits.voucher_taken", subject=voucher, label=found.title,
        paths=found.merchant.organisation.paths, detail={"service": found.pk, "slot": voucher.slot},
    )  # fmt: skip
    return voucher


def _last_day(service: Service, version: Version[MemberServices], on: date) -> date:
    days = [on + timedelta(days=version.parameters.voucher_days - 1)]
    if service.valid_until is not None:
        days.append(service.valid_until)
    if service.merchant.agreement.upper is not None:
        days.append(service.merchant.agreement.upper - timedelta(days=1))
    return min(days)


def _in_a_free_slot(service: Service, person: Person, on: date, last: date) -> Voucher:
    """The first place of the quota that nobody holds. Of two that reach for one at once the index lets one through."""
    key = period_key(service.period, on)
    live = Voucher.objects.everywhere(reason=_WHY).filter(
        person=person, service=service, period_key=key, state__in=Voucher.LIVE
    )
    for _ in range(_TRIES):
        slots = free_slots(service.quota, set(live.values_list("slot", flat=True)))
        if not slots:
            break
        try:
            with transaction.atomic():
                return Voucher.objects.create(
                    service=service,
                    person=person,
                    period_key=key,
                    slot=slots[0],
                    reimbursed=service.reimbursed,
                    expires_on=last,
                    issued_at=timezone.now(),
                )
        except IntegrityError:
            continue  # taken just now by another press, or a short code that exists: look again
    raise Refused(
        f"您的次数已用完：这项服务{quota_words(service.period, service.quota)}。没有用的券可以退，退后再领。"
    )


@transaction.atomic
def cancel(actor: Actor, *, voucher: Voucher) -> None:
    """Give an unused voucher back: its place in the quota and its piece of the stock are free again."""
    _owned(actor, voucher.person)
    rows = Voucher.objects.everywhere(reason=_WHY).filter(pk=voucher.pk, state=Voucher.State.ISSUED)
    if not rows.update(state=Voucher.State.CANCELLED, ended_at=timezone.now()):
        raise Refused("这张券已使用、已过期或已退，不能再退。请刷新页面查看。")
    services = Service.objects.everywhere(reason=_WHY).filter(pk=voucher.service_id)
    services.update(taken=F("taken") - 1)
    journal(
        actor, "benefits.voucher_cancelled", subject=voucher, label=voucher.service.title,
        paths=voucher.service.merchant.organisation.paths,
    )  # fmt: skip


@transaction.atomic
def rate(actor: Actor, *, voucher: Voucher, grade: int, words: str = "") -> Rating:
    """好差评 of a used voucher, once, within the time the scheme allows. A number typed into it is hidden."""
    _owned(actor, voucher.person)
    if voucher.state != Voucher.State.REDEEMED or voucher.redeemed_at is None:
        raise Refused("用过之后才能评价。")
    if not 1 <= grade <= 5:
        raise Refused("请选择满意程度。", "grade")
    days = version_for(voucher.person_id, timezone.localdate()).parameters.rating_days
    if timezone.now() > voucher.redeemed_at + timedelta(days=days):
        raise Refused(f"使用后 {days} 天内可以评价，已经过了时间。")
    try:
        with transaction.atomic():
            rating = Rating.objects.create(
                voucher=voucher, service=voucher.service, grade=grade, words=hide_numbers(words.strip())[:200]
            )
    except IntegrityError:
        raise Refused("这张券已经评价过了，每张券评价一次。") from None
    Service.objects.everywhere(reason=_WHY).filter(pk=voucher.service_id).update(
        rating_count=F("rating_count") + 1, rating_sum=F("rating_sum") + grade
    )
    journal(
        actor, "benefits.service_rated", subject=rating, label=voucher.service.title,
        paths=voucher.service.merchant.organisation.paths, detail={"grade": grade},
    )  # fmt: skip
    return rating


# Services are locked in the order of their keys, as an import of the catalogue locks them.
_EXPIRE = """
WITH gone AS (
    UPDATE benefits_voucher SET state = 'expired', ended_at = now()
    WHERE id IN (SELECT id FROM benefits_voucher WHERE state = 'issued' AND expires_on < %s
                 ORDER BY id LIMIT %s FOR UPDATE SKIP LOCKED)
    RETURNING id, service_id
), counted AS (SELECT service_id, count(*) AS many FROM gone GROUP BY 1)
, held AS (
    SELECT id FROM benefits_service WHERE id IN (SELECT service_id FROM counted) ORDER BY id FOR NO KEY UPDATE
), back AS (
    UPDATE benefits_service s SET taken = taken - many FROM counted JOIN held ON held.id = service_id
    WHERE s.id = service_id
)
SELECT id FROM gone ORDER BY id
"""


def expire_due(today: date | None = None, limit: int = 10_000) -> int:
    """Vouchers whose last day is over, and the time in which an offline use may still be handed in, run out."""
    on = today or timezone.localdate()
    hours = max((one.parameters.offline_hours for one in rulebook.versions(PROGRAMME)), default=0)
    before, total = on - timedelta(days=-(-hours // 24)), 0
    while True:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(_EXPIRE, [before, limit])
            gone = cursor.fetchall()
            if gone:
                journal(
                    system_actor(), "benefits.vouchers_expired", label=f"{len(gone)} 张",
                    digest=digest_of(gone), detail={"count": len(gone), "before": before.isoformat()},
                )  # fmt: skip
        total += len(gone)
        if len(gone) < limit:
            return total
