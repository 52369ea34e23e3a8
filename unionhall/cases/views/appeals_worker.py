"""反映问题 on the phone: one question per page, a draft that survives logout, a number and what comes next."""

from __future__ import annotations

from functools import cached_property
from typing import Any, ClassVar

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse

from unionhall.access.models import Account
from unionhall.foundation.views import Create, Page
from unionhall.members.views.own import Own
from unionhall.organisations.models import Employer, Organisation
from unionhall.records.drafts import begun, draft_of, keep_draft, take_draft

from .. import addresses, presenting
from ..actions import appeals
from ..forms.appeals import OWN, PLACE, UPPER, CheckForm, WhatForm, WhereForm, WhoForm
from ..models import Case
from ..rules.appeals import CAUSES
from ..versions import state_label

STEPS = (("what", "什么事"), ("where", "在哪里"), ("who", "身份"), ("check", "核对"))
DRAFT = "appeal"
#: What was handed in anonymously is named once on the next page; the session holds it till then.
FILED = "appeal_filed"


class Help(Own, Page):
    """/m/help/: the hotline, one's own union, and whatever one brought forward."""

    needs_person = False
    template_name = "cases/appeals/help.html"

    def context(self) -> dict[str, Any]:
        rows = Case.objects.owned_by(self.access).order_by("-pk")[:20]
        found = [{"case": one, "state": state_label(one)} for one in rows]
        return {
            "union": self.membership.organisation if self.membership else None,
            "cases": found,
            "begun": begun(self.access.account_id or 0),
        }


class Question(Own, Create):
    """A page of the form; what comes before it must be answered."""

    needs_person = False
    template_name = "cases/appeals/question.html"
    step: ClassVar[str] = ""

    @cached_property
    def draft(self) -> dict[str, Any]:
        return draft_of(self.access.account_id or 0, DRAFT)

    def keep(self, **answers: Any) -> None:
        self.draft = keep_draft(self.access.account_id or 0, DRAFT, **answers)

    def unanswered(self) -> str:
        return next((code for code, _ in STEPS[:-1] if code not in self.draft), "check")

    def _guarded(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        order = [code for code, _ in STEPS]
        if self.access.account_id is not None and order.index(self.step) > order.index(self.unanswered()):
            return redirect(f"m_help_{self.unanswered()}")
        return super()._guarded(request, *args, **kwargs)

    def get_initial(self) -> dict[str, Any]:
        return dict(self.draft.get(self.step) or {})

    def act(self, form: Any) -> Any:
        self.keep(**{self.step: form.cleaned_data})

    def get_success_url(self) -> str:
        return reverse(f"m_help_{self.unanswered()}")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        here = [code for code, _ in STEPS].index(self.step)
        track = [
            {"title": title, "state": "done" if place < here else "now" if place == here else "todo"}
            for place, (_, title) in enumerate(STEPS)
        ]
        return super().get_context_data(track=track, **kwargs)


class What(Question):
    step, form_class = "what", WhatForm

    def context(self) -> dict[str, Any]:
        return {"question": "要反映什么事", "lead": "欠薪、工伤、加班、被辞退，或者对工会的意见，都可以。"}


class Where(Question):
    step, form_class = "where", WhereForm

    def get_form_kwargs(self) -> dict[str, Any]:
        offered = [(PLACE, "事情发生地的工会")]
        if self.membership is not None:
            own = self.membership.organisation
            above = addresses.union_above(own)
            offered = [(UPPER, f"上级工会：{above.name}"), (OWN, f"本单位工会：{own.name}"), *offered]
        return super().get_form_kwargs() | {"unions": offered}

    def context(self) -> dict[str, Any]:
        return {"question": "在哪里，希望由谁办理", "lead": "不选本单位工会的，办理时不会先转给您的单位。"}


class Who(Question):
    step, form_class = "who", WhoForm

    def context(self) -> dict[str, Any]:
        return {"question": "用什么身份反映", "lead": ""}


class Check(Question):
    """核对: every answer with its 修改, papers if there are any, one button."""

    step, form_class = "check", CheckForm
    template_name = "cases/appeals/check.html"

    @cached_property
    def handler(self) -> Organisation:
        where = self.draft["where"]
        if self.membership is not None and where["handler"] == OWN:
            return self.membership.organisation
        if self.membership is not None and where["handler"] == UPPER:
            return addresses.union_above(self.membership.organisation)
        return addresses.union_of_place(where["division"])

    def context(self) -> dict[str, Any]:
        what, where, who = (self.draft[name] for name in ("what", "where", "who"))
        urls = {name: reverse(f"m_help_{name}") for name in ("what", "where", "who")}
        rows = [
            {"label": "事由", "value": CAUSES[what["cause"]], "url": urls["what"]},
            {"label": "情况", "value": what["statement"], "url": urls["what"]},
            {"label": "紧急", "value": "很急" if what["urgent"] else "一般", "url": urls["what"]},
            {"label": "涉及的单位", "value": where["employer_name"], "url": urls["where"]},
            {"label": "由谁办理", "value": self.handler.name, "url": urls["where"]},
            {"label": "身份", "value": "匿名" if self.is_anonymous else "实名", "url": urls["who"]},
            {"label": "联系电话", "value": who["phone"], "url": urls["who"]},
        ]
        return {"rows": rows, "anonymous": self.is_anonymous}

    @property
    def is_anonymous(self) -> bool:
        return bool(self.draft["who"]["anonymous"] == "anonymous")

    def act(self, form: CheckForm) -> appeals.Filed:
        what, where, who = (self.draft[name] for name in ("what", "where", "who"))
        account: Any = self.request.user
        assert isinstance(account, Account)
        name = where["employer_name"]
        matter = appeals.Matter(
            statement=what["statement"],
            cause=what["cause"],
            urgent=what["urgent"],
            organisation=self.handler,
            division=where["division"],
            employer=Employer.objects.filter(name=name).first() if name else None,
            employer_name=name,
            contact={"phone": who["phone"]},
            uploads=form.uploads(),
        )
        take_draft(account.pk, DRAFT)
        filed = appeals.file_own(
            self.actor, matter, account=account, person=self.known, anonymous=self.is_anonymous
        )
        self.request.session[FILED] = {"number": filed.case.number, "code": filed.code}
        return filed

    def get_success_url(self) -> str:
        return reverse("m_help_done")


class Done(Own, Page):
    """/m/help/done/: the number, who deals with it and by when; the code of an anonymous one, once."""

    needs_person = False
    template_name = "cases/appeals/done.html"

    def context(self) -> dict[str, Any]:
        filed = self.request.session.pop(FILED, None)
        return filed_context(filed, reverse("m_help"))


def filed_context(filed: dict[str, str] | None, home: str) -> dict[str, Any]:
    """What the page after handing in says; the number is known to this session only."""
    if filed is None:
        return {"case": None, "home_url": home}
    rows = Case.objects.everywhere(reason="what this session has just handed in").select_related(
        "organisation"
    )
    case = rows.filter(number=filed["number"]).first()
    links = [{"label": "返回", "url": home}]
    if case is not None and not filed["code"]:
        links.insert(0, {"label": "查看进度", "url": addresses.own_page(case)})
    return {
        "case": case,
        "code": filed["code"],
        "due": presenting.first_promise(case) if case is not None else None,
        "links": links,
        "home_url": home,
    }
