"""What a sink still needs: empty fields only, and none once they are filled."""

from __future__ import annotations

import csv
import importlib
import pkgutil
import tempfile
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from doubles import shops
from doubles.files.file_sinks import SINKS
from doubles.pictures import jpeg
from doubles.shops import Seed, Shop
from factories import description
from hypothesis import given, settings
from hypothesis import strategies as st

from productdesc import (
    Described,
    Failed,
    Product,
    ScriptedEngine,
    Skipped,
    catalogs,
    describe_many,
)
from productdesc.catalogs import (
    GoogleSink,
    JsonlSink,
    ParquetSink,
    Saved,
    ShopifyCsvSink,
    ShopifyCsvSource,
    ShopifySink,
    TableSink,
    TableSource,
    WooCommerceCsvSink,
    WooCommerceSink,
    needs,
)
from productdesc.catalogs.merge_policy import FIELDS, Current, decide, missing_fields
from productdesc.catalogs.protocol import Closing
from productdesc.records import MAX_PHOTOS, WORDLESS, Description, Present
from productdesc.taxonomy import Category, Taxonomy

ALL = frozenset(FIELDS)
URLS = tuple(f"https://cdn.example.com/{n}.jpg" for n in range(MAX_PHOTOS + 2))
FILLED = Product(
    id="a",
    title="Jug",
    description="A green jug.",
    photos=URLS[:2],
    attributes={"colour": "green"},
    present=Present(
        category="jug",
        bullets=("Green",),
        seo_title="Jug",
        seo_description="A jug.",
        alt_texts=("front", "back"),
        tags=("jug",),
    ),
)
OURS: dict[str, Any] = {
    "title": "Our title",
    "category": "shoes",
    "attributes": {"colour": "red"},
    "bullets": ("Red upper", "Rubber sole"),
    "description": "Our description.",
    "seo_title": "Our SEO title",
    "seo_description": "Our SEO description",
    "alt_texts": ("our front", "our back"),
    "tags": ("shoes", "red"),
}
SHOPS: list[type[Shop]] = [
    shop
    for module in pkgutil.walk_packages(shops.__path__, "doubles.shops.")
    if not module.ispkg
    for shop in [importlib.import_module(module.name).SHOP]
    # a new table has a line for every product, so that none may be skipped
    if shop.reads and shop.writes and shop.name != "table"
]

texts = st.sampled_from(["", "  ", "N/A", "-", "The merchant's own words."])
names = st.sampled_from(["Jug", "Trail shoe"])


@st.composite
def seeds(draw: Any, number: int) -> Seed:
    photos = draw(st.integers(0, len(URLS)))
    alts = draw(st.lists(texts, max_size=photos))
    return Seed(
        f"p{number}",
        title=draw(names),
        description=draw(texts),
        seo_title=draw(texts),
        seo_description=draw(texts),
        alt_texts=tuple(alts),
        tags=tuple(draw(st.lists(st.sampled_from(["own", "words"]), max_size=2))),
        # a feed has at least one
        photos=URLS[: max(photos, 1)],
    )


catalogues = st.tuples(*(seeds(n) for n in range(4)))


def read(shop: Shop) -> list[Product]:
    with shop.source() as source:
        return list(source.products())


def run(shop: Shop, engine: ScriptedEngine) -> tuple[list[Any], list[Saved]]:
    """Outcomes and what was saved; only what is needed is described."""
    products = {product.id: product for product in read(shop)}
    with shop.sink() as sink:
        asked = needs(getattr(sink, "inner", sink))
        seen = [
            product.model_copy(update={"photos": (jpeg(),) * len(product.photos)})
            for product in products.values()
        ]
        outcomes = list(
            describe_many(
                seen,
                engine,
                channel="plain",
                inferred="opinions",  # as `convert` does: what is held back is composed
                needs=lambda p: asked(products[p.id]),
            )
        )
        saved = [
            sink.save(products[o.product.id], o.description)
            for o in outcomes
            if isinstance(o, Described)
        ]
    return outcomes, saved


@pytest.mark.parametrize("kind", SHOPS, ids=lambda s: s.name)
@settings(max_examples=2, deadline=None, derandomize=True)
@given(catalogue=catalogues)
def test_what_was_saved_is_not_needed_again(
    kind: type[Shop], catalogue: tuple[Seed, ...]
) -> None:
    with tempfile.TemporaryDirectory() as folder, kind(Path(folder), catalogue) as shop:
        first, saved = run(shop, ScriptedEngine())
        assert not [one for one in first if isinstance(one, Failed)]
        assert {one.status for one in saved} <= {"written", "unchanged"}, saved
        engine = ScriptedEngine()
        again, saved = run(shop, engine)
        assert all(isinstance(one, Skipped) for one in again), again
        assert not engine.requests and not saved


def woocommerce(**options: Any) -> WooCommerceSink:
    client: Any = SimpleNamespace(url="https://shop.example")  # is asked nothing
    return WooCommerceSink(client, **options)


def shopify(**options: Any) -> ShopifySink:
    client: Any = SimpleNamespace(domain="shop.example")  # is asked nothing
    return ShopifySink(client, **options)


def csv_file(folder: Path, *header: str, rows: tuple[tuple[str, ...], ...] = ()) -> Path:
    path = folder / "export.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([header, *(rows or (("a",) * len(header),))])
    return path


SHOPIFY_COLUMNS = (
    *("Handle", "Title", "Body (HTML)", "Product Category", "Tags", "Image Src"),
    *("Image Alt Text", "SEO Title", "SEO Description"),
)
WOO_COLUMNS = ("ID", "Type", "Name", "Short description", "Description", "Tags", "Images")

IN_SHOPIFY = {"description": {"description", "bullets"}, "category": {"category_id"}}
"""A body holds the bullets too, and a category is one of a taxonomy."""

SELECTIVE: dict[str, tuple[Any, set[str]]] = {
    "shopify csv": (
        lambda d, **o: ShopifyCsvSink(csv_file(d, *SHOPIFY_COLUMNS), d / "out", **o),
        set(FIELDS) - {"attributes", "bullets"},
    ),
    "shopify csv, few columns": (
        lambda d, **o: ShopifyCsvSink(csv_file(d, "Handle", "Title"), d / "out", **o),
        {"title"},
    ),
    "shopify csv, columns that are added": (
        lambda d, **o: ShopifyCsvSink(
            csv_file(d, "Handle", "Title"), d / "out", mode="changes", **o
        ),
        set(FIELDS) - {"attributes", "bullets", "category"},
    ),
    "woocommerce csv": (
        lambda d, **o: WooCommerceCsvSink(csv_file(d, *WOO_COLUMNS), d / "out", **o),
        {"title", "bullets", "description", "tags"},
    ),
    "table": (
        lambda d, **o: TableSink(csv_file(d, "sku", "name"), d / "out", **o),
        set(FIELDS),
    ),
    "jsonl": (lambda d, **o: JsonlSink(d / "out", **o), set(FIELDS)),
    "parquet": (lambda d, **o: ParquetSink(d / "out", **o), set(FIELDS)),
    "google": (
        lambda d, **o: GoogleSink(d / "out.xml", **o),
        {"title", "description", "bullets", "attributes"},
    ),
    "shopify": (
        lambda d, **o: shopify(**o),
        set(FIELDS) - {"attributes", "bullets", "category"},
    ),
    "shopify, with all": (
        lambda d, **o: shopify(
            category_id=lambda path: "1", metafields={"Colour": "custom.colour"}, **o
        ),
        set(FIELDS) - {"bullets"},
    ),
    "woocommerce": (
        lambda d, **o: woocommerce(**o),
        {"title", "bullets", "description", "alt_texts", "tags"},
    ),
    "woocommerce, with all": (
        lambda d, **o: woocommerce(attributes=True, seo=("a", "b"), **o),
        set(FIELDS) - {"category"},
    ),
}


def emptied(name: str) -> Product:
    if name in ("title", "description"):
        return FILLED.model_copy(update={name: ""})
    if name == "attributes":
        return FILLED.model_copy(update={name: {}})
    nothing = Present().model_dump()[name]
    present = FILLED.present.model_copy(update={name: nothing})
    return FILLED.model_copy(update={"present": present})


@pytest.mark.parametrize("name", SELECTIVE)
def test_a_sink_needs_the_fields_that_it_writes_and_that_are_empty(
    name: str, tmp_path: Path
) -> None:
    opened, writes = SELECTIVE[name]
    asked = needs(opened(tmp_path))
    assert asked(FILLED) == frozenset()
    for field in FIELDS:
        expected = {field}
        if name.startswith("shopify"):
            expected = IN_SHOPIFY.get(field, expected)
        assert asked(emptied(field)) == (expected if field in writes else set()), field


@pytest.mark.parametrize("name", SELECTIVE)
def test_what_may_be_replaced_is_needed_also_where_it_is_filled(
    name: str, tmp_path: Path
) -> None:
    opened, writes = SELECTIVE[name]
    for field in sorted(writes - ({"attributes"} if "woo" in name else set())):
        asked = needs(opened(tmp_path, overwrite=[field]))
        expected = {field}
        if name.startswith("shopify"):
            expected = IN_SHOPIFY.get(field, expected)
        assert asked(FILLED) == expected
        if field == "alt_texts":
            assert asked(FILLED.model_copy(update={"photos": ()})) == set()


@pytest.mark.parametrize("name", SINKS)
def test_a_file_that_must_hold_every_product_needs_every_field(
    name: str, tmp_path: Path
) -> None:
    sink = SINKS[name](tmp_path, tmp_path / "out")
    everything = needs(sink)(FILLED)
    holds_all = name in {"json-ld", "new table", "review", "shopify new", "woocommerce new"}
    assert (everything == set(type(sink).WRITES)) if holds_all else (not everything)


def test_every_sink_says_what_it_needs() -> None:
    seams = {"Sink", "BulkSink", "FileSink", "SelectiveSink"}
    sinks = [n for n in catalogs.__all__ if n.endswith("Sink") and n not in seams]
    assert len(sinks) > 10
    assert [name for name in sinks if not hasattr(getattr(catalogs, name), "needs")] == []


@settings(max_examples=200, deadline=None)
@given(
    title=texts,
    seo_title=texts,
    bullets=st.lists(texts, max_size=2),
    alts=st.lists(texts, max_size=3),
    tags=st.lists(names, max_size=2),
    photos=st.integers(0, 3),
    writes=st.sets(st.sampled_from(FIELDS)),
    overwrite=st.sets(st.sampled_from(FIELDS)),
)
def test_what_is_missing_is_what_would_be_written(
    title: str,
    seo_title: str,
    bullets: list[str],
    alts: list[str],
    tags: list[str],
    photos: int,
    writes: set[str],
    overwrite: set[str],
) -> None:
    lists = {
        "bullets": tuple(bullets),
        "tags": tuple(tags),
        "alt_texts": tuple(alts[:photos]),
    }
    current = Current(title=title, seo_title=seo_title, **lists)
    ours = description(**{**OURS, "alt_texts": ("1", "2", "3")[:photos]})
    new = decide(current, ours, writes=list(writes), overwrite=overwrite, photos=photos).new
    missing = missing_fields(current, writes=writes, overwrite=overwrite, photos=photos)
    assert missing == set(new)


def test_alt_texts_are_needed_of_the_photos_that_a_model_is_shown() -> None:
    many = URLS[: MAX_PHOTOS + 2]
    texts = ("own",) * MAX_PHOTOS
    present = FILLED.present.model_copy(update={"alt_texts": texts})
    product = FILLED.model_copy(update={"photos": many, "present": present})
    asked = needs(woocommerce())
    assert asked(product) == set()
    present = present.model_copy(update={"alt_texts": (*texts[1:], "")})
    assert asked(product.model_copy(update={"present": present})) == {"alt_texts"}


def test_placeholders_are_empty_and_pictures_without_words_are_not(tmp_path: Path) -> None:
    rows = (
        ("n", "N/A", "<p>n/a</p>", "-", "none", URLS[0], "null", "#N/A", "-"),
        ("i", "Jug", "<img src='x.jpg'>", "A > B", "jug", URLS[0], "front", "Jug", "A jug"),
    )
    path = csv_file(tmp_path, *SHOPIFY_COLUMNS, rows=rows)
    asked = needs(ShopifyCsvSink(path, tmp_path / "out"))
    with ShopifyCsvSource(path) as source:
        nothing, pictures = source.products()
    assert pictures.description == WORDLESS
    assert asked(nothing) == (ALL | {"category_id"}) - {"category", "attributes"}
    assert asked(pictures) == set()


def test_attributes_are_needed_only_where_there_is_none() -> None:
    asked = needs(woocommerce(attributes=True))
    other = FILLED.model_copy(update={"attributes": {"brand": "Acme"}})
    assert asked(other) == set()
    metafields = {"Farbe": "custom.colour", "Material": "custom.material"}
    to_shopify = needs(shopify(metafields=metafields))
    assert to_shopify(other) == {"attributes"}  # none of those that go to a metafield
    assert to_shopify(FILLED) == set()


def test_tags_that_may_not_be_created_are_no_need_of_their_own() -> None:
    asked = needs(woocommerce(create_tags=False))
    assert asked(emptied("tags")) == set()
    bare = emptied("tags").model_copy(update={"title": ""})
    assert asked(bare) == {"title", "tags"}
    assert needs(woocommerce(create_tags=False, overwrite=["tags"]))(FILLED) == {"tags"}


class PlainSink(Closing):
    """A sink of somebody's, who never heard of `needs`."""

    def save(self, product: Product, description: Description) -> Saved:
        return Saved(product.id, "written")


class PickySink(PlainSink):
    def needs(self, product: Product) -> frozenset[str]:
        return frozenset({"tags"})


def test_a_sink_without_a_word_of_its_own_fills_what_is_empty() -> None:
    assert needs(PlainSink())(FILLED) == set()
    assert needs(PlainSink())(emptied("seo_title")) == {"seo_title"}
    assert needs(PlainSink())(Product(id="a")) == ALL - {"alt_texts"}
    assert needs(PickySink())(FILLED) == {"tags"}


def test_a_filled_catalogue_of_200_products_asks_no_model(tmp_path: Path) -> None:
    cells = ("Jug", "<p>A jug.</p>", "", "jug", URLS[0], "front", "Jug", "A jug.")
    rows = tuple((f"jug-{n}", *cells) for n in range(200))
    path = csv_file(tmp_path, *SHOPIFY_COLUMNS, rows=rows)
    engine = ScriptedEngine()
    with ShopifyCsvSource(path) as source:
        asked = needs(ShopifyCsvSink(path, tmp_path / "out"))
        outcomes = list(describe_many(source.products(), engine, needs=asked))
    assert len(outcomes) == 200 and all(isinstance(one, Skipped) for one in outcomes)
    assert not engine.requests


def test_a_category_of_a_taxonomy_is_asked_only_where_there_is_one() -> None:
    taxonomy = Taxonomy("ours", "1", [Category("1", "Jugs"), Category("2", "Cups")])
    product = Product(id="a", title="Jug", attributes={"brand": "Acme"})
    need: Any = {"needs": lambda product: {"category_id"}}
    engine = ScriptedEngine()
    [outcome] = describe_many([product], engine, **need)
    assert isinstance(outcome, Skipped) and not engine.requests
    [outcome] = describe_many([product], engine, taxonomy=taxonomy, **need)
    assert isinstance(outcome, Described)
    assert outcome.description.category_id in {"1", "2"}
    assert not outcome.description.title


def test_a_table_that_was_filled_keeps_its_columns_and_needs_nothing(
    tmp_path: Path,
) -> None:
    path = csv_file(tmp_path, "sku", "name", "price", rows=(("a", "Jug", "9"),))
    with TableSink(path, tmp_path / "out.csv") as sink:
        [product] = TableSource(path).products()
        assert needs(sink)(product) == ALL - {"title", "alt_texts"}
        sink.save(product, description(**{**OURS, "alt_texts": ()}))
    again = TableSource(tmp_path / "out.csv")
    [product] = again.products()
    assert needs(TableSink(again, tmp_path / "third.csv"))(product) == set()
