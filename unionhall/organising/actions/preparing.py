"""筹建 after its approval: how it ends without a union, and what becomes of it when its superior ends."""

from django.db import transaction
from django.db.models import Q
from django.urls import reverse

from unionhall.foundation.actors import Actor
from unionhall.foundation.errors import Refused
from unionhall.foundation.scope import ScopedQuerySet
from unionhall.organisations.kinds import SHAPES, Kind
from unionhall.organisations.models import Organisation
from unionhall.records.actions import journal, notify
from unionhall.reviews.actions.appealing import earlier_deciders
from unionhall.reviews.procedures import own_page

from ..models import Founding
from .founding import held, require_carrier

_WHY = "foundings of a superior whose permission was asked"


@transaction.atomic
def end_preparation(actor: Actor, *, founding: Founding, reason: str) -> Founding:
    """终止筹备: no assembly will be held, and the employer may found anew. By the superior or who applied.

    Raises Refused unless it is being prepared: what is under review is withdrawn or refused there.
    """
    one = held(founding)
    require_carrier(actor, one)
    if one.stage != Founding.Stage.PREPARING:
        raise Refused(
            f"现在的阶段是“{one.get_stage_display()}”，只有筹备中的可以终止；还在审核的，请撤回办件。"
        )
    reason = reason.strip()
    if len(reason) < 2:
        raise Refused("请填写终止原因。", "reason")
    one.stage = Founding.Stage.ENDED
    one.save(update_fields=["stage"])
    journal(actor, "organising.end_founding", subject=one, paths=one.organisation.paths, reason=reason)
    _tell_the_others(actor, one, reason)
    return one


def _tell_the_others(actor: Actor, founding: Founding, reason: str) -> None:
    """Who applied, who filed it for him and who approved it; not the one who ended it."""
    review = founding.review
    concerned = dict.fromkeys([review.concerns_id, review.submitted_by_id, *earlier_deciders(review)])
    for account_id in concerned:
        if account_id == actor.account_id:
            continue
        own = account_id == review.concerns_id
        notify(
            account_id,
            "筹备已终止",
            f"“{founding.name}”不再筹备：{reason}。需要时可以重新申请建会。",
            own_page(review) if own else reverse("desk_founding", args=[founding.pk]),
            founding.organisation.path,
        )


def _begun(where: Q) -> ScopedQuerySet[Founding]:
    over = [Founding.Stage.FOUNDED, Founding.Stage.ENDED]
    return Founding.objects.everywhere(reason=_WHY).exclude(stage__in=over).filter(where)


def pass_preparations(actor: Actor, *, organisation: Organisation, into: Organisation) -> int:
    """Unions that were to stand below one that merges will stand below its successor. Answers how many.

    Called in the transaction of the merger. Raises Refused when the successor cannot be their superior.
    """
    below, beside = _begun(Q(organisation=organisation)), _begun(Q(industry_parent=organisation))
    unfit = [one for one in below.order_by("pk") if into.kind not in SHAPES[one.kind].parents]
    unfit += [] if into.kind == Kind.INDUSTRY else list(beside.order_by("pk"))
    if unfit:
        raise Refused(
            f"“{unfit[0].name}”正在筹备建会，“{into.name}”不能作为它的上级工会。请先终止筹备，或换一个承继的工会。",
            "into",
        )
    passed = sorted({*below.values_list("pk", flat=True), *beside.values_list("pk", flat=True)})
    below.update(organisation=into)
    beside.update(industry_parent=into)
    if passed:
        detail = {"from": organisation.code, "foundings": passed}
        journal(actor, "organising.pass_foundings", subject=into, paths=into.paths, detail=detail)
    return len(passed)


def require_no_preparation(organisation: Organisation) -> None:
    """Refused while unions are being founded that are to stand below this one."""
    rows = _begun(Q(organisation=organisation) | Q(industry_parent=organisation))
    first = rows.order_by("pk").first()
    if first is not None:
        raise Refused(f"还有 {rows.count()} 家工会正在筹备（如“{first.name}”），请先办结或终止筹备。")
