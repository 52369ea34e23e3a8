"""Every model declares its scope: the system check, shown catching each kind of omission."""

from typing import Any

import pytest
from django.db import models
from django.test.utils import isolate_apps

from unionhall.foundation.checks import _mistakes, scope_is_declared
from unionhall.foundation.scope import ScopedModel, ScopedQuerySet


def test_our_models_declare_their_scope() -> None:
    assert scope_is_declared(None) == []


def _model(name: str, bases: tuple[type, ...], **body: Any) -> type[models.Model]:
    meta = type("Meta", (), {"app_label": "records"})
    return type(name, bases, {"__module__": "unionhall.records.models", "Meta": meta, **body})


@pytest.mark.parametrize(
    ("bases", "body", "expected"),
    [
        ((models.Model,), {}, "unionhall.E001"),
        (
            (ScopedModel,),
            {"scope_path": "path", "path": models.CharField(), "view_permission": "x"},
            "unionhall.E003",
        ),
        (
            (ScopedModel,),
            {"scope_path": "path", "path": models.CharField(), "objects": ScopedQuerySet.as_manager()},
            "unionhall.E002",
        ),
        (
            (ScopedModel,),
            {"scope_path": "nowhere", "view_permission": "x", "objects": ScopedQuerySet.as_manager()},
            "unionhall.E004",
        ),
    ],
    ids=["nothing-said", "plain-manager", "no-permission", "no-such-field"],
)
def test_an_omission_is_caught(bases: tuple[type, ...], body: dict[str, Any], expected: str) -> None:
    with isolate_apps("unionhall.records"):
        model = _model("Forgetful", bases, **body)
        assert [message.id for message in _mistakes(model)] == [expected]
