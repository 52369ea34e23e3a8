"""The worker's card: the code that renews itself, the paper code, loss and recovery."""

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from unionhall.foundation.errors import Refused
from unionhall.foundation.views import Create, Page

from .. import cards
from ..actions import restore_card, suspend_card
from ..models import Card
from .own import Own

PAPER_SESSION = "paper_card"


class ShowCard(Own, Page):
    """会员卡: gold pass and QR code; htmx asks for the `qr-box` part every half minute."""

    needs_person = False
    template_name = "members/worker/card.html"

    def context(self) -> dict[str, Any]:
        card = self.card
        usable = card is not None and card.status == Card.Status.ACTIVE and self.membership is not None
        return {
            "person": self.known,
            "card": card,
            "membership": self.membership,
            "picture": cards.picture(cards.current_code(card)) if usable and card else "",
        }


class Paper(Own, Create):
    """Explains the paper code; making one refuses the one before."""

    template_name = "members/worker/paper.html"
    form_class = forms.Form

    def context(self) -> dict[str, Any]:
        return {"card": self.card, "membership": self.membership}

    def act(self, form: Any) -> None:
        if self.card is None or self.membership is None:
            raise Refused("您目前没有会员卡。入会后再来打印。")
        token = cards.print_paper(self.actor, card=self.card)
        self.request.session[PAPER_SESSION] = {
            "card": self.card.pk,
            "version": self.card.paper_version,
            "token": token,
            "until": cards.valid_until(),
        }

    def get_success_url(self) -> str:
        return reverse("m_card_paper_print")


class PaperPrint(Own, Page):
    """The sheet to print, while its code is the card's present one."""

    template_name = "members/worker/paper_print.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        kept, card = request.session.get(PAPER_SESSION), self.card
        if not kept or card is None or (card.pk, card.paper_version) != (kept["card"], kept["version"]):
            return redirect("m_card_paper")
        return super().get(request, *args, **kwargs)

    def context(self) -> dict[str, Any]:
        kept = self.request.session[PAPER_SESSION]
        return {
            "person": self.person,
            "card": self.card,
            "membership": self.membership,
            "picture": cards.picture(kept["token"]),
            "until": kept["until"],
        }


class Loss(Own, Create):
    """挂失, and 解除挂失 when the phone or paper is found."""

    template_name = "members/worker/loss.html"
    form_class = forms.Form

    def context(self) -> dict[str, Any]:
        return {"card": self.card}

    def act(self, form: Any) -> None:
        if self.card is None:
            raise Refused("您目前没有会员卡。")
        if self.card.status == Card.Status.SUSPENDED:
            restore_card(self.actor, card=self.card, reason="本人解除挂失")
        else:
            suspend_card(self.actor, card=self.card, reason="本人挂失")

    def get_success_url(self) -> str:
        return reverse("m_card")
