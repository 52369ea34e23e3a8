"""Tencent Cloud SMS (API 3.0, sms 2021-01-11, SendSms), signed with TC3-HMAC-SHA256 ("signature v3").

Settings: UNIONHALL_TENCENT_SECRET_ID, UNIONHALL_TENCENT_SECRET_KEY, UNIONHALL_TENCENT_SMS_APP (SdkAppId),
UNIONHALL_SMS_SIGN, UNIONHALL_SMS_TEMPLATE (template id; {1} the code, {2} the minutes), UNIONHALL_TENCENT_REGION
and UNIONHALL_TENCENT_ENDPOINT.
"""

import json
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlsplit

from . import CodeText, NotSent
from .calls import call, hmac_sha256, setting, sha256_hex

ENDPOINT = "https://sms.tencentcloudapi.com"
REGION = "ap-guangzhou"
ALGORITHM = "TC3-HMAC-SHA256"
CONTENT_TYPE = "application/json; charset=utf-8"


@dataclass(frozen=True)
class TencentGateway:
    secret_id: str
    secret_key: str
    app: str
    sign: str
    template: str
    region: str = REGION
    endpoint: str = ENDPOINT

    def send(self, phone: str, text: CodeText) -> None:
        body = json.dumps(
            {
                "PhoneNumberSet": [f"+86{phone}"],
                "SmsSdkAppId": self.app,
                "SignName": self.sign,
                "TemplateId": self.template,
                "TemplateParamSet": [text.code, str(text.minutes)],
            },
            ensure_ascii=False,
        ).encode()
        now, host = int(time.time()), urlsplit(self.endpoint).netloc
        headers = {
            "Content-Type": CONTENT_TYPE,
            "Host": host,
            "X-TC-Action": "SendSms",
            "X-TC-Version": "2021-01-11",
            "X-TC-Region": self.region,
            "X-TC-Timestamp": str(now),
            "Authorization": authorization(
                self.secret_id, self.secret_key, service="sms", host=host, action="SendSms", at=now, body=body
            ),
        }
        answer = call(f"{self.endpoint}/", headers, body).get("Response", {})
        if "Error" in answer:
            raise NotSent(f"tencent {answer['Error'].get('Code', 'without a code')}")
        outcomes = [one.get("Code") for one in answer.get("SendStatusSet", [])]
        if outcomes != ["Ok"]:
            raise NotSent(f"tencent {outcomes}")


def authorization(
    secret_id: str, secret_key: str, *, service: str, host: str, action: str, at: int, body: bytes
) -> str:
    """The Authorization header of a POST to "/"; `at` is Unix seconds and equals X-TC-Timestamp."""
    names = "content-type;host;x-tc-action"
    lines = f"content-type:{CONTENT_TYPE}\nhost:{host}\nx-tc-action:{action.lower()}\n"
    canonical = "\n".join(["POST", "/", "", lines, names, sha256_hex(body)])
    day = f"{datetime.fromtimestamp(at, UTC):%Y-%m-%d}"
    scope = f"{day}/{service}/tc3_request"
    to_sign = f"{ALGORITHM}\n{at}\n{scope}\n{sha256_hex(canonical.encode())}"
    key = hmac_sha256(hmac_sha256(hmac_sha256(f"TC3{secret_key}".encode(), day), service), "tc3_request")
    signature = hmac_sha256(key, to_sign).hex()
    return f"{ALGORITHM} Credential={secret_id}/{scope}, SignedHeaders={names}, Signature={signature}"


def gateway() -> TencentGateway:
    return TencentGateway(
        setting("UNIONHALL_TENCENT_SECRET_ID"),
        setting("UNIONHALL_TENCENT_SECRET_KEY"),
        setting("UNIONHALL_TENCENT_SMS_APP"),
        setting("UNIONHALL_SMS_SIGN"),
        setting("UNIONHALL_SMS_TEMPLATE"),
        setting("UNIONHALL_TENCENT_REGION", REGION),
        setting("UNIONHALL_TENCENT_ENDPOINT", ENDPOINT).rstrip("/"),
    )
