"""助推补贴 from the certificate to the account: nothing typed, once only, in line when the year's money is spent."""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests.world import World
from unionhall.benefits import certificates
from unionhall.benefits.actions import subsidy
from unionhall.benefits.certificates import Listed
from unionhall.benefits.models import CareerApplication, Certificate
from unionhall.bulletins.actions import close_due, raise_objection, settle_objection
from unionhall.bulletins.models import NoticeRow, Objection
from unionhall.foundation.actors import system_actor
from unionhall.foundation.errors import Refused
from unionhall.ledger import actions as money
from unionhall.ledger.models import Budget, Payment
from unionhall.reviews.actions import approve, refuse
from unionhall.reviews.models import ReviewStep
from unionhall.rulebook import Mistake, NoScheme, eligibility, scheme
from unionhall.rulebook.book import book

pytestmark = pytest.mark.django_db
SYSTEM = system_actor()
WHY = "test"
TODAY = timezone.localdate()
Stage = CareerApplication.Stage
DECIDERS: dict[str, Any] = {
    "chair": "chair_alpha",
    "officer": {"transport": "transport_officer", "east": "east_officer", "river_city": "river_officer"},
}


def certificate(world: World, who: str = "alpha_1", number: str = "S000010001", **more: Any) -> Listed:
    person = world.people[who]
    given: dict[str, Any] = {
        "occupation": "电工",
        "level": "2",
        "issued_on": TODAY - timedelta(days=40),
    } | more
    return Listed(number, person.name, person.id_number.reveal(), issuer="江城市职业技能鉴定中心", **given)


def bring(world: World, who: str = "alpha_1", number: str = "S000010001", **more: Any) -> CareerApplication:
    certificates.register(SYSTEM, listed=[certificate(world, who, number, **more)])
    actor = world.actor("worker_alpha") if who == "alpha_1" else SYSTEM
    return subsidy.apply(actor, person=world.people[who], number=number)


def fresh(one: CareerApplication) -> CareerApplication:
    rows = CareerApplication.objects.everywhere(reason=WHY)
    return rows.select_related("review", "payment", "commitment", "decision").get(pk=one.pk)


def review_through(world: World, one: CareerApplication) -> CareerApplication:
    """Every step by an account that holds its role at its union."""
    names = {union.pk: name for name, union in world.unions.items()}
    rows = ReviewStep.objects.everywhere(reason=WHY).select_related("organisation").filter(review=one.review)
    while (step := rows.filter(is_current=True).first()) is not None:
        who = DECIDERS[step.role]
        approve(world.actor(who if isinstance(who, str) else who[names[step.organisation_id]]), step=step)
    return fresh(one)


def budget(world: World, amount: int) -> Budget:
    return money.open_budget(
        SYSTEM,
        organisation=world.unions["river_city"],
        programme="career_subsidy",
        year=TODAY.year,
        amount=amount,
    )


def publicise(world: World, *ones: CareerApplication) -> None:
    subsidy.put_in_public(
        world.actor("river_officer"), applications=list(ones), organisation=world.unions["river_city"]
    )


def let_pass() -> None:
    close_due(SYSTEM, today=TODAY + timedelta(days=40))


def test_from_certificate_to_the_account(world: World) -> None:
    one = bring(world)
    assert one.stage == Stage.REVIEW
    steps = ReviewStep.objects.everywhere(reason=WHY).filter(review=one.review).order_by("order")
    assert [step.name for step in steps] == ["基层工会初审", "区县或产业工会复审", "市总工会核实证书"]
    one = review_through(world, one)
    assert one.stage == Stage.VERIFIED
    budget(world, 100_000)
    publicise(world, one)
    row = NoticeRow.objects.everywhere(reason=WHY).get(key=one.key)
    assert (row.name, row.values) == ("张*", ["电工", one.get_level_display(), "1,000.00 元"])
    let_pass()
    one = fresh(one)
    assert one.stage == Stage.DUE
    assert one.decision is not None
    assert one.payment is not None
    assert (one.decision.outcome, one.payment.amount) == ("granted", Decimal(1000))
    assert one.payment.decision_id == one.decision_id
    let_pass()
    assert Payment.objects.everywhere(reason=WHY).count() == 1


def test_once_per_person_occupation_and_level(world: World) -> None:
    bring(world)
    with pytest.raises(Refused, match="同一职业同一等级只补贴一次"):
        bring(world, number="S000010002")
    assert bring(world, number="S000010003", occupation="焊工").stage == Stage.REVIEW
    assert bring(world, number="S000010004", level="1").stage == Stage.REVIEW


def test_a_refused_certificate_may_be_brought_again(world: World) -> None:
    one = bring(world)
    step = (
        ReviewStep.objects.everywhere(reason=WHY)
        .select_related("organisation")
        .get(review=one.review, is_current=True)
    )
    refuse(world.actor("chair_alpha"), step=step, opinion="照片不清")
    assert fresh(one).stage == Stage.REFUSED
    subsidy.apply(world.actor("worker_alpha"), person=world.people["alpha_1"], number="S000010001")


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ({"level": "3"}, "这一等级的证书不在补贴范围内"),
        ({"occupation": "占卜师"}, "不在发证当年的助推目录里"),
        ({"issued_on": TODAY - timedelta(days=400)}, "超过 12 个月"),
    ],
)
def test_outside_the_scheme_nothing_is_submitted(world: World, more: dict[str, Any], says: str) -> None:
    with pytest.raises(Refused, match=says):
        bring(world, **more)
    assert not CareerApplication.objects.everywhere(reason=WHY).exists()


def test_anothers_certificate_and_an_unknown_number_are_refused(world: World) -> None:
    certificates.register(SYSTEM, listed=[certificate(world), certificate(world, "alpha_2", "S000010009")])
    with pytest.raises(Refused, match="持证人不是您本人"):
        subsidy.apply(world.actor("worker_alpha"), person=world.people["alpha_1"], number="s000010009 ")
    with pytest.raises(Refused, match="没有这个证书编号"):
        subsidy.apply(world.actor("worker_alpha"), person=world.people["alpha_1"], number="S99")


def test_the_line_is_that_of_application_and_what_returns_frees_the_next(world: World) -> None:
    first = bring(world, "alpha_1", "S000010001", level="1")
    second = bring(world, "alpha_2", "S000010002", level="1")
    third = bring(world, "beta_1", "S000010003", level="2")
    ones = [first, second, third]
    CareerApplication.objects.everywhere(reason=WHY).update(stage=Stage.VERIFIED)
    budget(world, 3_000)
    publicise(world, *[fresh(one) for one in ones])
    let_pass()
    first, second, third = (fresh(one) for one in ones)
    assert [one.stage for one in (first, second, third)] == [Stage.DUE, Stage.WAITING, Stage.WAITING]
    assert first.payment is not None
    money.reverse(SYSTEM, payment=first.payment, reason="证书被撤销")
    second, third = fresh(second), fresh(third)
    assert (second.stage, third.stage) == (Stage.DUE, Stage.DUE)
    assert second.payment is not None
    assert second.payment.amount == Decimal(2000)


def test_an_objection_that_is_right_takes_the_row_off(world: World) -> None:
    one = review_through(world, bring(world))
    budget(world, 100_000)
    publicise(world, one)
    row = NoticeRow.objects.everywhere(reason=WHY).select_related("notice").get(key=one.key)
    raise_objection(SYSTEM, notice=row.notice, row=row, text="该同志的证书系伪造，本人从未参加过鉴定考试。")
    let_pass()
    assert fresh(one).stage == Stage.PUBLICISED  # it stands until somebody has looked into it
    objection = Objection.objects.everywhere(reason=WHY).get()
    settle_objection(
        world.actor("river_officer"), objection=objection, upheld=True, opinion="经与发证机构核对，情况属实"
    )
    assert fresh(one).stage == Stage.REFUSED
    assert not Payment.objects.everywhere(reason=WHY).exists()


def test_the_best_certificate_is_a_fact_of_the_population(world: World) -> None:
    listed = [
        certificate(world, number="S1", level="3"),
        certificate(world, number="S2", level="1", occupation="焊工"),
        certificate(world, number="S3", level="1", occupation="钳工", issued_on=TODAY - timedelta(days=2)),
    ]
    assert certificates.register(SYSTEM, listed=listed) == 3
    assert certificates.register(SYSTEM, listed=listed) == 0
    best = Certificate.objects.everywhere(reason=WHY).get(is_best=True)
    assert best.occupation == "钳工"
    version = scheme("career_subsidy", on=TODAY, division=world.unions["alpha"].division)
    found = set(eligibility.who(version, TODAY).values_list("pk", flat=True))
    assert found == {world.people["alpha_1"].pk}
    (verdict,) = eligibility.judge(world.people["alpha_1"].pk, [version], TODAY)
    assert verdict.met


def test_on_the_phone_one_press_and_the_desk_sees_it(world: World, signed_in: Any, client: Client) -> None:
    certificates.register(SYSTEM, listed=[certificate(world)])
    phone = signed_in("worker_alpha")
    page = phone.get(reverse("m_subsidy_apply")).content.decode()
    assert "用这本证书申请" in page
    assert "S000010001" not in page.replace('value="S000010001"', "")
    answer = phone.post(reverse("m_subsidy_apply"), {"number": "S000010001"}, follow=True)
    one = CareerApplication.objects.everywhere(reason=WHY).get()
    assert one.review.number in answer.content.decode()
    assert "审核中" in phone.get(reverse("m_subsidy")).content.decode()
    wrong = phone.post(reverse("m_subsidy_apply"), {"number": "X1"})
    assert "没有这个证书编号" in wrong.content.decode()
    assert 'value="X1"' in wrong.content.decode()


def test_a_certificate_older_than_any_catalogue_is_shown_with_why_it_brings_nothing(
    world: World, signed_in: Callable[[str], Client]
) -> None:
    old = certificate(world, number="S000010009", issued_on=date(2009, 5, 1))
    certificates.register(SYSTEM, listed=[certificate(world), old])
    page = signed_in("worker_alpha").get(reverse("m_subsidy_apply")).content.decode()
    assert "不在发证当年的助推目录里" in page
    assert "发证已超过 12 个月" in page
    assert page.count("用这本证书申请") == 1
    with pytest.raises(Refused, match="不在发证当年的助推目录里"):
        subsidy.apply(world.actor("worker_alpha"), person=world.people["alpha_1"], number="S000010009")


def test_a_catalogue_that_cannot_be_read_refuses_nobody(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A mistake in its file is not the worker's fault: nothing is decided before it is mended."""
    certificates.register(SYSTEM, listed=[certificate(world)])
    held = Certificate.objects.everywhere(reason=WHY).get()
    place = book().versions["career_catalogue"][0].place
    monkeypatch.setitem(book().mistakes, "career_catalogue", [Mistake(place, "写错了")])
    with pytest.raises(NoScheme, match="有错误"):
        subsidy.facts_of(held, "420103")


def test_an_officer_publishes_what_is_verified(world: World, signed_in: Any) -> None:
    one = review_through(world, bring(world))
    desk = signed_in("river_officer")
    assert "公示已核实的 1 件" in desk.get(reverse("desk_subsidy")).content.decode()
    nothing = desk.post(reverse("desk_subsidy_publish"), {})
    assert "请选择要公示的申请" in nothing.content.decode()
    desk.post(reverse("desk_subsidy_publish"), {"applications": [str(one.pk)]})
    assert fresh(one).stage == Stage.PUBLICISED
    page = desk.get(reverse("desk_subsidy_application", args=[one.pk])).content.decode()
    assert "公示中" in page
    assert world.people["alpha_1"].name not in page


def publicised_through(world: World, one: CareerApplication) -> CareerApplication:
    publicise(world, review_through(world, one))
    let_pass()
    return fresh(one)


def test_the_district_matches_out_of_its_own_budget(world: World, signed_in: Callable[[str], Client]) -> None:
    """K2: 1:1 where the district has set money aside; its part waits in its own line."""
    budget(world, 100_000)
    own = money.open_budget(
        SYSTEM,
        organisation=world.unions["river_city"],
        programme="career_match",
        year=TODAY.year,
        amount=1000,
    )
    one = publicised_through(world, bring(world))
    assert (one.stage, one.payment is not None) == (Stage.DUE, True)
    part = Payment.objects.everywhere(reason=WHY).get(key=f"career:{one.pk}:match")
    assert (part.amount, part.budget_id, part.purpose) == (Decimal("1000.00"), own.pk, "career_match")
    assert part.decision is not None
    assert part.decision.worked is not None
    assert part.decision.worked["lines"][0]["text"] == "1,000.00 × 1"
    assert "区县配套 1,000.00 元" in signed_in("worker_alpha").get(reverse("m_subsidy")).content.decode()
    page = signed_in("river_officer").get(reverse("desk_subsidy_application", args=[one.pk]))
    assert "区县配套" in page.content.decode()
    other = publicised_through(world, bring(world, number="S000010003", occupation="焊工"))
    assert other.stage == Stage.DUE
    assert not Payment.objects.everywhere(reason=WHY).filter(key=f"career:{other.pk}:match").exists()
    money.change_budget(SYSTEM, budget=own, amount=2000, reason="追加")
    assert Payment.objects.everywhere(reason=WHY).filter(key=f"career:{other.pk}:match").exists()


def test_without_a_districts_budget_nothing_is_matched(world: World) -> None:
    budget(world, 100_000)
    one = publicised_through(world, bring(world))
    assert one.stage == Stage.DUE
    assert Payment.objects.everywhere(reason=WHY).count() == 1


def test_a_contest_stands_for_a_certificate_where_there_is_none(
    world: World, signed_in: Callable[[str], Client]
) -> None:
    """K3: of a final of 334 the first ten, of a semi-final of 100 to 333 the first five."""
    budget(world, 100_000)
    one, two = world.people["alpha_1"], world.people["beta_1"]
    given = {
        "title": "快递技能大赛", "organiser": "省总工会", "occupation": "快递揽投", "stage": "semifinal",
        "entrants": 120, "held_on": f"{TODAY - timedelta(days=9):%Y-%m-%d}",
        "places": f"5，{one.name}，{one.id_number.reveal()}\n6,{two.name},{two.id_number.reveal()}",
    }  # fmt: skip
    officer, url = signed_in("province_officer"), reverse("desk_subsidy_contest")
    few = officer.post(url, given | {"entrants": 99})
    assert "没有人可以按竞赛成绩申请" in few.content.decode()
    assert "第 1 行" in officer.post(url, given | {"places": "甲,乙"}).content.decode()
    assert officer.post(url, given).status_code == 302
    (held,) = Certificate.objects.everywhere(reason=WHY)
    assert (held.person_id, held.occupation, held.level) == (one.pk, "快递揽投", "2")
    assert "复赛第 5 名" in held.issuer
    made = subsidy.apply(world.actor("worker_alpha"), person=one, number=held.number)
    assert publicised_through(world, made).stage == Stage.DUE
    with pytest.raises(Refused, match="不在发证当年的助推目录里"):
        bring(world, "beta_1", "S000010009", occupation="快递揽投")
    assert signed_in("chair_alpha").get(url).status_code == 403
