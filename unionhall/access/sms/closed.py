"""No gateway is set up: nothing can be sent, and the page says so."""

from . import CodeText, NotSent


class ClosedGateway:
    def send(self, phone: str, text: CodeText) -> None:
        raise NotSent("no gateway: set UNIONHALL_SMS to aliyun or tencent")


def gateway() -> ClosedGateway:
    return ClosedGateway()
