"""A Shopify shop in two languages, night after night: nothing is described twice."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from doubles.jobs.looking import LookingEngine
from doubles.publishing.small_shops import ShopifyShop, ids
from doubles.shop_servers.shopify_translations import locale

from productdesc import sync
from productdesc.catalogs.shopify.admin import ShopifySource
from productdesc.errors import CatalogError

PHOTO = Path(__file__).parents[3] / "examples" / "striped-shoe.jpg"
LANGUAGES = ("en", "de")
ALL = {"1", "2", "3"}


@pytest.fixture
def shop() -> Iterator[ShopifyShop]:
    with ShopifyShop(len(ALL)) as made:
        state = made.server.shop
        state.translations.locales.append(locale("de"))
        for number, gid in enumerate(state.products, start=1):
            state.translations.add(gid, "de", title=f"Tasse {number}")
        yield made


def night(path: Path, shop: ShopifyShop, engine: LookingEngine) -> int:
    """A pass over the shop; how many drafts it made. All are approved."""
    source = ShopifySource(shop.server.connection(), languages=LANGUAGES)
    with sync.Journal(path) as journal, source:
        products = [
            one.model_copy(
                update={"photos": (PHOTO,), "attributes": {"number": one.id[-1]}}
            )
            for one in source.products()
        ]
        how: Any = {"channel": "shopify", "fields": ["description"], "inferred": "all"}
        needs = {one: shop.sink(language=one).needs for one in LANGUAGES}
        outcomes = sync.run(
            journal, products, engine, needs=needs, languages=[*LANGUAGES], **how
        )
        count = sum(1 for _ in outcomes)
        for language in LANGUAGES:
            sync.approve(journal, "state:generated", who="tester", language=language)
    return count


def test_what_we_published_makes_nothing_stale(shop: ShopifyShop, tmp_path: Path) -> None:
    path, engine, first = tmp_path / "job.db", LookingEngine(), shop.texts()
    for language in LANGUAGES:
        assert night(path, shop, engine) == (6 if language == "en" else 0)
        with sync.Journal(path) as journal, shop.sink(language=language) as sink:
            assert ids([*sync.publish(journal, sink)], "done") == ALL
    assert night(path, shop, engine) == 0
    assert engine.looks == 3
    assert set(engine.written.values()) == {1}
    for language in ("de", "en"):
        with sync.Journal(path) as journal, shop.sink(language=language) as sink:
            undone = sync.undo(journal, sink, datetime(2000, 1, 1))
            assert ids([*undone], "undone") == ALL
    assert shop.texts() == first


def test_a_translation_goes_nowhere_but_into_its_own_language(
    shop: ShopifyShop, tmp_path: Path
) -> None:
    path, first = tmp_path / "job.db", shop.texts()
    night(path, shop, LookingEngine())
    with sync.Journal(path) as journal:
        for language in ("", "en"):
            with (
                shop.sink(language=language) as sink,
                pytest.raises(ValueError, match="is a translation"),
            ):
                sync.publish(journal, sink, language="de")
        # the token may not read any more which languages the shop has
        shop.server.shop.scopes_lacking = {"read_locales"}
        with (
            shop.sink(language="de", assume_primary=True) as sink,
            pytest.raises(CatalogError, match="read_locales"),
        ):
            sync.publish(journal, sink, language="de")
    assert shop.texts() == first
