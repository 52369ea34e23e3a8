"""What is done with one node: its state, its acceptance, its hours, its people."""

from functools import cached_property
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse

from unionhall.foundation.scope import ScopedQuerySet
from unionhall.foundation.views import Act

from ..actions import nodes as actions
from ..actions import staffing, states
from ..forms.nodes import AcceptForm, ExceptionForm, HoursForm, MoveForm, StaffForm
from ..models import Node, NodeAcceptance, NodeException, NodeStaff
from ..rules.states import Move, move_of
from .nodes_desk import EDIT, VIEW, tabs


class _OnNode(Act):
    model = Node
    permission = EDIT
    template_name = "network/desk/form.html"

    def get_queryset(self) -> ScopedQuerySet[Any]:
        rows = super().get_queryset()
        return rows.select_related("organisation__parent", "organisation__industry_parent")

    def get_success_url(self) -> str:
        return reverse("desk_node", args=[self.object.pk])

    def page(self, heading: str, submit: str = "保存", **more: Any) -> dict[str, Any]:
        return {
            "heading": f"{self.object}：{heading}", "submit": submit, "back": self.get_success_url(),
            "tabs": tabs("desk_network", self.access), "list_label": "服务站点",
            "list_url": reverse("desk_network"), **more,
        }  # fmt: skip


class MoveNode(_OnNode):
    """/desk/network/<pk>/move/<code>/: what the node's own union does with it."""

    form_class: Any = MoveForm
    success_message = "“{result}”的状态已更新。"
    by_superior = False

    @property
    def step(self) -> Move:
        found = move_of(self.kwargs["code"])
        if found is None or found.code == "accept" or found.by_superior != self.by_superior:
            raise Http404
        return found

    def act(self, form: MoveForm) -> Node:
        given = form.cleaned_data
        return states.move(
            self.actor, node=self.object, code=self.step.code, opinion=given["opinion"], on=given["on"]
        )

    def context(self) -> dict[str, Any]:
        lead = "由上级工会决定，要写明理由。" if self.step.by_superior else ""
        return self.page(self.step.label, self.step.label, lead=lead)


class _BySuperior(_OnNode):
    """Opened by whoever may accept over the union above: its node is seen from there, out of reach is 404."""

    permission = states.ACCEPT

    def get_queryset(self) -> ScopedQuerySet[Any]:
        rows: ScopedQuerySet[Any] = Node.objects.all().visible_to(self.access, to=VIEW)
        return rows.select_related("organisation__parent", "organisation__industry_parent")

    @cached_property
    def object(self) -> Any:
        found = super().object
        if not self.actor.may(states.ACCEPT, *states.superior_paths(found)):
            raise Http404
        return found


class DecideNode(_BySuperior, MoveNode):
    """/desk/network/<pk>/decide/<code>/: naming a demonstration, and taking the name away."""

    permission = states.ACCEPT
    by_superior = True


class AcceptNode(_BySuperior):
    """/desk/network/<pk>/acceptance/: a superior's, against the checklist in force."""

    form_class: Any = AcceptForm
    template_name = "network/desk/accept.html"
    success_message = "验收已登记。"

    def get_form_kwargs(self) -> dict[str, Any]:
        judged, self.version = states.checklist(self.object)
        self.judged = [one for one in judged if not one.check.by_eye]
        checks = [(one.check.code, one.check.label) for one in judged if one.check.by_eye]
        return super().get_form_kwargs() | {"checks": checks}

    def act(self, form: AcceptForm) -> NodeAcceptance:
        given = form.cleaned_data
        return states.accept(
            self.actor, node=self.object, seen=given["seen"], passed=given["passed"],
            opinion=given["opinion"], on=given["on"],
        )  # fmt: skip

    def context(self) -> dict[str, Any]:
        return self.page("验收", "登记验收", judged=self.judged, version=self.version)


class SetHours(_OnNode):
    """/desk/network/<pk>/hours/: the whole week."""

    form_class: Any = HoursForm
    success_message = "开放时间已更新，职工马上看到。"

    def get_initial(self) -> dict[str, Any]:
        week: dict[str, list[str]] = {}
        for one in self.object.hours.order_by("weekday", "opens"):
            week.setdefault(f"day_{one.weekday}", []).append(f"{one.opens:%H:%M}-{one.closes:%H:%M}")
        return {name: "，".join(said) for name, said in week.items()}

    def act(self, form: HoursForm) -> int:
        return actions.set_hours(self.actor, node=self.object, week=dict(form.week))

    def context(self) -> dict[str, Any]:
        return self.page("开放时间", lead="写当天开放的时段；节假日按节假日表，临时变动另设例外。")


class NewException(_OnNode):
    """/desk/network/<pk>/exceptions/new/: a day unlike its weekday."""

    form_class: Any = ExceptionForm
    success_message = "已设置。"

    def act(self, form: ExceptionForm) -> NodeException:
        return actions.set_exception(self.actor, node=self.object, **form.cleaned_data)

    def context(self) -> dict[str, Any]:
        return self.page("开放例外", lead="某一天临时停开、加开或改时间。同一天再设一次就是修改。")


class RemoveException(Act):
    """POST /desk/network/exceptions/<pk>/remove/"""

    model = NodeException
    permission = EDIT
    http_method_names = ("post",)
    success_message = "已取消，当天按平时开放。"

    def get_queryset(self) -> ScopedQuerySet[Any]:
        return super().get_queryset().select_related("node__organisation")

    def act(self, form: Any) -> None:
        actions.remove_exception(self.actor, exception=self.object)

    def get_success_url(self) -> str:
        return reverse("desk_node", args=[self.object.node_id])


class PlaceStaff(_OnNode):
    """/desk/network/<pk>/staff/new/"""

    form_class: Any = StaffForm
    success_message = "{result}已到岗。"

    def act(self, form: StaffForm) -> NodeStaff:
        given = form.cleaned_data
        return staffing.place(
            self.actor, node=self.object, name=given["name"], role=given["role"], account=given["username"],
            since=given["since"],
        )  # fmt: skip

    def context(self) -> dict[str, Any]:
        return self.page("人员到岗", "到岗", lead="姓名和岗位会在站点页面公布，网格员除外。")


class EndStaff(Act):
    """POST /desk/network/staff/<pk>/end/"""

    model = NodeStaff
    permission = EDIT
    http_method_names = ("post",)
    success_message = "已离岗。"

    def get_queryset(self) -> ScopedQuerySet[Any]:
        return super().get_queryset().select_related("node__organisation")

    def act(self, form: Any) -> None:
        staffing.end(self.actor, staff=self.object)

    def refuse(self, form: Any) -> HttpResponseBase:  # type: ignore[override]
        messages.error(self.request, " ".join(map(str, form.non_field_errors())))
        return redirect(self.get_success_url())

    def get_success_url(self) -> str:
        return reverse("desk_node", args=[self.object.node_id])
