"""The register of members: the list with its filters, the search by number, and acting on what was ticked."""

from functools import cached_property, lru_cache
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode

from unionhall.access import lookups
from unionhall.foundation.compiled import Compiled, Given, Reader
from unionhall.foundation.errors import Refused
from unionhall.foundation.offers import offers
from unionhall.foundation.views import Create, List, Requires
from unionhall.foundation.views.reading import PAGE_SIZE
from unionhall.kit.text import number_of
from unionhall.records.actions import journal

from .. import actions
from ..finding import Listing, find, listing, looks_like_number, read_number
from ..forms import MemberFilter, MessageForm, NumberSearch
from ..models import Membership
from ..models.memberships import MembershipQuerySet
from ..naming import shown_name
from ..selection import Selection

#: A page of the list, and the row that says whether another follows.
ROWS = PAGE_SIZE + 1
NOT_A_NUMBER = "没有认出这个号码。请输入完整的证件号、11 位手机号、12 位会员号或 16 位会员卡号。"


class Members(List):
    """会员名册. Filters live in the address; a number typed by mistake in the name box is taken out of it at once."""

    model = Membership
    permission = "members.view"
    template_name = "members/list.html"
    partials = ()
    #: Newest in the register first. On any day a person has one membership at most, so the key is unique.
    ordering = "-person_id"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if looks_like_number(request.GET.get("q", "")):
            return by_number(self, request.GET["q"])
        return super().get(request, *args, **kwargs)

    @cached_property
    def form(self) -> MemberFilter:
        form = MemberFilter(self.request.GET or None, actor=self.actor)
        form.is_valid()
        return form

    @cached_property
    def _found(self) -> Listing:
        return listing(self.access, self.chosen)

    def filtered(self) -> MembershipQuerySet:
        return self._found.rows

    def take(self, rows: Any, count: int) -> list[Any]:
        day = self.chosen.get("on")
        if day is None and count == ROWS:
            scope = self.access.prefixes(self.permission)
            plain = not self.chosen and not {"after", "before"} & self.request.GET.keys()
            return _read(_first(scope)(), scope) if plain else _today(rows, scope)
        within = Membership.objects.visible_to(self.access, to=self.permission)
        return newest(rows, count, within.as_of(day))

    @property
    def counts(self) -> dict[str, int]:
        return self._found.counts

    def total(self) -> int:
        return self.counts["total"]

    def decorate(self, rows: list[Any]) -> list[Any]:
        for row in rows:
            row.shown_name = shown_name(self.actor, row)
        return rows

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        may = self.access.prefixes
        return context | {
            "counts": self.counts,
            "number_form": NumberSearch(),
            "day": self.chosen.get("on"),
            "searched": self.chosen.get("found"),
            "may_register": bool(may("members.standing")),
            "may_export": bool(may("members.export")),
            "export_url": f"{reverse('desk_export_new')}?{context['query']}",
            "actions": [
                {"label": label, "value": url} for label, url in batch_acts(self.request, self.access).items()
            ],
        }


def _today(rows: Any, scope: tuple[str, ...]) -> list[Membership]:
    """The same as `newest` of a page's rows of today, by a statement that is kept."""
    return _read(list(rows.values_list("person_id", flat=True)[:ROWS]), scope)


def _read(keys: list[int], scope: tuple[str, ...]) -> list[Membership]:
    """The rows of these persons, in their order."""
    if not keys:
        return []
    given = {f"key_{place}": keys[min(place, len(keys) - 1)] for place in range(ROWS)}
    return sorted(_page(scope)(**given), key=lambda row: keys.index(row.person_id))


@lru_cache(maxsize=500)
def _first(scope: tuple[str, ...]) -> Compiled[int]:
    """The persons of the list's first page without a filter."""
    rows = find(Reader(*scope), {}).order_by(Members.ordering)
    return Compiled(lambda: rows.values_list("person_id", flat=True)[:ROWS])


@lru_cache(maxsize=500)
def _page(scope: tuple[str, ...]) -> Compiled[Membership]:
    """A page's rows by their keys, as those see them who look over these subtrees."""
    rows = Membership.objects.visible_to(Reader(*scope), to="members.view").current()
    places: list[Any] = [Given(f"key_{place}") for place in range(ROWS)]
    return Compiled(lambda: rows.filter(person__pk__in=places).select_related("person", "organisation"))


def newest(rows: Any, count: int, within: Any) -> list[Membership]:
    """The first of rows ordered by person, read from `within`, the same memberships before they were filtered.

    Keys first: the search then runs in the indexes, and only a page's rows are read.
    """
    keys = list(rows.values_list("person_id", flat=True)[:count])
    found = within.filter(person_id__in=keys).select_related("person", "organisation")
    return sorted(found, key=lambda row: keys.index(row.person_id))


def batch_acts(request: HttpRequest, access: Any) -> dict[str, str]:
    """What may be done to ticked rows: label → address of the page that does it. Upper rooms offer more."""
    found = {"发消息": reverse("desk_member_message")} if access.prefixes("members.message") else {}
    return found | {offer.label: offer.url for offer in offers("membership.batch", request, None)}


def by_number(view: Requires, text: str) -> HttpResponse:
    """Off to the list with an opaque token in place of the number; the search is journalled."""
    number = read_number(text)
    if number is None:
        messages.error(view.request, NOT_A_NUMBER)
        return redirect("desk_members")
    if said := lookups.refusal(view.actor):
        messages.error(view.request, said)
        return redirect("desk_members")
    token = number.token(view.actor.account_id)
    found = find(view.access, {"found": number}).count()
    journal(view.actor, "members.find", detail={"by": number.kind, "found": found})
    return redirect(f"{reverse('desk_members')}?{urlencode({'found': token})}")


class FindByNumber(Requires):
    """POST only: the number never stands in an address."""

    permission = "members.view"

    def post(self, request: HttpRequest) -> HttpResponse:
        return by_number(self, request.POST.get("number", ""))

    def get(self, request: HttpRequest) -> HttpResponse:
        return redirect("desk_members")


class MemberBatch(Requires):
    """Ticked rows, or everything, on their way to the page that acts on them."""

    permission = "members.view"

    def get(self, request: HttpRequest) -> HttpResponse:
        return redirect("desk_members")

    def post(self, request: HttpRequest) -> HttpResponse:
        back = f"{reverse('desk_members')}?{request.META.get('QUERY_STRING', '')}"
        target = request.POST.get("action", "")
        ids = tuple(one for one in map(number_of, request.POST.getlist("selected")) if one is not None)
        everything = request.POST.get("everything") == "1"
        if target not in batch_acts(request, self.access).values():
            messages.error(request, "请选择要办理的事项。")
            return redirect(back)
        if not ids and not everything:
            messages.error(request, "请先勾选会员，或勾选“选择全部”。")
            return redirect(back)
        chosen = Selection(None if everything else ids, request.META.get("QUERY_STRING", ""))
        return redirect(f"{target}?{urlencode({'selection': chosen.token(self.actor)})}")


class MessageMembers(Create):
    """Write to the ticked members; the answer says who was told and who was not, by row."""

    permission = "members.message"
    template_name = "members/message.html"
    form_class = MessageForm

    @cached_property
    def chosen(self) -> MembershipQuerySet:
        selection = Selection.from_token(self.request.GET.get("selection", ""), self.actor)
        try:
            return selection.rows(self.actor, to=self.permission).current()
        except Refused:
            return Membership.objects.none()

    def act(self, form: MessageForm) -> actions.Sent:
        prefixes = self.access.prefixes(self.permission)
        return actions.message_members(
            self.actor, memberships=self.chosen, path=prefixes[0] if prefixes else "", **form.cleaned_data
        )

    def done(self) -> HttpResponseBase:
        failures = [
            {
                "label": name,
                "reason": "还没有登录过手机端，收不到消息。请电话联系。",
                "url": reverse("desk_member", args=[pk]),
            }
            for pk, name in self.result.examples
        ]
        return self.render_to_response(
            {"sent": self.result, "failures": failures, "unlisted": self.result.missed - len(failures)}
        )

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(count=self.chosen.count(), **kwargs)
