"""Certificates from a file: upload, look, take over. Only who uploaded a file sees it."""

from typing import Any, ClassVar

from django import forms
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from unionhall.foundation.views import Act, Create, Detail, download
from unionhall.foundation.widgets import FileDrop
from unionhall.records.models import Attachment

from ..actions import certificate_files as actions
from ..certificate_file import TITLES

SHOWN = 50


class FileForm(forms.Form):
    file = forms.FileField(
        label="证书文件",
        widget=FileDrop("选择或拖入证书文件", "xlsx、xls 或 CSV，最多 5000 行"),
        error_messages={"required": "请选择文件。"},
    )


class Upload(Create):
    """/desk/subsidy/certificates/: nothing changes before it is taken over on the next page."""

    permission = actions.PERMISSION
    form_class = FileForm
    template_name = "benefits/subsidy/certificates.html"

    def act(self, form: FileForm) -> Attachment:
        file: Any = form.cleaned_data["file"]
        return actions.keep(self.actor, path=_path(file), name=file.name or "")

    def context(self) -> dict[str, Any]:
        return {"titles": list(TITLES.values())}

    def get_success_url(self) -> str:
        return reverse("desk_certificates_look", args=[self.result.pk])


def _path(file: Any) -> Any:
    from pathlib import Path

    return Path(file.temporary_file_path())


class _Kept:
    """The file that the reader himself uploaded."""

    model: ClassVar[type[Model]] = Attachment
    permission = actions.PERMISSION

    def get_queryset(self) -> Any:
        access = self.access  # type: ignore[attr-defined]
        return Attachment.objects.owned_by(access).filter(purpose=actions.PURPOSE)


class Look(_Kept, Act):
    """/desk/subsidy/certificates/<pk>/: what would be entered, and what is wrong."""

    form_class = forms.Form
    template_name = "benefits/subsidy/certificates_look.html"
    success_message = "已登记 {result} 本证书。持证的会员符合条件的会收到告知。"

    def act(self, form: Any) -> int:
        return actions.take_over(self.actor, file=self.object)

    def context(self) -> dict[str, Any]:
        found = actions.look(self.actor, file=self.object)
        return {
            "looked": found,
            "faults": [
                {"row": row, "said": "；".join(f"{one['column']}：{one['message']}" for one in said)}
                for row, said in list(found.sent.faults.items())[:SHOWN]
            ],
            "tiles": [
                {"label": "新证书", "value": found.new, "unit": "本"},
                {"label": "已登记", "value": found.known, "unit": "本"},
                {"label": "有错误", "value": found.wrong, "unit": "行", "hot": bool(found.wrong)},
            ],
        }

    def get_success_url(self) -> str:
        return reverse("desk_subsidy")


class Errors(_Kept, Detail):
    """/desk/subsidy/certificates/<pk>/errors/: the wrong rows back."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        content = actions.errors(self.actor, file=self.object)
        return download(content, "证书-错误说明.xlsx")
