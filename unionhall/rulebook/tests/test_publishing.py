"""A scheme written at the desk: copied, checked with lines, simulated, published by another from a date to come."""

import json
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db.models import Q
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests.world import World
from unionhall import rulebook
from unionhall.foundation.actors import NotAllowed, system_actor
from unionhall.foundation.errors import Refused
from unionhall.members.models import DeskIdentity
from unionhall.rulebook import book as books
from unionhall.rulebook import simulation, tasks
from unionhall.rulebook.actions import drafts, record_use
from unionhall.rulebook.book import fresh, reload
from unionhall.rulebook.checking import check_used
from unionhall.rulebook.drafting import check
from unionhall.rulebook.eligibility import judge_values, values
from unionhall.rulebook.models import PublishedVersion, SchemeDraft
from unionhall.rulebook.simulation import spent_on
from unionhall.rulebook.tests.crowd import make


@pytest.fixture
def draft(world: World, gifts: Path) -> SchemeDraft:
    version = rulebook.scheme("gift", timezone.localdate(), "4201")
    return drafts.start(
        world.actor("river_officer"), organisation=world.unions["river_city"], version=version
    )


def _lines(draft: SchemeDraft) -> list[tuple[int, str]]:
    return [(one.place.line, one.text) for one in check(draft).mistakes]


def test_a_copy_is_for_the_own_area_from_next_month(draft: SchemeDraft) -> None:
    assert 'jurisdiction = "4201"' in draft.text
    assert draft.text.startswith('title = "生日慰问"\nissuer = "江城市总工会"\n\n[[version]]')
    assert draft.text.count("[[version]]") == 1
    assert "until" not in draft.text
    checked = check(draft)
    assert checked.mistakes == []
    assert checked.version is not None
    assert checked.version.starts.day == 1
    assert checked.version.starts > timezone.localdate()
    assert checked.version.parameters.amount.amount == 100
    assert checked.version.inherited == ("amount",)
    assert checked.current is not None
    assert checked.current.jurisdiction == "42"


def test_mistakes_come_with_their_lines(world: World, draft: SchemeDraft) -> None:
    actor = world.actor("river_officer")
    broken = draft.text.replace('is = "2"', 'is = "女"').replace('"sourced"', '"certain"')
    drafts.revise(actor, draft=draft, text=broken)
    draft.refresh_from_db()
    (found,) = _lines(draft)
    assert "“status”只能是" in found[1]
    assert draft.text.splitlines()[found[0] - 1].startswith("status")
    drafts.revise(actor, draft=draft, text=draft.text.replace('"certain"', '"sourced"'))
    draft.refresh_from_db()
    (found,) = _lines(draft)
    assert "“女”不是性别的代码，可以写：1（男）、2（女）" in found[1]
    assert 'is = "女"' in draft.text.splitlines()[found[0] - 1]
    drafts.revise(actor, draft=draft, text="title = ")
    draft.refresh_from_db()
    assert "语法有误" in _lines(draft)[0][1]


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ('jurisdiction = "4201"', 'jurisdiction = "42"', "应为本级工会的地区 4201"),
        ('jurisdiction = "4201"', "", "全国方案没有更大的地区可以沿用"),
        ("from = {starts}", "from = 2024-05-01", "最早为明天"),
        ("from = {starts}", "from = {starts}\nuntil = {starts}", "应晚于"),
    ],
)
def test_only_the_own_area_from_a_day_to_come(
    world: World, draft: SchemeDraft, old: str, new: str, sentence: str
) -> None:
    checked = check(draft)
    assert checked.version is not None
    starts = checked.version.starts.isoformat()
    text = draft.text.replace(old.format(starts=starts), new.format(starts=starts))
    assert text != draft.text
    drafts.revise(world.actor("river_officer"), draft=draft, text=text)
    draft.refresh_from_db()
    assert sentence in "".join(text for _, text in _lines(draft))


def test_the_author_does_not_publish(world: World, draft: SchemeDraft) -> None:
    with pytest.raises(Refused, match="起草人不能发布"):
        drafts.publish(world.actor("river_officer"), draft=draft)
    with pytest.raises(NotAllowed):
        drafts.publish(world.actor("gorge_officer"), draft=draft)
    with pytest.raises(NotAllowed):
        drafts.revise(world.actor("leader"), draft=draft, text="x")


def test_the_author_does_not_publish_under_another_account(
    world: World, draft: SchemeDraft, signed_in: Callable[[str], Client]
) -> None:
    """One person's accounts are one actor: neither who began the draft nor who revised it, whoever did so since."""
    url = reverse("desk_scheme_publish", args=[draft.pk])
    assert "施行</button>" in signed_in("leader").get(url).content.decode()
    for name in ("river_officer", "leader"):
        DeskIdentity.objects.create(
            account=world.accounts[name], person=world.people["alpha_1"], named_by="test"
        )
    with pytest.raises(Refused, match="起草人不能发布"):
        drafts.publish(world.actor("leader"), draft=draft)
    assert "需要另一人发布" in signed_in("leader").get(url).content.decode()
    drafts.revise(world.actor("river_officer"), draft=draft, text=draft.text + "# 一\n")
    drafts.revise(system_actor(), draft=draft, text=draft.text + "# 二\n")
    SchemeDraft.objects.everywhere(reason="test").update(author_id=None)
    with pytest.raises(Refused, match="起草人不能发布"):
        drafts.publish(world.actor("leader"), draft=draft)


def test_only_unions_that_answer_for_a_place_issue(
    world: World, draft: SchemeDraft, signed_in: Callable[[str], Client]
) -> None:
    """An industry's union stands in a city whose other members are not its own; so does an employer's."""
    version = rulebook.scheme("gift", timezone.localdate(), "4201")
    officer = world.actor("transport_officer")
    with pytest.raises(Refused, match="只有地方总工会和乡镇"):
        drafts.start(officer, organisation=world.unions["transport"], version=version)
    args = [version.programme, version.digest[:16]]
    client = signed_in("transport_officer")
    assert "复制为草稿" not in client.get(reverse("desk_scheme", args=args)).content.decode()
    copying = reverse("desk_scheme_copy", args=args)
    assert client.get(copying).context["form"].fields["organisation"].choices == []
    assert "江城市总工会" in signed_in("river_officer").get(copying).content.decode()
    SchemeDraft.objects.everywhere(reason="test").update(organisation=world.unions["transport"])
    with pytest.raises(Refused, match="只有地方总工会和乡镇"):
        drafts.publish(world.actor("leader"), draft=draft)


def test_published_holds_from_its_day_and_old_decisions_stay(world: World, draft: SchemeDraft) -> None:
    today = timezone.localdate()
    old = rulebook.scheme("gift", today, "4201")
    record_use(old)
    text = draft.text.replace("conditions = [", 'amount = { kind = "fixed", amount = 300 }\nconditions = [')
    drafts.revise(world.actor("river_officer"), draft=draft, text=text)
    made = drafts.publish(world.actor("leader"), draft=draft)
    fresh()
    assert rulebook.scheme("gift", today, "420103").digest == old.digest
    new = rulebook.scheme("gift", made.starts, "420103")
    assert (new.jurisdiction, new.parameters.amount.amount) == ("4201", Decimal(300))
    # Gorge city keeps the province's version.
    assert rulebook.scheme("gift", made.starts, "4205").digest == old.digest
    assert check_used(books.book()) == []
    with pytest.raises(Refused, match="不能再改"):
        drafts.revise(world.actor("river_officer"), draft=draft, text=text + "#")


def test_the_command_knows_what_was_published(world: World, draft: SchemeDraft) -> None:
    made = drafts.publish(world.actor("leader"), draft=draft)
    told = StringIO()
    call_command("schemes", "list", stdout=told)
    assert f"{made.starts} 至 今后" in told.getvalue()
    told = StringIO()
    call_command(
        "schemes", "show", "gift", "--on", str(made.starts), "--division", "4201", "--json", stdout=told
    )
    assert json.loads(told.getvalue())["file"].startswith(f"已发布/gift-{made.pk}.toml")
    told = StringIO()
    call_command("schemes", "check", stdout=told)
    assert "没有错误" in told.getvalue()


def test_other_processes_turn_at_midnight(
    world: World, draft: SchemeDraft, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A process that read the book this morning need not be told: nothing published today holds today."""
    morning = books.book()
    made = drafts.publish(world.actor("leader"), draft=draft)
    assert books.book() is morning
    monkeypatch.setattr("django.utils.timezone.localdate", lambda: made.starts)
    assert books.book().pick("gift", made.starts, "4201") is not morning.pick("gift", made.starts, "4201")
    reload()


def test_overlaps_are_refused_and_withdrawing_gives_the_draft_back(world: World, draft: SchemeDraft) -> None:
    leader, officer = world.actor("leader"), world.actor("river_officer")
    made = drafts.publish(leader, draft=draft)
    version = fresh().pick("gift", made.starts, "4201")
    assert version is not None
    other = drafts.start(officer, organisation=draft.organisation, version=version)
    assert "生效日期相同" in _lines(other)[0][1]
    with pytest.raises(Refused, match="生效日期相同"):
        drafts.publish(leader, draft=other)
    drafts.withdraw(leader, draft=draft, reason="日期写错")
    assert PublishedVersion.objects.get(pk=made.pk).withdrawn_by
    draft.refresh_from_db()
    assert draft.state == SchemeDraft.State.EDITING
    assert check(other).mistakes == []
    assert drafts.publish(leader, draft=other).starts == made.starts
    PublishedVersion.objects.filter(draft=other).update(starts=timezone.localdate())
    with pytest.raises(Refused, match="已生效的版本不能撤回"):
        drafts.withdraw(leader, draft=other, reason="后悔")


def test_a_period_that_reaches_into_the_next_is_refused(world: World, draft: SchemeDraft) -> None:
    leader, officer = world.actor("leader"), world.actor("river_officer")
    made = drafts.publish(leader, draft=draft)
    version = fresh().pick("gift", made.starts, "4201")
    assert version is not None
    other = drafts.start(officer, organisation=draft.organisation, version=version)
    sooner = timezone.localdate() + timedelta(days=1)
    starts, beyond = made.starts, made.starts + timedelta(days=60)
    if sooner == starts:
        pytest.skip("tomorrow is the first of the month")
    text = other.text.replace(f"from = {starts}", f"from = {sooner}\nuntil = {beyond}")
    drafts.revise(officer, draft=other, text=text)
    other.refresh_from_db()
    assert "晚于下一版本的生效日期" in "".join(text for _, text in _lines(other))


def test_simulating_counts_gains_and_losses(world: World, draft: SchemeDraft) -> None:
    """Against counting person by person; the areas add up to the whole."""
    people = make(world, 120)
    rows = '[{ is = "1", amount = 500 }, { is = "2", amount = 200 }]'
    table = f'amount = {{ kind = "table", fact = "person.skill", rows = {rows} }}'
    text = draft.text.replace('{ condition = "sex", is = "2" }', '{ condition = "age", at_least = 18 }')
    text = text.replace("[version.parameters]", f"[version.parameters]\n{table}")
    drafts.revise(world.actor("river_officer"), draft=draft, text=text)
    draft.refresh_from_db()
    drafts.ask_simulation(world.actor("river_officer"), draft=draft, budget=Decimal(1000), uptake=50)
    draft.refresh_from_db()
    found: Any = draft.simulated
    assert (draft.simulation, found["uptake"]) == ("done", 50)
    checked = check(draft)
    assert checked.version is not None
    assert checked.current is not None
    # One by one: the draft's area only, on the day on which it starts.
    codes = simulation.facts_of(checked) | {"person.skill"}
    everyone = [*people, *(one.pk for one in world.people.values())]
    known = values(everyone, codes, checked.version.starts)
    was, now, cost = set(), set(), Decimal(0)
    for pk in everyone:
        here = str(known[pk]["membership.division"] or "").startswith("4201")
        new, old = judge_values(known[pk], [checked.version, checked.current], checked.version.starts)
        if here and new.met:
            now.add(pk)
            cost += {"1": Decimal(500), "2": Decimal(200)}.get(known[pk]["person.skill"], Decimal(0))
        if here and old.met:
            was.add(pk)
    assert (found["was"], found["now"]) == (len(was), len(now))
    assert (found["gains"], found["loses"]) == (len(now - was), len(was - now))
    assert found["gains"]
    assert found["loses"]
    assert Decimal(found["cost"]) == cost
    assert Decimal(found["cost_was"]) == 100 * len(was)
    assert sum(area["now"] for area in found["areas"]) == len(now)
    assert sum(Decimal(area["cost"]) for area in found["areas"]) == cost
    assert {area["name"] for area in found["areas"]} == {"江东区总工会", "江西区总工会"}
    assert found["spent_on"] > found["on"]
    listed = simulation.affected(checked, draft.organisation, "gains", Q(pk__in=everyone))
    assert {one.pk for one in listed} == now - was


def test_the_day_on_which_a_budget_is_spent() -> None:
    starts = date(2026, 12, 1)
    assert spent_on(starts, Decimal(100), Decimal(365)) == starts + timedelta(days=100)
    assert spent_on(starts, Decimal(400), Decimal(365)) is None
    assert spent_on(starts, None, Decimal(365)) is None
    assert spent_on(starts, Decimal(0), Decimal(365)) == starts


def test_many_are_counted_by_a_job(world: World, draft: SchemeDraft, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(simulation, "SMALL", 2)
    drafts.ask_simulation(world.actor("river_officer"), draft=draft, budget=None, uptake=100)
    draft.refresh_from_db()
    assert (draft.simulation, draft.simulated) == ("waiting", {"budget": None, "uptake": 100})
    version = check(draft).version
    assert version is not None
    tasks.simulate(draft_id=draft.pk, digest="0" * 64)
    draft.refresh_from_db()
    assert draft.simulation == "waiting"
    tasks.simulate(draft_id=draft.pk, digest=version.digest)
    draft.refresh_from_db()
    assert draft.simulation == "done"


SignedIn = Callable[[str], Client]


def test_the_desk_pages_take_an_officer_through(world: World, gifts: Path, signed_in: SignedIn) -> None:
    client = signed_in("river_officer")
    page = client.get(reverse("desk_schemes")).content.decode()
    assert page.count("生日慰问") >= 2
    version = rulebook.scheme("gift", timezone.localdate(), "4201")
    args = [version.programme, version.digest[:16]]
    page = client.get(reverse("desk_scheme", args=args)).content.decode()
    for words in ("是工会会员", "性别：女", "试〔2023〕2号", "沿用上级", "复制为草稿", "定额 100.00 元"):
        assert words in page
    answer = client.post(
        reverse("desk_scheme_copy", args=args), {"organisation": world.unions["river_city"].pk}
    )
    draft = SchemeDraft.objects.everywhere(reason="test").get()
    url = reverse("desk_scheme_draft", args=[draft.pk])
    assert answer["Location"] == url
    assert "检查没有错误" in client.get(url).content.decode()
    client.post(url, {"text": draft.text.replace('is = "2"', 'is = "5"')})
    page = client.get(url).content.decode()
    assert "检查发现 1 处错误" in page
    assert "不是性别的代码" in page
    client.post(url, {"text": draft.text.replace('is = "2"', 'is = "1"')})
    simulate = reverse("desk_scheme_simulate", args=[draft.pk])
    assert client.post(simulate, {"budget": "100", "uptake": "80"}).status_code == 302
    page = client.get(simulate).content.decode()
    for words in ("将符合", "新增", "减少", "江东区总工会", "用完"):
        assert words in page
    gained = client.get(reverse("desk_scheme_people", args=[draft.pk])).content.decode()
    assert world.people["alpha_1"].masked_name in gained
    assert "性别 男，要求“女”" in gained
    assert "另一名干部" in client.get(reverse("desk_scheme_publish", args=[draft.pk])).content.decode()
    leader = signed_in("leader")
    answer = leader.post(reverse("desk_scheme_publish", args=[draft.pk]), follow=True)
    assert "此前作出的决定不变" in answer.content.decode()
    assert "撤回" in answer.content.decode()
    assert "工作台发布" in leader.get(reverse("desk_schemes") + "?when=coming").content.decode()


def test_a_draft_stays_in_its_union(world: World, draft: SchemeDraft, signed_in: SignedIn) -> None:
    url = reverse("desk_scheme_draft", args=[draft.pk])
    assert signed_in("gorge_officer").get(url).status_code == 404
    assert signed_in("chair_alpha").get(url).status_code == 403
    assert signed_in("leader").post(url, {"text": draft.text + "#"}).status_code == 403
