"""/desk/figures/employers/: the employers that a union and those below it cover, behind two of the figures."""

from typing import Any

from django.db.models import Sum

from unionhall.foundation.scope import ScopedQuerySet
from unionhall.foundation.views import List
from unionhall.organisations.models import Coverage
from unionhall.organisations.subtrees import Subtree

from .dashboard import OfUnion


class Employers(OfUnion, List):
    """Coverages in force on the day."""

    model = Coverage
    template_name = "insights/employers.html"
    ordering = "pk"

    def filtered(self) -> ScopedQuerySet[Any]:
        rows = self.get_queryset().filter(Subtree(self.organisation, self.day).q("organisation"))
        rows = rows.filter(period__contains=self.shown_day)
        return rows.select_related("employer", "organisation")

    def context(self) -> dict[str, Any]:
        employees = self.filtered().aggregate(total=Sum("employer__employees", default=0))["total"]
        return super().context() | {"employees": employees, "part": self.organisation.name}
