"""/desk/bulletins/objections/: what waits to be settled; reading one is journalled."""

from functools import cached_property
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse

from unionhall.foundation.errors import Refused
from unionhall.foundation.scope import ScopedQuerySet
from unionhall.foundation.views import Act, List
from unionhall.kit.masking import mask_phone
from unionhall.records.actions import journal

from .. import actions, presenting
from ..actions.objecting import require_settler
from ..addresses import desk_objection, desk_page
from ..forms import ObjectionFilter, RevealForm, SettleForm
from ..models import Objection


class Objections(List):
    """/desk/bulletins/objections/: open ones first to come, first shown."""

    model = Objection
    permission = "bulletins.settle"
    template_name = "bulletins/desk_objections.html"
    filter_form = ObjectionFilter
    partials = ()

    @property
    def form(self) -> Any:
        """Without a choice: what is open."""
        values = self.request.GET.copy()
        values.setdefault("state", Objection.State.OPEN)
        form = ObjectionFilter(values)
        form.is_valid()
        return form

    def filtered(self) -> ScopedQuerySet[Any]:
        rows = self.get_queryset().select_related("notice__organisation", "row").defer("text", "contact")
        return rows.filter(state=self.chosen["state"]) if "state" in self.chosen else rows

    def decorate(self, rows: list[Any]) -> list[Any]:
        return [
            {
                "objection": one,
                "tone": "warn" if one.state == Objection.State.OPEN else presenting.TONES[one.state],
                "url": desk_objection(one),
            }
            for one in rows
        ]

    def context(self) -> dict[str, Any]:
        return {"tabs": presenting.tabs("desk_objections", self.access)}


class _One(Act):
    model = Objection
    permission = "bulletins.settle"

    def get_queryset(self) -> ScopedQuerySet[Any]:
        return super().get_queryset().select_related("notice__organisation", "row")

    @cached_property
    def barred(self) -> str:
        """Why the reader may not settle it. Then he may not read it either: what it says gives its author away."""
        try:
            require_settler(self.actor, self.object)
        except Refused as refusal:
            return str(refusal)
        return ""

    def masked(self) -> str:
        contact = self.object.contact
        return mask_phone(contact.reveal()) if contact is not None and not self.barred else ""


class Settle(_One):
    """/desk/bulletins/objections/<pk>/: what it says, and the finding; to whom it concerns only that it is there."""

    template_name = "bulletins/desk_objection.html"
    form_class = SettleForm
    success_message = "已办理，提出人凭编号可以看到结论。"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        one = self.object
        if not self.barred:
            journal(
                self.actor, "bulletins.objection_read", subject=one.notice, label=one.notice.number or "",
                paths=one.notice.organisation.paths, detail={"objection": one.pk},
            )  # fmt: skip
        return super().get(request, *args, **kwargs)

    def act(self, form: SettleForm) -> Objection:
        given = form.cleaned_data
        return actions.settle_objection(
            self.actor,
            objection=self.object,
            upheld=given["outcome"] == form.UPHELD,
            opinion=given["opinion"],
        )

    def get_success_url(self) -> str:
        return reverse("desk_objections")

    def why_not(self) -> str:
        if self.barred:
            return self.barred
        return "" if self.object.state == Objection.State.OPEN else "这个异议已经核实。"

    def context(self) -> dict[str, Any]:
        one = self.object
        return {
            "notice": one.notice,
            "notice_url": desk_page(one.notice),
            "tone": "warn" if one.state == Objection.State.OPEN else presenting.TONES[one.state],
            "barred": bool(self.barred),
            "text": "" if self.barred else one.text.reveal(),
            "masked": self.masked(),
            "contact_url": reverse("desk_objection_contact", args=[one.pk]),
            "why_not": self.why_not(),
        }


class Contact(_One):
    """/desk/bulletins/objections/<pk>/contact/: for a reason, for thirty seconds, journalled."""

    template_name = "bulletins/reveal.html"
    form_class = RevealForm
    SECONDS = 30

    def act(self, form: RevealForm) -> str:
        one = self.object
        if one.contact is None:
            raise Refused("提出人没有留联系方式。")
        require_settler(self.actor, one)
        journal(
            self.actor, "bulletins.objection_read", subject=one.notice, label=one.notice.number or "",
            paths=one.notice.organisation.paths, reason=form.cleaned_data["reason"],
            detail={"objection": one.pk, "what": "contact"},
        )  # fmt: skip
        return str(one.contact.reveal())

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            url=self.request.path,
            label="联系方式",
            masked=self.masked(),
            element_id="reveal-contact",
            back=desk_objection(self.object),
            **kwargs,
        )

    def refuse(self, form: RevealForm) -> HttpResponse:
        response = super().refuse(form)
        response["HX-Retarget"], response["HX-Reselect"] = "#dialog-body", "#dialog-content"
        response["HX-Reswap"] = "innerHTML"  # the form's own swap would replace the dialog's body
        return response

    def done(self) -> HttpResponseBase:
        context = self.get_context_data(value=self.result, seconds=self.SECONDS)
        if self.request.headers.get("HX-Request"):
            response = render(self.request, "bulletins/revealed.html", context)
            response["HX-Trigger"] = "close-dialog"
            return response
        return render(self.request, "bulletins/revealed_page.html", context)
