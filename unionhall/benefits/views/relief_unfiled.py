"""Aid for a household without a file, where a scheme has it (金秋助学 of some places), from the member's own page."""

from functools import cached_property
from typing import Any, ClassVar

from django.contrib import messages
from django.db.models import Model
from django.urls import reverse
from django.utils import timezone

from unionhall import rulebook
from unionhall.foundation.views import Act
from unionhall.kit.money import yuan
from unionhall.members import households
from unionhall.members.models import HouseholdMember, Person

from ..actions import relief
from ..actions.relief.receiving import union_of
from ..forms.relief import AidForm
from ..models import Aid
from ..schemes.relief import AIDS, AidScheme
from .relief_desk import AID


def programmes_for(division: str) -> dict[str, str]:
    """Aids that schemes of a place give to households without a file: code → title."""
    found = {}
    for code, title in AIDS.items():
        parameters = rulebook.scheme(code, on=timezone.localdate(), division=division).parameters
        if isinstance(parameters, AidScheme) and parameters.for_unfiled:
            found[code] = title
    return found


class UnfiledForm(AidForm):
    """The same questions; of the aids only those that need no file."""

    def __init__(self, *args: Any, programmes: dict[str, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["programme"].choices = list(programmes.items())  # type: ignore[attr-defined]
        del self.fields["own_cost"]


class UnfiledAid(Act):
    """/desk/relief/unfiled/<person>/: what the rule refuses is said with its reasons; money as for any aid."""

    model: ClassVar[type[Model]] = Person
    permission = AID
    template_name = "benefits/relief/act.html"
    form_class: Any = UnfiledForm

    @cached_property
    def programmes(self) -> dict[str, str]:
        union = union_of(self.object)
        return programmes_for(union.division) if union is not None else {}

    def get_form_kwargs(self) -> dict[str, Any]:
        home = households.home_of(self.object.pk)
        rows = HouseholdMember.objects.everywhere(reason="the household of a person whom the actor may aid")
        rows = rows.current().filter(household=home).exclude(person=self.object).order_by("pk")
        return super().get_form_kwargs() | {"members": rows, "programmes": self.programmes}

    def act(self, form: UnfiledForm) -> Aid:
        given = form.cleaned_data
        aid = relief.grant_aid(
            self.actor, person=self.object, programme=given["programme"], wanted=given["wanted"],
            beneficiary=given["beneficiary"], schooling=given["schooling"], note_text=given["note"],
        )  # fmt: skip
        what = "已列入应付" if aid.payment is not None else "预算已用完，排队等待"
        messages.success(self.request, f"{AIDS[aid.programme]} {yuan(aid.amount)} 元，{what}。")
        return aid

    def get_success_url(self) -> str:
        return reverse("desk_relief_unfiled", args=[self.object.pk])

    def context(self) -> dict[str, Any]:
        person: Person = self.object
        return {
            "heading": "未建档家庭的帮扶",
            "submit": "发放",
            "warning": ""
            if self.programmes
            else "这里的帮扶办法都要先建立困难档案，没有可以直接发放给未建档家庭的项目。",
            "lead": f"{person.name}　没有困难档案的家庭，只能发放方案写明的项目；已建档的请在档案里发放。",
            "back": reverse("desk_relief"),
        }
