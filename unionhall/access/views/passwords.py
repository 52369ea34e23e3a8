"""Passwords of one's own: in place of the one an administrator gave, and changed while signed in."""

from typing import Any

from django import forms
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.password_validation import validate_password
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils import timezone

from unionhall.foundation.errors import Refused
from unionhall.foundation.permissions import SIGNED_IN
from unionhall.foundation.views import Create
from unionhall.records.actions import journal

from .. import attempts, devices, second_factor, sessions, signing
from ..grants import actor_for
from ..models import Account
from .sign_in import PENDING_SESSION, AfterPassword, onward, owes_password, pending_account


class NewPasswordForm(forms.Form):
    """A new password twice, checked by the site's rules for this account."""

    new = forms.CharField(
        label="新密码",
        strip=False,
        max_length=200,
        help_text="至少 10 个字符，不要用常见密码，也不要和账号相近。",
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        error_messages={"required": "请填写新密码。"},
    )
    again = forms.CharField(
        label="再输一次新密码",
        strip=False,
        max_length=200,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        error_messages={"required": "请再输一次新密码。"},
    )

    def __init__(self, *args: Any, account: Account, **kwargs: Any) -> None:
        self.account = account
        super().__init__(*args, **kwargs)

    def clean_new(self) -> str:
        new: str = self.cleaned_data["new"]
        validate_password(new, self.account)
        if self.account.check_password(new):
            raise forms.ValidationError("新密码不能和原来的一样。")
        return new

    def clean(self) -> dict[str, Any]:
        found = super().clean() or {}
        if "new" in found and "again" in found and found["new"] != found["again"]:
            self.add_error("again", "两次输入的新密码不一样。")
        return found

    @transaction.atomic
    def keep(self, request: HttpRequest) -> None:
        """Set the password; sessions opened with the old one end. Refused when meanwhile it was reset or they ended."""
        self._require_unchanged(request)
        self.account.set_password(self.cleaned_data["new"])
        self.account.must_change_password = False
        self.account.password_changed_at = timezone.now()
        self.account.save(update_fields=["password", "must_change_password", "password_changed_at"])
        actor = actor_for(self.account, getattr(request, "trace", ""))
        journal(actor, "access.change_password", subject=self.account, label=self.account.words)

    def _require_unchanged(self, request: HttpRequest) -> None:
        """The account, locked, is as it was when its password was asked for: a keeper's reset is not undone."""
        now = Account.objects.select_for_update().get(pk=self.account.pk)
        key = request.session.session_key
        alive = now.is_active and key is not None and request.session.exists(key)
        if not alive or now.password != self.account.password:
            raise Refused("您的密码刚刚被重置，或登录已被退出，新密码没有保存。请重新登录。")


class InitialPassword(AfterPassword):
    """The password that an administrator gave is changed before the first sign-in."""

    template_name = "access/initial_password.html"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        account = pending_account(request)
        # Nobody else is told here whether a guess is the password, or puts another in its place.
        if account is not None and not owes_password(request, account):
            return onward(request, account)
        return super().dispatch(request, *args, **kwargs)

    def make_form(self) -> forms.Form:
        return NewPasswordForm(self.request.POST, account=self.account)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        kwargs.setdefault("form", NewPasswordForm(account=self.account))
        return super().get_context_data(**kwargs)

    def take(self, form: Any) -> HttpResponse:
        pending = self.request.session[PENDING_SESSION]
        if second_factor.is_enrolled(self.account) and not pending["second"]:
            return redirect("sign_in_second")
        form.keep(self.request)
        sessions.end(self.account)
        self.request.session[PENDING_SESSION] = pending | {"password": self.account.get_session_auth_hash()}
        return onward(self.request, self.account)


class ChangePasswordForm(NewPasswordForm):
    """The old password first: only to whoever knows it is anything told about a new one."""

    old = forms.CharField(
        label="原密码",
        strip=False,
        max_length=200,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
        error_messages={"required": "请填写原密码。"},
    )
    field_order = ("old", "new", "again")

    def clean_old(self) -> str:
        """Checked with the form, so outside the transaction: a wrong one counts."""
        old: str = self.cleaned_data["old"]
        key = f"change\0{self.account.pk}"
        if wait := attempts.take(attempts.PASSWORD, key):
            raise forms.ValidationError(signing.TOO_MANY.format(attempts.words(wait)))
        if not self.account.check_password(old):
            raise forms.ValidationError("原密码不对。")
        attempts.succeeded(attempts.PASSWORD, key)
        return old

    def clean_new(self) -> str:
        new: str = self.cleaned_data["new"]
        return super().clean_new() if "old" in self.cleaned_data else new


class ChangePassword(Create):
    """Change one's own password while signed in."""

    permission = SIGNED_IN
    template_name = "access/password.html"
    form_class = ChangePasswordForm
    success_message = "密码已修改。其他设备上的登录已退出。"

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "account": self.request.user}

    def context(self) -> dict[str, Any]:
        return {
            "has_password": isinstance(self.request.user, Account) and self.request.user.has_usable_password()
        }

    def act(self, form: Any) -> None:
        form.keep(self.request)
        update_session_auth_hash(self.request, form.account)
        sessions.end(form.account, besides=self.request.session)
        devices.remember(self.request, form.account)

    def get_success_url(self) -> str:
        return signing.safe_next(self.request, None, "desk_home", "public_home")
