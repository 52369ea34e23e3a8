"""Jobs over settlement files. Each may run twice, or be killed: it goes on where it stopped."""

from unionhall.foundation.jobs import job


@job("benefits.check_settlements", queue="intake")
def check_settlements(*, file_id: int) -> None:
    """Check, match and stage an uploaded file."""
    from ..actions.medical.checking import check

    check(file_id)


@job("benefits.adjudicate_settlements", queue="intake")
def adjudicate_settlements(*, file_id: int) -> None:
    """Work a checked file out and make its sums due."""
    from ..actions.medical.running import adjudicate

    adjudicate(file_id)
