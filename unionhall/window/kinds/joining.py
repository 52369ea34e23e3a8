"""入会 and 会籍转接."""

from typing import Any

from django import forms
from django.db.models import Q

from unionhall.foundation.actors import Actor
from unionhall.kit.codes import EMPLOYMENT_FORM
from unionhall.organisations.models import Organisation
from unionhall.organising.actions import admission, transfers
from unionhall.organising.models import Admission, MembershipTransfer

from ..forms.matters import MatterForm, UnionChoice
from ..matters import WHY, Filed, Matter, Scene, agreeing, register


class JoinForm(UnionChoice, MatterForm):
    union = forms.CharField(
        label="单位或工会",
        max_length=120,
        help_text="写单位、工会名称的一部分；单位没有建会的，写所在街道（乡镇）的工会",
        widget=forms.TextInput(attrs={"autocomplete": "off", "data-focus": True}),
    )
    occupation = forms.CharField(label="做什么工作", max_length=60, help_text="例如：快递员、焊工、会计")
    form = forms.ChoiceField(label="用工形式", choices=EMPLOYMENT_FORM.choices)
    migrant = forms.BooleanField(label="是农民工（户籍在农村、在城镇务工）", required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial.setdefault("migrant", self.scene.person.migrant_worker)

    def clean(self) -> dict[str, Any]:
        found = super().clean()
        found["organisation"] = self.chosen_union(found)
        return found


def _join(actor: Actor, scene: Scene, given: dict[str, Any]) -> Filed:
    union: Organisation = given["organisation"]
    made = admission.apply(
        actor, person=scene.person, organisation=union, work_unit="" if union.accepts_individuals else union.name,
        occupation=given["occupation"], form=given["form"], migrant_worker=given["migrant"],
        through_local_union=union.accepts_individuals,
    )  # fmt: skip
    return Filed(made.review)


def _join_barred(scene: Scene) -> str:
    if scene.membership is not None:
        return f"已经是“{scene.membership.organisation.name}”的会员，换了单位请办会籍转接。"
    return ""


def _admissions(person_id: int) -> Q:
    return Q(pk__in=Admission.objects.everywhere(reason=WHY).filter(person=person_id).values("review"))


class TransferForm(UnionChoice, MatterForm):
    union = forms.CharField(
        label="转入单位或工会",
        max_length=120,
        help_text="写名称的一部分，或者组织代码",
        widget=forms.TextInput(attrs={"autocomplete": "off", "data-focus": True}),
    )
    reason = forms.CharField(label="原因", max_length=200, initial="换了工作单位")

    def clean(self) -> dict[str, Any]:
        found = super().clean()
        found["organisation"] = self.chosen_union(found)
        return found


def _transfer(actor: Actor, scene: Scene, given: dict[str, Any]) -> Filed:
    assert scene.membership is not None
    made = transfers.request_transfer(
        actor, membership=scene.membership, destination=given["organisation"], reason=given["reason"]
    )
    return Filed(made.review)


def not_member(scene: Scene) -> str:
    return "" if scene.membership is not None else "还不是会员，请先办入会。"


def _transfers(person_id: int) -> Q:
    return Q(
        pk__in=MembershipTransfer.objects.everywhere(reason=WHY).filter(person=person_id).values("review")
    )


register(
    Matter(
        "join", "入会", "user-plus", JoinForm, _join, "工会审核通过后就是会员，会员卡在手机端领取，也可以到窗口打印。",
        hint="加入工会", consents=agreeing("membership", "identity"), barred=_join_barred, reviews=_admissions,
        hands_over="会员证", order=10,
    ),
    Matter(
        "transfer", "会籍转接", "arrows-exchange", TransferForm, _transfer,
        "转出、转入两边工会同意后自动转接，会员号和会员卡不变。", hint="换了工作单位",
        consents=agreeing("membership", "identity"), barred=not_member, reviews=_transfers, order=15,
    ),
)  # fmt: skip
