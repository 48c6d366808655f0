"""Clients that hold a connection, try passwords, or send what no page of ours would."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from doubles.review.jobs import described, products
from doubles.review.served import BASE, Served, Visitor, served

from productdesc.review.api import VERBS, openapi
from productdesc.review.doors.gate import Origins
from productdesc.review.doors.passwords import Passwords, hash_password
from productdesc.review.limits import LIMITS

SHORT = LIMITS._replace(head_seconds=1.0, rest_seconds=1.0, read_seconds=1.0)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    path = tmp_path_factory.mktemp("clients") / "job.db"
    described(path, [*products(1)])
    with served(path, limits=SHORT) as made:
        yield made


@pytest.fixture
def ada(server: Served) -> Iterator[Visitor]:
    made = server.visitor()
    yield made
    made.client.close()


@pytest.mark.parametrize(
    ("headers", "drop"),
    [
        ("content-length: 100000", b"x"),
        ("transfer-encoding: chunked", b"1\r\nx\r\n"),
    ],
    ids=["length", "chunked"],
)
def test_a_body_that_goes_on_behind_its_answer_is_cut_off(
    server: Served, headers: str, drop: bytes
) -> None:
    with socket.create_connection(("127.0.0.1", server.port)) as made:
        host = f"127.0.0.1:{server.port}"
        made.sendall(f"GET / HTTP/1.1\r\nhost: {host}\r\n{headers}\r\n\r\n".encode())
        made.settimeout(0.1)
        start = time.monotonic()
        with contextlib.suppress(ConnectionError):
            while time.monotonic() - start < 25:
                made.sendall(drop)
                with contextlib.suppress(TimeoutError):
                    if made.recv(65536) == b"":
                        break
    assert time.monotonic() - start < 20


def test_a_client_that_never_reads_is_cut_off(server: Served) -> None:
    host = f"127.0.0.1:{server.port}"
    asked = f"GET /assets/product.css HTTP/1.1\r\nhost: {host}\r\n\r\n".encode() * 500
    with socket.create_connection(("127.0.0.1", server.port)) as made:
        made.setblocking(False)
        start, is_cut_off = time.monotonic(), False
        while time.monotonic() - start < 25 and not is_cut_off:
            try:
                made.send(asked)
            except BlockingIOError:
                time.sleep(0.05)
            except OSError:
                is_cut_off = True
    assert is_cut_off


def test_a_look_at_the_first_link_does_not_use_it_up(server: Served) -> None:
    link = server.link()
    head = httpx.head(link, trust_env=False)
    assert head.status_code == 200 and "set-cookie" not in head.headers
    assert "set-cookie" in httpx.get(link, trust_env=False).headers


def test_a_hundred_passwords_at_once_are_a_hundred() -> None:
    limits = LIMITS._replace(wrong_passwords=2)
    passwords = Passwords({"Ada": hash_password("a good long one")}, limits)
    threads = [
        threading.Thread(target=passwords.is_right, args=("Ada", "wrong")) for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not passwords.is_right("Ada", "a good long one")


@pytest.mark.parametrize("port", ["https://copy.example:443", "http://127.0.0.1:80"])
def test_the_port_that_a_scheme_implies_is_not_sent_by_browsers(port: str) -> None:
    plain = port.rpartition(":")[0]
    assert Origins.of([port]) == Origins.of([plain])
    assert Origins.of([port]).hosts == {plain.rpartition("/")[2]}


@pytest.mark.parametrize(
    ("verb", "body"),
    [
        ("take-back", {"number": 10**30}),
        ("take-back", {"number": 2**63, "is_bulk": True}),
        ("check", {"product_id": "S1", "edits": {"title": "x" * 20_001}}),
        ("check", {"product_id": "S1", "edits": {"bullets": ["x"] * 5000}}),
    ],
)
def test_what_is_too_large_for_us_is_refused(ada: Visitor, verb: str, body: Any) -> None:
    answer = ada.api(verb, body)
    assert answer.status_code == 400
    assert answer.json()["error"]


def test_another_method_is_told_which_there_are(ada: Visitor) -> None:
    for path, allowed in ((f"{BASE}/decide", "POST"), (f"{BASE}/", "GET")):
        answer = ada.client.request("DELETE", path)
        assert answer.status_code == 405
        assert allowed in answer.headers["allow"]


def test_every_address_of_the_api_is_described(ada: Visitor) -> None:
    described_at = openapi()
    named = {f"/api/{{channel}}/{{language}}/{name}" for name in VERBS}
    assert set(described_at["paths"]) == named | {"/api/session", "/api/openapi.json"}
    for address, operations in described_at["paths"].items():
        [(method, operation)] = operations.items()
        where = address.format(channel="shopify", language="en")
        answer = ada.client.request(method, where)  # without what it needs
        assert str(answer.status_code) in operation["responses"], address
        needs = [p["name"] for p in operation.get("parameters", ()) if p["required"]]
        assert ("id" in needs) == (address.endswith("/product"))
