"""A hundred thin texts of real shops, and what careless writers make of them.

They are read where they lie, in `../shared/catalogs` (English: a Google feed, Magento's
samples, a Shopify export and one of a book), and are no part of this repository.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import chain, zip_longest
from pathlib import Path

from productdesc.catalogs.detect import detect_format
from productdesc.catalogs.formats import open_source
from productdesc.records import Product

from .writers import parted

CATALOGS = Path(__file__).resolve().parents[4] / "shared" / "catalogs"
FILES = (
    "google-merchant/feed.tsv",
    "magento/ConfigurableSampleData__products.csv",
    "shopify-csv/a-2014-theme-export.csv",
    "shopify-csv/packt/Product-data.csv",
)
LEAST, MOST = 20, 400  # characters of a thin text


def thin_texts(number: int) -> list[Product]:
    """The first so many, of each file in turn: of two sentences or more, each text once.

    Without photos and variants: only the text is looked at.
    """
    in_turn = zip_longest(*map(_of_file, FILES))
    found: dict[str, Product] = {}
    for product in chain.from_iterable(in_turn):
        if product and len(found) < number:
            found.setdefault(product.words, product)
    return list(found.values())


def _of_file(name: str) -> Iterator[Product]:
    place = CATALOGS / name
    with open_source(str(place), detect_format(place)) as source:
        for product in source.products():
            is_thin = LEAST <= len(product.words) <= MOST
            if is_thin and len(parted(product.words)) > 1:
                bare = {"photos": (), "photo_error": "", "variants": ()}
                yield product.model_copy(update=bare)


def without_one(product: Product) -> tuple[str, list[str]]:
    """The sentence with the most words that stand nowhere else, and the text without it."""
    sentences = parted(product.words)

    def own(at: int) -> int:
        others = [*sentences[:at], *sentences[at + 1 :], product.title]
        others += [f"{name} {value}" for name, value in product.attributes.items()]
        return len(_words(sentences[at]) - _words(" ".join(others)))

    at = max(range(len(sentences)), key=own)
    return sentences[at], [*sentences[:at], *sentences[at + 1 :]]


def _words(text: str) -> set[str]:
    return {word for word in re.findall(r"\w+", text.lower()) if len(word) > 4}


SWAPS: Mapping[str, str] = {
    "cotton": "leather", "leather": "velvet", "polyester": "silk", "nylon": "wool",
    "spandex": "bamboo", "wool": "linen", "denim": "silk", "oak": "bamboo",
    "steel": "marble", "silver": "marble", "mesh": "leather", "suede": "linen",
    "lycra": "linen", "gold": "marble", "brass": "marble", "glass": "marble",
    "canvas": "leather", "rubber": "leather", "linen": "leather", "plastic": "leather",
}  # fmt: skip
"""A material, and another."""

COLOURS: Mapping[str, str] = {
    "black": "orange", "white": "purple", "blue": "orange", "navy": "orange",
    "red": "turquoise", "green": "purple", "yellow": "navy", "grey": "orange",
    "gray": "orange", "brown": "turquoise", "pink": "brown", "purple": "yellow",
}  # fmt: skip
"""The same of colours. Without a photo and data nobody can say that one is false."""


def with_one_changed(product: Product) -> tuple[str, str, list[str]] | None:
    """The first number or material that stands once in all the data, and another for it."""
    data = [product.title, product.words, *product.attributes.values()]
    whole = " ".join([*data, *product.attributes]).lower()
    # "up to 257" is borne out by 250
    for match in re.finditer(
        r"(?<![\w.,/-])(?<!up to )(\d{1,4}|[a-z]+)(?![\w.,/-]*\d)", product.words
    ):
        old = match[0]
        new = str(int(old) + 7) if old.isdigit() else {**SWAPS, **COLOURS}.get(old, "")
        seen = len(re.findall(rf"(?<![\w]){old}(?![\w])", whole))
        if new and seen == 1 and new not in whole:
            text = product.words[: match.start()] + new + product.words[match.end() :]
            return old, new, parted(text)
    return None
