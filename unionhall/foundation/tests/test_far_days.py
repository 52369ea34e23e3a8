"""Days that nobody can mean are refused by every form, whichever room it is of."""

from collections.abc import Iterator
from typing import Any

import pytest
from django import forms
from django.forms.forms import BaseForm
from django.urls import get_resolver

from unionhall.foundation.days import of_our_time

DAYS = (forms.DateField, forms.DateTimeField)


def kinds(of: type[BaseForm]) -> Iterator[type[BaseForm]]:
    for one in of.__subclasses__():
        yield one
        yield from kinds(one)


@pytest.mark.parametrize("field", [forms.DateField(), forms.DateTimeField()])
@pytest.mark.parametrize(("text", "stands"), [
    ("0001-01-01", False), ("1899-12-31", False), ("1900-01-01", True), ("2100-12-31", True),
    ("2101-01-01", False), ("9999-12-31", False),
])  # fmt: skip
def test_a_day_is_of_our_time(field: Any, text: str, stands: bool) -> None:
    if stands:
        assert field.clean(text).year == int(text[:4])
        return
    with pytest.raises(forms.ValidationError, match="1900 年至 2100 年"):
        field.clean(text)


def test_every_form_of_every_room_holds_to_it() -> None:
    assert get_resolver().url_patterns  # with the addresses all views are read, and their forms
    fields = [
        (form, name, field)
        for form in kinds(BaseForm)
        for name, field in getattr(form, "base_fields", {}).items()
        if isinstance(field, DAYS) and form.__module__.startswith("unionhall.")
    ]
    assert len(fields) > 50
    loose = [
        f"{form.__qualname__}.{name}" for form, name, field in fields if of_our_time not in field.validators
    ]
    assert loose == []
