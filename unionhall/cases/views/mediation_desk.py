"""调解组织和调解员 at the desk: bodies, rosters, leave."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db.models import Count, Q
from django.http import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone

from unionhall.access.models import Account, Grant
from unionhall.foundation.errors import Refused
from unionhall.foundation.permissions import Role
from unionhall.foundation.scope import ScopedQuerySet
from unionhall.foundation.views import Act, Create, Detail, List
from unionhall.organisations.models import Organisation
from unionhall.organisations.paths import above

from ..actions import mediation as acts
from ..forms.mediation import BodyForm, LeaveForm, MediatorForm
from ..models import MediationBody, Mediator, MediatorLeave
from ..models.mediation import stands_on
from ..schemes.disputes import CAUSES
from .disputes_desk import tabs

VIEW, EDIT = "cases.mediation", "cases.mediation_edit"
_WHY = "roster of a body that the reader may open"


def unions(access: Any, permission: str) -> ScopedQuerySet[Organisation]:
    """Unions for which the actor may keep a list, the highest first; a hundred are enough to choose from."""
    rows = Organisation.objects.all().visible_to(access, to=permission).active()
    first = rows.order_by("level", "path").values("pk")[:100]
    return (
        Organisation.objects.all()
        .visible_to(access, to=permission)
        .filter(pk__in=first)
        .order_by("level", "path")
    )


def account_with(name: str, role: Role, union: Organisation, field: str = "username") -> Account:
    """The account of this name that holds the role around a union. Raises Refused when there is none."""
    held = Grant.objects.everywhere(reason="whether an account holds the role here")
    held = held.in_force(timezone.localdate()).filter(
        Q(organisation__path__startswith=union.path) | Q(organisation__path__in=above(union.path)),
        account__username=name.strip(), role=role,
    )  # fmt: skip
    found = held.select_related("account").first()
    if found is None:
        raise Refused(
            f"没有这个账号，或者它没有本工会范围内的{role.label}角色。请先在“账号和授权”开通。", field
        )
    account: Account = found.account
    return account


class Bodies(List):
    """/desk/mediation/: mediation bodies of the reader's area, with mediators and open cases."""

    model = MediationBody
    permission = VIEW
    template_name = "cases/disputes/bodies.html"

    def filtered(self) -> ScopedQuerySet[Any]:
        serving = stands_on(timezone.localdate(), of="mediators__")
        return self.get_queryset().select_related("organisation").annotate(
            people=Count("mediators", filter=serving, distinct=True),
            held=Count("mediations", filter=Q(mediations__ended_at=None), distinct=True),
        )  # fmt: skip

    def context(self) -> dict[str, Any]:
        rows = self.get_queryset().filter(stands_on(timezone.localdate()))
        kinds = dict(rows.order_by().values_list("kind").annotate(n=Count("pk")))
        return {
            "tabs": tabs("desk_mediation", self.access),
            "may_edit": bool(self.access.prefixes(EDIT)),
            "tiles": [
                {"label": label, "value": kinds.get(code, 0), "unit": "个"}
                for code, label in MediationBody.Kind.choices
            ],
        }


class BodyPage(Detail):
    """/desk/mediation/<pk>/: the roster with skills, load, leave."""

    model = MediationBody
    permission = VIEW
    template_name = "cases/disputes/body.html"

    def get_queryset(self) -> ScopedQuerySet[Any]:
        return super().get_queryset().select_related("organisation", "employer")

    def context(self) -> dict[str, Any]:
        body: MediationBody = self.object
        today = timezone.localdate()
        people = list(
            Mediator.objects.everywhere(reason=_WHY)
            .filter(body=body)
            .select_related("account")
            .order_by("pk")
        )
        load = acts.load_of(people)
        leaves = MediatorLeave.objects.everywhere(reason=_WHY).filter(
            mediator__in=people, period__endswith__gt=today
        )
        away = {one.mediator_id: one.period for one in leaves.order_by("-period")}
        return {
            "tabs": tabs("desk_mediation", self.access),
            "may_edit": self.actor.may(EDIT, *body.organisation.paths),
            "facts": [
                ("类别", body.get_kind_display()), ("牵头工会", body.organisation.name), ("服务区域", body.division),
                ("用人单位", body.employer.name if body.employer else ""), ("地址", body.address),
                ("电话", body.telephone),
                ("成立", body.since), ("撤销", body.until or ""),
            ],
            "people": [
                {
                    "row": one, "load": load.get(one.pk, 0), "away": away.get(one.pk),
                    "is_away": one.pk in away and away[one.pk].lower <= today,
                    "skills": "、".join(CAUSES.get(code, code) for code in one.skills),
                    "languages": "、".join(acts.LANGUAGES.get(code, code) for code in one.languages),
                    "gone": one.until is not None and one.until <= today,
                }
                for one in people
            ],
        }  # fmt: skip


class _Page:
    """What the forms share."""

    access: Any
    template_name: Any = "cases/disputes/desk_form.html"

    def page(self, heading: str, back: str, lead: str = "") -> dict[str, Any]:
        return {
            "heading": heading, "submit": "保存", "back": back, "lead": lead,
            "tabs": tabs("desk_mediation", self.access),
        }  # fmt: skip


_BODY = ("kind", "name", "division", "employer", "address", "telephone", "since", "until")


class NewBody(_Page, Create):
    """/desk/mediation/new/."""

    permission = EDIT
    form_class = BodyForm

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"unions": unions(self.access, EDIT)}

    def act(self, form: BodyForm) -> MediationBody:
        given = form.cleaned_data
        values = {name: given[name] for name in _BODY}
        return acts.save_body(self.actor, organisation=given["organisation"], body=None, given=values)

    def done(self) -> HttpResponseBase:
        messages.success(self.request, "已登记。请接着登记调解员。")
        return redirect("desk_mediation_body", self.result.pk)

    def context(self) -> dict[str, Any]:
        return self.page("登记调解组织", reverse("desk_mediation"))


class EditBody(_Page, Act):
    """/desk/mediation/<pk>/edit/."""

    model = MediationBody
    permission = EDIT
    form_class: Any = BodyForm
    success_message = "已保存。"

    def get_initial(self) -> dict[str, Any]:
        return {name: getattr(self.object, name) for name in ("organisation", *_BODY)}

    def get_form_kwargs(self) -> dict[str, Any]:
        own = (
            Organisation.objects.all().visible_to(self.access, to=EDIT).filter(pk=self.object.organisation_id)
        )
        return super().get_form_kwargs() | {"unions": own}

    def act(self, form: BodyForm) -> MediationBody:
        given = form.cleaned_data
        values = {name: given[name] for name in _BODY}
        return acts.save_body(self.actor, organisation=given["organisation"], body=self.object, given=values)

    def get_success_url(self) -> str:
        return reverse("desk_mediation_body", args=[self.object.pk])

    def context(self) -> dict[str, Any]:
        return self.page(f"修改：{self.object.name}", self.get_success_url())


class _MediatorForm(_Page, Act):
    """Adding and changing a mediator: the account is one that holds the role around the body's union."""

    permission = EDIT
    form_class: Any = MediatorForm
    success_message = "已保存。"

    @property
    def body(self) -> MediationBody:
        raise NotImplementedError

    def save(self, form: MediatorForm, mediator: Mediator | None) -> Mediator:
        given = dict(form.cleaned_data)
        name = given.pop("username").strip()
        given["account"] = account_with(name, Role.MEDIATOR, self.body.organisation) if name else None
        return acts.save_mediator(self.actor, body=self.body, mediator=mediator, given=given)

    def get_success_url(self) -> str:
        return reverse("desk_mediation_body", args=[self.body.pk])


class NewMediator(_MediatorForm):
    """/desk/mediation/<pk>/mediators/new/."""

    model = MediationBody

    @property
    def body(self) -> MediationBody:
        found: MediationBody = self.object
        return found

    def act(self, form: MediatorForm) -> Mediator:
        return self.save(form, None)

    def context(self) -> dict[str, Any]:
        return self.page(f"{self.object.name}：登记调解员", self.get_success_url())


class EditMediator(_MediatorForm):
    """/desk/mediation/mediators/<pk>/."""

    model = Mediator

    def get_queryset(self) -> ScopedQuerySet[Any]:
        return super().get_queryset().select_related("body__organisation", "account")

    @property
    def body(self) -> MediationBody:
        found: MediationBody = self.object.body
        return found

    def get_initial(self) -> dict[str, Any]:
        one: Mediator = self.object
        names = ("name", "occupation", "skills", "languages", "most", "since", "until")
        return {name: getattr(one, name) for name in names} | {
            "username": one.account.username if one.account else "", "divisions": " ".join(one.divisions)
        }  # fmt: skip

    def act(self, form: MediatorForm) -> Mediator:
        return self.save(form, self.object)

    def context(self) -> dict[str, Any]:
        return self.page(
            f"修改调解员：{self.object.name}",
            self.get_success_url(),
            "解聘日期一到，在办的案件自动转给其他调解员。",
        )


class Leave(_Page, Act):
    """/desk/mediation/mediators/<pk>/leave/: his cases go to others, on the day on which it begins."""

    model = Mediator
    permission = EDIT
    form_class = LeaveForm

    def get_queryset(self) -> ScopedQuerySet[Any]:
        return super().get_queryset().select_related("body__organisation")

    def act(self, form: LeaveForm) -> Any:
        return acts.take_leave(self.actor, mediator=self.object, **form.cleaned_data)

    def done(self) -> HttpResponseBase:
        leave, given, left = self.result
        begun = leave.period.lower <= timezone.localdate()
        what = f"{len(given)} 件案件转给了其他调解员" if begun else "从开始那天起，在办案件转给其他调解员"
        messages.success(self.request, f"已登记请假，{what}。")
        if left:
            numbers = "、".join(one.number for one in left)
            messages.warning(self.request, f"没有人能接，仍在原调解员名下，请人工处理：{numbers}")
        return redirect("desk_mediation_body", self.object.body_id)

    def context(self) -> dict[str, Any]:
        back = reverse("desk_mediation_body", args=[self.object.body_id])
        return self.page(
            f"{self.object.name}：登记请假",
            back,
            "从请假开始那天起，在办案件按区域、专长、在办量转给别人；今天在假的立即转。",
        )
