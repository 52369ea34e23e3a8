"""建会 under review: the approval to prepare, and the approval of the election's result."""

from django.urls import reverse
from django.utils import timezone

from unionhall.foundation.actors import Actor
from unionhall.members.models import Person, Post
from unionhall.reviews.models import Review
from unionhall.reviews.procedures import Procedure, own_page, register

from ..actions import founding as actions
from ..models import Founding

CONTACT, ELECTED = "筹备组联系人", "当选{}"
_WHY = "the matter of a review that the caller has loaded under scope"


def founding_of(review: Review) -> Founding:
    rows = Founding.objects.everywhere(reason=_WHY).select_related(
        "organisation", "employer", "industry_parent", "applicant_person"
    )
    if review.procedure == actions.RESULT_PROCEDURE:
        return rows.get(result_review=review)
    return rows.get(review=review)


def facts(review: Review) -> list[tuple[str, str]]:
    one = founding_of(review)
    similar = actions.similar_unions(one.name, one.organisation.division)
    employer = one.employer
    found = [
        ("拟用名称", one.name),
        ("类别", one.get_kind_display()),
        ("上级工会", review.organisation.name),
        ("上级产业工会", one.industry_parent.name if one.industry_parent else "—"),
        ("用人单位", employer.name if employer else "—"),
        ("单位信用代码", (employer.uscc if employer else None) or "—"),
        ("单位职工人数", str(employer.employees) if employer else "—"),
        ("拟发展会员", f"{one.expected_members} 人"),
        (CONTACT, one.contact),
    ]
    if one.stage != Founding.Stage.FOUNDED:
        found.append(("名称相近的工会", "；".join(f"{row.name}（{row.code}）" for row in similar) or "没有"))
    return found


def result_facts(review: Review) -> list[tuple[str, str]]:
    one = founding_of(review)
    result = one.result
    people = Person.objects.everywhere(reason=_WHY).in_bulk([row["person"] for row in result["elected"]])
    titles = [Post.Title(row["title"]).label for row in result["elected"]]
    votes = [f"{title} {row['votes']} 票" for title, row in zip(titles, result["elected"], strict=True)]
    return [
        ("工会名称", one.name),
        ("上级工会", one.organisation.name),
        ("筹建批复文号", one.approval_document or "—"),
        ("成立大会日期", f"{one.assembly_on:%Y-%m-%d}" if one.assembly_on else "—"),
        ("应到会", f"{one.entitled} 人"),
        ("到会", f"{one.attended} 人"),
        ("会员", f"{result['members']} 人，其中女会员 {result['women']} 人"),
        ("任期", f"{result['years']} 年"),
        *(
            (ELECTED.format(title), people[row["person"]].name)
            for title, row in zip(titles, result["elected"], strict=True)
        ),
        ("得票", "；".join(votes)),
    ]


def on_approved(actor: Actor, review: Review) -> None:
    """Preparation may begin; the review's number serves as the approval's number."""
    one = founding_of(review)
    one.stage, one.approval_document = Founding.Stage.PREPARING, review.number
    one.save(update_fields=["stage", "approval_document"])


def ended(actor: Actor, review: Review) -> None:
    one = founding_of(review)
    one.stage = Founding.Stage.ENDED
    one.save(update_fields=["stage"])


def on_result_approved(actor: Actor, review: Review) -> None:
    actions.conclude(actor, founding=founding_of(review), on=timezone.localdate())


def back_to_preparation(actor: Actor, review: Review) -> None:
    """The election may be held again; the refused review stays in the trail."""
    one = founding_of(review)
    one.stage = Founding.Stage.PREPARING
    one.result_review = None
    one.save(update_fields=["stage", "result_review"])


def submitters_page(review: Review) -> str:
    """An officer follows it at the desk, a worker among 我的办件."""
    rows = Founding.objects.everywhere(reason=_WHY).filter(review=review) | Founding.objects.everywhere(
        reason=_WHY
    ).filter(result_review=review)
    one = rows.first()
    if one is None or one.applicant_person_id is not None:
        return own_page(review)
    return reverse("desk_founding", args=[one.pk])


register(
    Procedure(
        code=actions.PROCEDURE,
        title="建会申请",
        prefix="JH",
        on_approved=on_approved,
        on_refused=ended,
        on_withdrawn=ended,
        facts=facts,
        names=frozenset({CONTACT}),
        url_for_submitter=submitters_page,
    ),
    Procedure(
        code=actions.RESULT_PROCEDURE,
        title="建会选举结果",
        prefix="XJ",
        on_approved=on_result_approved,
        on_refused=back_to_preparation,
        on_withdrawn=back_to_preparation,
        facts=result_facts,
        names=frozenset(ELECTED.format(title.label) for title in Post.Title),
        url_for_submitter=submitters_page,
    ),
)
