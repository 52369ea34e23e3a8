"""Alibaba Cloud SMS (Dysmsapi 2017-05-25, SendSms), signed with ACS3-HMAC-SHA256 ("signature method V3").

Settings: UNIONHALL_ALIYUN_KEY_ID, UNIONHALL_ALIYUN_KEY_SECRET, UNIONHALL_SMS_SIGN (短信签名),
UNIONHALL_SMS_TEMPLATE (template code; its variable is `code`), and UNIONHALL_ALIYUN_ENDPOINT for another region.
"""

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import quote, urlsplit

from . import CodeText, NotSent
from .calls import call, hmac_sha256, setting, sha256_hex

ENDPOINT = "https://dysmsapi.aliyuncs.com"
ALGORITHM = "ACS3-HMAC-SHA256"


@dataclass(frozen=True)
class AliyunGateway:
    key_id: str
    key_secret: str
    sign: str
    template: str
    endpoint: str = ENDPOINT

    def send(self, phone: str, text: CodeText) -> None:
        query = canonical_query(
            {
                "PhoneNumbers": phone,
                "SignName": self.sign,
                "TemplateCode": self.template,
                "TemplateParam": json.dumps({"code": text.code}),
            }
        )
        headers = {
            "host": urlsplit(self.endpoint).netloc,
            "x-acs-action": "SendSms",
            "x-acs-version": "2017-05-25",
            "x-acs-date": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}",
            "x-acs-signature-nonce": secrets.token_hex(16),
            "x-acs-content-sha256": sha256_hex(b""),
        }
        headers["Authorization"] = authorization(self.key_id, self.key_secret, query, headers)
        answer = call(f"{self.endpoint}/?{query}", headers, b"")
        if answer.get("Code") != "OK":
            raise NotSent(f"aliyun {answer.get('Code', 'without a code')}")


def canonical_query(parameters: Mapping[str, str]) -> str:
    """Sorted, RFC 3986 encoded."""
    return "&".join(
        f"{quote(name, safe='~')}={quote(value, safe='~')}" for name, value in sorted(parameters.items())
    )


def authorization(key_id: str, key_secret: str, query: str, headers: Mapping[str, str]) -> str:
    """The Authorization header of a POST to "/" whose signed headers are all of `headers` (lower case)."""
    names = ";".join(sorted(headers))
    lines = "".join(f"{name}:{headers[name].strip()}\n" for name in sorted(headers))
    canonical = "\n".join(["POST", "/", query, lines, names, headers["x-acs-content-sha256"]])
    signature = hmac_sha256(key_secret.encode(), f"{ALGORITHM}\n{sha256_hex(canonical.encode())}").hex()
    return f"{ALGORITHM} Credential={key_id},SignedHeaders={names},Signature={signature}"


def gateway() -> AliyunGateway:
    return AliyunGateway(
        setting("UNIONHALL_ALIYUN_KEY_ID"),
        setting("UNIONHALL_ALIYUN_KEY_SECRET"),
        setting("UNIONHALL_SMS_SIGN"),
        setting("UNIONHALL_SMS_TEMPLATE"),
        setting("UNIONHALL_ALIYUN_ENDPOINT", ENDPOINT).rstrip("/"),
    )
