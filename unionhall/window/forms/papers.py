"""Papers typed in together: a table of rows, empty ones left out."""

from typing import Any

from django import forms
from django.utils import timezone

from unionhall.foundation.widgets import DateInput

from ..actions.papers import Settled, Typed
from ..matters import matters

ROWS = 8


class RowForm(forms.Form):
    """One row. Nothing typed: no row."""

    paper_on = forms.DateField(label="材料日期", required=False, widget=DateInput())
    matter = forms.ChoiceField(label="事项", required=False)
    name = forms.CharField(label="姓名", required=False, max_length=60)
    id_number = forms.CharField(
        label="身份证号", required=False, max_length=40, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )
    phone = forms.CharField(
        label="手机号", required=False, max_length=20, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )
    note = forms.CharField(label="材料内容", required=False, max_length=300)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["matter"].choices = [  # type: ignore[attr-defined]
            ("", "请选择"), *((one.code, one.title) for one in matters() if not one.uploads)
        ]  # fmt: skip

    def clean(self) -> dict[str, Any]:
        found: dict[str, Any] = super().clean() or {}
        if any(found.values()):
            for name, words in (
                ("paper_on", "填写日期"),
                ("matter", "选择事项"),
                ("name", "填写姓名"),
                ("id_number", "填写证件号"),
            ):
                if not found.get(name) and name not in self.errors:
                    self.add_error(name, f"请{words}。")
        return found

    def typed(self) -> Typed | None:
        given = self.cleaned_data
        if not any(given.values()):
            return None
        return Typed(
            given["paper_on"] or timezone.localdate(), given["matter"], given["name"], given["id_number"],
            given["phone"], given["note"],
        )  # fmt: skip


class NoteForm(forms.Form):
    note = forms.CharField(
        label="这批材料", required=False, max_length=100, help_text="例如：周末下乡收的材料"
    )


class SettleForm(forms.Form):
    how = forms.ChoiceField(
        label="怎样处理", widget=forms.RadioSelect,
        choices=[(Settled.MERGED.value, "并入已有办件"), (Settled.RETURNED.value, "退还申请人")],
        error_messages={"required": "请选择怎样处理。"},
    )  # fmt: skip
    because = forms.CharField(label="理由", max_length=200, widget=forms.Textarea(attrs={"rows": 3}))


RowFormSet = forms.formset_factory(RowForm, extra=ROWS, max_num=200)
