"""部门联动 at the desk: what is before partners, referring, ending; partners and their seats."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db.models import Count, Q
from django.http import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone

from unionhall.foundation.permissions import Role
from unionhall.foundation.scope import ScopedQuerySet
from unionhall.foundation.views import Act, Create, Detail, List
from unionhall.organisations.models import Organisation
from unionhall.organisations.paths import above

from .. import disputes_shown as shown
from .. import referring
from ..actions import referrals as acts
from ..forms.disputes import ReasonForm
from ..forms.referrals import PartnerForm, ReferForm, ReferralFilter, SeatForm
from ..models import Case, CaseFile, CaseText, PartnerBody, PartnerSeat, Referral
from ..versions import moves_of
from .disputes_desk import tabs
from .mediation_desk import account_with, unions

VIEW, EDIT, REFER = "cases.partners", "cases.partners_edit", "cases.refer"
_WHY = "parts of a case that the actor may refer"


def page_of(case: Case) -> str:
    return reverse("desk_case", args=[case.number])


class Referrals(List):
    """/desk/referrals/: every referral of cases in the reader's area, the latest first."""

    model = Referral
    permission = "cases.view"
    template_name = "cases/referrals/list.html"
    filter_form = ReferralFilter

    def get_queryset(self) -> ScopedQuerySet[Any]:
        seen = Case.objects.all().visible_to(self.access)
        return super().get_queryset().filter(case__in=seen.values("pk"))

    def filtered(self) -> ScopedQuerySet[Any]:
        rows, state = self.get_queryset().select_related("case", "body"), self.chosen.get("state")
        waiting = Q(state__in=["sent", "accepted"], ended_at=None)
        conditions = {
            "waiting": waiting,
            "late": waiting & Q(due_at__lt=timezone.now()),
            "replied": Q(state="replied", ended_at=None),
            "ended": Q(ended_at__isnull=False),
        }
        if "body" in self.chosen:
            rows = rows.filter(body=self.chosen["body"])
        return rows.filter(conditions[state]) if state else rows

    def decorate(self, rows: list[Any]) -> list[Any]:
        return [shown.referral_row(one) | {"page": page_of(one.case)} for one in rows]

    def context(self) -> dict[str, Any]:
        rows, here = self.get_queryset().filter(ended_at=None), reverse("desk_referrals")
        waiting = rows.filter(state__in=["sent", "accepted"])
        late = waiting.filter(due_at__lt=timezone.now()).count()
        return {
            "tabs": tabs("desk_referrals", self.access),
            "tiles": [
                {"label": "等对方办", "value": waiting.count(), "unit": "件", "url": f"{here}?state=waiting"},
                {"label": "对方超期", "value": late, "unit": "件", "url": f"{here}?state=late", "hot": late > 0},
                {
                    "label": "已答复待办结", "value": rows.filter(state="replied").count(), "unit": "件",
                    "url": f"{here}?state=replied",
                },
            ],
        }  # fmt: skip


class Refer(Act):
    """/desk/cases/<number>/refer/: to whom, what is asked, what of the case goes along. Of any kind of case."""

    model = Case
    permission = REFER
    slug_field = "number"
    template_name = "cases/disputes/desk_form.html"
    form_class: Any = ReferForm

    def get_queryset(self) -> ScopedQuerySet[Any]:
        seen = Case.objects.all().visible_to(self.access)
        rows = super().get_queryset().filter(pk__in=seen.values("pk"), closed_at=None)
        return rows.select_related("organisation", "employer", "person")

    def get_form_kwargs(self) -> dict[str, Any]:
        case: Case = self.object
        path = case.organisation.path
        bodies = PartnerBody.objects.everywhere(reason="partners of the unions above and below the case's")
        around = Q(organisation__path__in=[*above(path), path]) | Q(organisation__path__startswith=path)
        found = list(bodies.filter(around, suspended=False).order_by("kind", "name")[:100])
        texts = CaseText.objects.everywhere(reason=_WHY).filter(case=case).order_by("pk")
        files = CaseFile.objects.everywhere(reason=_WHY).filter(case=case).order_by("pk")
        return super().get_form_kwargs() | {
            "bodies": found, "facts": referring.facts_of(case), "texts": list(texts), "files": list(files),
            "whole": any(one.code == "refer" for one in moves_of(case)),
        }  # fmt: skip

    def act(self, form: ReferForm) -> Referral:
        return acts.refer(self.actor, case=self.object, **form.chosen())

    def done(self) -> HttpResponseBase:
        due = timezone.localdate(self.result.due_at)
        messages.success(self.request, f"已转给{self.result.body.name}，应在 {due} 前接收。")
        return redirect(page_of(self.object))

    def context(self) -> dict[str, Any]:
        return {
            "heading": f"转办：{self.object.number}", "submit": "转办", "back": page_of(self.object),
            "lead": "可以同时转给几个单位，各走各的时限。", "tabs": tabs("desk_referrals", self.access),
            "case": self.object,
        }  # fmt: skip


class EndReferral(Act):
    """/desk/referrals/<pk>/end/: withdraw, or take note of the answer; the partner's folder closes."""

    model = Referral
    permission = REFER
    template_name = "cases/referrals/end.html"
    form_class: Any = ReasonForm
    success_message = "已办理，对方不再看得到这件案件。"

    def get_queryset(self) -> ScopedQuerySet[Any]:
        seen = Case.objects.all().visible_to(self.access)
        rows = super().get_queryset().filter(case__in=seen.values("pk"))
        return rows.select_related("case__organisation", "body")

    @property
    def replied(self) -> bool:
        return bool(self.object.state == Referral.State.REPLIED)

    def get_form(self, form_class: Any = None) -> Any:
        form = super().get_form(form_class)
        form.fields["reason"].required = not self.replied
        form.fields["reason"].label = "备注" if self.replied else "撤回理由"
        return form

    def act(self, form: ReasonForm) -> Referral:
        return acts.end(
            self.actor, referral=self.object, withdraw=not self.replied, reason=form.cleaned_data["reason"]
        )

    def get_success_url(self) -> str:
        return page_of(self.object.case)

    def context(self) -> dict[str, Any]:
        return {
            "heading": "办结转办" if self.replied else "撤回转办", "submit": "办结" if self.replied else "撤回",
            "back": self.get_success_url(), "tabs": tabs("desk_referrals", self.access),
            "lead": f"{self.object.body.name}：{self.object.act_label}",
        }  # fmt: skip


# Partners ------------------------------------------------------------------------------------------------------------


class Partners(List):
    """/desk/partners/: partners of the reader's area, with seats and what waits there."""

    model = PartnerBody
    permission = VIEW
    template_name = "cases/referrals/partners.html"

    def filtered(self) -> ScopedQuerySet[Any]:
        open_one = Q(referrals__ended_at=None, referrals__state__in=["sent", "accepted"])
        return self.get_queryset().select_related("organisation").annotate(
            people=Count("seats", filter=Q(seats__until=None), distinct=True),
            waiting=Count("referrals", filter=open_one, distinct=True),
            late=Count("referrals", filter=open_one & Q(referrals__due_at__lt=timezone.now()), distinct=True),
        )  # fmt: skip

    def context(self) -> dict[str, Any]:
        return {
            "tabs": tabs("desk_partners", self.access),
            "may_edit": bool(self.access.prefixes(EDIT)),
        }


class PartnerPage(Detail):
    """/desk/partners/<pk>/: what it can be asked, its seats, its latest referrals."""

    model = PartnerBody
    permission = VIEW
    template_name = "cases/referrals/partner.html"

    def get_queryset(self) -> ScopedQuerySet[Any]:
        return super().get_queryset().select_related("organisation")

    def context(self) -> dict[str, Any]:
        body: PartnerBody = self.object
        kind = referring.kind_of(body)
        seats = PartnerSeat.objects.everywhere(reason="seats of a partner that the reader may open")
        seen = Case.objects.all().visible_to(self.access)
        rows = (
            Referral.objects.all().visible_to(self.access, to="cases.view").filter(case__in=seen.values("pk"))
        )
        latest = rows.filter(body=body).select_related("case", "body").order_by("-pk")[:20]
        return {
            "tabs": tabs("desk_partners", self.access),
            "may_edit": self.actor.may(EDIT, *body.organisation.paths),
            "kind": kind,
            "acts": kind.acts if kind else (),
            "facts": [
                ("类别", body.kind_label), ("召集工会", body.organisation.name), ("辖区", body.division),
                ("联络员", body.contact), ("电话", body.telephone), ("状态", "暂停联动" if body.suspended else "正常"),
            ],
            "seats": list(seats.filter(body=body).select_related("account").order_by("until", "pk")),
            "rows": [shown.referral_row(one) | {"page": page_of(one.case)} for one in latest],
        }  # fmt: skip


class _PartnerForm:
    """What entering and changing a partner share."""

    access: Any
    template_name: Any = "cases/disputes/desk_form.html"
    form_class: Any = PartnerForm

    def kinds(self, division: str) -> list[tuple[str, str]]:
        found = referring.scheme_for(division, timezone.localdate()).parameters.kinds
        return [(one.code, one.label) for one in found]

    def page(self, heading: str, back: str) -> dict[str, Any]:
        return {
            "heading": heading, "submit": "保存", "back": back, "tabs": tabs("desk_partners", self.access),
            "lead": "单位类别、能办的事项和时限来自当地的“部门联动”方案。",
        }  # fmt: skip


_FIELDS = ("kind", "name", "division", "contact", "telephone", "suspended")


class NewPartner(_PartnerForm, Create):
    """/desk/partners/new/."""

    permission = EDIT

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"unions": unions(self.access, EDIT), "kinds": self.kinds("")}

    def act(self, form: PartnerForm) -> PartnerBody:
        given = form.cleaned_data
        values = {name: given[name] for name in _FIELDS}
        return acts.save_partner(self.actor, organisation=given["organisation"], body=None, given=values)

    def done(self) -> HttpResponseBase:
        messages.success(self.request, "已登记。请接着开通席位。")
        return redirect("desk_partner", self.result.pk)

    def context(self) -> dict[str, Any]:
        return self.page("登记联动单位", reverse("desk_partners"))


class EditPartner(_PartnerForm, Act):
    """/desk/partners/<pk>/edit/."""

    model = PartnerBody
    permission = EDIT
    success_message = "已保存。"

    def get_initial(self) -> dict[str, Any]:
        return {name: getattr(self.object, name) for name in ("organisation", *_FIELDS)}

    def get_form_kwargs(self) -> dict[str, Any]:
        own = (
            Organisation.objects.all().visible_to(self.access, to=EDIT).filter(pk=self.object.organisation_id)
        )
        return super().get_form_kwargs() | {"unions": own, "kinds": self.kinds(self.object.division)}

    def act(self, form: PartnerForm) -> PartnerBody:
        given = form.cleaned_data
        values = {name: given[name] for name in _FIELDS}
        return acts.save_partner(
            self.actor, organisation=given["organisation"], body=self.object, given=values
        )

    def get_success_url(self) -> str:
        return reverse("desk_partner", args=[self.object.pk])

    def context(self) -> dict[str, Any]:
        return self.page(f"修改：{self.object.name}", self.get_success_url())


class NewSeat(Act):
    """/desk/partners/<pk>/seats/new/: an account with the role 联动部门 around the partner's union."""

    model = PartnerBody
    permission = EDIT
    template_name = "cases/disputes/desk_form.html"
    form_class: Any = SeatForm
    success_message = "已开通席位。"

    def get_queryset(self) -> ScopedQuerySet[Any]:
        return super().get_queryset().select_related("organisation")

    def act(self, form: SeatForm) -> PartnerSeat:
        body: PartnerBody = self.object
        account = account_with(form.cleaned_data["username"], Role.AGENCY, body.organisation)
        return acts.add_seat(self.actor, body=body, account=account)

    def get_success_url(self) -> str:
        return reverse("desk_partner", args=[self.object.pk])

    def context(self) -> dict[str, Any]:
        return {
            "heading": f"{self.object.name}：开通席位", "submit": "开通", "back": self.get_success_url(),
            "tabs": tabs("desk_partners", self.access), "lead": "席位只看得到转给这个单位的案件里勾选的内容。",
        }  # fmt: skip


class EndSeat(Act):
    """POST /desk/partners/seats/<pk>/end/."""

    model = PartnerSeat
    permission = EDIT
    http_method_names = ("post",)
    success_message = "已停用。"

    def get_queryset(self) -> ScopedQuerySet[Any]:
        return super().get_queryset().select_related("body__organisation")

    def act(self, form: Any) -> None:
        acts.end_seat(self.actor, seat=self.object)

    def refuse(self, form: Any) -> Any:
        messages.error(self.request, " ".join(str(one) for one in form.non_field_errors()))
        return redirect(self.get_success_url())

    def get_success_url(self) -> str:
        return reverse("desk_partner", args=[self.object.body_id])
