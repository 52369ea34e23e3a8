"""A fresh database in seconds: while migrating, a new model is made into a class without making its relatives anew.

Django's migrations keep classes of the models as they were at each step. For every model created, and every field,
index and constraint added, it makes all classes related to it anew, in any number of steps: with two hundred models of
one register that is all of them, each time, and nine tenths of a migration's time. What a statement needs is the new
class alone. Classes made before may then lack the way back to it, so the state is marked as delayed, Django's own word
for that: before a migration runs code of its own (RunPython), all classes are made anew from what stands in the state.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

from django.db.migrations.state import ModelState, ProjectState

__all__ = ["drawn_once"]

_whole_add_model, _whole_add_field = ProjectState.add_model, ProjectState.add_field
_whole_reload = ProjectState.reload_model


def _draw(state: Any, app_label: str, model_name: str, delay: bool = False) -> None:
    """Make one class anew, or for the first time; with the tables that a many-to-many field brings, Django's way."""
    if "apps" not in state.__dict__:
        return
    key = app_label, model_name.lower()
    if any(field.many_to_many for field in state.models[key].fields.values()):
        _whole_reload(state, *key, delay=delay)
        return
    state.is_delayed = True
    state._reload({key})


def _add_model(state: ProjectState, model_state: ModelState) -> None:
    with patch.object(ProjectState, "reload_model", _draw):
        _whole_add_model(state, model_state)


def _add_field(state: ProjectState, *args: Any, **options: Any) -> None:
    with patch.object(ProjectState, "reload_model", _draw):
        _whole_add_field(state, *args, **options)


def _append_option(state: Any, app_label: str, model_name: str, option_name: str, obj: Any) -> None:
    options = state.models[app_label, model_name].options
    options[option_name] = [*options[option_name], obj]
    _draw(state, app_label, model_name)


@contextmanager
def drawn_once() -> Iterator[None]:
    """Within the block, migrations make only the classes that they need."""
    with (
        patch.object(ProjectState, "add_model", _add_model),
        patch.object(ProjectState, "add_field", _add_field),
        patch.object(ProjectState, "_append_option", _append_option),
    ):
        yield
