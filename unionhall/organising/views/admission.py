"""入会 on the phone: one question per page, a draft that survives logout, a check, and an answer with a number."""

from functools import cached_property
from typing import Any, ClassVar

from django import forms
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse

from unionhall.foundation.errors import Refused
from unionhall.foundation.permissions import Role
from unionhall.foundation.views import Create, Page
from unionhall.kit.codes import EMPLOYMENT_FORM
from unionhall.members import consents
from unionhall.members.views.own import Own
from unionhall.members.views.worker import Identity, IdentityForm
from unionhall.organisations.models import Employer, Organisation
from unionhall.reviews.models import Review, ReviewStep

from ..actions import admission as joining
from ..models import Admission

STEPS = (("consent", "同意"), ("identity", "身份"), ("employer", "单位"), ("job", "工作"), ("check", "核对"))
_WHY = "names of unions that a worker can join are public"


class Joining(Own):
    """Shared by the pages: the draft, who is a member or waiting already, and what must be answered first."""

    needs_person = False
    step: ClassVar[str] = ""

    @cached_property
    def draft(self) -> dict[str, Any]:
        return joining.draft_of(self.access.account_id or 0)

    @cached_property
    def waiting(self) -> Admission | None:
        return joining.open_admission(self.known) if self.known else None

    def keep(self, **answers: Any) -> None:
        self.draft = joining.keep_draft(self.access.account_id or 0, **answers)

    def agreed(self) -> bool:
        if not self.draft.get("constitution"):
            return False
        return bool(self.draft.get("consents")) if self.known is None else not consents.missing(self.known)

    def unanswered(self) -> str:
        """The first step that still wants an answer."""
        if not self.agreed():
            return "consent"
        if self.known is None:
            return "identity"
        if not self.draft.get("organisation"):
            return "employer"
        return "check" if self.draft.get("occupation") else "job"

    def _guarded(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if self.step and (self.membership or self.waiting):
            return redirect("m_join")
        order = [code for code, _ in STEPS]
        if self.step and order.index(self.step) > order.index(self.unanswered()):
            return redirect(f"m_join_{self.unanswered()}")
        return super()._guarded(request, *args, **kwargs)

    def track(self) -> list[dict[str, str]]:
        here = [code for code, _ in STEPS].index(self.step)
        return [
            {"title": title, "state": "done" if place < here else "now" if place == here else "todo"}
            for place, (_, title) in enumerate(STEPS)
        ]

    def onward(self) -> str:
        """Back to the check when everything was answered before, else the next question."""
        for asked in ("known", "known_asked"):
            self.__dict__.pop(asked, None)
        return reverse(f"m_join_{self.unanswered()}")


class Start(Joining, Page):
    """/m/join/: what joining takes — or that one is a member, or waiting, already."""

    template_name = "organising/join/start.html"

    def context(self) -> dict[str, Any]:
        step = None
        if self.waiting:
            step = self.waiting.review.steps.filter(is_current=True).select_related("organisation").first()
        return {
            "membership": self.membership,
            "waiting": self.waiting,
            "step": step,
            "begun": bool(self.draft),
            "onward_url": reverse(f"m_join_{self.unanswered()}"),
        }


class Question(Joining, Create):
    """A page of the form."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(track=self.track(), **kwargs)

    def get_success_url(self) -> str:
        return self.onward()


class ConsentForm(forms.Form):
    constitution = forms.BooleanField(
        label="我自愿加入工会，承认并遵守《中国工会章程》。",
        error_messages={"required": "申请入会要承认并遵守《中国工会章程》。"},
    )
    membership = forms.BooleanField(
        label=consents.PURPOSES["membership"].text, error_messages={"required": "不同意就不能办理入会。"}
    )
    identity = forms.BooleanField(
        label=consents.PURPOSES["identity"].text,
        error_messages={"required": "处理证件号码要您单独同意；不同意就不能办理入会。"},
    )


class Consent(Question):
    step = "consent"
    template_name = "organising/join/consent.html"
    form_class = ConsentForm

    def act(self, form: Any) -> None:
        if self.known is not None:
            for purpose in consents.PURPOSES:
                consents.give(self.actor, person=self.known, purpose=purpose)
        self.keep(constitution=True, consents=True)


class Who(Joining, Identity):
    """Name and document; skipped by those who are known."""

    step = "identity"
    template_name = "organising/join/identity.html"
    form_class = IdentityForm

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(track=self.track(), **kwargs)

    def act(self, form: Any) -> None:
        joining.require_age(id_type=form.cleaned_data["id_type"], id_number=form.cleaned_data["id_number"])
        super().act(form)

    def get_success_url(self) -> str:
        # Somebody who is a member already is told so on the first page.
        self.__dict__.pop("membership", None)
        return reverse("m_join") if self.membership else self.onward()


class JobForm(forms.Form):
    work_unit = forms.CharField(
        label="工作单位",
        required=False,
        max_length=120,
        help_text="单位或平台的名称；没有固定单位的可以不填。",
        widget=forms.TextInput(attrs={"autocomplete": "organization"}),
    )
    occupation = forms.CharField(
        label="做什么工作",
        max_length=60,
        help_text="例如：快递员、焊工、会计。",
        error_messages={"required": "请填写您做什么工作。"},
    )
    form = forms.ChoiceField(
        label="用工形式",
        choices=EMPLOYMENT_FORM.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "请选择用工形式。"},
    )
    migrant_worker = forms.ChoiceField(
        label="您是农民工吗（户籍在农村、在城镇务工）",
        choices=[("yes", "是"), ("no", "不是")],
        widget=forms.RadioSelect,
        error_messages={"required": "请选择是或不是。"},
    )


class Job(Question):
    step = "job"
    template_name = "organising/join/job.html"
    form_class = JobForm

    def get_initial(self) -> dict[str, Any]:
        known = self.known.migrant_worker if self.known else False
        default = "yes" if known else None
        return {
            "work_unit": self.draft.get("work_unit", ""),
            "occupation": self.draft.get("occupation", ""),
            "form": self.draft.get("form", ""),
            "migrant_worker": self.draft.get("migrant", default),
        }

    def act(self, form: Any) -> None:
        answers = form.cleaned_data
        self.keep(
            work_unit=answers["work_unit"],
            occupation=answers["occupation"],
            form=answers["form"],
            migrant=answers["migrant_worker"],
        )


class Check(Question):
    """核对: every answer with its 修改, then one button."""

    step = "check"
    template_name = "organising/join/check.html"
    form_class = forms.Form

    @cached_property
    def union(self) -> Organisation:
        rows = Organisation.objects.everywhere(reason=_WHY)
        found = rows.filter(pk=self.draft["organisation"]).first()
        if found is None:
            raise Refused("所选的工会已不存在，请重新选择。")
        return found

    def _guarded(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            return super()._guarded(request, *args, **kwargs)
        except Refused:
            self.keep(organisation=None)
            return redirect("m_join_employer")

    def context(self) -> dict[str, Any]:
        draft, labels = self.draft, dict(EMPLOYMENT_FORM.choices())
        employer, job = reverse("m_join_employer"), reverse("m_join_job")
        return {
            "rows": [
                {"label": "姓名", "value": self.person.name},
                {"label": "证件号码", "value": self.person.masked_id},
                {"label": "手机号", "value": self.person.masked_phone},
                {"label": "申请加入", "value": self.union.name, "url": employer},
                {"label": "工作单位", "value": draft.get("work_unit", ""), "url": job},
                {"label": "做什么工作", "value": draft["occupation"], "url": job},
                {"label": "用工形式", "value": labels.get(draft["form"], ""), "url": job},
                {"label": "农民工", "value": "是" if draft["migrant"] == "yes" else "不是", "url": job},
            ]
        }

    def act(self, form: Any) -> Admission:
        draft = self.draft
        admission = joining.apply(
            self.actor,
            person=self.person,
            organisation=self.union,
            employer=Employer.objects.filter(pk=draft.get("employer") or 0).first(),
            work_unit=draft.get("work_unit", ""),
            occupation=draft["occupation"],
            form=draft["form"],
            migrant_worker=draft["migrant"] == "yes",
            through_local_union=draft["local"],
        )
        joining.drop_draft(self.access.account_id or 0)
        return admission

    def get_success_url(self) -> str:
        return reverse("m_join_done", args=[self.result.review.number])


class Done(Own, Page):
    """The answer: number, who reviews, by when, what next. `Receipt` is the same on paper."""

    needs_person = False
    template_name = "organising/join/done.html"

    def context(self) -> dict[str, Any]:
        rows = Admission.objects.owned_by(self.access).select_related("review", "organisation", "person")
        admission = rows.filter(review__number=self.kwargs["number"]).first()
        if admission is None:
            raise Http404
        steps = ReviewStep.objects.everywhere(reason="the first step of the reader's own application")
        step = steps.filter(review=admission.review).select_related("organisation").order_by("order")[0]
        role = Role(step.role).label
        return {
            "admission": admission,
            "review": admission.review,
            "open": admission.review.state == Review.State.PENDING,
            "step": step,
            "handler": f"{step.organisation.name}（{role}）",
            "rest": f"{step.working_days} 个工作日内",
            "elsewhere": step.organisation_id != admission.organisation_id,
            "links": [
                {"label": "查看办理进度", "url": reverse("m_application", args=[admission.review.number])},
                {"label": "回到首页", "url": reverse("m_home")},
            ],
        }


class Receipt(Done):
    template_name = "organising/join/receipt.html"
