"""Guarded HTTP against real servers: sizes, times, redirects, retries, TLS, secrets."""

from __future__ import annotations

import io
import logging
import socket
import ssl
import struct
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import trustme
from doubles.loopback import KEEP, Answer, Loopback, reply, says
from PIL import Image

from productdesc.errors import FetchError, PhotoError
from productdesc.net import Http, Policy, retry_after
from productdesc.photos import PhotoLimits, load

HOST = "photos.example.com"


def png() -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (80, 60), "navy").save(file, "PNG")
    return file.getvalue()


def client(server: Loopback, **changes: Any) -> Http:
    """A client for which every name leads to this server; it never really sleeps."""
    sleep = changes.pop("sleep", lambda seconds: None)
    trust = changes.pop("trust", None)
    policy = Policy(
        allowed_networks=("127.0.0.1/32",),
        schemes=frozenset({"http", "https"}),
        ports=frozenset({80, 443, server.port}),
    )._replace(**changes)
    return Http(policy, lookup=lambda h, p: ["127.0.0.1"], sleep=sleep, trust=trust)


def url(server: Loopback, path: str = "/shoe.png", scheme: str = "http") -> str:
    return f"{scheme}://{HOST}:{server.port}{path}"


Fetch = Callable[..., bytes]


@pytest.fixture
def fetch() -> Iterator[Fetch]:
    """The body that one such server's answer gives."""

    def get(answer: Answer | bytes, path: str = "/shoe.png", **changes: Any) -> bytes:
        served = says(answer) if isinstance(answer, bytes) else answer
        with Loopback(served) as server, client(server, **changes) as http:
            return http.get(url(server, path)).body

    yield get


# --- Plain answers -----------------------------------------------------------------------


def test_a_photo_is_fetched_with_the_plainest_of_requests() -> None:
    with Loopback(says(reply(png()))) as server, client(server) as http:
        photo = load(url(server, "/a/shoe.png?w=9&sig=s3cret"), http=http)
        assert photo.image.size == (80, 60)
        assert photo.name == f"http://{HOST}:{server.port}/a/shoe.png"
    head = server.requests[0].lower()
    assert head.startswith("get /a/shoe.png?w=9&sig=s3cret http/1.1\r\n")
    assert "accept-encoding: identity" in head
    assert "avif" not in head
    assert "cookie" not in head and "authorization" not in head


def test_a_connection_is_kept_for_the_next_photo() -> None:
    answer = reply(b"abc", "200 OK", KEEP)
    with Loopback(says(answer)) as server, client(server) as http:
        for _ in range(3):
            assert http.get(url(server, "/keep")).body == b"abc"
        assert server.accepted == 1


def test_cookies_are_not_kept() -> None:
    answer = reply(b"abc", "200 OK", "Set-Cookie: id=7; Path=/", KEEP)
    with Loopback(says(answer)) as server, client(server) as http:
        http.get(url(server, "/keep"))
        http.get(url(server, "/keep"))
        assert "cookie" not in server.requests[1].lower()


def test_chunked_and_unbounded_answers_are_read_whole(fetch: Fetch) -> None:
    chunked = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"
    assert fetch(chunked) == b"abc"
    assert fetch(b"HTTP/1.1 200 OK\r\n\r\nabc") == b"abc"


@pytest.mark.parametrize("status", ["404 Not Found", "403 Forbidden", "204 No Content"])
def test_any_status_but_200_is_an_error_that_names_it(status: str, fetch: Fetch) -> None:
    with pytest.raises(FetchError, match=f"the server answered {status}") as caught:
        fetch(reply(b"", status))
    assert not caught.value.retryable


def test_a_404_is_a_photo_error_with_its_cause() -> None:
    with (
        Loopback(says(reply(b"<html>", "404 Not Found"))) as server,
        client(server) as http,
        pytest.raises(PhotoError, match="404 Not Found") as caught,
    ):
        load(url(server), http=http)
    assert isinstance(caught.value.__cause__, FetchError)


def test_an_error_page_in_place_of_a_photo_is_told_by_its_type() -> None:
    answer = reply(b"<html>sorry</html>", "200 OK", "Content-Type: text/html; charset=x")
    with (
        Loopback(says(answer)) as server,
        client(server) as http,
        pytest.raises(PhotoError, match=r"sent as 'text/html'.*begin with b'<html>sorry<'"),
    ):
        load(url(server), http=http)


# --- Sizes -------------------------------------------------------------------------------


def endless(head: bytes) -> Answer:
    def answer(_: str, connection: socket.socket) -> None:
        connection.sendall(head)
        while True:
            connection.sendall(bytes(65536))

    return answer


def test_an_endless_body_is_cut_off_at_the_limit(fetch: Fetch) -> None:
    with pytest.raises(FetchError, match="more than 100000 bytes"):
        fetch(endless(b"HTTP/1.1 200 OK\r\n\r\n"), max_body_bytes=100_000)


def test_endless_headers_are_cut_off(fetch: Fetch) -> None:
    def answer(_: str, connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\n")
        while True:
            connection.sendall(b"X-Filler: " + b"a" * 1000 + b"\r\n")

    with pytest.raises(FetchError):
        fetch(answer, attempts=1)


def test_a_stated_length_over_the_limit_is_refused_unread() -> None:
    with (
        Loopback(says(reply(b"", length=10**9))) as server,
        client(server) as http,
        pytest.raises(PhotoError, match="1000000000 bytes; 5000 is the limit"),
    ):
        load(url(server), http=http, limits=PhotoLimits(max_bytes=5000))


def test_a_length_that_promises_too_much_is_an_error(fetch: Fetch) -> None:
    with pytest.raises(FetchError, match="the connection failed"):
        fetch(reply(b"abc", length=1000))


def test_a_length_that_hides_bytes_ends_the_answer_there(fetch: Fetch) -> None:
    assert fetch(reply(b"abcdef", length=3)) == b"abc"


def test_a_length_that_hides_half_a_photo_is_a_photo_error() -> None:
    answer = reply(png(), length=60)
    with (
        Loopback(says(answer)) as server,
        client(server) as http,
        pytest.raises(PhotoError, match="cannot be decoded"),
    ):
        load(url(server), http=http)


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", "zstd", "GZIP, gzip"])
def test_an_encoded_answer_is_refused_not_inflated(encoding: str, fetch: Fetch) -> None:
    packer = zlib.compressobj(9, wbits=31)
    bomb = packer.compress(bytes(20 * 2**20)) + packer.flush()
    with pytest.raises(FetchError, match="asked for the plain bytes"):
        fetch(reply(bomb, "200 OK", f"Content-Encoding: {encoding}"))


def test_a_gzip_bomb_without_a_label_is_no_photo() -> None:
    packer = zlib.compressobj(9, wbits=31)
    bomb = packer.compress(bytes(20 * 2**20)) + packer.flush()
    with (
        Loopback(says(reply(bomb))) as server,
        client(server) as http,
        pytest.raises(PhotoError, match="not a photo in"),
    ):
        load(url(server), http=http)


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"\0\1\2\3",
        b"SSH-2.0-OpenSSH_9.2\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\nabc",
        b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd",
        b"HTTP/1.1 200 OK\r\nContent-Length: " + b"9" * 5000 + b"\r\n\r\nabc",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nabc",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\nabc",
        b"HTTP/1.1 999\r\n\r\n",
        b"HTTP/1.1 301 Moved\r\nLocation: http://[\r\n\r\n",
        b"HTTP/1.1 301 Moved\r\nLocation: \r\n\r\n",
        b"HTTP/1.1 301 Moved\r\n\r\n",
    ],
)
def test_nonsense_ends_in_a_fetch_error(answer: bytes, fetch: Fetch) -> None:
    with pytest.raises(FetchError, match=HOST):
        fetch(answer, attempts=1)


def test_a_reset_connection_is_a_fetch_error(fetch: Fetch) -> None:
    def answer(_: str, connection: socket.socket) -> None:
        connection.sendall(reply(b"abc", length=1000))
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    with pytest.raises(FetchError, match="the connection failed") as caught:
        fetch(answer)
    assert caught.value.retryable


# --- Times -------------------------------------------------------------------------------


def drop_by_drop(head: bytes, drop: bytes) -> Answer:
    def answer(_: str, connection: socket.socket) -> None:
        connection.sendall(head)
        while True:
            connection.sendall(drop)
            time.sleep(0.02)

    return answer


@pytest.mark.parametrize(
    ("head", "drop"),
    [
        (b"HTTP/1.1 200 OK\r\nX-A: ", b"a"),  # headers that never end
        (b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n", b"a"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\na\r\n"),
        (b"", b"HTTP/1.1 100 Continue\r\n\r\n"),  # promises that never end
    ],
)
def test_a_server_that_drips_is_left_at_the_deadline(
    head: bytes, drop: bytes, fetch: Fetch
) -> None:
    with pytest.raises(FetchError, match=r"no complete answer within 0\.8 s"):
        fetch(drop_by_drop(head, drop), deadline_seconds=0.8)


def test_a_silent_server_is_left_after_the_idle_time(fetch: Fetch) -> None:
    silent = threading.Event()
    with pytest.raises(FetchError, match=r"no complete answer within 0\.1 s"):
        fetch(lambda h, c: silent.wait(5) and None, idle_seconds=0.1, attempts=1)
    silent.set()


def test_redirects_share_one_deadline(fetch: Fetch) -> None:
    def answer(_: str, connection: socket.socket) -> None:
        time.sleep(0.3)
        connection.sendall(reply(b"", "302 Found", "Location: /next"))

    with pytest.raises(FetchError, match=r"within 0\.8 s"):
        fetch(answer, deadline_seconds=0.8, max_redirects=100)


def test_a_name_lookup_that_hangs_is_left_at_its_limit() -> None:
    hangs = threading.Event()

    def lookup(host: str, port: int) -> list[str]:
        hangs.wait(30)
        return []

    policy = Policy(connect_seconds=0.1, attempts=1, max_lookups=2)
    with Http(policy, lookup=lookup) as http:
        for _ in range(4):  # the third finds both places taken, and waits no longer
            with pytest.raises(FetchError, match=r"name lookup took more than 0\.1 s"):
                http.get(f"https://{HOST}/")
    hangs.set()


def test_a_name_that_does_not_exist_is_not_asked_for_again() -> None:
    asked = []

    def lookup(host: str, port: int) -> list[str]:
        asked.append(host)
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    with (
        Http(lookup=lookup) as http,
        pytest.raises(FetchError, match=r"cannot be looked up.*not known") as caught,
    ):
        http.get(f"https://{HOST}/")
    assert asked == [HOST]
    assert not caught.value.retryable


# --- Redirects ---------------------------------------------------------------------------


def routes(**answers: bytes) -> Answer:
    def answer(head: str, connection: socket.socket) -> None:
        path = head.split()[1].strip("/").partition("?")[0]
        connection.sendall(answers[path])

    return answer


def moved(location: str, status: int = 302) -> bytes:
    return reply(b"", f"{status} Moved", f"Location: {location}")


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_three_redirects_are_followed(status: int, fetch: Fetch) -> None:
    answer = routes(
        a=moved("/b", status), b=moved("c?x=1", status), c=moved("/d"), d=reply(b"abc")
    )
    assert fetch(answer, "/a") == b"abc"


def test_a_fourth_redirect_and_a_loop_are_refused(fetch: Fetch) -> None:
    chain = routes(a=moved("/b"), b=moved("/c"), c=moved("/d"), d=moved("/e"), e=reply())
    for answer in (chain, routes(a=moved("/a"))):
        with pytest.raises(FetchError, match="more than 3 redirects"):
            fetch(answer, "/a")


@pytest.mark.parametrize(
    "location",
    [
        "file:///etc/passwd",
        "ftp://photos.example.com/a",
        "gopher://photos.example.com/",
        "//user:pass@photos.example.com/a",
        "https://photos.example.com:22/",
        "http://127.0.0.1:9/",
        "https://[::1]/",
        "https://localhost/",
        "javascript:alert(1)",
        "data:image/png;base64,AAAA",
        "https:///a",
        "https://photos.example.com\\@127.0.0.1/",
        "https://photos.example.com/" + "a" * 3000,
    ],
)
def test_a_redirect_is_judged_like_a_url(location: str, fetch: Fetch) -> None:
    with pytest.raises(FetchError, match="redirects to a URL that"):
        fetch(routes(a=moved(location)), "/a")


def test_headers_of_ours_stay_behind_when_a_redirect_leaves_the_server() -> None:
    with (
        Loopback(says(reply(b"abc"))) as other,
        Loopback(routes(a=moved("/b"), b=moved(f"http://{HOST}:{other.port}/c"))) as first,
        client(first, ports=frozenset({first.port, other.port})) as http,
    ):
        http.get(url(first, "/a"), headers={"X-Token": "canary-77"})
    assert all("canary-77" in head for head in first.requests)
    assert len(first.requests) == 2
    assert "canary-77" not in other.requests[0]


def test_only_allowed_hosts_are_reached_at_first_and_by_redirect() -> None:
    answer = routes(a=moved("http://evil.example.org/x"), b=reply(b"abc"))
    with Loopback(answer) as server:
        with client(server, allowed_hosts=frozenset({"*.example.com"})) as http:
            assert http.get(url(server, "/b")).body == b"abc"
            for address in (url(server, "/a"), "https://evilexample.com/", "https://x.io/"):
                with pytest.raises(FetchError, match="not among allowed_hosts"):
                    http.get(address)
        with (
            client(server, allowed_hosts=frozenset({"other.example.com"})) as http,
            pytest.raises(FetchError, match="not among allowed_hosts"),
        ):
            http.get(url(server, "/b"))


def test_other_methods_follow_no_redirect_and_are_sent_once() -> None:
    answer = routes(a=moved("/b"), b=reply(b"", "503 Busy"))
    with Loopback(answer) as server, client(server) as http:
        assert http.send("POST", url(server, "/a"), content=b"").status == 302
        assert http.send("POST", url(server, "/b"), content=b"").status == 503
    assert [head.split()[:2] for head in server.requests] == [
        ["POST", "/a"],
        ["POST", "/b"],
    ]


# --- Retries -----------------------------------------------------------------------------


def in_turn(*answers: bytes) -> Answer:
    left = list(answers)
    return lambda head, connection: connection.sendall(
        left.pop(0) if len(left) > 1 else left[0]
    )


@pytest.mark.parametrize(
    "status", ["429 Slow", "500 Oops", "502 Bad", "503 Busy", "504 Late"]
)
def test_a_passing_failure_is_tried_again(status: str, fetch: Fetch) -> None:
    assert fetch(in_turn(reply(b"", status), b"", reply(b"abc"))) == b"abc"


def test_after_three_attempts_the_last_answer_counts() -> None:
    with Loopback(says(reply(b"", "503 Busy"))) as server, client(server) as http:
        with pytest.raises(FetchError, match="503") as caught:
            http.get(url(server))
        assert len(server.requests) == 3
        assert caught.value.retryable


def test_the_wait_is_never_shorter_than_the_server_asks() -> None:
    waits: list[float] = []
    date = (datetime.now(UTC) + timedelta(seconds=10)).strftime("%a, %d %b %Y %H:%M:%S GMT")
    answers = in_turn(
        reply(b"", "429 Slow", "Retry-After: 7"),
        reply(b"", "503 Busy", f"Retry-After: {date}"),
        reply(b"abc"),
    )
    with Loopback(answers) as server, client(server, sleep=waits.append) as http:
        assert http.get(url(server)).body == b"abc"
    assert 7 <= waits[0] < 8
    assert 7 <= waits[1] < 12


def test_a_wait_beyond_the_deadline_is_not_begun() -> None:
    waits: list[float] = []
    answer = reply(b"", "429 Slow", "Retry-After: 3600")
    with Loopback(says(answer)) as server, client(server, sleep=waits.append) as http:
        with pytest.raises(FetchError, match="429"):
            http.get(url(server))
        assert len(server.requests) == 1
    assert waits == []


def test_a_broken_server_is_not_hammered() -> None:
    with Loopback(says(reply(b"", "503 Busy"))) as server, client(server) as http:
        for _ in range(100):
            with pytest.raises(FetchError):
                http.get(url(server))
        assert 100 < len(server.requests) <= 120


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("120", 120.0),
        (" 0 ", 0.0),
        ("Wed, 21 Oct 2026 07:28:30 GMT", 30.0),
        ("Wed, 21 Oct 2026 07:27:00 GMT", 0.0),
        ("Wed, 21 Oct 2026 09:28:30 +0200", 30.0),
        ("soon", None),
        ("-5", None),
        ("1.5", None),
        ("", None),
        (None, None),
        ("Wed, 99 Foo 2026 07:28:30 GMT", None),
    ],
)
def test_retry_after_is_read_in_both_forms(
    value: str | None, seconds: float | None
) -> None:
    assert retry_after(value, datetime(2026, 10, 21, 7, 28, 0, tzinfo=UTC)) == seconds


# --- TLS ---------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


def contexts(authority: trustme.CA, *names: str) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """(server's, client's) for a certificate with these names."""
    server = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert(*names).configure_cert(server)
    trust = ssl.create_default_context()
    authority.configure_trust(trust)
    return server, trust


def test_tls_is_verified_against_the_name_not_the_address(authority: trustme.CA) -> None:
    names: list[str | None] = []
    server_side, trust = contexts(authority, HOST)
    server_side.sni_callback = lambda s, name, c: names.append(name)
    with (
        Loopback(says(reply(png())), tls=server_side) as server,
        client(server, trust=trust, schemes=frozenset({"https"})) as http,
    ):
        assert load(url(server, scheme="https"), http=http).image.size == (80, 60)
    assert names == [HOST]


@pytest.mark.parametrize("name", ["other.example.com", "127.0.0.1"])
def test_a_certificate_for_another_name_is_refused(
    authority: trustme.CA, name: str
) -> None:
    server_side, trust = contexts(authority, name)
    with (
        Loopback(says(reply(png())), tls=server_side) as server,
        client(server, trust=trust) as http,
        pytest.raises(FetchError, match="certificate is not valid") as caught,
    ):
        http.get(url(server, scheme="https"))
    assert server.requests == []
    assert not caught.value.retryable


def test_an_unknown_authority_is_refused(authority: trustme.CA) -> None:
    server_side, _ = contexts(authority, HOST)
    with (
        Loopback(says(reply(png())), tls=server_side) as server,
        client(server) as http,
        pytest.raises(FetchError, match="certificate is not valid"),
    ):
        http.get(url(server, scheme="https"))
    assert server.requests == []


def test_a_redirect_from_https_to_http_is_refused(authority: trustme.CA) -> None:
    server_side, trust = contexts(authority, HOST)
    with (
        Loopback(says(reply(b"abc"))) as plain,
        Loopback(says(moved(f"http://{HOST}:{plain.port}/")), tls=server_side) as server,
        client(server, trust=trust, ports=frozenset({plain.port, server.port})) as http,
        pytest.raises(FetchError, match="leaves https"),
    ):
        http.get(url(server, scheme="https"))
    assert plain.accepted == 0


def test_a_handshake_that_never_ends_is_left(authority: trustme.CA) -> None:
    _, trust = contexts(authority, HOST)
    silent = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        policy = Policy(
            allowed_networks=("127.0.0.1/32",),
            ports=frozenset({port}),
            idle_seconds=0.2,
            attempts=1,
        )
        with (
            Http(policy, trust=trust, lookup=lambda h, p: ["127.0.0.1"]) as http,
            pytest.raises(FetchError, match=r"within 0\.2 s"),
        ):
            http.get(f"https://{HOST}:{port}/")
    silent.set()


# --- Secrets and surroundings ------------------------------------------------------------


def test_no_secret_of_a_url_is_in_any_message_or_log(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO)
    secret = "sig=canary-4401"
    answers = routes(
        a=reply(b"", "404 Not Found"),
        b=moved(f"/c?{secret}"),
        c=reply(b"x", "200 OK", "Content-Encoding: gzip"),
        d=moved(f"http://u:canary-4401@x.example.com/?{secret}"),
        e=moved(f"https://127.0.0.1/?{secret}"),
        f=reply(b"not a photo"),
        g=reply(b"abc", length=999),
    )
    said = []
    with Loopback(answers) as server, client(server) as http:
        sources = [url(server, f"/{path}?{secret}") for path in "abcdefg"]
        sources += [
            f"https://canary-4401:canary-4401@x.example.com/?{secret}",
            f"https://x.example.com:99999/?{secret}",
            f"https://x.example.com\x00/?{secret}",
            f"https://[::1/?{secret}",
            f"https://x.example.com/{'a' * 3000}?{secret}",
            f"shoe.jpg?{secret}",
        ]
        for source in sources:
            with pytest.raises(PhotoError) as caught:
                load(source, http=http)
            error: BaseException | None = caught.value
            while error is not None:
                said.append(f"{error!s} {error!r}")
                error = error.__cause__ or (
                    None if error.__suppress_context__ else error.__context__
                )
    assert len(said) > len(sources)
    assert "canary" not in "\n".join(said)
    assert "canary" not in caplog.text


def test_proxies_in_the_environment_are_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    with (
        Loopback(says(reply(b"proxied"))) as proxy,
        Loopback(says(reply(b"direct"))) as server,
    ):
        for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
        with client(server) as http:
            assert http.get(url(server)).body == b"direct"
    assert proxy.accepted == 0


def test_many_threads_share_one_client() -> None:
    def answer(head: str, connection: socket.socket) -> None:
        connection.sendall(reply(head.split()[1].encode(), "200 OK", KEEP))

    wrong: list[object] = []
    with Loopback(answer) as server, client(server) as http:

        def work(number: int) -> None:
            for turn in range(10):
                path = f"/keep/{number}/{turn}"
                body = http.get(url(server, path)).body
                if body != path.encode():
                    wrong.append((path, body))

        threads = [threading.Thread(target=work, args=(n,)) for n in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert wrong == []
