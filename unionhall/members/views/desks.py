"""登记账号本人: whose a desk account is, by document, so that nobody decides on his own matter."""

from typing import Any

from django import forms
from django.db.models import Exists, OuterRef
from django.urls import reverse

from unionhall.access.lookups import CountsLookups
from unionhall.access.models import Account, Grant
from unionhall.foundation.views import Act

from .. import hands
from ..documents import choices
from ..models import DeskIdentity, Person


class NameForm(forms.Form):
    id_type = forms.ChoiceField(label="证件类型", choices=choices)
    id_number = forms.CharField(
        label="证件号码", max_length=40, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )
    name = forms.CharField(label="姓名", max_length=50)
    reason = forms.CharField(label="事由", max_length=200, help_text="例如：任命文件编号")


class NameDesk(CountsLookups, Act):
    """An account that holds a grant where I may grant; others are 404."""

    model = Account
    permission = "access.grant"
    template_name = "access/act.html"
    form_class = NameForm
    success_message = "已登记账号本人：{result.masked_name}。"

    def get_queryset(self) -> Any:
        visible = Grant.objects.visible_to(self.access, to="access.view")
        return Account.objects.filter(Exists(visible.filter(account=OuterRef("pk"))))

    def get_initial(self) -> dict[str, Any]:
        return {"id_type": "01"}

    def context(self) -> dict[str, Any]:
        named = DeskIdentity.objects.filter(account=self.object).values_list("person_id", flat=True).first()
        people = Person.objects.everywhere(reason="the name that was given to the account, masked")
        person = people.filter(pk=named).first() if named else None
        now = f"现在登记的是{person.masked_name}。" if person else "还没有登记本人。"
        return {
            "heading": "登记账号本人",
            "back": self.get_success_url(),
            "lead": f"{self.object}（{self.object.username}）：{now}登记后，涉及本人的办件不能用这个账号审核。",
            "submit": "登记",
        }

    def act(self, form: NameForm) -> Person:
        return hands.name_desk(self.actor, account=self.object, **form.cleaned_data)

    def get_success_url(self) -> str:
        return reverse("desk_account", args=[self.object.pk])
