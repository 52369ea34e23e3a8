"""The NinjaAPI at /api/v1/: its errors, its parser, and the OpenAPI document."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from django.core.exceptions import BadRequest, RequestDataTooBig, SuspiciousOperation
from django.http import Http404, HttpRequest, HttpResponse, UnreadablePostError
from django.http.multipartparser import MultiPartParserError
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError
from ninja.openapi.schema import OpenAPISchema
from ninja.parser import Parser
from ninja.renderers import JSONRenderer

from unionhall.foundation.actors import NotAllowed
from unionhall.foundation.errors import Refused

from . import problems, wording
from .authentication import Bearer
from .problems import Problem

VERSION = "1.0"


class PlainRenderer(JSONRenderer):
    """Chinese as Chinese; numbers that JSON does not know are a fault of ours."""

    json_dumps_params = {"ensure_ascii": False, "allow_nan": False}


class StrictParser(Parser):
    """JSON in UTF-8 without what no text column takes: zero bytes, lone surrogates, NaN."""

    def parse_body(self, request: HttpRequest) -> Any:
        try:
            found = json.loads(request.body.decode(), parse_constant=_refuse_constant)
        except (ValueError, RecursionError) as mistake:
            raise Problem("bad-request", "请求体不是正确的 JSON（UTF-8）。") from mistake
        if not all(map(_is_text, _strings(found))):
            raise Problem("bad-request", "请求体的文字里有不能使用的字符。")
        return found


def _refuse_constant(name: str) -> Any:
    raise ValueError(name)


def _strings(value: Any) -> Iterable[str]:
    waiting = [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, str):
            yield one
        elif isinstance(one, list):
            waiting += one
        elif isinstance(one, dict):
            waiting += [*one, *one.values()]


def _is_text(text: str) -> bool:
    return "\0" not in text and not any("\ud800" <= character <= "\udfff" for character in text)


class Application(NinjaAPI):
    """Problems are declared as application/problem+json; each operation says which scope it asks for."""

    _schema: OpenAPISchema | None = None

    def get_openapi_schema(self, **where: Any) -> OpenAPISchema:
        """Put together once a process: it takes a second, and anyone may ask for it."""
        if self._schema is None:
            self._schema = self._complete(**where)
        return self._schema

    def _complete(self, **where: Any) -> OpenAPISchema:
        schema = super().get_openapi_schema(**where)
        for bound in self._get_bound_routers():
            for view in bound.path_operations.values():
                for operation in view.operations:
                    _finish(schema, operation)
        return schema


def _finish(schema: OpenAPISchema, operation: Any) -> None:
    for path in schema["paths"].values():
        for said in path.values():
            if said["operationId"] != operation.operation_id:
                continue
            for parameter in said["parameters"]:
                _plain(parameter["schema"])
            for status, answer in said["responses"].items():
                if int(status) >= 400 and "content" in answer:
                    answer["content"] = {problems.MEDIA_TYPE: next(iter(answer["content"].values()))}
                    answer["description"] = problems.KINDS[problems.kind_of(int(status))].title
                else:
                    answer["description"] = "成功"
            for gate in operation.auth_callbacks:
                if isinstance(gate, Bearer):
                    said["security"] = [{"Bearer": [gate.scope.value]}]


def _plain(schema: dict[str, Any]) -> None:
    """A parameter that may be left out is not one that may be null: an address knows no null."""
    choices = [one for one in schema.pop("anyOf", []) if one != {"type": "null"}]
    for one in choices:
        schema.update(one | {"description": schema.get("description", one.get("description", ""))})


api = Application(
    title="职工之家 UnionHall 接口",
    version=VERSION,
    description="面向银行、平台企业和联动部门的公开接口。说明见 /api/。",
    docs_url=None,
    urls_namespace="api",
    renderer=PlainRenderer(),
    parser=StrictParser(),
    openapi_extra={"info": {"license": {"name": "Apache-2.0", "identifier": "Apache-2.0"}}},
)


def only_declared(run: Any) -> Any:
    """Tell the gate which query parameters the operation knows: a misspelt filter must not pass for none."""
    operation = run.__self__
    models = [one for one in operation.models if one.__ninja_param_source__ == "query"]
    known = frozenset(name for one in models for name in one.__ninja_flatten_map__)

    def checked(request: HttpRequest, **kwargs: Any) -> Any:
        request.known = known  # type: ignore[attr-defined]
        return run(request, **kwargs)

    return checked


api.add_decorator(only_declared, mode="view")


def _told(problem: Problem) -> Any:
    return lambda request, error: problems.answer(request, problem)


@api.exception_handler(Problem)
def _problem(request: HttpRequest, problem: Any) -> HttpResponse:
    return problems.answer(request, problem)


@api.exception_handler(Refused)
def _refused(request: HttpRequest, refusal: Any) -> HttpResponse:
    """A rule of the register says no: beside its field it is invalid, else it is in the way."""
    if refusal.field:
        fault = {"pointer": f"/{refusal.field}", "detail": str(refusal)}
        return problems.answer(request, Problem("invalid", errors=[fault]))
    return problems.answer(request, Problem("conflict", str(refusal)))


@api.exception_handler(ValidationError)
def _invalid(request: HttpRequest, error: Any) -> HttpResponse:
    return problems.answer(request, Problem("invalid", errors=wording.faults(error.errors)))


@api.exception_handler(HttpError)
def _http(request: HttpRequest, error: Any) -> HttpResponse:
    if isinstance(error.__cause__, Problem):  # the parser's own, wrapped by django-ninja
        return problems.answer(request, error.__cause__)
    return problems.answer(request, Problem(problems.kind_of(error.status_code)), error.status_code)


for _missing in (Http404, NotAllowed):
    # Out of scope and absent look the same, whichever gate noticed.
    api.add_exception_handler(_missing, _told(Problem("not-found")))
for _wrong in (MultiPartParserError, UnreadablePostError, SuspiciousOperation, BadRequest):
    api.add_exception_handler(_wrong, _told(Problem("bad-request")))
api.add_exception_handler(RequestDataTooBig, _told(Problem("too-large")))


@api.exception_handler(Exception)
def _unexpected(request: HttpRequest, error: Any) -> HttpResponse:
    """Django logs it and answers; the middleware tells it as a problem, without a trace of the inside."""
    raise error
