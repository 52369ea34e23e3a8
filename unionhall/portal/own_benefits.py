"""What benefits keep about one person, for the copy of his own data (PIPL §45): every noun, his own facts in clear."""

import json
from datetime import date
from typing import Any

from unionhall.benefits.models import (
    CareerApplication,
    Certificate,
    CoverClaim,
    CoverEnrolment,
    MedicalClaim,
    MedicalCover,
    Need,
    Rating,
    SettlementLine,
    Told,
    Voucher,
)
from unionhall.foundation.wording import day, moment
from unionhall.kit.money import yuan
from unionhall.members.models import Person
from unionhall.rulebook.programmes import programme_of

WHY = "the person asks for a copy of their own data"
Rows = list[dict[str, str]]


def gather(person: Person) -> dict[str, Rows]:
    """Sections by Chinese title."""
    mine = {"person": person}
    return {
        "医疗互助结算": [
            {
                "结算号": row.number,
                "结算日期": day(row.settled_on),
                "个人自付金额": row.selfpay.reveal() if row.selfpay is not None else "",
                **_details(row.details),
                "结果": row.status,
                "原因": row.get_reason_display() if row.reason else "",
                "互助金": yuan(row.amount),
            }
            for row in _all(SettlementLine, mine)
        ],
        "医疗互助申请": [
            {
                "编号": row.review.number,
                "结算号": row.number,
                "结算日期": day(row.settled_on),
                "个人自付金额": row.selfpay.reveal(),
                **_details(row.details),
                "状态": row.review.get_state_display(),
            }
            for row in _all(MedicalClaim, mine, "review")
        ],
        "医疗互助参加记录": [
            {"份数": str(row.units), **_period(row.period), "费用": yuan(row.premium)}
            for row in _all(MedicalCover, mine)
        ],
        "保险保障": [
            {"项目": _title(row.programme), **_period(row.period)} for row in _all(CoverEnrolment, mine)
        ],
        "保险理赔": [
            {
                "编号": row.review.number if row.review else "",
                "项目": _title(row.programme),
                "出险日期": day(row.event_on),
                "状态": row.review.get_state_display() if row.review else "未提交",
                "填写内容": _plain(row),
            }
            for row in _all(CoverClaim, mine, "review")
        ],
        "服务券": [
            {
                "服务": row.service.title,
                "领取": moment(row.issued_at),
                "有效至": day(row.expires_on),
                "状态": row.get_state_display(),
                "使用": moment(row.redeemed_at),
            }
            for row in _all(Voucher, mine, "service")
        ],
        "服务评价": [
            {"服务": row.service.title, "评价": f"{row.grade} 分", "内容": row.words, "时间": moment(row.at)}
            for row in _all(Rating, {"voucher__person": person}, "service")
        ],
        "技能证书": [
            {
                "证书编号": row.number,
                "职业（工种）": row.occupation,
                "等级": row.get_level_display(),
                "发证机构": row.issuer,
                "发证日期": day(row.issued_on),
            }
            for row in _all(Certificate, mine)
        ],
        "助推补贴申请": [
            {
                "编号": row.review.number,
                "职业（工种）": row.occupation,
                "等级": row.get_level_display(),
                "阶段": row.get_stage_display(),
                "申请时间": moment(row.applied_at),
            }
            for row in _all(CareerApplication, mine, "review")
        ],
        "需求征集": [
            {"征集": row.answer.round.title, "需求": _choice(row), "日期": day(row.answer.on)}
            for row in _all(Need, {"answer__person": person}, "answer__round")
        ],
        "享受告知": [{"项目": _title(row.programme), "日期": day(row.on)} for row in _all(Told, mine)],
    }


def _all(model: Any, mine: dict[str, Any], *related: str) -> Any:
    rows = model.objects.everywhere(reason=WHY).filter(**mine).order_by("-pk")
    return rows.select_related(*related) if related else rows


def _title(programme: str) -> str:
    known = programme_of(programme)
    return known.title if known is not None else programme


def _details(sealed: Any) -> dict[str, str]:
    held = json.loads(sealed.reveal()) if sealed is not None else {}
    return {"病种": str(held.get("diagnosis", "")), "医疗机构": str(held.get("hospital", ""))}


def _plain(claim: CoverClaim) -> str:
    held = json.loads(claim.particulars.reveal()) if claim.particulars is not None else {}
    return "；".join(str(value) for value in held.values() if value)


def _choice(need: Need) -> str:
    choices = [one for group in need.answer.round.choices for one in group["choices"]]
    return next((str(one["title"]) for one in choices if one["code"] == need.code), need.code)


def _period(period: Any) -> dict[str, str]:
    ends: date | None = period.upper
    return {"起": day(period.lower), "止": day(ends) if ends else "至今"}
