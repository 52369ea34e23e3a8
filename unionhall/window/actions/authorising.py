"""Acting for somebody who is not there: the signed paper, who it names, until when."""

from datetime import date

from django.db import transaction
from django.utils import timezone

from unionhall.foundation.actors import Actor
from unionhall.foundation.errors import Refused
from unionhall.foundation.sealing import identity_index
from unionhall.kit.identifiers import IdentifierError, normalise_name, normalise_phone
from unionhall.members.actions.persons import read_document
from unionhall.members.models import Person
from unionhall.records import attachments
from unionhall.records.actions import journal
from unionhall.records.uploads import Upload

from ..models import Authorisation, Reception
from ..models.intakes import Kinship
from .receptions import hold, keep_out_as_agent

_WHY = "authorisations of the person who is received"
#: A power of attorney for windows lasts a year at most: longer ones are asked for again.
LONGEST_DAYS = 366
PURPOSE = "window.authorisation"


@transaction.atomic
def authorise(
    actor: Actor,
    *,
    reception: Reception,
    name: str,
    id_number: str,
    relation: str,
    until: date,
    paper: Upload,
    phone: str = "",
    id_type: str = "01",
) -> Authorisation:
    """Somebody has come with a signed paper: from here on this reception is through him."""
    fresh = hold(actor, reception)
    document = read_document(id_type, id_number, timezone.localdate())
    try:
        clean, number = normalise_name(name), normalise_phone(phone) if phone.strip() else ""
    except IdentifierError as mistake:
        raise Refused(str(mistake)) from None
    today = timezone.localdate()
    if identity_index(id_type, document.number) == bytes(fresh.person.id_index):
        raise Refused("代办人就是本人，不用登记授权。", field="id_number")
    keep_out_as_agent(actor, identity_index(id_type, document.number))
    if relation not in Kinship.values or relation == Kinship.SELF:
        raise Refused("请选择代办人与本人的关系。", field="relation")
    if not today <= until or (until - today).days > LONGEST_DAYS:
        raise Refused("有效期不能早于今天，最长一年。", field="until")
    stored = attachments.store(
        actor, paper.content, name=paper.name, content_type=paper.content_type, purpose=PURPOSE,
        paths=fresh.organisation.paths, size=paper.size,
    )  # fmt: skip
    made = Authorisation.objects.create(
        person=fresh.person, organisation=fresh.organisation, name=clean, id_type=id_type, id_number=document.number,
        id_index=identity_index(id_type, document.number), phone=number or None, relation=relation, until=until,
        paper=stored, made_by=actor.name[:80],
    )  # fmt: skip
    fresh.authorisation = made
    fresh.save(update_fields=["authorisation"])
    journal(
        actor, "window.authorised", subject=fresh.person, paths=fresh.organisation.paths,
        detail={"authorisation": made.pk, "relation": relation, "until": f"{until:%Y-%m-%d}"},
    )  # fmt: skip
    return made


def in_force(person: Person) -> list[Authorisation]:
    rows = Authorisation.objects.everywhere(reason=_WHY).filter(person=person)
    return list(rows.in_force(timezone.localdate()).order_by("-pk")[:10])


@transaction.atomic
def act_by(actor: Actor, *, reception: Reception, authorisation: Authorisation | None) -> None:
    """Say who is there: one whom the person authorised before, or (None) the person himself."""
    fresh = hold(actor, reception)
    if authorisation is not None and authorisation.pk not in {one.pk for one in in_force(fresh.person)}:
        raise Refused("这份授权已经终止或到期。")
    fresh.authorisation = authorisation
    fresh.save(update_fields=["authorisation"])


@transaction.atomic
def revoke(actor: Actor, *, reception: Reception, authorisation: Authorisation) -> None:
    """The person takes it back; what was done stays done."""
    fresh = hold(actor, reception)
    rows = Authorisation.objects.everywhere(reason=_WHY).filter(person=fresh.person, pk=authorisation.pk)
    if not rows.filter(revoked_at=None).update(revoked_at=timezone.now()):
        raise Refused("这份授权已经终止。")
    if fresh.authorisation_id == authorisation.pk:
        fresh.authorisation = None
        fresh.save(update_fields=["authorisation"])
    journal(
        actor, "window.authorisation_ended", subject=fresh.person, paths=fresh.organisation.paths,
        detail={"authorisation": authorisation.pk},
    )  # fmt: skip
