"""The public event types: which journal actions they come from, what they tell, and which scope may receive them.

Data holds ids, codes, days and counts. A person stands in it as `person`; each client gets its own reference instead.
A union outside a client's subtree doesn't exist for it: its code is null there (`told_to`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from unionhall.organisations.models import Organisation
from unionhall.records import outbox
from unionhall.records.models import JournalEntry, OutboxEvent
from unionhall.records.outbox import Told

from .models import Client
from .scopes import Scope

_WHY = "codes of the unions that an event is about"


@dataclass(frozen=True)
class EventType:
    """One kind of event: its words, the scope a client needs, and its data field by field.

    `elsewhere`: fields with the code of a union that may stand outside the subtree in which the event is heard.
    """

    code: str
    title: str
    scope: Scope
    fields: dict[str, str]
    elsewhere: tuple[str, ...] = ()


_MEMBER = {"member": "会员代号（每个接入方各不相同，与 members/status 答复里的 reference 一致）"}
_UNION = {"organisation": "组织代码"}
_OUTSIDE = "，在数据范围之外时为空"
_NOW_IN = {"organisation": f"组织代码{_OUTSIDE}"}
_FROM = {"from": f"原组织代码{_OUTSIDE}"}
_ON = {"on": "生效日期"}
_BATCH = {"batch": "批次编号"} | _UNION
_ALL = (
    EventType(
        "membership.started", "入会", Scope.MEMBERS_STATUS,
        _MEMBER | _UNION | _ON | {"entry": "进入方式"},
    ),
    EventType(
        "membership.moved", "会籍转接", Scope.MEMBERS_STATUS,
        _MEMBER | _NOW_IN | _FROM | _ON, elsewhere=("organisation", "from"),
    ),
    EventType(
        "membership.standing_changed", "会籍保留或恢复", Scope.MEMBERS_STATUS,
        _MEMBER | _UNION | {"standing": "active 在册，retained 保留"} | _ON,
    ),
    EventType("membership.ended", "会籍终止", Scope.MEMBERS_STATUS, _MEMBER | _UNION | _ON),
    EventType(
        "membership.relocated", "会籍随组织调整", Scope.MEMBERS_STATUS,
        _NOW_IN | _FROM | {"count": "人数"} | _ON, elsewhere=("organisation", "from"),
    ),
    EventType("card.suspended", "会员卡挂失", Scope.CARDS_VERIFY, dict(_MEMBER)),
    EventType("card.restored", "会员卡解除挂失", Scope.CARDS_VERIFY, dict(_MEMBER)),
    EventType("card.replaced", "会员卡换发", Scope.CARDS_VERIFY, dict(_MEMBER)),
    EventType("card.revoked", "会员卡注销", Scope.CARDS_VERIFY, dict(_MEMBER)),
    EventType(
        "roster.committed", "名册入库", Scope.ROSTERS_WRITE,
        _BATCH | {"rows": "总行数", "new": "新增人数", "changed": "更新人数"},
    ),
    EventType("roster.undone", "名册撤销", Scope.ROSTERS_WRITE, dict(_BATCH)),
    EventType(
        "organisation.established", "建立组织", Scope.ORGANISATIONS_READ,
        _UNION | {"kind": "类别", "level": "层级"} | _ON,
    ),
    EventType("organisation.renamed", "组织更名", Scope.ORGANISATIONS_READ, _UNION | _ON),
    EventType(
        "organisation.moved", "改变隶属", Scope.ORGANISATIONS_READ,
        _UNION | {"chain": "region 地方，industry 产业", "under": f"新上级的组织代码{_OUTSIDE}"} | _ON,
        elsewhere=("under",),
    ),
    EventType(
        "organisation.merged", "合并组织", Scope.ORGANISATIONS_READ,
        _UNION | {"into": f"并入的组织代码{_OUTSIDE}"} | _ON, elsewhere=("into",),
    ),
    EventType(
        "organisation.split", "分立组织", Scope.ORGANISATIONS_READ,
        _UNION | {"new": f"新组织代码{_OUTSIDE}"} | _ON, elsewhere=("new",),
    ),
    EventType("organisation.dissolved", "撤销组织", Scope.ORGANISATIONS_READ, _UNION | _ON),
)  # fmt: skip
EVENTS = {one.code: one for one in _ALL}
#: Sent on request, to try an endpoint; needs no subscription.
TEST = "endpoint.test"


Places = Mapping[str, tuple[str, ...]]


def places_of(events: Iterable[OutboxEvent]) -> Places:
    """The paths on which the unions stand now that events name beside their own, by code. One statement."""
    codes = {event.data.get(name) for event in events for name in _elsewhere(event)} - {None, ""}
    rows = Organisation.objects.everywhere(reason=_WHY).filter(code__in=codes)
    return {union.code: union.paths for union in rows.only("code", "path", "second_path")}


def told_to(client: Client, event: OutboxEvent, places: Places) -> dict[str, Any]:
    """The data of an event, without the codes of unions outside the client's subtree."""
    own = client.organisation.paths
    named = [name for name in _elsewhere(event) if event.data.get(name)]
    unseen = [
        name for name in named if not any(path.startswith(own) for path in places.get(event.data[name], ()))
    ]
    return {**event.data, **dict.fromkeys(unseen)}


def _elsewhere(event: OutboxEvent) -> tuple[str, ...]:
    kind = EVENTS.get(event.type)
    return kind.elsewhere if kind is not None else ()


def _code(**where: Any) -> str:
    rows = Organisation.objects.everywhere(reason=_WHY).filter(**where)
    return rows.values_list("code", flat=True).first() or ""


def _here(entry: JournalEntry) -> dict[str, Any]:
    return {"organisation": _code(path=entry.path) if entry.path else ""}


def _person(entry: JournalEntry) -> dict[str, Any]:
    return {"person": entry.subject_id}


def _kept(entry: JournalEntry, *names: str) -> dict[str, Any]:
    return {name: entry.detail.get(name) for name in names}


def _started(entry: JournalEntry) -> Told:
    return Told(_person(entry) | _here(entry) | _kept(entry, "on", "entry"))


def _origin(entry: JournalEntry) -> tuple[str, str, str]:
    """Code and both paths of the union a membership came from."""
    rows = Organisation.objects.everywhere(reason=_WHY).filter(pk=entry.detail.get("from"))
    return rows.values_list("code", "path", "second_path").first() or ("", "", "")


def _moved(entry: JournalEntry) -> Told:
    code, *paths = _origin(entry)
    return Told(_person(entry) | _here(entry) | {"from": code} | _kept(entry, "on"), *paths)


def _switched(standing: str) -> outbox.Describe:
    return lambda entry: Told(_person(entry) | _here(entry) | {"standing": standing} | _kept(entry, "on"))


def _ended(entry: JournalEntry) -> Told:
    # Why it ended (withdrawal, expulsion, death) is nobody's business outside.
    return Told(_person(entry) | _here(entry) | _kept(entry, "on"))


def _relocated(entry: JournalEntry) -> Told:
    code, *paths = _origin(entry)
    return Told(_here(entry) | {"from": code} | _kept(entry, "on", "count"), *paths)


def _card(entry: JournalEntry) -> Told:
    return Told(_person(entry))


def _batch(entry: JournalEntry) -> Told:
    counts = {name: entry.detail.get(name, 0) for name in ("rows", "new", "changed")}
    return Told({"batch": entry.subject_id} | _here(entry) | counts)


def _undone(entry: JournalEntry) -> Told:
    return Told({"batch": entry.subject_id} | _here(entry))


def _union(*names: str) -> outbox.Describe:
    return lambda entry: Told({"organisation": _code(pk=entry.subject_id)} | _kept(entry, *names))


def _replaced(entry: JournalEntry) -> Told:
    was = str(entry.detail.get("from", ""))
    return Told({"organisation": _code(pk=entry.subject_id)} | _kept(entry, "chain", "under", "on"), was)


ANNOUNCED: dict[str, tuple[str, outbox.Describe]] = {
    "members.admit": ("membership.started", _started),
    "members.move": ("membership.moved", _moved),
    "members.retain": ("membership.standing_changed", _switched("retained")),
    "members.resume": ("membership.standing_changed", _switched("active")),
    "members.end": ("membership.ended", _ended),
    "members.relocate": ("membership.relocated", _relocated),
    "members.suspend_card": ("card.suspended", _card),
    "members.restore_card": ("card.restored", _card),
    "members.replace_card": ("card.replaced", _card),
    "members.revoke_card": ("card.revoked", _card),
    "members.intake_committed": ("roster.committed", _batch),
    "members.intake_undone": ("roster.undone", _undone),
    "organisations.establish": ("organisation.established", _union("kind", "level", "on")),
    "organisations.rename": ("organisation.renamed", _union("on")),
    "organisations.move": ("organisation.moved", _replaced),
    "organisations.merge": ("organisation.merged", _union("into", "on")),
    "organisations.split": ("organisation.split", _union("new", "on")),
    "organisations.dissolve": ("organisation.dissolved", _union("on")),
}


def announce_all() -> None:
    """Tell the outbox which journal actions are public; called once, when Django is ready."""
    for action, (type_, describe) in ANNOUNCED.items():
        outbox.announce(action, type_, describe)
