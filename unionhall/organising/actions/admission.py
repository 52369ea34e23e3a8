"""入会: a worker applies to join a union; drafts of the application."""

from typing import Any

from django.db import transaction
from django.utils import timezone

from unionhall import rulebook
from unionhall.foundation.actors import Actor
from unionhall.foundation.errors import Refused
from unionhall.kit.codes import EMPLOYMENT_FORM
from unionhall.kit.identifiers import IdentifierError, check_document
from unionhall.members import consents, rules
from unionhall.members.documents import KINDS
from unionhall.members.models import Membership, Person
from unionhall.organisations.kinds import Status
from unionhall.organisations.models import Employer, Organisation
from unionhall.organisations.tree import as_it_stands
from unionhall.records import drafts
from unionhall.records.actions import journal
from unionhall.reviews.actions import plan, submit
from unionhall.reviews.models import Review

from ..models import Admission
from ..schemes import AdmissionScheme

PROCEDURE = "admission"
#: The form, among drafts.
DRAFT = "admission"


def open_admission(person: Person) -> Admission | None:
    """The application that is still under review, if any."""
    rows = Admission.objects.everywhere(reason="one open application per person, wherever it was made")
    open_states = [Review.State.PENDING, Review.State.RETURNED]
    return (
        rows.filter(person=person, review__state__in=open_states)
        .select_related("review", "organisation")
        .first()
    )


def standing_of(person: Person) -> Membership | None:
    """The open membership, with its union."""
    rows = Membership.objects.everywhere(reason="whoever is a member already does not join a second time")
    return rows.current().filter(person=person).select_related("organisation").first()


def require_age(*, id_type: str, id_number: str) -> None:
    """Tells who is too young on the page where the document is asked, before anything is kept of it.

    Raises Refused. A number that is wrong is told by who checks it next.
    """
    today = timezone.localdate()
    try:
        birth = check_document(KINDS[id_type], id_number, today).birth
    except (IdentifierError, KeyError):
        return
    age = rules.old_enough(birth, today, rulebook.scheme(AdmissionScheme, on=today).parameters.youngest_age)
    if not age.met:
        raise Refused(age.text, field="id_number")


@transaction.atomic
def apply(
    actor: Actor,
    *,
    person: Person,
    organisation: Organisation,
    employer: Employer | None = None,
    work_unit: str = "",
    occupation: str = "",
    form: str = "1",
    migrant_worker: bool = False,
    through_local_union: bool = False,
) -> Admission:
    """Apply to join a union; the scheme "admission" says who decides, within how many working days.

    The person applies (at a window a clerk in his place), or an officer of the union for him. Raises Refused for a
    member, for a second application, without consents, for somebody too young, and for a union that takes in nobody.
    """
    organisation = as_it_stands(organisation)
    own = actor.speaks_for(person.pk, person.account_id)
    if not own:
        actor.require("organising.admit", *organisation.paths)
    # Of two submissions at once the second waits here and then sees the first.
    Person.objects.everywhere(reason="the applicant").select_for_update().get(pk=person.pk)
    present = standing_of(person)
    if present is not None:
        raise Refused(f"您已经是“{present.organisation.name}”的会员。换了单位请办理会籍转接，不用重新入会。")
    waiting = open_admission(person)
    if waiting is not None:
        raise Refused(
            f"您已提交过入会申请（{waiting.review.number}），正在审核，不用重复提交。要换一个工会，请先撤回原申请。"
        )
    if own:
        consents.require(person)
    today = timezone.localdate()
    version = rulebook.scheme(AdmissionScheme, on=today, division=organisation.division)
    age = rules.old_enough(person.birth, today, version.parameters.youngest_age)
    if not age.met:
        raise Refused(age.text)
    require_open(organisation, local=through_local_union)
    if form not in dict(EMPLOYMENT_FORM.choices()):
        raise Refused("请选择用工形式。", field="form")
    review = submit(
        actor,
        procedure=PROCEDURE,
        title=f"入会申请：{person.masked_name}",
        organisation=organisation,
        steps=plan(version.parameters.steps, {"union": organisation}, besides=person.account_id),
        scheme=version,
        concerns=person.account_id,
    )
    admission = Admission.objects.create(
        person=person,
        organisation=organisation,
        employer=employer,
        work_unit=(work_unit or (employer.name if employer else "")).strip()[:120],
        occupation=occupation.strip()[:60],
        form=form,
        migrant_worker=migrant_worker,
        through_local_union=through_local_union,
        review=review,
    )
    journal(
        actor,
        "organising.apply_admission",
        subject=admission,
        label=review.number,
        paths=organisation.paths,
        detail={"organisation": organisation.pk, "local": through_local_union},
    )
    return admission


def require_open(organisation: Organisation, *, local: bool) -> None:
    """Raise Refused unless a worker may join: the union stands, has members, takes in individuals if asked to."""
    if organisation.status not in {Status.ACTIVE, Status.SUSPENDED} or not organisation.has_members:
        raise Refused(f"“{organisation.name}”现在不接收会员，请重新选择工会。", field="organisation")
    if local and not organisation.accepts_individuals:
        raise Refused(
            f"“{organisation.name}”不接收单位没有建会的职工，请选择所在街道（乡镇）的工会。",
            field="organisation",
        )


# Drafts --------------------------------------------------------------------------------------------------------


def draft_of(account_id: int) -> dict[str, Any]:
    """The answers given so far; empty when there are none."""
    return drafts.draft_of(account_id, DRAFT)


def keep_draft(account_id: int, **answers: Any) -> dict[str, Any]:
    """Add answers to the draft, sealed: it survives logout and is read by nobody else."""
    return drafts.keep_draft(account_id, DRAFT, **answers)


def drop_draft(account_id: int) -> None:
    drafts.drop_draft(account_id, DRAFT)
