"""Verbs of plans, tasks and parts, a page each."""

from __future__ import annotations

from functools import cached_property
from typing import Any, ClassVar

from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from unionhall import rulebook
from unionhall.foundation.errors import Refused
from unionhall.foundation.views import Act, Create
from unionhall.organisations.models import Organisation

from .. import referring
from ..actions import task_parts, tasks
from ..forms import tasks as forms
from ..models import Case, PartnerBody, Plan, TaskPart
from ..schemes.tasks import TaskScheme
from .tasks_desk import HANDLE, PLANS

ACT = "cases/supervision/act.html"


class _New(Create):
    template_name = ACT
    permission = PLANS
    heading: ClassVar[str] = ""
    back: ClassVar[str] = ""

    def context(self) -> dict[str, Any]:
        return {"heading": self.heading, "button": self.heading, "lead": "", "back": reverse(self.back)}

    @cached_property
    def unions(self) -> list[Organisation]:
        rows = Organisation.objects.visible_to(self.access, to=PLANS).active().order_by("level", "path")
        return list(rows[:200])

    def union(self, form: Any) -> Organisation:
        return next(one for one in self.unions if str(one.pk) == form.cleaned_data["organisation"])


class NewPlan(_New):
    heading, back, model = "登记规划", "desk_plans", Plan
    form_class: Any = forms.PlanForm

    def get_form_kwargs(self) -> dict[str, Any]:
        division = self.unions[0].division if self.unions else ""
        version = rulebook.scheme(TaskScheme, on=timezone.localdate(), division=division)
        kinds = {one.code: one.label for one in version.parameters.plan_kinds}
        return super().get_form_kwargs() | {"unions": self.unions, "kinds": kinds}

    def act(self, form: Any) -> Plan:
        return tasks.make_plan(self.actor, **form.cleaned_data | {"organisation": self.union(form)})

    def get_success_url(self) -> str:
        return reverse("desk_plan", args=[self.result.pk])


class Give(_New):
    heading, back, model = "交办任务", "desk_tasks", Case
    form_class: Any = forms.GiveForm
    success_message = "任务 {result.number} 已交办，请分工。"

    @cached_property
    def plans(self) -> list[Plan]:
        return list(
            Plan.objects.all().visible_to(self.access, to=PLANS).filter(closed_at=None).order_by("-pk")[:200]
        )

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"unions": self.unions, "plans": self.plans}

    def get_initial(self) -> dict[str, Any]:
        wanted = self.request.GET.get("plan", "")
        found = next((one for one in self.plans if str(one.pk) == wanted), None)
        return {"plan": wanted, "organisation": found.organisation_id} if found is not None else {}

    def act(self, form: Any) -> Case:
        plan = next((one for one in self.plans if str(one.pk) == form.cleaned_data["plan"]), None)
        return tasks.give(self.actor, **form.cleaned_data | {"organisation": self.union(form), "plan": plan})

    def get_success_url(self) -> str:
        return reverse("desk_task", args=[self.result.number])


class ClosePlan(Act):
    model, permission, template_name = Plan, PLANS, ACT

    def get_queryset(self) -> Any:
        return super().get_queryset().select_related("organisation")

    def context(self) -> dict[str, Any]:
        back = reverse("desk_plan", args=[self.object.pk])
        return {"heading": "结束规划", "button": "结束", "lead": self.object.title, "back": back}

    def act(self, form: Any) -> Plan:
        return tasks.close_plan(self.actor, plan=self.object)

    def get_success_url(self) -> str:
        return reverse("desk_plan", args=[self.object.pk])


class OnTask(Act):
    """A verb on a task."""

    model, permission, slug_field, template_name = Case, HANDLE, "number", ACT
    heading: ClassVar[str] = ""

    def get_queryset(self) -> Any:
        return super().get_queryset().filter(kind="task").select_related("organisation", "task")

    def context(self) -> dict[str, Any]:
        case: Case = self.object
        return {
            "heading": self.heading, "button": self.heading, "lead": f"{case.title}　{case.number}",
            "back": reverse("desk_task", args=[case.number]),
        }  # fmt: skip

    def get_success_url(self) -> str:
        return reverse("desk_task", args=[self.object.number])


class Ask(OnTask):
    heading = "分工"
    form_class: Any = forms.AskForm

    @cached_property
    def bodies(self) -> list[tuple[PartnerBody, str, str]]:
        """Departments of the union and those above it, with what each may be asked."""
        case: Case = self.object
        paths = [case.organisation.path, *case.organisation.ancestor_paths()]
        rows = PartnerBody.objects.everywhere(reason="departments with which a union or one above it works")
        found = []
        for body in rows.filter(organisation__path__in=paths, suspended=False).order_by("name")[:100]:
            kind = referring.kind_of(body)
            acts = sorted(kind.acts, key=lambda one: not one.tasks) if kind is not None else []
            found += [(body, act.code, act.label) for act in acts]
        return found

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"bodies": self.bodies}

    def act(self, form: Any) -> TaskPart:
        given, case = dict(form.cleaned_data), self.object
        named, body = given.pop("union").strip(), given.pop("body")
        if body:
            pk, _, act = body.partition(":")
            found = next(one for one, code, _ in self.bodies if str(one.pk) == pk and code == act)
            return task_parts.ask_body(self.actor, case, body=found, act=act, **given)
        rows = Organisation.objects.everywhere(reason="a union below; the action refuses all others").active()
        unions = list(rows.filter(Q(name=named) | Q(code=named))[:2])
        if len(unions) != 1:
            raise Refused("没有找到这个工会，请填写全称或组织代码。", field="union")
        return task_parts.ask_union(self.actor, case, organisation=unions[0], **given)


class Merge(OnTask):
    heading, form_class = "汇总答复", forms.MergeForm

    def act(self, form: Any) -> Case:
        return tasks.merge(self.actor, self.object, **form.cleaned_data)


class Close(OnTask):
    heading, form_class = "办结任务", forms.CloseForm

    def act(self, form: Any) -> Case:
        return tasks.close(self.actor, self.object, **form.cleaned_data)


class OnPart(Act):
    """A verb on a part. Whose it is, the action asks."""

    model, permission, template_name = TaskPart, HANDLE, ACT
    heading: ClassVar[str] = ""

    def get_queryset(self) -> Any:
        return super().get_queryset().select_related("case__organisation", "case__task", "organisation")

    def context(self) -> dict[str, Any]:
        part: TaskPart = self.object
        return {
            "heading": self.heading, "button": self.heading, "lead": f"{part.case.title}：{part.asked}",
            "back": reverse("desk_task_part", args=[part.pk]),
        }  # fmt: skip

    def get_success_url(self) -> str:
        return reverse("desk_task_part", args=[self.object.pk])


class Reply(OnPart):
    heading, form_class = "答复分工", forms.ReplyForm

    def get_initial(self) -> dict[str, Any]:
        return {"progress": self.object.progress, "reply": self.object.reply}

    def act(self, form: Any) -> Any:
        return task_parts.reply(self.actor, self.object, **form.cleaned_data)


class HandUp(OnPart):
    heading, form_class = "上交", forms.ReasonForm

    def act(self, form: Any) -> Any:
        return task_parts.hand_up(self.actor, self.object, **form.cleaned_data)


class HandDown(OnPart):
    heading, form_class = "分解为下级任务", forms.DownForm

    def get_initial(self) -> dict[str, Any]:
        part: TaskPart = self.object
        return {"title": part.case.title, "target": part.asked, "due_on": part.due_on}

    def act(self, form: Any) -> Case:
        return task_parts.hand_down(self.actor, self.object, **form.cleaned_data)

    def get_success_url(self) -> str:
        return reverse("desk_task", args=[self.result.number])


class Accept(OnPart):
    heading = "认可答复"

    def act(self, form: Any) -> Any:
        return task_parts.accept(self.actor, self.object)


class Return(OnPart):
    heading, form_class = "退回重办", forms.ReturnForm

    def act(self, form: Any) -> Any:
        return task_parts.return_part(self.actor, self.object, **form.cleaned_data)


class Withdraw(OnPart):
    heading, form_class = "撤回分工", forms.ReasonForm

    def act(self, form: Any) -> Any:
        return task_parts.withdraw(self.actor, self.object, **form.cleaned_data)
