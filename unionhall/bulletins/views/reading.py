"""公告、政策、工会要闻 for everybody."""

from typing import Any

from django.http import Http404
from django.urls import reverse

from unionhall.foundation.permissions import EVERYONE
from unionhall.foundation.scope import ScopedQuerySet
from unionhall.foundation.views import List, Page

from .. import presenting
from ..forms import BulletinSearch
from ..models import Bulletin

_WHY = "what was published is everybody's"
LISTS = {
    Bulletin.Kind.NOTICE: "public_announcements",
    Bulletin.Kind.POLICY: "public_policies",
    Bulletin.Kind.NEWS: "public_news",
}


class Published(List):
    """/announcements/, /policies/, /news/: latest first."""

    model = Bulletin
    permission = EVERYONE
    template_name = "bulletins/public_bulletins.html"
    filter_form = BulletinSearch
    partials = ()
    kind = Bulletin.Kind.NOTICE

    def get_queryset(self) -> ScopedQuerySet[Any]:
        rows = Bulletin.objects.everywhere(reason=_WHY).filter(kind=self.kind, state=Bulletin.State.PUBLISHED)
        return rows.select_related("organisation").defer("body")

    def filtered(self) -> ScopedQuerySet[Any]:
        rows = self.get_queryset()
        return rows.filter(title__contains=self.chosen["q"]) if "q" in self.chosen else rows

    def context(self) -> dict[str, Any]:
        return {"tabs": presenting.public_tabs(LISTS[self.kind]), "kind": self.kind.label}


class Policies(Published):
    kind = Bulletin.Kind.POLICY


class News(Published):
    kind = Bulletin.Kind.NEWS


class BulletinPage(Page):
    """/announcements/<number>/: any of the three."""

    permission = EVERYONE
    template_name = "bulletins/public_bulletin.html"

    def context(self) -> dict[str, Any]:
        rows = Bulletin.objects.everywhere(reason=_WHY).select_related("organisation")
        found = rows.filter(number=self.kwargs["slug"], state=Bulletin.State.PUBLISHED).first()
        if found is None:
            raise Http404
        return {"bulletin": found, "back": reverse(LISTS[Bulletin.Kind(found.kind)])}
