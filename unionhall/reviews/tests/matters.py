"""A procedure of the tests' own, and matters under it; imported by test modules once Django is set up."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from tests.world import World
from unionhall.foundation.actors import Actor
from unionhall.foundation.errors import Refused
from unionhall.foundation.permissions import Role
from unionhall.reviews import actions, procedures
from unionhall.reviews.models import Review, ReviewStep

Submit = Callable[..., Review]
LISTED = (procedures.ReturnItem("contract", "劳动合同"), procedures.ReturnItem("photo", "一寸照片"))


class Trial:
    """What the procedure's hooks were told; `refusing` makes the approval hook refuse."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, int]] = []
        self.refusing = ""
        self.missing = ""
        self.items: tuple[procedures.ReturnItem, ...] = ()
        self.appeal: procedures.Appeal | None = None

    def hook(self, name: str) -> Callable[[Actor, Review], None]:
        def told(actor: Actor, review: Review) -> None:
            if name == "approved" and self.refusing:
                raise Refused(self.refusing)
            if name == "may" and self.missing:
                raise Refused(self.missing)
            if name != "may":
                self.calls.append((name, review.pk))

        return told


def trial_procedure(told: Trial) -> procedures.Procedure:
    return procedures.Procedure(
        code="trial",
        title="试办事项",
        prefix="SB",
        on_approved=told.hook("approved"),
        on_refused=told.hook("refused"),
        on_returned=told.hook("returned"),
        on_withdrawn=told.hook("withdrawn"),
        on_appealed=told.hook("appealed"),
        may_approve=told.hook("may"),
        return_items=lambda review: told.items,
        appealable=lambda review: told.appeal,
        facts=lambda review: [("申请人", "张**"), ("编号", review.number)],
    )


def submitter(world: World) -> Submit:
    """`submit(by="worker_alpha", steps=[("alpha", Role.CHAIR, 5)])`."""

    def make(
        by: str = "worker_alpha",
        steps: list[tuple[str, Role, int]] | None = None,
        *,
        at: datetime | None = None,
        **more: Any,
    ) -> Review:
        found = steps or [("alpha", Role.CHAIR, 5)]
        plans = [
            actions.StepPlan(f"环节{n}", world.unions[union], role, days)
            for n, (union, role, days) in enumerate(found, 1)
        ]
        return actions.submit(
            world.actor(by),
            procedure="trial",
            title=more.pop("title", "张**的申请"),
            organisation=world.unions[found[0][0]],
            steps=plans,
            at=at,
            **more,
        )

    return make


def step_of(review: Review) -> ReviewStep:
    """The current step, as it stands in the database."""
    rows = ReviewStep.objects.everywhere(reason="test").select_related("organisation")
    return rows.get(review=review, is_current=True)


def fresh(review: Review) -> Review:
    return Review.objects.everywhere(reason="test").get(pk=review.pk)
