"""A case as a package for another federation, and back: a zip of one JSON and the papers, sealed with a shared key.

Two federations that work together agree on one key (UNIONHALL_TRANSFER_KEYS, docs/operations.md). What is sealed with
it only the other can open, and can have come from nobody else: each chunk carries an HMAC-SM3 under that key. Names
of both, and the purpose, are signed too, so that a package neither turns round nor goes on to a third.
"""

from __future__ import annotations

import json
import tempfile
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from io import BytesIO
from typing import IO, Any, BinaryIO, cast

from django.conf import settings
from django.db import models
from django.db.models import OneToOneField

from unionhall.foundation.errors import Refused
from unionhall.foundation.uploads import folder
from unionhall.kit import sm
from unionhall.records import attachments, uploads

from . import evidence, kinds
from .models import Case
from .package_facts import VERSION, Facts, FileFacts, checked
from .versions import state_label

__all__ = [
    "VERSION",
    "Paper",
    "as_stream",
    "carried_fields",
    "facts_of",
    "open_sealed",
    "own_model",
    "own_row",
    "partners",
    "portable",
    "read",
    "seal",
    "write",
]
ENTRY = "case.json"
#: What reading an archive raises that is none, or damaged, or packed in a way that we do not read.
_NO_ARCHIVE = (zipfile.BadZipFile, zlib.error, KeyError, ValueError, RuntimeError, EOFError, OSError)
#: Largest package, and largest case.json, in bytes.
LARGEST, LARGEST_FACTS = 600 * 1024 * 1024, 8 * 1024 * 1024
IN_MEMORY = 4 * 1024 * 1024
CASE, RECEIPT = "case", "receipt"
#: Fields of a kind's own row that only the other federation can fill.
LOCAL = frozenset(
    {"rating", "rating_words", "rated_at", "first_rating", "called_at", "answered_at", "extended_at"}
)


@dataclass(frozen=True)
class Paper:
    """A file of the case on its way."""

    name: str
    label: str
    content_type: str
    content: bytes


def partners() -> list[str]:
    """Federations with which a key is shared."""
    return sorted(settings.TRANSFER_KEYS)


def _key(federation: str) -> sm.SealKey:
    try:
        return sm.SealKey.from_master(1, bytes.fromhex(settings.TRANSFER_KEYS[federation]))
    except (KeyError, ValueError):
        raise Refused("与这个联合会还没有约定移送密钥，请联系运维人员配置。", field="federation") from None


def _scratch() -> IO[bytes]:
    """Plain content never lies outside the federation's private folder."""
    return cast(IO[bytes], tempfile.SpooledTemporaryFile(max_size=IN_MEMORY, dir=str(folder())))


def seal(plain: BinaryIO, *, federation: str, purpose: str) -> IO[bytes]:
    """For that federation. The caller closes what it gets."""
    plain.seek(0)
    sink = _scratch()
    sm.seal_stream(
        _key(federation), plain, cast(BinaryIO, sink), _aad(purpose, settings.FEDERATION, federation)
    )
    sink.seek(0)
    return sink


def open_sealed(sealed: BinaryIO, *, federation: str, purpose: str) -> IO[bytes]:
    """From that federation, for this one. Refused when it is not: altered, of others, for others, another purpose."""
    sink, total, key = _scratch(), 0, _key(federation)
    try:
        for piece in sm.open_chunks({1: key}, sealed, _aad(purpose, federation, settings.FEDERATION)):
            total += len(piece)
            if total > LARGEST:
                raise Refused("移送包太大，请对方拆分材料后重新生成。", field="file")
            sink.write(piece)
    except sm.SealBroken:
        raise Refused(
            "这个文件打不开：不是该联合会发给本会的移送文件，或传送中损坏。请核对来源后重新索取。",
            field="file",
        ) from None
    sink.seek(0)
    return sink


def _aad(purpose: str, sender: str, receiver: str) -> bytes:
    return f"unionhall.cases.transfer:{VERSION}:{purpose}:{sender}:{receiver}".encode()


# The case ------------------------------------------------------------------------------------------------------------


def own_row(case: Case) -> models.Model | None:
    """What only the case's kind knows: its one-to-one row."""
    for relation in Case._meta.related_objects:
        if relation.one_to_one and relation.related_name == case.kind:
            return cast("models.Model | None", getattr(case, relation.related_name, None))
    return None


def own_model(kind: str) -> type[models.Model] | None:
    for relation in Case._meta.related_objects:
        if relation.one_to_one and relation.related_name == kind:
            return relation.related_model
    return None


def portable(kind: str) -> bool:
    """Whether a case of the kind can be opened elsewhere: nothing in its own row points at what is only here."""
    if kind not in {one.code for one in kinds.all_kinds()}:
        return False
    model = own_model(kind)
    return model is None or not any(_needs_others(one) for one in model._meta.concrete_fields)


def _needs_others(one: Any) -> bool:
    return bool(one.is_relation and not isinstance(one, OneToOneField) and not one.null)


def carried_fields(model: type[models.Model]) -> list[Any]:
    """Plain fields: no keys, nothing sealed, nothing that only the other side decides."""
    return [
        one
        for one in model._meta.concrete_fields
        if not one.primary_key
        and not one.is_relation
        and one.name not in LOCAL
        and one.get_internal_type() != "BinaryField"
    ]


def facts_of(case: Case) -> dict[str, Any]:
    """Everything about the case, with numbers in clear: it leaves only sealed."""
    row = own_row(case)
    employer, person = case.employer, case.person
    return {
        "number": case.number, "kind": case.kind, "kind_title": kinds.kind(case.kind).title, "title": case.title,
        "grade": case.grade, "state": state_label(case), "state_code": case.state, "channel": case.channel,
        "cause": case.cause,
        "division": case.division, "headcount": case.headcount, "is_anonymous": case.is_anonymous,
        "amount": None if case.amount is None else str(case.amount),
        "occurred_on": _day(case.occurred_on), "opened_at": case.opened_at.isoformat(),
        "filed_by": case.filed_by, "contact": case.contact.reveal() if case.contact else "",
        "organisation": case.organisation.name,
        "employer": None if employer is None else {
            "name": employer.name, "uscc": employer.uscc or "", "division": employer.division,
        },
        "person": None if person is None or case.is_anonymous else {
            "name": person.name, "id_type": person.id_type, "id_number": person.id_number.reveal(),
        },
        "own": {} if row is None else _plain(row),
        "texts": [
            {"role": one.role, "body": one.original.reveal() if one.original else one.body, "shown": one.shown,
             "actor": one.actor_name, "at": one.at.isoformat()} for one in case.texts.all()
        ],
        "parties": [
            {"side": one.side, "name": one.name, "id_number": one.id_number.reveal() if one.id_number else "",
             "phone": one.phone.reveal() if one.phone else "",
             "amount": None if one.amount is None else str(one.amount)} for one in case.parties.all()
        ],
        "events": [
            {"label": one.label, "actor": one.actor_name, "opinion": one.opinion, "at": one.at.isoformat()}
            for one in case.events.all()
        ],
        "clocks": [
            {"label": one.label, "due_at": one.due_at.isoformat(), "state": one.get_state_display()}
            for one in case.clocks.all()
        ],
    }  # fmt: skip


def _plain(row: models.Model) -> dict[str, Any]:
    """Values by field, each as its field reads it again (`to_python`)."""
    given = [one for one in carried_fields(type(row)) if getattr(row, one.attname) is not None]
    json_ones = [one for one in given if isinstance(one, models.JSONField)]
    return {
        one.name: getattr(row, one.attname) if one in json_ones else one.value_to_string(row) for one in given
    }


def _day(day: Any) -> str | None:
    return None if day is None else f"{day:%Y-%m-%d}"


def write(case: Case, *, key: str, reason: str) -> tuple[IO[bytes], int]:
    """The plain zip and how many papers are in it."""
    facts = facts_of(case) | {"version": VERSION, "key": key, "reason": reason, "sender": settings.FEDERATION}
    sink = _scratch()
    papers = []
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
        for place, one in enumerate(case.files.select_related("attachment").order_by("pk")):
            with archive.open(f"files/{place}", "w") as entry:
                for piece in attachments.chunks(one.attachment):
                    entry.write(piece)
            papers.append(
                {"name": one.attachment.name, "label": one.label, "content_type": one.attachment.content_type}
            )
        archive.writestr(ENTRY, json.dumps(facts | {"files": papers}, ensure_ascii=False))
    return sink, len(papers)


def read(plain: IO[bytes]) -> tuple[Facts, Iterator[Paper]]:
    """The facts and the papers, one after the other. Refused for what is no package of ours."""
    try:
        archive = zipfile.ZipFile(plain)
        if archive.getinfo(ENTRY).file_size > LARGEST_FACTS:
            raise ValueError("too large")
        raw = archive.read(ENTRY)
    except _NO_ARCHIVE as wrong:
        raise Refused("移送包的格式不对，请对方用同一版本的平台重新生成。", field="file") from wrong
    facts = checked(raw, Facts)
    return facts, _papers(archive, facts.files)


def _papers(archive: zipfile.ZipFile, listed: Iterable[FileFacts]) -> Iterator[Paper]:
    for place, one in enumerate(listed):
        try:
            if archive.getinfo(f"files/{place}").file_size > 64 * 1024 * 1024:
                raise Refused("移送包里有过大的材料，请对方拆分后重新生成。", field="file")
            content = archive.read(f"files/{place}")
        except _NO_ARCHIVE as wrong:
            raise Refused("移送包里缺少材料，或者材料已经损坏，请对方重新生成。", field="file") from wrong
        yield Paper(one.name, one.label, _kind_of(one.content_type), content)


def _kind_of(told: str) -> str:
    """What cases keep is kept as that; anything else only to be saved, never shown."""
    known = {*uploads.KINDS.values(), *evidence.SOUND.values(), *evidence.OFFICE.values()}
    return told if told in known else "application/octet-stream"


def as_stream(content: bytes) -> BinaryIO:
    return BytesIO(content)
