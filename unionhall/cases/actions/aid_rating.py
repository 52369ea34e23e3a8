"""What the applicant thinks of the aid: rated when closed; a bad rating is called back, mended and rated anew."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from unionhall.foundation.actors import Actor, NotAllowed
from unionhall.foundation.errors import Refused
from unionhall.kit.masking import hide_numbers

from ..models import Case, LegalAid
from ..rules.appeals import RATINGS
from ..schemes.aid import AidScheme
from ..versions import scheme_of
from .aid import HANDLE, is_own, journal_of, lock
from .rating import settle


def may_rate(found: LegalAid) -> bool:
    """Closed, and not rated yet; or mended after a bad rating, and not rated since."""
    if found.case.state != "closed":
        return False
    if found.rated_at is None:
        return True
    return found.case.events.filter(verb="fixed", at__gt=found.rated_at).exists()


@transaction.atomic
def rate(actor: Actor, *, case: Case, grade: int, words: str = "") -> LegalAid:
    """Five levels. At `bad_rating` of the scheme or below somebody calls back in its days, and mends."""
    found = lock(case)
    if not is_own(actor, found.case):
        raise NotAllowed(HANDLE)
    if found.case.state != "closed":
        raise Refused("办结以后才能评价。")
    if grade not in RATINGS:
        raise Refused("请选择一个满意程度。", field="grade")
    if not may_rate(found):
        raise Refused("已经评价过，谢谢。")
    found.first_rating = found.first_rating or grade
    found.rating, found.rating_words, found.rated_at = (
        grade,
        hide_numbers(words.strip())[:300],
        timezone.now(),
    )
    found.save(update_fields=["first_rating", "rating", "rating_words", "rated_at"])
    scheme = scheme_of(found.case)
    assert isinstance(scheme, AidScheme)
    if scheme.bad_rating:
        bad = grade <= scheme.bad_rating
        found.case = settle(actor, found.case, rating=grade, words=found.rating_words, bad=bad)
    journal_of(actor, "cases.aid_rated", found.case, grade=grade)
    return found
