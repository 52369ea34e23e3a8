"""Forms of clients and their endpoints."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q

from unionhall.foundation.actors import Actor
from unionhall.foundation.widgets import DateInput
from unionhall.organisations.models import Organisation

from .actions import MANAGE, OVERLAPS, receivable
from .events import EVENTS
from .models import Client
from .scopes import DECLARED


class ClientFilter(forms.Form):
    q = forms.CharField(
        label="名称", required=False, max_length=40, widget=forms.TextInput(attrs={"type": "search"})
    )


class IssueForm(forms.Form):
    """Who, for what, over which part of the tree, how often, until when."""

    wants_actor = True

    name = forms.CharField(label="名称", max_length=40, help_text="对方单位或系统，例如：江城银行工会卡系统")
    organisation = forms.CharField(
        label="数据范围", max_length=120, help_text="填写工会的组织代码或全称；接入方能看到它和它的全部下级"
    )
    scopes = forms.MultipleChoiceField(
        label="可用接口", widget=forms.CheckboxSelectMultiple,
        choices=[(scope.value, f"{right.label}（{scope.value}）") for scope, right in DECLARED.items()],
        help_text="只选对方确实需要的；您自己没有的权限不能授予",
    )  # fmt: skip
    purpose = forms.CharField(
        label="用途",
        max_length=200,
        help_text="会员在“谁看过我的信息”里能看到，例如：江城银行核对工会卡持卡人身份",
    )
    per_minute = forms.IntegerField(label="每分钟次数", initial=120, min_value=1)
    valid_from = forms.DateField(label="生效日期", required=False, widget=DateInput(), help_text="不填即今天")
    valid_until = forms.DateField(
        label="失效日期", required=False, widget=DateInput(), help_text="当天起失效；不填即长期有效"
    )

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.actor = actor

    def clean_organisation(self) -> Organisation:
        text = self.cleaned_data["organisation"].strip()
        rows = Organisation.objects.visible_to(self.actor.access, to=MANAGE).active()
        found = list(rows.filter(Q(code=text.upper()) | Q(name=text))[:2])
        if len(found) != 1:
            raise ValidationError(
                "有多个工会叫这个名称，请填写组织代码。"
                if found
                else "没有找到这个工会，或不在您的管理范围内。"
            )
        return found[0]


class RotateForm(forms.Form):
    overlap_hours = forms.TypedChoiceField(
        label="原令牌", coerce=int, choices=list(OVERLAPS.items()), initial=24,
        help_text="对方换上新令牌之前，原令牌还可以用多久；怀疑泄露时请选“立即失效”",
    )  # fmt: skip


class ReasonForm(forms.Form):
    reason = forms.CharField(label="停用原因", max_length=200)


class EndpointForm(forms.Form):
    """Where to push and what; a client is offered what its scopes let it receive."""

    url = forms.CharField(label="网址", max_length=300, help_text="对方接收事件的地址，以 https:// 开头")
    events = forms.MultipleChoiceField(label="事件", widget=forms.CheckboxSelectMultiple)

    def __init__(self, *args: Any, client: Client, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["events"]
        assert isinstance(field, forms.MultipleChoiceField)
        field.choices = [(code, f"{EVENTS[code].title}（{code}）") for code in receivable(client)]
