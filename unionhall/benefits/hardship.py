"""What pages show of hardship files: stage, steps, figures, aids, the trail. The reader's right was asked before."""

from datetime import date, timedelta
from typing import Any

from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from unionhall.foundation.models import working_calendar
from unionhall.kit.money import yuan
from unionhall.kit.workdays import deadline_state
from unionhall.ledger import reading
from unionhall.ledger.models import Commitment
from unionhall.members import households
from unionhall.records.models import Attachment

from .actions.relief.aiding import title_of
from .actions.relief.applying import Figures, last_assessment
from .actions.relief.holding import scheme_of
from .actions.relief.working import steps_passed
from .models import (
    Aid,
    Assessment,
    Cause,
    HardshipFile,
    HardshipPaper,
    HardshipVisit,
    HelperAssignment,
    ReliefEvent,
)
from .rules import relief as rules

WHY = "parts of a hardship file that the reader may open"
#: Days within which a visit is near for the to-do list, and for the planning of a month.
WEEK, MONTH = 7, 30
TONES = {
    "applied": "info", "visited": "info", "checking": "info", "checked": "info", "publicised": "info",
    "objected": "bad", "passed": "info", "approved": "ok", "aided": "ok", "exit_proposed": "warn",
    "exit_publicised": "warn", "watch": "warn", "exited": "mute", "closed": "mute", "ended": "mute",
}  # fmt: skip
_WAY = (
    ("申请初审", ()),
    ("入户核查", ("applied",)),
    ("民政核对", ("visited", "checking")),
    ("公示", ("checked", "publicised", "objected")),
    ("审批建档", ("passed",)),
    ("帮扶走访", ("approved", "aided")),
    ("退出", ("exit_proposed", "exit_publicised", "watch")),
)
_OVER = {"exited", "closed"}


def steps(file: HardshipFile) -> list[dict[str, str]]:
    """The way of a file with where it stands now."""
    if file.stage == HardshipFile.Stage.ENDED:
        return [{"title": "申请", "state": "done"}, {"title": "未建档", "state": "now"}]
    here = next((place for place, (_, stages) in enumerate(_WAY) if file.stage in stages), len(_WAY))
    if file.stage == HardshipFile.Stage.APPLIED and not steps_passed(file):
        here = 0
    if file.stage in _OVER:
        here = len(_WAY)
    return [
        {"title": title, "state": "done" if place < here else "now" if place == here else "todo"}
        for place, (title, _) in enumerate(_WAY)
    ]


def near(field: str, days: int) -> Q:
    """The condition that a visit or a verification is due from today within so many days."""
    today = timezone.localdate()
    return Q(**{f"{field}__range": (today, today + timedelta(days=days))})


def left(due: date | None) -> int | None:
    """Working days until a day; negative when it is past."""
    if due is None:
        return None
    return deadline_state(due, timezone.localdate(), working_calendar()).days


def papers(file: HardshipFile) -> list[HardshipPaper]:
    """What was handed in with the application and after it, in that order."""
    rows = HardshipPaper.objects.everywhere(reason=WHY).filter(file=file)
    return list(rows.select_related("attachment").order_by("pk"))


def helper_of(file: HardshipFile) -> HelperAssignment | None:
    rows = HelperAssignment.objects.everywhere(reason=WHY).filter(file=file, during__upper_inf=True)
    return rows.select_related("account").first()


def own_facts(file: HardshipFile) -> list[tuple[str, str]]:
    """For the household itself."""
    helper = helper_of(file)
    found = [
        ("办件编号", file.review.number),
        ("困难类别", file.get_category_display() if file.is_in_force else "建档后确定"),
        ("受理工会", file.organisation.name),
        ("帮扶责任人", helper.account.display_name if helper else "建档后由工会指定"),
    ]
    if file.filed_on:
        found.append(("建档日期", f"{file.filed_on:%Y-%m-%d}"))
    if file.visit_due:
        found.append(("下次走访", f"{file.visit_due:%Y-%m-%d} 前"))
    if file.verify_due:
        found.append(("年度复核", f"{file.verify_due:%Y-%m-%d} 前"))
    if file.watch_until:
        found.append(("观察期至", f"{file.watch_until:%Y-%m-%d}"))
    return found


def desk_facts(file: HardshipFile) -> list[tuple[str, str]]:
    """For whoever handles it; health is revealed apart."""
    helper = helper_of(file)
    others = "、".join(str(Cause(one).label) for one in file.other_causes)
    found = [
        ("困难职工", file.person.name),
        ("所在工会", file.organisation.name),
        ("手机号", file.person.masked_phone),
        ("困难类别", file.get_category_display() or "不符合困难标准"),
        ("主要致困原因", file.get_main_cause_display()),
        ("其他原因", others or "—"),
        ("住房", file.get_housing_display()),
        ("农民工", "是" if file.person.migrant_worker else "否"),
        ("民政认定", file.get_civil_status_display()),
        ("民政核对", file.get_check_result_display()),
        ("帮扶责任人", helper.account.display_name if helper else "尚未指定"),
        ("建档日期", f"{file.filed_on:%Y-%m-%d}" if file.filed_on else "—"),
    ]
    if file.check_opinion:
        found.append(("核对说明", file.check_opinion))
    if file.watch_until:
        found.append(("观察期至", f"{file.watch_until:%Y-%m-%d}"))
    if file.statement is not None:
        found.append(("本人说明", file.statement.reveal()))
    return found


def reckoning(file: HardshipFile) -> dict[str, Any]:
    """The last assessment: everybody's figures, the arithmetic of the version it was decided under, the reasons."""
    made: Assessment = last_assessment(file)
    figures = Figures.from_text(made.figures.reveal())
    people = {one.pk: one for one in households.members_of(file.household)}
    rows = [
        {
            "name": people[one.member].name if one.member in people else "已离开家庭",
            "relation": people[one.member].get_relation_display() if one.member in people else "—",
            "income": one.income,
            "expense": one.expense,
        }
        for one in figures.people
    ]
    found = rules.assess(
        scheme_of(file).parameters,
        income=figures.income,
        expense=figures.expense,
        people=len(figures.people),
        loss=figures.loss,
        casualty=figures.casualty,
        excluded=figures.excluded,
        status=file.civil_status,
    )
    return {
        "made": made,
        "people": rows,
        "income": figures.income,
        "expense": figures.expense,
        "lines": [(line.label, f"{line.text} ＝ {yuan(line.amount)} 元") for line in found.lines],
        "reasons": [{"met": bool(made.category), "text": text} for text in made.decision.reasons],
    }


_AID_TONES = {"due": "info", "batched": "info", "sent": "info", "paid": "ok", "returned": "bad"}


def aids(file: HardshipFile) -> list[dict[str, Any]]:
    """Aids with where the money is, latest first."""
    rows = Aid.objects.everywhere(reason=WHY).filter(household_key=file.household.key)
    rows = rows.select_related("payment", "commitment", "beneficiary").order_by("-pk")
    kept = reading.kept(one.payment_id for one in rows if one.payment_id is not None)
    found = []
    for one in rows:
        words, tone = "待付款", "info"
        if one.revoked_at is not None:
            out = one.payment_id is not None and kept[one.payment_id]
            words, tone = ("已撤销，款未收回", "warn") if out else ("已撤销", "mute")
        elif one.payment is not None:
            words, tone = one.payment.get_state_display(), _AID_TONES.get(one.payment.state, "mute")
        elif one.commitment is not None and one.commitment.state == Commitment.State.WAITING:
            words, tone = "排队等预算", "warn"
        found.append(
            {
                "aid": one,
                "title": title_of(one.programme),
                "who": one.beneficiary.name if one.beneficiary else "职工本人",
                "state": words,
                "tone": tone,
                "may_revoke": one.revoked_at is None and (one.payment is None or one.payment.state == "due"),
            }
        )
    return found


def visits(file: HardshipFile, *, may_open: bool) -> list[dict[str, Any]]:
    """Latest first; the signed authorisation is a link for who may open the papers of the file."""
    rows = HardshipVisit.objects.everywhere(reason=WHY).filter(file=file).select_related("authorisation")
    return [
        {
            "visit": one,
            "findings": one.findings.reveal(),
            "late": one.due is not None and one.on > one.due,
            "files": [_authorisation(one, one.authorisation, may_open)] if one.authorisation else [],
        }
        for one in rows.order_by("-on", "-pk")
    ]


def _authorisation(visit: HardshipVisit, found: Attachment, may_open: bool) -> dict[str, Any]:
    url = reverse("desk_relief_authorisation", args=[visit.pk]) if may_open else ""
    return {"name": found.name, "url": url, "size": found.size}


def trail(file: HardshipFile) -> list[dict[str, Any]]:
    """What happened, latest first."""
    rows = ReliefEvent.objects.everywhere(reason=WHY).filter(file=file).order_by("-pk")
    return [
        {"who": one.actor_name, "at": one.at, "what": one.what, "opinion": one.note, "tone": one.tone}
        for one in rows
    ]
