"""Samples of members: persons, memberships, rosters, exports, transfers, posts; and of unions being founded."""

from collections.abc import Callable
from datetime import date

from django.db.backends.postgresql.psycopg_any import DateRange

from tests.world import World
from unionhall.members.models import Export, Post, RosterBatch
from unionhall.organising.models import Founding, MembershipTransfer

from .sample import OWNER, UNION, Sample, file, review


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


def transfer_with_agreement(world: World) -> Sample:
    found, both = transfer(world), world.unions[UNION].paths + world.unions["beta"].paths
    found.agreement = file(world)
    found.save(update_fields=["agreement"])
    return Sample({"pk": found.pk}, both)


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


def founding_of_mine(world: World) -> Sample:
    """The same, asked for by a worker."""
    found = founding(world)
    Founding.objects.everywhere(reason="sample").filter(pk=found.kwargs["pk"]).update(
        applicant_person=world.people["alpha_1"]
    )
    return Sample(found.kwargs, owner=OWNER)


def post(world: World) -> Sample:
    place = world.unions[UNION]
    found = Post.objects.create(
        organisation=place,
        person=world.people["alpha_1"],
        title=Post.Title.COMMITTEE,
        period=DateRange(date(2024, 1, 1), None),
    )
    return Sample({"slug": place.code, "post": found.pk}, place.paths)


MEMBERS: dict[str, Callable[[World], Sample]] = {
    "desk_org_leave": post,
    "m_transfer_answer": transfer_of_mine,
    "desk_transfer": transfer_at_the_desk,
    "desk_transfer_attest": transfer_at_the_desk,
    "desk_transfer_agreement": transfer_with_agreement,
    "desk_transfer_out": membership(),
    "desk_roster_transfers": batch,
    "desk_standing_new": membership(change="retention"),
    "desk_founding": founding,
    "desk_founding_result": founding,
    "desk_founding_end": founding,
    "m_founding_end": founding_of_mine,
    "desk_member": person(),
    "desk_member_edit": person(),
    "desk_member_household": person(),
    "desk_member_employment": person(),
    "desk_member_reveal": person(what="phone"),
    "desk_member_card": person(verb="suspend"),
    "desk_export": export,
    "desk_export_download": export,
    **{
        f"desk_import{verb}": batch
        for verb in ("", "_progress", "_errors", "_commit", "_discard", "_undo", "_resume")
    },
}
