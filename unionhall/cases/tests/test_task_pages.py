"""Pages of supervision, tasks, plans and transfers: what is seen, what may be done, how many statements."""

from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from tests.world import World
from unionhall.cases.actions import supervision, task_parts
from unionhall.cases.models import Case, CaseTransfer, Plan, SupervisionNote, Task, TaskPart

from .incidents import WHY
from .test_supervision import late_case
from .test_tasks import asked, day, given
from .test_transfers import KEY, filed

pytestmark = pytest.mark.django_db


def signed(client: Client, world: World, who: str) -> Client:
    client.force_login(world.accounts[who])
    return client


def page(client: Client, name: str, *args: Any, query: str = "") -> str:
    found = client.get(reverse(name, args=args) + query)
    assert found.status_code == 200, found.status_code
    return found.content.decode()


def statements(client: Client, address: str) -> int:
    client.get(address)
    with CaptureQueriesContext(connection) as seen:
        assert client.get(address).status_code == 200
    return len(seen)


def test_overdue_by_unit_leads_to_the_list_and_to_a_note(world: World, client: Client) -> None:
    case = late_case(world)
    late_case(world, "beta")
    leader = signed(client, world, "leader")
    text = page(leader, "desk_supervision")
    assert "江东区总工会" in text
    assert f"?under={world.unions['east'].code}" in text
    below = page(leader, "desk_supervision", query=f"?under={world.unions['pier'].code}")
    assert "江城安达快递有限公司工会委员会" in below
    listed = page(
        leader, "desk_supervision_overdue", query=f"?under={world.unions['alpha'].code}&kind=incident"
    )
    assert case.number in listed
    address = reverse("desk_supervision_new", args=[case.number])
    assert address in listed
    assert leader.post(address, {"asked": "三日内说明"}).status_code == 302
    note = SupervisionNote.objects.everywhere(reason=WHY).get()
    assert "待回复" in page(leader, "desk_supervision_note", note.number)
    assert address not in page(leader, "desk_supervision_overdue")
    chair = signed(client, world, "chair_alpha")
    reply = reverse("desk_supervision_reply", args=[note.number])
    assert reply in page(chair, "desk_supervision_note", note.number)
    assert chair.post(reply, {"text": "已约谈"}).status_code == 302
    assert chair.get(address).status_code == 403
    leader = signed(client, world, "leader")
    assert leader.post(reverse("desk_supervision_settle", args=[note.number])).status_code == 302
    assert "没有督办单" in page(leader, "desk_supervision_notes", query="?state=waiting")
    for who in ("chair_gamma", "gorge_officer"):
        other = signed(client, world, who)
        assert other.get(reverse("desk_supervision_note", args=[note.number])).status_code == 404
        assert (
            other.get(reverse("desk_supervision") + f"?under={world.unions['east'].code}").status_code == 404
        )


def test_a_plan_its_task_and_a_part_by_their_forms(world: World, client: Client) -> None:
    officer = signed(client, world, "river_officer")
    city = world.unions["river_city"]
    plan_form = {
        "organisation": city.pk, "kind": "one_six", "title": "“1+6”文件", "document": "",
        "starts_on": day(0), "ends_on": day(300),
    }  # fmt: skip
    assert officer.post(reverse("desk_plan_new"), plan_form).status_code == 302
    plan = Plan.objects.everywhere(reason=WHY).get()
    task_form = {
        "organisation": city.pk, "plan": plan.pk, "title": "治欠", "target": "动态清零", "methods": "联合检查",
        "steps": "摸排", "safeguard": "专班", "due_on": day(90),
    }  # fmt: skip
    assert officer.post(reverse("desk_task_new"), task_form | {"due_on": day(-1)}).status_code == 422
    assert officer.post(reverse("desk_task_new"), task_form).status_code == 302
    case = Case.objects.everywhere(reason=WHY).get(kind="task")
    part_form = {
        "union": "码头街道总工会",
        "body": "",
        "holder": "李主任",
        "asked": "摸排",
        "due_on": day(20),
    }
    ask = reverse("desk_task_ask", args=[case.number])
    assert officer.post(ask, part_form | {"union": ""}).status_code == 422
    assert officer.post(ask, part_form | {"union": "没有的工会"}).status_code == 422
    assert officer.post(ask, part_form).status_code == 302
    shown = page(officer, "desk_plan", plan.pk)
    for words in ("动态清零", "联合检查", "摸排", "专班", "李主任"):
        assert words in shown
    part = TaskPart.objects.everywhere(reason=WHY).get()
    street = signed(client, world, "pier_officer")
    assert "治欠" in page(street, "desk_task_parts")
    assert street.get(reverse("desk_task", args=[case.number])).status_code == 404
    reply = {"reply": "已摸排", "progress": 100, "final": "on"}
    assert street.post(reverse("desk_task_part_reply", args=[part.pk]), reply).status_code == 302
    assert street.post(reverse("desk_task_part_accept", args=[part.pk])).status_code == 403
    officer = signed(client, world, "river_officer")
    assert officer.post(reverse("desk_task_part_accept", args=[part.pk])).status_code == 302
    merge = reverse("desk_task_merge", args=[case.number])
    assert merge in page(officer, "desk_task", case.number)
    assert officer.post(merge, {"conclusion": "完成"}).status_code == 302
    assert (
        officer.post(reverse("desk_task_close", args=[case.number]), {"opinion": "同意"}).status_code == 302
    )
    assert Task.objects.everywhere(reason=WHY).get().progress == 100
    assert officer.post(reverse("desk_plan_close", args=[plan.pk])).status_code == 302


def test_statements_do_not_grow(world: World, client: Client) -> None:
    case = given(world)
    part = asked(world, case, "pier")
    for union in ("alpha", "gamma"):
        supervision.issue(world.actor("leader"), late_case(world, union), asked="说明")
    officer = signed(client, world, "river_officer")
    names = (
        "desk_supervision",
        "desk_supervision_overdue",
        "desk_supervision_notes",
        "desk_tasks",
        "desk_plans",
    )
    pages = [reverse(name) for name in (*names, "desk_task_parts")] + [
        reverse("desk_task", args=[case.number])
    ]
    before = [statements(officer, one) for one in pages]
    task_parts.reply(world.actor("pier_officer"), part, reply="一半", progress=50, final=False)
    for union in ("alpha", "gamma"):
        asked(world, case, union)
        supervision.issue(world.actor("leader"), late_case(world, union), asked="说明")
        given(world)
    assert [statements(officer, one) for one in pages] == before
    assert max(before) < 30


def test_a_package_goes_out_and_comes_in_by_their_pages(
    world: World, client: Client, settings: Settings
) -> None:
    settings.FEDERATION, settings.TRANSFER_KEYS = "unionhall", {"north": KEY}
    case = filed(world)
    officer = signed(client, world, "river_rights")
    sent = officer.post(
        reverse("desk_case_transfer_send", args=[case.number]),
        {"federation": "north", "reason": "工地在北方"},
    )
    assert sent["Content-Disposition"].startswith("attachment")
    assert "等待回执" in page(officer, "desk_case_transfers")
    settings.FEDERATION, settings.TRANSFER_KEYS = "north", {"unionhall": KEY}
    other = signed(client, world, "province_officer")
    package: Any = BytesIO(sent.content)
    package.name = "移送.uhcase"
    form = {
        "federation": "unionhall", "file": package, "organisation": world.unions["gorge_county"].pk, "kind": "",
    }  # fmt: skip
    assert other.post(reverse("desk_case_transfer_take"), form).status_code == 302
    came = CaseTransfer.objects.everywhere(reason=WHY).get(direction="in")
    answer = other.post(reverse("desk_case_transfer_receipt", args=[came.pk]))
    settings.FEDERATION, settings.TRANSFER_KEYS = "unionhall", {"north": KEY}
    receipt: Any = BytesIO(answer.content)
    receipt.name = "回执.uhcase"
    officer = signed(client, world, "river_rights")
    taken = officer.post(
        reverse("desk_case_transfer_receipt_take"), {"federation": "north", "file": receipt}, follow=True
    )
    assert "对方状态：预警" in taken.content.decode()


def test_late_days_are_seen(world: World, client: Client) -> None:
    part = asked(world, given(world), "pier")
    rows = TaskPart.objects.everywhere(reason=WHY).filter(pk=part.pk)
    rows.update(due_on=timezone.localdate() - timedelta(days=3))
    assert "逾期" in page(signed(client, world, "river_officer"), "desk_tasks")
