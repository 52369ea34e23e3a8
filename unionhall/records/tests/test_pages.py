"""The journal page, messages and attachments: whose eyes see what."""

import io
import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as configured
from django.test import Client
from django.utils import timezone

from tests.world import World
from unionhall.foundation.actors import system_actor
from unionhall.members import actions
from unionhall.records import attachments, drafts, verbs
from unionhall.records.actions import journal, notify
from unionhall.records.models import Attachment, JournalEntry, Message
from unionhall.records.uploads import Upload

WHY = "test"
SignIn = Callable[[str], Client]


@pytest.fixture
def looked(world: World) -> World:
    actions.reveal(
        world.actor("chair_alpha"), person=world.people["alpha_1"], what="phone", reason="通知领取慰问品"
    )
    actions.reveal(
        world.actor("chair_delta"), person=world.people["delta_1"], what="phone", reason="核对入会材料"
    )
    return world


def test_an_auditor_reads_all_and_others_nothing(looked: World, signed_in: SignIn) -> None:
    text = signed_in("auditor").get("/desk/journal/").content.decode()
    assert "通知领取慰问品" in text
    assert "核对入会材料" in text
    assert "查看完整号码" in text
    for who in ("chair_alpha", "river_officer", "leader", "operator", "merchant"):
        assert signed_in(who).get("/desk/journal/").status_code == 403, who


def test_filters_by_actor_action_day_and_person(looked: World, signed_in: SignIn) -> None:
    client, today = signed_in("auditor"), timezone.localdate()
    whose = looked.accounts["chair_delta"].display_name

    def reasons(query: str) -> set[str]:
        rows = client.get(f"/desk/journal/?{query}").context["rows"]
        return {row.reason for row in rows if row.action == "members.reveal"}

    assert reasons(f"actor={whose}") == {"核对入会材料"}
    assert reasons("action=members.reveal") == {"核对入会材料", "通知领取慰问品"}
    assert reasons(f"since={today + timedelta(days=1)}") == set()
    assert reasons(f"since={today}&until={today}") == {"核对入会材料", "通知领取慰问品"}
    person = looked.people["alpha_1"]
    found = client.post("/desk/journal/person/", {"number": person.id_number.reveal()})
    assert person.id_number.reveal() not in found["Location"]
    assert reasons(found["Location"].split("?")[1]) == {"通知领取慰问品"}
    assert client.get("/desk/journal/?subject=nonsense").status_code == 200
    assert signed_in("chair_alpha").post("/desk/journal/person/", {"number": "1"}).status_code == 403


def test_entries_of_no_union_belong_to_the_auditor_of_the_whole(world: World) -> None:
    entry = journal(system_actor(), "access.sign_in")
    rows = JournalEntry.objects.visible_to(world.actor("auditor").access)
    assert rows.filter(pk=entry.pk).exists()
    from unionhall.access.models import Grant

    Grant.objects.everywhere(reason=WHY).filter(account=world.accounts["auditor"]).update(
        organisation=world.unions["river_city"]
    )
    rows = JournalEntry.objects.visible_to(world.actor("auditor").access)
    assert not rows.filter(pk=entry.pk).exists()


def test_messages_are_ones_own_and_opening_marks_read(world: World, signed_in: SignIn) -> None:
    mine = notify(world.accounts["chair_alpha"].pk, "请审核入会申请", "张*的申请", "/desk/reviews/")
    outward = notify(world.accounts["chair_alpha"].pk, "奇怪的链接", "", "https://example.org/")
    assert mine is not None
    assert outward is not None
    client = signed_in("chair_alpha")
    assert "请审核入会申请" in client.get("/desk/messages/").content.decode()
    text = client.get(f"/desk/messages/{mine.pk}/").content.decode()
    assert 'href="/desk/reviews/"' in text
    mine.refresh_from_db()
    assert mine.read_at is not None
    assert "example.org" not in client.get(f"/desk/messages/{outward.pk}/").content.decode()
    notify(world.accounts["chair_alpha"].pk, "另一条")
    client.post("/desk/messages/read/")
    rows = Message.objects.everywhere(reason=WHY).filter(recipient_id=world.accounts["chair_alpha"].pk)
    assert not rows.filter(read_at=None).exists()
    other = signed_in("chair_beta")
    assert other.get(f"/desk/messages/{mine.pk}/").status_code == 404
    assert "请审核入会申请" not in other.get("/desk/messages/").content.decode()


def stored(
    world: World, who: str, union: str | None, content: bytes, kind: str = "application/pdf"
) -> Attachment:
    paths = world.unions[union].paths if union else ()
    return attachments.store(
        world.actor(who), io.BytesIO(content), name="同意书.pdf", content_type=kind, purpose="t", paths=paths
    )


def test_attachments_are_sealed_scoped_and_journalled(
    world: World, signed_in: SignIn, settings: Any, tmp_path: Path
) -> None:
    settings.FILES_DIR = tmp_path
    content = b"%PDF signed by hand" * 9000
    file = stored(world, "clerk", "alpha", content)
    assert all(b"signed" not in path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    url = f"/desk/attachments/{file.pk}/"
    response = signed_in("chair_alpha").get(url)
    assert b"".join(response.streaming_content) == content  # type: ignore[attr-defined]
    assert "sandbox" in response["Content-Security-Policy"]
    assert (
        JournalEntry.objects.everywhere(reason=WHY)
        .filter(action="records.download", subject_id=file.pk)
        .exists()
    )
    for who in ("clerk", "chair_beta", "leader", "merchant", "worker_alpha"):
        assert signed_in(who).get(url).status_code == 404, who
    html = stored(world, "clerk", "alpha", b"<script>", kind="text/html")
    saved = signed_in("chair_alpha").get(f"/desk/attachments/{html.pk}/")
    assert saved["Content-Type"] == "application/octet-stream"
    assert saved["Content-Disposition"].startswith("attachment")
    Attachment.objects.everywhere(reason=WHY).filter(pk=file.pk).update(expires_at=timezone.now())
    assert signed_in("chair_alpha").get(url).status_code == 404


def test_who_uploaded_for_others_does_not_keep_the_file(
    world: World, signed_in: SignIn, settings: Any, tmp_path: Path
) -> None:
    """The clerk stored it; his account alone opens it no more. One's own draft stays one's own."""
    settings.FILES_DIR = tmp_path
    url = f"/desk/attachments/{stored(world, 'clerk', 'alpha', b'%PDF scanned').pk}/"
    assert signed_in("clerk").get(url).status_code == 404
    upload = Upload("病历.pdf", "application/pdf", 4, io.BytesIO(b"%PDF"))
    mine = drafts.keep_paper(world.actor("worker_alpha"), "medical", upload)
    assert signed_in("worker_alpha").get(f"/desk/attachments/{mine.pk}/").status_code == 200
    for who in ("worker_beta", "chair_alpha", "province_officer"):
        assert signed_in(who).get(f"/desk/attachments/{mine.pk}/").status_code == 404, who


def test_every_action_in_the_code_has_words() -> None:
    """What the journal shows is Chinese; a new verb without words fails here."""
    root = Path(configured.BASE_DIR) / "unionhall"
    pattern = re.compile(r'\bjournal\(\s*[\w.()]+,\s*"([a-z]+\.[a-z_]+)"')
    found = {
        (action, path.name)
        for path in root.rglob("*.py")
        if "tests" not in path.parts
        for action in pattern.findall(path.read_text())
    }
    assert found
    silent = {(action, where) for action, where in found if re.search(r"[a-z]", verbs.label_of(action))}
    assert silent == set()
