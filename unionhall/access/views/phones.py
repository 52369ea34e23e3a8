"""Workers sign in by a code sent to the phone; where the phone may have a new holder, they are asked who they are."""

import time
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect

from unionhall.foundation.errors import Refused
from unionhall.foundation.sealing import ring
from unionhall.kit.masking import mask_phone

from .. import attempts, owners, signing
from .steps import PENDING_SECONDS, Step

CODE_SESSION = "sign_in_code"
OWNER_SESSION = "sign_in_owner"


class PhoneForm(forms.Form):
    phone = forms.CharField(
        label="手机号",
        max_length=30,
        help_text="我们把六位验证码发到这个手机上。第一次登录会自动开通账号。",
        widget=forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "tel", "autofocus": True}),
        error_messages={"required": "请填写手机号。"},
    )


class WorkerSignIn(Step):
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


class WorkerSignInCode(Step):
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


class WorkerOwner(Step):
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
