"""The worker's pages of members: who I am, my particulars, phone, consents and history."""

from typing import Any

from django import forms
from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone

from unionhall.access import attempts, challenges, signing
from unionhall.access.models import Account
from unionhall.foundation.errors import Refused
from unionhall.foundation.sealing import ring
from unionhall.foundation.views import Create, Page
from unionhall.kit.codes import EDUCATION, ETHNICITY, HUKOU_TYPE, POLITICAL_STATUS, SKILL_LEVEL
from unionhall.kit.masking import mask_phone

from .. import consents, documents
from ..actions import change_phone, edit_person, reveal
from ..actions.persons import REVEALABLE
from ..identity import identify
from ..models import Consent, Employment, Membership, Post
from .own import Own

BLANK = ("", "未填写")


class IdentityForm(forms.Form):
    name = forms.CharField(
        label="姓名",
        max_length=60,
        help_text="和证件上的一样；少数民族姓名中间的点照写。",
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
        error_messages={"required": "请填写姓名。"},
    )
    id_type = forms.ChoiceField(label="证件类型", choices=documents.choices, initial=documents.RESIDENT)
    id_number = forms.CharField(
        label="证件号码",
        max_length=40,
        help_text="只用来确认是您本人，加密保存。",
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters"}),
        error_messages={"required": "请填写证件号码。"},
    )


class ConsentedIdentityForm(IdentityForm):
    """With the two consents, each by itself and unticked."""

    membership = forms.BooleanField(
        label=consents.PURPOSES["membership"].text,
        error_messages={"required": "请阅读并同意后再继续。"},
    )
    identity = forms.BooleanField(
        label=consents.PURPOSES["identity"].text,
        error_messages={"required": "处理证件号码要您单独同意；不同意就不能办理需要实名的事项。"},
    )


class Identity(Own, Create):
    """Name and document, with the two consents; a handful of wrong tries an hour."""

    needs_person = False
    template_name = "members/worker/identity.html"
    form_class: type[forms.Form] = ConsentedIdentityForm

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if self.known is not None:
            return redirect(self.get_success_url())
        return super().get(request, *args, **kwargs)

    def _account(self) -> Account:
        assert isinstance(self.request.user, Account)
        return self.request.user

    def context(self) -> dict[str, Any]:
        return {
            "next": self.request.POST.get("next") or self.request.GET.get("next", ""),
            "has_phone": self._account().phone is not None,
        }

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """A try is counted before it is judged and outside its transaction: many at once pass no limit."""
        form = self.get_form()
        if form.is_valid() and attempts.take(attempts.IDENTITY, str(self.access.account_id)):
            form.add_error(None, "核对次数太多，请一小时后再试，或带证件到工会窗口办理。")
            return self.refuse(form)
        return super().post(request, *args, **kwargs)

    def act(self, form: Any) -> None:
        answers = form.cleaned_data
        person = identify(
            self.actor,
            account=self._account(),
            name=answers["name"],
            id_type=answers["id_type"],
            id_number=answers["id_number"],
        )
        for purpose in consents.PURPOSES:
            consents.give(self.actor, person=person, purpose=purpose)

    def get_success_url(self) -> str:
        wanted = self.request.POST.get("next") or self.request.GET.get("next")
        return signing.safe_next(self.request, wanted, "m_home")


# Particulars ---------------------------------------------------------------------------------------------------


class ProfileForm(forms.Form):
    """What a worker may put right; the rest comes from the document or needs the union."""

    ethnicity = forms.ChoiceField(label="民族", required=False, choices=lambda: [BLANK, *ETHNICITY.choices()])
    education = forms.ChoiceField(label="学历", required=False, choices=lambda: [BLANK, *EDUCATION.choices()])
    political = forms.ChoiceField(
        label="政治面貌", required=False, choices=lambda: [BLANK, *POLITICAL_STATUS.choices()]
    )
    skill = forms.ChoiceField(
        label="技能等级", required=False, choices=lambda: [BLANK, *SKILL_LEVEL.choices()]
    )
    native_place = forms.CharField(label="籍贯", required=False, max_length=60)
    household_type = forms.ChoiceField(
        label="户口类型", required=False, choices=lambda: [BLANK, *HUKOU_TYPE.choices()]
    )
    household_place = forms.CharField(label="户口所在地", required=False, max_length=120)
    migrant_worker = forms.BooleanField(label="我是农民工（户籍在农村、在城镇务工）", required=False)


class EditProfile(Own, Create):
    """Put one's own particulars right; every change keeps the former value."""

    template_name = "members/worker/edit.html"
    form_class = ProfileForm
    success_message = "已保存。"

    def get_initial(self) -> dict[str, Any]:
        return {name: getattr(self.person, name) for name in ProfileForm.base_fields}

    def act(self, form: Any) -> list[str]:
        return edit_person(self.actor, person=self.person, reason="本人更正", **form.cleaned_data)

    def get_success_url(self) -> str:
        return reverse("m_me")


class RevealOwn(Own, Page):
    """One's own document number or phone in clear, for half a minute; kept in the journal like any reveal."""

    template_name = "members/worker/reveal.html"

    def context(self) -> dict[str, Any]:
        return {"label": REVEALABLE.get(self.kwargs["what"], ""), "what": self.kwargs["what"]}

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if kwargs["what"] not in REVEALABLE:
            return redirect("m_me")
        return super().get(request, *args, **kwargs)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        what = kwargs["what"]
        if what not in REVEALABLE:
            return redirect("m_me")
        try:
            value = reveal(self.actor, person=self.person, what=what, reason="本人查看自己的信息")
        except Refused as refusal:
            messages.error(request, str(refusal))
            return redirect("m_me")
        masked = self.person.masked_id if what == "id_number" else self.person.masked_phone
        shown = {"value": value, "masked": masked, "view": self, "shown": True}
        if request.headers.get("HX-Request"):
            self.template_name = "members/worker/revealed.html"
        response = self.render_to_response(self.get_context_data(**shown))
        response["HX-Trigger"] = "close-dialog"
        return response


# Phone ---------------------------------------------------------------------------------------------------------

PHONE_SESSION = "phone_change"


class PhoneForm(forms.Form):
    phone = forms.CharField(
        label="新手机号",
        max_length=30,
        help_text="验证码会发到新手机号。换好后请用新手机号登录。",
        widget=forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "tel"}),
        error_messages={"required": "请填写新手机号。"},
    )


class ChangePhone(Own, Create):
    """A new phone: prove it by a code, then account and register change together."""

    needs_person = False
    template_name = "members/worker/phone.html"
    form_class = PhoneForm

    def form_valid_outside(self, form: Any) -> HttpResponseBase:
        phone = signing.clean_phone(form.cleaned_data["phone"])
        account = self.request.user
        assert isinstance(account, Account)
        signing.require_other_phone(account, phone)
        row_id = signing.ask_for_code(self.request, phone)
        self.request.session[PHONE_SESSION] = {"id": row_id, "phone": ring().seal(phone).hex()}
        return redirect("m_phone_code")

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Sending a text is no part of a transaction."""
        form = self.get_form()
        if form.is_valid():
            try:
                return self.form_valid_outside(form)
            except challenges.Needed:
                form.add_error("phone", "这个手机号一小时内获取验证码的次数太多，请一小时后再试。")
            except Refused as refusal:
                form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
        return self.refuse(form)


class CodeForm(forms.Form):
    code = forms.CharField(
        label="验证码",
        max_length=20,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "one-time-code"}),
        error_messages={"required": "请填写短信里的六位验证码。"},
    )


class ConfirmPhone(Own, Create):
    """The six digits sent to the new phone."""

    needs_person = False
    template_name = "members/worker/phone_code.html"
    form_class = CodeForm

    def _guarded(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if PHONE_SESSION not in request.session:
            return redirect("m_phone")
        return super()._guarded(request, *args, **kwargs)

    @property
    def _phone(self) -> str:
        return ring().open(bytes.fromhex(self.request.session[PHONE_SESSION]["phone"]))

    def context(self) -> dict[str, Any]:
        return {"phone": mask_phone(self._phone), "demo_text": signing.demo_text(self._phone)}

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """The code is checked outside the transaction, so that a wrong guess counts."""
        form = self.get_form()
        if form.is_valid():
            wrong = signing.check_code(
                request.session[PHONE_SESSION]["id"], self._phone, form.cleaned_data["code"]
            )
            if not wrong:
                return self._change(form)
            form.add_error("code", wrong)
        return self.refuse(form)

    def _change(self, form: Any) -> HttpResponseBase:
        assert isinstance(self.request.user, Account)
        person, phone = self.known, self._phone
        try:
            with transaction.atomic():
                signing.change_account_phone(self.actor, self.request.user, phone)
                if person is not None:
                    change_phone(self.actor, person=person, phone=phone, reason="本人更换手机号")
        except Refused as refusal:
            form.add_error(None, str(refusal))
            return self.refuse(form)
        del self.request.session[PHONE_SESSION]
        messages.success(self.request, f"手机号已换成 {mask_phone(phone)}，下次请用新手机号登录。")
        return redirect("m_me")


# Consents and history ------------------------------------------------------------------------------------------


class Consents(Own, Page):
    """What I agreed to, since when; agree again or take back."""

    template_name = "members/worker/consents.html"

    def context(self) -> dict[str, Any]:
        given = consents.in_force(self.person)
        rows = Consent.objects.owned_by(self.access).exclude(withdrawn_at=None).order_by("-withdrawn_at")
        asked = [*consents.PURPOSES.values(), *(one for one in consents.further() if one.code in given)]
        return {
            "purposes": [(purpose, given.get(purpose.code)) for purpose in asked],
            "former": [(consents.purpose_of(row.purpose), row) for row in rows],
        }

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        purpose = request.POST.get("purpose", "")
        if consents.purpose_of(purpose) is not None:
            consents.give(self.actor, person=self.person, purpose=purpose)
            messages.success(request, "已同意。")
        return redirect("m_consents")


class WithdrawConsent(Own, Create):
    """Take a consent back, after reading what follows."""

    template_name = "members/worker/withdraw_consent.html"
    form_class = forms.Form
    success_message = "已撤回。"

    def _guarded(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if consents.purpose_of(kwargs["purpose"]) is None:
            return redirect("m_consents")
        return super()._guarded(request, *args, **kwargs)

    def context(self) -> dict[str, Any]:
        return {"purpose": consents.purpose_of(self.kwargs["purpose"])}

    def act(self, form: Any) -> None:
        consents.withdraw(self.actor, person=self.person, purpose=self.kwargs["purpose"])

    def get_success_url(self) -> str:
        return reverse("m_consents")


class History(Own, Page):
    """Memberships, employment and posts, newest first."""

    template_name = "members/worker/history.html"

    def context(self) -> dict[str, Any]:
        mine = {"person": self.person}
        why = "the signed-in person's own history"
        memberships = Membership.objects.everywhere(reason=why).filter(**mine)
        employments = Employment.objects.everywhere(reason=why).filter(**mine)
        posts = Post.objects.everywhere(reason=why).filter(**mine)
        return {
            "memberships": memberships.select_related("organisation").order_by("-period"),
            "employments": employments.select_related("employer").order_by("-period"),
            "posts": posts.select_related("organisation").order_by("-period"),
            "today": timezone.localdate(),
        }
