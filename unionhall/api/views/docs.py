"""/api/: the interface for people, made from the OpenAPI document itself so that the two cannot differ."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from django.conf import settings
from django.urls import reverse

from unionhall.foundation.permissions import EVERYONE
from unionhall.foundation.views import Page

from ..events import EVENTS
from ..problems import BASE, KINDS
from ..scopes import DECLARED
from ..webhooks.delivering import SCHEDULE

_PLACES = {"path": "网址", "query": "参数", "header": "请求头"}


class Docs(Page):
    """How to begin, every operation, every problem, every event."""

    permission = EVERYONE
    template_name = "api/docs.html"

    def context(self) -> dict[str, Any]:
        return {
            "address": settings.SITE_ADDRESS,
            "schema_url": reverse("api:openapi-json"),
            "groups": groups(),
            "scopes": [(scope.value, right.label) for scope, right in DECLARED.items()],
            "problems": [
                {"type": BASE + slug, "status": kind.status, "title": kind.title, "detail": kind.detail}
                for slug, kind in sorted(KINDS.items(), key=lambda item: item[1].status)
            ],
            "events": list(EVENTS.values()),
            "tries": len(SCHEDULE) + 1,
        }


@lru_cache(maxsize=1)
def groups() -> list[dict[str, Any]]:
    """The operations as the page lists them: [{title, operations}] in the order of the document."""
    from ..application import api

    schema = api.get_openapi_schema()
    found: dict[str, list[dict[str, Any]]] = {}
    for path, methods in schema["paths"].items():
        for method, said in methods.items():
            found.setdefault(said["tags"][0], []).append(_operation(path, method, said, schema))
    return [{"title": title, "operations": operations} for title, operations in found.items()]


def _operation(path: str, method: str, said: dict[str, Any], schema: Any) -> dict[str, Any]:
    good = [status for status in said["responses"] if int(status) < 400]
    return {
        "id": said["operationId"],
        "method": method.upper(),
        "path": path,
        "title": said["summary"],
        "text": said.get("description", ""),
        "scope": said["security"][0]["Bearer"][0],
        "inputs": [*map(_parameter, said["parameters"]), *_body(said, schema)],
        "answer": [
            {"name": name, "text": _words(each)}
            for status in good
            for name, each in _answer(said, status, schema)
        ],
        "statuses": "、".join(str(status) for status in said["responses"]),
    }


def _parameter(said: dict[str, Any]) -> dict[str, Any]:
    return {
        "name": said["name"],
        "place": _PLACES[said["in"]],
        "required": said["required"],
        "text": _words(said["schema"]) or said.get("description", ""),
    }


def _body(said: dict[str, Any], schema: Any) -> list[dict[str, Any]]:
    found = []
    for kind, content in said.get("requestBody", {}).get("content", {}).items():
        place = "请求体" if kind == "application/json" else "表单"
        for one in content["schema"].get("anyOf", [content["schema"]]):
            whole = _resolved(one, schema)
            for name, each in whole.get("properties", {}).items():
                needed = name in whole.get("required", [])
                found.append({"name": name, "place": place, "required": needed, "text": _words(each)})
    return found


def _answer(said: dict[str, Any], status: Any, schema: Any) -> list[tuple[str, dict[str, Any]]]:
    for content in said["responses"][status].get("content", {}).values():
        whole = _resolved(content["schema"], schema)
        return list(whole.get("properties", {}).items())
    return []


def _resolved(one: dict[str, Any], schema: Any) -> dict[str, Any]:
    if "$ref" in one:
        found: dict[str, Any] = schema["components"]["schemas"][one["$ref"].rsplit("/", 1)[-1]]
        return found
    return _resolved(one["items"], schema) if "items" in one else one


def _words(said: dict[str, Any]) -> str:
    """The description of a field, wherever pydantic put it."""
    places = [said, *said.get("anyOf", []), *said.get("allOf", []), said.get("items", {})]
    return next((place["description"] for place in places if place.get("description")), "")
