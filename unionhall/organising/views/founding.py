"""建会 at the desk and on the phone: applications, how far each is, the assembly's result."""

from functools import cached_property
from typing import Any, ClassVar

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone

from unionhall.access import lookups
from unionhall.foundation.errors import Refused
from unionhall.foundation.permissions import SIGNED_IN
from unionhall.foundation.views import Create, Detail, List
from unionhall.kit.identifiers import IdentifierError, IdType, check_document, normalise_phone
from unionhall.members.actions import register_person
from unionhall.members.documents import KINDS, RESIDENT, choices
from unionhall.members.models import Person, Post
from unionhall.organisations.actions import register_employer
from unionhall.organisations.forms import MOST_PEOPLE, ActingForm, DayField, EmployerField, UnionField
from unionhall.organisations.kinds import Kind, Level
from unionhall.organisations.models import Employer, Organisation
from unionhall.organisations.views.confirming import Confirmed
from unionhall.reviews.models import Review, ReviewStep
from unionhall.reviews.presenting import facts_for
from unionhall.reviews.procedures import procedure

from ..actions import founding as actions
from ..models import Founding

ROWS, MOST_ROWS = 6, 60
KINDS_TO_FOUND = [(kind.value, kind.label) for kind in actions.KINDS]
STAGES = (
    (Founding.Stage.APPLIED, "申请筹建"),
    (Founding.Stage.PREPARING, "发展会员、筹备大会"),
    (Founding.Stage.ASSEMBLY, "报送选举结果"),
    (Founding.Stage.FOUNDED, "建会"),
)


class FoundingForm(ActingForm):
    superior = UnionField(label="上级工会")
    name = forms.CharField(label="拟用名称", max_length=120, help_text="例如：某某有限公司工会委员会")
    kind = forms.ChoiceField(label="类别", choices=KINDS_TO_FOUND, initial=Kind.GRASSROOTS)
    employer = EmployerField(label="用人单位", required=False)
    industry_parent = UnionField(label="上级产业工会", required=False)
    expected_members = forms.IntegerField(label="拟发展会员人数", min_value=1, max_value=MOST_PEOPLE)
    contact = forms.CharField(label="筹备组联系人", max_length=50)


class FoundingFilter(forms.Form):
    q = forms.CharField(
        label="名称",
        required=False,
        widget=forms.TextInput(attrs={"type": "search", "placeholder": "拟用名称"}),
    )
    stage = forms.ChoiceField(label="阶段", required=False, choices=[("", "全部"), *Founding.Stage.choices])


class FoundingList(List):
    """/desk/foundings/"""

    model = Founding
    permission = "organising.view"
    template_name = "organising/foundings.html"
    filter_form = FoundingFilter
    ordering = "-pk"

    def get_queryset(self) -> Any:
        return super().get_queryset().select_related("organisation", "employer", "review")

    def filtered(self) -> Any:
        rows, chosen = self.get_queryset(), self.chosen
        if "q" in chosen:
            rows = rows.filter(name__contains=chosen["q"])
        return rows.filter(stage=chosen["stage"]) if "stage" in chosen else rows

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(may_found=bool(self.access.prefixes("organising.found")), **kwargs)


class NewFounding(Confirmed):
    """/desk/foundings/new/: an officer files it for a preparatory group."""

    model = Founding
    needs_object = False
    permission = "organising.found"
    form_class = FoundingForm
    title = "建会申请"
    success_message = "建会申请已提交。"
    result: Founding

    def get_initial(self) -> dict[str, Any]:
        found: dict[str, Any] = super().get_initial()
        return found | {
            key: self.request.GET[key] for key in ("superior", "employer") if key in self.request.GET
        }

    def back_url(self) -> str:
        return reverse("desk_foundings")

    def consequence(self, form: Any) -> str:
        values = form.cleaned_data
        similar = actions.similar_unions(values["name"], values["superior"].division)
        names = "；".join(f"{one.name}（{one.code}）" for one in similar)
        return f"已有名称相近的工会：{names}。请确认不是重复建会。" if similar else "没有名称相近的工会。"

    def act(self, form: Any) -> Founding:
        return actions.apply_to_found(self.actor, **form.cleaned_data)

    def get_success_url(self) -> str:
        return reverse("desk_founding", args=[self.result.pk])


class FoundingDetail(Detail):
    """/desk/foundings/<pk>/"""

    model = Founding
    permission = "organising.view"
    template_name = "organising/founding.html"

    def get_queryset(self) -> Any:
        return (
            super()
            .get_queryset()
            .select_related(
                "organisation",
                "employer",
                "industry_parent",
                "review__organisation",
                "result_review__organisation",
                "founded",
            )
        )

    def context(self) -> dict[str, Any]:
        one = self.object
        return {
            "facts": self._facts(one.review),
            "result_facts": self._facts(one.result_review) if one.result_review else [],
            "steps": steps(one),
            "reviews": [
                {
                    "review": review,
                    "step": _current(review),
                    "may_open": self.actor.may("reviews.view", *review.organisation.paths),
                }
                for review in (one.review, one.result_review)
                if review is not None
            ],
            "prepare_by": actions.preparation_ends(one),
            "may_carry": one.stage == Founding.Stage.PREPARING
            and self.actor.may("organising.found", *one.organisation.paths),
        }

    def _facts(self, review: Review) -> list[dict[str, str]]:
        """As the review's own page shows them: names whole only for those who may see members there."""
        whole = self.actor.may("members.view", *self.object.organisation.paths)
        found = facts_for(review, procedure(review.procedure), whole=whole)
        return [{"label": label, "value": value} for label, value in found]


def steps(one: Founding) -> list[dict[str, str]]:
    """The four stages for the stepper."""
    order = [stage for stage, _ in STAGES]
    reached = order.index(Founding.Stage(one.stage)) if one.stage in order else -1
    found = []
    for number, (_, title) in enumerate(STAGES):
        done = number < reached or one.stage == Founding.Stage.FOUNDED
        found.append({"title": title, "state": "done" if done else "now" if number == reached else "todo"})
    return found


def _current(review: Review) -> ReviewStep | None:
    rows = ReviewStep.objects.everywhere(reason="who handles the matter of a founding already scoped")
    return rows.filter(review=review, is_current=True).select_related("organisation").first()


class ResultForm(ActingForm):
    assembly_on = DayField(label="成立大会日期")
    entitled = forms.IntegerField(label="应到会人数", min_value=1, max_value=MOST_PEOPLE)
    attended = forms.IntegerField(label="到会人数", min_value=1, max_value=MOST_PEOPLE)
    members = forms.IntegerField(label="会员人数", min_value=1, max_value=MOST_PEOPLE)
    women = forms.IntegerField(label="其中女会员", min_value=0, max_value=MOST_PEOPLE)
    years = forms.TypedChoiceField(label="任期", choices=[(3, "3 年"), (5, "5 年")], coerce=int, initial=5)
    level = forms.TypedChoiceField(
        label="层级",
        choices=[(Level.GRASSROOTS.value, "基层"), (Level.STREET.value, "乡镇街道级（联合会）")],
        coerce=int,
        initial=Level.GRASSROOTS.value,
    )


class ElectedForm(forms.Form):
    """One row: who was elected to what. An empty row is left out; a person not yet registered is registered."""

    title = forms.ChoiceField(label="职务", choices=[("", "—"), *Post.Title.choices[:8]], required=False)
    name = forms.CharField(label="姓名", max_length=50, required=False)
    id_type = forms.ChoiceField(label="证件类型", choices=choices, initial=RESIDENT, required=False)
    id_number = forms.CharField(label="证件号码", max_length=30, required=False)
    phone = forms.CharField(label="手机号", max_length=20, required=False)
    votes = forms.IntegerField(label="得票", min_value=0, max_value=MOST_PEOPLE, required=False)
    principal = forms.BooleanField(
        label="单位行政负责人（含副职）、合伙人或其近亲属，人力资源部门负责人，外籍职工",
        help_text="不得担任主席、副主席",
        required=False,
    )
    kin = forms.BooleanField(
        label="单位主要负责人的近亲属", help_text="不得担任委员会成员（《工会法》第十条）", required=False
    )

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean() or {}
        if not any(values.get(name) for name in ("title", "name", "id_number")):
            return values
        for name, words in (("title", "请选择职务"), ("name", "请填写姓名"), ("id_number", "请填写证件号码")):
            if not values.get(name):
                self.add_error(name, words)
        if values.get("votes") is None:
            self.add_error("votes", "请填写得票数")
        kind = KINDS.get(values.get("id_type") or RESIDENT, IdType.RESIDENT)
        try:
            values["id_number"] = check_document(
                kind, values.get("id_number", ""), timezone.localdate()
            ).number
            values["phone"] = normalise_phone(values["phone"]) if values.get("phone") else None
        except IdentifierError as wrong:
            self.add_error("id_number", str(wrong))
        return values

    @property
    def filled(self) -> bool:
        return bool(self.cleaned_data.get("title"))

    @property
    def title_word(self) -> str:
        title = self.cleaned_data.get("title")
        return Post.Title(title).label if title else ""


ElectedRows = forms.formset_factory(ElectedForm, extra=ROWS, max_num=MOST_ROWS, absolute_max=MOST_ROWS)


class FileResult(Confirmed):
    """/desk/foundings/<pk>/result/: the assembly's result, reported for approval."""

    model = Founding
    permission = "organising.found"
    form_class = ResultForm
    template_name = "organising/founding_result.html"
    check_template = "organising/founding_result.html"
    title = "报送选举结果"
    success_message = "选举结果已报送，等待上级工会批复。"

    @cached_property
    def rows(self) -> Any:
        return ElectedRows(self.request.POST if self.request.method == "POST" else None, prefix="elected")

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        form = self.get_form()
        filled = sum(
            bool(request.POST.get(f"elected-{row}-id_number")) for row in range(self.rows.total_form_count())
        )
        if filled and (said := lookups.refusal(self.actor, filled)):
            messages.error(request, said)
            return redirect(self.get_success_url())
        if not self.rows.is_valid():
            self.object  # noqa: B018 — out of scope is 404 before anything else is looked at
            form.is_valid()
            return self.refuse(form)
        return super().post(request, *args, **kwargs)

    def act(self, form: Any) -> Founding:
        elected = [self._elected(row) for row in self.rows if row.filled]
        return actions.file_result(self.actor, founding=self.object, elected=elected, **form.cleaned_data)

    def _elected(self, row: ElectedForm) -> actions.Elected:
        values = row.cleaned_data
        id_type = values["id_type"] or RESIDENT
        known = Person.objects.everywhere(reason="exact look-up by the document that the officer holds")
        person = known.with_identity(id_type, values["id_number"]).first()
        if person is None:
            person = register_person(
                self.actor,
                name=values["name"],
                id_type=id_type,
                id_number=values["id_number"],
                phone=values["phone"],
            )
        elif person.name != values["name"].strip():
            raise Refused(
                f"证件号码尾号 {values['id_number'][-4:]} 登记的姓名与“{values['name']}”不符，请核对。"
            )
        return actions.Elected(
            person.pk, values["title"], values["votes"], principal=values["principal"], kin=values["kin"]
        )

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(elected=self.rows, **kwargs)

    def get_success_url(self) -> str:
        return reverse("desk_founding", args=[self.kwargs["pk"]])


class WorkerFoundingForm(forms.Form):
    employer_name = forms.CharField(label="单位名称", max_length=120)
    uscc = forms.CharField(
        label="统一社会信用代码", max_length=20, required=False, help_text="在营业执照上，可不填"
    )
    street = UnionField(
        label="单位所在街道（乡镇）的工会", help_text="填写街道工会的名称或代码，可在“找工会”里查"
    )
    employees = forms.IntegerField(label="单位大约有多少职工", min_value=1, max_value=MOST_PEOPLE)
    expected_members = forms.IntegerField(label="大约有多少人愿意入会", min_value=1, max_value=MOST_PEOPLE)


class WorkerFound(Create):
    """/m/found/: a worker whose employer has no union asks the street union to found one."""

    model = Founding
    permission = SIGNED_IN
    form_class = WorkerFoundingForm
    template_name = "organising/found.html"
    sent: ClassVar[str] = "organising/found_sent.html"
    result: Founding

    @cached_property
    def person(self) -> Person | None:
        return Person.objects.all().owned_by(self.access).first()

    def act(self, form: Any) -> Founding:
        if self.person is None:
            raise Refused("请先登记身份信息，再申请建会。")
        values = form.cleaned_data
        street: Organisation = values["street"]
        employer = self._employer(values, street)
        return actions.apply_to_found(
            self.actor,
            superior=street,
            name=f"{employer.name}工会委员会",
            employer=employer,
            expected_members=values["expected_members"],
            contact=self.person.name,
            applicant=self.person,
        )

    def _employer(self, values: dict[str, Any], street: Organisation) -> Employer:
        """The registered employer, or one entered with what the worker knows; the officer completes it."""
        rows = Employer.objects.all()
        uscc, name = values["uscc"].strip().upper(), values["employer_name"].strip()
        known = rows.filter(uscc=uscc).first() if uscc else rows.filter(name=name).first()
        if known is not None:
            return known
        return register_employer(
            self.actor,
            name=name,
            uscc=uscc or None,
            division=street.division,
            employees=values["employees"],
            paths=street.paths,
        )

    def done(self) -> HttpResponseBase:
        step = _current(self.result.review)
        context = self.get_context_data(founding=self.result, step=step)
        return self.response_class(self.request, [self.sent], context)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        own = Founding.objects.all().owned_by(self.access).filter(stage=Founding.Stage.PREPARING)
        return super().get_context_data(person=self.person, preparing=own.order_by("pk"), **kwargs)
