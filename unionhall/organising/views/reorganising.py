"""Merging, splitting and dissolving at the desk: each shows its consequences before it is done."""

from typing import Any

from django import forms

from unionhall.members.models import Membership
from unionhall.organisations.forms import ActingForm, UnionField, document_field, on_field
from unionhall.organisations.models import Employer, Organisation
from unionhall.organisations.views.changing import OnOrganisation

from ..actions import reorganising as actions
from ..actions.transfers import CHAIRS_STAY

_WHY = "how many members an action concerns is told to whoever may do it"


class MergeForm(ActingForm):
    into = UnionField(label="并入的工会")
    on = on_field("合并日期")
    document = document_field(required=True)


class SplitForm(ActingForm):
    name = forms.CharField(label="新工会名称", max_length=120)
    employers = forms.ModelMultipleChoiceField(
        label="划出的单位",
        queryset=Employer.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="在这些单位工作的会员随之转入新工会",
    )
    children = forms.MultipleChoiceField(
        label="划出的下级工会", required=False, widget=forms.CheckboxSelectMultiple
    )
    on = on_field("分立日期")
    document = document_field(required=True)


class DissolveForm(ActingForm):
    reason = forms.CharField(label="撤销原因", max_length=300, widget=forms.Textarea)
    destination = UnionField(label="接收会员的工会", required=False)
    disposal = forms.ChoiceField(
        label="会员如何安排", choices=[(one.value, one.label) for one in actions.Disposal], initial="moved"
    )
    on = on_field("撤销日期")
    document = document_field(required=True)


def members_of(organisation: Organisation) -> int:
    return Membership.objects.everywhere(reason=_WHY).current().filter(organisation=organisation).count()


class Reorganise(OnOrganisation):
    """Whose posts end because the membership passes over is named before it is done (工会法 §18)."""

    permission = "organisations.reorganise"

    def posts_left(self, **passing: Any) -> str:
        """One sentence, empty where nobody's post ends; full names for those who may see the union's members."""
        posts = list(actions.posts_left(self.object, **passing).select_related("person").order_by("pk"))
        if not posts:
            return ""
        named = self.actor.may("members.view", *self.object.paths)
        told = [
            f"{post.get_title_display()}{post.person.name if named else post.person.masked_name}"
            for post in posts
        ]
        return f"同时结束任职：{'、'.join(told)}。{CHAIRS_STAY}"


class Merge(Reorganise):
    form_class = MergeForm
    title = "合并"
    success_message = "已合并，{result} 名会员转入承继工会。"

    def consequence(self, form: Any) -> str:
        return (
            f"“{self.object.name}”将终止，它的 {members_of(self.object)} 名会员、覆盖单位和下级工会转入"
            f"“{form.cleaned_data['into'].name}”，任职同时结束。以前的情况保留在历史中。"
        ) + self.posts_left(into=form.cleaned_data["into"], along=[self.object])

    def act(self, form: Any) -> int:
        return actions.merge_unions(self.actor, organisation=self.object, **form.cleaned_data)


class Split(Reorganise):
    form_class = SplitForm
    title = "分立"
    success_message = "已分立出“{result.name}”，组织代码 {result.code}。"

    def get_form(self, form_class: Any = None) -> Any:
        form = super().get_form(form_class)
        covered = self.object.coverages.filter(period__upper_inf=True).values("employer")
        form.fields["employers"].queryset = Employer.objects.filter(pk__in=covered).order_by("name")
        form.fields["children"].choices = [(one.code, one.name) for one in self._children()]
        return form

    def _children(self) -> list[Organisation]:
        rows = Organisation.objects.visible_to(self.access).active()
        return list(rows.filter(parent=self.object).order_by("path")[:200])

    def consequence(self, form: Any) -> str:
        people = actions.people_of(self.object, list(form.cleaned_data["employers"]))
        told = self.posts_left(into=self.object.parent, along=self._chosen(form), people=people)
        return f"{len(people)} 名会员转入新工会；原工会继续存在。{told}"

    def _chosen(self, form: Any) -> list[Organisation]:
        chosen = set(form.cleaned_data["children"])
        return [one for one in self._children() if one.code in chosen]

    def act(self, form: Any) -> Organisation:
        values = dict(form.cleaned_data) | {"children": self._chosen(form)}
        values["employers"] = list(values["employers"])
        return actions.split_union(self.actor, organisation=self.object, **values)


class Dissolve(Reorganise):
    form_class = DissolveForm
    title = "撤销"
    success_message = "已撤销，{result} 名会员已作安排。"

    def get_initial(self) -> dict[str, Any]:
        return {"destination": actions.nearest_with_members(self.object)}

    def consequence(self, form: Any) -> str:
        count = members_of(self.object)
        told = self.posts_left(into=form.cleaned_data["destination"], along=[self.object])
        return f"“{self.object.name}”将终止；{count} 名会员按所选方式安排，覆盖单位解除，任职结束。{told}"

    def act(self, form: Any) -> int:
        return actions.dissolve_union(self.actor, organisation=self.object, **form.cleaned_data)
