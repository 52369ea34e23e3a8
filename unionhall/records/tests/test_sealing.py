"""The journal proves itself: whatever SQL does to it, the first entry concerned is named."""

import io
import json
from collections.abc import Callable
from contextlib import suppress
from threading import Event, Thread
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction

from tests.world import World
from unionhall.foundation.actors import system_actor
from unionhall.records import lanes, sealing, tasks
from unionhall.records.actions import journal
from unionhall.records.models import AppendOnly, JournalBlock, JournalEntry, JournalLane, JournalSeal

WHY = "test"


def run(statement: str, *values: Any) -> object:
    with connection.cursor() as cursor:
        return cursor.execute(statement, values)


@pytest.fixture
def chain(db: None, world: World) -> list[int]:
    """Nine entries in three blocks, on top of an empty journal; answers their ids."""
    for table in ("journalseal", "journalblock", "journalentry", "journallane"):
        run(f"DELETE FROM records_{table}")
    found = []
    for block in range(3):
        for place in range(3):
            entry = journal(
                system_actor("测试"), "members.reveal", reason=f"第{block}块·{place} \"'\\", paths=("0001",),
                detail={"what": "phone", "n": place, "half": 0.5, "none": None, "list": [1, "二"]},
            )  # fmt: skip
            found.append(entry.pk)
        assert sealing.seal_pending() == 3
    assert sealing.verify().ok
    return found


def test_the_honest_journal_is_proven(chain: list[int]) -> None:
    journal(system_actor(), "members.edit")
    verdict = sealing.verify()
    assert (verdict.ok, verdict.entries, verdict.blocks, verdict.pending) == (True, 10, 3, 1)
    assert sealing.seal_pending() == 1
    assert sealing.seal_pending() == 0


ATTACKS: dict[str, tuple[Callable[[list[int]], object], str, int]] = {
    "reason altered": (
        lambda ids: run("UPDATE records_journalentry SET reason = '例行检查' WHERE id = %s", ids[4]), "altered", 4,
    ),
    "time altered": (
        lambda ids: run("UPDATE records_journalentry SET at = at - interval '1 microsecond' WHERE id = %s", ids[2]),
        "altered", 2,
    ),
    "detail altered": (
        lambda ids: run("""UPDATE records_journalentry SET detail = '{"what": "id"}' WHERE id = %s""", ids[8]),
        "altered", 8,
    ),
    "mark altered": (
        lambda ids: run("UPDATE records_journalentry SET mark = repeat('0', 80) WHERE id = %s", ids[1]), "altered", 1,
    ),
    "entry deleted": (lambda ids: run("DELETE FROM records_journalentry WHERE id = %s", ids[5]), "missing", 5),
    "entry and seal deleted": (
        lambda ids: [
            run("DELETE FROM records_journalseal WHERE entry_id = %s", ids[3]),
            run("DELETE FROM records_journalentry WHERE id = %s", ids[3]),
        ], "missing", 3,
    ),
    "last entry and seal deleted": (
        lambda ids: [
            run("DELETE FROM records_journalseal WHERE entry_id = %s", ids[8]),
            run("DELETE FROM records_journalentry WHERE id = %s", ids[8]),
        ], "missing", 8,
    ),
    "seal deleted": (lambda ids: run("DELETE FROM records_journalseal WHERE entry_id = %s", ids[6]), "altered", 6),
    "seal altered": (
        lambda ids: run("UPDATE records_journalseal SET digest = repeat('0', 64) WHERE entry_id = %s", ids[7]),
        "altered", 7,
    ),
    "renumbered": (
        lambda ids: [
            run("UPDATE records_journalentry SET id = %s WHERE id = %s", ids[8] + 1000, ids[0]),
            run("UPDATE records_journalseal SET entry_id = %s WHERE entry_id = %s", ids[8] + 1000, ids[0]),
        ], "missing", 0,
    ),
    "two swapped": (
        lambda ids: run(
            "UPDATE records_journalentry a SET reason = b.reason, detail = b.detail FROM records_journalentry b "
            "WHERE a.id = %s AND b.id = %s", ids[0], ids[1],
        ), "altered", 0,
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", ATTACKS)
def test_an_attack_on_entries_is_named(chain: list[int], name: str) -> None:
    attack, kind, place = ATTACKS[name]
    attack(chain)
    fault = sealing.verify().fault
    assert fault is not None
    assert (fault.kind, fault.entry) == (kind, chain[place])
    assert str(chain[place]) in fault.message


def insert(entry_id: int, mark: str = "") -> None:
    run(
        "INSERT INTO records_journalentry (id, at, actor_name, action, subject_type, subject_label, path, second_path, "
        "reason, detail, digest, trace, mark) "
        "VALUES (%s, now(), '系统', 'members.reveal', '', '', '', '', '', '{}', '', '', %s)",
        entry_id, mark,
    )  # fmt: skip


@pytest.mark.parametrize("mark", ["", "0" * 80])
def test_an_entry_slipped_in_is_named_and_never_sealed(chain: list[int], mark: str) -> None:
    insert(chain[-1] + 7, mark)
    assert sealing.seal_pending() == 0
    fault = sealing.verify().fault
    assert fault is not None
    assert (fault.kind, fault.entry) == ("extra", chain[-1] + 7)


def test_a_copied_entry_bears_a_taken_mark(chain: list[int]) -> None:
    taken = JournalEntry.objects.everywhere(reason=WHY).get(pk=chain[0]).mark
    with pytest.raises(IntegrityError), transaction.atomic():
        insert(chain[-1] + 9, taken)


def test_an_entry_slipped_in_with_a_seal_of_its_own(chain: list[int]) -> None:
    insert(chain[-1] + 7)
    run(
        "INSERT INTO records_journalseal (entry_id, block_id, digest) VALUES (%s, 2, repeat('a', 64))",
        chain[-1] + 7,
    )
    fault = sealing.verify().fault
    assert fault is not None
    assert (fault.kind, fault.entry) == ("extra", chain[-1] + 7)


@pytest.mark.parametrize(
    ("statement", "block", "place"),
    [
        ("UPDATE records_journalblock SET digest = repeat('0', 64) WHERE number = 2", 2, 3),
        ("UPDATE records_journalblock SET previous = repeat('0', 64) WHERE number = 3", 3, 6),
        ("UPDATE records_journalblock SET sealed_at = sealed_at + interval '1 day' WHERE number = 1", 1, 0),
    ],
)
def test_an_altered_block_is_named(chain: list[int], statement: str, block: int, place: int) -> None:
    run(statement)
    fault = sealing.verify().fault
    assert fault is not None
    assert (fault.kind, fault.block, fault.entry) == ("block", block, chain[place])


def test_a_removed_block_is_named(chain: list[int]) -> None:
    run("SET LOCAL session_replication_role = replica")
    run("DELETE FROM records_journalblock WHERE number = 2")
    fault = sealing.verify().fault
    assert fault is not None
    assert fault.entry == chain[3]
    run(
        "DELETE FROM records_journalseal WHERE block_id = 2"
    )  # the test database checks its references at the end


def test_a_block_removed_with_all_it_held(chain: list[int]) -> None:
    for place in (3, 4, 5):
        run("DELETE FROM records_journalseal WHERE entry_id = %s", chain[place])
        run("DELETE FROM records_journalentry WHERE id = %s", chain[place])
    run("DELETE FROM records_journalblock WHERE number = 2")
    fault = sealing.verify().fault
    assert fault is not None
    assert (fault.kind, fault.block) == ("block", 2)


def test_a_cut_end_is_found_by_a_noted_head(chain: list[int]) -> None:
    noted = sealing.head()
    for place in (6, 7, 8):
        run("DELETE FROM records_journalseal WHERE entry_id = %s", chain[place])
        run("DELETE FROM records_journalentry WHERE id = %s", chain[place])
    run("DELETE FROM records_journalblock WHERE number = 3")
    assert not sealing.verify().ok, "the lane still counts them"
    # Whoever kept the lane's row from before puts it back: only the noted head tells.
    run("UPDATE records_journallane SET count = 6, mark = %s", lanes.mark(1, 6))
    assert sealing.verify().ok
    fault = sealing.verify(noted).fault
    assert fault is not None
    assert fault.kind == "cut"


def test_an_entry_that_commits_late_is_sealed_by_a_later_run(chain: list[int]) -> None:
    """Its number is lower than one sealed before it: blocks hold what they list, not a range."""
    late = JournalEntry.objects.everywhere(reason=WHY).get(pk=chain[0])
    values = sealing.values_of(late) | {"lane": 2, "place": 1}
    JournalLane.objects.create(number=2, count=1, mark=lanes.mark(2, 1))
    entry = JournalEntry(pk=chain[0] - 1, **values, mark=sealing.mark(values))
    entry.save(force_insert=True)
    assert sealing.seal_pending() == 1
    assert sealing.verify().ok
    assert JournalSeal.objects.get(entry_id=chain[0] - 1).block_id == 4


def test_an_entry_of_a_version_without_lanes_is_sealed_at_night(chain: list[int]) -> None:
    """Its code still runs beside ours for a while; the minute looks at lanes only, and its count stays right."""
    old = JournalEntry.objects.everywhere(reason=WHY).get(pk=chain[0])
    values = sealing.values_of(old) | {"lane": None, "place": None}
    JournalEntry(pk=chain[8] + 1000, **values, mark=sealing.mark(values)).save(force_insert=True)
    assert sealing.seal_pending() == 0
    assert sealing.verify().pending == 1
    assert tasks.seal_rest(0) == 1
    verdict = sealing.verify()
    assert (verdict.ok, verdict.pending) == (True, 0)


def test_a_quiet_minute_reads_nothing_of_what_is_sealed(chain: list[int]) -> None:
    """As many pages after thousands of sealed entries as after hundreds, and no scan of the journal."""
    pages: list[int] = []
    plan: Any = None
    for many in (300, 6000):
        run(
            """INSERT INTO records_journalentry (id, at, actor_name, action, subject_type, subject_label, path,
                   second_path, reason, detail, digest, trace, mark, lane, place)
               SELECT %s + n, now(), '', 'members.edit', '', '', '', '', '', '{}', '', '', 'm' || n, 1 + n %% 8, n
               FROM generate_series(100, 100 + %s) AS n ON CONFLICT DO NOTHING""",
            chain[8], many,
        )  # fmt: skip
        run(
            """INSERT INTO records_journalseal (entry_id, block_id, digest)
               SELECT id, 3, '' FROM records_journalentry ON CONFLICT DO NOTHING"""
        )
        for table in ("journalentry", "journalseal"):
            run(f"ANALYZE records_{table}")
        held = {str(lane): 100 + many for lane in range(1, 9)}
        with connection.cursor() as cursor:
            statement = f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {sealing.WAITING}"
            for _ in range(2):  # the first reads the catalogue too
                cursor.execute(statement, sealing.waiting_values(held, {}, sealing.BATCH))
                ((plan,),) = cursor.fetchone()
        pages.append(plan["Plan"]["Shared Hit Blocks"] + plan["Plan"]["Shared Read Blocks"])
    assert "Seq Scan" not in json.dumps(plan)
    assert pages[1] <= pages[0] + 8  # the index may be one level higher, once for each lane


def test_the_code_cannot_alter_the_journal(chain: list[int]) -> None:
    rows = JournalEntry.objects.everywhere(reason=WHY)
    with pytest.raises(AppendOnly):
        rows.update(reason="")
    with pytest.raises(AppendOnly):
        rows.delete()


def test_the_command_answers_and_fails_in_one_line(chain: list[int]) -> None:
    out = io.StringIO()
    call_command("journal", "verify", "--json", stdout=out)
    answer = json.loads(out.getvalue())
    assert (answer["ok"], answer["entries"], answer["fault"]) == (True, 9, None)
    run("UPDATE records_journalentry SET actor_name = '某人' WHERE id = %s", chain[4])
    out = io.StringIO()
    with pytest.raises(CommandError, match=str(chain[4])):
        call_command("journal", "verify", "--json", stdout=out)
    assert json.loads(out.getvalue())["fault"]["entry"] == chain[4]
    out = io.StringIO()
    call_command("journal", "list", "--limit", "2", stdout=out)
    assert len(out.getvalue().strip().splitlines()) == 2


@pytest.mark.django_db(transaction=True)
def test_two_sealers_and_a_writer_at_once(world: World) -> None:
    """Writers are not held up, and every entry ends in exactly one block."""
    stop = Event()

    def write() -> None:
        try:
            for _ in range(60):
                journal(system_actor(), "members.edit")
        finally:
            stop.set()
            connection.close()

    def seal() -> None:
        try:
            while not stop.is_set():
                sealing.seal_pending(limit=7)
        finally:
            connection.close()

    # A writer whose transactions stay open beside the others, and one that rolls back every other.
    def write_slowly() -> None:
        try:
            for turn in range(15):
                with suppress(ZeroDivisionError), transaction.atomic():
                    for _ in range(4):
                        journal(system_actor(), "members.edit")
                    _ = 1 / (turn % 2)
        finally:
            connection.close()

    writers = [Thread(target=write), Thread(target=write_slowly), Thread(target=write_slowly)]
    threads = [*writers, Thread(target=seal), Thread(target=seal)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    while sealing.seal_pending():
        pass
    verdict = sealing.verify()
    assert verdict.ok, verdict.fault
    assert verdict.pending == 0
    assert JournalEntry.objects.everywhere(reason=WHY).filter(action="members.edit").count() == 60 + 2 * 28
    assert JournalSeal.objects.count() == JournalEntry.objects.everywhere(reason=WHY).count()
    assert sum(JournalBlock.objects.values_list("count", flat=True)) == JournalSeal.objects.count()


def waiting_entries(count: int) -> list[int]:
    return [journal(system_actor(), "members.edit").pk for _ in range(count)]


@pytest.mark.parametrize("gone", [0, 1, 2])
def test_an_entry_removed_before_it_is_sealed_is_missed(chain: list[int], gone: int) -> None:
    """First, middle or last of those that wait: verify sees it at once, and the next block states it for good."""
    ids = waiting_entries(3)
    assert sealing.verify().ok
    run("DELETE FROM records_journalentry WHERE id = %s", ids[gone])
    fault = sealing.verify().fault
    assert fault is not None
    assert fault.kind == "missing"
    assert "封存前被删除" in fault.message
    assert sealing.seal_pending() == 2
    assert len(JournalBlock.objects.get(number=4).gaps) == 1
    waiting_entries(1)
    sealing.seal_pending()
    fault = sealing.verify().fault
    assert fault is not None
    assert (fault.kind, fault.block) == ("missing", 4)


def test_all_that_wait_removed_and_the_block_that_says_so_whitewashed(chain: list[int]) -> None:
    for entry in waiting_entries(2):
        run("DELETE FROM records_journalentry WHERE id = %s", entry)
    assert sealing.seal_pending() == 0
    assert JournalBlock.objects.get(number=4).count == 0
    run("UPDATE records_journalblock SET gaps = '[]' WHERE number = 4")
    fault = sealing.verify().fault
    assert fault is not None
    assert (fault.kind, fault.block) == ("block", 4)


def test_a_lane_set_back_or_removed_is_found(chain: list[int]) -> None:
    """The count alone cannot be put back: it carries a keyed mark."""
    (last,) = waiting_entries(1)
    run("DELETE FROM records_journalentry WHERE id = %s", last)
    run("UPDATE records_journallane SET count = count - 1")
    fault = sealing.verify().fault
    assert fault is not None
    assert fault.kind == "altered"
    run("DELETE FROM records_journallane")
    fault = sealing.verify().fault
    assert fault is not None
    assert fault.kind == "altered"


def test_a_rollback_leaves_no_hole(chain: list[int]) -> None:
    def fail() -> None:
        with transaction.atomic():
            waiting_entries(2)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    waiting_entries(2)
    assert sealing.verify().ok
    assert sealing.seal_pending(limit=1) == 1
    assert sealing.verify().ok
    assert sealing.seal_pending() == 1
    assert sealing.verify().ok
    assert all(not block.gaps for block in JournalBlock.objects.all())
