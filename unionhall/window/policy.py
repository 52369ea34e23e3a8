"""Who serves at a window, who sets a hall up, who reads its figures."""

from unionhall.foundation.permissions import Permission, Role, declare, roles
from unionhall.records import attachments, verbs

_CLERKS = roles(Role.CLERK, Role.GRASSROOTS_OFFICER, Role.CHAIR, Role.OFFICER)

declare(
    Permission("window.serve", "在窗口办理", _CLERKS),
    Permission("window.manage", "设置服务大厅", roles(Role.CHAIR, Role.OFFICER)),
    Permission("window.view", "查看窗口办理情况", roles(_CLERKS, Role.LEADER, Role.AUDITOR)),
)
#: Signed papers with somebody's name and number: only the window's own page hands them out.
attachments.guard("window.authorisation", "window.signature")
verbs.declare(
    {
        "window.received": "窗口接待",
        "window.receptions_closed": "结束接待",
        "window.taken": "窗口受理",
        "window.told_missing": "一次性告知",
        "window.supplemented": "窗口补正",
        "window.authorised": "登记代办授权",
        "window.authorisation_ended": "终止代办授权",
        "window.paper_opened": "查看窗口材料",
        "window.handed_over": "窗口取件",
        "window.hall_opened": "开设服务大厅",
        "window.hall_changed": "修改服务大厅",
        "window.kind_saved": "设置排队类别",
        "window.key_renewed": "更换取号屏地址",
        "window.seated": "窗口上岗",
        "window.left": "窗口离岗",
        "window.papers_entered": "补录纸质材料",
        "window.paper_settled": "处理纸质材料",
    }
)
