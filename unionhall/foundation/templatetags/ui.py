"""`{% load ui %}` (a builtin here): icons, words with colour, lists, forms and results. docs/look.md lists every one."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django import template
from django.middleware.csrf import get_token
from django.template.context import Context
from django.templatetags.static import static
from django.urls import NoReverseMatch, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from unionhall.foundation.icons import ICONS
from unionhall.foundation.wording import FILTERS, Deadline, tone_of

log = logging.getLogger(__name__)
register = template.Library()
for _name, _filter in FILTERS.items():
    register.filter(_name, _filter)

HTMX_CONFIG = {
    "includeIndicatorStyles": False,
    "allowEval": False,
    "historyCacheSize": 0,
    "refreshOnHistoryMiss": True,
    "responseHandling": [
        {"code": "204", "swap": False},
        {"code": "[23]..", "swap": True},
        {"code": "422", "swap": True},
        {"code": "...", "swap": False, "error": True},
    ],
}
_KNOWN_ICONS = frozenset(ICONS)


# -- the page ---------------------------------------------------------------------------------------------------------
@register.simple_tag
def htmx_config() -> str:
    """htmx settings for the meta element: no eval, no inline style, 422 swaps, no page kept in the browser."""
    return json.dumps(HTMX_CONFIG)


@register.simple_tag(takes_context=True)
def csrf_headers(context: Context) -> str:
    """The header htmx sends, as JSON for `hx-headers`."""
    request = context.get("request")
    return json.dumps({"X-CSRFToken": get_token(request)}) if request is not None else "{}"


@register.simple_tag
def icon(name: str, size: int = 20) -> SafeString:
    """A decorative icon of the sprite; the words beside it carry the meaning. Unknown names are logged."""
    if name not in _KNOWN_ICONS:
        log.warning("icon %r is not in the sprite; add it to foundation/icons.py", name)
        name = "circle-dashed"
    return format_html(
        '<svg class="icon" width="{0}" height="{0}" aria-hidden="true" focusable="false"><use href="{1}#{2}"></use></svg>',
        size,
        static("foundation/icons.svg"),
        name,
    )


@register.simple_tag
def brand_mark(size: int = 32) -> SafeString:
    """The white 工 mark of the red bar."""
    return format_html(
        '<svg class="mark" viewBox="0 0 32 32" width="{0}" height="{0}" aria-hidden="true"><rect width="32" height="32"'
        ' rx="8" fill="#fff"/><path d="M9 10h14M16 10v12M7 22h18" stroke="#b5151b" stroke-width="3.2" fill="none"'
        ' stroke-linecap="round"/></svg>',
        size,
    )


@register.inclusion_tag("components/tabbar.html", takes_context=True)
def worker_tabs(context: Context) -> dict[str, Any]:
    """The worker site's tabs; a tab whose page does not exist yet is left out. `tab` overrides the current one."""
    request = context.get("request")
    path = getattr(request, "path", "")
    chosen = context.get("tab")
    found = []
    for name, label, picture in (
        ("m_home", "首页", "home"),
        ("m_matters", "办事", "layout-grid"),
        ("m_messages", "消息", "message"),
        ("m_me", "我的", "user"),
    ):
        try:
            url = reverse(name)
        except NoReverseMatch:
            continue
        current = chosen == name if chosen else (path == url if name == "m_home" else path.startswith(url))
        found.append({"url": url, "label": label, "icon": picture, "current": current, "messages": name == "m_messages"})
    return {"tabs": found, "unread": context.get("unread")}


@register.inclusion_tag("components/account_menu.html", takes_context=True)
def account_menu(context: Context) -> dict[str, Any]:
    """Who is signed in, the links of `who.links` and 退出登录. Reads `who`, else `actor`."""
    who = context.get("who") or context.get("actor")
    return {"who": who, "demo": context.get("demo"), "request": context.get("request"), "csrf_token": context.get("csrf_token")}


@register.inclusion_tag("components/crumbs.html")
def crumbs(*parts: str) -> dict[str, Any]:
    """`{% crumbs "组织与会籍" "会员名册" url %}`: a label followed by its address is a link."""
    found: list[dict[str, str]] = []
    for part in parts:
        text = str(part)
        if found and text.startswith(("/", "?")) and "url" not in found[-1]:
            found[-1]["url"] = text
        else:
            found.append({"label": text})
    return {"parts": found}


@register.inclusion_tag("components/notice.html")
def notice(text: object, tone: str = "info", title: str = "") -> dict[str, Any]:
    """A message in the page; tone: info, ok, warn or bad (Django's level names are understood)."""
    found = {"success": "ok", "warning": "warn", "error": "bad", "debug": "info"}.get(tone, tone)
    pictures = {"ok": "circle-check", "warn": "alert-triangle", "bad": "alert-circle"}
    return {"text": text, "tone": found, "title": title, "icon": pictures.get(found, "info-circle")}


# -- words with colour ------------------------------------------------------------------------------------------------
@register.simple_tag
def status(word: object, code: object = "") -> SafeString:
    """A status word with its colour; `code` is a tone (ok warn bad info mute) or a common status code."""
    return format_html('<span class="tag {}">{}</span>', tone_of(str(code)), word)


@register.inclusion_tag("components/deadline.html")
def deadline(
    due: Any = None, days: int | None = None, paused: str = "", done: bool = False, unit: str = "个工作日"
) -> dict[str, Any]:
    """`days` left (negative: overdue). Green > 3, amber 0 to 3, red overdue: always colour, word and number."""
    return {"deadline": Deadline.of(due, days, paused=paused, done=done, unit=unit)}


@register.inclusion_tag("components/person.html")
def person(name: str, note: str = "", url: str = "") -> dict[str, Any]:
    """A name (masked by the caller with `|mask_name` where needed) with an initial and a second line."""
    return {"name": name, "note": note, "url": url}


# -- trails -----------------------------------------------------------------------------------------------------------
@register.inclusion_tag("components/timeline.html")
def timeline(entries: Iterable[Any]) -> dict[str, Any]:
    """Each entry: who, at, what, and optionally place, opinion, tone, attachments [{name, url, size}]."""
    return {"entries": entries}


@register.inclusion_tag("components/stepper.html")
def stepper(steps: Iterable[Any], track: bool = False) -> dict[str, Any]:
    """Each step: title, state (done now todo) and optionally at, note. `track` draws the phone's dots."""
    return {"steps": steps, "track": track}


@register.inclusion_tag("components/progress.html")
def progress(
    url: str, percent: float, title: str, finished: bool = False, note: str = "", facts: Any = (), every: str = "1s"
) -> dict[str, Any]:
    """A job's progress: polls `url` (which answers this same component) until `finished`; survives reload."""
    return {
        "url": url, "percent": max(0, min(100, round(percent))), "title": title, "finished": finished, "note": note,
        "facts": facts, "every": every,
    }  # fmt: skip


# -- lists ------------------------------------------------------------------------------------------------------------
@register.inclusion_tag("components/filter_bar.html", takes_context=True)
def filter_bar(context: Context, form: Any, target: str = "#list") -> dict[str, Any]:
    """A GET form whose values live in the address; with htmx only `target` is replaced."""
    request = context.get("request")
    return {"form": form, "target": target, "path": getattr(request, "path", "")}


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
def pager(context: Context, page: Any, target: str = "#list") -> dict[str, Any]:
    """Numbered pages of a Django `Page`; filters stay in the links."""
    numbers = [
        {"number": n, "url": query(context, page=n) if isinstance(n, int) else "", "current": n == page.number}
        for n in page.paginator.get_elided_page_range(page.number, on_each_side=1, on_ends=1)
    ]
    return {
        "numbers": numbers, "total": page.paginator.count, "pages": page.paginator.num_pages, "target": target,
        "previous": query(context, page=page.previous_page_number()) if page.has_previous() else "",
        "next": query(context, page=page.next_page_number()) if page.has_next() else "",
    }  # fmt: skip


@register.inclusion_tag("components/pager.html", takes_context=True)
def keyset_pager(
    context: Context, total: int, after: object = "", before: object = "", target: str = "#list", shown: str = ""
) -> dict[str, Any]:
    """上一页/下一页 by cursor: `?after=` and `?before=`; an empty cursor has no link. `shown` e.g. "第 21–40 条"."""
    return {
        "numbers": [], "total": total, "shown": shown, "target": target,
        "previous": query(context, before=before, after=None, page=None) if before else "",
        "next": query(context, after=after, before=None, page=None) if after else "",
    }  # fmt: skip


@register.simple_block_tag
def list_head(content: str, total: int | None = None, unit: str = "条", title: str = "") -> SafeString:
    """The head of a list card: its total and, inside the block, its tools (export and the like)."""
    count = "" if total is None else format_html("<p>共 <b>{}</b> {}</p>", FILTERS["number"](total), unit)
    heading = format_html("<h2>{}</h2>", title) if title else ""
    return format_html(
        '<div class="list-head"><div class="list-title">{}{}</div><div class="tools">{}</div></div>',
        heading, count, mark_safe(content),
    )  # fmt: skip


@register.simple_block_tag
def scroll_table(content: str, label: str, kind: str = "") -> SafeString:
    """A table that scrolls inside its card; write `<thead>` and `<tbody>` inside. `kind="dense"` for many columns."""
    return format_html(
        '<div class="scroll" tabindex="0" role="region" aria-label="{}"><table class="{}">{}</table></div>',
        label, kind, mark_safe(content),
    )  # fmt: skip


@register.inclusion_tag("components/select_bar.html")
def select_bar(shown: int, total: int, form: str = "batch", unit: str = "条", actions: Iterable[Any] = ()) -> dict[str, Any]:
    """“已选本页 20 条，选择全部 1,245 条” with the batch buttons [{label, name, value, confirm}] of `<form id=form>`."""
    return {"shown": shown, "total": total, "form": form, "unit": unit, "actions": actions}


@register.simple_tag
def select_all(form: str = "batch") -> SafeString:
    """The header cell with the checkbox that ticks the page."""
    return format_html(
        '<th scope="col" class="tick"><label><input type="checkbox" data-select-page="{0}"><span class="sr">选择本页</span>'
        "</label></th>",
        form,
    )


@register.simple_tag
def select_row(value: object, label: object, form: str = "batch") -> SafeString:
    """The row's cell with its checkbox, named `selected`."""
    return format_html(
        '<td class="tick"><label><input type="checkbox" name="selected" value="{}" form="{}"><span class="sr">选择{}</span>'
        "</label></td>",
        value, form, label,
    )  # fmt: skip


@register.inclusion_tag("components/tree_cell.html")
def tree_cell(label: str, level: int = 0, url: str = "", open_url: str = "", is_open: bool = False) -> dict[str, Any]:
    """The first cell of a tree's row: indented by `level`; `open_url` shows or hides what is below."""
    return {"label": label, "level": max(0, min(8, level)), "url": url, "open_url": open_url, "is_open": is_open}


@register.inclusion_tag("components/empty.html")
def empty(why: str, action: str = "", url: str = "", picture: str = "inbox") -> dict[str, Any]:
    """Why there is nothing, and one thing to do about it."""
    return {"why": why, "action": action, "url": url, "icon": picture}


@register.inclusion_tag("components/batch_result.html")
def batch_result(done: int, failures: Sequence[Any], noun: str = "条") -> dict[str, Any]:
    """What a batch action did: `failures` by row [{label, reason, url}]."""
    return {"done": done, "failures": failures, "noun": noun}


# -- figures ----------------------------------------------------------------------------------------------------------
@register.inclusion_tag("components/tiles.html")
def tiles(items: Iterable[Any], label: str = "主要数字") -> dict[str, Any]:
    """Figures [{label, value, unit, note, url, hot, trend (up down), definition}]; `hot` once at most."""
    return {"items": items, "label": label}


@register.inclusion_tag("components/bars.html")
def bars(rows: Iterable[Any], caption: str, unit: str = "", name: str = "项目") -> dict[str, Any]:
    """A breakdown as a table with bars drawn on the server: rows [{label, value, url}]."""
    found = [dict(row) if isinstance(row, Mapping) else vars(row).copy() for row in rows]
    top = max((float(row["value"]) for row in found), default=0) or 1
    whole = sum(float(row["value"]) for row in found) or 1
    for row in found:
        row["width"] = f"{max(0.0, float(row['value'])) / top * 100:.1f}"
        row["share"] = f"{float(row['value']) / whole * 100:.1f}%"
    return {"rows": found, "caption": caption, "unit": unit, "name": name}


@register.inclusion_tag("components/chart.html")
def chart(chart_id: str, option: Mapping[str, Any], title: str, note: str = "", size: str = "m", table: Any = None) -> dict[str, Any]:
    """An ECharts option (plain dict) with its table for those who cannot see it: `table` {head, rows}, else derived."""
    return {"id": chart_id, "option": option, "title": title, "note": note, "size": size, "table": table or chart_table(option)}


def chart_table(option: Mapping[str, Any]) -> dict[str, Any]:
    """Head and rows of the usual option: a category axis with series, or one pie."""
    series = list(option.get("series", []))
    axes = [option.get(name) for name in ("xAxis", "yAxis")]
    categories = next((axis["data"] for axis in axes if isinstance(axis, Mapping) and axis.get("data")), None)
    if categories is None:
        points = series[0].get("data", []) if series else []
        return {"head": ["项目", "数值"], "rows": [[point.get("name"), point.get("value")] for point in points if isinstance(point, Mapping)]}
    head = ["", *[str(one.get("name", "数值")) for one in series]]
    return {"head": head, "rows": [[label, *[one["data"][i] for one in series]] for i, label in enumerate(categories)]}


@register.inclusion_tag("components/tile_map.html")
def tile_map(places: Iterable[Any], title: str, note: str = "方格示意，不表示行政区域界线", unit: str = "") -> dict[str, Any]:
    """Areas as squares [{name, value, row, column, url}], rows and columns from 1 to 12; seven shades by value."""
    found = [dict(place) for place in places]
    values = [float(place["value"]) for place in found]
    low, high = min(values, default=0), max(values, default=0)
    for place in found:
        place["shade"] = round((float(place["value"]) - low) / (high - low) * 6) if high > low else 3
    return {"places": found, "title": title, "note": note, "unit": unit}


# -- forms and results ------------------------------------------------------------------------------------------------
@register.inclusion_tag("components/error_summary.html")
def error_summary(*forms: Any) -> dict[str, Any]:
    """All mistakes at the top, linked to their fields; focused when the page loads."""
    return {"forms": [form for form in forms if form is not None and getattr(form, "errors", None)]}


@register.simple_block_tag
def form_section(content: str, title: str, state: str = "", anchor: str = "") -> SafeString:
    """A titled part of a form; state: todo 未开始, doing 未完成, done 已完成, or "" for none."""
    words = {"todo": ("未开始", "mute"), "doing": ("未完成", "warn"), "done": ("已完成", "ok")}
    mark = format_html('<span class="tag {}">{}</span>', words[state][1], words[state][0]) if state in words else ""
    return format_html(
        '<section class="form-section"{}><h2>{} {}</h2>{}</section>',
        format_html(' id="{}"', anchor) if anchor else "", title, mark, mark_safe(content),
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
    found = [row if not isinstance(row, (tuple, list)) else {"label": row[0], "value": row[1]} for row in rows]
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


# -- buttons ----------------------------------------------------------------------------------------------------------
@register.inclusion_tag("components/copy.html")
def copy(text: str, label: str = "复制") -> dict[str, Any]:
    """Copies `text`; without JavaScript the text can still be selected."""
    return {"text": text, "label": label}


@register.inclusion_tag("components/download.html")
def download(url: str, label: str, size: int | None = None, picture: str = "download") -> dict[str, Any]:
    """A link that downloads; `size` in bytes."""
    return {"url": url, "label": label, "size": size, "icon": picture}


@register.simple_block_tag
def dialog_link(content: str, url: str, kind: str = "btn") -> SafeString:
    """Opens the page at `url` in a dialog (its `#dialog-content`); without JavaScript it is a plain link."""
    return format_html(
        '<a class="{}" href="{}" hx-get="{}" hx-target="#dialog-body" hx-select="#dialog-content" hx-swap="innerHTML"'
        ' hx-push-url="false">{}</a>',
        kind, url, url, mark_safe(content),
    )  # fmt: skip


@register.inclusion_tag("components/reveal.html")
def reveal(url: str, masked: str, label: str, element_id: str) -> dict[str, Any]:
    """A masked value with 查看: asks the reason in a dialog (or on the page at `url`)."""
    return {"url": url, "masked": masked, "label": label, "id": element_id}


@register.inclusion_tag("components/revealed.html")
def revealed(value: str, masked: str, url: str, label: str, element_id: str, seconds: int = 30) -> dict[str, Any]:
    """The value in clear for `seconds`, then masked again; answers the reveal form when htmx asked."""
    return {"value": value, "masked": masked, "url": url, "label": label, "id": element_id, "seconds": seconds}


# -- the worker site --------------------------------------------------------------------------------------------------
@register.inclusion_tag("components/member_card.html")
def member_card(name: str, number: str, union: str = "", since: Any = None, url: str = "") -> dict[str, Any]:
    """The gold 会员证; `url` opens the code."""
    return {"name": name, "number": number, "union": union, "since": since, "url": url}


@register.inclusion_tag("components/qr_box.html")
def qr_box(svg: str, url: str = "", seconds: int = 30, note: str = "") -> dict[str, Any]:
    """A QR code (safe SVG text) that is asked again from `url` every `seconds`."""
    return {"svg": mark_safe(svg), "url": url, "seconds": seconds, "note": note}


@register.inclusion_tag("components/service_grid.html")
def service_grid(items: Iterable[Any], label: str = "常办服务") -> dict[str, Any]:
    """Links [{label, url, icon}] four to a row."""
    return {"items": items, "label": label}


@register.inclusion_tag("components/hotline.html")
def hotline(note: str = "职工维权热线") -> dict[str, Any]:
    """12351."""
    return {"note": note}


@register.inclusion_tag("components/signatures.html")
def signatures(*places: str, seal: str = "（盖章）") -> dict[str, Any]:
    """Places for signatures and the seal on paper."""
    return {"places": places, "seal": seal}
