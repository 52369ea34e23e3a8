"""Taking back what was published: never what another version rests on."""

from datetime import date, timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from tests.world import World
from unionhall import rulebook
from unionhall.foundation.errors import Refused
from unionhall.rulebook.actions import drafts
from unionhall.rulebook.book import fresh, reload
from unionhall.rulebook.models import PublishedVersion, SchemeDraft
from unionhall.rulebook.tests.trial import NATION


def text(starts: date, area: str, parameters: str, more: str = "") -> str:
    return (
        f'title = "生日慰问"\nissuer = "试验{area}"\n\n[[version]]\nfrom = {starts}\njurisdiction = "{area}"\n{more}\n'
        f'status = "assumed"\nsource = {{ title = "试验" }}\n[version.parameters]\n{parameters}\n'
    )


def publish(world: World, union: str, written: str) -> SchemeDraft:
    """A draft of a union written by nobody in particular, published by the province's officer."""
    draft = SchemeDraft.objects.create(
        organisation=world.unions[union], programme="gift", text=written, author="起草人"
    )
    drafts.publish(world.actor("province_officer"), draft=draft)
    return draft


WHOLE = 'amount = {{ kind = "fixed", amount = {} }}\nconditions = [{{ condition = "member" }}]'
OWN_SUM = 'amount = {{ kind = "fixed", amount = {} }}'


@pytest.fixture
def in_days() -> tuple[date, date]:
    today = timezone.localdate()
    return today + timedelta(days=30), today + timedelta(days=40)


def test_what_an_heir_needs_is_not_withdrawn(world: World, gifts: Path, in_days: tuple[date, date]) -> None:
    """Else the heir would be a mistake, and a mistake stops the programme in the whole country."""
    elsewhere = NATION.replace("status", 'jurisdiction = "43"\nstatus', 1)
    (gifts / "nation" / "gift.toml").write_text(elsewhere, encoding="utf-8")
    (gifts / "province" / "gift.toml").unlink()
    reload()
    first, second = in_days
    wider = publish(world, "province", text(first, "42", WHOLE.format(5)))
    publish(world, "river_city", text(second, "4201", OWN_SUM.format(7), "inherits = true"))
    with pytest.raises(Refused, match=f"试验4201的生日慰问（{second} 起）沿用这个版本"):
        drafts.withdraw(world.actor("province_officer"), draft=wider, reason="写错")
    assert PublishedVersion.objects.filter(withdrawn_at=None).count() == 2
    assert fresh().mistakes["gift"] == []
    assert rulebook.scheme("gift", timezone.localdate(), "4301").jurisdiction == "43"


def test_an_heir_written_on_it_does_not_change_unseen(
    world: World, gifts: Path, in_days: tuple[date, date]
) -> None:
    first, second = in_days
    wider = publish(world, "province", text(first, "42", WHOLE.format(5)))
    heir = publish(
        world, "river_city", text(second, "4201", 'conditions = [{ condition = "card" }]', "inherits = true")
    )
    actor = world.actor("province_officer")
    with pytest.raises(Refused, match="试验4201的生日慰问"):
        drafts.withdraw(actor, draft=wider, reason="写错")
    drafts.withdraw(actor, draft=heir, reason="随省里改")
    drafts.withdraw(actor, draft=wider, reason="写错")
    assert not PublishedVersion.objects.filter(withdrawn_at=None).exists()


def test_an_heir_that_stood_before_it_becomes_what_it_was(
    world: World, gifts: Path, in_days: tuple[date, date]
) -> None:
    first, second = in_days
    publish(
        world, "river_city", text(first, "4201", 'conditions = [{ condition = "card" }]', "inherits = true")
    )
    was = fresh().pick("gift", second, "4201")
    wider = publish(world, "province", text(second, "42", WHOLE.format(5)))
    between = fresh().pick("gift", second, "4201")
    drafts.withdraw(world.actor("province_officer"), draft=wider, reason="写错")
    now = fresh().pick("gift", second, "4201")
    assert was is not None
    assert between is not None
    assert now is not None
    assert (between.parameters.amount.amount, now.digest) == (5, was.digest)
