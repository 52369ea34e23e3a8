"""The demonstration's gateway: texts are kept in an outbox that the demo page shows, and go nowhere."""

from datetime import timedelta

from django.utils import timezone

from unionhall.access.models import SentText
from unionhall.foundation.sealing import phone_index

from . import CodeText

KEPT = timedelta(days=1)


class DemoGateway:
    def send(self, phone: str, text: CodeText) -> None:
        SentText.objects.filter(sent_at__lt=timezone.now() - KEPT).delete()
        SentText.objects.create(phone=phone, phone_index=phone_index(phone), text=text.wording)


def gateway() -> DemoGateway:
    return DemoGateway()
