"""Pages of legal aid: the phone, the desk, the lawyer's own; what each sees, and that pages ask few statements."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from decimal import Decimal
from functools import partial
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests.world import World
from unionhall.cases.actions import aid, lawyering, lawyers
from unionhall.cases.models import AidAssignment, CounselBatch, CounselVisit, FirmCounsel, Lawyer, LegalAid
from unionhall.cases.tests.aid import applied, body, lawyer, officer, on_duty

pytestmark = pytest.mark.django_db
WHY = "test"
SignIn = Callable[[str], Client]
Bound = Callable[[int], AbstractContextManager[Any]]


def text(response: Any) -> str:
    return str(response.content.decode())


def test_a_worker_asks_on_the_phone_with_what_the_register_knows(world: World, signed_in: SignIn) -> None:
    place = body(world)
    client, pages = signed_in("worker_alpha"), partial(reverse, "m_aid_new_step")
    employer = world.employers["alpha"].name

    def fill(**more: str) -> Any:
        """Answer page after page, as they follow; what the last press gave."""
        given = {"form": "3", "statement": "拖欠三个月工资", "amount": "24000", "employer": employer} | more
        page = client.get(reverse("m_aid_new"))
        for _ in range(14):
            page = client.post(page.headers["Location"], given)
            if page.status_code != 302 or page.headers["Location"].endswith("/done/"):
                return page
        raise AssertionError(page.headers["Location"])

    assert fill(cause="wages", statement="").status_code == 422
    assert employer in text(client.get(pages(args=["where"])))
    answer = fill(cause="wages", is_migrant="1")
    found = LegalAid.objects.everywhere(reason=WHY).get()
    assert (found.body, found.case.amount) == (place, Decimal(24000))
    done = text(client.get(answer.headers["Location"]))
    assert found.case.number in done
    assert place.name in done
    again = fill(cause="wages", is_migrant="1")
    assert again.status_code == 422
    assert found.case.number in text(again)
    # Whose means are looked into is asked for them; the others never see that page.
    assert client.get(pages(args=["income"])).headers["Location"] == pages(args=["check"])
    client.post(pages(args=["who"]), {"is_migrant": "0"})
    client.post(pages(args=["group"]), {"group": ""})
    assert "可以得到援助" in text(client.get(pages(args=["income"])))
    client.post(reverse("m_aid_new"))  # 清空重填
    assert client.get(pages(args=["check"])).headers["Location"] == pages(args=["cause"])


def test_the_desk_decides_assigns_and_closes(world: World, signed_in: SignIn) -> None:
    found, one = applied(world), lawyer(world)
    client = signed_in("river_rights")

    def act(verb: str, **given: str) -> str:
        return text(client.post(reverse("desk_aid_act", args=[found.case.number, verb]), given, follow=True))

    page = text(client.get(reverse("desk_aid_case", args=[found.case.number])))
    assert "免予核查经济困难状况" in page
    assert "请在三日内指派律师" in act("grant")
    assert "擅长支付劳动报酬" in text(client.get(reverse("desk_aid_act", args=[found.case.number, "offer"])))
    other = lawyer(world, "何清")
    assert "等待律师接受" in act("offer", lawyer=str(one.pk))
    assert "请刷新页面" in act("offer", lawyer=str(other.pk))  # pressed twice
    assert "已登记" in act("accept")
    assert client.get(reverse("desk_aid_act", args=[found.case.number, "nonsense"])).status_code == 404
    listed = text(client.get(f"{reverse('desk_aid')}?state=working"))
    assert found.case.number in listed
    assert found.case.number not in text(client.get(f"{reverse('desk_aid')}?state=closed"))


def test_a_lawyer_sees_his_case_and_nothing_else_and_only_while_it_lasts(
    world: World, signed_in: SignIn
) -> None:
    one, who = lawyer(world, account="lawyer"), officer(world)
    mine, other = applied(world), applied(world, cause="injury")
    for case in (mine.case, other.case):
        aid.decide(who, case=case, granted=True)
    held = lawyering.offer(who, case=mine.case, lawyer=one)
    foreign = lawyering.offer(who, case=other.case, lawyer=lawyer(world, "何清"))
    client = signed_in("lawyer")
    page = text(client.get(reverse("partner_aid_case", args=[held.pk])))
    assert "接受后显示" in page
    assert world.people["alpha_1"].name not in page
    assert client.get(reverse("partner_aid_case", args=[foreign.pk])).status_code == 404
    client.post(reverse("partner_aid_act", args=[held.pk, "accept"]))
    page = text(client.get(reverse("partner_aid_case", args=[held.pk])))
    assert world.people["alpha_1"].name in page
    work = {"on": f"{timezone.localdate()}", "kind": "meeting", "what": "会见当事人", "hours": "1.5"}
    assert client.post(reverse("partner_aid_act", args=[held.pk, "work"]), work).status_code == 302
    report = {"result": "upheld", "recovered": "24000", "summary": "裁决支持"}
    client.post(reverse("partner_aid_act", args=[held.pk, "report"]), report)
    lawyering.close(who, case=mine.case)
    assert client.get(reverse("partner_aid_case", args=[held.pk])).status_code == 404
    assert mine.case.number not in text(client.get(reverse("partner_aid")))


def test_the_worker_sees_his_lawyer_and_rates(world: World, signed_in: SignIn) -> None:
    one, who = lawyer(world, account="lawyer", telephone="027-85550101"), officer(world)
    found = applied(world)
    aid.decide(who, case=found.case, granted=True)
    held = lawyering.offer(who, case=found.case, lawyer=one)
    his = world.actor("lawyer")
    lawyering.answer(his, assignment=held, accept=True)
    lawyering.log(
        his, assignment=held, on=timezone.localdate(), kind="meeting", what="核对工资条", hours=Decimal(1)
    )
    client = signed_in("worker_alpha")
    page = text(client.get(reverse("m_aid", args=[found.case.number])))
    assert "027-85550101" in page
    assert "核对工资条" in page
    lawyering.report(his, assignment=held, result="agreed", recovered=Decimal(100), summary="和解")
    lawyering.close(who, case=found.case)
    assert "评价" in text(client.get(reverse("m_help_case", args=[found.case.number])))
    client.post(reverse("m_aid_act", args=[found.case.number, "rate"]), {"grade": "5", "words": "好"})
    assert LegalAid.objects.everywhere(reason=WHY).get().rating == 5
    assert signed_in("worker_beta").get(reverse("m_aid", args=[found.case.number])).status_code == 404


def test_rosters_duty_and_bodies(world: World, signed_in: SignIn) -> None:
    client = signed_in("river_rights")
    given = {
        "organisation": world.unions["river_city"].code, "name": "田静", "licence": "14201202011234567",
        "firm": "江城正和律师事务所", "areas": "4201，420103", "skills": ["wages"], "most": "5", "most_firms": "10",
    }  # fmt: skip
    assert client.post(reverse("desk_lawyer_new"), given | {"areas": "江城"}).status_code == 422
    assert client.post(reverse("desk_lawyer_new"), given).status_code == 302
    one = Lawyer.objects.everywhere(reason=WHY).get()
    assert one.divisions == ["4201", "420103"]
    assert client.post(reverse("desk_lawyer_new"), given).status_code == 422
    place = body(world)
    url = reverse("desk_aid_body_duty", args=[place.pk])
    client.post(url, {"weekday": "1", "lawyers": [str(one.pk)]})
    page = text(client.get(reverse("desk_aid_body", args=[place.pk])))
    assert "值班不足" in page
    on_duty(place, [lawyer(world, "何清")], 1)
    listed = text(client.get(reverse("desk_aid_bodies")))
    assert "周一" not in listed
    assert "周二" in listed
    assert world.unions["west"].name in listed
    todo = (
        text(client.get(reverse("desk_todo")))
        if _named("desk_todo")
        else text(client.get(reverse("desk_home")))
    )
    assert "还没有法律援助机构的工会" in todo
    client.post(
        reverse("desk_aid_body_close", args=[place.pk]),
        {"on": f"{timezone.localdate()}", "because": "经费中断"},
    )
    assert "停止服务" in text(client.get(reverse("desk_aid_bodies")))


def _named(name: str) -> bool:
    from django.urls import NoReverseMatch

    try:
        reverse(name)
    except NoReverseMatch:
        return False
    return True


def test_firms_are_shared_out_after_a_preview_and_taken_back(world: World, signed_in: SignIn) -> None:
    lawyer(world)
    client = signed_in("river_rights")
    given = {"organisation": world.unions["river_city"].code, "most": "10", "months": "12"}
    page = client.post(reverse("desk_counsel_all"), given)
    assert "预览：分配 3 家" in text(page)
    assert not FirmCounsel.objects.everywhere(reason=WHY).exists()
    digest = page.context["plan"]["digest"]
    client.post(reverse("desk_counsel_all"), given | {"expected": digest})
    batch = CounselBatch.objects.everywhere(reason=WHY).get()
    assert batch.placed == 3
    client.post(reverse("desk_counsel_undo", args=[batch.pk]))
    assert not FirmCounsel.objects.everywhere(reason=WHY).exists()


def test_a_lawyer_writes_down_a_visit_to_his_firm(world: World, signed_in: SignIn) -> None:
    today = timezone.localdate()
    one = FirmCounsel.objects.create(
        lawyer=lawyer(world, account="lawyer"), employer=world.employers["alpha"],
        organisation=world.unions["river_city"], period=(today - timedelta(days=9), today + timedelta(days=9)),
    )  # fmt: skip
    client = signed_in("lawyer")
    assert world.employers["alpha"].name in text(client.get(reverse("partner_firms")))
    given = {"on": f"{today}", "kind": "check", "headcount": "30", "hours": "2", "note": "查看合同"}
    client.post(reverse("partner_firm_visit", args=[one.pk]), given)
    assert CounselVisit.objects.everywhere(reason=WHY).get().headcount == 30


@pytest.mark.parametrize(
    ("name", "most"), [("desk_aid", 16), ("desk_lawyers", 14), ("desk_aid_bodies", 18), ("desk_counsel", 18)]
)
def test_lists_ask_as_few_statements_for_three_as_for_one(
    world: World, signed_in: SignIn, django_assert_max_num_queries: Bound, name: str, most: int
) -> None:
    body(world)
    for number, cause in enumerate(("wages", "injury", "insurance")):
        applied(world, cause=cause)
        lawyer(world, f"律师{number}")
    client = signed_in("river_rights")
    client.get(reverse(name))
    with django_assert_max_num_queries(most):
        assert client.get(reverse(name)).status_code == 200


def test_the_page_of_an_application_asks_few_statements(
    world: World, signed_in: SignIn, django_assert_max_num_queries: Bound
) -> None:
    found = applied(world)
    aid.decide(officer(world), case=found.case, granted=True)
    for number in range(5):
        lawyer(world, f"律师{number}")
    client = signed_in("river_rights")
    client.get(reverse("desk_aid_case", args=[found.case.number]))
    with django_assert_max_num_queries(34):
        page = client.get(reverse("desk_aid_case", args=[found.case.number]))
    assert "谁来办" in text(page)
    assert not AidAssignment.objects.everywhere(reason=WHY).exists()


def test_cases_of_a_lawyer_on_leave_stand_on_the_list_of_what_to_do(world: World, signed_in: SignIn) -> None:
    found, one, who = applied(world), lawyer(world), officer(world)
    aid.decide(who, case=found.case, granted=True)
    lawyering.offer(who, case=found.case, lawyer=one)
    client = signed_in("river_rights")
    assert "承办律师休假" not in text(client.get(reverse("desk_home")))
    today = timezone.localdate()
    lawyers.add_leave(who, lawyer=one, begins=today, ends=today)
    assert "承办律师休假" in text(client.get(reverse("desk_home")))
    assert found.case.number in text(client.get(reverse("desk_aid"), {"figure": "away"}))
    client.post(reverse("desk_aid_act", args=[found.case.number, "replace"]), {"opinion": "律师休假"})
    page = text(client.get(reverse("desk_aid_act", args=[found.case.number, "offer"])))
    assert "已经谢绝或退出过这件事" in page
