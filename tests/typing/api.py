"""A client of the public API in every documented form; type-checked, never run.

A type checker must take all of it. What it must refuse is in `wrong.py`.
"""

from __future__ import annotations

import threading
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Unpack, assert_never, assert_type

from PIL import Image
from pydantic import BaseModel

import productdesc
from productdesc import (
    CancelError,
    CatalogError,
    DeadlineError,
    Described,
    DescribeOptions,
    Description,
    Draft,
    EngineBusyError,
    EngineError,
    Evidence,
    Failed,
    FetchError,
    Finding,
    OutputError,
    PhotoError,
    Product,
    ProductDescError,
    PromptError,
    QwenOptions,
    ScriptedEngine,
    ServerEngine,
    ServerOptions,
    Settings,
    Skipped,
    adescribe,
    adescribe_many,
    catalogs,
    describe,
    describe_many,
    load_engine,
    load_taxonomy,
    photos,
)
from productdesc.catalogs import (
    BulkSink,
    JsonlSink,
    OpenOptions,
    Problem,
    Saved,
    Secret,
    SelectiveSink,
    ShopifyClient,
    ShopifyCsvSink,
    ShopifyCsvSource,
    ShopifySink,
    ShopifySource,
    Sink,
    Source,
    TableSink,
    TableSource,
    WooCommerceClient,
    WooCommerceSink,
    WooCommerceSource,
)
from productdesc.catalogs.jsonl import read_descriptions
from productdesc.engines import Answer, Engine, EngineInfo, Request
from productdesc.net import Http, NetworkAccess, Policy
from productdesc.records import Photo, Present


class Label(BaseModel):
    headline: str


# --- Products ----------------------------------------------------------------------------

PATH = Path("shoe.jpg")
Product()
Product(id="1", title="Shoe", photos=PATH)
Product(photos=[PATH, b"jpeg", "https://x.example/a.jpg"])
Product(photos=(Image.new("RGB", (9, 9)),))
Product(photos=b"jpeg", attributes={"brand": "Acme", "sizes": [41, 42], "vegan": True})
Product(photos="https://x.example/a.jpg", present=Present(tags=("shoe",)))
Product(photos=photos.load(PATH), description="A shoe.")
attributes: dict[str, str] = {"brand": "Acme"}
product = Product(attributes=attributes)
assert_type(product.id, str)
assert_type(product.attributes, Mapping[str, Any])
assert_type(product.present.tags, tuple[str, ...])

# --- Engines -----------------------------------------------------------------------------

engine: Engine = load_engine()
assert_type(load_engine("Qwen/Qwen2-VL-2B-Instruct", QwenOptions(dtype="int8")), Engine)
load_engine(Path("model"), QwenOptions(device="cpu"))
load_engine("http://127.0.0.1:8000/v1", ServerOptions(api_key="key"))
load_engine("https://x.example/v1", ServerOptions(), network=NetworkAccess())
with ServerEngine("http://127.0.0.1:8000/v1", ServerOptions(model="m")) as server:
    assert_type(server, ServerEngine)
    assert_type(server.info, EngineInfo)
ScriptedEngine([{"title": "Shoe"}])
scripted = ScriptedEngine(lambda request: {"title": "Shoe"})
assert_type(scripted.requests, list[Request])
engine = scripted


class EchoEngine:
    """An engine of somebody's own."""

    @property
    def info(self) -> EngineInfo:
        return EngineInfo("echo", "1", "")

    def generate(self, requests: Any, settings: Settings | None = None) -> list[Answer]:
        return []


engine = EchoEngine()

# --- One product -------------------------------------------------------------------------

description = describe(PATH, engine, channel="shopify")
assert_type(description, Description)
describe([PATH, b"jpeg"], engine, fields=["title", "tags"], language="de")
describe("https://x.example/a.jpg", engine, settings=Settings(max_tokens=99))
describe(Image.new("RGB", (9, 9)), engine, visible={"colour": ["red"]})
describe(product, engine, categories=["shoe"], template="write.j2", templates=PATH)
describe(product, engine, taxonomy=load_taxonomy(PATH))
describe(product, engine, deadline=60, cancel=threading.Event(), clock=datetime.now)
with Http(Policy()) as http:
    describe(product, engine, http=http)

assert_type(description.title, str)
assert_type(description.bullets, tuple[str, ...])
assert_type(description.attributes, dict[str, str])
assert_type(description.evidence, dict[str, tuple[Evidence, ...]])
assert_type(description.findings, tuple[Finding, ...])
assert_type(description.custom, BaseModel | None)
assert_type(description.model_dump_json(), str)
assert_type(Description.model_validate_json("{}"), Description)

label = describe(product, engine, schema=Label)
assert_type(label, Description[Label])
assert_type(label.custom, Label | None)
if label.custom:
    assert_type(label.custom.headline, str)
assert_type(Description[Label].model_validate_json("{}").custom, Label | None)


def save(any_description: Description) -> None: ...


save(label)

# --- Many products -----------------------------------------------------------------------

for outcome in describe_many([product, PATH, [PATH, b"jpeg"]], engine, batch_size=8):
    match outcome:
        case Described(of, text, draft):
            assert_type(of, Product)
            assert_type(text, Description)
            assert_type(draft, Draft | None)
        case Failed(of, error):
            assert_type(error, PhotoError | OutputError | DeadlineError | CancelError)
        case Skipped(of):
            assert_type(of, Product)
        case _:
            assert_never(outcome)

outcomes = describe_many(
    (Product(id=str(n)) for n in range(9)),
    engine,
    ordered=False,
    keep_drafts=True,
    needs=lambda one: ["title"] if not one.title else [],
    deadline=3600.0,
    schema=Label,
)
assert_type(outcomes, Iterator[Described | Failed | Skipped])


def with_options(photo: Path, **options: Unpack[DescribeOptions]) -> None:
    list(describe_many([photo], engine, **options))


with_options(PATH, language="de", fields=["title"])


async def later() -> None:
    assert_type(await adescribe(product, engine, deadline=9, max_waiting=3), Description)
    assert_type((await adescribe(PATH, engine, schema=Label)).custom, Label | None)
    async for one in adescribe_many([product], engine, ordered=False):
        if isinstance(one, Described):
            assert_type(one.description, Description)
    async for one in adescribe_many(products_later(), engine, needs=lambda p: {"tags"}):
        assert_type(one, Described | Failed | Skipped)


async def products_later() -> AsyncIterator[Product]:
    yield product


# --- Catalogues --------------------------------------------------------------------------

with (
    catalogs.open_source("export.csv") as source,
    ShopifyCsvSink("export.csv", "import.csv", mode="changes", replace=True) as sink,
):
    assert_type(source, Source)
    assert_type(catalogs.needs(sink), Callable[[Product], frozenset[str]])
    for outcome in describe_many(source.products(), engine, needs=catalogs.needs(sink)):
        if isinstance(outcome, Described):
            assert_type(sink.save(outcome.product, outcome.description), Saved)
    for problem in source.problems:
        assert_type(problem, Problem)
        print(problem.where, problem.line)

options = OpenOptions(overwrite=["title"], secrets=(Secret("token"),), apply=True)
opened: Sink = catalogs.open_sink("my-shop.myshopify.com", "shopify", options)
opened = TableSink(TableSource("a.csv", columns={"title": "Name"}), "b.csv")
opened = JsonlSink("a.jsonl", overwrite=("title",))
assert_type(list(catalogs.save_all(opened, [(product, description)])), list[Saved])
assert_type(list(read_descriptions("a.jsonl", Label)), list[Description[Label]])
assert_type(list(read_descriptions("a.jsonl")), list[Description])
catalogs.passthrough_copy(product, now=datetime.now())

client = ShopifyClient("my-shop.myshopify.com", Secret("token"))
source = ShopifySource(client, query="status:active")
bulk: BulkSink = ShopifySink(client, apply=True, metafields={"material": "custom.material"})
source = ShopifyCsvSource("export.csv", delimiter=";")
shop = WooCommerceClient("https://shop.example", Secret("key"), Secret("secret"))
source = WooCommerceSource(shop, status="publish")
bulk = WooCommerceSink(shop, attributes=True, role="administrator")
selective: SelectiveSink = ShopifySink(client)


class PrintSink:
    """A sink of somebody's own."""

    def save(self, product: Product, description: Description) -> Saved:
        return Saved(product.id, "written")

    def __enter__(self) -> PrintSink:
        return self

    def __exit__(self, *_: object) -> None:
        return None


opened = PrintSink()

# --- Questions, captions, moderation -----------------------------------------------------

QUESTION = productdesc.Question("Does it have laces?", expect="yes-no")
assert_type(productdesc.ask(PATH, "What is it?", engine), productdesc.QuestionAnswer)
productdesc.ask([PATH, b"..."], "What?", engine, choices=("a", "b"), second_look=True)
answers = productdesc.ask_all(PATH, [QUESTION, "What is it?"], engine, language="de")
assert_type(answers, list[productdesc.QuestionAnswer])
assert_type(answers[0].value, str | bool | int | None)
assert_type(productdesc.caption(PATH, engine, purpose="detailed"), productdesc.Caption)
assert_type(productdesc.caption(product, engine, channel="shopify").text, str)
for one in productdesc.captions(product, engine, purpose="alt"):
    assert_type(one, productdesc.Caption | Failed)
policy = productdesc.ModerationPolicy.load(PATH)
moderated = productdesc.moderate(product, engine=engine, policy=policy, country="DE")
assert_type(moderated, productdesc.ModerationVerdict)
assert_type(moderated.reasons, tuple[productdesc.ModerationReason, ...])

# --- Photos and errors -------------------------------------------------------------------

assert_type(photos.load(PATH), Photo)
assert_type(photos.product_digest(product), str)

errors: list[type[ProductDescError]] = [
    CancelError,
    CatalogError,
    DeadlineError,
    EngineBusyError,
    EngineError,
    FetchError,
    OutputError,
    PhotoError,
    PromptError,
]
try:
    describe(product, engine)
except FetchError as fetch_error:
    assert_type(fetch_error.retryable, bool)
except EngineBusyError:
    pass
assert_type(productdesc.__version__, str)
