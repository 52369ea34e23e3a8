"""What is open to strangers and to other federations: counted, and never shown as something of ours."""

import json
import zipfile
from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from tests.world import World
from unionhall.cases import packages
from unionhall.cases.models import Case, CaseText
from unionhall.cases.views import appeals_public
from unionhall.cases.views.appeals_worker import FILED
from unionhall.foundation.errors import Refused

pytestmark = pytest.mark.django_db
SignIn = Callable[[str], Client]
WHY = "test"


def test_adding_by_code_is_throttled(client: Client, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    given = {"division": "420103", "cause": "hours", "statement": "每天加班四小时"}
    client.post(reverse("public_feedback"), given)
    shown = client.session[FILED]
    client.post(reverse("public_feedback_open"), {"number": shown["number"], "code": shown["code"]})
    monkeypatch.setattr(appeals_public, "HOURLY", 1)
    address = reverse("public_feedback_case")
    assert client.post(address, {"more-body": "还有照片", "more": "1"}).status_code == 302
    answer = client.post(address, {"more-body": "再来一次", "more": "1"})
    assert answer.status_code == 422
    assert "太频繁" in answer.content.decode()
    assert "再来一次" in answer.content.decode()  # what was typed is kept
    assert not CaseText.objects.everywhere(reason=WHY).filter(body="再来一次").exists()


def test_a_look_up_at_the_desk_counts_though_the_form_is_refused(
    signed_in: SignIn, world: World, settings: Any
) -> None:
    settings.LOOKUPS_HOURLY = 1
    client, url = signed_in("pier_officer"), reverse("desk_dispute_new")
    given = {
        "name": "张海林", "employer_name": "", "cause": "contract", "claim": "继续履行合同", "headcount": "1",
        "statement": "被口头辞退，公司不给说法。", "channel": "3",
        "id_number": world.people["alpha_1"].id_number.reveal(),
    }  # fmt: skip
    assert client.post(url, given).status_code == 422
    answer = client.post(url, given).content.decode()
    assert "超过 1 次" in answer
    assert "公司不给说法" in answer
    assert not Case.objects.everywhere(reason=WHY).exists()


#: The least that a case on its way says.
FACTS: dict[str, Any] = {
    "version": packages.VERSION, "key": "north-1234", "number": "SQ1", "kind": "appeal", "kind_title": "诉求",
    "title": "欠薪", "grade": "", "state": "待办", "cause": "", "headcount": 1, "is_anonymous": False, "amount": None,
    "occurred_on": None, "opened_at": "2026-11-01T09:00:00+08:00", "filed_by": "", "contact": "",
    "organisation": "北方",
    "employer": None, "person": None, "own": {}, "texts": [], "parties": [], "events": [], "clocks": [],
}  # fmt: skip


def package(listed: list[dict[str, str]], contents: list[bytes]) -> BytesIO:
    made = BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr(packages.ENTRY, json.dumps(FACTS | {"files": listed}))
        for place, content in enumerate(contents):
            archive.writestr(f"files/{place}", content)
    return made


def test_a_paper_from_elsewhere_is_not_what_it_says_it_is() -> None:
    page = {"name": "../../a.html", "label": "x", "content_type": "text/html"}
    photo = {"name": "a.png", "label": "x", "content_type": "image/png"}
    _, papers = packages.read(package([page, photo], [b"<script>", b"png"]))
    assert [one.content_type for one in papers] == ["application/octet-stream", "image/png"]
    _, papers = packages.read(package([page], []))
    with pytest.raises(Refused, match="缺少材料"):
        list(papers)
