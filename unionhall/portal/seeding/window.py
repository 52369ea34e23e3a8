"""一站式窗口 in the demonstration: the county's hall with a queue of today, matters taken, told and granted, papers."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.utils import timezone

from unionhall.foundation.actors import Actor, system_actor
from unionhall.kit.identifiers import resident_id_checksum
from unionhall.members.models import Person
from unionhall.network.models import Node
from unionhall.organisations.models import Organisation
from unionhall.reviews import actions as reviewing
from unionhall.reviews.models import ReviewStep
from unionhall.window.actions import halls, intakes, papers, queueing, receptions
from unionhall.window.matters import matter
from unionhall.window.models import Counter, Hall, Intake, Ticket

if TYPE_CHECKING:
    from .work import Stage

__all__ = ["leave"]

WHY = "示范数据"
#: Letters in the order in which they were drawn today; a * has priority.
DRAWN = ("A", "A", "B", "C*", "A", "B", "A", "C", "A", "A*", "B", "A", "C", "A")
CALLED = 9
OCCUPATIONS = ("电工", "保洁员", "店员", "配送员")


def leave(stage: Stage) -> None:
    clerk = stage.actor("clerk")
    county = Organisation.objects.everywhere(reason=WHY).get(pk=stage.story.county.id)
    hall = _hall(county)
    counters = list(Counter.objects.everywhere(reason=WHY).filter(hall=hall).order_by("number"))
    seat = halls.sit_down(clerk, counter=counters[1])
    other = stage.opened.accounts["county"]
    Counter.objects.everywhere(reason=WHY).filter(pk=counters[0].pk).update(
        account=other, since=timezone.now()
    )
    _queue(hall, clerk, seat)
    people = [one for _ in range(5) if (one := next(stage.strangers, None)) is not None]
    union = stage.union(stage.story.electronics)
    taken = [
        _join(clerk, person, union, OCCUPATIONS[place % len(OCCUPATIONS)])
        for place, person in enumerate(people[:3])
    ]
    for number, intake in enumerate(taken[:2]):
        rows = ReviewStep.objects.everywhere(reason=WHY).select_related("organisation")
        step = rows.get(review=intake.review_id, is_current=True)
        if number:
            reviewing.return_for_completion(
                stage.decider(step), step=step, opinion="请补劳动合同首页和签字页"
            )
        else:
            reviewing.approve(stage.decider(step), step=step, opinion="同意")
    if len(people) > 3:
        there = receptions.receive(clerk, person=people[3], found_by="document")
        intakes.tell_missing(
            clerk, reception=there, one=matter("join"), lacking=["身份证原件"], words="劳动合同或单位证明"
        )
        receptions.close(clerk, reception=there)
    _papers(clerk, people, timezone.localdate())


def _hall(county: Organisation) -> Hall:
    nodes = Node.objects.everywhere(reason=WHY).receiving().filter(organisation=county, hall=None)
    node = nodes.order_by("pk").first()
    name = f"{node.name if node is not None else county.short_name}办事大厅"[:60]
    return halls.open_hall(
        system_actor("示范"), organisation=county, name=name, place="一楼东侧", counters=4, node=node
    )


def _queue(hall: Hall, clerk: Actor, seat: Counter) -> None:
    """Numbers of the last two hours (of today): most are done, one was passed over, one stands at the counter."""
    now = timezone.now()
    begin = max(
        now - timedelta(hours=2),
        timezone.make_aware(datetime.combine(timezone.localdate(), datetime.min.time())),
    )
    gap = (now - begin) / (len(DRAWN) + 1)
    rows = Ticket.objects.everywhere(reason=WHY)
    for place, code in enumerate(DRAWN):
        drawn = queueing.draw(hall, letter=code[0], is_priority="*" in code)
        rows.filter(pk=drawn.pk).update(taken_at=begin + gap * place)
    for place in range(CALLED):
        called = queueing.call_next(clerk, counter=seat)
        if called is None:
            return
        at = min(begin + gap * (place + 1.4), now)
        rows.filter(pk=called.pk).update(called_at=max(at, called.taken_at), last_called_at=at)
        if place == CALLED // 2:
            queueing.pass_over(clerk, counter=seat)
        elif place < CALLED - 1:
            queueing.finish(clerk, counter=seat)
            rows.filter(pk=called.pk).update(ended_at=at + gap)


def _join(clerk: Actor, person: Person, union: Organisation, occupation: str) -> Intake:
    there = receptions.receive(clerk, person=person, found_by="document")
    given: dict[str, Any] = {
        "organisation": union, "occupation": occupation, "form": "1", "migrant": person.migrant_worker
    }  # fmt: skip
    made = intakes.take(
        clerk, reception=there, one=matter("join"), given=given, agreed=("membership", "identity")
    )
    receptions.close(clerk, reception=there)
    return made


def _papers(clerk: Actor, people: list[Person], today: date) -> None:
    """A batch of last week: one may be filed, one is filed already, one nobody knows, one bears another name."""
    if len(people) < 5:
        return
    day = today - timedelta(days=6)
    unknown = "42990019880305" + "017"
    typed = [
        papers.Typed(day, "join", people[4].name, str(people[4].id_number.reveal()), note="入会申请书一份"),
        papers.Typed(day, "join", people[2].name, str(people[2].id_number.reveal()), note="入会申请书一份"),
        papers.Typed(
            day, "join", "示范某", unknown + resident_id_checksum(unknown), note="入会申请书一份，手写"
        ),
        papers.Typed(day, "join", "写错了", str(people[0].id_number.reveal()), note="姓名看不清"),
    ]
    papers.enter(clerk, rows=typed, note="上周停网时收的材料")
