"""The page that puts firms into a cell: what was not changed on it stays as it is."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from tests.architecture import samples_network as scene
from tests.racing import Verb, answers
from tests.world import World
from unionhall.network.actions import grid
from unionhall.network.forms.grid import UnitsForm
from unionhall.network.models import GridCell, GridUnit
from unionhall.network.views.grid_desk import Cell
from unionhall.organisations.models import Employer

pytestmark = pytest.mark.django_db
WHY = "test"
SignIn = Callable[[str], Client]


def firms(cell: GridCell) -> set[str]:
    rows = GridUnit.objects.everywhere(reason=WHY).filter(cell=cell, until=None)
    return set(rows.values_list("employer__name", flat=True))


def page(client: Client, cell: GridCell, **posted: Any) -> str:
    address = reverse("desk_grid_units", args=[cell.pk])
    answer = client.post(address, posted) if posted else client.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


def filled(html: str) -> dict[str, Any]:
    """What the page would send as it stands."""
    (stood,) = re.findall(r'name="stood" value="([\d,]*)"', html)
    boxes = re.findall(r'<input type="checkbox" name="employers" value="(\d+)"([^>]*)>', html)
    return {"stood": stood, "employers": [pk for pk, more in boxes if "checked" in more]}


def new_firm(name: str) -> Employer:
    return Employer.objects.create(name=name, division="420103001")


def test_a_firm_is_ticked_and_another_taken_out(world: World, signed_in: SignIn) -> None:
    cell, client = scene.cell(world, "pier"), signed_in("east_officer")
    sent = filled(page(client, cell))
    assert sent["employers"] == [str(world.employers["alpha"].pk)], "the cell's own"
    address = reverse("desk_grid_units", args=[cell.pk])
    beta = str(world.employers["beta"].pk)
    both = client.post(address, sent | {"employers": [*sent["employers"], beta]}, follow=True)
    assert "划入 1 个，划出 0 个" in both.content.decode()
    sent = filled(page(client, cell))
    client.post(address, sent | {"employers": [beta]})
    assert firms(cell) == {"江城博远电子有限公司"}


def test_firms_beyond_the_list_stay_and_are_found_by_name(
    world: World, signed_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(UnitsForm, "MOST", 1)
    cell, client = scene.cell(world, "pier"), signed_in("east_officer")
    held = [world.employers["alpha"], *(new_firm(f"甲{number}商行") for number in range(3))]
    grid.set_units(world.actor("east_officer"), cell=cell, employers=held)
    for number in range(3):
        new_firm(f"乙{number}商行")
    html = page(client, cell)
    assert "乙2商行" not in html
    assert "没有列全" in html
    beta = str(world.employers["beta"].pk)
    sent = filled(html)
    html = page(client, cell, **sent | {"employers": [*sent["employers"], beta], "q": "乙2", "find": "1"})
    assert firms(cell) == {one.name for one in held}, "looking saves nothing"
    assert "乙2商行" in html
    sent = filled(html)
    assert beta in sent["employers"], "what was ticked stays"
    last = str(Employer.objects.get(name="乙2商行").pk)
    sent["employers"].append(last)
    answer = client.post(reverse("desk_grid_units", args=[cell.pk]), sent | {"q": "乙2"})
    assert answer.status_code == 302
    assert firms(cell) == {one.name for one in held} | {"江城博远电子有限公司", "乙2商行"}
    nothing = page(client, cell, **filled(page(client, cell)), q="没有的", find="1")
    assert "没有名称相符的" in nothing


def test_what_another_officer_changed_meanwhile_stays(world: World, signed_in: SignIn) -> None:
    cell, client, own = scene.cell(world, "pier"), signed_in("east_officer"), world.actor("east_officer")
    left, came = new_firm("丙商行"), new_firm("丁商行")
    grid.set_units(own, cell=cell, employers=[world.employers["alpha"], left])
    sent = filled(page(client, cell))
    grid.set_units(own, cell=cell, employers=[world.employers["alpha"], came])
    client.post(reverse("desk_grid_units", args=[cell.pk]), sent)
    assert firms(cell) == {"江城安达快递有限公司", "丁商行"}


def test_a_firm_that_moved_away_is_still_offered(world: World, signed_in: SignIn) -> None:
    cell = scene.cell(world, "pier")
    GridUnit.objects.everywhere(reason=WHY).filter(cell=cell).update(employer=world.employers["delta"])
    sent = filled(page(signed_in("east_officer"), cell))
    assert sent["employers"] == [str(world.employers["delta"].pk)]


def test_a_post_that_says_nothing_removes_nothing(world: World, signed_in: SignIn) -> None:
    cell, client = scene.cell(world, "pier"), signed_in("east_officer")
    address = reverse("desk_grid_units", args=[cell.pk])
    client.post(address, {})
    assert firms(cell) == {"江城安达快递有限公司"}
    client.post(address, filled(page(client, cell)) | {"employers": []})
    assert firms(cell) == set(), "all were taken out"
    strange = client.post(
        address, {"employers": [str(world.employers["gamma"].pk)], "stood": "x,9" + "9" * 30}
    )
    assert strange.status_code == 422, "of another district"


def test_a_cell_of_many_firms_tells_how_many_and_shows_all(
    world: World, signed_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Cell, "FIRMS", 2)
    cell, client = scene.cell(world, "pier"), signed_in("east_officer")
    held = [world.employers["alpha"], *(new_firm(f"甲{number}商行") for number in range(3))]
    grid.set_units(world.actor("east_officer"), cell=cell, employers=held)
    address = reverse("desk_grid_cell", args=[cell.pk])
    pages = [client.get(address, {"page": number}).content.decode() for number in (1, 2)]
    for html in pages:
        assert "共 <b>4</b> 个" in html
    for one in held:
        assert sum(one.name in html for html in pages) == 1
    assert "?page=2" in pages[0]


@pytest.mark.django_db(transaction=True)
def test_two_officers_who_put_a_firm_into_two_cells_at_once_leave_it_in_one(world: World) -> None:
    officer, beta = world.actor("east_officer"), world.employers["beta"]
    one = scene.cell(world, "pier")
    other = GridCell.objects.create(
        code="X2", name="第二网格", organisation=world.unions["pier"], division="420103001"
    )

    def put(cell: GridCell) -> Verb:
        return lambda: grid.set_units(officer, cell=cell, employers=[beta], stood=[])

    assert answers(put(one), put(other)) == ["", ""]
    assert (firms(one), firms(other)) == ({"江城安达快递有限公司"}, {"江城博远电子有限公司"})
