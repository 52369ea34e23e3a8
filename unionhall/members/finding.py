"""Finding members: the filters of the list as one query, and the token that stands for a searched number.

The list, its counts, batch actions and exports all come through `find`, so that they agree.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q
from django.utils import timezone

from unionhall.foundation.scope import Access
from unionhall.foundation.sealing import identity_index, phone_index, ring
from unionhall.foundation.wording import AtLeast
from unionhall.kit.codes import EDUCATION, EMPLOYMENT_FORM, EMPLOYMENT_STATUS, Sex
from unionhall.kit.identifiers import IdentifierError, check_document, normalise_phone
from unionhall.kit.sm import SealBroken
from unionhall.kit.text import strip_blanks
from unionhall.organisations.kinds import Kind
from unionhall.organisations.models import Organisation
from unionhall.organisations.subtrees import Subtree

from . import totals
from .documents import KINDS
from .indicators import age_q
from .models import Card, Employment, Membership
from .models.memberships import LEVELS, MembershipQuerySet
from .models.names import COUNTY, initials_q, walking, with_name
from .models.persons import name_q

PLATFORM_FORM = "5"
#: The value of a filter that asks for records in which nothing, or nothing known, is entered.
NOTHING_ENTERED = "none"
_EMPLOYED = {"status": EMPLOYMENT_STATUS.labels, "form": EMPLOYMENT_FORM.labels}
TOKEN_LIFE = timedelta(hours=12)
#: Rows of a list are counted up to here; a page must not wait for a count that nobody reads to the last digit.
COUNTED = 10_000
COUNTED_BY_NAME = 2_000
#: Up to here the parts of a total (standing, sex) are counted too: each person has to be looked at for that.
PARTS_BY_NAME = 100
#: A frequent name fills a page from the newest members in scope, so many are looked through before any index of names.
WALKED = 10_000
FREQUENT = 20


def find(access: Access, values: Mapping[str, Any], *, to: str = "members.view") -> MembershipQuerySet:
    """Memberships that the actor may see for the purpose `to`, as the cleaned values of MemberFilter ask."""
    return Search(access, values, to).rows()


@dataclass(frozen=True)
class Listing:
    """A list as it is shown: its rows, not yet ordered, and the counts above it."""

    rows: MembershipQuerySet
    counts: dict[str, int]


def listing(access: Access, values: Mapping[str, Any], *, to: str = "members.view") -> Listing:
    """Rows and counts of what `values` ask for.

    Everything in scope is counted ahead. A frequent name is met among the newest members often enough: the list is read
    in its order and the total is at least what was met. Others are looked up once: up to `COUNTED_BY_NAME` members are
    then known by their keys; of more, a page is soon full when the list is read in its order.
    """
    search = Search(access, values, to)
    rows = search.rows()
    if not values and (known := totals.known(access, access.prefixes(to))):
        return Listing(rows, known)
    if not values.get("q"):
        return Listing(rows, facets(rows, COUNTED))
    if (met := search.met_among_newest()) >= FREQUENT:
        return Listing(search.rows(often=True), {"total": AtLeast(met // 10 * 10)})
    # On any day a person has one membership at most: persons' keys stand in the indexes.
    keys = list(rows.order_by().values_list("person_id", flat=True)[: COUNTED_BY_NAME + 1])
    if len(keys) > COUNTED_BY_NAME:
        return Listing(search.rows(often=True), {"total": AtLeast(COUNTED_BY_NAME)})
    found = Membership.objects.everywhere(reason="these rows were found in scope by the statement before")
    found = found.as_of(values.get("on")).filter(person__among=keys)
    return Listing(found, _parts(found) if len(keys) <= PARTS_BY_NAME else {"total": len(keys)})


class Search:
    """What is asked of the register, and through whose eyes: the same question in the words of different indexes."""

    def __init__(self, access: Access, values: Mapping[str, Any], to: str) -> None:
        self.access, self.values, self.to = access, values, to
        self.day: date | None = values.get("on")
        self.text: str = (values.get("q") or "").strip()
        self.prefixes = access.prefixes(to)

    @cached_property
    def level(self) -> str:
        """The path of the city, county or street under which all of the scope stands; empty when there is none."""
        return Membership.objects.narrowing(self.prefixes)

    def rows(self, *, often: bool = False) -> MembershipQuerySet:
        """The memberships asked for. `often`: by a name known to be frequent, so that a page is found by reading the
        list itself."""
        if self.text and self.day is None and not often and not self._is_few:
            rows = self._named()
        elif self.text:
            rows = self._scope()
            rows = (
                walking(rows, self.text) if self.day is None else rows.filter(name_q(self.text, "person__"))
            )
        else:
            rows = self._scope()
        return self._filtered(rows)

    def met_among_newest(self) -> int:
        """How many of the newest `WALKED` members in scope are asked for; 0 where the scope has no more than that.

        Not asked where no index carries names in the scope's order (streets, unions, several counties), nor of a past
        day: 0, too.
        """
        if self.day is not None or not self._in_order:
            return 0
        keys = self._scope().order_by("-person_id").values_list("person_id", flat=True)
        edge = list(keys[WALKED : WALKED + 1])
        if not edge:
            return 0
        return self.rows(often=True).filter(person_id__gt=edge[0]).order_by().count()

    @cached_property
    def _is_few(self) -> bool:
        """Whether the scope is single unions: reading their members is less than looking a name up in the register."""
        return not self.level and all(len(path) >= LEVELS[-1] for path in self.prefixes)

    @property
    def _in_order(self) -> bool:
        """Whether an index that carries names has the members in scope close together, in the order of the list."""
        return len(self.level) == COUNTY or any(len(path) < COUNTY for path in self.prefixes)

    def _scope(self) -> MembershipQuerySet:
        """Everybody in scope, so that a level's index finds them in the order of the list."""
        rows = Membership.objects.visible_to(self.access, to=self.to).as_of(self.day)
        return rows.narrowed(self.level) if self.day is None else rows

    def _named(self) -> MembershipQuerySet:
        """Today's members in scope with these characters or initials, by the indexes of names alone."""
        rows = Membership.objects.visible_by_filter(self.access, to=self.to).current()
        if self.text.isascii():
            return rows.filter(initials_q(self.text))
        return with_name(rows, self.text, self.level)

    def _filtered(self, rows: MembershipQuerySet) -> MembershipQuerySet:
        values, day = self.values, self.day
        union: Organisation | None = values.get("under")
        if union is not None and union.kind == Kind.INDUSTRY:
            rows = rows.filter(Subtree(union, day).q("organisation", copied=True))
        elif union is not None:
            rows = rows.under(union, day)
        for name, known in (("sex", dict(Sex.choices())), ("education", EDUCATION.labels)):
            if values.get(name) == NOTHING_ENTERED:
                rows = rows.exclude(**{f"person__{name}__in": list(known)})
            elif values.get(name):
                rows = rows.filter(**{f"person__{name}": values[name]})
        plain = {"standing": "standing", "batch": "batch_id"}
        rows = rows.filter(**{path: values[name] for name, path in plain.items() if values.get(name)})
        if values.get("migrant"):
            rows = rows.filter(person__migrant_worker=values["migrant"] == "1")
        if band := values.get("age"):
            rows = rows.filter(_aged(band, day or timezone.localdate()))
        rows = _employed(rows, values, day)
        if (number := values.get("found")) is not None:
            rows = rows.filter(number.condition())
        return rows


def _aged(band: Any, day: date) -> Q:
    if band == NOTHING_ENTERED:
        return Q(person__birth=None) | ~age_q(0, None, day)
    low, high = band
    return age_q(low, None if high is None else high + 1, day)


def _employed(rows: MembershipQuerySet, values: Mapping[str, Any], day: date | None) -> MembershipQuerySet:
    wanted = {name: values[name] for name in ("status", "form") if values.get(name)}
    if values.get("new_form"):
        wanted["form"] = PLATFORM_FORM
    if not wanted:
        return rows
    unknown = [name for name, value in wanted.items() if value == NOTHING_ENTERED]
    jobs = Employment.objects.everywhere(reason="a sub-select of members who are in scope already")
    jobs = jobs.filter(period__upper_inf=True) if day is None else jobs.filter(period__contains=day)
    jobs = jobs.filter(person=OuterRef("person_id"))
    for name in unknown:  # none on that day, or one in which it is not entered
        del wanted[name]
        rows = rows.exclude(Exists(jobs.filter(**{f"{name}__in": list(_EMPLOYED[name])})))
    return rows.filter(Exists(jobs.filter(**wanted))) if wanted else rows


def facets(rows: MembershipQuerySet, limit: int) -> dict[str, int]:
    """The total and its parts by standing and sex over the same rows.

    Counting is broken off at the limit: then there is only a total, and it is `AtLeast` that many.
    """
    if rows.order_by()[: limit + 1].count() > limit:
        return {"total": AtLeast(limit)}
    return _parts(rows)


def _parts(rows: MembershipQuerySet) -> dict[str, int]:
    found: dict[str, int] = rows.aggregate(
        total=Count("pk"),
        active=Count("pk", filter=Q(standing=Membership.Standing.ACTIVE)),
        retained=Count("pk", filter=Q(standing=Membership.Standing.RETAINED)),
        men=Count("pk", filter=Q(person__sex="1")),
        women=Count("pk", filter=Q(person__sex="2")),
    )
    return found


@dataclass(frozen=True)
class SearchedNumber:
    """What a typed number could be, as keyed index values: the number itself is not kept."""

    kind: str
    identities: list[bytes] = field(default_factory=list)
    phones: list[bytes] = field(default_factory=list)
    member_number: str = ""
    card_number: str = ""

    def condition(self, prefix: str = "person__") -> Q:
        """The condition on memberships (or, with prefix "", on persons)."""
        wanted = Q(pk__in=[])
        if self.identities:
            wanted |= Q(**{f"{prefix}id_index__in": self.identities})
        if self.phones:
            wanted |= Q(**{f"{prefix}phone_index__in": self.phones})
        if self.member_number:
            wanted |= Q(**{f"{prefix}member_number": self.member_number})
        if self.card_number:
            cards = Card.objects.everywhere(reason="a sub-select of members who are in scope already")
            holder = "person_id" if prefix else "pk"
            wanted |= Q(Exists(cards.filter(number=self.card_number, person=OuterRef(holder))))
        return wanted

    def token(self, account_id: int | None) -> str:
        """An opaque, sealed stand-in for the address line; only the same account can open it, for twelve hours."""
        text = json.dumps(
            [
                account_id, int(timezone.now().timestamp()), self.kind, [one.hex() for one in self.identities],
                [one.hex() for one in self.phones], self.member_number, self.card_number,
            ]
        )  # fmt: skip
        return base64.urlsafe_b64encode(ring().seal(text)).decode().rstrip("=")

    @classmethod
    def from_token(cls, token: str, account_id: int | None) -> SearchedNumber | None:
        """The searched number, or None when the token is not ours, another account's or too old."""
        try:
            blob = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
            owner, at, kind, identities, phones, member, card = json.loads(ring().open(blob))
        except (binascii.Error, SealBroken, ValueError, TypeError):
            return None
        if owner != account_id or timezone.now().timestamp() - at > TOKEN_LIFE.total_seconds():
            return None
        return cls(
            kind,
            [bytes.fromhex(one) for one in identities],
            [bytes.fromhex(one) for one in phones],
            member,
            card,
        )


def looks_like_number(text: str) -> bool:
    """Whether a search text is a number that must not stand in an address: seven digits or more."""
    return sum(char.isdigit() for char in strip_blanks(text)) >= 7


def read_number(text: str) -> SearchedNumber | None:
    """What a typed ID, phone, member or card number could be; None when it is none of them."""
    bare = strip_blanks(text)
    today = timezone.localdate()
    identities: list[bytes] = []
    for code, document in KINDS.items():
        try:
            identities.append(identity_index(code, check_document(document, bare, today).number))
        except IdentifierError:
            continue
    try:
        phones = [phone_index(normalise_phone(bare))]
    except IdentifierError:
        phones = []
    member = bare if bare.isdigit() and len(bare) == 12 else ""
    card = bare if bare.isdigit() and len(bare) == 16 else ""
    if not (identities or phones or member or card):
        return None
    kind = "手机号" if phones else "会员号" if member else "会员卡号" if card else "证件号"
    return SearchedNumber(kind, identities, phones, member, card)
