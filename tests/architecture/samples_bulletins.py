"""Samples of notices, objections and bulletins."""

from collections.abc import Callable

from tests.world import World
from unionhall.bulletins import actions as bulletins
from unionhall.bulletins.models import Bulletin, PublicNotice
from unionhall.foundation.actors import system_actor

from .sample import UNION, Sample


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


BULLETINS: dict[str, Callable[[World], Sample]] = {
    **{f"public_notice{verb}": notice_in_public for verb in ("", "_print", "_object")},
    **{f"desk_notice{verb}": notice_at_the_desk for verb in ("", "_release", "_discard", "_stop")},
    **dict.fromkeys(("desk_objection", "desk_objection_contact"), objection),
    "public_bulletin": bulletin_in_public,
    **{f"desk_bulletin{verb}": bulletin_at_the_desk for verb in ("", "_edit", "_publish", "_take_down")},
}
