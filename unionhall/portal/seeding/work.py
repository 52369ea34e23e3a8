"""Work that waits: made by the real actions, acting as the accounts of the demonstration, some days ago."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from datetime import date, datetime, time, timedelta
from itertools import cycle
from pathlib import Path
from random import Random
from typing import Any

from django.utils import timezone

from unionhall.access.grants import actor_for
from unionhall.access.models import Account, Grant
from unionhall.access.signing import account_of
from unionhall.foundation.actors import Actor
from unionhall.foundation.models import working_calendar
from unionhall.kit.masking import mask_name
from unionhall.members import consents
from unionhall.members.actions import reveal
from unionhall.members.intake import actions as intake
from unionhall.members.intake.planting import write_roster
from unionhall.members.models import Employment, Membership, Person
from unionhall.organisations.models import Employer, Organisation
from unionhall.organising.actions import admission, founding, standing, transfers
from unionhall.organising.models import StandingChange
from unionhall.reviews import actions as reviewing
from unionhall.reviews.models import Review, ReviewStep

from . import (
    aid,
    appeals,
    clock,
    cover,
    cover_plans,
    disputes,
    incidents,
    member_services,
    needs,
    network,
    notices,
    outreach,
    relief,
    subsidy,
    window,
)
from .accounts import Opened
from .province import Province, Story
from .sample import SAMPLE_NAME, sample_roster
from .unions import Union

__all__ = ["leave_work"]

WHY = "示范数据"
#: Seed of the roster that is committed: apart from the population's and the sample's.
GOOD_SEED = 871
REASONS = ("换了工作单位", "调到新的站点工作", "单位搬迁，就近参加工会")


class Stage:
    """The province with its actors: finds people, takes parts, lets time pass."""

    def __init__(self, made: Province, opened: Opened, number: int, today: date) -> None:
        assert made.story is not None
        self.story: Story = made.story
        self.made, self.opened, self.today, self.number = made, opened, today, number
        self.random = Random(f"{number}:work")  # noqa: S311 — not a secret
        self.calendar = working_calendar()
        self.strangers = self._strangers()

    def union(self, union: Union) -> Organisation:
        return Organisation.objects.everywhere(reason=WHY).get(pk=union.id)

    def actor(self, username: str) -> Actor:
        return actor_for(self.opened.accounts[username], "seed")

    def worker(self, person: Person) -> Actor:
        """The person signs in by phone for the first time and gives the consents that an application needs."""
        if person.account is None:
            account = account_of(person.phone.reveal())
            account.display_name = mask_name(person.name)
            account.save(update_fields=["display_name"])
            person.account = account
            person.save(update_fields=["account"])
        actor = actor_for(person.account, "seed")
        for purpose in consents.missing(person):
            consents.give(actor, person=person, purpose=purpose.code)
        return actor

    def decider(self, step: ReviewStep) -> Actor:
        grant = Grant.objects.everywhere(reason=WHY).filter(organisation=step.organisation_id, role=step.role)
        account: Account = grant.select_related("account").order_by("pk")[0].account
        return actor_for(account, "seed")

    def _strangers(self) -> Iterator[Person]:
        """People in the register who never joined."""
        rows = Person.objects.everywhere(reason=WHY).filter(memberships=None, account=None)
        return rows.select_related("account").order_by("pk").iterator()

    def members(self, union: Union, count: int) -> list[Membership]:
        """Ordinary active members without a post or an account."""
        rows = Membership.objects.everywhere(reason=WHY).current()
        rows = rows.filter(organisation=union.id, standing="active", person__account=None, person__posts=None)
        return list(rows.select_related("person__account", "organisation").order_by("-pk")[:count])

    def days_ago(self, working_days: int) -> datetime:
        """A moment in office hours so many working days ago."""
        day = self.calendar.add_working_days(self.today, -working_days) if working_days else self.today
        moment = datetime.combine(day, time(8, 30)) + timedelta(minutes=self.random.randrange(480))
        return min(timezone.make_aware(moment), timezone.now())


def leave_work(
    made: Province, opened: Opened, number: int, today: date, report: Callable[[str, int, int], None]
) -> None:
    """Admissions, transfers, standing changes, foundings, rosters; entries in the journal come with them."""
    stage = Stage(made, opened, number, today)
    for what, do in (
        ("入会申请", _admissions), ("会籍转接", _transfers), ("会籍变动", _standings),
        ("建会申请", _foundings), ("名册", _rosters), ("日志", _reveals), ("会员服务", member_services.leave),
        ("助推补贴", subsidy.leave), ("困难帮扶", relief.leave), ("保险保障", cover.leave_claims),
        ("单位投保", cover_plans.leave),
        ("服务网络", network.leave), ("走访联系", outreach.leave), ("职工诉求", appeals.leave),
        ("公示公告", notices.leave),
        ("劳动争议", disputes.leave),
        ("群体性事件和督办", incidents.leave),
        ("一站式窗口", window.leave),
        ("法律援助", aid.leave),
        ("需求征集", needs.leave),
    ):  # fmt: skip
        report(f"待办事项：{what}", 0, 1)
        do(stage)


def _current(review: Review) -> ReviewStep:
    return (
        ReviewStep.objects.everywhere(reason=WHY)
        .select_related("organisation")
        .get(review=review, is_current=True)
    )


# Admissions ------------------------------------------------------------


def _apply(stage: Stage, union: Union, working_days: int, *, local: bool = False) -> Review | None:
    person = next(stage.strangers, None)
    if person is None:
        return None
    employer = None if local or not union.employers else Employer.objects.get(pk=union.employers[0].id)
    platform = union.platform
    with clock.at(stage.days_ago(working_days)):
        found = admission.apply(
            stage.worker(person),
            person=person,
            organisation=stage.union(union),
            employer=employer,
            work_unit="" if employer else f"{union.short_name.removesuffix('总工会')}个体商户",
            occupation=stage.random.choice(union.employers[0].trade.occupations)
            if union.employers
            else "店员",
            form="5" if platform else "1",
            migrant_worker=platform or person.migrant_worker,
            through_local_union=local,
        )
        found.created_at = timezone.now()
        found.save(update_fields=["created_at"])
    return found.review


def _admissions(stage: Stage) -> None:
    story = stage.story
    # Five working days are allowed: the last of these is overdue, two are about to be.
    waiting = [_apply(stage, story.express, days) for days in (0, 1, 3, 4, 8, 2)]
    if waiting[-1] is not None:
        _return(stage, waiting[-1], "劳动合同照片看不清，请重新拍照上传首页和签字页。", 1)
    for union, ages in ((story.neighbour, (0, 2, 6)), (story.electronics, (1,)), (story.street, (0, 3, 7))):
        for days in ages:
            _apply(stage, union, days, local=union is story.street)
    others = [
        union for union in stage.made.unions if union.has_members and union.level == 5 and union.until is None
    ]
    stage.random.shuffle(others)
    for union, days in zip(
        [one for one in others if one.weight > 0.4][:14], cycle((0, 1, 2, 3, 4, 5, 9)), strict=False
    ):
        _apply(stage, union, days)
    for days, decide in ((15, "approve"), (11, "approve"), (10, "refuse"), (7, "approve")):
        if (review := _apply(stage, story.express, days)) is not None:
            _decide(stage, review, decide, days - 2)


def _decide(stage: Stage, review: Review, verb: str, working_days: int) -> None:
    step = _current(review)
    with clock.at(stage.days_ago(working_days)):
        if verb == "approve":
            reviewing.approve(stage.decider(step), step=step, opinion="材料齐全，同意。")
        else:
            opinion = "经核实，申请人在其他单位工作，请向所在单位工会申请。"
            reviewing.refuse(stage.decider(step), step=step, opinion=opinion)


def _return(stage: Stage, review: Review, opinion: str, working_days: int) -> None:
    step = _current(review)
    with clock.at(stage.days_ago(working_days)):
        reviewing.return_for_completion(stage.decider(step), step=step, opinion=opinion)


# Transfers and standing ------------------------------------------------------------


def _transfers(stage: Stage) -> None:
    """Into the express company and out of it; one waits for the receiving union, one was started by the chair."""
    story = stage.story
    moves = (
        (story.neighbour, story.express, 5, True), (story.electronics, story.express, 1, True),
        (story.express, story.neighbour, 2, False), (story.express, story.electronics, 6, False),
    )  # fmt: skip
    for place, (origin, destination, days, released) in enumerate(moves):
        held = stage.members(origin, place + 1)
        if len(held) <= place:
            continue
        with clock.at(stage.days_ago(days)):
            found = transfers.request_transfer(
                stage.worker(held[place].person),
                membership=held[place],
                destination=stage.union(destination),
                reason=REASONS[place % len(REASONS)],
            )
            found.created_at = timezone.now()
            found.save(update_fields=["created_at"])
        if released:
            _decide(stage, found.review, "approve", max(0, days - 1))


def _standings(stage: Stage) -> None:
    """A member who asks to leave, and one whose membership is to be retained."""
    story = stage.story
    held = stage.members(story.express, 8)[4:]
    changes: list[tuple[Membership, str, str, dict[str, Any], int]] = []
    if held:
        changes.append((held[0], StandingChange.Change.WITHDRAWAL, "个人原因，回老家发展", {}, 2))
    retired = Employment.objects.everywhere(reason=WHY).filter(
        status="4",
        period__upper_inf=True,
        person__in=[one.person_id for one in stage.members(story.neighbour, 400)],
    )
    for row in retired.select_related("person")[:1]:
        membership = Membership.objects.everywhere(reason=WHY).current().get(person=row.person)
        changes.append((membership, StandingChange.Change.RETENTION, "已办理退休手续", {}, 1))
    for membership, change, reason, evidence, days in changes:
        with clock.at(stage.days_ago(days)):
            proposed = standing.propose(
                stage.worker(membership.person),
                membership=membership,
                change=change,
                reason=reason,
                evidence=evidence,
            )
            proposed.created_at = timezone.now()
            proposed.save(update_fields=["created_at"])


# Foundings ------------------------------------------------------------


def _foundings(stage: Stage) -> None:
    """Workers of three firms without a union ask for one; one has leave to prepare."""
    story = stage.story
    street = stage.union(story.street)
    place = story.county.short_name.removesuffix("总工会").removesuffix("区")
    for firm, people, days, approved in (
        (f"{place}宏拓冷链物流有限公司", 86, 3, False),
        (f"{place}星沐餐饮管理有限公司", 42, 12, False),
        (f"{place}博禾软件有限公司", 130, 20, True),
    ):
        person = next(stage.strangers, None)
        if person is None:
            return
        employer = Employer.objects.create(
            name=firm, division=story.street.division, employees=people + 20, women=people // 3,
            economic_type="170", industry="G", address=f"{street.short_name.removesuffix('总工会')}科技路{people}号",
        )  # fmt: skip
        with clock.at(stage.days_ago(days)):
            found = founding.apply_to_found(
                stage.worker(person),
                superior=street,
                name=f"{firm}工会委员会",
                contact=person.name,
                employer=employer,
                expected_members=people,
                applicant=person,
            )
            found.created_at = timezone.now()
            found.save(update_fields=["created_at"])
        if approved:
            _decide(stage, found.review, "approve", days - 6)


# Rosters and the journal ------------------------------------------------------------


def _rosters(stage: Stage) -> None:
    """One committed by the neighbouring union, one with planted errors that waits for the chair."""
    story = stage.story
    with tempfile.TemporaryDirectory() as folder:
        good = Path(folder) / "2026年新入职人员名册.xlsx"
        write_roster(good, 36, 0, GOOD_SEED)
        with clock.at(stage.days_ago(4)):
            batch = intake.receive(
                stage.actor("officer"),
                organisation=stage.union(story.neighbour),
                path=good,
                name=good.name,
                queue=False,
            )
            intake.check(batch.pk)
            batch.refresh_from_db()
            actor = stage.actor("officer")
            intake.ask_commit(actor, batch=batch, queue=False)
            intake.commit(batch.pk, actor)
        batch.created_at = stage.days_ago(4)
        batch.save(update_fields=["created_at"])
        planted = Path(folder) / SAMPLE_NAME
        planted.write_bytes(sample_roster(stage.today))
        batch = intake.receive(
            stage.actor("chair"),
            organisation=stage.union(story.express),
            path=planted,
            name=SAMPLE_NAME,
            queue=False,
        )
        intake.check(batch.pk)


def _reveals(stage: Stage) -> None:
    """Someone looked at a number, with a reason: the journal has something to tell from the first minute."""
    story = stage.story
    for username, union, reason in (
        ("chair", story.express, "核对互助保障理赔材料"),
        ("county", story.neighbour, "会籍转接核对身份"),
        ("clerk", story.electronics, "窗口办理补卡"),
    ):
        for held in stage.members(union, 2):
            with clock.at(stage.days_ago(1)):
                reveal(stage.actor(username), person=held.person, what="id_number", reason=reason)
