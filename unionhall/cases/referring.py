"""What of a case a partner may be shown, fact by fact; and what it sees in its folder: that, and nothing else."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.utils import timezone

from unionhall import rulebook
from unionhall.kit.money import yuan

from . import kinds
from .models import Case, Dispute, PartnerBody, Referral, ReferralItem
from .schemes.partners import Act, PartnerKind, PartnersScheme

_WHY = "what was referred, for whoever was let to the referral"
#: Codes of facts that may be referred, and what they are called. Numbers of persons travel only with `phones`.
FACTS = {
    "cause": "事由",
    "employer": "用人单位",
    "names": "当事人姓名",
    "phones": "联系电话",
    "headcount": "涉及人数",
    "amount": "涉及金额",
    "occurred": "发生日期",
    "division": "发生地",
    "claim": "请求事项",
    "limitation": "仲裁时效截止",
}
#: What is ticked to begin with: what anybody needs who shall act. Phones are never.
USUAL = ("cause", "employer", "names", "headcount", "amount", "occurred", "claim")


def scheme_for(division: str, on: date) -> rulebook.Version[PartnersScheme]:
    """The kinds of partners of a place. Raises Refused (NoScheme) where there is none."""
    return rulebook.scheme(PartnersScheme, on=on, division=division)


def kind_of(body: PartnerBody) -> PartnerKind | None:
    """The body's kind in the version in force today."""
    return scheme_for(body.division, timezone.localdate()).parameters.kind(body.kind)


def act_of(body: PartnerBody, code: str) -> Act | None:
    found = kind_of(body)
    return found.act(code) if found is not None else None


def facts_of(case: Case) -> dict[str, str]:
    """Every fact there is, by code; what is empty is left out."""
    kind = kinds.kind(case.kind)
    parties = list(case.parties.order_by("pk"))
    people = [one for one in parties if one.employer_id is None and one.side != "respondent"]
    dispute = Dispute.objects.everywhere(reason=_WHY).filter(case=case).first()
    respondents = [one.name for one in parties if one.side == "respondent"]
    found = {
        "cause": kind.causes.get(case.cause, case.cause),
        "employer": "、".join(respondents) or (case.employer.name if case.employer else ""),
        "names": "" if case.is_anonymous else "、".join(one.name for one in people),
        "phones": "" if case.is_anonymous else "、".join(one.phone.reveal() for one in people if one.phone),
        "headcount": f"{case.headcount} 人",
        "amount": f"{yuan(case.amount)} 元" if case.amount is not None else "",
        "occurred": f"{case.occurred_on}" if case.occurred_on else "",
        "division": case.division,
        "claim": dispute.claim if dispute else "",
        "limitation": f"{dispute.limitation_on}" if dispute and dispute.limitation_on else "",
    }
    return {code: words for code, words in found.items() if words}


def folder(referral: Referral) -> dict[str, Any]:
    """The partner's folder: the chosen facts, texts and files. Three statements beside the case's own."""
    case = referral.case
    known = facts_of(case)
    items = ReferralItem.objects.everywhere(reason=_WHY).filter(referral=referral).order_by("pk")
    rows = list(items.select_related("text", "file__attachment"))
    return {
        "facts": [(FACTS[code], known[code]) for code in referral.facts if code in known],
        "texts": [one.text for one in rows if one.text is not None],
        "files": [one for one in rows if one.file is not None],
    }
