"""A fresh database in seconds: while migrating, a new model is made into a class without making its relatives anew.

Django's migrations keep classes of the models as they were at each step. For every model created, and every index and
constraint added, it makes all classes related to it anew, in any number of steps: with two hundred models of one
register that is all of them, each time, and nine tenths of a migration's time. What a statement needs is the new class
alone. Classes made before may then lack the way back to it, so the state is marked as delayed, Django's own word for
that: before a migration runs code of its own (RunPython), all classes are made anew from what stands in the state.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

from django.db.migrations.state import ModelState, ProjectState

__all__ = ["drawn_once"]

_whole_add_model = ProjectState.add_model


def _add_model(state: ProjectState, model_state: ModelState) -> None:
    if "apps" not in state.__dict__:
        _whole_add_model(state, model_state)
        return
    key = model_state.app_label, model_state.name_lower
    classes: Any = state.__dict__.pop("apps")
    try:
        _whole_add_model(state, model_state)
    finally:
        state.__dict__["apps"] = classes
    if key[1] in classes.all_models[key[0]]:
        state.reload_model(*key)
    else:
        state.is_delayed = True
        classes.render_multiple([model_state])


def _append_option(state: Any, app_label: str, model_name: str, option_name: str, obj: Any) -> None:
    options = state.models[app_label, model_name].options
    options[option_name] = [*options[option_name], obj]
    if "apps" in state.__dict__:
        state.is_delayed = True
        state._reload({(app_label, model_name)})


@contextmanager
def drawn_once() -> Iterator[None]:
    """Within the block, migrations make only the classes that they need."""
    with (
        patch.object(ProjectState, "add_model", _add_model),
        patch.object(ProjectState, "_append_option", _append_option),
    ):
        yield
