"""Career subsidy: applying with a certificate, the verified put in public, and what the end of the notice brings."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from django.db import transaction
from django.utils import timezone

from unionhall import rulebook
from unionhall.bulletins.actions import Listed, publicise
from unionhall.bulletins.models import NoticeRow, PublicNotice
from unionhall.foundation.actors import Actor, SystemAccess
from unionhall.foundation.errors import Refused
from unionhall.kit.money import yuan
from unionhall.ledger import actions as money
from unionhall.ledger import reading
from unionhall.ledger.actions.posting import open_books
from unionhall.ledger.models import Commitment, Payment
from unionhall.ledger.models.payments import PaymentQuerySet
from unionhall.members.models import Membership, Person
from unionhall.organisations.models import Organisation
from unionhall.organisations.tree import keep_still
from unionhall.records.actions import journal, notify
from unionhall.reviews.actions import plan, submit
from unionhall.rulebook import Version, eligibility
from unionhall.rulebook.book import book
from unionhall.rulebook.decisions import decide
from unionhall.rulebook.programmes import code_of

from .. import certificates, contests
from ..models import CareerApplication, Certificate
from ..places import places_of
from ..rules.subsidy import grant
from ..schemes.subsidy import CareerCatalogue, CareerScheme
from . import matching

PROCEDURE = "career_subsidy"
#: Of the public notice and of the ledger.
PURPOSE = "career_subsidy"
WHY = "a verb on an application asks who acts by itself, after locking it"
Stage = CareerApplication.Stage


def scheme_for(union: Organisation) -> Version[CareerScheme]:
    return rulebook.scheme(CareerScheme, on=timezone.localdate(), division=union.division)


def version_of(one: CareerApplication) -> Version[CareerScheme]:
    """The version that an application is decided by: of the day on which, and the place where, it was made."""
    day = timezone.localdate(one.applied_at)
    return rulebook.scheme(CareerScheme, on=day, division=one.organisation.division)


def facts_of(certificate: Certificate, division: str) -> dict[str, object]:
    """What the rule asks of a certificate brought today. Raises NoScheme while the catalogue cannot be read."""
    catalogue = _catalogue(certificate.issued_on, division)
    return {
        "occupation": certificate.occupation,
        "in_catalogue": catalogue is not None and certificate.occupation in _trades(catalogue, certificate),
        "level": certificate.level,
        "issued_on": certificate.issued_on,
    }


def _catalogue(on: date, division: str) -> CareerCatalogue | None:
    """The catalogue of a day; None on a day that had none, when nothing stood in one."""
    code = code_of(CareerCatalogue)
    if not book().mistakes.get(code) and book().pick(code, on, division) is None:
        return None
    return rulebook.scheme(CareerCatalogue, on=on, division=division).parameters


def _trades(catalogue: CareerCatalogue, certificate: Certificate) -> tuple[str, ...]:
    """A contest's result counts in trades that have no certificate, a certificate in the others."""
    return catalogue.uncertified if contests.is_contest(certificate) else catalogue.occupations


def objections(certificate: Certificate, union: Organisation) -> tuple[str, ...]:
    """Why a certificate would bring nothing today; () when it would."""
    given = facts_of(certificate, union.division)
    found = grant(scheme_for(union).parameters, **given, applied_on=timezone.localdate())  # type: ignore[arg-type]
    return found.reasons if found.outcome != "granted" else ()


@transaction.atomic
def apply(actor: Actor, *, person: Person, number: str) -> CareerApplication:
    """Ask for the subsidy with a certificate, by its number. Everything else is known.

    Refused, saying what is missing, for another's certificate, one outside the scheme, or one that was brought before.
    """
    keep_still()  # the union of which one is a member now neither moves nor ends before the matter stands there
    Person.objects.everywhere(reason=WHY).select_for_update().get(pk=person.pk)
    rows = Membership.objects.everywhere(reason="the applicant's own membership")
    membership = rows.current().filter(person=person).select_related("organisation").first()
    if membership is None:
        raise Refused("您还不是工会会员，加入工会后才能申请。")
    union = membership.organisation
    certificate = certificates.find(number)
    if certificate is None:
        raise Refused("证书查询库里没有这个证书编号。请核对编号；刚取得的证书请一周后再试。", field="number")
    if not certificates.is_held_by(certificate, person):
        raise Refused("这个证书登记的持证人不是您本人，不能用它申请。", field="number")
    if found := objections(certificate, union):
        raise Refused("".join(found), field="number")
    if _brought(person, certificate):
        raise Refused(f"“{certificate}”已经申请过，同一职业同一等级只补贴一次。", field="number")
    if out := _still_out(person, certificate):
        raise Refused(
            f"“{certificate}”的补贴已撤销，还有 {yuan(out)} 元没有退回，全部退回以后才能再申请。请联系所在工会。",
            field="number",
        )
    version = scheme_for(union)
    (verdict,) = eligibility.judge(person.pk, [version], timezone.localdate())
    if not verdict.met:
        raise Refused("；".join(reason.missing or reason.text for reason in verdict.unmet))
    review = submit(
        actor,
        procedure=PROCEDURE,
        title=f"助推补贴：{certificate}",
        organisation=union,
        steps=plan(version.parameters.steps, places_of(union), besides=person.account_id),
        scheme=version,
        concerns=person.account_id,
    )
    made = CareerApplication.objects.create(
        person=person,
        organisation=union,
        certificate=certificate,
        occupation=certificate.occupation,
        level=certificate.level,
        review=review,
        applied_at=review.submitted_at,
    )
    journal(actor, "benefits.subsidy_applied", subject=person, label=review.number, paths=union.paths)
    return made


def _brought(person: Person, certificate: Certificate) -> bool:
    """Whether the same occupation and level is under way or was granted."""
    rows = CareerApplication.objects.everywhere(reason="the applicant's own applications").open()
    return rows.filter(person=person, occupation=certificate.occupation, level=certificate.level).exists()


def _still_out(person: Person, certificate: Certificate) -> Decimal:
    """What of cancelled subsidies for the same occupation and level has not come back, the district's part with it."""
    rows = CareerApplication.objects.everywhere(reason="the applicant's own cancelled applications")
    rows = rows.filter(person=person, occupation=certificate.occupation, level=certificate.level)
    over = list(rows.filter(stage=Stage.CANCELLED))
    paid = [one.payment_id for one in over if one.payment_id is not None]
    paid += [payment.pk for payment in matching.payments_of(over).values()]
    return sum(reading.kept(paid).values(), Decimal(0))


def lock(application: CareerApplication) -> CareerApplication:
    rows = CareerApplication.objects.everywhere(reason=WHY).select_for_update(of=("self",))
    return rows.select_related("person", "organisation", "certificate", "review").get(pk=application.pk)


@transaction.atomic
def put_in_public(
    actor: Actor, *, applications: Sequence[CareerApplication], organisation: Organisation
) -> PublicNotice:
    """One notice for all that are verified: masked names, union, occupation, level and sum.

    It stands for as many working days as the longest of their versions asks.
    """
    actor.require("benefits.subsidy_publish", *organisation.paths)
    if not applications:
        raise Refused("请选择要公示的申请。")
    held = [lock(one) for one in sorted(applications, key=lambda one: one.pk)]
    for one in held:
        actor.require("benefits.subsidy_publish", *one.organisation.paths)
        if one.stage != Stage.VERIFIED:
            raise Refused(f"{one.review.number} {one.get_stage_display()}，只有已核实的申请可以公示。")
    versions = [version_of(one) for one in held]
    longest = max(versions, key=lambda version: version.parameters.notice_working_days)
    notice = publicise(
        actor,
        purpose=PURPOSE,
        title=f"职业发展助推补贴公示（{timezone.localdate():%Y-%m-%d}，{len(held)} 人）",
        organisation=organisation,
        rows=[
            Listed(one.key, one.person.name, one.organisation.name, _columns(one, version), one.person)
            for one, version in zip(held, versions, strict=True)
        ],
        working_days=longest.parameters.notice_working_days,
        scheme=longest,
        lead="以下职工拟发放职业发展助推补贴。有异议的，请在公示期内提出。",
    )
    for one in held:
        one.stage = Stage.PUBLICISED
        one.save(update_fields=["stage"])
    journal(
        actor, "benefits.subsidy_publicised", label=notice.number or notice.title, paths=organisation.paths,
        detail={"count": len(held)},
    )  # fmt: skip
    return notice


def _columns(one: CareerApplication, version: Version[CareerScheme]) -> tuple[str, str, str]:
    row = version.parameters.amount.row(one.level)
    return one.occupation, one.get_level_display(), f"{yuan(row.amount)} 元" if row is not None else ""


def of_row(row: NoticeRow) -> CareerApplication:
    return lock(CareerApplication(pk=int(row.key.removeprefix("career:"))))


@transaction.atomic
def settle(actor: Actor, one: CareerApplication) -> None:
    """The notice ended well: decide, and take the sum out of the year's budget, or stand in line for it."""
    if one.stage != Stage.PUBLICISED:
        raise Refused(f"{one.review.number} {one.get_stage_display()}，不在公示中。")
    day = timezone.localdate(one.applied_at)
    version = version_of(one)
    path = one.organisation.path
    one.decision = decide(
        actor,
        key=one.key,
        version=version,
        rule="subsidy.grant",
        person=one.person,
        path=path,
        on=day,
        inputs={**facts_of(one.certificate, one.organisation.division), "applied_on": day},
    )
    if one.decision.outcome != "granted":
        end(one, "".join(one.decision.reasons))
        return
    budget = reading.budget_for(version.parameters.budget_programme, timezone.localdate().year, path)
    if budget is None:
        raise Refused("本年度还没有设立助推补贴预算，请先在资金管理里设立。")
    district = matching.budget_of(one)
    open_books({budget.pk} if district is None else {budget.pk, district.pk})
    one.commitment = money.commit(
        actor,
        key=one.key,
        budget=budget,
        person=one.person,
        amount=one.decision.amount,
        decision=one.decision,
        submitted_at=one.applied_at,
        purpose=PURPOSE,
        path=path,
    )
    one.stage = Stage.WAITING
    one.save(update_fields=["stage", "decision", "commitment"])
    matching.match(actor, one)
    if one.commitment.state == Commitment.State.HELD:
        pay(actor, one)
        return
    _tell(one, "公示结束，等待资金", "本年度预算已用完，按申请先后排队；有资金时自动发放，不用再申请。")


def pay(actor: Actor, one: CareerApplication) -> None:
    """The sum is held for it: due at once, and with the next batch to the bank."""
    assert one.commitment is not None
    as_system = Actor(actor.account_id, actor.name, SystemAccess(), actor.trace)
    one.payment = money.pay(as_system, key=one.key, purpose=PURPOSE, commitment=one.commitment)
    one.stage = Stage.DUE
    one.save(update_fields=["stage", "decision", "commitment", "payment"])
    _tell(one, "公示结束，准备发放", f"补贴 {yuan(one.payment.amount)} 元，将发放到您登记的收款账户。")


def taken_back(actor: Actor, payments: PaymentQuerySet) -> None:
    """The ledger gave payments up: their applications are over, and the certificates may be brought again."""
    rows = CareerApplication.objects.everywhere(reason="the applications whose payments were given up")
    for found in rows.filter(payment__in=payments, stage=Stage.DUE):
        one = lock(found)
        assert one.payment is not None
        matching.take_back(actor, one, one.payment.reason)
        journal(
            actor, "benefits.subsidy_cancelled", subject=one.person, label=one.review.number,
            paths=one.organisation.paths, reason=one.payment.reason,
        )  # fmt: skip
        paid = one.payment.state == Payment.State.REVERSED
        what = "已经发放的款项需要退回，请按工会通知办理。" if paid else "款项不再发放。"
        end(one, f"{what}有疑问请联系所在工会。", Stage.CANCELLED)


def end(one: CareerApplication, why: str, stage: str = Stage.REFUSED) -> None:
    one.stage = stage
    one.save(update_fields=["stage", "decision"])
    if stage != Stage.WITHDRAWN:
        _tell(one, one.get_stage_display(), why)


def _tell(one: CareerApplication, what: str, text: str) -> None:
    notify(
        one.person.account_id,
        f"职业发展助推补贴：{what}",
        f"{one.occupation}（{one.get_level_display()}）。{text}",
        "/m/benefits/subsidy/",
        one.organisation.path,
    )
