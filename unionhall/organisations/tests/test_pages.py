"""The desk pages of the tree and the public search, asked as several personas."""

import re
from datetime import date, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from tests.world import World
from unionhall.foundation.actors import system_actor
from unionhall.organisations import actions
from unionhall.organisations.models import Division, Organisation

pytestmark = pytest.mark.django_db
WHY = "a test reads the tables directly"


def as_persona(world: World, name: str) -> Client:
    client = Client()
    client.force_login(world.accounts[name])
    return client


def page(client: Client, url: str, status: int = 200) -> str:
    answer = client.get(url)
    assert answer.status_code == status, answer.content[:2000]
    return answer.content.decode()


def test_the_list_shows_only_what_the_officer_may_see(world: World) -> None:
    text = page(as_persona(world, "east_officer"), "/desk/orgs/")
    assert world.unions["alpha"].name in text
    assert world.unions["gamma"].name not in text
    assert world.unions["delta"].name not in text


def test_an_industry_officer_sees_the_industry_chain(world: World) -> None:
    text = page(as_persona(world, "transport_officer"), "/desk/orgs/")
    assert world.unions["alpha"].name in text
    assert world.unions["beta"].name not in text


def test_out_of_scope_and_unknown_are_both_404(world: World) -> None:
    client = as_persona(world, "chair_alpha")
    page(client, f"/desk/orgs/{world.unions['alpha'].code}/")
    page(client, f"/desk/orgs/{world.unions['gamma'].code}/", 404)
    page(client, "/desk/orgs/nothing-here/", 404)
    page(client, f"/desk/orgs/{world.unions['gamma'].code}/edit/", 404)


def test_a_union_that_ended_on_the_day_of_its_founding_has_a_page(world: World) -> None:
    today = timezone.localdate()
    made = actions.establish(
        system_actor(), name="登记有误的工会", kind="grassroots", level=5, parent=world.unions["pier"],
        division="420103001", on=today,
    )  # fmt: skip
    actions.start_term(system_actor(), organisation=made, on=today, years=5)
    actions.dissolve(system_actor(), organisation=made, on=today, reason="登记错误")
    text = page(as_persona(world, "east_officer"), f"/desk/orgs/{made.code}/")
    assert "当天成立、当天终止" in text


def test_filters_by_name_term_and_subtree(world: World) -> None:
    client = as_persona(world, "province_officer")
    assert world.unions["beta"].name in page(client, "/desk/orgs/?q=博远")
    text = page(client, "/desk/orgs/?term=red")
    assert world.unions["beta"].name in text
    assert world.unions["alpha"].name not in text
    text = page(client, f"/desk/orgs/?under={world.unions['gorge_city'].code}")
    assert world.unions["delta"].name in text
    assert world.unions["alpha"].name not in text
    assert "没有符合这些条件的工会" in page(client, "/desk/orgs/?q=不存在的工会")


def test_rename_is_checked_then_done_and_the_past_keeps_the_old_name(world: World) -> None:
    client = as_persona(world, "pier_officer")
    union = world.unions["beta"]
    url, today = f"/desk/orgs/{union.code}/rename/", timezone.localdate()
    fields = {
        "name": "江城博远科技有限公司工会委员会",
        "on": f"{today:%Y-%m-%d}",
        "document": "江工〔2026〕1号",
    }
    answer = client.post(url, fields)
    assert answer.status_code == 200
    assert "核对" in answer.content.decode()
    assert Organisation.objects.everywhere(reason=WHY).get(pk=union.pk).name == union.name
    answer = client.post(url, fields | {"confirmed": "1"})
    assert answer.status_code == 302
    assert "江城博远科技" in page(client, answer["Location"])
    yesterday = today - timedelta(days=1)
    old = page(client, f"/desk/orgs/{union.code}/?on={yesterday:%Y-%m-%d}")
    assert re.search(rf"<h1>\s*{union.name}\s*</h1>", old)
    assert union.name in page(client, f"/desk/orgs/?q=博远电子&on={yesterday:%Y-%m-%d}")


def test_a_refusal_comes_before_the_check_and_keeps_what_was_typed(world: World) -> None:
    client = as_persona(world, "pier_officer")
    tomorrow = timezone.localdate() + timedelta(days=1)
    answer = client.post(
        f"/desk/orgs/{world.unions['beta'].code}/rename/",
        {"name": "新名称工会", "on": f"{tomorrow:%Y-%m-%d}"},
    )
    assert answer.status_code == 422
    text = answer.content.decode()
    assert "生效日期不能晚于今天" in text
    assert "新名称工会" in text


def test_a_chair_edits_contact_data_but_may_not_move_the_union(world: World) -> None:
    client = as_persona(world, "chair_alpha")
    url = f"/desk/orgs/{world.unions['alpha'].code}/"
    fields = {"telephone": "027-12345678", "form": "110", "confirmed": "1"}
    assert client.post(url + "edit/", fields).status_code == 302
    assert "027-12345678" in page(client, url)
    page(client, url + "move/", 403)


def test_move_by_form(world: World) -> None:
    client = as_persona(world, "river_officer")
    union, target = world.unions["alpha"], world.unions["hill"]
    answer = client.post(
        f"/desk/orgs/{union.code}/move/",
        {
            "chain": "region",
            "parent": target.code,
            "on": f"{timezone.localdate():%Y-%m-%d}",
            "confirmed": "1",
        },
    )
    assert answer.status_code == 302
    union.refresh_from_db()
    assert union.path.startswith(target.path)
    page(as_persona(world, "pier_officer"), f"/desk/orgs/{union.code}/", 404)


def test_establish_by_form(world: World) -> None:
    client = as_persona(world, "pier_officer")
    fields = {
        "name": "码头街道新业态联合工会", "kind": "joint", "level": "5", "parent": world.unions["pier"].code,
        "division": "420103001", "form": "110", "on": "2026-01-05", "confirmed": "1",
    }  # fmt: skip
    answer = client.post("/desk/orgs/new/", fields)
    assert answer.status_code == 302, answer.content.decode()
    assert "码头街道新业态联合工会" in page(client, answer["Location"])


def test_a_wrong_shape_is_refused_beside_its_field(world: World) -> None:
    fields = {
        "name": "某分会", "kind": "branch", "level": "6", "parent": world.unions["pier"].code,
        "division": "420103001", "form": "110", "on": "2026-01-05",
    }  # fmt: skip
    answer = as_persona(world, "pier_officer").post("/desk/orgs/new/", fields)
    assert answer.status_code == 422
    assert "分会不能设在乡镇（街道）工会之下" in answer.content.decode()


def test_terms_and_coverage_by_form(world: World) -> None:
    client = as_persona(world, "chair_beta")
    url = f"/desk/orgs/{world.unions['beta'].code}/"
    today = f"{timezone.localdate():%Y-%m-%d}"
    answer = client.post(url + "term/", {"on": today, "years": "3"})
    assert "延期换届须经上级工会批准" in answer.content.decode()
    fields = {"on": today, "years": "3", "document": "江总工发〔2026〕8号", "confirmed": "1"}
    assert client.post(url + "term/", fields).status_code == 302
    fields = {"name": "江城博远软件有限公司", "division": "420103001", "economic_type": "150",
              "employees": "30", "women": "12", "confirmed": "1"}  # fmt: skip
    assert client.post(url + "employer/", fields).status_code == 302
    fields = {"employer": "江城博远软件有限公司", "on": today, "confirmed": "1"}
    assert client.post(url + "cover/", fields).status_code == 302
    assert "江城博远软件有限公司" in page(client, url)
    fields = {"employer": "江城安达快递有限公司", "on": today}
    answer = client.post(url + "cover/", fields)
    assert world.unions["alpha"].name in answer.content.decode()


@pytest.mark.parametrize("children", [1, 3])
def test_the_detail_page_asks_the_same_number_of_queries(
    world: World, children: int, django_assert_max_num_queries: object
) -> None:
    from unionhall.foundation.actors import system_actor
    from unionhall.organisations import actions

    for number in range(children):
        actions.establish(
            system_actor(), name=f"第{number}新工会", kind="grassroots", level=5, parent=world.unions["dam"],
            division="420502001", on=date(2025, 1, 1),
        )  # fmt: skip
    client = as_persona(world, "gorge_officer")
    with django_assert_max_num_queries(36):  # type: ignore[operator]
        page(client, f"/desk/orgs/{world.unions['dam'].code}/")


@pytest.mark.parametrize("field", ["employees", "women"])
def test_more_people_than_any_employer_has_are_refused_beside_their_field(world: World, field: str) -> None:
    url = f"/desk/orgs/{world.unions['alpha'].code}/"
    fields = {
        "name": "江城博远软件有限公司",
        "division": "420103001",
        "economic_type": "170",
        "confirmed": "1",
    }
    fields |= {"employees": "9999999999", "women": "0"} | {field: "9999999999"}
    client = as_persona(world, "chair_alpha")
    for page_of in ("employer/", f"employers/{world.employers['alpha'].pk}/"):
        answer = client.post(url + page_of, fields)
        assert answer.status_code == 422
        assert field in answer.context["form"].errors


def test_the_public_finds_a_union_by_employer_and_place(world: World) -> None:
    # A seeding test may have left the country's divisions behind.
    Division.objects.update_or_create(
        code="420103", defaults={"name": "江东区", "parent_code": "4201", "level": 3}
    )
    client = Client()
    assert "请输入" in page(client, "/orgs/")
    text = page(client, "/orgs/?q=安达快递")
    assert world.unions["alpha"].name in text
    text = page(client, "/orgs/?place=江东")
    assert world.unions["beta"].name in text
    assert world.unions["gamma"].name not in text
