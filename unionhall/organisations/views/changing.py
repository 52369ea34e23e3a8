"""Forms for the verbs of the tree. Each shows what it will do (核对) and then calls exactly one action."""

from typing import Any

from django.http import Http404
from django.urls import reverse
from django.utils import timezone

from .. import actions, forms, parameters
from ..actions.revising import CONTACT_FIELDS
from ..models import Employer, Organisation
from .confirming import Confirmed


class OnOrganisation(Confirmed):
    """A verb on the union that the address names."""

    model = Organisation
    slug_field = "code"

    def get_success_url(self) -> str:
        return reverse("desk_org", args=[self.object.code])


class Establish(Confirmed):
    """登记工会: a union that already exists elsewhere enters the tree (a new one is founded through 建会)."""

    model = Organisation
    needs_object = False
    permission = "organisations.reorganise"
    form_class = forms.EstablishForm
    title = "登记工会"
    success_message = "已登记“{result.name}”，组织代码 {result.code}。"
    result: Organisation

    def get_initial(self) -> dict[str, Any]:
        found: dict[str, Any] = super().get_initial()
        return found | {
            key: self.request.GET[key] for key in ("parent", "division") if key in self.request.GET
        }

    def back_url(self) -> str:
        return reverse("desk_orgs")

    def consequence(self, form: Any) -> str:
        return f"“{form.cleaned_data['name']}”将设在“{form.cleaned_data['parent']}”之下。"

    def act(self, form: Any) -> Organisation:
        values = form.cleaned_data
        return actions.establish(self.actor, **values)

    def get_success_url(self) -> str:
        return reverse("desk_org", args=[self.result.code])


class Edit(OnOrganisation):
    permission = "organisations.edit"
    form_class = forms.EditForm
    title = "修改资料"
    success_message = "资料已修改。"

    def get_initial(self) -> dict[str, Any]:
        return {name: getattr(self.object, name) for name in CONTACT_FIELDS}

    def act(self, form: Any) -> Organisation:
        return actions.edit(self.actor, organisation=self.object, **form.cleaned_data)


class Rename(OnOrganisation):
    permission = "organisations.reorganise"
    form_class = forms.RenameForm
    title = "更名"
    success_message = "已更名为“{result.name}”。"

    def consequence(self, form: Any) -> str:
        return f"原名称“{self.object.name}”保留在历史中，按日期查询仍可看到。"

    def act(self, form: Any) -> Organisation:
        return actions.rename(self.actor, organisation=self.object, **form.cleaned_data)


class Move(OnOrganisation):
    permission = "organisations.reorganise"
    form_class = forms.MoveForm
    title = "改变隶属关系"
    success_message = "隶属关系已变更。"

    def consequence(self, form: Any) -> str:
        rows = Organisation.objects.visible_to(self.access).active()
        below = rows.filter(path__startswith=self.object.path).count() - 1
        return f"它的 {below} 个下级工会及其会员、办件随之变更；以前的隶属关系保留在历史中。"

    def act(self, form: Any) -> Organisation:
        return actions.move(self.actor, organisation=self.object, **form.cleaned_data)


class Suspend(OnOrganisation):
    permission = "organisations.reorganise"
    form_class = forms.ReasonForm
    title = "停止活动"
    success_message = "已登记为停止活动。"

    def act(self, form: Any) -> Organisation:
        return actions.suspend(self.actor, organisation=self.object, **form.cleaned_data)


class Resume(OnOrganisation):
    permission = "organisations.reorganise"
    form_class = forms.ReasonForm
    title = "恢复活动"
    success_message = "已恢复活动。"

    def act(self, form: Any) -> Organisation:
        return actions.resume(self.actor, organisation=self.object, **form.cleaned_data)


class StartTerm(OnOrganisation):
    permission = "organisations.terms"
    form_class = forms.TermForm
    title = "登记换届"
    success_message = "已登记{result}任期。"

    def get_form(self, form_class: Any = None) -> Any:
        form = super().get_form(form_class)
        form.offer_years(
            parameters.terms(timezone.localdate(), self.object.division).years(self.object.level)
        )
        return form

    def consequence(self, form: Any) -> str:
        return "上一届任期到新任期开始之日为止。"

    def act(self, form: Any) -> Any:
        return actions.start_term(self.actor, organisation=self.object, **form.cleaned_data)


class Extend(OnOrganisation):
    permission = "organisations.terms"
    form_class = forms.ExtendForm
    title = "延期换届"
    success_message = "任期已延长。"

    def act(self, form: Any) -> Any:
        return actions.extend(self.actor, organisation=self.object, **form.cleaned_data)


class Cover(OnOrganisation):
    permission = "organisations.edit"
    form_class = forms.CoverForm
    title = "覆盖用人单位"
    success_message = "已登记覆盖单位。"

    def act(self, form: Any) -> Any:
        return actions.cover(self.actor, organisation=self.object, **form.cleaned_data)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        register = reverse("desk_org_employer_new", args=[self.object.code])
        return super().get_context_data(
            aside={"label": "单位还没有登记？登记用人单位", "url": register}, **kwargs
        )


class RegisterEmployer(OnOrganisation):
    """登记用人单位 and let the union cover it from today."""

    permission = "organisations.edit"
    form_class = forms.EmployerForm
    title = "登记用人单位"
    success_message = "已登记“{result.name}”，现在可以登记覆盖。"

    def get_initial(self) -> dict[str, Any]:
        return {"division": self.object.division}

    def act(self, form: Any) -> Employer:
        self.actor.require("organisations.edit", *self.object.paths)
        return actions.register_employer(self.actor, paths=self.object.paths, **form.cleaned_data)

    def get_success_url(self) -> str:
        return reverse("desk_org_cover", args=[self.object.code])


class _OnEmployer(OnOrganisation):
    """A verb on one of the employers that the union covers now."""

    permission = "organisations.edit"

    def employer(self) -> Employer:
        found = self.object.coverages.filter(employer=self.kwargs["employer"], period__upper_inf=True)
        coverage = found.select_related("employer").first()
        if coverage is None:
            raise Http404
        return coverage.employer  # type: ignore[no-any-return]


class Uncover(_OnEmployer):
    form_class = forms.UncoverForm
    title = "解除覆盖"
    success_message = "已解除覆盖。"

    def consequence(self, form: Any) -> str:
        return f"“{self.employer().name}”从这一天起不再由本工会覆盖，可由其他工会覆盖。"

    def act(self, form: Any) -> None:
        actions.uncover(self.actor, organisation=self.object, employer=self.employer(), **form.cleaned_data)


class ReviseEmployer(_OnEmployer):
    form_class = forms.EmployerForm
    title = "修改单位资料"
    success_message = "单位资料已修改。"

    def get_initial(self) -> dict[str, Any]:
        employer = self.employer()
        return {name: getattr(employer, name) for name in forms.EmployerForm.base_fields}

    def act(self, form: Any) -> Employer:
        return actions.revise_employer(
            self.actor, employer=self.employer(), organisation=self.object, **form.cleaned_data
        )
