"""What windows keep about one person: when he was received, what was taken, who may act for him, what was fetched."""

from unionhall.foundation.wording import day, moment
from unionhall.members.models import Person
from unionhall.window.models import Authorisation, HandOver, Intake, PaperRow, Reception

WHY = "the person asks for a copy of their own data"
Rows = list[dict[str, str]]


def gather(person: Person) -> dict[str, Rows]:
    """Sections by Chinese title; an agent's number is his own and stays masked."""
    received = Reception.objects.everywhere(reason=WHY).filter(person=person).select_related("organisation")
    taken = Intake.objects.everywhere(reason=WHY).filter(person=person)
    taken = taken.select_related("organisation", "review", "case")
    agents = Authorisation.objects.everywhere(reason=WHY).filter(person=person)
    fetched = HandOver.objects.everywhere(reason=WHY).filter(intake__person=person).select_related("intake")
    papers = PaperRow.objects.everywhere(reason=WHY).filter(person=person)
    return {
        "窗口接待": [
            {"时间": moment(one.opened_at), "窗口": one.organisation.name, "接待人": one.account_name}
            for one in received.order_by("-pk")
        ],
        "窗口受理": [
            {
                "受理编号": one.number,
                "事项": one.title,
                "受理组织": one.organisation.name,
                "时间": moment(one.taken_at),
                "状态": one.get_state_display(),
                "办件编号": one.review.number if one.review else one.case.number if one.case else "",
                "告知要补": "；".join(one.missing),
            }
            for one in taken.order_by("-pk")
        ],
        "代办授权": [
            {
                "代办人": one.name,
                "证件": one.masked_id,
                "关系": one.get_relation_display(),
                "有效期至": day(one.until),
                "终止时间": moment(one.revoked_at),
            }
            for one in agents.order_by("-pk")
        ],
        "取件": [
            {"受理编号": one.intake.number, "取走": one.what, "取件人": one.name, "时间": moment(one.at)}
            for one in fetched.order_by("-pk")
        ],
        "纸质材料": [
            {"材料日期": day(one.paper_on), "内容": one.note, "处理": one.get_settled_display()}
            for one in papers.order_by("-pk")
        ],
    }
