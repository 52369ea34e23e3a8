"""The verbs of those who write schemes: copy, revise, discard, publish from a date, withdraw before it comes."""

from decimal import Decimal
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from unionhall.foundation.actors import Actor
from unionhall.foundation.errors import Refused
from unionhall.members.hands import hands
from unionhall.organisations.local import LOCAL
from unionhall.organisations.models import Organisation
from unionhall.records.actions import journal

from ..book import fresh
from ..drafting import NOT_LOCAL, check, resting_on
from ..eligibility import clauses_of
from ..models import PublishedVersion, SchemeDraft
from ..programmes import programme_of
from ..texts import area_of, copy_of
from ..versions import Version


@transaction.atomic
def start(actor: Actor, *, organisation: Organisation, version: Version[Any]) -> SchemeDraft:
    """A draft for the union's own area with the text of a version to begin from."""
    actor.require("rulebook.draft", *organisation.paths)
    if organisation.kind not in LOCAL:
        raise Refused(NOT_LOCAL)
    area = area_of(organisation.division)
    if not version.jurisdiction.startswith(area) and not area.startswith(version.jurisdiction):
        raise Refused("这个版本不适用于您所在的地区，不能以它为底本起草。")
    wider = area.startswith(version.jurisdiction)
    text = copy_of(version, area if wider else version.jurisdiction, organisation.name)
    draft = SchemeDraft.objects.create(
        organisation=organisation,
        programme=version.programme,
        text=text,
        copied_from=version.digest,
        author_id=actor.account_id,
        author=actor.name,
    )
    _journal(actor, "rulebook.drafted", draft, {"copied_from": version.digest})
    return draft


@transaction.atomic
def revise(actor: Actor, *, draft: SchemeDraft, text: str) -> SchemeDraft:
    """Another text; what was simulated no longer holds. Mistakes do not stop it: a draft may be half-written."""
    held = _editable(actor, draft)
    text = text.replace("\r\n", "\n").rstrip() + "\n"
    if text == held.text:
        return held
    held.text, held.updated_at = text, timezone.now()
    if actor.account_id not in held.reviser_ids:
        held.reviser_ids = [*held.reviser_ids, actor.account_id]
    held.simulation, held.simulated, held.simulated_at = "", None, None
    held.save()
    _journal(actor, "rulebook.revised", held, {})
    return held


@transaction.atomic
def discard(actor: Actor, *, draft: SchemeDraft) -> SchemeDraft:
    held = _editable(actor, draft)
    held.state, held.updated_at = SchemeDraft.State.DISCARDED, timezone.now()
    held.save(update_fields=["state", "updated_at"])
    _journal(actor, "rulebook.discarded", held, {})
    return held


@transaction.atomic
def ask_simulation(actor: Actor, *, draft: SchemeDraft, budget: Decimal | None, uptake: int) -> SchemeDraft:
    """Count what the draft would change: at once where few people stand, as a job where many do.

    `budget` is yuan a year; `uptake` how many of a hundred entitled people are expected to come.
    """
    from .. import simulation, tasks

    held = _editable(actor, draft)
    checked = check(held)
    if checked.version is None:
        raise Refused("方案还有错误，改正后才能测算。")
    if not clauses_of(checked.version):
        raise Refused("这个方案没有写谁能享受的条件，不需要测算。")
    asked = {"budget": None if budget is None else str(budget), "uptake": uptake}
    held.simulation, held.simulated = SchemeDraft.Simulation.WAITING, asked
    held.save(update_fields=["simulation", "simulated"])
    _journal(actor, "rulebook.simulated", held, {"version": checked.version.digest})
    if simulation.is_small(held.organisation):
        simulation.run(held)
    else:
        tasks.simulate.defer(draft_id=held.pk, digest=checked.version.digest)
    return held


@transaction.atomic
def publish(actor: Actor, *, draft: SchemeDraft) -> PublishedVersion:
    """Publish from the date in the text. Another person than who wrote it has to; decisions made before stay."""
    held = _locked(draft)
    actor.require("rulebook.publish", *held.organisation.paths)
    if held.state != SchemeDraft.State.EDITING:
        raise Refused("这份草稿已发布或已放弃。")
    if wrote(actor, held):
        raise Refused("起草人不能发布自己的方案，请由本级另一名干部或领导核对后发布。")
    _one_at_a_time()
    checked = check(held)
    if checked.version is None:
        raise Refused(f"方案还有错误，改正后才能发布：{checked.mistakes[0]}")
    version = checked.version
    try:
        with transaction.atomic():
            made = PublishedVersion.objects.create(
                programme=held.programme,
                jurisdiction=version.jurisdiction,
                starts=version.starts,
                text=held.text,
                organisation=held.organisation,
                draft=held,
                author=held.author,
                published_by_id=actor.account_id,
                published_by=actor.name,
            )
    except IntegrityError:
        raise Refused("同一地区同一天已有发布的版本，请改生效日期。") from None
    held.state, held.updated_at = SchemeDraft.State.PUBLISHED, timezone.now()
    held.save(update_fields=["state", "updated_at"])
    detail = {"version": version.digest, "starts": version.starts.isoformat(), "area": version.jurisdiction}
    _journal(actor, "rulebook.published", held, detail)
    transaction.on_commit(fresh)
    return made


@transaction.atomic
def withdraw(actor: Actor, *, draft: SchemeDraft, reason: str) -> PublishedVersion:
    """Take back what has not come into force and nothing else rests on. From its day on it can only be followed."""
    source = _locked(draft)
    actor.require("rulebook.publish", *source.organisation.paths)
    _one_at_a_time()
    held = source.published.select_for_update(of=("self",)).filter(withdrawn_at=None).first()
    if held is None:
        raise Refused("这份草稿没有已发布的版本，或者已撤回。")
    if held.starts <= timezone.localdate():
        raise Refused("已生效的版本不能撤回，请另行起草并发布新的版本。")
    if resting := resting_on(held):
        words = "、".join(resting)
        raise Refused(f"{words}沿用这个版本，现在不能撤回。请先由发布的工会撤回或改发，再撤回这个版本。")
    held.withdrawn_at, held.withdrawn_by = timezone.now(), actor.name
    held.save(update_fields=["withdrawn_at", "withdrawn_by"])
    # The draft can be worked on again.
    source.state = SchemeDraft.State.EDITING
    source.save(update_fields=["state"])
    _journal(actor, "rulebook.withdrawn", source, {"starts": held.starts.isoformat()}, reason)
    transaction.on_commit(fresh)
    return held


def wrote(actor: Actor, draft: SchemeDraft) -> bool:
    """Whether the person who acts began a draft or ever revised it, under any of his accounts."""
    return hands(actor.access).touch(draft.author_id, *draft.reviser_ids)


def _one_at_a_time() -> None:
    """Dates are compared with what is published; nobody publishes meanwhile."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended(current_schema() || '.rulebook.publish', 0))"
        )


def _locked(draft: SchemeDraft) -> SchemeDraft:
    rows = SchemeDraft.objects.everywhere(reason="the draft at hand, locked; policy is asked next")
    return rows.select_for_update(of=("self",)).select_related("organisation").get(pk=draft.pk)


def _editable(actor: Actor, draft: SchemeDraft) -> SchemeDraft:
    held = _locked(draft)
    actor.require("rulebook.draft", *held.organisation.paths)
    if held.state != SchemeDraft.State.EDITING:
        raise Refused("这份草稿已发布或已放弃，不能再改。需要修改请重新复制一份。")
    return held


def _journal(actor: Actor, verb: str, draft: SchemeDraft, detail: dict[str, Any], reason: str = "") -> None:
    known = programme_of(draft.programme)
    journal(
        actor,
        verb,
        subject=draft,
        label=known.title if known else draft.programme,
        paths=draft.organisation.paths,
        reason=reason,
        detail={"programme": draft.programme} | detail,
    )
