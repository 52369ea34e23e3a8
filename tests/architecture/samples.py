"""An object in the `alpha` union for every address that asks for one, with where it stands and whose it is."""

from collections.abc import Callable
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any

from django.utils import timezone

from tests.world import World
from unionhall.organising.models import Admission
from unionhall.records import attachments
from unionhall.reviews.models import Review, ReviewEvent, ReviewStep


@dataclass(frozen=True)
class Sample:
    """Arguments for the address; the paths of the union(s) the object stands in; the account that owns it."""

    kwargs: dict[str, Any] = field(default_factory=dict)
    paths: tuple[str, ...] = ()
    owner: str = ""


#: What every sample of a matter belongs to: the union `alpha`, and the worker whose phone account this is.
UNION, OWNER = "alpha", "worker_alpha"


def fixed(**kwargs: Any) -> Callable[[World], Sample]:
    """An address whose argument is a word of the address, not an object."""
    return lambda world: Sample(kwargs)


def union(world: World) -> Sample:
    return Sample({"slug": world.unions[UNION].code}, world.unions[UNION].paths)


def employer(world: World) -> Sample:
    there = union(world)
    return Sample({**there.kwargs, "employer": world.employers[UNION].pk}, there.paths)


def review(world: World) -> Review:
    """An application of the owner, open at the union's chair."""
    place = world.unions[UNION]
    found = Review.objects.create(
        number="RH2026010100001",
        procedure="admission",
        title="入会申请：张*",
        organisation=place,
        submitted_by_id=world.accounts[OWNER].pk,
        submitted_by="张*",
        concerns_id=world.accounts[OWNER].pk,
    )
    today = timezone.localdate()
    step = ReviewStep.objects.create(
        review=found,
        order=1,
        name="基层工会审核",
        organisation=place,
        role="chair",
        working_days=5,
        is_current=True,
        opened_on=today,
        due_on=today,
    )
    ReviewEvent.objects.create(
        review=found,
        step=step,
        verb=ReviewEvent.Verb.SUBMITTED,
        actor_id=world.accounts[OWNER].pk,
        actor_name="张*",
        path=place.path,
    )
    Admission.objects.create(
        person=world.people["alpha_1"], organisation=place, occupation="快递员", review=found
    )
    return found


def file(world: World, account: str = OWNER) -> attachments.Attachment:
    return attachments.store(
        world.actor(account),
        BytesIO(b"%PDF-1.4 sample"),
        name="材料.pdf",
        content_type="application/pdf",
        purpose="reviews.admission",
        paths=world.unions[UNION].paths,
    )


def _matter(name: str, *, mine: bool, event: bool = False) -> Callable[[World], Sample]:
    def sample(world: World) -> Sample:
        found = review(world)
        kwargs: dict[str, Any] = {name: found.number}
        if event:
            last = found.events.get()
            last.attachment = file(world)
            last.save(update_fields=["attachment"])
            kwargs["event"] = last.pk
        return Sample(kwargs, () if mine else world.unions[UNION].paths, OWNER if mine else "")

    return sample


SAMPLES: dict[str, Callable[[World], Sample]] = {
    "public_verify": fixed(token="NOTACODE"),  # noqa: S106 — deliberately no code
    "demo_sign_in": fixed(username="chair_alpha"),
    "m_reveal": fixed(what="phone"),
    "m_consent_withdraw": fixed(purpose="identity"),
    "m_application": _matter("slug", mine=True),
    "m_application_withdraw": _matter("slug", mine=True),
    "m_application_supplement": _matter("slug", mine=True),
    "m_application_file": _matter("slug", mine=True, event=True),
    "m_join_done": _matter("number", mine=True),
    "m_join_receipt": _matter("number", mine=True),
    "desk_review": _matter("slug", mine=False),
    "desk_review_urge": _matter("slug", mine=False),
    "desk_review_file": _matter("slug", mine=False, event=True),
    **{
        name: union
        for name in (
            "desk_org",
            "desk_org_edit",
            "desk_org_rename",
            "desk_org_move",
            "desk_org_suspend",
            "desk_org_resume",
            "desk_org_term",
            "desk_org_extend",
            "desk_org_cover",
            "desk_org_employer_new",
        )
    },
    "desk_org_employer": employer,
    "desk_org_uncover": employer,
    "desk_holiday": fixed(pk="2026-10-01"),
    "desk_holiday_remove": fixed(pk="2026-10-01"),
    "ops_retry": fixed(job=1),
}
