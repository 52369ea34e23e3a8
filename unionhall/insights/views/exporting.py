"""The page's tables as a file: asks what and why, answers with the file, and the journal knows."""

from typing import Any

from django.http import HttpResponse

from unionhall.foundation.views import Create, download

from ..actions import Exported, export
from ..forms import ExportForm
from .dashboard import OfUnion


class Export(Create, OfUnion):
    """GET asks for the form of the file and the purpose, POST answers with the file."""

    template_name = "insights/export.html"
    form_class = ExportForm
    result: Exported

    def act(self, form: Any) -> Exported:
        return export(
            self.actor,
            board=self.board,
            what=form.cleaned_data["what"],
            purpose=form.cleaned_data["purpose"],
        )

    def done(self) -> HttpResponse:
        return download(self.result.content, self.result.name, self.result.content_type)
