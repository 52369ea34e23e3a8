"""Desks sign in by name, password and second factor; signing out, for everybody."""

import time
from typing import Any

from django import forms
from django.conf import settings
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseNotAllowed
from django.shortcuts import redirect
from django.utils.crypto import constant_time_compare

from unionhall.foundation.errors import Refused
from unionhall.foundation.sealing import ring
from unionhall.records.actions import journal

from .. import attempts, devices, providers, second_factor, signing
from ..grants import actor_for
from ..models import Account
from .steps import PENDING_SECONDS, Step

PENDING_SESSION = "sign_in_pending"


class PasswordForm(forms.Form):
    username = forms.CharField(
        label="账号",
        max_length=60,
        widget=forms.TextInput(attrs={"autocomplete": "username", "autofocus": True}),
        error_messages={"required": "请填写账号。"},
    )
    password = forms.CharField(
        label="密码",
        strip=False,
        max_length=200,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
        error_messages={"required": "请填写密码。"},
    )


class DeskSignIn(Step):
    """Name and password; what else the account must prove or do comes after, still signed out."""

    template_name = "access/desk.html"
    form_class = PasswordForm

    def context(self) -> dict[str, Any]:
        return {"provider": providers.provider()}

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        # A session opened by a text code may still sign in to the desk.
        if self.access.account_id is not None and getattr(self.access, "has_desk", False):
            return redirect(signing.safe_next(request, request.GET.get("next"), "desk_home"))
        return super().get(request, *args, **kwargs)

    def take(self, form: Any) -> HttpResponse:
        account = signing.check_password(
            self.request, form.cleaned_data["username"], form.cleaned_data["password"]
        )
        return first_proof(self.request, account, signing.BY_PASSWORD, self.request.POST.get("next", ""))


def first_proof(
    request: HttpRequest, account: Account, method: str, wanted: str, *, second: bool = False
) -> HttpResponse:
    """Somebody has proven the account once; `second` when that proof had a second factor. Still signed out."""
    request.session[PENDING_SESSION] = {
        "account": account.pk,
        "at": int(time.time()),
        "next": wanted,
        "second": second,
        "method": method,
        "password": account.get_session_auth_hash(),
    }
    return onward(request, account)


def pending_account(request: HttpRequest) -> Account | None:
    """Whose password was right a moment ago in this session, and still is: a reset ends what is half done."""
    pending = request.session.get(PENDING_SESSION)
    if not pending or time.time() - pending["at"] > PENDING_SECONDS:
        return None
    account = Account.objects.filter(pk=pending["account"], is_active=True).first()
    if account is None or not constant_time_compare(
        pending.get("password", ""), account.get_session_auth_hash()
    ):
        return None
    return account


def onward(request: HttpRequest, account: Account) -> HttpResponse:
    """The next thing to prove or do, else in."""
    pending = request.session[PENDING_SESSION]
    enrolled = second_factor.is_enrolled(account)
    if enrolled and not pending["second"]:
        return redirect("sign_in_second")
    if owes_password(request, account):
        return redirect("sign_in_password")
    if settings.TOTP_REQUIRED and not enrolled and not pending["second"]:
        return redirect("sign_in_enrol")
    return redirect(_finish(request, account))


def owes_password(request: HttpRequest, account: Account) -> bool:
    """Whether the password just shown is an administrator's, to be changed first.

    Who came by the provider has shown no password: the initial one stays, and opens nothing without being changed.
    """
    shown: bool = request.session[PENDING_SESSION]["method"] == signing.BY_PASSWORD
    return shown and account.must_change_password


def _finish(request: HttpRequest, account: Account) -> str:
    """Sign in and answer where to go."""
    pending = request.session.pop(PENDING_SESSION)
    signing.open_desk_session(request, account, pending.get("method", signing.BY_PASSWORD))
    return signing.safe_next(request, pending["next"], "desk_home", "public_home")


class AfterPassword(Step):
    """A step that only somebody with the right password reaches."""

    account: Account

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        account = pending_account(request)
        if account is None:
            request.session.pop(PENDING_SESSION, None)
            return redirect("sign_in")
        self.account = account
        return super().dispatch(request, *args, **kwargs)


class SecondForm(forms.Form):
    code = forms.CharField(
        label="动态码或恢复码",
        max_length=20,
        widget=forms.TextInput(
            attrs={"inputmode": "numeric", "autocomplete": "one-time-code", "autofocus": True}
        ),
        error_messages={"required": "请填写验证器上的六位动态码。"},
    )


class EnrolForm(forms.Form):
    code = forms.CharField(
        label="验证器上的动态码",
        max_length=20,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "one-time-code"}),
        error_messages={"required": "请填写验证器上的六位动态码。"},
    )


class SecondFactor(AfterPassword):
    """The six digits of the authenticator app, or a recovery code."""

    template_name = "access/second.html"
    form_class = SecondForm

    def take(self, form: Any) -> HttpResponse:
        # Counted over all networks: whoever gets here already has the password. The owner's own device counts apart.
        key = f"{self.account.pk}\0{devices.number_of(self.request, self.account)}"
        if wait := attempts.take(attempts.SECOND, key):
            words = attempts.words(wait)
            raise Refused(f"动态码错误次数太多，请 {words}后再试，或联系上级工会管理员重置两步验证。")
        if not second_factor.check(self.account, form.cleaned_data["code"]):
            raise Refused("动态码不对或已经用过，请等下一个动态码再试。", field="code")
        attempts.succeeded(attempts.SECOND, key)
        self.request.session[PENDING_SESSION] |= {"second": True}
        self.request.session.modified = True
        return onward(self.request, self.account)


class Enrol(AfterPassword):
    """Scan the QR code, type the first code, keep the recovery codes: then in."""

    template_name = "access/enrol.html"
    form_class = EnrolForm
    SECRET_SESSION = "sign_in_secret"  # noqa: S105 — the name of a session key

    def secret(self) -> str:
        if self.SECRET_SESSION not in self.request.session:
            self.request.session[self.SECRET_SESSION] = ring().seal(second_factor.new_secret()).hex()
        return ring().open(bytes.fromhex(self.request.session[self.SECRET_SESSION]))

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        account = pending_account(request)
        # The administrator's password goes first: whoever else knows it must not enrol an app of their own.
        if account is not None and (second_factor.is_enrolled(account) or owes_password(request, account)):
            return onward(request, account)
        return super().dispatch(request, *args, **kwargs)

    def context(self) -> dict[str, Any]:
        secret = self.secret()
        grouped = " ".join(secret[start : start + 4] for start in range(0, len(secret), 4))
        return {"picture": second_factor.picture(self.account, secret), "secret": grouped}

    def take(self, form: Any) -> HttpResponse:
        codes = second_factor.enrol(self.account, self.secret(), form.cleaned_data["code"].strip())
        if codes is None:
            raise Refused(
                "动态码不对。请核对手机时间是否准确，再输入验证器当前显示的六位数字。", field="code"
            )
        del self.request.session[self.SECRET_SESSION]
        journal(
            actor_for(self.account, getattr(self.request, "trace", "")),
            "access.enrol_second_factor",
            subject=self.account,
            label=self.account.words,
        )
        onward_url = _finish(self.request, self.account)
        self.template_name = "access/recovery.html"
        return self.render_to_response({"codes": codes, "onward_url": onward_url, "view": self})


class SignOut(Step):
    """End the session (POST only, so that no link elsewhere can sign anyone out)."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return HttpResponseNotAllowed(["POST"])

    def take(self, form: Any) -> HttpResponse:
        worker = self.request.session.get(signing.SIGNED_IN_BY) == signing.BY_CODE
        logout(self.request)
        return redirect(
            "m_sign_in" if worker else signing.safe_next(self.request, None, "public_home", "sign_in")
        )
