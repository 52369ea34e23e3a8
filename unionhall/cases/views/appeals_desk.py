"""Appeals at the desk: what came by phone, letter or visit is registered; one is merged into another."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from unionhall.foundation.errors import Refused
from unionhall.foundation.views import Create
from unionhall.organisations.models import Employer, Organisation

from .. import addresses
from ..actions import appeals, desk
from ..forms.appeals import MergeForm, RegisterForm
from ..models import Case
from .cases_acts import _Plain

MOST_UNIONS = 300


class Register(Create):
    """/desk/appeals/new/."""

    permission = "cases.open"
    template_name = "cases/appeals/register.html"
    form_class = RegisterForm
    success_message = "{result}"

    def get_initial(self) -> dict[str, Any]:
        """`?statement=`: what another page already knows."""
        return {"statement": self.request.GET.get("statement", "")[:500]}

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"unions": [(str(one.pk), one.name) for one in self.unions()]}

    def unions(self) -> list[Organisation]:
        """Where the reader may register: his own union first."""
        rows = Organisation.objects.visible_to(self.access, to="cases.open").active()
        return list(rows.order_by("level", "path")[:MOST_UNIONS])

    def act(self, form: RegisterForm) -> str:
        given, name = form.cleaned_data, form.cleaned_data["employer_name"]
        union = next((one for one in self.unions() if str(one.pk) == given["union"]), None)
        if union is None:
            raise Refused("请选择办理工会。", field="union")
        matter = appeals.Matter(
            statement=given["statement"],
            cause=given["cause"],
            urgent=given["urgent"],
            organisation=union,
            employer=Employer.objects.filter(name=name).first() if name else None,
            employer_name=name,
            headcount=given["headcount"] or 1,
            representatives=tuple(given["representatives"].split()),
            contact={"name": given["name"], "phone": given["phone"]},
            uploads=(given["file"],) if given["file"] else (),
        )
        self.filed = appeals.register(
            self.actor, matter, channel=given["channel"], anonymous=not (given["name"] or given["phone"])
        )
        code = f"查询码 {self.filed.code}，请告诉反映人。" if self.filed.code else ""
        return f"已登记，编号 {self.filed.case.number}。{code}"

    def get_success_url(self) -> str:
        return addresses.desk_page(self.filed.case)


class Merge(_Plain):
    """/desk/cases/<number>/merge/: into another of the same matter."""

    title, button = "并入另一件", "并案"
    form_class = MergeForm
    success_message = "已并案，反映人会收到消息。"

    def get_queryset(self) -> Any:
        return super().get_queryset().filter(kind=appeals.CODE)

    def act(self, form: MergeForm) -> Case:
        other = desk.case_numbered(self.actor, form.cleaned_data["number"])
        if other.kind != appeals.CODE:
            raise Refused("只能并入另一件诉求。其他类别的请用“关联”或“转为”。", field="number")
        return appeals.merge(self.actor, self.object, other, reason=form.cleaned_data["reason"])

    def get_success_url(self) -> str:
        return reverse("desk_case", args=[self.object.number])
