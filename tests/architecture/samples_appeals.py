"""An appeal in the union `alpha`, its worker's, answered so that he may rate it; its papers; a list of the hotline."""

from collections.abc import Callable
from io import BytesIO
from typing import Any

from tests.world import World
from unionhall.cases.actions import appeals, core
from unionhall.cases.models import Case, HotlineList
from unionhall.foundation.actors import system_actor
from unionhall.records import attachments
from unionhall.records.models import Attachment

SYSTEM = system_actor("示例")


def appeal(world: World) -> Case:
    filed = appeals.file_own(
        world.actor("worker_alpha"),
        appeals.Matter("食堂太贵", "welfare", world.unions["alpha"], contact={"phone": "19900000001"}),
        account=world.accounts["worker_alpha"],
        person=world.people["alpha_1"],
        anonymous=False,
    )
    case = core.move(SYSTEM, filed.case, "accept", by_right=True)
    return core.move(SYSTEM, case, "answer", opinion="已降价", by_right=True)


def _stored(world: World) -> Attachment:
    return attachments.store(
        SYSTEM, BytesIO(b"%PDF-1.4 sample"), name="材料.pdf", content_type="application/pdf", purpose="cases.file",
        paths=world.unions["alpha"].paths,
    )  # fmt: skip


def _with_file(world: World) -> dict[str, Any]:
    case = appeal(world)
    file = core.attach(SYSTEM, case, _stored(world), shown=True)
    return {"slug": case.number, "file": file.pk}


def _with_party(world: World) -> dict[str, Any]:
    case = appeal(world)
    party = core.add_party(case, core.Party("applicant", "张海林", phone="19900000001"))
    return {"slug": case.number, "party": party.pk, "what": "phone"}


def hotline(world: World) -> HotlineList:
    return HotlineList.objects.create(
        organisation=world.unions["alpha"],
        name="12351.csv",
        file=_stored(world),
        columns=["工单号"],
        by="示例",
    )


def _case(world: World) -> dict[str, Any]:
    return {"slug": appeal(world).number}


_ACTS = ("assign", "hand_over", "link", "note", "file_new", "grade", "contact")
#: Address → what makes its arguments; all stand in the union.
APPEALS: dict[str, Callable[[World], dict[str, Any]]] = {
    "desk_case": _case,
    "desk_appeal_merge": _case,
    **{f"desk_case_{name}": _case for name in _ACTS},
    "desk_case_file": _with_file,
    "desk_case_party": _with_party,
    **{
        f"desk_hotline_{name}": lambda world: {"pk": hotline(world).pk}
        for name in ("list", "progress", "discard", "faults")
    },
}
#: Those of the worker whose appeal it is.
MY_APPEALS: dict[str, Callable[[World], dict[str, Any]]] = {
    **{f"m_help_{name}": _case for name in ("case", "rate", "more", "withdraw")},
    "m_help_file": _with_file,
}
