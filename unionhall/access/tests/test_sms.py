"""Gateways against the providers' published signing examples, and against a local server that verifies."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from pytest_django import Settings

from unionhall.access import sms
from unionhall.access.sms import aliyun, tencent

TEXT = sms.CodeText("012345", 5)


class FakeGateway(ThreadingHTTPServer):
    """Answers like a gateway: verifies the signature by the provider's rules, then says OK or what is wrong."""

    def __init__(self) -> None:
        self.seen: list[dict[str, Any]] = []
        self.answer: dict[str, object] | None = None
        super().__init__(("127.0.0.1", 0), _Handler)

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class _Handler(BaseHTTPRequestHandler):
    server: FakeGateway

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        headers = {name.lower(): value for name, value in self.headers.items()}
        found = self._aliyun(headers) if "x-acs-action" in headers else self._tencent(headers, body)
        content = json.dumps(self.server.answer or found).encode()
        self.send_response(200 if self.server.answer is None else 400)
        self.end_headers()
        self.wfile.write(content)

    def _aliyun(self, headers: dict[str, str]) -> dict[str, object]:
        query = urlsplit(self.path).query
        signed = {name: headers[name] for name in headers if name.startswith("x-acs-") or name == "host"}
        self.server.seen.append({name: values[0] for name, values in parse_qs(query).items()} | headers)
        right = aliyun.authorization("id", "right", query, signed)
        return {"Code": "OK" if headers["authorization"] == right else "SignatureDoesNotMatch"}

    def _tencent(self, headers: dict[str, str], body: bytes) -> dict[str, object]:
        self.server.seen.append(json.loads(body) | headers)
        right = tencent.authorization(
            "id", "right", service="sms", host=headers["host"], action=headers["x-tc-action"],
            at=int(headers["x-tc-timestamp"]), body=body,
        )  # fmt: skip
        if headers["authorization"] != right:
            return {"Response": {"Error": {"Code": "AuthFailure.SignatureFailure"}}}
        return {"Response": {"SendStatusSet": [{"Code": "Ok"}]}}

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 — the base class's name
        pass


@pytest.fixture
def server() -> Iterator[FakeGateway]:
    running = FakeGateway()
    thread = threading.Thread(target=running.serve_forever, daemon=True)
    thread.start()
    yield running
    running.shutdown()
    running.server_close()


def test_aliyun_signature_equals_the_published_example() -> None:
    query = aliyun.canonical_query(
        {"RegionId": "cn-shanghai", "ImageId": "win2019_1809_x64_dtc_zh-cn_40G_alibase_20230811.vhd"}
    )
    headers = {
        "host": "ecs.cn-shanghai.aliyuncs.com",
        "x-acs-action": "RunInstances",
        "x-acs-content-sha256": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "x-acs-date": "2023-10-26T10:22:32Z",
        "x-acs-signature-nonce": "3156853299f313e23d1673dc12e1703d",
        "x-acs-version": "2014-05-26",
    }
    found = aliyun.authorization("YourAccessKeyId", "YourAccessKeySecret", query, headers)
    assert found.endswith("Signature=06563a9e1b43f5dfe96b81484da74bceab24a1d853912eee15083a6f0f3283c0")


def test_tencent_signature_equals_the_published_example() -> None:
    body = rb'{"Limit": 1, "Filters": [{"Values": ["\u672a\u547d\u540d"], "Name": "instance-name"}]}'
    found = tencent.authorization(
        "AKID" + "*" * 32, "*" * 32, service="cvm", host="cvm.tencentcloudapi.com", action="DescribeInstances",
        at=1551113065, body=body,
    )  # fmt: skip
    assert found.endswith("Signature=10b1a37a7301a02ca19a647ad722d5e43b4b3cff309d421d85b46093f6ab6c4f")


def test_aliyun_sends_what_a_verifying_server_accepts(server: FakeGateway) -> None:
    aliyun.AliyunGateway("id", "right", "职工之家", "SMS_1", server.address).send("13800000000", TEXT)
    (seen,) = server.seen
    assert seen["PhoneNumbers"] == "13800000000"
    assert json.loads(seen["TemplateParam"]) == {"code": "012345"}
    assert seen["SignName"] == "职工之家"


def test_tencent_sends_what_a_verifying_server_accepts(server: FakeGateway) -> None:
    tencent.TencentGateway("id", "right", "14000", "职工之家", "1", endpoint=server.address).send(
        "13800000000", TEXT
    )
    (seen,) = server.seen
    assert seen["PhoneNumberSet"] == ["+8613800000000"]
    assert seen["TemplateParamSet"] == ["012345", "5"]


@pytest.mark.parametrize("make", ["aliyun", "tencent"])
def test_a_wrong_secret_is_refused_and_named(server: FakeGateway, make: str) -> None:
    backend: sms.Gateway
    if make == "aliyun":
        backend = aliyun.AliyunGateway("id", "wrong", "职工之家", "SMS_1", server.address)
    else:
        backend = tencent.TencentGateway("id", "wrong", "14000", "职工之家", "1", endpoint=server.address)
    with pytest.raises(sms.NotSent, match="Signature"):
        backend.send("13800000000", TEXT)


def test_a_refusal_with_status_400_is_read(server: FakeGateway) -> None:
    server.answer = {"Code": "isv.BUSINESS_LIMIT_CONTROL"}
    with pytest.raises(sms.NotSent, match="BUSINESS_LIMIT_CONTROL"):
        aliyun.AliyunGateway("id", "right", "职工之家", "SMS_1", server.address).send("13800000000", TEXT)


def test_no_answer_is_not_sent() -> None:
    with pytest.raises(sms.NotSent, match="no answer"):
        aliyun.AliyunGateway("id", "right", "职工之家", "SMS_1", "http://127.0.0.1:9").send(
            "13800000000", TEXT
        )


def test_plain_http_is_refused() -> None:
    with pytest.raises(sms.NotSent, match="https"):
        aliyun.AliyunGateway("id", "right", "s", "t", "http://example.org").send("13800000000", TEXT)


def test_a_missing_setting_is_named(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.SMS_BACKEND = "aliyun"
    monkeypatch.delenv("UNIONHALL_ALIYUN_KEY_ID", raising=False)
    with pytest.raises(sms.NotSent, match="UNIONHALL_ALIYUN_KEY_ID"):
        sms.gateway()


def test_an_unknown_backend_is_named(settings: Settings) -> None:
    settings.SMS_BACKEND = "pigeon"
    with pytest.raises(sms.NotSent, match="pigeon"):
        sms.gateway()
