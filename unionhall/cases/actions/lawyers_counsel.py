"""Which lawyer serves which enterprise: one by one, and all that have none at once, with undo; visits to them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from dateutil.relativedelta import relativedelta
from django.db import IntegrityError, transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from unionhall.foundation.actors import Actor
from unionhall.foundation.errors import Refused
from unionhall.kit.masking import hide_numbers
from unionhall.organisations.models import Coverage, Employer, Organisation
from unionhall.organisations.paths import above
from unionhall.records.actions import digest_of, journal

from ..models import AidAssignment, CounselBatch, CounselVisit, FirmCounsel, Lawyer, LawyerLeave
from ..rules.assigning import Candidate, Placing, Spread, Unit, spread
from .lawyers import EDIT, ROSTER, WHY
from .locking import hold_roster


def firms_of(organisation: Organisation, day: date) -> QuerySet[Employer]:
    """Enterprises that unions beneath (or this one itself) cover today."""
    covered = Coverage.objects.everywhere(reason="the firms of a union's area").filter(period__contains=day)
    column = Q(organisation__path__startswith=organisation.path)
    if organisation.second_path:
        column |= Q(organisation__second_path__startswith=organisation.second_path)
    return Employer.objects.filter(pk__in=covered.filter(column).values("employer"))


def uncovered(organisation: Organisation, day: date) -> QuerySet[Employer]:
    """Those of them that no lawyer serves on the day."""
    served = FirmCounsel.objects.everywhere(reason="whether a firm has a lawyer").in_force(day)
    return firms_of(organisation, day).exclude(pk__in=served.values("employer"))


@dataclass(frozen=True)
class Plan:
    """What a bulk assignment would do: the same question answers the same plan until something changes."""

    spread: Spread
    digest: str


def plan(organisation: Organisation, *, most: int, day: date) -> Plan:
    """Firms without a lawyer to the lawyers of this union's rosters (and those above and beneath), by area."""
    units = [
        Unit(key, division, frozenset({key}))
        for key, division in uncovered(organisation, day).order_by("pk").values_list("pk", "division")
    ]
    found = spread(units, _candidates(organisation, day), most=most)
    rows: list[tuple[object, ...]] = [(one.unit, one.candidate) for one in found.placings]
    return Plan(found, digest_of([*rows, *((key, 0) for key in found.uncovered)]))


def _candidates(organisation: Organisation, day: date) -> list[Candidate]:
    rows = Lawyer.objects.everywhere(reason="whom firms may be given to").serving_on(day)
    rows = rows.filter(
        Q(organisation__path__in=above(organisation.path))
        | Q(organisation__path__startswith=organisation.path)
    )
    rows = rows.annotate(held=Count("counsels", filter=Q(counsels__period__contains=day)))
    away = LawyerLeave.objects.everywhere(reason=WHY).filter(period__contains=day).values("lawyer")
    barred: dict[int, set[int]] = {}
    against = AidAssignment.objects.everywhere(reason="firms against whom he acts now").open()
    against = against.filter(aid__case__employer__isnull=False)
    for lawyer, employer in against.values_list("lawyer", "aid__case__employer"):
        barred.setdefault(lawyer, set()).add(employer)
    return [
        Candidate(
            id=one.pk, area=one.divisions[0] if one.divisions else "", also=tuple(one.divisions[1:]), load=one.held,  # type: ignore[attr-defined]  # annotated above

            capacity=one.most_firms, conflicts=frozenset(barred.get(one.pk, ())),
        )
        for one in rows.exclude(pk__in=away).order_by("pk")
    ]  # fmt: skip


@transaction.atomic
def assign_all(
    actor: Actor,
    *,
    organisation: Organisation,
    most: int,
    months: int,
    expected: str,
    begins: date | None = None,
) -> CounselBatch:
    """Carry out the plan that was shown (`expected`: its digest). Refused when firms or lawyers have changed since."""
    actor.require(EDIT, *organisation.paths)
    day = begins or timezone.localdate()
    hold_roster(ROSTER)
    made = plan(organisation, most=most, day=day)
    if made.digest != expected:
        raise Refused("名单在预览以后有变动，请重新预览。")
    if not made.spread.placings:
        raise Refused("没有可以分配的企业或律师。")
    period = DateRange(day, day + relativedelta(months=months))
    batch = CounselBatch.objects.create(
        organisation=organisation, period=period, most=most, placed=len(made.spread.placings),
        uncovered=len(made.spread.uncovered), made_by=actor.name[:80], at=timezone.now(),
    )  # fmt: skip
    FirmCounsel.objects.bulk_create(
        [_row(one, organisation, batch, period) for one in made.spread.placings], batch_size=2000
    )
    journal(
        actor, "cases.counsel_spread", subject=batch, label=organisation.name, paths=organisation.paths,
        digest=made.digest, detail={"placed": batch.placed, "uncovered": batch.uncovered, "most": most},
    )  # fmt: skip
    return batch


def _row(one: Placing, organisation: Organisation, batch: CounselBatch, period: DateRange) -> FirmCounsel:
    return FirmCounsel(
        lawyer_id=one.candidate, employer_id=one.unit, organisation=organisation, period=period, batch=batch,
        because=f"{one.words}，批量分配",
    )  # fmt: skip


@transaction.atomic
def undo(actor: Actor, *, batch: CounselBatch) -> int:
    """Take a bulk assignment back as a whole. Firms that were visited keep their lawyer. Answers how many went."""
    actor.require(EDIT, *batch.organisation.paths)
    found = CounselBatch.objects.everywhere(reason=WHY).select_for_update().get(pk=batch.pk)
    if found.undone_at is not None:
        raise Refused("这次分配已经撤销。")
    rows = FirmCounsel.objects.everywhere(reason=WHY).filter(batch=found)
    visited = CounselVisit.objects.everywhere(reason=WHY).filter(counsel__batch=found).values("counsel")
    gone, _ = rows.exclude(pk__in=visited).delete()
    found.undone_at, found.undone_by = timezone.now(), actor.name[:80]
    found.save(update_fields=["undone_at", "undone_by"])
    journal(
        actor, "cases.counsel_undone", subject=found, label=batch.organisation.name, paths=batch.organisation.paths,
        detail={"gone": gone},
    )  # fmt: skip
    return gone


@transaction.atomic
def set_counsel(
    actor: Actor, *, organisation: Organisation, employer: Employer, lawyer: Lawyer, begins: date, months: int
) -> FirmCounsel:
    """One firm to one lawyer; a lawyer who serves it now ends the day before."""
    actor.require(EDIT, *organisation.paths)
    if not firms_of(organisation, timezone.localdate()).filter(pk=employer.pk).exists():
        raise Refused("这家企业不在本工会覆盖的范围内。", "employer")
    period = DateRange(begins, begins + relativedelta(months=months))
    hold_roster(ROSTER)
    served = FirmCounsel.objects.everywhere(reason=WHY).filter(lawyer=lawyer, period__overlap=period)
    if (count := served.values("employer").distinct().count()) >= lawyer.most_firms:
        raise Refused(
            f"{lawyer.name}律师在这段时间已服务 {count} 家企业，到了上限 {lawyer.most_firms} 家，请换一名律师。",
            "lawyer",
        )
    rows = FirmCounsel.objects.everywhere(reason=WHY).filter(employer=employer, period__overlap=period)
    for former in rows:
        if former.lawyer_id == lawyer.pk:
            raise Refused(f"{lawyer.name}律师已经在服务这家企业。", "lawyer")
        if former.period.lower >= begins:
            raise Refused("这家企业在这段时间已安排了律师，请改开始日期。", "begins")
        former.period = DateRange(former.period.lower, begins)
        former.save(update_fields=["period"])
    try:
        with transaction.atomic():
            made = FirmCounsel.objects.create(
                lawyer=lawyer, employer=employer, organisation=organisation, period=period, because="单独安排"
            )
    except IntegrityError:
        raise Refused("这家企业在这段时间已安排了律师。", "begins") from None
    journal(
        actor, "cases.counsel_set", subject=made, label=employer.name, paths=organisation.paths,
        detail={"lawyer": lawyer.pk, "employer": employer.pk},
    )  # fmt: skip
    return made


@transaction.atomic
def log_visit(
    actor: Actor, *, counsel: FirmCounsel, on: date, kind: str, headcount: int, hours: Decimal, note: str
) -> CounselVisit:
    """The lawyer himself, or the desk for him, writes down a visit within the period of service."""
    his = actor.account_id is not None and counsel.lawyer.account_id == actor.account_id
    if not (his and counsel.lawyer.until is None and actor.access.prefixes("cases.aid_work")):
        actor.require(EDIT, *counsel.organisation.paths)
    if on > timezone.localdate() or on not in counsel.period:
        raise Refused("日期应在服务期间内、今天以前。", "on")
    made = CounselVisit.objects.create(
        counsel=counsel,
        on=on,
        kind=kind,
        headcount=headcount,
        hours=hours,
        note=hide_numbers(note.strip()),
        written_by=actor.name[:80],
        at=timezone.now(),
    )
    journal(
        actor, "cases.counsel_visited", subject=counsel, label=counsel.employer.name,
        paths=counsel.organisation.paths, detail={"kind": kind, "headcount": headcount},
    )  # fmt: skip
    return made
