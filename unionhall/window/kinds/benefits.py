"""Benefits that have to be asked for: medical aid, cover, career subsidy, service vouchers, hardship relief."""

from typing import Any

from django import forms
from django.db.models import Q

from unionhall import rulebook
from unionhall.benefits import catalogue, certificates, covering
from unionhall.benefits.actions import cover_claims, relief, subsidy, vouchers
from unionhall.benefits.actions.medical import claims as medical
from unionhall.benefits.actions.relief.applying import CONSENT as RELIEF_CONSENT
from unionhall.benefits.forms.cover import DescribeForm
from unionhall.benefits.forms.medical import ClaimForm
from unionhall.benefits.forms.relief import RELATIONS, SituationForm
from unionhall.benefits.models import (
    CareerApplication,
    CoverClaim,
    HardshipFile,
    Health,
    MedicalClaim,
    Service,
)
from unionhall.benefits.schemes.base import Paper
from unionhall.benefits.schemes.relief import HardshipScheme
from unionhall.foundation.actors import Actor
from unionhall.foundation.errors import Refused
from unionhall.foundation.widgets import DateInput, FileDrop, MoneyInput
from unionhall.ledger import actions as ledger
from unionhall.members import households
from unionhall.records import uploads

from ..forms.matters import AGREE, PAPER_ON, PAPERS, MatterForm
from ..matters import WHY, Filed, Matter, Scene, agreeing, register
from .joining import not_member

# Medical mutual aid ----------------------------------------------------------------------------------------------


class MedicalForm(MatterForm, ClaimForm):
    """The claim's own form; consent is asked by the window's."""


def _medical_form(*args: Any, scene: Scene, **kwargs: Any) -> forms.Form:
    scheme = medical.plan_for(scene.person, scene.today)[0].parameters
    return MedicalForm(*args, scene=scene, scheme=scheme, consented=True, words="", **kwargs)


def _medical_papers(scene: Scene) -> tuple[Paper, ...]:
    return medical.plan_for(scene.person, scene.today)[0].parameters.papers


def _medical_barred(scene: Scene) -> str:
    if found := not_member(scene):
        return found
    try:
        medical.plan_for(scene.person, scene.today)
    except Refused as refusal:
        return str(refusal)
    return ""


def _medical(actor: Actor, scene: Scene, given: dict[str, Any]) -> Filed:
    papers = [
        medical.Paper(name.removeprefix("paper_"), upload)
        for name, upload in given.items()
        if name.startswith("paper_") and upload
    ]
    made = medical.apply(
        actor, person=scene.person, number=given["number"], settled_on=given["settled_on"], selfpay=given["selfpay"],
        hospital=given["hospital"], diagnosis=given["diagnosis"], papers=papers,
    )  # fmt: skip
    return Filed(made.review)


# Cover -----------------------------------------------------------------------------------------------------------


def _perils(scene: Scene) -> list[tuple[str, str]]:
    """Every event that one of the person's covers answers for."""
    found = []
    for one in covering.covers_of(scene.person.pk, scene.union.division):
        if (version := one["version"]) is not None:
            code = one["row"].programme
            found += [
                (f"{code}.{peril.code}", f"{version.title}：{peril.label}")
                for peril in version.parameters.perils
            ]
    return list(dict(found).items())


def _cover(scene: Scene) -> tuple[str, Any]:
    """The programme and the peril that the variant names."""
    programme, _, code = scene.variant.partition(".")
    version = covering.scheme_of(programme, scene.today, scene.union.division)
    peril = version.parameters.peril(code) if version is not None else None
    if peril is None:
        raise Refused("请重新选择发生了什么。")
    return programme, peril


class CoverForm(MatterForm, DescribeForm):
    """What happened and when, what the event asks for, and its papers as files."""

    def __init__(self, *args: Any, scene: Scene, **kwargs: Any) -> None:
        _, peril = _cover(scene)
        super().__init__(*args, scene=scene, peril=peril, kin=peril.by == "kin", **kwargs)
        self.fields["event_on"] = forms.DateField(
            label="发生日期", widget=DateInput(), help_text="意外写发生的日期，疾病写首次确诊的日期"
        )
        for paper in self.wanted:
            self.fields[f"paper_{paper.code}"] = forms.FileField(
                label=paper.label,
                required=paper.required,
                help_text=paper.note,
                widget=FileDrop("选择或拍照", "PDF、JPG、PNG，10 MB 以内"),
            )
        self.order_fields(["event_on"])

    def clean(self) -> dict[str, Any]:
        found = super().clean()
        for name in [one for one in self.fields if one.startswith("paper_") and one != "paper_on"]:
            if found.get(name):
                try:
                    found[name] = uploads.cleaned(found[name])
                except forms.ValidationError as wrong:
                    self.add_error(name, wrong)
        return found


def _cover_papers(scene: Scene) -> tuple[Paper, ...]:
    if not scene.variant:
        return ()
    programme, peril = _cover(scene)
    version = covering.scheme_of(programme, scene.today, scene.union.division)
    assert version is not None
    return tuple(one for one in version.parameters.papers if one.code in peril.papers)


def _cover_consents(scene: Scene) -> tuple[str, ...]:
    return (cover_claims.CONSENT,) if scene.variant and _cover(scene)[1].health else ()


def _claim(actor: Actor, scene: Scene, given: dict[str, Any]) -> Filed:
    programme, peril = _cover(scene)
    files = {n.removeprefix("paper_"): v for n, v in given.items() if n.startswith("paper_") and v}
    besides = {"event_on", "bank", "number"}
    particulars = {
        name: value for name, value in given.items() if name not in besides and not name.startswith("paper_")
    }
    claim = cover_claims.start(
        actor, person=scene.person, programme=programme, peril=peril.code, event_on=given["event_on"]
    )
    payee = None
    if given.get("number"):
        payee = ledger.register_payee(
            actor, person=scene.person, bank=given.get("bank", ""), number=given["number"], holder=given["claimant"],
            relation=given["kinship"],
        )  # fmt: skip
    claim = cover_claims.describe(actor, claim=claim, particulars=particulars, payee=payee)
    for code, upload in files.items():
        cover_claims.add_paper(actor, claim=claim, code=code, upload=upload)
    return Filed(cover_claims.submit(actor, claim=claim, consent=True).review)


# Career subsidy and vouchers -------------------------------------------------------------------------------------


class SubsidyForm(MatterForm):
    """Certificates that the registry knows of him; another by its number."""

    certificate = forms.ChoiceField(label="用哪个证书申请", required=False, widget=forms.RadioSelect)
    number = forms.CharField(
        label="其他证书编号", max_length=40, required=False, help_text="上面没有列出的填写"
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        held = [(one.number, str(one)) for one in certificates.held_by(self.scene.person)]
        if held:
            self.fields["certificate"].choices = held  # type: ignore[attr-defined]
        else:
            del self.fields["certificate"]

    def clean(self) -> dict[str, Any]:
        found = super().clean()
        found["chosen"] = found.get("number") or found.get("certificate") or ""
        if not found["chosen"] and not self.errors:
            self.add_error("number", "请选择证书，或填写证书编号。")
        return found


def _subsidy(actor: Actor, scene: Scene, given: dict[str, Any]) -> Filed:
    return Filed(subsidy.apply(actor, person=scene.person, number=given["chosen"]).review)


class VoucherForm(MatterForm):
    service = forms.ChoiceField(label="领哪项服务", widget=forms.RadioSelect)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["service"].choices = [  # type: ignore[attr-defined]
            (str(one.pk), f"{one.title}（{one.price_words}，{one.merchant.name}）")
            for one in _services(self.scene)
        ]


def _services(scene: Scene) -> list[Service]:
    rows = catalogue.offered(scene.person.pk, scene.today).select_related("merchant")
    return list(rows.order_by("category", "pk")[:40])


def _voucher(actor: Actor, scene: Scene, given: dict[str, Any]) -> Filed:
    service = next(one for one in _services(scene) if str(one.pk) == given["service"])
    made = vouchers.take(actor, service=service, person=scene.person)
    return Filed(result=f"{service.title}服务券一张，{made.expires_on:%Y-%m-%d} 前有效，凭会员码使用")


def _no_services(scene: Scene) -> str:
    return "" if _services(scene) else "现在没有可以领的服务。"


# Hardship relief -------------------------------------------------------------------------------------------------

#: Relatives that one visit may add; a larger family adds the others at the desk.
NEW_RELATIVES = 3
_SUMS: dict[str, Any] = {"min_value": 0, "max_digits": 14, "decimal_places": 2, "required": False}


class ReliefForm(MatterForm, SituationForm):
    """Figures of the year of everybody in the household, whom the register knows or who is added; the situation."""

    def __init__(self, *args: Any, scene: Scene, **kwargs: Any) -> None:
        super().__init__(*args, scene=scene, scheme=_relief_scheme(scene), **kwargs)
        home = households.home_of(scene.person.pk)
        self.known = [
            one
            for one in (households.members_of(home) if home is not None else [])
            if bytes(one.id_index) != bytes(scene.person.id_index)
        ]
        for code, name in [("self", scene.person.name), *((f"m{one.pk}", one.name) for one in self.known)]:
            self._figures(code, name)
        for place in range(1, NEW_RELATIVES + 1):
            self.fields[f"name_{place}"] = forms.CharField(
                label=f"家人{place}：姓名", max_length=50, required=False
            )
            self.fields[f"relation_{place}"] = forms.ChoiceField(
                label=f"家人{place}：与本人的关系", choices=[("", "没有"), *RELATIONS], required=False
            )
            self.fields[f"id_{place}"] = forms.CharField(
                label=f"家人{place}：身份证号", max_length=18, required=False,
                widget=forms.TextInput(attrs={"autocomplete": "off"}),
            )  # fmt: skip
            self._figures(f"d{place}", f"家人{place}")
        last = [name for name in self.fields if name in (PAPERS, PAPER_ON) or name.startswith(AGREE)]
        self.order_fields([*(name for name in self.fields if name not in last), *last])

    def _figures(self, code: str, name: str) -> None:
        self.fields[f"income_{code}"] = forms.DecimalField(
            label=f"{name}：近一年收入（元）", widget=MoneyInput(), **_SUMS
        )
        self.fields[f"expense_{code}"] = forms.DecimalField(
            label=f"{name}：近一年刚性支出（元）", widget=MoneyInput(), **_SUMS
        )
        self.fields[f"health_{code}"] = forms.ChoiceField(
            label=f"{name}：健康情况", choices=Health.choices, initial=Health.GOOD, required=False
        )

    def clean(self) -> dict[str, Any]:
        found = super().clean()
        rows = [("self", True), *((f"m{one.pk}", True) for one in self.known)]
        for place in range(1, NEW_RELATIVES + 1):
            typed = [found.get(f"{name}_{place}") for name in ("name", "relation", "id")]
            if any(typed) and not all(typed):
                self.add_error(f"name_{place}", "请把这位家人的姓名、关系和身份证号都填上。")
            rows.append((f"d{place}", all(typed)))
        for code, there in rows:
            for name in ("income", "expense"):
                if there and found.get(f"{name}_{code}") is None and f"{name}_{code}" not in self.errors:
                    self.add_error(f"{name}_{code}", "请填写金额，没有填 0。")
        return found

    def own(self) -> dict[str, Any]:
        given = super().own()
        people = [(f"m{one.pk}", one.name, one.relation, one.id_number.reveal()) for one in self.known]
        people += [
            (f"d{place}", given[f"name_{place}"], given[f"relation_{place}"], given[f"id_{place}"])
            for place in range(1, NEW_RELATIVES + 1)
            if given[f"name_{place}"]
        ]
        given["relatives"] = [
            relief.Relative(
                name, relation, number, income=given[f"income_{code}"], expense=given[f"expense_{code}"],
                health=given[f"health_{code}"] or Health.GOOD,
            )
            for code, name, relation, number in people
        ]  # fmt: skip
        return given


def _relief_version(scene: Scene) -> Any:
    return rulebook.scheme(HardshipScheme, on=scene.today, division=scene.union.division)


def _relief_scheme(scene: Scene) -> HardshipScheme:
    found: HardshipScheme = _relief_version(scene).parameters
    return found


def _relief_papers(scene: Scene) -> tuple[Paper, ...]:
    return _relief_scheme(scene).papers


def _relief_barred(scene: Scene) -> str:
    try:
        relief.place_for(scene.person, scene.organisation)
    except Refused as refusal:
        return str(refusal)
    present = relief.open_file(scene.person)
    return "" if present is None else f"家庭已有困难帮扶档案或申请（{present.review.number}）。"


def _relief(actor: Actor, scene: Scene, given: dict[str, Any]) -> Filed:
    made = relief.apply(
        actor, person=scene.person, relatives=given["relatives"], income=given["income_self"],
        expense=given["expense_self"], health=given["health_self"] or Health.GOOD, main_cause=given["main_cause"],
        other_causes=given["other_causes"], housing=given["housing"], loss=given["loss"], casualty=given["casualty"],
        excluded=given.get("excluded", ()), statement=given["statement"], at=scene.organisation,
    )  # fmt: skip
    return Filed(made.review)


def _of(model: Any) -> Any:
    return lambda person_id: Q(
        pk__in=model.objects.everywhere(reason=WHY)
        .filter(person=person_id, review__isnull=False)
        .values("review")
    )


def _cover_barred(scene: Scene) -> str:
    return "" if _perils(scene) else "没有在保的保障。"


PAID = "审核通过后直接付到本人银行账户，到账有短信和消息。"
register(
    Matter(
        "medical", "医疗互助", "stethoscope", _medical_form, _medical, PAID, hint="住院、大病自付的费用",
        papers=_medical_papers, uploads=True, consents=agreeing(medical.CONSENT), barred=_medical_barred,
        reviews=_of(MedicalClaim), programme="medical_aid", order=20,
    ),
    Matter(
        "cover", "保险理赔", "shield-check", CoverForm, _claim, PAID, hint="意外、重疾、火灾等",
        papers=_cover_papers, uploads=True, consents=_cover_consents, barred=_cover_barred, variants=_perils,
        reviews=_of(CoverClaim), order=25,
    ),
    Matter(
        "subsidy", "技能助推补贴", "certificate", SubsidyForm, _subsidy, "核实、公示后付到本人银行账户。",
        hint="取得职业技能证书", barred=not_member, reviews=_of(CareerApplication), programme="career_subsidy",
        order=30,
    ),
    Matter(
        "relief", "困难帮扶", "heart-handshake", ReliefForm, _relief, "工会初审后入户走访、核对，公示后建档帮扶。",
        hint="生活、医疗、助学困难", papers=_relief_papers, consents=agreeing(RELIEF_CONSENT), barred=_relief_barred,
        reviews=_of(HardshipFile), programme="hardship_relief", order=35,
    ),
    Matter(
        "voucher", "服务券", "ticket", VoucherForm, _voucher, "到服务点出示会员码就能使用。", hint="体检、文体、培训等",
        barred=_no_services, programme="member_services", order=40,
    ),
)  # fmt: skip
