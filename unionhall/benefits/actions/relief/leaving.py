"""Leaving: proposed, publicised, out, watched for some months; coming back; and what ends a file by itself."""

from dataclasses import dataclass
from datetime import date

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.db.models.functions import Left, TruncDate
from django.utils import timezone

from unionhall.bulletins.actions import Listed, withdraw_row
from unionhall.bulletins.actions import publicise as put_in_public
from unionhall.bulletins.models import NoticeRow, PublicNotice
from unionhall.foundation.actors import Actor
from unionhall.foundation.errors import Refused
from unionhall.kit.codes import EmploymentStatus
from unionhall.members.following import facts_changed
from unionhall.members.models import Employment, Membership
from unionhall.members.models.names import COUNTY
from unionhall.records.actions import notify

from ...models import Assessment, HardshipFile, HelperAssignment
from ...models.relief import FileQuerySet
from ...rules import relief as rules
from .applying import Figures, assess, carry_over
from .holding import WHY, Stage, hold, lock, note, scheme_of, words
from .working import county_of, days_text

NOTICE = "relief_exit"
Close = HardshipFile.CloseReason
_RETIRED = (EmploymentStatus.RETIRED.value, EmploymentStatus.RETIRED_VETERAN.value)


@transaction.atomic
def propose_exit(actor: Actor, *, file: HardshipFile, reason: str, opinion: str) -> HardshipFile:
    """Say that a household should leave, and why; it is still aided until the notice has passed."""
    fresh = hold(actor, file, "benefits.relief_handle")
    if fresh.stage not in {Stage.APPROVED, Stage.AIDED}:
        raise Refused(f"档案{fresh.get_stage_display()}，不能提出退出。")
    if reason not in HardshipFile.ExitReason.values:
        raise Refused("请选择退出原因。", field="reason")
    opinion = words(opinion, "opinion", "请写明退出的依据。")
    fresh.stage, fresh.exit_reason = Stage.EXIT_PROPOSED, reason
    fresh.save(update_fields=["stage", "exit_reason"])
    note(
        actor,
        fresh,
        "exit_proposed",
        f"提出退出：{fresh.get_exit_reason_display()}",
        text=opinion,
        tone="warn",
    )
    notify(
        fresh.person.account_id,
        "工会拟将您的家庭退出困难帮扶",
        f"原因：{fresh.get_exit_reason_display()}。退出前要公示；有不同意见，请在公示期内向工会提出。",
        "/m/benefits/relief/",
        fresh.organisation.path,
    )
    return fresh


@transaction.atomic
def drop_exit(actor: Actor, *, file: HardshipFile, opinion: str) -> HardshipFile:
    """Give the proposal up: the household stays."""
    fresh = hold(actor, file, "benefits.relief_handle")
    if fresh.stage not in {Stage.EXIT_PROPOSED, Stage.EXIT_PUBLICISED}:
        raise Refused("这个档案没有提出退出。")
    opinion = words(opinion, "opinion", "请写明不退出的原因。")
    off_the_list(actor, fresh, opinion)
    stay(actor, fresh, f"不退出：{opinion}")
    return fresh


def stay(actor: Actor, file: HardshipFile, text: str) -> None:
    """Back to where it was before the proposal."""
    file.stage = Stage.AIDED if file.aids.everywhere(reason=WHY).exists() else Stage.APPROVED
    file.exit_reason = ""
    file.save(update_fields=["stage", "exit_reason"])
    note(actor, file, "exit_dropped", "继续帮扶", text=text, tone="ok")


def off_the_list(actor: Actor, file: HardshipFile, reason: str) -> None:
    rows = NoticeRow.objects.everywhere(reason=WHY).filter(key=file.key, state=NoticeRow.State.OPEN)
    for row in rows.select_related("notice").order_by("pk"):
        withdraw_row(actor, notice=row.notice, key=row.key, reason=reason)


@transaction.atomic
def publicise_exit(actor: Actor, *, file: HardshipFile) -> PublicNotice:
    """Put the proposal in public for the scheme's working days (five at least, by Hubei's rule)."""
    fresh = hold(actor, file, "benefits.relief_handle")
    if fresh.stage != Stage.EXIT_PROPOSED:
        raise Refused(f"档案{fresh.get_stage_display()}，先提出退出再公示。")
    version = scheme_of(fresh)
    notice = put_in_public(
        actor,
        purpose=NOTICE,
        title=f"{timezone.localdate():%Y年%-m月}退出困难帮扶公示",
        organisation=county_of(fresh),
        rows=[
            Listed(
                fresh.key,
                fresh.person.name,
                fresh.organisation.name,
                (fresh.get_exit_reason_display(),),
                fresh.person,
            )
        ],
        working_days=version.parameters.exit_notice_working_days,
        scheme=version,
        lead="以下职工家庭拟退出困难帮扶。对名单有异议的，请在公示期内提出。",
    )
    fresh.stage = Stage.EXIT_PUBLICISED
    fresh.save(update_fields=["stage"])
    note(
        actor, fresh, "exit_publicised", "退出公示", text=f"{notice.number}，{days_text(notice)}", tone="info"
    )
    return notice


def leave(actor: Actor, file: HardshipFile) -> None:
    """The notice has passed: out, and watched. Called by the notice's hook with the file locked."""
    if file.stage != Stage.EXIT_PUBLICISED:
        raise Refused(f"档案{file.get_stage_display()}，不能按公示退出。")
    today = timezone.localdate()
    file.stage, file.exited_on = Stage.WATCH, today
    file.watch_until = rules.watch_ends(scheme_of(file).parameters, today)
    file.visit_due = file.verify_due = None
    file.save(update_fields=["stage", "exited_on", "watch_until", "visit_due", "verify_due"])
    note(actor, file, "exited", "退出帮扶", text=f"观察到 {file.watch_until:%Y-%m-%d}", tone="info")
    notify(
        file.person.account_id,
        "您的家庭已退出困难帮扶",
        f"{file.watch_until:%Y-%m-%d} 前如果又遇到困难，工会可以直接恢复帮扶，请及时联系。",
        "/m/benefits/relief/",
        file.organisation.path,
    )


@transaction.atomic
def reopen(actor: Actor, *, file: HardshipFile, reason: str, figures: Figures | None = None) -> HardshipFile:
    """Within the watch a household that has fallen back is taken in again, if the figures say so."""
    fresh = hold(actor, file, "benefits.relief_handle")
    today = timezone.localdate()
    if fresh.stage != Stage.WATCH or (fresh.watch_until is not None and today > fresh.watch_until):
        raise Refused("观察期内才能恢复帮扶；已经结束的，请重新申请。")
    reason = words(reason, "reason", "请写明返困的情况。")
    version = scheme_of(fresh)
    made = assess(actor, fresh, version, figures or carry_over(fresh), Assessment.Occasion.REOPENING, today)
    if not made.category:
        raise Refused("按填写的数据不符合困难标准，不能恢复帮扶。请核实收入和支出。")
    fresh.stage, fresh.exit_reason, fresh.watch_until, fresh.exited_on = Stage.APPROVED, "", None, None
    fresh.visit_due = rules.next_visit(version.parameters, today)
    fresh.verify_due = rules.next_verification(version.parameters, today)
    fresh.save()
    note(actor, fresh, "reopened", "返困恢复帮扶", text=reason, tone="warn")
    facts_changed(fresh.person)
    notify(
        fresh.person.account_id,
        "工会已恢复对您家庭的帮扶",
        f"困难类别：{fresh.get_category_display()}。",
        "/m/benefits/relief/",
        fresh.organisation.path,
    )
    return fresh


@dataclass
class Ended:
    """What one run ended: files closed by reason, watches that are over."""

    closed: dict[str, int]
    watched: int = 0


def close_due(actor: Actor, *, today: date | None = None) -> Ended:
    """End what ends by itself: retirement, leaving the area's unions, death; and watches that are over.

    One transaction each; a second run ends nothing.
    """
    day = today or timezone.localdate()
    done = Ended({})
    for reason, rows in _ending().items():
        for pk in list(rows.values_list("pk", flat=True)):
            if _close(actor, pk, reason):
                done.closed[reason] = done.closed.get(reason, 0) + 1
    watched = HardshipFile.objects.everywhere(reason=WHY).filter(stage=Stage.WATCH, watch_until__lt=day)
    for pk in list(watched.values_list("pk", flat=True)):
        done.watched += _end_watch(actor, pk, day)
    return done


def _ending() -> dict[str, FileQuerySet]:
    """Files in force whose worker died, retired, or left the county's unions; in this order."""
    why = "whether the worker of a file died, retired or left"
    files = HardshipFile.objects.everywhere(reason=WHY).in_force().order_by("pk")
    seats = Membership.objects.everywhere(reason=why).filter(person=OuterRef("person_id"))
    open_seats = seats.filter(period__upper_inf=True)
    died = Exists(seats.filter(exit=Membership.Exit.DEATH))
    retired = Exists(
        Employment.objects.everywhere(reason=why).filter(
            person=OuterRef("person_id"), period__upper_inf=True, status__in=_RETIRED
        )
    )
    # Within a county a worker may change his firm and keep the file.
    here = Exists(open_seats.filter(path__startswith=Left(OuterRef("organisation__path"), COUNTY)))
    # Who applied without being a member leaves no union.
    dated = files.annotate(applied_on=TruncDate("review__submitted_at"))
    joined = Exists(seats.filter(period__contains=OuterRef("applied_on")))
    return {
        Close.DIED: files.filter(died, ~Exists(open_seats)),
        Close.RETIRED: files.filter(retired),
        Close.LEFT: dated.filter(joined, ~here).exclude(died, ~Exists(open_seats)),
    }


@transaction.atomic
def _close(actor: Actor, pk: int, reason: str) -> bool:
    fresh = lock(HardshipFile(pk=pk))
    if not fresh.is_in_force:
        return False
    off_the_list(actor, fresh, f"档案注销：{Close(reason).label}")
    fresh.stage, fresh.close_reason = Stage.CLOSED, reason
    fresh.visit_due = fresh.verify_due = None
    fresh.save(update_fields=["stage", "close_reason", "visit_due", "verify_due"])
    note(actor, fresh, "closed", f"注销：{fresh.get_close_reason_display()}", tone="mute")
    helpers = HelperAssignment.objects.everywhere(reason=WHY).filter(file=fresh, during__upper_inf=True)
    for account_id in helpers.values_list("account_id", flat=True):
        notify(
            account_id,
            "您负责的困难职工档案已注销",
            f"{fresh.person.masked_name}（{fresh.review.number}）：{fresh.get_close_reason_display()}",
            f"/desk/relief/{fresh.pk}/",
            path=fresh.organisation.path,
        )
    return True


@transaction.atomic
def _end_watch(actor: Actor, pk: int, day: date) -> int:
    fresh = lock(HardshipFile(pk=pk))
    if fresh.stage != Stage.WATCH or fresh.watch_until is None or fresh.watch_until >= day:
        return 0
    fresh.stage = Stage.EXITED
    fresh.save(update_fields=["stage"])
    note(actor, fresh, "exited", "观察期满，未返困", tone="mute")
    return 1
