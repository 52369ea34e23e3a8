"""Verbs of the incident room, a page each."""

from __future__ import annotations

from functools import cached_property
from typing import Any, ClassVar

from django.http import Http404
from django.urls import reverse
from django.utils import timezone

from unionhall import rulebook
from unionhall.access.models import Account, Grant
from unionhall.foundation.headers import PERMISSIONS
from unionhall.foundation.views import Act, Create
from unionhall.organisations.models import Organisation

from .. import room
from ..actions import core, incidents, incidents_release, incidents_room
from ..actions.incidents import Facts
from ..actions.incidents_room import Where
from ..forms import incidents as forms
from ..models import Case, IncidentOpinion, IncidentRelease
from ..schemes.incidents import IncidentScheme
from .incidents_desk import HANDLE, OfIncident

#: Only where somebody stands on site may the page ask where that is.
LOCATING = PERMISSIONS.replace("geolocation=()", "geolocation=(self)")


def facts_of(given: dict[str, Any]) -> Facts:
    return Facts(
        occurred_at=given["occurred_at"], known_at=given["known_at"], place=given["place"],
        headcount=given["headcount"], deaths=given["deaths"], triggers=tuple(given["triggers"]),
        phoned_at=given["phoned_at"],
    )  # fmt: skip


class Report(Create):
    """/desk/incidents/new/: 首报. The union is one of the reader's, the nearest first."""

    model = Case
    permission = HANDLE
    template_name = "cases/incidents/new.html"
    form_class: Any = forms.ReportForm
    success_message = "已首报，上级已收到消息。时限从知悉时间算起。"

    @cached_property
    def unions(self) -> list[Organisation]:
        rows = Organisation.objects.visible_to(self.access, to=HANDLE).active().order_by("level", "path")
        return list(rows[:200])

    def get_form_kwargs(self) -> dict[str, Any]:
        division = self.unions[0].division if self.unions else ""
        scheme = rulebook.scheme(IncidentScheme, on=timezone.localdate(), division=division)
        return super().get_form_kwargs() | {"unions": self.unions, "scheme": scheme.parameters}

    def act(self, form: Any) -> Case:
        given = form.cleaned_data
        union = next(one for one in self.unions if str(one.pk) == given["organisation"])
        return incidents.report(
            self.actor, organisation=union, title=given["title"], facts=facts_of(given),
            statement=given["statement"], employer=given["employer"],
        )  # fmt: skip

    def get_success_url(self) -> str:
        return reverse("desk_incident", args=[self.result.number])


class OnIncident(OfIncident, Act):
    """A verb on an incident."""

    permission = HANDLE
    template_name = "cases/incidents/act.html"
    heading: ClassVar[str] = ""
    button: ClassVar[str] = "提交"

    def context(self) -> dict[str, Any]:
        case = self.case
        return {
            "heading": self.heading, "button": self.button, "case": case,
            "back": reverse("desk_incident", args=[case.number]),
            "multipart": bool(getattr(self.get_form_class(), "base_fields", {}).get("photo")),
        }  # fmt: skip

    @property
    def case(self) -> Case:
        found: Case = self.object
        return found

    def get_success_url(self) -> str:
        return reverse("desk_incident", args=[self.case.number])


class ReportWarning(OnIncident):
    heading, button = "预警转首报", "首报"
    form_class: Any = forms.FactsForm

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"scheme": room.scheme(self.case)}

    def get_initial(self) -> dict[str, Any]:
        return {"headcount": self.case.headcount, "place": self.case.incident.place}

    def act(self, form: Any) -> Case:
        return incidents.report_warning(self.actor, self.case, facts=facts_of(form.cleaned_data))


class MoveOn(OnIncident):
    """A phase that asks for words at most."""

    form_class: Any = forms.OpinionForm

    @cached_property
    def step(self) -> Any:
        code = self.kwargs["code"]
        if code not in room.SIMPLE:
            raise Http404
        return room.scheme(self.case).move(code)

    def context(self) -> dict[str, Any]:
        return super().context() | {"heading": self.step.label, "button": self.step.label}

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"required": self.step.asks}

    def act(self, form: Any) -> Case:
        return core.move(self.actor, self.case, self.step.code, opinion=form.cleaned_data["opinion"])


class Log(OnIncident):
    """/desk/incidents/<number>/log/: made for the phone of whoever is on site."""

    heading, button = "记一条日志", "记录"
    form_class: Any = forms.LogForm
    template_name = "cases/incidents/log.html"
    success_message = "已记录。"

    def dispatch(self, *args: Any, **kwargs: Any) -> Any:
        response = super().dispatch(*args, **kwargs)
        response["Permissions-Policy"] = LOCATING
        return response

    def act(self, form: Any) -> Any:
        given = form.cleaned_data
        where = Where(given["place"], given["latitude"], given["longitude"])
        return incidents_room.log(
            self.actor, self.case, kind=given["kind"], body=given["body"], where=where,
            headcount=given["headcount"], at=given["at"], photo=given["photo"],
        )  # fmt: skip


class Regrade(OnIncident):
    heading, button = "调整等级", "调整"
    form_class: Any = forms.GradeForm

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"scheme": room.scheme(self.case)}

    def get_initial(self) -> dict[str, Any]:
        incident = self.case.incident
        return {"headcount": self.case.headcount, "deaths": incident.deaths, "triggers": incident.triggers}

    def act(self, form: Any) -> Case:
        given = form.cleaned_data | {"triggers": tuple(form.cleaned_data["triggers"])}
        return incidents.regrade(self.actor, self.case, **given | {"grade": given["grade"] or None})


class Duty(OnIncident):
    heading, button = "安排岗位", "安排"
    form_class: Any = forms.DutyForm

    @cached_property
    def accounts(self) -> dict[str, Account]:
        """Those who handle incidents here: of the union itself and those above it."""
        organisation = self.case.organisation
        rows = Grant.objects.everywhere(reason="who may be called to the room").in_force(timezone.localdate())
        rows = rows.filter(
            organisation__path__in=[organisation.path, *organisation.ancestor_paths()],
            role__in=["chair", "grassroots_officer", "officer"], line__in=["general", "rights"],
        )  # fmt: skip
        return {
            str(one.account_id): one.account for one in rows.select_related("account").order_by("account")
        }

    def get_form_kwargs(self) -> dict[str, Any]:
        given = {"roles": room.scheme(self.case).words("roles"), "accounts": self.accounts.values()}
        return super().get_form_kwargs() | given

    def act(self, form: Any) -> Any:
        given = form.cleaned_data
        return incidents_room.stand_in(
            self.actor, self.case, role=given["role"], account=self.accounts[given["account"]]
        )


class Collect(OnIncident):
    heading, button = "登记职工意见", "登记"
    form_class: Any = forms.CollectForm

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"topics": room.scheme(self.case).words("topics")}

    def act(self, form: Any) -> Any:
        return incidents_room.collect(self.actor, self.case, **form.cleaned_data)


class Talk(OnIncident):
    heading, button = "登记协商", "登记"
    form_class: Any = forms.TalkForm

    def act(self, form: Any) -> Any:
        return incidents_room.hold_talk(self.actor, self.case, **form.cleaned_data)


class Agree(OnIncident):
    heading, button = "登记协议", "登记"
    form_class: Any = forms.AgreementForm

    def act(self, form: Any) -> Any:
        return incidents_room.agree(self.actor, self.case, **form.cleaned_data)


class Performed(OnIncident):
    heading, button = "登记履行完毕", "登记"
    form_class: Any = forms.PerformedForm

    def act(self, form: Any) -> Any:
        return incidents_room.performed(self.actor, self.case, **form.cleaned_data)


class DraftRelease(OnIncident):
    heading, button = "拟权威发布", "提交核实"
    form_class: Any = forms.ReleaseForm

    def act(self, form: Any) -> Any:
        return incidents_release.draft(self.actor, self.case, **form.cleaned_data)


class Review(OnIncident):
    heading, button = "复盘并办结", "办结"
    form_class: Any = forms.ReviewForm

    def act(self, form: Any) -> Any:
        return incidents.close(self.actor, self.case, **form.cleaned_data)


class AnswerOpinion(OnIncident):
    """What the other side says to an opinion."""

    model: ClassVar[Any] = IncidentOpinion
    slug_field: ClassVar[str] = "pk"
    heading, button = "答复意见", "保存"
    form_class: Any = forms.AnswerForm

    def get_queryset(self) -> Any:
        rows = IncidentOpinion.objects.visible_to(self.access, to=self.permission)
        return rows.select_related("case__organisation", "case__incident")

    @property
    def case(self) -> Case:
        found: Case = self.object.case
        return found

    def get_initial(self) -> dict[str, Any]:
        return {"answer": self.object.answer}

    def act(self, form: Any) -> Any:
        return incidents_room.answer(self.actor, self.object, **form.cleaned_data)


class OnRelease(AnswerOpinion):
    """check, sign, publish, drop, correct: one verb of a release."""

    model: ClassVar[Any] = IncidentRelease
    permission = "cases.incidents"
    template_name = "cases/incidents/release.html"
    WORDS: ClassVar[dict[str, tuple[str, Any]]] = {
        "check": ("核实无误", None), "sign": ("签发", None), "publish": ("发布", None),
        "drop": ("作废", forms.ReasonForm), "correct": ("更正", forms.CorrectForm),
    }  # fmt: skip

    def get_queryset(self) -> Any:
        rows = IncidentRelease.objects.visible_to(self.access, to=self.permission)
        return rows.select_related("case__organisation", "case__incident", "corrects")

    @property
    def verb(self) -> str:
        if self.kwargs["verb"] not in self.WORDS:
            raise Http404
        return str(self.kwargs["verb"])

    def get_form_class(self) -> Any:
        return self.WORDS[self.verb][1] or Act.form_class

    def get_initial(self) -> dict[str, Any]:
        return {"title": self.object.title, "body": self.object.body} if self.verb == "correct" else {}

    def context(self) -> dict[str, Any]:
        label = self.WORDS[self.verb][0]
        return super().context() | {"heading": f"权威发布：{label}", "button": label, "release": self.object}

    def act(self, form: Any) -> Any:
        # Which permission it asks depends on the verb; the action asks it.
        action = getattr(incidents_release, self.verb)
        return action(self.actor, self.object, **form.cleaned_data)
