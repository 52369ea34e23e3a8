"""职工需求征集 at the desk: rounds, what is needed in which area, by what it is met and what nobody offers."""

from collections import Counter
from collections.abc import Iterable
from typing import Any

from django import forms
from django.db.models import Count, Q
from django.urls import reverse
from django.utils import timezone

from unionhall import rulebook
from unionhall.foundation.scope import ScopedQuerySet
from unionhall.foundation.views import Act, Create, Detail, List
from unionhall.organisations.models import Organisation
from unionhall.organisations.paths import WIDTH

from .. import needs
from ..actions import needs as actions
from ..forms.needs import RoundForm
from ..models import Need, NeedsAnswer, NeedsRound
from ..rules.needs import protected
from ..schemes.needs import NeedsScheme

VIEW, EDIT = "benefits.needs", actions.EDIT
_WHY = "counts of a round that the reader may open; nobody is shown"


class Rounds(List):
    """/desk/needs/: rounds in the reader's area."""

    model = NeedsRound
    permission = VIEW
    template_name = "benefits/needs/desk_rounds.html"
    ordering = "-pk"

    def filtered(self) -> ScopedQuerySet[Any]:
        return self.get_queryset().select_related("organisation").annotate(count=Count("answers"))

    def decorate(self, rows: list[Any]) -> list[Any]:
        smallest = _smallest("")
        return [{"round": one, "count": None if 0 < one.count < smallest else one.count} for one in rows]

    def context(self) -> dict[str, Any]:
        return {"may_edit": bool(self.access.prefixes(EDIT))}


class Open(Create):
    """/desk/needs/new/: a new round."""

    permission = EDIT
    form_class = RoundForm
    template_name = "benefits/needs/desk_new.html"
    success_message = "已开始征集，会员在手机上就能填。"

    def act(self, form: RoundForm) -> NeedsRound:
        return actions.open_round(self.actor, **form.cleaned_data)

    def get_success_url(self) -> str:
        return reverse("desk_needs_round", args=[self.result.pk])


class Round(Detail):
    """/desk/needs/<pk>/: each need, how many named it in all and by area, and what meets it."""

    model = NeedsRound
    permission = VIEW
    template_name = "benefits/needs/desk_round.html"

    def get_queryset(self) -> ScopedQuerySet[Any]:
        return super().get_queryset().select_related("organisation")

    def context(self) -> dict[str, Any]:
        round_: NeedsRound = self.object
        smallest = _smallest(round_.organisation.division)
        answers = NeedsAnswer.objects.everywhere(reason=_WHY).filter(round=round_)
        total = answers.count()
        counts = _counts(round_)
        areas = _areas(round_.organisation, {area for one in counts.values() for area in one})
        choices, today = needs.asked(round_), timezone.localdate()
        offered = needs.offered_in(round_.organisation.path, round_.organisation.second_path, today)
        found = needs.met(choices, offered, round_.organisation.division, today)
        titles = needs.benefit_titles(round_.organisation.division, today)
        rows: list[dict[str, Any]] = []
        for one in choices:
            of_area = counts.get(one.code, Counter())
            named = sum(of_area.values())
            hidden = 0 < named < smallest or 0 < total < smallest
            shown = protected({area: of_area.get(area, 0) for area in areas}, smallest)
            rows.append(
                {
                    "title": one.title,
                    "group": one.group,
                    "named": named,
                    "total": None if hidden else named,
                    "share": "" if hidden or not total else f"{named / total:.0%}",
                    "areas": [None if hidden and of_area.get(area) else shown[area] for area in areas],
                    "met": found[one.code],
                    "benefits": [titles[code] for code in found[one.code].benefits],
                }
            )
        rows.sort(key=lambda row: -(row["total"] or 0))
        return {
            "rows": rows,
            "areas": list(areas.values()),
            "answered": None if 0 < total < smallest else total,
            "smallest": smallest,
            "missing": [row for row in rows if row["met"].by_nobody and row["total"]],
            "may_edit": self.actor.may(EDIT, *round_.organisation.paths),
        }


class Close(Act):
    """/desk/needs/<pk>/close/: end a round."""

    model = NeedsRound
    permission = EDIT
    form_class = forms.Form
    template_name = "benefits/needs/desk_close.html"
    success_message = "已结束征集。"

    def get_queryset(self) -> ScopedQuerySet[Any]:
        return super().get_queryset().select_related("organisation")

    def act(self, form: forms.Form) -> NeedsRound:
        return actions.close(self.actor, round_=self.object)

    def get_success_url(self) -> str:
        return reverse("desk_needs_round", args=[self.object.pk])


def _smallest(division: str) -> int:
    return rulebook.scheme(NeedsScheme, on=timezone.localdate(), division=division).parameters.smallest_cell


def _areas(union: Organisation, keys: Iterable[str]) -> dict[str, str]:
    """Names of the unions right below the round's own that people answered from, by path; own members last."""
    below = sorted(key for key in keys if key != union.path)
    rows = Organisation.objects.everywhere(reason="names of unions below the round's own")
    names: dict[str, str] = {}
    for path, second, name in rows.filter(Q(path__in=below) | Q(second_path__in=below)).values_list(
        "path", "second_path", "name"
    ):
        names |= {key: name for key in (path, second) if key in below}
    return {key: names.get(key, "其他") for key in below} | {union.path: "本级直属"}


def _area(own: str, path: str, second_path: str) -> str:
    """The part of a union's tree that somebody stands in, by whichever chain leads there."""
    there = path if path.startswith(own) else second_path
    return there[: len(own) + WIDTH]


def _counts(round_: NeedsRound) -> dict[str, Counter[str]]:
    """How many named each need, by area."""
    rows = Need.objects.everywhere(reason=_WHY).filter(answer__round=round_)
    grouped = rows.values_list("code", "answer__path", "answer__second_path").annotate(n=Count("pk"))
    found: dict[str, Counter[str]] = {}
    for code, path, second_path, count in grouped.order_by():
        found.setdefault(code, Counter())[_area(round_.organisation.path, path, second_path)] += count
    return found
