"""Addresses of cases: each noun's file gives lists named public, worker, desk, window, partner; gathered here."""

from importlib import import_module
from importlib.util import find_spec

from django.urls import URLPattern

#: Nouns in the order in which their addresses are tried; the desk's general pages last.
NOUNS = ("appeals", "disputes", "aid", "incidents", "tasks", "supervision", "referrals", "desk_pages")

_FOUND = [import_module(f"{__name__}.{noun}") for noun in NOUNS if find_spec(f"{__name__}.{noun}")]


def _gathered(entrance: str) -> list[URLPattern]:
    return [pattern for noun in _FOUND for pattern in getattr(noun, entrance, [])]


public: list[URLPattern] = _gathered("public")
worker: list[URLPattern] = _gathered("worker")
desk: list[URLPattern] = _gathered("desk")
window: list[URLPattern] = _gathered("window")
partner: list[URLPattern] = _gathered("partner")
