"""家庭 at the desk: who is written down in a member's household, and letting somebody leave it."""

from functools import cached_property
from typing import Any, ClassVar

from django import forms
from django.db.models import Model
from django.urls import reverse

from unionhall.foundation.errors import Refused
from unionhall.foundation.views import Act

from .. import households
from ..actions import leave_household
from ..models import HouseholdMember, Person


class LeaveForm(forms.Form):
    """Who leaves, and why; the person himself cannot."""

    member = forms.ChoiceField(
        label="谁离开这户", widget=forms.RadioSelect, error_messages={"required": "请选择离开的人。"}
    )
    reason = forms.CharField(
        label="原因", max_length=300, help_text="例如：子女成家分户、离婚、去世、登记错误",
        widget=forms.Textarea(attrs={"rows": 3}),
    )  # fmt: skip

    def __init__(self, *args: Any, others: list[HouseholdMember], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["member"].choices = [  # type: ignore[attr-defined]
            (str(one.pk), f"{one.get_relation_display()} {one.masked_name}（{one.masked_id}）")
            for one in others
        ]


class Household(Act):
    """/desk/members/<pk>/household/: the people of today; a press and a reason let one of them leave."""

    model: ClassVar[type[Model]] = Person
    permission = "members.edit"
    template_name = "members/household.html"
    form_class: Any = LeaveForm
    success_message = "已移出这户家庭，历史保留。"

    @cached_property
    def people(self) -> list[HouseholdMember]:
        home = households.home_of(self.object.pk)
        return households.members_of(home) if home is not None else []

    @property
    def others(self) -> list[HouseholdMember]:
        return [one for one in self.people if bytes(one.id_index) != bytes(self.object.id_index)]

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"others": self.others}

    def act(self, form: LeaveForm) -> None:
        chosen = next((one for one in self.others if str(one.pk) == form.cleaned_data["member"]), None)
        if chosen is None:
            raise Refused("这个人已经不在这户家庭里。")
        leave_household(self.actor, person=self.object, member=chosen, reason=form.cleaned_data["reason"])

    def get_success_url(self) -> str:
        return reverse("desk_member_household", args=[self.object.pk])

    def context(self) -> dict[str, Any]:
        return {"people": self.people, "others": self.others}
