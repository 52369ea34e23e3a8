"""How far benefits reach: counted each night by union (models.Reach), summed over any subtree."""

from collections.abc import Iterator, Mapping
from typing import Any

from django.db.models import F, Sum

from unionhall.indicators.registry import Dimension, indicator
from unionhall.rulebook.programmes import programme_of

from ..models import Reach
from ..offering import offerings

FIGURES = "organisations.figures"


class _Programmes(Mapping[str, str]):
    """Code → title of the offered programmes; offered when Django is ready, so looked up when asked."""

    def __getitem__(self, code: str) -> str:
        found = programme_of(code)
        if found is None:
            raise KeyError(code)
        return found.title

    def __iter__(self) -> Iterator[str]:
        return (one.programme for one in offerings())

    def __len__(self) -> int:
        return len(offerings())


PROGRAMME = Dimension("programme", "项目", lambda where: F("programme"), _Programmes(), "programme")


def _reach(where: Any) -> Any:
    return Reach.objects.visible_to(where.access, to=FIGURES).filter(where.q("organisation"))


def _published(column: str, title: str, definition: str) -> None:
    indicator(
        f"benefits.{column}",
        title=title,
        unit="人次",
        definition=definition,
        measure=lambda condition: Sum(column, filter=condition),
        list_name="desk_benefits",
        dimensions=(PROGRAMME,),
        private="members.view",
    )(_reach)


_published("qualifying", "符合条件", "符合各项普惠待遇条件的会员，一人符合几项计几次；每晚统计")
_published("told", "已告知", "已主动告知可以享受的会员，一人一项计一次；每晚统计")
_published("applied", "已申请或享受", "本期已申请、正在办理或已享受的会员，一人一项计一次；每晚统计")
_published("paid", "已付款", "款项已付到账的会员，一人一项计一次；每晚统计")
