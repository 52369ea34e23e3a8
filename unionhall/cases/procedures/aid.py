"""法律援助 as a kind of case, and the purpose under which lawyers are paid."""

from __future__ import annotations

from unionhall.foundation.actors import Actor
from unionhall.kit.money import yuan
from unionhall.ledger import purposes

from ..actions import lawyering
from ..documents import aid as documents
from ..kinds import Kind, register
from ..models import Case, LegalAid
from ..schemes.aid import CAUSES, AidScheme

__all__ = ["LEGAL_AID", "documents"]
_WHY = "parts of a case that the reader sees"


def facts(case: Case) -> list[tuple[str, str]]:
    """Form, body, means and the limit that runs out, beside what every case shows."""
    found = LegalAid.objects.everywhere(reason=_WHY).select_related("body").filter(case=case).first()
    if found is None:
        return []
    rows = [("援助方式", found.get_form_display()), ("进城务工人员", "是" if found.is_migrant else "否")]
    if found.body is not None:
        rows.append(("受理机构", found.body.name))
    if found.group:
        rows.append(("免查情形", found.get_group_display()))
    if found.monthly_income is not None:
        rows.append(("家庭人均月收入", f"{yuan(found.monthly_income)} 元"))
    if found.expires_on is not None:
        rows.append(("时效或期限届满", f"{found.expires_on}"))
    if found.first:
        rows.append(("先行援助", "是，决定随后补作" if not found.outcome else "是"))
    if found.recovered is not None:
        rows.append(("为职工挽回", f"{yuan(found.recovered)} 元"))
    return rows


def follow(actor: Actor, case: Case, code: str) -> None:
    lawyering.end_with_case(actor, case, code)


LEGAL_AID = Kind(
    code="legal_aid",
    title="法律援助",
    prefix="FY",
    scheme=AidScheme,
    view="cases.aid",
    handle="cases.aid_handle",
    facts=facts,
    follows=(follow,),
    causes=CAUSES,
    template="cases/aid/on_case.html",
    rated=False,  # rated with the application itself (`LegalAid.rating`)
)
register(LEGAL_AID)
purposes.register(purposes.Purpose(lawyering.PURPOSE, "法律援助办案补贴"))
