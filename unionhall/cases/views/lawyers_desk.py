"""律师名册 at the desk: who is on it, what each has in hand, leave, clients, and leaving."""

from typing import Any

from django import forms
from django.db.models import Count, Q
from django.urls import reverse
from django.utils import timezone

from unionhall.foundation.scope import ScopedQuerySet
from unionhall.foundation.views import Act, Create, Detail, List

from ..actions import lawyers as actions
from ..actions.lawyers import EDIT
from ..forms.lawyers import ConflictForm, LawyerFilter, LawyerForm, LeaveForm
from ..models import Lawyer
from ..schemes.aid import CAUSES, LANGUAGES
from .aid_desk import WHY, tabs

VIEW = "cases.lawyers"


def names_of(codes: list[str]) -> str:
    """Divisions by their names."""
    from unionhall.organisations.models import Division

    rows = dict(Division.objects.filter(code__in=codes).values_list("code", "name"))
    return "、".join(rows.get(code, code) for code in codes)


class Lawyers(List):
    """/desk/lawyers/."""

    model = Lawyer
    permission = VIEW
    template_name = "cases/lawyers/lawyers.html"
    filter_form = LawyerFilter
    ordering = "pk"

    def filtered(self) -> Any:
        rows: Any = self.get_queryset()
        rows = rows.serving_on(timezone.localdate()).select_related("organisation", "account")
        chosen = self.chosen
        if q := chosen.get("q"):
            rows = rows.filter(Q(name__contains=q) | Q(firm__contains=q))
        if chosen.get("skill"):
            rows = rows.filter(skills__contains=[chosen["skill"]])
        if chosen.get("language"):
            rows = rows.filter(languages__contains=[chosen["language"]])
        return rows.annotate(
            held=Count("assignments", filter=Q(assignments__ended_at=None), distinct=True),
            firms=Count("counsels", filter=Q(counsels__period__contains=timezone.localdate()), distinct=True),
            away=Count("leaves", filter=Q(leaves__period__contains=timezone.localdate()), distinct=True),
        )

    def decorate(self, rows: list[Any]) -> list[Any]:
        return [
            {
                "one": one, "skills": "、".join(CAUSES.get(code, code) for code in one.skills),
                "words": "休假" if one.away else "已满" if one.held >= one.most else "可指派",
                "tone": "mute" if one.away else "warn" if one.held >= one.most else "ok",
            }
            for one in rows
        ]  # fmt: skip

    def context(self) -> dict[str, Any]:
        return {"tabs": tabs("desk_lawyers", self.access), "may_edit": bool(self.access.prefixes(EDIT))}


_PLAIN = ("name", "licence", "firm", "telephone", "languages", "skills", "most", "most_firms")


def save(actor: Any, lawyer: Lawyer | None, given: dict[str, Any]) -> Lawyer:
    return actions.save_lawyer(
        actor, organisation=lawyer.organisation if lawyer else given["organisation"], lawyer=lawyer,
        given={name: given[name] for name in _PLAIN} | {"divisions": given["areas"]}, username=given["username"],
        bank=given["bank"], number=given["number"],
    )  # fmt: skip


class NewLawyer(Create):
    """/desk/lawyers/new/."""

    permission = EDIT
    template_name = "cases/aid/form.html"
    form_class: Any = LawyerForm
    success_message = "已登记{result}律师。"

    def act(self, form: LawyerForm) -> Lawyer:
        return save(self.actor, None, form.cleaned_data)

    def get_success_url(self) -> str:
        return reverse("desk_lawyer", args=[self.result.pk])

    def context(self) -> dict[str, Any]:
        return {
            "tabs": tabs("desk_lawyers", self.access), "heading": "登记律师", "submit": "登记",
            "back": reverse("desk_lawyers"), "list_label": "律师名册", "list_url": reverse("desk_lawyers"),
        }  # fmt: skip


class _OnLawyer(Act):
    model = Lawyer
    permission = EDIT
    template_name = "cases/aid/form.html"
    form_class: Any = forms.Form
    heading, lead, submit = "", "", "保存"

    def get_queryset(self) -> ScopedQuerySet[Any]:
        return super().get_queryset().select_related("organisation", "account", "payee")

    def get_success_url(self) -> str:
        return reverse("desk_lawyer", args=[self.object.pk])

    def context(self) -> dict[str, Any]:
        return {
            "tabs": tabs("desk_lawyers", self.access), "heading": f"{self.object}：{self.heading}", "lead": self.lead,
            "submit": self.submit, "back": reverse("desk_lawyer", args=[self.object.pk]), "list_label": "律师名册",
            "list_url": reverse("desk_lawyers"),
        }  # fmt: skip


class EditLawyer(_OnLawyer):
    """/desk/lawyers/<pk>/edit/: all but the union that keeps him."""

    heading, form_class, success_message = "修改", LawyerForm, "已保存。"

    def get_form(self, form_class: Any = None) -> Any:
        form = super().get_form(form_class)
        form.fields.pop("organisation", None)
        return form

    def get_initial(self) -> dict[str, Any]:
        one: Lawyer = self.object
        account = one.account.username if one.account else ""
        return {name: getattr(one, name) for name in _PLAIN} | {
            "areas": ",".join(one.divisions),
            "username": account,
        }

    def act(self, form: Any) -> Lawyer:
        return save(self.actor, self.object, form.cleaned_data)


class Leave(_OnLawyer):
    """/desk/lawyers/<pk>/leave/."""

    heading, form_class, success_message = "登记休假", LeaveForm, "已登记，休假期间不再指派。"
    lead = "手里的案件需要的话请到案件里更换律师。"

    def act(self, form: Any) -> Any:
        return actions.add_leave(self.actor, lawyer=self.object, **form.cleaned_data)


class Conflict(_OnLawyer):
    """/desk/lawyers/<pk>/conflict/."""

    heading, form_class, success_message = (
        "登记利害关系",
        ConflictForm,
        "已登记，不会指派他办理与这家单位的案件。",
    )

    def act(self, form: Any) -> Any:
        return actions.add_conflict(self.actor, lawyer=self.object, **form.cleaned_data)


class EndLawyer(_OnLawyer):
    """/desk/lawyers/<pk>/end/."""

    heading, submit, success_message = "解聘", "解聘", "已解聘。"
    lead = "解聘后不再指派，账号看不到任何案件；他服务的企业要另行安排。"

    def act(self, form: Any) -> Any:
        return actions.end_lawyer(self.actor, lawyer=self.object)

    def get_success_url(self) -> str:
        return reverse("desk_lawyers")


class LawyerPage(Detail):
    """/desk/lawyers/<pk>/: licence, areas, what is in his hands, what he ended, leave, clients, firms."""

    model = Lawyer
    permission = VIEW
    template_name = "cases/lawyers/lawyer.html"

    def get_queryset(self) -> ScopedQuerySet[Any]:
        return super().get_queryset().select_related("organisation", "account", "payee", "body")

    def context(self) -> dict[str, Any]:
        one: Lawyer = self.object
        today = timezone.localdate()
        held = (
            one.assignments.everywhere(reason=WHY).select_related("aid__case__organisation").order_by("-pk")
        )
        sees = self.actor.may
        rows = [
            {"one": each, "seen": sees("cases.aid", *each.aid.case.organisation.paths)} for each in held[:50]
        ]
        facts = [
            ("聘任工会", one.organisation.name), ("执业证号", one.licence), ("律师事务所", one.firm),
            ("执业电话", one.telephone or "—"), ("服务区域", names_of(one.divisions)),
            ("会说", "、".join(LANGUAGES.get(code, code) for code in one.languages) or "普通话"),
            ("擅长", "、".join(CAUSES.get(code, code) for code in one.skills) or "没有登记"),
            ("在办上限", f"{one.most} 件"), ("服务企业上限", f"{one.most_firms} 家"),
            ("登录账号", one.account.username if one.account else "没有"),
            ("补贴收款账户", f"{one.payee.bank} {one.payee.masked}" if one.payee else "没有登记"),
        ]  # fmt: skip
        return {
            "tabs": tabs("desk_lawyers", self.access), "facts": facts, "assignments": rows,
            "may_edit": self.actor.may(EDIT, *one.organisation.paths) and one.until is None,
            "leaves": list(one.leaves.filter(period__endswith__gt=today).order_by("period")[:20]),
            "conflicts": list(one.conflicts.filter(until=None).select_related("employer")[:50]),
            "counsels": list(
                one.counsels.everywhere(reason=WHY).filter(period__contains=today).select_related("employer")[:100]
            ),
        }  # fmt: skip
