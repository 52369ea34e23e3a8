"""Taking out cover: units for a period that begins on a day, paid to the union that handles it."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from dateutil.relativedelta import relativedelta
from django.db import IntegrityError, transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils import timezone

from unionhall import rulebook
from unionhall.foundation.actors import Actor
from unionhall.foundation.errors import Refused
from unionhall.members.following import facts_changed
from unionhall.members.hands import hands
from unionhall.members.models import Card, Person
from unionhall.records.actions import journal, notify
from unionhall.rulebook.actions import record_use

from ...models import MedicalCover
from ...schemes.medical import MedicalAidScheme
from .exceptions import place_on

__all__ = ["enrol"]


@transaction.atomic
def enrol(
    actor: Actor, *, person: Person, units: int, starts: date, today: date | None = None
) -> MedicalCover:
    """Note that a member takes out units from a day on: from today, or from a day that the plan does not find too far.

    Refused where the plan has no units, where a cover overlaps, and to who would enrol himself.
    """
    today = today or timezone.localdate()
    if starts < today:
        raise Refused("保障从登记当天或者以后开始，不能补登以前的日期。", "starts")
    membership = place_on(person, starts)
    if membership is None:
        raise Refused("保障开始的当天不是会员，不能参加。", "starts")
    union = membership.organisation
    actor.require("benefits.medical_enrol", *union.paths)
    if hands(actor.access).person_id == person.pk:
        raise Refused("不能给自己办理参加，请由其他人办理。")
    version = rulebook.scheme(MedicalAidScheme, on=starts, division=union.division)
    plan = version.parameters
    if plan.enrolment != "units":
        raise Refused("当地的方案自动参加，不用登记。")
    if starts > (last := today + timedelta(days=plan.enrol_ahead_days)):
        raise Refused(f"保障开始的日期最晚是 {last:%Y-%m-%d}，请到时再登记。", "starts")
    if not 1 <= units <= plan.max_units:
        raise Refused(f"每人最多 {plan.max_units} 份。", "units")
    rows = Card.objects.everywhere(reason="whether the member pays the price for card holders")
    has_card = rows.filter(person=person, status=Card.Status.ACTIVE).exists()
    price = plan.premium_with_card if has_card else plan.premium
    ends = starts + relativedelta(months=plan.cover_months)
    record_use(version)
    try:
        with transaction.atomic():
            cover = MedicalCover.objects.create(
                person=person, organisation=union, units=units, period=DateRange(starts, ends),
                premium=Decimal(price) * units, version=version.digest, enrolled_by=actor.name,
            )  # fmt: skip
    except IntegrityError:
        raise Refused("这段时间已经参加过，不能重复参加。请核对保障开始的日期。", "starts") from None
    journal(
        actor, "benefits.medical_enrolled", subject=cover, label=str(cover), paths=union.paths,
        detail={"person": person.pk, "units": units},
    )  # fmt: skip
    facts_changed(person)
    notify(
        person.account_id, "已参加医疗互助", f"{units} 份，保障期 {starts:%Y-%m-%d} 至 {ends:%Y-%m-%d}（不含）。",
        "/m/benefits/medical/", union.path,
    )  # fmt: skip
    return cover
