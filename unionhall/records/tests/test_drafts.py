"""Drafts of forms: the account's own, once handed in gone, and gone by themselves when nobody touches them."""

from datetime import timedelta
from io import BytesIO

import pytest
from django.utils import timezone

from tests.world import World
from unionhall.foundation.errors import Refused
from unionhall.records import attachments, drafts
from unionhall.records.models import Attachment, Draft
from unionhall.records.uploads import Upload

WHY = "test"


def _paper() -> Upload:
    return Upload("工资条.pdf", "application/pdf", 5, BytesIO(b"%PDF-"))


def test_a_draft_is_its_accounts_and_handed_in_once(world: World) -> None:
    mine, other = world.accounts["worker_alpha"].pk, world.accounts["worker_beta"].pk
    drafts.keep_draft(mine, "dispute", what="欠薪")
    drafts.keep_draft(mine, "dispute", where="江城")
    kept = drafts.keep_paper(world.actor("worker_alpha"), "dispute", _paper())
    assert drafts.draft_of(mine, "dispute") == {"what": "欠薪", "where": "江城"}
    assert (drafts.draft_of(other, "dispute"), drafts.draft_of(mine, "aid")) == ({}, {})
    drafts.drop_paper(other, "dispute", kept.pk)
    assert drafts.take_draft(mine, "dispute") == [kept]
    with pytest.raises(Refused, match="已经提交过"):
        drafts.take_draft(mine, "dispute")


def test_what_is_left_alone_goes_with_its_papers(world: World) -> None:
    mine = world.accounts["worker_alpha"].pk
    drafts.keep_paper(world.actor("worker_alpha"), "aid", _paper())
    drafts.keep_draft(mine, "aid", what="欠薪")
    assert drafts.purge_left_alone() == 0
    long_ago = timezone.now() - drafts.LASTS
    Draft.objects.everywhere(reason=WHY).update(updated_at=long_ago)
    Attachment.objects.everywhere(reason=WHY).update(expires_at=long_ago)
    assert drafts.draft_of(mine, "aid") == {}
    assert (drafts.purge_left_alone(), attachments.purge_expired()) == (1, 1)


def test_papers_are_few(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drafts, "MOST_PAPERS", 1)
    actor, lasting = world.actor("worker_alpha"), timezone.now() + timedelta(days=29)
    assert drafts.keep_paper(actor, "aid", _paper()).expires_at > lasting  # type: ignore[operator]
    with pytest.raises(Refused, match="最多 1 个"):
        drafts.keep_paper(actor, "aid", _paper())
