"""One question of signing in, for both entrances."""

from typing import Any, ClassVar

from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseBase

from unionhall.foundation.errors import Refused
from unionhall.foundation.permissions import EVERYONE
from unionhall.foundation.views import Page

from .. import challenges

#: How long a half-done sign-in waits for its next step, in seconds.
PENDING_SECONDS = 600


class Step(Page):
    """One question of signing in. Not wrapped in a transaction: a wrong guess must be remembered."""

    permission = EVERYONE
    form_class: ClassVar[type[forms.Form]] = forms.Form
    bits = 0  # how much the browser has to work before the form is taken

    def _guarded(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Nobody is signed in yet, but a secret or half a phone number may be on the page: no browser keeps it."""
        response = super()._guarded(request, *args, **kwargs)
        response["Cache-Control"] = "no-store"
        return response

    def make_form(self) -> forms.Form:
        return self.form_class(self.request.POST)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        kwargs.setdefault("form", self.form_class())
        kwargs["challenge"] = challenges.pose(self.request, self.bits) if self.bits else None
        kwargs["next"] = self.request.POST.get("next") or self.request.GET.get("next", "")
        return super().get_context_data(**kwargs)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        form = self.make_form()
        if form.is_valid():
            try:
                return self.take(form)
            except challenges.Needed as needed:
                self.bits = needed.bits
                form.add_error(None, "尝试次数太多。请等页面完成安全检查后再提交一次。")
            except Refused as refusal:
                form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
        return self.render_to_response(self.get_context_data(form=form), status=422)

    def take(self, form: Any) -> HttpResponse:
        raise NotImplementedError
