"""Searching by name: what the indexes find is what reading every row finds, through every scope; copies follow."""

import pytest
from django.db import connection
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.world import WHY, World
from unionhall.foundation.wording import AtLeast
from unionhall.members import finding
from unionhall.members.actions import edit_person
from unionhall.members.finding import Search, find, listing
from unionhall.members.models import Membership
from unionhall.members.models.memberships import LEVELS, MembershipQuerySet
from unionhall.members.models.names import COUNTY, words
from unionhall.organisations.models import Organisation

pytestmark = pytest.mark.django_db
NAMES = ("张海林", "张海", "海张海", "林", "欧阳海海", "阿依古丽·买买提")
TEXTS = (
    "张",
    "海",
    "林",
    "张海",
    "海林",
    "海海",
    "海张",
    "张林",
    "张海林",
    "·",
    "丽·买",
    "无",
    "z",
    "zh",
    "zhl",
    "x",
)


class Looks:
    """Access to fixed subtrees."""

    account_id = None

    def __init__(self, *paths: str) -> None:
        self.paths = paths

    def prefixes(self, permission: str) -> tuple[str, ...]:
        return self.paths


@pytest.fixture
def rows(world: World) -> MembershipQuerySet:
    """Everybody's membership, under names that overlap."""
    from unionhall.kit.pinyin import initials

    rows = Membership.objects.everywhere(reason=WHY).select_related("person")
    for number, row in enumerate(rows.order_by("pk")):
        name = NAMES[number % len(NAMES)]
        for kept in (row, row.person):
            kept.name, kept.initials = name, initials(name)
            kept.save(update_fields=["name", "initials"])
    return rows


def test_an_index_finds_what_a_scan_finds(rows: MembershipQuerySet, monkeypatch: pytest.MonkeyPatch) -> None:
    scopes: list[tuple[str, ...]] = [
        ("",),
        *((path,) for union in Organisation.objects.everywhere(reason=WHY) for path in union.paths),
    ]
    scopes.append(tuple(dict.fromkeys(path for (path,) in scopes[1:]))[-2:])
    today = timezone.localdate()
    seen, often = set(), set()
    for scope in scopes:
        within = [row for row in rows if any(own.startswith(path) for own in row.paths for path in scope)]
        for text in TEXTS:
            by = "initials" if text.isascii() else "name"
            hit = str.startswith if text.isascii() else str.__contains__
            wanted = {row.pk for row in within if row.is_current and hit(getattr(row.person, by), text)}
            access = Looks(*scope)
            for values in ({"q": text}, {"q": text, "on": today}):
                whole = listing(access, values)
                assert {row.pk for row in whole.rows} == wanted, (scope, text, values)
                assert whole.counts["total"] == len(wanted)
                assert {row.pk for row in find(access, values)} == wanted
                with monkeypatch.context() as patched:
                    patched.setattr(finding, "COUNTED_BY_NAME", 1)
                    broken = listing(access, values)
                assert {row.pk for row in broken.rows} == wanted
                assert isinstance(broken.counts["total"], AtLeast) is (len(wanted) > 1)
                with monkeypatch.context() as patched:
                    patched.setattr(finding, "WALKED", 1)
                    patched.setattr(finding, "FREQUENT", 1)
                    met = listing(access, values)
                assert {row.pk for row in met.rows} == wanted
                assert isinstance(met.counts["total"], AtLeast) or met.counts["total"] == len(wanted)
                assert met.counts["total"] <= len(wanted)
                often.add((len(scope[0]), isinstance(met.counts["total"], AtLeast)))
            seen.add(len(wanted) > 1)
    assert seen == {True, False}
    assert {length for length, met in often if met} >= {0, 4, 8, COUNTY}
    assert (LEVELS[-1], True) not in often


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    name=st.text("张王海a·𠮷", min_size=1, max_size=8), path=st.sampled_from(["0001", "0001000200030004", ""])
)
def test_words_are_the_same_in_python_and_in_the_database(name: str, path: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT members_words(%s, %s)", [name, path])
        (there,) = cursor.fetchone()
    for start in range(len(name)):
        for end in range(start + 1, len(name) + 1):
            assert set(words(name[start:end], path)) <= set(there)
            assert set(words(name[start:end])) <= set(there)


def test_the_indexes_answer(rows: MembershipQuerySet) -> None:
    others = [
        index.name
        for index in Membership._meta.indexes
        if index.name not in ("membership_words", "membership_initials")
    ]
    with connection.cursor() as cursor:
        # Seven rows stand in every index: the planner is left with those of names.
        cursor.execute(f"DROP INDEX {', '.join(others)}; SET LOCAL enable_seqscan = off")
        assert "membership_initials" in find(Looks(""), {"q": "zh"}).explain()
        cursor.execute("DROP INDEX membership_initials")
        for text in ("张", "张海"):
            plan = find(Looks(""), {"q": text}).explain()
            assert "membership_words" in plan, (text, plan)


@pytest.mark.parametrize(("length", "index"), [(8, "membership_of_city"), (COUNTY, "membership_of_county")])
def test_a_levels_index_answers_a_frequent_name(rows: MembershipQuerySet, length: int, index: str) -> None:
    others = {one.name for one in Membership._meta.indexes} - {index}
    path = next(row.path for row in rows if len(row.path) >= length)[:length]
    keys = Search(Looks(path), {"q": "张"}, "members.view").rows(often=True).order_by("-person_id")
    with connection.cursor() as cursor:
        cursor.execute(
            f"DROP INDEX {', '.join(others)}; SET LOCAL enable_seqscan = off; SET LOCAL enable_sort = off"
        )
        plan = keys.values_list("person_id", flat=True)[:21].explain()
    assert f"Index Only Scan Backward using {index}" in plan, plan


def test_a_new_name_is_found_at_once(world: World) -> None:
    person = world.people["alpha_1"]
    edit_person(world.actor("province_officer"), person=person, reason="更正", name="司马相如")
    row = Membership.objects.everywhere(reason=WHY).get(person=person)
    assert (row.name, row.initials) == ("司马相如", "smxr")
    assert [one.pk for one in listing(Looks(""), {"q": "相如"}).rows] == [row.pk]
