"""What the parameters of visits are called on the pages of schemes."""

from unionhall.rulebook import labels

labels.declare(
    {
        "categories": "问题类别和办理时限",
        "check_share": "凭回执评价的抽查比例",
        "check_working_days": "抽查回访时限（工作日）",
        "days_on_line": "全年下基层天数",
        "difficult_firms": "联系困难企业（家）",
        "difficult_workers": "帮扶困难职工（名）",
        "documents_cut": "文件减少目标",
        "duty_hours": "必访时限（小时）",
        "escalate_after": "逾期几个工作日后报上级",
        "families": "全年走访职工家庭（户）",
        "firms": "全年走访企业（家）",
        "level": "工会层级",
        "low_rating": "评价不高于几星须重办",
        "meetings_cut": "会议减少目标",
        "rating_days": "可评价天数",
        "record_within_days": "几天内补记",
        "redo_working_days": "重办时限（工作日）",
        "reopen_at_most": "最多重办次数",
        "serious_settlement": "一次互助金达到多少元须走访",
        "targets": "全年走访目标",
        "triggers": "必访情形",
    }
)
