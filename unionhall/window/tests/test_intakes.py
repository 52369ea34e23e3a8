"""A matter is taken once: what waited for papers goes on once, and no paper is of a day to come."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from threading import Barrier
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests.world import World, ensure
from unionhall.cases.models import Case
from unionhall.foundation.errors import Refused
from unionhall.window.actions import intakes, papers, receptions
from unionhall.window.actions.papers import Typed
from unionhall.window.matters import matter
from unionhall.window.models import Intake, PaperRow, Reception

pytestmark = pytest.mark.django_db
SignIn = Callable[[str], Client]
WHY = "test"
GIVEN = {"cause": "wage", "statement": "三个月没发工资了", "headcount": 1, "urgent": False}
POSTED = {"cause": "wage", "statement": "三个月没发工资了", "headcount": "1"}


@pytest.fixture
def there(world: World) -> Reception:
    return receptions.receive(world.actor("clerk"), person=world.people["alpha_1"], found_by="document")


@pytest.fixture
def told(world: World, there: Reception) -> Intake:
    return intakes.tell_missing(
        world.actor("clerk"), reception=there, one=matter("appeal"), lacking=["身份证"]
    )


def stored(intake: Intake) -> Intake:
    return Intake.objects.everywhere(reason=WHY).get(pk=intake.pk)


def cases() -> int:
    return Case.objects.everywhere(reason=WHY).count()


def test_what_waited_for_papers_is_filed_once(world: World, there: Reception, told: Intake) -> None:
    clerk = world.actor("clerk")
    first, second = stored(told), stored(told)  # as two pages that were opened before either was sent
    made = intakes.take(clerk, reception=there, one=matter("appeal"), given=GIVEN, continues=first)
    with pytest.raises(Refused, match="已经受理"):
        intakes.take(clerk, reception=there, one=matter("appeal"), given=GIVEN, continues=second)
    with pytest.raises(Refused, match="已经受理"):
        intakes.tell_missing(
            clerk, reception=there, one=matter("appeal"), lacking=["身份证"], continues=second
        )
    assert cases() == 1
    assert (stored(told).state, stored(told).case, stored(told).missing) == ("filed", made.case, [])


@pytest.mark.django_db(transaction=True)
def test_two_windows_at_once_file_it_once() -> None:
    world, one = ensure(), matter("appeal")
    person = world.people["alpha_1"]
    clerks = [world.actor(name) for name in ("clerk", "pier_officer")]
    there = [receptions.receive(clerk, person=person, found_by="document") for clerk in clerks]
    told = intakes.tell_missing(clerks[0], reception=there[0], one=one, lacking=["身份证"])
    barrier = Barrier(len(clerks))

    def file(place: int) -> bool:
        try:
            barrier.wait(timeout=20)
            intakes.take(clerks[place], reception=there[place], one=one, given=GIVEN, continues=stored(told))
        except Refused:
            return False
        finally:
            connection.close()
        return True

    with ThreadPoolExecutor(len(clerks)) as pool:
        filed = list(pool.map(file, range(len(clerks))))
    assert (sorted(filed), cases()) == ([False, True], 1)


def test_only_his_own_intake_of_the_same_matter_goes_on(world: World, there: Reception, told: Intake) -> None:
    clerk = world.actor("clerk")
    with pytest.raises(Refused, match="本次操作没有生效"):
        intakes.tell_missing(
            clerk, reception=there, one=matter("dispute"), lacking=["身份证"], continues=told
        )
    other = receptions.receive(clerk, person=world.people["beta_1"], found_by="document")
    with pytest.raises(Refused, match="本次操作没有生效"):
        intakes.take(clerk, reception=other, one=matter("appeal"), given=GIVEN, continues=told)
    assert (cases(), stored(told).state, stored(told).person_id) == (0, "told", there.person_id)


def test_the_page_sent_a_second_time_takes_nothing_more(
    world: World, there: Reception, told: Intake, signed_in: SignIn
) -> None:
    client = signed_in("clerk")
    address = f"{reverse('window_take', args=[there.pk, 'appeal'])}?intake={told.number}"
    assert client.post(address, POSTED)["Location"] == reverse("window_receipt", args=[told.number])
    again: tuple[dict[str, Any], ...] = (POSTED, {"tell": "1", "missing": "身份证"})
    for sent in again:
        answer = client.post(address, sent, follow=True)
        assert "本次操作没有生效" in answer.content.decode()
    assert "本次操作没有生效" in client.get(address, follow=True).content.decode()
    assert (cases(), Intake.objects.everywhere(reason=WHY).count(), stored(told).state) == (1, 1, "filed")


def test_a_paper_sent_a_second_time_is_filed_no_more(world: World, signed_in: SignIn) -> None:
    clerk, client = world.actor("clerk"), signed_in("clerk")
    person = world.people["alpha_1"]
    papers.enter(clerk, rows=[Typed(timezone.localdate(), "appeal", person.name, person.id_number.reveal())])
    row = PaperRow.objects.everywhere(reason=WHY).get()
    there = papers.begin(clerk, row=row)
    address = f"{reverse('window_take', args=[there.pk, 'appeal'])}?row={row.pk}"
    client.post(address, POSTED)
    assert "已经处理过" in client.post(address, POSTED, follow=True).content.decode()
    assert cases() == 1


def test_a_paper_is_of_no_day_to_come(world: World, there: Reception, signed_in: SignIn) -> None:
    client, tomorrow = signed_in("clerk"), timezone.localdate() + timedelta(days=1)
    for day in (tomorrow, date(2099, 1, 1)):
        sent = POSTED | {"paper_on": day.isoformat()}
        answer = client.post(reverse("window_take", args=[there.pk, "appeal"]), sent)
        assert answer.status_code == 422
        assert answer.context["form"].errors["paper_on"] == ["材料日期不能晚于今天。"]
    assert (cases(), Intake.objects.everywhere(reason=WHY).count()) == (0, 0)


def test_a_zero_byte_is_a_mistake_of_who_sends_it(world: World, there: Reception, signed_in: SignIn) -> None:
    client = signed_in("clerk")
    for address, sent in (
        (reverse("window_take", args=[there.pk, "appeal"]), {"tell": "1", "missing": "a\0b"}),
        (reverse("window_queue"), {"verb": "send", "letter": "\0"}),
    ):
        assert client.post(address, sent).status_code == 400
