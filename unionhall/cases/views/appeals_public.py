"""投诉建议 for anyone: a form, a number with a code, and the page that the two open."""

from __future__ import annotations

from datetime import timedelta
from functools import cached_property
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse

from unionhall.access import signing
from unionhall.foundation import throttling
from unionhall.foundation.actors import Actor, NoAccess
from unionhall.foundation.errors import Refused
from unionhall.foundation.permissions import EVERYONE
from unionhall.foundation.views import Create, Page
from unionhall.organisations.models import Employer

from .. import addresses, presenting
from ..actions import appeals, core
from ..forms.appeals import FeedbackForm, MoreForm, OpenForm, RateForm
from ..models import Case
from .appeals_worker import FILED, filed_context

#: What one network may hand in during an hour, and try to open in a minute.
HOURLY, PER_MINUTE = 20, 10
OPENED = "appeal_opened"
WHY = "whoever gave number and code of a case may read what its filer may read"


class _Throttled(Create):
    """Counts before the transaction of the act begins: what is refused there would take the count back."""

    permission = EVERYONE
    bucket, limit, per, too_often = "", 0, timedelta(minutes=1), ""

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if throttling.take(self.bucket, signing.address_digest(request), limit=self.limit, per=self.per):
            form = self.get_form()
            form.add_error(None, self.too_often)
            return self.refuse(form)
        return super().post(request, *args, **kwargs)


class Feedback(_Throttled):
    """/feedback/."""

    bucket, limit, per = "feedback", HOURLY, timedelta(hours=1)
    too_often = "这个网络提交得太频繁，请一小时后再试；急事请拨打 12351。"
    template_name = "cases/appeals/feedback.html"
    form_class = FeedbackForm

    def act(self, form: FeedbackForm) -> appeals.Filed:
        given, name = form.cleaned_data, form.cleaned_data["employer_name"]
        matter = appeals.Matter(
            statement=given["statement"],
            cause=given["cause"],
            urgent=given["urgent"],
            organisation=addresses.union_of_place(given["division"]),
            division=given["division"],
            employer=Employer.objects.filter(name=name).first() if name else None,
            employer_name=name,
            contact={"name": given["name"], "phone": given["phone"]},
            uploads=(given["file"],) if given["file"] else (),
        )
        filed = appeals.file_public(Actor(None, given["name"] or "访客", NoAccess()), matter)
        self.request.session[FILED] = {"number": filed.case.number, "code": filed.code}
        return filed

    def get_success_url(self) -> str:
        return reverse("public_feedback_done")


class FeedbackDone(Page):
    """/feedback/done/: number and code, once."""

    permission = EVERYONE
    template_name = "cases/appeals/feedback_done.html"

    def context(self) -> dict[str, Any]:
        return filed_context(self.request.session.pop(FILED, None), reverse("public_feedback"))


class Open(_Throttled):
    """/feedback/open/: number and code."""

    bucket, limit, too_often = "appeal_code", PER_MINUTE, "查询太频繁，请一分钟后再试。"
    template_name = "cases/appeals/open.html"
    form_class = OpenForm

    def act(self, form: OpenForm) -> Case:
        case = by_code(form.cleaned_data["number"], form.cleaned_data["code"])
        if case is None:
            raise Refused("编号或查询码不对。字母不分大小写，请与提交时给您的核对。")
        self.request.session[OPENED] = case.number
        return case

    def get_success_url(self) -> str:
        return reverse("public_feedback_case")


def by_code(number: str, code: str) -> Case | None:
    """The case that number and code open; None where they do not fit, whatever the reason."""
    number = number.strip().upper()
    rows = Case.objects.everywhere(reason=WHY).select_related("organisation")
    found = rows.filter(number=number).exclude(query_code="").first()
    return found if found is not None and found.query_code == core.hash_of(number, code) else None


class Opened(Page):
    """/feedback/case/: what number and code opened in this session: state, answer, rating, adding to it."""

    permission = EVERYONE
    template_name = "cases/appeals/opened.html"

    @cached_property
    def case(self) -> Case | None:
        number = self.request.session.get(OPENED, "")
        rows = Case.objects.everywhere(reason=WHY).select_related("organisation")
        return rows.filter(number=number, kind=appeals.CODE).first() if number else None

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if self.case is None:
            return redirect("public_feedback_open")
        return super().get(request, *args, **kwargs)

    def context(self) -> dict[str, Any]:
        assert self.case is not None
        return {
            "object": self.case,
            **presenting.for_filer(self.case),
            "rate_form": RateForm(prefix="rate"),
            "more_form": MoreForm(prefix="more"),
        }

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if self.case is None:
            return redirect("public_feedback_open")
        name = "rate" if "rate" in request.POST else "more"
        form: Any = RateForm(request.POST, prefix="rate")
        if name == "more":
            form = MoreForm(request.POST, request.FILES, prefix="more")
        address = signing.address_digest(request)
        if throttling.take("feedback_more", address, limit=HOURLY, per=timedelta(hours=1)):
            form.add_error(None, Feedback.too_often)
        elif form.is_valid():
            try:
                self._act(name, form.cleaned_data)
            except Refused as refusal:
                form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
            else:
                return redirect("public_feedback_case")
        return self.render_to_response(self.get_context_data(**{f"{name}_form": form}), status=422)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data() | kwargs

    def _act(self, name: str, given: dict[str, Any]) -> None:
        assert self.case is not None
        actor = Actor(None, self.case.filed_by or core.ANONYMOUS, NoAccess())
        if name == "rate":
            appeals.rate(actor, self.case, rating=given["rating"], comment=given["comment"], by_code=True)
            return
        uploads = [given["file"]] if given["file"] else []
        appeals.supply(actor, self.case, body=given["body"], uploads=uploads, by_code=True)
