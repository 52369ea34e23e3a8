"""劳动争议 as a kind of case: its scheme, its facts, what the desk may do with the general form."""

from __future__ import annotations

from unionhall.foundation.actors import Actor
from unionhall.foundation.errors import Refused
from unionhall.records.actions import notify

from ..disputes_shown import panel
from ..documents import disputes as documents
from ..documents import make
from ..kinds import Kind, register
from ..models import Agreement, Case, CaseClock, Dispute, Mediation
from ..schemes.disputes import CAUSES, DisputeScheme

__all__ = ["DISPUTE", "documents"]
_WHY = "parts of a case that the actor handles"


def facts(case: Case) -> list[tuple[str, str]]:
    """Claim, limitation and what was recovered, beside what every case shows."""
    found = Dispute.objects.everywhere(reason=_WHY).filter(case=case).first()
    if found is None:
        return []
    rows = [("请求事项", found.claim)]
    if found.knew_on:
        rows.append(("知道权利被侵害", f"{found.knew_on}"))
    if found.employment_ended_on:
        rows.append(("劳动关系终止", f"{found.employment_ended_on}"))
    ends = f"{found.limitation_on}" if found.limitation_on else "没有起算"
    rows.append(
        ("仲裁时效截止", f"{ends}（{found.limitation_article}）" if found.limitation_article else ends)
    )
    return rows


def ready(actor: Actor, case: Case, code: str) -> None:
    """What must be there before a move of the general form."""
    if code == "perform":
        rows = Agreement.objects.everywhere(reason=_WHY).filter(case=case).exclude(state=Agreement.State.VOID)
        found = rows.first()
        if found is not None and found.instalments.filter(paid_on=None).exists():
            raise Refused("还有没付清的期次。请先登记付款，全部付清后自动转为“已履行”。")


def settle(actor: Actor, case: Case, code: str) -> None:
    """A case that ends lets go of its mediator."""
    if case.closed_at is None:
        return
    held = Mediation.objects.everywhere(reason=_WHY).filter(case=case, ended_at=None)
    held.update(ended_at=case.closed_at, ended_because="案件办结")


def papers(actor: Actor, case: Case, code: str) -> None:
    """What is accepted or lacks something gets its notice at once, shown to the one who filed."""
    if code == "accept":
        make(actor, case, "acceptance")
    elif code == "ask_more":
        said = case.events.filter(verb=code).order_by("-pk").values_list("opinion", flat=True).first()
        make(actor, case, "completion", context={"missing": said or ""})


def ends(case: Case, clock: CaseClock) -> str:
    """What the worker reads when the mediation's limit has run out: that arbitration is open, and until when."""
    found = Dispute.objects.everywhere(reason=_WHY).filter(case=case).first()
    under = f"（{clock.article}）" if clock.article else ""
    said = f"{clock.label}期限已满{under}，没有达成协议。您可以向劳动人事争议仲裁委员会申请仲裁"
    if found is not None and found.limitation_on is not None:
        said += f"，时效截止 {found.limitation_on}（{found.limitation_article}）"
    return f"{said}。双方都愿意的，还可以继续调解；需要律师的，可以申请工会法律援助。"


def tell_mediator(actor: Actor, case: Case, code: str) -> None:
    """Whoever mediates hears that his days are over."""
    if code != "time_out":
        return
    held = Mediation.objects.everywhere(reason=_WHY).filter(case=case, ended_at=None)
    for row in held.select_related("mediator"):
        notify(
            row.mediator.account_id, f"{case.number}：调解期限已满", "没有达成协议；双方愿意的可以继续调解。",
            f"/partner/mediations/{row.pk}/", path=case.organisation.path,
        )  # fmt: skip


DISPUTE = Kind(
    code="dispute",
    title="劳动争议",
    prefix="ZY",
    scheme=DisputeScheme,
    view="cases.disputes",
    handle="cases.disputes_handle",
    facts=facts,
    desk_moves=frozenset(
        {
            "ask_more", "supplemented", "accept", "decline", "withdraw", "take_back", "time_out", "fail",
            "review", "order", "perform", "enforce", "close",
        }
    ),
    guards=(ready,),
    follows=(papers, settle, tell_mediator),
    ends=ends,
    causes=CAUSES,
    template="cases/disputes/on_case.html",
    panel=panel,
    rated=True,
)  # fmt: skip
register(DISPUTE)
