"""Incidents among the kinds of cases: what has to be there before a move."""

from unionhall.foundation.actors import Actor
from unionhall.foundation.errors import Refused

from .. import kinds
from ..models import Case
from ..rules import incidents as _rules  # its calculators are named by worked examples
from ..schemes.incidents import IncidentScheme
from ..versions import scheme_of

__all__ = ["INCIDENT"]


def guard(actor: Actor, case: Case, code: str) -> None:
    """Opinions before they are gathered, an agreement before it is agreed, a review before the end."""
    if code == "gather" and not case.opinions.exists():
        raise Refused("还没有登记职工意见，请先登记。")
    if code == "agree" and not hasattr(case, "settlement"):
        raise Refused("请先登记协议。")
    if code == "close" and not case.incident.review:
        raise Refused("请先写复盘结论。")


def facts(case: Case) -> list[tuple[str, str]]:
    incident, scheme = case.incident, scheme_of(case)
    assert isinstance(scheme, IncidentScheme)
    found = [("等级", scheme.grade_label(case.grade) or "未分级"), ("地点", incident.place or "未填")]
    if incident.origin == incident.Origin.CLUSTER:
        found.append(("来源", f"{incident.cluster_cases} 件案件、{incident.cluster_headcount} 人集中"))
    return found


INCIDENT = kinds.Kind(
    code="incident",
    title="群体性事件",
    prefix="SJ",
    scheme=IncidentScheme,
    view="cases.incidents",
    handle="cases.incidents_handle",
    facts=facts,
    desk_moves=frozenset({"verify", "arrive", "gather", "resume", "assess", "dismiss"}),
    guards=(guard,),
    template="cases/incidents/panel.html",
)
kinds.register(INCIDENT)
CALCULATORS = (_rules.grade_code, _rules.cluster_raises)
