"""/desk/visits/items/: what visits found, one problem, and its verbs."""

from functools import cached_property
from typing import Any

from django.db.models import Exists, OuterRef, Q
from django.urls import reverse
from django.utils import timezone

from unionhall.foundation.models import working_calendar
from unionhall.foundation.offers import offers
from unionhall.foundation.views import Detail, List
from unionhall.kit.text import number_of
from unionhall.kit.workdays import AMBER_DAYS
from unionhall.members.hands import hands

from .. import presenting
from ..actions import items as actions
from ..actions.holding import scheme_of
from ..forms.filters import ItemFilter
from ..forms.items import HandForm, ItemForm, NoteForm, OwnerForm, Owners, ReplyForm
from ..models import Visit, VisitItem, VisitRating, VisitStop
from .acting import SUPERVISE, VIEW, VISIT, PlainAct, narrowed

WHY = presenting.WHY


class Items(List):
    """/desk/visits/items/"""

    model = VisitItem
    permission = VIEW
    template_name = "outreach/items.html"

    @cached_property
    def form(self) -> Any:
        unions = presenting.own_unions(self.access, VIEW)
        known = scheme_of(unions[0]).parameters.categories if unions else ()
        form = ItemFilter(self.request.GET or None, categories=[(one.code, one.label) for one in known])
        form.is_valid()
        return form

    def get_queryset(self) -> Any:
        return super().get_queryset().select_related("organisation", "owner", "visit")

    def filtered(self) -> Any:
        chosen, today = self.chosen, timezone.localdate()
        rows = narrowed(self.get_queryset(), chosen.get("under", ""), self.access)
        state = chosen.get("state", "")
        ratings = VisitRating.objects.everywhere(reason="ratings of problems that are in scope already")
        if state == "open":
            rows = rows.open()
        elif state == "late":
            rows = rows.late(today)
        elif state == "soon":
            last = working_calendar().add_working_days(today, AMBER_DAYS)
            rows = rows.open().filter(due_on__range=(today, last))
        elif state in {"rated", "low", "slip"}:
            found = ratings.filter(item=OuterRef("pk"), set_aside=False)
            wanted = {"low": Q(stars__lte=2), "slip": Q(source=VisitRating.Source.SLIP)}
            rows = rows.filter(Exists(found.filter(wanted.get(state, Q()))))
        elif state:
            rows = rows.filter(state=state)
        if "year" in chosen:
            rows = rows.filter(created_at__year=chosen["year"])
        if "category" in chosen:
            rows = rows.filter(category=chosen["category"])
        if "who" in chosen:
            rows = rows.filter(owner__in=hands(self.access).accounts)
        if "q" in chosen:
            text = chosen["q"]
            number = number_of(text.upper().removeprefix("WT"))
            same = Q(pk=number) if number is not None else Q(pk__in=[])
            rows = rows.filter(Q(title__contains=text) | same)
        return rows

    def decorate(self, rows: list[Any]) -> list[Any]:
        return presenting.item_rows(rows)

    def context(self) -> dict[str, Any]:
        return {
            "tabs": presenting.tabs("desk_visit_items"),
            "may_check": bool(self.access.prefixes(SUPERVISE)),
        }


class _OfItem:
    model: Any = VisitItem
    object: Any

    def get_queryset(self) -> Any:
        rows = super().get_queryset()  # type: ignore[misc]
        return rows.select_related("organisation", "owner", "person", "visit__organisation", "stop")

    def back(self) -> str:
        return reverse("desk_visit_item", args=[self.object.pk])


class ItemPage(_OfItem, Detail):
    """/desk/visits/items/<pk>/: the problem, its clock, its trail; other rooms offer to take it over."""

    permission = VIEW
    template_name = "outreach/item.html"
    offer_place = "visit_item.detail"

    def context(self) -> dict[str, Any]:
        item: VisitItem = self.object
        (row,) = presenting.item_rows([item])
        paths = item.organisation.paths
        stop = item.stop
        if stop is not None:
            stops = VisitStop.objects.everywhere(reason=WHY).select_related("employer", "person", "union")
            stop = stops.get(pk=stop.pk)
        raised = ""
        if item.person is not None:
            raised = item.person.name if self.actor.may(VISIT, *paths) else item.person.masked_name
        return row | {
            "facts": [
                ("类别", item.category_label),
                ("在哪里发现", presenting.name_of(stop, self.actor, paths) if stop else "—"),
                ("反映人", raised or "—"),
                ("办理工会", item.organisation.name),
                ("责任人", item.owner.display_name),
                ("登记", f"{item.made_by}　{timezone.localtime(item.created_at):%Y-%m-%d}"),
                ("转办", item.handed_to or "—"),
            ],
            "visit_seen": any(
                path.startswith(prefix)
                for prefix in self.access.prefixes(VIEW)
                for path in item.visit.organisation.paths
            ),
            "trail": presenting.trail(item),
            "may": {
                "settle": item.is_open and self.actor.may(VISIT, *paths),
                "urge": item.is_open and self.actor.may(SUPERVISE, *paths),
            },
            "offers": offers(self.offer_place, self.request, item) if item.is_open else [],
        }


class NewItem(PlainAct):
    """/desk/visits/<pk>/items/new/: `?stop=` where it was found."""

    model = Visit
    permission = VISIT
    form_class: Any = ItemForm
    heading, submit = "登记走访问题", "登记"

    def get_queryset(self) -> Any:
        return super().get_queryset().select_related("organisation")

    @cached_property
    def stops(self) -> list[dict[str, Any]]:
        return presenting.stops(self.object, self.actor)

    @cached_property
    def owners(self) -> Owners:
        found: Owners = {}
        for stop in [None, *(one["stop"] for one in self.stops[:20])]:
            for account, union in actions.owners_for(self.object, stop):
                found.setdefault(account.pk, (account, union))
        return found

    def get_form_kwargs(self) -> dict[str, Any]:
        known = scheme_of(self.object.organisation).parameters.categories
        return super().get_form_kwargs() | {
            "stops": [(one["stop"].pk, f"{one['kind']}　{one['name']}") for one in self.stops],
            "categories": [(one.code, f"{one.label}（{one.working_days} 个工作日）") for one in known],
            "owners": self.owners,
        }

    def get_initial(self) -> dict[str, Any]:
        stop = self.request.GET.get("stop", "")
        return {"stop": stop if stop.isdigit() else "", "owner": self.actor.account_id}

    def act(self, form: ItemForm) -> VisitItem:
        given = dict(form.cleaned_data)
        wanted = given.pop("stop")
        stop = next((one["stop"] for one in self.stops if one["stop"].pk == wanted), None)
        return actions.open_item(self.actor, visit=self.object, stop=stop, **given)

    def lead(self) -> str:
        return f"{self.object.number}　{self.object.on:%Y-%m-%d}"

    def back(self) -> str:
        return reverse("desk_visit", args=[self.object.pk])

    def get_success_url(self) -> str:
        return reverse("desk_visit_item", args=[self.result.pk])


class _OnItem(_OfItem, PlainAct):
    permission = VISIT
    trail = ("走访问题", "desk_visit_items")

    def lead(self) -> str:
        return f"{self.object.number}　{self.object.title}"


class Settle(_OnItem):
    heading, submit = "答复", "提交答复"
    form_class: Any = ReplyForm

    def act(self, form: ReplyForm) -> Any:
        return actions.settle(self.actor, item=self.object, reply=form.cleaned_data["reply"])


class Assign(_OnItem):
    heading, submit = "改派责任人", "改派"
    warning = "期限不变。"
    form_class: Any = OwnerForm

    def get_form_kwargs(self) -> dict[str, Any]:
        stop = self.object.stop
        found = actions.owners_for(self.object.visit, stop)
        return super().get_form_kwargs() | {
            "owners": {one.pk: (one, union) for one, union in found if one.pk != self.object.owner_id}
        }

    def act(self, form: OwnerForm) -> Any:
        item = actions.assign(self.actor, item=self.object, **form.cleaned_data)
        self.moved = not self.actor.may(VIEW, *item.organisation.paths)
        return item

    def get_success_url(self) -> str:
        return reverse("desk_visit_items") if self.moved else self.back()


class HandOn(_OnItem):
    heading, submit = "记录转办", "保存"
    form_class: Any = HandForm

    def act(self, form: HandForm) -> Any:
        return actions.hand_on(self.actor, item=self.object, to=form.cleaned_data["to"])


class Urge(_OnItem):
    permission = SUPERVISE
    heading, submit = "督办", "发出督办"
    form_class: Any = NoteForm

    def act(self, form: NoteForm) -> Any:
        return actions.urge(self.actor, item=self.object, note=form.cleaned_data["note"])
