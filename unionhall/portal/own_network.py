"""What network and visits keep about one person: posts at stations and in the grid, items, visits made to him."""

from unionhall.access.models import Account
from unionhall.foundation.wording import day, moment
from unionhall.members.hands import hands_of
from unionhall.members.models import Person
from unionhall.network.models import GridItem, GridWorker, NodeStaff
from unionhall.outreach.models import VisitDuty, VisitItem, VisitRating, VisitStop

WHY = "the person asks for a copy of their own data"
Rows = list[dict[str, str]]


def gather(account: Account, person: Person | None) -> dict[str, Rows]:
    """Sections by Chinese title: posts of all his accounts, what stands under him as a person."""
    found = _posts(hands_of(account.pk).accounts)
    return found if person is None else found | _visited(person)


def _posts(accounts: frozenset[int]) -> dict[str, Rows]:
    cells = GridWorker.objects.everywhere(reason=WHY).filter(account__in=accounts)
    staff = NodeStaff.objects.everywhere(reason=WHY).filter(account__in=accounts)
    reported = GridItem.objects.everywhere(reason=WHY).filter(reported_by_id__in=accounts)
    return {
        "网格员": [
            {"网格": one.cell.name, "登记姓名": one.name, "到岗": day(one.since), "离岗": day(one.until)}
            for one in cells.select_related("cell").order_by("-pk")
        ],
        "站点岗位": [
            {
                "站点": one.node.name,
                "岗位": one.get_role_display(),
                "登记姓名": one.name,
                "到岗": day(one.since),
                "离岗": day(one.until),
            }
            for one in staff.select_related("node").order_by("-pk")
        ],
        "上报的网格事项": [
            {
                "编号": one.number,
                "情况": one.found,
                "处理工会": one.organisation.name,
                "时间": moment(one.reported_at),
                "状态": one.get_state_display(),
                "处理结果": one.outcome,
            }
            for one in reported.select_related("organisation").order_by("-pk")
        ],
    }


def _visited(person: Person) -> dict[str, Rows]:
    stops = VisitStop.objects.everywhere(reason=WHY).filter(person=person)
    items = VisitItem.objects.everywhere(reason=WHY).filter(person=person).select_related("organisation")
    ratings = VisitRating.objects.everywhere(reason=WHY).filter(item__person=person).select_related("item")
    duties = VisitDuty.objects.everywhere(reason=WHY).filter(person=person).select_related("organisation")
    return {
        "走访": [
            {
                "编号": one.visit.number,
                "日期": day(one.visit.on),
                "方式": one.visit.get_kind_display(),
                "走访工会": one.visit.organisation.name,
                "状态": one.visit.get_state_display(),
                "情况": one.note,
            }
            for one in stops.select_related("visit__organisation").order_by("-pk")
        ],
        "走访问题": [
            {
                "编号": one.number,
                "问题": one.title,
                "具体情况": one.detail,
                "办理工会": one.organisation.name,
                "办理期限": day(one.due_on),
                "状态": one.get_state_display(),
                "答复": one.reply,
            }
            for one in items.order_by("-pk")
        ],
        "走访评价": [
            {
                "问题": one.item.number,
                "评价": f"{one.stars} 星",
                "意见": one.words,
                "来源": one.get_source_display(),
                "时间": moment(one.at),
            }
            for one in ratings.order_by("-pk")
        ],
        "必访任务": [
            {
                "编号": one.number,
                "情形": one.get_trouble_display(),
                "事由": one.because,
                "责任工会": one.organisation.name,
                "开始时间": moment(one.opened_at),
                "走访时间": moment(one.done_at),
            }
            for one in duties.order_by("-pk")
        ],
    }
