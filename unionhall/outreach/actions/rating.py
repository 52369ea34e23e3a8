"""Verbs on the rating of an answer: give it, by account or by slip; ask back about some that came by slip."""

from django.db import transaction
from django.utils import timezone

from unionhall.access.devices import Device
from unionhall.foundation.actors import Actor
from unionhall.foundation.errors import Refused
from unionhall.foundation.models import working_calendar
from unionhall.kit.masking import hide_numbers
from unionhall.members.hands import hands
from unionhall.records.actions import notify

from .. import cadres, slips
from ..models import ItemEvent, RatingCheck, VisitItem, VisitRating, VisitStop
from ..rules.visiting import asked_back, item_due, reopens
from .holding import WHY, scheme_of, words
from .items import SUPERVISE, hold, lock, page_of, record


def _require_rater(actor: Actor, item: VisitItem, stop: VisitStop | None, device: Device | None) -> bool:
    """Whether he rates by his own account, else by the slip of `stop`. Raises Refused for everybody else."""
    person, own = item.person, hands(actor.access).accounts
    mine = person is not None and person.account_id is not None and person.account_id == actor.account_id
    if not mine and (stop is None or stop.pk != item.stop_id):
        raise Refused("只有反映问题的人可以评价。")
    if item.owner_id in own:
        raise Refused("您是办理人，不能评价自己的答复。")
    if mine:
        if slips.has_part(item, own):
            raise Refused("您参加了这次走访，不能评价。")
        return True
    slips.require_stranger(actor, item, device)
    if item.stop is not None and slips.by_account_only(item.stop):
        raise Refused("请用登记的手机号登录后评价。")
    return False


@transaction.atomic
def rate(
    actor: Actor, *, item: VisitItem, stars: int, text: str, stop: VisitStop | None = None,
    device: Device | None = None,
    drawn: bool | None = None,
) -> VisitRating:  # fmt: skip
    """One rating per answer: by whoever raised it, or on `device` by the slip of `stop`. A low one reopens.

    Of ratings by slip a random share is asked about (`drawn`: seeding leaves nothing to chance). Raises Refused when
    there is no answer, when this one was rated, when time is over, for cadres, and for a slip where whoever was
    visited can sign in himself.
    """
    fresh = lock(item)
    mine = _require_rater(actor, fresh, stop, device)
    if fresh.is_open or fresh.settled_on is None:
        raise Refused("还没有答复，答复后再评价。")
    scheme = scheme_of(fresh.organisation).parameters
    today = timezone.localdate()
    if (today - fresh.settled_on).days > scheme.rating_days:
        raise Refused(f"答复后 {scheme.rating_days} 天内可以评价，现在已经过了。如有问题请拨打 12351。")
    made, new = VisitRating.objects.everywhere(reason=WHY).get_or_create(
        item=fresh,
        round=fresh.reopened,
        defaults={
            "stars": stars,
            "words": hide_numbers(text.strip())[:300],
            "source": VisitRating.Source.PHONE if mine else VisitRating.Source.SLIP,
        },
    )
    if not new:
        raise Refused("这次答复已经评价过了。")
    record(
        actor, fresh, "rated", f"评价 {stars} 星", made.words, tone="bad" if stars <= scheme.low_rating else "ok",
        shown=True, stars=stars, source=made.source,
    )  # fmt: skip
    if not mine and (asked_back(scheme, slips.draw()) if drawn is None else drawn):
        due = item_due(today, scheme.check_working_days, working_calendar())
        RatingCheck.objects.create(rating=made, due_on=due)
    if reopens(scheme, stars, fresh.reopened):
        _reopen(fresh, "评价较低，请重新办理")
    return made


def _reopen(item: VisitItem, title: str) -> None:
    """Back to its owner, with the scheme's days for doing it again."""
    scheme, today = scheme_of(item.organisation).parameters, timezone.localdate()
    item.state, item.reopened = VisitItem.State.REOPENED, item.reopened + 1
    item.opened_on, item.working_days = today, scheme.redo_working_days
    item.due_on = item_due(today, scheme.redo_working_days, working_calendar())
    item.settled_on, item.on_time, item.escalated_at = None, None, None
    item.save()
    due = f"办理期限 {item.due_on:%Y-%m-%d}"
    ItemEvent.objects.create(item=item, what="重新办理", note=due, tone="warn", shown=True, actor_name="系统")
    notify(item.owner_id, f"{title}：{item.title}", due, page_of(item), path=item.organisation.path)


@transaction.atomic
def check_back(actor: Actor, *, check: RatingCheck, state: str, said: str) -> RatingCheck:
    """What whoever was visited says of the rating; a denied one no longer counts and the problem goes back.

    Raises Refused for whoever has a part in the visit, and for what was asked already.
    """
    item = hold(actor, VisitItem(pk=check.rating.item_id), SUPERVISE)
    rows = RatingCheck.objects.everywhere(reason=WHY).select_for_update(of=("self",))
    fresh = rows.select_related("rating").get(pk=check.pk)
    if slips.has_part(item, hands(actor.access).accounts):
        raise Refused("您参加了这次走访或办理，回访请由其他人进行。")
    if fresh.state != RatingCheck.State.WAITING:
        raise Refused("这次评价已经回访过了。")
    fresh.state, fresh.note = state, words(said, "said", "请写明怎样联系的、对方怎么说。", 300)
    fresh.checked_by_id, fresh.checked_at = actor.account_id, timezone.now()
    fresh.save()
    denied = state == RatingCheck.State.DENIED
    tone = "bad" if denied else "ok" if state == RatingCheck.State.CONFIRMED else "warn"
    label = RatingCheck.State(state).label
    record(actor, item, "checked", f"评价回访：{label}", fresh.note, tone=tone, state=state)
    if denied:
        fresh.rating.set_aside = True
        fresh.rating.save(update_fields=["set_aside"])
        _tell_denied(item)
    return fresh


def _tell_denied(item: VisitItem) -> None:
    if not item.is_open:
        _reopen(item, "评价不是本人作出，请重新办理")
    title = f"走访评价不实：{item.organisation.name}"
    body = f"{item.title}，被走访的人说没有评价过。"
    for grant in cadres.superiors(item.organisation):
        notify(grant.account_id, title, body, page_of(item), path=item.organisation.path)
