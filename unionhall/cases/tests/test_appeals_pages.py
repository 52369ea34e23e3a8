"""Pages of appeals: the worker's questions, the public form, the desk's list and case, the hotline's lists."""

import re
from collections.abc import Callable
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests.world import World
from unionhall.cases.actions import appeals, core
from unionhall.cases.models import Case, HotlineRow
from unionhall.cases.tests.test_appeals import answered, filed, matter
from unionhall.cases.tests.test_hotline import work_off
from unionhall.foundation.actors import Actor
from unionhall.records.models import JournalEntry

SignIn = Callable[[str], Client]
WHY = "test"
WAV = b"RIFF\x00\x00\x00\x00WAVEfmt "


@pytest.fixture
def worker(client: Client, world: World) -> Client:
    client.force_login(world.accounts["worker_alpha"], backend="unionhall.access.backends.DeskBackend")
    return client


def latest() -> Case:
    return Case.objects.everywhere(reason=WHY).latest("pk")


def answer_questions(client: Client, identity: str = "named") -> None:
    what = {"cause": "wage", "statement": "三个月没发工资", "urgent": "on"}
    client.post(reverse("m_help_what"), what)
    client.post(reverse("m_help_where"), {"handler": "upper", "employer_name": "江城安达快递有限公司"})
    client.post(reverse("m_help_who"), {"anonymous": identity, "phone": "13800001234"})


def test_a_worker_files_one_question_at_a_time_and_the_draft_survives(worker: Client, world: World) -> None:
    assert worker.get(reverse("m_help_check")).url == reverse("m_help_what")  # type: ignore[attr-defined]
    answer_questions(worker)
    worker.logout()
    worker.force_login(world.accounts["worker_alpha"], backend="unionhall.access.backends.DeskBackend")
    page = worker.get(reverse("m_help_check")).content.decode()
    assert "三个月没发工资" in page
    assert "码头街道总工会" in page
    photo = SimpleUploadedFile("工资条.wav", WAV, content_type="audio/wav")
    done = worker.post(reverse("m_help_check"), {"file": photo}, follow=True).content.decode()
    case = latest()
    assert case.number in done
    assert (case.organisation, case.employer, case.grade) == (
        world.unions["pier"], world.employers["alpha"], "urgent",
    )  # fmt: skip
    assert case.files.count() == 1
    assert case.number in worker.get(reverse("m_help")).content.decode()
    page = worker.get(reverse("m_help_case", args=[case.number])).content.decode()
    assert "三个月没发工资" in page
    file = case.files.get()
    paper = worker.get(reverse("m_help_file", args=[case.number, file.pk]))
    assert b"".join(paper).startswith(b"RIFF")


def test_filed_anonymously_only_number_and_code_open_it(worker: Client, world: World) -> None:
    answer_questions(worker, "anonymous")
    done = worker.post(reverse("m_help_check"), {}, follow=True).content.decode()
    case = latest()
    code = re.search(r"[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}", done)
    assert code is not None
    assert (case.is_anonymous, case.filed_by_id) == (True, None)
    assert worker.get(reverse("m_help_case", args=[case.number])).status_code == 404
    assert "只显示这一次" not in worker.get(reverse("m_help_done")).content.decode()
    stranger = Client()
    opened = reverse("public_feedback_open")
    assert stranger.get(reverse("public_feedback_case")).url == opened  # type: ignore[attr-defined]
    assert stranger.post(opened, {"number": case.number, "code": "AAAA-BBBB-CCCC"}).status_code == 422
    page = stranger.post(opened, {"number": case.number.lower(), "code": code[0].lower()}, follow=True)
    assert "三个月没发工资" in page.content.decode()
    officer = world.actor("pier_officer")
    core.move(officer, case, "accept")
    core.move(officer, case, "answer", opinion="已责令补发")
    page = stranger.get(reverse("public_feedback_case")).content.decode()  # type: ignore[assignment]
    assert "已责令补发" in page
    stranger.post(
        reverse("public_feedback_case"), {"rate-rating": "1", "rate-comment": "没有发", "rate": "1"}
    )
    case.refresh_from_db()
    assert case.state == "call_back"


def test_anyone_speaks_in_public_and_is_throttled(client: Client, world: World) -> None:
    given = {"division": "420103", "cause": "hours", "statement": "每天加班四小时"}
    page = client.post(reverse("public_feedback"), given, follow=True).content.decode()
    case = latest()
    assert (case.organisation, case.is_anonymous) == (world.unions["east"], True)
    assert case.number in page
    assert client.post(reverse("public_feedback"), {**given, "division": ""}).status_code == 422
    for _ in range(10):
        client.post(reverse("public_feedback_open"), {"number": "SQ1", "code": "X"})
    answer = client.post(reverse("public_feedback_open"), {"number": "SQ1", "code": "X"})
    assert "太频繁" in answer.content.decode()


def test_the_progress_page_knows_number_and_code(client: Client, world: World) -> None:
    made = appeals.file_public(Actor(None, "访客"), matter(world))
    url = reverse("public_progress")
    given = {"number": made.case.number, "code": made.code}
    answer = client.post(url, given)
    assert "待分办" in answer.content.decode()
    assert "no-store" in answer["Cache-Control"]
    page = client.get(url, given).content.decode()  # an old link: its code is not read
    assert made.case.number in page
    assert made.code not in page
    assert "待分办" not in page
    assert Client(enforce_csrf_checks=True).post(url, given).status_code == 403
    for code in ("", "AAAABBBBCCCC"):
        page = client.post(url, {"number": made.case.number, "code": code}).content.decode()
        assert "没有找到" in page


def test_the_worker_rates_and_the_desk_sees_the_call_back(worker: Client, world: World) -> None:
    case = answered(world)
    page = worker.get(reverse("m_help_rate", args=[case.number])).content.decode()
    assert "非常不满意" in page
    worker.post(reverse("m_help_rate", args=[case.number]), {"rating": "2", "comment": "还差一个月"})
    case.refresh_from_db()
    assert case.state == "call_back"
    desk = Client()
    desk.force_login(world.accounts["pier_officer"], backend="unionhall.access.backends.DeskBackend")
    page = desk.get(reverse("desk_case", args=[case.number])).content.decode()
    assert "回访" in page
    assert "不满意" in page


def test_the_desk_answers_with_the_general_form(signed_in: SignIn, world: World) -> None:
    case, client = filed(world).case, signed_in("pier_officer")
    url = reverse("desk_case", args=[case.number])
    assert client.post(url, {"move": "accept", "opinion": ""}).status_code == 302
    assert client.post(url, {"move": "answer", "opinion": ""}).status_code == 422
    assert client.post(url, {"move": "merge", "opinion": "x"}).status_code == 422
    assert client.post(url, {"move": "answer", "opinion": "已解决"}).status_code == 302
    case.refresh_from_db()
    assert case.state == "answered"


def test_the_list_filters_and_costs_the_same_for_one_and_three(
    signed_in: SignIn, world: World, django_assert_max_num_queries: Callable[[int], object]
) -> None:
    client, url = signed_in("pier_officer"), reverse("desk_cases")
    case = filed(world).case
    assert case.number in client.get(url).content.decode()
    for _ in range(2):
        filed(world)
    with django_assert_max_num_queries(26):  # type: ignore[attr-defined]
        page = client.get(url).content.decode()
    assert "3" in page
    assert case.number in client.get(url, {"q": "没发工资"}).content.decode()
    assert case.number not in client.get(url, {"q": "工伤"}).content.decode()
    assert case.number not in client.get(url, {"kind": "dispute"}).content.decode()
    assert case.number not in client.get(url, {"owner": "mine"}).content.decode()
    assert client.get(url, {"after": "x"}).status_code == 404
    assert signed_in("chair_beta").get(url).content.decode().count(case.number) == 0


def test_pages_follow_each_other_by_key(
    signed_in: SignIn, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    from unionhall.cases.views.cases_list import CaseList

    monkeypatch.setattr(CaseList, "page_size", 2)
    numbers = [filed(world).case.number for _ in range(5)]
    client, url, seen = signed_in("pier_officer"), reverse("desk_cases"), []
    page = client.get(url)
    while page.context["next_url"]:
        seen += [row["case"].number for row in page.context["rows"]]
        page = client.get(reverse("desk_cases") + page.context["next_url"])
    seen += [row["case"].number for row in page.context["rows"]]
    assert seen == numbers
    back = client.get(reverse("desk_cases") + page.context["previous_url"])
    assert [row["case"].number for row in back.context["rows"]] == numbers[2:4]


def test_many_are_given_an_owner_by_row(signed_in: SignIn, world: World) -> None:
    good, bad = filed(world).case, filed(world, organisation=world.unions["hill"]).case
    client = signed_in("river_officer")
    answer = client.post(
        reverse("desk_cases_batch"), {"selected": [good.pk, bad.pk], "action": "auto"}
    ).content.decode()
    good.refresh_from_db()
    assert good.owner == world.accounts["pier_officer"]
    assert bad.number in answer
    assert client.post(reverse("desk_cases_batch"), {"action": "auto"}).status_code == 422


@pytest.mark.parametrize("name", ["assign", "hand_over", "link", "note", "file_new", "grade", "contact"])
def test_the_acts_of_a_handler_open_for_him_only(signed_in: SignIn, world: World, name: str) -> None:
    case = filed(world, contact={"phone": "13800001234"}).case
    url = reverse(f"desk_case_{name}", args=[case.number])
    assert signed_in("chair_alpha").get(url).status_code == 404
    assert signed_in("pier_officer").get(url).status_code == 200


def test_acts_are_done(signed_in: SignIn, world: World) -> None:
    case, other = filed(world, contact={"phone": "13800001234"}).case, filed(world).case
    client = signed_in("pier_officer")

    def post(name: str, **given: object) -> str:
        answer = client.post(reverse(f"desk_case_{name}", args=[case.number]), given)
        return str(answer.status_code) + answer.content.decode()

    assert post("link", number=other.number, bond="related").startswith("302")
    assert post("note", role="note", body="电话问过单位").startswith("302")
    assert post("grade", grade="urgent", because="有人受伤").startswith("302")
    assert post("file_new", file=SimpleUploadedFile("录音.wav", WAV), label="现场").startswith("302")
    assert "13800001234" in post("contact", reason="回电")
    me = str(world.accounts["pier_officer"].pk)
    assert post("assign", account=me, because="熟悉情况").startswith("302")
    file = case.files.get()
    paper = client.get(reverse("desk_case_file", args=[case.number, file.pk]))
    assert paper["Content-Disposition"].startswith("attachment")
    assert JournalEntry.objects.everywhere(reason=WHY).filter(action="cases.file_opened").count() == 1
    page = client.get(reverse("desk_case", args=[case.number])).content.decode()
    for word in ("电话问过单位", "现场", other.number, "紧急", "熟悉情况"):
        assert word in page
    assert post("hand_over", union=world.unions["hill"].code, reason="单位在山前").startswith("302")
    assert client.get(reverse("desk_case", args=[case.number])).status_code == 404


def test_the_desk_registers_a_letter(signed_in: SignIn, world: World) -> None:
    client = signed_in("clerk")
    given = {
        "union": world.unions["pier"].pk, "channel": "1", "cause": "safety", "statement": "车间没有防护",
        "headcount": "30", "representatives": "甲 乙 丙 丁 戊 己", "name": "赵六", "phone": "",
    }  # fmt: skip
    answer = client.post(reverse("desk_appeal_new"), given)
    assert "不超过 5 人" in answer.content.decode()
    answer = client.post(reverse("desk_appeal_new"), given | {"representatives": "甲 乙"}, follow=True)
    assert "查询码" in answer.content.decode()
    assert latest().parties.count() == 2


def test_one_is_merged_into_another_on_the_page(signed_in: SignIn, world: World) -> None:
    one, other = filed(world).case, filed(world).case
    client = signed_in("pier_officer")
    client.post(reverse("desk_appeal_merge", args=[one.number]), {"number": other.number, "reason": "同一件"})
    one.refresh_from_db()
    assert one.state == "merged"


def sheet(*rows: str) -> SimpleUploadedFile:
    text = "\n".join(["工单号,来电时间,反映内容,事由,姓名,电话,地区代码", *rows])
    return SimpleUploadedFile("12351.csv", text.encode(), content_type="text/csv")


def test_a_hotline_list_is_looked_at_taken_once_and_its_faults_go_back(
    signed_in: SignIn, world: World
) -> None:
    client, today = signed_in("river_officer"), timezone.localdate()
    rows = (
        f"HX001,{today},老板跑了,工资报酬,钱七,13800001234,420103",
        f"HX002,{today},,工资报酬,,,",
        f"HX003,{today},食堂太贵,其他,,,",
        f"HX003,{today},食堂太贵,其他,,,",
        f"HX004,{today},吵,噪声,,,",
    )
    answer = client.post(reverse("desk_hotline_new"), {"file": sheet(*rows)}, follow=True)
    page, place = answer.content.decode(), answer.redirect_chain[-1][0]
    assert "13800001234" not in page
    assert list(HotlineRow.objects.everywhere(reason=WHY).order_by("row").values_list("fate", flat=True)) == [
        "new", "fault", "new", "fault", "fault",
    ]  # fmt: skip
    assert "正在登记" in client.post(place, follow=True).content.decode()
    work_off()
    assert "已导入" in client.get(place).content.decode()
    first = Case.objects.everywhere(reason=WHY).get(appeal__source_number="HX001")
    assert (first.organisation, first.channel, first.filed_by) == (world.unions["east"], "5", "钱*")
    import polars as pl

    workbook = client.get(f"{place}faults/").content
    table = pl.read_excel(BytesIO(workbook), engine="calamine")
    assert table.columns[:3] == ["工单号", "来电时间", "反映内容"]
    assert table["工单号"].to_list() == ["HX002", "HX003", "HX004"]
    assert "空" in table["错误说明"][0]
    again = client.post(reverse("desk_hotline_new"), {"file": sheet(*rows)}, follow=True)
    place = again.redirect_chain[-1][0]
    client.post(place)
    work_off()
    assert Case.objects.everywhere(reason=WHY).filter(channel="5").count() == 2


def test_a_list_without_its_columns_is_refused(signed_in: SignIn, world: World) -> None:
    file = SimpleUploadedFile("a.csv", "姓名,电话\n张,1\n".encode(), content_type="text/csv")
    answer = signed_in("river_officer").post(reverse("desk_hotline_new"), {"file": file})
    assert answer.status_code == 422
    assert "“工单号”" in answer.content.decode()
