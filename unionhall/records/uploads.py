"""What people may upload beside rosters: a PDF or a picture, checked by content, never by its word.

Pictures are written anew without places, names and thumbnails (`kit.pictures`). A PDF keeps its bytes: one
that openly names active content is refused; what compressed streams hide is met by the download in a sandbox.
"""

import re
from dataclasses import dataclass
from io import BytesIO
from pathlib import PurePosixPath
from typing import Any, BinaryIO

from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile

from unionhall.foundation.errors import Refused
from unionhall.kit.pictures import NotAPicture, rewrite

from . import scanning

LIMIT = 10 * 1024 * 1024
KINDS = {".pdf": "application/pdf", ".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".png": "image/png"}
_OPENINGS = {
    "application/pdf": b"%PDF-", "image/jpeg": b"\xff\xd8\xff", "image/png": b"\x89PNG\r\n\x1a\n"
}  # fmt: skip
#: Names (ISO 32000-2) of what a document does by itself. `#4a` writes a letter of a name as its code.
_ACTIVE = re.compile(
    rb"/(JavaScript|JS|Launch|EmbeddedFiles?|RichMedia|SubmitForm|ImportData|GoToE|AA|XFA)(?![A-Za-z0-9])"
)
_ESCAPED = re.compile(rb"#([0-9A-Fa-f]{2})")
#: Path marks, control characters, and marks that turn the direction of text (`exe.fdp` reads as `pdf.exe`).
_UNFIT = re.compile(r'[\x00-\x1f\x7f-\x9f<>:"/\\|?*\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]+')
NAME_LENGTH = 80


@dataclass(frozen=True)
class Upload:
    """A file that may be kept: what it is by its content, a harmless name, its bytes."""

    name: str
    content_type: str
    size: int
    content: BinaryIO


def cleaned(file: UploadedFile[Any] | None) -> Upload | None:
    """For a form's `clean_…`: the same as `take`, said as a form says it; nothing for nothing."""
    try:
        return take(file, "") if file else None
    except Refused as refusal:
        raise ValidationError(str(refusal)) from None


def take(file: UploadedFile[Any], field: str) -> Upload:
    """Check an uploaded document. Raises Refused, in words that say what to do."""
    name = safe_name(file.name or "")
    kind = KINDS.get(PurePosixPath(name).suffix.lower())
    if kind is None:
        raise Refused("请上传 PDF、JPG 或 PNG 文件。", field)
    if not file.size:
        raise Refused("文件是空的，请重新选择。", field)
    if file.size > LIMIT:
        raise Refused("文件超过 10 MB，请压缩或拆分后上传。", field)
    content = file.read()
    file.seek(0)
    if not content.startswith(_OPENINGS[kind]):
        raise Refused("文件内容与扩展名不符，请重新导出或拍照后上传。", field)
    if kind == "application/pdf":
        _require_plain(content, field)
    else:
        try:
            content = rewrite(content)
        except NotAPicture:
            raise Refused("这张图片已损坏或格式不常见，请重新拍照或另存为 JPG、PNG 后上传。", field) from None
    scanning.require_clean(content, field)
    return Upload(name, kind, len(content), BytesIO(content))


def _require_plain(content: bytes, field: str) -> None:
    if b"%%EOF" not in content[-2048:]:
        raise Refused("PDF 文件不完整，请重新导出后上传。", field)
    plain = _ESCAPED.sub(lambda found: bytes([int(found[1], 16)]), content)
    if _ACTIVE.search(plain):
        raise Refused("PDF 里有脚本、附件或会自动执行的内容，没有接收。请重新打印成普通 PDF 后上传。", field)


def safe_name(name: str) -> str:
    """The last part of a name without path, control or direction marks; the extension stays."""
    last = re.split(r"[/\\]", name)[-1]
    path = PurePosixPath(_UNFIT.sub("_", last).strip(" .") or "文件")
    suffix = path.suffix if len(path.suffix) <= 6 else ""
    return f"{path.name.removesuffix(suffix)[: NAME_LENGTH - len(suffix)]}{suffix}"
