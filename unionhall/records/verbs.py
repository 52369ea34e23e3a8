"""What a journal entry's action is called in Chinese. Rooms declare their own; an unknown one shows its code."""

ROOMS = {
    "access": "权限", "records": "记录", "organisations": "组织", "members": "会员", "reviews": "审核",
    "organising": "建会入会", "rulebook": "方案", "ledger": "资金", "insights": "统计", "portal": "平台",
    "bulletins": "公示公告", "benefits": "普惠保障", "network": "服务网络", "outreach": "走访联系",
}  # fmt: skip
_labels: dict[str, str] = {
    "records.download": "下载附件",
    "records.purge": "清除到期文件",
    "records.key_added": "加入主密钥",
    "records.key_rotated": "换用主密钥",
    "records.key_resealed": "全部重新加密",
    "records.key_retired": "停用密钥",
    "records.index_key_changed": "更换索引密钥",
    "records.secret_changed": "更换签名密钥",
    "access.sign_in": "登录",
    "access.change_password": "修改密码",
    "access.change_phone": "更换登录手机号",
    "access.enrol_second_factor": "启用二次验证",
    "organisations.establish": "建立组织",
    "organisations.rename": "组织更名",
    "organisations.move": "改变隶属",
    "organisations.merge": "合并组织",
    "organisations.split": "分立组织",
    "organisations.dissolve": "撤销组织",
    "organisations.edit": "修改组织资料",
    "organisations.suspend": "停止活动",
    "organisations.resume": "恢复活动",
    "organisations.start_term": "登记换届",
    "organisations.extend_term": "届期延长",
    "organisations.cover": "覆盖单位",
    "organisations.uncover": "解除覆盖单位",
    "organisations.register_employer": "登记用人单位",
    "organisations.revise_employer": "修改用人单位",
    "organising.apply_founding": "申请建会",
    "organising.file_founding_result": "报送选举结果",
    "organising.dispose_members": "安置会员",
    "members.intake_received": "上传名册",
    "members.intake_committed": "名册入库",
    "members.intake_undo_asked": "申请撤销名册",
    "members.intake_undone": "撤销名册",
    "members.intake_discarded": "放弃名册",
    "members.intake_cleared": "清除到期名册",
    "members.intake_errors": "下载错误文件",
    "members.give_consent": "同意个人信息处理",
    "members.withdraw_consent": "撤回同意",
    "members.print_card": "打印会员卡",
    "members.unlink_account": "解除账号绑定",
    "portal.seed": "写入演示数据",
    "portal.export_own": "导出本人数据",
    "portal.job_retried": "重试后台任务",
    "portal.holiday_added": "添加节假日",
    "portal.holiday_changed": "修改节假日",
    "portal.holiday_removed": "删除节假日",
    "portal.verify_journal": "核验日志",
    "reviews.submitted": "提交办件",
    "reviews.approved": "办件通过",
    "reviews.refused": "办件不通过",
    "reviews.returned": "退回补正",
    "reviews.supplemented": "补正后提交",
    "reviews.transferred": "移交办件",
    "reviews.withdrawn": "撤回办件",
    "reviews.urged": "督办",
    "reviews.open_file": "查看办件材料",
}


def declare(labels: dict[str, str]) -> None:
    """Called by a room's policy.py: "room.verb" → what people read."""
    _labels.update(labels)


def label_of(action: str) -> str:
    """The words for an action; a room's verb without words shows the room and the code."""
    if action in _labels:
        return _labels[action]
    room, _, verb = action.partition(".")
    return f"{ROOMS.get(room, room)}·{verb}" if verb else action


def choices() -> list[tuple[str, str]]:
    return sorted(_labels.items(), key=lambda item: item[1])
