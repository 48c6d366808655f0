"""A feed that wants to reach inside, end to end: read, described, and nobody was called.

The feed's photos lead to closed addresses in every spelling, to files, through redirects,
into endless answers and bombs. Every connection goes through a seam that counts it.
"""

from __future__ import annotations

import contextlib
import csv
import ipaddress
import json
import socket
import ssl
import struct
import sys
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import pytest
import trustme
from doubles.hostile_addresses import FORMS, URLS
from doubles.loopback import Loopback, reply
from doubles.pictures import jpeg

from productdesc import Described, Failed, ScriptedEngine, describe_many
from productdesc.catalogs.google.feed import GoogleSource
from productdesc.catalogs.jsonl import JsonlSource
from productdesc.catalogs.protocol import Source
from productdesc.catalogs.tables.csv_table import TableSource
from productdesc.net import Http, Policy
from productdesc.net.url_policy import closed

SHOP = "photos.example.com"
HERE = "127.0.0.2"

pytestmark = pytest.mark.skipif(
    sys.platform != "linux", reason="needs a second loopback address"
)


def bomb() -> bytes:
    """A PNG of 60,000 x 60,000 pixels in a few hundred bytes."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        whole = kind + data
        return struct.pack(">I", len(data)) + whole + struct.pack(">I", zlib.crc32(whole))

    size = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    rows = zlib.compress(bytes(60_000))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", size) + chunk(b"IDAT", rows)


GOOD = jpeg()
INSIDE = [f"https://{form}/" for form in FORMS] + ["//127.0.0.1/", "file:///etc/passwd"]


def answer(head: str, connection: socket.socket) -> None:
    path = head.split()[1]
    match path.split("/")[1]:
        case "good.jpg":
            connection.sendall(reply(GOOD))
        case "bomb.png":
            connection.sendall(reply(bomb()))
        case "page":
            connection.sendall(reply(b"<html><script>alert(1)</script>" * 100))
        case "claims":
            connection.sendall(reply(b"x", length=10**12))
        case "to":
            where = INSIDE[int(path.split("/")[2])].encode().decode("latin-1")
            connection.sendall(reply(b"", "302 Found", f"Location: {where}"))
        case _:  # endless: no length, and it never stops
            connection.sendall(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")
            with contextlib.suppress(OSError):
                while True:
                    connection.sendall(b"\xff\xd8" + bytes(1 << 16))


class Way:
    """A way out that writes every connection down; only our own server may be met."""

    def __init__(self, trust: ssl.SSLContext, port: int) -> None:
        self.connects: list[tuple[str, int]] = []
        self._trust = trust
        self._port = port

    def lookup(self, host: str, port: int) -> list[str]:
        if host == SHOP:
            return [HERE]
        return [FORMS.get(host) or FORMS.get(f"[{host}]") or "127.0.0.1"]

    def connect(self, address: tuple[str, int], seconds: float) -> socket.socket:
        self.connects.append(address)
        if address != (HERE, self._port):
            raise ConnectionRefusedError("recorded only")
        return socket.create_connection(address, seconds)

    def client(self) -> Http:
        policy = Policy(
            attempts=1,
            allowed_networks=(f"{HERE}/32",),
            ports=frozenset({443, self._port}),
        )
        return Http(policy, trust=self._trust, lookup=self.lookup, connect=self.connect)


@pytest.fixture
def shop() -> Iterator[tuple[Way, Loopback]]:
    authority = trustme.CA()
    server_side = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(SHOP).configure_cert(server_side)
    trust = ssl.create_default_context()
    authority.configure_trust(trust)
    try:
        server = Loopback(answer, host=HERE, tls=server_side)
    except OSError:
        pytest.skip("this system has one loopback address only")
    with server:
        yield Way(trust, server.port), server


def photos(port: int) -> dict[str, list[str]]:
    """The feed: product id -> its photos."""
    at = f"https://{SHOP}:{port}"
    feed = {f"form-{n}": [f"https://{form}/a.jpg"] for n, form in enumerate(FORMS)}
    feed |= {f"url-{n}": [url] for n, url in enumerate(URLS)}
    feed |= {f"redirect-{n}": [f"{at}/to/{n}/"] for n in range(0, len(INSIDE), 6)}
    feed |= {"last-redirect": [f"{at}/to/{len(INSIDE) - 1}/"]}
    odd = ("bomb.png", "endless", "page", "claims", "../../etc/passwd")
    feed |= {f"odd-{n}": [f"{at}/{path}"] for n, path in enumerate(odd)}
    feed |= {"good": [f"{at}/good.jpg"]}
    feed |= {"mixed": ["file:///etc/passwd", "https://10.0.0.1/a.jpg", f"{at}/good.jpg"]}
    return feed


def google(path: Path, feed: dict[str, list[str]]) -> Source:
    items = "".join(
        f"<item><g:id>{key}</g:id><title>T</title>"
        + "".join(
            f"<g:additional_image_link>{escape(url)}</g:additional_image_link>"
            for url in urls
            if not set(url) & {"\x00"}  # no XML holds it
        )
        + "</item>"
        for key, urls in feed.items()
    )
    path.write_text(
        f'<rss xmlns:g="http://base.google.com/ns/1.0"><channel>{items}</channel></rss>',
        encoding="utf-8",
    )
    return GoogleSource(path)


def table(path: Path, feed: dict[str, list[str]]) -> Source:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        width = max(map(len, feed.values()))
        writer.writerow(["sku", "name", *[f"image {n}" for n in range(width)]])
        for key, urls in feed.items():
            shown = [url.replace("\x00", "") for url in urls]
            writer.writerow([key, "T", *shown, *[""] * (width - len(urls))])
    return TableSource(path)


def lines(path: Path, feed: dict[str, list[str]]) -> Source:
    rows: list[dict[str, Any]] = [
        {"id": key, "title": "T", "photos": urls} for key, urls in feed.items()
    ]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return JsonlSource(path)


@pytest.mark.parametrize("write", [google, table, lines])
def test_a_hostile_feed_reaches_nobody_and_every_product_ends(
    tmp_path: Path, shop: tuple[Way, Loopback], write: Any
) -> None:
    way, server = shop
    feed = photos(server.port)
    with write(tmp_path / "feed", feed) as source, way.client() as http:
        outcomes = list(describe_many(source.products(), ScriptedEngine(), http=http))
    ended = {outcome.product.id: outcome for outcome in outcomes}
    assert list(ended) == list(feed)
    assert all(isinstance(outcome, Described | Failed) for outcome in outcomes)
    ours = [ipaddress.ip_network(f"{HERE}/32")]
    bad = [a for a, _ in way.connects if closed(ipaddress.ip_address(a), ours)]
    assert bad == [], "0 connections to closed addresses"
    assert way.connects.count((HERE, server.port)) == server.accepted > 20
    for key in ("good", "mixed"):
        found = ended[key]
        assert isinstance(found, Described), found
        assert len(found.description.provenance.photos) == 1
    for key, found in ended.items():
        if key.startswith(("form-", "redirect-", "last-")):
            assert isinstance(found, Failed), key
    for key, words in {"odd-0": "3600000000 pixels", "odd-1": "31457280 bytes"}.items():
        assert words in str(failure(ended[key])), failure(ended[key])
    other = [u for u in URLS if u.strip() and not u.strip().lower().startswith("https://")]
    assert source.problems.total >= len(other)
    whole = "\n".join(map(str, source.problems))
    assert "is file:" in whole and "is http:" in whole


def failure(outcome: Described | Failed) -> Exception | None:
    return outcome.error if isinstance(outcome, Failed) else None


def test_the_server_of_these_tests_would_be_noticed(
    shop: tuple[Way, Loopback],
) -> None:
    """Without the guard's judgement the seam does see a connection to a closed address."""
    way, _ = shop
    with pytest.raises(ConnectionRefusedError):
        way.connect(("10.0.0.1", 443), 1)
    assert [a for a, _ in way.connects if closed(ipaddress.ip_address(a))] == ["10.0.0.1"]
