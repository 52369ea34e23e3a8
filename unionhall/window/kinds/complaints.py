"""诉求, 劳动争议, 法律援助: each filed by the action of its own kind, as at any desk, with what the register knows."""

from typing import Any

from django import forms

from unionhall.cases.actions import aid, appeals, disputes
from unionhall.cases.forms import aid as aid_forms
from unionhall.cases.forms.disputes import ClaimForm, EmployerMixin
from unionhall.cases.models import Channel
from unionhall.cases.rules.appeals import CAUSES
from unionhall.foundation.actors import Actor
from unionhall.members.models import Employment
from unionhall.organisations.models import Employer

from ..forms.matters import MatterForm
from ..matters import WHY, Filed, Matter, Scene, register


def _employer(scene: Scene) -> Employer | None:
    """Where the person works today, as the register knows it."""
    rows = Employment.objects.everywhere(reason=WHY).filter(person=scene.person, period__upper_inf=True)
    job = rows.select_related("employer").first()
    return job.employer if job is not None else None


def _story(label: str) -> forms.CharField:
    return forms.CharField(
        label=label, max_length=3000, widget=forms.Textarea(attrs={"rows": 6}),
        help_text="按本人所说记录，读给本人听，确认后受理",
    )  # fmt: skip


# Appeals ---------------------------------------------------------------------------------------------------------


class AppealForm(MatterForm):
    cause = forms.ChoiceField(label="关于什么", choices=[("", "请选择"), *CAUSES.items()])
    statement = _story("反映的事情和要求")
    headcount = forms.IntegerField(label="涉及人数", min_value=1, max_value=100_000, initial=1)
    urgent = forms.BooleanField(label="情况紧急", required=False)


def _appeal(actor: Actor, scene: Scene, given: dict[str, Any]) -> Filed:
    matter = appeals.Matter(
        statement=given["statement"], cause=given["cause"], organisation=scene.organisation,
        employer=_employer(scene), headcount=given["headcount"], urgent=given["urgent"],
    )  # fmt: skip
    return Filed(case=appeals.register(actor, matter, channel=Channel.WINDOW, person=scene.person).case)


# Disputes --------------------------------------------------------------------------------------------------------


class DisputeForm(MatterForm, EmployerMixin, ClaimForm):
    headcount = forms.IntegerField(label="涉及人数", min_value=1, max_value=100_000, initial=1)
    one_claim = forms.BooleanField(label="有共同请求", required=False)
    statement = _story("事情经过")
    field_order = (
        "employer_name", "employer", "cause", "claim", "amount", "knew_on", "employment_ended_on", "headcount",
        "one_claim", "statement",
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = _employer(self.scene)
        self.initial.setdefault("employer_name", known.name if known is not None else "")

    def own(self) -> dict[str, Any]:
        return super().own() | {"claimed": self.claimed()}


def _dispute(actor: Actor, scene: Scene, given: dict[str, Any]) -> Filed:
    employer = given["employer"]
    case = disputes.file_dispute(
        actor, claim=given["claimed"], organisation=disputes.union_for(scene.person, employer) or scene.organisation,
        channel=Channel.WINDOW, statement=given["statement"], person=scene.person, employer=employer,
        employer_name=given["employer_name"],
    )  # fmt: skip
    return Filed(case=case)


# Legal aid -------------------------------------------------------------------------------------------------------


class AidForm(MatterForm, aid_forms.ApplyForm):
    def __init__(self, *args: Any, scene: Scene, **kwargs: Any) -> None:
        super().__init__(*args, scene=scene, **kwargs)
        known = _employer(scene)
        self.initial.setdefault("employer", known.name if known is not None else "")
        self.initial.setdefault("is_migrant", "1" if scene.person.migrant_worker else "0")


def _aid_form(*args: Any, scene: Scene, **kwargs: Any) -> forms.Form:
    counties = aid_forms.county_choices(scene.union.division[:2])
    return AidForm(*args, scene=scene, counties=counties, has_job=True, **kwargs)


def _aid(actor: Actor, scene: Scene, given: dict[str, Any]) -> Filed:
    asked = dict(given)
    file = asked.pop("file", None)
    if not asked["division"] and asked["employer"] is None:
        known = _employer(scene)
        asked["division"] = known.division if known is not None else scene.union.division
    made = aid.apply(
        actor, person=scene.person, asked=aid.Application(**asked), channel=Channel.WINDOW,
        papers=[(file, "申请材料")] if file else [],
    )  # fmt: skip
    return Filed(case=made.case)


register(
    Matter(
        "appeal", "诉求反映", "message-2", AppealForm, _appeal, "承办人在期限内答复，答复后请评价。",
        hint="意见、投诉、求助", case_kind="appeal", order=60,
    ),
    Matter(
        "dispute", "劳动争议", "gavel", DisputeForm, _dispute, "先调解；调解不成的，可以申请仲裁，要注意时效。",
        hint="工资、合同、工伤、社保", case_kind="dispute", order=65,
    ),
    Matter(
        "legal_aid", "法律援助", "scale", _aid_form, _aid, "审查决定后指派律师，结果有消息和短信通知。",
        hint="请律师代理、写文书", case_kind="legal_aid", order=70,
    ),
)  # fmt: skip
