"""Transfers and standing changes at the desk."""

import io
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from tests.world import World
from unionhall.members.models import Employment, RosterBatch, RosterRow
from unionhall.organising.models import MembershipTransfer, StandingChange
from unionhall.records.models import JournalEntry

WHY = "test"
SignIn = Callable[[str], Client]


def transfers() -> Any:
    return MembershipTransfer.objects.everywhere(reason=WHY)


def test_out_and_in(world: World, signed_in: SignIn) -> None:
    client, row = signed_in("chair_beta"), world.memberships["beta_1"]
    page = client.get(f"/desk/members/{row.person_id}/").content.decode()
    assert f"/desk/transfers/out/{row.pk}/" in page
    url = f"/desk/transfers/out/{row.pk}/"
    assert client.get(url).status_code == 200
    assert "没有找到" in client.post(url, {"destination": "没有这个", "reason": "换单位"}).content.decode()
    done = client.post(url, {"destination": world.unions["alpha"].code, "reason": "换单位"})
    assert done.status_code == 302, done.context["form"].errors
    transfer = transfers().latest("pk")
    detail = client.get(done["Location"]).content.decode()
    assert "等待本人同意" in detail
    again = client.post(url, {"destination": world.unions["alpha"].code, "reason": "换单位"})
    assert again.status_code == 422
    for who, status in (
        ("chair_alpha", 200),
        ("chair_gamma", 404),
        ("gorge_officer", 404),
        ("merchant", 403),
    ):
        assert signed_in(who).get(f"/desk/transfers/{transfer.pk}/").status_code == status, who
    assert signed_in("chair_alpha").get(url).status_code == 404


def test_in_needs_name_and_number_to_agree(world: World, signed_in: SignIn) -> None:
    client, person = signed_in("chair_alpha"), world.people["beta_1"]
    alpha = world.unions["alpha"].code
    data = {"name": "李建军", "number": person.id_number.reveal(), "destination": alpha, "reason": "换单位"}
    assert "姓名和证件号码都相符" in client.post("/desk/transfers/in/", data).content.decode()
    done = client.post("/desk/transfers/in/", data | {"name": person.name})
    assert done.status_code == 302, done.context["form"].errors
    listing = client.get("/desk/transfers/?state=pending").content.decode()
    assert transfers().latest("pk").review.number in listing


def test_in_is_no_way_to_try_numbers(world: World, signed_in: SignIn, settings: Any) -> None:
    """What the form refuses, it refuses before anybody is looked for; each look-up is counted, hit or miss."""
    settings.LOOKUPS_HOURLY = 3
    client, person = signed_in("chair_alpha"), world.people["beta_1"]
    url, number = "/desk/transfers/in/", person.id_number.reveal()
    data = {"name": person.name, "number": number, "destination": world.unions["alpha"].code, "reason": "x"}
    refused = [client.post(url, data | guess) for guess in ({}, {"name": "李建军"})]
    assert [list(one.context["form"].errors) for one in refused] == [["reason"]] * 2
    assert client.post(url, data | {"name": "李建军", "reason": "换单位"}).status_code == 422
    over = client.post(url, data | {"reason": "换单位"})
    assert over.status_code == 429
    assert number in over.content.decode(), "what was typed is kept"
    assert not transfers().exists()
    assert JournalEntry.objects.everywhere(reason=WHY).filter(action="access.many_lookups").exists()


def test_consent_on_paper_with_its_scan(
    world: World, signed_in: SignIn, settings: Any, tmp_path: Path
) -> None:
    settings.FILES_DIR = tmp_path
    client, row = signed_in("chair_beta"), world.memberships["beta_2"]
    client.post(
        f"/desk/transfers/out/{row.pk}/", {"destination": world.unions["alpha"].code, "reason": "换单位"}
    )
    transfer = transfers().latest("pk")
    url = f"/desk/transfers/{transfer.pk}/attest/"
    assert client.get(url).status_code == 200
    macro = io.BytesIO(b"MZ")
    macro.name = "a.exe"
    assert client.post(url, {"note": "本人到场签字", "scan": macro}).status_code == 422
    scan = io.BytesIO(b"%PDF-1.4\n%%EOF\n")
    scan.name = "同意书.pdf"
    assert client.post(url, {"note": "本人到场签字", "scan": scan}).status_code == 302
    transfer.refresh_from_db()
    assert transfer.agreed_by == "paper"
    assert transfer.agreement is not None
    where = f"/desk/transfers/{transfer.pk}/agreement/"
    for who, opens in (("chair_beta", True), ("chair_alpha", True), ("clerk", False), ("auditor", False)):
        reader = signed_in(who)
        assert (where in reader.get(f"/desk/transfers/{transfer.pk}/").content.decode()) == opens, who
        assert reader.get(where).status_code == (200 if opens else 403), who
        assert reader.get(f"/desk/attachments/{transfer.agreement_id}/").status_code == 404, who
    assert signed_in("chair_gamma").get(where).status_code == 404
    opened = JournalEntry.objects.everywhere(reason="test").filter(action="organising.agreement_opened")
    assert opened.count() == 2


def test_a_roster_starts_transfers_and_reports(world: World, signed_in: SignIn) -> None:
    alpha = world.unions["alpha"]
    batch = RosterBatch.objects.create(
        organisation=alpha, path=alpha.path, second_path=alpha.second_path, uploaded_by="t", state="committed"
    )
    for number, who in enumerate(("beta_1", "gamma_1", "outsider"), start=2):
        RosterRow.objects.create(
            batch=batch, number=number, outcome="transfer", organisation=alpha, person_id=world.people[who].pk
        )
    client, url = signed_in("chair_alpha"), f"/desk/transfers/roster/{batch.pk}/"
    assert "<b>3</b>" in client.get(url).content.decode()
    text = client.post(url).content.decode()
    assert "成功 2" in text
    assert "第 4 行" in text
    assert signed_in("chair_beta").get(url).status_code == 404


@pytest.mark.parametrize("change", ["retention", "withdrawal", "deemed", "expulsion"])
def test_each_change_asks_for_its_evidence(world: World, signed_in: SignIn, change: str) -> None:
    client, row = signed_in("chair_beta"), world.memberships["beta_1"]
    response = client.get(f"/desk/standing/new/{row.pk}/{change}/")
    assert response.status_code == 200
    refused = client.post(f"/desk/standing/new/{row.pk}/{change}/", {"reason": "据实办理"})
    assert refused.status_code == 422
    assert signed_in("chair_alpha").get(f"/desk/standing/new/{row.pk}/{change}/").status_code == 404


def test_a_proposal_leads_to_its_review(world: World, signed_in: SignIn) -> None:
    client, row = signed_in("chair_beta"), world.memberships["beta_1"]
    day = timezone.localdate() - timedelta(days=3)
    done = client.post(
        f"/desk/standing/new/{row.pk}/expulsion/",
        {"reason": "严重违纪", "group_discussed_on": f"{day:%Y-%m-%d}"},
    )
    assert done.status_code == 302, done.context["form"].errors
    matter = StandingChange.objects.everywhere(reason=WHY).latest("pk")
    assert matter.review.number in done["Location"]
    assert matter.review.number in client.get("/desk/standing/").content.decode()
    assert matter.review.number not in signed_in("chair_alpha").get("/desk/standing/").content.decode()
    assert client.get(f"/desk/standing/new/{row.pk}/nonsense/").status_code == 404


def test_retention_of_all_ticked_reports_by_row(world: World, signed_in: SignIn) -> None:
    client = signed_in("chair_alpha")
    Employment.objects.everywhere(reason=WHY).filter(person=world.people["alpha_1"]).update(status="4")
    Employment.objects.everywhere(reason=WHY).filter(person=world.people["alpha_2"]).update(status="1")
    chosen = [world.memberships[name].pk for name in ("alpha_1", "alpha_2")]
    target = client.post("/desk/members/batch/", {"selected": chosen, "action": "/desk/standing/retention/"})[
        "Location"
    ]
    assert "<b>2</b>" in client.get(target).content.decode()
    text = client.post(target, {"reason": "已办理退休手续"}).content.decode()
    assert "成功 1" in text
    assert world.people["alpha_2"].masked_name in text
    assert "退休、失业" in text


def test_the_search_box_finds_matters(world: World, signed_in: SignIn) -> None:
    client, row = signed_in("chair_beta"), world.memberships["beta_1"]
    client.post(
        f"/desk/transfers/out/{row.pk}/", {"destination": world.unions["alpha"].code, "reason": "换单位"}
    )
    number = transfers().latest("pk").review.number
    found = client.post("/desk/search/", {"q": number.lower()})
    assert number in client.get(found["Location"]).content.decode()


def test_lists_do_not_ask_more_with_more_rows(
    world: World, signed_in: SignIn, django_assert_max_num_queries: Any
) -> None:
    client = signed_in("pier_officer")
    for who in ("beta_1", "beta_2"):
        client.post(
            f"/desk/transfers/out/{world.memberships[who].pk}/",
            {"destination": world.unions["alpha"].code, "reason": "换单位"},
        )
    assert transfers().count() == 2
    with django_assert_max_num_queries(12):
        client.get("/desk/transfers/")
