"""Verbs on one hardship file at the desk: visits, helper, figures, verification, leaving, aids."""

from decimal import Decimal
from functools import cached_property
from typing import Any, ClassVar

from django.contrib import messages
from django.urls import reverse

from unionhall.access.models import Account
from unionhall.foundation.views import Act
from unionhall.kit.money import yuan
from unionhall.members import households
from unionhall.members.models import HouseholdMember
from unionhall.records import attachments

from ..actions import relief
from ..actions.relief.applying import carry_over
from ..actions.relief.working import possible_helpers
from ..forms.relief import (
    AidForm,
    ExitForm,
    ExplainForm,
    FigureReasonForm,
    HelperForm,
    ReasonForm,
    VisitForm,
)
from ..models import Aid, HardshipFile
from ..schemes.relief import AIDS
from .relief_desk import AID, HANDLE, OfFile


class OnFile(OfFile, Act):
    """A verb on a file."""

    model = HardshipFile
    permission = HANDLE
    template_name = "benefits/relief/act.html"
    heading: ClassVar[str] = ""
    submit: ClassVar[str] = "确定"
    warning: ClassVar[str] = ""

    def context(self) -> dict[str, Any]:
        file: HardshipFile = self.object
        return {
            "heading": self.heading,
            "submit": self.submit,
            "warning": self.warning,
            "lead": f"{file.person.name}　{file.organisation.name}　{file.review.number}",
            "back": reverse("desk_relief_file", args=[file.pk]),
        }

    def get_success_url(self) -> str:
        return reverse("desk_relief_file", args=[self.object.pk])


class RecordVisit(OnFile):
    heading, submit = "登记走访", "登记"
    form_class: Any = VisitForm
    success_message = "走访已登记。"

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"first": self.object.is_under_way}

    def act(self, form: VisitForm) -> Any:
        given = form.cleaned_data
        scan, stored = given.get("authorisation"), None
        if scan is not None:
            stored = attachments.store(
                self.actor, scan.content, name=scan.name, content_type=scan.content_type, size=scan.size,
                purpose="benefits.relief_authorisation", paths=self.object.organisation.paths,
            )  # fmt: skip
        return relief.record_visit(
            self.actor,
            file=self.object,
            on=given["on"],
            visitors=given["visitors"],
            findings=given["findings"],
            authorisation=stored,
        )


class Explain(OnFile):
    heading, submit = "说明核对不一致", "保存说明"
    form_class = ExplainForm

    def act(self, form: ExplainForm) -> Any:
        return relief.explain_mismatch(self.actor, file=self.object, **form.cleaned_data)


class NameHelper(OnFile):
    heading, submit = "指定帮扶责任人", "指定"
    form_class: Any = HelperForm
    success_message = "已指定，并发消息告诉责任人。"

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"choices": [(pk, words) for pk, (_, words) in self.fit.items()]}

    @cached_property
    def fit(self) -> dict[int, tuple[Account, str]]:
        """Those who may answer for the file, nearest first."""
        return {
            one.account_id: (one.account, f"{one.account.display_name}　{one.organisation.name}")
            for one in possible_helpers(self.object)
        }

    def act(self, form: HelperForm) -> Any:
        return relief.name_helper(
            self.actor, file=self.object, account=self.fit[form.cleaned_data["account"]][0]
        )


class _WithFigures(OnFile):
    """A form with everybody's figures, those of the last assessment filled in."""

    form_class = FigureReasonForm

    @cached_property
    def members(self) -> list[HouseholdMember]:
        return households.members_of(self.object.household)

    def get_form_kwargs(self) -> dict[str, Any]:
        people = [(str(one.pk), one.name) for one in self.members]
        return super().get_form_kwargs() | {"people": people}

    def get_initial(self) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for one in self.last.people:
            found |= {f"income_{one.member}": one.income, f"expense_{one.member}": one.expense}
        return found | {"loss": self.last.loss}

    @cached_property
    def last(self) -> relief.Figures:
        return carry_over(self.object)

    def figures(self, form: FigureReasonForm) -> relief.Figures:
        given = form.cleaned_data
        before = {one.member: one for one in self.last.people}
        people = tuple(
            relief.PersonFigures(
                one.pk,
                given[f"income_{one.pk}"],
                given[f"expense_{one.pk}"],
                before[one.pk].health if one.pk in before else "good",
                before[one.pk].schooling if one.pk in before else "",
            )
            for one in self.members
        )
        return relief.Figures(people, given["loss"] or Decimal(0), self.last.casualty, self.last.excluded)


class AssessAgain(_WithFigures):
    heading, submit = "更正收入和支出", "重新测算"

    def act(self, form: FigureReasonForm) -> Any:
        made = relief.assess_again(
            self.actor, file=self.object, figures=self.figures(form), occasion="check",
            reason=form.cleaned_data["reason"],
        )  # fmt: skip
        messages.success(self.request, f"测算结果：{made.get_category_display() or '不符合困难标准'}。")
        return made


class Verify(_WithFigures):
    heading, submit = "年度复核", "完成复核"
    warning = "没有变化的数字不用改。不再符合标准的，复核后请提出退出。"

    def act(self, form: FigureReasonForm) -> Any:
        made = relief.verify(
            self.actor, file=self.object, figures=self.figures(form), reason=form.cleaned_data["reason"]
        )
        result = made.get_category_display() if made.category else "不再符合困难标准，请提出退出"
        messages.success(self.request, f"复核完成：{result}。")
        return made


class Reopen(_WithFigures):
    heading, submit = "返困恢复帮扶", "恢复帮扶"

    def act(self, form: FigureReasonForm) -> Any:
        return relief.reopen(
            self.actor, file=self.object, reason=form.cleaned_data["reason"], figures=self.figures(form)
        )


class ProposeExit(OnFile):
    heading, submit = "提出退出帮扶", "提出退出"
    form_class = ExitForm
    warning = "提出后先公示，公示期满没有异议才退出；职工会收到消息。"

    def act(self, form: ExitForm) -> Any:
        return relief.propose_exit(self.actor, file=self.object, **form.cleaned_data)


class PubliciseExit(OnFile):
    heading, submit = "退出公示", "发布公示"
    warning = "公示只写遮掩后的姓名、单位和退出原因。"

    def act(self, form: Any) -> Any:
        notice = relief.publicise_exit(self.actor, file=self.object)
        messages.success(self.request, f"已公示，到 {notice.ends:%Y-%m-%d} 止。")
        return notice


class DropExit(OnFile):
    heading, submit = "取消退出", "继续帮扶"
    form_class = ReasonForm

    def act(self, form: ReasonForm) -> Any:
        return relief.drop_exit(self.actor, file=self.object, opinion=form.cleaned_data["reason"])


class GrantAid(OnFile):
    """/desk/relief/<pk>/aid/: the most of each aid beside the form; what is refused says why."""

    permission = AID
    heading, submit = "发放帮扶金", "发放"
    form_class: Any = AidForm
    template_name = "benefits/relief/aid.html"

    def get_form_kwargs(self) -> dict[str, Any]:
        rows = HouseholdMember.objects.everywhere(
            reason="the household of a file that the actor aids"
        ).current()
        rows = rows.filter(household=self.object.household).exclude(person=self.object.person)
        return super().get_form_kwargs() | {"members": rows.order_by("pk")}

    def act(self, form: AidForm) -> Aid:
        given = form.cleaned_data
        aid = relief.grant_aid(
            self.actor,
            file=self.object,
            programme=given["programme"],
            wanted=given["wanted"],
            beneficiary=given["beneficiary"],
            schooling=given["schooling"],
            own_cost=given["own_cost"],
            note_text=given["note"],
        )
        what = "已列入应付" if aid.payment is not None else "预算已用完，排队等待"
        messages.success(self.request, f"{AIDS[aid.programme]} {yuan(aid.amount)} 元，{what}。")
        return aid

    def context(self) -> dict[str, Any]:
        limits = []
        for code, title in AIDS.items():
            for schooling in ("",) if code != "school_aid" else ("university", "high_school"):
                found = relief.limit_of(
                    file=self.object, programme=code, schooling=schooling, own_cost=Decimal(10**7)
                )
                name = f"{title}·{Aid.Schooling(schooling).label}" if schooling else title
                lines = found.worked.lines if found.worked else ()
                words = "，".join(line.text for line in lines)
                limits.append(
                    {
                        "title": name,
                        "amount": found.worked.amount if found.worked else None,
                        "words": words,
                        "refusal": found.refusal,
                    }
                )
        return super().context() | {"limits": limits}


class RevokeAid(Act):
    """/desk/relief/aids/<pk>/revoke/"""

    model = Aid
    permission = AID
    template_name = "benefits/relief/act.html"
    form_class = ReasonForm

    def context(self) -> dict[str, Any]:
        aid: Aid = self.object
        return {
            "heading": "撤销帮扶金",
            "submit": "撤销",
            "warning": "还没有送银行的直接撤销，金额退回预算；已经付出的转为应收回，收回以前仍算已享受。",
            "lead": f"{AIDS.get(aid.programme, aid.programme)} {yuan(aid.amount)} 元",
            "back": self.get_success_url(),
        }

    def act(self, form: ReasonForm) -> Aid:
        return relief.revoke_aid(self.actor, aid=self.object, reason=form.cleaned_data["reason"])

    def get_success_url(self) -> str:
        file = self.object.file_id
        return reverse("desk_relief_file", args=[file]) if file else reverse("desk_relief")
