"""Wrong uses of the public API: a type checker must refuse each line; never run.

Each says which error is expected, for mypy and for pyright; one that is not found is an
error of its own.
"""

from __future__ import annotations

from pathlib import Path

from pydantic import BaseModel

import productdesc
from productdesc import (
    Described,
    Description,
    Failed,
    Product,
    QwenOptions,
    ScriptedEngine,
    ServerOptions,
    Settings,
    adescribe,
    catalogs,
    describe,
    describe_many,
    load_engine,
)
from productdesc.catalogs import JsonlSink, OpenOptions, Secret, ShopifyClient, Sink, Source


class Label(BaseModel):
    headline: str


engine = ScriptedEngine()
product = Product(id="1")
description = describe(product, engine)

# Names that there are not.
productdesc.descrbe  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue]
catalogs.ShopifyCvsSink  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue]
description.titel  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue]
product.photo  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue]

# Products and photos.
Product("shoe")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
Product(photos=3)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
Product(photos=[3])  # type: ignore[list-item]  # pyright: ignore[reportArgumentType]
Product(photo=Path("a.jpg"))  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
Product(title=None)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
Product(attributes=["red"])  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]

# Engines.
load_engine(3)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
load_engine("m", {"device": "cpu"})  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
QwenOptions(devise="cpu")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
ServerOptions(photo_format="GIF")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
describe(product, "demo")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
describe(product, ScriptedEngine)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
describe(product)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]

# One product.
describe(3, engine)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
describe({"title": "Shoe"}, engine)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
describe([product, product], engine)  # type: ignore[list-item]  # pyright: ignore[reportArgumentType]
describe(product, engine, chanel="plain")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
describe(product, engine, language=3)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
describe(product, engine, settings={"seed": 1})  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
describe(product, engine, schema={"type": "object"})  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
describe(product, engine, schema=str)  # type: ignore[type-var]  # pyright: ignore[reportArgumentType]
describe(product, engine, needs=lambda p: [])  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
describe(product, engine, deadline="60")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
describe(product, engine, cancel=True)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
describe(product, engine, taxonomy="shopify")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
Settings(max_token=3)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
describe(product, engine, schema=Label).custom.headline  # type: ignore[union-attr]  # pyright: ignore[reportOptionalMemberAccess]
description.custom.headline  # type: ignore[union-attr]  # pyright: ignore[reportAttributeAccessIssue, reportOptionalMemberAccess]
labelled: Description[Label] = description  # type: ignore[assignment]  # pyright: ignore[reportAssignmentType]

# Many products.
describe_many(Path("a.jpg"), engine)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
describe_many([3], engine)  # type: ignore[list-item]  # pyright: ignore[reportArgumentType]
describe_many([product], engine, batch_size="3")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
describe_many([product], engine, needs=["title"])  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
describe_many([product], engine, max_waiting=3)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
for outcome in describe_many([product], engine):
    outcome.description  # type: ignore[union-attr]  # pyright: ignore[reportAttributeAccessIssue]
    if isinstance(outcome, Failed):
        outcome.error.retryable  # type: ignore[union-attr]  # pyright: ignore[reportAttributeAccessIssue]
    if isinstance(outcome, Described):
        outcome.error  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue]


async def later() -> None:
    adescribe(product, engine).title  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue]
    await adescribe(product, engine, batch_size=3)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]


# Questions, captions, moderation.
productdesc.ask(Path("a.jpg"), "What?", engine, expect="maybe")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
productdesc.ask_all(Path("a.jpg"), [3], engine)  # type: ignore[list-item]  # pyright: ignore[reportArgumentType]
productdesc.caption(Path("a.jpg"), engine, purpose="title")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
productdesc.moderate(product, policy="policy.toml")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


# Catalogues.
class Half:
    """No sink: it cannot save."""

    def __enter__(self) -> Half:
        return self

    def __exit__(self, *_: object) -> None:
        return None


sink: Sink = Half()  # type: ignore[assignment]  # pyright: ignore[reportAssignmentType]
source: Source = JsonlSink("a.jsonl")  # type: ignore[assignment]  # pyright: ignore[reportAssignmentType]
catalogs.needs(product)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
catalogs.needs(Half())  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
JsonlSink("a.jsonl", overwrit=["title"])  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
catalogs.ShopifyCsvSink("a.csv", "b.csv", mode="all")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
OpenOptions(secrets=("token",))  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
text = "key: " + Secret("token")  # type: ignore[operator]  # pyright: ignore[reportOperatorIssue]
ShopifyClient("my-shop.myshopify.com")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
