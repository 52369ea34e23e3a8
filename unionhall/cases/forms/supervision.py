"""Forms of supervision and of transfers."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile

from unionhall.foundation.widgets import FileDrop
from unionhall.organisations.models import Organisation

LARGEST = 600 * 1024 * 1024


def text(label: str, rows: int = 4, **more: Any) -> forms.CharField:
    return forms.CharField(label=label, widget=forms.Textarea(attrs={"rows": rows}), **more)


class IssueForm(forms.Form):
    asked = text("督办要求", max_length=500, help_text="要办成什么、说明什么；回复期限按方案自动计算")


class ReplyForm(forms.Form):
    text = text("回复", max_length=1000, help_text="办理情况和下一步安排")


class WithdrawForm(forms.Form):
    reason = text("撤回原因", 2, max_length=300)


class NoteFilter(forms.Form):
    box = forms.ChoiceField(
        label="方向",
        required=False,
        choices=[("", "全部"), ("sent", "我们发出的"), ("received", "发给我们的")],
    )
    state = forms.ChoiceField(
        label="状态", required=False,
        choices=[
            ("", "全部"), ("waiting", "待回复"), ("late", "逾期未回复"), ("replied", "已回复"), ("closed", "已了结"),
        ],
    )  # fmt: skip
    repeated = forms.ChoiceField(label="次数", required=False, choices=[("", "全部"), ("1", "重复督办")])


class OverdueFilter(forms.Form):
    under = forms.CharField(required=False, max_length=24, widget=forms.HiddenInput)
    kind = forms.ChoiceField(label="类别", required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        from ..kinds import all_kinds

        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = [("", "全部"), *((one.code, one.title) for one in all_kinds())]  # type: ignore[attr-defined]


def _federations(found: Iterable[str]) -> list[tuple[str, str]]:
    return [("", "请选择"), *((one, one) for one in found)]


class SendForm(forms.Form):
    federation = forms.ChoiceField(label="移送给")
    reason = text("移送理由", 3, max_length=300)

    def __init__(self, *args: Any, federations: Iterable[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["federation"].choices = _federations(federations)  # type: ignore[attr-defined]


class PackageForm(forms.Form):
    federation = forms.ChoiceField(label="来自")
    file = forms.FileField(
        label="文件", widget=FileDrop("选择移送文件", "对方平台生成的文件，不要改名或解压")
    )

    def __init__(self, *args: Any, federations: Iterable[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["federation"].choices = _federations(federations)  # type: ignore[attr-defined]

    def clean_file(self) -> UploadedFile[Any]:
        found: UploadedFile[Any] = self.cleaned_data["file"]
        if (found.size or 0) > LARGEST:
            raise forms.ValidationError("文件超过 600 MB，请对方拆分材料后重新生成。")
        return found


class TakeForm(PackageForm):
    organisation = forms.ChoiceField(label="由哪个工会办理")
    kind = forms.ChoiceField(
        label="办理类别", required=False, help_text="一般与对方相同；本会不能照原类别接收时再选"
    )
    field_order = ("federation", "file", "organisation", "kind")

    def __init__(
        self, *args: Any, unions: Iterable[Organisation], kinds: Iterable[tuple[str, str]], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["organisation"].choices = [(str(one.pk), one.name) for one in unions]  # type: ignore[attr-defined]
        self.fields["kind"].choices = [("", "与对方相同"), *kinds]  # type: ignore[attr-defined]
