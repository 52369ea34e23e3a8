"""普惠保障 at the desk: how many qualify, were told, asked and were paid, in the reader's own scope."""

from dataclasses import dataclass
from typing import Any

from django import forms
from django.db.models import F, Max, Q
from django.urls import resolve, reverse_lazy
from django.utils import timezone

from unionhall.foundation.scope import Access
from unionhall.foundation.views import Create, Page
from unionhall.indicators import registry
from unionhall.rulebook.programmes import programme_of

from .. import entitlements
from ..guide import areas, by_category
from ..models import Reach
from ..offering import Offering, offerings
from ..rules.entitlements import shown
from ..tasks.entitlements import tell

FIGURES = ("qualifying", "told", "applied", "paid")
CODES = tuple(f"benefits.{name}" for name in FIGURES)
RECORDS = "members.view"


@dataclass(frozen=True)
class _Scope:
    """Everything that the reader may see, today: the `where` of figures."""

    access: Access
    day: None = None

    def q(self, to: str = "", *, copied: bool = False) -> Q:
        return Q()


@dataclass(frozen=True)
class _Eyes:
    """The reader's, for figures: who may see how far benefits reach sees the figures of it."""

    access: Access

    @property
    def account_id(self) -> int | None:
        return self.access.account_id

    def prefixes(self, permission: str) -> tuple[str, ...]:
        return self.access.prefixes("benefits.view")


class Overview(Page):
    """/desk/benefits/: each programme with its figures, leading to its own desk."""

    permission = "benefits.view"
    template_name = "benefits/overview.html"

    def context(self) -> dict[str, Any]:
        today = timezone.localdate()
        place = entitlements.home()
        held = {one.programme: areas(one.programme, place, today) for one in offerings()}
        counted = registry.tally(CODES, _Scope(_Eyes(self.access)), lambda rows, one: (rows, F("programme")))
        smallest = self._smallest(today)
        at = Reach.objects.visible_to(self.access).aggregate(at=Max("counted_at"))["at"]
        rows = [
            (
                one,
                self._row(one, held[one.programme], counted.get(one.programme, {}) if at else None, smallest),
            )
            for one in offerings()
            if held[one.programme]
        ]
        return {
            "groups": by_category(rows),
            "counted_at": at,
            "smallest": smallest,
            "may_tell": self.actor.may("benefits.tell", entitlements.top()),
            "definitions": [registry.get(code) for code in CODES],
        }

    def _smallest(self, today: Any) -> int:
        """Below which numbers are withheld; 0 for who may read the members of his whole scope anyway."""
        reading = self.access.prefixes(RECORDS)
        if all(one.startswith(reading) for one in self.access.prefixes("benefits.view")):
            return 0
        return entitlements.settings_for(entitlements.home(), today).smallest_cell

    def _row(
        self, one: Offering, versions: list[Any], counts: dict[str, int] | None, smallest: int
    ) -> dict[str, Any]:
        known = programme_of(one.programme)
        return {
            "title": known.title if known is not None else one.programme,
            "areas": len(versions),
            "assumed": any(version.status == "assumed" for version in versions),
            "figures": [None if counts is None else shown(counts.get(code, 0), smallest) for code in CODES],
            "desk_url": one.desk_url if self._may(one.desk_url) else "",
            "programme": one.programme,
        }

    def _may(self, url: str) -> bool:
        """Whether the reader may open the noun's desk page."""
        if not url:
            return False
        permission: str = resolve(url).func.view_class.permission  # type: ignore[attr-defined]
        return "." not in permission or bool(self.access.prefixes(permission))


class TellNow(Create):
    """Look at everyone again now, as each night: after a scheme, or facts of many, changed."""

    permission = "benefits.tell"
    form_class = forms.Form
    template_name = "benefits/tell.html"
    success_message = "已开始：先告知新符合条件的职工，再统计惠及情况，完成后本页更新。"
    success_url = reverse_lazy("desk_benefits")

    def act(self, form: Any) -> None:
        self.actor.require("benefits.tell", entitlements.top())
        tell.defer(after=0)
