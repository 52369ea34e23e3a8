"""What organising supplies to the tree from the schemes, and the remarks on a union's page and in the list."""

from datetime import date
from typing import Any

import pytest
from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils import timezone

from tests.world import World
from unionhall.foundation.actors import SystemAccess
from unionhall.foundation.errors import Refused
from unionhall.members.models import Post
from unionhall.organisations import actions, parameters
from unionhall.organisations.models import Employer, Term
from unionhall.organising.parameters import seats, thresholds

WHY = "a test reads the tables directly"
DAY = date(2026, 1, 10)


def test_terms_come_from_the_scheme_by_date() -> None:
    found = parameters.terms(DAY, "420103001")
    assert [found.years(level) for level in (1, 3, 4, 5, 6)] == [(5,), (5,), (3, 5), (3, 5), (3, 5)]
    assert found.remind_months_before == 3
    assert found.soon(date(2026, 11, 30)) == date(2027, 2, 28)
    assert parameters.terms(date(2010, 1, 1), "42").years(5) == (3, 5)
    with pytest.raises(Refused, match="没有适用的"):
        parameters.terms(date(1999, 1, 1), "42")
    assert parameters.soon(date(1999, 1, 1), "42") == date(1999, 1, 1)


def test_limits_come_from_the_scheme_by_place_with_their_source() -> None:
    here, beijing = thresholds(DAY, "420103"), thresholds(DAY, "110105")
    assert here.women_committee_women is None
    assert beijing.women_committee_women is not None
    assert beijing.women_committee_women.number == 25
    assert "第九条" in beijing.women_committee_women.source
    assert here.committee_members is not None
    assert here.committee_members.number == 25
    assert "第十一条" in here.committee_members.source
    assert here.full_time_chair_staff is not None
    assert "第十四条" in here.full_time_chair_staff.source
    assert not here.full_time_chair_must
    assert thresholds(date(1999, 1, 1), "42").committee_members is None
    table = seats(DAY, "42", 60)
    assert table is not None
    assert table.choices == (3, 5)
    assert seats(DAY, "42", 5) is None


def remarks_of(world: World, union: str) -> list[str]:
    one = world.unions[union]
    found = parameters.remarks(SystemAccess(), [one], timezone.localdate())
    return [remark.text for remark in found.get(one.pk, [])]


@pytest.mark.django_db
def test_remarks_read_members_with_branches_staff_posts_and_terms(world: World) -> None:
    """Alpha: three members (one in its branch), 200 staff, a term in force, no post."""
    assert remarks_of(world, "alpha") == [
        "职工已有 200 人，可以设专职工会主席。",
        "还没有登记经费审查委员会。",
    ]
    since = DateRange(date(2024, 1, 1), None)
    for person, title, full_time in (("alpha_1", "chair", True), ("alpha_2", "audit_chair", False)):
        Post.objects.create(
            organisation=world.unions["alpha"], person=world.people[person], title=title, full_time=full_time,
            period=since,
        )  # fmt: skip
    assert remarks_of(world, "alpha") == []
    Term.objects.everywhere(reason=WHY).filter(organisation=world.unions["alpha"]).delete()
    Post.objects.everywhere(reason=WHY).all().delete()
    Employer.objects.update(employees=10, women=1)
    (alone,) = remarks_of(world, "alpha")
    assert alone.startswith("会员 3 人，不足 25 人")
    assert remarks_of(world, "east") == []
    assert remarks_of(world, "alpha_night") == []


@pytest.mark.django_db
@pytest.mark.parametrize("many", [1, 4])
def test_remarks_cost_the_same_for_one_union_and_for_four(
    world: World, many: int, django_assert_num_queries: Any
) -> None:
    unions = [world.unions[name] for name in ("alpha", "beta", "gamma", "delta")][:many]
    with django_assert_num_queries(6):
        found = parameters.remarks(SystemAccess(), unions, timezone.localdate())
    assert len(found) == many


@pytest.mark.django_db
def test_the_page_and_the_list_show_remarks(world: World, signed_in: Any) -> None:
    client = signed_in("pier_officer")
    text = client.get(f"/desk/orgs/{world.unions['beta'].code}/").content.decode()
    assert "任期已届满" in text
    assert "《中国工会章程》第二十六条" in text
    assert "可以设专职工会主席" in text
    listed = client.get("/desk/orgs/").content.decode()
    assert f"/desk/orgs/{world.unions['beta'].code}/#remarks" in listed
    text = client.get(f"/desk/orgs/{world.unions['pier'].code}/").content.decode()
    assert 'id="remarks"' not in text


@pytest.mark.django_db
def test_remarks_tell_no_count_of_members_to_who_may_not_see_them(world: World, signed_in: Any) -> None:
    """The figures withhold so small a number from a leader and an operator; the remark beside them does too."""
    Term.objects.everywhere(reason=WHY).filter(organisation=world.unions["beta"]).delete()
    url = f"/desk/orgs/{world.unions['beta'].code}/"
    for who in ("leader", "operator"):
        text = signed_in(who).get(url).content.decode()
        assert "会员不足 25 人：" in text
        assert "会员 2 人" not in text
    for who in ("chair_beta", "auditor"):
        assert "会员 2 人，不足 25 人：" in signed_in(who).get(url).content.decode()


@pytest.mark.django_db
def test_figures_lead_to_the_members_behind_them(world: World, signed_in: Any) -> None:
    url = f"/desk/orgs/{world.unions['alpha'].code}/"
    text = signed_in("pier_officer").get(url).content.decode()
    assert f'href="/desk/members/?under={world.unions["alpha"].code}&amp;sex=2"' in text
    assert f'href="/desk/members/?under={world.unions["alpha"].code}&amp;migrant=1"' in text
    # A leader sees figures and no members: the tiles lead to the figures page.
    text = signed_in("leader").get(url).content.decode()
    assert "/desk/members/" not in text
    assert f'class="kpi " href="/desk/figures/?under={world.unions["alpha"].code}"' in text


@pytest.mark.django_db
def test_posts_stand_on_the_page_with_names_for_those_who_may_see_members(
    world: World, signed_in: Any
) -> None:
    Post.objects.create(
        organisation=world.unions["alpha"], person=world.people["alpha_2"], title="chair",
        period=DateRange(date(2024, 1, 1), None),
    )  # fmt: skip
    Post.objects.create(
        organisation=world.unions["alpha"], person=world.people["alpha_1"], title="vice_chair",
        period=DateRange(date(2023, 1, 1), date(2024, 1, 1)),
    )  # fmt: skip
    url = f"/desk/orgs/{world.unions['alpha'].code}/"
    text = signed_in("chair_alpha").get(url).content.decode()
    assert "欧阳娜" in text
    assert "张海林" not in text
    assert "张海林" in signed_in("chair_alpha").get(url + "?on=2023-06-01").content.decode()
    text = signed_in("leader").get(url).content.decode()
    assert "欧阳娜" not in text
    assert world.people["alpha_2"].masked_name in text
    text = signed_in("leader").get(url + "posts/").content.decode()
    assert [name for name in ("欧阳娜", "张海林") if name in text] == []
    for key in ("alpha_1", "alpha_2"):
        assert world.people[key].masked_name in text
    text = signed_in("chair_alpha").get(url + "posts/").content.decode()
    assert [name for name in ("欧阳娜", "张海林") if name not in text] == []


@pytest.mark.django_db
def test_the_form_of_a_term_offers_what_the_scheme_allows(world: World, signed_in: Any) -> None:
    client = signed_in("province_officer")
    text = client.get(f"/desk/orgs/{world.unions['east'].code}/term/").content.decode()
    assert "5 年" in text
    assert "3 年" not in text
    text = client.get(f"/desk/orgs/{world.unions['alpha'].code}/term/").content.decode()
    assert "3 年" in text
    with pytest.raises(Refused, match="没有适用的"):
        actions.start_term(
            world.actor("province_officer"), organisation=world.unions["east"], on=date(1999, 1, 1), years=5
        )
