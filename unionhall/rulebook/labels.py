"""What parameters are called in Chinese on pages; a field's own title goes first, an unknown one shows its code."""

_labels: dict[str, str] = {
    "accounts": "账号",
    "amount": "金额",
    "amount_words": "金额说明",
    "at": "办理工会",
    "cap": "封顶",
    "claim_months": "申领期限（月）",
    "code": "代码",
    "committee_from_members": "设委员会的会员人数",
    "cover_months": "保障期（月）",
    "deductible": "起付线",
    "deemed_withdrawal_after_education": "视为退会前先教育",
    "deemed_withdrawal_months": "视为退会的月数",
    "enrolment": "参加方式",
    "exclusive_with": "不同时享受",
    "expulsion_steps": "除名的环节",
    "full_time_chair": "专职主席",
    "full_time_chair_from_staff": "配专职主席的职工人数",
    "grassroots_years": "基层届期（年）",
    "keep_days": "原始文件保留天数",
    "label": "名称",
    "least": "最少",
    "most": "最多",
    "local_union_accepts": "地方工会接收单位未建会的职工",
    "local_years": "地方届期（年）",
    "max_units": "最多份数",
    "members_from": "会员人数起",
    "members_to": "会员人数至",
    "name": "名称",
    "note": "说明",
    "notice_working_days": "公示工作日",
    "odd": "委员人数为单数",
    "offline_hours": "离线核销时限（小时）",
    "otherwise": "无此角色时由",
    "papers": "材料",
    "per": "次数",
    "person_must_agree": "须本人同意",
    "premium": "保费（元）",
    "premium_with_card": "持卡保费（元）",
    "preparation_days": "筹备期限（天）",
    "present_denominator": "到会比例分母",
    "present_numerator": "到会比例分子",
    "remind_months_before": "提前提醒（月）",
    "required": "必需",
    "result_steps": "选举结果的环节",
    "retained_pay_dues": "保留会籍期间缴会费",
    "retained_vote": "保留会籍期间有表决权",
    "role": "角色",
    "seats": "委员名额",
    "smallest_cell": "统计最小人数",
    "steps": "审核环节",
    "summary": "简介",
    "threshold": "起付标准",
    "undo_days": "可整批撤销的天数",
    "waiting_days": "等待期（天）",
    "women_committee_from_women": "设女职工委员会的女会员人数",
    "working_days": "工作日",
    "youngest_age": "最低年龄",
}
_values: dict[str, dict[str, str]] = {
    "at": {
        "union": "本单位工会",
        "superior": "上级工会",
        "destination": "转入工会",
        "street": "乡镇街道工会",
        "county": "区县工会",
        "district": "区或产业工会",
        "city": "市总工会",
        "province": "省总工会",
    },
    "per": {
        "once": "每人一次",
        "ever": "每人一次",
        "year": "每年一次",
        "month": "每月一次",
        "event": "每次事件一次",
    },
    "full_time_chair": {"may": "可以配", "shall": "应当配"},
}


def declare(labels: dict[str, str] | None = None, values: dict[str, dict[str, str]] | None = None) -> None:
    """Called by a room's `schemes`: parameter → what it is called; parameter → words of its values."""
    _labels.update(labels or {})
    for name, words in (values or {}).items():
        _values.setdefault(name, {}).update(words)


def label_of(name: str) -> str:
    """ "" where nobody named it."""
    return _labels.get(name, "")


def word_of(name: str, value: str) -> str:
    return _values.get(name, {}).get(value, value)
