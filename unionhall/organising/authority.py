"""On whose authority an effect is carried out once a review has decided it."""

from unionhall.foundation.actors import Actor, SystemAccess


def by_decision(actor: Actor) -> Actor:
    """The same hand, acting for the decision: both unions have agreed, so one officer's own scope is not the limit.

    Only hooks of a procedure call it; the journal still names the account.
    """
    return Actor(actor.account_id, actor.name, SystemAccess(), actor.trace)
