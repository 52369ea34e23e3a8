"""Writing an export: a directory that appears under its name complete, checked and journalled, or not at all."""

import json
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, date, datetime
from io import RawIOBase
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from unionhall import __version__
from unionhall.foundation.actors import Actor
from unionhall.foundation.errors import Refused
from unionhall.organisations.models import Organisation
from unionhall.records.actions import journal

from . import require
from .checking import digest_of
from .facts import FACTS, FORMAT, Fact, parameters

MANIFEST = "manifest.json"
FACTS_KIND, CELLS_KIND = "facts", "cells"
#: Rows of a row group: what is held in memory at a time.
ROW_GROUP = 1 << 17
BLOCK = 1 << 20


@dataclass(frozen=True)
class Table:
    """A file of the export and what proves it whole."""

    file: str
    rows: int
    bytes: int
    sm3: str


@dataclass(frozen=True)
class Manifest:
    """What a directory holds: facts of a federation on a day, or cells fit for exchange (`smallest` protects them)."""

    format: int
    kind: str
    federation: str
    day: str
    made_at: str
    version: str
    tables: Mapping[str, Table]
    areas: Mapping[str, str]
    smallest: int = 0
    columns: Mapping[str, list[str]] = field(default_factory=dict)

    def to_json(self) -> str:
        return json.dumps(asdict(self), ensure_ascii=False, indent=2)

    @classmethod
    def read(cls, directory: Path) -> "Manifest":
        """Raises Refused for a directory that is no export, or one of a later format."""
        try:
            raw = json.loads((directory / MANIFEST).read_text(encoding="utf-8"))
            tables = {str(name): Table(**table) for name, table in raw.pop("tables").items()}
            found = cls(**raw, tables=tables)
        except FileNotFoundError:
            raise Refused(f"{directory} 里没有 {MANIFEST}，不是导出的数据目录。") from None
        except (OSError, ValueError, TypeError, KeyError, AttributeError) as wrong:
            raise Refused(f"{directory} 的 {MANIFEST} 读不出来，目录不完整或被改动过。") from wrong
        if found.format != FORMAT:
            raise Refused(
                f"{directory} 的格式是 {found.format}，本程序只认识 {FORMAT}；请用同一版本导出和统计。"
            )
        return found


class _Blocks(RawIOBase):
    """The rows of a COPY as a file that is read forward. A read is filled: every short one would become a batch."""

    def __init__(self, blocks: Iterator[Any]) -> None:
        self._blocks, self._held = blocks, bytearray()

    def readable(self) -> bool:
        return True

    def readinto(self, target: Any) -> int:
        while len(self._held) < len(target) and (following := next(self._blocks, None)) is not None:
            self._held += following
        taken = min(len(target), len(self._held))
        target[:taken] = self._held[:taken]
        del self._held[:taken]
        return taken


def _stream(fact: Fact, target: Path, given: dict[str, Any]) -> int:
    """Copy one SELECT into a Parquet file, a row group at a time; answers the rows."""
    import pyarrow as pa
    from pyarrow import csv, parquet

    schema = fact.schema()
    kinds = csv.ConvertOptions(
        column_types=schema, null_values=["\\N"], strings_can_be_null=False, quoted_strings_can_be_null=False,
        true_values=["t"], false_values=["f"],
    )  # fmt: skip
    names = csv.ReadOptions(column_names=list(fact.columns), block_size=BLOCK)
    rows = 0
    with connection.cursor() as cursor:
        copied = cursor.copy(f"COPY ({fact.select}) TO STDOUT (FORMAT csv, NULL '\\N')", given)
        with copied as blocks, parquet.ParquetWriter(target, schema, compression="zstd") as writer:
            held: list[Any] = []
            for batch in _batches(csv, _Blocks(iter(blocks)), names, kinds):
                held.append(batch)
                if sum(one.num_rows for one in held) >= ROW_GROUP:
                    writer.write_table(pa.Table.from_batches(held, schema))
                    held.clear()
                rows += batch.num_rows
            if held:
                writer.write_table(pa.Table.from_batches(held, schema))
    return rows


def _batches(csv: Any, source: _Blocks, names: Any, kinds: Any) -> Iterator[Any]:
    from pyarrow import ArrowInvalid

    try:
        reader = csv.open_csv(source, read_options=names, convert_options=kinds)
    except ArrowInvalid as empty:
        if "Empty CSV" not in str(empty):
            raise
        return
    yield from reader


@contextmanager
def new_directory(target: Path) -> Iterator[Path]:
    """A private scratch directory beside the target that takes its name when the block ends well."""
    if target.exists():
        raise Refused(f"{target} 已经存在；请换一个目录名。")
    if not target.parent.is_dir():
        raise Refused(f"目录 {target.parent} 不存在。")
    draft = target.with_name(f".{target.name}.{os.getpid()}.part")
    draft.mkdir(mode=0o700)
    try:
        yield draft
        for path in [*draft.iterdir(), draft]:
            handle = os.open(path, os.O_RDONLY)
            os.fsync(handle)
            os.close(handle)
        draft.rename(target)
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def manifest_of(
    draft: Path, kind: str, federation: str, day: date, tables: Mapping[str, int], areas: Mapping[str, str],
    **more: Any,
) -> Manifest:  # fmt: skip
    """Describe what lies in the draft (table → rows, each in `table.parquet`) and write it there."""
    described = {}
    for name, rows in tables.items():
        path = draft / f"{name}.parquet"
        path.chmod(0o600)
        described[name] = Table(path.name, rows, path.stat().st_size, digest_of(path))
    made = datetime.now(UTC).isoformat(timespec="seconds")
    found = Manifest(FORMAT, kind, federation, f"{day:%Y-%m-%d}", made, __version__, described, areas, **more)
    (draft / MANIFEST).write_text(found.to_json(), encoding="utf-8")
    (draft / MANIFEST).chmod(0o600)
    return found


def write_facts(draft: Path, day: date) -> Manifest:
    """Write the facts of this federation on a day into a directory that exists. All tables as of one moment."""
    given = parameters(settings.FEDERATION, day)
    rows = {fact.name: _stream(fact, draft / f"{fact.name}.parquet", given) for fact in FACTS}
    places = Organisation.objects.everywhere(reason="codes and names of the unions that figures are told by")
    areas = dict(places.filter(level__lte=3).values_list("code", "name"))
    columns = {fact.name: list(fact.columns) for fact in FACTS}
    return manifest_of(draft, FACTS_KIND, settings.FEDERATION, day, rows, areas, columns=columns)


def export(
    actor: Actor, target: Path, *, reason: str, day: date | None = None, cells: bool = False
) -> Manifest:
    """Export a day's facts, or with `cells` only what may be given to others, and journal it.

    Raises NotAllowed, or Refused when the directory exists, the day is to come or the reason says nothing.
    """
    require()
    actor.require("insights.lake", *_roots())
    day = day or timezone.localdate()
    if day > timezone.localdate():
        raise Refused("截止日期不能晚于今天。")
    if len(reason.strip()) < 4:
        raise Refused("请写明导出的事由（至少 4 个字），它会记入日志。", field="reason")
    with new_directory(target) as draft:
        # In a transaction of the caller's the moment is the caller's.
        alone = not connection.in_atomic_block
        with transaction.atomic():
            if alone:
                connection.cursor().execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            found = write_facts(draft, day)
            if cells:
                from .exchange import reduce

                found = reduce(draft, found)
        # Not as of that moment: others have written to the journal's lanes since.
        rows = {name: table.rows for name, table in found.tables.items()}
        digests = {name: table.sm3 for name, table in found.tables.items()}
        journal(
            actor, "insights.lake_exported", label=f"{found.kind} {found.day}", reason=reason,
            detail={"kind": found.kind, "day": found.day, "rows": rows, "sm3": digests},
        )  # fmt: skip
    return found


def _roots() -> tuple[str, ...]:
    """Who exports a federation's facts needs the permission over the whole of it."""
    tops = Organisation.objects.everywhere(reason="the roots of the tree, to ask a permission over all of it")
    return tuple(tops.filter(parent=None).order_by("path").values_list("path", flat=True)[:1]) or ("",)
