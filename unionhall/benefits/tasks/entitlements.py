"""Jobs that tell people what they qualify for, and count how far benefits reach.

Versions come into force at midnight and birthdays with the day, so each night looks at everyone who has an account;
what changes by day is told by `reconsider`.
"""

from unionhall.foundation.jobs import job, periodic


@periodic("benefits.nightly", cron="23 22 * * *")
def nightly(timestamp: int) -> None:
    """At 06:23 in Beijing (the clock of jobs is UTC): begin with the first person."""
    tell.defer(after=0)


@job("benefits.tell", lock="benefits.tell")
def tell(*, after: int = 0) -> None:
    """A bounded part of the run; the next part is another job, so that one that dies costs little."""
    from django.utils import timezone

    from unionhall.foundation.actors import system_actor

    from ..actions import entitlements

    run = entitlements.tell(system_actor(), on=timezone.localdate(), after=after)
    if run.after is not None:
        tell.defer(after=run.after)
    else:
        reckon.defer()


@job("benefits.reckon", lock="benefits.reckon")
def reckon() -> None:
    """Count how far each benefit reaches in each union."""
    from django.utils import timezone

    from unionhall.foundation.actors import system_actor

    from ..actions import reach

    reach.reckon(system_actor(), on=timezone.localdate())


@job("benefits.reconsider")
def reconsider(*, person_ids: list[int]) -> None:
    """A fact of these people changed."""
    from django.utils import timezone

    from unionhall.foundation.actors import system_actor

    from ..actions import entitlements

    entitlements.tell_some(system_actor(), person_ids=person_ids, on=timezone.localdate())
