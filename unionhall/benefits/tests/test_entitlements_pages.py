"""我能享受什么: what is shown to whom, in how many statements; the guide that anybody reads."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from tests.world import World
from unionhall.access import signing
from unionhall.benefits.actions import entitlements as telling
from unionhall.benefits.actions import reach
from unionhall.benefits.models import Told
from unionhall.benefits.offering import Category, Use
from unionhall.benefits.tests.trial import Trial
from unionhall.foundation.actors import system_actor

SignedIn = Callable[[str], Client]
MEMBER = 'conditions = [{ condition = "member" }]\n'
MONEY = 'amount = { kind = "fixed", amount = 500 }\n'


def page(signed_in: SignedIn, who: str = "worker_alpha") -> Any:
    return signed_in(who).get(reverse("m_benefits"))


def titles(response: Any, group: str) -> list[str]:
    return [one["title"] for one in response.context["groups"][group]]


@pytest.fixture
def offered(world: World, trial: Trial) -> Trial:
    trial.offer("gift", MEMBER + MONEY, title="入会慰问")
    trial.offer(
        "veteran", 'conditions = [{ condition = "membership_months", at_least = 900 }]', title="老会员"
    )
    trial.offer("mothers", 'conditions = [{ condition = "sex", is = "2" }]', title="女职工关爱")
    trial.offer("anyone", "conditions = []", title="法律咨询")
    return trial


def test_each_benefit_stands_under_its_heading(world: World, offered: Trial, signed_in: SignedIn) -> None:
    response = page(signed_in)
    assert titles(response, "open") == ["法律咨询", "入会慰问"]
    assert titles(response, "near") == ["老会员"]
    assert titles(response, "rest") == ["女职工关爱"]
    html = response.content.decode()
    assert "500 元" in html
    assert "是工会会员" in html
    assert "还差" in html
    assert "时间到了会发消息告诉您" in html


def test_what_lacks_the_same_thing_is_said_once(world: World, trial: Trial, signed_in: SignedIn) -> None:
    for name in ("one", "two", "three"):
        trial.offer(name, 'conditions = [{ condition = "migrant_worker" }]')
    trial.offer(
        "veteran", 'conditions = [{ condition = "membership_months", at_least = 900 }]', title="老会员"
    )
    response = page(signed_in)
    assert [one["title"] for one in response.context["near"]] == ["老会员"]
    (some,) = response.context["alike"]
    assert [one["title"] for one in some["rows"]] == ["试验one", "试验three", "试验two"]
    assert response.content.decode().count("登记为农民工") == 2  # said, and named for the list


def test_who_is_no_member_sees_what_joining_would_open(
    world: World, offered: Trial, signed_in: SignedIn
) -> None:
    response = page(signed_in, "worker_outside")
    assert titles(response, "open") == ["法律咨询"]
    assert titles(response, "joining") == ["入会慰问", "老会员"]
    html = response.content.decode()
    assert "加入工会后，还能享受下面的 2 项" in html
    assert reverse("m_join") in html


def test_what_is_under_way_is_not_offered_again(world: World, trial: Trial, signed_in: SignedIn) -> None:
    uses = [Use("审核中，预计 3 天", reverse("m_applications"), under_way=True)]
    trial.offer("gift", MEMBER, used=lambda person, on: uses)
    response = page(signed_in)
    assert titles(response, "open") == []
    assert titles(response, "used") == ["试验gift"]
    assert "审核中，预计 3 天" in response.content.decode()


def test_a_place_has_its_own_version_and_others_do_not(
    world: World, trial: Trial, signed_in: SignedIn
) -> None:
    trial.offer("gift", MEMBER + MONEY)
    trial.write("gift", MEMBER + 'amount = { kind = "fixed", amount = 800 }', area="4201")
    assert [one["amount"] for one in page(signed_in).context["groups"]["open"]] == ["800 元"]


def test_a_sum_by_a_fact_is_the_readers_own(world: World, trial: Trial, signed_in: SignedIn) -> None:
    table = """amount = { kind = "table", fact = "person.sex", rows = [
        { is = "1", amount = 100, label = "男职工" }, { is = "2", amount = 300, label = "女职工" } ] }"""
    trial.offer("gift", MEMBER + table)
    assert [one["amount"] for one in page(signed_in).context["groups"]["open"]] == ["100 元（男职工）"]


def test_more_benefits_cost_no_more_statements(world: World, trial: Trial, signed_in: SignedIn) -> None:
    had = lambda on: Told.objects.everywhere(reason="stands for what a noun would answer")  # noqa: E731
    trial.offer("first", MEMBER, had=had)
    client = signed_in("worker_alpha")
    with CaptureQueriesContext(connection) as few:
        client.get(reverse("m_benefits"))
    for number in range(8):
        trial.offer(
            f"more{number}", f'conditions = [{{ condition = "age", at_least = {18 + number} }}]', had=had
        )
    with CaptureQueriesContext(connection) as many:
        response = client.get(reverse("m_benefits"))
    assert len(response.context["groups"]["open"]) == 9
    assert len(many) == len(few)


def test_somebody_who_has_it_is_known_from_the_same_statement(
    world: World, trial: Trial, signed_in: SignedIn
) -> None:
    had = lambda on: Told.objects.everywhere(reason="stands for what a noun would answer")  # noqa: E731
    trial.offer("gift", MEMBER, had=had)
    assert titles(page(signed_in), "open") == ["试验gift"]
    Told.objects.create(person=world.people["alpha_1"], programme="gift", version="x")
    assert titles(page(signed_in), "used") == ["试验gift"]


def test_the_benefits_page_says_why_how_and_on_whose_authority(
    world: World, offered: Trial, signed_in: SignedIn
) -> None:
    offered.offer(
        "bursary",
        MEMBER
        + 'papers = [{ code = "letter", label = "录取通知书" }]\n'
        + 'steps = [{ name = "所在工会审核", at = "union", role = "chair", working_days = 3 }]\n'
        + "notice_working_days = 5\nexclusive_with = ['gift']",
        title="金秋助学",
        status="sourced",
    )
    html = signed_in("worker_alpha").get(reverse("m_benefit", args=["bursary"])).content.decode()
    for words in (
        "您符合条件",
        "录取通知书",
        "所在工会审核",
        "3 个工作日",
        "公示",
        "入会慰问",
        "试〔2020〕1号",
        "有出处",
    ):
        assert words in html
    assert "直接取自登记，不用您填" in html
    gone = signed_in("worker_alpha").get(reverse("m_benefit", args=["nothing"]))
    assert gone.status_code == 404


def test_a_benefit_that_comes_by_itself_has_no_button(
    world: World, trial: Trial, signed_in: SignedIn
) -> None:
    trial.offer("gifted", MEMBER, apply="", automatic="随会员卡生效，不用申请")
    html = signed_in("worker_alpha").get(reverse("m_benefit", args=["gifted"])).content.decode()
    assert "随会员卡生效" in html
    assert "去办理" not in html


def test_nothing_published_says_so(world: World, trial: Trial, signed_in: SignedIn) -> None:
    assert "还没有发布普惠保障项目" in page(signed_in).content.decode()


def test_the_guide_is_for_anybody(world: World, offered: Trial, client: Client) -> None:
    offered.offer("card", MEMBER, title="会员卡优惠", category=Category.SERVICES)
    response = client.get(reverse("public_services"))
    assert [group["title"] for group in response.context["groups"]] == ["职业发展", "会员服务"]
    html = client.get(reverse("public_service", args=["gift"])).content.decode()
    assert "是工会会员" in html
    assert "500 元" in html
    assert "暂定" in html
    assert client.get(reverse("public_service", args=["nothing"])).status_code == 404


def test_the_guide_names_the_parts_that_differ(world: World, trial: Trial, client: Client) -> None:
    trial.offer("gift", MEMBER + MONEY)
    trial.write("gift", MEMBER + 'amount = { kind = "fixed", amount = 800 }', area="4201")
    trial.write("gift", MEMBER, area="11")
    page = client.get(reverse("public_service", args=["gift"]))
    assert [tab["url"] for tab in page.context["tabs"]] == ["?area=", "?area=4201"]
    assert "800 元" in client.get(reverse("public_service", args=["gift"]), {"area": "4201"}).content.decode()
    assert client.get(reverse("public_service", args=["gift"]), {"area": "11"}).status_code == 404


def test_parts_of_a_federation_with_a_whole_code_are_in_the_guide_and_the_overview(
    world: World, trial: Trial, client: Client, signed_in: SignedIn
) -> None:
    """Unions have codes of six digits (420000), schemes the part that tells (42)."""
    world.unions["province"].division = "420000"
    world.unions["province"].save(update_fields=["division"])
    trial.offer("gift", MEMBER + MONEY)
    trial.write("gift", MEMBER, area="429006")
    trial.offer("cities", None, title="只有市里有的")
    trial.write("cities", MEMBER, area="4201")
    trial.write("cities", MEMBER, area="4301")
    page = client.get(reverse("public_service", args=["gift"]))
    assert [tab["url"] for tab in page.context["tabs"]] == ["?area=", "?area=429006"]
    assert client.get(reverse("public_service", args=["gift"]), {"area": "429006"}).status_code == 200
    assert "只有市里有的" in client.get(reverse("public_services")).content.decode()
    assert client.get(reverse("public_service", args=["cities"]), {"area": "4301"}).status_code == 404
    assert "只有市里有的" in signed_in("province_officer").get(reverse("desk_benefits")).content.decode()


def test_a_scheme_with_mistakes_is_left_out(world: World, trial: Trial, signed_in: SignedIn) -> None:
    trial.offer("gift", "unknown_key = 1")
    assert page(signed_in).context["any"] is False


def test_day_of_the_statement(world: World, trial: Trial) -> None:
    """Asked for another day, facts are those of that day."""
    from unionhall.benefits import entitlements

    trial.offer("gift", MEMBER)
    person = world.people["alpha_1"].pk
    (then,) = entitlements.judged(person, "4201", date(2020, 12, 31))
    (now,) = entitlements.judged(person, "4201", date(2022, 1, 1))
    assert (then.verdict.met, now.verdict.met) == (False, True)


# The worker's home ------------------------------------------------------------------------------------------------


def test_home_recommends_what_is_not_used_yet(world: World, trial: Trial, signed_in: SignedIn) -> None:
    client = signed_in("worker_alpha")
    client.get("/m/")
    with CaptureQueriesContext(connection) as before:
        html = client.get("/m/").content.decode()
    assert "为您推荐" not in html
    assert reverse("m_benefits") in html
    for name in ("one", "two", "three", "four"):
        trial.offer(name, MEMBER + MONEY)
    held = lambda on: Told.objects.everywhere(reason="the same").filter(programme="held")  # noqa: E731
    trial.offer("held", MEMBER, had=held, category=Category.HEALTH)
    trial.offer("cover", MEMBER, apply="", automatic="随会员卡生效", category=Category.HEALTH)
    trial.offer("women", 'conditions = [{ condition = "sex", is = "2" }]', category=Category.HEALTH)
    Told.objects.create(person=world.people["alpha_1"], programme="held", version="x")
    with CaptureQueriesContext(connection) as after:
        response = client.get("/m/")
    assert [one["title"] for one in response.context["recommended"]] == ["试验four", "试验one", "试验three"]
    assert len(after) == len(before) + 1


def test_home_of_who_is_no_member_still_leads_to_joining(
    world: World, trial: Trial, signed_in: SignedIn
) -> None:
    trial.offer("one", MEMBER + MONEY)
    response = signed_in("worker_outside").get("/m/")
    assert response.context["recommended"] == []
    assert response.context["services"][0]["url"] == reverse("m_join")


def test_who_has_not_said_who_he_is_sees_what_there_is(world: World, offered: Trial, client: Client) -> None:
    client.force_login(signing.account_of("13800000001"))
    html = client.get(reverse("m_benefits")).content.decode()
    assert "确认身份" in html
    assert reverse("public_service", args=["gift"]) in html
    assert "符合“" not in html


# Everything that is shipped ---------------------------------------------------------------------------------------


def test_all_shipped_benefits_stand_on_the_page_and_in_the_guide(
    world: World, signed_in: SignedIn, client: Client
) -> None:
    """Every noun's `used` and `had` answer, for a member and for somebody who is none."""
    member = page(signed_in)
    groups = member.context["groups"]
    shown = {one["programme"] for rows in groups.values() for one in rows}
    assert {"medical_aid", "career_subsidy", "hardship_relief", "school_aid", "member_services"} <= shown
    outside = page(signed_in, "worker_outside").context["groups"]
    assert {one["programme"] for rows in outside.values() for one in rows} == shown
    for code in shown:
        assert signed_in("worker_alpha").get(reverse("m_benefit", args=[code])).status_code == 200
        assert client.get(reverse("public_service", args=[code])).status_code == 200


def test_all_shipped_benefits_are_told_and_counted(world: World) -> None:
    actor, today = system_actor(), timezone.localdate()
    assert telling.tell(actor, on=today).items > 0
    assert telling.tell(actor, on=today).items == 0
    assert reach.reckon(actor, on=today) > 0
