"""谁看过我的信息: a worker reads who looked at or changed their particulars, in which capacity and why."""

from collections import defaultdict
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode

from unionhall.access import lookups
from unionhall.access.models import Grant
from unionhall.foundation.permissions import Role
from unionhall.foundation.views import Page, Requires
from unionhall.records.models import JournalEntry
from unionhall.records.verbs import label_of

from ..finding import read_number
from ..models import Person
from .own import Own

SHOWN = 50


def capacities(entries: list[JournalEntry]) -> dict[int, str]:
    """For each entry the role and union in which its actor stood that day: one query for all of them."""
    rows = Grant.objects.everywhere(reason="in which capacity someone acted, told to the person concerned")
    held: dict[int, list[Grant]] = defaultdict(list)
    actors = {entry.actor_id for entry in entries if entry.actor_id is not None}
    for grant in rows.filter(account_id__in=actors).select_related("organisation"):
        held[grant.account_id].append(grant)
    found = {}
    for entry in entries:
        day = timezone.localdate(entry.at)
        fitting = [
            grant
            for grant in held.get(entry.actor_id or 0, [])
            if (grant.period.lower is None or grant.period.lower <= day)
            and (grant.period.upper is None or day < grant.period.upper)
            and any(path and entry.path.startswith(path) for path in grant.organisation.paths)
        ]
        nearest = max(fitting, key=lambda grant: len(grant.organisation.path), default=None)
        found[entry.pk] = f"{nearest.organisation.name} {Role(nearest.role).label}" if nearest else ""
    return found


class WhoSaw(Own, Page):
    """The latest entries about oneself by others; one's own acts are left out."""

    template_name = "members/worker/who_saw.html"

    def context(self) -> dict[str, Any]:
        rows = JournalEntry.objects.everywhere(reason="entries about the signed-in person").about(self.person)
        entries = list(rows.exclude(actor_id=self.access.account_id).order_by("-pk")[:SHOWN])
        places = capacities(entries)
        return {
            "entries": [
                {
                    "who": entry.actor_name,
                    "place": places[entry.pk],
                    "what": label_of(entry.action),
                    "at": entry.at,
                    "opinion": entry.reason,
                }
                for entry in entries
            ],
            "shown": SHOWN,
        }


class JournalOfPerson(Requires):
    """An auditor's search of the journal by ID or phone: posted, then an opaque token stands for the person."""

    permission = "records.journal"

    def post(self, request: HttpRequest) -> HttpResponse:
        if said := lookups.refusal(self.actor):
            messages.error(request, said)
            return redirect("desk_journal")
        number = read_number(request.POST.get("number", ""))
        rows = Person.objects.everywhere(
            reason="an auditor follows one person; the entries themselves are scoped"
        )
        person = rows.filter(number.condition("")).first() if number else None
        token = person.pk if person is not None else 0
        return _to_journal(token)

    def get(self, request: HttpRequest) -> HttpResponse:
        return redirect("desk_journal")


def _to_journal(person_id: int) -> HttpResponseRedirect:
    return redirect(f"{reverse('desk_journal')}?{urlencode({'subject': f'members.person:{person_id}'})}")
