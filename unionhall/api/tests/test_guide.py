"""docs/api.md is true: its examples are run as they stand, against a live server."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from standardwebhooks import Webhook

from tests.world import World
from unionhall.api.scopes import DECLARED
from unionhall.members import cards
from unionhall.members.models import Card
from unionhall.members.tests import intake_files as make

from .clients import WHY, issued

GUIDE = Path(settings.BASE_DIR) / "docs/api.md"
BLOCKS = re.findall(r"```(sh|python)\n(.*?)```", GUIDE.read_text(), re.DOTALL)


@pytest.mark.django_db(transaction=True)
def test_the_commands_answer(world: World, live_server: Any, tmp_path: Path) -> None:
    make.text(tmp_path / "roster.csv", make.roster(2))
    card = Card.objects.everywhere(reason=WHY).get(person=world.people["alpha_1"])
    surroundings = {
        "PATH": "/usr/bin:/bin",
        "SITE": live_server.url,
        "TOKEN": issued(world)[1],
        "CODE": cards.current_code(card),
        "ID_NUMBER": world.people["alpha_1"].id_number.reveal(),
        "UNION": world.unions["alpha"].code,
    }
    answers = []
    for language, text in BLOCKS:
        if language == "sh":
            done = subprocess.run(
                ["sh", "-ec", text],
                cwd=tmp_path,
                env=surroundings,
                capture_output=True,
                text=True,
                check=False,
            )
            assert done.returncode == 0, done.stderr
            answers.append(json.loads(done.stdout))
    verified, status, page, figures, roster = answers
    assert verified["valid"] is True
    assert status["member"] is True
    assert len(page["items"]) == 2
    assert [one["code"] for one in figures["figures"]] == ["members.count", "members.women"]
    assert roster["state"] == "uploaded"


def test_the_receiver_verifies() -> None:
    (code,) = [text for language, text in BLOCKS if language == "python"]
    known: dict[str, Any] = {}
    exec(code, known)
    from datetime import UTC, datetime

    secret, body, now = "whsec_c2VjcmV0c2VjcmV0", '{"type":"endpoint.test"}', datetime.now(UTC)
    headers = {
        "webhook-id": "evt_1",
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": Webhook(secret).sign("evt_1", now, body),
    }
    assert known["receive"](body.encode(), headers, secret) == {"type": "endpoint.test"}


def test_scopes_and_their_permissions_are_as_told() -> None:
    rows = re.findall(r"^\| `([a-z:]+)` \|.*\| `([a-z.]+)` \|$", GUIDE.read_text(), re.MULTILINE)
    assert dict(rows) == {scope.value: right.permission for scope, right in DECLARED.items()}
