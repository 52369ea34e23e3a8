"""Notices, policies and news: written, published, corrected, taken down."""

from django.db import transaction
from django.utils import timezone

from unionhall.foundation.actors import Actor
from unionhall.foundation.errors import Refused
from unionhall.kit.sm import sm3_hex
from unionhall.organisations.models import Organisation
from unionhall.records.actions import journal

from ..models import Bulletin
from ..rules import personal_number

State = Bulletin.State
_PREFIX = {Bulletin.Kind.NOTICE: "GG", Bulletin.Kind.POLICY: "ZC", Bulletin.Kind.NEWS: "YW"}


@transaction.atomic
def write(
    actor: Actor, *, kind: str, title: str, body: str, organisation: Organisation, source: str = ""
) -> Bulletin:
    """Write a draft. A text that holds a personal number is refused: what is published cannot be called back."""
    actor.require("bulletins.publish", *organisation.paths)
    _check(title, body, source)
    bulletin = Bulletin.objects.create(
        kind=kind, title=title.strip(), body=body.strip(), source=source.strip(), organisation=organisation,
        written_by=actor.name[:80],
    )  # fmt: skip
    _note(actor, "written", bulletin)
    return bulletin


@transaction.atomic
def revise(
    actor: Actor, *, bulletin: Bulletin, title: str, body: str, source: str = "", reason: str = ""
) -> Bulletin:
    """Change the text. Of a published one the day of the correction stands on the page, and a reason is asked."""
    fresh = _locked(actor, bulletin)
    _check(title, body, source)
    if fresh.state == State.PUBLISHED:
        if not reason.strip():
            raise Refused("更正已经发布的内容，请写明原因。", field="reason")
        fresh.revised_at = timezone.now()
    fresh.title, fresh.body, fresh.source = title.strip(), body.strip(), source.strip()
    fresh.save(update_fields=["title", "body", "source", "revised_at"])
    _note(actor, "revised", fresh, reason)
    return fresh


@transaction.atomic
def publish(actor: Actor, *, bulletin: Bulletin) -> Bulletin:
    """Put it in public."""
    fresh = _locked(actor, bulletin)
    if fresh.state == State.PUBLISHED:
        raise Refused("已经发布，不用再发布。")
    now = timezone.now()
    fresh.number = (
        fresh.number or f"{_PREFIX[Bulletin.Kind(fresh.kind)]}{timezone.localdate(now):%Y%m%d}{fresh.pk:05d}"
    )
    fresh.state, fresh.published_at = State.PUBLISHED, fresh.published_at or now
    fresh.save(update_fields=["number", "state", "published_at"])
    _note(actor, "published", fresh)
    return fresh


@transaction.atomic
def take_down(actor: Actor, *, bulletin: Bulletin, reason: str) -> Bulletin:
    """Take it out of public; it stays on the desk."""
    fresh = _locked(actor, bulletin)
    if fresh.state != State.PUBLISHED:
        raise Refused("没有发布的内容不用撤下。")
    if not reason.strip():
        raise Refused("请写明撤下的原因。", field="reason")
    fresh.state = State.WITHDRAWN
    fresh.save(update_fields=["state"])
    _note(actor, "taken_down", fresh, reason)
    return fresh


def _locked(actor: Actor, bulletin: Bulletin) -> Bulletin:
    rows = Bulletin.objects.everywhere(reason="a verb on a bulletin asks who acts after locking it")
    fresh = rows.select_for_update(of=("self",)).select_related("organisation").get(pk=bulletin.pk)
    actor.require("bulletins.publish", *fresh.organisation.paths)
    return fresh


def _check(title: str, body: str, source: str) -> None:
    for field, name, text, limit in (
        ("title", "标题", title, 120),
        ("body", "正文", body, 20_000),
        ("source", "文号或来源", source, 120),
    ):
        if not text.strip() and field != "source":
            raise Refused(f"请填写{name}。", field=field)
        if len(text) > limit:
            raise Refused(f"{name}不超过 {limit:,} 个字。", field=field)
        # An office telephone belongs into a notice; a person's numbers do not.
        if (found := personal_number(text)) and found != "电话号码":
            raise Refused(f"{name}含有{found}，不能公开。请删去。", field=field)


def _note(actor: Actor, verb: str, bulletin: Bulletin, reason: str = "") -> None:
    journal(
        actor, f"bulletins.{verb}", subject=bulletin, label=bulletin.number or bulletin.title,
        paths=bulletin.organisation.paths, reason=reason, digest=sm3_hex(bulletin.body.encode()),
        detail={"kind": bulletin.kind},
    )  # fmt: skip
