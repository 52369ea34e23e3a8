"""Mistakes in a request, as people and programs read them: where, and what to do."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

_BODIES = {"body", "form", "file"}
#: What our operations call the models of their parameters; for a list django-ninja leaves the name in.
_MODELS = {"asked", "wanted", "form", "body"}
#: What pydantic found → what to do. `{…}` are its own values.
_SAID = {
    "missing": "必填。",
    "extra_forbidden": "没有这一项，请删去。",
    "string_too_short": "至少 {min_length} 个字符。",
    "string_too_long": "最多 {max_length} 个字符。",
    "string_pattern_mismatch": "格式不对，请对照接口文档。",
    "string_type": "应为文字。",
    "int_parsing": "应为整数。",
    "int_type": "应为整数。",
    "greater_than_equal": "不能小于 {ge}。",
    "less_than_equal": "不能大于 {le}。",
    "literal_error": "只能是 {expected}。",
    "enum": "只能是 {expected}。",
    "too_short": "至少 {min_length} 项。",
    "too_long": "最多 {max_length} 项。",
    "list_type": "应为列表。",
    "model_attributes_type": "应为对象。",
    "model_type": "应为对象。",
    "dict_type": "应为对象。",
}


def faults(errors: Iterable[dict[str, Any]]) -> list[dict[str, str]]:
    """Errors of django-ninja as `errors` of a problem; the same place is told once."""
    found: dict[tuple[str, str], dict[str, str]] = {}
    for error in errors:
        where, place = _where(error["loc"])
        found.setdefault((where, place), {where: place, "detail": _detail(error)})
    return list(found.values())


def _where(location: tuple[Any, ...]) -> tuple[str, str]:
    """("body", "body", "CodeQuestion", "code") → ("pointer", "/code"): names of models are no part of the request."""
    source, *rest = location
    if len(rest) > 1 and rest[0] in _MODELS:
        rest = rest[1:]
    if source not in _BODIES:
        return "parameter", "/".join(map(str, rest))
    parts = [part for part in rest if not (isinstance(part, str) and part[:1].isupper())]
    if source == "body" and parts[:1] == ["body"]:
        parts = []
    return "pointer", "".join(f"/{str(part).replace('~', '~0').replace('/', '~1')}" for part in parts)


def _detail(error: dict[str, Any]) -> str:
    if error["type"] == "value_error":
        return str(error.get("ctx", {}).get("error", "")) or "不正确。"
    text = _SAID.get(error["type"], "不正确，请对照接口文档。")
    try:
        return text.format(**error.get("ctx", {}))
    except (KeyError, IndexError):
        return "不正确，请对照接口文档。"
