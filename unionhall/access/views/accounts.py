"""Accounts and grants at the desk: who may do what in the unions of my scope."""

from typing import Any

from django.db.models import Exists, OuterRef, Q
from django.http import Http404, HttpResponseBase
from django.urls import reverse
from django.utils import timezone

from unionhall.foundation.offers import offers
from unionhall.foundation.permissions import Line, Role
from unionhall.foundation.views import Act, Create, Page
from unionhall.foundation.views.acting import _Form
from unionhall.kit.text import number_of

from .. import actions, providers, second_factor
from ..forms import AccountFilter, EndForm, GrantForm, OpenForm, RevokeForm
from ..models import Account, Grant

PAGE = 20


class Accounts(Page):
    """Accounts that hold a grant where I may see grants; keyset pages by account."""

    permission = "access.view"
    template_name = "access/accounts.html"

    def context(self) -> dict[str, Any]:
        form = AccountFilter(self.request.GET or None)
        chosen = form.cleaned_data if form.is_valid() else {}
        visible = Grant.objects.visible_to(self.access, to="access.view")
        if chosen.get("role"):
            visible = visible.filter(role=chosen["role"])
        accounts = Account.objects.filter(Exists(visible.filter(account=OuterRef("pk"))))
        if text := chosen.get("q"):
            accounts = accounts.filter(Q(username__icontains=text) | Q(display_name__contains=text))
        total = accounts.count()
        if (after := number_of(self.request.GET.get("after", ""))) is not None:
            accounts = accounts.filter(pk__gt=after)
        found = list(accounts.order_by("pk")[: PAGE + 1])
        query = self.request.GET.copy()
        query["after"] = str(found[PAGE - 1].pk) if len(found) > PAGE else ""
        found = found[:PAGE]
        grants: dict[int, list[Grant]] = {}
        shown = Grant.objects.visible_to(self.access, to="access.view").filter(account__in=found)
        for one in shown.select_related("organisation").order_by("-period"):
            grants.setdefault(one.account_id, []).append(one)
        return {
            "filter_form": form,
            "total": total,
            "rows": [
                {"account": account, "grants": _worded(grants.get(account.pk, []))} for account in found
            ],
            "next_url": f"?{query.urlencode()}" if query["after"] else None,
            "may_grant": bool(self.access.prefixes("access.grant")),
        }


def _worded(grants: list[Grant]) -> list[dict[str, Any]]:
    today = timezone.localdate()
    return [
        {
            "pk": one.pk,
            "role": Role(one.role).label
            + (f"·{Line(one.line).label}" if one.role == Role.OFFICER and one.line != Line.GENERAL else ""),
            "union": one.organisation.name,
            "since": one.period.lower,
            "until": one.period.upper,
            "by": one.granted_by,
            "reason": one.reason,
            "in_force": one.period.lower is not None
            and one.period.lower <= today
            and (one.period.upper is None or one.period.upper > today),
            "open": one.period.upper is None or one.period.upper > today,
        }
        for one in grants
    ]


class _OfAccount(_Form):
    """An account that holds, or held, a grant where I may see grants; others are 404."""

    model = Account

    def get_queryset(self) -> Any:
        visible = Grant.objects.visible_to(self.access, to="access.view")
        return Account.objects.filter(Exists(visible.filter(account=OuterRef("pk"))))


class AccountDetail(_OfAccount):
    permission = "access.view"
    template_name = "access/account.html"
    form_class = EndForm

    def post(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponseBase:
        raise Http404

    def context(self) -> dict[str, Any]:
        rows = Grant.objects.visible_to(self.access, to="access.view").filter(account=self.object)
        may_grant = bool(self.access.prefixes("access.grant")) and self.object.pk != self.access.account_id
        return {
            "grants": _worded(list(rows.select_related("organisation").order_by("-period"))),
            "may_grant": may_grant,
            "enrolled": may_grant and second_factor.is_enrolled(self.object),
            "provider": providers.provider(),
            "more": offers("access.account", self.request, self.object) if may_grant else [],
        }


class OpenAccount(Create):
    """The initial password is on the answering page and nowhere else."""

    permission = "access.grant"
    template_name = "access/act.html"
    form_class = OpenForm

    def context(self) -> dict[str, Any]:
        return {"heading": "开通账号", "back": reverse("desk_accounts"), "submit": "开通"}

    def act(self, form: OpenForm) -> tuple[Account, str]:
        return actions.open_account(self.actor, **form.cleaned_data)

    def done(self) -> HttpResponseBase:
        account, password = self.result
        self.template_name = "access/password_once.html"
        more = offers("access.account", self.request, account)
        told = {"account": account, "password": password, "heading": "账号已开通", "more": more}
        return self.render_to_response(told)


class GiveGrant(_OfAccount, Act):
    permission = "access.grant"
    template_name = "access/act.html"
    form_class = GrantForm  # type: ignore[assignment]
    success_message = "已授权。"

    def context(self) -> dict[str, Any]:
        return {"heading": "授权", "back": self.get_success_url(), "lead": str(self.object)}

    def act(self, form: GrantForm) -> Grant:
        return actions.grant(self.actor, account=self.object, **form.cleaned_data)

    def get_success_url(self) -> str:
        return reverse("desk_account", args=[self.object.pk])


class RevokeGrant(Act):
    model = Grant
    permission = "access.grant"
    template_name = "access/act.html"
    form_class = RevokeForm
    success_message = "已收回授权。"

    def get_queryset(self) -> Any:
        return super().get_queryset().select_related("organisation", "account")

    def context(self) -> dict[str, Any]:
        grant: Grant = self.object
        lead = f"{grant.account}：{grant.organisation.name} {Role(grant.role).label}"
        return {"heading": "收回授权", "back": reverse("desk_account", args=[grant.account_id]), "lead": lead}

    def act(self, form: RevokeForm) -> None:
        self.account_id = self.object.account_id
        actions.revoke(self.actor, grant=self.object, **form.cleaned_data)

    def get_success_url(self) -> str:
        return reverse("desk_accounts")


class ResetPassword(_OfAccount, Act):
    """The new initial password is on the answering page and nowhere else."""

    permission = "access.grant"
    template_name = "access/act.html"
    form_class = EndForm
    heading, said, consequence = "重置密码", "密码已重置", ""

    def context(self) -> dict[str, Any]:
        back = reverse("desk_account", args=[self.object.pk])
        lead = f"{self.object}（{self.object.username}）{self.consequence}"
        return {"heading": self.heading, "back": back, "lead": lead}

    def act(self, form: EndForm) -> str:
        return actions.reset_password(self.actor, account=self.object, reason=form.cleaned_data["reason"])

    def done(self) -> HttpResponseBase:
        self.template_name = "access/password_once.html"
        context = {"account": self.object, "password": self.result, "heading": self.said}
        return self.render_to_response(context)


class ResetSecondFactor(ResetPassword):
    """For who has lost the authenticator and the recovery codes."""

    heading, said = "重置两步验证", "两步验证和密码已重置"
    consequence = (
        "：原来的验证器、恢复码和密码都将作废，所有登录立即结束。请先核实是本人提出；"
        "本人用新的初始密码登录，修改密码后重新绑定验证器。"
    )

    def act(self, form: EndForm) -> str:
        return actions.reset_second_factor(
            self.actor, account=self.object, reason=form.cleaned_data["reason"]
        )


class CloseAccount(_OfAccount, Act):
    permission = "access.grant"
    template_name = "access/act.html"
    form_class = EndForm
    success_message = "账号已停用。"

    def context(self) -> dict[str, Any]:
        return {
            "heading": "停用账号",
            "back": self.get_success_url(),
            "lead": f"{self.object}（{self.object.username}）",
        }

    def act(self, form: EndForm) -> None:
        actions.close_account(self.actor, account=self.object, reason=form.cleaned_data["reason"])

    def get_success_url(self) -> str:
        return reverse("desk_account", args=[self.object.pk])
