"""Papers of earlier days: nothing is lost, what speaks against a row is said, the clock runs from the paper's day."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests.world import World, resident_id
from unionhall.foundation.errors import Refused
from unionhall.foundation.models import working_calendar
from unionhall.members import consents
from unionhall.reviews.models import Review, ReviewStep
from unionhall.reviews.rules import due_date
from unionhall.window.actions import papers, receptions
from unionhall.window.actions.papers import Typed
from unionhall.window.models import PaperBatch, PaperRow

pytestmark = pytest.mark.django_db
SignIn = Callable[[str], Client]
WHY = "test"
BORN = date(1999, 6, 18)


def row(batch: PaperBatch, number: int) -> PaperRow:
    return PaperRow.objects.everywhere(reason=WHY).get(batch=batch, number=number)


def test_each_row_is_kept_and_told_apart(world: World, signed_in: SignIn) -> None:
    today = timezone.localdate()
    day = today - timedelta(days=4)
    outsider, member = world.people["outsider"], world.people["alpha_1"]
    stranger = resident_id(BORN, "2", 90)
    typed = [
        Typed(day, "join", outsider.name, str(outsider.id_number.reveal()), note="电话 13812345678"),
        Typed(day, "join", "不是他", str(member.id_number.reveal())),
        Typed(day, "join", "何小满", stranger),
        Typed(today - timedelta(days=90), "transfer", member.name, str(member.id_number.reveal())),
    ]
    batch = papers.enter(world.actor("clerk"), rows=typed, note="下乡")
    found = [row(batch, number) for number in range(1, 5)]
    assert [one.standing for one in found] == ["ready", "name", "unknown", "barred"]
    assert "13812345678" not in found[0].note
    client = signed_in("clerk")
    shown = client.get(reverse("window_papers_batch", args=[batch.pk])).content.decode()
    assert "没有登记此人" in shown
    assert stranger not in shown

    where = reverse("window_papers_row", args=[batch.pk, 1])
    take = client.post(where, {"begin": "1"})["Location"]
    given = {
        "union": "博远电子", "occupation": "工", "form": "1", "agree_membership": "on", "agree_identity": "on",
        "paper_on": f"{day:%Y-%m-%d}",
    }  # fmt: skip
    assert client.post(take, given).status_code == 302
    review = Review.objects.everywhere(reason=WHY).get()
    step = ReviewStep.objects.everywhere(reason=WHY).get(review=review, is_current=True)
    assert timezone.localdate(review.submitted_at) == day
    assert step.due_on == due_date(day, step.working_days, working_calendar())
    assert (row(batch, 1).settled, row(batch, 1).intake is not None) == ("filed", True)
    assert client.post(where, {"begin": "1"}).status_code == 302  # a second time is refused
    assert Review.objects.everywhere(reason=WHY).count() == 1

    again = papers.enter(world.actor("clerk"), rows=typed[:1])
    assert row(again, 1).standing == "filed"
    assert review.number in row(again, 1).because
    answer = client.post(
        reverse("window_papers_row", args=[again.pk, 1]), {"how": "merged", "because": "同一份材料"}
    )
    assert answer.status_code == 302
    assert row(again, 1).settled == "merged"

    unknown = reverse("window_papers_row", args=[batch.pk, 3])
    client.post(unknown, {"register": "1"})
    assert row(batch, 3).standing == "unknown"  # without the person's word nobody is registered
    client.post(unknown, {"register": "1", "agreed": "1"})
    assert row(batch, 3).standing == "ready"
    newcomer = row(batch, 3).person
    assert newcomer is not None
    assert set(consents.in_force(newcomer)) == {"membership", "identity"}


def test_typed_on_the_page(world: World, signed_in: SignIn) -> None:
    client, address = signed_in("clerk"), reverse("window_papers_new")
    assert client.get(address).status_code == 200
    base = {"rows-TOTAL_FORMS": "2", "rows-INITIAL_FORMS": "0", "note": "周末"}
    first = {
        "rows-0-paper_on": f"{timezone.localdate():%Y-%m-%d}",
        "rows-0-matter": "join",
        "rows-0-name": "周平",
    }
    wrong = client.post(address, base | first | {"rows-0-id_number": "123"})
    assert wrong.status_code == 422
    assert "第 1 行" in wrong.content.decode()
    assert not PaperBatch.objects.everywhere(reason=WHY).exists()
    assert client.post(address, base | first).status_code == 422  # the row is not full
    right = first | {"rows-0-id_number": str(world.people["outsider"].id_number.reveal())}
    assert client.post(address, base | right).status_code == 302
    assert PaperRow.objects.everywhere(reason=WHY).count() == 1


def test_a_decided_matter_is_named(world: World) -> None:
    day = timezone.localdate() - timedelta(days=2)
    clerk, outsider = world.actor("clerk"), world.people["outsider"]
    typed = [Typed(day, "join", outsider.name, str(outsider.id_number.reveal()))]
    batch = papers.enter(clerk, rows=typed)
    there = papers.begin(clerk, row=row(batch, 1))
    assert there.found_by == "paper"
    receptions.close(clerk, reception=there)
    with pytest.raises(Refused, match="至少 4 个字"):
        papers.settle(clerk, row=row(batch, 1), how="returned", because="退")
    papers.settle(clerk, row=row(batch, 1), how="returned", because="本人已不需要")
    with pytest.raises(Refused, match="已经处理过"):
        papers.settle(clerk, row=row(batch, 1), how="returned", because="再退一次")


def test_cases_are_entered_from_papers_too(world: World, signed_in: SignIn) -> None:
    """An appeal on paper: its clock runs from the paper's day; the same paper again stands against itself."""
    today = timezone.localdate()
    day, member = today - timedelta(days=4), world.people["alpha_1"]
    typed = [Typed(day, "appeal", member.name, str(member.id_number.reveal()))]
    batch, client = papers.enter(world.actor("clerk"), rows=typed), signed_in("clerk")
    assert 'value="appeal"' in client.get(reverse("window_papers_new")).content.decode()
    take = client.post(reverse("window_papers_row", args=[batch.pk, 1]), {"begin": "1"})["Location"]
    given = {"cause": "wage", "statement": "三个月没发工资", "headcount": "1", "paper_on": f"{day:%Y-%m-%d}"}
    assert client.post(take, given).status_code == 302
    done = row(batch, 1)
    assert (done.settled, done.intake is not None) == ("filed", True)
    assert done.intake is not None
    assert done.intake.case is not None
    case = done.intake.case
    begun = {
        timezone.localdate(one.started_at) for one in case.clocks.filter(unit__in=["days", "working_days"])
    }
    assert begun == {day}
    first = case.clocks.filter(state="running").order_by("due_at").first()
    assert first is not None
    assert case.due_at == first.due_at
    assert case.events.filter(verb="counted_from").exists()
    again = papers.enter(world.actor("clerk"), rows=typed)
    assert row(again, 1).standing == "filed"
    assert case.number in row(again, 1).because
    later = papers.enter(
        world.actor("clerk"),
        rows=[Typed(today, "dispute", member.name, str(member.id_number.reveal()))],
    )
    assert row(later, 1).standing == "ready"
