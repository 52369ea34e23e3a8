"""What benefits supplies to the rooms below: cover follows the card, and who newly qualifies is told."""

from unionhall.members import following

from . import entitlements
from .actions import cover_enrolment


def _enrol_everyone() -> None:
    from .tasks.cover import enrol_everyone  # jobs are declared after the rooms

    enrol_everyone.defer()


following.supply_card_followers(cover_enrolment.follow, _enrol_everyone)
following.supply_fact_followers(entitlements.reconsider)
