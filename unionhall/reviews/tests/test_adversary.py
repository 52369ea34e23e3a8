"""进度查询 behind a reverse proxy: one visitor's guessing closes the page for nobody else."""

import pytest
from django.test import Client
from pytest_django import Settings

from unionhall.reviews.views.public import PER_MINUTE


@pytest.mark.django_db
def test_visitors_behind_the_same_proxy_are_told_apart(client: Client, settings: Settings) -> None:
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    answers = [
        client.post("/progress/", {"number": "RH1"}, headers={"X-Forwarded-For": "192.0.2.7"}).status_code
        for _ in range(PER_MINUTE + 2)
    ]
    assert answers[-1] == 429
    other = client.post("/progress/", {"number": "RH1"}, headers={"X-Forwarded-For": "192.0.2.8"})
    assert other.status_code == 200
