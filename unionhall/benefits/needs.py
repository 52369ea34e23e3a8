"""What a need is met by: services of the catalogue and benefits offered in a place; and what nobody offers."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Q

from unionhall.organisations.paths import above

from . import entitlements
from .models import NeedsRound, Service
from .models.member_services import ServiceQuerySet

_WHY = "the catalogue is offered to every worker; counting what meets a need"


@dataclass(frozen=True)
class Asked:
    """A choice of a round as it was asked."""

    code: str
    title: str
    group: str
    services: tuple[str, ...]
    words: tuple[str, ...]
    benefits: tuple[str, ...]

    def meets(self) -> Q | None:
        """The condition on services; None where services cannot meet it."""
        if not self.services and not self.words:
            return None
        found = Q(category__in=self.services) if self.services else Q()
        named = Q()
        for word in self.words:
            named |= Q(title__icontains=word)
        return found & named

    def fits(self, service: Service) -> bool:
        """The same of one service in hand."""
        if not self.services and not self.words:
            return False
        if self.services and service.category not in self.services:
            return False
        return not self.words or any(word in service.title for word in self.words)


def asked(round_: NeedsRound) -> list[Asked]:
    """All choices of a round, in order."""
    return [
        Asked(
            one["code"], one["title"], group["title"], tuple(one["services"]), tuple(one["words"]),
            tuple(one["benefits"]),
        )
        for group in round_.choices
        for one in group["choices"]
    ]  # fmt: skip


@dataclass(frozen=True)
class Met:
    """What meets a need: services and benefits in force."""

    services: list[Service]
    more: int
    benefits: list[str]

    @property
    def by_nobody(self) -> bool:
        return not self.services and not self.benefits


def offered_in(path: str, second_path: str, on: date) -> ServiceQuerySet:
    """Services that members of a union may take on a day: of the unions above it and its own."""
    rows: ServiceQuerySet = Service.objects.everywhere(reason=_WHY).offered_on(on)
    paths = [one for root in (path, second_path) if root for one in (*above(root), root)]
    return rows.filter(merchant__organisation__path__in=paths)


def met(choices: list[Asked], rows: Any, division: str, on: date, *, most: int = 3) -> dict[str, Met]:
    """By code: what meets each choice; one statement for all services, none for benefits."""
    offered = list(rows.select_related("merchant").order_by("-rating_count", "pk"))
    titles = {version.programme: version.title for _, version in entitlements.versions_for(division, on)}
    found = {}
    for one in choices:
        services = [service for service in offered if one.fits(service)]
        benefits = [code for code in one.benefits if code in titles]
        found[one.code] = Met(services[:most], max(0, len(services) - most), benefits)
    return found


def benefit_titles(division: str, on: date) -> dict[str, str]:
    return {version.programme: version.title for _, version in entitlements.versions_for(division, on)}
