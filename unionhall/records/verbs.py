"""What a journal entry's action is called in Chinese. Rooms declare their own; an unknown one shows its code."""

ROOMS = {
    "access": "权限", "records": "记录", "organisations": "组织", "members": "会员", "reviews": "审核",
    "organising": "建会入会", "rulebook": "方案", "insights": "统计", "portal": "平台",
}  # fmt: skip
_labels: dict[str, str] = {
    "records.download": "下载附件",
    "records.purge": "清除到期文件",
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
