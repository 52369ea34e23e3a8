"""Connecting to the address that was looked at does not weaken TLS: the certificate must fit the name in the URL."""

from __future__ import annotations

import socket
import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from django.test import override_settings

from unionhall.api.webhooks import sending
from unionhall.api.webhooks.sending import Parcel

from .receiver import receiver

HOST = "hooks.bank.example"


def certificate(folder: Path, name: str) -> tuple[Path, Path]:
    """A self-signed certificate for a name, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    who = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(who).issuer_name(who).public_key(key.public_key()).serial_number(1)
        .not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    chain, private = folder / "chain.pem", folder / "key.pem"
    chain.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    return chain, private


@pytest.mark.parametrize(
    ("named", "trusted", "outcome"),
    [(HOST, True, 204), (HOST, False, "对方证书无效"), ("other.example", True, "对方证书无效")],
    ids=["right", "unknown-issuer", "another-name"],
)
def test_the_certificate_must_be_trusted_and_fit_the_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, named: str, trusted: bool, outcome: Any
) -> None:
    chain, private = certificate(tmp_path, named)
    ours = ssl.create_default_context()
    if trusted:
        ours.load_verify_locations(chain)

    class Trusting(sending.Pinned):
        def __init__(self) -> None:
            super().__init__(verify=ours)

    monkeypatch.setattr(sending, "Pinned", Trusting)

    def look_up(host: str, port: Any, *_: Any, **__: Any) -> list[Any]:
        asked.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]

    asked: list[str] = []
    with receiver((chain, private)) as there, override_settings(DEMO=True):
        monkeypatch.setattr(socket, "getaddrinfo", look_up)
        url = there.url.replace("127.0.0.1", HOST)
        (found,) = sending.send_all([Parcel(1, 1, url, "whsec_c2VjcmV0", "evt_1", "{}")])
    assert asked == [HOST]
    assert (found.status or found.fault) == outcome
    assert [one.headers["host"].split(":")[0] for one in there.came] == ([HOST] if outcome == 204 else [])
