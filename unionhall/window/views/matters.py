"""Taking a matter, telling what is missing, completing, handing over; receipts on A4 and on an 80 mm slip."""

from dataclasses import replace
from functools import cached_property
from typing import Any, ClassVar

from django import forms
from django.contrib import messages
from django.db import transaction
from django.db.models import Model
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone

from unionhall.foundation.errors import Refused
from unionhall.foundation.views import Detail
from unionhall.kit.text import number_of
from unionhall.reviews.models import Review

from .. import matters, presenting
from ..actions import intakes, papers
from ..forms.matters import PAPER_ON, PAPERS
from ..forms.reception import CompleteForm, HandOverForm
from ..matters import Matter, Scene, UnknownMatter
from ..models import Intake, PaperRow
from .reception import SERVE, OfReception


class Take(OfReception):
    """/window/r/<pk>/take/<matter>/: its own questions, papers, consents; or the list of what is missing."""

    template_name = "window/take.html"

    @cached_property
    def matter(self) -> Matter:
        try:
            return matters.matter(self.kwargs["matter"])
        except UnknownMatter as missing:
            raise Http404 from missing

    @cached_property
    def scene(self) -> Scene:
        """With the variant that the address names, if the matter has one like that."""
        plain, asked = intakes.scene_of(self.object), self.request.GET.get("of", "")
        known = asked and asked in dict(self.matter.variants(plain))
        return replace(plain, variant=asked) if known else plain

    @cached_property
    def continues(self) -> Intake | None:
        """The intake that waited for papers and goes on here."""
        asked = self.request.GET.get("intake", "")
        found = intakes.waiting_for_papers(self.object.person)
        return next((one for one in found if one.number == asked and one.matter == self.matter.code), None)

    @cached_property
    def row(self) -> PaperRow | None:
        """The paper of an earlier day that is filed here."""
        asked = number_of(self.request.GET.get("row", ""))
        rows = PaperRow.objects.visible_to(self.access, to=SERVE).filter(
            person=self.object.person, matter=self.matter.code, settled=""
        )
        return rows.filter(pk=asked).first() if asked is not None else None

    @property
    def barred(self) -> str:
        """Why nothing is taken here: the matter's own reason, or what the address goes on with waits no longer."""
        asked = self.request.GET
        if "intake" in asked and self.continues is None:
            return intakes.GONE_ON
        if "row" in asked and self.row is None:
            return papers.SETTLED
        return self.matter.barred(self.scene)

    def get_initial(self) -> dict[str, Any]:
        found = super().get_initial()
        return found | ({PAPER_ON: self.row.paper_on} if self.row is not None else {})

    @property
    def must_choose(self) -> bool:
        return not self.scene.variant and bool(self.matter.variants(self.scene))

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if words := self.barred:
            messages.error(request, words)
            return redirect(self.get_success_url())
        return super().get(request, *args, **kwargs)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if (words := self.barred) or self.must_choose:
            messages.error(request, words or "请先选择是哪一种情况。")
            return redirect(self.get_success_url() if words else request.get_full_path())
        if "tell" in request.POST:
            return self.tell()
        return super().post(request, *args, **kwargs)

    def get_form(self, form_class: Any = None) -> forms.Form:
        kwargs = self.get_form_kwargs()
        if self.must_choose:
            return forms.Form()
        return self.matter.form(scene=self.scene, matter=self.matter, **kwargs)

    def act(self, form: Any) -> Intake:
        made = intakes.take(
            self.actor, reception=self.object, one=self.matter, given=form.own(), variant=self.scene.variant,
            agreed=form.agreed(), papers=form.given_papers(), paper_on=form.cleaned_data.get(PAPER_ON),
            continues=self.continues,
        )  # fmt: skip
        if self.row is not None:
            papers.filed(self.actor, row=self.row, intake=made)
        return made

    def tell(self) -> HttpResponseBase:
        """一次性告知: nothing else has to be filled in."""
        wanted = list(self.matter.papers(self.scene))
        there = set(self.request.POST.getlist(PAPERS))
        there |= {one.code for one in wanted if self.request.FILES.get(f"paper_{one.code}")}
        try:
            with transaction.atomic():
                made = intakes.tell_missing(
                    self.actor, reception=self.object, one=self.matter,
                    lacking=[one.label for one in wanted if one.required and one.code not in there],
                    words=self.request.POST.get("missing", "")[:1000],
                    given=[one.label for one in wanted if one.code in there], continues=self.continues,
                )  # fmt: skip
        except Refused as refusal:
            messages.error(self.request, str(refusal))
            return redirect(self.request.get_full_path())
        return redirect("window_receipt", made.number)

    def get_success_url(self) -> str:
        if hasattr(self, "result"):
            return reverse("window_receipt", args=[self.result.number])
        return super().get_success_url()

    def context(self) -> dict[str, Any]:
        return {
            "matter": self.matter,
            "scene": self.scene,
            "variants": self.matter.variants(self.scene) if self.must_choose else [],
            "continues": self.continues,
            "row": self.row,
            "wanted": list(self.matter.papers(self.scene)),
        }


class Complete(OfReception):
    """/window/r/<pk>/complete/<number>/: what a decider sent back is brought here."""

    template_name = "window/complete.html"
    form_class = CompleteForm
    success_message = "已补正，办件继续办理，时限接着计算。"

    @cached_property
    def review(self) -> Review:
        rows = matters.reviews_of(self.object.person).filter(number=self.kwargs["number"])
        found: Review | None = rows.filter(state=Review.State.RETURNED).select_related("organisation").first()
        if found is None:
            raise Http404
        return found

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.review  # noqa: B018
        return super().get(request, *args, **kwargs)

    def act(self, form: Any) -> Review:
        return intakes.complete(
            self.actor, reception=self.object, review=self.review, note=form.cleaned_data["note"],
            upload=form.cleaned_data["scan"],
        )  # fmt: skip

    def context(self) -> dict[str, Any]:
        rows = presenting.rows_of(self.object.person)
        return {"row": next((one for one in rows if one.number == self.kwargs["number"]), None)}


class HandOver(OfReception):
    """/window/r/<pk>/fetch/<intake>/: what was granted is fetched."""

    template_name = "window/hand_over.html"
    form_class = HandOverForm
    success_message = "已登记取件。"

    @cached_property
    def intake(self) -> Intake:
        found = next(
            (one for one in intakes.to_fetch(self.object.person) if one.pk == self.kwargs["intake"]), None
        )
        if found is None:
            raise Http404
        return found

    def get_initial(self) -> dict[str, Any]:
        agent = self.object.authorisation
        found = {"what": matters.matter(self.intake.matter).hands_over}
        return found | ({"relation": agent.relation, "name": agent.name} if agent is not None else {})

    def act(self, form: Any) -> Any:
        return intakes.hand_over(self.actor, reception=self.object, intake=self.intake, **form.cleaned_data)

    def context(self) -> dict[str, Any]:
        return {"intake": self.intake}


class Receipt(Detail):
    """/window/intakes/<number>/: the receipt, or the list of what is missing; `?paper=slip` for an 80 mm printer."""

    model: ClassVar[type[Model]] = Intake
    permission = SERVE
    slug_field = "number"

    def get_queryset(self) -> Any:
        rows = super().get_queryset()
        return rows.select_related(
            "person",
            "organisation",
            "hall",
            "review",
            "case__organisation",
            "case__owner",
            "authorisation",
            "reception",
        )

    @property
    def slip(self) -> bool:
        return self.request.GET.get("paper") == "slip"

    def get_template_names(self) -> list[str]:
        return ["window/slip.html" if self.slip else "window/receipt.html"]

    def context(self) -> dict[str, Any]:
        intake: Intake = self.object
        row = presenting.handling(intake)
        number = row.number if row is not None else intake.number
        one = matters.matter(intake.matter)
        mine = self._is_mine(intake)
        # With number and code one speaks for the person: whoever handles the case must not read it here.
        code = intake.query_code.reveal() if intake.query_code and mine else ""
        told = intake.missing if intake.state == Intake.State.TOLD else list(row.missing) if row else []
        return {
            "intake": intake,
            "row": row,
            "number": number,
            "missing": told,
            "heading": "一次性告知单" if told else "受理回执",
            "next_step": one.next_step,
            "code": code,
            "qr": presenting.qr(presenting.progress_address(number, code)) if row is not None else "",
            "printed_at": timezone.now(),
            "mine": mine,
        }

    def _is_mine(self, intake: Intake) -> bool:
        there = intake.reception
        return there is not None and there.account_id == self.access.account_id and there.is_live
