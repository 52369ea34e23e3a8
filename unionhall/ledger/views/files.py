"""The bank's files: written for an approved batch, downloaded with a trace, answered with a result per row."""

from functools import cached_property
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponseBase
from django.urls import reverse

from unionhall.foundation.errors import Refused
from unionhall.foundation.scope import ScopedQuerySet
from unionhall.foundation.views import Create, List, stream
from unionhall.records import attachments
from unionhall.records.actions import journal

from .. import actions, presenting
from ..bank_return import batch_number
from ..forms import ReturnForm
from ..models import BankReturn, PaymentBatch, ReturnMismatch
from .batches import _Batch, _OnBatch


class BankFile(_OnBatch):
    """/desk/payments/batches/<number>/file/: write it; the payments are then on their way."""

    heading, submit = "生成银行文件", "生成银行文件"
    warning = "生成后批次里的款记为“银行处理中”，不能再改动，等银行回盘。"
    success_message = "银行文件已生成，请下载后按约定方式送银行。"

    def act(self, form: Any) -> PaymentBatch:
        return actions.bank_file(self.actor, batch=self.object)


class Download(_Batch):
    """POST /desk/payments/batches/<number>/download/: whole bank numbers, so every opening is journalled."""

    permission = "ledger.make"
    http_method_names = ("post",)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        batch: PaymentBatch = self.object
        if batch.file is None:
            raise Http404
        journal(
            self.actor, "ledger.bank_file_opened", subject=batch, label=batch.number,
            paths=batch.organisation.paths, digest=batch.file_digest,
        )  # fmt: skip
        return stream(attachments.chunks(batch.file), batch.file.name, batch.file.content_type)


class Returns(Create):
    """/desk/payments/returns/: take a result file; it names its batch itself."""

    model = PaymentBatch
    permission = "ledger.make"
    template_name = "ledger/returns.html"
    form_class = ReturnForm

    def act(self, form: ReturnForm) -> BankReturn:
        file = form.cleaned_data["file"]
        number = batch_number(file)
        batch = self.get_queryset().filter(number=number).first()
        if batch is None:
            raise Refused(
                f"没有编号是“{number[:40]}”的批次，或者不在您的管理范围。请确认选对了文件。", "file"
            )
        taken = actions.take_return_file(self.actor, batch=batch, source=file, name=file.name or "")
        if taken.known:
            messages.info(self.request, "这个文件先前已经导入过，没有重复入账。下面是当时的结果。")
        else:
            messages.success(self.request, "已导入。")
        return taken.bank_return

    def get_success_url(self) -> str:
        return reverse("desk_bank_return", args=[self.result.pk])

    def context(self) -> dict[str, Any]:
        rows = self.get_queryset().filter(state=PaymentBatch.State.SENT).select_related("organisation")
        return {
            "tabs": presenting.tabs("desk_bank_returns", self.access),
            "waiting": list(rows.order_by("sent_at")[:50]),
        }


class ReturnPage(List):
    """/desk/payments/returns/<pk>/: counts, and every row that was not booked with its reason."""

    model = ReturnMismatch
    permission = "ledger.view"
    template_name = "ledger/return.html"
    ordering = "pk"
    page_size = 50

    @cached_property
    def bank_return(self) -> BankReturn:
        rows = BankReturn.objects.all().visible_to(self.access, to=self.permission)
        found = rows.select_related("batch__organisation").filter(pk=self.kwargs["pk"]).first()
        if found is None:
            raise Http404
        return found

    def get_queryset(self) -> ScopedQuerySet[Any]:
        rows = ReturnMismatch.objects.everywhere(reason="rows of a result file that the reader may open")
        return rows.filter(bank_return=self.bank_return)

    def total(self) -> int:
        return self.bank_return.mismatched

    def context(self) -> dict[str, Any]:
        found = self.bank_return
        tiles = [
            {"label": "明细", "value": found.rows, "unit": "行"},
            {"label": "付款成功", "value": found.paid, "unit": "笔"},
            {"label": "银行退回", "value": found.returned, "unit": "笔", "hot": bool(found.returned)},
            {"label": "早已入账", "value": found.unchanged, "unit": "笔"},
            {"label": "对不上", "value": found.mismatched, "unit": "行", "hot": bool(found.mismatched)},
        ]
        return {"object": found, "tiles": tiles}
