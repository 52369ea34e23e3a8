"""The desk's pages: who sees which rows, lights and filters, decisions through the form, batches, query counts."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.world import World
from unionhall.foundation.permissions import Role
from unionhall.reviews import actions
from unionhall.reviews.models import Review, ReviewStep

from .matters import Submit, Trial, fresh, step_of

SignIn = Callable[[str], Client]
pytestmark = pytest.mark.usefixtures("trial")


def due(review: Review, days: int) -> None:
    """Move the due date of the current step to so many calendar days from today."""
    rows = ReviewStep.objects.everywhere(reason="test").filter(review=review, is_current=True)
    rows.update(due_on=timezone.localdate() + timedelta(days=days))


def shown(client: Client, address: str) -> list[str]:
    page = client.get(address)
    assert page.status_code == 200
    return [row["step"].review.number for row in page.context["rows"]]


def test_my_inbox_is_ordered_by_due_date_and_holds_what_i_decide(signed_in: SignIn, submit: Submit) -> None:
    late, soon, later = submit(), submit(), submit()
    submit(steps=[("beta", Role.CHAIR, 5)])
    submit(by="chair_alpha")
    submit(steps=[("alpha", Role.GRASSROOTS_OFFICER, 5)])
    for review, days in ((late, -3), (soon, 1), (later, 30)):
        due(review, days)
    chair = signed_in("chair_alpha")
    assert shown(chair, "/desk/reviews/") == [late.number, soon.number, later.number]
    page = chair.get("/desk/reviews/").content.decode()
    assert page.index("逾期") < page.index("临期")
    assert '审核队列</span><b class="count">3' in page


@pytest.mark.parametrize(
    ("who", "sees_alpha", "sees_gamma"),
    [
        ("chair_alpha", True, False),
        ("officer_alpha", True, False),
        ("chair_beta", False, False),
        ("chair_gamma", False, True),
        ("pier_officer", True, False),
        ("transport_officer", True, False),
        ("east_officer", True, False),
        ("river_officer", True, True),
        ("gorge_officer", False, False),
        ("leader", True, True),
        ("auditor", True, True),
        ("clerk", True, False),
    ],
)
def test_each_sees_his_own_subtree(
    signed_in: SignIn, submit: Submit, who: str, sees_alpha: bool, sees_gamma: bool
) -> None:
    alpha = submit()
    gamma = submit(steps=[("gamma", Role.CHAIR, 5)])
    client = signed_in(who)
    seen = shown(client, "/desk/reviews/?whose=below")
    assert (alpha.number in seen, gamma.number in seen) == (sees_alpha, sees_gamma)
    for review, sees in ((alpha, sees_alpha), (gamma, sees_gamma)):
        assert client.get(f"/desk/reviews/{review.number}/").status_code == (200 if sees else 404)


@pytest.mark.parametrize("who", ["worker_alpha", "operator", "lawyer", "merchant"])
def test_others_have_no_inbox(signed_in: SignIn, submit: Submit, who: str) -> None:
    review, client = submit(), signed_in(who)
    assert client.get("/desk/reviews/").status_code == 403
    assert client.get(f"/desk/reviews/{review.number}/").status_code == 403
    assert client.post("/desk/reviews/batch/").status_code == 403


def test_a_visitor_is_asked_to_sign_in(client: Client, submit: Submit) -> None:
    answer = client.get(f"/desk/reviews/{submit().number}/")
    assert answer.status_code == 302
    assert answer["Location"].startswith("/sign-in/")


def test_filters_and_counts_by_light(signed_in: SignIn, submit: Submit, world: World) -> None:
    late, soon, later, returned = submit(), submit(), submit(), submit(title="李**的申请")
    for review, days in ((late, -3), (soon, 0), (later, 30)):
        due(review, days)
    actions.return_for_completion(world.actor("chair_alpha"), step=step_of(returned), opinion="缺合同")
    chair = signed_in("chair_alpha")
    page = chair.get("/desk/reviews/")
    assert [tile["value"] for tile in page.context["tiles"]] == [1, 1, 1, 1]
    assert page.context["total"] == 3
    for light, expected in (("red", late), ("amber", soon), ("green", later)):
        assert shown(chair, f"/desk/reviews/?light={light}") == [expected.number]
    assert shown(chair, "/desk/reviews/?state=returned") == [returned.number]
    assert shown(chair, f"/desk/reviews/?q={late.number.lower()}") == [late.number]
    assert shown(chair, "/desk/reviews/?q=李&state=returned") == [returned.number]
    assert shown(chair, "/desk/reviews/?union=博远") == []
    assert "清除筛选" in chair.get("/desk/reviews/?union=博远").content.decode()
    assert shown(chair, "/desk/reviews/?procedure=trial&light=red") == [late.number]
    actions.approve(world.actor("chair_alpha"), step=step_of(late))
    assert shown(chair, "/desk/reviews/?state=done") == [late.number]


def test_pages_follow_each_other_through_equal_due_dates(
    signed_in: SignIn, submit: Submit, monkeypatch: pytest.MonkeyPatch
) -> None:
    from unionhall.reviews.views.inbox import Inbox

    monkeypatch.setattr(Inbox, "page_size", 2)
    numbers = [submit().number for _ in range(5)]
    chair, seen, address = signed_in("chair_alpha"), [], "/desk/reviews/"
    backwards = None
    while address:
        page = chair.get(address)
        seen += [row["step"].review.number for row in page.context["rows"]]
        backwards = page.context["previous_url"]
        following = page.context["next_url"]
        address = f"/desk/reviews/{following}" if following else ""
    assert seen == numbers
    assert shown(chair, f"/desk/reviews/{backwards}") == numbers[2:4]
    assert chair.get("/desk/reviews/?after=nonsense").status_code == 404


@pytest.mark.parametrize("who", ["chair_alpha", "river_officer"])
def test_the_inbox_costs_the_same_for_one_row_and_for_three(
    signed_in: SignIn, submit: Submit, who: str
) -> None:
    client = signed_in(who)
    counts = []
    for more in (1, 2):
        for _ in range(more):
            submit()
        client.get("/desk/reviews/?whose=below")
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert len(shown(client, "/desk/reviews/?whose=below")) >= more
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 10


def test_a_matter_costs_the_same_for_one_event_and_for_three(
    signed_in: SignIn, submit: Submit, world: World
) -> None:
    short, long = submit(), submit(steps=[("alpha", Role.CHAIR, 5), ("pier", Role.OFFICER, 5)])
    for _ in range(2):
        actions.return_for_completion(
            world.actor("chair_alpha"), step=step_of(long), opinion="缺合同", reason="合同换了新版"
        )
        actions.supplement(world.actor("worker_alpha"), review=long, note="已补")
    client, counts = signed_in("chair_alpha"), []
    for review in (short, long):
        client.get(f"/desk/reviews/{review.number}/")
        with CaptureQueriesContext(connection) as queries:
            assert client.get(f"/desk/reviews/{review.number}/").status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 14


def test_deciding_through_the_form(signed_in: SignIn, submit: Submit) -> None:
    chair = signed_in("chair_alpha")
    for decision, opinion, state in (
        ("approve", "", "approved"),
        ("refuse", "不在本单位", "refused"),
        ("return", "缺合同", "returned"),
    ):
        review = submit()
        answer = chair.post(
            f"/desk/reviews/{review.number}/",
            {"step": step_of(review).pk, "decision": decision, "opinion": opinion},
        )
        assert (answer.status_code, answer["Location"]) == (302, "/desk/reviews/")
        assert fresh(review).state == state


def test_what_the_form_refuses_is_shown_and_kept(signed_in: SignIn, submit: Submit) -> None:
    review, chair = submit(), signed_in("chair_alpha")
    address, step = f"/desk/reviews/{review.number}/", step_of(review).pk
    nothing = chair.post(address, {"step": step})
    assert nothing.status_code == 422
    assert "请选择办理结论" in nothing.content.decode()
    silent = chair.post(address, {"step": step, "decision": "refuse", "opinion": ""})
    assert silent.status_code == 422
    assert "请写明理由" in silent.content.decode()
    nowhere = chair.post(address, {"step": step, "decision": "hand_over", "opinion": "不归我管"})
    assert nowhere.status_code == 422
    assert "请选择移交给哪个工会" in nowhere.content.decode()
    assert "不归我管" in nowhere.content.decode()
    assert fresh(review).state == Review.State.PENDING


def test_a_stale_page_decides_nothing(signed_in: SignIn, submit: Submit, world: World) -> None:
    """The page shows step one; meanwhile someone passed it, and step two is another union's."""
    review = submit(steps=[("alpha", Role.CHAIR, 5), ("beta", Role.CHAIR, 5)])
    step = step_of(review)
    actions.approve(world.actor("chair_alpha"), step=step)
    answer = signed_in("chair_alpha").post(
        f"/desk/reviews/{review.number}/", {"step": step.pk, "decision": "approve"}
    )
    assert answer.status_code == 422
    assert "本次操作没有生效" in answer.content.decode()
    assert step_of(review).order == 2


def test_handing_over_through_the_form_opens_the_matter_to_the_receiver(
    signed_in: SignIn, submit: Submit, world: World
) -> None:
    review = submit()
    chair = signed_in("chair_alpha")
    page = chair.get(f"/desk/reviews/{review.number}/").content.decode()
    assert world.unions["beta"].name in page
    assert world.unions["gamma"].name not in page
    chair.post(
        f"/desk/reviews/{review.number}/",
        {
            "step": step_of(review).pk,
            "decision": "hand_over",
            "opinion": "在博远上班",
            "destination": world.unions["beta"].pk,
        },
    )
    beta = signed_in("chair_beta")
    assert shown(beta, "/desk/reviews/") == [review.number]
    page = beta.get(f"/desk/reviews/{review.number}/").content.decode()
    assert "在博远上班" in page
    assert 'id="decide"' in page


def test_my_own_matter_offers_only_the_hand_over(signed_in: SignIn, submit: Submit) -> None:
    review, chair = submit(by="chair_alpha"), signed_in("chair_alpha")
    page = chair.get(f"/desk/reviews/{review.number}/").content.decode()
    assert "不能由您审核" in page
    assert 'value="approve"' not in page
    answer = chair.post(
        f"/desk/reviews/{review.number}/", {"step": step_of(review).pk, "decision": "approve"}
    )
    assert answer.status_code == 422
    assert fresh(review).state == Review.State.PENDING


def test_a_reader_is_told_who_decides(signed_in: SignIn, submit: Submit) -> None:
    review, leader = submit(), signed_in("leader")
    page = leader.get(f"/desk/reviews/{review.number}/").content.decode()
    assert "这个环节由江城安达快递有限公司工会委员会的基层工会主席办理" in page
    assert 'id="decide"' not in page
    answer = leader.post(
        f"/desk/reviews/{review.number}/", {"step": step_of(review).pk, "decision": "approve"}
    )
    assert answer.status_code == 403
    assert fresh(review).state == Review.State.PENDING


def test_a_batch_answers_row_by_row(signed_in: SignIn, submit: Submit, world: World, trial: Trial) -> None:
    first, second, other = submit(), submit(), submit(steps=[("gamma", Role.CHAIR, 5)])
    chair = signed_in("chair_alpha")
    stale = step_of(second)
    actions.refuse(world.actor("chair_alpha"), step=stale, opinion="不行")
    ticked = [step_of(first).pk, stale.pk, step_of(other).pk]
    answer = chair.post("/desk/reviews/batch/", {"selected": ticked, "action": "approve"})
    page = answer.content.decode()
    assert answer.status_code == 200
    assert "成功 1 件" in page
    assert "未成功 1 件" in page
    assert second.number in page
    assert "本次操作没有生效" in page
    assert other.number not in page
    assert fresh(first).state == Review.State.APPROVED
    assert fresh(other).state == Review.State.PENDING


def test_everything_means_everything_the_filters_leave(signed_in: SignIn, submit: Submit) -> None:
    wanted, unwanted, foreign = (
        submit(title="甲的申请"),
        submit(title="乙的申请"),
        submit(steps=[("beta", Role.CHAIR, 5)]),
    )
    chair = signed_in("chair_alpha")
    chair.post("/desk/reviews/batch/?q=甲", {"everything": "1", "action": "approve"})
    assert fresh(wanted).state == Review.State.APPROVED
    assert {fresh(unwanted).state, fresh(foreign).state} == {Review.State.PENDING}
    nothing = chair.post("/desk/reviews/batch/", {"action": "approve"})
    assert nothing.status_code == 422
    assert "没有选中办件" in nothing.content.decode()


def test_urging_through_the_page(signed_in: SignIn, submit: Submit, world: World) -> None:
    review = submit()
    officer = signed_in("pier_officer")
    assert "督办" in officer.get(f"/desk/reviews/{review.number}/").content.decode()
    assert officer.get(f"/desk/reviews/{review.number}/urge/").status_code == 200
    assert officer.post(f"/desk/reviews/{review.number}/urge/", {"opinion": ""}).status_code == 422
    answer = officer.post(f"/desk/reviews/{review.number}/urge/", {"opinion": "今天办结"})
    assert answer["Location"] == f"/desk/reviews/{review.number}/"
    chair = signed_in("chair_alpha")
    page = chair.get(f"/desk/reviews/{review.number}/").content.decode()
    assert "今天办结" in page
    assert f"/desk/reviews/{review.number}/urge/" not in page
    assert chair.post(f"/desk/reviews/{review.number}/urge/", {"opinion": "x"}).status_code == 403


def test_the_page_works_as_a_fragment_for_htmx(signed_in: SignIn, submit: Submit) -> None:
    submit()
    answer = signed_in("chair_alpha").get(
        "/desk/reviews/", headers={"HX-Request": "true", "HX-Target": "list"}
    )
    assert answer.status_code == 200
    assert 'id="list"' in answer.content.decode()


def test_a_figure_of_one_union_leads_to_its_own_matters(
    world: World, signed_in: SignIn, submit: Submit
) -> None:
    """`under` narrows the list to a union and those below it, and says so; an unknown code shows nothing."""
    review, client = submit(), signed_in("river_officer")
    here = "/desk/reviews/?whose=below&under="
    for union, there in ((review.organisation, True), (world.unions["gorge_city"], False)):
        assert (review.number in shown(client, here + union.code)) is there
        assert f"只看{union.name}和下级工会" in client.get(here + union.code).content.decode()
    assert shown(client, here + "x") == []
