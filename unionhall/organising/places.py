"""Where a worker can join: the union that covers an employer, or a local union that takes in individuals."""

from collections.abc import Sequence

from django.utils import timezone

from unionhall.organisations.kinds import Status
from unionhall.organisations.models import Coverage, Division, Employer, Organisation

_WHY = "names of unions that a worker can join are public"
SHOWN = 20
FEW = 30


def employers_named(text: str) -> list[tuple[Employer, Organisation | None]]:
    """Employers by part of the name, each with the union that covers it today."""
    found = list(Employer.objects.named(text.strip()).order_by("name")[:SHOWN])
    unions = covering([employer.pk for employer in found])
    return [(employer, unions.get(employer.pk)) for employer in found]


def unions_named(text: str) -> list[Organisation]:
    """Unions with members whose name, or whose covered employer's name, holds the text."""
    employers = [union for _, union in employers_named(text) if union is not None]
    rows = Organisation.objects.everywhere(reason=_WHY).filter(status=Status.ACTIVE)
    named = [union for union in rows.named(text.strip()).order_by("name")[:SHOWN] if union.has_members]
    return list({union.pk: union for union in [*employers, *named]}.values())[:SHOWN]


def covering(employer_ids: Sequence[int]) -> dict[int, Organisation]:
    """The union that covers each employer today, where one does and takes members."""
    rows = Coverage.objects.everywhere(reason=_WHY).filter(
        employer__in=employer_ids,
        period__contains=timezone.localdate(),
        organisation__status__in=[Status.ACTIVE, Status.SUSPENDED],
    )
    return {
        row.employer_id: row.organisation
        for row in rows.select_related("organisation")
        if row.organisation.has_members
    }


def prefix_of(division: str) -> str:
    """The part of a division code that its parts share: 420000 → 42, 420100 → 4201, 420103 → 420103."""
    while len(division) > 2 and len(division) % 2 == 0 and division.endswith("00"):
        division = division[:-2]
    return division


def local_unions(division: str) -> list[Organisation]:
    """Unions in a division that take in workers whose employer has none; at most FEW."""
    rows = Organisation.objects.everywhere(reason=_WHY).filter(
        accepts_individuals=True, status=Status.ACTIVE, division__startswith=prefix_of(division)
    )
    return [union for union in rows.order_by("division", "path")[:FEW] if union.has_members]


def nearest_place(division: str) -> str:
    """The smallest place around a division in which some union takes in individuals; "" for none."""
    code = division
    while code and not local_unions(code):
        row = Division.objects.filter(pk=code).first()
        code = row.parent_code if row is not None else prefix_of(code)[: -3 if len(code) == 9 else -2]
    return code


def accepting_within(division: str) -> list[Division]:
    """The divisions directly below one ("" is the nation) in which some union takes in individuals."""
    places = set(
        Organisation.objects.everywhere(reason=_WHY)
        .filter(accepts_individuals=True, status=Status.ACTIVE)
        .values_list("division", flat=True)
    )
    below = Division.objects.filter(parent_code=division).order_by("code")
    return [child for child in below if any(place.startswith(prefix_of(child.code)) for place in places)]


def chain_of(division: str) -> list[Division]:
    """A division and those above it, the province first."""
    found: list[Division] = []
    code = division
    while code and len(found) < 5:
        row = Division.objects.filter(pk=code).first()
        if row is None:
            break
        found.insert(0, row)
        code = row.parent_code
    return found
