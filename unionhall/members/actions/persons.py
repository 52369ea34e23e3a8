"""Verbs on a person: register, edit with history, change the phone, open what is sealed."""

from __future__ import annotations

from contextlib import nullcontext
from datetime import date
from typing import Any

from django.db import IntegrityError, models, transaction
from django.utils import timezone

from unionhall.access.models import Account
from unionhall.foundation.actors import Actor, NotAllowed
from unionhall.foundation.errors import Refused
from unionhall.foundation.fields import SealedField
from unionhall.foundation.sealing import Sealed, identity_index, phone_index, ring
from unionhall.kit.codes import Sex
from unionhall.kit.identifiers import (
    DocumentFacts,
    IdentifierError,
    check_document,
    normalise_name,
    normalise_phone,
)
from unionhall.kit.masking import hide_numbers
from unionhall.kit.pinyin import initials, sort_key
from unionhall.organisations import tree
from unionhall.records.actions import journal

from .. import tallying
from ..documents import KINDS
from ..following import facts_changed
from ..models import Amendment, Employment, Membership, Person

#: Fields that `edit_person` may change beside name and document.
PLAIN_FIELDS = (
    "sex",
    "birth",
    "ethnicity",
    "education",
    "political",
    "skill",
    "native_place",
    "household_type",
    "household_place",
    "migrant_worker",
)
#: What a worker may put right without an officer.
OWN_FIELDS = frozenset(PLAIN_FIELDS) - {"sex", "birth"}
REVEALABLE = {"id_number": "证件号码", "phone": "手机号"}
REASON_LENGTH = 4
#: Any of these, held anywhere: whoever comes to a window is registered there, wherever he lives.
REGISTERING = ("members.register", "members.edit", "members.standing")


def paths_of(person: Person) -> tuple[str, ...]:
    """Where a person stands: the paths of the open membership; empty for one who is not a member."""
    rows = Membership.objects.everywhere(reason="policy asks where the person stands")
    found = rows.current().filter(person=person).values_list("path", "second_path").first()
    return tuple(path for path in found if path) if found else ()


def _is_self(actor: Actor, person: Person) -> bool:
    return actor.account_id is not None and person.account_id == actor.account_id


def read_document(code: str, text: str, today: date) -> DocumentFacts:
    """A document number checked and normalised; `code` is the stored kind. Raises Refused in plain Chinese."""
    if code not in KINDS:
        raise Refused("请选择证件类型。", field="id_type")
    try:
        return check_document(KINDS[code], text, today)
    except IdentifierError as mistake:
        raise Refused(str(mistake), field="id_number") from None


def checked_name(name: str) -> str:
    try:
        return normalise_name(name)
    except IdentifierError as mistake:
        raise Refused(str(mistake), field="name") from None


def _checked_phone(phone: str) -> str:
    try:
        return normalise_phone(phone)
    except IdentifierError as mistake:
        raise Refused(str(mistake), field="phone") from None


def _sealed(value: str) -> Sealed:
    return Sealed(ring().seal(value))


def _agree(what: str, stated: object, told: object, field: str) -> None:
    """What a form states must not contradict what the document number tells."""
    if stated not in (None, "", Sex.UNSPECIFIED, Sex.UNKNOWN) and told is not None and stated != told:
        raise Refused(f"{what}与证件号码不一致，请对照证件核对。", field=field)


@transaction.atomic
def register_person(
    actor: Actor,
    *,
    name: str,
    id_type: str,
    id_number: str,
    phone: str | None = None,
    account: Account | None = None,
    **attributes: Any,
) -> Person:
    """A new person by real name; `id_type` is a stored code such as "01". Sex and birth come from the number.

    A worker registers themselves (`account` is the actor's own); others need one of REGISTERING somewhere. Raises
    Refused when a value is wrong or the document is registered already.
    """
    own = account is not None and account.pk == actor.account_id
    if not own and not any(map(actor.access.prefixes, REGISTERING)):
        raise NotAllowed("members.register")
    unknown = set(attributes) - set(PLAIN_FIELDS)
    if unknown:
        raise TypeError(f"register_person got unknown attributes {sorted(unknown)}")
    document = read_document(id_type, id_number, timezone.localdate())
    _agree("性别", attributes.get("sex"), document.sex, "sex")
    _agree("出生日期", attributes.get("birth"), document.birth, "birth")
    told = {"sex": document.sex, "birth": document.birth}
    attributes |= {key: value for key, value in told.items() if value is not None}
    clean = checked_name(name)
    person = Person(
        account=account,
        name=clean,
        initials=initials(clean)[:50],
        sort_key=sort_key(clean)[:120],
        id_type=id_type,
        id_number=_sealed(document.number),
        id_index=identity_index(id_type, document.number),
        **attributes,
    )
    if phone:
        _set_phone(person, phone)
    try:
        with transaction.atomic():
            person.save(force_insert=True)
    except IntegrityError as clash:
        raise _registered_already(clash) from None
    journal(actor, "members.register", subject=person, detail={"id_type": id_type, "own": own})
    return person


def _registered_already(clash: IntegrityError) -> Refused:
    if "account" in str(clash):
        return Refused("这个账号已经登记过本人信息，不能再登记另一个人。")
    return Refused("该证件号码已经登记过。请按证件号码查找，不要重复登记。", field="id_number")


def _set_phone(person: Person, phone: str) -> None:
    number = _checked_phone(phone)
    person.phone, person.phone_index = _sealed(number), phone_index(number)


def _locked(person: Person) -> Person:
    rows = Person.objects.everywhere(reason="the row to change; the action asks the permission itself")
    return rows.select_for_update().get(pk=person.pk)


def _amend(
    actor: Actor, person: Person, field: str, before: str | None, after: str | None, reason: str
) -> None:
    Amendment.objects.create(
        person=person, field=field, before=before, after=after, reason=hide_numbers(reason)[:200],
        changed_by_id=actor.account_id, changed_by=actor.name,
    )  # fmt: skip


def _text(person: Person, field: str) -> str | None:
    value = getattr(person, field)
    if isinstance(value, Sealed):
        return value.reveal()
    return None if value is None else value.isoformat() if isinstance(value, date) else str(value)


@transaction.atomic
def edit_person(actor: Actor, *, person: Person, reason: str = "", **changes: Any) -> list[str]:
    """Change particulars; each changed field leaves an Amendment. Answers the fields that did change.

    An officer needs `members.edit` where the person stands; the person may change what is theirs to know
    (OWN_FIELDS). `name`, `id_type` with `id_number`, and `phone` are checked as at registration.
    """
    paths = paths_of(person)
    own = _is_self(actor, person) and set(changes) <= OWN_FIELDS
    if not own:
        actor.require("members.edit", *paths)
    tree.keep_still()
    found = _locked(person)
    wanted = _checked_changes(found, dict(changes))
    changed: list[str] = []
    for field, value in wanted.items():
        before = _text(found, field)
        setattr(found, field, value)
        after = _text(found, field)
        if before != after:
            changed.append(field)
            _amend(actor, found, field, before, after, reason)
    if not changed:
        return []
    found.updated_at = timezone.now()
    _derive(found)
    counted = tallying.FACTS.intersection(changed)
    try:
        with transaction.atomic(), tallying.of_person(found.pk) if counted else nullcontext():
            found.save()
            if "name" in changed:
                rows = Membership.objects.everywhere(reason="the name that a membership copies follows")
                rows.filter(person=found).update(name=found.name, initials=found.initials)
    except IntegrityError as clash:
        raise _registered_already(clash) from None
    journal(
        actor,
        "members.edit",
        subject=found,
        paths=paths,
        reason=reason,
        detail={"fields": sorted(changed), "own": own},
    )
    facts_changed(found)
    _copy_back(found, person)
    return changed


def _checked_changes(person: Person, changes: dict[str, Any]) -> dict[str, Any]:
    """Normalised values; a corrected document brings its own sex and birth with it."""
    unknown = set(changes) - {*PLAIN_FIELDS, "name", "id_type", "id_number", "phone"}
    if unknown:
        raise TypeError(f"edit_person got unknown fields {sorted(unknown)}")
    if "name" in changes:
        changes["name"] = checked_name(changes["name"])
    if phone := changes.pop("phone", None):
        changes["phone"] = _sealed(_checked_phone(phone))
    number = changes.pop("id_number", None) or person.id_number.reveal()
    document = read_document(changes.get("id_type", person.id_type), number, timezone.localdate())
    _agree("性别", changes.get("sex"), document.sex, "sex")
    _agree("出生日期", changes.get("birth"), document.birth, "birth")
    if (
        document.number != person.id_number.reveal()
        or changes.get("id_type", person.id_type) != person.id_type
    ):
        changes["id_number"] = _sealed(document.number)
        told = {"sex": document.sex, "birth": document.birth}
        changes |= {key: value for key, value in told.items() if value is not None}
    return changes


def _derive(person: Person) -> None:
    """What follows from name, document and phone."""
    person.initials, person.sort_key = initials(person.name)[:50], sort_key(person.name)[:120]
    person.id_index = identity_index(person.id_type, person.id_number.reveal())
    person.phone_index = phone_index(person.phone.reveal()) if person.phone else None


def _copy_back(source: Person, target: Person) -> None:
    for field in Person._meta.concrete_fields:
        if not isinstance(field, models.AutoField):
            setattr(target, field.attname, getattr(source, field.attname))


@transaction.atomic
def change_phone(actor: Actor, *, person: Person, phone: str, reason: str = "") -> bool:
    """The phone on the register (not the one an account signs in with). True when it changed.

    The person may do it after proving the new number by a code; the caller has checked that code.
    """
    paths = paths_of(person)
    if not _is_self(actor, person):
        actor.require("members.edit", *paths)
    number = _checked_phone(phone)
    found = _locked(person)
    before = found.phone.reveal() if found.phone else None
    if before == number:
        return False
    _set_phone(found, number)
    found.updated_at = timezone.now()
    found.save(update_fields=["phone", "phone_index", "updated_at"])
    _amend(actor, found, "phone", before, number, reason)
    journal(actor, "members.change_phone", subject=found, paths=paths, reason=reason)
    _copy_back(found, person)
    return True


@transaction.atomic
def link_account(actor: Actor, *, person: Person, account: Account) -> Person:
    """Tie a registered person to the account of the worker who proved to be them (the caller has proven it)."""
    if account.pk != actor.account_id:
        actor.require("members.edit", *paths_of(person))
    found = _locked(person)
    if found.account_id not in (None, account.pk):
        raise Refused("该身份已绑定另一个账号。请联系所在工会核实后处理。")
    found.account = account
    try:
        with transaction.atomic():
            found.save(update_fields=["account"])
    except IntegrityError:
        raise Refused("这个账号已经绑定了另一个人。请联系所在工会核实后处理。") from None
    journal(actor, "members.link_account", subject=found, paths=paths_of(found))
    facts_changed(found)
    _copy_back(found, person)
    return found


@transaction.atomic
def change_employment(
    actor: Actor,
    *,
    person: Person,
    on: date,
    work_unit: str = "",
    employer: Any = None,
    occupation: str = "",
    status: str = "1",
    form: str = "1",
) -> Employment:
    """Close the present employment and open the next from `on`; on the same day the row is put right instead."""
    paths = paths_of(person)
    if not _is_self(actor, person):
        actor.require("members.edit", *paths)
    if on > timezone.localdate():
        raise Refused("日期不能晚于今天。", field="on")
    with tallying.of_person(person.pk):
        rows = Employment.objects.everywhere(
            reason="the person's own row; the action asks the permission itself"
        )
        values = {
            "employer": employer, "work_unit": work_unit or (employer.name if employer else ""),
            "occupation": occupation, "status": status, "form": form,
        }  # fmt: skip
        latest = rows.filter(person=person).order_by("-period").first()
        follows = latest.ended if latest is not None else None
        if latest is not None and latest.period.upper is None:
            if latest.period.lower > on:
                raise Refused(
                    f"现在的就业情况自 {latest.period.lower:%Y-%m-%d} 起，日期不能更早。", field="on"
                )
            if latest.period.lower == on:
                rows.filter(pk=latest.pk).update(**values)
                facts_changed(person)
                journal(
                    actor, "members.change_employment", subject=person, paths=paths, detail={"status": status}
                )
                return rows.get(pk=latest.pk)
            rows.filter(pk=latest.pk).update(period=(latest.period.lower, on))
            follows = on
        elif latest is not None and latest.period.upper > on:
            raise Refused(f"日期不能早于上一段就业的结束日期 {latest.period.upper:%Y-%m-%d}。", field="on")
        opened = Employment.objects.create(person=person, period=(on, None), follows=follows, **values)
        facts_changed(person)
        journal(actor, "members.change_employment", subject=person, paths=paths, detail={"status": status})
        return opened


@transaction.atomic
def reveal(actor: Actor, *, person: Person, what: str, reason: str, paths: tuple[str, ...] = ()) -> str:
    """The plain ID number or phone, for a reason that the journal keeps. `what` is a key of REVEALABLE.

    `paths`: of the matter through which someone who is not a member is seen (an admission, a founding); the caller
    has loaded that matter under scope. The entry is written before the value is answered.
    """
    if what not in REVEALABLE or not isinstance(Person._meta.get_field(what), SealedField):
        raise ValueError(f"{what} cannot be revealed")
    where = paths_of(person) or paths
    if not _is_self(actor, person):
        actor.require("members.reveal", *where)
    if len(reason.strip()) < REASON_LENGTH:
        raise Refused(f"请写明查看原因，至少 {REASON_LENGTH} 个字。", field="reason")
    sealed = getattr(person, what)
    if sealed is None:
        raise Refused(f"没有登记{REVEALABLE[what]}。")
    journal(
        actor, "members.reveal", subject=person, paths=where, reason=reason.strip(), detail={"what": what}
    )
    return str(sealed.reveal())
