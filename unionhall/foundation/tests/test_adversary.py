"""Addresses that no browser makes are answered in words, not with a fault of the site."""

from urllib.parse import urlencode

import pytest
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.views.decorators.csrf import csrf_exempt

from tests.architecture.page_faults import faults
from unionhall.foundation.middleware import ZeroByteMiddleware


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/orgs/?q=%00", "/orgs/?after=a%00", "/desk/search/?q=%00", "/a%00b/"])
def test_a_zero_byte_is_a_bad_request(client: Client, address: str) -> None:
    answer = client.get(address)
    assert answer.status_code == 400
    assert "请求有误" in answer.content.decode()
    assert faults(answer, signed_in=False) == []


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/notices/GS1/object/", "/desk/search/", "/sign-in/"])
@pytest.mark.parametrize("encoded", [True, False])
def test_a_zero_byte_in_a_form_is_a_bad_request(client: Client, address: str, encoded: bool) -> None:
    sent = {"q": "张三", "text": "a\0b"}
    if encoded:
        answer = client.post(address, urlencode(sent), content_type="application/x-www-form-urlencoded")
    else:
        answer = client.post(address, sent)  # in parts, as with files
    assert answer.status_code == 400
    assert "请求有误" in answer.content.decode()
    assert faults(answer, signed_in=False) == []


def test_a_body_that_a_view_reads_itself_is_left_alone() -> None:
    @csrf_exempt
    def takes_large_files(request: object) -> HttpResponse:
        return HttpResponse()

    request = RequestFactory().post("/api/v1/rosters/", {"text": "a\0b"})
    looks = ZeroByteMiddleware(takes_large_files)
    assert looks.process_view(request, takes_large_files, (), {}) is None
    assert request.body, "not parsed, so it can still be read"
