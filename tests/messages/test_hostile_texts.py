"""What strangers write comes back printable, wherever it is quoted: place by text.

To add a place: a function in PLACES that gives what is told of a text. That a place quotes
at all is shown by a harmless word, which has to come back.
"""

from __future__ import annotations

import ast
import csv
import json
import struct
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from doubles.loopback import Loopback, reply
from doubles.messages.hostile_texts import HOSTILE, check
from doubles.model_servers.asking import COMPACT, QUICK, request
from doubles.model_servers.chat_server import ChatServer, as_json, fails, says
from doubles.shop_servers.shopify_server import ShopifyServer
from doubles.shop_servers.woocommerce_server import Fault, Server, Shop, with_products
from doubles.shops import CANARY
from doubles.shops.live.woocommerce import KEY, SECRET, http
from factories import description
from PIL import Image
from pydantic import BaseModel, ValidationError

import productdesc
from productdesc import ScriptedEngine, ServerEngine, photos
from productdesc.catalogs.folder import FolderSource
from productdesc.catalogs.google.feed import GoogleSink, GoogleSource
from productdesc.catalogs.jsonl import JsonlSource
from productdesc.catalogs.live import Clock
from productdesc.catalogs.magento_csv import MagentoCsvSource
from productdesc.catalogs.protocol import Saved, Source
from productdesc.catalogs.shopify.admin import ShopifySource
from productdesc.catalogs.shopify.admin.api.replies import judge as judge_shopify
from productdesc.catalogs.shopify.admin.api.replies import user_errors
from productdesc.catalogs.shopify.csv_file.source import ShopifyCsvSource
from productdesc.catalogs.tables.csv_table import TableSource
from productdesc.catalogs.woocommerce.csv_file.source import WooCommerceCsvSource
from productdesc.catalogs.woocommerce.rest import (
    WooCommerceClient,
    WooCommerceSink,
    WooCommerceSource,
)
from productdesc.catalogs.woocommerce.rest.replies import judge as judge_woocommerce
from productdesc.catalogs.woocommerce.wp_text import Unstorable, plain_line, title_html
from productdesc.engines.checkpoint.probe import inspect
from productdesc.engines.checkpoint.weight_files import INDEX
from productdesc.engines.loaders import load_engine
from productdesc.errors import CatalogError, ProductDescError
from productdesc.net import Http, HttpReply, Policy
from productdesc.net.url_policy import UnsafeURL, parse
from productdesc.pipeline import describe
from productdesc.prompts import Templates
from productdesc.records import Facts, Product
from productdesc.taxonomy import Category, Taxonomy, load_mapping, load_taxonomy

NOW = datetime(2026, 1, 1, tzinfo=UTC)
Place = Callable[[str, Path], Iterator[object]]
"""A text and an empty folder in, everything that is told of the text out."""

PLACES: dict[str, Place] = {}


def place(told: Place) -> Place:
    PLACES[told.__name__.replace("_", " ")] = told
    return told


def failing(step: Callable[[], object]) -> Iterator[object]:
    """The error that a step ends in; one that is not ours fails the test."""
    with pytest.raises((ProductDescError, UnsafeURL, Unstorable)) as caught:
        step()
    yield caught.value


def problems(source: Source) -> Iterator[object]:
    """The problems of a source, and the error that ends it."""
    try:
        with source:
            for _ in source.products():
                pass
    except ProductDescError as e:
        yield e
    for problem in source.problems:
        yield from (problem, problem.where, problem.message)


def in_xml(text: str) -> str:
    """The text as a feed may hold it: XML has no control characters, nor some others."""
    kept = "".join(c for c in text if c >= " " and c not in "\ufffe\uffff")
    return kept.replace("&", "&amp;").replace("<", "&lt;")


# ---- catalogues -------------------------------------------------------------------------


def rows(path: Path, *lines: list[str]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(lines)
    return path


@place
def ids_of_a_table(text: str, folder: Path) -> Iterator[object]:
    path = rows(folder / "a.csv", ["id", "title", "photos"], *[[text, "A", "ftp://x"]] * 2)
    return problems(TableSource(path))


@place
def headers_of_a_table(text: str, folder: Path) -> Iterator[object]:
    path = rows(folder / "a.csv", [text, "b"], *[["some words", "x y"]] * 2)
    yield from failing(lambda: list(TableSource(path).products()))
    columns = {"id": "b", "title": "none"}
    try:
        list(TableSource(path, columns=columns).products())
    except (ValueError, CatalogError) as e:  # the one or the other, by what the text is
        yield e


@place
def photos_of_a_table(text: str, folder: Path) -> Iterator[object]:
    path = rows(folder / "a.csv", ["id", "title", "photos"], ["1", "A", f"ftp://{text}"])
    return problems(TableSource(path))


@place
def handles_and_titles_of_a_shopify_csv(text: str, folder: Path) -> Iterator[object]:
    rows(folder / "a.csv", ["Handle", "Title"], [text, text], [text, text + "2"])
    return problems(ShopifyCsvSource(folder / "a.csv"))


@place
def headers_of_a_shopify_csv(text: str, folder: Path) -> Iterator[object]:
    path = rows(folder / "a.csv", ["Title", text], ["1", "2"])
    return failing(lambda: list(ShopifyCsvSource(path).products()))


@place
def headers_of_a_woocommerce_csv(text: str, folder: Path) -> Iterator[object]:
    path = rows(folder / "a.csv", [text, "b"], ["1", "2"])
    return failing(lambda: list(WooCommerceCsvSource(path).products()))


@place
def skus_of_a_magento_csv(text: str, folder: Path) -> Iterator[object]:
    path = rows(folder / "a.csv", ["sku", "name"], *[[text, "A"], ["b", "B"]] * 2)
    return problems(MagentoCsvSource(path))


@place
def ids_photos_and_attributes_of_json_lines(text: str, folder: Path) -> Iterator[object]:
    bad = {"a": {"b": 1}, text: {"b": 1}}
    line = {"id": text, "photos": [f"ftp://{text}"], "attributes": bad}
    (folder / "a.jsonl").write_text(f"{json.dumps(line)}\n" * 2, "utf-8")
    return problems(JsonlSource(folder / "a.jsonl"))


@place
def values_of_json_lines(text: str, folder: Path) -> Iterator[object]:
    lines = ({"id": "1", text: 5}, {"id": "2", "title": {text: text}})
    (folder / "a.jsonl").write_text("\n".join(map(json.dumps, lines)), "utf-8")
    return problems(JsonlSource(folder / "a.jsonl"))


@place
def ids_of_a_google_feed(text: str, folder: Path) -> Iterator[object]:
    one = f"<item><g:id>{in_xml(text)}</g:id></item>"
    feed = f'<rss xmlns:g="http://base.google.com/ns/1.0">{one * 2}</rss>'
    (folder / "a.xml").write_text(feed, "utf-8")
    return problems(GoogleSource(folder / "a.xml"))


@place
def broken_xml(text: str, folder: Path) -> Iterator[object]:
    (folder / "a.xml").write_text(f"<rss><item></{in_xml(text)}></item></rss>", "utf-8")
    return problems(GoogleSource(folder / "a.xml"))


@place
def prefixes_of_a_feed(text: str, folder: Path) -> Iterator[object]:
    name = "".join(c for c in in_xml(text) if c.isalnum())[:60_000]
    (folder / "a.xml").write_text(f"<rss><item><{name}:x/></item></rss>", "utf-8")
    return problems(GoogleSource(folder / "a.xml"))


@place
def offers_that_a_feed_cannot_hold(text: str, folder: Path) -> Iterator[object]:
    with GoogleSink(folder / "a.xml") as sink:
        saved = sink.save(Product(id=f"{text}  x" * 2), description(title="A shoe"))
    yield saved.reason


@place
def names_of_files_and_folders(text: str, folder: Path) -> Iterator[object]:
    name = text.encode()[:120].decode("utf-8", "ignore").replace("/", "-")
    (folder / name / "below").mkdir(parents=True)
    (folder / f"{name}.psd").write_bytes(b"x")
    (folder / f"{name}.jpg").symlink_to("/etc/hostname")
    yield from problems(FolderSource(folder))
    yield from failing(lambda: photos.load(folder / f"{name} none.jpg"))
    yield from failing(lambda: photos.load(folder / name))


# ---- shops and servers ------------------------------------------------------------------


@place
def words_of_woocommerce(text: str, folder: Path) -> Iterator[object]:
    body = json.dumps({"code": text, "message": f"<b>{text}</b>", "data": {"status": 400}})
    page = f"<title>{text}</title>".encode()
    for status in (200, 302, 400, 401, 403, 404, 408, 429, 500):
        for content in (body.encode(), page, text.encode(), b""):
            headers = {"x-request-id": text, "location": f"https://shop.example/{text}"}
            url = "https://shop.example/wp-json"
            outcome = judge_woocommerce(HttpReply(status, headers, content, url), NOW)
            yield getattr(outcome, "reason", "")


def woocommerce(shop: Shop, port: int) -> WooCommerceClient:
    return WooCommerceClient(
        f"http://127.0.0.1:{port}",
        KEY,
        SECRET,
        http=http(port, idle_seconds=10.0),
        clock=Clock(sleep=lambda seconds: None),
    )


def saved_by(sink: Any, product_id: str, **copy: Any) -> Iterator[object]:
    with sink:
        saved: Saved = sink.save(Product(id=product_id), description(**copy))
    yield saved.reason


@place
def a_woocommerce_shop(text: str, folder: Path) -> Iterator[object]:
    shop = with_products(Shop(KEY, SECRET), [1, 2])
    error = json.dumps({"code": text, "message": text}).encode()
    with Server(shop) as server:
        client = woocommerce(shop, server.port)
        shop.faults = [Fault("GET", "products", (401, {}, error))]
        yield from problems(WooCommerceSource(client))
        wrong = json.dumps([{"id": 1, "name": text, "type": 5}]).encode()
        shop.faults = [Fault("GET", "products", (200, {"x-wp-total": "1"}, wrong))]
        yield from problems(WooCommerceSource(client))
        shop.faults = [Fault("PUT", "products/1", (400, {}, error))]
        sink = WooCommerceSink(client, apply=True, overwrite=["title"])
        yield from saved_by(sink, "1", title="Our title")
        yield from saved_by(sink, text, title="Our title")


@place
def texts_that_wordpress_cannot_hold(text: str, folder: Path) -> Iterator[object]:
    for step in (plain_line, lambda t, what: title_html(t)):
        try:
            step(f"a <b> [x] {text}", f"attribute {text[:40]!r}")
        except Unstorable as e:
            yield CatalogError(str(e))


@place
def words_of_shopify(text: str, folder: Path) -> Iterator[object]:
    error = {"message": text, "extensions": {"code": text}}
    for status in (200, 301, 401, 404, 429, 500):
        for body in ({"errors": [error]}, {"errors": text}, {"data": text}, text):
            headers = {"x-request-id": text}
            content = json.dumps(body).encode()
            outcome, _ = judge_shopify(HttpReply(status, headers, content, ""), NOW)
            yield getattr(outcome, "reason", "")
    failed = {"userErrors": [{"field": [text, "x"], "message": text}]}
    yield CatalogError(user_errors(failed, text))


@place
def a_shopify_shop(text: str, folder: Path) -> Iterator[object]:
    with ShopifyServer(f"shpat_{CANARY}") as server:
        server.shop.add("1000", title="Shoe", images=[])

        def refuse(body: dict[str, Any]) -> None:
            body.clear()
            body["errors"] = [{"message": text, "extensions": {"code": text}}]

        def tear(body: dict[str, Any]) -> None:
            [node] = body["data"]["products"]["nodes"]
            del node["title"]
            node["id"] = f"gid://shopify/Product/{text}"

        for alter in (refuse, tear):
            server.alter = alter
            yield from problems(ShopifySource(server.connection()))


@place
def a_model_server(text: str, folder: Path) -> Iterator[object]:
    answers = (
        says(text, text),
        says(COMPACT[:-9] + text, text),
        says(json.dumps({"category": text}), text),
        fails("400 Bad Request", text),
        fails("401 Unauthorized", text),
        fails("422 Unprocessable", f"the schema {text}"),
        fails("503 Busy", text),
        reply(text.encode()),
        as_json({"choices": text}),
        as_json({text: text}),
    )
    for made in answers:
        with (
            ChatServer(lambda body, made=made: made) as server,
            ServerEngine(server.url, QUICK) as engine,
        ):
            yield from failing(lambda: engine.generate([request()]))


@place
def models_of_a_server(text: str, folder: Path) -> Iterator[object]:
    def script(body: object) -> bytes:
        return says("no", text)

    with ChatServer(script, models=[text, f"{text}2"]) as server:
        yield from failing(lambda: load_engine(server.url))
        yield from failing(lambda: load_engine(f"{server.url}#other"))
    with ChatServer(script, models=[text]) as server, ServerEngine(server.url) as engine:
        yield from failing(lambda: engine.generate([request()]))


def header(text: str) -> str:
    """The text as a header may hold it: one line in Latin-1, and no NUL."""
    return text.encode("latin-1", "ignore").decode("latin-1").translate({10: 32, 13: 32})


@place
def headers_and_status_of_a_photos_server(text: str, folder: Path) -> Iterator[object]:
    said = header(text)[:60_000]
    answers = (
        reply(b"x" * 40, "200 OK", f"Content-Type: {said}"),
        reply(b"", f"404 {said}"),
        reply(b"", "200 OK", f"Content-Encoding: {said}"),
        reply(b"", "302 Found", f"Location: http://{said}.example/{said}"),
        reply(b"", f"{said} 200"),
        f"{said}\r\n\r\n".encode("latin-1"),
    )
    for made in answers:

        def answer(head: str, connection: Any, made: bytes = made) -> None:
            connection.sendall(made)

        with Loopback(answer) as server:
            policy = Policy(
                allowed_networks=("127.0.0.0/8",),
                schemes=frozenset({"http"}),
                ports=frozenset({server.port}),
                attempts=1,
            )
            url = f"http://127.0.0.1:{server.port}/a.jpg"
            with Http(policy) as client:
                yield from failing(lambda c=client, u=url: photos.load(u, http=c))


@place
def addresses(text: str, folder: Path) -> Iterator[object]:
    for url in (text, f"https://{text}/", f"https://shop.example/{text}", f"http://{text}"):
        with Http(Policy(deadline_seconds=0.1), lookup=lambda host, port: []) as client:
            yield from failing(lambda c=client, u=url: photos.load(u, http=c))
        yield from failing(
            lambda u=f"https://{text[:200]}.example/": parse(
                u, schemes={"https"}, ports={443}, max_chars=10**7, allowed_hosts={"a.b"}
            )
        )


# ---- checkpoints, templates, taxonomies, schemas ----------------------------------------


CONFIG: dict[str, Any] = {
    "model_type": "qwen2_vl",
    "architectures": ["Qwen2VLForConditionalGeneration"],
}
TOKENIZER: dict[str, Any] = {
    "normalizer": {"type": "NFC"},
    "pre_tokenizer": {"type": "ByteLevel", "add_prefix_space": False, "use_regex": False},
    "added_tokens": [],
}


@place
def files_of_a_checkpoint(text: str, folder: Path) -> Iterator[object]:
    token = {"content": f"{text} x", "id": 1}
    wrong = {
        "config.json": (
            CONFIG | {"model_type": text},
            CONFIG | {"architectures": [text]},
            CONFIG | {"auto_map": text},
            text,
        ),
        "tokenizer.json": (
            TOKENIZER | {"added_tokens": [token]},
            TOKENIZER | {"added_tokens": [{"content": text, "id": text}]},
            TOKENIZER | {"added_tokens": text},
            {text: text},
        ),
        "productdesc.json": ({"categories": text}, text),
        INDEX: (
            {"weight_map": {text: text}},
            {"weight_map": text},
        ),
    }
    files: dict[str, Any] = {
        "config.json": CONFIG,
        "tokenizer.json": TOKENIZER,
        "preprocessor_config.json": {},
    }
    for name, values in wrong.items():
        for number, value in enumerate(values):
            model = folder / f"{name} {number}"
            model.mkdir()
            for file, content in {**files, name: value}.items():
                (model / file).write_text(json.dumps(content), "utf-8")
            yield from failing(lambda model=model: inspect(model))


@place
def tensors_of_a_checkpoint(text: str, folder: Path) -> Iterator[object]:
    for name, content in {
        "config.json": CONFIG,
        "tokenizer.json": TOKENIZER,
        "preprocessor_config.json": {},
    }.items():
        (folder / name).write_text(json.dumps(content), "utf-8")
    for entry in (text, {"shape": text, "data_offsets": [0, 1]}, {"shape": [text]}):
        head = json.dumps({text: entry}).encode()
        weights = struct.pack("<Q", len(head)) + head
        (folder / "model.safetensors").write_bytes(weights)
        yield from failing(lambda: inspect(folder))


@place
def templates(text: str, folder: Path) -> Iterator[object]:
    quoted = json.dumps(text)
    sources = (
        "{{ " + quoted + "() }}",
        "{{ {}[" + quoted + "] + 1 }}",
        "{% include " + quoted + " %}",
        "{{ x | " + "".join(c for c in text if c.isalpha())[:50_000] + " }}",
        "{{ 1 +" + text,
    )
    for number, source in enumerate(sources):
        path = folder / f"{number}.j2"
        path.write_text(source, "utf-8", errors="replace")
        yield from failing(lambda path=path: rendered(path))
    yield from failing(lambda: rendered(text[:200]))


def rendered(template: str | Path) -> object:
    facts = Facts(category="shoes")
    return Templates().write(template, Product(id="1"), facts, shop="x", language="en")


@place
def taxonomies(text: str, folder: Path) -> Iterator[object]:
    path = folder / "a.json"
    for content in (
        text,
        '{"a": ' + text,
        json.dumps({"version": text, "verticals": text}),
        json.dumps({"version": text, "verticals": [{"categories": [{"id": text}]}]}),
    ):
        path.write_text(content, "utf-8", errors="replace")
        yield from failing(lambda: load_taxonomy(path))
    path.write_text(f"input_taxonomy: [{text}", "utf-8")
    yield from failing(lambda: load_mapping(path))
    lost = Category(id=text, path=text, parent=f"{text} parent")
    for categories in ([lost], [lost, lost], []):
        yield from failing(lambda c=categories: Taxonomy("mine", text, c))


@place
def plug_ins(text: str, folder: Path) -> Iterator[object]:
    (folder / "acme_hostile.py").write_text(f"raise RuntimeError({text!a})\n")
    about = folder / "acme-1.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Name: acme\nVersion: 1\n")
    points = "[productdesc.engines]\nacme = acme_hostile:make\n"
    (about / "entry_points.txt").write_text(points)
    sys.path.insert(0, str(folder))
    try:
        yield from failing(lambda: load_engine("acme"))
    finally:
        sys.path.remove(str(folder))


@place
def a_schema_of_the_users(text: str, folder: Path) -> Iterator[object]:
    class Wanted(BaseModel):
        title: str

        def model_post_init(self, context: object) -> None:
            raise ValueError(f"no {text}")

    product = Product(id="1", title="Shoe")
    yield from failing(lambda: describe(product, ScriptedEngine(), schema=Wanted))


@place
def products_of_a_caller(text: str, folder: Path) -> Iterator[object]:
    try:
        Product(id="1", attributes={text: {"a": 1}})
    except ValidationError as e:
        yield e.errors(include_url=False, include_input=False)[0]["msg"]
    yield from failing(lambda: describe(Product(id=text), ScriptedEngine()))


@place
def photos_by_name(text: str, folder: Path) -> Iterator[object]:
    image = Image.new("RGB", (4, 4))
    image.filename = text  # type: ignore[attr-defined]
    yield from failing(lambda: photos.load(image))


# ---- the tests --------------------------------------------------------------------------


@pytest.mark.parametrize("name", PLACES)
@pytest.mark.parametrize("kind", HOSTILE)
def test_what_a_stranger_wrote_is_told_printable(
    name: str, kind: str, tmp_path: Path
) -> None:
    told = list(PLACES[name](HOSTILE[kind], tmp_path))
    assert told
    for one in told:
        check(str(one))


@pytest.mark.parametrize("name", sorted(PLACES.keys() - {"tensors of a checkpoint"}))
def test_a_harmless_word_comes_back_so_that_each_place_is_one(
    name: str, tmp_path: Path
) -> None:
    told = [str(one) for one in PLACES[name]("Zebra", tmp_path)]
    assert any("zebra" in one.lower() for one in told), told


# ---- the code ---------------------------------------------------------------------------

EXCERPT = 30
"""Characters from which on an excerpt in a message is a stranger's text, and no digest."""


def excerpts(source: str) -> list[str]:
    """Slices of that length within f-strings: cut by hand, and not made printable."""
    return [
        ast.unparse(inner)
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.FormattedValue)
        for inner in [node.value, *getattr(node.value, "args", [])]
        if isinstance(inner, ast.Subscript) and isinstance(inner.slice, ast.Slice)
        if _number(inner.slice.upper) >= EXCERPT
    ]


def _number(limit: ast.expr | None) -> float:
    """A limit's number, as far as it can be told; that of a name may be any."""
    if isinstance(limit, ast.Constant):
        return float(str(limit.value))
    return EXCERPT if isinstance(limit, ast.Name | ast.Attribute) else 0


def test_an_excerpt_in_a_message_is_cut_by_the_one_function() -> None:
    folder = Path(productdesc.__file__).parent
    wrong = [
        f"{path.relative_to(folder)}: {excerpt}: use quoted(...) or printable(...)"
        for path in sorted(folder.rglob("*.py"))
        for excerpt in excerpts(path.read_text("utf-8"))
    ]
    assert not wrong, "\n".join(wrong)
    assert excerpts(
        'f"{name[:80]!r} {str(e)[:MAX]} {digest[:12]} {text[at : at + 4]}"'
    ) == [
        "name[:80]",
        "str(e)[:MAX]",
    ]
