"""Figures and papers of legal aid: what is counted, what the application form and the decision say."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable

import pytest
from django.db.backends.postgresql.psycopg_any import DateRange
from django.test import Client
from django.urls import reverse

from tests.world import World
from unionhall.cases.actions import aid, aid_rating, core
from unionhall.cases.documents import preview, templates_for
from unionhall.cases.models import FirmCounsel
from unionhall.cases.tests.aid import applied, body, lawyer, officer
from unionhall.cases.tests.test_aid import closed
from unionhall.foundation.errors import Refused
from unionhall.indicators import registry
from unionhall.insights.drilling import Place

pytestmark = pytest.mark.django_db


def test_each_figure_is_the_list_it_leads_to(world: World, signed_in: Callable[[str], Client]) -> None:
    one = closed(world)
    aid_rating.rate(world.actor("worker_alpha"), case=one.aid.case, grade=5)
    found = applied(world, cause="injury")
    aid.ask_more(officer(world), case=found.case, lacking=["病历"])
    where = Place(world.unions["river_city"], None, world.actor("river_rights").access)
    codes = [one.code for one in registry.all_indicators() if one.code.startswith("cases.legal_aid")]
    values = registry.values(codes, where)
    assert values == {
        "cases.legal_aid": 2, "cases.legal_aid_open": 1, "cases.legal_aid_late": 0, "cases.legal_aid_decided": 1,
        "cases.legal_aid_decided_in_time": 1, "cases.legal_aid_assigned": 1, "cases.legal_aid_assigned_in_time": 1,
        "cases.legal_aid_closed": 1, "cases.legal_aid_rated": 1, "cases.legal_aid_satisfied": 1,
        "cases.legal_aid_recovered": 24000,
    }  # fmt: skip
    client = signed_in("river_rights")
    for code in codes:
        if code == "cases.legal_aid_recovered":
            continue
        query = {"under": world.unions["east"].code, **registry.get(code).list_query}
        assert client.get(reverse("desk_aid"), query).context["total"] == values[code], code
    assert client.get(reverse("desk_aid"), {"under": world.unions["west"].code}).context["total"] == 0
    assert dict(registry.breakdown("cases.legal_aid", where, "cause")) == {"wages": 1, "injury": 1}


def test_coverage_of_unions_and_of_firms(world: World) -> None:
    place = body(world)
    FirmCounsel.objects.create(
        lawyer=lawyer(world), employer=world.employers["alpha"], organisation=world.unions["river_city"],
        period=DateRange(place.since, None),
    )  # fmt: skip
    where = Place(world.unions["river_city"], None, world.actor("river_rights").access)
    codes = ["cases.aid_seats", "cases.aid_seats_covered", "cases.firms", "cases.firms_counselled"]
    assert list(registry.values(codes, where).values()) == [3, 1, 3, 1]


def text_of(docx: bytes) -> str:
    return zipfile.ZipFile(io.BytesIO(docx)).read("word/document.xml").decode()


def test_the_application_form_says_what_was_asked_and_no_numbers(world: World) -> None:
    case = applied(world).case
    said = text_of(preview(case, "aid_application")[0])
    for wanted in (case.number, "张海林", "支付劳动报酬", "仲裁代理", "24,000.00"):
        assert wanted in said
    assert world.people["alpha_1"].id_number.reveal() not in said


def test_papers_fit_where_the_case_stands(world: World) -> None:
    case = applied(world).case
    codes = {one.code for one in templates_for(case)}
    assert "aid_application" in codes
    assert not codes & {"aid_decision", "aid_refusal", "aid_assignment"}
    aid.decide(officer(world), case=case, granted=True)
    case = core.lock(case.pk)
    assert "aid_decision" in {one.code for one in templates_for(case)}
    said = text_of(preview(case, "aid_decision")[0])
    assert "免予核查经济困难状况" in said
    with pytest.raises(Refused, match="理由"):
        preview(case, "aid_refusal")
