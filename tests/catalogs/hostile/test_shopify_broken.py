"""One product that is broken, in a page or in a line of a bulk file: one problem line.

The rest goes on, and what is missing is never taken for what the shop has not.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from doubles.shop_servers.shopify_server import ShopifyServer
from doubles.shop_servers.shopify_shop import PRODUCT
from doubles.shops import CANARY
from factories import description

from productdesc.catalogs.protocol import Problem
from productdesc.catalogs.shopify.admin import ShopifySink, ShopifySource
from productdesc.catalogs.shopify.admin.api import bulk
from productdesc.catalogs.shopify.admin.api.bulk import BulkResult
from productdesc.errors import CatalogError
from productdesc.records import Product

PHOTO = "https://cdn.shopify.com/s/files/1/1.jpg"
DEEP = b"[" * 400 + b"]" * 400
BOTTOMLESS = b"[" * 100_000 + b"]" * 100_000
NINE = b'{"id": "gid://shopify/Product/9", "x": %b}'

BAD_LINES = {
    "deep": NINE % DEEP,
    "deeper": NINE % BOTTOMLESS,
    "lists in lists": DEEP,
    "never closed": b"[" * 100_000,
    "objects in objects": b'{"id":' * 400 + b"1" + b"}" * 400,
    "no JSON": b"<html>502 Bad Gateway</html>",
    "no object": b'["gid://shopify/Product/9"]',
    "null": b"null",
    "cut off": b'{"id": "gid://shopify/Product/9", "title": "Sh',
    "not a number": NINE % b"NaN",
    "infinite": NINE % b"-Infinity",
    "a key twice": b'{"id": "gid://shopify/Product/8", "id": "gid://shopify/Product/9"}',
    "a key twice below": NINE % b'{"title": "a", "title": "b"}',
    "half a character": NINE % b'"\\ud83d"',
    "half a character as id": b'{"id": "gid://shopify/Product/\\ud83d"}',
    "no UTF-8": NINE % b'"\xff"',
    "5,000 digits": NINE % (b"1" * 5000),
    "without id": b'{"title": "Shoe"}',
    "a number as id": b'{"id": 9}',
    "a list as parent": b'{"__parentId": ["gid://shopify/Product/1000"]}',
}


@pytest.fixture
def server() -> Iterator[ShopifyServer]:
    with ShopifyServer(f"shpat_{CANARY}") as made:
        for number in range(3):
            made.shop.add(str(1000 + number), title="Shoe", images=[(PHOTO, "")])
        yield made
    assert not made.leaks and not made.crashes


def read(server: ShopifyServer, *, bulk: bool = False) -> tuple[list[Product], list[str]]:
    with ShopifySource(server.connection(), bulk=bulk) as source:
        products = list(source.products())
    return products, list(map(str, source.problems))


def rewrite_file(
    server: ShopifyServer, change: Callable[[list[bytes]], list[bytes]]
) -> None:
    """Change the lines of a bulk operation's file before it is fetched."""

    def alter(body: dict[str, Any]) -> None:
        state = (body.get("data") or {}).get("bulkOperation")
        if state and (url := state["url"] or state["partialDataUrl"]):
            stored, path = server.shop.stored, urlsplit(url).path
            stored[path] = b"".join(change(stored[path].splitlines(keepends=True)))
            state["fileSize"] = len(stored[path])

    server.alter = alter


# ---- lines of a bulk file ---------------------------------------------------------------


@pytest.mark.parametrize("line", BAD_LINES.values(), ids=BAD_LINES)
def test_a_bad_line_more_is_one_problem(server: ShopifyServer, line: bytes) -> None:
    rewrite_file(server, lambda lines: [*lines[:2], line + b"\n", *lines[2:]])
    products, [problem] = read(server, bulk=True)
    assert [(p.id, len(p.photos)) for p in products] == [
        (number, 1) for number in ("1000", "1001", "1002")
    ]
    assert problem.startswith("line 3 of the bulk file: ")
    assert len(problem) < 250


@pytest.mark.parametrize("line", BAD_LINES.values(), ids=BAD_LINES)
def test_a_bad_line_instead_of_a_product_is_one_problem(
    server: ShopifyServer, line: bytes
) -> None:
    """Its photos' lines belong to no product now, which is said already."""
    rewrite_file(server, lambda lines: [lines[0], line + b"\n", *lines[2:]])
    products, [problem] = read(server, bulk=True)
    assert [p.id for p in products] == ["1000", "1002"]
    assert problem.startswith("line 2 of the bulk file: ")


def test_a_last_line_without_its_end_is_one_problem(server: ShopifyServer) -> None:
    rewrite_file(server, lambda lines: [*lines[:-1], lines[-1][:-20]])
    products, [problem] = read(server, bulk=True)
    assert len(products) == 3 and problem.startswith("line 6 of the bulk file: is no JSON")


def test_all_bad_lines_at_once_are_a_problem_each(server: ShopifyServer) -> None:
    bad = [line + b"\n" for line in BAD_LINES.values()]
    rewrite_file(server, lambda lines: [*bad, *lines, *bad])
    products, problems = read(server, bulk=True)
    assert len(products) == 3 and len(problems) == 2 * len(bad)


@pytest.mark.parametrize("piece_bytes", [1, 7, 300, 10_000])
def test_a_line_that_is_too_long_is_never_held_whole(
    server: ShopifyServer, piece_bytes: int
) -> None:
    lines = [b'{"id": 1}', b'{"x": "' + b"y" * 900 + b'"}', b"", b'{"id": 2}', b"y" * 901]
    server.shop.stored["/long"] = content = b"\n".join(lines)
    url = "https://storage.googleapis.com/long"
    result = BulkResult(True, "", url, len(content), 2)
    first, too_long, second, last = bulk.result_lines(
        server.connection(), result, piece_bytes=piece_bytes, max_line_bytes=900
    )
    assert [first, second] == [{"id": 1}, {"id": 2}]
    assert isinstance(too_long, Problem) and isinstance(last, Problem)
    assert str(too_long) == (
        "line 2 of the bulk file: is longer than 900 bytes, so it was left out"
    )
    assert last.line == 5


@pytest.mark.parametrize("bad", [0, 1])
def test_products_that_are_missing_beside_a_bad_line_end_the_reading(
    server: ShopifyServer, bad: int
) -> None:
    rewrite_file(server, lambda lines: [b"{\n"] * bad + lines[1 + bad :])
    with pytest.raises(CatalogError, match=f"holds {2 - bad} products instead of 3"):
        read(server, bulk=True)


def test_lines_of_two_products_that_are_not_there_are_told_beside_one_bad_line(
    server: ShopifyServer,
) -> None:
    stray = b'{"__parentId": "gid://shopify/Product/%d", "mediaContentType": "IMAGE"}\n'
    rewrite_file(server, lambda lines: [b"{\n", *lines, stray % 7, stray % 8])
    _, problems = read(server, bulk=True)
    assert problems[1:] == ["bulk file: 2 lines belong to no product"]


def test_a_bad_line_of_a_bulk_writes_results_leaves_its_product_to_be_read_back(
    server: ShopifyServer,
) -> None:
    texts = [*BAD_LINES.values(), b'{"data": 5}', b'{"__lineNumber": "x", "data": {}}']
    rewrite_file(server, lambda lines: [line + b"\n" for line in texts] + lines[2:])
    ours = description(seo_title="Ours")
    with ShopifySink(server.connection(), apply=True) as sink:
        pairs = [(Product(id=f"{PRODUCT}{n}"), ours) for n in (1000, 1001, 1002)]
        saved = list(sink.save_many(pairs))
    assert [one.status for one in saved] == ["written"] * 3
    assert len(server.shop.changes) == 3


# ---- products of a page -----------------------------------------------------------------


def without(name: str) -> Callable[[dict[str, Any]], Any]:
    return lambda node: {k: v for k, v in node.items() if k != name}


def having(name: str, value: Any) -> Callable[[dict[str, Any]], Any]:
    return lambda node: node | {name: value}


def nodes_of(*nodes: Any) -> dict[str, Any]:
    return {"nodes": list(nodes), "pageInfo": {"hasNextPage": False, "endCursor": None}}


TEXTS = ("id", "handle", "title", "descriptionHtml", "vendor", "productType")
IMAGE = {
    "id": "gid://shopify/MediaImage/1",
    "alt": None,
    "fileStatus": "READY",
    "mediaContentType": "IMAGE",
    "image": {"url": PHOTO},
}
FIELD = {"namespace": "custom", "key": "sole", "type": "single_line_text_field"}
BROKEN_NODES: dict[str, Callable[[dict[str, Any]], Any]] = {
    "null": lambda node: None,
    "a list": lambda node: [node],
    "a text": lambda node: "product",
    **{
        f"without {name}": without(name)
        for name in (*TEXTS, "tags", "seo", "category", "options", "media", "metafields")
    },
    **{
        f"{name} is {value!a:.20}": having(name, value)
        for name in TEXTS
        for value in (7, [], {"a": 1}, "half \ud83d", float("nan"))
    },
    "id is null": having("id", None),
    "title is null": having("title", None),
    "tags is null": having("tags", None),
    "tags have null": having("tags", ["a", None]),
    "tags have half a character": having("tags", ["\ud83d"]),
    "seo is null": having("seo", None),
    "seo is a text": having("seo", "title"),
    "seo title is a list": having("seo", {"title": ["x"], "description": None}),
    "category is a text": having("category", "Shoes"),
    "category is a list": having("category", ["Shoes"]),
    "category is a number within": having("category", {"id": "x", "fullName": 5}),
    "options are a number": having("options", 5),
    "an option is null": having("options", [None]),
    "an option without values": having("options", [{"name": "Size"}]),
    "an option of numbers": having("options", [{"name": "Size", "values": [36]}]),
    "media is null": having("media", None),
    "media is a list": having("media", []),
    "a medium is null": having("media", nodes_of(None)),
    "a medium's image is a text": having("media", nodes_of(IMAGE | {"image": PHOTO})),
    "a medium's URL is null": having("media", nodes_of(IMAGE | {"image": {"url": None}})),
    "a metafield is a text": having("metafields", nodes_of("sole")),
    "a metafield without value": having("metafields", nodes_of(FIELD)),
    "a metafield of a number": having("metafields", nodes_of(FIELD | {"value": 5})),
    "pages without end": having("media", {"nodes": [], "pageInfo": None}),
}


ORDERS = [(breaks, 1) for breaks in BROKEN_NODES.values()]
ORDERS += [(BROKEN_NODES[name], at) for name in ("null", "without id") for at in (0, 2)]


@pytest.mark.parametrize("breaks, at", ORDERS, ids=[*BROKEN_NODES, *"abcd"])
def test_a_broken_product_of_a_page_is_one_problem(
    server: ShopifyServer, breaks: Callable[[dict[str, Any]], Any], at: int
) -> None:
    def alter(body: dict[str, Any]) -> None:
        nodes = body["data"]["products"]["nodes"]
        nodes[at] = breaks(nodes[at])

    server.alter = alter
    products, [problem] = read(server)
    assert len(products) == 2
    assert str(1000 + at) not in [product.id for product in products]
    assert problem.startswith("product ") and "is not whole" in problem
    assert len(problem) < 250 and "\n" not in problem


@pytest.mark.parametrize(
    "value",
    ["[" * 400 + "]" * 400, "[" * 100_000, '["\\ud83d"]', "[1]", '{"value": "x"}', "NaN"],
    ids=["deep", "never closed", "half a character", "numbers", "object", "not a number"],
)
@pytest.mark.parametrize("kind", ["list.single_line_text_field", "weight", "json"])
def test_a_metafield_that_says_nothing_is_no_attribute(
    server: ShopifyServer, kind: str, value: str
) -> None:
    def alter(body: dict[str, Any]) -> None:
        for node in body["data"]["products"]["nodes"]:
            node["metafields"] = nodes_of(FIELD | {"type": kind, "value": value})

    server.alter = alter
    products, problems = read(server)
    assert len(products) == 3 and not problems
    assert not any("sole" in product.attributes for product in products)


NO_PAGES: tuple[Any, ...] = (
    *(None, [], {}, {"nodes": None}, {"nodes": [], "pageInfo": None}, {"pageInfo": {}}),
    *(nodes_of(None), nodes_of({"title": "x"}, "x")),
)


@pytest.mark.parametrize("page", NO_PAGES, ids=str)
def test_a_page_that_is_none_is_an_error_of_ours(server: ShopifyServer, page: Any) -> None:
    server.alter = lambda body: body["data"].update(products=page)
    with pytest.raises(CatalogError, match="not what the API promises"):
        read(server)


def test_problems_are_those_of_the_last_reading(server: ShopifyServer) -> None:
    server.alter = lambda body: body["data"]["products"]["nodes"].insert(0, None)
    with ShopifySource(server.connection()) as source:
        for _ in range(2):
            assert len(list(source.products())) == 3
            assert len(source.problems) == 1
