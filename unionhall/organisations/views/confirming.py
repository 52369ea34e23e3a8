"""核对: what a form is about to do is shown once more before it is done."""

from datetime import date
from typing import Any, ClassVar

from django import forms
from django.db import models, transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBase

from unionhall.foundation.errors import Refused
from unionhall.foundation.views import Act


class Confirmed(Act):
    """An Act in two steps. The first tries the action and takes it back, so that a refusal comes before the check.

    `title` heads the page; `consequence()` says what will follow.
    """

    title: ClassVar[str] = ""
    template_name = "organisations/act.html"
    check_template: ClassVar[str] = "organisations/check.html"

    def consequence(self, form: Any) -> str:
        return ""

    def back_url(self) -> str:
        return self.get_success_url()

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if "confirmed" in request.POST:
            return super().post(request, *args, **kwargs)
        if self.needs_object:
            self.object  # noqa: B018 — out of scope is 404 before anything else is looked at
        form = self.get_form()
        if "revise" in request.POST or not form.is_valid():
            return self.refuse(form) if not form.is_valid() else self._asked_again(form)
        try:
            with transaction.atomic():
                self.act(form)
                transaction.set_rollback(True)
        except Refused as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
            return self.refuse(form)
        self.__dict__.pop("object", None)
        context = self.get_context_data(form=form, answers=answers(form), consequence=self.consequence(form))
        return self.response_class(self.request, [self.check_template], context)

    def _asked_again(self, form: Any) -> HttpResponse:
        return self.render_to_response(self.get_context_data(form=form))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        kwargs.setdefault("back_url", self.back_url())
        return super().get_context_data(title=self.title, **kwargs)


def answers(form: forms.Form) -> list[dict[str, str]]:
    """Labels and values as people read them."""
    found = []
    for bound in form:
        value = form.cleaned_data.get(bound.name)
        found.append({"label": str(bound.label), "value": _words(bound.field, value)})
    return found


def _words(field: forms.Field, value: Any) -> str:
    if isinstance(field, forms.ChoiceField) and not isinstance(value, (list, tuple)):
        return str(dict(field.choices).get(value, value))  # type: ignore[arg-type]
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, date):
        return f"{value:%Y-%m-%d}"
    if isinstance(value, models.Model):
        code = getattr(value, "code", "") or getattr(value, "uscc", "") or ""
        return f"{value}（{code}）" if code else str(value)
    if isinstance(value, (list, tuple)):
        return "\n".join(str(one) for one in value)
    return "" if value is None else str(value)
