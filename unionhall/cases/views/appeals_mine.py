"""One's own case on the phone, whatever its kind: how it stands, adding to it, rating the answer, taking it back."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from unionhall.foundation.permissions import SIGNED_IN
from unionhall.foundation.views import Act, Detail

from .. import presenting
from ..actions import appeals
from ..forms.appeals import MoreForm, RateForm, WithdrawForm
from ..models import Case, CaseFile
from .papers import Paper


class MyCase(Detail):
    """/m/help/<number>/."""

    model = Case
    mine = True
    slug_field = "number"
    permission = SIGNED_IN
    template_name = "cases/appeals/mine.html"
    offer_place = "case.mine"

    def get_queryset(self) -> Any:
        return super().get_queryset().select_related("organisation")

    def context(self) -> dict[str, Any]:
        case = self.object
        papers = case.files.filter(shown=True).select_related("attachment").order_by("id")
        found = presenting.for_filer(case)
        is_appeal = case.kind == appeals.CODE
        return {
            **found,
            "may_add": found["may_add"] and is_appeal,
            "may_withdraw": found["may_withdraw"] and is_appeal,
            "may_rate": found["may_rate"] and is_appeal,
            "files": presenting.files(papers, _address, for_worker=True),
        }


def _address(file: Any) -> str:
    return reverse("m_help_file", args=[file.case.number, file.pk])


class _Own(Act):
    model = Case
    mine = True
    slug_field = "number"
    permission = SIGNED_IN
    template_name = "cases/appeals/my_act.html"
    title, button = "", "提交"

    def get_queryset(self) -> Any:
        return super().get_queryset().filter(kind=appeals.CODE)

    def get_success_url(self) -> str:
        return reverse("m_help_case", args=[self.object.number])

    def context(self) -> dict[str, Any]:
        return {"title": self.title, "button": self.button, "back_url": self.get_success_url()}


class Rate(_Own):
    """/m/help/<number>/rate/: five levels."""

    title, button = "评价办理结果", "提交评价"
    form_class = RateForm
    success_message = "谢谢您的评价。"

    def act(self, form: RateForm) -> Case:
        given = form.cleaned_data
        return appeals.rate(self.actor, self.object, rating=given["rating"], comment=given["comment"])


class More(_Own):
    title, button = "补充情况", "提交补充"
    form_class = MoreForm
    success_message = "已补充，承办人会看到。"

    def act(self, form: MoreForm) -> Case:
        given = form.cleaned_data
        uploads = [given["file"]] if given["file"] else []
        return appeals.supply(self.actor, self.object, body=given["body"], uploads=uploads)


class Withdraw(_Own):
    title, button = "撤回", "确定撤回"
    form_class = WithdrawForm
    success_message = "已撤回。"

    def act(self, form: WithdrawForm) -> Case:
        return appeals.withdraw(self.actor, self.object, reason=form.cleaned_data["reason"])


class MyFile(Paper):
    """/m/help/<number>/files/<file>/: a paper that one may see."""

    model = Case
    mine = True
    slug_field = "number"
    permission = SIGNED_IN
    layout = "layouts/worker.html"

    def paper(self) -> CaseFile | None:
        rows = self.object.files.filter(shown=True).select_related("attachment")
        found: CaseFile | None = rows.filter(pk=self.kwargs["file"]).first()
        return found

    def back_url(self) -> str:
        return reverse("m_help_case", args=[self.object.number])
