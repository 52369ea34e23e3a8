"""Text messages: one interface, and a backend for each gateway. `settings.SMS_BACKEND` names the one in use.

A gateway sends approved templates only, so a text is a template with its values, never free words.
"""

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import Protocol

from django.conf import settings


class NotSent(Exception):
    """The gateway did not take the text. `reason` is for the log: the gateway's own code, never the phone."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


@dataclass(frozen=True)
class CodeText:
    """A text with a six-digit code, valid for `minutes`."""

    code: str
    minutes: int

    @property
    def wording(self) -> str:
        """What the person reads; the gateway's approved template says the same."""
        return f"【职工之家】验证码 {self.code}，{self.minutes} 分钟内有效。工作人员不会向您索要验证码。"


class Gateway(Protocol):
    """Sends one text to one mainland mobile number (eleven digits). Raises NotSent."""

    def send(self, phone: str, text: CodeText) -> None: ...


#: Name in UNIONHALL_SMS → module of this package whose `gateway()` makes the backend.
BACKENDS = {"demo": "demo", "aliyun": "aliyun", "tencent": "tencent", "none": "closed"}


def gateway() -> Gateway:
    """The gateway in use. Raises NotSent when UNIONHALL_SMS names none or a setting of it is missing."""
    if settings.SMS_BACKEND not in BACKENDS:
        raise NotSent(f"UNIONHALL_SMS={settings.SMS_BACKEND!r}: known are {', '.join(BACKENDS)}")
    make: Callable[[], Gateway] = import_module(f"{__name__}.{BACKENDS[settings.SMS_BACKEND]}").gateway
    return make()


def is_open() -> bool:
    """Whether texts can be sent at all here."""
    return str(settings.SMS_BACKEND) != "none"
