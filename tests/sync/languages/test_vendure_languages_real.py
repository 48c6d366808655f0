"""Fifty products in three languages over a real Vendure, published in two, taken back.

python -m pytest -m heavy tests/sync/languages/test_vendure_languages_real.py
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from doubles.jobs.looking import TEXTS, LookingEngine
from doubles.shop_servers import vendure_real
from doubles.shop_servers.vendure_real import Shop, asked

from productdesc import Product, sync
from productdesc.catalogs import VendureClient, VendureSink, VendureSource
from productdesc.net import Http

pytestmark = [pytest.mark.heavy, pytest.mark.timeout(900)]

COUNT = 50
LANGUAGES = ("en", "de", "fr")
PHOTO = Path(__file__).parents[3] / "examples" / "striped-shoe.jpg"
PERSON = "<p>Was ein Mensch schrieb.</p>"
ALL = """{ products(options: {take: 1000, sort: {id: ASC}}) { items {
  id enabled slug translations { languageCode name slug description }
} } }"""


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    if why := vendure_real.why_not():
        pytest.skip(why)
    folder = tmp_path / "vendure"
    with vendure_real.start(folder, products=COUNT, photos=[PHOTO]) as started:
        yield started


def texts(shop: Shop) -> dict[str, Any]:
    """All texts that the shop stores of each product."""
    items = asked(shop, ALL, shop.token)["products"]["items"]
    for one in items:
        one["translations"] = {row["languageCode"]: row for row in one["translations"]}
    return {one["id"]: one for one in items}


def edit(shop: Shop, key: str) -> None:
    """The shop's second account changes a German description."""
    change = """mutation Edit($input: UpdateProductInput!) {
      updateProduct(input: $input) { id } }"""
    row = {"languageCode": "de", "description": PERSON}
    asked(shop, change, shop.editor, input={"id": key, "translations": [row]})


def client(shop: Shop) -> VendureClient:
    return VendureClient(shop.url, shop.token, network=shop.network())


def products(shop: Shop) -> list[Product]:
    with VendureSource(client(shop), languages=LANGUAGES, own=True) as source:
        return [
            one.model_copy(update={"attributes": {**one.attributes, "number": one.id}})
            for one in source.products()
        ]


def sink(shop: Shop, language: str) -> VendureSink:
    options: Any = {"overwrite": ["description"], "apply": True, "own": True}
    return VendureSink(client(shop), language=language, **options)


def night(path: Path, shop: Shop, engine: LookingEngine) -> int:
    """A pass over the shop; how many drafts it made. All are approved."""
    with sync.Journal(path) as journal, Http(network=shop.network()) as http:
        outcomes = sync.run(
            journal,
            products(shop),
            engine,
            needs={one: sink(shop, one).needs for one in LANGUAGES},
            channel="vendure",
            fields=["title", "description"],
            languages=[*LANGUAGES],
            inferred="all",
            http=http,
        )
        count = sum(1 for _ in outcomes)
        for language in LANGUAGES:
            sync.approve(journal, "state:generated", who="tester", language=language)
    return count


def publish(path: Path, shop: Shop, language: str) -> dict[str, int]:
    with sync.Journal(path) as journal, sink(shop, language) as opened:
        return dict(Counter(one.state for one in sync.publish(journal, opened)))


def test_fifty_products_in_three_languages_are_published_in_two(
    shop: Shop, tmp_path: Path
) -> None:
    path, engine, first = tmp_path / "job.db", LookingEngine(), texts(shop)
    assert night(path, shop, engine) == COUNT * len(LANGUAGES)
    with sync.Journal(path) as journal:
        [[rows]] = journal.database.rows("SELECT count(*) FROM rows")
    print(f"{engine.looks} looks, {rows} rows")
    assert (engine.looks, rows) == (COUNT, COUNT * len(LANGUAGES))

    edit(shop, "7")
    published = {language: publish(path, shop, language) for language in ("en", "de")}
    print(f"published: {published}")
    assert published == {"en": {"done": COUNT}, "de": {"done": COUNT - 1, "drift": 1}}
    now = texts(shop)
    for key, one in now.items():
        for language in ("en", "de"):
            wanted = f"<p>{TEXTS[language]['description']}</p>"
            is_edited = (key, language) == ("7", "de")
            stored = one["translations"][language]["description"]
            assert stored == (PERSON if is_edited else wanted), (key, language)
        assert "fr" not in one["translations"]

    engine.written.clear()
    assert night(path, shop, engine) == 1
    print(f"the night after: {dict(engine.written)}")
    assert engine.written == {("7", "de"): 1}, "what a person edited is read anew"
    for language in ("de", "en"):
        with sync.Journal(path) as journal, sink(shop, language) as opened:
            outcomes = [*sync.undo(journal, opened, datetime(2000, 1, 1))]
        print(f"undo in {language}: {dict(Counter(one.state for one in outcomes))}")
    first["7"]["translations"]["de"]["description"] = PERSON
    now = texts(shop)
    made = now[str(COUNT)]["translations"].pop("de")
    assert (made["name"], made["description"]) == ("", ""), "Vendure deletes none"
    assert now == first
    assert all(line["changed"] for line in shop.changes()), "something was written anew"
