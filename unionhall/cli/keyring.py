"""`unionhall keys`: see the keys, add one, seal everything anew with it, forget the old one."""

from __future__ import annotations

import fcntl
import json
import os
import sys
import time
from argparse import Namespace
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from unionhall.foundation.keys import Keys, from_environment, load_keys, save

from .arguments import Parser
from .errors import Refusal
from .surroundings import database, house, load_django

if TYPE_CHECKING:
    from unionhall.foundation.models import Resealing

#: A sign-in half done and the place in a long list are sealed too and live outside the tables.
REST_SECONDS = 24 * 3600.0
HEARTBEAT_SECONDS = 30
#: Most writes are over within this; what takes longer is told.
WRITING_SECONDS = 3.0
#: Another command that only adds or retires a key is over within this; what takes longer is told.
TURN_SECONDS = 5.0


def _ring() -> Keys:
    return load_keys(house(), os.environ)


@contextmanager
def _by_turns() -> Iterator[None]:
    """Nobody else changes the ring while the block lasts. The lock goes with the process, also after kill -9.

    Raises Refusal when another command goes on: a ring read before the other one wrote would put away its keys.
    """
    from unionhall.foundation import sealing

    until = time.monotonic() + TURN_SECONDS
    with open(os.open(house() / "keys.lock", os.O_RDWR | os.O_CREAT, 0o600), "wb") as lock:
        while True:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() >= until:
                    raise Refusal(
                        "另一个 unionhall keys 命令正在进行（如 rotate 正在重新加密）；请等它结束后再执行。"
                    ) from None
            time.sleep(0.1)
        # What was loaded with the settings may be older than what the other one wrote.
        sealing.follow()
        yield


def _put(keys: Keys, options: Namespace) -> None:
    """Make it the ring in force: the file, or in the environment variant a file for the operator to take it from."""
    from unionhall.foundation import sealing

    if not from_environment(os.environ):
        save(house(), keys)
        sealing.follow()
        return
    if options.output is None:
        raise Refusal(
            "密钥来自环境变量 UNIONHALL_KEYS，本程序不能改它；请加 --output 文件，"
            "再把文件内容放进 UNIONHALL_KEYS，逐个重启网站和后台任务。"
        )
    handle = os.open(options.output, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as out:
        out.write(keys.to_json())
    print(f"新的密钥环已写到 {options.output}（权限 600）。放进 UNIONHALL_KEYS 并重启后删除这个文件。")


def _until_all_follow() -> None:
    """Every process reads the file again within this time."""
    from unionhall.foundation.sealing import FOLLOW_SECONDS

    if not from_environment(os.environ):
        time.sleep(FOLLOW_SECONDS + 1)


def _note(action: str, label: str, **detail: Any) -> None:
    from unionhall.foundation.actors import system_actor
    from unionhall.records.actions import journal

    journal(system_actor("运维命令"), action, label=label, detail=detail)


def _list(options: Namespace) -> int:
    from unionhall.foundation import indexing, resealing
    from unionhall.foundation.models import Resealing

    keys, used = _ring(), resealing.used()
    report = {
        "current": keys.current,
        "masters": {number: used[number] for number in sorted(keys.masters)},
        "missing": {number: used[number] for number in sorted(set(used) - set(keys.masters))},
        "card_keys_of_retired": sorted(keys.cards),
        "index": indexing.number(keys),
        "indexes": sorted(keys.indexes),
        "journal_keys_of_retired": sorted(keys.journals),
        "old_secrets": len(keys.secrets),
        "resealing": list(
            Resealing.objects.filter(number=keys.current, finished_at=None).values(
                "place", "changed", "broken"
            )
        ),
    }
    if options.json:
        print(json.dumps(report))
        return 0
    for number, count in report["masters"].items():  # type: ignore[attr-defined]
        print(f"主密钥 {number} 号{'（当前）' if number == keys.current else ''}：{count} 个加密值")
    for number, count in report["missing"].items():  # type: ignore[attr-defined]
        print(f"主密钥 {number} 号不在密钥环里，却有 {count} 个加密值：请放回当时的 keys.json！")
    print(f"索引密钥：当前 {report['index']} 号，共有 {'、'.join(map(str, sorted(keys.indexes)))} 号")
    print(f"签名密钥：1 个在用，{len(keys.secrets)} 个仍被接受")
    if report["resealing"]:
        print(f"正在换到 {keys.current} 号主密钥；还有 {len(report['resealing'])} 处没有完成。")  # type: ignore[arg-type]
    return 0


def _add(options: Namespace) -> int:
    keys = _ring().with_master()
    number = max(keys.masters)
    _put(keys, options)
    _note("records.key_added", f"{number} 号", number=number)
    print(
        f"已加入 {number} 号主密钥，还没有使用。请把新的 keys.json 另存一份，再执行 unionhall keys rotate。"
    )
    return 0


def _rotate(options: Namespace) -> int:
    from unionhall.foundation import resealing

    keys = _ring()
    target = options.number or max(keys.masters)
    if not from_environment(os.environ):
        if options.number is None and target == keys.current and not resealing.stale():
            keys = keys.with_master()
            target = max(keys.masters)
            _put(keys, options)
        if target != keys.current:
            # Known everywhere before it is used: cards signed with it are checked by other processes.
            _until_all_follow()
            _put(keys.with_current(target), options)
            _note("records.key_rotated", f"{target} 号", number=target)
            print(f"新写入的内容用 {target} 号主密钥加密。请把 keys.json 另存一份。", flush=True)
    elif target != keys.current:
        raise Refusal(
            f"请先把 UNIONHALL_KEYS 里的 current 改为 {target} 并重启，再执行 unionhall keys rotate。"
        )
    resealing.begin()
    if options.background:
        from unionhall.records.tasks import reseal

        reseal.defer()
        print("已交给后台任务，进度见 /ops/ 或 unionhall keys list。")
        return 0
    return _reseal(target)


def _reseal(number: int) -> int:
    from tqdm import tqdm

    from unionhall.foundation import resealing

    began = time.monotonic()
    with tqdm(desc="重新加密", unit="个", disable=None, file=sys.stderr) as bar:
        counted: dict[str, int] = {}

        def report(row: Resealing) -> None:
            bar.update(row.changed - counted.get(row.place, 0))
            counted[row.place] = row.changed

        done = resealing.run(report=report)
    left = resealing.stale()
    if not done:
        print(f"还有 {left} 个值没有换到 {number} 号（正被占用，或另一个轮换在进行）；请稍后再执行一次。")
        return 1
    _note("records.key_resealed", f"{number} 号", number=number, left=left)
    if left:
        print(f"{left} 个值打不开，保持原样，位置见日志；用到的旧密钥不能停用。")
        return 1
    print(f"全部内容已用 {number} 号主密钥加密，用时 {time.monotonic() - began:.1f} 秒。")
    return 0


def _retire(options: Namespace) -> int:
    from unionhall.foundation import resealing

    keys, number = _ring(), _wanted(options)
    if number == keys.current or number not in keys.masters:
        raise Refusal(f"{number} 号主密钥正在使用，或不存在，不能停用。")
    rest = REST_SECONDS - (time.time() - keys.since)
    if rest > 0 and keys.since and not (options.now and rest < REST_SECONDS - 10):
        raise Refusal(
            f"换用新密钥还不到一天，没办完的登录和翻页可能还用着 {number} 号；请过 {rest / 3600:.0f} 小时再停用"
            "（加 --now 不等，没办完的要重新开始）。"
        )
    # First those who may still commit values under the old key, then the count: it sees what they committed.
    _refuse_writers()
    if left := resealing.used()[number]:
        raise Refusal(f"还有 {left} 个值用 {number} 号主密钥加密，不能停用；请先执行 unionhall keys rotate。")
    _put(keys.without_master(number), options)
    _note("records.key_retired", f"{number} 号", number=number)
    print(f"已停用 {number} 号主密钥。今天以前的备份仍要用它才能恢复：请保管好旧的 keys.json。")
    return 0


def _refuse_writers() -> None:
    """Raise Refusal while a transaction goes on that wrote before now; later ones seal with the new key."""
    from django.db import connection

    until = time.monotonic() + WRITING_SECONDS
    held: set[tuple[int, str]] | None = None
    with connection.cursor() as cursor:
        while True:
            # What others do is read once in a transaction otherwise.
            cursor.execute("SELECT pg_stat_clear_snapshot()")
            cursor.execute(
                "SELECT pid, backend_xid::text FROM pg_stat_activity WHERE backend_xid IS NOT NULL "
                "AND pid <> pg_backend_pid() AND datname = current_database() AND usename = current_user"
            )
            writing = set(cursor.fetchall())
            held = writing if held is None else held & writing
            if not held:
                return
            if time.monotonic() >= until:
                raise Refusal("有写入正在进行（如名册入库），请等它结束后再停用。")
            time.sleep(0.1)


def _wanted(options: Namespace) -> int:
    if options.number is None:
        raise Refusal("请写明密钥的编号，例如 unionhall keys retire 1。", 2)
    return int(options.number)


def _rotate_index(options: Namespace) -> int:
    from django.db import connection
    from tqdm import tqdm

    from unionhall.foundation import indexing, reindexing
    from unionhall.records.models import JournalEntry, JournalLane

    _refuse_workers()
    keys = _ring()
    present = indexing.number(keys)
    if max(keys.indexes) == present:
        keys = keys.with_index()
        _put(keys, options)
        if from_environment(os.environ):
            return 0
    target = max(keys.indexes)
    _until_all_follow()
    began = time.monotonic()
    with tqdm(desc="重建索引", unit="条", disable=None, file=sys.stderr) as bar:
        count = reindexing.change(
            target, within=_seal_journal, report=lambda _table, rows: bar.update(rows) or None,
            lock=(JournalEntry, JournalLane),
        )  # fmt: skip
    spent = time.monotonic() - began
    _note("records.index_key_changed", f"{target} 号", number=target, before=present, indexes=count)
    with connection.cursor() as cursor:
        for table in sorted({index.table for index in reindexing.indexes()[0]}):
            cursor.execute(f'VACUUM (ANALYZE) "{table}"')
    print(f"{count} 条索引已换到 {target} 号索引密钥，用时 {spent:.1f} 秒。请把 keys.json 另存一份。")
    return 0


def _seal_journal() -> None:
    """Everything written so far is sealed under the key it was marked with."""
    from unionhall.records import sealing

    while sealing.seal_pending(thorough=True):
        pass


def _refuse_workers() -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM procrastinate_workers WHERE last_heartbeat > now() - make_interval(secs => %s)",
            [HEARTBEAT_SECONDS],
        )
        alive = cursor.fetchone()[0]
    if alive:
        raise Refusal(
            f"有 {alive} 个后台任务进程在运行；请先停止它们（systemctl stop 'unionhall-work@*'），换完再启动。"
        )


def _retire_index(options: Namespace) -> int:
    from unionhall.foundation import indexing

    keys, number = _ring(), _wanted(options)
    if number == indexing.number(keys) or number not in keys.indexes:
        raise Refusal(f"{number} 号索引密钥正在使用，或不存在，不能停用。")
    _put(keys.without_index(number), options)
    _note("records.key_retired", f"索引 {number} 号", index=number)
    print(f"已停用 {number} 号索引密钥；核验旧日志的密钥留在密钥环里。旧备份仍要用旧的 keys.json 恢复。")
    return 0


def _rotate_secret(options: Namespace) -> int:
    keys = _ring().with_secret()
    fresh = keys.secrets[-1]
    if from_environment(os.environ):
        _put(keys.with_secret_in_use(fresh), options)
        return 0
    _put(keys, options)
    # Accepted everywhere before anyone signs with it.
    _until_all_follow()
    _put(_ring().with_secret_in_use(fresh), options)
    _note("records.secret_changed", "")
    print("新的会话和链接用新的签名密钥；旧的仍被接受。两周后执行 unionhall keys retire-secret。")
    return 0


def _retire_secret(options: Namespace) -> int:
    keys = _ring()
    if not keys.secrets:
        raise Refusal("没有旧的签名密钥。")
    _put(replace(keys, secrets=()), options)
    _note("records.secret_changed", "", retired=len(keys.secrets))
    print("旧的签名密钥不再被接受；还带着它的会话要重新登录。")
    return 0


WHAT: dict[str, Callable[[Namespace], int]] = {
    "list": _list,
    "add": _add,
    "rotate": _rotate,
    "retire": _retire,
    "rotate-index": _rotate_index,
    "retire-index": _retire_index,
    "rotate-secret": _rotate_secret,
    "retire-secret": _retire_secret,
}


def do(options: Namespace) -> int:
    """Do one thing with the keys, by turns with others who change them. Django must be loaded."""
    if options.what == "list":
        return _list(options)
    with _by_turns():
        return WHAT[options.what](options)


def run(arguments: list[str]) -> int:
    """Do one thing with the keys; docs/operations.md says in which order."""
    parser = Parser("keys", "密钥：查看、加入、轮换、停用（主密钥、索引密钥、签名密钥）。")
    parser.add_argument("what", choices=list(WHAT), help="做什么")
    parser.add_argument("number", nargs="?", type=int, help="密钥编号")
    parser.add_argument("--background", action="store_true", help="rotate：交给后台任务去做")
    parser.add_argument("--now", action="store_true", help="retire：不等一天")
    parser.add_argument("--output", type=Path, help="密钥来自环境变量时，把新的密钥环写到这个文件")
    parser.add_argument("--json", action="store_true", help="list：用 JSON 报告")
    options = parser.parse_args(arguments)
    with database():
        load_django()
        from django.db import connections

        try:
            return do(options)
        finally:
            connections.close_all()
