"""What benefits supplies to the rooms below: cover follows the card, who newly qualifies is told,
and counters follow the station they stand in.
"""

from unionhall.members import following
from unionhall.network import following as network

from . import entitlements
from .actions import catalogue, cover_enrolment


def _enrol_everyone() -> None:
    from .tasks.cover import enrol_everyone  # jobs are declared after the rooms

    enrol_everyone.defer()


following.supply_card_followers(cover_enrolment.follow, _enrol_everyone)
following.supply_fact_followers(entitlements.reconsider)
network.supply_follower(catalogue.follow_node)
