"""Medical mutual aid in the one to-do list: settlements that no rule could settle, files that wait for a press."""

from collections.abc import Iterable

from django.http import HttpRequest
from django.urls import reverse

from unionhall.foundation.todo import Todo, register

from ..models import SettlementFile, SettlementLine


def of_settlements(request: HttpRequest) -> Iterable[Todo]:
    """Two statements, for those who may act on them."""
    access = request.access  # type: ignore[attr-defined]
    if access.prefixes("benefits.medical_resolve"):
        lines = SettlementLine.objects.visible_to(access, to="benefits.medical_resolve").exceptions()
        yield Todo(
            "医保结算例外待处理", lines.count(), reverse("desk_medical_exceptions"), unit="笔", order=24
        )
    if access.prefixes("benefits.medical_files"):
        files = SettlementFile.objects.visible_to(access, to="benefits.medical_files")
        waiting = files.filter(state=SettlementFile.State.CHECKED)
        yield Todo("医保结算文件待理算", waiting.count(), reverse("desk_medical"), unit="份", order=23)


register(of_settlements)
