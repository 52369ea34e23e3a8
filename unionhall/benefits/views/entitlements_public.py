"""办事指南: every benefit as anybody may read it, without signing in."""

from typing import Any

from django.http import Http404
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode

from unionhall.foundation.permissions import EVERYONE
from unionhall.foundation.views import Page
from unionhall.rulebook.presenting import area_name

from .. import amounts, entitlements
from ..guide import areas, by_category, guide
from ..offering import offering_of, offerings


class Services(Page):
    """/services/: benefits by heading, those of this federation and of its parts."""

    permission = EVERYONE
    template_name = "benefits/services.html"

    def context(self) -> dict[str, Any]:
        today, place = timezone.localdate(), entitlements.home()
        rows = []
        for one in offerings():
            versions = areas(one.programme, place, today)
            if versions:
                row = {
                    "title": versions[0].title,
                    "summary": versions[0].parameters.summary,
                    "amount": amounts.amount_of(versions[0].parameters),
                    "icon": one.icon,
                    "url": reverse("public_service", args=[one.programme]),
                    "area": "" if place.startswith(versions[0].jurisdiction) else _areas(versions),
                }
                rows.append((one, row))
        return {"groups": by_category(rows)}


class Service(Page):
    """/services/<programme>/: one benefit in general; `?area=` another part of the federation."""

    permission = EVERYONE
    template_name = "benefits/service.html"

    def context(self) -> dict[str, Any]:
        offering = offering_of(self.kwargs["programme"])
        today, place = timezone.localdate(), entitlements.home()
        versions = areas(self.kwargs["programme"], place, today)
        if offering is None or not versions:
            raise Http404
        wanted = self.request.GET.get("area", versions[0].jurisdiction)
        version = next((one for one in versions if one.jurisdiction == wanted), None)
        if version is None:
            raise Http404
        tabs = [
            {
                "label": area_name(one.jurisdiction),
                "url": f"?{urlencode({'area': one.jurisdiction})}",
                "current": one is version,
            }
            for one in versions
        ]
        return {"guide": guide(offering, version), "tabs": tabs if len(tabs) > 1 else []}


def _areas(versions: list[Any]) -> str:
    return "、".join(area_name(one.jurisdiction) for one in versions)
