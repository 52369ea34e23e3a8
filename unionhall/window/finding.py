"""Finding whoever stands at the counter: by document, phone, member or card number, a scanned code, or name and place.

A whole number finds him anywhere in the federation (he came with it; looked up numbers are counted and journalled);
a name only among those whom the clerk may see.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.core import signing
from django.db.models import Q

from unionhall.access import lookups
from unionhall.foundation.actors import Actor
from unionhall.foundation.errors import Refused
from unionhall.members import cards
from unionhall.members.finding import find, listing, read_number
from unionhall.members.models import Membership, Person
from unionhall.members.views.register import newest
from unionhall.organisations.models import Division
from unionhall.organising.places import prefix_of
from unionhall.records.actions import journal

from .models import Reception

_WHY = "somebody at the counter, found by a whole number that he brought"
SALT, LIFE = "window.candidate", 30 * 60
SHOWN = 12


@dataclass(frozen=True)
class Candidate:
    """One who may be meant. `token` receives him: sealed for this account, for half an hour."""

    person: Person
    name: str
    note: str
    token: str


@dataclass(frozen=True)
class Found:
    """What a search came to: those who may be meant; `number`: a document that nobody has yet, to be registered."""

    people: tuple[Candidate, ...] = ()
    by: str = Reception.Found.NUMBER
    number: str = ""
    more: bool = False


def search(actor: Actor, text: str) -> Found:
    """Raises Refused when nothing is typed, the code does not hold, or too many numbers were looked up."""
    text = text.strip()
    if not text:
        raise Refused("请输入证件号、手机号、会员号，扫会员码，或者姓名加地名。", field="q")
    if "verify/" in text or (len(text) > 60 and text.isalnum()):
        return _by_code(actor, text)
    number = read_number(text)
    if number is None:
        if sum(char.isdigit() for char in text) >= 7:
            raise Refused(
                "没有认出这个号码。请核对：证件号、11 位手机号、12 位会员号或 16 位会员卡号。", field="q"
            )
        return _by_name(actor, text)
    if said := lookups.refusal(actor):
        raise Refused(said)
    rows = (
        Person.objects.everywhere(reason=_WHY).filter(number.condition(prefix="")).order_by("pk")[: SHOWN + 1]
    )
    found = list(rows)
    journal(actor, "members.find", detail={"by": number.kind, "found": len(found), "at": "window"})
    by = Reception.Found.DOCUMENT if number.kind == "证件号" else Reception.Found.NUMBER
    people = tuple(_candidate(actor, one, by) for one in found[:SHOWN])
    # A phone number may be a foreign document's as well, but whoever typed it meant the phone.
    fresh = text if not found and by == Reception.Found.DOCUMENT else ""
    return Found(people, by, fresh, len(found) > SHOWN)


def _by_code(actor: Actor, text: str) -> Found:
    if said := lookups.refusal(actor):
        raise Refused(said)
    check, person = cards.check_and_name(cards.token_in(text))
    journal(actor, "members.find", detail={"by": "会员码", "found": int(check.valid), "at": "window"})
    if not check.valid or person is None:
        raise Refused(f"{check.reason}可以改用证件号查找。", field="q")
    return Found((_candidate(actor, person, Reception.Found.CARD),), Reception.Found.CARD)


def _by_name(actor: Actor, text: str) -> Found:
    """`姓名` or `姓名 地名`: the place narrows to unions of divisions so named."""
    name, _, place = text.partition(" ")
    rows = listing(actor.access, {"q": name[:30]}).rows
    if place.strip():
        codes = Division.objects.filter(name__startswith=place.strip()[:20]).values_list("code", flat=True)[
            :20
        ]
        where = Q(pk__in=[])
        for code in codes:
            where |= Q(organisation__division__startswith=prefix_of(code))
        rows = rows.filter(where)
    found = newest(rows.order_by("-person_id"), SHOWN + 1, find(actor.access, {}))
    people = tuple(_candidate(actor, one.person, Reception.Found.NAME, one) for one in found[:SHOWN])
    return Found(people, Reception.Found.NAME, more=len(found) > SHOWN)


def _candidate(actor: Actor, person: Person, by: str, member: Membership | None = None) -> Candidate:
    note = f"{person.masked_id}" + (f" · {member.organisation.name}" if member is not None else "")
    token = signing.dumps([actor.account_id, person.pk, str(by)], salt=SALT, compress=True)
    # A name that was typed is known; a number found in a pocket shall not tell one.
    shown = person.name if member is not None else person.masked_name
    return Candidate(person, shown, note, token)


def opened(actor: Actor, token: str) -> tuple[Person, str]:
    """The person of a candidate's token and how he was found. Refused for another's token or an old one."""
    try:
        account, pk, by = signing.loads(token, salt=SALT, max_age=LIFE)
    except (signing.BadSignature, ValueError, TypeError):
        raise Refused("查找结果已失效，请重新查找。") from None
    person = Person.objects.everywhere(reason=_WHY).filter(pk=pk).first()
    if account != actor.account_id or person is None:
        raise Refused("查找结果已失效，请重新查找。")
    return person, by
