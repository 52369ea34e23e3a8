"""Forms of insurers: registering one, giving a seat, the file that an insurer brings itself."""

from __future__ import annotations

from typing import Any

from django import forms

from unionhall.organisations.models import Organisation

from ..schemes.cover import PROGRAMMES, TITLES
from .medical import FileForm


class InsurerForm(forms.Form):
    wants_actor = True
    organisation = forms.ModelChoiceField(
        label="签约工会", queryset=Organisation.objects.none(), to_field_name="code", empty_label=None
    )
    name = forms.CharField(
        label="名称",
        max_length=80,
        help_text="承保的，要和保障方案里的承保单位一字不差；只看得到写给这个名称的名单。",
    )
    contact = forms.CharField(label="联系人", max_length=50, required=False)
    telephone = forms.CharField(label="联系电话", max_length=30, required=False)
    programmes = forms.MultipleChoiceField(
        label="承保的保障", required=False, widget=forms.CheckboxSelectMultiple,
        choices=[(code, TITLES[code]) for code in PROGRAMMES], help_text="可以下载这些保障的投保名单",
    )  # fmt: skip
    settles = forms.BooleanField(label="报送医保结算文件（医疗互助）", required=False)
    bank = forms.CharField(
        label="开户银行", max_length=80, required=False, help_text="收单位投保的保费；没有单位投保的不填"
    )
    number = forms.CharField(
        label="收款账号", max_length=40, required=False, help_text="加密保存；填写后替换原账户",
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )  # fmt: skip
    suspended = forms.BooleanField(label="暂停合作（所有席位立即看不到任何内容）", required=False)

    def __init__(self, *args: Any, actor: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rows = Organisation.objects.all().visible_to(actor.access, to="benefits.insurers_edit")
        field = self.fields["organisation"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = rows.active().filter(level__lte=3).order_by("path")


class SeatForm(forms.Form):
    username = forms.CharField(
        label="账号", max_length=60, help_text="先在“账号和授权”开通承保机构角色的账号"
    )


class SentFileForm(FileForm):
    """The same file, from the insurer itself: to its union, under its name."""

    field_order = ("file", "number", "year", "stated_rows", "stated_total")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["organisation"], self.fields["insurer"]
        self.fields["number"].help_text = "贵单位给这份文件的编号，同一编号只收一次。"
        self.fields["stated_rows"].help_text = "文件的总笔数，不含表头。"
