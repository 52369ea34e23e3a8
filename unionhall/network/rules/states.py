"""How a node moves from plan to demonstration, and who may move it. Pure."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Move:
    """A change of state: from which, to which, whether a superior makes it, whether it needs a reason.

    `to` "" is back to the state before (what was suspended goes on as what it was).
    """

    code: str
    label: str
    before: frozenset[str]
    to: str
    by_superior: bool = False
    needs_opinion: bool = False


def _of(*states: str) -> frozenset[str]:
    return frozenset(states)


MOVES: tuple[Move, ...] = (
    Move("start", "开工建设", _of("planned"), "building"),
    # Passed against the checklist: its own page, never a plain button.
    Move("accept", "验收通过", _of("building"), "accepted", by_superior=True),
    Move("open", "投入运行", _of("accepted"), "operating"),
    Move("upgrade", "完成升级", _of("operating"), "upgraded"),
    Move("name", "命名示范点", _of("operating", "upgraded"), "demonstration", True, True),
    Move("unname", "撤销示范点", _of("demonstration"), "operating", True, True),
    Move("suspend", "停用", _of("operating", "upgraded", "demonstration"), "suspended", needs_opinion=True),
    Move("resume", "恢复运行", _of("suspended"), "", needs_opinion=True),
)
_BY_CODE = {one.code: one for one in MOVES}


def move_of(code: str) -> Move | None:
    return _BY_CODE.get(code)


def moves_from(state: str) -> list[Move]:
    """What may happen next, the forward move first."""
    return [one for one in MOVES if state in one.before]


def lacking(*, state: str, functions: int, has_hours: bool, has_address: bool, telephone: str) -> list[str]:
    """What a node still lacks before it receives people; [] when it may open."""
    wanted = [
        (functions > 0, "功能"), (has_hours, "开放时间"), (has_address, "地址"), (bool(telephone), "电话"),
    ]  # fmt: skip
    return [label for there, label in wanted if not there] if state == "accepted" else []
