"""Taking a matter, telling once what is missing, completing what was sent back, handing over what was granted."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from django.db import transaction
from django.utils import timezone

from unionhall.cases.actions.backdating import count_case_from
from unionhall.cases.actions.core import give_query_code
from unionhall.foundation.actors import Actor
from unionhall.foundation.errors import Refused
from unionhall.kit.identifiers import IdentifierError, normalise_name
from unionhall.kit.masking import hide_numbers
from unionhall.members import consents
from unionhall.members.models import Membership, Person
from unionhall.records import attachments
from unionhall.records.actions import journal
from unionhall.records.uploads import Upload
from unionhall.reviews import papers as completing
from unionhall.reviews.actions import count_from, supplement
from unionhall.reviews.models import Review
from unionhall.reviews.numbers import next_number

from ..matters import Matter, Scene, matter
from ..models import HandOver, Intake, Reception
from ..models.intakes import Kinship
from .receptions import hold, in_place_of, keep_out, require_agent

_WHY = "what a window takes is found by the person who is received there"
PREFIX = "SL"
SIGNATURE = "window.signature"
GONE_ON = "这份待补材料的事项已经受理，或不再办理，本次操作没有生效。请在接待页查看最新状态。"


def scene_of(reception: Reception, variant: str = "") -> Scene:
    """What a matter is told: read anew for each page, in one statement."""
    rows = Membership.objects.everywhere(reason=_WHY).current().filter(person=reception.person_id)
    member = rows.select_related("organisation").first()
    return Scene(reception.person, member, reception.organisation, timezone.localdate(), variant)


@transaction.atomic
def take(
    actor: Actor,
    *,
    reception: Reception,
    one: Matter,
    given: dict[str, Any],
    variant: str = "",
    agreed: Sequence[str] = (),
    papers: Sequence[str] = (),
    paper_on: date | None = None,
    continues: Intake | None = None,
) -> Intake:
    """File a matter for the person at the counter, through the domain's own action, and keep the receipt.

    `agreed`: consents that were just read to him. `paper_on`: the day on the paper, not one to come; the matter's
    clock runs from it. `continues`: an intake that waits for papers. Refused as the domain refuses.
    """
    standing = in_place_of(actor, reception)
    fresh = hold(actor, reception)
    waiting = _waiting(fresh, one, continues)
    scene = scene_of(fresh, variant)
    if paper_on is not None and paper_on > scene.today:
        raise Refused("材料日期不能晚于今天。", field="paper_on")
    if found := one.barred(scene):
        raise Refused(found)
    for purpose in agreed:
        consents.give(standing, person=fresh.person, purpose=purpose)
    filed = one.start(standing, scene, given)
    if paper_on is not None and paper_on < scene.today:
        if filed.review is not None:
            count_from(standing, review=filed.review, day=paper_on)
        elif filed.case is not None:
            count_case_from(standing, filed.case, day=paper_on)
    done = filed.review is None and filed.case is None
    made = waiting or _new(actor, fresh, one)
    made.state = Intake.State.DONE if done else Intake.State.FILED
    made.review, made.case, made.result = filed.review, filed.case, filed.result[:200]
    if filed.case is not None:
        made.query_code = give_query_code(filed.case)
    made.papers, made.missing, made.paper_on = list(papers), [], paper_on
    made.reception, made.authorisation = fresh, fresh.authorisation
    made.save()
    matter_number = filed.review.number if filed.review else filed.case.number if filed.case else made.number
    journal(
        actor, "window.taken", subject=fresh.person, label=matter_number, paths=fresh.organisation.paths,
        detail={
            "matter": one.code, "intake": made.pk, "reception": fresh.pk, "authorisation": fresh.authorisation_id,
            "paper_on": f"{paper_on:%Y-%m-%d}" if paper_on else None,
        },
    )  # fmt: skip
    return made


def _waiting(reception: Reception, one: Matter, continues: Intake | None) -> Intake | None:
    """The intake that goes on, locked. Refused unless it is of the one received, of this matter, and still waits."""
    if continues is None:
        return None
    rows = Intake.objects.everywhere(reason=_WHY).select_for_update()
    told = rows.filter(person=reception.person_id, matter=one.code, state=Intake.State.TOLD)
    found = told.filter(pk=continues.pk).first()
    if found is None:
        raise Refused(GONE_ON)
    return found


def _new(actor: Actor, reception: Reception, one: Matter) -> Intake:
    return Intake(
        number=next_number(PREFIX, timezone.localdate()), organisation=reception.organisation, hall=reception.hall,
        reception=reception, person=reception.person, matter=one.code, title=one.title[:60],
        account_id=actor.account_id or 0, account_name=actor.name[:80],
    )  # fmt: skip


@transaction.atomic
def tell_missing(
    actor: Actor, *, reception: Reception, one: Matter, lacking: Iterable[str], words: str = "",
    given: Sequence[str] = (), continues: Intake | None = None,
) -> Intake:  # fmt: skip
    """一次性告知: everything that is missing, at once; nothing is filed and no clock runs until it is there."""
    fresh = hold(actor, reception)
    said = [text[:120] for text in [*lacking, *(line.strip() for line in words.splitlines())] if text]
    if not said:
        raise Refused("没有缺的材料。请直接受理，或写明还要补什么。", field="missing")
    made = _waiting(fresh, one, continues) or _new(actor, fresh, one)
    made.state, made.missing, made.papers = Intake.State.TOLD, said, list(given)
    made.reception, made.told_at = fresh, timezone.now()
    made.save()
    journal(
        actor, "window.told_missing", subject=fresh.person, label=made.number, paths=fresh.organisation.paths,
        detail={"matter": one.code, "intake": made.pk, "count": len(said), "again": continues is not None},
    )  # fmt: skip
    return made


@transaction.atomic
def complete(
    actor: Actor, *, reception: Reception, review: Review, note: str, upload: Upload | None = None
) -> Review:
    """The person brings what a decider sent his matter back for: the clock goes on."""
    standing = in_place_of(actor, reception)
    fresh = hold(actor, reception)
    stored = completing.keep(actor, review=review, upload=upload) if upload is not None else None
    done = supplement(standing, review=review, note=note or "本人到窗口补正", attachment=stored)
    journal(
        actor, "window.supplemented", subject=fresh.person, label=review.number, paths=fresh.organisation.paths,
        detail={"reception": fresh.pk},
    )  # fmt: skip
    return done


def waiting_for_papers(person: Person) -> list[Intake]:
    """What was told to be brought and has not been."""
    rows = Intake.objects.everywhere(reason=_WHY).filter(person=person, state=Intake.State.TOLD)
    return list(rows.order_by("-pk")[:10])


def to_fetch(person: Person) -> list[Intake]:
    """Granted matters whose result waits to be fetched, taken at whatever window."""
    rows = Intake.objects.everywhere(reason=_WHY).filter(
        person=person, review__state=Review.State.APPROVED, hand_over=None
    )
    found = list(rows.select_related("review", "organisation").order_by("-pk")[:20])
    return [one for one in found if matter(one.matter).hands_over]


@transaction.atomic
def hand_over(
    actor: Actor,
    *,
    reception: Reception,
    intake: Intake,
    what: str,
    name: str,
    relation: str,
    confirmed: bool,
    signature: Upload | None = None,
) -> HandOver:
    """What was granted is fetched by the person or whom he authorised, signed on paper or confirmed by a document."""
    fresh = hold(actor, reception)
    keep_out(actor, fresh.person)
    if intake.pk not in {one.pk for one in to_fetch(fresh.person)}:
        raise Refused("没有等待领取的结果，或者已经取走。")
    if not what.strip():
        raise Refused("请写明取走了什么。", field="what")
    if relation not in Kinship.values:
        raise Refused("请选择取件人与本人的关系。", field="relation")
    if relation != Kinship.SELF:
        if fresh.authorisation is None:
            raise Refused("不是本人取件的，请先登记代办授权。", field="relation")
        require_agent(actor, fresh)
    if signature is None and not confirmed:
        raise Refused("请上传签收单，或勾选已核对取件人证件。", field="confirmed")
    try:
        clean = fresh.person.name if relation == Kinship.SELF else normalise_name(name)
    except IdentifierError as mistake:
        raise Refused(str(mistake), field="name") from None
    if fresh.authorisation is not None and relation != Kinship.SELF and clean != fresh.authorisation.name:
        raise Refused("取件人与代办授权上的姓名不一致，请核对，或先登记他的授权。", field="name")
    stored = None
    if signature is not None:
        stored = attachments.store(
            actor, signature.content, name=signature.name, content_type=signature.content_type, purpose=SIGNATURE,
            paths=fresh.organisation.paths, size=signature.size,
        )  # fmt: skip
    Intake.objects.everywhere(reason=_WHY).select_for_update().get(pk=intake.pk)
    if HandOver.objects.everywhere(reason=_WHY).filter(intake=intake).exists():
        raise Refused("这份结果刚刚已被取走。")
    made = HandOver.objects.create(
        intake=intake, what=hide_numbers(what.strip())[:100], name=clean, relation=relation,
        authorisation=fresh.authorisation if relation != Kinship.SELF else None, signature=stored,
        handed_by=actor.name[:80],
    )  # fmt: skip
    journal(
        actor, "window.handed_over", subject=fresh.person, label=intake.number, paths=fresh.organisation.paths,
        detail={"intake": intake.pk, "relation": relation, "paper": stored is not None},
    )  # fmt: skip
    return made
