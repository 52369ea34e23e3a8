"""pydantic's findings as Chinese sentences."""

from typing import Any

_SENTENCES = {
    "missing": "缺少“{key}”。",
    "extra_forbidden": "不认识的项“{key}”，请核对拼写。",
    "int_type": "“{key}”应为整数。",
    "int_parsing": "“{key}”应为整数。",
    "int_from_float": "“{key}”应为整数。",
    "string_type": "“{key}”应为加引号的文字。",
    "bool_type": "“{key}”应为 true 或 false。",
    "bool_parsing": "“{key}”应为 true 或 false。",
    "list_type": "“{key}”应为列表。",
    "tuple_type": "“{key}”应为列表。",
    "dict_type": "“{key}”应为一组键和值。",
    "date_type": "“{key}”应为日期，写作 2026-01-01，不加引号。",
    "date_parsing": "“{key}”应为日期，写作 2026-01-01，不加引号。",
    "date_from_datetime_parsing": "“{key}”应为日期，写作 2026-01-01，不加引号。",
    "string_too_short": "“{key}”不能为空。",
    "string_too_long": "“{key}”最多 {max_length} 个字。",
    "finite_number": "“{key}”应为数字。",
    "too_short": "“{key}”至少要有 {min_length} 项。",
    "greater_than_equal": "“{key}”应不小于 {ge}。",
    "greater_than": "“{key}”应大于 {gt}。",
    "less_than_equal": "“{key}”应不大于 {le}。",
    "less_than": "“{key}”应小于 {lt}。",
    "literal_error": "“{key}”只能是 {expected} 之一。",
    "enum": "“{key}”只能是 {expected} 之一。",
    "decimal_type": "“{key}”应为数字。",
    "decimal_parsing": "“{key}”应为数字。",
    "decimal_max_places": "“{key}”最多 {decimal_places} 位小数。",
    "float_type": "“{key}”应为数字。",
    "model_type": "“{key}”应为一组键和值。",
    "model_attributes_type": "“{key}”应为一组键和值。",
    "union_tag_not_found": "“{key}”缺少 kind（种类）。",
    "union_tag_invalid": "“{key}”的 kind 只能是 {expected_tags} 之一。",
}


def sentence(error: dict[str, Any]) -> str:
    """What to do about one of pydantic's findings."""
    key = next((str(part) for part in reversed(error["loc"]) if isinstance(part, str)), "本节")
    context: dict[str, Any] = error.get("ctx", {})
    if error["type"] == "value_error":
        return str(context.get("error", error["msg"]))
    template = _SENTENCES.get(error["type"])
    if template is None:
        return f"“{key}”有误：{error['msg']}"
    return template.format(key=key, **{name: value for name, value in context.items() if name != "key"})
