"""What the desk does with an application for legal aid: one page per verb, each one form and one action."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django import forms
from django.http import Http404
from django.urls import reverse

from unionhall.foundation.actors import Actor
from unionhall.foundation.scope import ScopedQuerySet
from unionhall.foundation.views import Act

from ..actions import aid, core, lawyering
from ..forms import aid as asks
from ..models import Case, Lawyer
from .aid_desk import HANDLE, PAY, WHY, lawyer_names, tabs

Given = dict[str, Any]
Run = Callable[[Actor, Case, Given], Any]


@dataclass(frozen=True)
class Verb:
    """A page: its title, the move it makes (empty: none), its form with what the form is given, and the action."""

    title: str
    move: str
    run: Run
    form: type[forms.Form] = forms.Form
    given: Given | None = None
    lead: str = ""
    done: str = "已办理。"
    permission: str = HANDLE


def papers(given: Given) -> list[Any]:
    return [(given["file"], "补充材料")] if given.get("file") else []


def _answer(accept: bool) -> Run:
    def run(actor: Actor, case: Case, given: Given) -> Any:
        one = lawyering.current(case)
        if one is None:
            raise Http404
        return lawyering.answer(actor, assignment=one, accept=accept, words=given.get("words", ""))

    return run


def _pay(actor: Actor, case: Case, given: Given) -> Any:
    one = lawyering.current(case)
    if one is None:
        raise Http404
    return lawyering.pay_fee(actor, assignment=one)


def _offer(actor: Actor, case: Case, given: Given) -> Any:
    lawyer = Lawyer.objects.everywhere(reason=WHY).get(pk=given["lawyer"])
    return lawyering.offer(actor, case=case, lawyer=lawyer)


_FREE = {"needed": False, "label": "意见（选填）"}
VERBS: dict[str, Verb] = {
    "grant": Verb(
        "给予援助",
        "grant",
        lambda a, c, g: aid.decide(a, case=c, granted=True, opinion=g["opinion"]),
        asks.OpinionForm,
        {"needed": False, "label": "意见（与规则结论不同时必填）"},
        done="已决定给予援助，请在三日内指派律师。",
    ),
    "confirm": Verb(
        "补作援助决定",
        "confirm",
        lambda a, c, g: aid.decide(a, case=c, granted=True, opinion=g["opinion"]),
        asks.OpinionForm,
        _FREE,
        "先行援助的手续已补齐，符合条件。",
    ),
    "refuse": Verb(
        "不予援助",
        "refuse",
        lambda a, c, g: aid.decide(a, case=c, granted=False, opinion=g["opinion"]),
        asks.OpinionForm,
        {"label": "理由"},
        "申请人会收到理由和异议办法。",
        "已决定不予援助，并告知申请人。",
    ),
    "first": Verb(
        "先行援助",
        "first",
        lambda a, c, g: aid.come_first(a, case=c, opinion=g["opinion"]),
        asks.OpinionForm,
        {"label": "理由"},
        "时效将满，先指派律师，援助决定仍要在七日内补作。",
        "已先行援助，请马上指派律师。",
    ),
    "ask_more": Verb(
        "要求补正",
        "ask_more",
        lambda a, c, g: aid.ask_more(a, case=c, lacking=g["lacking"].splitlines()),
        asks.LackingForm,
        None,
        "审查期限暂停，补齐后继续。",
        "已告知申请人。",
    ),
    "supply": Verb(
        "登记补正材料",
        "supplied",
        lambda a, c, g: aid.supply(
            a,
            case=c,
            papers=papers(g),
            words=g["words"],
            monthly_income=g["monthly_income"],
            vouched=g["vouched"],
        ),
        asks.SupplyForm,
        done="已登记，审查期限继续计算。",
    ),
    "offer": Verb(
        "指派律师",
        "offer",
        _offer,
        asks.OfferForm,
        None,
        "按语言、专长、远近和在办件数排列。",
        "已指派，等待律师接受。",
    ),
    "accept": Verb(
        "登记律师接受", "accept", _answer(True), lead="律师电话答复接受的，由工作人员登记。", done="已登记。"
    ),
    "decline": Verb("登记律师谢绝", "decline", _answer(False), asks.AnswerForm, done="已登记，请另行指派。"),
    "replace": Verb(
        "更换律师",
        "replace",
        lambda a, c, g: lawyering.replace(a, case=c, because=g["opinion"]),
        asks.OpinionForm,
        {"label": "理由"},
        "原律师不再看到这件案件。",
        "请另行指派律师。",
    ),
    "return_report": Verb(
        "退回补充",
        "return_report",
        lambda a, c, g: lawyering.return_report(a, case=c, opinion=g["opinion"]),
        asks.OpinionForm,
        {"label": "需要补充什么"},
        done="已退回律师。",
    ),
    "close": Verb(
        "审核结案",
        "close",
        lambda a, c, g: lawyering.close(a, case=c),
        lead="结案后按标准核定办案补贴，职工可以评价。",
        done="已结案。",
    ),
    "called": Verb(
        "登记回访",
        "called",
        lambda a, c, g: core.move(a, c, "called", opinion=g["opinion"]),
        asks.OpinionForm,
        {"label": "回访情况"},
        "打电话给职工，问清哪里不满意。",
        "已登记，请在期限内整改并答复。",
    ),
    "fixed": Verb(
        "整改后答复",
        "fixed",
        lambda a, c, g: core.move(a, c, "fixed", opinion=g["opinion"]),
        asks.OpinionForm,
        {"label": "怎样整改的"},
        "职工会收到这段话，可以再评价一次。",
        "已答复职工。",
    ),
    "pay": Verb(
        "支付办案补贴",
        "",
        _pay,
        lead="从本年度法律援助预算列入应付，由财务随下一批付款。",
        done="已列入应付。",
        permission=PAY,
    ),
    "uphold": Verb(
        "维持原决定",
        "uphold",
        lambda a, c, g: aid.settle_objection(a, case=c, changed=False, opinion=g["opinion"]),
        asks.OpinionForm,
        {"label": "复核意见"},
    ),
    "change": Verb(
        "改为给予援助",
        "grant",
        lambda a, c, g: aid.settle_objection(a, case=c, changed=True, opinion=g["opinion"]),
        asks.OpinionForm,
        {"label": "复核意见"},
    ),
    "withdraw": Verb(
        "登记撤回",
        "withdraw",
        lambda a, c, g: aid.stop(a, case=c, code="withdraw", opinion=g["opinion"]),
        asks.OpinionForm,
        {"label": "撤回原因"},
    ),
    "terminate": Verb(
        "终止援助",
        "terminate",
        lambda a, c, g: aid.stop(a, case=c, code="terminate", opinion=g["opinion"]),
        asks.OpinionForm,
        {"label": "终止理由"},
        "法律援助法第四十八条规定的情形；申请人会收到理由和异议办法。",
    ),
}


class Handle(Act):
    """/desk/aid/<number>/<verb>/."""

    model = Case
    permission = HANDLE
    slug_field = "number"
    template_name = "cases/aid/form.html"

    @cached_property
    def verb(self) -> Verb:
        try:
            return VERBS[self.kwargs["verb"]]
        except KeyError:
            raise Http404 from None

    def get_queryset(self) -> ScopedQuerySet[Any]:
        rows = Case.objects.all().visible_to(self.access, to=self.verb.permission)
        rows = rows.filter(kind=aid.KIND, legal_aid__isnull=False)
        return rows.select_related("organisation", "legal_aid", "person", "employer")

    def get_form_class(self) -> Any:
        return self.verb.form

    @cached_property
    def ranked(self) -> Any:
        return lawyering.ranked(self.object.legal_aid)

    def get_form_kwargs(self) -> dict[str, Any]:
        kwargs = super().get_form_kwargs() | (self.verb.given or {})
        if self.verb.form is asks.OfferForm:
            able = self.ranked[0][:20]
            names = lawyer_names([one.candidate.id for one in able])
            kwargs["choices"] = [(one, names[one.candidate.id]) for one in able]
        return kwargs

    def act(self, form: Any) -> Any:
        return self.verb.run(self.actor, self.object, form.cleaned_data)

    @property
    def success_message(self) -> str:  # type: ignore[override]
        return self.verb.done

    def get_success_url(self) -> str:
        return reverse("desk_aid_case", args=[self.object.number])

    def context(self) -> dict[str, Any]:
        unable: list[Any] = []
        if self.verb.form is asks.OfferForm:
            names = lawyer_names([one.candidate.id for one in self.ranked[1][:20]])
            unable = [{"name": names[one.candidate.id], "reason": one.reason} for one in self.ranked[1][:20]]
        judged = (
            aid.judged(self.object.legal_aid)
            if self.kwargs["verb"] in ("grant", "refuse", "confirm")
            else None
        )
        return {
            "tabs": tabs("desk_aid", self.access), "heading": self.verb.title, "lead": self.verb.lead,
            "submit": self.verb.title, "back": self.get_success_url(), "judged": judged, "unable": unable,
            "list_label": self.object.number, "list_url": self.get_success_url(),
        }  # fmt: skip


class FromCase(Act):
    """/desk/aid/from/<number>/: a dispute becomes legal aid; nothing is entered again."""

    model = Case
    permission = "cases.disputes_handle"
    slug_field = "number"
    template_name = "cases/aid/form.html"
    form_class = asks.FromForm
    success_message = "已转为法律援助，编号 {result.case.number}。"

    def get_queryset(self) -> ScopedQuerySet[Any]:
        rows = super().get_queryset().filter(kind="dispute")
        return rows.select_related("organisation", "person", "employer")

    def act(self, form: Any) -> Any:
        return aid.apply_from(self.actor, case=self.object, **form.cleaned_data)

    def get_success_url(self) -> str:
        if self.actor.may(HANDLE, *self.result.case.organisation.paths):
            return reverse("desk_aid_case", args=[self.result.case.number])
        return reverse("desk_case", args=[self.object.number])

    def context(self) -> dict[str, Any]:
        case: Case = self.object
        facts = [
            ("当事人", case.person.masked_name if case.person else "没有登记"),
            ("用人单位", case.employer.name if case.employer else "—"),
            ("金额", f"{case.amount:,.2f} 元" if case.amount is not None else "—"),
            ("发生地", case.division), ("材料", f"{case.files.count()} 份，一并带过去"),
        ]  # fmt: skip
        back = reverse("desk_case", args=[case.number])
        return {
            "tabs": tabs("desk_aid", self.access), "heading": "转为法律援助", "submit": "转为法律援助", "facts": facts,
            "lead": "当事人、单位、事实、时效和材料从案件带过来，不用再填。",
            "back": back, "list_label": case.number, "list_url": back,
        }  # fmt: skip
