"""The window at the street's station `pier`: its clerk's reception, an intake, a hall with a number, a paper."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from django.core import signing
from django.utils import timezone

from tests.world import World, resident_id
from unionhall.foundation.actors import system_actor
from unionhall.reviews.models import Review, ReviewStep
from unionhall.window.actions import halls, papers, queueing, receptions
from unionhall.window.actions.intakes import tell_missing
from unionhall.window.matters import matter
from unionhall.window.models import Authorisation, Hall, Intake, Reception
from unionhall.window.views.queue import TICKETS

from .sample import Sample, file, review

PLACE, CLERK = "pier", "clerk"
BORN = date(1999, 6, 18)


def hall(world: World) -> Hall:
    return halls.open_hall(system_actor(), organisation=world.unions[PLACE], name="码头街道窗口", counters=2)


def reception(world: World) -> Reception:
    return receptions.receive(world.actor(CLERK), person=world.people["alpha_1"], found_by="document")


def intake(world: World) -> Intake:
    return tell_missing(
        world.actor(CLERK), reception=reception(world), one=matter("join"), lacking=["劳动合同"]
    )


def decided(world: World, state: str) -> tuple[Intake, Review]:
    """An intake of a matter that was granted, or sent back to be completed."""
    found, matter_of = intake(world), review(world)
    if state == Review.State.RETURNED:
        rows = ReviewStep.objects.everywhere(reason="sample").filter(review=matter_of)
        rows.update(paused_on=timezone.localdate())
    Review.objects.everywhere(reason="sample").filter(pk=matter_of.pk).update(state=state)
    Intake.objects.everywhere(reason="sample").filter(pk=found.pk).update(
        state="filed", review=matter_of, missing=[]
    )
    return found, matter_of


def _own(**more: str) -> Callable[[World], Sample]:
    """A page in the clerk's own reception: nobody else's eyes reach it."""
    return lambda world: Sample({"pk": reception(world).pk, **more}, world.unions[PLACE].paths, CLERK)


def _with_agent(world: World) -> Sample:
    there = reception(world)
    paper = file(world, CLERK)
    there.authorisation = Authorisation.objects.create(
        person=there.person, organisation=world.unions[PLACE], name="李四",
        id_number="42990019900101001X", id_index=b"0" * 16, relation="spouse",
        until=timezone.localdate() + timedelta(days=9), paper=paper, made_by="示例",
    )  # fmt: skip
    there.save(update_fields=["authorisation"])
    return Sample({"pk": there.pk}, world.unions[PLACE].paths, CLERK)


def _complete(world: World) -> Sample:
    found, returned = decided(world, Review.State.RETURNED)
    return Sample({"pk": found.reception_id, "number": returned.number}, world.unions[PLACE].paths, CLERK)


def _fetch(world: World) -> Sample:
    found, _ = decided(world, Review.State.APPROVED)
    return Sample({"pk": found.reception_id, "intake": found.pk}, world.unions[PLACE].paths, CLERK)


def _intake(world: World) -> Sample:
    return Sample({"slug": intake(world).number}, world.unions[PLACE].paths)


def _hall(world: World) -> Sample:
    return Sample({"pk": hall(world).pk}, world.unions[PLACE].paths)


def _key(world: World) -> Sample:
    return Sample({"key": hall(world).key})


def _ticket(world: World) -> Sample:
    there = hall(world)
    drawn = queueing.draw(there, letter="A")
    return Sample({"key": there.key, "token": signing.Signer(salt=TICKETS).sign(str(drawn.pk))})


def _paper(row: bool) -> Callable[[World], Sample]:
    def sample(world: World) -> Sample:
        number = resident_id(BORN, "1", 8)
        typed = papers.Typed(timezone.localdate(), "join", "周平", number)
        batch = papers.enter(world.actor(CLERK), rows=[typed])
        kwargs: dict[str, Any] = {"pk": batch.pk}
        return Sample(kwargs | ({"row": 1} if row else {}), world.unions[PLACE].paths)

    return sample


WINDOW: dict[str, Callable[[World], Sample]] = {
    **dict.fromkeys(("window_reception", "window_close", "window_authorise", "window_act_by"), _own()),
    "window_paper": _with_agent,
    "window_take": _own(matter="transfer"),
    "window_complete": _complete,
    "window_hand_over": _fetch,
    "window_receipt": _intake,
    **dict.fromkeys(("window_hall", "window_hall_edit", "window_hall_kind", "window_hall_key"), _hall),
    **dict.fromkeys(("window_kiosk", "window_board"), _key),
    "window_ticket": _ticket,
    # There is a mock of the reader in the demonstration alone.
    "window_card_reader": lambda world: Sample(nothing=True),
    "window_papers_batch": _paper(row=False),
    "window_papers_row": _paper(row=True),
}
