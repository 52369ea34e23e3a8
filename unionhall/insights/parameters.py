"""What insights supplies to the rooms below: whoever changes many members at once asks for folding at once."""

from unionhall.members import tallying


def _fold_now() -> None:
    from .tasks import fold_now  # jobs are declared after the rooms

    fold_now.defer()


tallying.supply_folding(_fold_now)
