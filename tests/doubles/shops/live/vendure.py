"""A Vendure shop behind its Admin API, with custom fields for SEO, on loopback."""

from __future__ import annotations

import html
import re
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

from doubles.shop_servers.vendure_server import AWAKE, Server, loopback
from doubles.shop_servers.vendure_shop import Shop as State
from doubles.shops import CANARY, Seed, Shop

from productdesc.catalogs.protocol import Saved
from productdesc.catalogs.vendure import VendureClient, VendureSink, VendureSource
from productdesc.records import Description, Product

SEO = ("seoTitle", "seoDescription")


class SHOP(Shop):
    """Looks into the stand-in's own memory, never through the client."""

    name = "vendure"
    fields = ("title", "description", "seo_title", "seo_description")
    live = True

    def __init__(self, folder: Path, seeds: Sequence[Seed]) -> None:
        super().__init__(folder, seeds)
        fields = dict(zip(SEO, ("localeString", "localeText"), strict=True))
        self.state = State(CANARY, fields=fields)
        for seed in seeds:
            own = dict(zip(SEO, (seed.seo_title, seed.seo_description), strict=True))
            english = {
                "name": seed.title,
                "description": html.escape(seed.description, quote=False),
                "customFields": own,
            }
            german = {"name": f"{seed.title} (de)", "description": "<p>Deutsch.</p>"}
            self.state.add(
                seed.id,
                texts={"en": english, "de": german},
                assets=[_asset(n, url) for n, url in enumerate(seed.photos)],
            )
        self.server = Server(self.state).__enter__()

    def __exit__(self, *_: object) -> None:
        self.server.__exit__()
        for seed in self.seeds:  # the other language is never touched
            german = self.state.texts(seed.id, "de")
            assert german["description"] == "<p>Deutsch.</p>"

    def client(self) -> VendureClient:
        http = loopback(self.server.port)
        return VendureClient(self.server.url, CANARY, http=http, clock=AWAKE)

    def source(self) -> Any:
        return VendureSource(self.client(), seo="custom-fields")

    def sink(self, *, overwrite: Collection[str] = (), apply: bool = True) -> Any:
        client = self.client()
        return VendureSink(client, overwrite=overwrite, apply=apply, seo="custom-fields")

    def save_all(
        self, pairs: Sequence[tuple[Product, Description]], **options: Any
    ) -> list[Saved]:
        sink = VendureSink(self.client(), apply=True, seo="custom-fields", **options)
        return list(sink.save_many(pairs))

    def held(self) -> dict[str, Mapping[str, Any]]:
        return {key: self._one(key) for key in self.state.products}

    def _one(self, key: str) -> dict[str, Any]:
        texts = self.state.texts(key)
        return {
            "title": texts["name"],
            "description": texts["description"],
            "slug": texts["slug"],
            "seo_title": texts["customFields"].get(SEO[0], ""),
            "seo_description": texts["customFields"].get(SEO[1], ""),
            "german": self.state.texts(key, "de"),
        }

    def plain(self, product_id: str, field: str) -> Any:
        value = self._one(product_id)[field]
        return html.unescape(re.sub(r"<[^>]*>", " ", value))

    def changes(self) -> int:
        return len(self.state.changes)


def _asset(number: int, url: str) -> dict[str, str]:
    return {
        "id": str(number + 1),
        "type": "IMAGE",
        "mimeType": "image/jpeg",
        "source": url,
        "preview": url,
    }
