"""Medical mutual aid in the one to-do list: settlements that no rule could settle, files that wait for a press."""

from django.http import HttpRequest
from django.urls import reverse

from unionhall.foundation.todo import Steps, Todo, ask, register

from ..models import SettlementFile, SettlementLine


def of_exceptions(request: HttpRequest) -> Steps:
    """Settlements that no rule could settle, for those who may."""
    access = request.access  # type: ignore[attr-defined]
    if access.prefixes("benefits.medical_resolve"):
        lines = SettlementLine.objects.visible_to(access, to="benefits.medical_resolve").exceptions()
        found = yield ask(lines)
        yield Todo(
            "医保结算例外待处理", found["all"], reverse("desk_medical_exceptions"), unit="笔", order=24
        )


def of_files(request: HttpRequest) -> Steps:
    """Files that were checked and wait to be adjudicated."""
    access = request.access  # type: ignore[attr-defined]
    if access.prefixes("benefits.medical_files"):
        files = SettlementFile.objects.visible_to(access, to="benefits.medical_files")
        found = yield ask(files.filter(state=SettlementFile.State.CHECKED))
        yield Todo("医保结算文件待理算", found["all"], reverse("desk_medical"), unit="份", order=23)


register(of_exceptions, of_files)
