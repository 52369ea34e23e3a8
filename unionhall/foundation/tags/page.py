"""Tags of every page: icons, notices, words with colour, trails, buttons."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable
from typing import Any

from django import template
from django.middleware.csrf import get_token
from django.template.context import Context
from django.templatetags.static import static
from django.urls import NoReverseMatch, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from unionhall.foundation.icons import ICONS
from unionhall.foundation.wording import Deadline, tone_of

register = template.Library()
log = logging.getLogger(__name__)

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
        '<svg class="icon" width="{0}" height="{0}" aria-hidden="true" focusable="false">'
        '<use href="{1}#{2}"></use></svg>',
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
        found.append(
            {
                "url": url,
                "label": label,
                "icon": picture,
                "current": current,
                "messages": name == "m_messages",
            }
        )
    return {"tabs": found, "unread": context.get("unread")}


@register.inclusion_tag("components/account_menu.html", takes_context=True)
def account_menu(context: Context) -> dict[str, Any]:
    """Who is signed in, the links of `who.links` and 退出登录. Reads `who`, else `actor`."""
    who = context.get("who") or context.get("actor")
    return {
        "who": who,
        "demo": context.get("demo"),
        "request": context.get("request"),
        "csrf_token": context.get("csrf_token"),
    }


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
    url: str,
    percent: float,
    title: str,
    finished: bool = False,
    note: str = "",
    facts: Any = (),
    every: str = "1s",
) -> dict[str, Any]:
    """A job's progress: polls `url` (which answers this same component) until `finished`; survives reload."""
    return {
        "url": url, "percent": max(0, min(100, round(percent))), "title": title, "finished": finished, "note": note,
        "facts": facts, "every": every,
    }  # fmt: skip


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
        kind, url, url, content,
    )  # fmt: skip


@register.inclusion_tag("components/reveal.html")
def reveal(url: str, masked: str, label: str, element_id: str) -> dict[str, Any]:
    """A masked value with 查看: asks the reason in a dialog (or on the page at `url`)."""
    return {"url": url, "masked": masked, "label": label, "id": element_id}


@register.inclusion_tag("components/revealed.html")
def revealed(
    value: str, masked: str, url: str, label: str, element_id: str, seconds: int = 30
) -> dict[str, Any]:
    """The value in clear for `seconds`, then masked again; answers the reveal form when htmx asked."""
    return {
        "value": value,
        "masked": masked,
        "url": url,
        "label": label,
        "id": element_id,
        "seconds": seconds,
    }
