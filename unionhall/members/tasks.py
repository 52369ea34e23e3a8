"""Jobs of members. What they do is imported when they do it: no other command waits for polars and xlsxwriter."""

from __future__ import annotations

from unionhall.foundation.actors import Actor
from unionhall.foundation.jobs import job, periodic


def _asker(account_id: int | None, name: str, trace: str) -> Actor:
    """Who asked, for the journal. Policy was asked when the job was; it is not asked again."""
    return Actor(account_id, name, trace=trace)


@job("members.check_roster", queue="intake")
def check_roster(*, batch_id: int) -> None:
    """Read, check and stage an uploaded roster."""
    from .intake import actions

    actions.check(batch_id)


@job("members.commit_roster", queue="intake")
def commit_roster(*, batch_id: int, account_id: int | None, name: str, trace: str = "") -> None:
    """Write a confirmed roster into the register."""
    from .intake import actions

    actions.commit(batch_id, _asker(account_id, name, trace))


@job("members.undo_roster", queue="intake")
def undo_roster(
    *, batch_id: int, account_id: int | None, name: str, trace: str = "", reason: str = ""
) -> None:
    """Take a committed roster back."""
    from .intake import actions

    actions.undo(batch_id, _asker(account_id, name, trace), reason=reason)


@job("members.export", queue="export")
def export_members(*, export_id: int) -> None:
    """Write a list to a file, with the access its requester has now."""
    from . import exports

    exports.run(export_id)


@periodic("members.sweep_intake", cron="41 * * * *")
def sweep_intake(timestamp: int) -> int:
    """No plain roster or export stays on disk because a job was killed."""
    from . import exports
    from .intake import keeping

    return keeping.sweep() + exports.sweep()


@periodic("members.clear_rosters", cron="17 3 * * *")
def clear_rosters(timestamp: int) -> int:
    """Files and staged rows of rosters go when the time for which the scheme keeps them is over."""
    from .intake import clearing

    return clearing.clear_ended()
