"""推送地址 of a client and what was pushed there."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db.models import Model
from django.http import HttpResponseBase
from django.urls import reverse

from unionhall.foundation.views import Act, List
from unionhall.foundation.views.reading import Scoped

from .. import actions, forms
from ..events import EVENTS, TEST
from ..models import Client, Delivery, Endpoint

TONES = {Delivery.State.WAITING: "info", Delivery.State.DELIVERED: "ok", Delivery.State.GIVEN_UP: "bad"}


class AddEndpoint(Act):
    """The signing secret is on the answering page and nowhere else."""

    model: ClassVar[type[Model]] = Client
    permission = actions.MANAGE
    template_name = "api/act.html"
    form_class = forms.EndpointForm  # type: ignore[assignment]

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"client": self.object}

    def context(self) -> dict[str, Any]:
        return {
            "heading": "登记推送地址", "submit": "登记", "lead": self.object.name,
            "back": reverse("desk_client", args=[self.object.pk]),
        }  # fmt: skip

    def act(self, form: Any) -> tuple[Endpoint, str]:
        return actions.add_endpoint(self.actor, client=self.object, **form.cleaned_data)

    def done(self) -> HttpResponseBase:
        endpoint, secret = self.result
        self.template_name = "api/once.html"
        return self.render_to_response(
            {"heading": "推送地址已登记", "what": "签名密钥", "secret": secret, "object": self.object,
             "next": reverse("desk_endpoint", args=[endpoint.pk])}
        )  # fmt: skip


class _OfEndpoint(Scoped):
    model: ClassVar[type[Model]] = Endpoint

    def get_queryset(self) -> Any:
        return super().get_queryset().select_related("client__organisation")


class EndpointDetail(List):
    """The endpoint and its latest deliveries."""

    model: ClassVar[type[Model]] = Delivery
    permission = "api.view"
    template_name = "api/endpoint.html"

    @property
    def endpoint(self) -> Endpoint:
        return self.object  # type: ignore[no-any-return]

    def get_queryset(self) -> Any:
        return Endpoint.objects.visible_to(self.access, to=self.permission).select_related(
            "client__organisation"
        )

    def filtered(self) -> Any:
        rows = Delivery.objects.visible_to(self.access, to=self.permission)
        return rows.filter(endpoint=self.endpoint).select_related("event")

    def decorate(self, rows: list[Any]) -> list[Any]:
        for row in rows:
            row.tone = TONES[row.state]
            row.title = EVENTS[row.event.type].title if row.event.type in EVENTS else "推送测试"
        return rows

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        one = self.endpoint
        return super().get_context_data(
            object=one,
            titles=[(code, EVENTS[code].title) for code in one.events if code in EVENTS],
            test=TEST,
            may_manage=one.client.revoked_at is None
            and self.actor.may(actions.MANAGE, *one.client.organisation.paths),
            **kwargs,
        )


class _Verb(_OfEndpoint, Act):
    permission = actions.MANAGE
    template_name = "api/act.html"
    heading: ClassVar[str]
    submit: ClassVar[str]
    warning: ClassVar[str] = ""

    def context(self) -> dict[str, Any]:
        return {
            "heading": self.heading, "submit": self.submit, "lead": self.object.url, "warning": self.warning,
            "back": reverse("desk_endpoint", args=[self.object.pk]),
        }  # fmt: skip

    def get_success_url(self) -> str:
        return reverse("desk_endpoint", args=[self.object.pk])


class EditEndpoint(_Verb):
    heading, submit = "修改推送地址", "保存"
    form_class = forms.EndpointForm  # type: ignore[assignment]
    success_message = "已保存。签名密钥没有变。"

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"client": self.object.client}

    def get_initial(self) -> dict[str, Any]:
        return {"url": self.object.url, "events": self.object.events}

    def act(self, form: Any) -> Endpoint:
        return actions.change_endpoint(self.actor, endpoint=self.object, **form.cleaned_data)


class TryEndpoint(_Verb):
    heading, submit = "推送测试", "发送测试事件"
    success_message = "测试事件已排队，一分钟内推送，结果见下表。"

    def act(self, form: Any) -> Delivery:
        return actions.try_endpoint(self.actor, endpoint=self.object)


class Enable(_Verb):
    heading, submit = "恢复推送", "恢复"
    success_message = "推送已恢复。"

    def act(self, form: Any) -> Endpoint:
        return actions.enable_endpoint(self.actor, endpoint=self.object)


class Remove(_Verb):
    heading, submit = "删除推送地址", "删除"
    warning = "签名密钥和推送记录一并删除，还没有送达的事件不再推送。"
    success_message = "推送地址已删除。"

    def act(self, form: Any) -> int:
        client: int = self.object.client_id
        actions.remove_endpoint(self.actor, endpoint=self.object)
        return client

    def get_success_url(self) -> str:
        return reverse("desk_client", args=[self.result])


class Resend(Act):
    """One push once more."""

    model: ClassVar[type[Model]] = Delivery
    permission = actions.MANAGE
    template_name = "api/act.html"
    success_message = "已重新排队，一分钟内推送。"

    def get_queryset(self) -> Any:
        return super().get_queryset().select_related("endpoint", "event")

    def context(self) -> dict[str, Any]:
        return {
            "heading": "重新推送", "submit": "重新推送", "lead": f"{self.object.event.type} {self.object.event.key}",
            "back": self.get_success_url(),
        }  # fmt: skip

    def act(self, form: Any) -> Delivery:
        return actions.resend(self.actor, delivery=self.object)

    def get_success_url(self) -> str:
        return reverse("desk_endpoint", args=[self.object.endpoint_id])
