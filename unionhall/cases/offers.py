"""Links that nouns of cases put on the pages all kinds share."""

from django.http import HttpRequest
from django.urls import reverse

from unionhall.foundation.offers import Offer, offer

from . import kinds
from .actions import aid
from .models import Agreement, Case
from .packages import partners
from .views.aid_worker import my_acts


# Legal aid: out of an open dispute whose worker is known; and what the applicant may do.
@offer("case.detail")
def into_aid(request: HttpRequest, case: Case) -> list[Offer]:
    actor = request.actor  # type: ignore[attr-defined]
    if case.kind == aid.KIND:
        known = actor.may("cases.aid", *case.organisation.paths) and hasattr(case, "legal_aid")
        url = reverse("desk_aid_case", args=[case.number])
        return [Offer("审查、指派和办案", url, "scale", True)] if known else []
    if case.kind != "dispute" or case.person_id is None or not case.is_open:
        return []
    handles = actor.may(kinds.kind(case.kind).handle, *case.organisation.paths)
    if not handles or not actor.may(aid.OPEN, *case.organisation.paths):
        return []
    return [Offer("转为法律援助", reverse("desk_aid_from", args=[case.number]), "scale")]


@offer("case.mine")
def my_aid(request: HttpRequest, case: Case) -> list[Offer]:
    if case.kind != aid.KIND or not hasattr(case, "legal_aid"):
        return []
    mine = Offer("我的律师", reverse("m_aid", args=[case.number]), "user")
    return [Offer(act["label"], act["url"], "edit", True) for act in my_acts(case)] + [mine]


# Disputes: the agreement first, while it waits for the worker.
@offer("case.mine")
def own_dispute(request: HttpRequest, case: Case) -> list[Offer]:
    if case.kind != "dispute":
        return []
    rows = Agreement.objects.everywhere(reason="the reader's own case").filter(case=case, state="draft")
    if rows.exclude(signatures__side="worker").exists():
        return [Offer("看协议并确认", reverse("m_dispute_sign", args=[case.number]), "ballpen", primary=True)]
    return [Offer("时效、调解员和协议", reverse("m_dispute", args=[case.number]), "scale")]


# Supervision, the room, the task's page, another federation.
@offer("case.detail")
def beside_a_case(request: HttpRequest, case: Case) -> list[Offer]:
    actor, paths = request.actor, case.organisation.paths  # type: ignore[attr-defined]
    if not case.is_open:
        return []
    found = []
    if actor.may("cases.supervise", *paths):
        found.append(Offer("督办", reverse("desk_supervision_new", args=[case.number]), "eye"))
    if partners() and actor.may("cases.transfer", *paths) and actor.may(kinds.kind(case.kind).handle, *paths):
        away = reverse("desk_case_transfer_send", args=[case.number])
        found.append(Offer("移送其他联合会", away, "external-link"))
    return found
