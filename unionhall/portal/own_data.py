"""Everything the platform keeps about one person, in a form that can be carried elsewhere (PIPL §45)."""

from io import BytesIO
from typing import Any

from django.utils import timezone
from xlsxwriter import Workbook

from unionhall.access.models import Account
from unionhall.benefits.actions.relief import aiding
from unionhall.benefits.models import HardshipFile, Health
from unionhall.foundation.wording import day, moment
from unionhall.kit.money import yuan
from unionhall.kit.text import safe_cell
from unionhall.ledger.models import Payee, Payment
from unionhall.ledger.purposes import title_of
from unionhall.members import consents, documents
from unionhall.members.models import Amendment, Card, Consent, Employment, Membership, Person, Post
from unionhall.organising.models import Admission, MembershipTransfer, StandingChange
from unionhall.records.models import Message
from unionhall.reviews.models import Review

from . import own_benefits, own_network, own_window

WHY = "the person asks for a copy of their own data"
Rows = list[dict[str, str]]

_AMENDED = {
    field.name: str(getattr(field, "verbose_name", field.name)) for field in Person._meta.get_fields()
}


def gather(account: Account, person: Person | None) -> dict[str, Rows]:
    """Sections by Chinese title, each a list of rows of Chinese label → text. ID number and phone are in clear."""
    found: dict[str, Rows] = {"账号": [_account(account)]}
    if person is not None:
        found |= _of_person(person) | own_benefits.gather(person) | _money(person) | own_window.gather(person)
    found |= own_network.gather(account, person)
    found["办件"] = [
        {
            "编号": row.number,
            "事项": row.title,
            "办理组织": row.organisation.name,
            "提交时间": moment(row.submitted_at),
            "状态": row.get_state_display(),
            "办结时间": moment(row.decided_at),
        }
        for row in _reviews(account)
    ]
    messages = Message.objects.everywhere(reason=WHY).filter(recipient_id=account.pk).order_by("-pk")
    found["消息"] = [
        {
            "时间": moment(row.created_at),
            "标题": row.title,
            "内容": row.body,
            "阅读时间": moment(row.read_at),
        }
        for row in messages
    ]
    return found


def _money(person: Person) -> dict[str, Rows]:
    """What was paid, and where to; his own account numbers in clear."""
    payments = (
        Payment.objects.everywhere(reason=WHY)
        .filter(person=person)
        .select_related("payee", "budget__organisation")
    )
    payees = Payee.objects.everywhere(reason=WHY).filter(person=person).order_by("-pk")
    return {
        "待遇发放": [
            {
                "编号": row.number,
                "用途": title_of(row.purpose),
                "金额": yuan(row.amount),
                "状态": row.get_state_display(),
                "发放单位": row.budget.organisation.name,
                "收款账户": row.payee.masked if row.payee else "",
                "列入应付": moment(row.due_at),
                "银行答复": moment(row.settled_at),
            }
            for row in payments.order_by("-pk")
        ],
        "收款账户": [
            {
                "开户银行": row.bank,
                "户名": row.holder,
                "账号": row.number.reveal(),
                "与本人的关系": row.relation or "本人",
                "登记时间": moment(row.since),
                "停用时间": moment(row.until),
            }
            for row in payees
        ],
    }


def _account(account: Account) -> dict[str, str]:
    return {
        "登录手机号": account.phone.reveal() if account.phone else "",
        "账号": account.username,
        "显示名": account.display_name,
        "开通时间": moment(account.created_at),
        "最近登录": moment(account.last_login),
    }


def _reviews(account: Account) -> Any:
    from unionhall.access.grants import WorkerAccess

    mine = Review.objects.owned_by(WorkerAccess(account))
    return mine.select_related("organisation").order_by("-pk")


def _of_person(person: Person) -> dict[str, Rows]:
    mine = {"person": person}
    memberships = Membership.objects.everywhere(reason=WHY).filter(**mine).select_related("organisation")
    employments = Employment.objects.everywhere(reason=WHY).filter(**mine).select_related("employer")
    posts = Post.objects.everywhere(reason=WHY).filter(**mine).select_related("organisation")
    cards = Card.objects.everywhere(reason=WHY).filter(**mine)
    given = Consent.objects.everywhere(reason=WHY).filter(**mine)
    amended = Amendment.objects.everywhere(reason=WHY).filter(**mine).order_by("-pk")
    return {
        "本人资料": [_particulars(person)],
        "会籍": [
            {
                "工会": row.organisation.name,
                "状态": row.get_standing_display(),
                **_period(row.period),
                "入会日期": day(row.joined_on),
                "进入方式": row.get_entry_display(),
                "离开方式": row.get_exit_display() if row.exit else "",
                "离开原因": row.exit_reason,
            }
            for row in memberships.order_by("-period")
        ],
        "就业": [
            {
                "工作单位": row.employer.name if row.employer else row.work_unit,
                "工种岗位": row.occupation,
                "就业状况": row.get_status_display(),
                "用工形式": row.get_form_display(),
                **_period(row.period),
            }
            for row in employments.order_by("-period")
        ],
        "工会任职": [
            {"工会": row.organisation.name, "职务": row.get_title_display(), **_period(row.period)}
            for row in posts.order_by("-period")
        ],
        "会员卡": [
            {"卡号": row.number, "状态": row.get_status_display(), "发卡日期": day(row.issued_on)}
            for row in cards.order_by("-pk")
        ],
        "授权": [
            {
                "用途": purpose.title if (purpose := consents.purpose_of(row.purpose)) else row.purpose,
                "文本版本": row.version,
                "同意时间": moment(row.given_at),
                "撤回时间": moment(row.withdrawn_at),
            }
            for row in given.order_by("-pk")
        ],
        "资料变更": [
            {
                "项目": _AMENDED.get(row.field, row.field),
                "原值": row.before.reveal() if row.before else "",
                "新值": row.after.reveal() if row.after else "",
                "原因": row.reason,
                "修改人": row.changed_by,
                "时间": moment(row.at),
            }
            for row in amended
        ],
        "会籍申请": _matters(person),
        "困难帮扶": _relief(person),
    }


def _relief(person: Person) -> Rows:
    """Files of hardship relief with what the person stated of himself, and the aids of each."""
    files = HardshipFile.objects.everywhere(reason=WHY).filter(person=person).select_related("review")
    return [
        {
            "编号": file.review.number,
            "阶段": file.get_stage_display(),
            "困难类别": file.get_category_display(),
            "主要原因": file.get_main_cause_display(),
            "住房": file.get_housing_display(),
            "健康情况": str(Health(file.health.reveal()).label),
            "情况说明": file.statement.reveal() if file.statement else "",
            "建档日期": day(file.filed_on),
            "帮扶金": "；".join(
                f"{aiding.title_of(aid.programme)} {aid.amount} 元"
                for aid in file.aids.everywhere(reason=WHY)
            ),
        }
        for file in files.order_by("-pk")
    ]


def _matters(person: Person) -> Rows:
    rows: Rows = []
    for model in (Admission, MembershipTransfer, StandingChange):
        found = (
            model.objects.everywhere(reason=WHY)
            .filter(person=person)
            .select_related("review", "organisation")
        )
        rows += [
            {
                "事项": str(model._meta.verbose_name),
                "编号": row.review.number,
                "工会": row.organisation.name,
                "工作单位": getattr(row, "work_unit", ""),
                "原因": getattr(row, "reason", ""),
            }
            for row in found.order_by("-pk")
        ]
    return rows


def _particulars(person: Person) -> dict[str, str]:
    return {
        "姓名": person.name,
        "证件类型": documents.label_of(person.id_type),
        "证件号码": person.id_number.reveal(),
        "手机号": person.phone.reveal() if person.phone else "",
        "会员号": person.member_number or "",
        "性别": person.get_sex_display(),
        "出生日期": day(person.birth),
        "民族": person.get_ethnicity_display(),
        "学历": person.get_education_display(),
        "政治面貌": person.get_political_display(),
        "技能等级": person.get_skill_display(),
        "籍贯": person.native_place,
        "户口类型": person.get_household_type_display(),
        "户口所在地": person.household_place,
        "农民工": "是" if person.migrant_worker else "否",
        "登记时间": moment(person.created_at),
        "更新时间": moment(person.updated_at),
    }


def _period(period: Any) -> dict[str, str]:
    return {"起": day(period.lower), "止": day(period.upper) if period.upper else "至今"}


def as_document(sections: dict[str, Rows]) -> dict[str, Any]:
    """For JSON: the sections, with when they were taken."""
    return {"导出时间": timezone.localtime().isoformat(timespec="seconds"), **sections}


def as_workbook(sections: dict[str, Rows]) -> bytes:
    """One sheet per section; every cell is text, so that no digit is lost and no formula runs."""
    content = BytesIO()
    with Workbook(
        content, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    ) as book:
        text, head = book.add_format({"num_format": "@"}), book.add_format({"bold": True})
        for title, rows in sections.items():
            sheet = book.add_worksheet(title)
            labels = list(rows[0]) if rows else ["（没有记录）"]
            sheet.set_column(0, len(labels) - 1, 22, text)
            for column, label in enumerate(labels):
                sheet.write_string(0, column, safe_cell(label), head)
            for line, row in enumerate(rows, start=1):
                for column, label in enumerate(labels):
                    sheet.write_string(line, column, safe_cell(row[label]), text)
    return content.getvalue()
