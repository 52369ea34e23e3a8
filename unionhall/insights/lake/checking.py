"""Whether an export is still what was written: digests, rows, columns, and nothing beside them."""

from pathlib import Path

from cryptography.hazmat.primitives import hashes

from . import require
from .facts import FACTS


def digest_of(path: Path) -> str:
    """The SM3 of a file, hexadecimal."""
    context = hashes.Hash(hashes.SM3())
    with path.open("rb") as content:
        while block := content.read(1 << 20):
            context.update(block)
    return context.finalize().hex()


def faults(directory: Path) -> list[str]:
    """What is wrong with an export, in Chinese; empty when nothing is. Raises Refused when it is no export at all."""
    require("pyarrow")
    from pyarrow import parquet

    from .writing import FACTS_KIND, MANIFEST, Manifest

    found, wrong = Manifest.read(directory), []
    known = {fact.name: fact for fact in FACTS} if found.kind == FACTS_KIND else {}
    for name, table in found.tables.items():
        path = directory / table.file
        if not path.is_file():
            wrong.append(f"缺少 {table.file}")
        elif digest_of(path) != table.sm3:
            wrong.append(f"{table.file} 与导出时不同（摘要不符）")
        elif parquet.read_metadata(path).num_rows != table.rows:
            wrong.append(f"{table.file} 的行数与清单不符")
        elif name in known and not parquet.read_schema(path).equals(known[name].schema()):
            wrong.append(f"{table.file} 的列与本版本不同")
    wrong += [f"缺少表 {name}" for name in known if name not in found.tables]
    listed = {MANIFEST} | {table.file for table in found.tables.values()}
    wrong += [f"多出文件 {path.name}" for path in sorted(directory.iterdir()) if path.name not in listed]
    return wrong
