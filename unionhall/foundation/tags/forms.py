"""Tags of forms and of what a form answers."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

register = template.Library()


@register.inclusion_tag("components/error_summary.html")
def error_summary(*forms: Any) -> dict[str, Any]:
    """All mistakes at the top, linked to their fields; focused when the page loads. A form says them once a page:

    a template may ask for the summary above its sections, and `{{ form }}` then leaves it out.
    """
    wrong = [form for form in forms if form is not None and getattr(form, "errors", None)]
    wrong = [form for form in wrong if not getattr(form, "is_summarised", False)]
    for form in wrong:
        form.is_summarised = True
    return {"forms": wrong}


@register.simple_block_tag
def form_section(content: str, title: str, state: str = "", anchor: str = "") -> SafeString:
    """A titled part of a form; state: todo 未开始, doing 未完成, done 已完成, or "" for none."""
    words = {"todo": ("未开始", "mute"), "doing": ("未完成", "warn"), "done": ("已完成", "ok")}
    mark = (
        format_html('<span class="tag {}">{}</span>', words[state][1], words[state][0])
        if state in words
        else ""
    )
    return format_html(
        '<section class="form-section"{}><h2>{} {}</h2>{}</section>',
        format_html(' id="{}"', anchor) if anchor else "", title, mark, content,
    )  # fmt: skip


@register.inclusion_tag("components/check_answers.html")
def check_answers(rows: Iterable[Any], title: str = "") -> dict[str, Any]:
    """核对: rows [{label, value, url}], each with 修改."""
    return {"rows": rows, "title": title}


@register.inclusion_tag("components/result.html")
def result(
    title: str, number: str = "", handler: str = "", due: Any = None, next_step: str = "", tone: str = "ok",
    print_url: str = "", links: Iterable[Any] = (),
) -> dict[str, Any]:  # fmt: skip
    """The answer to a submission: number, who handles it, by when, what next, print."""
    return {
        "title": title, "number": number, "handler": handler, "due": due, "next_step": next_step, "tone": tone,
        "print_url": print_url, "links": links,
    }  # fmt: skip


@register.inclusion_tag("components/facts.html")
def facts(rows: Iterable[Any], columns: int = 2) -> dict[str, Any]:
    """A definition list: rows [{label, value, wide}] or (label, value) pairs."""
    found = [
        row if not isinstance(row, (tuple, list)) else {"label": row[0], "value": row[1]} for row in rows
    ]
    return {"rows": found, "columns": columns}


@register.inclusion_tag("components/reasons.html")
def reasons(items: Iterable[Any], title: str = "") -> dict[str, Any]:
    """Why, or why not: items [{met: bool or None, text, source}]."""
    return {"items": items, "title": title}


@register.inclusion_tag("components/tabs.html")
def tabs(items: Iterable[Any], label: str = "分页") -> dict[str, Any]:
    """Links [{label, url, current, count}] to parts of one thing."""
    return {"items": items, "label": label}


@register.inclusion_tag("components/message_list.html")
def message_list(items: Iterable[Any]) -> dict[str, Any]:
    """Messages [{title, body, at, url, unread}]."""
    return {"items": items}


@register.inclusion_tag("components/attachments.html")
def attachments(files: Iterable[Any]) -> dict[str, Any]:
    """Files [{name, url, size (bytes)}]."""
    return {"files": files}
