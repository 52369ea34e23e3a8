"""Working on a file: visits, the public notice before approval, the named helper, the yearly verification."""

from collections.abc import Sequence
from datetime import date

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.utils import timezone

from unionhall.access.models import Account, Grant
from unionhall.bulletins.actions import Listed
from unionhall.bulletins.actions import publicise as put_in_public
from unionhall.bulletins.models import PublicNotice
from unionhall.foundation.actors import Actor
from unionhall.foundation.errors import Refused
from unionhall.foundation.permissions import carries
from unionhall.members import households
from unionhall.members.following import facts_changed
from unionhall.members.hands import hands_of
from unionhall.organisations.models import Organisation
from unionhall.records.actions import notify
from unionhall.records.models import Attachment
from unionhall.reviews.models import ReviewStep

from ...models import Assessment, HardshipFile, HardshipVisit, Health, HelperAssignment
from ...places import places_of
from ...rules import relief as rules
from .applying import Figures, assess, carry_over
from .holding import WHY, Stage, hold, note, scheme_of, words

NOTICE = "relief_filing"
Kind = HardshipVisit.Kind


def steps_passed(file: HardshipFile) -> int:
    """How many steps of the application's review are approved."""
    rows = ReviewStep.objects.everywhere(reason=WHY)
    return rows.filter(review=file.review_id, outcome=ReviewStep.Outcome.APPROVED).count()


@transaction.atomic
def record_visit(
    actor: Actor,
    *,
    file: HardshipFile,
    on: date,
    visitors: str,
    findings: str,
    authorisation: Attachment | None = None,
) -> HardshipVisit:
    """Note a visit. Before the filing it is the first one and brings the household's signed authorisation.

    A later one sets the next date. Raises Refused before the first review has passed, for a day to come, for an ended
    file.
    """
    fresh = hold(actor, file, "benefits.relief_handle")
    today = timezone.localdate()
    if not timezone.localdate(fresh.review.submitted_at) <= on <= today:
        raise Refused("走访日期应在申请之后、今天或以前。", field="on")
    visitors = words(visitors, "visitors", "请写明走访人。", 120)
    findings = words(findings, "findings", "请写明走访了解到的情况。", 1000)
    kind = _kind_of(fresh, authorisation)
    due = fresh.visit_due if kind == Kind.HALF_YEARLY else None
    visit = HardshipVisit.objects.create(
        file=fresh,
        kind=kind,
        on=on,
        due=due,
        visitors=visitors,
        findings=findings,
        authorisation=authorisation,
        recorded_by_id=actor.account_id,
        recorded_by=actor.name[:80],
    )
    if kind == Kind.FIRST and fresh.stage == Stage.APPLIED:
        fresh.stage = Stage.VISITED
    elif kind == Kind.HALF_YEARLY:
        fresh.visit_due = rules.next_visit(scheme_of(fresh).parameters, on)
    fresh.save(update_fields=["stage", "visit_due"])
    late = f"，超过期限 {(on - due).days} 天" if due is not None and on > due else ""
    note(actor, fresh, "visited", visit.get_kind_display(), text=f"{visitors}{late}", tone="info", kind=kind)
    return visit


def _kind_of(file: HardshipFile, authorisation: Attachment | None) -> str:
    if file.is_in_force:
        return Kind.HALF_YEARLY
    if file.stage == Stage.WATCH:
        return Kind.WATCH
    if not file.is_under_way:
        raise Refused("这个档案已经结束，不用再走访。")
    if not steps_passed(file):
        raise Refused("初审还没有通过，通过后再入户。")
    if authorisation is None and file.stage == Stage.APPLIED:
        raise Refused("入户时请申请人和成年家庭成员签核查授权书，并上传照片或扫描件。", field="authorisation")
    return Kind.FIRST


@transaction.atomic
def publicise(
    actor: Actor, *, files: Sequence[HardshipFile], organisation: Organisation, title: str
) -> PublicNotice:
    """Put checked files in public as one list: masked names, unit and category, nothing else."""
    if not files:
        raise Refused("请选择要公示的档案。")
    held = [hold(actor, one, "benefits.relief_handle") for one in sorted(files, key=lambda one: one.pk)]
    actor.require("benefits.relief_handle", *organisation.paths)
    for one in held:
        _may_be_publicised(one)
    days = {scheme_of(one).parameters.notice_working_days for one in held}
    notice = put_in_public(
        actor,
        purpose=NOTICE,
        title=title,
        organisation=organisation,
        rows=[
            Listed(one.key, one.person.name, one.organisation.name, (one.get_category_display(),), one.person)
            for one in held
        ],
        working_days=max(days),
        scheme=scheme_of(held[0]),
        lead="以下职工拟建立困难职工档案。对名单有异议的，请在公示期内提出。",
    )
    for one in held:
        one.stage = Stage.PUBLICISED
        one.save(update_fields=["stage"])
        note(actor, one, "publicised", "建档公示", text=f"{notice.number}，{days_text(notice)}", tone="info")
    return notice


def days_text(notice: PublicNotice) -> str:
    return f"公示 {notice.working_days} 个工作日，到 {notice.ends:%Y-%m-%d} 止"


def _may_be_publicised(file: HardshipFile) -> None:
    who = file.person.masked_name
    if file.stage != Stage.CHECKED:
        raise Refused(f"{who}：{file.get_stage_display()}，完成入户和核对后才能公示。")
    if steps_passed(file) < 2:
        raise Refused(f"{who}：核查环节还没有审核通过，通过后才能公示。")
    if not file.category:
        raise Refused(f"{who}：按现有数据不符合困难标准，不能公示。请不予通过，或更正数据后重新测算。")


def county_of(file: HardshipFile) -> Organisation:
    """The union that publicises a file: the county's, or the nearest there is."""
    places = places_of(file.organisation)
    return places["county"] or places["city"] or file.organisation


def possible_helpers(file: HardshipFile) -> list[Grant]:
    """Grants of those who handle relief where the file stands, the nearest of each; none of the household."""
    rows = Grant.objects.everywhere(reason="who may answer for a file is not a question of the actor's scope")
    paths = [file.organisation.path, *file.organisation.ancestor_paths()]
    rows = rows.in_force(timezone.localdate()).filter(organisation__path__in=paths)
    found: dict[int, Grant] = {}
    family = households.of(file.person_id)
    for grant in rows.select_related("account", "organisation").order_by("-organisation__path", "pk"):
        fit = carries("benefits.relief_handle", grant.role, grant.line)
        if fit and grant.account_id not in found and hands_of(grant.account_id).person_id not in family:
            found[grant.account_id] = grant
    return list(found.values())


@transaction.atomic
def name_helper(actor: Actor, *, file: HardshipFile, account: Account) -> HelperAssignment:
    """Who answers for the file from now on; the former one's time ends. He is told."""
    fresh = hold(actor, file, "benefits.relief_handle")
    if not (fresh.is_in_force or fresh.stage == Stage.WATCH):
        raise Refused("建档以后再指定帮扶责任人。")
    if account.pk not in {one.account_id for one in possible_helpers(fresh)}:
        raise Refused("请选择所在工会或上级工会负责帮扶的干部。", field="account")
    now = timezone.now()
    rows = HelperAssignment.objects.everywhere(reason=WHY).filter(file=fresh, during__upper_inf=True)
    present = rows.select_for_update(of=("self",)).first()
    if present is not None:
        if present.account_id == account.pk:
            return present
        present.during = DateTimeTZRange(present.during.lower, now)
        present.save(update_fields=["during"])
    made = HelperAssignment.objects.create(
        file=fresh, account=account, named_by=actor.name[:80], during=DateTimeTZRange(now, None)
    )
    note(actor, fresh, "helper", "指定帮扶责任人", text=account.display_name, account=account.pk)
    due = f"请在 {fresh.visit_due:%Y-%m-%d} 前走访。" if fresh.visit_due else ""
    notify(
        account.pk,
        "您是一户困难职工的帮扶责任人",
        f"{fresh.person.masked_name}（{fresh.review.number}）。{due}",
        f"/desk/relief/{fresh.pk}/",
        path=fresh.organisation.path,
    )
    return made


@transaction.atomic
def verify(actor: Actor, *, file: HardshipFile, figures: Figures | None, reason: str) -> Assessment:
    """The yearly verification: with new figures, or the former ones confirmed. Who no longer qualifies is to leave."""
    fresh = hold(actor, file, "benefits.relief_handle")
    if not fresh.is_in_force:
        raise Refused("只有在册的困难档案需要年度复核。")
    reason = words(reason, "reason", "请写明复核情况。")
    version, today = scheme_of(fresh), timezone.localdate()
    made = assess(
        actor, fresh, version, figures or carry_over(fresh), Assessment.Occasion.VERIFICATION, today
    )
    fresh.verify_due = rules.next_verification(version.parameters, today)
    fresh.save(update_fields=["verify_due"])
    text = f"{reason}（{'继续帮扶' if made.category else '不再符合困难标准，请提出退出'}）"
    note(actor, fresh, "verified", "年度复核", text=text, tone="ok" if made.category else "warn")
    facts_changed(fresh.person)
    return made


@transaction.atomic
def reveal_health(actor: Actor, *, file: HardshipFile, reason: str) -> str:
    """The worker's health in words, for a reason that the journal keeps."""
    actor.require("benefits.relief_health", *file.organisation.paths)
    reason = words(reason, "text", "请写明查看原因。")
    note(actor, file, "revealed", "查看健康情况", text=reason, tone="warn")
    return str(Health(file.health.reveal()).label)
