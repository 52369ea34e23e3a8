"""Making a public notice and putting it in public. What may not stand there is refused, row by row and all at once."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils import timezone

from unionhall.foundation.actors import Actor
from unionhall.foundation.errors import Refused
from unionhall.foundation.models import working_calendar
from unionhall.kit.masking import mask_name
from unionhall.members.models import Person
from unionhall.organisations.models import Organisation
from unionhall.records.actions import digest_of, journal
from unionhall.rulebook.actions import record_use
from unionhall.rulebook.versions import Version

from ..models import NoticeRow, PublicNotice
from ..purposes import Purpose
from ..purposes import purpose as purpose_of
from ..rules import last_day, unfit

State = PublicNotice.State
_CHUNK = 2_000
_SHOWN = 5


@dataclass(frozen=True)
class Listed:
    """A row as a domain gives it: its own `key` of the matter, the whole `name` (masked here), unit, one text a column.

    `person` is whom it is about, so that he cannot settle objections to it.
    """

    key: str
    name: str
    unit: str = ""
    values: tuple[str, ...] = ()
    person: Person | None = None


def publicise(
    actor: Actor,
    *,
    purpose: str,
    title: str,
    organisation: Organisation,
    rows: Iterable[Listed],
    working_days: int,
    scheme: Version[Any] | None = None,
    lead: str = "",
) -> PublicNotice:
    """Make a notice and put it in public today. Refused, naming rows and reasons, when anything may not stand there.

    Whether the actor may publicise it is the domain's question, asked before.
    """
    with transaction.atomic():
        notice = _make(actor, purpose_of(purpose), title, organisation, rows, working_days, scheme, lead)
        return _release(actor, notice)


@transaction.atomic
def draft(
    actor: Actor,
    *,
    purpose: str,
    title: str,
    organisation: Organisation,
    rows: Iterable[Listed],
    working_days: int,
    lead: str = "",
) -> PublicNotice:
    """Make a notice that nobody sees in public yet: an officer reads it once more before `release`."""
    actor.require("bulletins.publish", *organisation.paths)
    notice = _make(actor, purpose_of(purpose), title, organisation, rows, working_days, None, lead)
    note(actor, "drafted", notice, rows=notice.rows.count())
    return notice


@transaction.atomic
def release(actor: Actor, *, notice: PublicNotice) -> PublicNotice:
    """Put a draft in public; its period begins today."""
    fresh = lock(notice)
    actor.require("bulletins.publish", *fresh.organisation.paths)
    if fresh.state != State.DRAFT:
        raise Refused(f"这个公示{fresh.get_state_display()}，不用再发布。请刷新页面查看最新状态。")
    return _release(actor, fresh)


@transaction.atomic
def discard(actor: Actor, *, notice: PublicNotice) -> None:
    """Throw a draft away."""
    fresh = lock(notice)
    actor.require("bulletins.publish", *fresh.organisation.paths)
    if fresh.state != State.DRAFT:
        raise Refused("已经发布的公示不能删除；发布有误的，请终止公示并写明原因。")
    note(actor, "discarded", fresh)
    fresh.rows.everywhere(reason="rows of a draft that is thrown away").delete()
    fresh.delete()


def lock(notice: PublicNotice) -> PublicNotice:
    """The notice as it is now, locked until the transaction ends: every verb on it or its rows begins here."""
    rows = PublicNotice.objects.everywhere(
        reason="a verb on a notice checks who acts by itself, after locking it"
    )
    return rows.select_for_update(of=("self",)).select_related("organisation").get(pk=notice.pk)


def note(
    actor: Actor, verb: str, notice: PublicNotice, *, reason: str = "", digest: str = "", **detail: Any
) -> None:
    journal(
        actor,
        f"bulletins.{verb}",
        subject=notice,
        label=notice.number or notice.title,
        paths=notice.organisation.paths,
        reason=reason,
        digest=digest,
        detail={"purpose": notice.purpose, **detail},
    )


def _make(
    actor: Actor,
    purpose: Purpose,
    title: str,
    organisation: Organisation,
    rows: Iterable[Listed],
    working_days: int,
    scheme: Version[Any] | None,
    lead: str,
) -> PublicNotice:
    listed = list(rows)
    title, lead = title.strip(), lead.strip()
    _check_texts(title, lead, working_days)
    check_rows(purpose, listed)
    if scheme is not None:
        record_use(scheme)
    notice = PublicNotice.objects.create(
        purpose=purpose.code,
        title=title,
        lead=lead,
        organisation=organisation,
        scheme=scheme.programme if scheme is not None else "",
        scheme_digest=scheme.digest if scheme is not None else "",
        columns=list(purpose.columns),
        working_days=working_days,
        made_by_id=actor.account_id,
        made_by=actor.name[:80],
    )
    NoticeRow.objects.bulk_create(
        (
            NoticeRow(
                notice=notice,
                order=order,
                key=one.key,
                name=mask_name(one.name.strip()),
                unit=one.unit.strip()[:120],
                values=[value.strip() for value in one.values],
                person=one.person,
            )
            for order, one in enumerate(listed, start=1)
        ),
        batch_size=_CHUNK,
    )
    return notice


def _check_texts(title: str, lead: str, working_days: int) -> None:
    if not title:
        raise Refused("请填写公示标题。", field="title")
    if len(title) > 120:
        raise Refused(f"标题不超过 120 个字，现有 {len(title)} 个字。", field="title")
    if not 1 <= working_days <= 60:
        raise Refused("公示期为 1 至 60 个工作日。", field="working_days")
    for field, text in (("title", title), ("lead", lead)):
        if why := unfit(text):
            raise Refused(f"{'标题' if field == 'title' else '说明'}{why}，不能公开。请改写。", field=field)


def check_rows(purpose: Purpose, rows: Sequence[Listed]) -> None:
    """Refused, with the rows and what is wrong with each, unless every row may stand in public."""
    if not rows:
        raise Refused("公示名单是空的，请至少列出一行。", field="rows")
    faults: list[str] = []
    seen: set[str] = set()
    for order, row in enumerate(rows, start=1):
        faults += [f"第 {order} 行{why}" for why in _faults(purpose, row, seen)]
    if faults:
        more = f"；另有 {len(faults) - _SHOWN} 处" if len(faults) > _SHOWN else ""
        raise Refused(
            f"名单里有 {len(faults)} 处不能公开：{'；'.join(faults[:_SHOWN])}{more}。"
            "公示只写遮掩后的姓名、单位和事项。",
            field="rows",
        )


def _faults(purpose: Purpose, row: Listed, seen: set[str]) -> list[str]:
    found = []
    name = row.name.strip()
    if not name:
        found.append("没有姓名")
    if len(row.values) != len(purpose.columns):
        found.append(f"应有 {len(purpose.columns)} 栏内容，现有 {len(row.values)} 栏")
    if row.key in seen:
        found.append("与前面的行重复")
    seen.add(row.key)
    if why := unfit(name, unit=True):
        found.append(f"“姓名”{why}")
    if why := unfit(row.unit, unit=True):
        found.append(f"“单位”{why}")
    for heading, value in zip(purpose.columns, row.values, strict=False):
        if why := unfit(value, whole_names=(name,)):
            found.append(f"“{heading}”{why}")
    return found


def _release(actor: Actor, notice: PublicNotice) -> PublicNotice:
    today = timezone.localdate()
    notice.number = f"GS{today:%Y%m%d}{notice.pk:05d}"
    notice.state, notice.starts = State.PUBLICISED, today
    notice.ends = last_day(today, notice.working_days, working_calendar())
    notice.save(update_fields=["number", "state", "starts", "ends"])
    rows = notice.rows.everywhere(reason="the rows of a notice that is put in public")
    rows.update(ends=notice.ends)
    listed = list(rows.order_by("order").values_list("order", "key", "name", "unit"))
    note(actor, "publicised", notice, digest=digest_of(listed), rows=len(listed), days=notice.working_days)
    return notice
