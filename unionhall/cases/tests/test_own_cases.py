"""Nobody handles his own case or his household's; numbers typed in passing stand nowhere in clear."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from tests.world import World
from unionhall.cases.actions import aid, appeals_owner, core, desk, lawyering, referrals, transfers
from unionhall.cases.models import Case, CaseClock
from unionhall.foundation.actors import Actor
from unionhall.foundation.errors import Refused
from unionhall.members.models import DeskIdentity

from . import disputes as scene
from .aid import applied, body, lawyer, officer
from .test_copies_gone import paper

pytestmark = pytest.mark.django_db
Opener = Callable[..., Case]
WHY = "test"
NUMBER = "13800001234"


def named(world: World, account: str, person: str) -> Actor:
    """The desk account is this person's."""
    DeskIdentity.objects.create(account=world.accounts[account], person=world.people[person], named_by="x")
    return world.actor(account)


def test_a_handler_leaves_his_own_case_to_others(opened: Opener, world: World) -> None:
    case = opened()
    chair = named(world, "chair_alpha", "alpha_1")
    with pytest.raises(Refused, match="您本人或家庭成员的案件"):
        core.move(chair, case, "answer", opinion="已补发")
    with pytest.raises(Refused, match="本人或家庭成员的案件"):
        core.assign(chair, case, world.accounts["chair_alpha"], because="我来办")
    assert Case.objects.everywhere(reason=WHY).get(pk=case.pk).state == "open"
    # Nor is it given to him by the platform, which looks for whoever has least to do.
    assert world.accounts["chair_alpha"] not in appeals_owner.handlers(case)


def test_nor_does_he_do_anything_else_with_it_but_give_it_away(world: World) -> None:
    case, himself = scene.dispute(world), named(world, "river_rights", "alpha_1")
    party = case.parties.get(side="applicant")
    sent = scene.referral(world, case)
    acts: dict[str, Callable[[], object]] = {
        "regrade": lambda: core.regrade(himself, case, "urgent", because="急"),
        "refer": lambda: referrals.refer(
            himself, case=case, body=sent.body, act="order", asked="请办", facts=()
        ),
        "end a referral": lambda: referrals.end(himself, referral=sent, withdraw=True, reason="不用了"),
        "note": lambda: desk.keep_text(himself, case, role="record", body="电话核实属实"),
        "file": lambda: desk.keep_file(himself, case, upload=paper(), label="证明", shown=True),
        "party": lambda: desk.reveal_party(himself, case, party=party, what="phone", reason="联系"),
        "contact": lambda: desk.reveal_contact(himself, case, reason="联系"),
        "link": lambda: core.link(himself, case, scene.dispute(world, cause="injury"), "same"),
        "legal aid": lambda: aid.apply_from(himself, case=case, form="3", is_migrant=True),
        "send away": lambda: transfers.send(himself, case, federation="qingdao", reason="移送"),
    }
    for name, act in acts.items():
        with pytest.raises(Refused, match="您本人或家庭成员的案件"):
            act()
        assert Case.objects.everywhere(reason=WHY).get(pk=case.pk).events.count() == 2, name
    given = core.hand_over(himself, case, world.unions["east"], reason="本人的案件")
    assert given.organisation == world.unions["east"]


def test_nor_makes_documents_of_it(signed_in: Callable[[str], Client], world: World) -> None:
    case = scene.dispute(world)
    named(world, "river_rights", "alpha_1")
    answer = signed_in("river_rights").post(
        reverse("desk_case_document", args=[case.number, "acceptance"]), {"missing": "无"}
    )
    assert (answer.status_code, case.files.count()) == (422, 0)
    assert "您本人或家庭成员的案件" in answer.content.decode()


def test_nobody_grants_himself_legal_aid(world: World) -> None:
    body(world)
    found = applied(world)
    himself = named(world, "river_rights", "alpha_1")
    own = "您本人或家庭成员的案件"
    with pytest.raises(Refused, match=own):
        aid.decide(himself, case=found.case, granted=True, opinion="同意")
    with pytest.raises(Refused, match=own):
        aid.ask_more(himself, case=found.case, lacking=["合同"])
    with pytest.raises(Refused, match=own):
        aid.come_first(himself, case=found.case, opinion="急")


def test_nobody_speaks_for_the_lawyer_of_his_own_case(world: World) -> None:
    body(world)
    lawyer(world)
    found, others = applied(world), world.actor("province_officer")
    aid.decide(others, case=found.case, granted=True)
    made = lawyering.offer(others, case=found.case)
    himself = named(world, "river_rights", "alpha_1")
    with pytest.raises(Refused, match="您本人或家庭成员的案件"):
        lawyering.answer(himself, assignment=made, accept=True)
    assert lawyering.answer(others, assignment=made, accept=True).state == "accepted"


def test_a_refusal_that_is_objected_to_is_not_simply_decided_anew(world: World) -> None:
    body(world)
    found, who = applied(world), officer(world)
    aid.decide(who, case=found.case, granted=False, opinion="材料不足")
    aid.object_to(world.actor("worker_alpha"), case=found.case, words="材料齐了")
    # By the way of a decision the same person would review himself.
    with pytest.raises(Refused, match="复核"):
        aid.decide(who, case=found.case, granted=True, opinion="同意")


def test_numbers_in_reasons_are_hidden_wherever_they_are_kept(opened: Opener, world: World) -> None:
    case = opened()
    chair = world.actor("chair_alpha")
    core.assign(chair, case, world.accounts["chair_alpha"], because=f"他熟，电话 {NUMBER}")
    core.move(chair, case, "ask", opinion=f"请补工资条，或打 {NUMBER}")
    fresh = Case.objects.everywhere(reason=WHY).get(pk=case.pk)
    paused = CaseClock.objects.everywhere(reason=WHY).filter(case=case).exclude(pause_reason="")
    kept = [fresh.owner_because, *paused.values_list("pause_reason", flat=True)]
    assert len(kept) > 1
    assert not [one for one in kept if NUMBER in one]
