"""Every operation: what it answers its client, and that other branches do not exist for it."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.world import World
from unionhall.api.endpoints import figures
from unionhall.api.models import Answered, Quota
from unionhall.api.scopes import Scope
from unionhall.foundation.actors import system_actor
from unionhall.members import cards
from unionhall.members.actions.cards import suspend_card
from unionhall.members.intake import actions as intake
from unionhall.members.models import Card, Membership, RosterBatch
from unionhall.members.tests import intake_files as make
from unionhall.organisations.actions import rename
from unionhall.records.models import JournalEntry

from .clients import ALL, WHY, Caller, issued, problem


def card_of(world: World, who: str) -> Card:
    return Card.objects.everywhere(reason=WHY).get(person=world.people[who])


def last_entry(action: str) -> JournalEntry:
    found = JournalEntry.objects.everywhere(reason=WHY).filter(action=action).order_by("-pk").first()
    assert found is not None
    return found


@pytest.fixture
def east(world: World) -> Caller:
    """A client of a district with every scope."""
    return Caller(issued(world)[1])


# Cards ---------------------------------------------------------------------------------------------------------


def test_a_card_is_verified_as_on_the_public_page(world: World, east: Caller) -> None:
    card = card_of(world, "alpha_1")
    code = cards.current_code(card)
    good = east.post("/cards/verify", {"code": cards.address_of(code)})
    assert good.json() == {"valid": True, "reason": "会员卡有效", "masked_name": "张*", "paper": False}
    entry = last_entry("api.verify_card")
    assert (entry.subject_id, entry.actor_name) == (world.people["alpha_1"].pk, "接口 江城银行 east")
    assert entry.reason == "核对工会卡持卡人身份"
    suspend_card(system_actor(), card=card)
    bad = east.post("/cards/verify", {"code": code}).json()
    assert (bad["valid"], bad["masked_name"]) == (False, "")
    assert "挂失" in bad["reason"]
    # A code is shown by its holder: where the holder's union stands does not matter, as on the public page.
    far = east.post("/cards/verify", {"code": cards.current_code(card_of(world, "delta_1"))})
    assert far.json()["valid"] is True
    assert east.post("/cards/verify", {"code": "NOTACODE"}).json()["valid"] is False


def test_a_card_number_needs_the_name_and_stays_in_the_branch(world: World, east: Caller) -> None:
    mine, far = card_of(world, "alpha_1"), card_of(world, "delta_1")
    good = east.post("/cards/verify", {"number": mine.number, "name": "张海林"})
    assert good.json()["valid"] is True
    wrong = east.post("/cards/verify", {"number": mine.number, "name": "张海"}).json()
    nobody = east.post("/cards/verify", {"number": "4201039999999999", "name": "张海林"}).json()
    elsewhere = east.post("/cards/verify", {"number": far.number, "name": "买买提·艾力"}).json()
    assert wrong == nobody == elsewhere
    assert wrong["valid"] is False
    assert last_entry("api.verify_card").subject_id is None
    problem(east.post("/cards/verify", {"number": mine.number}), 422, "invalid")
    problem(
        east.post("/cards/verify", {"code": "A", "number": mine.number, "name": "张海林"}), 422, "invalid"
    )


# Members -------------------------------------------------------------------------------------------------------


def ask(caller: Caller, world: World, who: str, **more: Any) -> Any:
    number = world.people[who].id_number.reveal()
    return caller.post("/members/status", {"id_number": number, "purpose": "开立工会卡账户"} | more)


def test_member_status_tells_a_member_and_nothing_of_others(world: World, east: Caller) -> None:
    found = ask(east, world, "alpha_1").json()
    assert found["member"] is True
    assert found["standing_label"] == "在册"
    assert found["organisation"] == world.unions["alpha"].code
    assert found["since"] == "2021-01-01"
    assert found["reference"].startswith("m_")
    assert "张海林" not in str(found)
    entry = last_entry("api.member_status")
    assert (entry.subject_id, entry.reason) == (world.people["alpha_1"].pk, "开立工会卡账户")
    assert ask(east, world, "alpha_1").json()["reference"] == found["reference"]
    other = Caller(issued(world, "river_city")[1])
    assert ask(other, world, "alpha_1").json()["reference"] != found["reference"]
    stranger = {"id_number": "11010119900307002X", "purpose": "开立工会卡账户"}
    answers = [
        ask(east, world, "delta_1").content,  # another branch
        ask(east, world, "outsider").content,  # known, no member
        east.post("/members/status", stranger).content,  # unknown
    ]
    assert len(set(answers)) == 1
    assert b'"member": false' in answers[0]


def test_the_way_to_every_answer_is_the_same(world: World, east: Caller) -> None:
    """Same statements in the same order for a member, another branch's member and a stranger."""
    ask(east, world, "alpha_1")  # the token's last use is written once a minute

    def statements(who: str) -> list[str]:
        with CaptureQueriesContext(connection) as captured:
            assert ask(east, world, who).status_code == 200
        return [re.sub(r"\d+", "", one["sql"].split("WHERE")[0][:30]) for one in captured.captured_queries]

    assert statements("alpha_1") == statements("delta_1") == statements("outsider")


def test_member_status_wants_a_purpose_and_a_right_number(world: World, east: Caller) -> None:
    number = world.people["alpha_1"].id_number.reveal()
    said = problem(east.post("/members/status", {"id_number": number}), 422, "invalid")
    assert said["errors"] == [{"pointer": "/purpose", "parameter": None, "detail": "必填。"}]
    wrong = number[:-1] + ("0" if number[-1] != "0" else "1")
    said = problem(east.post("/members/status", {"id_number": wrong, "purpose": "开立账户"}), 422, "invalid")
    assert said["errors"][0]["pointer"] == "/id_number"
    assert wrong not in str(said)
    said = problem(ask(east, world, "alpha_1", id_type="99"), 422, "invalid")
    assert said["errors"][0]["pointer"] == "/id_type"
    problem(east.get("/members/status", id_number=number), 405, "method-not-allowed")


# Organisations -------------------------------------------------------------------------------------------------


def test_organisations_page_by_page(world: World, east: Caller) -> None:
    whole = east.get("/organisations").json()
    codes = [one["code"] for one in whole["items"]]
    assert codes == [world.unions[name].code for name in ("east", "pier", "alpha", "alpha_night", "beta")]
    assert whole["items"][0]["parent"] is None, "above its own part of the tree"
    assert whole["items"][1]["parent"] == world.unions["east"].code
    read: list[str] = []
    cursor: dict[str, str] = {}
    while True:
        page = east.get("/organisations", limit=2, **cursor).json()
        read += [one["code"] for one in page["items"]]
        if page["next_cursor"] is None:
            break
        cursor = {"cursor": page["next_cursor"]}
    assert read == codes
    assert [one["level"] for one in east.get("/organisations", level=4).json()["items"]] == [4]
    kinds = east.get("/organisations", kind="branch").json()["items"]
    assert [one["kind_label"] for one in kinds] == ["分会"]
    under = east.get("/organisations", under=world.unions["alpha"].code).json()["items"]
    assert len(under) == 2
    for wrong in ("abc", "e30", "bnVsbA", "eyJhZnRlciI6MX0"):
        said = problem(east.get("/organisations", cursor=wrong), 422, "invalid")
        assert said["errors"][0]["parameter"] == "cursor"


def test_an_organisation_as_of_a_day(world: World, east: Caller) -> None:
    beta = world.unions["beta"]
    rename(
        system_actor(), organisation=beta, name="江城博远科技有限公司工会委员会",
        on=timezone.localdate() - timedelta(days=1),
    )  # fmt: skip
    now = east.get(f"/organisations/{beta.code}").json()
    then = east.get(f"/organisations/{beta.code}", on="2024-05-01").json()
    assert (now["name"], then["name"]) == ("江城博远科技有限公司工会委员会", "江城博远电子有限公司工会委员会")
    problem(east.get(f"/organisations/{beta.code}", on="2010-01-01"), 404, "not-found")
    children = east.get(f"/organisations/{world.unions['pier'].code}/children", on="2024-05-01").json()
    assert [one["name"] for one in children["items"]][1] == then["name"]
    for day in ("1900-01-01", "2999-01-01", "20240501", "2024-02-30", "1714500000"):
        said = problem(east.get("/organisations", on=day), 422, "invalid")
        assert said["errors"][0]["parameter"] == "on"


@pytest.mark.parametrize(
    "path",
    [
        "/organisations/{code}", "/organisations/{code}/children", "/organisations?under={code}",
        "/figures?organisation={code}&codes=members.count",
        "/figures/children?organisation={code}&codes=members.count",
        "/figures/breakdown?organisation={code}&code=members.count&by=sex",
        "/figures/trend?organisation={code}&codes=members.count",
    ],
)  # fmt: skip
def test_other_branches_and_nowhere_look_the_same(world: World, east: Caller, path: str) -> None:
    found = [
        problem(east.get(path.format(code=code)), 404, "not-found")
        for code in (world.unions["delta"].code, world.unions["river_city"].code, "T999999-00000")
    ]
    assert len({one["detail"] for one in found}) == 1


# Figures -------------------------------------------------------------------------------------------------------


def test_figures(world: World, east: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("unionhall.insights.disclosure.threshold", lambda organisation: 1)
    code = world.unions["east"].code
    catalogue = {one["code"]: one for one in east.get("/figures/definitions").json()}
    assert catalogue["members.count"]["unit"] == "人"
    asked = {"organisation": code, "codes": ["members.count", "members.women"]}
    found = east.get("/figures", **asked).json()
    assert {one["code"]: one["value"] for one in found["figures"]} == {"members.count": 5, "members.women": 3}
    children = east.get("/figures/children", **asked).json()["children"]
    assert [(one["organisation"], one["figures"][0]["value"]) for one in children] == [
        (world.unions["pier"].code, 5)
    ]
    rows = east.get("/figures/breakdown", organisation=code, code="members.count", by="sex").json()["rows"]
    assert {row["label"]: row["value"] for row in rows} == {"男": 2, "女": 3}
    points = east.get("/figures/trend", **asked, months=3).json()["points"]
    assert len(points) == 3
    assert points[-1]["figures"][0]["value"] == 5
    past = east.get("/figures", organisation=code, codes="members.count", on="2021-01-02").json()
    assert past["figures"][0]["value"] == 2
    said = problem(east.get("/figures", organisation=code, codes="members.everything"), 422, "invalid")
    assert said["errors"][0]["parameter"] == "codes/0"
    said = problem(
        east.get("/figures/breakdown", organisation=code, code="organisations.unions", by="sex"),
        422,
        "invalid",
    )
    assert said["errors"][0]["parameter"] == "by"


def test_counting_that_takes_too_long_is_left(
    world: World, east: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    def endless(*_: Any) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_sleep(5)")

    monkeypatch.setattr(figures, "LONGEST", "20ms")
    monkeypatch.setattr("unionhall.api.endpoints.figures.Disclosure.values", endless)
    asked = {"organisation": world.unions["east"].code, "codes": "members.count"}
    assert "减少指标" in problem(east.get("/figures", **asked), 503, "unavailable")["detail"]


@pytest.mark.parametrize("more", [[], [Scope.CARDS_VERIFY], [Scope.MEMBERS_STATUS]])
def test_small_numbers_are_withheld_from_every_client(world: World, more: list[Scope]) -> None:
    """Who may ask about one person at a time still can't list persons, or count for itself."""
    blind = Caller(issued(world, scopes=[Scope.FIGURES_READ, *more])[1])
    asked = {"organisation": world.unions["pier"].code, "codes": ["members.count", "members.women"]}
    found = blind.get("/figures", **asked).json()["figures"]
    assert {one["code"]: one["withheld"] for one in found}["members.women"] is True
    assert all(one["value"] is None for one in found if one["withheld"])


# Rosters -------------------------------------------------------------------------------------------------------


def send(caller: Caller, world: World, path: Path, key: str = "roster-0001", union: str = "alpha") -> Any:
    fields = {
        "file": SimpleUploadedFile(path.name, path.read_bytes()),
        "organisation": world.unions[union].code,
    }
    return caller.post("/rosters", key=key, data=fields)


def test_a_roster_all_the_way(world: World, east: Caller, tmp_path: Path) -> None:
    path = make.text(tmp_path / "名册.csv", make.roster(3, phone={2: "123"}))
    sent = send(east, world, path)
    assert sent.status_code == 202, sent.content.decode()
    number = sent.json()["id"]
    assert sent["Location"] == f"/api/v1/rosters/{number}"
    assert sent.json()["working"] is True
    problem(east.post(f"/rosters/{number}/commit", key="commit-0001"), 409, "conflict")
    intake.check(number)
    state = east.get(f"/rosters/{number}").json()
    assert (state["state"], state["counts"]) == ("ready", {"new": 2, "error": 1})
    faults = east.get(f"/rosters/{number}/errors").json()
    assert [(one["row"], one["column"]) for one in faults["items"]] == [(3, "手机号")]
    book = east.get(f"/rosters/{number}/errors.xlsx")
    assert b"".join(book).startswith(b"PK")
    assert last_entry("members.intake_errors").subject_id == number
    assert east.post(f"/rosters/{number}/commit", key="commit-0001").status_code == 202
    intake.commit(number, world.actor("chair_alpha"))
    assert east.get(f"/rosters/{number}").json()["state"] == "committed"
    assert Membership.objects.everywhere(reason=WHY).filter(batch=number).count() == 2
    said = problem(east.post(f"/rosters/{number}/undo", {"reason": "错"}, key="undo-00001"), 422, "invalid")
    assert said["errors"][0]["pointer"] == "/reason"
    assert east.post(f"/rosters/{number}/undo", {"reason": "传错了单位"}, key="undo-00001").status_code == 202
    assert last_entry("members.intake_undo_asked").actor_name == "接口 江城银行 east"


def test_rosters_of_the_desk_and_of_others_do_not_exist(world: World, east: Caller, tmp_path: Path) -> None:
    path = make.text(tmp_path / "r.csv", make.roster(1))
    desk = intake.receive(
        world.actor("chair_alpha"), organisation=world.unions["alpha"], path=path, name="r.csv", queue=False
    )
    theirs = send(Caller(issued(world, "pier")[1]), world, path).json()["id"]
    for number in (desk.pk, theirs, 10**15):
        problem(east.get(f"/rosters/{number}"), 404, "not-found")
        problem(east.get(f"/rosters/{number}/errors"), 404, "not-found")
        problem(east.get(f"/rosters/{number}/errors.xlsx"), 404, "not-found")
        problem(east.post(f"/rosters/{number}/commit", key=f"commit-key-{number}"), 404, "not-found")
        problem(
            east.post(f"/rosters/{number}/undo", {"reason": "传错单位了"}, key=f"undo-key-{number}"),
            404,
            "not-found",
        )
    assert not Answered.objects.filter(key__startswith="commit-").exists(), (
        "what was refused may be tried again"
    )


def test_a_roster_for_another_branch_or_no_roster_at_all(world: World, east: Caller, tmp_path: Path) -> None:
    path = make.text(tmp_path / "r.csv", make.roster(1))
    for union in ("delta", "river_city"):
        said = problem(send(east, world, path, union=union), 422, "invalid")
        assert said["errors"][0]["pointer"] == "/organisation"
    broken = tmp_path / "r.xlsx"
    broken.write_bytes(b"PK nothing")
    said = problem(send(east, world, broken), 422, "invalid")
    assert said["errors"][0]["pointer"] == "/file"
    assert not RosterBatch.objects.everywhere(reason=WHY).exists()
    missing = east.post("/rosters", key="roster-0002", data={"organisation": world.unions["alpha"].code})
    assert problem(missing, 422, "invalid")["errors"][0]["pointer"] == "/file"


def test_a_request_key_acts_once(world: World, east: Caller, tmp_path: Path) -> None:
    path = make.text(tmp_path / "r.csv", make.roster(1))
    first, again = send(east, world, path), send(east, world, path)
    assert (first.status_code, again.status_code) == (202, 202)
    assert first.json() == again.json()
    assert first["Location"] == again["Location"]
    assert "Idempotency-Replayed" not in first
    assert again["Idempotency-Replayed"] == "true"
    assert RosterBatch.objects.everywhere(reason=WHY).count() == 1
    other = make.text(tmp_path / "r.csv", make.roster(2))
    said = problem(send(east, world, other), 422, "invalid")
    assert said["errors"][0]["parameter"] == "Idempotency-Key"
    neighbour = Caller(issued(world, "pier")[1])
    assert send(neighbour, world, path).status_code == 202, "keys belong to their client"
    without = east.post(f"/rosters/{first.json()['id']}/commit")
    assert problem(without, 422, "invalid")["errors"][0]["parameter"] == "Idempotency-Key"


# Scopes --------------------------------------------------------------------------------------------------------

OPERATIONS = [
    (Scope.CARDS_VERIFY, "POST", "/cards/verify"),
    (Scope.MEMBERS_STATUS, "POST", "/members/status"),
    (Scope.ORGANISATIONS_READ, "GET", "/organisations"),
    (Scope.ORGANISATIONS_READ, "GET", "/organisations/T42-00000"),
    (Scope.ORGANISATIONS_READ, "GET", "/organisations/T42-00000/children"),
    (Scope.FIGURES_READ, "GET", "/figures/definitions"),
    (Scope.FIGURES_READ, "GET", "/figures"),
    (Scope.FIGURES_READ, "GET", "/figures/children"),
    (Scope.FIGURES_READ, "GET", "/figures/breakdown"),
    (Scope.FIGURES_READ, "GET", "/figures/trend"),
    (Scope.ROSTERS_WRITE, "POST", "/rosters"),
    (Scope.ROSTERS_WRITE, "GET", "/rosters/1"),
    (Scope.ROSTERS_WRITE, "GET", "/rosters/1/errors"),
    (Scope.ROSTERS_WRITE, "GET", "/rosters/1/errors.xlsx"),
    (Scope.ROSTERS_WRITE, "POST", "/rosters/1/commit"),
    (Scope.ROSTERS_WRITE, "POST", "/rosters/1/undo"),
]


def test_no_operation_is_left_out_here() -> None:
    from unionhall.api.application import api

    declared = {
        (said["security"][0]["Bearer"][0], method.upper(), path)
        for path, methods in api.get_openapi_schema()["paths"].items()
        for method, said in methods.items()
    }
    listed = {
        (scope.value, method, "/api/v1" + path.replace("T42-00000", "{code}").replace("/1", "/{number}"))
        for scope, method, path in OPERATIONS
    }
    assert declared == listed


def test_each_scope_opens_its_operations_and_no_others(world: World) -> None:
    for held in ALL:
        caller = Caller(issued(world, scopes=[held], name=f"只有 {held}")[1])
        for scope, method, path in OPERATIONS:
            response = caller.get(path) if method == "GET" else caller.post(path, {})
            if scope == held:
                assert response.status_code in {200, 404, 415, 422}, (held, path, response.content.decode())
            else:
                said = problem(response, 403, "scope-missing")
                assert scope.value in said["detail"]
                assert "insufficient_scope" in response["WWW-Authenticate"]
    assert Quota.objects.count() == len(ALL)
