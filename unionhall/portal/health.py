"""How the machine is: what the operators' page shows. Facts only; nothing here names a person."""

from __future__ import annotations

import shutil
import stat
from dataclasses import dataclass
from datetime import timedelta
from importlib.metadata import version as installed
from pathlib import Path
from platform import python_version
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.models import Count, Max, Min
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateEvent, ProcrastinateJob, ProcrastinateWorker

from unionhall import __version__
from unionhall.foundation.models import Resealing
from unionhall.foundation.wording import ago, file_size
from unionhall.records.models import AppendOnlyQuerySet, JournalBlock, JournalEntry

__all__ = [
    "Finding",
    "failed_jobs",
    "findings",
    "last_of",
    "last_verification",
    "queues",
    "rotation",
    "versions",
]

#: A worker says that it lives every ten seconds; silence of a minute is death (foundation.tasks).
HEARTBEAT = timedelta(seconds=60)
ENOUGH_BYTES = 1024**3
SEALED_WITHIN = timedelta(minutes=5)
BACKED_UP_WITHIN = timedelta(days=2)
DRILLED_WITHIN = timedelta(days=21)
#: Events are handed out each minute; a receiver that took nothing for this long is looked at.
HANDED_OUT_WITHIN = timedelta(minutes=10)
TAKEN_WITHIN = timedelta(hours=2)


@dataclass(frozen=True)
class Finding:
    """One thing looked at: whether it is well, what was seen, and what to do when it is not."""

    name: str
    well: bool
    seen: str
    advice: str = ""


def findings() -> list[Finding]:
    return [
        _database(), _migrations(), _worker(), _waiting(), _pushes(), _sealing(), _missing(), _backup(), _drill(),
        _disk(), _keys(),
    ]  # fmt: skip


def _database() -> Finding:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('server_version'), pg_database_size(current_database())")
        number, size = cursor.fetchone()
    kind = "外部数据库" if settings.DATABASES["default"].get("PASSWORD") else "自带的 PostgreSQL"
    return Finding("数据库", True, f"PostgreSQL {number.split()[0]}（{kind}），占用 {file_size(size)}")


def _migrations() -> Finding:
    executor = MigrationExecutor(connection)
    pending = executor.migration_plan(executor.loader.graph.leaf_nodes())
    seen = f"有 {len(pending)} 项没有执行" if pending else "是最新的"
    return Finding("数据库结构", not pending, seen, "请执行 unionhall migrate")


def _worker() -> Finding:
    last = ProcrastinateWorker.objects.aggregate(last=Max("last_heartbeat"), number=Count("id"))
    alive = ProcrastinateWorker.objects.filter(last_heartbeat__gt=timezone.now() - HEARTBEAT).count()
    seen = f"{alive} 个在运行" + (f"，最近心跳{ago(last['last'])}" if last["last"] else "")
    return Finding("后台任务进程", alive > 0, seen, "导入、导出和日志封存会一直等待；请运行 unionhall work")


def _waiting() -> Finding:
    due = ProcrastinateJob.objects.filter(status="todo").exclude(scheduled_at__gt=timezone.now())
    number = due.count()
    since = ProcrastinateEvent.objects.filter(job__in=due, type="deferred").aggregate(at=Min("at"))["at"]
    well = since is None or timezone.now() - since < timedelta(minutes=10)
    seen = f"{number} 个任务在等待" + (f"，最早的从{ago(since)}开始等" if since else "")
    return Finding("任务队列", well, seen, "后台任务进程没有运行，或正忙于大批量导入")


# Clients that ended hear nothing by intention. The interface is no room below: its tables are read, not its code.
_PUSHES = """
WITH endpoint AS (
    SELECT e.id, e.disabled_at IS NOT NULL AS stopped FROM api_endpoint e JOIN api_client c ON c.id = e.client_id
    WHERE c.revoked_at IS NULL AND c.valid_from <= %(today)s AND (c.valid_until IS NULL OR c.valid_until > %(today)s)
), waiting AS (
    SELECT d.created_at, endpoint.stopped FROM api_delivery d JOIN endpoint ON endpoint.id = d.endpoint_id
    WHERE d.state = 'waiting'
)
SELECT (SELECT count(*) FROM endpoint WHERE stopped),
    (SELECT count(*) FROM waiting WHERE stopped), (SELECT count(*) FROM waiting WHERE NOT stopped),
    (SELECT min(created_at) FROM waiting WHERE NOT stopped),
    (SELECT count(*) FROM records_outboxevent WHERE taken_at IS NULL),
    (SELECT min(at) FROM records_outboxevent WHERE taken_at IS NULL)
"""


def _pushes() -> Finding:
    """What clients have not heard yet: addresses that were stopped, pushes that wait, events nobody handed out."""
    with connection.cursor() as cursor:
        cursor.execute(_PUSHES, {"today": timezone.localdate()})
        stopped, held, waiting, oldest, fresh, since = cursor.fetchone()
    seen, advice = [], []
    if stopped:
        seen.append(f"{stopped} 个推送地址已停止" + (f"，{held} 条推送压着没有发出" if held else ""))
        advice.append(
            "请开通接入方的人员到“接口接入方”里看停止原因，与对方修好后点“恢复推送”，不再使用的请删除"
        )
    if waiting:
        seen.append(f"{waiting} 条推送等待送达，最早一条生成于{ago(oldest)}")
        if timezone.now() - oldest > TAKEN_WITHIN:
            advice.append("对方一直没有收下，系统会重试约一天；请到“接口接入方”里看失败原因，联系对方")
    if fresh:
        seen.append(f"{fresh} 个事件还没有分发，最早一个发生于{ago(since)}")
        if timezone.now() - since > HANDED_OUT_WITHIN:
            advice.append("事件每分钟由后台任务分发；请看后台任务进程是否在运行")
    return Finding(
        "事件推送", not advice, "；".join(seen) or "没有停止的地址，没有等待的推送", "；".join(advice)
    )


def _sealing() -> Finding:
    block = JournalBlock.objects.order_by("-number").first()
    newest = JournalEntry.objects.everywhere(reason="the number of the last entry, not its content")
    last = newest.order_by("-pk").values_list("pk", "at").first()
    if block is None:
        old = (
            bool(last)
            and timezone.now() - newest.order_by("pk").values_list("at", flat=True)[0] > SEALED_WITHIN
        )
        return Finding("日志封存", not old, "还没有封存过", "每分钟由后台任务封存；请运行 unionhall work")
    behind = (
        last is not None
        and last[0] > max(block.entry_ids, default=0)
        and last[1] < timezone.now() - SEALED_WITHIN
    )
    seen = f"第 {block.number} 块，{ago(block.sealed_at)}"
    return Finding("日志封存", not behind, seen, "有超过 5 分钟的日志没有封存；请看后台任务是否在运行")


def _missing() -> Finding:
    """Entries that were removed before a block held them (records.lanes)."""
    count = sum(len(gaps) for gaps in JournalBlock.objects.exclude(gaps=[]).values_list("gaps", flat=True))
    seen = f"有 {count} 条在封存前被删除" if count else "没有缺失"
    return Finding(
        "日志完整", not count, seen, "有人绕过系统改动了数据库；请核验日志，并对照另存的日志和备份"
    )


def _backup() -> Finding:
    """The last backup, as it journalled itself."""
    last = last_of("portal.backed_up")
    if last is None:
        # A first look is no production; a site that has been at work for days is.
        began = _journal().order_by("pk").values_list("at", flat=True).first()
        fresh = settings.DEMO or began is None or timezone.now() - began < BACKED_UP_WITHIN
        return Finding(
            "备份", fresh, "还没有备份过", "请启用 unionhall-backup.timer，或执行 unionhall backup"
        )
    seen = f"{ago(last.at)}，{file_size(last.detail['bytes'])}，{last.detail['rows']:,} 行"
    well = timezone.now() - last.at < BACKED_UP_WITHIN
    return Finding(
        "备份", well, seen, "超过两天没有备份；请看 unionhall-backup.timer，或执行 unionhall backup"
    )


def _drill() -> Finding:
    """The last drill: what a backup is worth is known only by restoring it."""
    last = last_of("portal.drilled")
    if last is None:
        well = last_of("portal.backed_up") is None
        return Finding(
            "恢复演练", well, "还没有演练过", "请启用 unionhall-drill.timer，或执行 unionhall drill"
        )
    if not last.detail["ok"]:
        faults = "；".join(last.detail["faults"])
        return Finding("恢复演练", False, f"{ago(last.at)}没有通过：{faults}", "备份可能恢复不了，请尽快处理")
    seen = f"{ago(last.at)}通过，恢复用时 {last.detail['restore_seconds']:.0f} 秒，核对 {last.detail['rows']:,} 行"
    return Finding(
        "恢复演练",
        timezone.now() - last.at < DRILLED_WITHIN,
        seen,
        "超过三周没有演练；请执行 unionhall drill",
    )


def _disk() -> Finding:
    usage = shutil.disk_usage(settings.HOME)
    seen = f"剩余 {usage.free / 1024**3:.1f} GB，共 {usage.total / 1024**3:.1f} GB"
    return Finding("磁盘空间", usage.free > ENOUGH_BYTES, seen, "剩余不足 1 GB；请清理或扩容，导入会被拒绝")


def _keys() -> Finding:
    number = f"当前使用第 {settings.KEYS.current} 号，共 {len(settings.KEYS.masters)} 个主密钥"
    path = Path(settings.HOME) / "keys.json"
    if not path.exists():
        return Finding("密钥", True, f"来自环境变量；{number}")
    mode = stat.S_IMODE(path.stat().st_mode)
    return Finding(
        "密钥", not mode & 0o077, f"文件权限 {mode:04o}；{number}", f"请执行 chmod 600 {path.name}"
    )


def queues() -> list[dict[str, Any]]:
    """Jobs by queue: waiting, at work, failed. Those done are not counted here."""
    rows = (
        ProcrastinateJob.objects.filter(status__in=["todo", "doing", "failed"])
        .values("queue_name", "status")
        .annotate(number=Count("id"))
        .order_by("queue_name")
    )
    found: dict[str, dict[str, Any]] = {}
    for row in rows:
        queue = found.setdefault(
            row["queue_name"], {"name": row["queue_name"], "todo": 0, "doing": 0, "failed": 0}
        )
        queue[row["status"]] = row["number"]
    return list(found.values())


def failed_jobs(limit: int = 20) -> list[dict[str, Any]]:
    """The latest that failed: name, when, how often tried. Arguments are ids and stay unshown."""
    rows = ProcrastinateJob.objects.filter(status="failed").order_by("-id")[:limit]
    when = dict(
        ProcrastinateEvent.objects.filter(job__in=[row.pk for row in rows], type="failed")
        .values("job_id")
        .annotate(last=Max("at"))
        .values_list("job_id", "last")
    )
    return [
        {
            "id": row.pk,
            "name": row.task_name,
            "queue": row.queue_name,
            "attempts": row.attempts,
            "at": when.get(row.pk),
        }
        for row in rows
    ]


def _journal() -> AppendOnlyQuerySet:
    return JournalEntry.objects.everywhere(reason="what the platform did concerns the whole federation")


def last_of(action: str) -> JournalEntry | None:
    """The journal's last entry of an action of the platform itself."""
    return _journal().filter(action=action).order_by("-pk").first()


def last_verification() -> JournalEntry | None:
    """The journal's own entry about its last verification."""
    return last_of("portal.journal_verification")


def rotation() -> list[Resealing]:
    """How far sealing anew with the master key in use has come, place by place; nothing before the first rotation."""
    return list(Resealing.objects.filter(number=settings.KEYS.current).order_by("place"))


def versions() -> list[tuple[str, str]]:
    return [
        ("UnionHall", __version__),
        ("Python", python_version()),
        *((name, installed(name)) for name in ("Django", "psycopg", "procrastinate", "granian", "polars")),
    ]
