"""A case of legal aid that came from another federation: decided as it was, body and lawyer chosen here."""

from __future__ import annotations

from django.utils import timezone

from unionhall.foundation.actors import Actor

from .. import clocks
from ..models import Case, LegalAid, LegalAidBody
from . import core

WHY = "an application that comes with a package; who may take it was asked"
ASKED, OBJECTED = "supplement", "objected"


def arrive(actor: Actor, case: Case, state: str) -> LegalAid:
    """Put the case where the decision stood. The clock of a decision that was taken there is none of ours.

    `state`: its code over there, "" where the package does not say; then the decision itself says it.
    """
    found = LegalAid.objects.everywhere(reason=WHY).get(case=case)
    today = timezone.localdate()
    bodies = LegalAidBody.objects.everywhere(reason=WHY).open_on(today)
    found.body = bodies.filter(organisation=case.organisation).order_by("pk").first()
    # How it ended is said by the lawyer who ends it here.
    found.result, found.recovered = LegalAid.Result.NONE, None
    found.save(update_fields=["body", "result", "recovered"])
    if found.outcome:
        clocks.end(case, ["decide"], timezone.now(), clocks.State.VOID)
    for code, words in _moves(found, state):
        core.move(actor, case, code, opinion=words, by_right=True, quietly=True)
    case.refresh_from_db()
    return found


def _moves(found: LegalAid, state: str) -> list[tuple[str, str]]:
    if found.outcome == LegalAid.Outcome.GRANTED:
        return [("grant", "移送前已决定给予援助，由本会重新指派律师")]
    if found.outcome == LegalAid.Outcome.REFUSED:
        objected = [("object", "移送前已提出异议")] if state in {OBJECTED, ""} else []
        return [("refuse", "移送前已决定不予援助"), *objected]
    if found.first and state not in {"applied", ASKED}:
        return [("first", "移送前已先行援助，由本会重新指派律师，决定随后补作")]
    if state == ASKED and found.lacking:
        return [("ask_more", "；".join(found.lacking))]
    return []
