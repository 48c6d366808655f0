"""A host that the caller lets through: exactly this one, at its first addresses.

Every connection goes through a seam that writes it down, so that "no connection" is
counted, not believed.
"""

from __future__ import annotations

import ipaddress
import re
import socket
import ssl
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import trustme
from doubles.hostile_addresses import FORMS, URLS
from doubles.loopback import Loopback, reply, says
from hypothesis import given
from hypothesis import strategies as st

from productdesc.errors import FetchError, PhotoError
from productdesc.net import Http, NetworkAccess, Policy
from productdesc.net.network_access import parse_origin
from productdesc.net.url_policy import METADATA, OWN_NETWORKS, closed, closed_to_origin
from productdesc.photos import load

SHOP = "shop.test"
PUBLIC = "93.184.215.14"


class Way:
    """A way out that writes down where to, and a DNS whose answers may move."""

    def __init__(self, *answers: str) -> None:
        self.connects: list[tuple[str, int]] = []
        self.asked: list[str] = []
        self.answers = list(answers)

    def lookup(self, host: str, port: int) -> list[str]:
        self.asked.append(host)
        return self.answers

    def connect(self, address: tuple[str, int], seconds: float) -> socket.socket:
        self.connects.append(address)
        if address[0].startswith("127."):
            return socket.create_connection(address, seconds)
        raise ConnectionRefusedError("recorded only")

    def client(self, network: NetworkAccess, **policy: Any) -> Http:
        return Http(
            Policy(attempts=1)._replace(**policy),
            network=network,
            lookup=self.lookup,
            connect=self.connect,
            sleep=lambda seconds: None,
        )


# --- What names a host -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "origin"),
    [
        ("http://shop.test", "http://shop.test"),
        ("http://shop.test:80", "http://shop.test"),
        ("https://shop.test:443", "https://shop.test"),
        ("HTTP://Shop.TEST:8080", "http://shop.test:8080"),
        ("http://localhost:8080", "http://localhost:8080"),
        ("http://wordpress:80", "http://wordpress"),
        ("http://my_shop.internal", "http://my_shop.internal"),
        ("https://xn--bcher-kva.test", "https://xn--bcher-kva.test"),
        ("http://127.0.0.1:8099", "http://127.0.0.1:8099"),
        ("http://10.1.2.3", "http://10.1.2.3"),
        ("http://100.64.0.7", "http://100.64.0.7"),
        ("http://8.8.8.8", "http://8.8.8.8"),
        ("http://[::1]:8099", "http://[::1]:8099"),
        ("http://[FD00:0::5]", "http://[fd00::5]"),
    ],
)
def test_one_host_is_named_by_scheme_name_and_port(text: str, origin: str) -> None:
    assert str(parse_origin(text)) == origin
    assert parse_origin(origin) == parse_origin(text)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "is not SCHEME://NAME"),
        ("shop.test", "is not SCHEME://NAME"),
        ("shop.test:8080", "is not SCHEME://NAME"),
        ("//shop.test", "is not SCHEME://NAME"),
        ("ftp://shop.test", "is not SCHEME://NAME"),
        ("file:///etc/passwd", "is not SCHEME://NAME"),
        ("http://", "is not SCHEME://NAME"),
        ("http:///shop.test", "is not SCHEME://NAME"),
        (" http://shop.test", "is not SCHEME://NAME"),
        ("http://shop.test ", "white space"),
        ("http://shop.test\n", "white space|holds"),
        ("http://shop.test/", "without a path, query or fragment: 'http://shop.test'"),
        ("http://shop.test/wp-json", "without a path"),
        ("http://shop.test?x=secret", "without a path"),
        ("http://shop.test#x", "without a path"),
        ("http://user:secret@shop.test", "without a user name or password"),
        ("http://*.shop.test", "is a pattern"),
        ("http://*", "is a pattern"),
        ("http://shop%2etest", "is a pattern or a zone"),
        ("http://[fe80::1%25eth0]", "is a pattern or a zone"),
        ("http://shop.test:", "a port is a number"),
        ("http://shop.test:0", "a port is a number"),
        ("http://shop.test:080", "a port is a number"),
        ("http://shop.test:65536", "a port is a number"),
        ("http://shop.test:http", "a port is a number"),
        ("http://shop.test:80:81", "a port is a number"),
        ("http://::1", "a port is a number"),
        ("http://shop.test.", "ends with a dot"),
        ("http://bücher.test", "xn--"),
        ("http://shop。test", "xn--"),
        ("http://-shop.test", "names no full host name"),
        ("http://shop..test", "names no full host name"),
        ("http://shop.test,http://b.test", "without a path"),
        ("http://shop\\.test", "holds"),
        ("http://shop.test\x00", "holds"),
        ("http://127.1", "unusual way"),
        ("http://0x7f000001", "unusual way"),
        ("http://2130706433", "unusual way"),
        ("http://127.0.0.01", "unusual way"),
        ("http://[::1", "not a valid URL|a port is a number"),
        ("http://[shop.test]", "valid"),
        ("http://0.0.0.0", "this host"),
        ("http://169.254.169.254", "cloud metadata"),
        ("http://100.100.100.200", "cloud metadata"),
        ("http://168.63.129.16", "Azure"),
        ("http://224.0.0.1", "multicast"),
        ("http://[fd00:ec2::254]", "cloud metadata"),
        ("http://[::ffff:127.0.0.1]", "not a public IPv6 address"),
        ("http://[fe80::1]", "not a public IPv6 address"),
        ("http://" + "a." * 200 + "test", "long"),
    ],
)
def test_what_names_no_host_is_refused_in_one_line(text: str, says: str) -> None:
    with pytest.raises(ValueError, match=says) as raised:
        NetworkAccess(text)
    line = str(raised.value)
    assert line.isprintable() and "secret" not in line and len(line) < 500


@given(st.text(max_size=80))
def test_no_text_names_a_host_in_two_ways(text: str) -> None:
    for whole in (text, f"http://{text}"):
        try:
            origin = parse_origin(whole)
        except ValueError:
            continue
        assert parse_origin(str(origin)) == origin
        assert not set(origin.host) & set("@/\\?#%* ")


@given(st.ip_addresses())
def test_a_host_that_is_let_through_is_at_home_or_public(
    address: ipaddress.IPv4Address | ipaddress.IPv6Address,
) -> None:
    home = any(address in ipaddress.ip_network(one) for one in OWN_NETWORKS)
    cloud = any(address in ipaddress.ip_network(one) for one in METADATA)
    is_open = not cloud and (home or closed(address) is None)
    assert (closed_to_origin(address) is None) == is_open


# --- Nothing else is let through ---------------------------------------------------------

ALLOWED = NetworkAccess(f"http://{SHOP}:8080", "http://localhost", "https://10.1.2.3")


@pytest.mark.parametrize("form", FORMS)
def test_a_closed_address_stays_closed_beside_an_allowed_host(form: str) -> None:
    way = Way(FORMS[form])
    with way.client(ALLOWED) as http:
        for url in (f"https://{form}/a.jpg", f"http://{form}:8080/a.jpg"):
            with pytest.raises(PhotoError):
                load(url, http=http)
    assert way.connects == []


@pytest.mark.parametrize("url", URLS)
def test_a_url_with_something_hidden_in_it_makes_no_connection(url: str) -> None:
    way = Way(PUBLIC)
    allowed = NetworkAccess("http://photos.example.com:8080", "http://127.0.0.1:8080")
    with way.client(allowed) as http, pytest.raises(FetchError):
        http.get(url)
    assert way.connects == []
    assert not allowed.allows(url)


CLOSED_TO_ALL = sorted(
    address
    for address in set(FORMS.values())
    if closed_to_origin(ipaddress.ip_address(address))
)


@pytest.mark.parametrize("address", CLOSED_TO_ALL)
def test_an_allowed_name_never_leads_to_metadata_and_the_like(address: str) -> None:
    for answers in ([address], ["10.0.0.5", address], [address, PUBLIC]):
        way = Way(*answers)
        with (
            way.client(NetworkAccess(f"http://{SHOP}:8080")) as http,
            pytest.raises(FetchError, match="leads to"),
        ):
            http.get(f"http://{SHOP}:8080/a.jpg")
        assert way.connects == []


@pytest.mark.parametrize(
    "url",
    [
        "https://shop.test/a.jpg",
        "https://shop.test:8080/a.jpg",
        "http://shop.test/a.jpg",
        "http://shop.test:80/a.jpg",
        "http://shop.test:8081/a.jpg",
        "http://www.shop.test:8080/a.jpg",
        "http://test:8080/a.jpg",
        "http://shop.test.:8080/a.jpg",
        "http://shop.test.evil.example:8080/a.jpg",
        "http://user@shop.test:8080/a.jpg",
        "http://shop.test:8080@evil.example/a.jpg",
        "http://evil.example@shop.test:8080/a.jpg",
        "http://shop.test:8080\\@evil.example/",
        "http://shop%2etest:8080/a.jpg",
        "http://shop。test:8080/a.jpg",
        "http://ｓhop.test:8080/a.jpg",
        "http://10.0.0.5:8080/a.jpg",
    ],
)
def test_another_scheme_name_port_or_spelling_is_not_the_allowed_host(url: str) -> None:
    way = Way("10.0.0.5")
    network = NetworkAccess(f"http://{SHOP}:8080")
    with way.client(network) as http, pytest.raises(FetchError):
        http.get(url)
    assert way.connects == []
    assert not network.allows(url)


@pytest.mark.parametrize("url", ["http://shop.test:8080/a", "HTTP://SHOP.Test:8080/a?b#c"])
def test_the_allowed_host_is_reached_in_any_letter_case(url: str) -> None:
    way = Way("10.0.0.5")
    network = NetworkAccess(f"http://{SHOP}:8080")
    assert network.allows(url)
    with way.client(network) as http, pytest.raises(FetchError, match="recorded only"):
        http.get(url)
    assert way.connects == [("10.0.0.5", 8080)]


def test_one_scheme_of_a_name_and_port_does_not_open_the_other() -> None:
    way = Way("10.0.0.5")
    with (
        way.client(NetworkAccess(f"http://{SHOP}:443")) as http,
        pytest.raises(FetchError, match=r"leads to 10\.0\.0\.5: private"),
    ):
        http.get(f"https://{SHOP}:443/")
    assert way.connects == []


def test_an_ipv6_address_is_let_through_in_one_spelling() -> None:
    way = Way()
    with way.client(NetworkAccess("http://[FD00:0::5]:8080")) as http:
        for url, message in (
            ("http://[fd00::5]:8080/", "recorded only"),
            ("http://[FD00::5]:8080/", "two ways"),
            ("http://[fd00::0005]:8080/", "recorded only"),
            ("http://[fd00::6]:8080/", "not https"),
        ):
            with pytest.raises(FetchError, match=message):
                http.get(url)
    assert way.connects == [("fd00::5", 8080)] * 2


def test_hosts_that_a_policy_names_are_kept_to() -> None:
    way = Way("10.0.0.5")
    network = NetworkAccess(f"http://{SHOP}:8080")
    with (
        way.client(network, allowed_hosts=frozenset({"cdn.example.com"})) as http,
        pytest.raises(FetchError, match="not among allowed_hosts"),
    ):
        http.get(f"http://{SHOP}:8080/")
    assert way.connects == []


# --- Its name is looked up once ----------------------------------------------------------


@pytest.mark.parametrize("later", ["169.254.169.254", "10.9.9.9", PUBLIC, "127.0.0.2"])
def test_a_name_that_moves_is_not_followed(later: str) -> None:
    with Loopback(says(reply(b"shop"))) as server:
        way = Way("127.0.0.1")
        url = f"http://{SHOP}:{server.port}/"
        network = NetworkAccess(f"http://{SHOP}:{server.port}")
        for _ in range(2):  # the shop's client and the photos', one after the other
            with way.client(network) as http:
                assert http.get(url).body == b"shop"
                way.answers = [later]
                assert http.get(url).body == b"shop"
        assert way.asked == [SHOP]
    assert {address for address, _ in way.connects} == {"127.0.0.1"}


def test_an_answer_that_was_refused_is_not_asked_for_again() -> None:
    way = Way("169.254.169.254")
    network = NetworkAccess(f"http://{SHOP}:8080")
    for answers in (["169.254.169.254"], ["10.0.0.5"]):
        way.answers = answers
        with way.client(network) as http, pytest.raises(FetchError, match="cloud metadata"):
            http.get(f"http://{SHOP}:8080/")
    assert way.asked == [SHOP] and way.connects == []


def test_a_lookup_that_failed_is_made_again() -> None:
    names: list[Callable[[], list[str]]] = []

    def lookup(host: str, port: int) -> list[str]:
        return names.pop(0)()

    def fails() -> list[str]:
        raise OSError("no name server")

    names += [fails, lambda: ["10.0.0.5"]]
    way = Way()
    network = NetworkAccess(f"http://{SHOP}:8080")
    with Http(
        Policy(attempts=1), network=network, lookup=lookup, connect=way.connect
    ) as http:
        for says_ in ("cannot be looked up", "recorded only"):
            with pytest.raises(FetchError, match=says_):
                http.get(f"http://{SHOP}:8080/")
    assert way.connects == [("10.0.0.5", 8080)]


# --- Redirects ---------------------------------------------------------------------------


def redirecting(to: str) -> Loopback:
    return Loopback(says(reply(b"", "302 Found", f"Location: {to}")))


@pytest.mark.parametrize(
    "to",
    [
        "http://169.254.169.254/latest/meta-data/",
        "https://169.254.169.254/latest/meta-data/",
        "http://127.0.0.1:{other}/",
        "http://shop.test:{other}/",
        "http://localhost:{port}/",
        "https://shop.test:{port}/",
        "https://cdn.example.com/a.jpg",
        "https://10.0.0.5/a.jpg",
        "file:///etc/passwd",
        "//user@shop.test:{port}/",
    ],
)
def test_an_allowed_host_leads_nowhere_else(to: str) -> None:
    with Loopback(says(reply(b"inside"))) as inside:
        location: list[str] = []
        with Loopback(
            lambda head, connection: connection.sendall(
                reply(b"", "302 Found", f"Location: {location[0]}")
            )
        ) as shop:
            location.append(to.format(other=inside.port, port=shop.port))
            way = Way("127.0.0.1")
            origin = f"http://{SHOP}:{shop.port}"
            with (
                way.client(NetworkAccess(origin)) as http,
                pytest.raises(FetchError, match="redirects to a URL that"),
            ):
                http.get(f"{origin}/a.jpg")
            assert way.connects == [("127.0.0.1", shop.port)]
        assert inside.accepted == 0


def test_an_allowed_host_may_send_on_within_itself_and_to_another_allowed_one() -> None:
    with Loopback(says(reply(b"photo"))) as photos:
        there = f"http://photos.test:{photos.port}/a.jpg"
        with redirecting(there) as shop:
            origin = f"http://{SHOP}:{shop.port}"
            way = Way("127.0.0.1")
            both = NetworkAccess(origin, f"http://photos.test:{photos.port}")
            with way.client(both) as http:
                assert http.get(f"{origin}/a.jpg").body == b"photo"

    def within(head: str, connection: socket.socket) -> None:
        moved = reply(b"", "301 Moved", "Location: /b.jpg")
        connection.sendall(moved if " /a.jpg " in head else reply(b"photo"))

    with Loopback(within) as shop:
        origin = f"http://{SHOP}:{shop.port}"
        with Way("127.0.0.1").client(NetworkAccess(origin)) as http:
            assert http.get(f"{origin}/a.jpg").body == b"photo"


def test_nobody_else_leads_to_an_allowed_host() -> None:
    """A photo may be there by its own link only: so says the catalogue, and no CDN."""
    with Loopback(says(reply(b"inside"))) as inside:
        origin = f"http://{SHOP}:{inside.port}"
        with redirecting(f"{origin}/a.jpg") as cdn:
            way = Way("127.0.0.1")
            policy = {
                "allowed_networks": ("127.0.0.1/32",),
                "schemes": frozenset({"http"}),
                "ports": frozenset({cdn.port}),
            }
            with (
                way.client(NetworkAccess(origin), **policy) as http,
                pytest.raises(FetchError, match="only one of them is an allowed host"),
            ):
                http.get(f"http://cdn.example.com:{cdn.port}/a.jpg")
        assert inside.accepted == 0


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST"])
def test_a_request_with_a_key_is_never_sent_on(method: str) -> None:
    with Loopback(says(reply(b"inside"))) as inside:
        there = f"http://{SHOP}:{inside.port}/"
        with redirecting(there) as shop:
            origin = f"http://{SHOP}:{shop.port}"
            network = NetworkAccess(origin, there.rstrip("/"))
            with Way("127.0.0.1").client(network) as http:
                headers = {"authorization": "Basic x"}
                got = http.send(method, f"{origin}/a", headers=headers, follow=False)
            assert (got.status, got.headers["location"]) == (302, there)
        assert inside.accepted == 0


# --- Keys over plain http ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("address", "insecure", "goes"),
    [
        ("127.0.0.1", False, True),
        ("127.9.9.9", False, True),
        ("::1", False, True),
        ("10.0.0.5", False, False),
        ("100.64.0.7", False, False),
        (PUBLIC, False, False),
        ("fd00::5", False, False),
        ("10.0.0.5", True, True),
        (PUBLIC, True, True),
    ],
)
@pytest.mark.parametrize("spelled", [False, True])
def test_keys_go_over_plain_http_to_this_machine_only(
    address: str, insecure: bool, goes: bool, spelled: bool
) -> None:
    host = (f"[{address}]" if ":" in address else address) if spelled else SHOP
    network = NetworkAccess(f"http://{host}:9", insecure=insecure)
    way = Way(address)
    with (
        way.client(network, plain_http=False) as http,
        pytest.raises(FetchError) as raised,
    ):
        http.send("POST", f"http://{host}:9/", follow=False)
    assert way.connects == ([(address, 9)] if goes else [])
    if not goes:
        assert "--insecure" in str(raised.value) and "https://" in str(raised.value)


def test_https_is_no_matter_of_insecure() -> None:
    way = Way(PUBLIC)
    with (
        way.client(NetworkAccess(), plain_http=False) as http,
        pytest.raises(FetchError, match="recorded only"),
    ):
        http.get("https://shop.example.com/")


# --- Certificates ------------------------------------------------------------------------


def tls(authority: trustme.CA, *names: str) -> ssl.SSLContext:
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(*names).configure_cert(made)
    return made


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def ca(authority: trustme.CA, tmp_path: Path) -> Path:
    path = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(str(path))
    return path


def fetch(server: Loopback, network: NetworkAccess, name: str = SHOP) -> bytes:
    with Way("127.0.0.1").client(network, ports=frozenset({server.port})) as http:
        return http.get(f"https://{name}:{server.port}/").body


def test_a_certificate_of_ones_own_is_trusted_by_its_authority(
    authority: trustme.CA, ca: Path
) -> None:
    with Loopback(says(reply(b"ok")), tls=tls(authority, SHOP)) as server:
        origin = f"https://{SHOP}:{server.port}"
        with pytest.raises(FetchError, match=r"certificate is not valid.*--ca FILE"):
            fetch(server, NetworkAccess(origin))
        assert fetch(server, NetworkAccess(origin, ca=ca)) == b"ok"
        assert fetch(server, NetworkAccess(origin, ca=str(ca))) == b"ok"


def test_a_servers_own_certificate_is_enough(authority: trustme.CA, tmp_path: Path) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    leaf = authority.issue_cert(SHOP)
    leaf.configure_cert(context)
    path = tmp_path / "leaf.pem"
    leaf.cert_chain_pems[0].write_to_path(str(path))
    with Loopback(says(reply(b"ok")), tls=context) as server:
        network = NetworkAccess(f"https://{SHOP}:{server.port}", ca=path)
        assert fetch(server, network) == b"ok"


def test_insecure_verifies_certificates_all_the_same(authority: trustme.CA) -> None:
    with Loopback(says(reply(b"ok")), tls=tls(authority, SHOP)) as server:
        network = NetworkAccess(f"https://{SHOP}:{server.port}", insecure=True)
        with pytest.raises(FetchError, match="certificate is not valid"):
            fetch(server, network)
    assert server.requests == []


def test_another_name_and_another_authority_are_refused_with_the_reason(ca: Path) -> None:
    other = trustme.CA()
    with Loopback(says(reply(b"ok")), tls=tls(other, SHOP)) as server:
        network = NetworkAccess(f"https://{SHOP}:{server.port}", ca=ca)
        with pytest.raises(FetchError, match="the authority that signed it"):
            fetch(server, network)
    assert server.requests == []


def test_a_certificate_for_another_name_is_told(authority: trustme.CA, ca: Path) -> None:
    with Loopback(says(reply(b"ok")), tls=tls(authority, "www.shop.test")) as server:
        network = NetworkAccess(f"https://{SHOP}:{server.port}", ca=ca)
        with pytest.raises(FetchError, match="it is for another name"):
            fetch(server, network)


@pytest.mark.parametrize(("years", "word"), [(1, "not yet valid"), (-1, "expired")])
def test_a_certificate_of_another_time_asks_for_the_clock(
    authority: trustme.CA, ca: Path, years: int, word: str
) -> None:
    now = datetime.now(UTC)
    begins = now + timedelta(days=365 * years)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(
        SHOP, not_before=begins, not_after=begins + timedelta(days=30)
    ).configure_cert(context)
    with Loopback(says(reply(b"ok")), tls=context) as server:
        network = NetworkAccess(f"https://{SHOP}:{server.port}", ca=ca)
        with pytest.raises(FetchError, match=word) as raised:
            fetch(server, network)
    assert f"It says {now:%Y-%m-%d}" in str(raised.value)


def test_keys_trust_the_file_alone_and_photos_the_public_authorities_too(ca: Path) -> None:
    network = NetworkAccess(ca=ca)
    assert network.key_trust and network.photo_trust
    assert len(network.key_trust.get_ca_certs()) == 1
    assert len(network.photo_trust.get_ca_certs()) > 50
    for context in (network.key_trust, network.photo_trust):
        assert context.check_hostname and context.verify_mode == ssl.CERT_REQUIRED
    assert NetworkAccess().key_trust is None


def test_a_server_that_speaks_no_tls_is_told() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]

        def answer() -> None:
            connection, _ = server.accept()
            with connection:
                connection.sendall(reply(b"", "400 Bad Request"))
                connection.recv(4096)

        threading.Thread(target=answer, daemon=True).start()
        origin = f"https://{SHOP}:{port}"
        with (
            Way("127.0.0.1").client(NetworkAccess(origin)) as http,
            pytest.raises(FetchError, match="does it speak https at this port"),
        ):
            http.get(origin)


def test_what_is_no_file_of_certificates_is_refused(
    authority: trustme.CA, tmp_path: Path
) -> None:
    pem = authority.cert_pem.bytes()
    contents = {
        "empty.pem": (b"", "holds no PEM certificate"),
        "text.pem": (b"hello", "holds no PEM certificate"),
        "key.pem": (authority.private_key_pem.bytes(), "holds a private key"),
        "ca.der": (ssl.PEM_cert_to_DER_cert(pem.decode()), "is DER; make PEM of it"),
        "cut.pem": (pem[: len(pem) // 2], "cannot be read"),
        "large.pem": (b"#" * (5 * 2**20), "the limit"),
    }
    for name, (data, message) in contents.items():
        (tmp_path / name).write_bytes(data)
        with pytest.raises(ValueError, match=message):
            NetworkAccess(ca=tmp_path / name)
    with pytest.raises(ValueError, match="no regular file"):
        NetworkAccess(ca=tmp_path)
    with pytest.raises(ValueError, match="no such file"):
        NetworkAccess(ca=tmp_path / "none.pem")


def test_what_is_shown_of_it_names_the_hosts() -> None:
    network = NetworkAccess("http://shop.test:8080", "http://localhost")
    assert re.fullmatch(
        r"NetworkAccess\('http://localhost', 'http://shop.test:8080', insecure=False\)",
        repr(network),
    )
