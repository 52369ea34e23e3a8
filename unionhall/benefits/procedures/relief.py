"""Hardship relief under review, in public and in the ledger: what each brings about."""

from django.urls import reverse
from django.utils import timezone

from unionhall.bulletins import purposes as notices
from unionhall.bulletins.models import NoticeRow
from unionhall.foundation.actors import Actor
from unionhall.foundation.errors import Refused
from unionhall.ledger import purposes as payments
from unionhall.ledger.models import Commitment, Payment
from unionhall.members import consents, households
from unionhall.members.following import facts_changed
from unionhall.records.actions import notify
from unionhall.reviews.models import Review
from unionhall.reviews.procedures import Procedure, register

from ..actions.relief import aiding, leaving, unmet, working
from ..actions.relief.applying import CONSENT, PROCEDURE
from ..actions.relief.holding import WHY, Stage, lock, note, scheme_of
from ..models import Aid, Cause, CivilStatus, HardshipFile, HardshipPaper, HardshipVisit
from ..rules import relief as rules
from ..schemes.relief import AIDS

consents.register(
    consents.Purpose(
        CONSENT,
        "困难帮扶核查（敏感个人信息）",
        "我单独同意工会为困难帮扶核查我填写的家庭成员、收入支出、健康情况，并按规定送民政部门核对。"
        "这些内容加密保存，只有办理帮扶的人能看。",
        "撤回后不能再提交困难帮扶申请；已经建立的档案在帮扶和法定保存期内继续加密保存。不想继续接受帮扶，请联系工会退出。",
        sensitive=True,
    )
)


def file_of(review: Review) -> HardshipFile:
    rows = HardshipFile.objects.everywhere(
        reason="the matter of a review that the caller has loaded under scope"
    )
    return rows.select_related("person", "organisation", "household", "review").get(review=review)


def facts(review: Review) -> list[tuple[str, str]]:
    """What each step decides on. Health and figures are read on the file's own page, under its own permission."""
    file = file_of(review)
    visits = HardshipVisit.objects.everywhere(reason=WHY).filter(file=file)
    signed = visits.filter(authorisation__isnull=False).exists()
    return [
        ("申请人", file.person.name),
        ("手机号", file.person.masked_phone),
        ("所在工会", file.organisation.name),
        ("主要致困原因", Cause(file.main_cause).label),
        ("测算类别", file.get_category_display() or "不符合困难标准"),
        ("民政认定", CivilStatus(file.civil_status).label),
        ("材料", _papers(file)),
        ("入户核查", "已入户，有签字授权" if signed else "尚未入户"),
        ("民政核对", file.get_check_result_display()),
        ("阶段", file.get_stage_display()),
    ]


def _papers(file: HardshipFile) -> str:
    """Which papers there are; they are opened on the file's page, under a permission of its own."""
    rows = HardshipPaper.objects.everywhere(reason=WHY).filter(file=file).order_by("pk")
    return "、".join(rows.values_list("label", flat=True)) or "没有上传"


def may_approve(actor: Actor, review: Review) -> None:
    """The second step wants visit and check, the last one the notice's end."""
    file = file_of(review)
    passed = working.steps_passed(file)
    if passed == 1:
        if file.stage != Stage.CHECKED:
            raise Refused(
                f"档案{file.get_stage_display()}：入户核查（签字授权）和民政核对都完成后才能通过。请在困难档案页面办理。"
            )
        if file.check_result == HardshipFile.CheckResult.MISMATCH:
            raise Refused("民政核对结果不一致，请先在困难档案页面写明核实情况。")
        _must_qualify(file)
    elif passed >= 2:
        if file.stage != Stage.PASSED:
            raise Refused(f"档案{file.get_stage_display()}，公示期满没有异议后才能批准建档。")
        _must_qualify(file)


def _must_qualify(file: HardshipFile) -> None:
    if not file.category:
        raise Refused("按现有数据不符合困难标准。请不予通过，或在档案页面更正数据后重新测算。")
    if lacking := unmet(file.person, file.organisation):
        raise Refused(f"申请人不符合条件：{'；'.join(lacking)}。请不予通过；登记有误的，更正以后再通过。")


def on_approved(actor: Actor, review: Review) -> None:
    """Filed from today: visits and verification have their dates."""
    file, today = lock(file_of(review)), timezone.localdate()
    parameters = scheme_of(file).parameters
    file.stage, file.filed_on = Stage.APPROVED, today
    file.visit_due = rules.next_visit(parameters, today)
    file.verify_due = rules.next_verification(parameters, today)
    file.save(update_fields=["stage", "filed_on", "visit_due", "verify_due"])
    note(actor, file, "approved", f"建档：{file.get_category_display()}", tone="ok")
    facts_changed(file.person)
    notify(
        file.person.account_id,
        "困难职工档案已建立",
        f"类别：{file.get_category_display()}。工会会指定帮扶责任人，并定期走访。",
        "/m/benefits/relief/",
        file.organisation.path,
    )


def ended(actor: Actor, review: Review) -> None:
    file = lock(file_of(review))
    leaving.off_the_list(actor, file, "申请已结束")
    file.stage = Stage.ENDED
    file.save(update_fields=["stage"])


def about(review: Review) -> int | None:
    rows = HardshipFile.objects.everywhere(reason="whom a matter is about, to keep him from deciding it")
    return rows.filter(review=review).values_list("person_id", flat=True).first()


def family(review: Review) -> set[int]:
    """Nobody decides on his own household."""
    person = about(review)
    return households.of(person) if person is not None else set()


def _file_of_row(row: NoticeRow) -> HardshipFile:
    return lock(HardshipFile(pk=int(row.key.removeprefix("relief:"))))


def filing_passed(actor: Actor, row: NoticeRow) -> None:
    file = _file_of_row(row)
    if file.stage != Stage.PUBLICISED:
        raise Refused(f"档案{file.get_stage_display()}，不在公示中。")
    file.stage = Stage.PASSED
    file.save(update_fields=["stage"])
    note(actor, file, "publicised", "公示期满，没有异议", tone="ok")


def filing_upheld(actor: Actor, row: NoticeRow) -> None:
    file = _file_of_row(row)
    file.stage = Stage.OBJECTED
    file.save(update_fields=["stage"])
    note(actor, file, "publicised", "公示异议成立，不能建档", tone="bad")


def filing_stopped(actor: Actor, row: NoticeRow) -> None:
    file = _file_of_row(row)
    file.stage = Stage.CHECKED
    file.save(update_fields=["stage"])
    note(actor, file, "publicised", "公示终止，可以重新公示", tone="warn")


def exit_passed(actor: Actor, row: NoticeRow) -> None:
    leaving.leave(actor, _file_of_row(row))


def exit_upheld(actor: Actor, row: NoticeRow) -> None:
    file = _file_of_row(row)
    if file.stage == Stage.EXIT_PUBLICISED:
        leaving.stay(actor, file, "退出公示的异议成立")


def exit_stopped(actor: Actor, row: NoticeRow) -> None:
    file = _file_of_row(row)
    if file.stage == Stage.EXIT_PUBLICISED:
        file.stage = Stage.EXIT_PROPOSED
        file.save(update_fields=["stage"])
        note(actor, file, "exit_publicised", "退出公示终止，可以重新公示", tone="warn")


def row_page(row: NoticeRow) -> str:
    return reverse("desk_relief_file", args=[int(row.key.removeprefix("relief:"))])


def on_held(actor: Actor, commitment: Commitment) -> None:
    """The budget has come to an aid that waited."""
    rows = Aid.objects.everywhere(reason="the aid whose promise is served")
    aid = rows.filter(commitment=commitment, payment=None, revoked_at=None).first()
    if aid is not None:
        aiding.pay(actor, aid)


def payment_page(payment: Payment) -> str:
    rows = Aid.objects.everywhere(reason="the page about a payment that the reader may see")
    file = rows.filter(payment=payment).values_list("file_id", flat=True).first()
    return reverse("desk_relief_file", args=[file]) if file else ""


notices.register(
    notices.Purpose(
        working.NOTICE,
        "困难职工建档公示",
        ("困难类别",),
        filing_passed,
        filing_upheld,
        filing_stopped,
        row_page,
    ),
    notices.Purpose(
        leaving.NOTICE, "退出困难帮扶公示", ("退出原因",), exit_passed, exit_upheld, exit_stopped, row_page
    ),
)
payments.register(
    *(
        payments.Purpose(
            aiding.purpose_of(code),
            title,
            on_held=on_held,
            on_reversed=aiding.taken_back,
            url=payment_page,
        )
        for code, title in AIDS.items()
    )
)
register(
    Procedure(
        code=PROCEDURE,
        title="困难帮扶申请",
        prefix="KN",
        on_approved=on_approved,
        on_refused=ended,
        on_withdrawn=ended,
        facts=facts,
        names=frozenset({"申请人"}),
        papers="benefits.relief_papers",
        may_approve=may_approve,
        about=about,
    )
)
