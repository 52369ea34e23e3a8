"""Addresses of benefits: each noun's file gives lists named public, worker, desk, partner; gathered here."""

from django.urls import URLPattern

from . import cover, entitlements, insurance, medical, member_services, needs, plans, relief, subsidy

#: Nouns in the order in which their addresses are tried.
NOUNS = (medical, cover, plans, insurance, relief, subsidy, member_services, needs, entitlements)


def _gathered(entrance: str) -> list[URLPattern]:
    return [pattern for noun in NOUNS for pattern in getattr(noun, entrance, [])]


public: list[URLPattern] = _gathered("public")
worker: list[URLPattern] = _gathered("worker")
desk: list[URLPattern] = _gathered("desk")
partner: list[URLPattern] = _gathered("partner")
