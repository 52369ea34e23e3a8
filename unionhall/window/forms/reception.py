"""Finding, registering, authorising, completing, handing over; sitting down at a counter; setting a hall up."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms

from unionhall.foundation.actors import Actor
from unionhall.foundation.widgets import DateInput, FileDrop
from unionhall.members import consents, documents
from unionhall.members.forms import UnionField
from unionhall.network.models import Node
from unionhall.organisations.models import Organisation
from unionhall.records import uploads

from ..models.intakes import Kinship

SCAN = FileDrop("选择扫描件或照片", "PDF、JPG、PNG，10 MB 以内")


class SearchForm(forms.Form):
    """One box for everything; posted, so that no number stands in an address."""

    q = forms.CharField(
        label="证件号、手机号、会员号、会员码，或姓名加地名",
        required=False,
        max_length=400,
        widget=forms.TextInput(
            attrs={
                "type": "search",
                "autocomplete": "off",
                "data-focus": True,
                "placeholder": "例如 张海林 江东区",
            }
        ),
    )


class RegisterForm(forms.Form):
    """Somebody new: what stands on his document, a phone, and his consents."""

    id_type = forms.ChoiceField(label="证件类型", choices=documents.choices, initial=documents.RESIDENT)
    id_number = forms.CharField(
        label="证件号码", max_length=40, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )
    name = forms.CharField(label="姓名", max_length=60, widget=forms.TextInput(attrs={"autocomplete": "off"}))
    phone = forms.CharField(
        label="手机号", max_length=20, required=False, help_text="用来接收办理结果；没有的可以不填",
        widget=forms.TextInput(attrs={"autocomplete": "off", "inputmode": "tel"}),
    )  # fmt: skip
    agreed = forms.BooleanField(
        label="已向本人宣读并同意：" + "".join(one.text for one in consents.PURPOSES.values()),
        error_messages={"required": "本人不同意登记个人信息的，不能办理需要实名的事项。"},
    )


class AuthoriseForm(forms.Form):
    """Who has come instead, and on what paper."""

    name = forms.CharField(
        label="代办人姓名", max_length=60, widget=forms.TextInput(attrs={"data-focus": True})
    )
    id_number = forms.CharField(
        label="代办人身份证号", max_length=40, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )
    phone = forms.CharField(label="代办人手机号", max_length=20, required=False)
    relation = forms.ChoiceField(
        label="与本人的关系",
        choices=[("", "请选择"), *(one for one in Kinship.choices if one[0] != Kinship.SELF)],
    )
    until = forms.DateField(label="有效期至", widget=DateInput(), help_text="委托书上写的日期，最长一年")
    paper = forms.FileField(label="签字的委托书", widget=SCAN, error_messages={"required": "请上传委托书。"})

    def clean_paper(self) -> uploads.Upload | None:
        return uploads.cleaned(self.cleaned_data["paper"])


class CompleteForm(forms.Form):
    note = forms.CharField(
        label="补了什么", max_length=300, widget=forms.Textarea(attrs={"rows": 3, "data-focus": True})
    )
    scan = forms.FileField(label="补交的材料", required=False, widget=SCAN)

    def clean_scan(self) -> uploads.Upload | None:
        return uploads.cleaned(self.cleaned_data["scan"])


class HandOverForm(forms.Form):
    what = forms.CharField(label="取走的材料", max_length=100)
    relation = forms.ChoiceField(label="谁来取", choices=Kinship.choices, initial=Kinship.SELF)
    name = forms.CharField(label="取件人姓名", max_length=60, required=False, help_text="本人取件的不填")
    signature = forms.FileField(label="签字的签收单", required=False, widget=SCAN)
    confirmed = forms.BooleanField(label="已核对取件人的身份证件，本人当场确认", required=False)

    def clean_signature(self) -> uploads.Upload | None:
        return uploads.cleaned(self.cleaned_data["signature"])


class SeatForm(forms.Form):
    """Which counter, and which queues it calls."""

    counter = forms.ChoiceField(label="窗口")
    letters = forms.MultipleChoiceField(
        label="叫哪些类别", required=False, widget=forms.CheckboxSelectMultiple, help_text="都不选就是全部"
    )

    def __init__(
        self,
        *args: Any,
        counters: Sequence[tuple[str, str]],
        letters: Sequence[tuple[str, str]],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["counter"].choices = list(counters)  # type: ignore[attr-defined]
        self.fields["letters"].choices = list(letters)  # type: ignore[attr-defined]


class HallForm(forms.Form):
    name = forms.CharField(label="名称", max_length=60, help_text="例如：江东区职工服务中心办事大厅")
    place = forms.CharField(label="地址", max_length=120, required=False)
    counters = forms.IntegerField(label="窗口数", min_value=1, max_value=40, initial=2)


class NewHallForm(HallForm):
    wants_actor = True
    field_order = ("union", "node", "name", "place", "counters")
    union = UnionField(label="所属组织", permission="window.manage", max_length=120)
    node = forms.ChoiceField(label="服务站点", required=False, help_text="登记在服务网络里的站点；没有的不选")

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        union = self.fields["union"]
        assert isinstance(union, UnionField)
        union.for_actor(actor, listed=True)
        rows = Node.objects.visible_to(actor.access, to="window.manage").receiving().filter(hall=None)
        self.nodes = {str(one.pk): one for one in rows.select_related("organisation").order_by("name")[:200]}
        self.fields["node"].choices = [  # type: ignore[attr-defined]
            ("", "不属于站点"), *((key, one.name) for key, one in self.nodes.items())
        ]  # fmt: skip

    def clean(self) -> dict[str, Any]:
        found: dict[str, Any] = super().clean() or {}
        node = self.nodes.get(found.get("node", ""))
        union: Organisation | None = found.get("union")
        if node is not None and union is not None and node.organisation_id != union.pk:
            self.add_error("node", f"“{node.name}”属于{node.organisation.name}，请选择同一个组织。")
        found["node"] = node
        return found


class EditHallForm(HallForm):
    is_open = forms.BooleanField(label="启用", required=False)


class KindForm(forms.Form):
    letter = forms.CharField(label="字母", max_length=1, help_text="A 到 Z；已有的字母就是修改")
    title = forms.CharField(label="类别", max_length=20)
    note = forms.CharField(label="说明", max_length=60, required=False)
    is_open = forms.BooleanField(label="取号", required=False, initial=True)

    def clean_letter(self) -> str:
        return str(self.cleaned_data["letter"]).upper()
