"""/desk/visits/: the list, one visit, and what may be done with it; made for a cadre's phone as well."""

from functools import cached_property
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q
from django.http import Http404
from django.urls import reverse
from django.utils import timezone

from unionhall.foundation.offers import offers
from unionhall.foundation.views import Detail, List
from unionhall.kit.text import number_of
from unionhall.members.hands import hands
from unionhall.members.models import Membership
from unionhall.organisations.models import Employer

from .. import presenting
from ..actions import visiting
from ..forms.filters import VisitFilter
from ..forms.visits import (
    DayForm,
    DoneForm,
    PhotoForm,
    ReasonForm,
    StopsForm,
    VisitForm,
    WriteForm,
    colleagues_of,
)
from ..models import ContactPoint, Visit, VisitDuty, VisitItem, Visitor, VisitStop
from .acting import VIEW, VISIT, CountsPeople, PlainAct, PlainCreate, narrowed

State = Visit.State
WHY = presenting.WHY


def mine(access: Any) -> Q:
    """Visits on which the reader goes."""
    rows = Visitor.objects.everywhere(reason="visits on which the reader himself goes")
    return Q(Exists(rows.filter(visit=OuterRef("pk"), account__in=hands(access).accounts)))


class Visits(List):
    """/desk/visits/, latest first."""

    model = Visit
    permission = VIEW
    template_name = "outreach/visits.html"
    filter_form = VisitFilter

    def get_queryset(self) -> Any:
        return super().get_queryset().select_related("organisation")

    def filtered(self) -> Any:
        chosen = self.chosen
        rows = narrowed(self.get_queryset(), chosen.get("under", ""), self.access)
        if "kind" in chosen:
            rows = rows.filter(kind=chosen["kind"])
        if chosen.get("state") == "made":
            rows = rows.made()
        elif "state" in chosen:
            rows = rows.filter(state=chosen["state"])
        if "year" in chosen:
            rows = rows.filter(on__year=chosen["year"])
        if "who" in chosen:
            rows = rows.filter(mine(self.access))
        if "q" in chosen:
            stops = VisitStop.objects.everywhere(reason="a sub-select of visits that are in scope already")
            named = stops.filter(visit=OuterRef("pk")).filter(
                Q(employer__name__contains=chosen["q"]) | Q(union__name__contains=chosen["q"])
            )
            rows = rows.filter(Q(venue__contains=chosen["q"]) | Exists(named))
        return rows

    def decorate(self, rows: list[Any]) -> list[Any]:
        keys = [one.pk for one in rows]
        stops = VisitStop.objects.everywhere(reason=WHY).filter(visit__in=keys).order_by()
        counts = stops.values("visit").annotate(
            firms=Count("employer"), families=Count("person"), unions=Count("union")
        )
        seen = {
            visit: {"firms": firms, "families": families, "unions": unions}
            for visit, firms, families, unions in counts.values_list("visit", "firms", "families", "unions")
        }
        people: dict[int, list[str]] = {}
        went = Visitor.objects.everywhere(reason=WHY).filter(visit__in=keys).select_related("account")
        for one in went.order_by("-leads", "pk"):
            people.setdefault(one.visit_id, []).append(one.account.display_name)
        none = {"firms": 0, "families": 0, "unions": 0}
        return [
            {
                "visit": one,
                "tone": presenting.VISIT_TONES[one.state],
                "people": people.get(one.pk, []),
                **(seen.get(one.pk, none)),
            }
            for one in rows
        ]

    def context(self) -> dict[str, Any]:
        today, here = timezone.localdate(), reverse("desk_visits")
        waiting = self.get_queryset().filter(mine(self.access))
        counts = waiting.aggregate(
            planned=Count("pk", filter=Q(state=State.PLANNED, on__gte=today)),
            missed=Count("pk", filter=Q(state=State.PLANNED, on__lt=today)),
            unwritten=Count("pk", filter=Q(state=State.DONE)),
        )
        duties = VisitDuty.objects.visible_to(self.access, to=VIEW).open()
        late = VisitItem.objects.visible_to(self.access, to=VIEW).late(today).count()
        tiles = [
            ("我要去的走访", counts["planned"], f"{here}?who=mine&state=planned", False),
            ("计划过期没去", counts["missed"], f"{here}?who=mine&state=planned", False),
            ("待填写情况", counts["unwritten"], f"{here}?who=mine&state=done", False),
            ("待走访的必访任务", duties.count(), f"{reverse('desk_visit_duties')}?state=open", False),
            ("逾期的走访问题", late, f"{reverse('desk_visit_items')}?state=late", True),
        ]
        return {
            "tabs": presenting.tabs("desk_visits"),
            "tiles": [
                {"label": label, "value": value, "url": url, "hot": hot and bool(value)}
                for label, value, url, hot in tiles
            ],
            "may_visit": bool(self.access.prefixes(VISIT)),
        }


class _OfVisit:
    model: Any = Visit
    object: Any
    access: Any

    def get_queryset(self) -> Any:
        return super().get_queryset().select_related("organisation", "made_by")  # type: ignore[misc]

    def back(self) -> str:
        return reverse("desk_visit", args=[self.object.pk])


class VisitPage(_OfVisit, Detail):
    """/desk/visits/<pk>/: where it went, what was found, what comes next."""

    permission = VIEW
    template_name = "outreach/visit.html"

    def context(self) -> dict[str, Any]:
        visit: Visit = self.object
        people = visit.visitors.everywhere(reason=WHY).select_related("account").order_by("-leads", "pk")
        items = VisitItem.objects.everywhere(reason=WHY).filter(visit=visit).select_related("owner")
        duties = VisitDuty.objects.everywhere(reason=WHY).filter(visit=visit)
        handle = self.actor.may(VISIT, *visit.organisation.paths)
        planned, in_time = visit.state == State.PLANNED, visiting.in_time(visit)
        facts = [
            ("走访工会", visit.organisation.name),
            ("走访人员", "、".join(one.account.display_name for one in people)),
            ("地点", visit.venue or "—"),
            ("走访时间", f"{timezone.localtime(visit.done_at):%Y-%m-%d %H:%M}" if visit.done_at else "—"),
        ]
        if visit.latitude is not None:
            facts.append(("位置", f"{visit.latitude}，{visit.longitude}（约百米）"))
        if visit.cancelled_because:
            facts.append(("取消原因", visit.cancelled_because))
        return {
            "tone": presenting.VISIT_TONES[visit.state],
            "facts": facts,
            "stops": presenting.stops(visit, self.actor),
            "items": presenting.item_rows(items.order_by("pk")),
            "photos": presenting.photos(visit),
            "duties": [presenting.duty_row(one, timezone.now()) for one in duties.order_by("pk")],
            "may": {
                "change": handle and visit.is_open,
                "add": handle and visit.is_open and in_time,
                "day": handle and planned and in_time,
                "done": handle and planned and in_time and visit.on <= timezone.localdate(),
                "cancel": handle and planned,
                "write": handle and visit.state in Visit.MADE,
                "item": handle and visit.state in Visit.MADE,
                "photo": handle and visit.state != State.CANCELLED,
            },
            "offers": offers("visit.detail", self.request, visit),
        }


class _Targets:
    """The reader's contact points as ticks; firms and people that an address brings along."""

    access: Any
    actor: Any
    request: Any

    @cached_property
    def points(self) -> list[ContactPoint]:
        rows = ContactPoint.objects.everywhere(reason="the reader's own contact points").current()
        rows = rows.filter(account__in=hands(self.access).accounts)
        return list(rows.select_related("employer", "person", "union", "organisation").order_by("pk")[:60])

    def target_kwargs(self) -> dict[str, Any]:
        return {
            "points": self.points,
            "names": {
                one.pk: f"{presenting.KINDS[one.kind]}　"
                f"{presenting.name_of(one, self.actor, one.organisation.paths)}"
                for one in self.points
            },
        }

    def brought(self) -> dict[str, str]:
        """`?employer=` and `?person=`: keys from other pages, as the lines they stand for."""
        found: dict[str, str] = {}
        employer, person = (number_of(self.request.GET.get(name, "")) for name in ("employer", "person"))
        if employer is not None:
            one = Employer.objects.filter(pk=employer).first()
            found["firms"] = (one.uscc or one.name) if one else ""
        if person is not None:
            rows = Membership.objects.visible_to(self.access, to=VISIT).current()
            held = rows.filter(person=person).select_related("person").first()
            found["people"] = (held.person.member_number or held.person.name) if held else ""
        return found


class NewVisit(CountsPeople, _Targets, PlainCreate):
    """/desk/visits/new/: to come, or made already; `?duty=` for the one that asks for it."""

    model = Visit
    permission = VISIT
    template_name = "outreach/visit_form.html"
    form_class: Any = VisitForm
    heading, submit = "登记走访", "保存"

    @cached_property
    def duty(self) -> VisitDuty | None:
        key = self.request.GET.get("duty", "")
        if not key:
            return None
        rows = VisitDuty.objects.visible_to(self.access, to=VISIT).open()
        number = number_of(key)
        found = rows.filter(pk=number).first() if number is not None else None
        if found is None:
            raise Http404
        return found

    def get_form_kwargs(self) -> dict[str, Any]:
        unions = presenting.own_unions(self.access)
        people = colleagues_of(self.actor, unions)
        return super().get_form_kwargs() | {"unions": unions, "colleagues": people} | self.target_kwargs()

    def get_initial(self) -> dict[str, Any]:
        found: dict[str, Any] = {"participants": [self.actor.account_id], "kind": Visit.Kind.CALL}
        if self.duty is not None:
            found["kind"] = Visit.Kind.COMFORT if self.duty.trouble == "injury" else Visit.Kind.CALL
        return found | self.brought() | super().get_initial()

    def act(self, form: VisitForm) -> Visit:
        given = form.cleaned_data
        return visiting.plan(
            self.actor, organisation=given["organisation"], kind=given["kind"], on=given["on"],
            participants=given["participants"], targets=given["targets"], venue=given["venue"],
            done=given["done"], at=given["at"], duty=self.duty,
        )  # fmt: skip

    def context(self) -> dict[str, Any]:
        return super().context() | {"duty": self.duty}

    def lead(self) -> str:
        return f"{self.duty.get_trouble_display()}　{self.duty.who}" if self.duty else ""

    def back(self) -> str:
        return reverse("desk_visits")

    def get_success_url(self) -> str:
        return reverse("desk_visit", args=[self.result.pk])


class _OnVisit(_OfVisit, PlainAct):
    permission = VISIT

    def lead(self) -> str:
        return f"{self.object.number}　{self.object.on:%Y-%m-%d}　{self.object.get_kind_display()}"


class AddStops(CountsPeople, _Targets, _OnVisit):
    """/desk/visits/<pk>/stops/"""

    form_class: Any = StopsForm
    heading, submit = "添加走访对象", "添加"

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | self.target_kwargs()

    def act(self, form: StopsForm) -> Any:
        return visiting.add_stops(self.actor, visit=self.object, targets=form.cleaned_data["targets"])


class RemoveStop(_OnVisit):
    """/desk/visits/<pk>/stops/<stop>/remove/"""

    heading, submit = "删除走访对象", "删除"
    warning = "没有走到的才删除。评价码同时作废。"

    @cached_property
    def stop(self) -> VisitStop:
        rows = self.object.stops.everywhere(reason=WHY).select_related("employer", "person", "union")
        found: VisitStop | None = rows.filter(pk=self.kwargs["stop"]).first()
        if found is None:
            raise Http404
        return found

    def lead(self) -> str:
        return presenting.name_of(self.stop, self.actor, self.object.organisation.paths)

    def act(self, form: Any) -> None:
        visiting.remove_stop(self.actor, visit=self.object, stop=self.stop)


class Done(_OnVisit):
    """/desk/visits/<pk>/done/"""

    template_name = "outreach/visit_done.html"
    form_class: Any = DoneForm
    heading, submit = "走访完成", "已经走访"
    warning = "完成后请填写走访情况，登记发现的问题，把回执留给被访的企业和职工。"

    def act(self, form: DoneForm) -> Any:
        given = form.cleaned_data
        place = (given["latitude"], given["longitude"])
        return visiting.complete(
            self.actor, visit=self.object, at=given["at"], position=place if None not in place else None
        )


class Write(_OnVisit):
    """/desk/visits/<pk>/write/"""

    form_class: Any = WriteForm
    heading, submit = "填写走访情况", "保存"

    def get_form_kwargs(self) -> dict[str, Any]:
        stops = [(one["stop"], one["name"]) for one in presenting.stops(self.object, self.actor)]
        return super().get_form_kwargs() | {"stops": stops}

    def get_initial(self) -> dict[str, Any]:
        return {"summary": self.object.summary}

    def act(self, form: WriteForm) -> Any:
        return visiting.write_up(
            self.actor,
            visit=self.object,
            summary=form.cleaned_data["summary"],
            met=form.met(),
            notes=form.notes(),
        )


class ChangeDay(_OnVisit):
    heading, submit = "改日期", "改到这一天"
    form_class: Any = DayForm

    def act(self, form: DayForm) -> Any:
        return visiting.change_day(self.actor, visit=self.object, on=form.cleaned_data["on"])


class Cancel(_OnVisit):
    heading, submit = "取消走访", "取消走访"
    form_class: Any = ReasonForm

    def act(self, form: ReasonForm) -> Any:
        return visiting.cancel(self.actor, visit=self.object, reason=form.cleaned_data["reason"])


class AddPhoto(_OnVisit):
    heading, submit = "上传照片", "上传"
    form_class: Any = PhotoForm

    def act(self, form: PhotoForm) -> Any:
        return visiting.add_photo(self.actor, visit=self.object, photo=form.cleaned_data["photo"])
