"""What is handed in while a matter is completed: kept under its procedure, opened on the pages of the matter alone."""

from unionhall.foundation.actors import Actor
from unionhall.records import attachments
from unionhall.records.models import Attachment
from unionhall.records.uploads import Upload

from .actions.submitting import in_office
from .models import Review
from .procedures import procedure


def keep(actor: Actor, *, review: Review, upload: Upload) -> Attachment:
    """Store what completes the matter."""
    return attachments.store(
        actor, upload.content, name=upload.name, content_type=upload.content_type,
        purpose=procedure(review.procedure).paper_purpose, paths=review.organisation.paths, size=upload.size,
    )  # fmt: skip


def may_open(actor: Actor, review: Review) -> bool:
    """Whether a reader of the matter at the desk may open its papers too: as he may those of the domain itself."""
    needed = procedure(review.procedure).papers
    return not needed or actor.may(needed, *review.organisation.paths)


def may_open_own(actor: Actor, review: Review) -> bool:
    """Among 我的办件: whose matter it is opens them; who submitted it in office only as he might at the desk today."""
    if procedure(review.procedure).is_own(actor, review) or not in_office(actor.account_id or 0, review):
        return True
    return bool(actor.access.prefixes("access.desk")) and may_open(actor, review)
