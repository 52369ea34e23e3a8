"""Jobs of incidents: clusters looked at again, personal data destroyed on its day, notes that nobody answers."""

import logging

from unionhall.foundation.actors import system_actor
from unionhall.foundation.jobs import job, periodic

log = logging.getLogger("unionhall.cases")


@periodic("cases.sweep_clusters", cron="*/20 * * * *")
def sweep_clusters(timestamp: int) -> int:
    """Warnings that stand open."""
    from ..clusters import sweep

    return sweep()


@periodic("cases.destroy_incident_data", cron="23 2 * * *")
def destroy_incident_data(timestamp: int) -> int:
    """Closed incidents whose personal data ended today."""
    from ..actions.incidents_ending import destroy_due

    done = destroy_due(system_actor())
    if done:
        log.info("personal data of incidents destroyed count=%s", done)
    return done


@periodic("cases.escalate_supervision", cron="41 * * * *")
def escalate_supervision(timestamp: int) -> int:
    """Notes that went to the next union above."""
    from ..actions.supervision import escalate_due

    return escalate_due(system_actor())


@job("cases.recompute_supervision", lock="cases.recompute_supervision")
def recompute_supervision() -> int:
    """Notes whose day moved with the calendar."""
    from ..actions.supervision import recompute

    return recompute()
