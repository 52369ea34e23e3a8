"""An object in the `alpha` union for every address that asks for one, with where it stands and whose it is."""

from collections.abc import Callable
from datetime import date, timedelta
from io import BytesIO
from typing import Any

from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils import timezone

from tests.world import World
from unionhall.access.models import Grant, SignInSession
from unionhall.foundation.models import Holiday
from unionhall.records import drafts
from unionhall.records.models import Message
from unionhall.records.uploads import Upload
from unionhall.reviews.models import Delegation
from unionhall.rulebook import scheme
from unionhall.rulebook.models import SchemeDraft

from .sample import OWNER, UNION, Sample, file, fixed, review
from .samples_aid import AID
from .samples_api import API
from .samples_appeals import APPEALS, MY_APPEALS
from .samples_bulletins import BULLETINS
from .samples_certificates import CERTIFICATES
from .samples_cover import COVER
from .samples_cover import roll as cover_roll
from .samples_disputes import DISPUTES
from .samples_incidents import INCIDENTS
from .samples_insurers import INSURERS
from .samples_medical import BY_PK as MEDICAL
from .samples_medical import claim as medical_claim
from .samples_members import MEMBERS
from .samples_money import MONEY
from .samples_needs import NEEDS
from .samples_network import NETWORK
from .samples_network import PUBLIC as PUBLIC_STATIONS
from .samples_outreach import OUTREACH
from .samples_relief import RELIEF
from .samples_services import OWNERS, SERVICES
from .samples_subsidy import career_application
from .samples_window import WINDOW

__all__ = ["OWNER", "SAMPLES", "UNION", "Sample", "file", "fixed", "review"]


def union(world: World) -> Sample:
    return Sample({"slug": world.unions[UNION].code}, world.unions[UNION].paths)


def employer(world: World) -> Sample:
    there = union(world)
    return Sample({**there.kwargs, "employer": world.employers[UNION].pk}, there.paths)


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
    """A paper of the owner's draft: no one else has it."""
    upload = Upload("材料.pdf", "application/pdf", 15, BytesIO(b"%PDF-1.4 sample"))
    return Sample({"pk": drafts.keep_paper(world.actor(OWNER), "sample", upload).pk}, owner=OWNER)


def message(world: World) -> Sample:
    found = Message.objects.create(recipient_id=world.accounts[OWNER].pk, title="会员卡已发放")
    return Sample({"pk": found.pk}, owner=OWNER)


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


def of_services(name: str) -> Callable[[World], Sample]:
    """The catalogue stands in the union; a voucher is its holder's, a statement at the counter its till's."""
    make, owner = SERVICES[name], OWNERS.get(name, "")
    alike = name == "m_service"  # the catalogue is the same for everyone whose union offers it
    return lambda world: Sample(make(world), () if owner or alike else world.unions[UNION].paths, owner)


def career(world: World) -> Sample:
    return Sample({"pk": career_application(world, review(world)).pk}, world.unions[UNION].paths)


def of_case(make: Callable[[World], dict[str, Any]], owner: str = "") -> Callable[[World], Sample]:
    """A case in the union; with `owner` a page of whose case it is."""
    return lambda world: Sample(make(world), () if owner else world.unions[UNION].paths, owner)


def of_relief(name: str) -> Callable[[World], Sample]:
    owner = OWNER if name.startswith("m_") else ""
    return lambda world: Sample(RELIEF[name](world), () if owner else world.unions[UNION].paths, owner)


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


def of_network(name: str) -> Callable[[World], Sample]:
    """Stations are everybody's; nodes and cells stand in the union; a grid worker's items are his own."""
    make, owner = NETWORK[name], OWNER if name.startswith("m_grid") else ""
    everybody = name in PUBLIC_STATIONS
    return lambda world: Sample(make(world), () if everybody else world.unions[UNION].paths, owner)


SAMPLES: dict[str, Callable[[World], Sample]] = {
    **API,
    **DISPUTES,
    **AID,
    **CERTIFICATES,
    **NEEDS,
    **BULLETINS,
    **MEMBERS,
    **INCIDENTS,
    **INSURERS,
    **{name: of_network(name) for name in NETWORK},
    **OUTREACH,
    **WINDOW,
    **{name: of_medical(name) for name in MEDICAL},
    "desk_medical_claim": claim_of_medical(paper=False),
    "desk_medical_paper": claim_of_medical(paper=True),
    **{name: of_services(name) for name in SERVICES},
    **{name: of_money(name) for name in MONEY},
    **{name: of_cover(name) for name in COVER},
    "desk_cover_roll_download": roll_of_cover,
    **{name: of_relief(name) for name in RELIEF},
    **{name: of_case(make) for name, make in APPEALS.items()},
    **{name: of_case(make, owner=OWNER) for name, make in MY_APPEALS.items()},
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
    **dict.fromkeys(
        (
            "desk_account",
            "desk_account_grant",
            "desk_account_password",
            "desk_account_second_factor",
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
    "desk_scheme": scheme_version,
    "desk_scheme_copy": scheme_version,
    **{
        f"desk_scheme_{verb}": scheme_draft
        for verb in ("draft", "discard", "simulate", "people", "publish", "withdraw")
    },
    "desk_delegation_end": delegation,
    "m_application_appeal": _matter("slug", mine=True),
    "desk_holiday": holiday,
    "desk_holiday_remove": holiday,
    "desk_holiday_new": new_holiday,
    "ops_retry": fixed(job=1),
}
