"""Applying: the household, the figures of a year, the file, its review; and reckoning anew."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from dateutil.relativedelta import relativedelta
from django.db import transaction
from django.utils import timezone

from unionhall import rulebook
from unionhall.foundation.actors import Actor
from unionhall.foundation.errors import Refused
from unionhall.members import consents, households
from unionhall.members.actions import add_relative, form_household
from unionhall.members.models import Employment, HouseholdMember, Person
from unionhall.organisations.models import Organisation
from unionhall.organisations.tree import keep_still
from unionhall.reviews.actions import plan, submit
from unionhall.rulebook import Version
from unionhall.rulebook.decisions import decide

from ...models import Assessment, Cause, HardshipFile, Health, Housing
from ...places import places_of
from ...rules import relief as rules
from ...schemes.relief import HardshipScheme
from .holding import WHY, hold, note, on_behalf, scheme_of, words
from .receiving import place_for, unmet

PROCEDURE = "hardship_relief"
#: What the worker separately agrees to (members.consents).
CONSENT = "relief"
ZERO = Decimal("0.00")


@dataclass(frozen=True)
class Relative:
    """Somebody of the household besides the worker, as stated, with his figures of the year."""

    name: str
    relation: str
    id_number: str
    id_type: str = "01"
    income: Decimal = ZERO
    expense: Decimal = ZERO
    health: str = Health.GOOD
    schooling: str = ""


@dataclass(frozen=True)
class PersonFigures:
    """Figures of a year of one member of a household: yuan."""

    member: int
    income: Decimal = ZERO
    expense: Decimal = ZERO
    health: str = Health.GOOD
    schooling: str = ""


@dataclass(frozen=True)
class Figures:
    """A household's year: its people, a loss, whether a disaster hurt somebody, circumstances that exclude."""

    people: tuple[PersonFigures, ...]
    loss: Decimal = ZERO
    casualty: bool = False
    excluded: tuple[str, ...] = ()

    @property
    def income(self) -> Decimal:
        return sum((one.income for one in self.people), ZERO)

    @property
    def expense(self) -> Decimal:
        return sum((one.expense for one in self.people), ZERO)

    def as_text(self) -> str:
        """JSON, to be sealed."""
        return json.dumps(
            {
                "people": [
                    {
                        "member": one.member,
                        "income": str(one.income),
                        "expense": str(one.expense),
                        "health": one.health,
                        "schooling": one.schooling,
                    }
                    for one in self.people
                ],
                "loss": str(self.loss),
                "casualty": self.casualty,
                "excluded": list(self.excluded),
            }
        )

    @classmethod
    def from_text(cls, text: str) -> "Figures":
        raw: dict[str, Any] = json.loads(text)
        people = tuple(
            PersonFigures(
                one["member"],
                Decimal(one["income"]),
                Decimal(one["expense"]),
                one["health"],
                one["schooling"],
            )
            for one in raw["people"]
        )
        return cls(people, Decimal(raw["loss"]), raw["casualty"], tuple(raw["excluded"]))


def open_file(person: Person) -> HardshipFile | None:
    """The file of the person's household that is not ended, wherever it stands."""
    rows = HardshipFile.objects.everywhere(reason="one open file per household, wherever it stands")
    key = households.key_of(person.pk)
    rows = rows.filter(stage__in=HardshipFile.OPEN).select_related("review", "organisation", "household")
    return (rows.filter(household__key=key) if key else rows.filter(person=person)).first()


@transaction.atomic
def apply(
    actor: Actor,
    *,
    person: Person,
    relatives: Sequence[Relative],
    income: Decimal,
    expense: Decimal,
    health: str = Health.GOOD,
    main_cause: str,
    other_causes: Iterable[str] = (),
    housing: str,
    loss: Decimal = ZERO,
    casualty: bool = False,
    excluded: Iterable[str] = (),
    statement: str = "",
    at: Organisation | None = None,
) -> HardshipFile:
    """Apply for a hardship file: the worker for himself, or an officer of his union at the window.

    `income`, `expense` (rigid) and `health` are the worker's own of the year; `at`: the union that takes who is no
    member. Raises Refused for a household with an open file, without the separate consent, for a condition of the
    scheme that is known not to be met, for what cannot be.
    """
    keep_still()  # the union of which one is a member now neither moves nor ends before the file stands there
    union = place_for(person, at)
    own = actor.speaks_for(person.pk, person.account_id)
    if not own:
        actor.require("benefits.relief_handle", *union.paths)
    if own and CONSENT not in consents.in_force(person):
        raise Refused("申请困难帮扶要核查家庭收入和健康情况，请先单独同意。")
    _check(main_cause, housing, health, [income, expense, loss])
    trusted = actor if own else on_behalf(actor)
    household = form_household(trusted, person=person)
    members = [
        (
            add_relative(
                trusted,
                person=person,
                name=one.name,
                relation=one.relation,
                id_type=one.id_type,
                id_number=one.id_number,
            ),
            one,
        )
        for one in relatives
    ]
    # Of two of one household at once the second waits in form_household and then sees the first's file.
    if (waiting := open_file(person)) is not None:
        raise Refused(
            f"您的家庭已有困难帮扶档案或申请（{waiting.review.number}，{waiting.get_stage_display()}），不用重复申请。"
        )
    if lacking := unmet(person, union):
        raise Refused(f"现在还不能申请：{'；'.join(lacking)}。登记有误的，请先更正；紧急困难可以拨打 12351。")
    today = timezone.localdate()
    version = rulebook.scheme(HardshipScheme, on=today, division=union.division)
    known = {one.code for one in version.parameters.exclusions}
    chosen = tuple(sorted(set(excluded)))
    if not known.issuperset(chosen):
        raise Refused("请重新选择特殊情形。", field="excluded")
    review = submit(
        actor,
        procedure=PROCEDURE,
        title=f"困难帮扶申请：{person.masked_name}",
        organisation=union,
        steps=plan(version.parameters.steps, places_of(union), besides=person.account_id),
        scheme=version,
        concerns=person.account_id,
    )
    file = HardshipFile.objects.create(
        person=person,
        household=household,
        organisation=union,
        review=review,
        main_cause=main_cause,
        other_causes=sorted(set(other_causes) - {main_cause}),
        housing=housing,
        health=health,
        statement=statement.strip()[:1000] or None,
    )
    rows = HouseholdMember.objects.everywhere(reason=WHY).current().filter(household=household)
    me = rows.get(id_index=person.id_index)
    figures = Figures(
        (
            PersonFigures(me.pk, income, expense, health),
            *(
                PersonFigures(row.pk, one.income, one.expense, one.health, one.schooling)
                for row, one in members
            ),
        ),
        loss,
        casualty,
        chosen,
    )
    note(actor, file, "applied", "申请困难帮扶", tone="info")
    assess(actor, file, version, figures, Assessment.Occasion.APPLICATION, today)
    return file


def _check(main_cause: str, housing: str, health: str, sums: list[Decimal]) -> None:
    if main_cause not in Cause.values:
        raise Refused("请选择主要致困原因。", field="main_cause")
    if housing not in Housing.values:
        raise Refused("请选择住房情况。", field="housing")
    if health not in Health.values:
        raise Refused("请选择健康情况。", field="health")
    if min(sums) < 0:
        raise Refused("金额不能是负数。")


def assess(
    actor: Actor,
    file: HardshipFile,
    version: Version[HardshipScheme],
    figures: Figures,
    occasion: str,
    on: date,
) -> Assessment:
    """Decide the category from figures, store them sealed, and let the file carry the result."""
    if not figures.people or min((*(one.income for one in figures.people), figures.loss)) < 0:
        raise Refused("请填写家庭每个人的年收入，没有收入填 0。")
    inputs = inputs_of(file.person, figures, on, status=file.civil_status)
    count = Assessment.objects.everywhere(reason=WHY).filter(file=file).count()
    decision = decide(
        actor,
        key=f"{file.key}:assessed:{count + 1}",
        version=version,
        rule="relief.category",
        person=file.person,
        path=file.organisation.path,
        on=on,
        inputs=inputs,
    )
    category = rules.assess(version.parameters, **inputs).category
    made = Assessment.objects.create(
        file=file,
        occasion=occasion,
        year=on.year,
        on=on,
        figures=figures.as_text(),
        category=category,
        decision=decision,
        made_by=actor.name[:80],
    )
    file.category = category
    file.save(update_fields=["category"])
    result = made.get_category_display() if category else "不符合困难标准"
    note(
        actor,
        file,
        "assessed",
        "困难测算",
        text=f"{made.get_occasion_display()}：{result}",
        category=category,
    )
    return made


def inputs_of(person: Person, figures: Figures, on: date, *, status: str = "") -> dict[str, Any]:
    """What the rule `relief.category` is asked of a household's figures on a day: the same before and after applying.

    `status`: what civil affairs recognised the household as, "" while nothing is known.
    """
    return {
        "income": figures.income,
        "expense": figures.expense,
        "people": len(figures.people),
        "loss": figures.loss,
        "casualty": figures.casualty,
        "migrant": person.migrant_worker,
        "employment_months": _employed_months(person, on),
        "excluded": list(figures.excluded),
        "status": status,
    }


def _employed_months(person: Person, on: date) -> int | None:
    """Months of employment without a break up to today's; None when no employment is known."""
    rows = Employment.objects.everywhere(reason="the applicant's own employment")
    since: date | None = None
    periods = list(rows.filter(person=person).order_by("-period").values_list("period", flat=True))
    for period in periods:
        if (since is None and (period.upper is None or period.upper > on)) or (
            since is not None and period.upper == since
        ):
            since = period.lower
    if since is None:
        return None
    span = relativedelta(on, since)
    return int(span.years * 12 + span.months)


def last_assessment(file: HardshipFile) -> Assessment:
    rows = Assessment.objects.everywhere(reason=WHY).filter(file=file).select_related("decision")
    return rows.order_by("-pk")[0]


def carry_over(file: HardshipFile) -> Figures:
    """The figures of the last assessment."""
    return Figures.from_text(last_assessment(file).figures.reveal())


@transaction.atomic
def assess_again(
    actor: Actor, *, file: HardshipFile, figures: Figures, occasion: str, reason: str
) -> Assessment:
    """Reckon with corrected figures (a check's, say). The reason stands in the trail."""
    fresh = hold(actor, file, "benefits.relief_handle")
    if not (fresh.is_under_way or fresh.is_in_force or fresh.stage == HardshipFile.Stage.WATCH):
        raise Refused("这个档案已经结束，不能再测算。")
    words(reason, "reason", "请写明重新测算的依据。")
    known = set(
        HouseholdMember.objects.everywhere(reason=WHY)
        .current()
        .filter(household=fresh.household)
        .values_list("pk", flat=True)
    )
    if {one.member for one in figures.people} != known:
        raise Refused("请填写家庭现有每个人的收入和支出。")
    made = assess(actor, fresh, scheme_of(fresh), figures, occasion, timezone.localdate())
    note(actor, fresh, "assessed", "更正收入和支出", text=reason)
    return made
