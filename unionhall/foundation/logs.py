"""Log lines without personal data: readable ones, or JSON with `UNIONHALL_LOG_FORMAT=json`.

Messages carry ids, never names or numbers; that is the rule, and this is the net below it. Whatever is written, also by
libraries and in exceptions, loses: Chinese text (names, addresses, what people typed), ID, phone and card numbers,
what PostgreSQL quotes of a row, long codes, e-mail addresses. An exception keeps its type, its scrubbed message and
the lines of code, never the values of variables. Addresses of pages are told by the name of their route.
"""

from __future__ import annotations

import json
import logging
import re
import traceback
from contextvars import ContextVar
from typing import Any

from django.views.debug import ExceptionReporter

#: What the request at hand adds to every line: trace, route, account (a number).
context: ContextVar[dict[str, Any] | None] = ContextVar("unionhall_log_context", default=None)

_ROW = re.compile(
    r"(?m)^\s*(?:DETAIL|CONTEXT|QUERY|STATEMENT|HINT|LINE \d+|PARAMETERS?):.*$|^\s+\^\s*$", re.IGNORECASE
)
_KEY = re.compile(r"\([^()]*\)\s*=\s*\(.*?\)(?=\s|$|[.,;])")
_CHINESE = re.compile(r"[\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]+(?:[·•・\s]*[\u3400-\u9fff]+)*")
_NUMBERS = (
    # IDs of both lengths, also spaced; bank cards; phones with or without +86.
    (re.compile(r"(?<![0-9A-Za-z])\d{6}[ -]?\d{8}[ -]?\d{3}[\dXx](?![0-9A-Za-z])"), "[id]"),
    (re.compile(r"(?<![0-9A-Za-z])\d{16,19}(?![0-9A-Za-z])"), "[card]"),
    (re.compile(r"(?<!\d)\d{4}(?:[ -]\d{4}){3}(?:[ -]?\d{1,3})?(?!\d)"), "[card]"),
    (re.compile(r"(?<![0-9A-Za-z])\d{15}(?![0-9A-Za-z])"), "[id]"),
    (re.compile(r"(?<![0-9A-Za-z.])(?:\+?86[ -]?)?1[3-9]\d[ -]?\d{4}[ -]?\d{4}(?!\d)"), "[phone]"),
    # Passports and residence permits.
    (re.compile(r"(?<![0-9A-Za-z])[A-Z]{1,3}\d{7,12}(?![0-9A-Za-z])"), "[id]"),
    (re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]+"), "[mail]"),
    (re.compile(r"(?<![0-9A-Za-z])[0-9A-Za-z_-]{40,}(?![0-9A-Za-z])"), "[code]"),
)  # fmt: skip


def scrub(text: str) -> str:
    """The text without anything that looks like a person's."""
    text = _KEY.sub("(…)=(…)", _ROW.sub("", text))
    text = _CHINESE.sub("[text]", text)
    for pattern, put in _NUMBERS:
        text = pattern.sub(put, text)
    return text.strip()


def route_of(request: Any) -> str:
    """The name of the address that was asked for; never the address itself."""
    if told := getattr(request, "route", ""):
        return str(told)
    match = getattr(request, "resolver_match", None)
    if match is not None and match.view_name:
        return str(match.view_name)
    return "static" if str(getattr(request, "path", "")).startswith("/static/") else "unmatched"


def _message(record: logging.LogRecord) -> str:
    request = getattr(record, "request", None)
    if request is not None and record.name.startswith(("django.request", "django.security")):
        # Django's own lines name the path, which may hold a code or a number.
        said = record.args[0] if isinstance(record.args, tuple) and record.args else record.msg
        if str(getattr(request, "path", "")) in str(said):
            said = record.msg
        return f"{scrub(str(said).partition(':')[0])} {route_of(request)}"
    return scrub(record.getMessage())


def _exception(record: logging.LogRecord) -> dict[str, Any] | None:
    """Type, scrubbed message and places in the code of an exception and of those it came from."""
    failure = record.exc_info[1] if record.exc_info else None
    if failure is None:
        return None
    found: list[dict[str, Any]] = []
    seen: set[int] = set()
    following: BaseException | None = failure
    while following is not None and id(following) not in seen:
        seen.add(id(following))
        frames = traceback.extract_tb(following.__traceback__)
        found.append(
            {
                "type": f"{type(following).__module__}.{type(following).__qualname__}",
                "message": scrub(str(following))[:500],
                "at": [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames],
            }
        )
        following = following.__cause__ or (None if following.__suppress_context__ else following.__context__)
    return found[0] | ({"because": found[1:]} if len(found) > 1 else {})


class _Formatter(logging.Formatter):
    def facts(self, record: logging.LogRecord) -> dict[str, Any]:
        own = {
            name: value
            for name in ("status", "ms", "queries")
            if (value := getattr(record, name, None)) is not None
        }
        # Django tells of an answer when it has left the middleware: then the request itself says its trace.
        trace = getattr(getattr(record, "request", None), "trace", None)
        return {**({"trace": trace} if trace else {}), **(context.get() or {}), **own}


class LineFormatter(_Formatter):
    """One readable line; an exception follows on lines of its own."""

    def format(self, record: logging.LogRecord) -> str:
        stamp = self.formatTime(record, "%Y-%m-%dT%H:%M:%S")
        facts = "".join(f" {name}={value}" for name, value in self.facts(record).items())
        line = f"{stamp} {record.levelname.lower()} {record.name} {_message(record)}{facts}"
        failure = _exception(record)
        while failure is not None:
            line += "".join(f"\n    {place}" for place in failure["at"])
            line += f"\n  {failure['type']}: {failure['message']}"
            rest = failure.get("because") or []
            failure = (rest[0] | {"because": rest[1:]}) if rest else None
        return line


class JsonFormatter(_Formatter):
    """One JSON object a line: time, level, logger, message, then trace, route, status, ms, account where known."""

    def format(self, record: logging.LogRecord) -> str:
        stamp = self.formatTime(record, "%Y-%m-%dT%H:%M:%S") + f".{int(record.msecs):03d}" + _zone(record)
        line = {
            "time": stamp,
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": _message(record),
            **self.facts(record),
        }
        if (failure := _exception(record)) is not None:
            line["exception"] = failure
        return json.dumps(line, ensure_ascii=False, default=str)


def _zone(record: logging.LogRecord) -> str:
    import time

    found = time.strftime("%z", time.localtime(record.created))
    return f"{found[:3]}:{found[3:]}"


class WithoutVariables(ExceptionReporter):
    """Django's error report without local variables and without what was sent."""

    def get_traceback_frames(self) -> list[dict[str, Any]]:
        frames: list[dict[str, Any]] = super().get_traceback_frames()
        return [frame | {"vars": []} for frame in frames]

    def get_traceback_data(self) -> dict[str, Any]:
        found: dict[str, Any] = super().get_traceback_data()
        found["filtered_POST_items"] = []
        if "exception_value" in found:
            found["exception_value"] = scrub(str(found["exception_value"]))
        for name in (
            "request_meta",
            "request_COOKIES_items",
            "request_GET_items",
            "request_FILES_items",
            "user_str",
        ):
            found.pop(name, None)
        found.pop("request", None)
        return found
