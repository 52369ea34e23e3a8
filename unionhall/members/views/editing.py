"""Registering a member by hand, and putting particulars right."""

from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from unionhall.access.lookups import CountsLookups
from unionhall.foundation.views import Act, Create
from unionhall.foundation.views.acting import Update

from .. import actions
from ..forms import EditForm, EmploymentEdit, RegisterForm
from ..models import Employment, Membership, Person


class Register(CountsLookups, Create):
    """登记会员: one person, with the same checks as an import."""

    permission = "members.standing"
    template_name = "members/register.html"
    form_class = RegisterForm

    def get_initial(self) -> dict[str, Any]:
        return {"on": timezone.localdate(), "id_type": "01"}

    def act(self, form: RegisterForm) -> Membership:
        values = {
            name: form.cleaned_data[name]
            for name in ("organisation", "on", "work_unit", "occupation", "form")
        }
        return actions.register_member(self.actor, **values, **form.particulars())

    def get_success_url(self) -> str:
        return reverse("desk_member", args=[self.result.person_id])

    success_message = "已登记，会员卡已生成。"


class Edit(CountsLookups, Update):
    """修改资料: what is typed stays on an error; numbers are shown masked and stay as they are when left blank."""

    model = Person
    permission = "members.edit"
    template_name = "members/edit.html"
    form_class = EditForm
    fields = ("name", "id_type", "sex", "birth", *EditForm.BACKGROUND)

    def numbers_in(self, request: HttpRequest) -> int:
        """Another document is looked for in the whole register; one left blank is not."""
        return int(bool(request.POST.get("id_number", "").strip()))

    def get_form_kwargs(self) -> dict[str, Any]:
        masked = {"id_number": self.object.masked_id, "phone": self.object.masked_phone}
        return super().get_form_kwargs() | {"masked": masked}

    def act(self, form: EditForm) -> list[str]:
        values = form.particulars()
        unchanged = {name for name in ("sex", "birth") if values.get(name) == getattr(self.object, name)}
        # Sex and birth that the form merely showed must not contradict a corrected document.
        kept = {name: value for name, value in values.items() if name not in unchanged}
        return actions.edit_person(self.actor, person=self.object, reason=form.cleaned_data["reason"], **kept)

    def get_success_url(self) -> str:
        return reverse("desk_member", args=[self.object.pk])

    success_message = "资料已保存。"


class ChangeEmployment(Act):
    """更新就业情况: the present period ends, the next begins."""

    model = Person
    permission = "members.edit"
    template_name = "members/act.html"
    form_class = EmploymentEdit

    def get_initial(self) -> dict[str, Any]:
        rows = Employment.objects.everywhere(reason="parts of a person who is in scope")
        present = rows.filter(person=self.object, period__upper_inf=True).first()
        today = {"on": timezone.localdate()}
        if present is None:
            return today
        return today | {
            name: getattr(present, name) for name in ("status", "form", "work_unit", "occupation")
        }

    def context(self) -> dict[str, Any]:
        return {
            "heading": "更新就业情况",
            "whose": self.object.masked_name,
            "back": self.get_success_url(),
            "submit": "保存",
        }

    def act(self, form: EmploymentEdit) -> Employment:
        return actions.change_employment(self.actor, person=self.object, **form.cleaned_data)

    def get_success_url(self) -> str:
        return reverse("desk_member", args=[self.object.pk])

    success_message = "就业情况已更新。"
