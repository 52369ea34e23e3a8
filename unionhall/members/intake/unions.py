"""Which union a row belongs to: by name, short name or code, within the subtree for which the roster was sent in."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property

from django.db.models import Q

from unionhall.kit.masking import hide_numbers
from unionhall.kit.text import one_line
from unionhall.organisations.kinds import Status
from unionhall.organisations.models import Organisation

from ..models import RosterBatch, RosterRow

__all__ = ["Answer", "Unions", "gone_since"]

_ENDED = (Status.DISSOLVED, Status.MERGED, Status.PREPARING)


@dataclass(frozen=True, slots=True)
class Answer:
    """The union's key, or why there is none."""

    pk: int | None = None
    message: str = ""


class Unions:
    """The unions a roster may name. Each distinct text is looked up once; no query per row."""

    def __init__(self, organisation: Organisation) -> None:
        self.organisation = organisation
        #: Called before the database is asked, by whoever uses the same connection meanwhile.
        self.before_asking: Callable[[], None] = lambda: None
        self._known: dict[str, Answer] = {}

    @cached_property
    def default(self) -> Answer:
        """The union of rows that name none."""
        if self.organisation.status in _ENDED:
            return Answer(message=_ended(self.organisation))
        if not self.organisation.has_members:
            return Answer(
                message=f"“{self.organisation.name}”不直接登记会员。请在“所在工会”一列写明每人所在的基层工会。"
            )
        return Answer(self.organisation.pk)

    def find(self, texts: Iterable[str]) -> dict[str, Answer]:
        """An answer for every text."""
        wanted = list(texts)
        fresh = {text: one_line(text) for text in wanted if text not in self._known}
        if fresh:
            self.before_asking()
            self._look_up(fresh)
        return {text: self._known[text] for text in wanted}

    def _look_up(self, fresh: dict[str, str]) -> None:
        keys = set(fresh.values())
        rows = Organisation.objects.everywhere(
            reason="a union named in a roster is compared with the subtree; only its name is told, which is public"
        )
        named: dict[str, list[Organisation]] = {}
        matching = Q(name__in=keys) | Q(short_name__in=keys) | Q(code__in=keys)
        for found in rows.filter(matching):
            for key in {found.name, found.short_name, found.code} & keys:
                named.setdefault(key, []).append(found)
        for text, key in fresh.items():
            self._known[text] = self._answer(key, named.get(key, []))

    def _answer(self, key: str, found: list[Organisation]) -> Answer:
        if not found:
            return Answer(message=f"没有找到“{hide_numbers(key)[:40]}”这个工会。请核对名称，或填写组织代码。")
        prefixes = self.organisation.paths
        inside = [one for one in found if any(path.startswith(prefixes) for path in one.paths)]
        if not inside:
            return Answer(message=_elsewhere(hide_numbers(key)[:40], self.organisation))
        standing = [one for one in inside if one.status not in _ENDED]
        if not standing:
            return Answer(message=_ended(inside[0]))
        if len(standing) > 1:
            codes = "、".join(one.code for one in standing[:3])
            return Answer(
                message=f"有 {len(standing)} 个工会都叫“{hide_numbers(key)[:40]}”。请改填组织代码，例如 {codes}。"
            )
        if not standing[0].has_members:
            return Answer(message=f"“{hide_numbers(key)[:40]}”不直接登记会员。请填写会员所在的基层工会。")
        return Answer(standing[0].pk)


def gone_since(batch: RosterBatch) -> dict[int, str]:
    """Unions that new members of a checked batch were to stand in and cannot any more: key → why.

    A checked batch waits for months; meanwhile a union may end, or go to another place than the roster was sent in for.
    """
    own = batch.organisation
    inside = Q(pk__in=[])
    for prefix in own.paths:
        inside |= Q(path__startswith=prefix) | Q(second_path__startswith=prefix)
    staged = RosterRow.objects.everywhere(reason="the rows of this very batch")
    named = staged.filter(batch=batch, outcome=RosterRow.Outcome.NEW).values("organisation_id").distinct()
    rows = Organisation.objects.everywhere(reason="unions that this batch itself names")
    gone = rows.filter(Q(status__in=_ENDED) | ~inside, pk__in=named)
    return {one.pk: _ended(one) if one.status in _ENDED else _elsewhere(one.name, own) for one in gone}


def _elsewhere(name: str, union: Organisation) -> str:
    return f"“{name}”不在“{union.name}”的范围内，不能由您导入。请交给该工会或其上级导入。"


def _ended(union: Organisation) -> str:
    return f"“{union.name}”当前状态是“{union.get_status_display()}”，不能登记会员。"
