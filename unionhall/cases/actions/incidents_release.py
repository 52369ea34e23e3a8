"""权威发布: drafted, fact-checked by another person, signed by a leader, published as news; corrected in the open."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from unionhall.bulletins import actions as bulletins
from unionhall.bulletins.models import Bulletin
from unionhall.foundation.actors import Actor
from unionhall.foundation.errors import Refused
from unionhall.members.hands import hands
from unionhall.records.actions import journal

from ..models import Case, IncidentRelease
from . import core
from .incidents import HANDLE, parameters_of
from .locking import lock, words

__all__ = ["check", "correct", "draft", "drop", "public_text", "publish", "sign"]
SIGN = "cases.incidents_sign"
State = IncidentRelease.State


@transaction.atomic
def draft(actor: Actor, case: Case, *, title: str, body: str) -> IncidentRelease:
    """The first text, or one more piece of news."""
    fresh = lock(case.pk)
    actor.require(HANDLE, *fresh.organisation.paths)
    if not fresh.is_open or fresh.state == "warning":
        raise Refused("预警或已办结的事件不能拟发布稿。")
    return _drafted(actor, fresh, title, body)


@transaction.atomic
def correct(actor: Actor, release: IncidentRelease, *, title: str, body: str, reason: str) -> IncidentRelease:
    """A published text was wrong: the right one goes the same way, and says in public what it corrects and why.

    Also after the incident is closed: what is public has to be true."""
    case = lock(release.case_id)
    actor.require(HANDLE, *case.organisation.paths)
    wrong = _now(release)
    if wrong.state != State.PUBLISHED:
        raise Refused("只有已发布的内容才需要更正，没有发布的请作废后重拟。")
    if wrong.corrections.exclude(state=State.DROPPED).exists():
        raise Refused("这一条已经有更正稿，请在最新的一条上更正。")
    reason = words(reason, "reason", "请写明更正原因。", 300)
    return _drafted(actor, case, title, body, corrects=wrong, reason=reason)


def _drafted(
    actor: Actor,
    case: Case,
    title: str,
    body: str,
    *,
    corrects: IncidentRelease | None = None,
    reason: str = "",
) -> IncidentRelease:
    made = IncidentRelease.objects.create(
        case=case, corrects=corrects, reason=reason, title=words(title, "title", "请填写标题。", 120),
        body=words(body, "body", "请填写正文。", 5000), drafted_by_id=actor.account_id, drafted_by=actor.name[:80],
    )  # fmt: skip
    _note(actor, case, "drafted", made)
    return made


@transaction.atomic
def check(actor: Actor, release: IncidentRelease) -> IncidentRelease:
    """Somebody else than the drafter found the facts right."""
    case, fresh = _taken(actor, release, HANDLE, State.DRAFT)
    if hands(actor.access).touch(fresh.drafted_by_id):
        raise Refused("拟稿人不能自己核实，请另一位同志核实。")
    fresh.state, fresh.checked_at = State.CHECKED, timezone.now()
    fresh.checked_by_id, fresh.checked_by = actor.account_id, actor.name[:80]
    fresh.save()
    _note(actor, case, "checked", fresh)
    return fresh


@transaction.atomic
def sign(actor: Actor, release: IncidentRelease) -> IncidentRelease:
    """A leader answers for it."""
    case, fresh = _taken(actor, release, SIGN, State.CHECKED)
    if hands(actor.access).touch(fresh.drafted_by_id, fresh.checked_by_id):
        raise Refused("拟稿人和核实人不能签发，请领导签发。")
    fresh.state, fresh.signed_at = State.SIGNED, timezone.now()
    fresh.signed_by_id, fresh.signed_by = actor.account_id, actor.name[:80]
    fresh.save()
    _note(actor, case, "signed", fresh)
    return fresh


@transaction.atomic
def publish(actor: Actor, release: IncidentRelease) -> IncidentRelease:
    """Put it in public as news of the union. A correction changes the news it corrects, visibly."""
    case, fresh = _taken(actor, release, HANDLE, State.SIGNED)
    fresh.state, fresh.published_at = State.PUBLISHED, timezone.now()
    if fresh.corrects is None:
        news = bulletins.write(
            actor, kind=Bulletin.Kind.NEWS, title=fresh.title, body=fresh.body, organisation=case.organisation,
            source=f"群体性事件处置 {case.number}",
        )  # fmt: skip
        fresh.bulletin = bulletins.publish(actor, bulletin=news)
    else:
        wrong = fresh.corrects.bulletin
        assert wrong is not None
        fresh.bulletin = bulletins.revise(
            actor, bulletin=wrong, title=fresh.title, body=public_text(fresh), source=wrong.source,
            reason=fresh.reason,
        )  # fmt: skip
    fresh.save()
    _note(actor, case, "published", fresh)
    if "released" in {one.code for one in parameters_of(case).moves_from(case.state)}:
        core.move(actor, case, "released", by_right=True)
    return fresh


def public_text(release: IncidentRelease) -> str:
    """The text with every correction that led to it, the newest first."""
    lines, one = [release.body], release
    while one.corrects is not None:
        day = timezone.localtime(one.published_at or timezone.now())
        lines.append(f"【更正说明】{day:%Y-%m-%d %H:%M} 更正：{one.reason} 原标题：{one.corrects.title}")
        one = one.corrects
    return "\n\n".join(lines)


@transaction.atomic
def drop(actor: Actor, release: IncidentRelease, *, reason: str) -> IncidentRelease:
    """A text that is not published is given up."""
    case, fresh = _taken(actor, release, HANDLE, State.DRAFT, State.CHECKED, State.SIGNED)
    reason = words(reason, "reason", "请写明作废原因。", 300)
    fresh.state = State.DROPPED
    fresh.save(update_fields=["state"])
    _note(actor, case, "dropped", fresh, reason)
    return fresh


def _now(release: IncidentRelease) -> IncidentRelease:
    rows = IncidentRelease.objects.everywhere(reason="its case is locked and whoever acts was asked")
    return rows.select_related("corrects__bulletin").get(pk=release.pk)


def _taken(
    actor: Actor, release: IncidentRelease, permission: str, *states: str
) -> tuple[Case, IncidentRelease]:
    """The case locked, the release as it is now; the actor may, and it is where he thinks it is."""
    case = lock(release.case_id)
    actor.require(permission, *case.organisation.paths)
    fresh = _now(release)
    if fresh.state not in states:
        raise Refused(f"这一条现在是“{fresh.get_state_display()}”，请刷新页面查看最新情况。")
    return case, fresh


def _note(actor: Actor, case: Case, verb: str, release: IncidentRelease, reason: str = "") -> None:
    journal(
        actor, f"cases.release_{verb}", subject=case, label=case.number, paths=case.organisation.paths,
        reason=reason, detail={"release": release.pk, "corrects": release.corrects_id},
    )  # fmt: skip
