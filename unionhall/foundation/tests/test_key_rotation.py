"""Another master key, another index key, another secret: nothing is lost, whoever writes meanwhile."""

import io
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.apps import apps
from django.conf import LazySettings
from django.db import Error, connection, models, transaction

from tests.world import World, ensure
from unionhall.access.adapters import MFAAdapter
from unionhall.foundation import indexing, keys, reindexing, resealing, sealing
from unionhall.foundation.actors import system_actor
from unionhall.foundation.fields import BlindIndexField, SealedField
from unionhall.foundation.models import KeyState, Resealing
from unionhall.foundation.sealing import Ring, ring
from unionhall.members import cards
from unionhall.members.models import Card, Person
from unionhall.organising.actions import admission
from unionhall.records import attachments
from unionhall.records import sealing as journal_sealing
from unionhall.records.actions import journal
from unionhall.records.models import JournalEntry, JournalLane

WHY = "test"
pytestmark = pytest.mark.usefixtures("own_keys")


@pytest.fixture
def second(own_keys: None, settings: LazySettings) -> keys.Keys:
    """The ring has a second master, which is in use from now on."""
    settings.KEYS = settings.KEYS.with_master().with_current(2)
    return settings.KEYS  # type: ignore[no-any-return]


def people() -> Any:
    return Person.objects.everywhere(reason=WHY)


def test_everything_sealed_changes_its_key_and_opens(
    db: None, world: World, settings: LazySettings, tmp_path: Path
) -> None:
    settings.FILES_DIR = tmp_path
    first = settings.KEYS
    numbers = {person.pk: person.id_number.reveal() for person in people()}
    admission.keep_draft(world.accounts["worker_alpha"].pk, name="张海林")
    second_factor = Authenticator.objects.create(
        user=world.accounts["chair_alpha"], type="totp", data={"secret": MFAAdapter().encrypt("JBSWY3DP")}
    )
    file = attachments.store(
        system_actor(), io.BytesIO(b"x" * 200_000), name="a", content_type="a", purpose="test"
    )
    card = Card.objects.everywhere(reason=WHY).first() or Card.objects.create(
        person=people().first(), number="1"
    )
    paper = cards.paper_code(card)

    settings.KEYS = first.with_master().with_current(2)
    before = resealing.used()
    assert set(before) == {1}
    resealing.begin()
    assert resealing.run()
    assert resealing.used() == {2: before[1]}
    assert sum(Resealing.objects.values_list("changed", flat=True)) == before[1]

    settings.KEYS = settings.KEYS.without_master(1)
    assert {person.pk: person.id_number.reveal() for person in people()} == numbers
    assert admission.draft_of(world.accounts["worker_alpha"].pk) == {"name": "张海林"}
    second_factor.refresh_from_db()
    assert MFAAdapter().decrypt(second_factor.data["secret"]) == "JBSWY3DP"
    assert b"".join(attachments.chunks(file)) == b"x" * 200_000
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == [Path(file.location).name]
    assert cards.check(paper).reason != "无法核对这个会员码的签名。请联网更新验证密钥后再试。"
    assert set(cards.public_keys()) == {1, 2}


def test_a_run_that_was_killed_goes_on_where_it_was(
    db: None, world: World, second: keys.Keys, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(resealing, "CHUNK", 3)
    step, calls = resealing.Columns.step, []

    def dying(self: resealing.Columns, after: int, at: Ring) -> resealing.Step:
        found = step(self, after, at)
        if self.label == "members.person":
            calls.append(after)
            if len(calls) == 3:
                raise KeyboardInterrupt  # nothing of this chunk is kept
        return found

    monkeypatch.setattr(resealing.Columns, "step", dying)
    with pytest.raises(KeyboardInterrupt):
        resealing.run()
    row = Resealing.objects.get(place="members.person")
    assert (row.after, row.finished_at) == (calls[2], None)
    assert resealing.run()
    assert calls[3] == calls[2]
    assert resealing.stale() == 0
    sealed = resealing.used()[2]
    assert sum(Resealing.objects.values_list("changed", flat=True)) == sealed


def test_a_value_that_does_not_open_is_left_alone(db: None, world: World, second: keys.Keys) -> None:
    bad = people().order_by("pk")[0]
    blob = bytearray(bad.id_number.blob)
    blob[-1] ^= 1
    people().filter(pk=bad.pk).update(id_number=sealing.Sealed(bytes(blob)))
    assert resealing.run()
    assert resealing.used()[1] == 1
    assert Resealing.objects.get(place="members.person").broken == 1


def test_processes_follow_the_file(settings: LazySettings, tmp_path: Path) -> None:
    """A key added by another process opens its values at once; a new secret signs, the old one is accepted."""
    held = keys.Keys.generate()
    keys.save(tmp_path, held)
    settings.HOME, settings.KEYS, settings.SECRET_KEY_FALLBACKS = tmp_path, held, []
    settings.SECRET_KEY = held.secret
    blob = ring().seal("张海林")
    fresh = held.with_master().with_current(2).with_secret("a new secret of some length")
    keys.save(tmp_path, fresh.with_secret_in_use("a new secret of some length"))
    theirs = Ring(fresh).seal("别处写的")
    assert ring().current == 1, "it looks only every two seconds"
    assert ring().open(theirs) == "别处写的"
    assert ring().current == 2
    assert ring().open(blob) == "张海林"
    assert settings.SECRET_KEY == "a new secret of some length"
    assert [held.secret] == settings.SECRET_KEY_FALLBACKS
    (tmp_path / "keys.json").write_text("half a fi")
    assert sealing.follow() == settings.KEYS, "a broken file changes nothing"


def test_a_ring_survives_its_spelling() -> None:
    first = keys.Keys.generate()
    assert "indexes" not in first.to_json()
    ring_ = first.with_master().with_current(2).without_master(1).with_index().without_index(1).with_secret()
    assert keys.Keys.from_json(ring_.to_json()) == ring_
    with pytest.raises(keys.KeysUnreadable):
        ring_.without_master(2)


def test_no_sealed_or_indexed_column_is_forgotten() -> None:
    """Whatever is kept as bytes is a SealedField or a blind index that says what it is made from."""
    short_lived = {"access.SignInCode.phone_index"}
    for model in apps.get_models(include_auto_created=True):
        for field in model._meta.local_fields:
            name = f"{model._meta.label}.{field.name}"
            if isinstance(field, BlindIndexField):
                assert bool(field.of) != (name in short_lived), name
            elif isinstance(field, models.BinaryField):
                assert isinstance(field, SealedField) or name.startswith("procrastinate"), name


@pytest.fixture
def writer(transactional_db: None) -> Iterator[Event]:
    """Somebody changes people all the time, with whatever connection is there; set to stop."""
    stop = Event()
    world = ensure()
    chosen = [world.people[name].pk for name in list(world.people)[:3]]

    def write() -> None:
        turn = 0
        while not stop.is_set():
            turn += 1
            # A connection that is cut in the middle of it: the next turn has another.
            with suppress(Error), transaction.atomic():
                person = people().select_for_update().get(pk=chosen[turn % len(chosen)])
                number = f"138{turn % 100_000_000:08d}"
                person.phone, person.phone_index = number, sealing.phone_index(number)
                person.save(update_fields=["phone", "phone_index"])
                journal(system_actor(), "members.edit")
            if connection.connection is not None and connection.connection.closed:
                connection.close()
        connection.close()

    thread = Thread(target=write)
    thread.start()
    try:
        yield stop
    finally:
        stop.set()
        thread.join(30)


@pytest.mark.django_db(transaction=True)
def test_keys_change_under_the_hands_of_a_writer(writer: Event, settings: LazySettings) -> None:
    """Master and index key while people are edited: every value opens, is found by its number, stands once."""
    settings.KEYS = settings.KEYS.with_master().with_current(2)
    resealing.begin()
    while not resealing.run():
        pass
    settings.KEYS = settings.KEYS.with_index()

    def seal() -> None:
        while journal_sealing.seal_pending():
            pass

    old = sealing.phone_index("13800000000")
    count = reindexing.change(2, within=seal, lock=(JournalEntry, JournalLane))
    assert count > 0
    writer.set()
    assert KeyState.objects.get().index_number == 2
    assert sealing.phone_index("13800000000") != old
    assert resealing.stale() == 0 or resealing.run()
    found = list(people())
    for person in found:
        assert person.id_index == sealing.identity_index(person.id_type, person.id_number.reveal())
        assert person.phone_index == (sealing.phone_index(person.phone.reveal()) if person.phone else None)
    journal(system_actor(), "members.edit")
    seal()
    assert journal_sealing.verify().ok, journal_sealing.verify().fault
    # Without the old index key the journal still verifies, and a ring without the new one is refused.
    settings.KEYS = settings.KEYS.without_index(1)
    assert journal_sealing.verify().ok, journal_sealing.verify().fault
    settings.KEYS = keys.Keys.generate()
    with pytest.raises(keys.KeysUnreadable):
        sealing.phone_index("13800000000")
    indexing.read(connection=connection)
