"""Links between rooms of one floor, which do not see each other: made here, loaded when Django is ready.

Each room leaves places (offers, panels, registries); what stands in them is said here and nowhere else.
"""

from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.http import urlencode

from unionhall.benefits.indicators.relief import unhelped
from unionhall.benefits.models import HardshipFile
from unionhall.foundation.offers import Offer, offer
from unionhall.foundation.panels import Panel, panel
from unionhall.network.models import GridItem
from unionhall.outreach.models import VisitItem
from unionhall.outreach.triggers import register as register_sources

from .visit_sources import SOURCES

# What happens elsewhere makes a union visit.
register_sources(*SOURCES)


# Named helpers of workers in difficulty stand in their relief files; beside the firms' helpers they are counted.
@panel("outreach.helpers")
def helpers_of_workers(request: HttpRequest, subject: Any, day: Any) -> Panel | None:
    access = request.access  # type: ignore[attr-defined]
    if not access.prefixes("benefits.relief"):
        return None
    rows = HardshipFile.objects.visible_to(access).in_force()
    count, without = rows.count(), rows.filter(unhelped()).count()
    here = reverse("desk_relief")
    tiles = [
        {"label": "在册困难职工", "value": count, "unit": "户", "url": f"{here}?stage=in_force"},
        {
            "label": "没有帮扶责任人", "value": without, "unit": "户", "url": f"{here}?due=helper",
            "hot": bool(without),
        },
    ]  # fmt: skip
    return Panel("portal/helpers.html", {"tiles": tiles})


@offer("outreach.contacts")
def own_relief_files(request: HttpRequest, subject: Any) -> list[Offer]:
    """Families for which the reader answers by a relief file."""
    if not request.access.prefixes("benefits.relief"):  # type: ignore[attr-defined]
        return []
    return [Offer("我帮扶的困难职工", f"{reverse('desk_relief')}?due=mine", "heart")]


# A problem that a visit found goes on as something else, filled in; its owner notes the number and still answers.
@offer("visit_item.detail")
def hand_over(request: HttpRequest, item: VisitItem) -> list[Offer]:
    access = request.access  # type: ignore[attr-defined]
    said, found = urlencode({"statement": f"{item.number} {item.title}"}), []
    if access.prefixes("cases.open"):
        found.append(Offer("立为诉求", f"{reverse('desk_appeal_new')}?{said}", "messages"))
        found.append(Offer("立为劳动争议", f"{reverse('desk_dispute_new')}?{said}", "scale"))
    if access.prefixes("network.grid_handle"):
        found.append(
            Offer(
                "报网格事项", f"{reverse('desk_grid_report')}?{urlencode({'found': item.title})}", "grid-dots"
            )
        )
    if item.category == "hardship":
        found.append(Offer("困难帮扶指南", reverse("public_service", args=["hardship_relief"]), "heart"))
    return found


# A member's page leads to a visit at home.
@offer("membership.detail")
def visit_at_home(request: HttpRequest, membership: Any) -> list[Offer]:
    actor = request.actor  # type: ignore[attr-defined]
    if not actor.may("outreach.visit", *membership.organisation.paths):
        return []
    return [Offer("登记走访", f"{reverse('desk_visit_new')}?person={membership.person_id}", "map-pin")]


# An item of the grid becomes a case or a visit; whoever has it notes the number there (记下转出) and still answers.
@offer("grid.item")
def beyond_the_grid(request: HttpRequest, item: GridItem) -> list[Offer]:
    access = request.access  # type: ignore[attr-defined]
    if item.closed_at is not None:
        return []
    said, found = urlencode({"statement": f"{item.number} {item.found}"[:500]}), []
    if access.prefixes("cases.open"):
        found.append(Offer("立为诉求", f"{reverse('desk_appeal_new')}?{said}", "messages"))
        found.append(Offer("立为劳动争议", f"{reverse('desk_dispute_new')}?{said}", "scale"))
    if access.prefixes("outreach.visit"):
        found.append(Offer("登记走访", reverse("desk_visit_new"), "map-pin"))
    return found
