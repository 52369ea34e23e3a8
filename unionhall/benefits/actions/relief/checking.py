"""民政核对: a file with those to be checked goes out, a file with the answers comes back and is taken row by row.

Every person stands in the file under a key of this one exchange: an answer is matched by it and by the name.
"""

import csv
import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from io import BytesIO, StringIO, TextIOWrapper
from typing import Any, BinaryIO

from django.db import transaction
from django.utils import timezone

from unionhall.foundation.actors import Actor
from unionhall.foundation.errors import Refused
from unionhall.kit.money import MoneyError, parse_yuan
from unionhall.kit.text import safe_cell
from unionhall.members import households
from unionhall.members.documents import label_of
from unionhall.organisations.models import Organisation
from unionhall.records import attachments
from unionhall.records.actions import digest_of, journal

from ...models import Assessment, CivilCheck, CivilCheckRow, CivilStatus, HardshipFile, HardshipVisit
from ...rules import relief as rules
from .applying import Figures, assess, carry_over
from .holding import WHY, Stage, hold, keep_out, lock, note, scheme_of, words

OUT_HEADINGS = ("核对编号", "姓名", "证件类型", "证件号码", "与申请人关系")
CHECK_HEADINGS = ("核对编号", "姓名", "核对结果", "救助身份", "核定年收入", "说明")
_ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
_LARGEST = 5 * 1024 * 1024
_RESULTS = {"一致": "match", "不一致": "mismatch", "查无此人": "unknown"}
_STATUSES = {
    "": CivilStatus.NONE,
    "无": CivilStatus.NONE,
    "低保": CivilStatus.MINIMUM,
    "低保边缘": CivilStatus.MARGINAL,
    "刚性支出困难": CivilStatus.RIGID,
}
#: The strongest of a household's counts.
_ORDER = ("minimum", "marginal", "rigid", "")


def _key() -> str:
    return "H" + "".join(secrets.choice(_ALPHABET) for _ in range(11))


@transaction.atomic
def make_check(actor: Actor, *, organisation: Organisation, files: Sequence[HardshipFile]) -> CivilCheck:
    """Write the list of everybody in these files' households, for civil affairs. Only with a signed authorisation."""
    actor.require("benefits.relief_check", *organisation.paths)
    if not files:
        raise Refused("请选择要核对的档案。")
    now = timezone.now()
    check = CivilCheck.objects.create(
        number=f"HD{timezone.localdate(now):%Y%m%d}{secrets.randbelow(10**6):06d}",
        organisation=organisation,
        made_by=actor.name[:80],
        made_at=now,
    )
    rows: list[CivilCheckRow] = []
    out = StringIO()
    writer = csv.writer(out)
    writer.writerow(OUT_HEADINGS)
    for file in sorted(files, key=lambda one: one.pk):
        fresh = hold(actor, file, "benefits.relief_check")
        _may_be_checked(fresh)
        for member in households.members_of(fresh.household):
            row = CivilCheckRow(check_of=check, key=_key(), file=fresh, member=member)
            rows.append(row)
            # A tab before it: a spreadsheet must not take 18 digits for a number.
            number = "\t" + member.id_number.reveal()
            writer.writerow(
                [
                    row.key,
                    safe_cell(member.name),
                    label_of(member.id_type),
                    number,
                    member.get_relation_display(),
                ]
            )
        if fresh.is_under_way:
            fresh.stage = Stage.CHECKING
            fresh.save(update_fields=["stage"])
        note(actor, fresh, "check_made", "送民政核对", text=check.number, tone="info")
    CivilCheckRow.objects.bulk_create(rows)
    content = ("\ufeff" + out.getvalue()).encode()
    check.file = attachments.store(
        actor, BytesIO(content), name=f"民政核对名单{check.number}.csv", content_type="text/csv",
        purpose="benefits.civil_check", paths=organisation.paths, size=len(content),
    )  # fmt: skip
    check.save(update_fields=["file"])
    journal(
        actor,
        "benefits.relief_check_made",
        subject=check,
        label=check.number,
        paths=organisation.paths,
        digest=digest_of([(row.key, row.member_id) for row in rows]),
        detail={"files": len(files), "people": len(rows)},
    )
    return check


def _may_be_checked(file: HardshipFile) -> None:
    who = file.person.masked_name
    visits = HardshipVisit.objects.everywhere(reason=WHY).filter(file=file)
    if not visits.filter(authorisation__isnull=False).exists():
        raise Refused(f"{who}：还没有签字的核查授权书，不能送民政核对。")
    if file.stage not in {Stage.VISITED, Stage.CHECKED, Stage.CHECKING} and not file.is_in_force:
        raise Refused(f"{who}：{file.get_stage_display()}，现在不用核对。")


@dataclass
class Taken:
    """What an answer file did: rows taken, rows known already, rows refused with line and reason."""

    taken: int = 0
    known: int = 0
    faults: list[tuple[int, str]] = field(default_factory=list)


@dataclass(frozen=True)
class _Answer:
    line: int
    key: str
    name: str
    result: str
    status: str
    income: Decimal | None
    remark: str


@transaction.atomic
def take_check(actor: Actor, *, check: CivilCheck, source: BinaryIO) -> Taken:
    """Take an answer file. Sound rows are kept, the others told by line; the same file again changes nothing."""
    rows = CivilCheck.objects.everywhere(reason=WHY).select_for_update(of=("self",))
    fresh = rows.select_related("organisation").get(pk=check.pk)
    actor.require("benefits.relief_check", *fresh.organisation.paths)
    asked = {
        row.key: row
        for row in CivilCheckRow.objects.everywhere(reason=WHY)
        .filter(check_of=fresh)
        .select_related("member", "file")
    }
    done = Taken()
    touched: set[int] = set()
    seen: set[str] = set()
    now = timezone.now()
    for answer in _read(source, done):
        row = asked.get(answer.key)
        why = _wrong(answer, row, seen)
        if why or row is None:
            done.faults.append((answer.line, why))
            continue
        seen.add(answer.key)
        keep_out(actor, row.file.person_id)
        given = (answer.result, answer.status)
        if row.answered_at is not None and (row.result, row.civil_status) == given:
            done.known += 1
            continue
        row.result, row.civil_status = given
        row.income = None if answer.income is None else str(answer.income)
        row.remark = answer.remark[:500] or None
        row.answered_at = now
        row.save(update_fields=["result", "civil_status", "income", "remark", "answered_at"])
        touched.add(row.file_id)
        done.taken += 1
    fresh.answered_at, fresh.faults = now, [list(one) for one in done.faults[:500]]
    fresh.save(update_fields=["answered_at", "faults"])
    for pk in sorted(touched):
        settle_checked(actor, HardshipFile(pk=pk), fresh)
    journal(
        actor,
        "benefits.relief_check_taken",
        subject=fresh,
        label=fresh.number,
        paths=fresh.organisation.paths,
        detail={"taken": done.taken, "known": done.known, "refused": len(done.faults)},
    )
    return done


def _wrong(answer: _Answer, row: CivilCheckRow | None, seen: set[str]) -> str:
    if row is None:
        return f"核对编号“{answer.key[:20]}”不在这个批次里"
    if answer.key in seen:
        return "核对编号与前面的行重复"
    if row.member.name != answer.name:
        return "姓名与送核名单不一致"
    if row.answered_at is not None and row.result and row.result != answer.result:
        return f"这个人已导入过结果（{row.get_result_display()}），与这次不同；请核实后重新送核"
    return ""


def _read(source: BinaryIO, done: Taken) -> Iterator[_Answer]:
    source.seek(0, 2)
    if source.tell() > _LARGEST:
        raise Refused("文件超过 5 MB，请分批导入。", field="file")
    source.seek(0)
    try:
        reader = csv.reader(TextIOWrapper(source, encoding="utf-8-sig", newline=""), strict=True)
        head = [cell.strip() for cell in next(reader, [])]
        if missing := [name for name in CHECK_HEADINGS if name not in head]:
            raise Refused(f"文件缺少列：{'、'.join(missing)}。请使用结果模板。", field="file")
        place = {name: head.index(name) for name in CHECK_HEADINGS}
        for cells in reader:
            if any(cell.strip() for cell in cells):
                answer = _answer(reader.line_num, cells, place, done)
                if answer is not None:
                    yield answer
    except (UnicodeDecodeError, csv.Error):
        raise Refused("文件读不出来，请另存为 UTF-8 编码的 CSV 后再导入。", field="file") from None


def _answer(line: int, cells: list[str], place: dict[str, int], done: Taken) -> _Answer | None:
    got: dict[str, Any] = {name: cells[at].strip() if at < len(cells) else "" for name, at in place.items()}
    result, status = _RESULTS.get(got["核对结果"]), _STATUSES.get(got["救助身份"])
    if result is None:
        done.faults.append((line, f"核对结果应为 {'、'.join(_RESULTS)}，现为“{got['核对结果'][:20]}”"))
        return None
    if status is None:
        known = "、".join(name for name in _STATUSES if name)
        done.faults.append((line, f"救助身份应为 {known}，现为“{got['救助身份'][:20]}”"))
        return None
    income = None
    if got["核定年收入"]:
        try:
            income = parse_yuan(got["核定年收入"])
        except MoneyError as wrong:
            done.faults.append((line, f"核定年收入：{wrong}"))
            return None
        if income < 0:
            done.faults.append((line, "核定年收入不能是负数"))
            return None
    return _Answer(line, got["核对编号"], got["姓名"], result, status, income, got["说明"])


def settle_checked(actor: Actor, file: HardshipFile, check: CivilCheck) -> None:
    """Once everybody of a household has an answer in the batch, the file knows its result and its civil status."""
    fresh = lock(file)
    rows = list(CivilCheckRow.objects.everywhere(reason=WHY).filter(check_of=check, file=fresh))
    if any(row.answered_at is None for row in rows):
        return
    version = scheme_of(fresh)
    stated = {one.member: one.income for one in carry_over(fresh).people}
    parameters = version.parameters
    differs = [
        row
        for row in rows
        if row.result != CivilCheckRow.Result.MATCH
        or (
            row.income is not None
            and rules.income_differs(
                parameters,
                stated=stated.get(row.member_id, Decimal(0)),
                checked=Decimal(row.income.reveal()),
            )
        )
    ]
    status = min((row.civil_status for row in rows), key=_ORDER.index)
    changed = status != fresh.civil_status
    fresh.civil_status, fresh.civil_status_on = status, timezone.localdate()
    fresh.check_result = HardshipFile.CheckResult.MISMATCH if differs else HardshipFile.CheckResult.CLEAR
    fresh.check_opinion = ""
    if fresh.stage == Stage.CHECKING:
        fresh.stage = Stage.CHECKED
    fresh.save(update_fields=["civil_status", "civil_status_on", "check_result", "check_opinion", "stage"])
    text = f"{fresh.get_check_result_display()}" + (f"；{CivilStatus(status).label}" if status else "")
    note(actor, fresh, "check_taken", "民政核对结果", text=text, tone="warn" if differs else "ok")
    if changed:
        assess(actor, fresh, version, carry_over(fresh), Assessment.Occasion.CHECK, timezone.localdate())


@transaction.atomic
def explain_mismatch(
    actor: Actor, *, file: HardshipFile, opinion: str, take_incomes: bool = False
) -> HardshipFile:
    """Say why check and statement differ. With `take_incomes` the checked incomes replace those that were stated."""
    fresh = hold(actor, file, "benefits.relief_handle")
    if fresh.check_result != HardshipFile.CheckResult.MISMATCH:
        raise Refused("这个档案没有需要说明的核对结果。")
    opinion = words(opinion, "opinion", "请写明核实的情况。")
    fresh.check_result, fresh.check_opinion = HardshipFile.CheckResult.EXPLAINED, opinion
    fresh.save(update_fields=["check_result", "check_opinion"])
    note(actor, fresh, "check_explained", "核对不一致的说明", text=opinion, tone="info")
    if take_incomes:
        figures = _with_incomes(fresh, carry_over(fresh))
        assess(actor, fresh, scheme_of(fresh), figures, Assessment.Occasion.CHECK, timezone.localdate())
    return fresh


def _with_incomes(file: HardshipFile, figures: Figures) -> Figures:
    rows = CivilCheckRow.objects.everywhere(reason=WHY).filter(file=file, answered_at__isnull=False)
    checked = {
        row.member_id: Decimal(row.income.reveal()) for row in rows.order_by("pk") if row.income is not None
    }
    people = tuple(replace(one, income=checked.get(one.member, one.income)) for one in figures.people)
    return replace(figures, people=people)
