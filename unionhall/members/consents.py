"""What people are asked to agree to, in which wording, and what follows when they take it back (PIPL §14–15, §29)."""

from dataclasses import dataclass

from django.db import IntegrityError, transaction
from django.utils import timezone

from unionhall.foundation.actors import Actor
from unionhall.foundation.errors import Refused
from unionhall.records.actions import journal

from .models import Consent, Person

VERSION = "2026-11"


@dataclass(frozen=True)
class Purpose:
    """One purpose: the sentence agreed to, and the consequence of taking the consent back."""

    code: str
    title: str
    text: str
    consequence: str
    sensitive: bool = False


PURPOSES = {
    purpose.code: purpose
    for purpose in (
        Purpose(
            "membership",
            "办理会籍",
            "我同意工会使用我的姓名、手机号、工作单位和就业情况，用于办理入会、会籍转接和会员服务。",
            "撤回后不能再提交入会、转接等申请，直到重新同意。已经是会员的，会籍和依法应当保存的会籍档案不受影响；"
            "不想再做会员，请办理退会。",
        ),
        Purpose(
            "identity",
            "处理证件号码（敏感个人信息）",
            "我单独同意工会使用我的证件号码，只用于确认是我本人和避免重复登记。证件号码加密保存，页面上只显示部分数字。",
            "撤回后不能再提交入会、转接等申请，直到重新同意。会籍档案里的证件号码在会籍存续和法定保存期内继续加密保存，"
            "期满删除。",
            sensitive=True,
        ),
    )
}

#: What a domain asks for besides, each for an application of its own; membership does not depend on them.
_further: dict[str, Purpose] = {}


def register(*purposes: Purpose) -> None:
    """Said by a domain when Django is ready; a code is given once."""
    for one in purposes:
        if one.code in PURPOSES or _further.setdefault(one.code, one) != one:
            raise ValueError(f"consent {one.code} is registered twice")


def purpose_of(code: str) -> Purpose | None:
    """The purpose with this code, whichever room asks for it."""
    return PURPOSES.get(code) or _further.get(code)


def further() -> list[Purpose]:
    """Purposes that domains ask for."""
    return sorted(_further.values(), key=lambda one: one.code)


def in_force(person: Person) -> dict[str, Consent]:
    """Consents that hold, by purpose."""
    rows = Consent.objects.everywhere(reason="the person's own consents, or a check that they hold")
    return {consent.purpose: consent for consent in rows.filter(person=person, withdrawn_at=None)}


def missing(person: Person) -> list[Purpose]:
    """Purposes that the person has not agreed to, or has taken back."""
    given = in_force(person)
    return [purpose for code, purpose in PURPOSES.items() if code not in given]


def require(person: Person) -> None:
    """Raise Refused unless every consent that an application needs is in force."""
    if left := missing(person):
        titles = "、".join(purpose.title for purpose in left)
        raise Refused(f"还没有同意：{titles}。请先在“个人信息授权”里同意。")


@transaction.atomic
def give(actor: Actor, *, person: Person, purpose: str) -> Consent:
    """Agree to a purpose, in the present wording. Only the person can; agreeing twice changes nothing."""
    _own(actor, person)
    if purpose_of(purpose) is None:
        raise ValueError(f"no purpose {purpose!r}")
    present = in_force(person).get(purpose)
    if present is not None:
        return present
    try:
        with transaction.atomic():
            consent = Consent.objects.create(person=person, purpose=purpose, version=VERSION)
    except IntegrityError:  # the same button pressed twice
        return in_force(person)[purpose]
    journal(
        actor,
        "members.give_consent",
        subject=person,
        detail={"purpose": purpose, "version": VERSION},
    )
    return consent


@transaction.atomic
def withdraw(actor: Actor, *, person: Person, purpose: str) -> None:
    """Take a consent back: what was done before stays lawful, nothing further is done on its strength."""
    _own(actor, person)
    rows = Consent.objects.everywhere(reason="the person's own consent")
    count = rows.filter(person=person, purpose=purpose, withdrawn_at=None).update(withdrawn_at=timezone.now())
    if not count:
        raise Refused("这项授权已经撤回。")
    journal(actor, "members.withdraw_consent", subject=person, detail={"purpose": purpose})


def _own(actor: Actor, person: Person) -> None:
    if not actor.speaks_for(person.pk, person.account_id):
        raise Refused("只有本人可以同意或撤回。")
