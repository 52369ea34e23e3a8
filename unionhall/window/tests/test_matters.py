"""Every kind of matter is filed by its own room's action, in the person's place, asking only what nobody knows."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests.world import World, resident_id
from unionhall.benefits.actions import cover_enrolment, relief
from unionhall.benefits.models import CoverClaim, HardshipFile, MedicalClaim
from unionhall.cases.models import Case, Dispute
from unionhall.foundation.actors import system_actor
from unionhall.foundation.errors import Refused
from unionhall.window import presenting
from unionhall.window.actions import receptions
from unionhall.window.matters import matters
from unionhall.window.models import Intake, Reception

pytestmark = pytest.mark.django_db
SignIn = Callable[[str], Client]
WHY = "test"
BORN = date(1999, 6, 18)
PDF = b"%PDF-1.4\n%%EOF"


@pytest.fixture
def there(world: World) -> Reception:
    return receptions.receive(world.actor("clerk"), person=world.people["alpha_1"], found_by="document")


def take(client: Client, there: Reception, matter: str, given: dict[str, Any], query: str = "") -> Intake:
    answer = client.post(reverse("window_take", args=[there.pk, matter]) + query, given)
    assert answer.status_code == 302, answer.content.decode()[:6000]
    receipt = client.get(answer["Location"])
    assert "受理回执" in receipt.content.decode(), answer["Location"]
    return Intake.objects.everywhere(reason=WHY).select_related("review", "case").get(matter=matter)


def test_every_matter_shows_its_form(world: World, there: Reception, signed_in: SignIn) -> None:
    client = signed_in("clerk")
    for one in matters():
        assert client.get(reverse("window_take", args=[there.pk, one.code])).status_code in (200, 302), (
            one.code
        )


def test_appeal_dispute_and_legal_aid(world: World, there: Reception, signed_in: SignIn) -> None:
    client = signed_in("clerk")
    appeal = take(client, there, "appeal", {"cause": "wage", "statement": "三个月没发工资", "headcount": "3"})
    assert appeal.case is not None
    assert appeal.case.kind == "appeal"
    assert appeal.query_code is not None
    asked = {"number": appeal.case.number, "code": appeal.query_code.reveal()}
    assert "提交日期" in client.post(reverse("public_progress"), asked).content.decode()
    address = urlsplit(presenting.progress_address(**asked))
    assert (address.path, address.query) == (reverse("public_progress"), ""), "what is sent to the server"
    assert dict(parse_qsl(address.fragment)) == asked
    assert appeal.case.channel == "4"
    assert appeal.case.person == world.people["alpha_1"]
    assert appeal.case.employer == world.employers["alpha"]  # known, not asked
    shown = client.get(reverse("window_take", args=[there.pk, "dispute"])).content.decode()
    assert world.employers["alpha"].name in shown
    given = {
        "employer_name": world.employers["alpha"].name, "cause": "wages", "claim": "支付工资", "headcount": "1",
        "statement": "从四月起没有发过工资。",
    }  # fmt: skip
    dispute = take(client, there, "dispute", given)
    assert Dispute.objects.everywhere(reason=WHY).get().case == dispute.case
    aid = take(
        client, there, "legal_aid",
        {"cause": "wages", "form": "3", "statement": "请律师代理仲裁。", "is_migrant": "1"},
    )  # fmt: skip
    assert aid.case is not None
    assert aid.case.kind == "legal_aid"
    page = client.get(reverse("window_reception", args=[there.pk])).content.decode()
    for case in Case.objects.everywhere(reason=WHY).filter(person=world.people["alpha_1"]):
        assert case.number in page


def test_medical_claim_with_papers(world: World, there: Reception, signed_in: SignIn) -> None:
    client = signed_in("clerk")
    address = reverse("window_take", args=[there.pk, "medical"])
    shown = client.get(address).content.decode()
    names = [name.split('"')[0] for name in shown.split('name="paper_')[1:] if not name.startswith("on")]
    given: dict[str, Any] = {
        "number": "JS20260001", "selfpay": "8000",
        "settled_on": f"{timezone.localdate() - timedelta(days=20):%Y-%m-%d}",
    }  # fmt: skip
    agreed = {name.split('"')[0]: "on" for name in shown.split('name="')[1:] if name.startswith("agree_")}
    assert agreed  # health facts ask for a consent of their own
    told = client.post(address, {"tell": "1"})
    receipt = client.get(told["Location"]).content.decode()
    assert "一次性告知单" in receipt
    assert not MedicalClaim.objects.everywhere(reason=WHY).exists()
    files = {f"paper_{name}": SimpleUploadedFile(f"{name}.pdf", PDF) for name in names}
    number = Intake.objects.everywhere(reason=WHY).get().number
    made = take(client, there, "medical", given | agreed | files, f"?intake={number}")
    assert made.review is not None
    assert made.number == number
    assert made.missing == []
    assert MedicalClaim.objects.everywhere(reason=WHY).get().review == made.review


def test_cover_claim_by_its_event(world: World, there: Reception, signed_in: SignIn) -> None:
    cover_enrolment.enrol([world.people["alpha_1"].pk])
    client = signed_in("clerk")
    address = reverse("window_take", args=[there.pk, "cover"])
    assert "是哪一种情况" in client.get(address).content.decode()
    shown = client.get(address + "?of=cover_accident.fire").content.decode()
    names = [name.split('"')[0] for name in shown.split('name="paper_')[1:] if not name.startswith("on")]
    agreed = {name.split('"')[0]: "on" for name in shown.split('name="')[1:] if name.startswith("agree_")}
    given: dict[str, Any] = {
        "event_on": f"{timezone.localdate() - timedelta(days=20):%Y-%m-%d}", "place": "家中", "story": "厨房起火",
        "loss": "80000",
    }  # fmt: skip
    files = {f"paper_{name}": SimpleUploadedFile(f"{name}.pdf", PDF) for name in names}
    made = take(client, there, "cover", given | agreed | files, "?of=cover_accident.fire")
    claim = CoverClaim.objects.everywhere(reason=WHY).get()
    assert claim.review == made.review
    assert claim.person == world.people["alpha_1"]
    assert "是哪一种情况" in client.get(address + "?of=cover_accident.nothing").content.decode()


def relief_answers(**more: Any) -> dict[str, Any]:
    return {
        "agree_relief": "on", "main_cause": "job", "housing": "rented", "loss": "0", "income_self": "9000",
        "expense_self": "3000", "health_self": "good",
    } | more  # fmt: skip


def test_relief_for_a_member_and_for_one_who_is_none(world: World, signed_in: SignIn) -> None:
    """The scheme of the place says whether membership is asked: Hubei's does not, the national one does."""
    client, clerk = signed_in("clerk"), world.actor("clerk")
    for name, keeper in (("alpha_1", "alpha"), ("outsider", "pier")):
        there = receptions.receive(clerk, person=world.people[name], found_by="document")
        answers = relief_answers()
        if name == "outsider":
            number = resident_id(BORN, "2", 60)
            answers |= {"name_1": "周小妹", "id_1": number}
            address = reverse("window_take", args=[there.pk, "relief"])
            assert "姓名、关系和身份证号都填上" in client.post(address, answers).content.decode()
            answers |= {"relation_1": "3", "income_d1": "0", "expense_d1": "1200"}
        answer = client.post(reverse("window_take", args=[there.pk, "relief"]), answers)
        assert answer.status_code == 302, answer.content.decode()[:6000]
        file = (
            HardshipFile.objects.everywhere(reason=WHY)
            .select_related("organisation")
            .get(person=there.person)
        )
        assert file.organisation == world.unions[keeper]
        assert file.category
        page = client.get(reverse("window_reception", args=[there.pk])).content.decode()
        assert file.review.number in page
        assert "家庭已有困难帮扶" in page
    HardshipFile.objects.everywhere(reason=WHY).update(stage=HardshipFile.Stage.APPROVED)
    assert relief.close_due(system_actor()).closed == {}  # who applied as no member has left no union
    with pytest.raises(Refused, match="先申请入会"):
        relief.place_for(world.people["outsider"])
    world.unions["pier"].division = "310115001"
    with pytest.raises(Refused, match="要求是工会会员"):
        relief.place_for(world.people["outsider"], world.unions["pier"])
