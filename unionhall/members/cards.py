"""The codes that a card shows, and what a reader learns from one: valid or not, a masked name, nothing more.

A code names the card by its row, never by its number, so that reading it tells nothing. docs/card.md describes the
bytes; `public_keys` is what an offline reader needs.
"""

import base64
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

import segno
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe

from unionhall.foundation.actors import Actor
from unionhall.foundation.compiled import Compiled, Given
from unionhall.foundation.errors import Refused
from unionhall.foundation.scope import Access, ScopedQuerySet
from unionhall.foundation.sealing import ring
from unionhall.kit import tokens
from unionhall.kit.masking import mask_name
from unionhall.kit.tokens import CardClaim, CardKind, TokenError
from unionhall.records.actions import journal

from .models import Card, Membership, Person

#: The flags byte of a paper code carries its version; one more than this begins again at 0.
VERSIONS = 256
_WHY = "anyone who is shown a code may ask whether it is valid"


@dataclass(frozen=True)
class CardCheck:
    """What a reader is told. `reason` is a plain Chinese sentence; the name is masked, and empty when not valid."""

    valid: bool
    reason: str
    masked_name: str = ""
    paper: bool = False


@lru_cache(maxsize=4)
def _signing_key(seed: bytes) -> Ed25519PrivateKey:
    return tokens.private_key_from(seed)


@lru_cache(maxsize=64)
def _verifying_key(public: bytes) -> Ed25519PublicKey:
    return tokens.public_key_from(public)


def _verifying_keys() -> Mapping[int, Ed25519PublicKey]:
    """Those of retired masters too: paper codes live for half a year."""
    return {number: _verifying_key(public) for number, public in ring().card_publics.items()}


def public_keys() -> dict[int, str]:
    """Key number → Ed25519 public key (base64), for readers without a network; old keys stay."""
    return {
        number: base64.b64encode(tokens.public_key_bytes(key)).decode()
        for number, key in _verifying_keys().items()
    }


def current_code(card: Card, now: int | None = None) -> str:
    """The code of this half-minute. `now` is Unix seconds."""
    at = tokens.window_start(int(time.time()) if now is None else now)
    return tokens.sign_card(_signing_key(_seed()), ring().current, card.pk, at)


def paper_code(card: Card, now: int | None = None) -> str:
    """The code of the card's present paper version, valid for 180 days from `now` (Unix seconds)."""
    return tokens.sign_card(
        _signing_key(_seed()),
        ring().current,
        card.pk,
        int(time.time()) if now is None else now,
        tokens.PAPER_SECONDS,
        card.paper_version % VERSIONS,
        kind=CardKind.PAPER,
    )


def _seed() -> bytes:
    return ring().card_seeds[ring().current]


@transaction.atomic
def print_paper(actor: Actor, *, card: Card) -> str:
    """A new paper code; the one printed before it is refused from now on. The holder's own act."""
    rows = Card.objects.everywhere(reason="the holder's own card; the holder is checked here")
    found = rows.select_for_update(of=("self",)).select_related("person").get(pk=card.pk)
    if actor.account_id is None or found.person.account_id != actor.account_id:
        raise Refused("只有本人可以打印自己的纸质会员卡。")
    if found.status != Card.Status.ACTIVE:
        raise Refused(f"会员卡已{found.get_status_display()}，不能打印纸质会员卡。")
    found.paper_version += 1
    found.save(update_fields=["paper_version"])
    card.paper_version = found.paper_version
    journal(actor, "members.print_card", subject=found.person, detail={"version": found.paper_version})
    return paper_code(found)


def address_of(token: str) -> str:
    """What the QR code says: the public page that checks it."""
    return f"{settings.SITE_ADDRESS}/verify/{token}"


def picture(token: str) -> SafeString:
    """The QR code as SVG without styles, scaled by the page."""
    svg = segno.make(address_of(token), error="m").svg_inline(omitsize=True, border=2)
    return mark_safe(svg)  # noqa: S308 — segno's own drawing of our own token


def token_in(text: str) -> str:
    """The token in what a reader typed or scanned: the bare token or the whole address."""
    return text.strip().rstrip("/").rsplit("/", 1)[-1].strip().upper()


def check(token: str, now: int | None = None) -> CardCheck:
    """Whether a code is good now: signed by us, in time, its card not lost or revoked, its holder a member."""
    return check_and_name(token, now)[0]


def check_and_name(token: str, now: int | None = None) -> tuple[CardCheck, Person | None]:
    """The same, with the holder of the card that the code names, for whoever journals that it was checked."""
    try:
        claim = tokens.read_card(token, _verifying_keys(), int(time.time()) if now is None else now)
    except TokenError as fault:
        return CardCheck(False, fault.message_zh), None
    card = next(iter(_of_code(card=claim.card)), None)
    return _judge(card, claim), card.person if card is not None else None


def _with_holder(rows: ScopedQuerySet[Card]) -> ScopedQuerySet[Card]:
    """Cards with their holder and `is_held` (by a member of today), in one query."""
    member = Membership.objects.everywhere(reason=_WHY).current().filter(person=OuterRef("person_id"))
    return rows.select_related("person").annotate(is_held=Exists(member))


_of_code = Compiled(lambda: _with_holder(Card.objects.everywhere(reason=_WHY).filter(pk=Given("card"))))


def check_number(number: str, name: str, access: Access) -> tuple[CardCheck, Person | None]:
    """A card by its number and its holder's full name, where the reader may see the member; others do not exist."""
    rows = Card.objects.visible_to(access, to="members.view").filter(number=number, person__name=name)
    card = _with_holder(rows).first()
    if card is None:
        return CardCheck(False, "没有这张会员卡，或姓名与登记的不一致。请当面核对证件。"), None
    return _judge(card), card.person


def _judge(card: Card | None, claim: CardClaim | None = None) -> CardCheck:
    paper = claim is not None and claim.kind == CardKind.PAPER
    if card is None:
        return CardCheck(False, "没有这张会员卡。请当面核对证件。")
    if card.status == Card.Status.SUSPENDED:
        return CardCheck(False, "这张会员卡已挂失，请不要接受。")
    if card.status == Card.Status.REVOKED:
        return CardCheck(False, "这张会员卡已注销。")
    if claim is not None and paper and claim.flags != card.paper_version % VERSIONS:
        return CardCheck(False, "这张纸质会员卡已被新打印的一张取代，请出示新的。")
    if not card.is_held:  # type: ignore[attr-defined]  # see _read
        return CardCheck(False, "持证人目前没有工会会籍。")
    return CardCheck(True, "会员卡有效", mask_name(card.person.name), paper=paper)


def valid_until(now: int | None = None) -> str:
    """The last day of a paper code printed now, as people write it."""
    start = int(time.time()) if now is None else now
    end = datetime.fromtimestamp(start + tokens.PAPER_SECONDS, timezone.get_default_timezone())
    return f"{end:%Y-%m-%d}"
