"""Exports: asked with a purpose, written by a job with the access of that moment, read back by the import's columns."""

import io
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from django.test import Client
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from tests.world import World
from unionhall.access.models import Grant
from unionhall.foundation.actors import NotAllowed
from unionhall.foundation.errors import Refused
from unionhall.members import exports
from unionhall.members.finding import find
from unionhall.members.intake.columns import TITLES
from unionhall.members.models import Employment, Export, Membership
from unionhall.records.attachments import chunks, purge_expired
from unionhall.records.models import Attachment, JournalEntry

WHY = "test"
SignIn = Callable[[str], Client]


def sheet_of(content: bytes) -> list[dict[str, Any]]:
    rows = list(openpyxl.load_workbook(io.BytesIO(content)).active.iter_rows(values_only=True))
    assert list(rows[0]) == TITLES
    return [dict(zip(TITLES, row, strict=True)) for row in rows[1:]]


def written(export: Export) -> list[dict[str, Any]]:
    export.refresh_from_db()
    assert export.state == Export.State.DONE, export.message
    assert export.file is not None
    return sheet_of(b"".join(chunks(export.file)))


def ask(world: World, who: str = "chair_alpha", query: str = "", full: bool = False) -> Export:
    return exports.ask(world.actor(who), query=query, purpose="报区总工会年度统计", full=full)


@pytest.fixture(autouse=True)
def own_files(settings: Any, tmp_path: Path) -> None:
    settings.FILES_DIR = tmp_path


def test_masked_by_default_in_the_import_columns(world: World) -> None:
    export = ask(world)
    assert ProcrastinateJob.objects.filter(task_name="members.export", args={"export_id": export.pk}).exists()
    exports.run(export.pk)
    rows = written(export)
    assert {row["姓名"] for row in rows} == {
        world.people[name].name for name in ("alpha_1", "alpha_2", "alpha_3")
    }
    found = next(row for row in rows if row["姓名"] == "张海林")
    assert found["证件号码"] == world.people["alpha_1"].masked_id
    assert found["手机号"] == world.people["alpha_1"].masked_phone
    assert found["证件类型"] == "居民身份证"
    assert found["性别"] == "男"
    assert found["出生日期"] == "1988-03-04"
    assert found["所在工会"] == world.unions["alpha"].name
    entry = JournalEntry.objects.everywhere(reason=WHY).filter(action="members.export").last()
    assert entry is not None
    assert (entry.detail["rows"], entry.reason, len(entry.digest)) == (3, "报区总工会年度统计", 64)
    assert not list(
        (Path(Attachment.objects.everywhere(reason=WHY).latest("pk").location)).parent.glob("*.xlsx")
    )


def test_full_numbers_need_reveal_and_are_journalled_so(world: World) -> None:
    export = ask(world, full=True)
    exports.run(export.pk)
    found = next(row for row in written(export) if row["姓名"] == "张海林")
    assert found["证件号码"] == world.people["alpha_1"].id_number.reveal()
    entry = JournalEntry.objects.everywhere(reason=WHY).filter(action="members.export").last()
    assert entry is not None
    assert entry.detail["full"] is True


def test_the_filters_and_scope_are_the_lists(world: World) -> None:
    export = ask(world, "pier_officer", f"sex=2&under={world.unions['alpha'].code}")
    exports.run(export.pk)
    assert {row["姓名"] for row in written(export)} == {"欧阳娜", "单小燕"}


def test_who_lost_the_permission_gets_nothing(world: World) -> None:
    export = ask(world)
    Grant.objects.everywhere(reason=WHY).filter(account=world.accounts["chair_alpha"]).delete()
    exports.run(export.pk)
    export.refresh_from_db()
    assert (export.state, export.file_id) == (Export.State.FAILED, None)
    assert "没有导出权限" in export.message


def test_asking_is_refused_in_words(world: World) -> None:
    with pytest.raises(Refused, match="导出用途"):
        exports.ask(world.actor("chair_alpha"), query="", purpose=" ")
    with pytest.raises(Refused, match="筛选条件有误"):
        exports.ask(world.actor("chair_alpha"), query="age=abc", purpose="报区总工会年度统计")
    for who in ("auditor", "reviewer", "clerk", "leader", "merchant"):
        with pytest.raises(NotAllowed):
            ask(world, who)


def test_a_formula_stays_text(world: World) -> None:
    person = world.people["alpha_1"]
    Employment.objects.everywhere(reason=WHY).filter(person=person).update(work_unit='=HYPERLINK("http://x")')
    export = ask(world)
    exports.run(export.pk)
    found = next(row for row in written(export) if row["姓名"] == "张海林")
    assert found["工作单位"] == '\'=HYPERLINK("http://x")'


def test_a_full_disk_says_so_and_leaves_nothing(
    world: World, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    export = ask(world)

    def full(*args: Any, **kwargs: Any) -> Any:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(exports, "write_workbook", full)
    exports.run(export.pk)
    export.refresh_from_db()
    assert export.state == Export.State.FAILED
    assert "磁盘" in export.message
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_running_a_job_twice_changes_nothing(world: World) -> None:
    export = ask(world)
    exports.run(export.pk)
    export.refresh_from_db()
    first = export.file_id
    exports.run(export.pk)
    export.refresh_from_db()
    assert export.file_id == first


def test_pages_from_asking_to_downloading(world: World, signed_in: SignIn) -> None:
    client = signed_in("chair_alpha")
    assert "<b>2</b>" in client.get("/desk/exports/new/?sex=2").content.decode()
    assert client.post("/desk/exports/new/?sex=2", {"purpose": ""}).status_code == 422
    progress = client.post("/desk/exports/new/?sex=2", {"purpose": "报区总工会年度统计"})["Location"]
    assert "排队中" in client.get(progress).content.decode()
    export = Export.objects.everywhere(reason=WHY).latest("pk")
    assert client.post(f"{progress}download/")["Location"] == "/desk/exports/"  # not written yet
    exports.run(export.pk)
    assert "下载" in client.get(progress).content.decode()
    fragment = client.get(progress, headers={"HX-Request": "true", "HX-Target": "progress"}).content.decode()
    assert "<html" not in fragment
    assert "下载" in fragment
    response = client.post(f"{progress}download/")
    assert len(sheet_of(b"".join(response.streaming_content))) == 2  # type: ignore[attr-defined]
    assert JournalEntry.objects.everywhere(reason=WHY).filter(action="members.download_export").exists()
    assert client.get(f"{progress}download/").status_code == 405  # a link alone downloads nothing
    for other in ("officer_alpha", "pier_officer"):
        assert signed_in(other).get(progress).status_code == 404
        assert signed_in(other).post(f"{progress}download/").status_code == 404


def test_after_seven_days_it_is_gone(world: World, signed_in: SignIn, tmp_path: Path) -> None:
    export = ask(world)
    exports.run(export.pk)
    export.refresh_from_db()
    assert export.file is not None
    assert export.file.expires_at is not None
    assert timedelta(days=6, hours=23) < export.file.expires_at - timezone.now() <= timedelta(days=7)
    Attachment.objects.everywhere(reason=WHY).filter(pk=export.file.pk).update(expires_at=timezone.now())
    client = signed_in("chair_alpha")
    assert client.post(f"/desk/exports/{export.pk}/download/")["Location"] == "/desk/exports/"
    assert "已过期" in client.get("/desk/exports/").content.decode()
    assert purge_expired() == 1
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []
    assert client.get("/desk/exports/").status_code == 200


def test_memory_and_queries_stay_bounded(
    world: World, tmp_path: Path, django_assert_max_num_queries: Any
) -> None:
    """A chunk at a time: queries grow with chunks, not with rows."""
    rows = find(world.actor("province_officer").access, {})
    with django_assert_max_num_queries(4):
        count, _ = exports.write_workbook(tmp_path / "all.xlsx", rows, world.actor("province_officer"))
    assert count == 7


def test_as_of_a_day_writes_that_days_members(world: World) -> None:
    day = timezone.localdate() - timedelta(days=10)
    Membership.objects.everywhere(reason=WHY).filter(pk=world.memberships["alpha_1"].pk).update(
        period=(date(2020, 1, 1), timezone.localdate() - timedelta(days=5))
    )
    export = ask(world, query=f"on={day:%Y-%m-%d}")
    exports.run(export.pk)
    assert len(written(export)) == 3
    today = ask(world)
    exports.run(today.pk)
    assert len(written(today)) == 2
