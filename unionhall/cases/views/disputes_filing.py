"""申请调解劳动争议 on the phone: one question per page; what is asked follows from the kind of dispute."""

from __future__ import annotations

from datetime import date
from functools import cached_property
from typing import Any

from django import forms
from django.urls import reverse
from django.utils import timezone

from unionhall import rulebook
from unionhall.foundation.errors import Refused
from unionhall.members.models import Employment
from unionhall.records import drafts

from ..actions import disputes
from ..forms.disputes import OwnFiling
from ..models import Case
from ..rules.disputes import limitation_light
from ..schemes.disputes import DisputeScheme, limitation
from .asking import Asking, Step

_WHY = "the reader's own employment"


class File(Asking):
    """/m/help/disputes/new/<step>/: asked once, with the employer filled in; 核对; then the number and what comes next.

    Which day is asked follows from the kind: for arrears of wages the end of the employment, else when one knew.
    """

    draft_name, address, title = "dispute", "m_dispute_new", "申请调解劳动争议"
    steps = (
        Step(
            "employer", "单位", "和哪家单位有争议", ("employer_name", "employer"),
            "不收费。提交后 3 个工作日内告诉您是否受理。",
        ),
        Step("cause", "类型", "是哪方面的争议", ("cause",), "拿不准的选最接近的，工作人员会核对。"),
        Step("knew", "时间", "什么时候知道的", ("knew_on",)),
        Step("ended", "离职", "离职了吗", ("employment_ended_on",)),
        Step("claim", "请求", "希望单位怎么做", ("claim", "amount")),
        Step("statement", "经过", "说说事情经过", ("statement",)),
        Step("others", "同事", "还有同事遇到同样的问题吗", ("colleagues",), "人多的一起调解，不用每个人都填。"),
    )  # fmt: skip

    def whole(self, data: Any = None, initial: dict[str, Any] | None = None) -> forms.Form:
        return OwnFiling(data, initial=initial)

    @cached_property
    def job(self) -> Employment | None:
        rows = Employment.objects.everywhere(reason=_WHY).filter(person=self.person, period__upper_inf=True)
        return rows.select_related("employer").first()

    def known_answers(self) -> dict[str, Any]:
        job = self.job
        return {"employer_name": (job.employer.name if job.employer else job.work_unit) if job else ""}

    @cached_property
    def scheme(self) -> DisputeScheme:
        place = self.job.employer.division if self.job is not None and self.job.employer is not None else ""
        if not place and self.membership is not None:
            place = self.membership.organisation.division
        return rulebook.scheme(DisputeScheme, on=timezone.localdate(), division=place).parameters

    def wanted(self, step: Step) -> bool:
        arrears = self.answer("cause") in self.scheme.arrears_causes
        return {"knew": not arrears, "ended": arrears}.get(step.code, True)

    def context(self) -> dict[str, Any]:
        return {"warning": self.warning()}

    def warning(self) -> dict[str, str] | None:
        """Until when arbitration may be asked for, as soon as the day is known."""
        last = limitation(
            self.scheme, cause=self.answer("cause"), knew_on=_day(self.answer("knew_on")),
            employment_ended_on=_day(self.answer("employment_ended_on")),
        )  # fmt: skip
        if last is None:
            return None
        arrears = self.answer("cause") in self.scheme.arrears_causes
        article = self.scheme.arrears_article if arrears else self.scheme.limitation_article
        light = limitation_light(last, article, self.scheme, timezone.localdate())
        told = f"申请劳动仲裁的最后一天是 {last}（{article}）。"
        if last < timezone.localdate():
            told += "仍然可以申请调解；这期间找过单位或者有关部门的，请在事情经过里写明，时效可能重新计算。"
        elif light.tone == "bad":
            told += "请尽快提交，也可以不等调解，直接向劳动人事争议仲裁委员会申请仲裁。"
        else:
            told += "调解不成的，请在这之前申请仲裁。"
        return {"title": light.words, "text": told, "tone": {"ok": "info"}.get(light.tone, light.tone)}

    def hand_in(self, form: Any) -> Case:
        if not form.is_valid():
            raise Refused("有一项需要重新填写，请点“修改”核对。")
        papers = drafts.take_draft(self.access.account_id or 0, self.draft_name)
        given, claim = form.cleaned_data, form.claimed()
        employer, more = given["employer"], given.get("colleagues") or 0
        union = disputes.union_for(self.person, employer)
        if union is None:
            raise Refused("没有找到单位所在地的工会，请到职工服务站办理，或者拨打 12351。")
        return disputes.file_dispute(
            self.actor, claim=disputes.Claim(**{**claim.__dict__, "headcount": 1 + more, "one_claim": more > 0}),
            organisation=union, channel="0", statement=given["statement"], person=self.person, employer=employer,
            employer_name=given["employer_name"], phone=self.person.phone.reveal() if self.person.phone else "",
            papers=papers,
        )  # fmt: skip

    def filed_url(self) -> str:
        return reverse("m_dispute_done", args=[self.result.number])


def _day(text: str) -> date | None:
    try:
        found: date | None = forms.DateField(required=False).clean(text)
    except forms.ValidationError:
        return None
    return found
