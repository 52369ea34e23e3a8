"""An object in the `alpha` union for every address that asks for one, with where it stands and whose it is."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from io import BytesIO
from typing import Any

from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils import timezone

from tests.world import World
from unionhall.access.models import Grant, SignInSession
from unionhall.api.actions import issue
from unionhall.api.models import Client, Delivery, Endpoint
from unionhall.bulletins import actions as bulletins
from unionhall.bulletins.models import Bulletin, PublicNotice
from unionhall.foundation.actors import system_actor
from unionhall.foundation.models import Holiday
from unionhall.members.models import Export, Post, RosterBatch
from unionhall.organising.models import Admission, Founding, MembershipTransfer
from unionhall.records import attachments
from unionhall.records.models import Attachment, Message
from unionhall.records.outbox import publish
from unionhall.reviews.models import Delegation, Review, ReviewEvent, ReviewStep
from unionhall.rulebook import scheme
from unionhall.rulebook.models import SchemeDraft

from .samples_cover import COVER
from .samples_cover import roll as cover_roll
from .samples_medical import BY_PK as MEDICAL
from .samples_medical import claim as medical_claim
from .samples_money import MONEY
from .samples_relief import RELIEF
from .samples_services import OWNERS, SERVICES
from .samples_subsidy import career_application


@dataclass(frozen=True)
class Sample:
    """Arguments for the address; the paths of the union(s) the object stands in; the account that owns it.

    `elsewhere` is what somebody gets who holds the permission in another place: 404, because an object out of
    scope does not exist for him. Only what is the same for everyone (the calendar) says 403 instead.
    `nothing`: the page is about rows that were ticked before; asked for by itself it is about nothing, and 404.
    """

    kwargs: dict[str, Any] = field(default_factory=dict)
    paths: tuple[str, ...] = ()
    owner: str = ""
    elsewhere: int = 404
    nothing: bool = False


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


def file(world: World, account: str = OWNER) -> Attachment:
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


def attachment(world: World) -> Sample:
    """Seen by its owner and by those who may open the files of its union: no one permission says it."""
    return Sample({"pk": file(world).pk})


def message(world: World) -> Sample:
    found = Message.objects.create(recipient_id=world.accounts[OWNER].pk, title="会员卡已发放")
    return Sample({"pk": found.pk}, owner=OWNER)


def person(**more: str) -> Callable[[World], Sample]:
    def sample(world: World) -> Sample:
        return Sample({"pk": world.people["alpha_1"].pk, **more}, world.unions[UNION].paths)

    return sample


def membership(**more: str) -> Callable[[World], Sample]:
    def sample(world: World) -> Sample:
        return Sample({"pk": world.memberships["alpha_1"].pk, **more}, world.unions[UNION].paths)

    return sample


def batch(world: World) -> Sample:
    place = world.unions[UNION]
    found = RosterBatch.objects.create(
        organisation=place,
        path=place.path,
        second_path=place.second_path,
        file=file(world, "chair_alpha"),
        error_file=file(world, "chair_alpha"),
        uploaded_by="主席",
        state=RosterBatch.State.READY,
    )
    return Sample({"pk": found.pk}, place.paths)


def export(world: World) -> Sample:
    owner = "chair_alpha"
    found = Export.objects.create(
        kind="members", purpose="年度统计", requested_by_id=world.accounts[owner].pk, file=file(world, owner)
    )
    return Sample({"pk": found.pk}, owner=owner)


def transfer(world: World) -> MembershipTransfer:
    """From `alpha` to `beta`; the worker has not agreed yet."""
    return MembershipTransfer.objects.create(
        person=world.people["alpha_1"],
        membership=world.memberships["alpha_1"],
        organisation=world.unions[UNION],
        destination=world.unions["beta"],
        reason="换了单位",
        review=review(world),
    )


def transfer_at_the_desk(world: World) -> Sample:
    both = world.unions[UNION].paths + world.unions["beta"].paths
    return Sample({"pk": transfer(world).pk}, both)


def transfer_of_mine(world: World) -> Sample:
    return Sample({"pk": transfer(world).pk}, owner=OWNER)


def founding(world: World) -> Sample:
    """A union to be founded below the street; its preparation was approved."""
    place = world.unions["pier"]
    found = Founding.objects.create(
        organisation=place,
        employer=world.employers[UNION],
        name="江城安达快递有限公司第二工会委员会",
        contact="张海林",
        stage=Founding.Stage.PREPARING,
        review=review(world),
    )
    return Sample({"pk": found.pk}, place.paths)


def post(world: World) -> Sample:
    place = world.unions[UNION]
    found = Post.objects.create(
        organisation=place,
        person=world.people["alpha_1"],
        title=Post.Title.COMMITTEE,
        period=DateRange(date(2024, 1, 1), None),
    )
    return Sample({"slug": place.code, "post": found.pk}, place.paths)


def account(world: World) -> Sample:
    return Sample({"pk": world.accounts["officer_alpha"].pk}, world.unions[UNION].paths)


def session(world: World) -> Sample:
    expires = timezone.now() + timedelta(hours=1)
    account = world.accounts[OWNER]
    found = SignInSession.objects.create(key_digest="0" * 64, data="", account=account, expires_at=expires)
    return Sample({"pk": found.pk}, owner=OWNER)


def grant(world: World) -> Sample:
    found = Grant.objects.everywhere(reason="sample").get(account=world.accounts["officer_alpha"])
    return Sample({"pk": found.pk}, world.unions[UNION].paths)


def nothing_chosen(world: World) -> Sample:
    return Sample(nothing=True)


def holiday(world: World) -> Sample:
    """Read at many desks, changed only at the top."""
    Holiday.objects.get_or_create(day=date(2026, 10, 1), defaults={"name": "国庆节", "is_working_day": False})
    return Sample({"pk": "2026-10-01"}, world.unions["province"].paths, elsewhere=403)


def new_holiday(world: World) -> Sample:
    return Sample({}, world.unions["province"].paths, elsewhere=403)


def api_client(world: World) -> Client:
    """A partner's program that sees the union."""
    client, _ = issue(
        system_actor(), name="江城银行", organisation=world.unions[UNION], scopes=["organisations:read"],
        purpose="核对组织名称",
    )  # fmt: skip
    return client


def api_client_page(world: World) -> Sample:
    return Sample({"pk": api_client(world).pk}, world.unions[UNION].paths)


def api_endpoint(world: World) -> Endpoint:
    return Endpoint.objects.create(
        client=api_client(world), url="https://hooks.bank.example/", secret="whsec_c2VjcmV0",
        events=["organisation.moved"],
    )  # fmt: skip


def api_endpoint_page(world: World) -> Sample:
    return Sample({"pk": api_endpoint(world).pk}, world.unions[UNION].paths)


def api_delivery(world: World) -> Sample:
    found = Delivery.objects.create(
        endpoint=api_endpoint(world),
        event=publish("organisation.moved", paths=world.unions[UNION].paths, data={}),
    )
    return Sample({"pk": found.pk}, world.unions[UNION].paths)


def scheme_draft(world: World) -> Sample:
    """A copy of a shipped scheme that the union's superiors and officers may see."""
    found = SchemeDraft.objects.create(
        organisation=world.unions[UNION], programme="intake", text="title = 1", author="测试",
    )  # fmt: skip
    return Sample({"pk": found.pk}, world.unions[UNION].paths)


def scheme_version(world: World) -> Sample:
    """A public text: the same for everyone who reads schemes at a desk."""
    return Sample({"programme": "intake", "digest": scheme("intake", date(2026, 1, 1)).digest[:16]})


def of_money(name: str) -> Callable[[World], Sample]:
    """What the ledger keeps stands in the union; a worker's payment is his own."""
    make, owner = MONEY[name], OWNER if name.startswith("m_") else ""
    return lambda world: Sample(make(world), world.unions[UNION].paths, owner)


def delegation(world: World) -> Sample:
    """The chair of `alpha` lends his role to the officer there."""
    grant = Grant.objects.everywhere(reason="sample").get(account=world.accounts["chair_alpha"])
    today = timezone.localdate()
    loan = Delegation.objects.create(
        grant=grant,
        to=world.accounts["officer_alpha"],
        period=DateRange(today, today + timedelta(days=3)),
        cause="leave",
        made_by="主席",
    )
    return Sample({"pk": loan.pk}, world.unions[UNION].paths)


def public_notice(world: World) -> PublicNotice:
    """A list of `alpha`, in public today."""
    return bulletins.publicise(
        system_actor(),
        purpose="general",
        title="先进职工公示",
        organisation=world.unions[UNION],
        rows=[bulletins.Listed("1", "张海林", "江城安达快递有限公司", ("先进职工",))],
        working_days=5,
    )


def notice_in_public(world: World) -> Sample:
    return Sample({"slug": public_notice(world).number})


def notice_at_the_desk(world: World) -> Sample:
    return Sample({"pk": public_notice(world).pk}, world.unions[UNION].paths)


def objection(world: World) -> Sample:
    found = bulletins.raise_objection(
        system_actor(),
        notice=public_notice(world),
        text="证书是去年取得的，不符合今年的条件。",
        contact="13800001234",
    )
    return Sample({"pk": found.pk}, world.unions[UNION].paths)


def bulletin(world: World) -> Bulletin:
    written = bulletins.write(
        system_actor(), kind="notice", title="停电公告", body="周三停电。", organisation=world.unions[UNION]
    )
    return bulletins.publish(system_actor(), bulletin=written)


def bulletin_in_public(world: World) -> Sample:
    return Sample({"slug": bulletin(world).number})


def bulletin_at_the_desk(world: World) -> Sample:
    return Sample({"pk": bulletin(world).pk}, world.unions[UNION].paths)


def of_services(name: str) -> Callable[[World], Sample]:
    """The catalogue stands in the union; a voucher is its holder's, a statement at the counter its till's."""
    make, owner = SERVICES[name], OWNERS.get(name, "")
    alike = name == "m_service"  # the catalogue is the same for everyone whose union offers it
    return lambda world: Sample(make(world), () if owner or alike else world.unions[UNION].paths, owner)


def career(world: World) -> Sample:
    return Sample({"pk": career_application(world, review(world)).pk}, world.unions[UNION].paths)


def of_relief(name: str) -> Callable[[World], Sample]:
    return lambda world: Sample(RELIEF[name](world), world.unions[UNION].paths)


def of_medical(name: str) -> Callable[[World], Sample]:
    make, owner = MEDICAL[name], OWNER if name.startswith("m_") else ""
    return lambda world: Sample({"pk": make(world).pk}, world.unions[UNION].paths, owner)


def claim_of_medical(*, paper: bool) -> Callable[[World], Sample]:
    def sample(world: World) -> Sample:
        found = medical_claim(world, review)
        more = {"paper": found.papers.get().pk} if paper else {}
        return Sample({"pk": found.pk, **more}, world.unions[UNION].paths)

    return sample


def of_cover(name: str) -> Callable[[World], Sample]:
    """A claim stands in the union; a worker's is his own."""
    make, owner = COVER[name], OWNER if name.startswith("m_") else ""
    return lambda world: Sample(make(world), world.unions[UNION].paths, owner)


def roll_of_cover(world: World) -> Sample:
    return Sample({"pk": cover_roll(world).pk}, world.unions["province"].paths)


SAMPLES: dict[str, Callable[[World], Sample]] = {
    **{name: of_medical(name) for name in MEDICAL},
    "desk_medical_claim": claim_of_medical(paper=False),
    "desk_medical_paper": claim_of_medical(paper=True),
    **{name: of_services(name) for name in SERVICES},
    **{name: of_money(name) for name in MONEY},
    **{name: of_cover(name) for name in COVER},
    "desk_cover_roll_download": roll_of_cover,
    **{name: of_relief(name) for name in RELIEF},
    "public_verify": fixed(token="NOTACODE"),
    "demo_sign_in": fixed(username="chair_alpha"),
    "m_reveal": fixed(what="phone"),
    "m_consent_withdraw": fixed(purpose="identity"),
    "desk_subsidy_application": career,
    "m_benefit": fixed(programme="medical_aid"),
    "public_service": fixed(programme="medical_aid"),
    "m_application": _matter("slug", mine=True),
    "m_application_withdraw": _matter("slug", mine=True),
    "m_application_supplement": _matter("slug", mine=True),
    "m_application_file": _matter("slug", mine=True, event=True),
    "m_join_done": _matter("number", mine=True),
    "m_join_receipt": _matter("number", mine=True),
    "desk_review": _matter("slug", mine=False),
    "desk_review_urge": _matter("slug", mine=False),
    "desk_review_file": _matter("slug", mine=False, event=True),
    **dict.fromkeys(
        (
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
            "desk_org_merge",
            "desk_org_split",
            "desk_org_dissolve",
            "desk_org_posts",
            "desk_org_appoint",
        ),
        union,
    ),
    "desk_org_leave": post,
    **dict.fromkeys(
        (
            "desk_account",
            "desk_account_grant",
            "desk_account_password",
            "desk_account_close",
            "desk_account_sessions",
            "desk_account_person",
            "desk_account_provider",
        ),
        account,
    ),
    **dict.fromkeys(("own_session_end", "m_session_end"), session),
    "desk_grant_revoke": grant,
    "desk_retention_batch": nothing_chosen,
    "desk_member_message": nothing_chosen,
    "desk_org_employer": employer,
    "desk_org_uncover": employer,
    "desk_attachment": attachment,
    "desk_message": message,
    "m_message": message,
    "m_submitted": _matter("number", mine=True),
    "m_transfer_answer": transfer_of_mine,
    "desk_transfer": transfer_at_the_desk,
    "desk_transfer_attest": transfer_at_the_desk,
    "desk_transfer_out": membership(),
    "desk_roster_transfers": batch,
    "desk_standing_new": membership(change="retention"),
    "desk_founding": founding,
    "desk_founding_result": founding,
    "desk_member": person(),
    "desk_member_edit": person(),
    "desk_member_employment": person(),
    "desk_member_reveal": person(what="phone"),
    "desk_member_card": person(verb="suspend"),
    "desk_export": export,
    "desk_export_download": export,
    **{
        f"desk_import{verb}": batch
        for verb in ("", "_progress", "_errors", "_commit", "_discard", "_undo", "_resume")
    },
    "desk_scheme": scheme_version,
    "desk_scheme_copy": scheme_version,
    **{
        f"desk_scheme_{verb}": scheme_draft
        for verb in ("draft", "discard", "simulate", "people", "publish", "withdraw")
    },
    **{f"public_notice{verb}": notice_in_public for verb in ("", "_print", "_object")},
    **{f"desk_notice{verb}": notice_at_the_desk for verb in ("", "_release", "_discard", "_stop")},
    **dict.fromkeys(("desk_objection", "desk_objection_contact"), objection),
    "public_bulletin": bulletin_in_public,
    **{f"desk_bulletin{verb}": bulletin_at_the_desk for verb in ("", "_edit", "_publish", "_take_down")},
    "desk_delegation_end": delegation,
    "m_application_appeal": _matter("slug", mine=True),
    "desk_holiday": holiday,
    "desk_holiday_remove": holiday,
    "desk_holiday_new": new_holiday,
    "ops_retry": fixed(job=1),
    **dict.fromkeys(
        ("desk_client", "desk_client_rotate", "desk_client_revoke", "desk_endpoint_new"), api_client_page
    ),
    **{f"desk_endpoint{verb}": api_endpoint_page for verb in ("", "_edit", "_test", "_enable", "_remove")},
    "desk_delivery_resend": api_delivery,
}
