"""Imports at the desk: upload, progress, preview, commit, undo; and whom they are for."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from tests.world import World
from unionhall.foundation.actors import system_actor
from unionhall.members.intake import actions
from unionhall.members.models import Membership, RosterBatch
from unionhall.records.models import Attachment, JournalEntry

from . import intake_files as make

WHY = "test"
SignedIn = Callable[[str], Client]


def newest() -> RosterBatch:
    found = RosterBatch.objects.everywhere(reason=WHY).order_by("-pk").first()
    assert found is not None
    return found


def upload(client: Client, path: Path, world: World, union: str = "alpha"):  # type: ignore[no-untyped-def]
    return client.post(
        reverse("desk_import_upload"),
        {"file": SimpleUploadedFile(path.name, path.read_bytes()), "organisation": world.unions[union].code},
    )


def ready(world: World, folder: Path, rows: make.Rows | None = None) -> RosterBatch:
    path = make.text(folder / "r.csv", rows or make.roster(3, phone={2: "123"}))
    batch = actions.receive(
        system_actor(), organisation=world.unions["alpha"], path=path, name="r.csv", queue=False
    )
    return actions.check(batch.pk)


def test_the_whole_way(world: World, signed_in: SignedIn, tmp_path: Path) -> None:
    client = signed_in("chair_alpha")
    page = client.get(reverse("desk_import_upload"))
    assert world.unions["alpha"].name in page.content.decode()
    answer = upload(client, make.xlsx(tmp_path / "名册.xlsx", make.roster(3, phone={2: "123"})), world)
    batch = newest()
    assert answer.status_code == 302
    assert answer["Location"] == reverse("desk_import", args=[batch.pk])
    moving = client.get(answer["Location"]).content.decode()
    assert reverse("desk_import_progress", args=[batch.pk]) in moving
    asked = client.get(reverse("desk_import_progress", args=[batch.pk]), headers={"HX-Request": "true"})
    assert "HX-Refresh" not in asked
    actions.check(batch.pk)
    asked = client.get(reverse("desk_import_progress", args=[batch.pk]), headers={"HX-Request": "true"})
    assert asked["HX-Refresh"] == "true"
    preview = client.get(answer["Location"]).content.decode()
    assert "登记 <b>2</b> 名会员" in preview
    errors = client.get(answer["Location"] + "?show=error").content.decode()
    assert "手机号应为 11 位数字" in errors
    book = client.get(reverse("desk_import_errors", args=[batch.pk]))
    assert b"".join(book).startswith(b"PK")
    assert JournalEntry.objects.everywhere(reason=WHY).filter(action="members.intake_errors").exists()
    assert client.post(reverse("desk_import_commit", args=[batch.pk])).status_code == 302
    actions.commit(batch.pk, world.actor("chair_alpha"))
    result = client.get(answer["Location"]).content.decode()
    assert "已入库" in result
    assert "撤销整批" in result
    without = client.post(reverse("desk_import_undo", args=[batch.pk]), {"reason": ""})
    assert without.status_code == 422
    assert client.post(reverse("desk_import_undo", args=[batch.pk]), {"reason": "传错"}).status_code == 302
    actions.undo(batch.pk, world.actor("chair_alpha"), reason="传错")
    assert "已撤销" in client.get(answer["Location"]).content.decode()
    assert not Membership.objects.everywhere(reason=WHY).filter(batch=batch).exists()
    assert batch.organisation.name in client.get(reverse("desk_imports")).content.decode()


def test_the_preview_masks_what_it_shows(world: World, signed_in: SignedIn, tmp_path: Path) -> None:
    person = world.people["alpha_1"]
    rows = [
        make.HEAD,
        [person.name, person.id_number.reveal(), "", "15412345678", "研究生", ""],
        *make.roster(2)[1:],
    ]
    batch = ready(world, tmp_path, rows)
    client = signed_in("chair_alpha")
    for show in ("new", "changed", "same", "duplicate", "transfer", "error"):
        page = client.get(reverse("desk_import", args=[batch.pk]), {"show": show}).content.decode()
        for row in rows[1:]:
            assert row[1] not in page
            assert row[3] not in page
            assert row[0] not in page
    changed = client.get(reverse("desk_import", args=[batch.pk]), {"show": "changed"}).content.decode()
    assert "→ <b>154****5678</b>" in changed
    assert "→ <b>研究生</b>" in changed


def test_pages_of_rows_follow_each_other(world: World, signed_in: SignedIn, tmp_path: Path) -> None:
    batch = ready(world, tmp_path, make.roster(120))
    client, url = signed_in("chair_alpha"), reverse("desk_import", args=[batch.pk])
    first = client.get(url)
    assert [row.number for row in first.context["rows"]] == list(range(2, 22))
    second = client.get(url, {"show": "new", "after": first.context["after"]})
    assert [row.number for row in second.context["rows"]] == list(range(22, 42))
    back = client.get(url, {"show": "new", "before": second.context["before"]})
    assert [row.number for row in back.context["rows"]] == list(range(2, 22))
    assert client.get(url, {"show": "x", "after": "y", "before": "-1"}).status_code == 200


def test_refused_uploads_say_why_and_store_nothing(world: World, signed_in: SignedIn, tmp_path: Path) -> None:
    client = signed_in("chair_alpha")
    good = make.xlsx(tmp_path / "a.xlsx", make.roster(1))
    macro = make.repacked(good, tmp_path / "m.xlsx", **{"xl__vbaProject.bin": b"x"})
    wrong = make.text(tmp_path / "w.csv", [["姓名", "电话"], ["甲", "1"]])
    for path, said in ((macro, "宏"), (wrong, "证件号码")):
        answer = upload(client, path, world)
        assert answer.status_code == 422
        assert said in answer.content.decode()
    elsewhere = upload(client, good, world, "beta")
    assert elsewhere.status_code == 422
    assert not Attachment.objects.everywhere(reason=WHY).exists()
    assert not RosterBatch.objects.everywhere(reason=WHY).exists()


PAGES = ["desk_import", "desk_import_progress", "desk_import_errors", "desk_import_commit", "desk_import_undo",
         "desk_import_discard", "desk_import_resume"]  # fmt: skip


@pytest.mark.parametrize("name", PAGES)
def test_another_unions_chair_finds_nothing(
    name: str, world: World, signed_in: SignedIn, tmp_path: Path
) -> None:
    url = reverse(name, args=[ready(world, tmp_path).pk])
    for who, status in (("chair_beta", 404), ("leader", 403), ("river_officer", 200)):
        client = signed_in(who)
        assert client.get(url).status_code == status, who
        if status == 404:
            assert client.post(url, {"reason": "x"}).status_code in (404, 405)
            assert "r.csv" not in client.get(reverse("desk_imports")).content.decode()


def test_discarding_and_the_template(world: World, signed_in: SignedIn, tmp_path: Path) -> None:
    batch, client = ready(world, tmp_path), signed_in("chair_alpha")
    template = client.get(reverse("desk_import_template"))
    assert b"".join(template).startswith(b"PK")
    assert client.post(reverse("desk_import_discard", args=[batch.pk])).status_code == 302
    assert newest().state == "discarded"
    assert not Attachment.objects.everywhere(reason=WHY).exists()
    assert client.get(reverse("desk_import", args=[batch.pk])).status_code == 200


def test_the_list_costs_the_same_with_more_batches(
    world: World, signed_in: SignedIn, tmp_path: Path, django_assert_max_num_queries: Callable[[int], object]
) -> None:
    client = signed_in("chair_alpha")
    for _ in range(3):
        ready(world, tmp_path)
    with django_assert_max_num_queries(12):  # type: ignore[attr-defined]
        client.get(reverse("desk_imports"))
