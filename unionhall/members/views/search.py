"""The search box of every desk page: members, unions, and what rooms above offer (matters by number)."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode

from unionhall.foundation.offers import offers
from unionhall.foundation.permissions import SIGNED_IN
from unionhall.foundation.views import Page
from unionhall.organisations.models import Organisation

from ..finding import find, listing, looks_like_number, read_number
from ..naming import shown_name
from .register import NOT_A_NUMBER, by_number, newest

SHOWN = 10


class Search(Page):
    """Posted by the box, so that a number never stands in an address; a text search then gets one of its own."""

    permission = SIGNED_IN
    template_name = "members/search.html"

    def post(self, request: HttpRequest) -> HttpResponse:
        return self._route(request.POST.get("q", "").strip())

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        text = request.GET.get("q", "").strip()
        if read_number(text) is not None:
            return self._route(text)
        return super().get(request, *args, **kwargs)

    def _route(self, text: str) -> HttpResponse:
        number = read_number(text)
        if number is not None and self.access.prefixes("members.view"):
            return by_number(self, text)
        if number is not None or (looks_like_number(text) and text.isdigit()):
            messages.error(self.request, NOT_A_NUMBER)
            text = ""
        return redirect(f"{reverse('desk_search')}?{urlencode({'q': text[:60]})}")

    def context(self) -> dict[str, Any]:
        text = self.request.GET.get("q", "").strip()[:60]
        if not text:
            return {"search_query": "", "members": [], "unions": [], "matters": []}
        members: Any = []
        if self.access.prefixes("members.view"):
            seen = find(self.access, {})
            members = newest(listing(self.access, {"q": text}).rows.order_by("-person_id"), SHOWN, seen)
        for row in members:
            row.shown_name = shown_name(self.actor, row)
        unions = Organisation.objects.visible_to(self.access).active().named(text).in_tree_order()[:SHOWN]
        return {
            "search_query": text,
            "members": members,
            "unions": list(unions),
            "matters": offers("desk.search", self.request, text),
            "more": f"{reverse('desk_members')}?{urlencode({'q': text})}",
        }
