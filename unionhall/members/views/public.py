"""Anyone may check a card's code: one page for every outcome, and the keys to do it without a network."""

from datetime import timedelta
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache

from unionhall.access import signing
from unionhall.foundation import throttling
from unionhall.foundation.permissions import EVERYONE
from unionhall.foundation.views import Page, Requires
from unionhall.kit import tokens

from .. import cards

#: Codes that do not hold, from one address: more is guessing, not scanning.
BAD_CODES, BAD_CODES_WINDOW = 30, timedelta(minutes=10)


class CodeForm(forms.Form):
    code = forms.CharField(
        label="会员码",
        max_length=400,
        help_text="扫码得到的网址，或二维码里“verify/”后面的一串字母和数字。",
        error_messages={"required": "请填写会员码。"},
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters"}),
    )


class VerifyForm(Page):
    """凭证核验: type a code."""

    permission = EVERYONE
    template_name = "members/public/verify_form.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        form = CodeForm(request.GET or None)
        if form.is_bound and form.is_valid():
            token = cards.token_in(form.cleaned_data["code"])
            if token.isascii() and token.isalnum():
                return redirect("public_verify", token[:200])
            form.add_error("code", "这不是会员码。请重新扫码，或完整粘贴扫码得到的网址。")
        return self.render_to_response(self.get_context_data(form=form), status=422 if form.is_bound else 200)


@method_decorator(never_cache, name="dispatch")
class Verify(Page):
    """Whether one code is good: 有效 with a masked name, or why not."""

    permission = EVERYONE
    template_name = "members/public/verify.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        found = cards.check(kwargs["token"])
        # Only what does not hold is counted: a code that we signed is answered whoever guesses beside it.
        if not found.valid and throttling.take(
            "verify", signing.address_digest(request), limit=BAD_CODES, per=BAD_CODES_WINDOW
        ):
            busy = cards.CardCheck(False, "核验次数太多，请十分钟后再试。")
            return self.render_to_response(self.get_context_data(check=busy, busy=True), status=429)
        return self.render_to_response(self.get_context_data(check=found))


class VerifyKeys(Requires):
    """The public keys, as JSON (docs/card.md)."""

    permission = EVERYONE

    def get(self, request: HttpRequest) -> HttpResponseBase:
        return JsonResponse(
            {
                "algorithm": "Ed25519",
                "context": "unionhall.card.1\u0000",
                "window_seconds": tokens.WINDOW_SECONDS,
                "paper_seconds": tokens.PAPER_SECONDS,
                "keys": [{"id": number, "public": key} for number, key in cards.public_keys().items()],
            }
        )
