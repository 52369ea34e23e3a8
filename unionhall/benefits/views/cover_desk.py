"""保险保障 at the desk: who is covered, claims and their papers, claims taken at a window."""

from functools import cached_property
from typing import Any

from django.urls import reverse
from django.utils import timezone

from unionhall import rulebook
from unionhall.access.lookups import CountsLookups
from unionhall.foundation.actors import NotAllowed
from unionhall.foundation.errors import Refused
from unionhall.foundation.scope import ScopedQuerySet
from unionhall.foundation.views import Create, List, Page
from unionhall.foundation.wording import AtLeast
from unionhall.ledger import actions as ledger
from unionhall.ledger.models import Payment
from unionhall.members.documents import RESIDENT
from unionhall.members.models import Membership, Person
from unionhall.records.actions import journal

from .. import covering
from ..actions import cover_claims as claims
from ..forms.cover import ClaimFilter, PeopleFilter, WindowForm
from ..models import CoverClaim, CoverEnrolment
from ..schemes.cover import PROGRAMMES, TITLES
from . import cover_worker as worker

_LIMIT = 10_000


def tabs(current: str, access: Any) -> list[dict[str, Any]]:
    parts = (
        ("desk_cover", "保障", "benefits.cover"),
        ("desk_cover_people", "参保会员", "benefits.cover"),
        ("desk_cover_claims", "理赔", "benefits.cover"),
        ("desk_cover_plans", "单位投保", "benefits.plans"),
        ("desk_cover_rolls", "投保名单", "benefits.cover_roll"),
        ("desk_insurers", "承保机构", "benefits.insurers"),
    )
    return [
        {"label": label, "url": reverse(name), "current": name == current}
        for name, label, permission in parts
        if access.prefixes(permission)
    ]


class Covers(Page):
    """/desk/cover/: every cover that stands, and how many of one's members have it."""

    permission = "benefits.cover"
    template_name = "benefits/cover/desk_covers.html"

    def context(self) -> dict[str, Any]:
        today = timezone.localdate()
        rows = [
            {
                "code": code, "title": version.title, "version": version, "count": count,
                "url": f"{reverse('desk_cover_people')}?programme={code}",
                "read": reverse("desk_scheme", args=[code, version.digest[:16]]),
            }
            for code in PROGRAMMES
            for version in rulebook.versions(code)
            if version.holds_on(today) and (count := self._count(code, version.jurisdiction)) is not None
        ]  # fmt: skip
        return {"tabs": tabs("desk_cover", self.access), "covers": rows}

    def _count(self, code: str, area: str) -> int | None:
        """Members of the reader's unions in the area; None where he has no union there."""
        rows = Membership.objects.visible_to(self.access, to=self.permission).current()
        rows = rows.filter(organisation__division__startswith=area)
        if not rows[:1]:
            return None
        held = rows.filter(person__covers__programme=code, person__covers__period__upper_inf=True)
        found: int = held.order_by()[: _LIMIT + 1].count()
        return found if found <= _LIMIT else AtLeast(_LIMIT)


class People(List):
    """/desk/cover/people/: members with their covers."""

    model = Membership
    permission = "benefits.cover"
    template_name = "benefits/cover/desk_people.html"
    filter_form = PeopleFilter

    def get_queryset(self) -> ScopedQuerySet[Any]:
        rows = Membership.objects.visible_to(self.access, to=self.permission).current()
        return rows.select_related("person", "organisation")

    def filtered(self) -> ScopedQuerySet[Any]:
        rows = self.get_queryset()
        if name := self.chosen.get("q"):
            rows = rows.filter(name=name)
        if code := self.chosen.get("programme"):
            rows = rows.filter(person__covers__programme=code, person__covers__period__upper_inf=True)
        return rows

    def decorate(self, rows: list[Any]) -> list[Any]:
        held = CoverEnrolment.objects.everywhere(reason="covers of the members on this page").open()
        found: dict[int, list[CoverEnrolment]] = {}
        for one in held.filter(person__in=[row.person_id for row in rows]).order_by("programme"):
            found.setdefault(one.person_id, []).append(one)
        return [
            {
                "membership": row,
                "covers": [
                    {"title": TITLES[one.programme], "since": one.period.lower}
                    for one in found.get(row.person_id, [])
                ],
            }
            for row in rows
        ]

    def context(self) -> dict[str, Any]:
        return {"tabs": tabs("desk_cover_people", self.access)}


class Claims(List):
    """/desk/cover/claims/: claims of one's unions."""

    model = CoverClaim
    permission = "benefits.cover"
    template_name = "benefits/cover/desk_claims.html"
    filter_form = ClaimFilter

    def filtered(self) -> ScopedQuerySet[Any]:
        rows = self.get_queryset().select_related("person", "organisation", "decision", "review")
        chosen = {name: self.chosen[name] for name in ("stage", "programme") if self.chosen.get(name)}
        return rows.filter(**chosen)

    def decorate(self, rows: list[Any]) -> list[Any]:
        return covering.claims_of(rows)

    def context(self) -> dict[str, Any]:
        return {
            "tabs": tabs("desk_cover_claims", self.access),
            "may_claim": bool(self.access.prefixes("benefits.cover_claim")),
        }


class DeskClaim(worker.ClaimPage):
    """/desk/cover/claims/<pk>/: particulars and papers for those who decide; filling in for those who help the kin."""

    mine = False
    permission = "benefits.cover"
    template_name = "benefits/cover/desk_claim.html"
    names = "desk_cover"

    @property
    def helping(self) -> bool:
        """Whether the reader may carry the claim: kin's, or one that was begun at a window."""
        claim: CoverClaim = self.object
        begun = claim.by_kin or claim.created_by_id == self.access.account_id
        return self.editable and begun and self.actor.may("benefits.cover_claim", *claim.organisation.paths)

    def context(self) -> dict[str, Any]:
        claim: CoverClaim = self.object
        journal(
            self.actor, "benefits.cover_claim_shown", subject=claim, label=f"理赔 {claim.pk}",
            paths=claim.organisation.paths,
        )  # fmt: skip
        whole = self.actor.may("members.view", *claim.organisation.paths)
        payment = Payment.objects.all().visible_to(self.access).filter(decision=claim.decision_id).first()
        return worker.told(claim, editable=self.helping) | {
            "who": claim.person.name if whole else claim.person.masked_name,
            "payment": payment if claim.decision_id else None,
            "arithmetic": claims.assessed(claim),
            "facts": [
                ("所在工会", claim.organisation.name),
                ("发生日期", f"{claim.event_on:%Y-%m-%d}"),
                ("保障自", f"{claim.enrolment.period.lower:%Y-%m-%d}"),
                ("申请方式", "家属申请" if claim.by_kin else "本人申请"),
                ("登记时间", f"{timezone.localtime(claim.created_at):%Y-%m-%d %H:%M}"),
            ],
        }

    def done(self) -> Any:
        from django.contrib import messages
        from django.shortcuts import redirect

        messages.success(self.request, f"已提交，编号 {self.result.review.number}。")
        return redirect(self.address())


class _Helping:
    """Pages on which a window fills in a claim."""

    mine = False
    permission = "benefits.cover_claim"
    names = "desk_cover"


class DeskDescribe(_Helping, worker.Describe):
    template_name = "benefits/cover/desk_form.html"

    def act(self, form: Any) -> CoverClaim:
        claim, payee = self.object, None
        if number := form.cleaned_data.get("number"):
            payee = ledger.register_payee(
                self.actor, person=claim.person, bank=form.cleaned_data.get("bank", ""), number=number,
                holder=form.cleaned_data["claimant"], relation=form.cleaned_data["kinship"],
            )  # fmt: skip
        return claims.describe(self.actor, claim=claim, particulars=form.particulars(), payee=payee)

    def context(self) -> dict[str, Any]:
        return super().context() | {"heading": "填写情况", "submit": "保存"}


class DeskAddPaper(_Helping, worker.AddPaper):
    template_name = "benefits/cover/desk_form.html"

    def context(self) -> dict[str, Any]:
        return super().context() | {"heading": "上传材料", "submit": "上传"}


class DeskOpenPaper(worker.OpenPaper):
    mine = False
    permission = "benefits.cover"


class DeskRemovePaper(_Helping, worker.RemovePaper):
    pass


class DeskDrop(_Helping, worker.Drop):
    home = "desk_cover_claims"


class NewClaim(CountsLookups, Create):
    """/desk/cover/claims/new/: at the window, for a member who came, or for the kin of one who died."""

    model = CoverClaim
    permission = "benefits.cover_claim"
    template_name = "benefits/cover/desk_form.html"
    form_class = WindowForm
    success_message = "已登记，请填写情况、上传材料后提交。"

    @cached_property
    def choices(self) -> list[tuple[str, str]]:
        today = timezone.localdate()
        seen: dict[str, str] = {}
        for code in PROGRAMMES:
            for version in rulebook.versions(code):
                if version.holds_on(today):
                    for peril in version.parameters.perils:
                        seen.setdefault(f"{code}.{peril.code}", f"{TITLES[code]}：{peril.label}")
        return list(seen.items())

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"choices": self.choices}

    def act(self, form: Any) -> CoverClaim:
        answers = form.cleaned_data
        rows = Person.objects.everywhere(
            reason="a member at the window, found by his document and name alone"
        )
        person = rows.filter(memberships__isnull=False).with_identity(RESIDENT, answers["number"]).first()
        nobody = Refused("没有找到姓名和证件号码都一致的会员，请对照证件核对。", "number")
        if person is None or person.name != answers["name"].strip():
            raise nobody
        programme, peril = answers["peril"].split(".", 1)
        try:
            return claims.start(
                self.actor, person=person, programme=programme, peril=peril, event_on=answers["event_on"]
            )
        except NotAllowed:  # whose member he is elsewhere is not told here
            raise nobody from None

    def get_success_url(self) -> str:
        return reverse("desk_cover_claim", args=[self.result.pk])

    def context(self) -> dict[str, Any]:
        return {"heading": "代办理赔申请", "submit": "登记", "back": reverse("desk_cover_claims")}
