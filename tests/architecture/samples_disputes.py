"""Samples of disputes, mediation and partners: the worker's dispute in `alpha`, its mediator's and partner's view."""

from collections.abc import Callable
from io import BytesIO
from typing import Any

from tests.world import World
from unionhall.cases.actions import core, referrals
from unionhall.cases.models import Case, Mediation, Mediator, PartnerSeat, Referral, ReferralItem
from unionhall.cases.tests import disputes as scene
from unionhall.foundation.actors import system_actor
from unionhall.members.models import Export
from unionhall.records.uploads import Upload

from .sample import OWNER, UNION, Sample, file, fixed

AGENCY, MEDIATOR = "agency", "mediator"


def _case(make: Callable[[World], Case], **more: Any) -> Callable[[World], Sample]:
    def sample(world: World) -> Sample:
        return Sample({"slug": make(world).number, **more}, world.unions[UNION].paths)

    return sample


def appeal(world: World) -> Case:
    """A case of a kind that whoever sees cases may see."""
    return core.open_case(
        system_actor("示例"), kind="appeal", organisation=world.unions[UNION], title="食堂太贵", channel="0"
    )


def _own(make: Callable[[World], Case]) -> Callable[[World], Sample]:
    return lambda world: Sample({"slug": make(world).number}, owner=OWNER)


def _pk(make: Callable[[World], Any], **more: Any) -> Callable[[World], Sample]:
    return lambda world: Sample({"pk": make(world).pk, **more}, world.unions[UNION].paths)


def mediator(world: World) -> Mediator:
    return scene.mediator(scene.body(world))


def seat(world: World) -> PartnerSeat:
    return scene.seat(world, scene.partner(world))


def _before_partner(make: Callable[[World], Referral]) -> Callable[[World], Sample]:
    return lambda world: Sample({"pk": make(world).pk}, owner=AGENCY)


def accepted(world: World) -> Referral:
    return referrals.accept(world.actor(AGENCY), referral=scene.referral(world))


def _paper() -> Upload:
    return Upload("裁定书.pdf", "application/pdf", 5, BytesIO(b"%PDF-"))


def partner_file(world: World) -> Sample:
    item: ReferralItem = referrals.add_file(
        world.actor(AGENCY), referral=scene.referral(world), upload=_paper()
    )
    return Sample({"pk": item.referral_id, "item": item.pk}, owner=AGENCY)


def held(case: Case) -> Mediation:
    return Mediation.objects.everywhere(reason="sample").get(case=case, ended_at=None)


def _in_hand(make: Callable[[World], Case]) -> Callable[[World], Sample]:
    return lambda world: Sample({"pk": held(make(world)).pk}, owner=MEDIATOR)


def mediator_file(world: World) -> Sample:
    case = scene.mediating(world)
    kept = core.attach(world.actor(MEDIATOR), case, _paper())
    return Sample({"pk": held(case).pk, "file": kept.pk}, owner=MEDIATOR)


def case_export(world: World) -> Sample:
    owner = "chair_alpha"
    found = Export.objects.create(
        kind="cases", purpose="季度分析", requested_by_id=world.accounts[owner].pk, file=file(world, owner)
    )
    return Sample({"pk": found.pk}, owner=owner)


#: Address → its sample.
DISPUTES: dict[str, Callable[[World], Sample]] = {
    **dict.fromkeys(("desk_cases_export", "desk_cases_export_download"), case_export),
    "m_dispute_new_step": fixed(step="employer"),
    **dict.fromkeys(
        ("m_dispute", "m_dispute_done", "m_dispute_sign", "m_dispute_more", "m_dispute_withdraw", "m_dispute_rate"),
        _own(scene.drafted),
    ),
    "desk_dispute_facts": _case(scene.dispute),
    **dict.fromkeys(
        ("desk_dispute_mediator", "desk_dispute_session", "desk_dispute_agreement", "desk_dispute_sign"),
        _case(scene.drafted),
    ),
    "desk_dispute_confirm": _case(scene.drafted),
    "desk_dispute_pay": _case(scene.drafted, instalment=1),
    "desk_case_document": _case(appeal, code="acceptance"),
    "desk_case_refer": _case(scene.dispute),
    **dict.fromkeys(
        ("desk_mediation_body", "desk_mediation_body_edit", "desk_mediator_new"), _pk(scene.body)
    ),
    **dict.fromkeys(("desk_mediator", "desk_mediator_leave"), _pk(mediator)),
    **dict.fromkeys(("desk_partner", "desk_partner_edit", "desk_seat_new"), _pk(scene.partner)),
    "desk_seat_end": _pk(seat),
    "desk_referral_end": _pk(scene.referral),
    **dict.fromkeys(
        ("partner_referral", "partner_referral_accept", "partner_referral_return", "partner_referral_file_new"),
        _before_partner(scene.referral),
    ),
    "partner_referral_reply": _before_partner(accepted),
    "partner_referral_file": partner_file,
    **dict.fromkeys(
        (
            "partner_mediation", "partner_mediation_session", "partner_mediation_agreement", "partner_mediation_sign",
            "partner_mediation_sign_own", "partner_mediation_fail",
        ),
        _in_hand(scene.drafted),
    ),
    "partner_mediation_file": mediator_file,
}  # fmt: skip
