"""A WooCommerce shop over plain HTTP (so every request is signed), with Yoast's fields.

WooCommerce's ids are numbers; they are named after the seeds on the way out and in.
"""

from __future__ import annotations

import dataclasses
import html
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self

from doubles.shop_servers.woocommerce_server import Server
from doubles.shop_servers.woocommerce_server import Shop as State
from doubles.shops import CANARY, Seed, Shop

from productdesc.catalogs.live import Clock
from productdesc.catalogs.protocol import Problems, Saved
from productdesc.catalogs.woocommerce.rest import (
    YOAST,
    WooCommerceClient,
    WooCommerceSink,
    WooCommerceSource,
)
from productdesc.net import Http, Policy
from productdesc.records import Description, Product

KEY, SECRET = f"ck_{CANARY}", f"cs_{CANARY}"


def http(port: int, **changes: Any) -> Http:
    """A client that may reach loopback at this port, and never retries by itself."""
    policy = Policy(
        allowed_networks=("127.0.0.1/32",),
        schemes=frozenset({"http", "https"}),
        ports=frozenset({port}),
    )
    return Http(policy._replace(**changes))


AWAKE = Clock(sleep=lambda seconds: None)


@contextmanager
def serving(shop: State, **options: Any) -> Iterator[WooCommerceClient]:
    """A client that reaches this shop; nobody really sleeps."""
    with Server(shop) as server:
        yield WooCommerceClient(
            f"http://127.0.0.1:{server.port}",
            **{"key": KEY, "secret": SECRET, "http": http(server.port)}
            | {"clock": AWAKE}
            | options,
        )


class _Named:
    """A source or sink whose products go by the seeds' names."""

    def __init__(self, inner: Any, names: Mapping[str, str]) -> None:
        self.inner, self.names = inner, names

    @property
    def problems(self) -> Problems:
        problems: Problems = self.inner.problems
        return problems

    def products(self) -> Iterator[Product]:
        for product in self.inner.products():
            yield product.model_copy(update={"id": self.names[product.id]})

    def save(self, product: Product, description: Description) -> Saved:
        number = next(n for n, name in self.names.items() if name == product.id)
        renamed = product.model_copy(update={"id": number})
        saved: Saved = self.inner.save(renamed, description)
        return dataclasses.replace(saved, product_id=product.id)

    def __repr__(self) -> str:
        return f"{self.inner!r} {vars(self.inner)} {vars(self.inner._client)}"

    def __enter__(self) -> Self:
        self.inner.__enter__()
        return self

    def __exit__(self, *error: Any) -> None:
        self.inner.__exit__(*error)


class SHOP(Shop):
    name = "woocommerce"
    fields = (
        "title",
        "bullets",
        "description",
        "alt_texts",
        "tags",
        "seo_title",
        "seo_description",
    )
    live = True

    def __init__(self, folder: Path, seeds: Sequence[Seed]) -> None:
        super().__init__(folder, seeds)
        self.state = State(KEY, SECRET)
        self.names: dict[str, str] = {}
        for number, seed in enumerate(seeds, start=11):
            self.names[str(number)] = seed.id
            alts = seed.alt_texts + ("",) * len(seed.photos)
            self.state.add(
                number,
                name=html.escape(seed.title, quote=False),
                description=html.escape(seed.description, quote=False),
                tags=list(seed.tags),
                images=[
                    (number * 10 + place, src, alts[place])
                    for place, src in enumerate(seed.photos)
                ],
                meta_data=[
                    {"id": number * 10 + place, "key": key, "value": value}
                    for place, (key, value) in enumerate(
                        zip(YOAST, (seed.seo_title, seed.seo_description), strict=True)
                    )
                    if value
                ],
            )
        self.server = Server(self.state)
        self.server.__enter__()

    def __exit__(self, *_: object) -> None:
        self.server.__exit__()

    def source(self) -> Any:
        return _Named(WooCommerceSource(self._client(), seo=YOAST), self.names)

    def sink(self, *, overwrite: Collection[str] = (), apply: bool = True) -> Any:
        inner = WooCommerceSink(self._client(), overwrite=overwrite, apply=apply, seo=YOAST)
        return _Named(inner, self.names)

    def save_all(
        self, pairs: Sequence[tuple[Product, Description]], **options: Any
    ) -> list[Saved]:
        numbers = {name: number for number, name in self.names.items()}
        named = [
            (product.model_copy(update={"id": numbers[product.id]}), ours)
            for product, ours in pairs
        ]
        sink = WooCommerceSink(self._client(), apply=True, seo=YOAST, **options)
        return list(sink.save_many(named))

    def _client(self) -> WooCommerceClient:
        return WooCommerceClient(
            f"http://127.0.0.1:{self.server.port}",
            KEY,
            SECRET,
            http=http(self.server.port),
            clock=Clock(sleep=lambda seconds: None),
        )

    def held(self) -> dict[str, Mapping[str, Any]]:
        return {name: self._one(number) for number, name in self.names.items()}

    def _one(self, number: str) -> Mapping[str, Any]:
        raw = self.state.shown(int(number))
        meta = {row["key"]: row["value"] for row in raw["meta_data"]}
        return {
            "title": raw["name"],
            "description": raw["description"],
            "bullets": raw["short_description"],
            "alt_texts": [image["alt"] for image in raw["images"]],
            "photos": [(image["id"], image["src"]) for image in raw["images"]],
            "tags": [tag["name"] for tag in raw["tags"]],
            "seo_title": meta.get(YOAST[0], ""),
            "seo_description": meta.get(YOAST[1], ""),
        }

    def plain(self, product_id: str, field: str) -> Any:
        number = next(n for n, name in self.names.items() if name == product_id)
        value = self._one(number)[field]
        if isinstance(value, list):
            return tuple(html.unescape(part) for part in value)
        return html.unescape(re.sub(r"<[^>]*>", " ", value))

    def changes(self) -> int:
        return len(self.state.changes)
