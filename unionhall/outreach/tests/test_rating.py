"""Ratings by slip: never by a cadre, his devices or for whoever can sign in; a random share is asked about."""

from collections.abc import Callable
from decimal import Decimal

import pytest
from django.conf import settings
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.urls import reverse
from django.utils import timezone

from tests.architecture import samples_outreach as scene
from tests.world import World
from unionhall.access import devices
from unionhall.foundation.actors import Actor, NotAllowed
from unionhall.foundation.errors import Refused
from unionhall.indicators import registry
from unionhall.outreach import slips
from unionhall.outreach.actions import items, rating
from unionhall.outreach.models import RatingCheck, VisitItem, VisitRating, VisitStop
from unionhall.outreach.places import Place
from unionhall.records.models import JournalEntry, Message

pytestmark = pytest.mark.django_db
WHY = "test"
STRANGER = Actor(None, "访客")
SignIn = Callable[[str], Client]


def code_of(item: VisitItem) -> str:
    assert item.stop is not None
    return str(item.stop.code.reveal())


def known_to(client: Client, world: World, account: str) -> None:
    """As if the account had signed in on this browser before."""
    request, answer = RequestFactory().get("/"), HttpResponse()
    devices.remember(request, world.accounts[account])
    devices.keep(request, answer)
    client.cookies[settings.DEVICE_COOKIE_NAME] = answer.cookies[settings.DEVICE_COOKIE_NAME].value


@pytest.mark.parametrize("who", ["chair_alpha", "officer_alpha", "river_officer"])
def test_no_desk_account_rates_by_a_slip(world: World, signed_in: SignIn, who: str) -> None:
    item = scene.item(world, settled=True, family=False)
    page = signed_in(who).post(
        reverse("public_visit_slip_rate", args=[code_of(item), item.pk]), {"stars": "5"}
    )
    assert "不能用它评价" in page.content.decode() or "不能评价自己" in page.content.decode()
    assert not VisitRating.objects.everywhere(reason=WHY).exists()


def test_nor_does_a_browser_on_which_a_cadre_of_the_union_signed_in(world: World, client: Client) -> None:
    item = scene.item(world, settled=True, family=False)
    address = reverse("public_visit_slip_rate", args=[code_of(item), item.pk])
    for who in ("chair_alpha", "officer_alpha"):
        known_to(client, world, who)
        assert "登录过走访干部的账号" in client.post(address, {"stars": "5"}).content.decode()
    known_to(client, world, "worker_beta")
    assert client.post(address, {"stars": "5"}).status_code == 302, "a worker's own phone rates"


def test_whoever_can_sign_in_rates_as_himself_only(world: World, client: Client) -> None:
    item = scene.item(world, settled=True)
    code = code_of(item)
    page = client.get(reverse("public_visit_slip", args=[code])).content.decode()
    assert reverse("m_visit_item", args=[item.pk]) in page
    assert reverse("public_visit_slip_rate", args=[code, item.pk]) not in page
    answer = client.post(reverse("public_visit_slip_rate", args=[code, item.pk]), {"stars": "5"})
    assert "请用登记的手机号登录" in answer.content.decode()
    assert rating.rate(world.actor("worker_alpha"), item=item, stars=5, text="").source == "phone"


def test_a_cadre_does_not_rate_the_visit_he_made_to_himself(world: World) -> None:
    item = scene.item(world, settled=True)
    person = world.people["alpha_1"]
    person.account = world.accounts["chair_alpha"]
    person.save(update_fields=["account"])
    with pytest.raises(Refused, match="您参加了这次走访"):
        rating.rate(world.actor("chair_alpha"), item=item, stars=5, text="")


def asked(world: World, monkeypatch: pytest.MonkeyPatch, draw: str = "0.1") -> RatingCheck | None:
    item = scene.item(world, settled=True, family=False)
    monkeypatch.setattr(slips, "draw", lambda: Decimal(draw))
    rating.rate(STRANGER, item=item, stars=5, text="", stop=item.stop)
    return RatingCheck.objects.everywhere(reason=WHY).select_related("rating__item").first()


def test_a_random_share_is_asked_about(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    assert asked(world, monkeypatch, "0.2") is None
    assert asked(world, monkeypatch, "0.1999") is not None


def test_a_denied_rating_no_longer_counts(
    world: World, monkeypatch: pytest.MonkeyPatch, signed_in: SignIn
) -> None:
    check = asked(world, monkeypatch)
    assert check is not None
    with pytest.raises(NotAllowed):
        rating.check_back(world.actor("chair_alpha"), check=check, state="denied", said="没有评过")
    officer = signed_in("pier_officer")
    assert (
        check.rating.item.title
        in officer.get(reverse("desk_visit_checks") + "?state=waiting").content.decode()
    )
    assert "走访评价待回访" in officer.get(reverse("desk_home")).content.decode()
    address = reverse("desk_visit_check", args=[check.pk])
    assert officer.post(address, {"state": "denied"}).status_code == 422, "how it was asked is written down"
    done = officer.post(address, {"state": "denied", "said": "打电话问了办公室，没有人评过。"})
    assert done.status_code == 302
    item = VisitItem.objects.everywhere(reason=WHY).get()
    assert (item.state, item.reopened) == ("reopened", 1)
    titles = Message.objects.everywhere(reason=WHY).values_list("title", flat=True)
    assert any(one.startswith("评价不是本人作出") for one in titles)
    where = Place(world.unions["alpha"], None, world.actor("province_officer").access)
    codes = (
        "outreach.ratings",
        "outreach.ratings_by_slip",
        "outreach.rating_checks",
        "outreach.rating_checks_denied",
    )
    assert list(registry.values(codes, where).values()) == [0, 0, 1, 1]
    with pytest.raises(Refused, match="已经回访过"):
        rating.check_back(world.actor("pier_officer"), check=check, state="confirmed", said="属实")


def test_nobody_asks_about_his_own_visit(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    check = asked(world, monkeypatch)
    assert check is not None
    VisitItem.objects.everywhere(reason=WHY).update(owner=world.accounts["pier_officer"])
    with pytest.raises(Refused, match="由其他人进行"):
        rating.check_back(world.actor("pier_officer"), check=check, state="confirmed", said="属实")


def test_figures_tell_slips_from_accounts_and_the_journal_who_saw_the_codes(
    world: World, monkeypatch: pytest.MonkeyPatch, signed_in: SignIn
) -> None:
    asked(world, monkeypatch)
    visit = VisitItem.objects.everywhere(reason=WHY).get().visit
    family = VisitStop.objects.everywhere(reason=WHY).get(visit=visit, person__isnull=False)
    other = items.open_item(
        scene.chair(world)[0], visit=visit, stop=family, category="wages", title="另一个问题",
        owner=world.accounts["officer_alpha"],
    )  # fmt: skip
    items.settle(world.actor("officer_alpha"), item=other, reply="办好了。")
    rating.rate(world.actor("worker_alpha"), item=other, stars=4, text="")
    client = signed_in("river_officer")
    assert client.get(reverse("desk_visit_items") + "?state=slip").context["total"] == 1
    table = client.get(f"{reverse('desk_visit_table')}?under={world.unions['alpha'].code}")
    assert table.context["whole"]["unit"].shares["slips"] == 0.5
    signed_in("chair_alpha").get(reverse("desk_visit_slips", args=[visit.pk]))
    entry = JournalEntry.objects.everywhere(reason=WHY).get(action="outreach.slips_shown")
    assert entry.detail["slips"] == 2
    assert timezone.localdate() <= RatingCheck.objects.everywhere(reason=WHY).get().due_on
