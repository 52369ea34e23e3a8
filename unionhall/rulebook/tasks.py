"""Jobs of the rulebook."""

from unionhall.foundation.jobs import job


@job("rulebook.simulate", lock="rulebook.simulate")
def simulate(*, draft_id: int, digest: str) -> None:
    """Count what a draft would change. A draft that was altered since is left to the job that altering asks for."""
    from . import simulation
    from .drafting import check
    from .models import SchemeDraft

    rows = SchemeDraft.objects.everywhere(reason="policy was asked when the job was")
    draft = rows.select_related("organisation").filter(pk=draft_id).first()
    if draft is None or draft.simulation != SchemeDraft.Simulation.WAITING:
        return
    checked = check(draft)
    if checked.version is not None and checked.version.digest == digest:
        simulation.run(draft)
