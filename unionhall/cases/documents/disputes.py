"""受理通知书、补正告知书、调解协议书、司法确认申请书、移送函、督办单: what they say."""

from __future__ import annotations

from typing import Any

from ..models import Agreement, Case, Dispute, Mediation
from .contexts import BLANK, chinese_day, money_words
from .templates import Each, Facts, Sign, Template, Text, declare

DISPUTE = frozenset({"dispute"})
#: Forms every kind of case may need: a notice that it is taken up, what is missing, a letter, a supervision note.
EVERY: frozenset[str] = frozenset()
_WHY = "what a document of the case says; who may make it was asked"


def of_dispute(case: Case) -> dict[str, Any]:
    """Claim and limitation of a dispute."""
    found = Dispute.objects.everywhere(reason=_WHY).filter(case=case).first()
    return {
        "claim": found.claim if found else BLANK,
        "limitation": chinese_day(found.limitation_on) if found and found.limitation_on else "尚未起算",
    }


def of_agreement(case: Case) -> dict[str, Any]:
    """The terms that stand, the sums with their days, who mediated."""
    rows = Agreement.objects.everywhere(reason=_WHY).exclude(state=Agreement.State.VOID)
    found = rows.filter(case=case).first()
    last = Mediation.objects.everywhere(reason=_WHY).filter(case=case).select_related("body", "mediator")
    mediation = last.order_by("-pk").first()
    parts = list(found.instalments.order_by("number")) if found else []
    return of_dispute(case) | {
        "body": mediation.body.name if mediation else BLANK,
        "mediator": mediation.mediator.name if mediation else BLANK,
        "terms": found.terms.splitlines() if found else [BLANK],
        "agreed_amount": money_words(found.amount) if found else BLANK,
        "effective": chinese_day(found.effective_on if found else None),
        "instalments": [
            f"第{one.number}期：{chinese_day(one.due_on)}前支付{money_words(one.amount)}。" for one in parts
        ],
    }


declare(
    Template(
        "acceptance", "受理通知书", EVERY, shown=True,
        body=(
            Text("{{ applicant }}：", "left"),
            Text("您于{{ opened }}提出的“{{ title }}”，经审查符合受理条件，我会决定受理。"),
            Facts((("案件编号", "{{ number }}"), ("类别", "{{ kind }}"), ("另一方", "{{ respondent }}"),
                   ("事由", "{{ cause }}"), ("承办人", "{{ handler }}"))),
            Text("办理期间请保持电话畅通，可凭编号查询进度。调解不收取任何费用。"),
            Text("{{ union }}", "right"), Text("{{ today }}", "right"),
        ),
    ),
    Template(
        "completion", "补正告知书", EVERY, asks={"missing": "需要补正的材料或内容"}, shown=True,
        body=(
            Text("{{ applicant }}：", "left"),
            Text("您于{{ opened }}提出的“{{ title }}”（编号{{ number }}），还需要补正下列材料或内容："),
            Text("{{ missing }}"),
            Text("请补齐后交到承办工会或在手机上提交。补正期间受理时限暂停，补齐后继续计算。"),
            Text("{{ union }}", "right"), Text("{{ today }}", "right"),
        ),
    ),
    Template(
        "mediation_agreement", "调解协议书", DISPUTE, context=of_agreement, shown=True,
        states=frozenset({"mediating", "timeout", "agreed", "confirmed", "reviewed", "payment_order", "performed"}),
        body=(
            Facts((("申请人（劳动者）", "{{ applicant }}"), ("身份证号码", "（签字时由本人填写）" + BLANK),
                   ("代表人或代理人", "{{ representative or '无' }}"), ("被申请人（用人单位）", "{{ respondent }}"),
                   ("争议类型", "{{ cause }}"), ("请求事项", "{{ claim }}"))),
            Text("双方因上述争议申请调解。经{{ body }}调解员{{ mediator }}主持调解，双方自愿达成如下协议："),
            Each("terms", "{{ one }}"),
            Text("协议金额：{{ agreed_amount }}。"),
            Each("instalments", "{{ one }}"),
            Text("本协议自双方签名或者盖章，并经调解员签名、加盖调解组织印章后生效，对双方有约束力。"),
            Text("双方可以自协议生效之日起三十日内，共同向人民法院申请司法确认。"),
            Sign(("劳动者", "用人单位", "调解员")),
            Text("{{ body }}（印章）", "right"), Text("{{ effective }}", "right"),
        ),
    ),
    Template(
        "confirmation_application", "司法确认申请书", DISPUTE, context=of_agreement,
        states=frozenset({"agreed"}), asks={"court": "向哪个人民法院申请"}, shown=True,
        body=(
            Facts((("申请人（劳动者）", "{{ applicant }}"), ("申请人（用人单位）", "{{ respondent }}"),
                   ("调解组织", "{{ body }}"), ("协议生效日期", "{{ effective }}"))),
            Text("请求事项：请求依法确认双方于{{ effective }}达成的调解协议（编号{{ number }}）有效。"),
            Text("双方因{{ cause }}发生争议，经{{ body }}调解，自愿达成协议，约定金额{{ agreed_amount }}。"),
            Each("terms", "{{ one }}"),
            Text("双方承诺：协议出于自愿，没有恶意串通、规避法律，内容不损害国家利益、社会公共利益和他人合法权益。"),
            Text("此致", "left"), Text("{{ court }}", "left"),
            Sign(("劳动者", "用人单位")),
        ),
    ),
    Template(
        "referral_letter", "移送函", EVERY,
        asks={"to": "移送到哪个单位", "asked": "请对方办理的事项"},
        body=(
            Text("{{ to }}：", "left"),
            Text("我会办理的“{{ title }}”（编号{{ number }}），涉及{{ headcount }}人，现商请贵单位办理：{{ asked }}"),
            Facts((("另一方", "{{ respondent }}"), ("事由", "{{ cause }}"), ("涉及金额", "{{ amount }}"),
                   ("登记日期", "{{ opened }}"))),
            Text("请在规定期限内接收并将办理结果函告我会。不属于贵单位职责的，请写明理由退回。"),
            Text("{{ union }}", "right"), Text("{{ today }}", "right"),
        ),
    ),
    Template(
        "supervision_note", "督办单", EVERY,
        asks={"to": "督办哪个单位", "demand": "督办要求", "due": "完成期限"},
        body=(
            Text("{{ to }}：", "left"),
            Text("“{{ title }}”（编号{{ number }}，{{ opened }}登记）应当抓紧办理，现予督办。"),
            Text("督办要求：{{ demand }}"),
            Text("请在{{ due }}前办结，并书面回复办理情况；确有困难的，说明原因和下一步安排。"),
            Text("{{ union }}", "right"), Text("{{ today }}", "right"),
            Sign(("签发人", "承办单位签收")),
        ),
    ),
)  # fmt: skip
