"""Is this file what it says, and is it safe to open? Asked before anything is stored or read as a table."""

from __future__ import annotations

import zipfile
import zlib
from pathlib import Path
from typing import BinaryIO, Literal

from django.conf import settings

from unionhall.foundation.errors import Refused

from .area import Area, opens_within_bounds

__all__ = ["Kind", "inspect"]

Kind = Literal["xlsx", "xls", "csv"]

ZIP, OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_OTHERS = {
    b"%PDF": "PDF 文件", b"\x89PNG": "图片", b"\xff\xd8\xff": "图片", b"GIF8": "图片", b"Rar!": "压缩包",
    b"7z\xbc\xaf": "压缩包", b"\x1f\x8b": "压缩包", b"{\\rtf": "文档",
}  # fmt: skip
_MAX_ENTRIES = 5_000
#: An honest sheet compresses ten- to forty-fold; below this size the ratio says nothing.
_MAX_RATIO, _RATIO_FROM = 150, 20 * 1024 * 1024
_MAX_UNPACKED = 3 * 1024**3
_CHUNK = 1 << 20
_SAVE_AS = "请用 Excel 或 WPS 打开后“另存为”xlsx 再上传。"


def inspect(path: Path, name: str) -> Kind:
    """The kind of roster file, or Refused with the reason. Looks at content, not only at the name."""
    size = path.stat().st_size
    if size == 0:
        raise Refused("文件是空的。请重新选择文件。", "file")
    if size > settings.INTAKE_MAX_BYTES:
        limit = settings.INTAKE_MAX_BYTES // (1024 * 1024)
        raise Refused(f"文件超过 {limit} MB。请按工会或部门拆成几份上传。", "file")
    suffix = Path(name).suffix.lower().lstrip(".")
    if suffix in ("xlsm", "xltm", "xlsb", "xlam"):
        raise Refused("这是可以带宏的 Excel 文件，为安全起见不接收。请另存为 xlsx 再上传。", "file")
    if suffix not in ("xlsx", "xls", "csv", "txt"):
        shown = f".{suffix}" if suffix else "没有扩展名的文件"
        raise Refused(f"不接收 {shown}。名册请用 Excel（xlsx、xls）或 CSV 文件。", "file")
    with path.open("rb") as opened:
        head = opened.read(4096)
    if suffix == "xlsx":
        _check_xlsx(path, head)
        return "xlsx"
    if suffix == "xls":
        _check_xls(path, head)
        return "xls"
    _check_text(head, suffix)
    return "csv"


def _check_xlsx(path: Path, head: bytes) -> None:
    if head.startswith(OLE):
        if _holds(path, "EncryptedPackage".encode("utf-16-le")):
            raise Refused("文件设了打开密码。请取消密码后再上传。", "file")
        raise Refused(f"文件扩展名是 xlsx，内容却是旧版 xls。{_SAVE_AS}", "file")
    if not head.startswith(ZIP):
        raise Refused(f"文件扩展名是 xlsx，内容却不是 Excel 文件{_looks_like(head)}。{_SAVE_AS}", "file")
    try:
        with zipfile.ZipFile(path) as archive:
            _check_archive(path, archive)
    except (zipfile.BadZipFile, zlib.error, OSError, ValueError) as broken:
        raise Refused("文件已损坏，打不开。请重新导出或另存后再上传。", "file") from broken


def _check_archive(path: Path, archive: zipfile.ZipFile) -> None:
    entries = archive.infolist()
    names = {entry.filename for entry in entries}
    if any(entry.flag_bits & 1 for entry in entries):
        raise Refused("文件是加密的。请取消密码后再上传。", "file")
    if any(name.lower().endswith("vbaproject.bin") for name in names):
        raise Refused("文件里带有宏，为安全起见不接收。请另存为不带宏的 xlsx 再上传。", "file")
    bomb = Refused("文件解压后大得不合常理，可能是恶意文件，没有接收。请另存为新的 xlsx 再上传。", "file")
    unpacked = sum(entry.file_size for entry in entries)
    packed = max(1, sum(entry.compress_size for entry in entries))
    if len(entries) > _MAX_ENTRIES or unpacked > _MAX_UNPACKED:
        raise bomb
    if unpacked > _RATIO_FROM and unpacked / packed > _MAX_RATIO:
        raise bomb
    if "xl/workbook.xml" not in names:
        raise Refused("这个压缩文件不是 Excel 表格。请上传 xlsx、xls 或 CSV 名册。", "file")
    if b"macroEnabled" in archive.read("[Content_Types].xml")[:_CHUNK]:
        raise Refused("文件里带有宏，为安全起见不接收。请另存为不带宏的 xlsx 再上传。", "file")
    with path.open("rb") as raw:
        for entry in entries:
            if not _honest(raw, entry):
                raise bomb


def _honest(raw: BinaryIO, entry: zipfile.ZipInfo) -> bool:
    """Whether the entry unpacks to the size it states, and a sheet's cells span an area that fits in memory."""
    raw.seek(entry.header_offset)
    header = raw.read(30)
    raw.seek(int.from_bytes(header[26:28], "little") + int.from_bytes(header[28:30], "little"), 1)
    if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        return False
    inflate = zlib.decompressobj(-15) if entry.compress_type == zipfile.ZIP_DEFLATED else None
    left, seen, area = entry.compress_size, 0, Area()
    while left > 0 and (piece := raw.read(min(_CHUNK, left))):
        left -= len(piece)
        while piece:
            plain = inflate.decompress(piece, _CHUNK) if inflate else piece
            piece = inflate.unconsumed_tail if inflate else b""
            seen += len(plain)
            if seen > entry.file_size or not area.holds(plain):
                return False
    return True


def _check_xls(path: Path, head: bytes) -> None:
    if head.startswith(ZIP):
        raise Refused("文件扩展名是 xls，内容却是新版 Excel。请把扩展名改为 xlsx 再上传。", "file")
    if not head.startswith(OLE):
        raise Refused(f"文件扩展名是 xls，内容却不是 Excel 表格{_looks_like(head)}。{_SAVE_AS}", "file")
    if _holds(path, "EncryptedPackage".encode("utf-16-le")):
        raise Refused("文件设了打开密码。请取消密码后再上传。", "file")
    if _holds(path, "_VBA_PROJECT".encode("utf-16-le")):
        raise Refused("文件里带有宏，为安全起见不接收。请另存为不带宏的 xlsx 再上传。", "file")
    if not opens_within_bounds(path):
        raise Refused(f"文件已损坏，或大得不合常理，没有接收。{_SAVE_AS}", "file")


def _check_text(head: bytes, suffix: str) -> None:
    if head.startswith((ZIP, OLE)):
        raise Refused(
            f"文件扩展名是 {suffix}，内容却是 Excel 文件。请把扩展名改为 xlsx 或 xls 再上传。", "file"
        )
    if any(head.startswith(magic) for magic in _OTHERS):
        raise Refused(f"文件扩展名是 {suffix}，内容却不是文本表格{_looks_like(head)}。", "file")
    if b"\0" in head and not head.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise Refused(f"文件扩展名是 {suffix}，内容却不是文本表格。{_SAVE_AS}", "file")


def _looks_like(head: bytes) -> str:
    for magic, name in _OTHERS.items():
        if head.startswith(magic):
            return f"（像是{name}）"
    return "（像是网页）" if head.lstrip()[:1] == b"<" else ""


def _holds(path: Path, mark: bytes) -> bool:
    """Whether the bytes occur anywhere, without holding the file in memory."""
    tail = b""
    with path.open("rb") as opened:
        while piece := opened.read(_CHUNK):
            if mark in tail + piece:
                return True
            tail = piece[-len(mark) :]
    return False
