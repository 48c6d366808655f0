"""Composed copy of real shop photos: what stands in it, in every channel and language."""

from __future__ import annotations

import html
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from productdesc import Described, Product, describe_many, load_engine
from productdesc.channels import CHANNELS
from productdesc.engines import EngineInfo
from productdesc.pipeline.draft import Draft
from productdesc.pipeline.finish import finish
from productdesc.pipeline.options import resolve
from productdesc.records import Description
from productdesc.taxonomy import settled_kind
from productdesc.text.fold import fold
from productdesc.text.trim import trim
from productdesc.words import word_tables
from productdesc.words.colour_forms import shade_forms
from productdesc.words.tokens import forms_of_text
from productdesc.words.writing.copy_tables import COPY_LANGUAGES, read_table

FOLDERS = (
    *("abo-aws-samples", "magento2-sample-data", "retail-demo-store"),
    *("solidus", "sylius", "vendure"),
)
DATA = (
    *("brand", "colour", "material", "pattern", "style", "climate", "gender", "features"),
    *("category", "subcategory", "collection", "plant_type", "price"),
)
SAMPLE = 1  # products of each shop in the default suite; the heavy one takes them all
ARTICLES = {
    "en": "a an", "de": "ein eine einen", "fr": "un une des du de la l'",
    "es": "un una unos unas", "it": "un un' una uno dei degli delle",
}  # fmt: skip
NOW = datetime(2026, 1, 2, tzinfo=UTC)
TEXTS = ("title", "description", "seo_title", "seo_description")
LISTS = ("bullets", "alt_texts", "tags")


def shop_products(shared: Path, sample: int | None) -> Iterator[Product]:
    """The products of six shops with their data, two photos each."""
    for name in FOLDERS:
        folder = shared / "photos" / name
        rows: dict[str, list[dict[str, Any]]] = {}
        for line in (folder / "labels.jsonl").read_text("utf-8").splitlines():
            row = json.loads(line)
            rows.setdefault(row["product_id"], []).append(row)
        products = list(rows.values())
        for row, *others in (
            products[:: max(1, len(products) // sample)] if sample else (products)
        ):
            attributes = {key: row[key] for key in DATA if row.get(key)}
            if "category_path" in row:
                attributes["category"] = row["category_path"]
            yield Product(
                id=f"{name}/{row['product_id']}",
                title=row.get("title_raw") or row["title"],
                description=row.get("description") or "",
                attributes=attributes,
                photos=[folder / one["file"] for one in (row, *others[:1])],
            )


def looked_at(shared: Path, sample: int | None) -> list[Draft]:
    outcomes = describe_many(
        shop_products(shared, sample), load_engine(), keep_drafts=True, batch_size=8
    )
    drafts = [outcome.draft for outcome in outcomes if isinstance(outcome, Described)]
    return [draft for draft in drafts if draft]


@cache
def table_words(language: str) -> frozenset[str]:
    """Every word, folded, that a table gives to copy in a language."""
    texts = [ARTICLES.get(language, "")]
    for table in ("nouns", "labels", "frames"):
        for key, row in read_table(f"{table}.toml").items():
            texts += [row[language]] if table != "frames" else []
            texts += row.values() if key == language else []
    for rows in read_table("values.toml").values():
        texts += [row[language] for row in rows.values()]
    for shade in word_tables.colours().shades:
        forms = shade_forms(shade.name)
        texts += forms.spellings(language) if forms else ()
    for kind in word_tables.product_types():
        texts.append(kind.names.get(language, kind.name))
    for finer in word_tables.kinds():
        texts += [word.strip("*") for word in finer.words.get(language, ())]
    return frozenset(form for text in texts for form in forms_of_text(text))


def strange_words(description: Description, draft: Draft, language: str) -> set[str]:
    """Words that stand in neither the data, what was read on the photo, nor a table."""
    product = draft.product
    data = [product.title, product.words, *draft.facts.text, draft.kind.kind]
    data += [*product.attributes, *product.attributes.values()]
    known = {*table_words(language), *forms_of_text(html.unescape(" ".join(data)))}
    values = [getattr(description, name) for name in (*TEXTS, *LISTS)]
    texts = [text for v in values for text in ((v,) if isinstance(v, str) else v)]
    found = {form for text in texts for form in forms_of_text(text)}
    return {form for form in found - known if not form.isdigit()}


def complaints(description: Description, draft: Draft, language: str) -> list[str]:
    title = trim(" ".join(html.unescape(draft.product.title).split()), 150)
    wrong = [f"strange: {word}" for word in strange_words(description, draft, language)]
    if title and description.title != title:
        wrong.append(f"title: {description.title}")
    texts = [fold(text) for name in TEXTS if (text := getattr(description, name))]
    wrong += ["two fields the same"] * (len(set(texts)) < len(texts))
    for name in LISTS:
        entries = [fold(entry) for entry in getattr(description, name)]
        wrong += [f"{name}: twice"] * (len(set(entries)) < len(entries))
    wrong += [
        f"{name}: {e.status}: {e.value}"
        for name, found in description.evidence.items()
        for e in found
        if e.kind == "sentence" and e.status != "vouched"
    ]
    return wrong + [f.code for f in description.findings if f.severity == "removed"]


def check_all(drafts: list[Draft]) -> None:
    info = EngineInfo("demo", "", "", categories=("shoes",), writes=False)
    wrong: list[tuple[str, ...]] = []
    for language in COPY_LANGUAGES:
        for channel in CHANNELS:
            options = resolve(info, {"language": language, "channel": channel})
            for looked in drafts:
                kind = settled_kind(looked.product, looked.facts, language)
                draft = replace(looked, kind=kind)
                made = finish(draft, options, NOW)
                found = complaints(made, draft, language)
                wrong += [(language, channel, looked.product.id, one) for one in found]
    assert not wrong, wrong[:20]


def without_data(draft: Draft) -> Draft:
    photos_only = Product(id=draft.product.id, photos=draft.product.photos)
    return replace(draft, product=photos_only)


def test_composed_copy_of_shop_photos_says_what_is_known_and_nothing_else(
    shared: Path,
) -> None:
    drafts = looked_at(shared, SAMPLE)
    assert len(drafts) >= len(FOLDERS) * SAMPLE
    check_all([*drafts, *map(without_data, drafts)])


@pytest.mark.heavy
@pytest.mark.timeout(1800)
def test_the_same_holds_for_every_product(shared: Path) -> None:
    drafts = looked_at(shared, None)
    assert len(drafts) > 250
    check_all([*drafts, *map(without_data, drafts)])
