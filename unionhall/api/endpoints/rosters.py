"""rosters:write — a roster as a job: sent, checked, looked at, committed, undone; each step once per request key."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

from django.conf import settings
from django.core.files.uploadedfile import TemporaryUploadedFile
from django.http import Http404, HttpResponse, HttpResponseBase
from django.urls import reverse
from ninja import File, Form, Header, Query, Router, Schema, UploadedFile
from ninja import Path as Place
from pydantic import AfterValidator, ConfigDict, Field, WithJsonSchema

from unionhall.foundation.errors import Refused
from unionhall.foundation.views import stream
from unionhall.kit.media import XLSX
from unionhall.members.intake import actions
from unionhall.members.intake.mappings import mappings
from unionhall.members.models import RosterBatch, RosterRow
from unionhall.organisations.models import Organisation
from unionhall.records import attachments
from unionhall.records.actions import journal

from ..authentication import JSON, MULTIPART, Bearer, Call
from ..fields import MOST_ID, Code, Purpose
from ..idempotency import Done, once
from ..models import RosterUpload
from ..problems import Problem
from ..scopes import Scope
from . import answers

router = Router(tags=["会员名册"])
WRITE = "members.intake"
GATE = Bearer(Scope.ROSTERS_WRITE)
#: The multipart frame around the file.
_FRAME = 64 * 1024

Number = Annotated[int, Place(ge=1, le=MOST_ID, description="批次编号")]
Key = Annotated[
    str, Header(
        alias="Idempotency-Key", min_length=8, max_length=80, pattern=r"^[A-Za-z0-9_.:-]+$",
        description="请求键：每次新的操作用一个新值（例如 UUID）；没收到答复就用同一个值重发，不会重复办理",
    ),
]  # fmt: skip


def _known_mapping(name: str) -> str:
    if name and name not in mappings():
        raise ValueError("没有这种代码对照。")
    return name


Mapping = Annotated[
    str, AfterValidator(_known_mapping), WithJsonSchema({"type": "string", "enum": ["", *mappings()], "default": ""})
]  # fmt: skip


class RosterForm(Schema):
    """The fields beside the file."""

    organisation: Code = Field(description="没有写“所在工会”的行，登记到这个工会")
    mapping: Mapping = Field("", description="来源系统的代码对照；一般不填，自动判断")


class RosterOut(Schema):
    """Where a batch stands. `working`: a job is at it; ask again in a few seconds."""

    id: int
    organisation: str = Field(description="组织代码")
    state: str = Field(
        description="uploaded 等待核对，checking 核对中，ready 待确认，refused 整份退回，committing 入库中，"
        "committed 已入库，undoing 撤销中，undone 已撤销，discarded 已放弃"
    )
    state_label: str
    working: bool
    message: str
    rows: int
    counts: dict[str, int] = Field(
        description="各类行数：new 新增，changed 有变化，same 无变化，duplicate 文件内重复，transfer 需转接，error 有误"
    )
    received_at: datetime
    checked_at: datetime | None
    committed_at: datetime | None
    undone_at: datetime | None


class FaultOut(Schema):
    """One mistake in the file."""

    row: int = Field(description="文件中的行号")
    column: str
    message: str


class FaultPage(Schema):
    items: list[FaultOut]
    next_after: int | None = Field(description="下一页的 after；没有下一页时为空")


class FaultsWanted(Schema):
    after: int = Field(0, ge=0, le=2**31 - 1, description="从这一行之后开始")
    limit: int = Field(200, ge=1, le=1000, description="最多多少行")


class UndoQuestion(Schema):
    model_config = ConfigDict(extra="forbid")
    reason: Purpose = Field(description="撤销原因，记入日志")


@router.post(
    "", auth=Bearer(Scope.ROSTERS_WRITE, takes=MULTIPART, most=settings.INTAKE_MAX_BYTES + _FRAME),
    operation_id="send_roster", response=answers({202: RosterOut}, 413, 415), summary="报送名册",
)  # fmt: skip
def send_roster(request: Call, key: Key, form: Form[RosterForm], file: File[UploadedFile]) -> HttpResponse:
    """xlsx、xls 或 CSV，列的次序不限。答 202：后台核对，按 Location 查看进度；核对完不会自动入库。"""
    client = request.auth
    name = (file.name or "").replace("\0", "")

    def act() -> Done:
        unions = Organisation.objects.visible_to(request.access, to=WRITE).active()
        union = unions.filter(code=form.organisation).first()
        if union is None:
            fault = {"pointer": "/organisation", "detail": "没有这个工会，或不在这个接入方的数据范围内。"}
            raise Problem("invalid", errors=[fault])
        path = _path_of(file)
        try:
            batch = actions.receive(
                request.actor,
                organisation=union,
                path=path,
                name=name,
                mapping=form.mapping,
            )
        except Refused as refusal:
            # Whatever a file is refused for, it is the file that has to be mended.
            fault = {"pointer": f"/{refusal.field or 'file'}", "detail": str(refusal)}
            raise Problem("invalid", errors=[fault]) from None
        RosterUpload.objects.create(client=client, batch=batch)
        return Done(202, shown(batch), reverse("api:get_roster", args=[batch.pk]))

    return once(request, key, [form.organisation, form.mapping, name, file], act)


@router.get(
    "/{number}",
    auth=GATE,
    operation_id="get_roster",
    response=answers({200: RosterOut}, 404),
    summary="批次进度",
)
def get_roster(request: Call, number: Number) -> Any:
    """核对、入库、撤销进行到哪里。只能查看本接入方报送的批次。"""
    return shown(_batch(request, number))


@router.get(
    "/{number}/errors", auth=GATE, operation_id="roster_errors", response=answers({200: FaultPage}, 404),
    summary="错误清单",
)  # fmt: skip
def roster_errors(request: Call, number: Number, wanted: Query[FaultsWanted]) -> Any:
    """退回的行：行号、列名、怎么改。按行分页。"""
    batch = _batch(request, number)
    rows = RosterRow.objects.visible_to(request.access, to=WRITE).filter(
        batch=batch,
        outcome__in=[RosterRow.Outcome.ERROR, RosterRow.Outcome.DUPLICATE],
        number__gt=wanted.after,
    )
    found = list(rows.order_by("number").values_list("number", "errors")[: wanted.limit + 1])
    told = [
        {"row": row, "column": fault["column"], "message": fault["message"]}
        for row, faults in found[: wanted.limit]
        for fault in faults
    ]
    return {"items": told, "next_after": found[wanted.limit - 1][0] if len(found) > wanted.limit else None}


@router.get(
    "/{number}/errors.xlsx", auth=GATE, operation_id="roster_error_file",
    response=answers({200: None}, 404), summary="错误文件",
    openapi_extra={
        "responses": {200: {"content": {XLSX: {"schema": {"type": "string", "format": "binary"}}}}}
    },
)  # fmt: skip
def roster_error_file(request: Call, number: Number) -> HttpResponseBase:
    """原来的列加“错误说明”，有误的格子标红。文件含完整号码，每次下载记入日志；没有错误时答 404。"""
    batch = _batch(request, number)
    if batch.error_file is None:
        raise Http404
    journal(request.actor, "members.intake_errors", subject=batch, paths=batch.paths)
    return stream(attachments.chunks(batch.error_file), batch.error_file.name)


@router.post(
    "/{number}/commit", auth=GATE, operation_id="commit_roster",
    response=answers({202: RosterOut}, 404, 409), summary="确认入库",
)  # fmt: skip
def commit_roster(request: Call, number: Number, key: Key) -> HttpResponse:
    """新增和有变化的行写入名册，全部写入或一行都不写。状态为 ready 时才可以，否则答 409。"""

    def act() -> Done:
        batch = actions.ask_commit(request.actor, batch=_batch(request, number))
        return Done(202, shown(batch), reverse("api:get_roster", args=[batch.pk]))

    return once(request, key, [], act)


@router.post(
    "/{number}/undo", auth=Bearer(Scope.ROSTERS_WRITE, takes=JSON), operation_id="undo_roster",
    response=answers({202: RosterOut}, 404, 409, 413, 415), summary="撤销整批",
)  # fmt: skip
def undo_roster(request: Call, number: Number, key: Key, body: UndoQuestion) -> HttpResponse:
    """收回本批新增的会籍和会员卡，更新过的资料恢复原值；入库后又办过业务的人予以保留。30 天内可以撤销。"""

    def act() -> Done:
        batch = actions.ask_undo(request.actor, batch=_batch(request, number), reason=body.reason)
        return Done(202, shown(batch), reverse("api:get_roster", args=[batch.pk]))

    return once(request, key, [body.reason], act)


def _batch(request: Call, number: int) -> RosterBatch:
    """A batch that this very client sent, still in its part of the tree; all others are 404."""
    client = request.auth
    own = RosterUpload.objects.everywhere(reason="the client's own rosters").filter(client=client)
    rows = RosterBatch.objects.visible_to(request.access, to=WRITE)
    found = (
        rows.filter(pk=number, pk__in=own.values("batch"))
        .select_related("organisation", "error_file")
        .first()
    )
    if found is None:
        raise Http404
    return found


def _path_of(file: UploadedFile) -> Path:
    """Uploads are written to disk by the upload handler (settings)."""
    assert isinstance(file, TemporaryUploadedFile)
    return Path(file.temporary_file_path())


def shown(batch: RosterBatch) -> RosterOut:
    """A batch as it is told."""
    stopped = batch.state == RosterBatch.State.UPLOADED and bool(batch.message)
    return RosterOut(
        id=batch.pk,
        organisation=batch.organisation.code,
        state=batch.state,
        state_label=batch.get_state_display(),
        working=batch.is_moving and not stopped,
        message=batch.message,
        rows=batch.rows,
        counts={name: int(count) for name, count in batch.counts.items()},
        received_at=batch.created_at,
        checked_at=batch.checked_at,
        committed_at=batch.committed_at,
        undone_at=batch.undone_at,
    )
