"""Legal aid from application to decision: asked for once, lacking papers said once, decided by rule and by a person."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db import transaction
from django.utils import timezone

from unionhall import rulebook
from unionhall.foundation.actors import Actor, NotAllowed, SystemAccess
from unionhall.foundation.errors import Refused
from unionhall.kit.masking import hide_numbers
from unionhall.members.hands import hands
from unionhall.members.models import Person
from unionhall.organisations.kinds import Kind, Level
from unionhall.organisations.models import Employer, Organisation
from unionhall.records.actions import journal
from unionhall.records.models import Attachment
from unionhall.records.uploads import Upload
from unionhall.rulebook import Version
from unionhall.rulebook.decisions import decide as decide_by_rule
from unionhall.rulebook.models import Decision
from unionhall.rulebook.rules import Outcome

from .. import kinds
from ..models import Case, CaseLink, CaseText, LegalAid, LegalAidBody
from ..rules.aid import comes_first, means
from ..rules.assigning import nearness
from ..schemes.aid import CAUSES, AidScheme
from . import core
from .locking import hold, require_handler, take_turns

KIND = "legal_aid"
HANDLE, OPEN = "cases.aid_handle", "cases.open"
WHY = "a verb on legal aid asks who acts by itself"
#: What a dispute is about, in the words of legal aid; the rest is `other`.
FROM_DISPUTE = {
    "wages": "wages", "injury": "injury", "relation": "relation", "insurance": "insurance",
    "contract": "dismissal", "dismissal": "dismissal", "compensation": "dismissal",
}  # fmt: skip


@dataclass(frozen=True)
class Application:
    """What is asked, beyond what the register knows. `expires_on`: the last day of a limitation or time limit."""

    cause: str
    form: str
    statement: str = ""
    employer: Employer | None = None
    amount: Decimal | None = None
    occurred_on: date | None = None
    is_migrant: bool = False
    group: str = ""
    monthly_income: Decimal | None = None
    vouched: bool = False
    expires_on: date | None = None
    language: str = ""
    division: str = ""


def version_of(case: Case) -> Version[AidScheme]:
    """The version under which the case was opened, found as it was then."""
    return rulebook.scheme(AidScheme, on=timezone.localdate(case.opened_at), division=case.division)


def scheme_for(division: str) -> AidScheme:
    return rulebook.scheme(AidScheme, on=timezone.localdate(), division=division).parameters


def place_for(division: str) -> tuple[Organisation, LegalAidBody | None]:
    """Who takes what happened there: the nearest open aid body, else the county's, city's, province's federation."""
    bodies = LegalAidBody.objects.everywhere(reason="whoever needs aid is sent to the nearest body")
    near = [
        (one, nearness(one.division, division) or len(one.division))
        for one in bodies.open_on(timezone.localdate()).select_related("organisation")
        if division.startswith(one.division) or nearness(one.division, division) >= 6
    ]
    if near:
        body = max(near, key=lambda pair: (pair[1], -pair[0].pk))[0]
        return body.organisation, body
    rows = Organisation.objects.everywhere(reason="the federation of the area").active()
    rows = rows.filter(kind=Kind.FEDERATION, level__lte=Level.COUNTY)
    areas = [division[:digits] for digits in (6, 4, 2) if len(division) >= digits]
    found = sorted(rows.filter(division__in=areas), key=lambda one: (-len(one.division), one.pk))
    if not found:
        raise Refused("没有找到事情发生地的工会，请改选区县。", field="division")
    return found[0], None


@transaction.atomic
def apply(
    actor: Actor,
    *,
    person: Person,
    asked: Application,
    channel: str,
    taken_at: Organisation | None = None,
    papers: Iterable[tuple[Upload | Attachment, str]] = (),
    at: datetime | None = None,
) -> LegalAid:
    """Open a case of legal aid: by the person himself, or for him at a desk or window (`taken_at`, who may open cases).

    It goes to the nearest aid body. One open application per person, employer and cause.
    """
    mine = actor.speaks_for(person.pk, person.account_id)
    if not mine:
        if taken_at is None:
            raise NotAllowed(OPEN)
        actor.require(OPEN, *taken_at.paths)
    division = asked.division or (asked.employer.division if asked.employer is not None else "")
    if not division:
        raise Refused("请选择用人单位，或者事情发生的区县。", field="division")
    if asked.cause not in CAUSES:
        raise Refused("请选择申请援助的事由。", field="cause")
    organisation, body = place_for(division)
    hold(organisation)
    _refuse_twice(person, asked)
    parties = [core.Party("applicant", person.name, person=person, amount=asked.amount)]
    if asked.employer is not None:
        parties.append(core.Party("respondent", asked.employer.name, employer=asked.employer))
    case = core.open_case(
        actor, kind=KIND, organisation=organisation, title=f"{CAUSES[asked.cause]}法律援助", channel=channel,
        statement=asked.statement, person=person, employer=asked.employer, cause=asked.cause, division=division,
        amount=asked.amount, occurred_on=asked.occurred_on, parties=parties, filed_by_account=person.account, at=at,
    )  # fmt: skip
    made = LegalAid.objects.create(
        case=case, body=body, form=LegalAid.Form(asked.form), language=asked.language, is_migrant=asked.is_migrant,
        group=asked.group, monthly_income=asked.monthly_income, vouched=asked.vouched, expires_on=asked.expires_on,
    )  # fmt: skip
    for file, label in papers:
        core.attach(actor, case, file, label=label, shown=True)
    journal_of(actor, "cases.aid_applied", case, form=made.form, mine=mine)
    return made


def _refuse_twice(person: Person, asked: Application) -> None:
    """Whoever asks for the same meanwhile waits here, and then hears of it."""
    employer = asked.employer.pk if asked.employer is not None else 0
    take_turns(f"cases.aid:{person.pk}:{employer}:{asked.cause}")
    rows = Case.objects.everywhere(reason=WHY).open()
    known = rows.filter(kind=KIND, person=person, cause=asked.cause, employer=asked.employer).first()
    if known is not None:
        raise Refused(f"同一件事已经申请过，编号 {known.number}，正在办理，不用再申请。")


@transaction.atomic
def apply_from(
    actor: Actor,
    *,
    case: Case,
    form: str,
    is_migrant: bool,
    statement: str = "",
    monthly_income: Decimal | None = None,
) -> LegalAid:
    """Legal aid out of a dispute (or another case): person, employer, facts, papers and limitation come with it."""
    # As the application will find it, before the case is taken.
    if where := case.division or (case.employer.division if case.employer is not None else ""):
        hold(place_for(where)[0])
    source = core.lock(case.pk)
    require_handler(actor, source, kinds.kind(source.kind).handle)
    if source.person is None:
        raise Refused("这件案件没有登记当事人，不能转为法律援助。请先登记当事人。")
    dispute = getattr(source, "dispute", None)
    told = source.texts.filter(role=CaseText.Role.STATEMENT).order_by("pk").first()
    words = statement.strip() or ((told.original.reveal() if told.original else told.body) if told else "")
    asked = Application(
        cause=FROM_DISPUTE.get(source.cause, "other"),
        form=form,
        statement=words,
        employer=source.employer,
        amount=source.amount,
        occurred_on=source.occurred_on,
        is_migrant=is_migrant,
        monthly_income=monthly_income,
        expires_on=dispute.limitation_on if dispute is not None else None,
        division=source.division,
    )
    papers = [(one.attachment, one.label) for one in source.files.select_related("attachment").order_by("pk")]
    made = apply(
        actor, person=source.person, asked=asked, channel=source.channel, taken_at=source.organisation, papers=papers
    )  # fmt: skip
    # Who handles the source may say what came of it, also where the aid body's cases are not his to see.
    sees = Actor(actor.account_id, actor.name, SystemAccess(), actor.trace)
    core.link(sees, source, made.case, CaseLink.Bond.LED_TO)
    return made


def lock(case: Case) -> LegalAid:
    """The application, its case locked."""
    fresh = core.lock(case.pk)
    found = LegalAid.objects.everywhere(reason=WHY).select_related("body").get(case=fresh)
    found.case = fresh
    return found


def judged(aid: LegalAid) -> Outcome:
    """What the rule says of an application as it stands."""
    return means(
        version_of(aid.case).parameters, cause=aid.case.cause, is_migrant=aid.is_migrant, group=aid.group,
        monthly_income=aid.monthly_income, vouched=aid.vouched,
    )  # fmt: skip


def may_come_first(aid: LegalAid, today: date) -> bool:
    return not aid.outcome and comes_first(
        version_of(aid.case).parameters, expires_on=aid.expires_on, today=today
    )


@transaction.atomic
def ask_more(actor: Actor, *, case: Case, lacking: Iterable[str]) -> LegalAid:
    """Say once all that is missing; the clock of the decision waits (法律援助法 art. 43)."""
    found = lock(case)
    require_handler(actor, found.case, HANDLE)
    listed = [hide_numbers(one.strip())[:100] for one in lacking if one.strip()]
    if not listed:
        raise Refused("请写明要补哪些材料，一行一项。", field="lacking")
    if found.lacking:
        raise Refused("补正清单只能一次性告知，已经告知过。请按现有材料决定。", field="lacking")
    found.lacking = listed
    found.save(update_fields=["lacking"])
    core.move(actor, found.case, "ask_more", opinion="；".join(listed), shown=True, by_right=True)
    return found


@transaction.atomic
def supply(
    actor: Actor,
    *,
    case: Case,
    papers: Iterable[tuple[Upload | Attachment, str]] = (),
    words: str = "",
    monthly_income: Decimal | None = None,
    vouched: bool | None = None,
    group: str | None = None,
) -> LegalAid:
    """What was missing is here: from the applicant himself, or taken in at the desk. The clock goes on."""
    found = lock(case)
    _require_own_or(actor, found.case)
    given = list(papers)
    if not given and not words.strip() and monthly_income is None and not vouched and not group:
        raise Refused("请上传材料或者写明情况。", field="words")
    if monthly_income is not None:
        found.monthly_income = monthly_income
    if vouched is not None:
        found.vouched = found.vouched or vouched
    if group:
        found.group = group
    found.save(update_fields=["monthly_income", "vouched", "group"])
    for file, label in given:
        core.attach(actor, found.case, file, label=label, shown=True)
    if words.strip():
        core.write(actor, found.case, CaseText.Role.STATEMENT, words, shown=True)
    core.move(actor, found.case, "supplied", by_right=True)
    return found


@transaction.atomic
def decide(actor: Actor, *, case: Case, granted: bool, opinion: str = "") -> LegalAid:
    """Grant or refuse. What the rule says is kept beside it; against it a reason is asked for, as for refusing."""
    found = lock(case)
    require_handler(actor, found.case, HANDLE)
    code = ("confirm" if found.first else "grant") if granted else "refuse"
    if found.case.state == "objected":
        raise Refused("申请人已提出异议，请由其他人办理“复核”，不能再作一次决定。")
    if found.first and not granted:
        raise Refused("已经先行援助，不符合条件的请办理“终止援助”并写明理由。")
    ruled = found.decision = _by_rule(actor, found)
    _require_reason(ruled.outcome, ruled.reasons, granted, opinion)
    found.outcome = LegalAid.Outcome.GRANTED if granted else LegalAid.Outcome.REFUSED
    found.decided_at = timezone.now()
    found.save(update_fields=["decision", "outcome", "decided_at"])
    told = opinion.strip()
    if not granted:
        told = f"{told}\n{version_of(found.case).parameters.appeal_words}"
    core.move(actor, found.case, code, opinion=told, shown=True, by_right=True)
    journal_of(actor, "cases.aid_decided", found.case, outcome=found.outcome, rule=ruled.outcome)
    return found


def _by_rule(actor: Actor, aid: LegalAid) -> Decision:
    case, version = aid.case, version_of(aid.case)
    inputs = {
        "cause": case.cause, "is_migrant": aid.is_migrant, "group": aid.group, "vouched": aid.vouched,
        "monthly_income": str(aid.monthly_income) if aid.monthly_income is not None else None,
    }  # fmt: skip
    return decide_by_rule(
        actor, key=f"aid:{case.pk}:{case.events.count()}", version=version, rule="aid.means", person=case.person,
        path=case.organisation.path, on=timezone.localdate(case.opened_at), inputs=inputs,
    )  # fmt: skip


def _require_reason(outcome: str, reasons: Iterable[str], granted: bool, opinion: str) -> None:
    if outcome == "exception" and granted:
        raise Refused(f"还不能给予援助：{'；'.join(reasons)}。请先要求补正；时效将满的可以先行援助。")
    if opinion.strip():
        return
    if not granted:
        raise Refused("不予援助要写明理由，申请人会收到。", field="opinion")
    if outcome == "refused":
        raise Refused(f"按规定{'；'.join(reasons)}。仍要给予援助的，请写明理由。", field="opinion")


@transaction.atomic
def come_first(actor: Actor, *, case: Case, opinion: str) -> LegalAid:
    """Aid before the decision, as a limit is about to run out (art. 44); the decision is still owed in its time."""
    found = lock(case)
    require_handler(actor, found.case, HANDLE)
    scheme = version_of(found.case).parameters
    if not may_come_first(found, timezone.localdate()):
        raise Refused(f"先行援助限于距时效或期限届满 {scheme.first_days} 日及以内的申请；请核对届满日期。")
    found.first = True
    found.save(update_fields=["first"])
    core.move(actor, found.case, "first", opinion=opinion, shown=True, by_right=True)
    journal_of(actor, "cases.aid_decided", found.case, first=True)
    return found


@transaction.atomic
def object_to(actor: Actor, *, case: Case, words: str) -> LegalAid:
    """The applicant does not accept the refusal: once, and a union looks at it again within the clock."""
    found = lock(case)
    _require_own_or(actor, found.case)
    if found.case.events.filter(verb="object").exists():
        raise Refused("这件申请已经提出过异议，复核结论见办理记录。")
    core.move(actor, found.case, "object", opinion=words, shown=True, by_right=True)
    return found


@transaction.atomic
def settle_objection(actor: Actor, *, case: Case, changed: bool, opinion: str) -> LegalAid:
    """Uphold the refusal, or change it: by somebody above the union that refused, or another person of it."""
    found = lock(case)
    require_handler(actor, found.case, HANDLE)
    if found.case.state != "objected":
        raise Refused("申请人没有提出异议，或者异议已经复核过。请刷新页面查看最新情况。")
    decided = found.case.events.filter(verb__in=["refuse", "terminate"]).order_by("-pk").first()
    if decided is not None and hands(actor.access).touch(decided.actor_id):
        raise Refused("复核不能由作出原决定的人办理，请交给其他人或者上级工会。")
    if not opinion.strip():
        raise Refused("请写明复核意见。", field="opinion")
    if changed:
        found.outcome, found.decided_at = LegalAid.Outcome.GRANTED, timezone.now()
        found.save(update_fields=["outcome", "decided_at"])
    core.move(actor, found.case, "grant" if changed else "uphold", opinion=opinion, shown=True, by_right=True)
    return found


@transaction.atomic
def stop(actor: Actor, *, case: Case, code: str, opinion: str) -> LegalAid:
    """Withdraw (the applicant, or the desk for him) or terminate (the desk, art. 48); an assignment ends with it."""
    found = lock(case)
    if code == "withdraw":
        _require_own_or(actor, found.case)
    else:
        require_handler(actor, found.case, HANDLE)
    found.result = LegalAid.Result.STOPPED
    found.save(update_fields=["result"])
    said = opinion.strip()
    if code == "terminate" and said:
        said = f"{said}\n{version_of(found.case).parameters.appeal_words}"
    core.move(actor, found.case, code, opinion=said, shown=True, by_right=True)
    return found


def is_own(actor: Actor, case: Case) -> bool:
    """Whether the applicant's own word is given: by the account that filed, his own, or in his place at a window."""
    if actor.account_id is not None and case.filed_by_id == actor.account_id:
        return True
    return case.person is not None and actor.speaks_for(case.person.pk, case.person.account_id)


def _require_own_or(actor: Actor, case: Case) -> None:
    if not is_own(actor, case):
        actor.require(HANDLE, *case.organisation.paths)


def journal_of(actor: Actor, action: str, case: Case, **detail: object) -> None:
    journal(
        actor, action, subject=case, label=case.number, paths=case.organisation.paths,
        detail=detail,
    )  # fmt: skip
