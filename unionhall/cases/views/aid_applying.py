"""申请法律援助 on the phone: one question per page; income is asked only of those whose means are looked into."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from django import forms
from django.urls import reverse

from unionhall.foundation.errors import Refused
from unionhall.members.models import Employment
from unionhall.records import drafts

from ..actions import aid
from ..forms import aid as asks
from ..models import Channel, LegalAid
from ..rules.aid import exemption
from ..schemes.aid import AidScheme
from .asking import Asking, Step

_WHY = "the reader's own employment"


class Apply(Asking):
    """/m/help/aid/new/<step>/: employer, place and person are known; what is asked is only what happened."""

    draft_name, address, title = "aid", "m_aid_new", "申请法律援助"
    steps = (
        Step(
            "cause", "事由", "为什么事申请", ("cause",),
            "工会请律师帮您，不收费。七日内决定，决定后三日内指派律师。姓名、证件和单位已经有了，不用再填。",
        ),
        Step("form", "帮助", "需要什么帮助", ("form",)),
        Step("where", "单位", "对方是哪家单位，在哪里", ("employer", "division")),
        Step("statement", "经过", "说说事情经过和要求", ("statement", "amount")),
        Step("who", "身份", "您是进城务工人员吗", ("is_migrant",)),
        Step("group", "情形", "您属于以下情形吗", ("group",), "都不是的，直接按“下一步”。"),
        Step("income", "收入", "家庭收入", ("monthly_income", "vouched")),
        Step("limit", "期限", "有没有快到期的期限", ("expires_on",)),
        Step("language", "语言", "说什么话方便", ("language",)),
    )  # fmt: skip

    @cached_property
    def job(self) -> Employment | None:
        rows = Employment.objects.everywhere(reason=_WHY).filter(person=self.person, period__upper_inf=True)
        return rows.select_related("employer").first()

    @cached_property
    def division(self) -> str:
        """Where the reader works: his employer's place, else his union's."""
        if self.job is not None and self.job.employer is not None:
            return self.job.employer.division
        return self.membership.organisation.division if self.membership is not None else ""

    @cached_property
    def scheme(self) -> AidScheme:
        return aid.scheme_for(self.division or "42")

    @cached_property
    def counties(self) -> list[tuple[str, str]]:
        return asks.county_choices(self.division[:2] or "42")

    def whole(self, data: Any = None, initial: dict[str, Any] | None = None) -> forms.Form:
        return asks.AskedForm(data, initial=initial, counties=self.counties, has_job=bool(self.division))

    def known_answers(self) -> dict[str, Any]:
        employer = self.job.employer if self.job is not None else None
        return {
            "employer": employer.name if employer else "",
            "is_migrant": "1" if self.person.migrant_worker else None,
        }

    def wanted(self, step: Step) -> bool:
        if step.code in ("group", "income") and self._exempt(group=""):
            return False
        return step.code != "income" or not self._exempt(group=self.answer("group"))

    def _exempt(self, group: str) -> bool:
        """Whether means are not looked into, by what was answered so far."""
        cause, migrant = self.answer("cause"), self.answer("is_migrant") == "1"
        return exemption(self.scheme, cause=cause, is_migrant=migrant, group=group) is not None

    def context(self) -> dict[str, Any]:
        if self.step.code != "income":
            return {}
        told = f"家庭人均月收入 {self.scheme.income_limit:.0f} 元以下可以得到援助。"
        return {"warning": {"title": "", "text": told, "tone": "info"}}

    def hand_in(self, form: Any) -> LegalAid:
        if not form.is_valid():
            raise Refused("有一项需要重新填写，请点“修改”核对。")
        given = dict(form.cleaned_data)
        if not given["division"] and given["employer"] is None:
            given["division"] = self.division
        papers = drafts.take_draft(self.access.account_id or 0, self.draft_name)
        return aid.apply(
            self.actor, person=self.person, asked=aid.Application(**given), channel=Channel.APP,
            papers=[(one, "申请材料") for one in papers],
        )  # fmt: skip

    def filed_url(self) -> str:
        return reverse("m_aid_done", args=[self.result.case.number])
