"""Addresses that no browser makes are answered in words, not with a fault of the site."""

import pytest
from django.test import Client

from tests.architecture.page_faults import faults


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/orgs/?q=%00", "/orgs/?after=a%00", "/desk/search/?q=%00", "/a%00b/"])
def test_a_zero_byte_is_a_bad_request(client: Client, address: str) -> None:
    answer = client.get(address)
    assert answer.status_code == 400
    assert "请求有误" in answer.content.decode()
    assert faults(answer, signed_in=False) == []
