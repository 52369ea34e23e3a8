"""我能享受: everything judged for the reader, and one benefit with his own reasons."""

from functools import cached_property
from typing import Any

from django.http import Http404
from django.urls import reverse
from django.utils import timezone

from unionhall.foundation.views import Page
from unionhall.members.views.own import Own

from .. import entitlements
from ..entitlements import Entitlement
from ..guide import guide, taken_from_register
from ..rules.entitlements import Gap, Group

#: Reasons said in a list; the benefit's own page has them all.
REASONS = 2
#: So many benefits that lack the very same thing are said in one breath.
ALIKE = 3
#: The reason that a version is for the unions of another place.
AREA = "area"


class _Mine(Own, Page):
    """Pages over the reader's own benefits. Who is in no union is judged by the federation's own place."""

    @cached_property
    def division(self) -> str:
        return self.membership.organisation.division if self.membership else entitlements.home()

    def judged(self) -> list[Entitlement]:
        today = timezone.localdate()
        found = entitlements.judged(self.person.pk, self.division, today)
        return entitlements.with_uses(found, self.person.pk, today)


class MyBenefits(_Mine):
    """/m/benefits/: what I can get now and why, what I have, what I lack, what joining would open."""

    needs_person = False
    template_name = "benefits/my_benefits.html"

    def context(self) -> dict[str, Any]:
        groups: dict[str, list[dict[str, Any]]] = {one.value: [] for one in Group}
        if self.known is None:
            return {"groups": groups, "general": self._general()}
        for one in self.judged():
            groups[one.group.value].append(item(one))
        near, alike = apart(groups[Group.NEAR.value])
        return {
            "groups": groups,
            "near": near,
            "alike": alike,
            "member": self.membership is not None,
            "any": any(groups.values()),
        }

    def _general(self) -> list[dict[str, str]]:
        """For who has not said who he is: what there is, without a word on himself."""
        offered = entitlements.versions_for(self.division, timezone.localdate())
        return [
            {"title": version.title, "url": reverse("public_service", args=[one.programme])}
            for one, version in offered
        ]


class MyBenefit(_Mine):
    """/m/benefits/<programme>/: what it is, whether I qualify and why, how much, how, on whose authority."""

    template_name = "benefits/my_benefit.html"

    def context(self) -> dict[str, Any]:
        today = timezone.localdate()
        wanted = self.kwargs["programme"]
        found = entitlements.judged(self.person.pk, self.division, today, only=wanted)
        if not found:
            raise Http404
        (one,) = entitlements.with_uses(found, self.person.pk, today)
        return {
            "guide": guide(one.offering, one.version),
            "one": item(one),
            "reasons": [{"met": reason.met, "text": reason.text} for reason in one.verdict.reasons],
            "missing": missing(one),
            "joining": one.group is not Group.ASKING and self.membership is None and Gap.JOINING in one.gaps,
            "taken": taken_from_register(one.version, one.values),
        }


def item(one: Entitlement) -> dict[str, Any]:
    """A benefit in a list."""
    met = [reason.text for reason in one.verdict.reasons if reason.met]
    return {
        "programme": one.offering.programme,
        "title": one.version.title,
        "icon": one.offering.icon,
        "summary": one.version.parameters.summary,
        "amount": one.amount,
        "group": one.group.value,
        "met": one.verdict.met,
        "why": "；".join(met[:REASONS]) + ("等" if len(met) > REASONS else ""),
        "missing": missing(one),
        "waiting": bool(one.gaps) and all(gap is Gap.WAITING for gap in one.gaps),
        "uses": one.uses,
        "apply_url": one.offering.apply_url,
        "automatic": one.offering.automatic,
    }


def apart(rows: list[dict[str, Any]]) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Benefits that lack something of their own, and those of which several lack the very same."""
    by_gap: dict[tuple[str, ...], list[dict[str, Any]]] = {}
    for row in rows:
        by_gap.setdefault(tuple(row["missing"]), []).append(row)
    several = {gap: found for gap, found in by_gap.items() if len(found) >= ALIKE}
    own = [row for row in rows if tuple(row["missing"]) not in several]
    return own, [{"missing": gap, "rows": found} for gap, found in several.items()]


def missing(one: Entitlement) -> list[str]:
    """What would be needed, each thing once. Who may ask without a union chooses one when he applies."""
    unmet = one.verdict.unmet
    if one.group is Group.ASKING:
        unmet = tuple(reason for reason in unmet if reason.condition != AREA)
    return list(dict.fromkeys(reason.missing or reason.text for reason in unmet))
