"""Addresses of this room's pages, for messages."""

from django.urls import reverse

from .models import Objection, PublicNotice


def public_page(notice: PublicNotice) -> str:
    return reverse("public_notice", args=[notice.number])


def public_objection(objection: Objection) -> str:
    return f"{reverse('public_objection')}?number={objection.number}"


def desk_page(notice: PublicNotice) -> str:
    return reverse("desk_notice", args=[notice.pk])


def desk_objection(objection: Objection) -> str:
    return reverse("desk_objection", args=[objection.pk])
