"""Signing in: workers by a code sent to the phone, desks by name, password and second factor; and signing out."""

import time
from typing import Any, ClassVar

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseNotAllowed
from django.shortcuts import redirect

from unionhall.foundation.errors import Refused
from unionhall.foundation.permissions import EVERYONE
from unionhall.foundation.sealing import ring
from unionhall.foundation.views import Page
from unionhall.kit.masking import mask_phone
from unionhall.records.actions import journal

from .. import second_factor, signing
from ..grants import actor_for
from ..models import Account

CODE_SESSION = "sign_in_code"
PENDING_SESSION = "sign_in_pending"
PENDING_SECONDS = 600


class _Step(Page):
    """One question of signing in. Not wrapped in a transaction: a wrong guess must be remembered."""

    permission = EVERYONE
    form_class: ClassVar[type[forms.Form]] = forms.Form

    def _guarded(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Nobody is signed in yet, but a secret or half a phone number may be on the page: no browser keeps it."""
        response = super()._guarded(request, *args, **kwargs)
        response["Cache-Control"] = "no-store"
        return response

    def make_form(self) -> forms.Form:
        return self.form_class(self.request.POST)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        kwargs.setdefault("form", self.form_class())
        kwargs["next"] = self.request.POST.get("next") or self.request.GET.get("next", "")
        return super().get_context_data(**kwargs)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        form = self.make_form()
        if form.is_valid():
            try:
                return self.take(form)
            except Refused as refusal:
                form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
        return self.render_to_response(self.get_context_data(form=form), status=422)

    def take(self, form: Any) -> HttpResponse:
        raise NotImplementedError


# Workers -------------------------------------------------------------------------------------------------------


class PhoneForm(forms.Form):
    phone = forms.CharField(
        label="手机号",
        max_length=30,
        help_text="我们把六位验证码发到这个手机上。第一次登录会自动开通账号。",
        widget=forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "tel", "autofocus": True}),
        error_messages={"required": "请填写手机号。"},
    )


class WorkerSignIn(_Step):
    """The phone number; also sends the code again for the number that the session already knows."""

    template_name = "access/phone.html"
    form_class = PhoneForm

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if self.access.account_id is not None:
            return redirect(signing.safe_next(request, request.GET.get("next"), "m_home"))
        return super().get(request, *args, **kwargs)

    def make_form(self) -> forms.Form:
        known = self.request.session.get(CODE_SESSION)
        if "resend" in self.request.POST and known:
            return PhoneForm({"phone": _opened(known)})
        return PhoneForm(self.request.POST)

    def take(self, form: Any) -> HttpResponse:
        phone = signing.clean_phone(form.cleaned_data["phone"])
        known = self.request.session.get(CODE_SESSION)
        try:
            row_id = signing.send_code(phone, address=signing.address_digest(self.request))
        except Refused as refusal:
            if not (known and _opened(known) == phone):
                raise
            messages.warning(self.request, str(refusal))
            return redirect("m_sign_in_code")
        wanted = self.request.POST.get("next") or (known or {}).get("next", "")
        self.request.session[CODE_SESSION] = {
            "id": row_id,
            "phone": ring().seal(phone).hex(),
            "next": wanted,
            "sent": int(time.time()),
        }
        return redirect("m_sign_in_code")


class CodeForm(forms.Form):
    code = forms.CharField(
        label="验证码",
        max_length=20,
        widget=forms.TextInput(
            attrs={"inputmode": "numeric", "autocomplete": "one-time-code", "autofocus": True}
        ),
        error_messages={"required": "请填写短信里的六位验证码。"},
    )


class WorkerSignInCode(_Step):
    """The six digits."""

    template_name = "access/code.html"
    form_class = CodeForm

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if CODE_SESSION not in request.session:
            return redirect("m_sign_in")
        return super().dispatch(request, *args, **kwargs)

    def context(self) -> dict[str, Any]:
        known = self.request.session[CODE_SESSION]
        phone = _opened(known)
        return {
            "phone": mask_phone(phone),
            "wait": max(0, known["sent"] + signing.RESEND_SECONDS - int(time.time())),
            "demo_text": signing.demo_text(phone),
        }

    def take(self, form: Any) -> HttpResponse:
        known = self.request.session[CODE_SESSION]
        phone = _opened(known)
        if wrong := signing.check_code(known["id"], phone, form.cleaned_data["code"]):
            raise Refused(wrong, field="code")
        signing.open_worker_session(self.request, phone)
        self.request.session.pop(CODE_SESSION, None)
        return redirect(signing.safe_next(self.request, known["next"], "m_home"))


def _opened(known: dict[str, Any]) -> str:
    return ring().open(bytes.fromhex(known["phone"]))


# Desks ---------------------------------------------------------------------------------------------------------


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


class DeskSignIn(_Step):
    """Name and password; what else the account must prove or do comes after, still signed out."""

    template_name = "access/desk.html"
    form_class = PasswordForm

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        # A session opened by a text code may still sign in to the desk.
        if self.access.account_id is not None and getattr(self.access, "has_desk", False):
            return redirect(signing.safe_next(request, request.GET.get("next"), "desk_home"))
        return super().get(request, *args, **kwargs)

    def take(self, form: Any) -> HttpResponse:
        account = signing.check_password(
            self.request, form.cleaned_data["username"], form.cleaned_data["password"]
        )
        self.request.session[PENDING_SESSION] = {
            "account": account.pk,
            "at": int(time.time()),
            "next": self.request.POST.get("next", ""),
            "second": False,
        }
        return onward(self.request, account)


def pending_account(request: HttpRequest) -> Account | None:
    """Whose password was right a moment ago in this session."""
    pending = request.session.get(PENDING_SESSION)
    if not pending or time.time() - pending["at"] > PENDING_SECONDS:
        return None
    return Account.objects.filter(pk=pending["account"], is_active=True).first()


def onward(request: HttpRequest, account: Account) -> HttpResponse:
    """The next thing to prove or do, else in."""
    pending = request.session[PENDING_SESSION]
    enrolled = second_factor.is_enrolled(account)
    if enrolled and not pending["second"]:
        return redirect("sign_in_second")
    if account.must_change_password:
        return redirect("sign_in_password")
    if settings.TOTP_REQUIRED and not enrolled:
        return redirect("sign_in_enrol")
    return redirect(_finish(request, account))


def _finish(request: HttpRequest, account: Account) -> str:
    """Sign in and answer where to go."""
    wanted = request.session.pop(PENDING_SESSION)["next"]
    signing.open_desk_session(request, account)
    return signing.safe_next(request, wanted, "desk_home", "public_home")


class AfterPassword(_Step):
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
        subject, address = f"second:{self.account.pk}", signing.address_digest(self.request)
        # Counted over all addresses: whoever gets here already has the password.
        if signing.too_many(subject, None, signing.SECOND_TRIES, signing.SECOND_WINDOW):
            raise Refused("动态码错误次数太多，请一小时后再试，或联系上级工会管理员重置两步验证。")
        if not second_factor.check(self.account, form.cleaned_data["code"]):
            signing.record_failure(subject, address)
            raise Refused("动态码不对或已经用过，请等下一个动态码再试。", field="code")
        signing.forget_failures(subject, address)
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
        if account is not None and (second_factor.is_enrolled(account) or account.must_change_password):
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
            label=f"账号 {self.account.pk}",
        )
        onward_url = _finish(self.request, self.account)
        self.template_name = "access/recovery.html"
        return self.render_to_response({"codes": codes, "onward_url": onward_url, "view": self})


class SignOut(_Step):
    """End the session (POST only, so that no link elsewhere can sign anyone out)."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return HttpResponseNotAllowed(["POST"])

    def take(self, form: Any) -> HttpResponse:
        worker = self.request.session.get(signing.SIGNED_IN_BY) == signing.BY_CODE
        logout(self.request)
        return redirect(
            "m_sign_in" if worker else signing.safe_next(self.request, None, "public_home", "sign_in")
        )
