"""Whoever may ask the whole register for a document number is counted: every desk's form that takes one."""

from typing import Any

from django import forms
from django.views.generic import View

from tests.architecture.routes import Route, routes
from unionhall.access.lookups import CountsLookups

#: Of the desk's own forms with a document number, those that count another way, or look for nobody.
_OTHERWISE = {
    "desk_dispute_new": "counts in its own post, and only where a number was typed",
    "window_authorise": "the agent's number is written down; nobody is looked for",
}


def asks_for_a_document(form: Any) -> bool:
    fields = getattr(form, "base_fields", {})
    typed = [str(one.label) for one in fields.values() if isinstance(one, forms.CharField)]
    return any("证件号" in label or "身份证号" in label for label in typed)


def uncounted(found: list[Route]) -> list[str]:
    """Addresses of desks and windows whose form takes a document number that nobody counts."""
    return sorted(
        one.name
        for one in found
        if one.text.startswith(("desk/", "window/"))
        and asks_for_a_document(getattr(one.view, "form_class", None))
        and not issubclass(one.view, CountsLookups)
    )


def test_every_form_that_takes_a_document_number_counts_look_ups() -> None:
    assert uncounted(routes()) == sorted(_OTHERWISE)


class _Form(forms.Form):
    number = forms.CharField(label="会员证件号码")


class _View(View):
    form_class = _Form


def test_one_that_forgot_is_found() -> None:
    assert uncounted([Route("forgot", _View, (), "desk/forgot/")]) == ["forgot"]
    counted = type("_Counted", (CountsLookups, _View), {})
    assert uncounted([Route("counted", counted, (), "desk/counted/")]) == []
