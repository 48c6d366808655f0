"""A Shopify shop behind its Admin API, on a loopback address."""

from __future__ import annotations

import html.parser
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

from doubles.shop_servers.shopify_server import ShopifyServer
from doubles.shop_servers.shopify_shop import PRODUCT
from doubles.shops import CANARY, Seed, Shop

from productdesc.catalogs.protocol import Saved, Sink, Source
from productdesc.catalogs.shopify.admin import ShopifySink, ShopifySource
from productdesc.records import Description, Product


class ShopifyShop(Shop):
    """Looks into the stand-in's own memory, never through the client."""

    name = "shopify"
    fields = (
        "title",
        "description",
        "seo_title",
        "seo_description",
        "alt_texts",
        "tags",
    )
    live = True

    def __init__(self, folder: Path, seeds: Sequence[Seed]) -> None:
        super().__init__(folder, seeds)
        self.server = ShopifyServer(f"shpat_{CANARY}").__enter__()
        for seed in seeds:
            self.server.shop.add(
                seed.id,
                title=seed.title,
                descriptionHtml=f"<p>{html.escape(seed.description)}</p>",
                seo={"title": seed.seo_title or None, "description": seed.seo_description},
                tags=list(seed.tags),
                images=zip(seed.photos, (*seed.alt_texts, *[""] * 99), strict=False),
            )
        self.connection = self.server.connection()

    def __exit__(self, *_: object) -> None:
        self.server.__exit__()
        assert not self.server.leaks and not self.server.crashes

    def source(self) -> Source:
        return ShopifySource(self.connection)

    def sink(self, *, overwrite: Collection[str] = (), apply: bool = True) -> Sink:
        return ShopifySink(self.connection, overwrite=overwrite, apply=apply)

    def save_all(
        self, pairs: Sequence[tuple[Product, Description]], **options: Any
    ) -> list[Saved]:
        sink = ShopifySink(self.connection, apply=True, **options)
        named = [  # by global id: a handle takes a question of its own
            (product.model_copy(update={"id": PRODUCT + product.id}), ours)
            for product, ours in pairs
        ]
        return list(sink.save_many(named))

    def held(self) -> dict[str, Mapping[str, Any]]:
        products = self.server.shop.products
        return {gid.removeprefix(PRODUCT): self._one(p) for gid, p in products.items()}

    def plain(self, product_id: str, field: str) -> Any:
        value = self._one(self.server.shop.products[PRODUCT + product_id])[field]
        if field == "description":
            return _Text.of(value)
        if field == "tags":  # Shopify sorts them
            return tuple(sorted(value, key=lambda t: (t != "shoes", t)))
        return tuple(value) if isinstance(value, list) else value

    def _one(self, product: Mapping[str, Any]) -> dict[str, Any]:
        return {
            "title": product["title"],
            "description": product["descriptionHtml"],
            "seo_title": product["seo"]["title"],
            "seo_description": product["seo"]["description"],
            "alt_texts": [self._alt(file) for file in product["media"]],
            "tags": list(product["tags"]),
        }

    def changes(self) -> int:
        return len(self.server.shop.changes)

    def _alt(self, file: str) -> str:
        return self.server.shop.files[file]["alt"] or ""


class _Text(html.parser.HTMLParser):
    """The text between the tags; a tag is a space."""

    @classmethod
    def of(cls, markup: str) -> str:
        parser = cls()
        parser.feed(markup)
        parser.close()
        return "".join(parser.parts)

    def __init__(self) -> None:
        super().__init__()
        self.parts: list[str] = []

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.parts.append(" ")

    def handle_data(self, data: str) -> None:
        self.parts.append(data)


SHOP = ShopifyShop
