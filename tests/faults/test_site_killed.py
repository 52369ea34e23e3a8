"""The site killed while it takes in a file: the batch stands, whole, or nothing does. Then its database, killed."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import psutil
import pytest

from unionhall.cli import ports
from unionhall.cli.processes import site_command
from unionhall.cli.tests.conftest import environment
from unionhall.portal.seeding.accounts import PASSWORD

from .conftest import House

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("faults")]
FROM_THE_DATABASE = "/desk/imports/"


@contextmanager
def site(house: House) -> Iterator[tuple[str, psutil.Process]]:
    """Granian with one worker, as `unionhall serve` runs it: its address and its process."""
    port = ports.choose("127.0.0.1", 18100)
    process = subprocess.Popen(
        site_command("127.0.0.1", port, 1),
        env=environment(house.home) | {"UNIONHALL_DEMO": "1", "UNIONHALL_TOTP": "0"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    address = f"http://127.0.0.1:{port}"
    try:
        answers(address)
        yield address, psutil.Process(process.pid)
    finally:
        process.terminate()
        process.wait(20)


def answers(address: str) -> None:
    until = time.monotonic() + 90
    while time.monotonic() < until:
        try:
            if httpx.get(address, timeout=5).status_code == 200:
                return
        except httpx.HTTPError:
            time.sleep(0.05)
    raise AssertionError("the site does not answer")


def token(client: httpx.Client) -> str:
    return next(value for name, value in client.cookies.items() if name.endswith("csrf") or "csrf" in name)


def signed_in(address: str) -> httpx.Client:
    client = httpx.Client(base_url=address, timeout=20, follow_redirects=True)
    client.get("/sign-in/")
    data = {"username": "chair", "password": PASSWORD, "csrfmiddlewaretoken": token(client)}
    assert "/desk/" in str(client.post("/sign-in/", data=data, headers={"Referer": address}).url)
    return client


def test_an_upload_is_whole_or_not_at_all_and_the_site_outlives_its_database(house: House) -> None:
    path = house.home.parent / "uploaded.csv"
    house.do("roster", str(path), 6000, 0, 150)
    before = house.do("batches")
    finished: list[str] = []
    with site(house) as (address, process):
        client = signed_in(address)
        client.get("/desk/imports/upload/")
        union = house.do("chairs_union")

        def upload() -> None:
            data = {"organisation": union, "mapping": "", "csrfmiddlewaretoken": token(client)}
            try:
                with path.open("rb") as file:
                    answer = client.post("/desk/imports/upload/", data=data, files={"file": file})
            except httpx.HTTPError:
                return
            if "/desk/imports/" in str(answer.url) and answer.status_code == 200:
                finished.append(str(answer.url))

        thread = threading.Thread(target=upload)
        thread.start()
        time.sleep(0.15)
        for worker in process.children():
            os.kill(worker.pid, signal.SIGKILL)
        thread.join()
        answers(address)
        upload()
        # The same site, when its database is killed: it says so in words, and answers again once it is back.
        house.crash()
        away = client.get(FROM_THE_DATABASE)
        assert away.status_code in (500, 503)
        assert "请" in away.text
        house.start()
        assert client.get(FROM_THE_DATABASE).status_code == 200
    told = house.do("batches")
    assert finished, "the second was left alone"
    assert told["wrong"] == []
    assert len(finished) <= told["count"] - before["count"] <= 2
    house.audit()
