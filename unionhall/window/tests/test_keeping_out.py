"""What a clerk may not do at his own counter: read another's query code, be the agent, walk through numbers."""

from collections.abc import Callable
from datetime import date, timedelta
from io import BytesIO
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests.world import World, resident_id
from unionhall.foundation.errors import Refused
from unionhall.members.models import DeskIdentity
from unionhall.records.uploads import Upload
from unionhall.reviews import actions as reviewing
from unionhall.reviews.models import ReviewStep
from unionhall.window.actions import authorising, intakes, receptions
from unionhall.window.matters import matter
from unionhall.window.models import Authorisation, HandOver, Intake, PaperBatch, Reception

pytestmark = pytest.mark.django_db
SignIn = Callable[[str], Client]
WHY = "test"
BORN = date(1999, 6, 18)


def received(world: World, who: str = "alpha_1") -> Reception:
    return receptions.receive(world.actor("clerk"), person=world.people[who], found_by="document")


def authorised(world: World, there: Reception, number: str, name: str = "李四") -> Authorisation:
    return authorising.authorise(
        world.actor("clerk"), reception=there, name=name, id_number=number, relation="spouse",
        until=timezone.localdate(), paper=Upload("a.pdf", "application/pdf", 8, BytesIO(b"%PDF-1.4")),
    )  # fmt: skip


def test_the_code_of_a_case_is_for_who_took_it_while_he_is_there(world: World, signed_in: SignIn) -> None:
    there = received(world)
    given = {"cause": "wage", "statement": "三个月没发工资", "headcount": "1"}
    assert (
        signed_in("clerk").post(reverse("window_take", args=[there.pk, "appeal"]), given).status_code == 302
    )
    intake = Intake.objects.everywhere(reason=WHY).get()
    assert intake.query_code is not None
    code, address = intake.query_code.reveal(), reverse("window_receipt", args=[intake.number])
    assert code in signed_in("clerk").get(address).content.decode()
    # Whoever answers the case could rate his own answer with it.
    for paper in ("", "?paper=slip"):
        answer = signed_in("river_officer").get(address + paper)
        assert answer.status_code == 200
        assert code not in answer.content.decode()
    receptions.close(world.actor("clerk"), reception=there)
    assert code not in signed_in("clerk").get(address).content.decode()


def test_a_clerk_is_nobodys_agent_at_his_own_counter(world: World) -> None:
    there, himself = received(world, "outsider"), world.people["alpha_1"]
    number = str(himself.id_number.reveal())
    made = authorised(world, there, number, himself.name)
    # He is named as the account's person only afterwards: what stands already does not help him either.
    DeskIdentity.objects.create(account=world.accounts["clerk"], person=himself, named_by="x")
    with pytest.raises(Refused, match="代办人是您本人"):
        authorised(world, there, number, himself.name)
    there.authorisation = made
    with pytest.raises(Refused, match="代办人是您本人"):
        receptions.in_place_of(world.actor("clerk"), there)


def test_only_the_agent_who_was_named_fetches_and_only_while_he_may(world: World, signed_in: SignIn) -> None:
    there, clerk = received(world, "outsider"), world.actor("clerk")
    wanted = {
        "union": "博远电子", "occupation": "工", "form": "1", "agree_membership": "on", "agree_identity": "on",
    }  # fmt: skip
    assert signed_in("clerk").post(reverse("window_take", args=[there.pk, "join"]), wanted).status_code == 302
    intake = Intake.objects.everywhere(reason=WHY).get()
    step = ReviewStep.objects.everywhere(reason=WHY).get(review=intake.review_id, is_current=True)
    reviewing.approve(world.actor("chair_beta"), step=step, opinion="同意")
    authorised(world, there, resident_id(BORN, "1", 55))
    given: dict[str, Any] = {"what": "会员证", "relation": "spouse", "confirmed": True}
    with pytest.raises(Refused, match="姓名不一致"):
        intakes.hand_over(clerk, reception=there, intake=intake, name="王五", **given)
    Authorisation.objects.everywhere(reason=WHY).update(until=timezone.localdate() - timedelta(days=1))
    with pytest.raises(Refused, match="终止或到期"):
        intakes.hand_over(clerk, reception=there, intake=intake, name="李四", **given)
    assert not HandOver.objects.everywhere(reason=WHY).exists()
    assert matter(intake.matter).hands_over


def test_numbers_of_papers_and_of_newcomers_are_look_ups(
    world: World, signed_in: SignIn, settings: Any
) -> None:
    settings.LOOKUPS_HOURLY = 1
    client, day = signed_in("clerk"), f"{timezone.localdate():%Y-%m-%d}"
    given = {"rows-TOTAL_FORMS": "2", "rows-INITIAL_FORMS": "0"}
    for place, who in enumerate(("alpha_1", "beta_1")):
        number = str(world.people[who].id_number.reveal())
        typed = {"paper_on": day, "matter": "join", "name": "不是他", "id_number": number}
        given |= {f"rows-{place}-{name}": value for name, value in typed.items()}
    answer = client.post(reverse("window_papers_new"), given)
    assert answer.status_code == 429
    assert "超过 1 次" in answer.content.decode()
    assert "不是他" in answer.content.decode()  # what was typed is kept
    assert not PaperBatch.objects.everywhere(reason=WHY).exists()
    new = {"id_type": "01", "id_number": resident_id(BORN, "2", 77), "name": "何小满", "agreed": "on"}
    assert client.post(reverse("window_register"), new).status_code == 429


def test_a_number_that_is_none_is_said_to_be_none(world: World, signed_in: SignIn) -> None:
    client = signed_in("clerk")
    assert client.post(reverse("window_queue"), {"verb": "missed", "ticket": "abc"}).status_code == 302
