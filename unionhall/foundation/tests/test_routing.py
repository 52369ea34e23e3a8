"""The first word finds what a walk through all patterns finds."""

from typing import Any

import pytest
from django.http import HttpResponse
from django.urls import Resolver404, include, path

from unionhall.foundation.routing import Entrance


def test_addresses_are_those_of_an_include() -> None:
    def view(request: object, **named: object) -> HttpResponse:
        return HttpResponse()

    patterns: list[Any] = [
        path("", view, name="home"),
        path("a/<int:pk>/", view, name="a_one"),
        path("<str:any>/7/", view, name="open"),
        path("a/", include([path("7/", view, name="a_seven"), path("b/", view, name="a_b")])),
        path("a/b/c/", view, name="a_b_c"),
    ]
    fast, plain = Entrance("x/", patterns), path("x/", include(patterns))
    for address in ("x/", "x/a/7/", "x/a/8/", "x/b/7/", "x/a/b/", "x/a/b/c/"):
        wanted, found = plain.resolve(address), fast.resolve(address)
        assert wanted is not None
        assert (found.url_name, found.kwargs, found.route) == (wanted.url_name, wanted.kwargs, wanted.route)
    for address in ("x/a/", "x/c/", "y/a/7/"):
        with pytest.raises(Resolver404):
            fast.resolve(address)
