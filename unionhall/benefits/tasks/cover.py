"""Jobs of cover: whoever holds a card is enrolled; who holds none any more is no longer; claims are closed."""

from __future__ import annotations

from unionhall.foundation.jobs import job, periodic


@job("benefits.enrol_recent", lock="benefits.enrol")
def enrol_recent() -> int:
    """The most recent cards, after somebody issued them while everyone was being enrolled."""
    from ..actions import cover_enrolment

    return cover_enrolment.sweep(everyone=False).enrolled


@job("benefits.enrol_everyone", lock="benefits.enrol")
def enrol_everyone() -> int:
    """All cards: after a roster was committed, or a scheme was published."""
    from ..actions import cover_enrolment

    return cover_enrolment.sweep().enrolled


@periodic("benefits.enrol", cron="*/5 * * * *")
def enrol_often(timestamp: int) -> int:
    """A card that came in any other way is found within five minutes."""
    from ..actions import cover_enrolment

    return cover_enrolment.sweep(everyone=False).enrolled


@periodic("benefits.enrol_nightly", cron="12 16 * * *")
def enrol_nightly(timestamp: int) -> int:
    """Every card, and the ends of schemes: at 00:12 in Beijing (the jobs' clock is UTC), when versions begin or end."""
    from ..actions import cover_enrolment

    return cover_enrolment.sweep().enrolled


@periodic("benefits.close_cover_claims", cron="31 18 * * *")
def close_claims(timestamp: int) -> int:
    """Claims that were paid long enough ago are closed."""
    from ..actions import cover_settling

    return cover_settling.close_paid()


@job("benefits.make_cover_roll", queue="export", lock="benefits.cover_roll")
def make_roll(*, roll_id: int) -> None:
    """Write a month's roll for the insurer."""
    from ..actions import cover_rolls

    cover_rolls.make(roll_id)
