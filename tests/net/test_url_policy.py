"""No road leads inside: hostile addresses by URL, DNS answer, redirect and mixed answer.

Every connection goes through a seam that writes it down, so that "0 connections" is
counted, not believed.
"""

from __future__ import annotations

import ipaddress
import socket
import sys
from typing import Any

import pytest
from dnslib import QTYPE, RR, A, DNSRecord
from dnslib.server import BaseResolver, DNSHandler, DNSServer
from doubles.hostile_addresses import FORMS, URLS
from doubles.loopback import Loopback, reply, says
from hypothesis import given
from hypothesis import strategies as st

from productdesc.errors import FetchError, PhotoError
from productdesc.net import Http, Policy
from productdesc.net.url_policy import CLOSED, UnsafeURL, closed, parse, scrub
from productdesc.photos import load

PUBLIC = "93.184.215.14"
START = "start.example.com"


class Recorder:
    """A way out that writes down where to, and a DNS that gives fixed answers."""

    def __init__(self, *answers: str, start: str = PUBLIC) -> None:
        self.connects: list[tuple[str, int]] = []
        self._answers = list(answers)
        self._start = start

    def lookup(self, host: str, port: int) -> list[str]:
        return [self._start] if host == START else self._answers

    def connect(self, address: tuple[str, int], seconds: float) -> socket.socket:
        self.connects.append(address)
        if address[0].startswith("127."):
            return socket.create_connection(address, seconds)
        raise ConnectionRefusedError("recorded only")

    def client(self, **policy: Any) -> Http:
        return Http(
            Policy(attempts=1)._replace(**policy),
            lookup=self.lookup,
            connect=self.connect,
            sleep=lambda seconds: None,
        )


def test_the_table_of_forms_is_long_enough() -> None:
    assert len(FORMS) >= 60
    assert len(URLS) >= 50


@pytest.mark.parametrize("form", FORMS)
def test_a_url_that_spells_a_closed_address_makes_no_connection(form: str) -> None:
    way = Recorder(FORMS[form])
    with way.client() as http:
        for url in (f"https://{form}/a.jpg", f"https://{form}:443/a.jpg?{form}"):
            with pytest.raises(PhotoError):
                load(url, http=http)
    assert way.connects == []


@pytest.mark.parametrize("address", sorted(set(FORMS.values())))
def test_a_name_that_leads_to_a_closed_address_makes_no_connection(address: str) -> None:
    way = Recorder(address)
    with way.client() as http, pytest.raises(PhotoError, match="leads to"):
        load("https://photos.example.com/a.jpg", http=http)
    assert way.connects == []


@pytest.mark.parametrize("address", sorted(set(FORMS.values())))
def test_one_closed_answer_among_open_ones_closes_the_name(address: str) -> None:
    for answers in (
        [PUBLIC, address],
        [address, PUBLIC],
        ["2606:4700::1111", PUBLIC, "1.1.1.1", "8.8.8.8", "9.9.9.9", address],
    ):
        way = Recorder(*answers)
        with way.client() as http, pytest.raises(PhotoError, match="leads to"):
            load("https://photos.example.com/a.jpg", http=http)
        assert way.connects == []


def second_loopback(server_says: bytes) -> Loopback:
    try:
        return Loopback(says(server_says), host="127.0.0.2")
    except OSError:
        pytest.skip("this system has one loopback address only")


@pytest.mark.parametrize("form", FORMS)
def test_a_redirect_to_a_closed_address_makes_no_second_connection(form: str) -> None:
    """The first server is at an allowed address; nothing else may be reached from it."""
    with Loopback(says(reply(b"inside"))) as inside:
        for url in (f"https://{form}/", f"http://{form}:{inside.port}/", f"//{form}/"):
            location = f"Location: {url}".encode().decode("latin-1")
            with second_loopback(reply(b"", "302 Found", location)) as first:
                way = Recorder(FORMS[form], start="127.0.0.2")
                policy = {
                    "allowed_networks": ("127.0.0.2/32",),
                    "schemes": frozenset({"http", "https"}),
                    "ports": frozenset({80, 443, first.port, inside.port}),
                }
                with way.client(**policy) as http, pytest.raises(FetchError):
                    http.get(f"http://{START}:{first.port}/a.jpg")
            assert way.connects == [("127.0.0.2", first.port)]
        assert inside.accepted == 0


@pytest.mark.parametrize("url", URLS)
def test_a_url_with_something_hidden_in_it_makes_no_connection(url: str) -> None:
    way = Recorder(PUBLIC)
    with way.client() as http:
        with pytest.raises(PhotoError):
            load(url, http=http)
        with pytest.raises(FetchError):
            http.get(url)
    assert way.connects == []


@pytest.mark.parametrize(
    "url",
    [
        "https://photos.example.com/a.jpg",
        "HTTPS://Photos.Example.COM:443/a.jpg",
        "https://cdn.shopify.com/s/files/1/0001/shoe_1024x1024@2x.jpg?v=15&x=a@b:c/d",
        "https://xn--bcher-kva.example/a%20b.jpg",
        "https://my_bucket.s3.amazonaws.com/a.jpg",
        "https://photos.example.com/été/ß.jpg",
        "https://photos.example.com",
        "https://1.1.1.1/a.jpg",
        "https://[2606:4700::1111]/a.jpg",
    ],
)
def test_an_ordinary_url_is_connected_to_at_the_looked_up_address(url: str) -> None:
    way = Recorder("9.9.9.9")
    with way.client() as http, pytest.raises(FetchError, match="recorded only"):
        http.get(url)
    [(address, port)] = way.connects
    assert port == 443
    assert address in ("9.9.9.9", "1.1.1.1", "2606:4700::1111")


def test_every_open_address_is_tried_in_turn_up_to_four() -> None:
    answers = [f"9.9.9.{n}" for n in range(1, 8)]
    way = Recorder(*answers)
    with way.client() as http, pytest.raises(FetchError):
        http.get("https://photos.example.com/")
    assert [address for address, _ in way.connects] == answers[:4]


def test_a_connection_that_ends_up_elsewhere_is_dropped() -> None:
    with Loopback(says(reply(b"inside"))) as inside:

        def connect(address: tuple[str, int], seconds: float) -> socket.socket:
            return socket.create_connection(("127.0.0.1", inside.port), seconds)

        http = Http(lookup=lambda h, p: [PUBLIC], connect=connect)
        with http, pytest.raises(FetchError, match="went to another address"):
            http.get("https://photos.example.com/")
    assert inside.requests == []


# --- A name server that moves its record -------------------------------------------------


class Moving(BaseResolver):  # type: ignore[misc]
    """Gives each address once, in order, with no time to live; then the last for ever."""

    def __init__(self, *addresses: str) -> None:
        self.left = list(addresses)
        self.asked = 0

    def resolve(self, request: DNSRecord, handler: DNSHandler) -> DNSRecord:
        self.asked += 1
        address = self.left.pop(0) if len(self.left) > 1 else self.left[0]
        answer = request.reply()
        answer.add_answer(RR(request.q.qname, QTYPE.A, ttl=0, rdata=A(address)))
        return answer


@pytest.mark.skipif(sys.platform != "linux", reason="needs a second loopback address")
def test_a_name_that_moves_after_the_check_is_not_followed() -> None:
    moving = Moving("127.0.0.2", "127.0.0.1", "127.0.0.1")
    names = DNSServer(moving, port=0, address="127.0.0.1")
    names.start_thread()
    name_port = names.server.server_address[1]

    def lookup(host: str, port: int) -> list[str]:
        packet = DNSRecord.question(host).send("127.0.0.1", name_port, timeout=5)
        return [str(rr.rdata) for rr in DNSRecord.parse(packet).rr]

    try:
        with (
            Loopback(says(reply(b"outside")), host="127.0.0.2") as outside,
            Loopback(says(reply(b"inside"))) as inside,
        ):
            policy = Policy(
                allowed_networks=("127.0.0.2/32",),
                schemes=frozenset({"http"}),
                ports=frozenset({outside.port, inside.port}),
                attempts=1,
            )
            with Http(policy, lookup=lookup) as http:
                url = f"http://photos.example.com:{outside.port}/"
                assert http.get(url).body == b"outside"
                assert moving.asked == 1  # one lookup for check and connection together
                with pytest.raises(FetchError, match=r"leads to 127\.0\.0\.1: loopback"):
                    http.get(url)
                assert moving.asked == 2
            assert inside.accepted == 0
            assert outside.accepted == 1
    finally:
        names.stop()
        names.server.server_close()


# --- Rules as laws -----------------------------------------------------------------------


@pytest.mark.parametrize("network", CLOSED)
def test_a_closed_network_is_closed_from_its_first_to_its_last_address(
    network: str,
) -> None:
    block = ipaddress.ip_network(network)
    assert closed(block[0]) and closed(block[-1])


@given(st.ip_addresses())
def test_what_python_calls_private_or_special_is_closed(
    address: ipaddress.IPv4Address | ipaddress.IPv6Address,
) -> None:
    special = (
        address.is_private
        or address.is_loopback
        or address.is_link_local
        or address.is_multicast
        or address.is_reserved
        or address.is_unspecified
    )
    if special:
        assert closed(address)
    assert closed(address, [ipaddress.ip_network(address)]) is None


@given(st.ip_addresses(v=4))
def test_an_ipv4_address_inside_an_ipv6_one_is_never_open(
    address: ipaddress.IPv4Address,
) -> None:
    number = int(address)
    for prefix in ("::ffff:0:0", "::", "64:ff9b::", "::ffff:0:0:0"):
        assert closed(ipaddress.IPv6Address(int(ipaddress.IPv6Address(prefix)) + number))
    six_to_four = int(ipaddress.IPv6Address("2002::")) + (number << 80)
    assert closed(ipaddress.IPv6Address(six_to_four))


def judge(url: str) -> str:
    target = parse(url, schemes={"https"}, ports={443}, max_chars=2048)
    return target.host


@given(st.text(max_size=60))
def test_no_text_after_https_breaks_the_judge(text: str) -> None:
    try:
        host = judge(f"https://{text}")
    except UnsafeURL:
        return
    assert host == host.lower().strip() and host.isascii()
    assert not set(host) & set("@/\\?# %")


@given(st.text(max_size=300))
def test_a_scrubbed_url_is_short_printable_and_has_no_query(text: str) -> None:
    shown = scrub(text)
    assert len(shown) <= 120
    assert shown.isprintable() and shown.isascii()
    assert "?" not in shown and "#" not in shown


def test_a_scrubbed_url_has_no_password() -> None:
    assert scrub("https://user:pa@ss@h.example/a?x#y") == "https://h.example/a"
    assert scrub("//user@h.example/a") == "//h.example/a"
