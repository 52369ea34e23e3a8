"""After closing: what is personal in an incident was for the response only and is destroyed on its day.

Source: 突发事件应对法 (2024) art. 85. Counts, topics, grades, clocks, terms, review stay; journalled, irreversible.
Backups made before keep it until they are replaced (docs/operations.md).
"""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from unionhall.foundation.actors import Actor
from unionhall.records import attachments
from unionhall.records.actions import journal
from unionhall.records.models import Attachment

from ..models import Case, CaseFile, CaseText, Incident, IncidentEntry, ReferralItem
from ..rules.incidents import destroy_at
from .incidents import parameters_of
from .locking import lock, note

__all__ = ["GONE", "destroy", "destroy_due"]
GONE = "（已按规定销毁）"
_WHY = "what else holds the papers of an incident that the platform clears"
#: Incidents of one run of the job.
TOGETHER = 200


@transaction.atomic
def destroy(actor: Actor, case: Case) -> dict[str, int]:
    """Remove contacts, names, statements, photos and brought papers; answers how many of each. Twice is once."""
    fresh = lock(case.pk)
    incident = Incident.objects.everywhere(reason="the platform clears a closed incident").get(case=fresh)
    if fresh.closed_at is None or incident.data_gone_at is not None:
        return {}
    told, files = _people(fresh), _files(fresh)
    told |= _words(fresh) | {"files": len(files)}
    incident.data_gone_at, incident.data_gone = timezone.now(), told
    incident.save(update_fields=["data_gone_at", "data_gone"])
    note(actor, fresh, "data_gone", "销毁个人信息")
    journal(
        actor, "cases.incident_data_gone", subject=fresh, label=fresh.number, paths=fresh.organisation.paths,
        detail=told,
    )  # fmt: skip
    for one in files:
        attachments.remove(one)
    return told


def _people(case: Case) -> dict[str, int]:
    """Who brought it, the parties, who sat at the talks."""
    contacts = int(bool(case.contact) or bool(case.filed_by) or case.person_id is not None)
    case.contact, case.person, case.filed_by, case.filed_by_id = None, None, "", None
    case.save(update_fields=["contact", "person", "filed_by", "filed_by_id"])
    parties = case.parties.update(name=GONE, person=None, id_number=None, phone=None)
    talks = case.talks.update(workers=GONE, employer=GONE, others="", minutes=GONE)
    return {"contacts": contacts, "parties": parties, "talks": talks}


def _words(case: Case) -> dict[str, int]:
    """What people said. Notes and answers are the union's own and stay."""
    said = case.texts.filter(role__in=[CaseText.Role.STATEMENT, CaseText.Role.RECORD])
    texts = said.update(body=GONE, original=None, words=[])
    opinions = case.opinions.update(body=GONE)
    entries = case.entries.filter(kind=IncidentEntry.Kind.STATEMENT).update(body=GONE)
    return {"texts": texts, "opinions": opinions, "entries": entries}


def _files(case: Case) -> list[Attachment]:
    """Photos of the log and papers that were brought; what the platform made stays."""
    shot = case.entries.exclude(photo=None)
    brought = case.files.filter(template="")
    found = {one.photo for one in shot.select_related("photo") if one.photo is not None}
    found |= {one.attachment for one in brought.select_related("attachment")}
    shot.update(photo=None)
    # What a partner was given or gave is the same file; what another case holds too stays for that one.
    ReferralItem.objects.everywhere(reason=_WHY).filter(file__case=case, file__template="").delete()
    case.events.filter(verb="file_added").update(opinion="")
    brought.delete()
    others = CaseFile.objects.everywhere(reason=_WHY).filter(attachment__in=found)
    held = set(others.values_list("attachment", flat=True))
    return sorted((one for one in found if one.pk not in held), key=lambda one: one.pk)


def destroy_due(actor: Actor) -> int:
    """Every closed incident whose day has come; answers how many."""
    now = timezone.now()
    rows = Incident.objects.everywhere(reason="the platform clears closed incidents wherever they stand")
    waiting = rows.filter(data_gone_at=None, case__closed_at__isnull=False).select_related("case")
    count = 0
    for incident in waiting.order_by("case__closed_at")[:TOGETHER]:
        closed_at = incident.case.closed_at
        if closed_at is not None and destroy_at(parameters_of(incident.case), closed_at) <= now:
            count += bool(destroy(actor, incident.case))
    return count
