"""接口接入方: list, open, rotate, revoke. A token is on the answering page and nowhere else."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db.models import Max, Model
from django.http import HttpResponseBase
from django.urls import reverse
from django.utils import timezone

from unionhall.foundation.views import Act, Create, Detail, List
from unionhall.foundation.views.reading import Scoped

from .. import actions, forms
from ..models import Client, ClientToken, Endpoint
from ..scopes import DECLARED, Scope


def state_of(client: Client) -> tuple[str, str]:
    """Words and tone of where a client stands today."""
    today = timezone.localdate()
    if client.revoked_at is not None:
        return "已停用", "mute"
    if client.valid_from > today:
        return "未生效", "info"
    if client.valid_until is not None and client.valid_until <= today:
        return "已过期", "mute"
    return "有效", "ok"


class Clients(List):
    """Clients of the unions in my care."""

    model: ClassVar[type[Model]] = Client
    permission = "api.view"
    template_name = "api/clients.html"
    filter_form = forms.ClientFilter

    def filtered(self) -> Any:
        rows = self.get_queryset()
        if text := self.chosen.get("q"):
            rows = rows.filter(name__contains=text)
        return rows.select_related("organisation").annotate(used_at=Max("tokens__last_used_at"))

    def decorate(self, rows: list[Any]) -> list[Any]:
        for row in rows:
            row.state, row.tone = state_of(row)
            row.rights = [Scope(scope).label for scope in row.scopes]
        return rows

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(may_manage=bool(self.access.prefixes(actions.MANAGE)), **kwargs)


class _OfClient(Scoped):
    model: ClassVar[type[Model]] = Client
    permission = "api.view"

    def get_queryset(self) -> Any:
        return super().get_queryset().select_related("organisation")


class ClientDetail(_OfClient, Detail):
    """What a client may do, its tokens (never the tokens themselves), its endpoints."""

    template_name = "api/client.html"

    def context(self) -> dict[str, Any]:
        client: Client = self.object
        now = timezone.now()
        tokens = ClientToken.objects.visible_to(self.access).filter(client=client).order_by("-pk")[:10]
        endpoints = Endpoint.objects.visible_to(self.access).filter(client=client).order_by("pk")
        state, tone = state_of(client)
        return {
            "state": state,
            "tone": tone,
            "facts": _facts(client),
            "rights": [(Scope(scope), DECLARED[Scope(scope)].label) for scope in client.scopes],
            "tokens": [{"row": one, "works": one.works_at(now)} for one in tokens],
            "endpoints": list(endpoints),
            "may_manage": client.revoked_at is None
            and self.actor.may(actions.MANAGE, *client.organisation.paths),
        }


def _facts(client: Client) -> list[dict[str, Any]]:
    until = f"{client.valid_until:%Y-%m-%d} 起失效" if client.valid_until else "长期有效"
    found: list[dict[str, Any]] = [
        {"label": "数据范围", "value": f"{client.organisation.name}及其全部下级"},
        {"label": "用途", "value": client.purpose},
        {"label": "每分钟次数", "value": client.per_minute},
        {"label": "有效期", "value": f"{client.valid_from:%Y-%m-%d} 起，{until}"},
        {"label": "开通", "value": f"{client.created_by}，{timezone.localtime(client.created_at):%Y-%m-%d}"},
    ]
    if client.revoked_at:
        at = timezone.localtime(client.revoked_at)
        found.append({"label": "停用", "value": f"{at:%Y-%m-%d %H:%M}，{client.revoked_reason}"})
    return found


class Issue(Create):
    permission = actions.MANAGE
    template_name = "api/act.html"
    form_class = forms.IssueForm

    def context(self) -> dict[str, Any]:
        return {"heading": "开通接入方", "back": reverse("desk_clients"), "submit": "开通"}

    def act(self, form: Any) -> tuple[Client, str]:
        return actions.issue(self.actor, **form.cleaned_data)

    def done(self) -> HttpResponseBase:
        client, token = self.result
        return _shown_once(self, client, token, "接入方已开通")


def _shown_once(view: Any, client: Client, token: str, heading: str) -> HttpResponseBase:
    view.template_name = "api/once.html"
    response: HttpResponseBase = view.render_to_response(
        {"heading": heading, "what": "令牌", "secret": token, "next": reverse("desk_client", args=[client.pk]),
         "object": client}
    )  # fmt: skip
    return response


class _Verb(_OfClient, Act):
    permission = actions.MANAGE
    template_name = "api/act.html"
    heading: ClassVar[str]
    submit: ClassVar[str]

    def context(self) -> dict[str, Any]:
        return {
            "heading": self.heading, "submit": self.submit, "lead": self.object.name,
            "back": self.get_success_url(),
        }  # fmt: skip

    def get_success_url(self) -> str:
        return reverse("desk_client", args=[self.object.pk])


class Rotate(_Verb):
    heading, submit = "更换令牌", "签发新令牌"
    form_class = forms.RotateForm

    def act(self, form: Any) -> str:
        return actions.rotate(self.actor, client=self.object, **form.cleaned_data)

    def done(self) -> HttpResponseBase:
        return _shown_once(self, self.object, self.result, "新令牌已签发")


class Revoke(_Verb):
    heading, submit = "停用接入方", "停用"
    form_class = forms.ReasonForm
    success_message = "接入方已停用，它的令牌立即失效。"

    def act(self, form: Any) -> None:
        actions.revoke(self.actor, client=self.object, **form.cleaned_data)
