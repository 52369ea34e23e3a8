"""我的办件 and 进度查询: only what is mine; state and date for anyone; nothing else."""

from collections.abc import Callable
from io import BytesIO

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.world import World
from unionhall.records import attachments
from unionhall.records.models import JournalEntry
from unionhall.reviews import actions
from unionhall.reviews.models import Review, ReviewEvent
from unionhall.reviews.views.public import PER_MINUTE

from .matters import Submit, fresh, step_of

SignIn = Callable[[str], Client]
pytestmark = pytest.mark.usefixtures("trial")


def test_the_list_holds_mine_and_what_concerns_me(signed_in: SignIn, submit: Submit, world: World) -> None:
    mine, foreign = submit(), submit(by="worker_beta")
    filed = submit(by="officer_alpha", concerns=world.accounts["worker_alpha"].pk)
    page = signed_in("worker_alpha").get("/m/applications/").content.decode()
    assert mine.number in page
    assert filed.number in page
    assert foreign.number not in page


def test_an_empty_list_says_what_to_do(signed_in: SignIn) -> None:
    page = signed_in("worker_outside").get("/m/applications/").content.decode()
    assert "您还没有提交过申请" in page


def test_the_list_costs_the_same_for_one_row_and_for_three(signed_in: SignIn, submit: Submit) -> None:
    client, counts = signed_in("worker_alpha"), []
    for more in (1, 2):
        for _ in range(more):
            submit()
        client.get("/m/applications/")
        with CaptureQueriesContext(connection) as queries:
            client.get("/m/applications/")
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 9


@pytest.mark.parametrize("address", ["", "withdraw/", "supplement/"])
@pytest.mark.parametrize("who", ["worker_beta", "chair_gamma", "chair_alpha"])
def test_another_persons_matter_is_not_found(
    signed_in: SignIn, submit: Submit, address: str, who: str
) -> None:
    assert signed_in(who).get(f"/m/applications/{submit().number}/{address}").status_code == 404


def test_the_page_says_who_handles_it_and_by_when_without_names(signed_in: SignIn, submit: Submit) -> None:
    review = submit()
    page = signed_in("worker_alpha").get(f"/m/applications/{review.number}/").content.decode()
    assert "由江城安达快递有限公司工会委员会办理" in page
    assert "个工作日" in page
    assert "本人" in page
    assert "撤回申请" in page


def test_returned_completed_approved(signed_in: SignIn, submit: Submit, world: World) -> None:
    review, worker = submit(), signed_in("worker_alpha")
    actions.return_for_completion(
        world.actor("chair_alpha"), step=step_of(review), opinion="劳动合同首页不清晰"
    )
    page = worker.get(f"/m/applications/{review.number}/").content.decode()
    assert "劳动合同首页不清晰" in page
    assert "已暂停计时" in page
    address = f"/m/applications/{review.number}/supplement/"
    assert "劳动合同首页不清晰" in worker.get(address).content.decode()
    empty = worker.post(address, {"note": " "})
    assert empty.status_code == 422
    assert "请填写补正说明" in empty.content.decode()
    assert worker.post(address, {"note": "已重新拍照"}).status_code == 302
    assert fresh(review).state == Review.State.PENDING
    again = worker.post(address, {"note": "再补一次"})
    assert again.status_code == 422
    assert "没有要求补正" in again.content.decode()


def named(content: bytes, name: str) -> BytesIO:
    file = BytesIO(content)
    file.name = name
    return file


def test_a_file_travels_sealed_to_the_reviewer_and_opening_is_journalled(
    signed_in: SignIn, submit: Submit, world: World
) -> None:
    review = submit()
    actions.return_for_completion(world.actor("chair_alpha"), step=step_of(review), opinion="缺合同")
    content = b"%PDF-1.7 contract\n%%EOF\n"
    worker = signed_in("worker_alpha")
    worker.post(f"/m/applications/{review.number}/supplement/", {"file": named(content, "合同.pdf")})
    event = ReviewEvent.objects.everywhere(reason="test").get(review=review, verb="supplemented")
    mine = worker.get(f"/m/applications/{review.number}/files/{event.pk}/")
    assert b"".join(mine.streaming_content) == content  # type: ignore[attr-defined]
    chair = signed_in("chair_alpha")
    assert "合同.pdf" in chair.get(f"/desk/reviews/{review.number}/").content.decode()
    answer = chair.get(f"/desk/reviews/{review.number}/files/{event.pk}/")
    assert b"".join(answer.streaming_content) == content  # type: ignore[attr-defined]
    assert answer["Content-Disposition"].startswith("attachment")
    assert chair.get(f"/desk/attachments/{event.attachment_id}/").status_code == 404, "only the matter has it"
    assert "reviews.supplement" in attachments.guarded(), "what windows stored before"
    opened = JournalEntry.objects.everywhere(reason="test").filter(action="reviews.open_file")
    assert opened.count() == 2
    other = signed_in("chair_gamma")
    assert other.get(f"/desk/reviews/{review.number}/files/{event.pk}/").status_code == 404
    assert other.get(f"/m/applications/{review.number}/files/{event.pk}/").status_code == 404


@pytest.mark.parametrize(
    ("content", "name", "words"),
    [
        (b"MZ", "病毒.exe", "请上传 PDF"),
        (b"MZ-not-a-picture", "照片.jpg", "与扩展名不符"),
        (b"%PDF-" + b"0" * (10 * 1024 * 1024), "大.pdf", "超过 10 MB"),
    ],
)
def test_a_wrong_file_is_refused_in_words(
    signed_in: SignIn, submit: Submit, world: World, content: bytes, name: str, words: str
) -> None:
    review = submit()
    actions.return_for_completion(world.actor("chair_alpha"), step=step_of(review), opinion="缺合同")
    answer = signed_in("worker_alpha").post(
        f"/m/applications/{review.number}/supplement/", {"file": named(content, name)}
    )
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert fresh(review).state == Review.State.RETURNED


def test_withdrawing_through_the_page(signed_in: SignIn, submit: Submit) -> None:
    review, worker = submit(), signed_in("worker_alpha")
    address = f"/m/applications/{review.number}/withdraw/"
    assert worker.post(address, {"reason": ""}).status_code == 422
    assert worker.post(address, {"reason": "换单位了"})["Location"] == f"/m/applications/{review.number}/"
    assert fresh(review).state == Review.State.WITHDRAWN
    assert "撤回申请" not in worker.get(f"/m/applications/{review.number}/").content.decode()


def test_progress_tells_state_and_date_and_nothing_about_anyone(client: Client, submit: Submit) -> None:
    cache.clear()
    review = submit(title="张海林的申请")
    page = client.post("/progress/", {"number": f" {review.number.lower()} "}).content.decode()
    assert "试办事项" in page
    assert "审核中" in page
    assert "个工作日" in page
    for hidden in ("张海林", "安达", "基层工会主席", "环节1"):
        assert hidden not in page
    assert "没有找到" in client.post("/progress/", {"number": "SB2026010199999"}).content.decode()
    assert client.get("/progress/").status_code == 200
    assert client.post("/progress/", {"number": ""}).status_code == 422


def test_numbers_cannot_be_walked_through(client: Client, submit: Submit) -> None:
    cache.clear()
    number = submit().number
    answers = [client.post("/progress/", {"number": number}).status_code for _ in range(PER_MINUTE + 3)]
    assert answers.count(200) in range(PER_MINUTE, PER_MINUTE + 3)
    assert answers[-1] == 429 or 429 in answers
