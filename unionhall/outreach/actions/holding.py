"""What every verb shares: the scheme in force, words that are asked for, targets."""

from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

from unionhall import rulebook
from unionhall.foundation.actors import Actor
from unionhall.foundation.errors import Refused
from unionhall.kit.masking import hide_numbers
from unionhall.members.models import Person
from unionhall.organisations.models import Employer, Organisation
from unionhall.records.actions import journal
from unionhall.rulebook import Version

from ..models import Visit
from ..schemes import OutreachScheme

WHY = "a verb of visits asks who acts by itself, after locking the row"


def scheme_of(organisation: Organisation) -> Version[OutreachScheme]:
    """The version in force today where a union stands."""
    return rulebook.scheme(OutreachScheme, on=timezone.localdate(), division=organisation.division)


def words(text: str, field: str, missing: str, limit: int = 500) -> str:
    """Free text without personal numbers. Raises Refused when there is none."""
    kept = hide_numbers(text.strip())[:limit]
    if not kept:
        raise Refused(missing, field=field)
    return kept


@transaction.atomic
def tell_shown(actor: Actor, *, visit: Visit, count: int) -> None:
    """Codes of a visit's slips were shown to a cadre: who had them in hand stands in the journal."""
    actor.require("outreach.visit", *visit.organisation.paths)
    journal(
        actor, "outreach.slips_shown", subject=visit, label=str(visit), paths=visit.organisation.paths,
        detail={"visit": visit.pk, "slips": count},
    )  # fmt: skip


@dataclass(frozen=True)
class Target:
    """A firm, a family or a union: exactly one of them."""

    employer: Employer | None = None
    person: Person | None = None
    union: Organisation | None = None

    def __post_init__(self) -> None:
        if sum(one is not None for one in (self.employer, self.person, self.union)) != 1:
            raise ValueError("a target is one firm, one family or one union")

    @property
    def fields(self) -> dict[str, object]:
        return {"employer": self.employer, "person": self.person, "union": self.union}

    def hold(self) -> None:
        """Whoever names a helper of the same firm or family waits here, and then finds the one named just now."""
        if self.employer is not None:
            Employer.objects.select_for_update(no_key=True).get(pk=self.employer.pk)
        if self.person is not None:
            people = Person.objects.everywhere(reason=WHY).select_for_update(no_key=True)
            people.get(pk=self.person.pk)

    @property
    def label(self) -> str:
        """Without the family's full name."""
        if self.person is not None:
            return self.person.masked_name
        return (self.employer or self.union).name  # type: ignore[union-attr]
