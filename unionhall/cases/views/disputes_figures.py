"""Figures of disputes: by mediation body, by partner, by area; each leads to its cases."""

from __future__ import annotations

from typing import Any

from unionhall.foundation.views import Page
from unionhall.organisations.models import Division

from ..indicators import disputes as figures
from .disputes_desk import VIEW, tabs


class Figures(Page):
    """/desk/disputes/figures/."""

    permission = VIEW
    template_name = "cases/disputes/figures.html"

    def context(self) -> dict[str, Any]:
        bodies, areas = figures.by_body(self.access), figures.by_area(self.access)
        names = dict(
            Division.objects.filter(code__in=[row["area"] for row in areas]).values_list("code", "name")
        )
        done = sum(row["agreed"] + row["failed"] for row in bodies)
        agreed = sum(row["agreed"] for row in bodies)
        rate = figures.share(agreed, done)
        recovered = sum(row["recovered"] for row in areas)
        rated, mean = figures.satisfaction(self.access)
        return {
            "tabs": tabs("desk_dispute_figures", self.access),
            "bodies": bodies,
            "partners": figures.by_partner(self.access),
            "areas": [row | {"name": names.get(row["area"], row["area"] or "没有填写")} for row in areas],
            "tiles": [
                {"label": "受理登记", "value": sum(row["cases"] for row in areas), "unit": "件"},
                {"label": "未结", "value": sum(row["open"] for row in areas), "unit": "件"},
                {"label": "调解成功率", "value": f"{rate:.0%}" if rate is not None else "—", "unit": ""},
                {
                    "label": "职工评价",
                    "value": f"{mean:.1f}" if mean else "—",
                    "unit": f"分（{rated} 人评价）",
                },
                {"label": "为职工追回", "value": f"{recovered:,.0f}", "unit": "元"},
            ],
        }
