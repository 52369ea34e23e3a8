"""Which addresses may be pushed to at all."""

from __future__ import annotations

import ipaddress

import pytest

from unionhall.api.webhooks import addresses
from unionhall.foundation.errors import Refused


@pytest.mark.parametrize(
    "text",
    [
        "127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1",
        "255.255.255.255", "198.18.0.1", "::1", "::", "fe80::1", "fc00::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1",
        "64:ff9b::7f00:1", "2002:7f00:1::", "2001:0:7f00::1", "ff02::1", "fec0::1",
    ],
)  # fmt: skip
def test_the_inside_is_not_public(text: str) -> None:
    assert not addresses.is_public(ipaddress.ip_address(text))


def test_the_internet_is() -> None:
    for text in ("114.114.114.114", "8.8.8.8", "2400:3200::1", "::ffff:8.8.8.8"):
        assert addresses.is_public(ipaddress.ip_address(text))


@pytest.mark.parametrize(
    "url",
    [
        "http://bank.example/hook", "ftp://bank.example", "https://", "https://user:pass@bank.example/",
        "https://bank.example/#x", "https://localhost/x", "https://127.0.0.1/", "https://[::1]/",
        "https://10.0.0.8:8443/", "https://bank.example:99999/", "https://银行.example/", "https://a b/",
        "https://bank.example/" + "x" * 300, "//bank.example/", "https://2130706433\n.example",
    ],
)  # fmt: skip
def test_urls_that_are_refused(url: str) -> None:
    with pytest.raises(Refused) as refusal:
        addresses.check_url(url)
    assert refusal.value.field == "url"
    assert (
        addresses.check_url(" https://hooks.bank.example:8443/u?x=1 ")
        == "https://hooks.bank.example:8443/u?x=1"
    )
