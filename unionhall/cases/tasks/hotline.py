"""Jobs of lists of the hotline 12351."""

from __future__ import annotations

import logging

from unionhall.access.grants import actor_for
from unionhall.access.models import Account
from unionhall.foundation.actors import system_actor
from unionhall.foundation.jobs import job, periodic

log = logging.getLogger("unionhall.cases")


@job("cases.take_hotline_list", queue="intake")
def take_hotline_list(*, list_id: int, account_id: int, trace: str = "") -> None:
    """Register the rows of a list, with the access that whoever said yes has now."""
    from ..actions.hotline_taking import carry_on

    carry_on(actor_for(Account.objects.get(pk=account_id), trace), list_id)


@periodic("cases.empty_hotline_lists", cron="37 2 * * *")
def empty_hotline_lists(timestamp: int) -> int:
    """Lists of 12351 whose days are over."""
    from ..actions.hotline_ending import empty_due

    done = empty_due(system_actor())
    if done:
        log.info("hotline lists emptied count=%s", done)
    return done
