"""Cover on the phone and at the desk: the whole claim through the pages, the window's for the kin, the roll."""

import csv
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db.backends.postgresql.psycopg_any import DateRange
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests.world import World, resident_id
from unionhall.benefits.actions import cover_rolls
from unionhall.benefits.actions.cover_enrolment import sweep
from unionhall.benefits.models import CoverClaim, CoverEnrolment, CoverPaper, CoverRoll
from unionhall.foundation.actors import NotAllowed
from unionhall.foundation.errors import Refused
from unionhall.kit.sm import sm3_hex
from unionhall.ledger.tests.banking import card
from unionhall.members.actions import end, revoke_card
from unionhall.members.models import Card, Membership, Person
from unionhall.records.models import JournalEntry

from .cover import EVENT, SYSTEM, TODAY, budget, decide_all, drafted, fresh, handed_in

SignedIn = Callable[[str], Client]
WHY = "test"


def pdf(name: str = "材料.pdf") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, b"%PDF-1.4\n%%EOF", "application/pdf")


def claim_of(**only: Any) -> CoverClaim:
    return CoverClaim.objects.everywhere(reason=WHY).get(**only)


def test_my_covers_say_what_since_when_and_by_whom(world: World, signed_in: SignedIn) -> None:
    sweep()
    html = signed_in("worker_alpha").get(reverse("m_cover")).content.decode()
    assert "非工伤意外和家财损失保障" in html
    assert "2026-01-01" in html
    assert "会员卡有效期间一直有" in html
    assert "女职工" not in html
    assert "中国职工保险互助会湖北办事处" in html


def test_a_claim_from_the_phone(world: World, signed_in: SignedIn) -> None:
    phone = signed_in("worker_alpha")
    answer = phone.post(reverse("m_apply_cover_accident"), {"peril": "fire", "event_on": f"{EVENT:%Y-%m-%d}"})
    claim = claim_of()
    assert answer.url == reverse("m_cover_claim", args=[claim.pk])  # type: ignore[attr-defined]
    page = phone.get(answer.url)  # type: ignore[attr-defined]
    assert "还差 4 项" in page.content.decode()
    phone.post(
        reverse("m_cover_claim_describe", args=[claim.pk]), {"story": "厨房起火，烧毁家具", "loss": "80000"}
    )
    for code in ("fire", "loss"):
        phone.post(reverse("m_cover_claim_papers", args=[claim.pk]), {"code": code, "file": pdf()})
    assert "8,000.00" in phone.get(reverse("m_cover_claim", args=[claim.pk])).content.decode()
    done = phone.post(reverse("m_cover_claim", args=[claim.pk]))
    review = fresh(claim).review
    assert review is not None
    assert done.url == reverse("m_submitted", args=[review.number])  # type: ignore[attr-defined]
    assert "审核中" in phone.get(reverse("m_cover")).content.decode()


def test_somebody_elses_claim_and_papers_are_not_found(world: World, signed_in: SignedIn) -> None:
    claim = drafted(world)
    paper = CoverPaper.objects.everywhere(reason=WHY).filter(claim=claim)[0]
    other = signed_in("worker_beta")
    for name in ("m_cover_claim", "m_cover_claim_describe", "m_cover_claim_papers"):
        assert other.get(reverse(name, args=[claim.pk])).status_code == 404
    assert other.get(reverse("m_cover_paper", args=[claim.pk, paper.pk])).status_code == 404
    assert other.post(reverse("m_cover_claim_drop", args=[claim.pk])).status_code == 404


def test_a_draft_is_dropped_with_its_papers(world: World, signed_in: SignedIn) -> None:
    claim = drafted(world)
    phone = signed_in("worker_alpha")
    paper = CoverPaper.objects.everywhere(reason=WHY).filter(claim=claim)[0]
    phone.post(reverse("m_cover_paper_remove", args=[claim.pk, paper.pk]))
    assert CoverPaper.objects.everywhere(reason=WHY).filter(claim=claim).count() == 1
    phone.post(reverse("m_cover_claim_drop", args=[claim.pk]))
    assert not CoverClaim.objects.everywhere(reason=WHY).exists()


def test_the_decider_reads_particulars_and_papers_and_that_is_journalled(
    world: World, signed_in: SignedIn
) -> None:
    claim = handed_in(world)
    desk = signed_in("chair_alpha")
    review = fresh(claim).review
    assert review is not None
    matter = desk.get(reverse("desk_review", args=[review.number])).content.decode()
    assert "8,000.00 元" in matter
    assert "短路" not in matter
    assert reverse("desk_cover_claim", args=[claim.pk]) in matter
    assert "短路" in desk.get(reverse("desk_cover_claim", args=[claim.pk])).content.decode()
    paper = CoverPaper.objects.everywhere(reason=WHY).filter(claim=claim)[0]
    assert b"".join(desk.get(reverse("desk_cover_paper", args=[claim.pk, paper.pk]))).startswith(b"%PDF")
    acts = JournalEntry.objects.everywhere(reason=WHY).values_list("action", flat=True)
    assert {"benefits.cover_claim_shown", "benefits.cover_paper_opened"} <= set(acts)
    assert signed_in("chair_beta").get(reverse("desk_cover_claim", args=[claim.pk])).status_code == 404


def test_kin_at_the_window(world: World, signed_in: SignedIn) -> None:
    budget(world)
    sweep()
    end(SYSTEM, membership=world.memberships["alpha_1"], on=EVENT, exit=Membership.Exit.DEATH, reason="死亡")
    person, window = world.people["alpha_1"], signed_in("clerk")
    number = resident_id(person.birth, person.sex, 1)  # type: ignore[arg-type]
    facts = {
        "name": "张海林",
        "number": number,
        "peril": "cover_accident.death",
        "event_on": f"{EVENT:%Y-%m-%d}",
    }
    wrong = window.post(reverse("desk_cover_claim_new"), facts | {"name": "张海燕"})
    assert "姓名和证件号码都一致" in wrong.content.decode()
    window.post(reverse("desk_cover_claim_new"), facts)
    claim = claim_of()
    said = {
        "story": "交通意外", "claimant": "王芳", "kinship": "配偶", "bank": "江城银行", "number": card(77),
    }  # fmt: skip
    window.post(reverse("desk_cover_claim_describe", args=[claim.pk]), said)
    for code in ("event", "death", "cancelled", "kinship"):
        window.post(reverse("desk_cover_claim_papers", args=[claim.pk]), {"code": code, "file": pdf()})
    page = window.get(reverse("desk_cover_claim", args=[claim.pk])).content.decode()
    assert "王*" in page or "王芳" in page
    assert window.post(reverse("desk_cover_claim", args=[claim.pk])).status_code == 302
    decide_all(world, fresh(claim))
    assert fresh(claim).decision.amount == Decimal("20000.00")  # type: ignore[union-attr]


def test_the_window_tells_nothing_of_members_elsewhere(
    world: World, signed_in: SignedIn, settings: Any
) -> None:
    """Somebody of another district, somebody of no union and nobody are answered alike; each look-up is counted."""
    settings.LOOKUPS_HOURLY = 3
    window, address = signed_in("clerk"), reverse("desk_cover_claim_new")
    elsewhere = world.people["gamma_1"]
    stranger = world.people["outsider"]
    facts = {"peril": "cover_accident.death", "event_on": f"{EVENT:%Y-%m-%d}"}
    answers = [
        window.post(address, facts | {"name": name, "number": number})
        for name, number in (
            (elsewhere.name, elsewhere.id_number.reveal()),
            (stranger.name, stranger.id_number.reveal()),
            ("何田", elsewhere.id_number.reveal()),
        )
    ]
    assert [one.status_code for one in answers] == [422] * 3
    errors = [one.context["form"].errors for one in answers]
    assert errors[0] == errors[1] == errors[2]
    assert list(errors[0]) == ["number"]
    mine = world.people["alpha_1"]
    late = window.post(address, facts | {"name": mine.name, "number": mine.id_number.reveal()})
    assert late.status_code == 429
    assert not CoverClaim.objects.everywhere(reason=WHY).exists()


def test_desk_lists_stay_in_scope(world: World, signed_in: SignedIn) -> None:
    sweep()
    handed_in(world)
    desk = signed_in("chair_alpha")
    assert "张*" in desk.get(reverse("desk_cover_claims")).content.decode()
    assert "非工伤意外" in desk.get(reverse("desk_cover_people")).content.decode()
    assert "湖北" in desk.get(reverse("desk_cover")).content.decode()
    beta = signed_in("chair_beta")
    assert "张*林" not in beta.get(reverse("desk_cover_claims")).content.decode()
    assert "还没有理赔申请" in beta.get(reverse("desk_cover_claims")).content.decode()


# The insurer's roll --------------------------------------------------------------------------------------------------


def made(world: World, month: Any, programme: str = "cover_third") -> CoverRoll:
    roll = cover_rolls.ask(world.actor("province_officer"), programme=programme, month=month)
    return cover_rolls.make(roll.pk)


def lines(roll: CoverRoll) -> list[list[str]]:
    content = b"".join(cover_rolls.open_file(SYSTEM, roll=roll))
    body, _, trailer = content.rstrip(b"\r\n").rpartition(b"\r\n")
    assert trailer.decode().endswith(sm3_hex(body + b"\r\n"))
    return list(csv.reader(content.decode().splitlines()))


def kinds(roll: CoverRoll) -> list[str]:
    return [line[0] for line in lines(roll)]


@pytest.fixture
def last_month() -> Any:
    return (TODAY.replace(day=1) - timedelta(days=1)).replace(day=1)


def test_a_roll_tells_only_what_changed_since_the_one_before(world: World, last_month: Any) -> None:
    sweep()
    first = made(world, last_month)
    assert (first.opening, first.additions, first.ends, first.closing) == (0, 7, 0, 7)
    assert kinds(first) == ["H", *["A"] * 7, "T"]
    number = resident_id(world.people["alpha_1"].birth, "1", 1)  # type: ignore[arg-type]
    assert [line[2] for line in lines(first) if number in line] == ["张海林"]
    end(
        SYSTEM,
        membership=world.memberships["beta_1"],
        on=TODAY,
        exit=Membership.Exit.WITHDRAWAL,
        reason="退会",
    )
    Person.objects.everywhere(reason=WHY).filter(pk=world.people["alpha_2"].pk).update(
        name="欧阳娜娜", updated_at=timezone.now()
    )
    second = made(world, TODAY)
    assert kinds(second) == ["H", "E", "C", "T"]
    assert (second.opening, second.additions, second.ends, second.corrections) == (7, 0, 1, 1)
    assert (second.closing, lines(second)[1][2]) == (6, f"{TODAY:%Y-%m-%d}")


def test_a_roll_tells_what_stood_when_its_line_was_drawn(world: World, last_month: Any) -> None:
    """A cover that never begins, because its card goes before the job has written the roll: told, then ended."""
    sweep()
    begins = TODAY + timedelta(days=2)
    rows = CoverEnrolment.objects.everywhere(reason=WHY).filter(programme="cover_third")
    rows.filter(person=world.people["beta_1"]).update(period=DateRange(begins, None))
    roll = cover_rolls.ask(world.actor("province_officer"), programme="cover_third", month=last_month)
    card = Card.objects.everywhere(reason=WHY).get(person=world.people["beta_1"])
    revoke_card(SYSTEM, card=card, reason="丢失")
    assert rows.get(person=world.people["beta_1"]).period.isempty
    first = cover_rolls.make(roll.pk)
    told = [line for line in lines(first) if line[2:3] == ["李建国"]]
    assert [line[7:9] for line in told] == [[f"{begins}", ""]]
    second = made(world, TODAY)
    assert (first.closing, second.opening, second.ends, second.closing) == (7, 7, 1, 6)
    assert rows.open().count() == 6


def test_asked_again_it_is_the_same_roll(world: World, last_month: Any) -> None:
    sweep()
    first = made(world, TODAY)
    again = made(world, TODAY)
    assert (again.pk, again.digest) == (first.pk, first.digest)
    with pytest.raises(Refused, match="不能补做"):
        made(world, last_month)
    with pytest.raises(Refused, match="还没有到"):
        made(world, TODAY + timedelta(days=40))


def test_only_the_federations_officer_asks_and_opening_is_journalled(
    world: World, signed_in: SignedIn
) -> None:
    sweep()
    with pytest.raises(NotAllowed):
        cover_rolls.ask(world.actor("river_officer"), programme="cover_third", month=TODAY)
    desk = signed_in("province_officer")
    facts = {"programme": "cover_third", "month": f"{TODAY.replace(day=1):%Y-%m-%d}"}
    assert desk.post(reverse("desk_cover_roll_new"), facts).status_code == 302
    roll = CoverRoll.objects.everywhere(reason=WHY).get()
    cover_rolls.make(roll.pk)
    answer = desk.post(reverse("desk_cover_roll_download", args=[roll.pk]))
    assert b"UNIONHALL-COVER" in b"".join(answer)
    opened = JournalEntry.objects.everywhere(reason=WHY).filter(action="benefits.cover_roll_downloaded")
    assert opened.get().digest == fresh_roll(roll).digest
    assert signed_in("river_officer").post(
        reverse("desk_cover_roll_download", args=[roll.pk])
    ).status_code in {403, 404}


def fresh_roll(roll: CoverRoll) -> CoverRoll:
    return CoverRoll.objects.everywhere(reason=WHY).get(pk=roll.pk)
