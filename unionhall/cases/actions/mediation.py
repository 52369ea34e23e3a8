"""调解: bodies, roster, leave; who mediates and why; sittings and their records."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Count, F, Q
from django.utils import timezone

from unionhall.foundation.actors import Actor
from unionhall.foundation.errors import Refused
from unionhall.kit.masking import hide_numbers
from unionhall.organisations.models import Organisation
from unionhall.organisations.paths import above
from unionhall.records.actions import journal, notify
from unionhall.records.uploads import Upload

from .. import superiors
from ..models import Case, Mediation, MediationBody, MediationSession, Mediator, MediatorLeave
from ..models.mediation import in_office_on
from ..rules.assigning import Candidate, Choice, Need, PassedOver, passed_over, rank
from ..schemes.disputes import CAUSES
from . import conflicts, core
from .disputes import require_hand
from .leave import days_away
from .locking import hold_roster, keep_out, lock, lock_open, note, take_turns, words

log = logging.getLogger("unionhall.cases")
EDIT, HANDLE = "cases.mediation_edit", "cases.disputes_handle"
ROSTER = "mediators"
#: States in which a case can go from one mediator to another.
CHANGING = ("mediating", "timeout")
#: On a case: its mediator is away and nobody can take it.
LEFT = "mediator_left"
DAY = timedelta(days=1)
LANGUAGES = {
    "mandarin": "普通话",
    "local": "本地话",
    "uyghur": "维吾尔语",
    "tibetan": "藏语",
    "yi": "彝语",
    "sign": "手语",
}
_OF_MEDIATOR = (
    "pk", "account_id", "body__division", "body__kind", "divisions", "languages", "skills", "most",
)  # fmt: skip
_BOUND = "这个账号已绑定另一位调解员，他解聘以后才能再绑定。请换一个账号。"
_WHY = "rosters from which a case's mediator is chosen; who may choose was asked"


@transaction.atomic
def save_body(
    actor: Actor, *, organisation: Organisation, body: MediationBody | None, given: Mapping[str, Any]
) -> MediationBody:
    """Enter or change a mediation body convened by a union. Of one that ended its mediators' cases go to others.

    That may be many: a job does it, which takes the roster for one mediator at a time.
    """
    from ..tasks.mediation import give_away_now  # the job calls this file

    actor.require(EDIT, *organisation.paths)
    if body is not None:
        actor.require(EDIT, *body.organisation.paths)
    found = body or MediationBody(organisation=organisation)
    for name, value in given.items():
        setattr(found, name, value)
    if found.kind == MediationBody.Kind.ENTERPRISE and found.employer is None:
        raise Refused("企业调解委员会要写明用人单位。", "employer")
    try:
        with transaction.atomic():
            found.save()
    except IntegrityError:
        raise Refused("这个工会已有同名的调解组织。", "name") from None
    journal(
        actor,
        "cases.mediation_body_saved",
        subject=found,
        paths=organisation.paths,
        detail={"kind": found.kind},
    )
    if found.until is not None and found.until <= timezone.localdate():
        give_away_now.defer()
    return found


@transaction.atomic
def save_mediator(
    actor: Actor, *, body: MediationBody, mediator: Mediator | None, given: Mapping[str, Any]
) -> Mediator:
    """Enter or change a mediator of a body. Of one who has left the cases go to others.

    An account belongs to one mediator in office.
    """
    actor.require(EDIT, *body.organisation.paths)
    found = mediator or Mediator(body=body)
    for name, value in given.items():
        setattr(found, name, value)
    _require_own_account(found)
    try:
        with transaction.atomic():
            found.save()
    except IntegrityError:
        raise Refused(_BOUND, "username") from None
    journal(
        actor, "cases.mediator_saved", subject=found, label=f"调解员 {found.pk}", paths=body.organisation.paths,
        detail={"body": body.pk, "account": found.account_id},
    )  # fmt: skip
    _give_away(actor, [found])
    return found


def _require_own_account(found: Mediator) -> None:
    """Refused where another mediator with the same account is in office on a day to come: it would see his cases too.

    A turn that is taken here alone, so it may come before the cases.
    """
    today = timezone.localdate()
    if found.account_id is None or (found.until is not None and found.until <= today):
        return
    take_turns(f"cases.mediator_account:{found.account_id}")
    rows = Mediator.objects.everywhere(reason=_WHY).filter(account=found.account_id).exclude(pk=found.pk)
    others = rows.filter(in_office_on(max(found.since, today)))
    if found.until is not None:
        others = others.filter(since__lt=found.until)
    if others.exists():
        raise Refused(_BOUND, "username")


def candidates(case: Case, *, today: date | None = None) -> list[Candidate]:
    """Mediators who could take the case: of bodies above or below its union, or in its area, as they stand today."""
    day = today or timezone.localdate()
    path = case.organisation.path
    lines = Q(body__organisation__path__in=[*above(path), path]) | Q(
        body__organisation__path__startswith=path
    )
    own = Q(body__kind=MediationBody.Kind.ENTERPRISE)
    fitting = lines & (~own | Q(body__employer=case.employer_id, body__employer__isnull=False))
    rows = Mediator.objects.everywhere(reason=_WHY).filter(fitting)
    rows = rows.filter(in_office_on(day), since__lte=day)
    # Values, not rows: a province has ten thousand of them.
    found = list(rows.order_by("pk").values_list(*_OF_MEDIATOR, named=True))
    away = MediatorLeave.objects.everywhere(reason=_WHY).filter(period__contains=day)
    absent = set(away.values_list("mediator", flat=True))
    held = Mediation.objects.everywhere(reason=_WHY).filter(ended_at=None, mediator__in=rows.values("pk"))
    loads = dict(held.order_by().values_list("mediator").annotate(Count("pk")))
    sides = conflicts.sides_of(case)
    near = conflicts.ties(sides, day).accounts | sides.accounts
    works = conflicts.employed(sides, [one.account_id for one in found if one.account_id])
    return [
        Candidate(
            id=one.pk,
            area=one.body__division,
            also=tuple(one.divisions),
            languages=frozenset(one.languages),
            skills=frozenset(one.skills),
            load=loads.get(one.pk, 0),
            capacity=one.most,
            # A firm's own committee mediates for its own employer: that is what it is for.
            barred=near.get(one.account_id or 0, "")
            or (
                "" if one.body__kind == MediationBody.Kind.ENTERPRISE else works.get(one.account_id or 0, "")
            ),
            on_leave=one.pk in absent,
        )
        for one in found
    ]


def need_of(case: Case, *, excluded: frozenset[int] = frozenset(), language: str = "") -> Need:
    parties: set[tuple[str, int]] = set()
    for person, employer in case.parties.values_list("person", "employer"):
        parties |= {("person", person)} if person else set()
        parties |= {("employer", employer)} if employer else set()
    return Need(
        area=case.division or case.organisation.division,
        languages=frozenset({language} if language else ()),
        skill=case.cause,
        excluded=excluded,
        parties=frozenset(parties),
    )


def ranked(case: Case, *, language: str = "") -> tuple[list[Choice], list[PassedOver]]:
    """Who could take it, the best first with the reasons; and who cannot, with the reason."""
    held = Mediation.objects.everywhere(reason=_WHY).filter(case=case, ended_at=None)
    now = frozenset(held.values_list("mediator", flat=True))
    everyone = [one for one in candidates(case) if one.id not in now]
    need = need_of(case, language=language)
    return rank(everyone, need, labels=CAUSES | LANGUAGES), passed_over(everyone, need)


@transaction.atomic
def assign_mediator(
    actor: Actor, *, case: Case, mediator: Mediator | None = None, because: str = "", language: str = ""
) -> Mediation:
    """Give the case to a mediator: the first of the ranking, or the one named (then `because` may add a reason)."""
    fresh = lock_open(case.pk)
    actor.require(HANDLE, *fresh.organisation.paths)
    keep_out(actor, fresh)
    hold_roster(ROSTER)
    choices, passed = ranked(fresh, language=language)
    if mediator is not None:
        barred = next((one for one in passed if one.candidate.id == mediator.pk), None)
        if barred is not None:
            raise Refused(f"不能指派这位调解员：{barred.reason}。", "mediator")
    chosen = next((one for one in choices if mediator is None or one.candidate.id == mediator.pk), None)
    if chosen is None:
        raise Refused("没有可以指派的调解员。请先登记调解组织和调解员，或等有人空出来。", "mediator")
    return _take(actor, fresh, chosen, hide_numbers(because.strip()), "更换调解员")


def _take(actor: Actor, case: Case, chosen: Choice, because: str, ended: str) -> Mediation:
    rows = Mediator.objects.everywhere(reason=_WHY).select_related("body", "account")
    one = rows.get(pk=chosen.candidate.id)
    why = f"{because}（{chosen.words}）" if because else chosen.words
    now = timezone.now()
    held = Mediation.objects.everywhere(reason=_WHY).filter(case=case, ended_at=None)
    changed = held.update(ended_at=now, ended_because=ended[:100])
    made = Mediation.objects.create(
        case=case,
        body=one.body,
        mediator=one,
        because=why[:300],
        assigned_by=actor.name[:80],
        assigned_at=now,
    )
    opinion = f"{one.body.name} {one.name}"
    changes = changed or case.state == "timeout"
    core.move(actor, case, "change_mediator" if changes else "mediate", opinion=opinion, by_right=True)
    journal(
        actor, "cases.mediator_assigned", subject=case, label=case.number, paths=case.organisation.paths,
        detail={"mediator": one.pk, "body": one.body_id, "changed": changed},
    )  # fmt: skip
    notify(
        one.account_id, f"请您调解{case.number}", f"{case.title}。{why}", f"/partner/mediations/{made.pk}/",
        path=case.organisation.path,
    )  # fmt: skip
    return made


@transaction.atomic
def take_leave(
    actor: Actor, *, mediator: Mediator, begins: date, ends: date, reason: str
) -> tuple[MediatorLeave, list[Case], list[Case]]:
    """A mediator is away: his cases go to others, later for a later leave. Answers it, those given on, those left."""
    actor.require(EDIT, *mediator.body.organisation.paths)
    away = days_away(begins, ends)
    try:
        with transaction.atomic():
            leave = MediatorLeave.objects.create(mediator=mediator, period=away, reason=reason.strip()[:100])
    except IntegrityError:
        raise Refused("这位调解员在这段时间已经登记了请假。", "begins") from None
    journal(
        actor, "cases.mediator_leave", subject=mediator, label=f"调解员 {mediator.pk}",
        paths=mediator.body.organisation.paths, detail={"from": f"{begins}", "to": f"{ends}"},
    )  # fmt: skip
    given, left = _give_away(actor, [mediator])
    return leave, given, left


def give_away_due(actor: Actor) -> int:
    """Cases of those whose leave began or whose office ended since; by the hourly job. Answers how many were given on.

    Each mediator in a transaction of his own; one whose cases cannot be given on does not stop the others.
    """
    today, count = timezone.localdate(), 0
    away = MediatorLeave.objects.everywhere(reason=_WHY).filter(period__contains=today)
    held = Mediation.objects.everywhere(reason=_WHY).filter(ended_at=None, case__state__in=CHANGING)
    rows = Mediator.objects.everywhere(reason=_WHY).filter(pk__in=held.values("mediator"))
    gone = rows.filter(~in_office_on(today) | Q(pk__in=away.values("mediator")))
    for one in list(gone.select_related("body").order_by("pk")):
        try:
            with transaction.atomic():
                count += len(_give_away(actor, [one])[0])
        except Refused as refusal:
            log.warning("cases of a mediator were not given on mediator=%s reason=%s", one.pk, refusal)
        except Exception:
            # Of one mediator; those of others must not wait for whoever mends it.
            log.exception("giving on the cases of a mediator failed mediator=%s", one.pk)
    return count


def _absent(mediators: Iterable[Mediator], day: date) -> dict[int, str]:
    """Why their cases go to others on a day, by mediator; those who are there do not appear."""
    rows = MediatorLeave.objects.everywhere(reason=_WHY).filter(period__contains=day)
    people = list(mediators)
    leaves = {one.mediator_id: one.period for one in rows.filter(mediator__in=people)}
    found: dict[int, str] = {}
    for one in people:
        if one.until is not None and one.until <= day:
            found[one.pk] = "原调解员已解聘"
        elif one.body.until is not None and one.body.until <= day:
            found[one.pk] = "原调解组织已撤销"
        elif (period := leaves.get(one.pk)) is not None:
            found[one.pk] = f"原调解员请假（{period.lower} 至 {period.upper - DAY}）"
    return found


def _give_away(actor: Actor, mediators: Iterable[Mediator]) -> tuple[list[Case], list[Case]]:
    """Every open case of those who are away today to the next best; what nobody can take stays and is named."""
    given: list[Case] = []
    left: list[Case] = []
    why = _absent(mediators, timezone.localdate())
    if not why:
        return given, left
    held = Mediation.objects.everywhere(reason=_WHY).filter(mediator__in=why, ended_at=None)
    keys = held.filter(case__closed_at=None).order_by("case").values_list("case", flat=True)
    cases = [case for key in list(keys) if (case := lock(key)).is_open]
    hold_roster(ROSTER)
    for case in cases:
        mediation = held.filter(case=case).first()
        if mediation is None:
            continue  # given to another while this waited
        if case.state not in CHANGING:
            left.append(case)
            continue
        because, choices = why[mediation.mediator_id], ranked(case)[0]
        if choices:
            _take(actor, case, choices[0], because, because)
            given.append(case)
        else:
            _tell_left(actor, case, mediation, because)
            left.append(case)
    return given, left


def _tell_left(actor: Actor, case: Case, mediation: Mediation, because: str) -> None:
    """Whoever owns the case, else the union's rights work, hears that nobody works on it.

    Once for an absence, however often the job looks.
    """
    if case.events.filter(verb=LEFT, at__gte=mediation.assigned_at, opinion=because).exists():
        return
    note(actor, case, LEFT, "没有调解员接手", opinion=because)
    told = {case.owner_id} if case.owner_id else superiors.accounts(case.organisation, levels=0)
    for one in sorted(account for account in told if account is not None):
        notify(
            one, f"{case.number}没有调解员接手", f"{because}，没有人能接。请登记调解员，或者重新指派。",
            f"/desk/cases/{case.number}/", path=case.organisation.path,
        )  # fmt: skip


@transaction.atomic
def hold_session(
    actor: Actor,
    *,
    case: Case,
    at: datetime,
    place: str,
    present: str,
    minutes: str,
    outcome: str,
    upload: Upload | None = None,
) -> MediationSession:
    """Record a sitting with its minutes (笔录) and, if there is one, a sound file or photo."""
    fresh = lock_open(case.pk)
    require_hand(actor, fresh)
    mediation = Mediation.objects.everywhere(reason=_WHY).filter(case=fresh, ended_at=None).first()
    if mediation is None:
        raise Refused("还没有指派调解员，不能记录调解会。")
    if at > timezone.now():
        raise Refused("调解会的时间不能晚于现在。", "at")
    text = core.write(actor, fresh, "record", words(minutes, "minutes", "请写明调解经过。", 20_000))
    assert text is not None
    number = 1 + fresh.sessions.count()
    kept = core.attach(actor, fresh, upload, label=f"第{number}次调解：录音或照片") if upload else None
    found = MediationSession.objects.create(
        case=fresh, mediation=mediation, number=number, at=at, place=place.strip()[:100],
        present=present.strip()[:200], outcome=MediationSession.Outcome(outcome), record=text, file=kept,
        written_by=actor.name[:80],
    )  # fmt: skip
    said = f"第{number}次：{found.get_outcome_display()}"
    core.move(actor, fresh, "session", opinion=said, by_right=True)
    journal(
        actor, "cases.session_held", subject=fresh, label=fresh.number, paths=fresh.organisation.paths,
        detail={"number": number, "outcome": found.outcome},
    )  # fmt: skip
    return found


@transaction.atomic
def fail(actor: Actor, *, case: Case, reason: str) -> Case:
    """No agreement: the worker is told that arbitration is open to him."""
    fresh = lock_open(case.pk)
    require_hand(actor, fresh)
    return core.move(actor, fresh, "fail", opinion=reason, by_right=True)


def load_of(mediators: list[Mediator]) -> dict[int, int]:
    """Open cases by mediator."""
    rows = Mediation.objects.everywhere(reason=_WHY).filter(mediator__in=mediators, ended_at=None)
    counted = rows.order_by().values("mediator").annotate(n=Count("pk"), by=F("mediator"))
    return {row["mediator"]: row["n"] for row in counted}
