"""Items of the grid at the desk: the list, one item with its chain, reporting one, and what is done with it."""

from typing import Any

from django.db.models import Q
from django.http import Http404
from django.urls import reverse
from django.utils import timezone

from unionhall.foundation.scope import ScopedQuerySet
from unionhall.foundation.views import Act, Create, Detail, List
from unionhall.organisations.models import Employer, Organisation

from ..actions import items
from ..forms.grid import ItemFilter, LowerForm, OpinionForm, ReportForm
from ..models import GridCell, GridItem, GridUnit, Node
from .grid_desk import HANDLE, VIEW, kind_labels, shown, tabs

_WHY = "firms of cells that the reader may report for"


class Items(List):
    """/desk/grid/items/"""

    model = GridItem
    permission = VIEW
    template_name = "network/grid/items.html"
    filter_form = ItemFilter
    ordering = "-pk"

    @property
    def chosen(self) -> dict[str, Any]:
        return {name: value for name, value in super().chosen.items() if value is not False}

    def filtered(self) -> ScopedQuerySet[Any]:
        rows, chosen = self.get_queryset(), self.chosen
        if "q" in chosen:
            rows = rows.filter(Q(number__iexact=chosen["q"]) | Q(found__icontains=chosen["q"]))
        if "state" in chosen:
            rows = rows.filter(state=chosen["state"])
        if "late" in chosen:
            rows = rows.filter(closed_at=None, due_on__lt=timezone.localdate())
        if "raised" in chosen:
            rows = rows.filter(raised__gt=0)
        if "mine" in chosen:
            # Where a grant stands, not all below it: what waits for this very desk.
            rows = rows.filter(organisation__path__in=self.access.prefixes(HANDLE))
        return rows.select_related("organisation", "cell", "node", "employer")

    def decorate(self, rows: list[Any]) -> list[Any]:
        return shown(rows)

    def context(self) -> dict[str, Any]:
        return {"tabs": tabs("desk_grid_items"), "may_report": bool(self.access.prefixes(HANDLE))}


class Item(Detail):
    """/desk/grid/items/<pk>/: what was found, the chain so far, and what may be done."""

    model = GridItem
    permission = VIEW
    template_name = "network/grid/item.html"
    offer_place = "grid.item"

    def get_queryset(self) -> ScopedQuerySet[Any]:
        rows = super().get_queryset()
        return rows.select_related(
            "organisation__parent", "organisation__industry_parent", "origin", "cell", "node", "employer"
        )

    def context(self) -> dict[str, Any]:
        item: GridItem = self.object
        may = items.may_handle(self.actor, item)
        sender = items.sender_of(item) if may else None
        verbs = [
            ("take", "受理", may and item.state == GridItem.State.OPEN),
            ("raise", f"上报{item.organisation.parent}" if item.organisation.parent else "", may),
            (
                "raise_industry",
                f"上报{item.organisation.industry_parent}" if item.organisation.industry_parent else "",
                may,
            ),
            ("lower", "交给下级工会", may and item.organisation.level < 5),
            ("reply", f"回复{sender}" if sender else "", may),
            ("hand", "记下转出", may),
            ("close", "办结", may),
        ]
        return {
            "tabs": tabs("desk_grid_items"),
            "row": shown([item])[0],
            "timeline": chain(item),
            "verbs": [(code, label) for code, label, there in verbs if there and label],
        }


def chain(item: GridItem) -> list[dict[str, Any]]:
    """Every step with the union it came to, the latest first."""
    rows = item.steps.select_related("organisation").order_by("-pk")
    return [
        {
            "who": one.actor_name, "place": one.organisation.name, "at": one.at,
            "what": one.get_verb_display(), "opinion": one.opinion,
            "tone": "ok" if one.verb == "closed" else "",
        }
        for one in rows
    ]  # fmt: skip


class Report(Create):
    """/desk/grid/items/new/: an item at the desk, in a cell or at a node where the actor handles them."""

    model = GridItem
    permission = HANDLE
    template_name = "network/grid/form.html"
    form_class: Any = ReportForm
    success_message = "已提出，编号 {result}。"
    MOST = 200

    def get_initial(self) -> dict[str, Any]:
        """`?found=`: what another page already knows."""
        return {"found": self.request.GET.get("found", "")[:500]}

    def get_form_kwargs(self) -> dict[str, Any]:
        cells = GridCell.objects.all().visible_to(self.access, to=HANDLE).filter(is_active=True)
        nodes = Node.objects.all().visible_to(self.access, to=HANDLE).receiving()
        self.cells = {f"cell-{one.pk}": one for one in cells.select_related("organisation")[: self.MOST]}
        self.nodes = {f"node-{one.pk}": one for one in nodes.select_related("organisation")[: self.MOST]}
        units = GridUnit.objects.everywhere(reason=_WHY).filter(cell__in=self.cells.values(), until=None)
        firms = units.order_by("employer__name").values_list("employer", "employer__name")
        places = [(key, f"网格 {one}") for key, one in self.cells.items()]
        places += [(key, f"站点 {one}") for key, one in self.nodes.items()]
        return super().get_form_kwargs() | {
            "places": places, "employers": list(firms[: self.MOST * 5]), "kinds": list(kind_labels().items()),
        }  # fmt: skip

    def act(self, form: ReportForm) -> GridItem:
        given = form.cleaned_data
        firm = Employer.objects.filter(pk=given["employer"]).first() if given["employer"] else None
        return items.report(
            self.actor, kind=given["kind"], found=given["found"], cell=self.cells.get(given["where"]),
            node=self.nodes.get(given["where"]), employer=firm,
        )  # fmt: skip

    def get_success_url(self) -> str:
        return reverse("desk_grid_item", args=[self.result.pk])

    def context(self) -> dict[str, Any]:
        return {
            "heading": "提出事项", "submit": "提出", "back": reverse("desk_grid_items"),
            "tabs": tabs("desk_grid_items"), "list_label": "网格事项", "list_url": reverse("desk_grid_items"),
        }  # fmt: skip


class ItemAct(Act):
    """/desk/grid/items/<pk>/<verb>/: take, pass up or down, answer, close; only where the item is now."""

    model = GridItem
    permission = HANDLE
    template_name = "network/grid/form.html"
    success_message = "已办理。"
    LABELS = {
        "take": ("受理", "受理"), "raise": ("上报上级工会", "上报"), "raise_industry": ("上报产业工会", "上报"),
        "lower": ("交给下级工会", "交办"), "reply": ("回复", "回复"), "close": ("办结", "办结"),
        "hand": ("记下转出的案件或走访", "记下"),
    }  # fmt: skip

    def get_queryset(self) -> ScopedQuerySet[Any]:
        rows: ScopedQuerySet[Any] = GridItem.objects.all().visible_to(self.access, to=VIEW)
        return rows.select_related("organisation", "origin")

    @property
    def verb(self) -> str:
        if self.kwargs["verb"] not in self.LABELS or not items.may_handle(self.actor, self.object):
            raise Http404
        return str(self.kwargs["verb"])

    def get_form_class(self) -> Any:
        if self.verb == "take":
            return super().get_form_class()
        return LowerForm if self.verb == "lower" else OpinionForm

    def get_form_kwargs(self) -> dict[str, Any]:
        more: dict[str, Any] = {}
        if self.verb == "lower":
            rows = Organisation.objects.all().visible_to(self.access, to=VIEW).active()
            below = rows.filter(items.offered(self.object.organisation), level__lte=5)
            more["below"] = below.order_by("level", "path")
        return super().get_form_kwargs() | more

    def act(self, form: Any) -> GridItem:
        item, said = self.object, form.cleaned_data.get("opinion", "")
        match self.verb:
            case "take":
                return items.take(self.actor, item=item)
            case "raise" | "raise_industry":
                return items.raise_up(
                    self.actor, item=item, opinion=said, industry=self.verb == "raise_industry"
                )
            case "lower":
                return items.lower(self.actor, item=item, to=form.cleaned_data["to"], opinion=said)
            case "hand":
                return items.hand(self.actor, item=item, to=said)
            case "reply":
                return items.reply(self.actor, item=item, opinion=said)
            case _:
                return items.close(self.actor, item=item, outcome=said)

    def get_success_url(self) -> str:
        return reverse("desk_grid_item", args=[self.object.pk])

    def context(self) -> dict[str, Any]:
        heading, submit = self.LABELS[self.verb]
        return {
            "heading": f"{heading}：{self.object}", "submit": submit, "back": self.get_success_url(),
            "lead": self.object.found, "tabs": tabs("desk_grid_items"), "list_label": "网格事项",
            "list_url": reverse("desk_grid_items"),
        }  # fmt: skip
