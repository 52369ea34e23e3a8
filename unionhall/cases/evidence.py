"""What people may add to a case: documents and pictures as everywhere, and sound and office files besides."""

from __future__ import annotations

from io import BytesIO
from pathlib import PurePosixPath
from typing import Any

from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile

from unionhall.foundation.errors import Refused
from unionhall.records import scanning, uploads
from unionhall.records.uploads import LIMIT, Upload, safe_name

from . import office

_OOXML = "application/vnd.openxmlformats-officedocument."
SOUND = {".mp3": "audio/mpeg", ".m4a": "audio/mp4", ".wav": "audio/wav", ".amr": "audio/amr"}
OFFICE = {
    ".docx": f"{_OOXML}wordprocessingml.document",
    ".xlsx": f"{_OOXML}spreadsheetml.sheet",
    ".pptx": f"{_OOXML}presentationml.presentation",
}
_PARTS = {".docx": "word/document.xml", ".xlsx": "xl/workbook.xml", ".pptx": "ppt/presentation.xml"}
ACCEPT = ",".join([*uploads.KINDS, *SOUND, *OFFICE])
HINT = "照片、录音、PDF、Word、Excel，每个不超过 10 MB"


def cleaned(file: UploadedFile[Any] | None) -> Upload | None:
    """For a form's `clean_…`: nothing for nothing, a refusal as the form says it."""
    try:
        return take(file, "") if file else None
    except Refused as refusal:
        raise ValidationError(str(refusal)) from None


def take(file: UploadedFile[Any], field: str = "file") -> Upload:
    """Check an upload by its content. Raises Refused in words that say what to do."""
    name = safe_name(file.name or "")
    suffix = PurePosixPath(name).suffix.lower()
    if suffix in uploads.KINDS:
        return uploads.take(file, field)
    kind = SOUND.get(suffix) or OFFICE.get(suffix)
    if kind is None:
        raise Refused(
            "请上传照片（JPG、PNG）、录音（MP3、M4A、WAV、AMR）、PDF，或 docx、xlsx 文件。",
            field,
        )
    if not file.size:
        raise Refused("文件是空的，请重新选择。", field)
    if file.size > LIMIT:
        raise Refused("文件超过 10 MB，请压缩或拆分后上传。", field)
    content = file.read()
    file.seek(0)
    if suffix in OFFICE:
        _require_plain_office(content, suffix, field)
    elif not _is_sound(content, suffix):
        raise Refused("文件内容与扩展名不符，请重新录音或另存后上传。", field)
    scanning.require_clean(content, field)
    return Upload(name, kind, len(content), BytesIO(content))


def _is_sound(content: bytes, suffix: str) -> bool:
    if suffix == ".mp3":
        return content[:3] == b"ID3" or (content[:1] == b"\xff" and content[1:2] > b"\xdf")
    if suffix == ".m4a":
        return content[4:8] == b"ftyp"
    if suffix == ".wav":
        return content[:4] == b"RIFF" and content[8:12] == b"WAVE"
    return content[:5] == b"#!AMR"


def _require_plain_office(content: bytes, suffix: str, field: str) -> None:
    """A package of its kind without macros, embedded objects or what it would fetch from outside."""
    try:
        found = office.contents(content)
    except office.Broken:
        raise Refused("文件已损坏，或者不是 docx、xlsx 格式。请另存后上传。", field) from None
    if _PARTS[suffix] not in found.names:
        raise Refused("文件内容与扩展名不符，请另存为 docx 或 xlsx 后上传。", field)
    if found.active:
        raise Refused(
            "文件里有宏、控件或嵌入的对象，没有接收。请删去后另存为不带宏的文件，或者导出为 PDF 后上传。",
            field,
        )
    if found.outside:
        raise Refused(
            "文件链接了外部的模板、图片或数据，没有接收。请断开链接后另存，或者导出为 PDF 后上传。", field
        )
