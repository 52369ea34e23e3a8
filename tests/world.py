"""A small province for tests: two cities, both chains, four grassroots unions, one account for every role.

Written straight into the tables, so that a fault in an action cannot hide behind the fixture that used it.
"""

import pickle
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils import timezone

from unionhall.access.grants import actor_for
from unionhall.access.models import Account, Grant
from unionhall.foundation.actors import Actor
from unionhall.foundation.permissions import Line, Role
from unionhall.foundation.sealing import identity_index, phone_index
from unionhall.insights import rollups
from unionhall.kit.identifiers import resident_id_checksum
from unionhall.kit.pinyin import initials, sort_key
from unionhall.members.models import Card, Employment, Membership, Person
from unionhall.organisations.kinds import SHAPES, Chain, Kind
from unionhall.organisations.models import Coverage, Employer, Naming, Organisation, Placement, Term

SINCE = date(2020, 1, 1)
PASSWORD = "correct-horse-battery"
WHY = "test fixture"


@dataclass
class World:
    """Everything by name: `world.unions["alpha"]`, `world.people["alpha_1"]`, `world.accounts["chair_alpha"]`."""

    unions: dict[str, Organisation] = field(default_factory=dict)
    employers: dict[str, Employer] = field(default_factory=dict)
    people: dict[str, Person] = field(default_factory=dict)
    memberships: dict[str, Membership] = field(default_factory=dict)
    accounts: dict[str, Account] = field(default_factory=dict)

    def actor(self, name: str) -> Actor:
        return actor_for(self.accounts[name])


#: name → (Chinese name, kind, level, parent, industry parent, division)
UNIONS: dict[str, tuple[str, Kind, int, str | None, str | None, str]] = {
    "province": ("鄂北省总工会", Kind.FEDERATION, 1, None, None, "42"),
    "river_city": ("江城市总工会", Kind.FEDERATION, 2, "province", None, "4201"),
    "gorge_city": ("峡口市总工会", Kind.FEDERATION, 2, "province", None, "4205"),
    "transport": ("江城市交通运输工会", Kind.INDUSTRY, 2, "river_city", None, "4201"),
    "east": ("江东区总工会", Kind.FEDERATION, 3, "river_city", None, "420103"),
    "west": ("江西区总工会", Kind.FEDERATION, 3, "river_city", None, "420111"),
    "gorge_county": ("峡口县总工会", Kind.FEDERATION, 3, "gorge_city", None, "420502"),
    "pier": ("码头街道总工会", Kind.STREET, 4, "east", None, "420103001"),
    "hill": ("山前街道总工会", Kind.STREET, 4, "west", None, "420111001"),
    "dam": ("坝头街道总工会", Kind.STREET, 4, "gorge_county", None, "420502001"),
    "alpha": ("江城安达快递有限公司工会委员会", Kind.GRASSROOTS, 5, "pier", "transport", "420103001"),
    "beta": ("江城博远电子有限公司工会委员会", Kind.GRASSROOTS, 5, "pier", None, "420103001"),
    "gamma": ("江城广厦建筑有限公司工会委员会", Kind.GRASSROOTS, 5, "hill", None, "420111001"),
    "delta": ("峡口德丰水泥有限公司工会委员会", Kind.GRASSROOTS, 5, "dam", None, "420502001"),
    "alpha_night": ("江城安达快递有限公司工会夜班分会", Kind.BRANCH, 6, "alpha", None, "420103001"),
}
#: name → (姓名, sex, birth, union or None)
PEOPLE: dict[str, tuple[str, str, date, str | None]] = {
    "alpha_1": ("张海林", "1", date(1988, 3, 4), "alpha"),
    "alpha_2": ("欧阳娜", "2", date(1992, 7, 15), "alpha"),
    "alpha_3": ("单小燕", "2", date(1979, 12, 1), "alpha_night"),
    "beta_1": ("李建国", "1", date(1970, 5, 20), "beta"),
    "beta_2": ("张海燕", "2", date(1995, 9, 9), "beta"),
    "gamma_1": ("王强", "1", date(1985, 1, 31), "gamma"),
    "delta_1": ("买买提·艾力", "1", date(1990, 10, 10), "delta"),
    "outsider": ("周平", "1", date(1999, 6, 18), None),
}
#: account → (role, line, union); workers are in WORKERS
GRANTS: dict[str, tuple[Role, Line, str]] = {
    "province_officer": (Role.OFFICER, Line.GENERAL, "province"),
    "river_officer": (Role.OFFICER, Line.GENERAL, "river_city"),
    "river_rights": (Role.OFFICER, Line.RIGHTS, "river_city"),
    "gorge_officer": (Role.OFFICER, Line.ORGANISING, "gorge_city"),
    "transport_officer": (Role.OFFICER, Line.ORGANISING, "transport"),
    "east_officer": (Role.OFFICER, Line.ORGANISING, "east"),
    "pier_officer": (Role.OFFICER, Line.GENERAL, "pier"),
    "chair_alpha": (Role.CHAIR, Line.GENERAL, "alpha"),
    "officer_alpha": (Role.GRASSROOTS_OFFICER, Line.GENERAL, "alpha"),
    "chair_beta": (Role.CHAIR, Line.GENERAL, "beta"),
    "chair_gamma": (Role.CHAIR, Line.GENERAL, "gamma"),
    "chair_delta": (Role.CHAIR, Line.GENERAL, "delta"),
    "clerk": (Role.CLERK, Line.GENERAL, "pier"),
    "reviewer": (Role.REVIEWER, Line.GENERAL, "east"),
    "leader": (Role.LEADER, Line.GENERAL, "river_city"),
    "auditor": (Role.AUDITOR, Line.GENERAL, "province"),
    "operator": (Role.OPERATOR, Line.GENERAL, "province"),
    "lawyer": (Role.LAWYER, Line.RIGHTS, "river_city"),
    "merchant": (Role.MERCHANT, Line.GENERAL, "river_city"),
    "insurer": (Role.INSURER, Line.GENERAL, "province"),
    "agency": (Role.AGENCY, Line.GENERAL, "river_city"),
    "mediator": (Role.MEDIATOR, Line.RIGHTS, "river_city"),
}
WORKERS = {"worker_alpha": "alpha_1", "worker_beta": "beta_1", "worker_outside": "outsider"}


def resident_id(birth: date, sex: str, serial: int) -> str:
    """A made-up ID under 429900, a county code that is not assigned, so that it can be nobody's."""
    digit = serial % 50 * 2 + (1 if sex == "1" else 0)
    body = f"429900{birth:%Y%m%d}{digit:03d}"
    return body + resident_id_checksum(body)


def phone_of(serial: int) -> str:
    return f"1990000{serial:04d}"


def build() -> World:
    """Write the world. Nine rows of history, eight people, twenty-four accounts."""
    world = World()
    for number, (key, row) in enumerate(UNIONS.items()):
        world.unions[key] = _union(world, number, key, *row)
    for number, (key, (name, sex, birth, union)) in enumerate(PEOPLE.items(), start=1):
        _person(world, number, key, name, sex, birth, union)
    since = DateRange(SINCE, None)
    for key, (role, line, union) in GRANTS.items():
        account = Account.objects.create(username=key, display_name=f"{role.label}·{key}")
        world.accounts[key] = account
        Grant.objects.create(
            account=account,
            role=role,
            line=line,
            organisation=world.unions[union],
            period=since,
            granted_by=WHY,
        )
    for number, (key, who) in enumerate(WORKERS.items(), start=1):
        person = world.people[who]
        account = Account.objects.create(
            username=f"m{number:09d}",
            display_name=person.masked_name,
            phone=person.phone.reveal(),
            phone_index=person.phone_index,
        )
        person.account = account
        person.save(update_fields=["account"])
        world.accounts[key] = account
    return world


def _union(world: World, number: int, key: str, *row: Any) -> Organisation:
    name, kind, level, parent_key, industry_key, division = row
    parent = world.unions.get(parent_key) if parent_key else None
    industry = world.unions.get(industry_key) if industry_key else None
    segment = f"{number + 1:04d}"
    path = (parent.path if parent else "") + segment
    second = (
        industry.path + segment
        if industry
        else (parent.second_path + segment if parent and parent.second_path else "")
    )
    union = Organisation.objects.create(
        code=f"T{division}-{number:05d}",
        name=name,
        short_name=key,
        kind=kind,
        level=level,
        division=division,
        existence=DateRange(SINCE, None),
        path=path,
        second_path=second,
        parent=parent,
        industry_parent=industry,
        accepts_individuals=kind == Kind.STREET,
    )
    since = DateRange(SINCE, None)
    Placement.objects.create(organisation=union, chain=Chain.REGION, parent=parent, path=path, period=since)
    if second:
        Placement.objects.create(
            organisation=union, chain=Chain.INDUSTRY, parent=industry or parent, path=second, period=since
        )
    Naming.objects.create(organisation=union, name=name, period=since)
    if SHAPES[kind].base_type in {"01", "02"}:
        _grassroots(world, key, union, number)
    return union


def _grassroots(world: World, key: str, union: Organisation, number: int) -> None:
    """Its employer, and a term of five years that ends after two more for one union, has ended for another."""
    employer = Employer.objects.create(
        name=union.name.removesuffix("工会委员会"), division=union.division, employees=200, women=80
    )
    world.employers[key] = employer
    Coverage.objects.create(organisation=union, employer=employer, period=DateRange(SINCE, None))
    start = timezone.localdate() - timedelta(days=365 * (3 if key == "alpha" else 6))
    end = start + timedelta(days=365 * 5)
    Term.objects.create(
        organisation=union, number=number % 4 + 1, period=DateRange(start, end), elected_on=start
    )


def _person(
    world: World, number: int, key: str, name: str, sex: str, birth: date, union_key: str | None
) -> None:
    identity, phone = resident_id(birth, sex, number), phone_of(number)
    person = Person.objects.create(
        name=name,
        initials=initials(name),
        sort_key=sort_key(name),
        sex=sex,
        birth=birth,
        id_type="01",
        id_number=identity,
        id_index=identity_index("01", identity),
        phone=phone,
        phone_index=phone_index(phone),
        ethnicity="01",
        education="30" if number % 2 else "20",
        migrant_worker=number % 3 == 0,
        member_number=f"42019{number:07d}" if union_key else None,
    )
    world.people[key] = person
    if not union_key:
        return
    union = world.unions[union_key]
    joined = date(2021, 1, number)
    world.memberships[key] = Membership.objects.create(
        person=person,
        organisation=union,
        path=union.path,
        second_path=union.second_path,
        name=person.name,
        initials=person.initials,
        period=DateRange(joined, None),
        joined_on=joined,
        entry=Membership.Entry.INTAKE,
    )
    Employment.objects.create(
        person=person,
        employer=world.employers.get(union_key),
        work_unit=union.name.removesuffix("工会委员会"),
        form="5" if union_key.startswith("alpha") else "1",
        period=DateRange(joined, None),
    )
    Card.objects.create(person=person, number=f"420103{number:010d}", issued_on=joined)


def load() -> World:
    """The same world, read back from tables in which it already stands (built once per test database)."""
    world = World()
    unions = {union.short_name: union for union in Organisation.objects.everywhere(reason=WHY)}
    world.unions = {key: unions[key] for key in UNIONS}
    by_identity = {bytes(person.id_index): person for person in Person.objects.everywhere(reason=WHY)}
    for number, (key, (_, sex, birth, union)) in enumerate(PEOPLE.items(), start=1):
        world.people[key] = by_identity[identity_index("01", resident_id(birth, sex, number))]
        if union:
            held = Membership.objects.everywhere(reason=WHY).current()
            world.memberships[key] = held.get(person=world.people[key])
    employers = {employer.name: employer for employer in Employer.objects.all()}
    for key in UNIONS:
        name = world.unions[key].name.removesuffix("工会委员会")
        if name in employers:
            world.employers[key] = employers[name]
    accounts = {account.username: account for account in Account.objects.all()}
    world.accounts = {key: accounts[key] for key in GRANTS}
    world.accounts |= {key: accounts[f"m{n:09d}"] for n, key in enumerate(WORKERS, start=1)}
    return world


@dataclass
class _Kept:
    """The world as it was read: each test gets a copy of its own, which costs a tenth of reading it."""

    province: int = 0
    pickled: bytes = b""


_kept = _Kept()


def ensure() -> World:
    """The world, written where it does not stand yet; its figures are counted ahead too."""
    unions = Organisation.objects.everywhere(reason=WHY)
    province = unions.filter(short_name="province").values_list("pk", flat=True).first()
    if province is None:
        build()
        rollups.rebuild()
    if province is None or province != _kept.province:
        world = load()
        _kept.province, _kept.pickled = world.unions["province"].pk, pickle.dumps(world)
    return pickle.loads(_kept.pickled)  # type: ignore[no-any-return]
