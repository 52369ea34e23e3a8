"""Pages of disputes: the worker files and signs, the desk works, partner and mediator see their own, and no more."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from tests.world import World
from unionhall.cases.actions import core, mediation_agreements, referrals
from unionhall.cases.models import Case, Dispute, Mediation, Mediator, Referral
from unionhall.foundation.actors import system_actor
from unionhall.records import drafts
from unionhall.records.uploads import Upload

from . import disputes as scene

WHY = "test reads what was written"
SignIn = Callable[[str], Client]
PDF = b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"


def last() -> Case:
    found = Case.objects.everywhere(reason=WHY).order_by("-pk").first()
    assert found is not None
    return found


def _answer(client: Client, step: str, **given: str) -> str:
    """Answer a page of the form; the address it leads to."""
    answer = client.post(reverse("m_dispute_new_step", args=[step]), given)
    assert answer.status_code == 302, answer.content.decode()
    return str(answer.url)  # type: ignore[attr-defined]


def _page(client: Client, step: str) -> str:
    return client.get(reverse("m_dispute_new_step", args=[step])).content.decode()


def test_a_worker_files_one_question_per_page_and_nothing_is_lost(signed_in: SignIn, world: World) -> None:
    client, pages = signed_in("worker_alpha"), partial(reverse, "m_dispute_new_step")
    assert client.get(reverse("m_dispute_new")).headers["Location"] == pages(args=["employer"])
    assert "江城安达快递有限公司" in _page(client, "employer")
    # What comes later waits for what comes before.
    assert client.get(pages(args=["check"])).headers["Location"] == pages(args=["employer"])
    assert _answer(client, "employer", employer_name="江城安达快递有限公司") == pages(args=["cause"])
    assert _answer(client, "cause", cause="wages") == pages(
        args=["ended"]
    )  # of wages it is not asked when one knew
    left = timezone.localdate() - timedelta(days=350)
    _answer(client, "ended", employment_ended_on=f"{left}")
    assert "申请劳动仲裁的最后一天是" in _page(client, "claim")
    _answer(client, "claim", claim="支付工资 3000 元", amount="3000")
    assert client.post(pages(args=["statement"]), {"statement": ""}).status_code == 422
    assert _answer(client, "statement", statement="拖欠一个月。") == pages(args=["others"])
    client = signed_in("worker_alpha")  # signed in anew: the draft is there
    assert "拖欠一个月。" in _page(client, "statement")
    _answer(client, "others", colleagues="2")
    scan = SimpleUploadedFile("工资条.pdf", PDF, "application/pdf")
    kept = client.post(pages(args=["papers"]), {"add": "1", "file": scan})
    assert kept.headers["Location"] == pages(args=["papers"])
    wrong = SimpleUploadedFile("坏.pdf", b"nothing", "application/pdf")
    again = client.post(pages(args=["papers"]), {"file": wrong})
    assert (again.status_code, "工资条.pdf" in again.content.decode()) == (422, True)
    assert _answer(client, "papers") == pages(args=["check"])
    checked = _page(client, "check")
    assert all(one in checked for one in ("劳动报酬", "3,000.00 元", "工资条.pdf", pages(args=["claim"])))
    _answer(client, "cause", cause="contract")  # a change asks what it makes needful, and nothing else
    assert client.get(pages(args=["check"])).headers["Location"] == pages(args=["knew"])
    assert _answer(client, "cause", cause="wages") == pages(args=["check"])
    assert not Case.objects.everywhere(reason=WHY).filter(kind="dispute").exists()
    assert signed_in("worker_beta").get(pages(args=["check"])).status_code == 302
    done = _answer(signed_in("worker_alpha"), "check")
    case = last()
    assert done == reverse("m_dispute_done", args=[case.number])
    assert case.number in signed_in("worker_alpha").get(done).content.decode()
    assert (case.organisation, case.headcount, case.employer) == (
        world.unions["pier"], 3, world.employers["alpha"]
    )  # fmt: skip
    paper = case.files.get(shown=True)
    assert (paper.label, paper.attachment.expires_at) == ("工资条.pdf", None)
    client = signed_in("worker_alpha")
    assert client.post(pages(args=["check"])).headers["Location"] == pages(args=["employer"])  # once
    assert client.get(reverse("m_dispute", args=[case.number])).status_code == 200
    assert "时效、调解员和协议" in client.get(reverse("m_help_case", args=[case.number])).content.decode()


@pytest.mark.parametrize(
    ("cause", "step", "field"), [("wages", "ended", "employment_ended_on"), ("contract", "knew", "knew_on")]
)
def test_a_day_that_did_not_come_yet_is_asked_anew_also_in_a_draft_that_holds_it(
    signed_in: SignIn, world: World, cause: str, step: str, field: str
) -> None:
    client = signed_in("worker_alpha")
    _answer(client, "employer", employer_name="江城安达快递有限公司")
    _answer(client, "cause", cause=cause)
    address = reverse("m_dispute_new_step", args=[step])
    for far in (f"{timezone.localdate() + timedelta(days=1)}", "9999-12-31"):
        assert client.post(address, {field: far}).status_code == 422
    drafts.keep_draft(world.accounts["worker_alpha"].pk, "dispute", **{step: {field: ["9999-12-31"]}})
    assert client.get(reverse("m_dispute_new")).headers["Location"] == address
    assert client.get(reverse("m_dispute_new_step", args=["claim"])).headers["Location"] == address
    assert "请填写 1900 年至 2100 年之间的日期" in _page(client, step)
    assert client.get(reverse("m_dispute_new_step", args=["cause"])).status_code == 200
    _answer(client, step, **{field: f"{timezone.localdate()}"})
    assert "申请劳动仲裁的最后一天是" in _page(client, "claim")


def test_a_near_name_is_offered_and_an_unknown_one_stays(signed_in: SignIn, world: World) -> None:
    client, url = signed_in("pier_officer"), reverse("desk_dispute_new")
    given = {
        "name": "张海林", "employer_name": "安达快递", "cause": "contract", "claim": "继续履行合同", "headcount": "1",
        "statement": "被口头辞退。", "channel": "3", "id_number": world.people["alpha_1"].id_number.reveal(),
    }  # fmt: skip
    asked = client.post(url, given)
    assert asked.status_code == 422
    assert "江城安达快递有限公司" in asked.content.decode()
    client.post(url, given | {"employer": str(world.employers["alpha"].pk)})
    assert (last().employer, last().person) == (world.employers["alpha"], world.people["alpha_1"])
    client.post(url, given | {"employer": "0", "name": "别人"})
    assert (last().employer, last().person) == (None, None)
    assert last().parties.get(side="respondent").name == "安达快递"


def test_the_desk_works_a_dispute_to_its_end(signed_in: SignIn, world: World) -> None:
    case = scene.dispute(world)
    scene.mediator(scene.body(world), account=world.accounts["mediator"])
    client = signed_in("pier_officer")
    page = reverse("desk_case", args=[case.number])
    client.post(page, {"move": "accept", "opinion": ""})
    case.refresh_from_db()
    assert (case.state, case.files.filter(template="acceptance").exists()) == ("accepted", True)
    choices = client.get(reverse("desk_dispute_mediator", args=[case.number])).content.decode()
    assert "擅长劳动报酬" in choices
    held = Mediator.objects.everywhere(reason=WHY).get()
    client.post(reverse("desk_dispute_mediator", args=[case.number]), {"mediator": held.pk})
    moment = f"{timezone.localtime() - timedelta(hours=2):%Y-%m-%d %H:%M}"
    session = {"at": moment, "place": "调解室", "present": "双方", "minutes": "同意分期。", "outcome": "near"}
    scan = SimpleUploadedFile("笔录.pdf", PDF, "application/pdf")
    client.post(reverse("desk_dispute_session", args=[case.number]), session | {"upload": scan})
    due = timezone.localdate() + timedelta(days=7)
    terms = {"terms": "支付工资。", "amount": "12000", "instalments": f"{due} 12000"}
    client.post(reverse("desk_dispute_agreement", args=[case.number]), terms)
    for side in ("worker", "employer", "mediator"):
        client.post(reverse("desk_dispute_sign", args=[case.number]), {"side": side, "name": "签字人"})
    text = client.get(page).content.decode()
    assert "同意分期。" in text
    assert "可以申请司法确认" in text
    today = f"{timezone.localdate()}"
    client.post(reverse("desk_dispute_confirm", args=[case.number]), {"number": "民特1号", "on": today})
    client.post(reverse("desk_dispute_pay", args=[case.number, 1]), {"on": today, "note": ""})
    case.refresh_from_db()
    assert case.state == "performed"
    client.post(page, {"move": "close", "opinion": "已履行"})
    case.refresh_from_db()
    assert not case.is_open
    client = signed_in("worker_alpha")
    client.post(reverse("m_dispute_rate", args=[case.number]), {"grade": "5", "comment": ""})
    assert Dispute.objects.everywhere(reason=WHY).get(case=case).rating == 5


def test_the_worker_reads_and_signs_on_the_phone(signed_in: SignIn, world: World) -> None:
    case = scene.drafted(world)
    client, url = signed_in("worker_alpha"), reverse("m_dispute_sign", args=[case.number])
    agreed = mediation_agreements.agreement_of(case)
    assert agreed is not None
    assert "公司支付所欠工资" in client.get(url).content.decode()
    assert client.post(url, {"digest": agreed.digest}).status_code == 422
    assert client.post(url, {"digest": "0" * 64, "agreed": "on"}).status_code == 422
    assert client.post(url, {"digest": agreed.digest, "agreed": "on"}).status_code == 302
    assert agreed.signatures.get().way == "phone"
    assert signed_in("worker_beta").get(url).status_code == 404


def test_the_partner_sees_the_folder_and_nothing_else(signed_in: SignIn, world: World) -> None:
    found = scene.referral(world)
    hidden = core.attach(
        system_actor("测试"), found.case, Upload("工资表.pdf", "application/pdf", 5, BytesIO(b"%PDF-"))
    )
    client = signed_in("agency")
    assert "江东区court" in client.get(reverse("partner_referrals")).content.decode()
    page = client.get(reverse("partner_referral", args=[found.pk])).content.decode()
    assert "资金紧张" in page
    assert "工资表" not in page
    for name in ("desk_case", "desk_case_refer"):
        assert client.get(reverse(name, args=[found.case.number])).status_code in {403, 404}
    assert client.get(reverse("desk_case_file", args=[found.case.number, hidden.pk])).status_code in {
        403,
        404,
    }
    assert client.get(reverse("desk_attachment", args=[hidden.attachment_id])).status_code == 404
    client.post(reverse("partner_referral_accept", args=[found.pk]))
    scan = SimpleUploadedFile("裁定书.pdf", PDF, "application/pdf")
    client.post(reverse("partner_referral_reply", args=[found.pk]), {"result": "确认有效", "upload": scan})
    row = Referral.objects.everywhere(reason=WHY).get(pk=found.pk)
    assert (row.state, row.result) == ("replied", "确认有效")
    item = row.items.everywhere(reason=WHY).get(by_partner=True)
    opened = client.get(reverse("partner_referral_file", args=[row.pk, item.pk]))
    assert b"".join(opened.streaming_content).startswith(b"%PDF-")  # type: ignore[attr-defined]
    assert "等您办" not in client.get(reverse("desk_home")).content.decode()
    signed_in("pier_officer").post(reverse("desk_referral_end", args=[row.pk]), {"reason": ""})
    client = signed_in("agency")
    assert client.get(reverse("partner_referral", args=[row.pk])).status_code == 404
    assert client.get(reverse("partner_referral_file", args=[row.pk, item.pk])).status_code == 404


def test_the_partners_home_says_what_waits(signed_in: SignIn, world: World) -> None:
    scene.referral(world)
    assert "转来的案件：等待接收" in signed_in("agency").get(reverse("desk_home")).content.decode()
    scene.mediating(world)
    assert "我的调解" in signed_in("mediator").get(reverse("desk_home")).content.decode()


def test_the_desk_refers_with_chosen_facts_only(signed_in: SignIn, world: World) -> None:
    case, court = scene.dispute(world), scene.partner(world)
    client, url = signed_in("pier_officer"), reverse("desk_case_refer", args=[case.number])
    page = client.get(url).content.decode()
    assert "调解协议司法确认" in page
    given = {"to": f"{court.pk}/confirmation", "asked": "请确认", "facts": ["employer"]}
    assert client.post(url, given).status_code == 302
    assert Referral.objects.everywhere(reason=WHY).get().facts == ["employer"]
    assert client.post(url, given | {"to": "999/confirmation"}).status_code == 422


def test_the_mediator_draws_up_and_signs_his_own(signed_in: SignIn, world: World) -> None:
    case = scene.drafted(world)
    held = Mediation.objects.everywhere(reason=WHY).get(case=case, ended_at=None)
    client = signed_in("mediator")
    page = client.get(reverse("partner_mediation", args=[held.pk])).content.decode()
    assert "13812345678" in page
    assert client.post(reverse("partner_mediation_sign_own", args=[held.pk])).status_code == 302
    client.post(reverse("partner_mediation_sign", args=[held.pk]), {"side": "employer", "name": "经理"})
    client = signed_in("worker_alpha")
    agreed = mediation_agreements.agreement_of(case)
    assert agreed is not None
    client.post(reverse("m_dispute_sign", args=[case.number]), {"digest": agreed.digest, "agreed": "on"})
    case.refresh_from_db()
    assert case.state == "agreed"
    assert signed_in("mediator").get(reverse("partner_mediation", args=[held.pk])).status_code == 200


def test_figures_lead_to_their_cases(signed_in: SignIn, world: World) -> None:
    case = scene.agreed(world)
    held = Mediation.objects.everywhere(reason=WHY).get(case=case)
    scene.referral(world, case)
    client = signed_in("river_officer")
    page = client.get(reverse("desk_dispute_figures")).content.decode()
    assert "100%" in page
    for query in (f"body={held.body_id}", "area=420103", "stage=agreed"):
        assert case.number in client.get(f"{reverse('desk_disputes')}?{query}").content.decode()
    assert case.number not in client.get(f"{reverse('desk_disputes')}?area=4205").content.decode()
    assert case.number not in signed_in("chair_delta").get(reverse("desk_disputes")).content.decode()


def _two_more(world: World) -> None:
    for kind, act, union in (("police", "order", "pier"), ("labour", "joint", "beta")):
        where = scene.partner(world, kind)
        referrals.refer(
            system_actor("测试"), case=scene.dispute(world), body=where, act=act, asked="请办", facts=[]
        )
        scene.body(world, union)


@pytest.mark.parametrize("name", ["desk_disputes", "desk_referrals", "desk_mediation", "desk_partners"])
def test_lists_cost_the_same_with_one_and_three(signed_in: SignIn, world: World, name: str) -> None:
    client, costs = signed_in("river_officer"), []
    scene.mediating(world)
    scene.referral(world)
    for rows in (1, 3):
        with CaptureQueriesContext(connection) as asked:
            assert client.get(reverse(name)).status_code == 200
        costs.append(len(asked))
        if rows == 1:
            _two_more(world)
    assert costs[0] == costs[1], f"{name}: {costs}"
