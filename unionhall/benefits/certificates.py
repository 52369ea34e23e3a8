"""Looking a certificate up: the registry's interface, and the local table that stands behind it here.

Elsewhere a federation puts its own answer in place (`use`): a call to the national registry's gateway, say.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date

from django.db import transaction

from unionhall.foundation.actors import Actor
from unionhall.foundation.sealing import identity_index
from unionhall.kit.text import strip_blanks
from unionhall.members.models import Person
from unionhall.records.actions import journal

from .models import Certificate

WHY = "a certificate is looked up by its number or by its holder's own document"


@dataclass(frozen=True)
class Listed:
    """A certificate as a registry gives it: whole numbers, level 1 (the highest) to 5."""

    number: str
    holder: str
    id_number: str
    occupation: str
    level: str
    issuer: str
    issued_on: date
    id_type: str = "01"


def _local(number: str) -> Certificate | None:
    return Certificate.objects.everywhere(reason=WHY).filter(number=number).first()


#: Numbers of contests' results begin so: they stand in the local table alone.
OF_CONTESTS = "竞赛"
_registry: list[Callable[[str], Certificate | None]] = [_local]


def use(registry: Callable[[str], Certificate | None]) -> None:
    """Another registry answers from now on; None for a number that it does not know."""
    _registry[0] = registry


def find(number: str) -> Certificate | None:
    """The certificate with this number, spaces and small letters forgiven."""
    clean = strip_blanks(number).upper()
    return _local(clean) if clean.startswith(OF_CONTESTS) else _registry[0](clean)


def is_held_by(certificate: Certificate, person: Person) -> bool:
    """By document and name, both."""
    return certificate.id_index == person.id_index and certificate.holder == person.name


def held_by(person: Person) -> list[Certificate]:
    """Those that the registry holds of a person, newest first: he need not type a number."""
    rows = Certificate.objects.everywhere(reason=WHY).filter(id_index=person.id_index, holder=person.name)
    return list(rows.order_by("-issued_on", "-pk"))


@transaction.atomic
def register(actor: Actor, *, listed: Iterable[Listed]) -> int:
    """Enter certificates into the local table, tied to persons of the register; known numbers stay as they are.

    Answers how many are new. Who may now qualify for something is told.
    """
    from .entitlements import reconsider

    by_number = {strip_blanks(one.number).upper(): one for one in listed}
    known = Certificate.objects.everywhere(reason=WHY).filter(number__in=by_number)
    for number in list(known.values_list("number", flat=True)):
        del by_number[number]
    indexes = {number: identity_index(one.id_type, one.id_number) for number, one in by_number.items()}
    people = Person.objects.everywhere(reason=WHY).filter(id_index__in=set(indexes.values()))
    by_index = {bytes(index): pk for index, pk in people.values_list("id_index", "pk")}
    fresh = [
        Certificate(
            number=number,
            holder=one.holder,
            id_type=one.id_type,
            id_number=one.id_number,
            id_index=indexes[number],
            person_id=by_index.get(bytes(indexes[number])),
            occupation=one.occupation,
            level=one.level,
            issuer=one.issuer,
            issued_on=one.issued_on,
        )
        for number, one in by_number.items()
    ]
    Certificate.objects.bulk_create(fresh)
    touched = {row.person_id for row in fresh if row.person_id is not None}
    _mark_best(touched)
    journal(actor, "benefits.certificates_registered", label=f"{len(fresh)} 本", detail={"new": len(fresh)})
    reconsider(touched)
    return len(fresh)


def _mark_best(person_ids: set[int]) -> None:
    """Of each person the newest of the highest level."""
    rows = Certificate.objects.everywhere(reason=WHY).filter(person__in=person_ids)
    best = rows.order_by("person_id", "level", "-issued_on", "-pk").distinct("person_id")
    keys = list(best.values_list("pk", flat=True))
    rows.filter(is_best=True).exclude(pk__in=keys).update(is_best=False)
    Certificate.objects.everywhere(reason=WHY).filter(pk__in=keys).update(is_best=True)
