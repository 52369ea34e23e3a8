"""The slips that a visit leaves: printed for each stop, and the public page on which their holders rate."""

from datetime import timedelta
from functools import cached_property
from typing import Any

import segno
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.safestring import mark_safe

from unionhall.access import devices, signing
from unionhall.foundation import throttling
from unionhall.foundation.errors import Refused
from unionhall.foundation.permissions import EVERYONE
from unionhall.foundation.views import Create, Detail, Page
from unionhall.kit import vouchers

from .. import presenting, slips
from ..actions import rating as actions
from ..actions.holding import tell_shown
from ..forms.items import CodeForm, RateForm
from ..models import Visit, VisitItem, VisitStop
from .acting import VISIT

#: Tries of a code from one network in a minute.
PER_MINUTE = 10


class Slips(Detail):
    """/desk/visits/<pk>/slips/: one slip per stop, to print and leave behind."""

    model = Visit
    permission = VISIT
    template_name = "outreach/slips.html"

    def get_queryset(self) -> Any:
        return super().get_queryset().select_related("organisation").exclude(state=Visit.State.CANCELLED)

    def context(self) -> dict[str, Any]:
        found = presenting.stops(self.object, self.actor)
        tell_shown(self.actor, visit=self.object, count=len(found))
        return {"slips": [one | self._code(one["stop"]) for one in found]}

    def _code(self, stop: VisitStop) -> dict[str, Any]:
        code = stop.code.reveal()
        address = f"{settings.SITE_ADDRESS}{reverse('public_visit_slip', args=[code])}"
        picture = segno.make(address, error="m").svg_inline(omitsize=True, border=2)
        return {"code": vouchers.spaced(code), "picture": mark_safe(picture)}  # noqa: S308 — segno's own drawing


class EnterCode(Page):
    """/visits/rate/: the code typed from a slip."""

    permission = EVERYONE
    template_name = "outreach/enter_code.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return self.render_to_response(self.get_context_data(form=CodeForm()))

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        form = CodeForm(request.POST)
        if not form.is_valid():
            return self.render_to_response(self.get_context_data(form=form), status=422)
        if throttling.take(
            "visit_slip", signing.address_digest(request), limit=PER_MINUTE, per=timedelta(minutes=1)
        ):
            form.add_error(None, "试得太频繁，请一分钟后再试。")
            return self.render_to_response(self.get_context_data(form=form), status=429)
        try:
            stop = slips.stop_of(form.cleaned_data["code"])
        except Refused as refusal:
            form.add_error("code", str(refusal))
            stop = None
        if stop is None:
            if not form.errors:
                form.add_error("code", "没有这个评价码。请对照走访回执核对；走访完成后才能评价。")
            return self.render_to_response(self.get_context_data(form=form), status=422)
        return redirect("public_visit_slip", code=stop.code.reveal())


class _OfSlip:
    """Pages that an unguessable code opens; wrong ones are 404 and counted."""

    permission = EVERYONE
    request: Any
    kwargs: dict[str, Any]

    @cached_property
    def stop(self) -> VisitStop:
        address = signing.address_digest(self.request)
        if throttling.waiting("visit_slip_wrong", address, limit=PER_MINUTE):
            raise Http404
        try:
            found = slips.stop_of(self.kwargs["code"])
        except Refused:
            found = None
        if found is None:
            throttling.take("visit_slip_wrong", address, limit=PER_MINUTE, per=timedelta(minutes=1))
            raise Http404
        return found

    def items(self) -> Any:
        rows = VisitItem.objects.everywhere(reason="what was found where the slip was left")
        return rows.filter(stop=self.stop)


class Slip(_OfSlip, Page):
    """/visits/rate/<code>/: the union and day, each problem with its answer; no names."""

    template_name = "outreach/slip.html"

    def context(self) -> dict[str, Any]:
        return {
            "stop": self.stop,
            "visit": self.stop.visit,
            "rows": presenting.item_rows(self.items().order_by("pk")),
            "code": self.stop.code.reveal(),
            "by_account": slips.by_account_only(self.stop),
        }


class RateBySlip(_OfSlip, Create):
    """/visits/rate/<code>/<item>/"""

    model = VisitItem
    template_name = "outreach/slip_rate.html"
    form_class: Any = RateForm
    success_message = "谢谢您的评价。"

    @cached_property
    def item(self) -> VisitItem:
        found: VisitItem | None = self.items().filter(pk=self.kwargs["item"]).first()
        if found is None:
            raise Http404
        return found

    def act(self, form: RateForm) -> Any:
        device = devices.device_of(self.request)
        return actions.rate(self.actor, item=self.item, stop=self.stop, device=device, **form.cleaned_data)

    def context(self) -> dict[str, Any]:
        return {"item": self.item, "back": self.get_success_url()}

    def get_success_url(self) -> str:
        return reverse("public_visit_slip", args=[self.stop.code.reveal()])
