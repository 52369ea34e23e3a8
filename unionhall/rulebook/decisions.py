"""Stored decisions: each with its version and inputs, so that anyone can work it out again.

    @rule("career.grant", programme="career_subsidy")
    def grant(parameters, *, level: str, certified: bool) -> Outcome: ...

    decide(actor, key="career:17", version=version, rule="career.grant", person=person, path=path, on=day,
           inputs={"level": "1", "certified": True})

A key decides once: asked again with the same inputs, the decision that stands is answered.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import transaction

from unionhall.foundation.actors import Actor
from unionhall.foundation.errors import Refused
from unionhall.members.models import Person
from unionhall.records.actions import journal

from .actions import record_use
from .bulk import Made, Matter, Prepared, decide_many, decide_prepared, prepare_many, rule_for, stored_text
from .calculators import Worked
from .models import Decision
from .reading import read_content
from .rules import Outcome, UnknownRule, rule, rule_of
from .versions import Version

__all__ = [
    "Made",
    "Matter",
    "Outcome",
    "Prepared",
    "Replay",
    "UnknownRule",
    "decide",
    "decide_many",
    "decide_prepared",
    "outcome_of",
    "prepare_many",
    "replay",
    "rule",
]


def decide(
    actor: Actor,
    *,
    key: str,
    version: Version[Any],
    rule: str,
    person: Person | int | None,
    path: str,
    on: date,
    inputs: Mapping[str, Any],
    replaces: Decision | None = None,
) -> Decision:
    """Decide once per key, in the caller's transaction if there is one.

    Refused where the key was decided from other inputs, or `replaces` has been replaced already.
    """
    how, stored = rule_for(rule, version), stored_text(inputs)
    standing = _standing(key)
    if standing is None:
        found = how.decide(version.parameters, json.loads(stored))
        person_id = person.pk if isinstance(person, Person) else person
        with transaction.atomic():
            record_use(version)
            made = Decision(
                key=key,
                programme=version.programme,
                version_id=version.digest,
                rule=rule,
                person_id=person_id,
                path=path,
                on=on,
                inputs=stored,
                outcome=found.outcome,
                amount=found.amount,
                reasons=list(found.reasons),
                worked=None if found.worked is None else found.worked.model_dump(mode="json"),
                replaces=replaces,
            )
            _check_replaced(made, replaces)
            Decision.objects.bulk_create([made], ignore_conflicts=True)
            standing = _standing(key)
            assert standing is not None
            if standing.at == made.at:
                detail = {"programme": made.programme, "rule": rule, "outcome": made.outcome}
                journal(
                    actor,
                    "rulebook.decided",
                    subject=standing,
                    label=f"{version.title}：{standing.get_outcome_display()}",
                    paths=(path,),
                    detail=detail | {"version": version.digest},
                )
                return standing
    held = json.loads(standing.inputs.reveal())
    if (standing.version_id, standing.rule, held) != (version.digest, rule, json.loads(stored)):
        raise Refused("这一事项已按其他材料作出决定，不能重复办理。请查看已有的决定。")
    return standing


def _check_replaced(made: Decision, replaces: Decision | None) -> None:
    if replaces is None:
        return
    rows = Decision.objects.everywhere(reason="whether a decision was replaced before")
    if rows.filter(replaces=replaces).exclude(key=made.key).exists():
        raise Refused("原决定已被另一决定替代，请以最新的决定为准。")


def _standing(key: str) -> Decision | None:
    rows = Decision.objects.everywhere(reason="a business key decides once, whoever asks")
    return rows.filter(key=key).first()


def outcome_of(decision: Decision) -> Outcome:
    """What was decided, as stored; the arithmetic of bulk decisions is worked out again from version and inputs."""
    worked = decision.worked
    if worked is None:
        again = replay(decision)
        return again.now if again.same else again.then
    return _then(decision)


def _then(decision: Decision) -> Outcome:
    worked = None if decision.worked is None else Worked.model_validate(decision.worked)
    return Outcome(decision.outcome, decision.amount, tuple(decision.reasons), worked)  # type: ignore[arg-type]


@dataclass(frozen=True)
class Replay:
    """A decision worked out again from its stored version and inputs. `same`: result and sum agree."""

    same: bool
    then: Outcome
    now: Outcome
    version: Version[Any]
    inputs: dict[str, Any]


def replay(decision: Decision) -> Replay:
    """Work a decision out again. Raises Unreadable or UnknownRule where today's code no longer can.

    The inputs are in the answer: who shows them has to ask whether the reader may see them.
    """
    version = read_content(decision.version.content)
    inputs: dict[str, Any] = json.loads(decision.inputs.reveal())
    now = rule_of(decision.rule).decide(version.parameters, inputs)
    then = _then(decision)
    same = (now.outcome, now.amount) == (then.outcome, then.amount)
    if then.worked is not None:
        same = same and now.worked == then.worked
    return Replay(same, then, now, version, inputs)
