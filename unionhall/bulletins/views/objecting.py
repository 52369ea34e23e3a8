"""Raising an objection, and reading its conclusion by the number one was given. Anybody may, without a name."""

from datetime import timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse

from unionhall.access import signing
from unionhall.foundation import throttling
from unionhall.foundation.errors import Refused
from unionhall.foundation.permissions import EVERYONE
from unionhall.foundation.views import Create, Page

from .. import actions, presenting
from ..addresses import public_objection, public_page
from ..forms import ObjectionForm, ObjectionLookUp
from ..models import Objection, PublicNotice
from .public import OneNotice

#: From one network: enough for a family, too few to hold up a city's notices.
A_DAY, PER_MINUTE = 10, 10


class Object(OneNotice, Create):
    """/notices/<number>/object/: what is wrong, with which row; the answer is a number to ask with."""

    model = Objection
    template_name = "bulletins/object.html"
    form_class = ObjectionForm

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not self.notice.is_running:
            return redirect(public_page(self.notice))
        return super().get(request, *args, **kwargs)

    def get_initial(self) -> dict[str, Any]:
        order = self.request.GET.get("row", "")
        return {"row": order} if order.isdigit() and len(order) < 9 else {}

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Taken before the transaction that may be refused; a form that is not valid costs nothing."""
        if self.get_form().is_valid():
            address = signing.address_digest(request)
            if throttling.take("objection", address, limit=A_DAY, per=timedelta(days=1)):
                form = self.get_form()
                form.add_error(None, "今天从您的网络提出的异议太多，请明天再试，或拨打 12351。")
                response = self.render_to_response(self.get_context_data(form=form))
                response.status_code = 429
                return response
        return super().post(request, *args, **kwargs)

    def act(self, form: ObjectionForm) -> Objection:
        given = form.cleaned_data
        if not self.notice.is_running:
            raise Refused("公示已经结束，不能再提出异议。可以拨打 12351 反映。")
        row = None
        if given["row"]:
            row = self.rows().filter(order=given["row"]).first()
            if row is None:
                raise Refused(f"名单里没有第 {given['row']} 行，请核对序号。", field="row")
        return actions.raise_objection(
            self.actor, notice=self.notice, row=row, text=given["text"], contact=given["contact"]
        )

    def get_success_url(self) -> str:
        return f"{public_objection(self.result)}&new=1"

    def context(self) -> dict[str, Any]:
        return {"notice": self.notice, "back": public_page(self.notice)}


class ObjectionProgress(Page):
    """/notices/objections/?number=…: where it stands and what was found; nothing of what it said."""

    permission = EVERYONE
    template_name = "bulletins/objection_progress.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        form = ObjectionLookUp(request.GET if "number" in request.GET else None)
        found: dict[str, Any] = {"form": form, "new": request.GET.get("new") == "1"}
        status = 200
        if form.is_bound and form.is_valid():
            address = signing.address_digest(request)
            if throttling.take("objection_look", address, limit=PER_MINUTE, per=timedelta(minutes=1)):
                found["wait"], status = True, 429
            else:
                found["found"] = self._look_up(form.cleaned_data["number"])
                found["missing"] = found["found"] is None
        elif form.is_bound:
            status = 422
        return self.render_to_response(self.get_context_data(**found), status=status)

    def _look_up(self, number: str) -> dict[str, Any] | None:
        rows = Objection.objects.everywhere(reason="its state is told to who knows its unguessable number")
        one = rows.select_related("notice__organisation", "row").filter(number=number).first()
        if one is None:
            return None
        notice: PublicNotice = one.notice
        return {
            "objection": one,
            "notice": notice,
            "url": reverse("public_notice", args=[notice.number]),
            "tone": "warn" if one.state == Objection.State.OPEN else presenting.TONES[one.state],
            "about": one.about,
        }
