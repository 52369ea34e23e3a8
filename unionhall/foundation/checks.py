"""System checks that keep the house's promises."""

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig, apps
from django.core.checks import CheckMessage, Error
from django.core.exceptions import FieldError
from django.db import models

from .scope import ScopedModel, ScopedQuerySet


def scope_is_declared(app_configs: Sequence[AppConfig] | None, **_: Any) -> list[CheckMessage]:
    """Every model of ours declares `scope_path` (with `view_permission`) or `unscoped_because`."""
    found: list[CheckMessage] = []
    for model in apps.get_models(include_auto_created=True):
        if not model.__module__.startswith("unionhall.") or model._meta.proxy:
            continue
        found += _mistakes(model)
    return found


def _mistakes(model: type[models.Model]) -> list[CheckMessage]:
    because = getattr(model, "unscoped_because", "")
    paths = getattr(model, "scope_path", ())
    own_condition = issubclass(model, ScopedModel) and "scope_q" in vars(model)
    if because:
        return []
    if not paths and not own_condition:
        return [
            Error(
                f"{model._meta.label} declares neither scope_path nor unscoped_because",
                obj=model,
                id="unionhall.E001",
            )
        ]
    found: list[CheckMessage] = []
    if not getattr(model, "view_permission", ""):
        found.append(
            Error(f"{model._meta.label} declares no view_permission", obj=model, id="unionhall.E002")
        )
    if not isinstance(model._default_manager.all(), ScopedQuerySet):
        found.append(
            Error(f"{model._meta.label}.objects is not a ScopedQuerySet", obj=model, id="unionhall.E003")
        )
    for path in (paths,) if isinstance(paths, str) else paths:
        try:
            model._base_manager.filter(**{f"{path}__startswith": "0"})
        except FieldError:
            found.append(
                Error(
                    f"{model._meta.label}.scope_path {path!r} names no field", obj=model, id="unionhall.E004"
                )
            )
    return found
