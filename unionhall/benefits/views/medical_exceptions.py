"""What is left to people: the queue of exceptions and its verbs; claims with papers; taking out units."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any, ClassVar

from django import forms
from django.db.models import Count, Model
from django.http import Http404, HttpRequest
from django.urls import reverse

from unionhall.access.lookups import CountsLookups
from unionhall.foundation.views import Act, Create, Detail, List
from unionhall.foundation.views.reading import Scoped
from unionhall.kit.money import yuan
from unionhall.members.models import Person
from unionhall.records.actions import journal
from unionhall.records.views.files import sandboxed

from ..actions.medical import covers, exceptions
from ..forms.medical import EnrolForm, MatchForm, ReasonForm
from ..models import MedicalClaim, MedicalCover, SettlementLine
from .medical_desk import may_resolve, shown, tabs

Reason = SettlementLine.Reason


class Exceptions(List):
    """/desk/medical/exceptions/: what no rule could settle, oldest first; one's own are marked."""

    model: ClassVar[type[Model]] = SettlementLine
    permission = "benefits.medical"
    template_name = "benefits/medical/exceptions.html"
    ordering = "pk"

    def get_queryset(self) -> Any:
        return super().get_queryset()

    def filtered(self) -> Any:
        rows = self.get_queryset().exceptions().select_related("file", "person")
        reason = self.request.GET.get("reason", "")
        return rows.filter(reason=reason) if reason in Reason.values else rows

    def context(self) -> dict[str, Any]:
        rows = (
            self.get_queryset().exceptions().values("reason").annotate(count=Count("pk")).order_by("-count")
        )
        chosen = self.request.GET.get("reason", "")
        return {
            "tabs": tabs("desk_medical_exceptions", self.access),
            "reasons": [
                {"label": Reason(row["reason"]).label, "url": f"?reason={row['reason']}", "count": row["count"],
                 "current": row["reason"] == chosen}
                for row in rows
            ],
            "me": self.access.account_id,
        }  # fmt: skip


class _Verb(Act):
    model: ClassVar[type[Model]] = SettlementLine
    permission = "benefits.medical_resolve"
    template_name = "benefits/medical/resolve.html"
    form_class: type[forms.Form] = ReasonForm
    title: ClassVar[str]
    words: ClassVar[str] = ""

    def get_queryset(self) -> Any:
        return super().get_queryset().select_related("file", "person", "decision__version")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        line: SettlementLine = self.object
        told = {"title": self.title, "words": self.words, "candidate": candidate(line), "named": named(line)}
        return super().get_context_data(**shown(line), **told, may=may_resolve(self.actor, line), **kwargs)

    def get_success_url(self) -> str:
        return reverse("desk_medical_line", args=[self.object.pk])


def candidate(line: SettlementLine) -> Person | None:
    """Who in the register has the document of a line, for those who have to decide."""
    if line.id_index is None:
        return None
    rows = Person.objects.everywhere(reason="the person behind a document of an exception")
    return rows.filter(id_index=line.id_index).first()


def named(line: SettlementLine) -> str:
    """The name in the file."""
    return str(json.loads(line.details.reveal()).get("name", "")) if line.details is not None else ""


class Match(CountsLookups, _Verb):
    title, words = "匹配人员", "确认这笔结算是谁的。匹配后马上按方案计算。"
    form_class = MatchForm
    success_message = "已匹配并理算。"

    def get_initial(self) -> dict[str, Any]:
        found = candidate(self.object)
        return {"member": found.member_number or ""} if found is not None else {}

    def act(self, form: MatchForm) -> SettlementLine:
        values = form.cleaned_data
        return exceptions.match_by_hand(
            self.actor, line=self.object, person=values["member"], reason=values["reason"]
        )


class Accept(_Verb):
    title, words = "采纳", "按这笔结算自己的年度和地区的方案、预算计算。"
    success_message = "已采纳并理算。"

    def act(self, form: ReasonForm) -> SettlementLine:
        return exceptions.accept(self.actor, line=self.object, reason=form.cleaned_data["reason"])


class Dismiss(_Verb):
    title, words = "剔除", "这笔不再处理，也不支付。"
    success_message = "已剔除。"

    def act(self, form: ReasonForm) -> SettlementLine:
        return exceptions.dismiss(self.actor, line=self.object, reason=form.cleaned_data["reason"])


class Take(_Verb):
    title, words = "认领", "认领后，别人会看到您正在处理；再点一次放回队列。"
    form_class = forms.Form

    def act(self, form: Any) -> SettlementLine:
        return exceptions.take(self.actor, line=self.object)

    def get_success_url(self) -> str:
        return reverse("desk_medical_exceptions")


class Claims(List):
    """/desk/medical/claims/: claims with papers; they are decided in the review."""

    model: ClassVar[type[Model]] = MedicalClaim
    permission = "benefits.medical_claims"
    template_name = "benefits/medical/claims.html"

    def filtered(self) -> Any:
        return self.get_queryset().select_related("person", "organisation", "review", "line")

    def context(self) -> dict[str, Any]:
        return {"tabs": tabs("desk_medical_claims", self.access)}


class ClaimPage(Detail):
    """A claim with its sum and papers. Each look is journalled: it tells of somebody's health."""

    model: ClassVar[type[Model]] = MedicalClaim
    permission = "benefits.medical_claims"
    template_name = "benefits/medical/claim.html"

    def get_queryset(self) -> Any:
        return super().get_queryset().select_related("person", "organisation", "review", "line")

    def context(self) -> dict[str, Any]:
        claim: MedicalClaim = self.object
        journal(
            self.actor, "benefits.medical_claim_opened", subject=claim, label=claim.review.number,
            paths=claim.organisation.paths,
        )  # fmt: skip
        told = json.loads(claim.details.reveal()) if claim.details is not None else {}
        facts = [
            ("申请人", claim.person.masked_name),
            ("所在工会", claim.organisation.name),
            ("结算号", claim.number),
            ("结算日期", f"{claim.settled_on:%Y-%m-%d}"),
            ("个人自付", f"{yuan(Decimal(claim.selfpay.reveal()))} 元"),
            ("就诊医院", told.get("hospital", "—")),
            ("病种", told.get("diagnosis", "—")),
            ("办件", f"{claim.review.number}（{claim.review.get_state_display()}）"),
        ]
        return {"facts": facts, "papers": list(claim.papers.select_related("file").order_by("pk"))}


class PaperFile(Scoped):
    """A paper of a claim, opened by those who may read the claim."""

    model: ClassVar[type[Model]] = MedicalClaim
    permission = "benefits.medical_claims"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        claim: MedicalClaim = self.object
        paper = claim.papers.select_related("file").filter(pk=kwargs["paper"]).first()
        if paper is None:
            raise Http404
        journal(
            self.actor, "benefits.medical_paper_opened", subject=claim, label=paper.label,
            paths=claim.organisation.paths,
        )  # fmt: skip
        return sandboxed(paper.file)


class Enrol(CountsLookups, Create):
    """/desk/medical/covers/new/"""

    permission = "benefits.medical_enrol"
    template_name = "benefits/medical/enrol.html"
    form_class = EnrolForm
    success_message = "已登记，应收互助费 {result.premium} 元。"

    def act(self, form: EnrolForm) -> MedicalCover:
        values = form.cleaned_data
        return covers.enrol(
            self.actor, person=values["member"], units=values["units"], starts=values["starts"]
        )

    def get_success_url(self) -> str:
        return reverse("desk_medical_covers")
