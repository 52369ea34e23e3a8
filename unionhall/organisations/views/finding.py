"""/orgs/ 找工会: anyone finds a union by its name, its employer or its division."""

from typing import Any

from django import forms
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from unionhall.foundation.permissions import EVERYONE
from unionhall.foundation.scope import ScopedQuerySet
from unionhall.foundation.views import List

from .. import divisions
from ..kinds import SHAPES, Status
from ..models import Coverage, Division, Organisation
from .browsing import address

WHY = "names, addresses and office telephones of unions are public"
#: Kinds that a worker can join.
JOINABLE = [kind for kind, shape in SHAPES.items() if shape.has_members]


class FindForm(forms.Form):
    q = forms.CharField(
        label="工会或单位名称",
        required=False,
        max_length=60,
        widget=forms.TextInput(attrs={"type": "search", "placeholder": "例如：快递、某某公司"}),
    )
    place = forms.CharField(
        label="所在地", required=False, max_length=40, help_text="区县、街道名称或区划代码"
    )


class FindUnion(List):
    """Public: what it shows of a union is its name, place, address, office telephone and how to join."""

    model = Organisation
    permission = EVERYONE
    template_name = "organisations/find.html"
    filter_form = FindForm
    ordering = "path"

    def get_queryset(self) -> ScopedQuerySet[Any]:
        return Organisation.objects.everywhere(reason=WHY).filter(status=Status.ACTIVE)

    def filtered(self) -> ScopedQuerySet[Any]:
        rows, chosen = self.get_queryset(), self.chosen
        if not chosen:
            return rows.none()
        if text := chosen.get("q", "").strip():
            covers = Coverage.objects.everywhere(reason=WHY).filter(
                organisation=OuterRef("pk"), period__contains=timezone.localdate()
            )
            employer = covers.filter(Q(employer__name__contains=text) | Q(employer__uscc=text.upper()))
            rows = rows.filter(Q(name__contains=text) | Q(code=text.upper()) | Exists(employer))
        if place := chosen.get("place", "").strip():
            if place.isdigit():
                rows = rows.filter(division__startswith=place.rstrip("0") or place)
            else:
                codes = list(Division.objects.filter(name__contains=place).values_list("code", "level")[:50])
                inside = Q(pk__in=[])
                for code, level in codes:
                    inside |= Q(division__startswith=code[: {1: 2, 2: 4, 3: 6}.get(level, 12)])
                rows = rows.filter(inside)
        return rows

    def decorate(self, rows: list[Any]) -> list[Any]:
        places = {row.pk: divisions.names(row.division) for row in rows}
        for row in rows:
            row.place = places[row.pk]
            row.join_url = address("m_join", organisation=row.code) if row.kind in JOINABLE else ""
        return rows
