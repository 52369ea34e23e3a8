"""Nodes at the desk: the list with its export, one node, entering and changing it."""

from typing import Any

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone

from unionhall.foundation.scope import ScopedQuerySet
from unionhall.foundation.views import Act, Create, Detail, List, download
from unionhall.members.worksheets import MOST_ROWS
from unionhall.organisations import divisions
from unionhall.organisations.models import Organisation
from unionhall.records.actions import journal

from .. import indicators, nodes_file, opening
from ..actions import nodes as actions
from ..actions import states
from ..forms.nodes import NodeFilter, NodeForm, keepers
from ..models import Node
from ..rules.opening import week_words
from ..rules.states import moves_from

VIEW, EDIT = "network.view", "network.edit"
TONES = {
    "planned": "mute", "building": "info", "accepted": "info", "operating": "ok", "upgraded": "ok",
    "demonstration": "ok", "suspended": "warn",
}  # fmt: skip


def tabs(current: str, access: Any) -> list[dict[str, Any]]:
    """The pages of the network; 导入 for those who keep nodes."""
    pages = [
        ("站点", "desk_network"),
        ("覆盖情况", "desk_network_coverage"),
        ("建设规划", "desk_network_plans"),
    ]
    if access.prefixes(EDIT):
        pages.append(("导入名单", "desk_nodes_import"))
    return [{"label": label, "url": reverse(url), "current": url == current} for label, url in pages]


class Nodes(List):
    """/desk/network/: every node in the reader's area, over both chains."""

    model = Node
    permission = VIEW
    template_name = "network/desk/nodes.html"
    filter_form = NodeFilter
    ordering = "pk"

    def filtered(self) -> ScopedQuerySet[Any]:
        rows, chosen = self.get_queryset(), self.chosen
        if "q" in chosen:
            rows = rows.filter(Q(name__icontains=chosen["q"]) | Q(code__iexact=chosen["q"]))
        for name in ("kind", "mode", "state", "level", "build"):
            if name in chosen:
                rows = rows.filter(**{name: chosen[name]})
        if "receiving" in chosen:
            rows = rows.receiving()  # type: ignore[attr-defined]
        if "figure" in chosen:
            condition = indicators.of_figure(chosen["figure"])
            rows = rows.filter(condition) if condition is not None else rows.none()
        if "under" in chosen:
            union = Organisation.objects.all().visible_to(self.access, to=VIEW).filter(code=chosen["under"])
            path = union.values_list("path", flat=True).first()
            rows = rows.filter(
                Q(organisation__path__startswith=path) | Q(organisation__second_path__startswith=path)
                if path
                else Q(pk__in=[])
            )
        return rows.select_related("organisation")

    def decorate(self, rows: list[Any]) -> list[Any]:
        said = opening.openings(rows)
        return [{"node": one, "tone": TONES[one.state], "opening": said[one.pk]} for one in rows]

    def context(self) -> dict[str, Any]:
        return {"tabs": tabs("desk_network", self.access), "may_edit": bool(self.access.prefixes(EDIT))}


class Export(Nodes):
    """/desk/network/export/: the filtered nodes, in the columns in which they are imported."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        found = list(self.filtered().select_related("employer").order_by("pk")[:MOST_ROWS])
        today = timezone.localdate()
        weeks = {pk: week.hours for pk, week in opening.weeks(found, today).items()}
        journal(self.actor, "network.nodes_exported", label="服务站点", detail={"rows": len(found)})
        return download(nodes_file.export(found, weeks), f"服务站点-{today:%Y%m%d}.xlsx")


class NodePage(Detail):
    """/desk/network/<pk>/: facts, opening, staff, acceptances, history, and what may be done next."""

    model = Node
    permission = VIEW
    template_name = "network/desk/node.html"
    offer_place = "node.detail"

    def get_queryset(self) -> ScopedQuerySet[Any]:
        return (
            super()
            .get_queryset()
            .select_related("organisation__parent", "organisation__industry_parent", "employer")
        )

    def context(self) -> dict[str, Any]:
        node: Node = self.object
        today = timezone.localdate()
        week = opening.weeks([node], today)[node.pk]
        moves = [one for one in moves_from(node.state) if states.may_move(self.actor, node, one)]
        waits = [one for one in moves_from(node.state) if one.by_superior and one not in moves]
        return {
            "tabs": tabs("desk_network", self.access),
            "tone": TONES[node.state],
            "facts": facts_of(node),
            "opening": opening.openings([node])[node.pk],
            "week": week_words(week.hours) if week.hours else [],
            "exceptions": list(node.exceptions.filter(on__gte=today).order_by("on")[:30]),
            "staff": list(node.staff.select_related("account").order_by("until", "pk")[:50]),
            "acceptances": list(node.acceptances.select_related("organisation").order_by("-pk")[:5]),
            "timeline": timeline(node),
            "moves": [one for one in moves if one.code != "accept"],
            "may_accept": any(one.code == "accept" for one in moves),
            "waits": waits[0].label if waits else "",
            "may_edit": self.actor.may(EDIT, *node.organisation.paths),
        }


def facts_of(node: Node) -> list[tuple[str, str]]:
    union = node.organisation
    dates = [("启用", node.opened_on), ("升级", node.upgraded_on), ("示范", node.demonstration_on)]
    return [
        ("所属工会", union.name), ("层级", node.get_level_display()), ("类别", node.get_kind_display()),
        ("模式", node.get_mode_display()), ("功能", node.function_words or "没有登记"),
        ("建设方式", node.get_build_display()),
        ("所在单位", node.employer.name if node.employer else "—"), ("共建单位", node.partners or "—"),
        ("地址", f"{divisions.names(node.division)} {node.address}".strip()),
        ("位置", "没有登记" if node.latitude is None else f"{node.latitude:.5f}, {node.longitude:.5f}"),
        ("面积", f"{node.area} 平方米" if node.area is not None else "没有登记"),
        ("电话", node.telephone or "没有登记"),
        ("日期", "，".join(f"{label} {day:%Y-%m-%d}" for label, day in dates if day) or "—"),
    ]  # fmt: skip


def timeline(node: Node) -> list[dict[str, Any]]:
    return [
        {
            "who": one.actor_name, "at": one.at, "what": one.label, "opinion": one.opinion,
            "tone": "bad" if one.verb in ("refused", "suspend", "unname") else "",
        }
        for one in node.events.order_by("-pk")[:50]
    ]  # fmt: skip


class _NodeForm:
    """What entering and changing share."""

    access: Any

    def page(self, heading: str, back: str) -> dict[str, Any]:
        return {
            "heading": heading, "submit": "保存", "back": back, "tabs": tabs("desk_network", self.access),
            "list_label": "服务站点", "list_url": reverse("desk_network"),
        }  # fmt: skip


class NewNode(_NodeForm, Create):
    """/desk/network/new/"""

    model = Node
    permission = EDIT
    template_name = "network/desk/form.html"
    form_class: Any = NodeForm
    success_message = "已登记站点“{result}”。接着设置开放时间和人员。"

    def get_initial(self) -> dict[str, Any]:
        """The highest union that the reader keeps, with its level and place."""
        union = keepers(self.actor).order_by("level", "path").first()
        if union is None:
            return {}
        kind = Node.Kind.CENTRE if union.level <= 3 else Node.Kind.STATION
        return {
            "organisation": union.code, "level": union.level, "division": union.division, "kind": kind,
            "build": Node.Build.NEW,
        }  # fmt: skip

    def act(self, form: NodeForm) -> Node:
        given = dict(form.cleaned_data)
        return actions.save_node(self.actor, organisation=given.pop("organisation"), node=None, given=given)

    def get_success_url(self) -> str:
        return reverse("desk_node", args=[self.result.pk])

    def context(self) -> dict[str, Any]:
        return self.page("登记站点", reverse("desk_network"))


class EditNode(_NodeForm, Act):
    """/desk/network/<pk>/edit/"""

    model = Node
    permission = EDIT
    template_name = "network/desk/form.html"
    form_class: Any = NodeForm
    success_message = "已保存。"

    def get_queryset(self) -> ScopedQuerySet[Any]:
        return super().get_queryset().select_related("organisation", "employer")

    def get_initial(self) -> dict[str, Any]:
        node: Node = self.object
        plain = [name for name in NodeForm.base_fields if name not in ("organisation", "employer")]
        firm = (node.employer.uscc or node.employer.name) if node.employer else ""
        own = {name: getattr(node, name) for name in plain}
        return own | {"organisation": node.organisation.code, "employer": firm}

    def act(self, form: NodeForm) -> Node:
        given = dict(form.cleaned_data)
        return actions.save_node(
            self.actor, organisation=given.pop("organisation"), node=self.object, given=given
        )

    def get_success_url(self) -> str:
        return reverse("desk_node", args=[self.object.pk])

    def context(self) -> dict[str, Any]:
        return self.page(f"修改：{self.object}", self.get_success_url())
