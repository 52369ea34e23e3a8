"""Corrections, exceptions, claims with papers, units taken out, and the pages that show all this."""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from io import BytesIO
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests.world import World, resident_id
from unionhall.benefits.actions.medical import claims, covers, exceptions
from unionhall.benefits.actions.medical.paying import pay_or_queue
from unionhall.benefits.models import MedicalClaim, SettlementFile, SettlementLine
from unionhall.foundation.errors import Refused
from unionhall.ledger import checking as books
from unionhall.ledger.actions import Due, change_budget, open_budget, release
from unionhall.ledger.models import Commitment, Payment, Recovery
from unionhall.members import consents
from unionhall.members.models import DeskIdentity
from unionhall.records.uploads import Upload
from unionhall.reviews.actions import approve, return_for_completion
from unionhall.reviews.models import ReviewEvent
from unionhall.reviews.presenting import CLOSED_PAPER
from unionhall.rulebook.decisions import replay

from .settlements import (
    SYSTEM,
    WHY,
    YEAR,
    Settled,
    balances,
    bank_paid,
    born,
    budget,
    cards,
    checked,
    line_of,
    lines,
    paid_in_all,
    payments,
    settled,
)


@pytest.fixture
def ready(world: World) -> World:
    budget(world)
    cards(world)
    return world


def test_a_corrected_settlement_moves_only_the_difference(ready: World, tmp_path: Path) -> None:
    """The year's sum is what it would have been: less for the first takes its deductible out of the second."""
    first = [Settled("A1", "alpha_1", "2300"), Settled("A2", "alpha_1", "1000", f"{YEAR}-04-01")]
    settled(ready, tmp_path, first)
    assert (line_of("A1").amount, line_of("A2").amount) == (Decimal(500), Decimal(500))
    bank_paid(line_of("A2").payment_key)
    more = settled(ready, tmp_path, [Settled("A1", "alpha_1", "5300")], "C1")
    now = line_of("A1")
    assert (more.state, now.amount, now.replaces_id is not None) == ("paid", Decimal(2000), True)
    assert (line_of("A2").amount, paid_in_all()) == (Decimal(500), Decimal(2500))
    less = settled(ready, tmp_path, [Settled("A1", "alpha_1", "800")], "C2")
    assert (less.state, line_of("A1").amount, line_of("A2").amount) == ("paid", Decimal(0), Decimal(250))
    back = Recovery.objects.everywhere(reason=WHY).get()
    assert (back.amount, paid_in_all() - back.amount) == (Decimal("250.00"), Decimal("250.00"))
    for line in SettlementLine.objects.everywhere(reason=WHY).filter(decision__isnull=False):
        assert line.decision is not None
        assert replay(line.decision).same
    assert settled(ready, tmp_path, [Settled("A1", "alpha_1", "800.0")], "C3").state == "paid"
    assert paid_in_all() == 500
    assert books.audit() == []


def test_a_correction_of_what_waits_in_line_takes_its_place_there(world: World, tmp_path: Path) -> None:
    cards(world)
    money = budget(world, 1_000)
    settled(world, tmp_path, [Settled("A1", "alpha_1", "9300"), Settled("B1", "beta_1", "2300")])
    assert payments() == {}
    settled(world, tmp_path, [Settled("A1", "alpha_1", "1900")], "C1")
    assert {line.number: line.amount for line in (line_of("A1"), line_of("B1"))} == {"A1": 300, "B1": 500}
    assert payments() == {line_of("A1").payment_key: 300, line_of("B1").payment_key: 500}
    assert balances(money) == {"granted": -1000, "available": 200, "payable": 800}


def test_a_place_in_line_that_was_given_up_is_taken_anew(world: World, tmp_path: Path) -> None:
    """Corrected to nothing and up again before any money was there: the sum waits in line once more."""
    cards(world)
    money = budget(world, 100)
    for number, selfpay in enumerate(("5000", "1000", "4000", "3300")):
        settled(world, tmp_path, [Settled("A1", "alpha_1", selfpay)], f"B{number}")
    waiting = Commitment.objects.everywhere(reason=WHY).in_line()
    assert [one.amount for one in waiting] == [line_of("A1").amount] == [1000]
    change_budget(SYSTEM, budget=money, amount=1_500, reason="追加")
    assert payments() == {line_of("A1").payment_key: 1000}
    assert books.audit() == []


def test_a_sum_that_got_no_place_in_line_is_never_granted(world: World, tmp_path: Path) -> None:
    cards(world)
    money = budget(world, 100)
    settled(world, tmp_path, [Settled("A1", "alpha_1", "5000")])
    (promise,) = Commitment.objects.everywhere(reason=WHY).in_line()
    release(SYSTEM, commitment=promise, reason="误操作")
    row = Due(promise.key, world.people["alpha_1"].pk, Decimal(1850))
    with pytest.raises(Refused, match="没有排上队"):
        pay_or_queue(SYSTEM, money, [row], submitted_at=timezone.now())


def test_whose_money_pays_has_to_agree(ready: World, tmp_path: Path) -> None:
    """A member of another city in this city's file: that city's budget would pay, so its people have their say."""
    other = open_budget(
        SYSTEM, organisation=ready.unions["gorge_city"], programme="medical_aid", year=YEAR, amount=50_000
    )
    stranger = resident_id(born(ready), "1", 77)
    file = settled(
        ready,
        tmp_path,
        [Settled("O", "delta_1", "5300"), Settled("U", "nobody", "3300", id_number=stranger)],
    )
    found, officer = lines(file), ready.actor("river_officer")
    with pytest.raises(Refused, match="当地"):
        exceptions.accept(officer, line=found["O"], reason="照付")
    with pytest.raises(Refused, match="当地"):
        exceptions.match_by_hand(officer, line=found["U"], person=ready.people["delta_1"], reason="换号")
    assert balances(other) == {"granted": -50_000, "available": 50_000}
    done = exceptions.accept(
        ready.actor("province_officer"), line=found["O"], reason="在外地参保，两市已商定"
    )
    assert (done.amount, done.path) == (Decimal(2000), ready.unions["delta"].path)
    assert balances(other)["payable"] == 2000


def test_money_at_the_bank_cannot_be_taken_back_and_is_left_to_a_person(ready: World, tmp_path: Path) -> None:
    settled(ready, tmp_path, [Settled("A1", "alpha_1", "9300")])
    Payment.objects.everywhere(reason=WHY).update(state="sent")
    file = settled(ready, tmp_path, [Settled("A1", "alpha_1", "2300")], "C1")
    stuck = lines(file)["A1"]
    assert (stuck.state, stuck.reason, line_of("A1").amount) == ("exception", "stuck", Decimal(4000))
    assert "银行" in stuck.resolution
    bank_paid(line_of("A1").payment_key)
    done = exceptions.accept(SYSTEM, line=stuck, reason="银行已到账")
    assert (done.status, done.amount, line_of("A1").pk) == ("已理赔", Decimal(500), done.pk)
    assert Recovery.objects.everywhere(reason=WHY).get().amount == 3500


def test_exceptions_are_settled_by_people_with_reasons(ready: World, tmp_path: Path) -> None:
    stranger = resident_id(born(ready), "1", 77)
    budget(ready, 5_000, YEAR - 1)
    file = settled(
        ready,
        tmp_path,
        [
            Settled("U", "nobody", "9300", id_number=stranger),
            Settled("N", "alpha_1", "3300", name="张海"),
            Settled("Y", "beta_1", "5300", f"{YEAR - 1}-12-31"),
            Settled("M", "beta_2", "-5"),
        ],
    )
    found = lines(file)
    with pytest.raises(Refused, match="理由"):
        exceptions.dismiss(SYSTEM, line=found["U"], reason=" ")
    exceptions.take(ready.actor("river_officer"), line=found["U"])
    matched = exceptions.match_by_hand(
        SYSTEM, line=found["U"], person=ready.people["beta_2"], reason="证件换号，人事证明"
    )
    assert matched.id_number is None
    assert (matched.amount, matched.path) == (Decimal(4000), ready.unions["beta"].path)
    exceptions.match_by_hand(SYSTEM, line=found["N"], person=ready.people["alpha_1"], reason="漏字")
    accepted = exceptions.accept(SYSTEM, line=found["Y"], reason="上年末的结算")
    assert accepted.amount == 2000
    payment = Payment.objects.everywhere(reason=WHY).get(key=accepted.payment_key)
    assert payment.budget.year == YEAR - 1
    with pytest.raises(Refused, match="不能直接采纳"):
        exceptions.accept(SYSTEM, line=found["M"], reason="照付")
    exceptions.dismiss(SYSTEM, line=found["M"], reason="冲销，已请来源单位更正")
    with pytest.raises(Refused, match="已经处理过"):
        exceptions.dismiss(SYSTEM, line=found["M"], reason="再剔除")
    assert paid_in_all() == 4000 + 1000 + 2000


def _claim(world: World, number: str = "Z9", selfpay: str = "3300") -> MedicalClaim:
    actor, person = world.actor("worker_alpha"), world.people["alpha_1"]
    consents.give(actor, person=person, purpose=claims.CONSENT)
    paper = Upload("结算单.pdf", "application/pdf", 8, BytesIO(b"%PDF-1.4"))
    return claims.apply(
        actor, person=person, number=number, settled_on=timezone.localdate(), selfpay=Decimal(selfpay),
        diagnosis="肺炎", papers=[claims.Paper("settlement", paper)],
    )  # fmt: skip


def test_a_claim_with_papers_is_reviewed_and_paid_once(world: World) -> None:
    cards(world)
    year = timezone.localdate().year
    budget(world, year=year)
    claim = _claim(world)
    with pytest.raises(Refused, match="已经申请过"):
        _claim(world)
    for name in ("chair_alpha", "east_officer"):
        step = claim.review.steps.get(is_current=True)
        approve(world.actor(name), step=step)
    claim.refresh_from_db(from_queryset=MedicalClaim.objects.everywhere(reason=WHY))
    assert claim.line is not None
    assert (claim.line.outcome, payments()) == ("granted", {claim.line.payment_key: Decimal("1000.00")})
    with pytest.raises(Refused, match="已经由医保报送"):
        _claim(world)


def in_tianjin(monkeypatch: pytest.MonkeyPatch) -> None:
    """The plan of Tianjin on members of the test province: its jurisdiction is all that differs."""
    from unionhall import rulebook
    from unionhall.benefits.schemes.medical import MedicalAidScheme

    tianjin = rulebook.scheme(MedicalAidScheme, on=date(2026, 1, 1), division="120101")
    monkeypatch.setattr(rulebook, "scheme", lambda *args, **kwargs: tianjin)


def test_units_wait_are_reduced_and_renewed(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    in_tianjin(monkeypatch)
    actor, person = world.actor("chair_alpha"), world.people["alpha_1"]
    first = date(2025, 3, 1)
    cover = covers.enrol(actor, person=person, units=2, starts=first, today=first)
    assert (cover.premium, cover.period.upper) == (Decimal(90), date(2026, 3, 1))
    with pytest.raises(Refused, match="已经参加过"):
        covers.enrol(actor, person=person, units=1, starts=date(2026, 2, 1), today=date(2026, 1, 5))
    renewed = date(2026, 3, 20)
    with pytest.raises(Refused, match="最多 3 份"):
        covers.enrol(actor, person=person, units=4, starts=renewed, today=renewed)
    covers.enrol(actor, person=person, units=3, starts=renewed, today=renewed)
    held = exceptions_covers(person.pk, date(2026, 3, 20))
    assert (held.units, held.former_until) == (3, date(2026, 3, 1))


@pytest.mark.parametrize("days", [-400, -1, 91, 2_900_000])
def test_nobody_is_enrolled_for_days_that_are_over_or_far_ahead(
    world: World, monkeypatch: pytest.MonkeyPatch, days: int
) -> None:
    in_tianjin(monkeypatch)
    starts = timezone.localdate() + timedelta(days=days)
    with pytest.raises(Refused, match="开始") as refused:
        covers.enrol(world.actor("chair_alpha"), person=world.people["alpha_1"], units=1, starts=starts)
    assert refused.value.field == "starts"


def test_nobody_enrols_himself(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    in_tianjin(monkeypatch)
    own = world.people["alpha_1"]
    DeskIdentity.objects.create(account=world.accounts["chair_alpha"], person=own, named_by="test")
    with pytest.raises(Refused, match="由其他人办理"):
        covers.enrol(world.actor("chair_alpha"), person=own, units=3, starts=timezone.localdate())


def exceptions_covers(person: int, day: date):  # type: ignore[no-untyped-def]
    from unionhall.benefits.actions.medical.adjudicating import Covers

    return Covers([person]).on(person, day)


def test_pages_from_upload_to_arithmetic(
    ready: World, signed_in: Callable[[str], Client], tmp_path: Path
) -> None:
    desk = signed_in("river_officer")
    person = ready.people["alpha_1"]
    row = f"A1,{YEAR}-03-02,{person.name},{person.id_number.reveal()},5300"
    text = f"结算号,结算日期,姓名,证件号码,个人自付金额\n{row}\n"
    form = {
        "organisation": ready.unions["river_city"].code, "insurer": "江城市医保局", "number": "P1", "year": YEAR,
        "stated_rows": 1, "stated_total": "5300",
    }  # fmt: skip
    wrong = desk.post("/desk/medical/upload/", form | {"file": SimpleUploadedFile("x.csv", b"a,b\n1,2\n")})
    assert wrong.status_code == 422
    assert "表头" in wrong.content.decode()
    sent = desk.post("/desk/medical/upload/", form | {"file": SimpleUploadedFile("s.csv", text.encode())})
    assert sent.status_code == 302
    file = SettlementFile.objects.everywhere(reason=WHY).get()
    assert sent.headers["Location"] == f"/desk/medical/{file.pk}/"
    page = desk.get(f"/desk/medical/{file.pk}/").content.decode()
    assert "等待核对" in page
    assert person.id_number.reveal() not in page
    other = settled(ready, tmp_path, [Settled("S1", "alpha_1", "5300"), Settled("S2", "alpha_1", "-1")], "P2")
    shown = desk.get(f"/desk/medical/{other.pk}/").content.decode()
    assert "2,000.00" in shown
    assert signed_in("auditor").get(f"/desk/medical/{other.pk}/faults/").status_code == 403
    line = lines(other)["S1"]
    for name in ("reviewer", "auditor"):
        assert (
            "(5,300.00 − 1,300.00) × 50%"
            in signed_in(name).get(f"/desk/medical/lines/{line.pk}/").content.decode()
        )
    worker = signed_in("worker_alpha")
    assert "2,000.00" in worker.get("/m/benefits/medical/").content.decode()
    own = worker.get(f"/m/benefits/medical/{line.pk}/").content.decode()
    assert "(5,300.00 − 1,300.00) × 50%" in own
    payment = Payment.objects.everywhere(reason=WHY).get(key=line.payment_key)
    assert f"/m/payments/{payment.pk}/" in own
    assert signed_in("worker_beta").get(f"/m/benefits/medical/{line.pk}/").status_code == 404


def test_a_claim_on_the_phone(world: World, signed_in: Callable[[str], Client]) -> None:
    worker = signed_in("worker_alpha")
    form = {
        "number": "Z1",
        "settled_on": f"{timezone.localdate():%Y-%m-%d}",
        "selfpay": "3300",
        "diagnosis": "肺炎",
    }
    paper = {"paper_settlement": SimpleUploadedFile("a.pdf", b"%PDF-1.4\n%%EOF")}
    refused = worker.post("/m/apply/medical_aid/", form | paper)
    assert refused.status_code == 422
    assert "单独同意" in refused.content.decode()
    paper["paper_settlement"].seek(0)
    sent = worker.post("/m/apply/medical_aid/", form | paper | {"consent": "on"})
    claim = MedicalClaim.objects.everywhere(reason=WHY).get()
    assert sent.headers["Location"] == f"/m/applications/{claim.review.number}/"
    chair = signed_in("chair_alpha")
    page = chair.get(f"/desk/medical/claims/{claim.pk}/").content.decode()
    assert "3,300.00 元" in page
    assert "肺炎" in page
    opened = chair.get(f"/desk/medical/claims/{claim.pk}/papers/{claim.papers.get().pk}/")
    assert b"".join(opened.streaming_content).startswith(b"%PDF")  # type: ignore[attr-defined]


def test_what_completes_a_claim_is_opened_as_its_papers_are(
    world: World, signed_in: Callable[[str], Client]
) -> None:
    """Sent back as unreadable, the hospital's paper comes again: no word of it for who may not read the first one."""
    budget(world)
    cards(world)
    claim = _claim(world)
    number = claim.review.number
    step = claim.review.steps.select_related("organisation").get(is_current=True)
    return_for_completion(world.actor("chair_alpha"), step=step, opinion="结算单看不清")
    worker, where = signed_in("worker_alpha"), reverse("m_application_supplement", args=[number])
    scan = SimpleUploadedFile("肺炎病历.pdf", b"%PDF-1.4\nill\n%%EOF", "application/pdf")
    assert worker.post(where, {"note": "重新上传", "file": scan}).status_code == 302
    event = ReviewEvent.objects.everywhere(reason=WHY).get(review=claim.review, verb="supplemented")
    own = reverse("m_application_file", args=[number, event.pk])
    assert own in worker.get(reverse("m_application", args=[number])).content.decode()
    assert b"ill" in b"".join(worker.get(own))
    desk = reverse("desk_review_file", args=[number, event.pk])
    readers = {"chair_alpha": True, "auditor": True, "clerk": False, "leader": False, "river_rights": False}
    for who, opens in readers.items():
        reader = signed_in(who)
        shown = reader.get(reverse("desk_review", args=[number]))
        assert shown.status_code == 200, who
        assert (desk in shown.content.decode(), "肺炎病历" in shown.content.decode()) == (opens, opens), who
        assert (CLOSED_PAPER in shown.content.decode()) != opens, who
        assert reader.get(desk).status_code == (200 if opens else 404), who
        assert reader.get(reverse("desk_attachment", args=[event.attachment_id])).status_code == 404, who


def test_a_file_may_be_looked_at_after_its_check(ready: World, tmp_path: Path) -> None:
    file = checked(ready, tmp_path, [Settled("A1", "alpha_1", "5300")])
    assert (file.state, lines(file)["A1"].status) == ("checked", "待理算")
