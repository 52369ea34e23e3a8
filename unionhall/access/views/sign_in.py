"""Signing in: workers by a code sent to the phone, desks by name, password and second factor; and signing out."""

import time
from typing import Any, ClassVar

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseNotAllowed
from django.shortcuts import redirect
from django.utils.crypto import constant_time_compare

from unionhall.foundation.errors import Refused
from unionhall.foundation.permissions import EVERYONE
from unionhall.foundation.sealing import ring
from unionhall.foundation.views import Page
from unionhall.kit.masking import mask_phone
from unionhall.records.actions import journal

from .. import attempts, challenges, devices, owners, providers, second_factor, signing
from ..grants import actor_for
from ..models import Account

CODE_SESSION = "sign_in_code"
OWNER_SESSION = "sign_in_owner"
PENDING_SESSION = "sign_in_pending"
PENDING_SECONDS = 600


class _Step(Page):
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
            row_id = signing.ask_for_code(self.request, phone)
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
        account = signing.account_of(phone)
        if owners.in_doubt(account):
            del self.request.session[CODE_SESSION]
            self.request.session[OWNER_SESSION] = {**known, "account": account.pk, "at": int(time.time())}
            return redirect("m_sign_in_owner")
        signing.open_worker_session(self.request, account)
        self.request.session.pop(CODE_SESSION, None)
        return redirect(signing.safe_next(self.request, known["next"], "m_home"))


class OwnerForm(forms.Form):
    last = forms.CharField(
        label="证件号码后四位",
        max_length=8,
        help_text="您登记时所用证件的最后四位；末位是字母的也要填写。",
        widget=forms.TextInput(attrs={"autocomplete": "off", "autofocus": True}),
        error_messages={"required": "请填写证件号码后四位，或选择“重新开始”。"},
    )


class WorkerOwner(_Step):
    """The phone was silent for long and may have a new holder: the last four of the document, or a fresh start."""

    template_name = "access/owner.html"
    form_class = OwnerForm

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        known = request.session.get(OWNER_SESSION)
        if not known or time.time() - known["at"] > PENDING_SECONDS:
            request.session.pop(OWNER_SESSION, None)
            return redirect("m_sign_in")
        self.known = known
        return super().dispatch(request, *args, **kwargs)

    def make_form(self) -> forms.Form:
        return forms.Form(self.request.POST) if "fresh" in self.request.POST else OwnerForm(self.request.POST)

    def context(self) -> dict[str, Any]:
        return {"phone": mask_phone(_opened(self.known))}

    def take(self, form: Any) -> HttpResponse:
        phone = _opened(self.known)
        account = signing.account_of(phone)
        if account.pk == self.known["account"] and "fresh" in self.request.POST:
            owners.part(account, getattr(self.request, "trace", ""))
            account = signing.account_of(phone)
        elif account.pk == self.known["account"]:
            if attempts.take(attempts.OWNER, str(account.pk)):
                raise Refused("核对次数太多，请明天再试，或带证件到工会窗口办理。", field="last")
            if not owners.proven(account, form.cleaned_data["last"]):
                raise Refused(
                    "和登记的不一致。请核对后再试；这个号码以前不是您的，请选择“重新开始”。", field="last"
                )
            attempts.succeeded(attempts.OWNER, str(account.pk))
        signing.open_worker_session(self.request, account)
        self.request.session.pop(OWNER_SESSION, None)
        return redirect(signing.safe_next(self.request, self.known["next"], "m_home"))


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
    # Who came by the provider has shown no password: the initial one stays, and opens nothing without being changed.
    if account.must_change_password and pending["method"] == signing.BY_PASSWORD:
        return redirect("sign_in_password")
    if settings.TOTP_REQUIRED and not enrolled and not pending["second"]:
        return redirect("sign_in_enrol")
    return redirect(_finish(request, account))


def _finish(request: HttpRequest, account: Account) -> str:
    """Sign in and answer where to go."""
    pending = request.session.pop(PENDING_SESSION)
    signing.open_desk_session(request, account, pending.get("method", signing.BY_PASSWORD))
    return signing.safe_next(request, pending["next"], "desk_home", "public_home")


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
            label=self.account.words,
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
