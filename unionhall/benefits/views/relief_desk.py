"""困难帮扶 at the desk: the list with its lights, a file's page, and every verb on it."""

from datetime import timedelta
from decimal import Decimal
from functools import cached_property
from typing import Any, ClassVar

from django.contrib import messages
from django.db.models import Q
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from unionhall.access.models import Account
from unionhall.foundation.views import Act, Detail, List
from unionhall.kit.money import yuan
from unionhall.members import households
from unionhall.members.hands import hands
from unionhall.members.models import HouseholdMember
from unionhall.records import attachments
from unionhall.reviews.models import ReviewStep

from .. import hardship as shown
from ..actions import relief
from ..actions.relief.working import possible_helpers, steps_passed
from ..forms.relief import (
    AidForm,
    ExitForm,
    ExplainForm,
    FigureReasonForm,
    FileFilter,
    HelperForm,
    ReasonForm,
    RevealForm,
    VisitForm,
)
from ..indicators.relief import unhelped
from ..models import Aid, HardshipFile, HelperAssignment
from ..schemes.relief import AIDS

VIEW, HANDLE, CHECK = "benefits.relief", "benefits.relief_handle", "benefits.relief_check"
AID, HEALTH = "benefits.relief_aid", "benefits.relief_health"
Stage = HardshipFile.Stage
SOON = 30
_RELATED = ("person", "organisation", "household", "review")


def tabs(name: str, access: Any) -> list[dict[str, Any]]:
    pages = [("困难档案", "desk_relief")]
    if access.prefixes(HANDLE):
        pages.append(("建档公示", "desk_relief_publicise"))
    if access.prefixes(CHECK):
        pages.append(("民政核对", "desk_relief_checks"))
    return [{"label": label, "url": reverse(url), "current": url == name} for label, url in pages]


class Files(List):
    """/desk/relief/: files with their lights; what is late comes with the filters."""

    model = HardshipFile
    permission = VIEW
    template_name = "benefits/relief/files.html"
    filter_form = FileFilter

    def get_queryset(self) -> Any:
        return super().get_queryset().select_related(*_RELATED)

    def filtered(self) -> Any:
        rows, chosen, today = self.get_queryset(), self.chosen, timezone.localdate()
        if "q" in chosen:
            rows = rows.filter(Q(person__name__contains=chosen["q"]) | Q(review__number=chosen["q"].upper()))
        if "stage" in chosen:
            stages = {"in_force": HardshipFile.IN_FORCE, "under_way": HardshipFile.UNDER_WAY}
            rows = rows.filter(stage__in=stages.get(chosen["stage"], (chosen["stage"],)))
        if "category" in chosen:
            rows = rows.filter(category=chosen["category"])
        soon = today + timedelta(days=SOON)
        wanted = {
            "visit": Q(visit_due__lt=today),
            "visit_soon": Q(visit_due__range=(today, soon)),
            "verify": Q(verify_due__lt=today),
            "verify_soon": Q(verify_due__range=(today, soon)),
        }
        due = chosen.get("due", "")
        if due in wanted:
            rows = rows.in_force().filter(wanted[due])
        elif due == "helper":
            rows = rows.in_force().filter(unhelped())
        elif due == "mine":
            mine = HelperAssignment.objects.everywhere(reason="files for which the reader answers")
            rows = rows.filter(
                pk__in=mine.filter(during__upper_inf=True, account__in=hands(self.access).accounts).values(
                    "file"
                )
            )
        return rows

    def decorate(self, rows: list[Any]) -> list[Any]:
        held = HelperAssignment.objects.everywhere(reason="who answers for files that the reader may see")
        held = held.filter(file__in=rows, during__upper_inf=True).select_related("account")
        helpers = {one.file_id: one.account.display_name for one in held}
        return [
            {
                "file": one,
                "tone": shown.TONES[one.stage],
                "helper": helpers.get(one.pk, ""),
                "visit_left": shown.left(one.visit_due),
                "verify_left": shown.left(one.verify_due),
            }
            for one in rows
        ]

    def context(self) -> dict[str, Any]:
        rows, today = self.get_queryset(), timezone.localdate()
        here = reverse("desk_relief")

        def tile(label: str, count: int, query: str, hot: bool = False) -> dict[str, Any]:
            return {
                "label": label,
                "value": count,
                "unit": "户",
                "url": f"{here}?{query}",
                "hot": hot and bool(count),
            }

        return {
            "tabs": tabs("desk_relief", self.access),
            "tiles": [
                tile("在册", rows.in_force().count(), "stage=in_force"),
                tile("办理中", rows.under_way().count(), "stage=under_way"),
                tile("走访超期", rows.in_force().filter(visit_due__lt=today).count(), "due=visit", True),
                tile("复核超期", rows.in_force().filter(verify_due__lt=today).count(), "due=verify", True),
                tile("没有帮扶责任人", rows.in_force().filter(unhelped()).count(), "due=helper", True),
            ],
        }


class OfFile:
    """Pages of one file."""

    object: Any
    access: Any

    def get_queryset(self) -> Any:
        return super().get_queryset().select_related(*_RELATED)  # type: ignore[misc]


class FilePage(OfFile, Detail):
    """/desk/relief/<pk>/: where it stands, the household, the sums, visits, aids, the trail; and what may be done."""

    model = HardshipFile
    permission = VIEW
    template_name = "benefits/relief/file.html"

    def context(self) -> dict[str, Any]:
        file: HardshipFile = self.object
        steps = ReviewStep.objects.everywhere(reason="the current step of a file that the reader may open")
        step = steps.filter(review=file.review_id, is_current=True).select_related("organisation").first()
        return {
            "tone": shown.TONES[file.stage],
            "steps": shown.steps(file),
            "facts": shown.desk_facts(file),
            "reckoning": shown.reckoning(file),
            "visits": shown.visits(file),
            "aids": shown.aids(file),
            "trail": shown.trail(file),
            "step": step,
            "visit_left": shown.left(file.visit_due),
            "verify_left": shown.left(file.verify_due),
            "may": self.may(file),
        }

    def may(self, file: HardshipFile) -> dict[str, bool]:
        """Which verbs the page offers; the actions ask again."""
        paths = file.organisation.paths
        handle = self.actor.may(HANDLE, *paths)
        reviewed = file.is_in_force or file.stage == Stage.WATCH or steps_passed(file) > 0
        return {
            "visit": handle
            and reviewed
            and (file.is_under_way or file.is_in_force or file.stage == Stage.WATCH),
            "figures": handle and (file.is_under_way or file.is_in_force),
            "explain": handle and file.check_result == HardshipFile.CheckResult.MISMATCH,
            "helper": handle and (file.is_in_force or file.stage == Stage.WATCH),
            "verify": handle and file.is_in_force,
            "exit": handle and file.stage in {Stage.APPROVED, Stage.AIDED},
            "exit_publicise": handle and file.stage == Stage.EXIT_PROPOSED,
            "exit_drop": handle and file.stage in {Stage.EXIT_PROPOSED, Stage.EXIT_PUBLICISED},
            "reopen": handle and file.stage == Stage.WATCH,
            "aid": self.actor.may(AID, *paths) and file.is_in_force,
            "health": self.actor.may(HEALTH, *paths),
        }


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
        fit = [one.pk for one in possible_helpers(self.object)]
        return super().get_form_kwargs() | {"accounts": Account.objects.filter(pk__in=fit).order_by("pk")}

    def act(self, form: HelperForm) -> Any:
        return relief.name_helper(self.actor, file=self.object, account=form.cleaned_data["account"])


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
        from ..actions.relief.applying import carry_over

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
                name = f"{title}（{Aid.Schooling(schooling).label}）" if schooling else title
                lines = (
                    [line for line in found.worked.lines if line.label != "自付费用"] if found.worked else []
                )
                words = "；".join(f"{line.text} {yuan(line.amount)}" for line in lines)
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
            "warning": "还没有送银行的直接撤销，金额退回预算；已经付出的转为应收回。",
            "lead": f"{AIDS.get(aid.programme, aid.programme)} {yuan(aid.amount)} 元",
            "back": self.get_success_url(),
        }

    def act(self, form: ReasonForm) -> Aid:
        return relief.revoke_aid(self.actor, aid=self.object, reason=form.cleaned_data["reason"])

    def get_success_url(self) -> str:
        file = self.object.file_id
        return reverse("desk_relief_file", args=[file]) if file else reverse("desk_relief")


class RevealHealth(OfFile, Act):
    """Health in words, for a reason: shown for thirty seconds, journalled and noted in the file."""

    model = HardshipFile
    permission = HEALTH
    template_name = "members/reveal.html"
    form_class = RevealForm
    SECONDS = 30

    def act(self, form: RevealForm) -> str:
        return relief.reveal_health(self.actor, file=self.object, reason=form.cleaned_data["text"])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        file: HardshipFile = self.object
        return super().get_context_data(
            url=self.request.path,
            label="健康情况",
            masked="＊＊＊",
            element_id="reveal-health",
            back=reverse("desk_relief_file", args=[file.pk]),
            **kwargs | {"object": file.person},
        )

    def refuse(self, form: RevealForm) -> HttpResponse:
        response = super().refuse(form)
        response["HX-Retarget"], response["HX-Reselect"] = "#dialog-body", "#dialog-content"
        response["HX-Reswap"] = "innerHTML"
        return response

    def done(self) -> HttpResponseBase:
        context = self.get_context_data(value=self.result, seconds=self.SECONDS)
        request: HttpRequest = self.request
        if request.headers.get("HX-Request"):
            response = render(request, "members/revealed.html", context)
            response["HX-Trigger"] = "close-dialog"
            return response
        return render(request, "members/revealed_page.html", context)
