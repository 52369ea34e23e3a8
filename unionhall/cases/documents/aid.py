"""法律援助申请表、给予和不予援助决定书、指派通知书: what they say."""

from __future__ import annotations

from typing import Any

from unionhall.kit.money import yuan

from ..models import AidAssignment, Case, LegalAid
from .contexts import BLANK, chinese_day
from .templates import Facts, Sign, Template, Text, declare

AID = frozenset({"legal_aid"})
_WHY = "what a document of the case says; who may make it was asked"
_DECIDED = frozenset({"granted", "offered", "working", "reported", "closed"})


def of_aid(case: Case) -> dict[str, Any]:
    """Form, means, limits, body, and the lawyer if there is one."""
    found = LegalAid.objects.everywhere(reason=_WHY).select_related("body", "decision").get(case=case)
    rows = AidAssignment.objects.everywhere(reason=_WHY).select_related("lawyer")
    last = rows.filter(aid=found).order_by("-pk").first()
    income = f"{yuan(found.monthly_income)} 元" if found.monthly_income is not None else "没有填写"
    return {
        "form": found.get_form_display(),
        "body": found.body.name if found.body else case.organisation.name,
        "migrant": "是" if found.is_migrant else "否",
        "group": found.get_group_display() if found.group else "无",
        "income": income,
        "vouched": "已作诚信承诺" if found.vouched else "没有",
        "expires": chinese_day(found.expires_on),
        "decided": chinese_day(found.decided_at.date() if found.decided_at else None),
        "reasons": "；".join(found.decision.reasons) if found.decision else BLANK,
        "lawyer": last.lawyer.name if last else BLANK,
        "firm": last.lawyer.firm if last else BLANK,
        "licence": last.lawyer.licence if last else BLANK,
    }


declare(
    Template(
        "aid_application", "法律援助申请表", AID, context=of_aid, shown=True,
        body=(
            Facts((("申请编号", "{{ number }}"), ("申请人", "{{ applicant }}"),
                   ("身份证号码", "（签字时由本人填写）" + BLANK), ("进城务工人员", "{{ migrant }}"),
                   ("免予核查的情形", "{{ group }}"), ("家庭人均月收入", "{{ income }}"), ("诚信承诺", "{{ vouched }}"),
                   ("用人单位", "{{ respondent }}"), ("申请事由", "{{ cause }}"), ("援助方式", "{{ form }}"),
                   ("涉及金额", "{{ amount }}"), ("时效或期限届满", "{{ expires }}"), ("受理机构", "{{ body }}"))),
            Text("本人承诺以上内容真实。以欺骗或者其他不正当手段获得法律援助的，依法承担责任。"),
            Text("申请日期：{{ opened }}", "left"),
            Sign(("申请人", "受理人")),
        ),
    ),
    Template(
        "aid_decision", "给予法律援助决定书", AID, context=of_aid, shown=True, states=_DECIDED,
        body=(
            Text("{{ applicant }}：", "left"),
            Text("您于{{ opened }}提出的法律援助申请（编号{{ number }}），经审查：{{ reasons }}。现决定给予法律援助。"),
            Facts((("事由", "{{ cause }}"), ("援助方式", "{{ form }}"), ("决定日期", "{{ decided }}"))),
            Text("我们将自决定之日起三日内指派律师。法律援助不收取任何费用。"),
            Text("{{ body }}", "right"), Text("{{ today }}", "right"),
        ),
    ),
    Template(
        "aid_refusal", "不予法律援助决定书", AID, context=of_aid, shown=True, states=frozenset({"refused"}),
        asks={"reason": "不予援助的理由"},
        body=(
            Text("{{ applicant }}：", "left"),
            Text("您于{{ opened }}提出的法律援助申请（编号{{ number }}），经审查决定不予法律援助。理由：{{ reason }}"),
            Text("不服本决定的，可以向上一级工会提出异议，五日内复核；也可以向当地司法行政部门的法律援助机构另行申请。"),
            Text("{{ body }}", "right"), Text("{{ today }}", "right"),
        ),
    ),
    Template(
        "aid_assignment", "法律援助指派通知书", AID, context=of_aid, shown=True,
        states=frozenset({"offered", "working", "reported"}),
        body=(
            Text("{{ firm }}：", "left"),
            Text("现指派你所{{ lawyer }}律师（执业证号{{ licence }}）为{{ applicant }}提供法律援助。"),
            Facts((("案件编号", "{{ number }}"), ("事由", "{{ cause }}"), ("另一方", "{{ respondent }}"),
                   ("援助方式", "{{ form }}"), ("时效或期限届满", "{{ expires }}"))),
            Text("请在时限内接受，及时办理，不得向受援人收取任何财物；办结后提交办理情况报告和文书副本。"),
            Text("{{ body }}", "right"), Text("{{ today }}", "right"),
        ),
    ),
)  # fmt: skip
