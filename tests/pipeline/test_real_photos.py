"""Every real photo in every channel: valid, within limits, nothing empty, nothing alike."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from productdesc import Described, Product, describe_many, load_engine
from productdesc.channels import CHANNELS, description_schema
from productdesc.engines import Engine
from productdesc.records import Description

FOLDERS = ("retail-demo-store", "vendure", "sylius", "magento2-sample-data")
SAMPLE = 3  # photos of each folder in the default suite; the heavy one takes them all


@pytest.fixture(scope="module")
def engine() -> Engine:
    return load_engine()


def labels(folder: Path) -> list[dict[str, Any]]:
    lines = (folder / "labels.jsonl").read_text("utf-8").splitlines()
    return [json.loads(line) for line in lines]


def products(folder: Path, rows: list[dict[str, Any]]) -> Iterator[Product]:
    """Each photo with its shop's title and brand, as a merchant would have them."""
    for row in rows:
        brand = {"brand": row["brand"]} if row.get("brand") else {}
        yield Product(
            id=f"{row['product_id']}/{row['file']}",
            title=row["title"],
            attributes=brand,
            photos=folder / row["file"],
        )


def check_folder(
    folder: Path, rows: list[dict[str, Any]], channel: str, engine: Engine
) -> None:
    schema = description_schema(CHANNELS[channel])
    validator = jsonschema.Draft202012Validator(schema)
    texts: dict[str, str] = {}
    outcomes = describe_many(products(folder, rows), engine, channel=channel, batch_size=16)
    for outcome, row in zip(outcomes, rows, strict=True):
        assert isinstance(outcome, Described), outcome
        d = outcome.description
        validator.validate(json.loads(d.model_dump_json()))
        within_limits(d, channel)
        said = json.dumps([d.title, d.bullets, d.description])
        owner = texts.setdefault(said, str(row["title"]))
        assert owner == row["title"], f"{owner} and {row['title']} got the same text"


def within_limits(d: Description, channel: str) -> None:
    """The channel's limits once more, without the schema."""
    for field in CHANNELS[channel].fields:
        value = getattr(d, field.name)
        items = value if isinstance(value, tuple) else (value,)
        least, most = field.count(1)
        assert all(items) and all(len(text) <= field.limit for text in items)
        assert not field.is_list or least <= len(items) <= most
        assert not field.is_list or len(set(items)) == len(items)


@pytest.mark.parametrize("channel", CHANNELS)
def test_real_photos_of_every_shop_are_described_for_every_channel(
    shared: Path, engine: Engine, channel: str
) -> None:
    for name in FOLDERS:
        folder = shared / "photos" / name
        rows = labels(folder)
        check_folder(folder, rows[:: max(1, len(rows) // SAMPLE)], channel, engine)


@pytest.mark.heavy
@pytest.mark.timeout(7200)
@pytest.mark.parametrize("channel", CHANNELS)
@pytest.mark.parametrize("name", FOLDERS)
def test_all_real_photos_are_described_for_every_channel(
    shared: Path, engine: Engine, name: str, channel: str
) -> None:
    folder = shared / "photos" / name
    rows = labels(folder)
    check_folder(folder, rows, channel, engine)
    print(f"\n{name}, {channel}: {len(rows)} photos described, all valid and different")
