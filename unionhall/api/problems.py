"""What goes wrong is said as problem+json (RFC 9457): a type for the program, plain Chinese for whoever reads it."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Schema
from pydantic import Field

MEDIA_TYPE = "application/problem+json"
BASE = "urn:unionhall:problem:"


@dataclass(frozen=True)
class Kind:
    """One type of problem: its status, its title, and what is said when nothing better is known."""

    status: int
    title: str
    detail: str


KINDS = {
    "bad-request": Kind(400, "请求不正确", "服务器读不懂这个请求。请对照接口文档检查网址、请求头和请求体。"),
    "unauthorised": Kind(
        401, "令牌无效", "请在请求头写 Authorization: Bearer <令牌>。令牌可能写错、已更换、已过期或已停用。"
    ),
    "scope-missing": Kind(403, "没有这个接口的权限", "这个接入方没有开通此接口，请联系开通接入方的工会。"),
    "not-found": Kind(404, "没有找到", "没有这个内容，或不在这个接入方的数据范围内。"),
    "method-not-allowed": Kind(405, "不支持这种请求方法", "请对照接口文档使用正确的请求方法。"),
    "conflict": Kind(409, "现在不能这样做", "对象目前的状态不允许这个操作。"),
    "too-large": Kind(413, "内容太大", "请求体超过上限。"),
    "unsupported-media-type": Kind(415, "请求体格式不对", "请按接口文档设置 Content-Type。"),
    "invalid": Kind(422, "内容有误", "请按 errors 里的提示逐项改正后重新提交。"),
    "rate-limited": Kind(429, "调用太频繁", "请等到 Retry-After 所说的秒数之后再试。"),
    "server-error": Kind(500, "服务器出错", "服务器出现意外错误。请稍后重试；再次出现时请告知追踪号。"),
    "unavailable": Kind(503, "暂时不可用", "服务正在维护或数据库暂时不可用，请稍后重试。"),
}
_BY_STATUS = {kind.status: slug for slug, kind in KINDS.items()}


class FieldFault(Schema):
    """One mistake: where (a JSON pointer into the body, or the name of a parameter) and what to do."""

    pointer: str | None = Field(None, description="请求体里的位置（JSON Pointer）")
    parameter: str | None = Field(None, description="网址或请求头里的参数名")
    detail: str


class ProblemOut(Schema):
    """RFC 9457."""

    type: str = Field(description="问题类型，供程序判断")
    title: str
    status: int
    detail: str
    trace: str = Field(description="追踪号，与响应头 X-Request-ID 相同")
    errors: list[FieldFault] = Field(default_factory=list)


@dataclass
class Problem(Exception):
    """Raise it anywhere below an operation; `kind` is a key of KINDS."""

    kind: str
    detail: str = ""
    errors: list[dict[str, str]] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.kind} {self.detail}"


def kind_of(status: int) -> str:
    """The type for a status that somebody else decided (the framework, the server)."""
    return _BY_STATUS.get(status, "server-error" if status >= 500 else "bad-request")


def answer(request: HttpRequest, problem: Problem, status: int | None = None) -> HttpResponse:
    """The problem as a response. `status` overrules the kind's own (a framework's 400 stays a 400)."""
    kind = KINDS[problem.kind]
    code = status or kind.status
    trace = getattr(request, "trace", "")
    said: dict[str, Any] = {
        "type": BASE + problem.kind,
        "title": kind.title,
        "status": code,
        "detail": problem.detail or kind.detail,
        "trace": trace,
    }
    if problem.errors:
        said["errors"] = [{"pointer": None, "parameter": None} | fault for fault in problem.errors]
    response = HttpResponse(
        json.dumps(said, ensure_ascii=False), status=code, content_type=MEDIA_TYPE,
        reason=HTTPStatus(code).phrase if code in HTTPStatus._value2member_map_ else None,
    )  # fmt: skip
    for name, value in problem.headers.items():
        response[name] = value
    return response
