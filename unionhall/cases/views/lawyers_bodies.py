"""法律援助机构 at the desk: coverage of county-and-above unions, who is on duty on which day, what closed."""

from collections import Counter
from typing import Any

from django import forms
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from unionhall.foundation.scope import ScopedQuerySet
from unionhall.foundation.views import Act, Create, Detail, List
from unionhall.organisations.kinds import Kind, Level
from unionhall.organisations.models import Organisation
from unionhall.organisations.paths import above

from ..actions import lawyers as actions
from ..actions.aid import scheme_for
from ..actions.lawyers import EDIT
from ..forms.lawyers import WEEKDAYS, BodyForm, CloseBodyForm, DutyForm
from ..models import AidDuty, Lawyer, LegalAidBody
from ..rules.aid import short_days
from .aid_desk import WHY, tabs
from .lawyers_desk import VIEW

DAYS = dict(WEEKDAYS)
_PLAIN = ("name", "division", "address", "telephone", "hours", "weekdays")


def seats(access: Any) -> ScopedQuerySet[Organisation]:
    """Federations of county level and above that the reader sees: each should have an aid body."""
    rows = Organisation.objects.visible_to(access, to=VIEW).active()
    return rows.filter(kind=Kind.FEDERATION, level__lte=Level.COUNTY)


def on_duty(bodies: list[LegalAidBody]) -> dict[int, Counter[int]]:
    """How many lawyers sit at each body on each weekday."""
    rows = AidDuty.objects.everywhere(reason=WHY).filter(body__in=bodies, until=None)
    found: dict[int, Counter[int]] = {one.pk: Counter() for one in bodies}
    for body, weekday in rows.values_list("body", "weekday"):
        found[body][weekday] += 1
    return found


class Bodies(List):
    """/desk/aid/bodies/: the coverage, every body with its weak days, the unions that have none."""

    model = LegalAidBody
    permission = VIEW
    template_name = "cases/lawyers/bodies.html"
    ordering = "pk"

    def filtered(self) -> ScopedQuerySet[Any]:
        return self.get_queryset().select_related("organisation")

    def decorate(self, rows: list[Any]) -> list[Any]:
        today, counts = timezone.localdate(), on_duty(rows)
        least = {one.division: scheme_for(one.division).least_on_duty for one in rows}
        found = []
        for one in rows:
            short = short_days(counts[one.pk], one.weekdays, least[one.division])
            open_now = one.is_open_on(today)
            words = "停止服务" if not open_now else "值班不足" if short else "正常"
            tone = "bad" if not open_now else "warn" if short else "ok"
            found.append(
                {
                    "one": one,
                    "words": words,
                    "tone": tone,
                    "short": "、".join(DAYS[day] for day in short) if open_now else "",
                }
            )
        return found

    def context(self) -> dict[str, Any]:
        today = timezone.localdate()
        all_seats = seats(self.access)
        covered = LegalAidBody.objects.everywhere(reason="whether a union has a body").open_on(today)
        lacking = all_seats.exclude(pk__in=covered.values("organisation")).order_by("path")
        total, missing = all_seats.count(), lacking.count()
        share = f"{(total - missing) * 100 / total:.0f}%" if total else "—"
        return {
            "tabs": tabs("desk_aid_bodies", self.access), "may_edit": bool(self.access.prefixes(EDIT)),
            "tiles": [
                {"label": "县级以上工会", "value": total, "unit": "个"},
                {"label": "已设法律援助机构", "value": total - missing, "unit": "个"},
                {"label": "覆盖率", "value": share},
            ],
            "lacking": list(lacking[:50]), "missing": missing,
        }  # fmt: skip


class NewBody(Create):
    """/desk/aid/bodies/new/."""

    permission = EDIT
    template_name = "cases/aid/form.html"
    form_class: Any = BodyForm
    success_message = "已登记“{result}”。接着安排值班律师。"

    def act(self, form: BodyForm) -> LegalAidBody:
        given = form.cleaned_data
        return actions.save_body(
            self.actor,
            organisation=given["organisation"],
            body=None,
            given={name: given[name] for name in _PLAIN},
        )

    def get_success_url(self) -> str:
        return reverse("desk_aid_body", args=[self.result.pk])

    def context(self) -> dict[str, Any]:
        return {
            "tabs": tabs("desk_aid_bodies", self.access), "heading": "登记法律援助机构", "submit": "登记",
            "back": reverse("desk_aid_bodies"), "list_label": "援助机构", "list_url": reverse("desk_aid_bodies"),
        }  # fmt: skip


class _OnBody(Act):
    model = LegalAidBody
    permission = EDIT
    template_name = "cases/aid/form.html"
    form_class: Any = forms.Form
    heading, lead, submit = "", "", "保存"

    def get_queryset(self) -> ScopedQuerySet[Any]:
        return super().get_queryset().select_related("organisation")

    def get_success_url(self) -> str:
        return reverse("desk_aid_body", args=[self.object.pk])

    def context(self) -> dict[str, Any]:
        return {
            "tabs": tabs("desk_aid_bodies", self.access), "heading": f"{self.object}：{self.heading}",
            "lead": self.lead, "submit": self.submit, "back": self.get_success_url(), "list_label": "援助机构",
            "list_url": reverse("desk_aid_bodies"),
        }  # fmt: skip


class EditBody(_OnBody):
    """/desk/aid/bodies/<pk>/edit/."""

    heading, form_class, success_message = "修改", BodyForm, "已保存。"

    def get_form(self, form_class: Any = None) -> Any:
        form = super().get_form(form_class)
        form.fields.pop("organisation", None)
        return form

    def get_initial(self) -> dict[str, Any]:
        return {name: getattr(self.object, name) for name in _PLAIN}

    def act(self, form: Any) -> LegalAidBody:
        return actions.save_body(
            self.actor, organisation=self.object.organisation, body=self.object, given=form.cleaned_data
        )


class Duty(_OnBody):
    """/desk/aid/bodies/<pk>/duty/?weekday=1: who sits there on a weekday."""

    heading, form_class, success_message = "安排值班", DutyForm, "已安排，{result} 名律师值班。"

    def get_form_kwargs(self) -> dict[str, Any]:
        body: LegalAidBody = self.object
        path = body.organisation.path
        rows = Lawyer.objects.everywhere(reason="who may sit at the actor's own body").serving_on(
            timezone.localdate()
        )
        here = Q(organisation__path__startswith=path) | Q(organisation__path__in=above(path))
        rows = rows.filter(here)
        return super().get_form_kwargs() | {"lawyers": rows.order_by("pk"), "weekdays": body.weekdays}

    def get_initial(self) -> dict[str, Any]:
        text = self.request.GET.get("weekday", "")
        weekday = int(text) if text in {"1", "2", "3", "4", "5", "6", "7"} else self.object.weekdays[0]
        rows = AidDuty.objects.everywhere(reason=WHY).filter(body=self.object, weekday=weekday, until=None)
        return {"weekday": weekday, "lawyers": list(rows.values_list("lawyer", flat=True))}

    def act(self, form: Any) -> int:
        given = form.cleaned_data
        return actions.set_duty(
            self.actor, body=self.object, weekday=given["weekday"], lawyers=list(given["lawyers"])
        )


class CloseBody(_OnBody):
    """/desk/aid/bodies/<pk>/close/."""

    heading, submit, form_class, success_message = "停止服务", "停止服务", CloseBodyForm, "已登记停止服务。"
    lead = "停止后新的申请转到邻近机构，上级工会的待办里会出现覆盖缺口。"

    def act(self, form: Any) -> LegalAidBody:
        return actions.close_body(self.actor, body=self.object, **form.cleaned_data)


class BodyPage(Detail):
    """/desk/aid/bodies/<pk>/: where, when, who is on duty on each day."""

    model = LegalAidBody
    permission = VIEW
    template_name = "cases/lawyers/body.html"

    def get_queryset(self) -> ScopedQuerySet[Any]:
        return super().get_queryset().select_related("organisation")

    def context(self) -> dict[str, Any]:
        one: LegalAidBody = self.object
        least = scheme_for(one.division).least_on_duty
        by_day: dict[int, list[Lawyer]] = {day: [] for day in sorted(one.weekdays)}
        for duty in one.duties.filter(until=None).select_related("lawyer").order_by("weekday", "pk"):
            by_day.setdefault(duty.weekday, []).append(duty.lawyer)
        facts = [
            ("设立工会", one.organisation.name), ("服务区域", one.division), ("地址", one.address or "—"),
            ("电话", one.telephone or "—"), ("接待时间", one.hours), ("设立日期", f"{one.since}"),
            ("停止服务", f"{one.until}：{one.closed_because}" if one.until else "—"),
        ]  # fmt: skip
        return {
            "tabs": tabs("desk_aid_bodies", self.access), "facts": facts, "least": least,
            "days": [
                {"day": day, "label": DAYS[day], "lawyers": rows, "short": len(rows) < least}
                for day, rows in by_day.items()
            ],
            "may_edit": self.actor.may(EDIT, *one.organisation.paths) and one.until is None,
        }  # fmt: skip
