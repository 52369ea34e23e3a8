"""Verbs on a visit: plan it, add whom it goes to, do it, write it up; open duties that it meets are met."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from django.db import IntegrityError, transaction
from django.utils import timezone

from unionhall.access.models import Account
from unionhall.foundation.actors import Actor
from unionhall.foundation.errors import Refused
from unionhall.kit import vouchers
from unionhall.kit.masking import hide_numbers
from unionhall.organisations.models import Organisation
from unionhall.records import attachments
from unionhall.records.actions import journal, notify
from unionhall.records.uploads import Upload

from .. import cadres, slips
from ..models import Visit, VisitDuty, Visitor, VisitPhoto, VisitStop
from .duties import meet, waiting_for
from .holding import WHY, Target, scheme_of, words

PERMISSION = "outreach.visit"
PHOTO = "outreach.visit_photo"
#: Stops that one visit may have: a person-day reaches a few firms, a week's round of a team some dozens.
MOST_STOPS = 200
MOST_PHOTOS = 12


def lock(visit: Visit) -> Visit:
    rows = Visit.objects.everywhere(reason=WHY).select_for_update(of=("self",))
    return rows.select_related("organisation").get(pk=visit.pk)


def hold(actor: Actor, visit: Visit) -> Visit:
    """Locked, after the permission was asked."""
    fresh = lock(visit)
    actor.require(PERMISSION, *fresh.organisation.paths)
    return fresh


def _note(actor: Actor, visit: Visit, verb: str, reason: str = "", **detail: object) -> None:
    journal(
        actor, f"outreach.visit_{verb}", subject=visit, label=str(visit), paths=visit.organisation.paths,
        reason=reason, detail={"visit": visit.pk} | detail,
    )  # fmt: skip


def _dated(visit_on: date, planned: bool, record_within: int) -> None:
    today = timezone.localdate()
    if not planned and visit_on > today:
        raise Refused("还没到这一天，请先登记为计划。", field="on")
    if not planned:
        _told_in_time(visit_on, record_within)
    if planned and visit_on < today:
        raise Refused("计划日期不能早于今天；已经走访的，请勾选“已经走访”。", field="on")


def _too_long_ago(visit_on: date, record_within: int) -> bool:
    return visit_on < timezone.localdate() - timedelta(days=record_within)


def _told_in_time(visit_on: date, record_within: int) -> None:
    """Whatever is said of a visit later than this meets no duty of that day: nobody remembers it."""
    if _too_long_ago(visit_on, record_within):
        raise Refused(f"走访要在 {record_within} 天内补记，这一天太早了。", field="on")


def in_time(visit: Visit) -> bool:
    """Whether it may still be told of: that it was made, on which day, who else was visited."""
    return not _too_long_ago(visit.on, scheme_of(visit.organisation).parameters.record_within_days)


def _hold_plan(actor: Actor, visit: Visit, over: str) -> Visit:
    """A visit still to be made, locked. Raises Refused with `over` when it is no plan any more, or too old for one."""
    fresh = hold(actor, visit)
    if fresh.state != Visit.State.PLANNED:
        raise Refused(over)
    if not in_time(fresh):
        raise Refused("计划的日子已经过去太久，不能补记。请取消这次计划；以后又走访的，另行登记。")
    return fresh


def moment(on: date, at: time | None) -> datetime:
    """When it was: the hour given; else now, if today; else the end of that day, so that nothing is met too early."""
    if at is None and on == timezone.localdate():
        return timezone.now()
    found = timezone.make_aware(datetime.combine(on, at or time(23, 59)))
    if found > timezone.now():
        raise Refused("走访时间还没到，请核对。", field="at")
    return found


@transaction.atomic
def plan(
    actor: Actor,
    *,
    organisation: Organisation,
    kind: str,
    on: date,
    participants: Sequence[Account],
    targets: Sequence[Target] = (),
    venue: str = "",
    done: bool = False,
    at: time | None = None,
    duty: VisitDuty | None = None,
) -> Visit:
    """A visit of the union's cadres; `done`: it has been made already. The first participant leads.

    Raises Refused for a day out of reach, nobody going, or someone who isn't of the union.
    """
    actor.require(PERMISSION, *organisation.paths)
    scheme = scheme_of(organisation).parameters
    _dated(on, not done, scheme.record_within_days)
    if not participants:
        raise Refused("请选择至少一名走访人员。", field="participants")
    fit = {one.account_id for one in cadres.colleagues(organisation)} | {actor.account_id}
    if strangers := [one.display_name for one in participants if one.pk not in fit]:
        raise Refused(f"{'、'.join(strangers)}不是本工会干部，不能列为走访人员。", field="participants")
    visit = Visit.objects.create(
        organisation=organisation, kind=kind, on=on, venue=hide_numbers(venue.strip())[:120],
        made_by_id=actor.account_id,
    )  # fmt: skip
    Visitor.objects.bulk_create(
        Visitor(visit=visit, account=one, leads=order == 0) for order, one in enumerate(participants)
    )
    for target in targets:
        _put(visit, target)
    if duty is not None:
        _answer(visit, duty)
    _note(actor, visit, "planned", stops=len(targets), visitors=len(participants))
    for one in participants:
        if one.pk != actor.account_id and not done:
            notify(
                one.pk, "您有一次走访", f"{on:%Y-%m-%d} {visit.get_kind_display()}，{organisation.name}。",
                f"/desk/visits/{visit.pk}/", path=organisation.path,
            )  # fmt: skip
    return complete(actor, visit=visit, at=at) if done else visit


def _answer(visit: Visit, duty: VisitDuty) -> None:
    """A duty's person or firm is on the way of the visit that was planned for it."""
    target = Target(person=duty.person) if duty.person is not None else Target(employer=duty.employer)
    _put(visit, target, may_stand=True)
    fresh = next((one for one in waiting_for(visit) if one.pk == duty.pk), None)
    if fresh is None:
        raise Refused("这项必访任务已经了结。")
    if not cadres.in_line(fresh.organisation, visit.organisation):
        raise Refused(
            f"这项必访任务由{fresh.organisation.name}负责，请由它或它的上下级工会走访。", field="organisation"
        )
    fresh.visit = visit
    fresh.save(update_fields=["visit"])


def _put(visit: Visit, target: Target, *, may_stand: bool = False) -> VisitStop | None:
    rows = VisitStop.objects.everywhere(reason=WHY).filter(visit=visit)
    if rows.count() >= MOST_STOPS:
        raise Refused(f"一次走访最多 {MOST_STOPS} 个对象，请另登记一次走访。")
    if rows.filter(**target.fields).exists():
        if may_stand:
            return None
        raise Refused(f"{target.label}已经在这次走访里了。")
    for _ in range(5):
        code = vouchers.new_short()
        try:
            with transaction.atomic():
                return VisitStop.objects.create(
                    visit=visit,
                    workers_met=1 if target.person is not None else 0,
                    code=code,
                    code_index=slips.index_of(code),
                    **target.fields,
                )
        except IntegrityError:
            continue  # the same nine characters by chance
    raise Refused("暂时生成不了评价码，请重试。")


@transaction.atomic
def add_stops(actor: Actor, *, visit: Visit, targets: Sequence[Target]) -> list[VisitStop]:
    """More firms, families or unions on the way, as long as a visit of that day may be recorded."""
    fresh = hold(actor, visit)
    if not fresh.is_open:
        raise Refused("走访已经填写完毕或取消，不能再添加对象。")
    _told_in_time(fresh.on, scheme_of(fresh.organisation).parameters.record_within_days)
    found = [one for target in targets if (one := _put(fresh, target)) is not None]
    _note(actor, fresh, "stop_added", stops=len(found))
    if fresh.state == Visit.State.DONE:
        meet(actor, fresh)
    return found


@transaction.atomic
def remove_stop(actor: Actor, *, visit: Visit, stop: VisitStop) -> None:
    """Somebody who wasn't visited after all; not when a problem was found there or a duty was met."""
    fresh = hold(actor, visit)
    if not fresh.is_open or stop.visit_id != fresh.pk:
        raise Refused("走访已经填写完毕或取消，不能再删除对象。")
    if stop.items.everywhere(reason=WHY).exists():
        raise Refused("这里登记过问题，不能删除。")
    met = VisitDuty.objects.everywhere(reason=WHY).filter(visit=fresh, done_at__isnull=False)
    if met.filter(person=stop.person_id, employer=stop.employer_id).exists():
        raise Refused("这次走访完成了对它的必访任务，不能删除。")
    stop.delete()
    _note(actor, fresh, "stop_removed", stop=stop.kind)


@transaction.atomic
def complete(
    actor: Actor,
    *,
    visit: Visit,
    at: time | None = None,
    position: tuple[Decimal, Decimal] | None = None,
) -> Visit:
    """The visit was made; open duties for whoever was visited are met by it, in time or late.

    Raises Refused for a day that is still to come, or longer ago than a visit may be recorded afterwards.
    """
    fresh = _hold_plan(actor, visit, "这次走访已经完成或取消。")
    if fresh.on > timezone.localdate():
        raise Refused("还没到走访日期。提前走访的，请先改日期。")
    if not fresh.stops.everywhere(reason=WHY).exists():
        raise Refused("还没有走访对象，请先添加企业、职工家庭或工会。")
    fresh.done_at, fresh.state = moment(fresh.on, at), Visit.State.DONE
    if position is not None:
        fresh.latitude, fresh.longitude = position
    fresh.save(update_fields=["done_at", "state", "latitude", "longitude"])
    _note(actor, fresh, "done")
    meet(actor, fresh)
    return fresh


@transaction.atomic
def write_up(
    actor: Actor, *, visit: Visit, summary: str, met: dict[int, int], notes: dict[int, str]
) -> Visit:
    """What was seen: a summary, and for each stop the workers met and a line. Families count one person."""
    fresh = hold(actor, visit)
    if fresh.state not in Visit.MADE:
        raise Refused("走访完成以后再填写情况。")
    fresh.summary = words(summary, "summary", "请填写走访情况。", 2000)
    stops = list(fresh.stops.everywhere(reason=WHY))
    for stop in stops:
        stop.workers_met = met.get(stop.pk, stop.workers_met)
        stop.note = hide_numbers(notes.get(stop.pk, stop.note).strip())[:500]
    VisitStop.objects.everywhere(reason=WHY).bulk_update(stops, ["workers_met", "note"])
    fresh.state, fresh.written_at = Visit.State.WRITTEN, timezone.now()
    fresh.save(update_fields=["summary", "state", "written_at"])
    _note(actor, fresh, "written", workers=sum(one.workers_met for one in stops))
    return fresh


@transaction.atomic
def change_day(actor: Actor, *, visit: Visit, on: date) -> Visit:
    """A planned visit goes on another day; not one that was forgotten longer ago than visits are recorded."""
    fresh = _hold_plan(actor, visit, "只有还没进行的走访可以改日期。")
    _dated(on, on >= timezone.localdate(), scheme_of(fresh.organisation).parameters.record_within_days)
    fresh.on = on
    fresh.save(update_fields=["on"])
    _note(actor, fresh, "changed", on=on.isoformat())
    return fresh


@transaction.atomic
def cancel(actor: Actor, *, visit: Visit, reason: str) -> Visit:
    """It doesn't take place; a duty that waited for it goes on waiting."""
    fresh = hold(actor, visit)
    if fresh.state != Visit.State.PLANNED:
        raise Refused("只有还没进行的走访可以取消。")
    fresh.cancelled_because = words(reason, "reason", "请写明取消原因。", 200)
    fresh.state = Visit.State.CANCELLED
    fresh.save(update_fields=["cancelled_because", "state"])
    VisitDuty.objects.everywhere(reason=WHY).open().filter(visit=fresh).update(visit=None)
    _note(actor, fresh, "cancelled", reason=fresh.cancelled_because)
    return fresh


@transaction.atomic
def add_photo(actor: Actor, *, visit: Visit, photo: Upload) -> VisitPhoto:
    """A picture; its place and device were removed when it was read."""
    fresh = hold(actor, visit)
    if fresh.state == Visit.State.CANCELLED:
        raise Refused("走访已经取消。")
    if fresh.photos.everywhere(reason=WHY).count() >= MOST_PHOTOS:
        raise Refused(f"一次走访最多 {MOST_PHOTOS} 张照片。", field="photo")
    if not photo.content_type.startswith("image/"):
        raise Refused("请上传 JPG 或 PNG 照片。", field="photo")
    stored = attachments.store(
        actor, photo.content, name=photo.name, content_type=photo.content_type, size=photo.size, purpose=PHOTO,
        paths=fresh.organisation.paths,
    )  # fmt: skip
    _note(actor, fresh, "photo")
    return VisitPhoto.objects.create(visit=fresh, attachment=stored)


@transaction.atomic
def note_opening(actor: Actor, *, visit: Visit, photo: VisitPhoto) -> None:
    """Who looked at a picture, in the journal."""
    actor.require("outreach.view", *visit.organisation.paths)
    journal(
        actor, "outreach.photo_opened", subject=visit, label=str(visit), paths=visit.organisation.paths,
        detail={"visit": visit.pk, "photo": photo.pk},
    )  # fmt: skip
