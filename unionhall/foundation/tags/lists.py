"""Tags of lists: filters, tables, selection, pages."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django import template
from django.template.context import Context
from django.utils.html import format_html
from django.utils.safestring import SafeString

from unionhall.foundation.wording import number

register = template.Library()


@register.inclusion_tag("components/filter_bar.html", takes_context=True)
def filter_bar(context: Context, form: Any, target: str = "#list") -> dict[str, Any]:
    """A GET form whose values live in the address; with htmx only `target` is replaced.

    Fields named in the form's `folded` stand under 更多条件, open as soon as one of them is set or wrong.
    """
    request = context.get("request")
    rare = getattr(form, "folded", ())
    fields = list(form.visible_fields())
    folded = [field for field in fields if field.name in rare]
    return {
        "form": form,
        "shown": [field for field in fields if field.name not in rare],
        "folded": folded,
        "unfolded": any(field.data or field.errors for field in folded),
        "target": target,
        "path": getattr(request, "path", ""),
    }


@register.simple_tag(takes_context=True)
def query(context: Context, **changes: object) -> str:
    """The present query string with changes; None or "" removes a key. Starts with "?"."""
    request = context.get("request")
    found = request.GET.copy() if request is not None else None
    if found is None:
        return "?"
    for key, value in changes.items():
        found.pop(key, None)
        if value not in (None, ""):
            found[key] = str(value)
    return f"?{found.urlencode()}"


@register.inclusion_tag("components/pager.html", takes_context=True)
def pager(context: Context, page: Any, target: str = "#list", label: str = "翻页") -> dict[str, Any]:
    """Numbered pages of a Django `Page`; filters stay in the links."""
    numbers = [
        {
            "number": n,
            "url": query(context, page=n) if isinstance(n, int) else "",
            "current": n == page.number,
        }
        for n in page.paginator.get_elided_page_range(page.number, on_each_side=1, on_ends=1)
    ]
    return {
        "numbers": numbers, "total": page.paginator.count, "target": target, "label": label,
        "previous": query(context, page=page.previous_page_number()) if page.has_previous() else "",
        "next": query(context, page=page.next_page_number()) if page.has_next() else "",
    }  # fmt: skip


@register.inclusion_tag("components/pager.html", takes_context=True)
def keyset_pager(
    context: Context,
    total: int,
    after: object = "",
    before: object = "",
    target: str = "#list",
    shown: str = "",
    label: str = "翻页",
) -> dict[str, Any]:
    """上一页/下一页 by cursor: `?after=` and `?before=`; an empty cursor has no link. `shown` e.g. "第 21–40 条"."""
    return {
        "numbers": [], "total": total, "shown": shown, "target": target, "label": label,
        "previous": query(context, before=before, after=None, page=None) if before else "",
        "next": query(context, after=after, before=None, page=None) if after else "",
    }  # fmt: skip


@register.simple_block_tag
def list_head(content: str, total: int | None = None, unit: str = "条", title: str = "") -> SafeString:
    """The head of a list card: its total and, inside the block, its tools (export and the like)."""
    count = "" if total is None else format_html("<p>共 <b>{}</b> {}</p>", number(total), unit)
    heading = format_html("<h2>{}</h2>", title) if title else ""
    return format_html(
        '<div class="list-head"><div class="list-title">{}{}</div><div class="tools">{}</div></div>',
        heading, count, content,
    )  # fmt: skip


@register.simple_block_tag
def scroll_table(content: str, label: str, kind: str = "") -> SafeString:
    """A table that scrolls inside its card; write `<thead>` and `<tbody>` inside. `kind="dense"` for many columns."""
    return format_html(
        '<div class="scroll" tabindex="0" role="region" aria-label="{}"><table class="{}">{}</table></div>',
        label, kind, content,
    )  # fmt: skip


@register.inclusion_tag("components/select_bar.html")
def select_bar(
    shown: int, total: int, form: str = "batch", unit: str = "条", actions: Iterable[Any] = ()
) -> dict[str, Any]:
    """“已选本页 20 条，选择全部 1,245 条”; `actions` are buttons [{label, name, value, confirm}] of that form."""
    return {"shown": shown, "total": total, "form": form, "unit": unit, "actions": actions}


@register.simple_tag
def select_all(form: str = "batch") -> SafeString:
    """The header cell with the checkbox that ticks the page."""
    return format_html(
        '<th scope="col" class="tick"><label><input type="checkbox" data-select-page="{0}">'
        '<span class="sr">选择本页</span></label></th>',
        form,
    )


@register.simple_tag
def select_row(value: object, label: object, form: str = "batch") -> SafeString:
    """The row's cell with its checkbox, named `selected`."""
    return format_html(
        '<td class="tick"><label><input type="checkbox" name="selected" value="{}" form="{}">'
        '<span class="sr">选择{}</span></label></td>',
        value, form, label,
    )  # fmt: skip


@register.inclusion_tag("components/tree_cell.html")
def tree_cell(
    label: str, level: int = 0, url: str = "", open_url: str = "", is_open: bool = False
) -> dict[str, Any]:
    """The first cell of a tree's row: indented by `level`; `open_url` shows or hides what is below."""
    return {
        "label": label,
        "level": max(0, min(8, level)),
        "url": url,
        "open_url": open_url,
        "is_open": is_open,
    }


@register.inclusion_tag("components/empty.html")
def empty(why: str, action: str = "", url: str = "", picture: str = "inbox") -> dict[str, Any]:
    """Why there is nothing, and one thing to do about it."""
    return {"why": why, "action": action, "url": url, "icon": picture}


@register.inclusion_tag("components/batch_result.html")
def batch_result(done: int, failures: Sequence[Any], noun: str = "条") -> dict[str, Any]:
    """What a batch action did: `failures` by row [{label, reason, url}]."""
    return {"done": done, "failures": failures, "noun": noun}
