"""入会 under review: what the reviewer reads, and what approval and refusal bring about."""

from django.utils import timezone

from unionhall.foundation.actors import Actor
from unionhall.foundation.errors import Refused
from unionhall.foundation.permissions import Role
from unionhall.members.actions import admit, change_employment, edit_person
from unionhall.members.documents import label_of
from unionhall.members.models import Membership
from unionhall.records.actions import notify
from unionhall.reviews.models import Review
from unionhall.reviews.procedures import Appeal, Procedure, ReturnItem, register

from ..actions.admission import PROCEDURE
from ..authority import by_decision
from ..models import Admission

#: What is most often missing, ready to be ticked so that it is told at once.
RETURN_ITEMS = (
    ReturnItem("employment", "用工证明：劳动合同、工资记录或接单平台截图"),
    ReturnItem("identity", "证件照片，字迹清楚、四角完整"),
    ReturnItem("work_unit", "用人单位全称，与营业执照一致"),
)
#: Assumed: no rule that we know sets the days. The union above the one that refused decides.
APPEAL = Appeal(within=10, working_days=10, roles=(Role.REVIEWER, Role.OFFICER))


def admission_of(review: Review) -> Admission:
    rows = Admission.objects.everywhere(
        reason="the matter of a review that the caller has loaded under scope"
    )
    return rows.select_related("person", "organisation", "employer").get(review=review)


def facts(review: Review) -> list[tuple[str, str]]:
    """What the committee decides on; document and phone stay masked (revealing them asks a reason)."""
    admission = admission_of(review)
    person = admission.person
    return [
        ("申请人", person.name),
        ("性别", person.get_sex_display()),
        ("出生日期", f"{person.birth:%Y-%m-%d}" if person.birth else "—"),
        (label_of(person.id_type), person.masked_id),
        ("手机号", person.masked_phone),
        ("申请加入", admission.organisation.name),
        ("用人单位", admission.work_unit or "—"),
        ("入会途径", "单位没有建会，由当地工会接收" if admission.through_local_union else "单位工会"),
        ("工种岗位", admission.occupation or "—"),
        ("用工形式", admission.get_form_display()),
        ("农民工", "是" if admission.migrant_worker else "否"),
    ]


def on_approved(actor: Actor, review: Review) -> None:
    """Membership from today, with number and card; employment and 农民工 as applied for."""
    admission, today = admission_of(review), timezone.localdate()
    actor, person = by_decision(actor), admission.person
    admit(
        actor,
        person=person,
        organisation=admission.organisation,
        on=today,
        entry=Membership.Entry.ADMISSION,
    )
    change_employment(
        actor,
        person=person,
        on=today,
        work_unit=admission.work_unit,
        employer=admission.employer,
        occupation=admission.occupation,
        form=admission.form,
    )
    if person.migrant_worker != admission.migrant_worker:
        edit_person(actor, person=person, reason="入会申请填报", migrant_worker=admission.migrant_worker)


def on_refused(actor: Actor, review: Review) -> None:
    """Tell the applicant what can be done now; the reason itself stands in the review."""
    admission = admission_of(review)
    notify(
        admission.person.account_id,
        "入会申请未通过",
        "可以在办件里查看原因，补齐后重新申请。有异议的，可以在办件里申请上级复核，或拨打 12351。",
        f"/m/applications/{review.number}/",
        admission.organisation.path,
    )


def may_approve(actor: Actor, review: Review) -> None:
    """The facts may have changed while the application waited."""
    admission = admission_of(review)
    rows = Membership.objects.everywhere(reason="one membership per person")
    present = rows.current().filter(person=admission.person).select_related("organisation").first()
    if present is not None:
        raise Refused(
            f"申请人已是“{present.organisation.name}”的会员，不能再批准入会。请不予通过，并告知办理会籍转接。"
        )


def about(review: Review) -> int | None:
    rows = Admission.objects.everywhere(reason="whom a matter is about, to keep him from deciding it")
    return rows.filter(review=review).values_list("person_id", flat=True).first()


register(
    Procedure(
        code=PROCEDURE,
        title="入会",
        prefix="RH",
        on_approved=on_approved,
        on_refused=on_refused,
        facts=facts,
        names=frozenset({"申请人"}),
        may_approve=may_approve,
        about=about,
        return_items=lambda review: RETURN_ITEMS,
        appealable=lambda review: APPEAL,
    )
)
