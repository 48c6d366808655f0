"""An attacker's table: what another site, port, name or client may try, and gets."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from doubles.review.jobs import described, products
from doubles.review.served import BASE, Served, Visitor, served, text_of

from productdesc.review.doors.passwords import Passwords, hash_password
from productdesc.review.doors.sessions import Sessions
from productdesc.review.limits import LIMITS


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    path = tmp_path_factory.mktemp("review") / "job.db"
    described(path, [*products(3)])
    with served(path) as made:
        yield made


@pytest.fixture
def ada(server: Served) -> Iterator[Visitor]:
    made = server.visitor()
    yield made
    made.client.close()


def raw(server: Served, method: str, path: str, **options: Any) -> httpx.Response:
    """A request without a session."""
    return httpx.request(method, server.origin + path, trust_env=False, **options)


# --- who comes in ------------------------------------------------------------------------


@pytest.mark.parametrize(
    "path",
    [
        "/", f"{BASE}/", f"{BASE}/product?id=S1", f"{BASE}/trail", f"{BASE}/trail.csv",
        f"{BASE}/photo/{'0' * 64}", f"{BASE}/help", f"/api{BASE}/queue", "/api/session",
        "/api/openapi.json",
    ],
)  # fmt: skip
def test_nothing_is_shown_without_a_session(server: Served, path: str) -> None:
    answer = raw(server, "GET", path)
    assert answer.status_code == 403
    assert "Leather" not in answer.text and "S1" not in answer.text


def test_the_first_link_holds_once_and_is_answered_with_a_page(server: Served) -> None:
    link = server.link()
    answer = httpx.get(link, trust_env=False)
    assert (answer.status_code, answer.history) == (200, [])
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith(f"productdesc_{server.port}=")
    for part in ("HttpOnly", "SameSite=strict", "Path=/"):
        assert part in cookie
    assert 'http-equiv="refresh" content="0;url=/"' in answer.text
    again = httpx.get(link, trust_env=False)
    assert again.status_code == 403
    assert "set-cookie" not in again.headers


def test_the_first_link_holds_ten_minutes() -> None:
    now = [0.0]
    sessions = Sessions(clock=lambda: now[0])
    early, late = sessions.link("Ada"), sessions.link("Ada")
    now[0] = LIMITS.link_seconds - 1
    assert sessions.enter(early, "127.0.0.1:1")
    now[0] = LIMITS.link_seconds + 1
    assert sessions.enter(late, "127.0.0.1:1") is None


def test_a_session_that_a_browser_brings_along_is_never_taken(server: Served) -> None:
    planted = {f"productdesc_{server.port}": "planted-by-another-site"}
    with httpx.Client(base_url=server.origin, trust_env=False, cookies=planted) as client:
        assert client.get(f"{BASE}/").status_code == 403
        assert client.get(server.link()).status_code == 200
        values = [c.value for c in client.cookies.jar if c.domain == "127.0.0.1"]
    assert "planted-by-another-site" not in values


def test_a_session_is_bound_to_host_and_port(server: Served, ada: Visitor) -> None:
    """A cookie reaches every port of a host; what is behind another name is another."""
    [cookie] = [c for c in ada.client.cookies.jar if c.name.startswith("productdesc_")]
    headers = {"cookie": f"{cookie.name}={cookie.value}"}
    headers["host"] = f"localhost:{server.port}"
    assert raw(server, "GET", f"{BASE}/", headers=headers).status_code == 403
    headers["host"] = f"127.0.0.1:{server.port}"
    assert raw(server, "GET", f"{BASE}/", headers=headers).status_code == 200


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:{port}", "127.0.0.1", "127.0.0.1:1", "", "[::1]"]
)
def test_a_name_that_was_bound_anew_gets_nothing(server: Served, host: str) -> None:
    headers = {"host": host.format(port=server.port)}
    answer = raw(server, "GET", "/", headers=headers)
    assert answer.status_code in (400, 421)
    assert "Review" not in answer.text


def test_a_session_ends_when_somebody_leaves(server: Served) -> None:
    ada = server.visitor()
    headers = {"origin": server.origin}
    answer = ada.client.post("/logout", data={"csrf": ada.csrf}, headers=headers)
    assert answer.status_code == 200
    assert ada.get("").status_code == 403


def test_the_oldest_session_ends_where_there_are_too_many() -> None:
    sessions = Sessions()
    keys = [sessions.open("Ada", "h") for _ in range(LIMITS.most_sessions + 1)]
    assert sessions.find(keys[0], "h") is None
    assert sessions.find(keys[-1], "h")


# --- who may change something ------------------------------------------------------------

POSTS = ["decide", "edit", "sentence", "ask", "approve-all", "take-back"]


@pytest.mark.parametrize("page", [*POSTS, "../../logout"])
@pytest.mark.parametrize(
    "origin",
    [None, "null", "http://evil.example", "http://127.0.0.1:1", "https://127.0.0.1:{port}",
     "http://127.0.0.1:{port}.evil.example", "http://127.0.0.1:{port}, http://evil.example"],
)  # fmt: skip
def test_a_form_of_another_site_or_port_changes_nothing(
    ada: Visitor, page: str, origin: str | None
) -> None:
    headers = {"origin": origin.format(port=ada.served.port)} if origin else {}
    form = {"csrf": ada.csrf, "id": "S1", "digest": ada.digest("S1"), "verb": "approve"}
    address = "/logout" if page.startswith("..") else f"{BASE}/{page}"
    answer = ada.client.post(address, data=form, headers=headers)
    assert answer.status_code == 403
    assert ada.api("product", id="S1").json()["state"] == "generated"


@pytest.mark.parametrize("page", POSTS)
@pytest.mark.parametrize("token", [None, "", "wrong", "é" * 40])
def test_a_form_without_the_token_changes_nothing(
    ada: Visitor, page: str, token: str | None
) -> None:
    other = ada.served.visitor("Bob")
    tokens = [token, other.csrf]
    other.client.close()
    for one in tokens:
        form = {"id": "S1", "digest": ada.digest("S1"), "verb": "approve"}
        form |= {} if one is None else {"csrf": one}
        headers = {"origin": ada.served.origin}
        answer = ada.client.post(f"{BASE}/{page}", data=form, headers=headers)
        assert answer.status_code == 403
    assert ada.api("product", id="S1").json()["state"] == "generated"


@pytest.mark.parametrize("verb", ["decide", "sentence", "ask", "check", "approve-all"])
def test_the_api_has_the_same_doors(ada: Visitor, verb: str) -> None:
    body = {"product_id": "S1", "digest": ada.digest("S1"), "verb": "approve"}
    good = {"origin": ada.served.origin, "x-csrf-token": ada.csrf}
    for missing in good:
        headers = {k: v for k, v in good.items() if k != missing}
        address = f"/api{BASE}/{verb}"
        answer = ada.client.post(address, json=body, headers=headers)
        assert answer.status_code == 403, missing
    assert ada.api("product", id="S1").json()["state"] == "generated"


@pytest.mark.parametrize("kind", ["text/plain", "multipart/form-data; boundary=x", ""])
def test_a_body_of_a_form_is_no_json_and_the_other_way_round(
    ada: Visitor, kind: str
) -> None:
    headers = {"origin": ada.served.origin, "x-csrf-token": ada.csrf, "content-type": kind}
    for address in (f"{BASE}/decide", f"/api{BASE}/decide"):
        answer = ada.client.post(address, content=b"{}", headers=headers)
        assert answer.status_code == 415


@pytest.mark.parametrize("page", POSTS)
def test_nothing_is_changed_by_a_link(ada: Visitor, page: str) -> None:
    assert ada.get(page, id="S1", verb="approve").status_code == 405


# --- what is asked for -------------------------------------------------------------------


@pytest.mark.parametrize(
    "path",
    [
        "/assets/../app.py", "/assets/%2e%2e/app.py", "/assets/..%2fapp.py",
        "/assets//etc/passwd", "/assets/%2e%2e%2f%2e%2e%2f%2e%2e%2fetc%2fpasswd",
        f"{BASE}/photo/..%2f..%2fjob.db", f"{BASE}/photo/%00", f"{BASE}/photo/' OR 1=1 --",
        "/shopify/en/../../etc/passwd", "/nothing/en/", "/shopify/zz/",
    ],
)  # fmt: skip
def test_no_path_leads_out_of_what_is_served(ada: Visitor, path: str) -> None:
    with socket.create_connection(("127.0.0.1", ada.served.port)) as made:
        cookie = "; ".join(f"{c.name}={c.value}" for c in ada.client.cookies.jar)
        host = f"127.0.0.1:{ada.served.port}"
        head = f"GET {path.replace(' ', '%20')} HTTP/1.1\r\nhost: {host}\r\n"
        head += f"cookie: {cookie}\r\nconnection: close\r\n\r\n"
        made.sendall(head.encode())
        answer = b"".join(iter(lambda: made.recv(65536), b""))
    assert answer.split(b" ")[1] in (b"403", b"404")
    assert b"root:" not in answer and b"SQLite format" not in answer
    assert b"class Review" not in answer


@pytest.mark.parametrize("path", [f"{BASE}/decide", f"/api{BASE}/decide"])
def test_a_huge_body_is_refused_before_it_is_read_whole(ada: Visitor, path: str) -> None:
    kind = "json" if path.startswith("/api") else "x-www-form-urlencoded"
    headers = {"origin": ada.served.origin, "x-csrf-token": ada.csrf}
    headers["content-type"] = f"application/{kind}"
    sent = [0]

    def body() -> Iterator[bytes]:
        while sent[0] < 64 * LIMITS.body_bytes:
            sent[0] += 65536
            yield b"x" * 65536

    try:
        answer = ada.client.post(path, content=body(), headers=headers)
        assert answer.status_code == 413
    except httpx.TransportError:
        pass  # the server closed it while we still wrote
    assert sent[0] < 64 * LIMITS.body_bytes


@pytest.mark.parametrize("name", ["S" * 5000, "\x00", "\ud800", "<script>", "S1' --"])
def test_an_id_that_there_is_not_is_told_without_its_tags(ada: Visitor, name: str) -> None:
    address = f"{BASE}/product?id={quote(name.encode('utf-8', 'replace'))}"
    answer = ada.client.get(address)
    assert answer.status_code == 404
    assert "<script>" not in answer.text


@pytest.mark.parametrize(
    "fields",
    [{"number": "x"}, {"number": "9" * 40}, {"number": ["1", "2"]}, {}, {"number": "٣"}],
)
def test_a_field_that_is_not_what_it_should_be_is_told(
    ada: Visitor, fields: dict[str, Any]
) -> None:
    assert ada.post("take-back", id="S1", **fields).status_code == 400


def test_every_answer_has_the_headers(ada: Visitor) -> None:
    for answer in (ada.get(""), ada.get("nothing"), ada.api("queue"), raw(
        ada.served, "GET", "/", headers={"host": "evil.example"}
    )):  # fmt: skip
        headers = answer.headers
        assert "script-src 'self'" in headers["content-security-policy"]
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        assert "unsafe" not in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["cache-control"] == "no-store"
        assert "server" not in headers


# --- slow clients ------------------------------------------------------------------------


@pytest.fixture(scope="module")
def impatient(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A server that waits for a head two seconds."""
    path = tmp_path_factory.mktemp("impatient") / "job.db"
    described(path, [*products(1)])
    with served(path, limits=LIMITS._replace(head_seconds=2.0)) as made:
        yield made


def test_half_open_sockets_keep_nobody_out_and_are_closed(impatient: Served) -> None:
    sockets = []
    try:
        for number in range(200):
            made = socket.create_connection(("127.0.0.1", impatient.port))
            made.sendall(b"GET / HTTP/1.1\r\nhost: x" if number % 2 else b"")
            sockets.append(made)
        ada = impatient.visitor()
        assert ada.get("").status_code == 200
        ada.client.close()
        for made in sockets:
            made.settimeout(20)
            with contextlib.suppress(ConnectionResetError):
                assert made.recv(100) == b""
    finally:
        for made in sockets:
            made.close()


def test_a_head_that_comes_byte_by_byte_is_cut_off(impatient: Served) -> None:
    with socket.create_connection(("127.0.0.1", impatient.port)) as made:
        made.settimeout(0.2)
        with pytest.raises(OSError):
            for _ in range(100):
                made.sendall(b"x")
                with contextlib.suppress(TimeoutError):
                    if made.recv(1) == b"":
                        raise ConnectionResetError


# --- passwords ---------------------------------------------------------------------------


def test_reviewers_come_in_by_their_passwords(tmp_path: Path) -> None:
    path, file = tmp_path / "job.db", tmp_path / "reviewers.txt"
    described(path, [*products(1)])
    file.write_text(f"# reviewers\nAda:{hash_password('a good long one')}\n", "utf-8")
    with (
        served(path, Passwords.read(file)) as made,
        httpx.Client(base_url=made.origin, trust_env=False) as client,
    ):
        assert client.get(f"{BASE}/").headers["location"] == "/login"
        headers = {"origin": made.origin}
        for name, password in (("Ada", "wrong one"), ("Bob", "a good long one")):
            form = {"name": name, "password": password}
            answer = client.post("/login", data=form, headers=headers)
            assert answer.status_code == 403 and "set-cookie" not in answer.headers
        form = {"name": "Ada", "password": "a good long one"}
        foreign = client.post("/login", data=form, headers={"origin": "http://evil"})
        assert foreign.status_code == 403
        assert client.post("/login", data=form, headers=headers).status_code == 303
        assert "Ada" in text_of(client.get(f"{BASE}/"))


def test_after_too_many_wrong_passwords_a_name_has_to_wait() -> None:
    now = [0.0]
    passwords = Passwords({"Ada": hash_password("a good long one")}, clock=lambda: now[0])
    for _ in range(LIMITS.wrong_passwords):
        assert not passwords.is_right("Ada", "wrong")
    assert not passwords.is_right("Ada", "a good long one")
    now[0] = LIMITS.password_seconds + 1
    assert passwords.is_right("Ada", "a good long one")


@pytest.mark.parametrize(
    "line", ["Ada", "Ada:secret", ":scrypt$1$1$1$a$b", "Ada:scrypt$99999999$8$1$AA==$AA=="]
)
def test_a_line_that_is_no_password_is_told(tmp_path: Path, line: str) -> None:
    path = tmp_path / "reviewers.txt"
    path.write_text(f"# one\n{line}\n", "utf-8")
    with pytest.raises(ValueError, match="line 2: is no `name:hash`"):
        Passwords.read(path)


def test_a_hash_is_no_other_and_no_password() -> None:
    one, other = hash_password("a good long one"), hash_password("a good long one")
    assert one != other
    assert "good" not in one
    with pytest.raises(ValueError, match="8 to 200 characters"):
        hash_password("short")
