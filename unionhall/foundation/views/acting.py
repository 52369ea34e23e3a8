"""Views that change something: load the scoped object → policy → form → one action → message and redirect."""

from typing import Any, ClassVar

from django import forms
from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.views.generic.edit import FormMixin

from ..errors import Refused
from .reading import Scoped


class _Form(FormMixin[Any], Scoped):
    """What Act, Create and Update share. An invalid form answers 422 and keeps what was typed.

    `act(form)` calls exactly one action. A `Refused` it raises lands beside its field or at the top of the form.
    """

    success_message: ClassVar[str] = ""
    needs_object: ClassVar[bool] = True

    def act(self, form: Any) -> Any:
        raise NotImplementedError

    def get_form_kwargs(self) -> dict[str, Any]:
        kwargs = super().get_form_kwargs()
        if getattr(self.get_form_class(), "wants_actor", False):
            kwargs["actor"] = self.actor
        return kwargs

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return self.render_to_response(self.get_context_data())

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if self.needs_object:
            self.object  # noqa: B018 — out of scope is 404 before anything else is looked at
        form = self.get_form()
        if not form.is_valid():
            return self.refuse(form)
        try:
            with transaction.atomic():
                self.result = self.act(form)
        except Refused as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
            return self.refuse(form)
        return self.done()

    def refuse(self, form: Any) -> HttpResponse:
        return self.render_to_response(self.get_context_data(form=form), status=422)

    def done(self) -> HttpResponseBase:
        if self.success_message:
            messages.success(self.request, self.success_message.format(result=self.result))
        return redirect(self.get_success_url())

    def subject(self) -> Any:
        return self.object if self.needs_object else None

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        if self.needs_object:
            kwargs.setdefault("object", self.object)
        return super().get_context_data(**kwargs)


class Act(_Form):
    """A verb on an object. `form_class` may be left out when the verb asks nothing: then a button is enough."""

    form_class = forms.Form


class Create(_Form):
    """A form that makes something new."""

    needs_object = False


class Update(_Form):
    """A form over an existing object's own values; `initial` comes from the object."""

    fields: ClassVar[tuple[str, ...]] = ()

    def get_initial(self) -> dict[str, Any]:
        return {name: getattr(self.object, name) for name in self.fields} | super().get_initial()
