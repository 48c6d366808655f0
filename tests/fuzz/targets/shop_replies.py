"""Targets of what a shop's server answers: Shopify, its bulk files, WooCommerce, HTTP."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from factories import description
from fuzz.corpus import texts
from fuzz.mutate.grammar import lines
from fuzz.replies import MARK, ScriptedHttp, Slept, replies
from fuzz.target import Target, is_one_line, require

from productdesc.catalogs.live import RETRY_POLICIES
from productdesc.catalogs.protocol import Sink, Source
from productdesc.catalogs.shopify.admin import ShopifyClient, ShopifySink, ShopifySource
from productdesc.catalogs.woocommerce.rest import (
    YOAST,
    WooCommerceClient,
    WooCommerceSink,
    WooCommerceSource,
)
from productdesc.errors import CatalogError, FetchError
from productdesc.net import Http, Policy
from productdesc.records import Product

TOKEN, KEY, SECRET = "shpat_0123456789", "ck_0123456789", "cs_0123456789"
OURS = description(
    title="Our title", description="Our words.", bullets=("one", "two"), tags=("new",),
    alt_texts=("a shoe",), seo_title="SEO", attributes={"colour": "red"},
)  # fmt: skip
STATUSES = {"unchanged", "planned", "written", "collateral", "unknown", "refused"}


def _shopify(data: bytes, files: bytes = b"") -> ShopifyClient:
    policy = RETRY_POLICIES["shopify"]
    http: Any = ScriptedHttp(data)
    clock = Slept(max(policy.longest_wait_seconds, policy.poll_seconds) + 1).clock
    return ShopifyClient("my-shop.myshopify.com", TOKEN, http=http, files=http, clock=clock)


def _woocommerce(data: bytes) -> WooCommerceClient:
    policy = RETRY_POLICIES["woocommerce"]
    http: Any = ScriptedHttp(data)
    clock = Slept(policy.longest_wait_seconds + 1).clock
    return WooCommerceClient("https://shop.example", KEY, SECRET, http=http, clock=clock)


def _read(source: Source) -> None:
    try:
        for product in source.products():
            require(product.id, "a product has an id")
    finally:
        for problem in source.problems:
            text = str(problem)
            require(is_one_line(text), f"a problem is one line: {text!r:.300}")


def _saved(sink: Sink, *ids: str) -> None:
    pairs = [(Product(id=one), OURS) for one in ids]
    for (product, _), saved in zip(pairs, sink.save_many(pairs), strict=True):  # type: ignore[attr-defined]
        require(saved.product_id == product.id, "an answer for each product, in order")
        require(saved.status in STATUSES, f"a known status: {saved.status!r}")


def _shopify_write(data: bytes, folder: Path) -> None:
    with _shopify(data) as client:
        sink = ShopifySink(
            client, apply=True, overwrite=("title",), metafields={"colour": "custom.colour"}
        )
        if data[:1] == b"\n":
            _saved(sink, "1", "shoe")
        else:
            saved = sink.save(Product(id="1"), OURS)
            require(saved.status in STATUSES, f"a known status: {saved.status!r}")


def _shopify_languages(data: bytes, folder: Path) -> None:
    """Read in two languages, by pages or in bulk; or written in the further one."""
    with _shopify(data) as client:
        if data[:1] == b"\n":
            sink = ShopifySink(client, apply=True, overwrite=("title",), language="de")
            saved = sink.save(Product(id="1"), OURS.model_copy(update={"language": "de"}))
            require(saved.status in STATUSES, f"a known status: {saved.status!r}")
            return
        bulk = data[:1] == b" "
        _read(ShopifySource(client, bulk=bulk, languages=("de", "en")))


def _woocommerce_write(data: bytes, folder: Path) -> None:
    with _woocommerce(data) as client:
        sink = WooCommerceSink(
            client, apply=True, overwrite=("title", "alt_texts"), attributes=True, seo=YOAST
        )
        _saved(sink, "799", "x", "800")


class _Connected(socket.socket):
    """One end of a pair, which takes itself for a connection to `ADDRESS`."""

    def getpeername(self) -> tuple[str, int]:
        return (ADDRESS, 80)

    def setsockopt(self, *options: Any) -> None:
        """A pair has none of TCP's options."""


ADDRESS = "93.184.216.34"


def _http(data: bytes, folder: Path) -> None:
    """Raw bytes of a server, as they come through the socket."""
    pair, theirs = socket.socketpair()
    ours = _Connected(fileno=pair.detach())
    ours.settimeout(5)
    theirs.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 2**18)
    theirs.settimeout(5)
    theirs.sendall(data)
    theirs.shutdown(socket.SHUT_WR)
    policy = Policy(schemes=frozenset({"http"}), attempts=1, deadline_seconds=4.0)
    connected = [ours]

    def connect(place: object, seconds: float) -> socket.socket:
        if not connected:
            raise ConnectionRefusedError("one connection")
        return connected.pop()

    with (
        theirs,
        Http(policy, lookup=lambda host, port: [ADDRESS], connect=connect) as http,
    ):
        try:
            reply = http.send("GET", "http://shop.example/a", max_bytes=20_000)
            require(len(reply.body) <= 20_000, "no more than was allowed")
        finally:
            for one in connected:
                one.close()


def _node(number: int, **changes: Any) -> dict[str, Any]:
    """A product as the Admin API answers it."""
    image = {
        "id": f"gid://shopify/MediaImage/{number}",
        "alt": "",
        "mediaContentType": "IMAGE",
        "fileStatus": "READY",
        "image": {"url": "https://cdn.shopify.com/a.jpg"},
    }
    field = {
        "id": "gid://shopify/Metafield/1",
        "namespace": "custom",
        "key": "width",
        "type": "dimension",
        "value": '{"value": 2.5, "unit": "CENTIMETERS"}',
    }
    last = {"hasNextPage": False, "endCursor": None}
    return {
        "id": f"gid://shopify/Product/{number}",
        "handle": "shoe",
        "title": "Shoe",
        "descriptionHtml": "<p>Soft <b>shoe</b></p>",
        "vendor": "Acme",
        "productType": "Shoes",
        "tags": ["a", "b"],
        "seo": {"title": None, "description": "d"},
        "category": {"id": "gid://shopify/TaxonomyCategory/aa-8", "fullName": "Shoes"},
        "options": [{"name": "Size", "values": ["42", "43"]}],
        "media": {"pageInfo": last, "nodes": [image]},
        "metafields": {"pageInfo": last, "nodes": [field]},
    } | changes


COST = {"cost": {"requestedQueryCost": 50, "actualQueryCost": 20, "throttleStatus": {
    "maximumAvailable": 2000, "currentlyAvailable": 10, "restoreRate": 100}}}  # fmt: skip


def _data(**data: Any) -> bytes:
    return json.dumps({"data": data, "extensions": COST}).encode()


def _script(*parts: bytes) -> bytes:
    return MARK.join(parts)


def _page(*nodes: Mapping[str, Any], cursor: str | None = None) -> bytes:
    info = {"hasNextPage": cursor is not None, "endCursor": cursor}
    return _data(products={"nodes": nodes, "pageInfo": info})


ERRORS = (
    b'{"errors":[{"message":"Throttled","extensions":{"code":"THROTTLED"}}]}',
    b'{"errors":"[API] Invalid API key or access token"}',
    b"HTTP 429\nretry-after: 2.0\n\n{}",
    b"HTTP 502\n\n<html>",
)


def _shopify_pages(shared: Path | None) -> Sequence[bytes]:
    media = {"nodes": [], "pageInfo": {"hasNextPage": True, "endCursor": "m1"}}
    more = _data(product={"media": _node(1)["media"]})
    return [
        _script(_page(_node(1), _node(2), cursor="c1"), _page(_node(3))),
        _script(_page(_node(1, media=media)), more),
        *(_script(error, _page(_node(1, category=None))) for error in ERRORS),
    ]


def _operation(**changes: Any) -> bytes:
    state = {"status": "COMPLETED", "errorCode": None, "rootObjectCount": "2",
             "fileSize": None, "url": "https://storage.googleapis.com/a.jsonl",
             "partialDataUrl": None}  # fmt: skip
    return _data(bulkOperation=state | changes)


def _started(name: str) -> bytes:
    operation = {"id": "gid://shopify/BulkOperation/1"}
    return _data(**{name: {"bulkOperation": operation, "userErrors": []}})


def _shopify_bulk(shared: Path | None) -> Sequence[bytes]:
    nodes = [_node(1), _node(2)]
    rows: list[Any] = []
    for node in nodes:
        media, fields = node.pop("media"), node.pop("metafields")
        rows.append(node)
        below = (*media["nodes"], *fields["nodes"])
        rows += [{**one, "__parentId": node["id"]} for one in below]
    file = "\n".join(map(json.dumps, rows)).encode()
    start = _started("bulkOperationRunQuery")
    refused = _data(bulkOperationRunQuery={"bulkOperation": None, "userErrors": [
        {"field": ["query"], "message": "A bulk operation is in progress"}]})  # fmt: skip
    return [
        _script(start, _operation(status="RUNNING"), _operation(), file),
        _script(start, _operation(fileSize=str(len(file))), b"HTTP 206\n\n" + file),
        _script(start, _operation(status="FAILED", errorCode="TIMEOUT")),
        _script(refused),
    ]


def _shopify_writes(shared: Path | None) -> Sequence[bytes]:
    updated = _data(productUpdate={"product": {"id": "x"}, "userErrors": []})
    refused = _data(productUpdate={"product": None, "userErrors": [
        {"field": ["title"], "message": "is too long"}]})  # fmt: skip
    files = _data(fileUpdate={"files": [{"id": "x"}], "userErrors": []})
    one, after = _data(product=_node(1)), _data(product=_node(1, title="Our title"))
    target = {"url": "https://storage.googleapis.com/", "parameters": [
        {"name": "key", "value": "tmp/a.jsonl"}]}  # fmt: skip
    staged = _data(stagedUploadsCreate={"stagedTargets": [target], "userErrors": []})
    found = _data(productByIdentifier={"id": "gid://shopify/Product/2"})
    many = _data(nodes=[_node(1), _node(2)])
    result = b'{"data":{"productUpdate":{"userErrors":[]}},"__lineNumber":0}\n' * 2
    batch = (found, many, staged, b"HTTP 201\n\n", _started("bulkOperationRunMutation"),
             _operation(), result, many)  # fmt: skip
    return [
        _script(one, updated, files, after),
        _script(one, refused, one),
        _script(one, b"HTTP 502\n\n", one),
        b"\n" + _script(*batch),
        b"\n" + _script(found, many, many, updated, files, updated, files, many),
    ]


def _locales() -> bytes:
    names = {"en": True, "de": False}
    shared = {"name": "x", "published": True}
    return _data(
        shopLocales=[{"locale": c, "primary": p, **shared} for c, p in names.items()]
    )


def _resource(gid: str, *keys: str) -> dict[str, Any]:
    own = [{"key": key, "value": "Shoe", "digest": "5f"} for key in keys]
    there = [{"key": keys[0], "value": "Schuh", "outdated": True}]
    return {"resourceId": gid, "translatableContent": own, "translations": there}


def _shopify_translated(shared: Path | None) -> Sequence[bytes]:
    gid = "gid://shopify/Product/1"
    found = [_resource(gid, "title", "body_html", "meta_title"),
             _resource("gid://shopify/MediaImage/1", "alt")]  # fmt: skip
    resources = _data(translatableResourcesByIds={"nodes": found})
    one = _node(1, options=[])  # so that nobody asks for variants
    node = _data(product=one)
    done = _data(translationsRegister={"translations": [{"key": "x"}], "userErrors": []})
    wrong = {
        "field": ["translations", "0"],
        "message": "Translatable content hash is invalid",
    }
    code = {"code": "INVALID_TRANSLATABLE_CONTENT"}
    refused = _data(
        translationsRegister={"translations": None, "userErrors": [wrong | code]}
    )
    rows = {"resourceId": gid, "l0": [{"key": "title", "value": "Schuh"}]}
    line = json.dumps(rows).encode()
    start, over = _started("bulkOperationRunQuery"), _operation(rootObjectCount="1")
    product = json.dumps({**one, "media": None, "metafields": None}).encode()
    return [
        _script(_locales(), _page(one), resources),
        b" " + _script(_locales(), *(start, over, product), *(start, over, line) * 2),
        b"\n" + _script(_locales(), node, resources, done, done, node, resources),
        b"\n" + _script(_locales(), node, resources, refused),
        *(_script(error, _locales(), _page(one), resources) for error in ERRORS),
    ]


def _woo_product(number: int, **changes: Any) -> dict[str, Any]:
    return {
        "id": number,
        "name": "Shoe",
        "type": "simple",
        "description": "<p>Soft</p>\n",
        "short_description": "",
        "categories": [{"id": 9, "name": "Shoes &amp; more", "slug": "shoes"}],
        "tags": [{"id": 3, "name": "new", "slug": "new"}],
        "images": [{"id": 5, "src": "https://shop.example/a.jpg", "alt": ""}],
        "attributes": [
            {"id": 1, "name": "Color", "position": 0, "visible": True, "variation": False}
            | {"options": ["red", "blue"]}
        ],
        "meta_data": [{"id": 1, "key": "_yoast_wpseo_title", "value": ""}],
    } | changes


def _listed(*products: Any) -> bytes:
    head = b"HTTP 200\nx-wp-total: %d\n\n" % len(products)
    return head + json.dumps(products).encode()


WOO_ERROR = b'HTTP 400\n\n{"code":"rest_x","message":"<p>no</p>","data":{"status":400}}'


def _woo_reads(shared: Path | None) -> Sequence[bytes]:
    examples = texts(shared, "shared/catalogs/woocommerce-rest-examples/products__*.json")
    variations = (
        b'[{"id": 31, "attributes": [{"id": 1, "name": "Color", "option": "red"}]}]'
    )
    return [
        _listed(_woo_product(799), _woo_product(800)),
        _script(_listed(_woo_product(799, type="variable")), variations),
        b"\xef\xbb\xbf" + json.dumps([_woo_product(1)]).encode(),
        WOO_ERROR,
        *(b"[" + example + b"]" for example in examples),
    ]


def _woo_writes(shared: Path | None) -> Sequence[bytes]:
    before = _listed(_woo_product(799), _woo_product(800))
    attributes = json.dumps([{"id": 1, "name": "Color", "slug": "pa_color"}]).encode()
    tags = json.dumps([{"id": 4, "name": "new", "slug": "new"}]).encode()
    after = _listed(_woo_product(799, name="Our title"), _woo_product(800))
    error = {"code": "x", "message": "no", "data": {"status": 400}}
    both = {"update": [_woo_product(799), {"id": 800, "error": error}]}
    update = json.dumps(both).encode()
    return [
        _script(before, attributes, tags, update, after),
        _script(before, attributes, tags, tags, update, after, after),
        _script(before, tags, WOO_ERROR, after),
        _script(before, attributes, update, b"HTTP 502\n\n<html>", after),
    ]


def _raw(shared: Path | None) -> Sequence[bytes]:
    return [
        b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
        b"HTTP/1.1 302 Found\r\nLocation: http://b.example/\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 503 Busy\r\nRetry-After: 1\r\n\r\n",
        b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.0 200 OK\r\n\r\nto the end",
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 2\r\n\r\n\x1f\x8b",
    ]


CATALOG = (CatalogError,)


def _shopify_source(bulk: bool) -> Callable[[bytes, Path], None]:
    def run(data: bytes, folder: Path) -> None:
        with _shopify(data) as client:
            _read(ShopifySource(client, bulk=bulk))

    return run


def _woo_source(data: bytes, folder: Path) -> None:
    with _woocommerce(data) as client:
        _read(WooCommerceSource(client, seo=YOAST))


HTTP_WORDS = (
    b"\r\n", b"\r\n\r\n", b"Content-Length: ", b"Transfer-Encoding: chunked\r\n",
    b"0\r\n\r\n", b"HTTP/1.1 200 OK\r\n", b"Location: ", b"Retry-After: ",
)  # fmt: skip

TARGETS = {
    "shopify-pages": Target(_shopify_source(False), CATALOG, _shopify_pages, (replies,)),
    "shopify-bulk": Target(_shopify_source(True), CATALOG, _shopify_bulk, (replies,)),
    "shopify-write": Target(_shopify_write, CATALOG, _shopify_writes, (replies,)),
    "shopify-languages": Target(
        _shopify_languages, CATALOG, _shopify_translated, (replies,)
    ),
    "woocommerce-read": Target(_woo_source, CATALOG, _woo_reads, (replies,)),
    "woocommerce-write": Target(_woocommerce_write, CATALOG, _woo_writes, (replies,)),
    "http": Target(_http, (FetchError,), _raw, (lines,), HTTP_WORDS),
}
