"""Forms of accounts and grants."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q

from unionhall.foundation.actors import Actor
from unionhall.foundation.permissions import DESK, LINE_LABELS, PARTNERS, Role
from unionhall.foundation.widgets import DateInput
from unionhall.organisations.models import Organisation

ROLES = [("", "请选择"), *((role.value, role.label) for role in Role if role in DESK | PARTNERS)]


class AccountFilter(forms.Form):
    q = forms.CharField(
        label="账号或姓名", required=False, max_length=40, widget=forms.TextInput(attrs={"type": "search"})
    )
    role = forms.ChoiceField(
        label="角色", required=False, choices=[("", "全部"), *((role.value, role.label) for role in Role)]
    )


class GrantForm(forms.Form):
    """A role over a union's subtree, for a period."""

    wants_actor = True

    role = forms.ChoiceField(label="角色", choices=ROLES)
    line = forms.ChoiceField(
        label="条线", choices=[(line.value, label) for line, label in LINE_LABELS.items()],
        help_text="只对“上级工会干部”有意义；综合可办理各条线", required=False,
    )  # fmt: skip
    organisation = forms.CharField(
        label="工会", max_length=120, help_text="填写组织代码或全称；授权覆盖它和它的全部下级"
    )
    since = forms.DateField(label="自", required=False, widget=DateInput(), help_text="不填即今天")
    until = forms.DateField(
        label="至", required=False, widget=DateInput(), help_text="当天起失效；不填即长期有效"
    )
    reason = forms.CharField(label="事由", max_length=200, help_text="例如：任命文件编号")

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.actor = actor

    def clean_line(self) -> str:
        return self.cleaned_data["line"] or "general"

    def clean_organisation(self) -> Organisation:
        text = self.cleaned_data["organisation"].strip()
        rows = Organisation.objects.visible_to(self.actor.access, to="access.grant").active()
        found = list(rows.filter(Q(code=text) | Q(name=text))[:2])
        if len(found) != 1:
            raise ValidationError(
                "有多个工会叫这个名称，请填写组织代码。"
                if found
                else "没有找到这个工会，或不在您可以授权的范围内。"
            )
        return found[0]


class OpenForm(GrantForm):
    username = forms.CharField(
        label="账号", max_length=40, help_text="3 至 40 个字母、数字、点、横线或下划线"
    )
    display_name = forms.CharField(label="姓名", max_length=60)
    field_order = ["username", "display_name"]


class EndForm(forms.Form):
    """Why a grant is taken back or an account closed; a grant's day may be chosen."""

    reason = forms.CharField(label="原因", max_length=200)


class RevokeForm(EndForm):
    on = forms.DateField(
        label="自哪天起", required=False, widget=DateInput(), help_text="不填即今天，立即生效"
    )

    def clean_on(self) -> date | None:
        day: date | None = self.cleaned_data["on"]
        return day
