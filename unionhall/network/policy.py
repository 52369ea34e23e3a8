"""Who sees, builds, accepts and staffs the network; who keeps the grid and handles what is found in it."""

from unionhall.foundation.permissions import Permission, Role, declare, roles
from unionhall.records import verbs

_KEEPERS = roles(Role.CHAIR, Role.GRASSROOTS_OFFICER, Role.OFFICER)
_READERS = roles(_KEEPERS, Role.CLERK, Role.REVIEWER, Role.LEADER, Role.AUDITOR)

declare(
    Permission("network.view", "查看服务站点", _READERS),
    Permission("network.edit", "管理服务站点", _KEEPERS),
    Permission("network.accept", "验收服务站点", roles(Role.OFFICER)),
    Permission("network.plan", "编制站点建设规划", roles(Role.OFFICER)),
    Permission("network.grid", "查看网格和事项", _READERS),
    Permission("network.grid_edit", "管理网格", roles(Role.OFFICER)),
    Permission("network.grid_handle", "处理网格事项", _KEEPERS),
)
verbs.declare(
    {
        "network.node_saved": "登记服务站点",
        "network.node_moved": "站点状态变动",
        "network.node_accepted": "验收服务站点",
        "network.hours_set": "设置开放时间",
        "network.exception_set": "设置开放例外",
        "network.exception_removed": "取消开放例外",
        "network.staff_placed": "站点人员到岗",
        "network.staff_ended": "站点人员离岗",
        "network.plan_saved": "编制站点建设规划",
        "network.nodes_read": "上传站点名单",
        "network.nodes_imported": "站点名单入库",
        "network.nodes_exported": "导出站点名单",
        "network.cell_saved": "登记网格",
        "network.cell_units": "调整网格单位",
        "network.cell_worker": "指定网格员",
        "network.item_reported": "提出网格事项",
        "network.item_taken": "受理网格事项",
        "network.item_raised": "上报网格事项",
        "network.item_lowered": "交办网格事项",
        "network.item_replied": "回复网格事项",
        "network.item_handed": "转出网格事项",
        "network.item_closed": "办结网格事项",
        "network.item_withdrawn": "撤回网格事项",
    }
)
