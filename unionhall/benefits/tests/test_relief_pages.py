"""Pages of relief: the worker's five questions with a draft, the desk's list, file and verbs, what is hidden."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db.backends.postgresql.psycopg_any import DateRange
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests.world import World
from unionhall.benefits.actions import relief
from unionhall.benefits.models import (
    Aid,
    CivilCheck,
    HardshipFile,
    HardshipPaper,
    HardshipVisit,
    HelperAssignment,
)
from unionhall.members.models import Employment, HouseholdMember
from unionhall.records.drafts import papers_of
from unionhall.records.models import Draft, JournalEntry

from . import relief as scene
from .test_relief_aids import fake_filed

pytestmark = pytest.mark.django_db
SignIn = Callable[[str], Client]
WHY = "test"


def page(client: Client, name: str, *args: object, status: int = 200) -> str:
    answer = client.get(reverse(name, args=args))
    assert answer.status_code == status, answer.content.decode()[:2000]
    return answer.content.decode()


def send(client: Client, name: str, given: Mapping[str, object], *args: object, status: int = 302) -> str:
    answer = client.post(reverse(name, args=args), given)
    assert answer.status_code == status, answer.content.decode()[:4000]
    return str(answer.headers.get("Location", "")) or answer.content.decode()


def test_the_five_questions(world: World, signed_in: SignIn) -> None:
    client = signed_in("worker_alpha")
    assert "开始申请" in page(client, "m_relief")
    assert "不同意就不能申请" in send(client, "m_relief_consent", {}, status=422)
    assert send(client, "m_relief_consent", {"agreed": "on"}).endswith("/family/")
    wrong = {"name": "张小雨", "relation": "3", "id_number": "420103201003040021"}
    assert "身份证" in send(client, "m_relief_family", wrong, status=422)
    child = {"name": "张小雨", "relation": "3", "id_number": scene.child_number(world)}
    send(client, "m_relief_family", child)
    assert "已经在家庭成员里" in send(client, "m_relief_family", child, status=422)
    shown = page(client, "m_relief_family")
    assert "张小雨" in shown
    assert scene.child_number(world) not in shown, "masked once it is written"
    send(client, "m_relief_family", {"remove": "0"})
    assert "张小雨" not in page(client, "m_relief_family")
    send(client, "m_relief_family", child)
    assert send(client, "m_relief_family", {"onward": "1"}).endswith("/money/")
    sums = {"income_self": "18000", "expense_self": "6000", "health_self": "chronic"}
    sums |= {"income_d0": "0", "expense_d0": "0", "health_d0": "good"}
    assert send(client, "m_relief_money", sums).endswith("/situation/")
    told = {"main_cause": "illness", "housing": "rented", "loss": "0", "statement": "独自抚养女儿"}
    assert send(client, "m_relief_situation", told).endswith("/papers/")
    word = SimpleUploadedFile("工资.txt", b"1800", "text/plain")
    assert "PDF、JPG 或 PNG" in send(client, "m_relief_papers", {"code": "income", "file": word}, status=422)
    for name in ("工资单.pdf", "重复.pdf"):
        scan = SimpleUploadedFile(name, b"%PDF-1.4\nwages\n%%EOF", "application/pdf")
        send(client, "m_relief_papers", {"code": "income", "file": scan})
    assert "已上传 2 个" in page(client, "m_relief_papers")
    second = papers_of(world.accounts["worker_alpha"].pk, "hardship_relief")[1]
    send(client, "m_relief_papers", {"remove": second.pk})
    assert send(client, "m_relief_papers", {"onward": "1"}).endswith("/check/")
    client.logout()
    draft = Draft.objects.everywhere(reason=WHY).get()
    assert b"18000" not in bytes(draft.answers.blob), "the draft is sealed and survives signing out"
    client = signed_in("worker_alpha")
    shown = page(client, "m_relief_check")
    assert "符合困难标准" in shown
    assert "18,000.00" in shown
    assert send(client, "m_relief_check", {}).endswith("/done/")
    file = HardshipFile.objects.everywhere(reason=WHY).get()
    assert file.category == "deep"
    done = page(client, "m_relief_done")
    number = file.review.number
    assert number in done
    assert "工会主席" in done
    assert "申请初审" in page(client, "m_relief_file")
    assert "查看进度" in page(client, "m_relief")
    assert not Draft.objects.everywhere(reason=WHY).exists()
    paper = HardshipPaper.objects.everywhere(reason=WHY).select_related("attachment").get()
    assert (paper.label, paper.attachment.name, paper.attachment.expires_at) == (
        "家庭成员收入证明",
        "工资单.pdf",
        None,
    )


def test_papers_are_added_later_and_opened_by_who_decides(world: World, signed_in: SignIn) -> None:
    file = scene.applied(world)
    own = signed_in("worker_alpha")
    assert "补充材料" in page(own, "m_relief_file")
    scan = SimpleUploadedFile("病历.pdf", b"%PDF-1.4\nill\n%%EOF", "application/pdf")
    send(own, "m_relief_paper_new", {"code": "expense", "file": scan})
    paper = HardshipPaper.objects.everywhere(reason=WHY).get()
    assert "病历.pdf" in page(own, "m_relief_file")
    assert b"ill" in b"".join(own.get(reverse("m_relief_paper", args=[paper.pk])))
    assert signed_in("worker_beta").get(reverse("m_relief_paper", args=[paper.pk])).status_code == 404
    desk, where = signed_in("chair_alpha"), reverse("desk_relief_paper", args=[paper.pk])
    assert where in page(desk, "desk_relief_file", file.pk)
    assert "刚性支出凭证" in page(desk, "desk_review", file.review.number)
    assert b"ill" in b"".join(desk.get(where))
    opened = JournalEntry.objects.everywhere(reason=WHY).filter(action="benefits.relief_paper_opened")
    assert opened.filter(actor_id=world.accounts["chair_alpha"].pk).get().detail["code"] == "expense"
    assert desk.get(reverse("desk_attachment", args=[paper.attachment_id])).status_code == 404
    auditor = signed_in("auditor")
    assert where not in page(auditor, "desk_relief_file", file.pk)
    assert auditor.get(where).status_code == 403
    HardshipFile.objects.everywhere(reason=WHY).filter(pk=file.pk).update(stage="approved")
    again = SimpleUploadedFile("病历.pdf", b"%PDF-1.4\nill\n%%EOF", "application/pdf")
    own = signed_in("worker_alpha")
    assert "没有正在办理" in send(own, "m_relief_paper_new", {"code": "expense", "file": again}, status=422)


def test_what_the_register_knows_is_not_asked_again(world: World, signed_in: SignIn) -> None:
    from unionhall.members.tests.test_households import marry

    marry(world, "alpha_1", "beta_2")
    client = signed_in("worker_alpha")
    send(client, "m_relief_consent", {"agreed": "on"})
    shown = page(client, "m_relief_family")
    assert "张海燕" in shown
    assert "已登记，不用再填" in shown
    send(client, "m_relief_family", {"onward": "1"})
    spouse = HouseholdMember.objects.everywhere(reason=WHY).get(relation="1")
    assert f"income_m{spouse.pk}" in page(client, "m_relief_money")


def test_who_is_no_member_applies_where_the_scheme_asks_for_none(world: World, signed_in: SignIn) -> None:
    client = signed_in("worker_outside")
    assert "选择受理的工会" in page(client, "m_relief")
    page(client, "m_relief_family", status=302)
    assert "请选择地区" in send(client, "m_relief_place", {"handler": "place"}, status=422)
    Employment.objects.create(
        person=world.people["outsider"], employer=world.employers["alpha"], work_unit="安达快递",
        period=DateRange(timezone.localdate() - timedelta(days=90), None),
    )  # fmt: skip
    shown = page(client, "m_relief_place")
    assert world.unions["alpha"].name in shown
    send(client, "m_relief_place", {"handler": "place", "division": "420103"})
    assert f"由{world.unions['east'].name}受理" in page(client, "m_relief")
    send(client, "m_relief_place", {"handler": "employer"})
    assert f"由{world.unions['alpha'].name}受理" in page(client, "m_relief")
    send(client, "m_relief_consent", {"agreed": "on"})
    send(client, "m_relief_family", {"onward": "1"})
    sums = {"income_self": "9000", "expense_self": "3000", "health_self": "good"}
    send(client, "m_relief_money", sums)
    told = {"main_cause": "job", "housing": "rented", "loss": "0", "statement": ""}
    send(client, "m_relief_situation", told)
    send(client, "m_relief_papers", {"onward": "1"})
    assert world.unions["alpha"].name in page(client, "m_relief_check")
    assert send(client, "m_relief_check", {}).endswith("/done/")
    file = HardshipFile.objects.everywhere(reason=WHY).select_related("organisation").get()
    assert (file.person, file.organisation) == (world.people["outsider"], world.unions["alpha"])
    assert "已提交" in page(client, "m_relief_done")
    assert "周平" in page(signed_in("chair_alpha"), "desk_relief")


def test_where_membership_is_asked_one_is_told_to_join(
    world: World, signed_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relief, "asks_membership", lambda union: True)
    client = signed_in("worker_outside")
    send(client, "m_relief_place", {"handler": "place", "division": "420103"})
    assert "只面向工会会员" in page(client, "m_relief")
    page(client, "m_relief_consent", status=302)


def test_the_desk_takes_a_file_all_the_way(world: World, signed_in: SignIn) -> None:
    file = scene.applied(world)
    scene.pass_step(world, file)
    client = signed_in("river_officer")
    assert "张海林" in page(client, "desk_relief")
    scan = SimpleUploadedFile("授权书.pdf", b"%PDF-1.4\nsigned\n%%EOF", "application/pdf")
    visit = {"on": f"{timezone.localdate()}", "visitors": "王主席、李干事", "findings": "租房居住，女儿在读"}
    assert "授权书" in send(client, "desk_relief_visit", visit, file.pk, status=422)
    send(client, "desk_relief_visit", visit | {"authorisation": scan}, file.pk)
    signed = HardshipVisit.objects.everywhere(reason=WHY).get()
    where = reverse("desk_relief_authorisation", args=[signed.pk])
    for who, opens in (("river_officer", True), ("chair_alpha", True), ("auditor", False)):
        reader = signed_in(who)
        shown = page(reader, "desk_relief_file", file.pk)
        assert ("授权书.pdf" in shown, where in shown) == (True, opens), who
        assert reader.get(where).status_code == (200 if opens else 403), who
        assert reader.get(reverse("desk_attachment", args=[signed.authorisation_id])).status_code == 404, who
    opened = JournalEntry.objects.everywhere(reason=WHY).filter(action="benefits.relief_paper_opened")
    assert [one.detail["code"] for one in opened] == ["authorisation"] * 2
    client = signed_in("river_officer")
    where = send(client, "desk_relief_check_new", {"chosen": [file.pk]})
    check = CivilCheck.objects.everywhere(reason=WHY).get()
    assert where.endswith(f"/{check.number}/")
    client.post(reverse("desk_relief_check_download", args=[check.number]))
    opened = JournalEntry.objects.everywhere(reason=WHY).filter(action="benefits.relief_check_opened")
    assert opened.count() == 1
    answer = SimpleUploadedFile("结果.csv", scene.answers(check).getvalue(), "text/csv")
    send(client, "desk_relief_check", {"file": answer}, check.number)
    assert "一致" in page(client, "desk_relief_check", check.number)
    public = {"title": "困难职工建档公示", "chosen": [file.pk]}
    assert "核查环节还没有" in send(client, "desk_relief_publicise", public, status=422)
    scene.pass_step(world, file)
    send(client, "desk_relief_publicise", public)
    assert scene.fresh(file).stage == "publicised"
    scene.let_pass()
    scene.pass_step(world, file)
    scene.budget(world, "temporary_aid")
    assert "8,640.00" in page(client, "desk_relief_aid", file.pk), "what could be granted at most"
    too_much = {"programme": "temporary_aid", "wanted": "3001"}
    assert "3,000.00" in send(client, "desk_relief_aid", too_much, file.pk, status=422)
    send(client, "desk_relief_aid", too_much | {"wanted": "2000"}, file.pk)
    assert Aid.objects.everywhere(reason=WHY).get().amount == 2000
    send(client, "desk_relief_helper", {"account": world.accounts["chair_alpha"].pk}, file.pk)
    assert HelperAssignment.objects.everywhere(reason=WHY).count() == 1
    shown = page(client, "desk_relief_file", file.pk)
    for words in ("临时救助", "帮扶中", "chair_alpha", "入户核查", "深度困难"):
        assert words in shown
    worker = page(signed_in("worker_alpha"), "m_relief_file")
    assert "2,000.00" in worker
    assert "王主席" not in worker.split("办理记录")[0]


@pytest.fixture
def filed(world: World) -> HardshipFile:
    return fake_filed(world)


def test_health_is_revealed_with_a_reason_to_few(
    world: World, filed: HardshipFile, signed_in: SignIn
) -> None:
    for name in ("chair_alpha", "officer_alpha", "auditor"):
        assert "慢性病" not in page(signed_in(name), "desk_relief_file", filed.pk)
    page(signed_in("officer_alpha"), "desk_relief_health", filed.pk, status=403)
    chair = signed_in("chair_alpha")
    assert "至少 4 个字" in send(chair, "desk_relief_health", {"text": "x"}, filed.pk, status=422)
    assert "慢性病" in send(chair, "desk_relief_health", {"text": "核对医疗救助材料"}, filed.pk, status=200)
    assert JournalEntry.objects.everywhere(reason=WHY).filter(action="benefits.relief_revealed").count() == 1


def test_others_see_nothing(world: World, filed: HardshipFile, signed_in: SignIn) -> None:
    page(signed_in("chair_beta"), "desk_relief_file", filed.pk, status=404)
    assert "张海林" not in page(signed_in("chair_beta"), "desk_relief")
    page(signed_in("east_officer"), "desk_relief", status=403)  # an officer of another line of work


def test_lights_filters_and_todo(world: World, filed: HardshipFile, signed_in: SignIn) -> None:
    late = timezone.localdate() - timedelta(days=10)
    HardshipFile.objects.everywhere(reason=WHY).filter(pk=filed.pk).update(visit_due=late, verify_due=late)
    client = signed_in("chair_alpha")
    for query, seen in {
        "due=visit": True,
        "due=visit_soon": False,
        "due=helper": True,
        "stage=watch": False,
    }.items():
        shown = client.get(f"{reverse('desk_relief')}?{query}").content.decode()
        assert ("张海林" in shown) is seen, query
    assert "已逾期" in page(client, "desk_relief") or "逾期" in page(client, "desk_relief")
    assert "困难走访已超期" in page(client, "desk_home")


@pytest.mark.parametrize(("days", "near"), [(7, True), (8, False)])
def test_what_the_todo_counts_is_what_its_link_lists(
    world: World, filed: HardshipFile, signed_in: SignIn, days: int, near: bool
) -> None:
    due = timezone.localdate() + timedelta(days=days)
    HardshipFile.objects.everywhere(reason=WHY).filter(pk=filed.pk).update(visit_due=due)
    client = signed_in("chair_alpha")
    home = page(client, "desk_home")
    assert ("困难走访一周内到期" in home) is near
    link = f"{reverse('desk_relief')}?due=visit_week"
    assert (link in home) is near
    assert ("张海林" in client.get(link).content.decode()) is near


def test_the_list_costs_the_same_with_three(
    world: World, signed_in: SignIn, django_assert_max_num_queries: object
) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    fake_filed(world)
    client = signed_in("river_officer")
    page(client, "desk_relief")
    with CaptureQueriesContext(connection) as one:
        page(client, "desk_relief")
    for who in ("alpha_2", "gamma_1"):
        relief.apply(
            scene.SYSTEM, person=world.people[who], relatives=[], income=Decimal(0), expense=Decimal(0),
            main_cause="job", housing="own",
        )  # fmt: skip
    with CaptureQueriesContext(connection) as three:
        page(client, "desk_relief")
    assert len(three) == len(one)


def test_leaving_and_coming_back_at_the_desk(world: World, filed: HardshipFile, signed_in: SignIn) -> None:
    client = signed_in("river_officer")
    send(client, "desk_relief_exit", {"reason": "employed", "opinion": "已稳定就业"}, filed.pk)
    send(client, "desk_relief_exit_publicise", {}, filed.pk)
    assert "退出公示中" in page(client, "desk_relief_file", filed.pk)
    scene.let_pass()
    assert "观察期" in page(client, "desk_relief_file", filed.pk)
    members = HouseholdMember.objects.everywhere(reason=WHY).filter(household=filed.household)
    again = {"reason": "又失业了", "loss": "0"}
    again |= {f"{name}_{one.pk}": "0" for one in members for name in ("income", "expense")}
    send(client, "desk_relief_reopen", again, filed.pk)
    send(client, "desk_relief_verify", again | {"reason": "情况没有变化"}, filed.pk)
    assert scene.fresh(filed).stage == "approved"


def test_ones_own_copy_holds_the_file(world: World, filed: HardshipFile) -> None:
    from unionhall.portal.own_data import gather

    (row,) = gather(world.accounts["worker_alpha"], world.people["alpha_1"])["困难帮扶"]
    assert (row["健康情况"], row["困难类别"]) == ("慢性病", "深度困难")


def test_aid_without_a_file_where_the_scheme_has_it(world: World, signed_in: SignIn) -> None:
    client, person = signed_in("river_officer"), world.people["alpha_1"]
    assert "没有可以直接发放" in page(client, "desk_relief_unfiled", person.pk)
    world.unions["alpha"].division = "429006"
    world.unions["alpha"].save(update_fields=["division"])
    scene.budget(world, "school_aid")
    given = {"programme": "school_aid", "schooling": "university", "wanted": "4000"}
    send(client, "desk_relief_unfiled", given, person.pk)
    assert Aid.objects.everywhere(reason=WHY).get().file is None
    assert "已享受" in send(client, "desk_relief_unfiled", given, person.pk, status=422)
    assert "未建档帮扶" in page(client, "desk_member", person.pk)
