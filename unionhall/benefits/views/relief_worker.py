"""困难帮扶 on the phone: one question per page, a draft that survives logout, a check, and how the file stands."""

from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any, ClassVar

from django import forms
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone

from unionhall import rulebook
from unionhall.foundation.errors import Refused
from unionhall.foundation.views import Create, Page
from unionhall.kit.identifiers import IdentifierError, IdType, check_document, normalise_name
from unionhall.kit.masking import mask_id
from unionhall.kit.money import yuan
from unionhall.kit.text import number_of
from unionhall.members import consents, households
from unionhall.members.models import HouseholdMember, Relation
from unionhall.members.views.own import Own
from unionhall.organisations.local import union_of_place
from unionhall.organisations.models import Organisation
from unionhall.records import drafts
from unionhall.records.models import Attachment

from ..actions import relief
from ..actions.relief.applying import CONSENT, Figures, PersonFigures, inputs_of
from ..actions.relief.papers import OTHER, take_over
from ..forms.relief import ConsentForm, FiguresForm, PlaceForm, RelativeForm, SituationForm
from ..models import Cause, HardshipFile, Housing
from ..rules import relief as rules
from ..schemes.relief import HardshipScheme

STEPS = (
    ("consent", "同意"), ("family", "家人"), ("money", "收支"), ("situation", "困难"), ("papers", "材料"),
    ("check", "核对"),
)  # fmt: skip
DRAFT = "hardship_relief"
MOST_RELATIVES = 12


@dataclass(frozen=True)
class Person:
    """Somebody of the household as the draft knows him; `member` when the register knows him already."""

    code: str
    name: str
    relation: str
    number: str
    member: int | None

    @property
    def label(self) -> str:
        return str(Relation(self.relation).label)


class Applying(Own):
    """Shared by the pages: the draft, the household, what must be answered first."""

    step: ClassVar[str] = ""

    @cached_property
    def draft(self) -> dict[str, Any]:
        return drafts.draft_of(self.access.account_id or 0, DRAFT)

    @cached_property
    def present(self) -> HardshipFile | None:
        """The household's file that is open."""
        return relief.open_file(self.person)

    @cached_property
    def receiver(self) -> Organisation | None:
        """The union that takes the application: one's own; without one what was chosen, None before that."""
        if self.membership is not None:
            return self.membership.organisation
        place = self.draft.get("place")
        if not place:
            return None
        if place["handler"] == PlaceForm.EMPLOYER:
            return relief.employers_union(self.person)
        return union_of_place(place["division"])

    @cached_property
    def welcome(self) -> bool:
        """Whether one may apply here at all: a member, or where the scheme asks for no membership."""
        if self.membership is not None:
            return True
        return self.receiver is not None and not relief.asks_membership(self.receiver)

    @cached_property
    def unmet(self) -> tuple[str, ...]:
        """What the reader is known to lack of the scheme's conditions."""
        return relief.unmet(self.person, self.receiver) if self.receiver is not None else ()

    @cached_property
    def scheme(self) -> HardshipScheme:
        division = self.receiver.division if self.receiver else ""
        return rulebook.scheme(HardshipScheme, on=timezone.localdate(), division=division).parameters

    def keep(self, **answers: Any) -> None:
        self.draft = drafts.keep_draft(self.access.account_id or 0, DRAFT, **answers)

    @cached_property
    def registered(self) -> list[HouseholdMember]:
        """Relatives whom the register knows: nothing is asked of them again."""
        home = households.home_of(self.person.pk)
        found = households.members_of(home) if home is not None else []
        return [one for one in found if one.id_index != self.person.id_index]

    def relatives(self) -> list[Person]:
        known = [
            Person(f"m{one.pk}", one.name, one.relation, one.id_number.reveal(), one.pk)
            for one in self.registered
        ]
        numbers = {one.number for one in known}
        added = [
            Person(f"d{place}", one["name"], one["relation"], one["id_number"], None)
            for place, one in enumerate(self.draft.get("relatives", []))
            if one["id_number"] not in numbers
        ]
        return [*known, *added]

    def people(self) -> list[tuple[str, str]]:
        """(code, name) of everybody, the worker first."""
        return [("self", self.person.name), *((one.code, one.name) for one in self.relatives())]

    def unanswered(self) -> str:
        if CONSENT not in consents.in_force(self.person):
            return "consent"
        if not self.draft.get("family"):
            return "family"
        figures = self.draft.get("figures", {})
        if any(code not in figures for code, _ in self.people()):
            return "money"
        if not self.draft.get("situation"):
            return "situation"
        return "check" if self.draft.get("papers_done") else "papers"

    def kept(self) -> list[tuple[Attachment, str]]:
        """Papers of the draft, each with what it is."""
        codes = self.draft.get("papers", {})
        rows = drafts.papers_of(self.access.account_id or 0, DRAFT)
        return [(one, codes.get(str(one.pk), OTHER[0])) for one in rows]

    def _guarded(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if self.known is not None and self.step:
            if self.present is not None or not self.welcome or self.unmet:
                return redirect("m_relief")
            order = [code for code, _ in STEPS]
            if order.index(self.step) > order.index(self.unanswered()):
                return redirect(f"m_relief_{self.unanswered()}")
        return super()._guarded(request, *args, **kwargs)

    def track(self) -> list[dict[str, str]]:
        here = [code for code, _ in STEPS].index(self.step)
        return [
            {"title": title, "state": "done" if place < here else "now" if place == here else "todo"}
            for place, (_, title) in enumerate(STEPS)
        ]


class Start(Applying, Page):
    """/m/apply/hardship_relief/: whom it is for, how it goes; or how one's own file stands."""

    template_name = "benefits/relief/start.html"

    def context(self) -> dict[str, Any]:
        if self.known is None:
            return {}
        return {
            "present": self.present,
            "member": self.membership,
            "receiver": self.receiver,
            "welcome": self.welcome,
            "unmet": self.unmet,
            "begun": bool(self.draft) and self.draft.keys() != {"place"},
            "onward_url": reverse(f"m_relief_{self.unanswered()}"),
            "scheme": self.scheme,
        }


class Question(Applying, Create):
    """A page of the form."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(track=self.track(), **kwargs)

    def get_success_url(self) -> str:
        return reverse(f"m_relief_{self.unanswered()}")


class Consent(Question):
    step = "consent"
    template_name = "benefits/relief/question.html"
    form_class = ConsentForm

    def get_form_kwargs(self) -> dict[str, Any]:
        purpose = consents.purpose_of(CONSENT)
        assert purpose is not None
        return super().get_form_kwargs() | {"wording": purpose.text}

    def context(self) -> dict[str, Any]:
        return {
            "question": "先请您同意核查",
            "lead": "涉及健康和收入，需要您单独同意。以后可以在“我的—个人信息授权”里撤回。",
        }

    def act(self, form: ConsentForm) -> None:
        consents.give(self.actor, person=self.person, purpose=CONSENT)


class Family(Question):
    """Who lives with the worker: added one by one; what the register knows is there already."""

    step = "family"
    template_name = "benefits/relief/family.html"
    form_class = RelativeForm

    def context(self) -> dict[str, Any]:
        rows = [
            {
                "person": one,
                "masked": mask_id(one.number),
                "place": one.code[1:] if one.member is None else "",
            }
            for one in self.relatives()
        ]
        return {"rows": rows}

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if "onward" in request.POST:
            self.keep(family=True)
            return redirect(self.get_success_url())
        if (place := number_of(request.POST.get("remove", ""))) is not None:
            left = list(self.draft.get("relatives", []))
            if place < len(left):
                del left[place]
                # The codes of those behind move, and their figures with them: they are asked anew.
                figures = {k: v for k, v in self.draft.get("figures", {}).items() if not k.startswith("d")}
                self.keep(relatives=left, figures=figures)
            return redirect("m_relief_family")
        return super().post(request, *args, **kwargs)

    def act(self, form: RelativeForm) -> None:
        given = form.cleaned_data
        try:
            document = check_document(IdType.RESIDENT, given["id_number"], timezone.localdate())
            name = normalise_name(given["name"])
        except IdentifierError as mistake:
            raise Refused(str(mistake), field="id_number") from None
        present = self.relatives()
        own = self.person.id_number.reveal()
        if document.number == own or any(one.number == document.number for one in present):
            raise Refused("这个人已经在家庭成员里了。", field="id_number")
        if len(present) >= MOST_RELATIVES:
            raise Refused("家庭成员较多，请到工会窗口办理。")
        added = {"name": name, "relation": given["relation"], "id_number": document.number}
        self.keep(relatives=[*self.draft.get("relatives", []), added], family=False)

    def get_success_url(self) -> str:
        return (
            reverse(f"m_relief_{self.unanswered()}")
            if self.draft.get("family")
            else reverse("m_relief_family")
        )


class Money(Question):
    step = "money"
    template_name = "benefits/relief/question.html"
    form_class = FiguresForm

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"people": self.people()}

    def get_initial(self) -> dict[str, Any]:
        return {
            f"{name}_{code}": value
            for code, row in self.draft.get("figures", {}).items()
            for name, value in row.items()
        }

    def context(self) -> dict[str, Any]:
        return {
            "question": "家里每个人一年的收入和必须的支出",
            "lead": "按最近 12 个月估算，工会会入户核实。",
        }

    def act(self, form: FiguresForm) -> None:
        self.keep(figures=form.figures())


class Situation(Question):
    step = "situation"
    template_name = "benefits/relief/question.html"
    form_class = SituationForm

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"scheme": self.scheme}

    def get_initial(self) -> dict[str, Any]:
        return dict(self.draft.get("situation") or {"loss": Decimal(0)})

    def context(self) -> dict[str, Any]:
        return {"question": "困难的情况", "lead": ""}

    def act(self, form: SituationForm) -> None:
        given = form.cleaned_data
        self.keep(situation=given | {"loss": str(given["loss"])})


class Check(Question):
    """核对: every answer with its 修改, what the sums come to, then one button."""

    step = "check"
    template_name = "benefits/relief/check.html"
    form_class = forms.Form

    def context(self) -> dict[str, Any]:
        draft, figures = self.draft["situation"], self.draft["figures"]
        family, money, situation = (reverse(f"m_relief_{name}") for name in ("family", "money", "situation"))
        rows = []
        if self.membership is None and self.receiver is not None:
            rows.append({"label": "由谁受理", "value": self.receiver.name, "url": reverse("m_relief_place")})
        rows += [{"label": "申请人", "value": f"{self.person.name}（{self.person.masked_id}）"}]
        rows += [
            {"label": one.label, "value": f"{one.name}（{mask_id(one.number)}）", "url": family}
            for one in self.relatives()
        ]
        for code, name in self.people():
            row = figures[code]
            words = f"收入 {yuan(Decimal(row['income']))} 元，刚性支出 {yuan(Decimal(row['expense']))} 元"
            rows.append({"label": f"{name}近一年", "value": words, "url": money})
        rows += [
            {"label": "主要原因", "value": str(Cause(draft["main_cause"]).label), "url": situation},
            {"label": "住房", "value": str(Housing(draft["housing"]).label), "url": situation},
            {"label": "意外损失", "value": f"{yuan(Decimal(draft['loss']))} 元", "url": situation},
        ]
        papers = self.kept()
        words = f"{len(papers)} 个" if papers else "没有上传，提交以后也可以补"
        rows.append({"label": "材料", "value": words, "url": reverse("m_relief_papers")})
        return {"rows": rows, "assessed": self.assessed()}

    def assessed(self) -> rules.Assessed:
        draft, figures = self.draft["situation"], self.draft["figures"]
        mine = [figures[code] for code, _ in self.people()]
        stated = Figures(
            tuple(
                PersonFigures(place, Decimal(one["income"]), Decimal(one["expense"]))
                for place, one in enumerate(mine)
            ),
            Decimal(draft["loss"]),
            draft["casualty"],
            tuple(draft.get("excluded", ())),
        )
        return rules.assess(self.scheme, **inputs_of(self.person, stated, timezone.localdate()))

    def act(self, form: Any) -> HardshipFile:
        draft, figures = self.draft["situation"], self.draft["figures"]
        mine = figures["self"]
        made = relief.apply(
            self.actor,
            person=self.person,
            relatives=[
                relief.Relative(
                    one.name,
                    one.relation,
                    one.number,
                    income=Decimal(figures[one.code]["income"]),
                    expense=Decimal(figures[one.code]["expense"]),
                    health=figures[one.code]["health"],
                )
                for one in self.relatives()
            ],
            income=Decimal(mine["income"]),
            expense=Decimal(mine["expense"]),
            health=mine["health"],
            main_cause=draft["main_cause"],
            other_causes=draft["other_causes"],
            housing=draft["housing"],
            loss=Decimal(draft["loss"]),
            casualty=draft["casualty"],
            excluded=draft.get("excluded", ()),
            statement=draft["statement"],
            at=self.receiver,
        )
        codes = self.draft.get("papers", {})
        papers = drafts.take_draft(self.access.account_id or 0, DRAFT)
        take_over(self.actor, made, [(one, codes.get(str(one.pk), OTHER[0])) for one in papers])
        return made

    def get_success_url(self) -> str:
        return reverse("m_relief_done")
