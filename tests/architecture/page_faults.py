"""What no answer may be: a page that runs something of its own, an address with a number, a cached private page."""

import re
from typing import Any

from unionhall.foundation.headers import CONTENT_POLICY, FILE_POLICY, is_file

_TAG = re.compile(r"<([a-zA-Z][\w-]*)((?:[^>\"']|\"[^\"]*\"|'[^']*')*)>")
_ATTRIBUTE = re.compile(r"([\w:@.-]+)\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'>]+))")
_ADDRESSES = {"href", "src", "action", "formaction", "hx-get", "hx-post", "data-url", "content"}
#: A resident's ID or a mobile phone. Numbers of cards and matters are neither.
NUMBER = re.compile(r"(?<![\dA-Za-z])(?:\d{17}[\dXx]|1[3-9]\d{9})(?![\dA-Za-z])")
#: Most pages hold none of these: then no tag has to be read (the sweep reads some thousand pages).
_RISK = re.compile(
    r"<style|<script(?![^>]*\bsrc=)|\s(?:on[a-z]+|style|hx-on[^\s=]*)\s*=|javascript:|data:text",
    re.IGNORECASE,
)
_SCRIPTS_OF_DATA = {"application/json", "application/ld+json"}


def faults(response: Any, *, signed_in: bool) -> list[str]:
    """Every broken promise of one answer, in words."""
    found = [f"number in redirect: {to}" for to in [response.get("Location", "")] if NUMBER.search(to)]
    if response.status_code == 400:
        return found
    policy = response.get("Content-Security-Policy", "")
    wanted = FILE_POLICY if is_file(response) else CONTENT_POLICY
    if policy != wanted:
        found.append(f"content policy: {policy or 'none'}")
    expected = {
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "same-origin",
        "X-Frame-Options": "DENY",
    }
    expected |= {"Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Resource-Policy": "same-origin"}
    found += [
        f"{name}: {response.get(name)}" for name, value in expected.items() if response.get(name) != value
    ]
    if "Permissions-Policy" not in response:
        found.append("no permissions policy")
    if signed_in and "no-store" not in response.get("Cache-Control", ""):
        found.append(f"may be cached: {response.get('Cache-Control')}")
    if response.get("Content-Type", "").startswith("text/html") and not response.streaming:
        found += of_page(response.content.decode())
    return found


def of_page(html: str) -> list[str]:
    """Inline script, style and handlers, and addresses with a number."""
    found: list[str] = []
    if not _RISK.search(html) and not NUMBER.search(html):
        return found
    for tag, rest in _TAG.findall(html):
        attributes = {name.lower(): one or two or three for name, one, two, three in _ATTRIBUTE.findall(rest)}
        name = tag.lower()
        if name == "style":
            found.append("<style>")
        if name == "script" and "src" not in attributes and attributes.get("type") not in _SCRIPTS_OF_DATA:
            found.append("inline <script>")
        for attribute, value in attributes.items():
            if attribute == "style" or attribute.startswith(("on", "hx-on")):
                found.append(f"<{name} {attribute}>")
            if attribute in _ADDRESSES and value.strip().lower().startswith(("javascript:", "data:text")):
                found.append(f"<{name} {attribute}={value[:30]}>")
            if attribute in _ADDRESSES and not value.startswith("tel:") and NUMBER.search(value):
                found.append(f"number in <{name} {attribute}={value}>")
    return found
