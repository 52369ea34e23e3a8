"""A small seeding, made once for this module and rolled back: the province keeps every promise of its description."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import openpyxl
import pytest
import pytest_django
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection, transaction
from django.db.models import Count, F, Q
from django.utils import timezone

from unionhall.access.models import Account, Grant
from unionhall.foundation.models import Holiday, working_calendar
from unionhall.foundation.sealing import identity_index
from unionhall.kit.identifiers import check_uscc
from unionhall.kit.workdays import deadline_state
from unionhall.members.models import Card, Employment, Membership, Person, Post, RosterBatch
from unionhall.members.numbers import luhn_digit
from unionhall.members.synthetic import PHONE_PREFIX, is_synthetic_division
from unionhall.organisations.kinds import SHAPES, Chain, Kind, Status
from unionhall.organisations.models import (
    Coverage,
    Division,
    Employer,
    Naming,
    Organisation,
    Placement,
    Succession,
    Term,
)
from unionhall.organising.models import Admission, Founding, MembershipTransfer
from unionhall.portal.seeding.accounts import CAST
from unionhall.portal.seeding.population import _luhn
from unionhall.portal.seeding.sample import HEADINGS, sample_roster
from unionhall.portal.seeding.seed import Outcome, load_calendar, seed
from unionhall.portal.seeding.sizes import SCALES
from unionhall.records.models import JournalEntry, Message
from unionhall.reviews.models import Review, ReviewStep

pytestmark = [pytest.mark.django_db, pytest.mark.xdist_group("seeding")]
WHY = "a test of the whole seeding"
TINY = SCALES["tiny"]


def _empty() -> None:
    """The test world steps aside; the rollback brings it back."""
    with connection.cursor() as cursor:
        cursor.execute(
            "TRUNCATE organisations_organisation, organisations_employer, organisations_division, access_account, "
            "members_person, records_journalentry, records_message RESTART IDENTITY CASCADE"
        )


@pytest.fixture(scope="module")
def made(
    django_db_setup: None,
    django_db_blocker: pytest_django.DjangoDbBlocker,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Outcome]:
    from django.test import override_settings

    home = tmp_path_factory.mktemp("home")
    with django_db_blocker.unblock(), override_settings(DEMO=True, HOME=home, FILES_DIR=home / "files"):
        around = transaction.atomic()
        around.__enter__()
        try:
            _empty()
            yield seed(TINY, 1, lambda *_: None)
        finally:
            transaction.set_rollback(True)
            around.__exit__(None, None, None)


def _all(model: Any) -> Any:
    return (
        model.objects.everywhere(reason=WHY) if hasattr(model.objects.all(), "everywhere") else model.objects
    )


def test_counts(made: Outcome) -> None:
    assert made.people == TINY.people
    assert _all(Organisation).count() == made.unions == made.as_json()["unions"]
    assert TINY.people <= Person.objects.everywhere(reason=WHY).count() < TINY.people + 100
    assert Division.objects.filter(level=4).count() > 1000
    assert Holiday.objects.filter(day__year=timezone.localdate().year).exists()


def test_a_filled_database_is_left_alone(made: Outcome) -> None:
    before = _all(Person).count()
    with pytest.raises(CommandError, match="已经有工会组织"):
        call_command("seed", scale="demo")
    assert _all(Person).count() == before


def test_every_kind_and_state_is_there(made: Outcome) -> None:
    kinds = set(_all(Organisation).values_list("kind", flat=True))
    assert kinds == set(Kind.values)
    assert {Status.ACTIVE, Status.MERGED} <= set(_all(Organisation).values_list("status", flat=True))
    standings = set(_all(Membership).current().values_list("standing", flat=True))
    assert standings == {"active", "retained"}
    entries = set(_all(Membership).values_list("entry", flat=True))
    assert {"intake", "admission", "transfer", "retention", "reorganisation"} <= entries
    assert {"transfer", "retention", "withdrawal"} <= set(_all(Membership).values_list("exit", flat=True))
    assert _all(Person).filter(memberships=None).exists()
    assert _all(Person).filter(migrant_worker=True).exists()
    assert _all(Employment).filter(form="5").exists()


def test_the_tree_is_shaped_as_the_actions_would_shape_it(made: Outcome) -> None:
    for union in _all(Organisation).select_related("parent", "industry_parent"):
        shape = SHAPES[union.kind]
        assert union.level in shape.levels, union.name
        if union.parent is None:
            assert union.level == 1
            continue
        assert union.parent.kind in shape.parents, union.name
        assert union.path[:-4] == union.parent.path
        assert union.existence.lower >= union.parent.existence.lower
        if union.industry_parent:
            beside = union.industry_parent
            assert union.second_path[:-4] == (beside.second_path or beside.path)
    paths = list(_all(Organisation).exclude(second_path="").values_list("second_path", flat=True))
    assert len(paths) == len(set(paths)) > 3


def test_history_agrees_with_the_present(made: Outcome) -> None:
    unions = _all(Organisation)
    for chain, path in ((Chain.REGION, "path"), (Chain.INDUSTRY, "second_path")):
        rows = _all(Placement).filter(chain=chain, period__upper_inf=True)
        assert not rows.exclude(**{f"organisation__{path}": F("path")}).exists()
    active = unions.filter(status=Status.ACTIVE)
    assert (
        active.filter(placements__chain="region", placements__period__upper_inf=True).count()
        == active.count()
    )
    assert _all(Naming).filter(period__upper_inf=True).exclude(name=F("organisation__name")).count() == 0
    assert _all(Naming).filter(period__upper_inf=False).exists()
    assert _all(Placement).filter(period__upper_inf=False).exists()
    assert _all(Succession).exists()
    assert not _all(Membership).current().exclude(path=F("organisation__path")).exists()
    assert not _all(Membership).current().exclude(second_path=F("organisation__second_path")).exists()
    assert not _all(Membership).current().exclude(organisation__status=Status.ACTIVE).exists()
    assert (
        not _all(Coverage).filter(period__upper_inf=True).exclude(organisation__status=Status.ACTIVE).exists()
    )


def test_nobody_joins_before_eighteen_or_before_the_union(made: Outcome) -> None:
    for held in _all(Membership).select_related("person", "organisation"):
        assert held.period.lower >= held.joined_on
        assert held.joined_on <= timezone.localdate()
        assert held.joined_on >= held.person.birth + timedelta(days=16 * 365)
        if held.entry in {"intake", "admission"}:
            assert held.period.lower >= held.organisation.existence.lower


def test_no_number_can_be_anyones(made: Outcome) -> None:
    for person in _all(Person):
        number = person.id_number.reveal()
        assert is_synthetic_division(number[:6])
        assert bytes(person.id_index) == identity_index("01", number)
        assert person.phone is None or person.phone.reveal().startswith(PHONE_PREFIX)
    for code in [*_all(Organisation).exclude(uscc=None).values_list("uscc", flat=True),
                 *Employer.objects.exclude(uscc=None).values_list("uscc", flat=True)]:  # fmt: skip
        assert check_uscc(code) == code
        assert is_synthetic_division(code[2:8])


def test_cards_and_numbers(made: Outcome) -> None:
    people = _all(Person).annotate(cards_held=Count("cards"))
    assert not people.filter(memberships__isnull=False, cards_held=0).exists()
    assert not people.filter(memberships__isnull=False, member_number=None).exists()
    assert not _all(Card).filter(~Q(status="revoked"), person__in=people.exclude(
        memberships__period__upper_inf=True)).exists()  # fmt: skip
    for number in _all(Card).values_list("number", flat=True):
        assert number[-1] == luhn_digit(number[:-1])
    # What is numbered later does not meet what was numbered here.
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('members_member_number')")
        (following,) = cursor.fetchone()
    taken = [
        int(number[4:])
        for number in _all(Person).exclude(member_number=None).values_list("member_number", flat=True)
    ]
    assert following > max(taken)


def test_luhn_by_column_equals_luhn_by_one() -> None:
    import numpy as np

    bodies = np.array([420102000000001, 420111999999999, 429004123456789], dtype=np.int64)
    assert [text[-1] for text in _luhn(bodies)] == [luhn_digit(str(body)) for body in bodies]


def test_terms_of_every_light(made: Outcome) -> None:
    today = timezone.localdate()
    ends = [term.period.upper for term in _all(Term).filter(number__gte=1)]
    assert any(end <= today for end in ends)
    assert any(today < end <= today + timedelta(days=180) for end in ends)
    assert any(end > today + timedelta(days=400) for end in ends)
    assert _all(Organisation).filter(legal_certificate_until__lt=today + timedelta(days=90)).exists()


def test_posts(made: Outcome) -> None:
    chairs = _all(Post).filter(title="chair", period__upper_inf=True)
    assert chairs.count() == chairs.values("organisation").distinct().count() > 10
    assert not _all(Post).filter(title="women_chair").exclude(person__sex="2").exists()
    assert not Employer.objects.filter(women__gt=F("employees")).exists()


def test_work_waits_in_every_colour(made: Outcome) -> None:
    today, calendar = timezone.localdate(), working_calendar()
    waiting = ReviewStep.objects.everywhere(reason=WHY).waiting()
    colours = {deadline_state(step.due_on, today, calendar).colour for step in waiting if step.due_on}
    assert colours == {"green", "amber", "red"}
    states = set(Review.objects.everywhere(reason=WHY).values_list("state", flat=True))
    assert {"pending", "approved", "refused", "returned"} <= states
    for model in (Admission, MembershipTransfer, Founding):
        assert _all(model).filter(review__state="pending").exists(), model
    by_state = {batch.state: batch for batch in RosterBatch.objects.everywhere(reason=WHY)}
    assert set(by_state) == {"committed", "ready"}
    counts = by_state["ready"].counts
    assert counts["error"] >= 7
    assert counts["new"] > 20
    assert counts["duplicate"] == counts["changed"] == counts["transfer"] == 1
    assert Message.objects.everywhere(reason=WHY).exists()
    actions = set(JournalEntry.objects.everywhere(reason=WHY).values_list("action", flat=True))
    assert {"members.reveal", "members.intake_committed", "reviews.approved", "portal.seed"} <= actions


def test_a_part_for_every_role(made: Outcome) -> None:
    known = set(Account.objects.values_list("username", flat=True))
    for part in CAST:
        assert part.username in known or part.role == "worker"
    assert len(made.accounts) == len(CAST)
    # The queue of an account that reviews is never somebody's who cannot sign in.
    for step in ReviewStep.objects.everywhere(reason=WHY).waiting():
        held = Grant.objects.everywhere(reason=WHY).filter(organisation=step.organisation, role=step.role)
        assert held.exists()


def test_the_sample_roster_has_the_errors_it_promises(made: Outcome) -> None:
    sheet = openpyxl.load_workbook(io.BytesIO(sample_roster())).active
    assert sheet is not None
    assert [cell.value for cell in sheet[3]] == list(HEADINGS)
    numbers = [sheet.cell(row, 4).value for row in range(4, sheet.max_row + 1)]
    assert sum(isinstance(number, int | float) for number in numbers) == 1
    assert len([number for number in numbers if numbers.count(number) > 1]) == 2


def test_the_calendar_keeps_what_was_edited(made: Outcome) -> None:
    day = Holiday.objects.order_by("-day")[0]
    Holiday.objects.filter(pk=day.pk).update(name="改过的")
    load_calendar()
    assert Holiday.objects.get(pk=day.pk).name == "改过的"
