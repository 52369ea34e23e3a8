"""建会: application → approval to prepare → assembly and election → approval of the result → a union in the tree.

Rules of number come from the schemes "founding" and "committee". Two reviews carry it: the first approves the
preparation, the second the election's result.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from typing import Any

from django.contrib.postgres.search import TrigramSimilarity
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from unionhall import rulebook
from unionhall.foundation.actors import Actor, NotAllowed
from unionhall.foundation.errors import Refused
from unionhall.kit.text import one_line
from unionhall.members.actions import admit, appoint
from unionhall.members.models import Membership, Person, Post
from unionhall.organisations import actions as tree
from unionhall.organisations.actions.checks import clean_name
from unionhall.organisations.kinds import SHAPES, Kind, Level, Status
from unionhall.organisations.models import Coverage, Employer, Organisation
from unionhall.organisations.tree import as_it_stands, keep_still
from unionhall.records.actions import journal
from unionhall.records.models import Attachment
from unionhall.reviews.actions import plan, submit
from unionhall.reviews.models import Review

from ..authority import by_decision
from ..models import Founding
from ..schemes import (
    CommitteeScheme,
    FoundingScheme,
    committee_due,
    committee_seats,
    present_needed,
    votes_needed,
)

PROCEDURE, RESULT_PROCEDURE = "founding", "founding_result"
KINDS = (Kind.GRASSROOTS, Kind.JOINT, Kind.AREA_FEDERATION, Kind.SECTOR_FEDERATION)
#: How alike two names must be to be shown as similar (0 to 1; assumed).
ALIKE = 0.6
COMMITTEE_TITLES = frozenset({Post.Title.CHAIR, Post.Title.VICE_CHAIR, Post.Title.COMMITTEE})
_WHY = "whether an employer or a name is taken is asked of the whole federation"


@dataclass(frozen=True)
class Elected:
    """One who was elected: to which post, with how many votes, and what keeps from a seat.

    `principal`: an executive (deputies too), a partner or kin of such, the head of personnel, a foreigner: no chair or
    vice chair (企业工会主席产生办法 §6). `kin`: close kin of the chief executive: no committee member (工会法 §10).
    """

    person: int
    title: str
    votes: int
    principal: bool = False
    kin: bool = False


def similar_unions(name: str, division: str = "") -> list[Organisation]:
    """Existing unions whose names are alike, most alike first; at most five."""
    rows = Organisation.objects.everywhere(reason=_WHY).active()
    if division:
        rows = rows.filter(division__startswith=division[:4])
    alike = rows.annotate(alike=TrigramSimilarity("name", name)).filter(Q(alike__gte=ALIKE) | Q(name=name))
    return list(alike.order_by("-alike")[:5])


def covering_union(employer: Employer) -> Organisation | None:
    """The union that covers the employer today."""
    rows = Coverage.objects.everywhere(reason=_WHY).select_related("organisation")
    found = rows.filter(employer=employer, period__contains=timezone.localdate()).first()
    return found.organisation if found is not None else None


@transaction.atomic
def apply_to_found(
    actor: Actor,
    *,
    superior: Organisation,
    name: str,
    contact: str,
    kind: str = Kind.GRASSROOTS,
    employer: Employer | None = None,
    expected_members: int = 0,
    industry_parent: Organisation | None = None,
    applicant: Person | None = None,
    attachment: Attachment | None = None,
) -> Founding:
    """File an application to found a union with its superior. Raises Refused.

    An officer of the superior files it, or a worker (`applicant`) in his own name.
    """
    superior = as_it_stands(superior)
    own = (
        applicant is not None
        and applicant.account_id is not None
        and applicant.account_id == actor.account_id
    )
    if not own:
        actor.require("organising.found", *superior.paths)
    name, contact = clean_name(name), one_line(contact)[:50]
    _may_stand(kind, superior)
    if kind == Kind.GRASSROOTS and employer is None:
        raise Refused("单独建会须填写用人单位。几家单位合建请选“联合基层工会”。", "employer")
    if expected_members < 1:
        raise Refused("请填写拟发展会员人数。", "expected_members")
    if not contact:
        raise Refused("请填写筹备组联系人。", "contact")
    if employer is not None:
        Employer.objects.select_for_update().get(pk=employer.pk)
        _employer_free(employer)
    _name_free(name, superior)
    version = rulebook.scheme(FoundingScheme, on=timezone.localdate(), division=superior.division)
    review = submit(
        actor,
        procedure=PROCEDURE,
        title=f"建会申请：{name}",
        organisation=superior,
        steps=plan(version.parameters.steps, {"superior": superior}, besides=actor.account_id),
        scheme=version,
        concerns=applicant.account_id if applicant is not None else None,
    )
    founding = Founding.objects.create(
        organisation=superior,
        industry_parent=industry_parent,
        employer=employer,
        name=name,
        kind=kind,
        expected_members=expected_members,
        contact=contact,
        applicant_person=applicant,
        attachment=attachment,
        review=review,
    )
    journal(
        actor,
        "organising.apply_founding",
        subject=founding,
        paths=superior.paths,
        detail={"kind": kind, "employer": employer.pk if employer is not None else None},
    )
    return founding


def _may_stand(kind: str, superior: Organisation) -> None:
    if kind not in KINDS:
        raise Refused("申请建立的应是基层工会、联合基层工会或工会联合会。", "kind")
    if superior.status != Status.ACTIVE or superior.kind not in SHAPES[kind].parents:
        raise Refused(
            f"“{superior.name}”不能作为{Kind(kind).label}的上级工会。请选择所在街道（乡镇）工会或县级以上总工会。",
            "superior",
        )


def _employer_free(employer: Employer) -> None:
    held = covering_union(employer)
    if held is not None:
        raise Refused(
            f"“{employer.name}”已由“{held.name}”覆盖，不能重复建会。职工可以直接申请加入该工会。", "employer"
        )
    rows = Founding.objects.everywhere(reason=_WHY).exclude(
        stage__in=[Founding.Stage.ENDED, Founding.Stage.FOUNDED]
    )
    other = rows.filter(employer=employer).select_related("review").first()
    if other is not None:
        raise Refused(f"“{employer.name}”已有建会申请（{other.review.number}）正在办理。", "employer")


def _name_free(name: str, superior: Organisation) -> None:
    rows = Organisation.objects.everywhere(reason=_WHY)
    twin = rows.active().filter(name=name, division__startswith=superior.division[:4]).first()
    if twin is not None:
        raise Refused(f"已有同名工会“{twin.name}”（{twin.code}）。请核对是否重复建会，或换一个名称。", "name")


def preparation_ends(founding: Founding) -> date | None:
    """By when the assembly should meet; None before the approval."""
    if founding.review.decided_at is None or founding.review.state != Review.State.APPROVED:
        return None
    approved = timezone.localdate(founding.review.decided_at)
    version = rulebook.scheme(FoundingScheme, on=approved, division=founding.organisation.division)
    return approved + timedelta(days=version.parameters.preparation_days)


@transaction.atomic
def file_result(
    actor: Actor,
    *,
    founding: Founding,
    assembly_on: date,
    entitled: int,
    attended: int,
    members: int,
    women: int,
    elected: Sequence[Elected],
    years: int,
    level: int = Level.GRASSROOTS,
) -> Founding:
    """Report the assembly's result for approval. Raises Refused when it would not be valid."""
    one = held(founding)
    require_carrier(actor, one)
    if one.stage != Founding.Stage.PREPARING:
        raise Refused(f"现在的阶段是“{one.get_stage_display()}”，不能报送选举结果。")
    today = timezone.localdate()
    if assembly_on > today:
        raise Refused("成立大会日期不能晚于今天。", "assembly_on")
    if one.review.decided_at is not None and assembly_on < timezone.localdate(one.review.decided_at):
        raise Refused("成立大会应在批准筹建之后召开。", "assembly_on")
    if women > members:
        raise Refused("女会员人数不能多于会员人数。", "women")
    division = one.organisation.division
    version = rulebook.scheme(FoundingScheme, on=assembly_on, division=division)
    committee = rulebook.scheme(CommitteeScheme, on=assembly_on, division=division)
    check_turnout(version.parameters, entitled=entitled, attended=attended)
    check_elected(
        version.parameters, committee.parameters, members=members, entitled=entitled, elected=elected
    )
    review = submit(
        actor,
        procedure=RESULT_PROCEDURE,
        title=f"选举结果：{one.name}",
        organisation=one.organisation,
        steps=plan(version.parameters.result_steps, {"superior": one.organisation}, besides=actor.account_id),
        scheme=version,
        concerns=one.applicant_person.account_id if one.applicant_person is not None else None,
    )
    one.assembly_on, one.entitled, one.attended = assembly_on, entitled, attended
    one.result = {
        "members": members,
        "women": women,
        "years": years,
        "level": int(level),
        "elected": [asdict(row) for row in elected],
    }
    one.stage, one.result_review = Founding.Stage.ASSEMBLY, review
    one.save(update_fields=["assembly_on", "entitled", "attended", "result", "stage", "result_review"])
    journal(
        actor,
        "organising.file_founding_result",
        subject=one,
        paths=one.organisation.paths,
        detail={"entitled": entitled, "attended": attended, "members": members, "elected": len(elected)},
    )
    founding.refresh_from_db()
    return one


def held(founding: Founding) -> Founding:
    """The same founding, read anew and locked; until the transaction ends its superior neither moves nor ends."""
    keep_still()
    rows = Founding.objects.everywhere(
        reason="a founding that changes; whoever carries it is asked afterwards"
    )
    related = rows.select_related("organisation", "review", "applicant_person")
    return related.select_for_update(of=("self",)).get(pk=founding.pk)


def require_carrier(actor: Actor, founding: Founding) -> None:
    """The superior's officers and the worker who applied carry a founding. Raises NotAllowed."""
    applicant = founding.applicant_person
    if (
        applicant is not None
        and applicant.account_id is not None
        and applicant.account_id == actor.account_id
    ):
        return
    if not actor.may("organising.found", *founding.organisation.paths):
        raise NotAllowed("organising.found")


def check_turnout(rules: FoundingScheme, *, entitled: int, attended: int) -> None:
    """Enough of those due came. Raises Refused."""
    if attended > entitled:
        raise Refused("到会人数不能多于应到人数。", "attended")
    needed = present_needed(rules, entitled=entitled)
    if attended < needed:
        raise Refused(
            f"应到 {entitled} 人，至少 {needed} 人到会方可选举，现到会 {attended} 人。请重新召开大会。",
            "attended",
        )


def check_elected(
    rules: FoundingScheme,
    committee: CommitteeScheme,
    *,
    members: int,
    entitled: int,
    elected: Sequence[Elected],
) -> None:
    """Seats, votes and eligibility. Raises Refused."""
    titles = [row.title for row in elected]
    if len({(row.person, row.title) for row in elected}) < len(elected):
        raise Refused("同一个人的同一职务填了两次，请核对。")
    seated = {row.person for row in elected if row.title in COMMITTEE_TITLES}
    due = committee_due(rules, members=members)
    if due or seated:
        if titles.count(Post.Title.CHAIR) != 1:
            raise Refused("应选出一名主席。")
        seats = committee_seats(committee, members=members)
        if seats is not None and len(seated) not in seats.choices:
            words = " 或 ".join(map(str, seats.choices))
            raise Refused(
                f"会员 {members} 人，委员会（含主席、副主席）应设 {words} 名，现为 {len(seated)} 名。"
            )
    elif titles.count(Post.Title.ORGANISER) != 1:
        raise Refused(
            f"会员不足 {rules.committee_from_members} 人，可以选举主席和委员建立委员会，也可以只选组织员一名。"
        )
    needed = votes_needed(rules, entitled=entitled)
    short = next((row for row in elected if row.votes < needed), None)
    if short is not None:
        word = Post.Title(short.title).label
        raise Refused(f"得票须超过应到会人数的半数（{needed} 票）始得当选，{word}只得 {short.votes} 票。")
    if any(row.votes > entitled for row in elected):
        raise Refused("得票不能多于应到会人数，请核对。")
    if any(row.principal and row.title in {Post.Title.CHAIR, Post.Title.VICE_CHAIR} for row in elected):
        raise Refused(
            "单位行政负责人（含副职）、合伙人及其近亲属，人力资源部门负责人，外籍职工不得担任工会主席、副主席，请重新选举。"
        )
    if any(row.kin and row.title in COMMITTEE_TITLES for row in elected):
        raise Refused(
            "单位主要负责人的近亲属不得作为基层工会委员会成员的人选（《工会法》第十条），请重新选举。"
        )


@transaction.atomic
def conclude(actor: Actor, *, founding: Founding, on: date) -> Organisation:
    """Called by the approval of the result: the union stands, covers its employer, has its first term and posts."""
    decider = by_decision(actor)
    facts: dict[str, Any] = founding.result
    employer = founding.employer
    if employer is not None:
        held = covering_union(employer)
        if held is not None:
            raise Refused(f"“{employer.name}”已由“{held.name}”覆盖。请不予批准，并请申请人核对。")
    union = tree.establish(
        decider,
        name=founding.name,
        kind=founding.kind,
        level=facts.get("level", Level.GRASSROOTS),
        parent=founding.organisation,
        industry_parent=founding.industry_parent,
        division=employer.division if employer is not None else founding.organisation.division,
        address=employer.address if employer is not None else "",
        on=on,
        document=founding.approval_document,
    )
    if employer is not None:
        tree.cover(decider, organisation=union, employer=employer, on=on)
    elected = [Elected(**row) for row in facts["elected"]]
    tree.start_term(
        decider,
        organisation=union,
        on=on,
        years=facts["years"],
        elected_on=founding.assembly_on,
        committee_size=len({row.person for row in elected if row.title in COMMITTEE_TITLES}) or None,
    )
    people = Person.objects.everywhere(reason="those elected, named in the approved result")
    found = {person.pk: person for person in people.filter(pk__in=[row.person for row in elected])}
    present = Membership.objects.everywhere(reason="whoever is elected becomes a member, unless one already")
    members = set(present.current().filter(person__in=found).values_list("person_id", flat=True))
    for person in found.values():
        if person.pk not in members:
            admit(decider, person=person, organisation=union, on=on)
    for row in elected:
        appoint(
            decider,
            person=found[row.person],
            organisation=union,
            title=row.title,
            on=on,
            document=founding.approval_document,
        )
    founding.founded, founding.stage = union, Founding.Stage.FOUNDED
    founding.save(update_fields=["founded", "stage"])
    return union
