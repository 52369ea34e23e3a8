"""Who may take a federation's figures out of the house."""

from unionhall.foundation.permissions import Permission, Role, declare, roles
from unionhall.records import verbs

declare(Permission("insights.lake", "导出全联合会的统计数据（不含姓名和号码）", roles(Role.OPERATOR)))
verbs.declare({"insights.lake_exported": "导出统计数据", "insights.figures_exported": "导出统计表"})
