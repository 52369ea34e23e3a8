"""我的保险保障 on the phone: what covers me, since when; claiming for an event; where a claim stands."""

from functools import cached_property
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone

from unionhall import rulebook
from unionhall.foundation.permissions import SIGNED_IN
from unionhall.foundation.scope import ScopedQuerySet
from unionhall.foundation.views import Act, Create, Page
from unionhall.foundation.views.reading import Scoped
from unionhall.ledger.models import Payee, Payment
from unionhall.members import consents
from unionhall.members.views.own import Own
from unionhall.records.actions import journal
from unionhall.records.views.files import sandboxed
from unionhall.reviews.models import Review

from .. import covering
from ..actions import cover_claims as claims
from ..forms.cover import DescribeForm, PaperForm, StartForm, SubmitForm
from ..models import CoverClaim, CoverPaper
from ..schemes.cover import TITLES


class MyCover(Own, Page):
    """/m/benefits/cover/: my covers and my claims."""

    template_name = "benefits/cover/my_cover.html"

    def context(self) -> dict[str, Any]:
        rows = CoverClaim.objects.all().owned_by(self.access).filter(by_kin=False)
        mine = rows.select_related("organisation", "decision").order_by("-pk")[:50]
        return {
            "covers": covering.covers_of(self.person.pk, covering.division_of(self.membership)),
            "claims": covering.claims_of(mine),
            "member": self.membership is not None,
            "card": self.card is not None,
        }


class Apply(Own, Create):
    """/m/apply/<programme>/: what happened and when; then the claim's own page."""

    template_name = "benefits/cover/apply.html"
    form_class = StartForm
    programme = ""

    @cached_property
    def version(self) -> Any:
        division = covering.division_of(self.membership)
        return rulebook.scheme(self.programme, on=timezone.localdate(), division=division)

    def _guarded(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if (
            self.known is not None
            and covering.scheme_of(
                self.programme, timezone.localdate(), covering.division_of(self.membership)
            )
            is None
        ):
            messages.info(request, "您所在的地区现在没有这项保障。")
            return redirect("m_cover")
        return super()._guarded(request, *args, **kwargs)

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"perils": self.version.parameters.perils}

    def context(self) -> dict[str, Any]:
        covers = covering.covers_of(self.person.pk, covering.division_of(self.membership))
        return {
            "title": TITLES[self.programme],
            "version": self.version,
            "cover": next((one for one in covers if one["row"].programme == self.programme), None),
        }

    def act(self, form: StartForm) -> CoverClaim:
        answers = form.cleaned_data
        return claims.start(
            self.actor, person=self.person, programme=self.programme, peril=answers["peril"],
            event_on=answers["event_on"],
        )  # fmt: skip

    def get_success_url(self) -> str:
        return reverse("m_cover_claim", args=[self.result.pk])


class OnClaim(Act):
    """What the phone's and the desk's pages about one claim share; `names` are the addresses they lead to."""

    model = CoverClaim
    names = "m_cover"

    def get_queryset(self) -> ScopedQuerySet[Any]:
        rows = super().get_queryset()
        if self.mine:
            rows = rows.filter(by_kin=False)
        return rows.select_related("person", "organisation", "enrolment", "review", "payee", "decision")

    @property
    def editable(self) -> bool:
        claim: CoverClaim = self.object
        returned = claim.review is not None and claim.review.state == Review.State.RETURNED
        return claim.is_draft or returned

    def address(self, part: str = "", *more: Any) -> str:
        return reverse(f"{self.names}_claim{part}", args=[self.object.pk, *more])

    def get_success_url(self) -> str:
        return self.address()


class ClaimPage(OnClaim):
    """/m/benefits/cover/claims/<pk>/: what is still to be given, then handing it in; afterwards where it stands."""

    mine = True
    permission = SIGNED_IN
    template_name = "benefits/cover/claim.html"

    def get_form(self, form_class: Any = None) -> forms.Form:
        peril = claims.peril_of(self.object)
        health = peril.health and self.object.is_draft
        purpose = consents.purpose_of(claims.CONSENT)
        return SubmitForm(
            self.request.POST if self.request.method == "POST" else None,
            health=health,
            words=purpose.text if purpose is not None else "",
        )

    def act(self, form: Any) -> CoverClaim:
        claim: CoverClaim = self.object
        if claim.is_draft:
            return claims.submit(self.actor, claim=claim, consent=form.consented)
        return claims.resubmit(self.actor, claim=claim)

    def done(self) -> HttpResponseBase:
        if self.object.is_draft:
            return redirect("m_submitted", self.result.review.number)
        messages.success(self.request, "已重新提交。")
        return redirect(self.address())

    def context(self) -> dict[str, Any]:
        claim: CoverClaim = self.object
        return told(claim, editable=self.editable) | {
            "payee": Payee.objects.all().owned_by(self.access).filter(relation="", until=None).first(),
            "payment": Payment.objects.all().owned_by(self.access).filter(decision=claim.decision_id).first()
            if claim.decision_id
            else None,
        }


def told(claim: CoverClaim, *, editable: bool) -> dict[str, Any]:
    """A claim as its page tells it."""
    peril, known = claims.peril_of(claim), claims.particulars_of(claim)
    papers = list(
        CoverPaper.objects.everywhere(reason=claims.WHY).filter(claim=claim).select_related("attachment")
    )
    version = claims.version_of(claim)
    outlook = claims.assessed(claim) if editable and not claims.missing(claim) else None
    return covering.claim_shown(claim) | {
        "scheme": version,
        "said": said(claim, known),
        "kinds": [
            {"paper": one, "files": [held for held in papers if held.code == one.code]}
            for one in claims.papers_of(claim)
        ],
        "missing": claims.missing(claim) if editable else [],
        "editable": editable,
        "outlook": outlook,
        "needs_words": peril,
    }


def said(claim: CoverClaim, known: dict[str, str]) -> list[tuple[str, str]]:
    """The particulars as label and value."""
    labels = {
        "place": "地点", "story": "经过", "disease": "所患疾病", "loss": "核定的损失", "treated_until": "治疗结束",
        "assessed_on": "评定日期", "grade": "伤残等级", "claimant": "申请人",
        "kinship": "与会员的关系", "phone": "申请人手机",
    }  # fmt: skip
    found = []
    for key, label in labels.items():
        if value := known.get(key, ""):
            text = f"{value} 级" if key == "grade" else f"{value} 元" if key == "loss" else value
            found.append((label, text))
    if claim.payee is not None:
        found.append(("受益人账户", f"{claim.payee.masked_holder} {claim.payee.bank} {claim.payee.masked}"))
    return found


class Describe(OnClaim):
    """…/describe/: the particulars."""

    mine = True
    permission = SIGNED_IN
    template_name = "benefits/cover/describe.html"
    form_class = DescribeForm  # type: ignore[assignment]
    success_message = "已保存。"

    def get_form_kwargs(self) -> dict[str, Any]:
        claim: CoverClaim = self.object
        more = {"peril": claims.peril_of(claim), "kin": claim.by_kin}
        if claim.payee is not None:
            more["payee"] = f"{claim.payee.bank} {claim.payee.masked}"
        return super().get_form_kwargs() | more

    def get_initial(self) -> dict[str, Any]:
        return dict(claims.particulars_of(self.object))

    def act(self, form: Any) -> CoverClaim:
        return claims.describe(self.actor, claim=self.object, particulars=form.particulars())

    def context(self) -> dict[str, Any]:
        return covering.claim_shown(self.object) | {"back": self.address()}


class AddPaper(OnClaim):
    """…/papers/: one more file."""

    mine = True
    permission = SIGNED_IN
    template_name = "benefits/cover/paper.html"
    form_class = PaperForm  # type: ignore[assignment]
    success_message = "已上传。"

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"papers": claims.papers_of(self.object)}

    def get_initial(self) -> dict[str, Any]:
        return {"code": self.request.GET.get("code", "")}

    def act(self, form: Any) -> CoverPaper:
        answers = form.cleaned_data
        return claims.add_paper(self.actor, claim=self.object, code=answers["code"], upload=answers["file"])

    def context(self) -> dict[str, Any]:
        return covering.claim_shown(self.object) | {"back": self.address()}


class OnPaper(Scoped):
    """One paper of a claim that the reader may open."""

    model = CoverPaper
    mine = True
    permission = SIGNED_IN

    def get_queryset(self) -> ScopedQuerySet[Any]:
        rows = super().get_queryset().filter(claim=self.kwargs["claim"])
        if self.mine:
            rows = rows.filter(claim__by_kin=False)
        return rows.select_related("attachment", "claim__organisation", "claim__person")


class OpenPaper(OnPaper):
    """…/papers/<pk>/: the file; opening it is journalled."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> StreamingHttpResponse:  # type: ignore[override]
        paper: CoverPaper = self.object
        claim = paper.claim
        journal(
            self.actor, "benefits.cover_paper_opened", subject=claim, label=f"理赔 {claim.pk}",
            paths=claim.organisation.paths, detail={"paper": paper.code},
        )  # fmt: skip
        return sandboxed(paper.attachment)


class RemovePaper(OnPaper, Act):
    """…/papers/<pk>/remove/: a button."""

    http_method_names = ("post",)
    names = "m_cover"

    def act(self, form: Any) -> None:
        claims.remove_paper(self.actor, paper=self.object)

    def refuse(self, form: Any) -> Any:
        messages.error(self.request, "；".join(form.non_field_errors()))
        return redirect(self.get_success_url())

    def get_success_url(self) -> str:
        return reverse(f"{self.names}_claim", args=[self.kwargs["claim"]])


class Drop(OnClaim):
    """…/drop/: throw the draft away."""

    mine = True
    permission = SIGNED_IN
    http_method_names = ("post",)
    home = "m_cover"

    def act(self, form: Any) -> None:
        claims.drop(self.actor, claim=self.object)
        messages.success(self.request, "已删除。")

    def refuse(self, form: Any) -> Any:
        messages.error(self.request, "；".join(form.non_field_errors()))
        return redirect(self.address())

    def get_success_url(self) -> str:
        return reverse(self.home)
