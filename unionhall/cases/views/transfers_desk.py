"""/desk/case-transfers/: cases sent to other federations and taken from them; packages and receipts as files."""

from __future__ import annotations

from functools import cached_property
from typing import Any, ClassVar

from django.contrib import messages
from django.http import HttpResponseBase
from django.urls import reverse

from unionhall.foundation.views import Act, Create, List, download
from unionhall.organisations.models import Organisation

from .. import kinds, packages
from ..actions import transfers
from ..forms.supervision import PackageForm, SendForm, TakeForm
from ..models import Case, CaseTransfer

TRANSFER = "cases.transfer"
#: Only the other federation's platform opens it.
SEALED = "application/octet-stream"


class Transfers(List):
    model = CaseTransfer
    permission = TRANSFER
    template_name = "cases/supervision/transfers.html"

    def get_queryset(self) -> Any:
        return super().get_queryset().select_related("case__organisation")

    def context(self) -> dict[str, Any]:
        return {"partners": packages.partners()}


class Send(Act):
    """A case as a sealed file for another federation: the answer is the file itself."""

    model = Case
    permission = TRANSFER
    slug_field = "number"
    template_name = "cases/supervision/act.html"
    form_class: Any = SendForm

    def get_queryset(self) -> Any:
        return Case.objects.visible_to(self.access).select_related("organisation")

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"federations": packages.partners()}

    def context(self) -> dict[str, Any]:
        case: Case = self.object
        return {
            "heading": "移送其他联合会", "button": "生成移送文件", "lead": f"{case.title}　{case.number}",
            "back": reverse("desk_case", args=[case.number]), "plain": True,
        }  # fmt: skip

    def act(self, form: Any) -> Any:
        return transfers.send(self.actor, self.object, **form.cleaned_data)

    def done(self) -> HttpResponseBase:
        made, content = self.result
        return download(content, f"移送{self.object.number}至{made.federation}.uhcase", SEALED)


class Take(Create):
    """Taking a case over from the other's file."""

    model = Case
    permission = TRANSFER
    template_name = "cases/supervision/act.html"
    form_class: Any = TakeForm
    success_message = "已接收，本会编号 {result.number}。请生成回执交给对方。"
    heading: ClassVar[str] = "接收移送"

    @cached_property
    def unions(self) -> list[Organisation]:
        rows = Organisation.objects.visible_to(self.access, to=TRANSFER).active().order_by("level", "path")
        return list(rows[:200])

    def get_form_kwargs(self) -> dict[str, Any]:
        choices = [(one.code, one.title) for one in kinds.all_kinds() if packages.portable(one.code)]
        more = {"federations": packages.partners(), "unions": self.unions, "kinds": choices}
        return super().get_form_kwargs() | more

    def context(self) -> dict[str, Any]:
        back = reverse("desk_case_transfers")
        return {"heading": self.heading, "button": "接收", "lead": "", "back": back, "multipart": True}

    def act(self, form: Any) -> Case:
        given = form.cleaned_data
        union = next(one for one in self.unions if str(one.pk) == given["organisation"])
        return transfers.take(
            self.actor,
            federation=given["federation"],
            file=given["file"],
            organisation=union,
            kind=given["kind"],
        )

    def get_success_url(self) -> str:
        return reverse("desk_case_transfers")


class Receipt(Act):
    """How a case that was taken over stands, as a sealed file for where it came from."""

    model = CaseTransfer
    permission = TRANSFER
    template_name = "cases/supervision/act.html"

    def get_queryset(self) -> Any:
        return super().get_queryset().select_related("case__organisation").filter(direction="in")

    def context(self) -> dict[str, Any]:
        one: CaseTransfer = self.object
        return {
            "heading": "生成回执", "button": "生成回执文件", "lead": f"{one.federation}：{one.case.title}",
            "back": reverse("desk_case_transfers"), "plain": True,
        }  # fmt: skip

    def act(self, form: Any) -> bytes:
        return transfers.receipt(self.actor, self.object)

    def done(self) -> HttpResponseBase:
        return download(
            self.result,
            f"回执{self.object.case.number}至{self.object.federation}.uhcase",
            "application/octet-stream",
        )


class TakeReceipt(Take):
    form_class: Any = PackageForm
    heading = "登记回执"
    success_message = ""

    def get_form_kwargs(self) -> dict[str, Any]:
        found = super(Take, self).get_form_kwargs()
        return found | {"federations": packages.partners()}

    def act(self, form: Any) -> Any:
        given = form.cleaned_data
        return transfers.take_receipt(self.actor, federation=given["federation"], file=given["file"])

    def done(self) -> HttpResponseBase:
        messages.success(self.request, f"对方状态：{self.result.remote_state}。")
        return super().done()
