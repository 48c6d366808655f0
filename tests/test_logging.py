"""What a run says by `logging`: a line a product, no secret, and nothing unless asked."""

from __future__ import annotations

import asyncio
import logging
import re
import subprocess
import sys
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from doubles.loopback import Loopback, reply
from doubles.model_servers.chat_server import ChatServer, fitting
from doubles.pictures import jpeg
from doubles.shops import CANARY, Seed, Shop
from doubles.shops.jsonl import Jsonl
from doubles.shops.live.shopify import ShopifyShop
from doubles.shops.live.woocommerce import SHOP as WooCommerceShop
from doubles.shops.shopify_csv import ShopifyCsvShop

from productdesc import (
    Described,
    Failed,
    Product,
    ProductDescError,
    ScriptedEngine,
    ServerEngine,
    ServerOptions,
    adescribe,
    adescribe_many,
    describe,
    describe_many,
    load_engine,
)
from productdesc.net import Http, Policy
from productdesc.text.log_lines import package_logger
from productdesc.text.printable import LIMITS

PACKAGES = {"pipeline", "engines", "net", "photos", "catalogs"}
MAX_CHARS = LIMITS["words"]  # of each text in a line
HOSTILE = "a\x1b[2J\n2026-01-01 INFO root: all is well\u202e\u2028\x00\x9b" + "x" * 5_000
LOOPBACK = Policy(
    allowed_networks=("127.0.0.0/8",),
    schemes=frozenset({"http"}),
    ports=frozenset(range(65536)),
    retry_share=0.0,
)
SHOE = Product(id="shoe", title="Shoe")
NOTHING = Product(id="nothing")
FULL = Product(id="full", title="Full")


@pytest.fixture
def logged(caplog: pytest.LogCaptureFixture) -> Iterator[pytest.LogCaptureFixture]:
    logger = logging.getLogger("productdesc")
    level = logger.level
    logger.setLevel(logging.DEBUG)
    caplog.handler.setLevel(logging.DEBUG)
    yield caplog
    logger.setLevel(level)


def lines(logged: pytest.LogCaptureFixture, level: int = logging.INFO) -> list[str]:
    ours = [one for one in logged.records if one.name.startswith("productdesc")]
    assert {one.name.removeprefix("productdesc.") for one in ours} <= PACKAGES
    return [one.getMessage() for one in ours if one.levelno >= level]


def story(said: list[str]) -> list[str]:
    return [re.sub(r"\d+\.\d s", "0.0 s", line) for line in said]


def needs(product: Product) -> tuple[str, ...]:
    return () if product.id == "full" else ("title",)


BEGINS = "run begins: plain in en (title) with ScriptedEngine('scripted')"
ENDS = "run ended: 1 described, 1 failed, 1 skipped in 0.0 s"
EACH = [
    "product shoe described in 0.0 s, 1 findings",
    "product nothing failed after 0.0 s: PhotoError: product 'nothing' has no photo and "
    "no data",
    "product full skipped after 0.0 s: needs nothing",
]


@pytest.mark.parametrize("ordered", [True, False])
def test_a_run_is_told_in_a_line_a_product(
    ordered: bool, logged: pytest.LogCaptureFixture
) -> None:
    options: Any = {"channel": "plain", "fields": ["title"], "needs": needs}
    products = [SHOE, NOTHING, FULL]
    list(describe_many(products, ScriptedEngine(), ordered=ordered, **options))
    first, *each, last = story(lines(logged))
    assert (first, last) == (BEGINS, ENDS)
    assert each == EACH if ordered else sorted(each) == sorted(EACH)


@pytest.mark.parametrize("ordered", [True, False])
def test_an_asynchronous_run_is_told_in_the_same_lines(
    ordered: bool, logged: pytest.LogCaptureFixture
) -> None:
    async def main() -> None:
        options: Any = {"channel": "plain", "fields": ["title"], "needs": needs}
        products = [SHOE, NOTHING, FULL]
        async for _ in adescribe_many(
            products, ScriptedEngine(), ordered=ordered, **options
        ):
            pass

    asyncio.run(main())
    first, *each, last = story(lines(logged))
    assert (first, last) == (BEGINS, ENDS)
    assert sorted(each) == sorted(EACH)


def test_a_single_call_is_one_line(logged: pytest.LogCaptureFixture) -> None:
    described = describe(SHOE, ScriptedEngine())
    asyncio.run(adescribe(SHOE, ScriptedEngine()))
    line = f"product shoe described in 0.0 s, {len(described.findings)} findings"
    assert story(lines(logged)) == [line] * 2
    logged.clear()
    with pytest.raises(ProductDescError):
        describe(NOTHING, ScriptedEngine())
    assert len(lines(logged)) == 1


def test_what_was_not_in_time_is_a_line_too(logged: pytest.LogCaptureFixture) -> None:
    outcomes = list(describe_many([SHOE, FULL], ScriptedEngine(), deadline=1e-9))
    assert all(isinstance(one, Failed) for one in outcomes)
    said = [line for line in lines(logged) if line.startswith("product ")]
    assert len(said) == 2 and all("DeadlineError" in one for one in said)


def test_a_run_that_is_left_has_an_end(logged: pytest.LogCaptureFixture) -> None:
    outcomes: Any = describe_many([SHOE] * 9, ScriptedEngine())
    next(outcomes)
    outcomes.close()
    assert story(lines(logged))[-1] == "run ended: 1 described in 0.0 s"


def test_a_line_names_the_place_that_says_it(logged: pytest.LogCaptureFixture) -> None:
    describe(SHOE, ScriptedEngine())
    places = {one.filename for one in logged.records if one.levelno == logging.INFO}
    assert places == {"run_log.py"}


def test_the_model_that_was_loaded_is_told(logged: pytest.LogCaptureFixture) -> None:
    with ChatServer(fitting) as server:
        engine = load_engine(server.url)
    [line] = lines(logged)
    assert story([line]) == [f"loaded {engine!r} in 0.0 s"]


# --- Nothing that must not be told -------------------------------------------------------


def look(logged: pytest.LogCaptureFixture, *secrets: str) -> list[str]:
    """The lines of all levels, none of which may hold what no log may."""
    said = lines(logged, logging.DEBUG)
    assert said
    for line in said:
        assert len(line) <= 5 * MAX_CHARS
        bad = {c for c in line if unicodedata.category(c) in ("Cc", "Cf", "Zl", "Zp", "Cs")}
        assert not bad, line
        assert not [one for one in (*secrets, "sig=") if one in line], line
    return said


def photo_url(server: Loopback) -> str:
    return f"http://127.0.0.1:{server.port}/a.jpg?sig={CANARY}&x=1"


def pictures(_: str, connection: Any) -> None:
    connection.sendall(reply(jpeg(), "200 OK", "Content-Type: image/jpeg"))


def test_photos_are_told_without_queries_and_bytes(
    logged: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    hostile = Product(id=HOSTILE, title=HOSTILE, photos=[tmp_path / "a\x1b[2J\nb.jpg"])
    with Loopback(pictures) as server, Http(LOOPBACK) as http:
        good = Product(id="a", photos=[photo_url(server), jpeg()])
        gone = Product(id="b", photos=[photo_url(server).replace("127.0.0.1", "127.0.0.9")])
        outcomes = list(describe_many([good, gone, hostile], ScriptedEngine(), http=http))
    assert [type(one) for one in outcomes] == [Described, Failed, Failed]
    said = look(logged, CANARY)
    host = f"http://127.0.0.1:{server.port}"
    line = rf"GET {host}: 200, \d{{4,}} bytes in \d+ ms"
    assert [one for one in said if re.fullmatch(line, one)]
    assert any(one.startswith("GET http://127.0.0.9") and "failed" in one for one in said)
    assert any(one.startswith(f"loaded Photo('{host}/a.jpg', JPEG, ") for one in said)
    assert sum(one.startswith("product ") for one in lines(logged)) == 3


def test_what_a_server_is_asked_is_told_without_its_key(
    logged: pytest.LogCaptureFixture,
) -> None:
    options = ServerOptions(api_key=CANARY)
    with ChatServer(fitting) as server, ServerEngine(server.url, options) as engine:
        describe(replace_photos(SHOE, jpeg()), engine)
        origin = server.url.removesuffix("/v1")
    said = look(logged, CANARY)
    assert [one for one in said if one.startswith(f"POST {origin}: 200, ")]
    asks = [one for one in said if " asks: " in one]
    assert len(asks) == len([one for one in said if " is answered: " in one]) == 2
    digest = r"conversation 0 asks: \d+ characters \(sha256 [0-9a-f]{12}\), 1 photos"
    assert re.fullmatch(digest, asks[0])
    answer = reply(f"no: {CANARY}\x1b[2J".encode(), "400 No")
    with (
        ChatServer(lambda body: answer) as server,
        ServerEngine(server.url, options) as engine,
        pytest.raises(ProductDescError),
    ):
        describe(SHOE, engine)
    look(logged, CANARY)


def replace_photos(product: Product, *photos: Any) -> Product:
    return product.model_copy(update={"photos": photos})


SHOPS: list[type[Shop]] = [ShopifyShop, WooCommerceShop, ShopifyCsvShop, Jsonl]


@pytest.mark.parametrize("kind", SHOPS, ids=lambda shop: shop.name)
def test_a_shop_is_told_without_its_keys(
    kind: type[Shop], logged: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    url = f"https://cdn.example.com/a.jpg?sig={CANARY}"
    seeds = [Seed("one", title="Shoe", photos=(url,)), Seed("two", title="Hat")]
    with kind(tmp_path, seeds) as shop, shop.source() as source, shop.sink() as sink:
        asked = [replace_photos(product) for product in source.products()]
        for outcome in describe_many(asked, ScriptedEngine(), channel="plain"):
            assert isinstance(outcome, Described)
            sink.save(outcome.product, outcome.description)
    said = look(logged, CANARY)
    info = lines(logged)
    assert sum(one.startswith("product ") for one in info) == 2
    assert [one for one in info if one.endswith(": 2 written")]
    assert sum(": product " in one and " written (" in one for one in said) == 2
    if kind.live:
        assert [one for one in said if re.match(r"(GET|POST|PUT) https?://\S+: 200, ", one)]


def test_a_problem_of_a_file_is_printable(
    logged: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    from productdesc.catalogs import TableSource

    path = tmp_path / "a.csv"
    path.write_text(f'id,image\n"a\u202eb",http://x.example/?sig={CANARY}\n', "utf-8")
    with TableSource(path) as source:
        assert list(source.products()) and source.problems.total
    assert [one for one in look(logged, CANARY) if one.startswith("problem: line 2")]


def test_numbers_stay_numbers_and_texts_are_cut(logged: pytest.LogCaptureFixture) -> None:
    package_logger("net").info("%d %.1f %s", 3, 0.25, "y" * 9_999)
    [line] = lines(logged)
    assert line.startswith("3 0.2 yyy") and len(line) <= MAX_CHARS + 10


# --- Silent unless asked -----------------------------------------------------------------

SILENT = """
import productdesc, logging
from productdesc import Product, ScriptedEngine, catalogs, describe_many
assert not logging.getLogger().handlers
products = [Product(id="a", title="Shoe"), Product(id="b"), Product(id="c", photos=[b"x"])]
with catalogs.JsonlSink("out.jsonl") as sink:
    for outcome in describe_many(products, ScriptedEngine()):
        if isinstance(outcome, productdesc.Described):
            sink.save(outcome.product, outcome.description)
try:
    productdesc.load_engine("no/such-model")
except productdesc.EngineError:
    pass
"""


def test_nothing_is_said_unless_it_is_asked_for(tmp_path: Path) -> None:
    run = subprocess.run(
        [sys.executable, "-c", SILENT],
        cwd=tmp_path,
        env={"PYTHONPATH": ":".join(sys.path), "HF_HUB_OFFLINE": "1", "PATH": ""},
        capture_output=True,
        text=True,
    )
    assert (run.returncode, run.stdout, run.stderr) == (0, "", "")


def test_the_root_of_our_loggers_has_a_handler_that_says_nothing() -> None:
    code = "import logging, productdesc; print(logging.getLogger('productdesc').handlers)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert run.stdout == "[<NullHandler (NOTSET)>]\n"
