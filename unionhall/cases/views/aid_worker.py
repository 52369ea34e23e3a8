"""Legal aid on the phone once it was asked for (`aid_applying`): the lawyer, what lacks, objection, rating."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django import forms
from django.http import Http404
from django.urls import reverse

from unionhall.foundation.scope import ScopedQuerySet
from unionhall.foundation.views import Act, Detail
from unionhall.members.views.own import Own

from ..actions import aid, aid_rating, lawyering
from ..forms import aid as asks
from ..models import Case
from ..schemes.aid import CAUSES


class OfMine(Own):
    """One's own application, by its number."""

    model: Any = Case
    slug_field = "number"
    object: Any
    needs_person = False

    def get_queryset(self) -> ScopedQuerySet[Any]:
        rows = Case.objects.all().owned_by(self.access).filter(kind=aid.KIND, legal_aid__isnull=False)
        return rows.select_related("organisation", "person", "employer", "legal_aid__body")


class Done(OfMine, Detail):
    """/m/help/aid/<number>/done/: number, who decides, by when, what comes next."""

    template_name = "cases/aid/done.html"

    def context(self) -> dict[str, Any]:
        case: Case = self.object
        found = case.legal_aid
        links = [{"label": "查看进度", "url": reverse("m_help_case", args=[case.number])}]
        handler = found.body.name if found.body else case.organisation.name
        return {"handler": handler, "links": links}


class MyLawyer(OfMine, Detail):
    """/m/help/aid/<number>/: who acts for me, how to reach him, what he did."""

    template_name = "cases/aid/mine.html"

    def context(self) -> dict[str, Any]:
        case: Case = self.object
        found, one = case.legal_aid, lawyering.current(case)
        taken = one is not None and one.state in ("accepted", "reported", "closed")
        return {
            "aid": found, "assignment": one if taken else None, "waiting": one is not None and one.state == "offered",
            "works": list(one.works.order_by("-on", "-pk")[:50]) if taken and one is not None else [],
            "cause": CAUSES.get(case.cause, ""), "acts": my_acts(case),
        }  # fmt: skip


@dataclass(frozen=True)
class OwnVerb:
    """A verb of the applicant."""

    title: str
    states: frozenset[str]
    run: Callable[[Any, Case, dict[str, Any]], Any]
    form: type[forms.Form]
    given: dict[str, Any]
    done: str
    lead: str = ""


def _papers(given: dict[str, Any]) -> list[Any]:
    return [(given["file"], "补充材料")] if given.get("file") else []


VERBS: dict[str, OwnVerb] = {
    "supply": OwnVerb(
        "补交材料", frozenset({"supplement"}),
        lambda a, c, g: aid.supply(
            a, case=c, papers=_papers(g), words=g["words"], monthly_income=g["monthly_income"], vouched=g["vouched"]
        ),
        asks.SupplyForm, {}, "已提交，审查期限继续计算。",
    ),
    "object": OwnVerb(
        "提出异议", frozenset({"refused"}), lambda a, c, g: aid.object_to(a, case=c, words=g["opinion"]),
        asks.OpinionForm, {"label": "为什么不同意"}, "已收到，五日内复核。", "由上一级工会或者另外的人复核。",
    ),
    "withdraw": OwnVerb(
        "撤回申请", frozenset({"applied", "supplement", "granted", "offered", "working"}),
        lambda a, c, g: aid.stop(a, case=c, code="withdraw", opinion=g["opinion"]),
        asks.OpinionForm, {"label": "撤回原因"}, "已撤回。", "撤回后律师不再办理；以后可以重新申请。",
    ),
    "rate": OwnVerb(
        "评价", frozenset({"closed"}), lambda a, c, g: aid_rating.rate(a, case=c, grade=g["grade"], words=g["words"]),
        asks.RateForm, {}, "谢谢您的评价。",
    ),
}  # fmt: skip


def my_acts(case: Case) -> list[dict[str, str]]:
    """What the applicant may do now."""
    rateable = aid_rating.may_rate(case.legal_aid)
    objected = case.state == "refused" and case.events.filter(verb="object").exists()
    return [
        {"code": code, "label": verb.title, "url": reverse("m_aid_act", args=[case.number, code])}
        for code, verb in VERBS.items()
        if case.state in verb.states
        and not (code == "rate" and not rateable)
        and not (code == "object" and objected)
    ]


class MyAct(OfMine, Act):
    """/m/help/aid/<number>/<verb>/."""

    template_name = "cases/aid/my_act.html"

    @cached_property
    def verb(self) -> OwnVerb:
        try:
            return VERBS[self.kwargs["verb"]]
        except KeyError:
            raise Http404 from None

    def get_form_class(self) -> Any:
        return self.verb.form

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | self.verb.given

    def act(self, form: Any) -> Any:
        return self.verb.run(self.actor, self.object, form.cleaned_data)

    @property
    def success_message(self) -> str:  # type: ignore[override]
        return self.verb.done

    def get_success_url(self) -> str:
        return reverse("m_help_case", args=[self.object.number])

    def context(self) -> dict[str, Any]:
        return {
            "heading": self.verb.title, "lead": self.verb.lead, "back": self.get_success_url(),
            "lacking": self.object.legal_aid.lacking if self.kwargs["verb"] == "supply" else [],
        }  # fmt: skip


__all__ = ["VERBS", "Done", "MyAct", "MyLawyer", "my_acts"]
