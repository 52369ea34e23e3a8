"""Verbs of needs: a round is opened and closed, answered once, and those who asked are told when somebody offers it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

from django.db import IntegrityError, transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from unionhall import rulebook
from unionhall.foundation.actors import Actor
from unionhall.foundation.errors import Refused
from unionhall.kit.masking import hide_numbers
from unionhall.members.models import Membership, Person
from unionhall.organisations.models import Organisation
from unionhall.records.actions import journal, notify_many
from unionhall.records.models import Message
from unionhall.rulebook.actions import record_use

from .. import needs
from ..models import Need, NeedsAnswer, NeedsRound, Service
from ..schemes.needs import NeedsScheme

__all__ = ["answer", "close", "most_of", "open_round", "tell_due", "tell_of"]

EDIT = "benefits.needs_edit"
_WHY = "answers are counted and their persons told; nobody is shown"


@transaction.atomic
def open_round(
    actor: Actor, *, organisation: Organisation, title: str, starts: date, ends: date
) -> NeedsRound:
    """Begin a survey of the union's members; `ends` is its last day. One at a time for a union."""
    actor.require(EDIT, *organisation.paths)
    title = hide_numbers(title.strip())
    version = rulebook.scheme(NeedsScheme, on=timezone.localdate(), division=organisation.division)
    if not title:
        raise Refused("请填写标题。", "title")
    if ends < starts:
        raise Refused("结束日期不能早于开始日期。", "ends")
    if ends < timezone.localdate():
        raise Refused("结束日期已经过去。", "ends")
    if (ends - starts).days >= version.parameters.days_most:
        raise Refused(f"一次征集最多 {version.parameters.days_most} 天。", "ends")
    Organisation.objects.everywhere(reason="one round at a time").select_for_update().get(pk=organisation.pk)
    rows = NeedsRound.objects.everywhere(reason="one round at a time").filter(organisation=organisation)
    span = DateRange(starts, ends + timedelta(days=1))
    if rows.filter(closed_at=None, period__overlap=span).exists():
        raise Refused("这段时间已有征集。请先结束原来的，或者改日期。", "starts")
    record_use(version)
    made = NeedsRound.objects.create(
        organisation=organisation, title=title[:60], period=span, version=version.digest, made_by=actor.name,
        choices=[group.model_dump(mode="json") for group in version.parameters.groups],
    )  # fmt: skip
    journal(actor, "benefits.needs_opened", subject=made, label=made.title, paths=organisation.paths)
    return made


@transaction.atomic
def close(actor: Actor, *, round_: NeedsRound) -> NeedsRound:
    """End a survey before its last day, or for good after it."""
    actor.require(EDIT, *round_.organisation.paths)
    rows = NeedsRound.objects.everywhere(reason="the round at hand, locked")
    held = rows.select_for_update(of=("self",)).select_related("organisation").get(pk=round_.pk)
    if held.closed_at is not None:
        raise Refused("这次征集已经结束。")
    held.closed_at = timezone.now()
    held.save(update_fields=["closed_at"])
    journal(actor, "benefits.needs_closed", subject=held, label=held.title, paths=held.organisation.paths)
    return held


@transaction.atomic
def answer(
    actor: Actor, *, round_: NeedsRound, person: Person, membership: Membership, codes: Iterable[str]
) -> NeedsAnswer:
    """One's own answer, once for all. Not journalled: it would tie what was asked for to an account and a moment."""
    if actor.account_id is None or person.account_id != actor.account_id:
        raise Refused("只能由本人填写。")
    if not round_.is_running:
        raise Refused("这次征集已经结束。")
    wanted = list(dict.fromkeys(codes))
    known = {one.code for one in needs.asked(round_)}
    if not wanted or not known.issuperset(wanted):
        raise Refused("请至少选择一项。", "codes")
    most = most_of(round_)
    if len(wanted) > most:
        raise Refused(f"最多选 {most} 项，请留下最需要的。", "codes")
    try:
        with transaction.atomic():
            made = NeedsAnswer.objects.create(
                round=round_, person=person, path=membership.path, second_path=membership.second_path
            )
    except IntegrityError:
        raise Refused("您已经填过，每次征集每人填一次。") from None
    # What is offered already is shown to him at once: only what appears later is news.
    today, choices = timezone.localdate(), [one for one in needs.asked(round_) if one.code in wanted]
    offered = needs.offered_in(membership.path, membership.second_path, today)
    found = needs.met(choices, offered, membership.organisation.division, today)
    Need.objects.bulk_create(
        Need(answer=made, code=code, told_at=timezone.now() if found[code].services else None)
        for code in wanted
    )
    return made


def most_of(round_: NeedsRound) -> int:
    """How many choices an answer may have."""
    version = rulebook.scheme(NeedsScheme, on=timezone.localdate(), division=round_.organisation.division)
    return version.parameters.most


def tell_due() -> int:
    """Whoever asked for something that is offered now is told, once for each need; answers how many were."""
    rows = Service.objects.everywhere(reason=_WHY).offered_on(timezone.localdate())
    return sum(tell_of(pk) for pk in list(rows.order_by("pk").values_list("pk", flat=True)))


@transaction.atomic
def tell_of(service_id: int) -> int:
    """Tell those who asked for a thing of this kind and may have it. Again tells nobody."""
    rows = Service.objects.everywhere(reason=_WHY).offered_on(timezone.localdate())
    service = rows.select_related("merchant__organisation").filter(pk=service_id).first()
    if service is None:
        return 0
    union = service.merchant.organisation
    place = Q(answer__path__startswith=union.path)
    if union.second_path:
        place |= Q(answer__second_path__startswith=union.second_path)
    untold = Need.objects.everywhere(reason=_WHY).filter(told_at=None, answer__person__account__isnull=False)
    rounds = NeedsRound.objects.everywhere(reason=_WHY)
    told: dict[int, str] = {}
    for round_ in rounds.filter(pk__in=untold.values("answer__round")):
        titles = {one.code: one.title for one in needs.asked(round_) if one.fits(service)}
        found = untold.filter(place, answer__round=round_, code__in=titles).select_for_update(of=("self",))
        for pk, code, account in list(
            found.order_by("pk").values_list("pk", "code", "answer__person__account_id")
        ):
            Need.objects.everywhere(reason=_WHY).filter(pk=pk).update(told_at=timezone.now())
            told.setdefault(account, titles[code])
    notify_many(
        Message(
            recipient_id=account, title="您提过的需求有服务了",
            body=f"您在需求征集里选过“{title}”。现在有了：{service.title}（{service.merchant.name}）。",
            url=reverse("m_service", args=[service.pk]),
        )
        for account, title in told.items()
    )  # fmt: skip
    return len(told)
