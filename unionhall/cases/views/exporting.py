"""The list of cases as Excel or CSV: the same pages as of the members' list."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms

from unionhall.members.listings import Listing
from unionhall.members.views import exports as pages

from ..exporting import CASES
from ..forms.desk import CaseFilter


class ExportForm(forms.Form):
    """What it is for, and the kind of file."""

    purpose = forms.CharField(label="用途", max_length=200, help_text="例如：报市总工会季度分析")
    format = forms.ChoiceField(
        label="文件",
        choices=[("xlsx", "Excel（xlsx）"), ("csv", "CSV")],
        initial="xlsx",
        widget=forms.RadioSelect,
    )


class OfCases(pages.OfListing):
    permission = "cases.export"
    listing: ClassVar[Listing] = CASES


class Exports(OfCases, pages.Exports):
    """/desk/cases/exports/: one's own."""


class AskExport(OfCases, pages.AskExport):
    """/desk/cases/exports/new/: the filters come along in the address."""

    form_class: Any = ExportForm
    filter_names: ClassVar[set[str]] = set(CaseFilter.base_fields)

    def asked(self, form: ExportForm) -> dict[str, Any]:
        return {"format": form.cleaned_data["format"]}


class Progress(OfCases, pages.ExportProgress):
    """/desk/cases/exports/<pk>/."""


class Download(OfCases, pages.DownloadExport):
    """/desk/cases/exports/<pk>/download/."""
