"""一次性告知: what is missing is told at once; a second return asks why, and superiors are told."""

from collections.abc import Callable

import pytest
from django.test import Client

from tests.world import World
from unionhall.foundation.errors import Refused
from unionhall.foundation.permissions import Role
from unionhall.records.models import Message
from unionhall.reviews import actions
from unionhall.reviews.models import Review, ReviewEvent

from .matters import LISTED, Submit, Trial, fresh, step_of

SignIn = Callable[[str], Client]


def last(review: Review) -> ReviewEvent:
    return ReviewEvent.objects.everywhere(reason="test").filter(review=review).latest("pk")


def test_ticked_items_are_told_as_a_list_and_kept(world: World, submit: Submit, trial: Trial) -> None:
    trial.items = LISTED
    review, chair = submit(), world.actor("chair_alpha")
    actions.return_for_completion(chair, step=step_of(review), items=["contract", "photo", "photo"])
    event = last(review)
    assert event.items == [{"code": "contract", "text": "劳动合同"}, {"code": "photo", "text": "一寸照片"}]
    assert (fresh(review).returns, fresh(review).state) == (1, Review.State.RETURNED)
    told = (
        Message.objects.everywhere(reason="test")
        .filter(recipient_id=world.accounts["worker_alpha"].pk)
        .latest("pk")
    )
    assert told.body.endswith("请补正：劳动合同；一寸照片")


def test_a_return_says_something_and_only_what_is_on_the_list(
    world: World, submit: Submit, trial: Trial
) -> None:
    trial.items = LISTED
    review, chair = submit(), world.actor("chair_alpha")
    with pytest.raises(Refused, match="请写明要补什么"):
        actions.return_for_completion(chair, step=step_of(review))
    with pytest.raises(Refused, match="清单已经变化"):
        actions.return_for_completion(chair, step=step_of(review), items=["passport"])
    assert fresh(review).state == Review.State.PENDING


def test_a_second_return_asks_why_and_the_superior_is_told(world: World, submit: Submit) -> None:
    review = submit(steps=[("pier", Role.OFFICER, 5)])
    officer = world.actor("pier_officer")
    actions.return_for_completion(officer, step=step_of(review), opinion="缺合同", reason="第一次不用写")
    assert last(review).reason == ""
    actions.supplement(world.actor("worker_alpha"), review=review, note="补了")
    with pytest.raises(Refused, match="一次告知") as refusal:
        actions.return_for_completion(officer, step=step_of(review), opinion="合同缺页")
    assert refusal.value.field == "reason"
    actions.return_for_completion(
        officer, step=step_of(review), opinion="合同缺页", reason="补来的合同缺第三页"
    )
    assert (fresh(review).returns, last(review).reason) == (2, "补来的合同缺第三页")
    (told,) = Message.objects.everywhere(reason="test").filter(title="下级再次退回补正")
    assert told.recipient_id == world.accounts["east_officer"].pk
    assert "补来的合同缺第三页" in told.body


def test_the_desk_ticks_and_the_worker_reads_a_list(
    signed_in: SignIn, submit: Submit, trial: Trial, world: World
) -> None:
    trial.items = LISTED
    review = submit()
    chair, address = signed_in("chair_alpha"), f"/desk/reviews/{review.number}/"
    page = chair.get(address).content.decode()
    assert "一寸照片" in page
    assert "再次退回的理由" not in page
    sent = {"step": step_of(review).pk, "decision": "return", "items": ["photo"], "opinion": "照片要白底"}
    lost = chair.post(address, sent | {"decision": "approve"})
    assert (lost.status_code, "请选择退回补正" in lost.content.decode()) == (422, True)
    assert chair.post(address, sent).status_code == 302
    for path in ("", "supplement/"):
        page = signed_in("worker_alpha").get(f"/m/applications/{review.number}/{path}").content.decode()
        assert "<li>一寸照片</li><li>照片要白底</li>" in page
    actions.supplement(world.actor("worker_alpha"), review=review, note="补了")
    chair = signed_in("chair_alpha")
    assert "再次退回的理由" in chair.get(address).content.decode()
    again = chair.post(address, {**sent, "step": step_of(review).pk})
    assert again.status_code == 422
    assert "为什么没有一次告知" in again.content.decode()
    chair.post(address, {**sent, "step": step_of(review).pk, "reason": "新照片不是白底"})
    page = signed_in("river_officer").get("/desk/reviews/?whose=below&state=again").content.decode()
    assert review.number in page
    detail = signed_in("river_officer").get(address).content.decode()
    assert "再次退回的理由：新照片不是白底" in detail
    mine = signed_in("worker_alpha").get(f"/m/applications/{review.number}/").content.decode()
    assert "新照片不是白底" not in mine
