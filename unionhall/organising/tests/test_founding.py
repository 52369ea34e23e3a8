"""建会 from application to a union in the tree, its refusals, and the pages of officers and workers."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from tests.world import World, phone_of, resident_id
from unionhall.foundation.actors import NotAllowed
from unionhall.foundation.errors import Refused
from unionhall.members.models import Membership, Person, Post
from unionhall.organisations.models import Coverage, Employer, Organisation, Term
from unionhall.organising.actions import founding as actions
from unionhall.organising.models import Founding
from unionhall.reviews import actions as reviews
from unionhall.reviews.models import Review, ReviewStep

pytestmark = pytest.mark.django_db
WHY = "a test reads the tables directly"


@pytest.fixture
def employer(world: World) -> Employer:
    return Employer.objects.create(name="江城顺风货运有限公司", division="420103001", employees=40, women=10)


@pytest.fixture
def founding(world: World, employer: Employer) -> Founding:
    return actions.apply_to_found(
        world.actor("pier_officer"),
        superior=world.unions["pier"],
        name="江城顺风货运有限公司工会委员会",
        contact="周平",
        employer=employer,
        expected_members=30,
    )


def step_of(review: Review) -> ReviewStep:
    return ReviewStep.objects.everywhere(reason=WHY).get(review=review, is_current=True)


def decide(world: World, review: Review, verb: str = "approve", **more: Any) -> None:
    """Whoever holds the step's role there decides it (the submitter does not decide on his own filing)."""
    step = step_of(review)
    name = next(
        key
        for key in ("east_officer", "river_officer", "province_officer", "pier_officer")
        if world.accounts[key].pk != review.submitted_by_id
        and world.actor(key).may("reviews.decide", *step.organisation.paths)
        and any(
            grant.organisation_id == step.organisation_id and grant.role == step.role
            for grant in world.accounts[key].grants.everywhere(reason=WHY)
        )
    )
    getattr(reviews, verb)(world.actor(name), step=step, **more)


def elected(world: World, count: int = 3, votes: int = 20) -> list[actions.Elected]:
    keys = ["outsider", "gamma_1", "delta_1", "beta_1", "beta_2"]
    titles = [Post.Title.CHAIR, Post.Title.VICE_CHAIR, *[Post.Title.COMMITTEE] * 3]
    return [
        actions.Elected(world.people[key].pk, title, votes)
        for key, title in list(zip(keys, titles, strict=True))[:count]
    ]


def file(world: World, founding: Founding, by: str = "pier_officer", **changes: Any) -> Founding:
    values: dict[str, Any] = {
        "assembly_on": timezone.localdate(),
        "entitled": 30,
        "attended": 25,
        "members": 30,
        "women": 8,
        "elected": elected(world),
        "years": 5,
    }
    return actions.file_result(world.actor(by), founding=founding, **values | changes)


def test_from_application_to_a_union_in_the_tree(
    world: World, founding: Founding, employer: Employer
) -> None:
    assert founding.stage == Founding.Stage.APPLIED
    decide(world, founding.review)
    founding.refresh_from_db()
    assert founding.stage == Founding.Stage.PREPARING
    assert founding.approval_document == founding.review.number
    one = file(world, founding)
    assert one.stage == Founding.Stage.ASSEMBLY
    assert one.result_review is not None
    decide(world, one.result_review)
    one.refresh_from_db()
    assert one.stage == Founding.Stage.FOUNDED
    union = one.founded
    assert union is not None
    assert union.parent == world.unions["pier"]
    assert Coverage.objects.everywhere(reason=WHY).filter(organisation=union, employer=employer).count() == 1
    term = Term.objects.everywhere(reason=WHY).get(organisation=union)
    assert (term.number, term.committee_size, term.elected_on) == (1, 3, timezone.localdate())
    chair = Post.objects.everywhere(reason=WHY).get(organisation=union, title=Post.Title.CHAIR)
    assert chair.person == world.people["outsider"]
    joined = Membership.objects.everywhere(reason=WHY).current().get(person=world.people["outsider"])
    assert joined.organisation == union
    kept = Membership.objects.everywhere(reason=WHY).current().get(person=world.people["gamma_1"])
    assert kept.organisation == world.unions["gamma"]


def test_a_covered_employer_is_refused_with_the_unions_name(world: World) -> None:
    with pytest.raises(Refused, match=world.unions["alpha"].name):
        actions.apply_to_found(
            world.actor("pier_officer"), superior=world.unions["pier"], name="安达二工会", contact="甲",
            employer=world.employers["alpha"], expected_members=30,
        )  # fmt: skip


def test_a_second_application_for_the_employer_is_refused(
    world: World, founding: Founding, employer: Employer
) -> None:
    with pytest.raises(Refused, match=founding.review.number):
        actions.apply_to_found(
            world.actor("pier_officer"), superior=world.unions["pier"], name="顺风第二工会", contact="甲",
            employer=employer, expected_members=30,
        )  # fmt: skip


def test_the_same_name_is_refused_and_a_like_one_is_shown(world: World, employer: Employer) -> None:
    name = world.unions["alpha"].name
    with pytest.raises(Refused, match="已有同名工会"):
        actions.apply_to_found(
            world.actor("pier_officer"), superior=world.unions["pier"], name=name, contact="甲",
            employer=employer, expected_members=30,
        )  # fmt: skip
    like = actions.similar_unions(name.replace("委员会", ""), "420103001")
    assert [one.pk for one in like][:1] == [world.unions["alpha"].pk]


def test_only_the_superiors_officer_files(world: World, employer: Employer) -> None:
    with pytest.raises(NotAllowed):
        actions.apply_to_found(
            world.actor("gorge_officer"), superior=world.unions["pier"], name="某工会", contact="甲",
            employer=employer, expected_members=30,
        )  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"attended": 19}, "至少 20 人到会"),
        ({"attended": 31}, "到会人数不能多于应到人数"),
        ({"women": 31}, "女会员人数不能多于会员人数"),
        ({"assembly_on": timezone.localdate() + timedelta(days=1)}, "不能晚于今天"),
        ({"assembly_on": timezone.localdate() - timedelta(days=9)}, "批准筹建之后"),
    ],
)
def test_an_invalid_assembly_is_refused(
    world: World, founding: Founding, changes: dict[str, Any], words: str
) -> None:
    decide(world, founding.review)
    with pytest.raises(Refused, match=words):
        file(world, founding, **changes)


def test_seats_votes_and_eligibility(world: World, founding: Founding) -> None:
    decide(world, founding.review)
    with pytest.raises(Refused, match="应设 3 或 5 名，现为 2 名"):
        file(world, founding, elected=elected(world, 2))
    with pytest.raises(Refused, match="16 票"):
        file(world, founding, elected=elected(world, 3, votes=15))
    file(world, founding, elected=elected(world, 3, votes=16))


def test_the_head_of_the_employer_is_no_chair(world: World, founding: Founding) -> None:
    decide(world, founding.review)
    rows = elected(world)
    rows[0] = actions.Elected(rows[0].person, rows[0].title, rows[0].votes, principal=True)
    with pytest.raises(Refused, match="不得担任工会主席"):
        file(world, founding, elected=rows)


@pytest.mark.parametrize("place", [0, 1, 2])
def test_close_kin_of_the_chief_executive_sit_on_no_committee(
    world: World, founding: Founding, place: int
) -> None:
    decide(world, founding.review)
    rows = elected(world)
    rows[place] = replace(rows[place], kin=True)
    with pytest.raises(Refused, match="近亲属不得作为"):
        file(world, founding, elected=rows)


def test_other_executives_are_kept_from_the_chair_only(world: World, founding: Founding) -> None:
    decide(world, founding.review)
    rows = elected(world)
    rows[2] = replace(rows[2], principal=True)
    women = actions.Elected(world.people["alpha_2"].pk, Post.Title.WOMEN_CHAIR, 20, kin=True)
    assert file(world, founding, elected=[*rows, women]).stage == Founding.Stage.ASSEMBLY


def test_a_result_filed_before_kin_were_asked_for_is_still_approved(world: World, founding: Founding) -> None:
    decide(world, founding.review)
    one = file(world, founding)
    for row in one.result["elected"]:
        del row["kin"]
    one.save(update_fields=["result"])
    assert one.result_review is not None
    decide(world, one.result_review)
    one.refresh_from_db()
    assert one.stage == Founding.Stage.FOUNDED


def test_few_members_may_elect_one_organiser(world: World, founding: Founding) -> None:
    decide(world, founding.review)
    organiser = [actions.Elected(world.people["outsider"].pk, Post.Title.ORGANISER, 10)]
    with pytest.raises(Refused, match="应选出一名主席"):
        file(world, founding, members=25, entitled=12, attended=12, elected=organiser)
    one = file(world, founding, members=12, women=1, entitled=12, attended=12, elected=organiser)
    assert one.stage == Founding.Stage.ASSEMBLY


def test_a_refused_result_leads_back_to_preparation(world: World, founding: Founding) -> None:
    decide(world, founding.review)
    one = file(world, founding)
    assert one.result_review is not None
    decide(world, one.result_review, "refuse", opinion="选举程序不符合规定，请重新召开大会")
    one.refresh_from_db()
    assert one.stage == Founding.Stage.PREPARING
    assert file(world, one).stage == Founding.Stage.ASSEMBLY


def test_a_refused_application_ends(world: World, founding: Founding) -> None:
    decide(world, founding.review, "refuse", opinion="材料不齐")
    founding.refresh_from_db()
    assert founding.stage == Founding.Stage.ENDED


def test_the_officers_pages(world: World, employer: Employer) -> None:
    client = Client()
    client.force_login(world.accounts["pier_officer"])
    fields = {
        "superior": world.unions["pier"].code, "name": "江城顺风货运有限公司工会委员会", "kind": "grassroots",
        "employer": employer.name, "expected_members": "30", "contact": "周平",
    }  # fmt: skip
    answer = client.post("/desk/foundings/new/", fields)
    assert answer.status_code == 200, answer.content.decode()
    assert "核对" in answer.content.decode()
    assert not Founding.objects.everywhere(reason=WHY).exists()
    answer = client.post("/desk/foundings/new/", fields | {"confirmed": "1"})
    assert answer.status_code == 302
    founding = Founding.objects.everywhere(reason=WHY).get()
    assert "江城顺风货运" in client.get("/desk/foundings/").content.decode()
    decide(world, founding.review)
    url = f"/desk/foundings/{founding.pk}/"
    assert "报送选举结果" in client.get(url).content.decode()
    assert client.get(url + "result/").status_code == 200
    born = timezone.localdate().replace(year=1990, month=1, day=1)
    rows: dict[str, str] = {"elected-TOTAL_FORMS": "3", "elected-INITIAL_FORMS": "0"}
    for number, (title, name) in enumerate(
        [("chair", "赵一"), ("vice_chair", "钱二"), ("committee", "孙三")]
    ):
        rows |= {
            f"elected-{number}-title": title, f"elected-{number}-name": name, f"elected-{number}-id_type": "01",
            f"elected-{number}-id_number": resident_id(born, "1", 40 + number),
            f"elected-{number}-phone": phone_of(800 + number), f"elected-{number}-votes": "20",
        }  # fmt: skip
    today = f"{timezone.localdate():%Y-%m-%d}"
    fields = {"assembly_on": today, "entitled": "30", "attended": "25", "members": "30", "women": "8", "years": "5",
              "level": "5"} | rows  # fmt: skip
    huge = dict.fromkeys(["entitled", "attended", "members", "women", "elected-0-votes"], "3000000000")
    answer = client.post(url + "result/", fields | huge | {"confirmed": "1"})
    assert answer.status_code == 422
    assert {*answer.context["form"].errors} == {"entitled", "attended", "members", "women"}
    assert {*answer.context["elected"].forms[0].errors} == {"votes"}
    answer = client.post(url + "result/", fields | {"elected-2-kin": "on", "elected-2-principal": "on"})
    assert answer.status_code == 422
    assert "近亲属不得作为" in answer.content.decode()
    answer = client.post(url + "result/", fields | {"elected-2-principal": "on"})
    assert answer.status_code == 200, answer.content.decode()
    assert "确认报送" in answer.content.decode()
    assert not Person.objects.everywhere(reason=WHY).filter(name="赵一").exists()
    answer = client.post(url + "result/", fields | {"confirmed": "1"})
    assert answer.status_code == 302, answer.content.decode()
    founding.refresh_from_db()
    assert founding.result_review is not None
    decide(world, founding.result_review)
    assert "赵一" in client.get(url).content.decode()
    union = Organisation.objects.everywhere(reason=WHY).get(name="江城顺风货运有限公司工会委员会")
    assert "赵一" in client.get(f"/desk/orgs/{union.code}/posts/").content.decode()


def test_names_are_whole_for_those_who_may_see_members(
    world: World, founding: Founding, signed_in: Callable[[str], Client]
) -> None:
    """A leader follows how far it is, and reads neither who was elected nor who is to be called."""
    Founding.objects.everywhere(reason=WHY).filter(pk=founding.pk).update(contact="孔令仪")
    decide(world, founding.review)
    one = file(world, founding)
    assert one.result_review is not None
    names = [person.name for person in (world.people[key] for key in ("outsider", "gamma_1", "delta_1"))]
    pages = [f"/desk/foundings/{one.pk}/", f"/desk/reviews/{one.result_review.number}/"]
    for page in pages:
        shown = signed_in("east_officer").get(page).content.decode()
        assert [name for name in names if name not in shown] == []
        shown = signed_in("leader").get(page).content.decode()
        assert [name for name in names if name in shown] == []
        assert world.people["gamma_1"].masked_name in shown
        assert "主席 20 票；副主席 20 票；委员 20 票" in shown
    for page in (pages[0], f"/desk/reviews/{one.review.number}/"):
        assert "孔令仪" in signed_in("east_officer").get(page).content.decode()
        assert "孔令仪" not in signed_in("leader").get(page).content.decode()


def test_out_of_scope_foundings_are_404(world: World, founding: Founding) -> None:
    client = Client()
    client.force_login(world.accounts["gorge_officer"])
    assert client.get(f"/desk/foundings/{founding.pk}/").status_code == 404
    assert client.get(f"/desk/foundings/{founding.pk}/result/").status_code == 404


def test_a_worker_asks_for_a_union(world: World) -> None:
    client = Client()
    client.force_login(world.accounts["worker_outside"])
    assert client.get("/m/found/").status_code == 200
    fields = {"employer_name": "江城小店餐饮店", "street": world.unions["pier"].code, "employees": "9",
              "expected_members": "5"}  # fmt: skip
    answer = client.post("/m/found/", fields)
    assert answer.status_code == 200, answer.content.decode()
    founding = Founding.objects.everywhere(reason=WHY).get()
    assert founding.review.number in answer.content.decode()
    assert founding.applicant_person == world.people["outsider"]
    answer = client.post("/m/found/", fields)
    assert answer.status_code == 422
    assert founding.review.number in answer.content.decode()
    fields["employer_name"] = world.employers["alpha"].name
    assert world.unions["alpha"].name in client.post("/m/found/", fields).content.decode()
