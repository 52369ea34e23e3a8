"""统一身份认证: off to the provider, back from it, and which subject there an account is."""

import secrets
from typing import Any

import requests
from allauth.socialaccount.adapter import get_adapter
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from unionhall.foundation.permissions import EVERYONE
from unionhall.foundation.views import Act, Requires

from .. import actions, providers, signing
from ..models import Account
from .accounts import _OfAccount
from .sign_in import first_proof

FAILED = "统一身份认证没有通过。请重新登录；一直不行请改用账号和密码，并联系管理员。"


class ToProvider(Requires):
    """A link on the sign-in page leads here; the question (state, nonce, PKCE) stays in the session."""

    permission = EVERYONE

    def get(self, request: HttpRequest) -> HttpResponse:
        ours = providers.provider()
        if ours is None:
            raise Http404
        nonce = secrets.token_urlsafe(24)
        wanted = signing.safe_next(request, request.GET.get("next"), "desk_home")
        flow = get_adapter(request).get_provider(request, ours.code)
        flow.oauth2_adapter_class = providers.Flow
        try:
            answer: HttpResponse = flow.redirect(
                request, "login", next_url=wanted, auth_params={"nonce": nonce}, nonce=nonce
            )
        except (requests.RequestException, OAuth2Error, KeyError, ValueError):
            messages.error(request, "统一身份认证现在连不上，请稍后再试，或改用账号和密码。")
            return redirect("sign_in")
        return answer


class FromProvider(Requires):
    """What the provider says is checked; then the way in is the same as after a password."""

    permission = EVERYONE

    def get(self, request: HttpRequest) -> HttpResponse:
        ours = providers.provider()
        if ours is None:
            raise Http404
        told: Any = request
        told.provider_account = None
        told.provider_claims = None
        try:
            providers.Callback.adapter_view(providers.Flow(request, ours.code))(request)
        except (requests.RequestException, OAuth2Error, KeyError, ValueError):
            told.provider_claims = None
        if told.provider_claims is None:
            messages.error(request, FAILED)
            return redirect("sign_in")
        account = told.provider_account
        if not isinstance(account, Account) or not account.is_active:
            messages.error(request, "这个统一身份还没有关联工作台账号，或账号已停用。请联系上级工会管理员。")
            return redirect("sign_in")
        second = ours.had_second_factor(told.provider_claims)
        return first_proof(request, account, signing.BY_PROVIDER, told.provider_next, second=second)


class SubjectForm(forms.Form):
    subject = forms.CharField(
        label="统一身份编号", max_length=providers.SUBJECT_LENGTH, required=False,
        help_text="身份认证系统里这个人的编号（sub）；留空就是取消关联",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )  # fmt: skip
    reason = forms.CharField(label="事由", max_length=200)


class LinkProvider(_OfAccount, Act):
    """Whoever keeps an account says who it is at the provider."""

    permission = "access.grant"
    template_name = "access/act.html"
    form_class = SubjectForm
    success_message = "已保存统一身份关联。"

    def get_initial(self) -> dict[str, Any]:
        link = providers.link_of(self.object)
        return {"subject": link.uid if link else ""}

    def context(self) -> dict[str, Any]:
        ours = providers.provider()
        state = f"在“{ours.name}”里是谁。" if ours else "本站没有接入统一身份认证，不需要关联。"
        lead = f"{self.object}（{self.object.username}）{state}"
        return {"heading": "关联统一身份", "back": self.get_success_url(), "lead": lead, "submit": "保存"}

    def act(self, form: SubjectForm) -> None:
        actions.link_provider(self.actor, account=self.object, **form.cleaned_data)

    def get_success_url(self) -> str:
        return reverse("desk_account", args=[self.object.pk])
