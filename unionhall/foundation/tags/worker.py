"""Tags of the worker site and of paper."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import template

register = template.Library()


@register.inclusion_tag("components/member_card.html")
def member_card(name: str, number: str, union: str = "", since: Any = None, url: str = "") -> dict[str, Any]:
    """The gold 会员卡; `url` opens the code."""
    return {"name": name, "number": number, "union": union, "since": since, "url": url}


@register.inclusion_tag("components/qr_box.html")
def qr_box(svg: str, url: str = "", seconds: int = 30, note: str = "") -> dict[str, Any]:
    """A QR code (safe SVG text) that is asked again from `url` every `seconds`."""
    return {"svg": svg, "url": url, "seconds": seconds, "note": note}


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
